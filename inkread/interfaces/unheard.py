"""Flags that speak to a language model where there is none -> one sentence, so that none goes unheard."""

from __future__ import annotations

from collections.abc import Mapping

from inkread.alphabet import Alphabet
from inkread.errors import BadOption


def refuse_unheard(asked: Mapping[str, object], alphabet: Alphabet) -> None:
    """Raise BadOption for the first flag that is set (to anything but nothing) and that no language would hear."""
    flag = next((flag for flag, value in asked.items() if value), None)
    if flag is not None:
        raise BadOption(
            f"{flag} speaks to a language model, and none ships for {alphabet.characters}; name one that inkread "
            f"language train made with --language, or leave {flag} out"
        )
