"""A file or folder that a verb is to write -> nothing, or one sentence that says why it may not be written there.

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
    above = nearest_above(target.absolute().parent)
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


def refuse_file(flag: str, folder: Path | None) -> None:
    """Raise BadOption where the folder that a flag names is a file, or would have to lie in one; None is no folder."""
    if folder is None:
        return
    above = nearest_above(folder.absolute())
    if above.is_dir():
        return
    if folder.exists():
        raise BadOption(f"{flag} is {folder}, which is a file; expected a folder")
    raise BadOption(f"{flag} is {folder}, which cannot be made: {above} is a file, not a folder")


def nearest_above(path: Path) -> Path:
    """An absolute path itself, or the nearest that it lies in and that exists."""
    return next(place for place in (path, *path.parents) if place.exists())
