"""What the benchmarks share: flags that are lists, and how busy the machine is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

from inkread.errors import BadOption

Name = TypeVar("Name", bound=str)


def listed(given: str, known: Iterable[Name], flag: str) -> list[Name]:
    """The parts of a list with commas, each once; raises BadOption for none, or one that is not known."""
    wanted = [part.strip() for part in given.split(",") if part.strip()]
    names = {str(one): one for one in known}
    if not wanted or not set(wanted) <= set(names):
        raise BadOption(f"--{flag} takes some of {','.join(names)}, parted by commas; got {given!r}")
    return [names[part] for part in dict.fromkeys(wanted)]


def recent_load() -> str:
    """How many processes ran or waited in the last minute; Windows does not tell."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
