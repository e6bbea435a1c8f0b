"""A file that a verb is to write -> nothing, or one sentence that says why it may not be written there.

Asked before the work begins. What a file of the right kind is, whoever writes it says.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inkread.errors import BadCheckpoint, BadOption


def refuse_foreign(said: str, target: Path, name: str, kind: str, opened: Callable[[Path], object]) -> None:
    """Raise BadOption where a file cannot be written, or where something else of that name would be lost.

    Args:
        said: what a sentence calls the file: as the user typed it, such as --out my.lm.
        target: the file.
        name: what such a file may be called, for the example of a sentence.
        kind: what may be overwritten, in words.
        opened: opens such a file; raises BadCheckpoint for any other.
    """
    above = next(parent for parent in target.absolute().parents if parent.exists())
    if not above.is_dir():
        raise BadOption(f"{said} cannot be written: {above} is a file, not a folder")
    if target.is_dir():
        raise BadOption(f"{said} is a folder; name a file in it, such as {target / name}")
    if not target.exists():
        return
    try:
        opened(target)
    except BadCheckpoint as error:
        raise BadOption(f"{said} exists and is no {kind}; name another file") from error
