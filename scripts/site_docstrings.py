"""Docstrings with examples -> docstrings whose examples Markdown shows as code: mkdocstrings' griffe extension."""

from __future__ import annotations

import re
from typing import Final

import griffe

EXAMPLE: Final = re.compile(r"^>>> .*(?:\n\S.*)*", re.MULTILINE)  # up to the next empty line


class FencedExamples(griffe.Extension):
    """Puts fences around examples."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Called for every module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = EXAMPLE.sub(lambda found: f"```pycon\n{found[0]}\n```", obj.docstring.value)
