"""A misspelt name -> the nearest of the names that there are. Knows spelling, not what the names stand for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# What a picture in a folder is called. A file that is named on the command line may be called anything.
SUFFIXES = (
    ".apng", ".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".pbm", ".pdf", ".pgm", ".png", ".pnm",
    ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
ALIKE = 0.6  # of difflib's ratio; a swapped or a missing letter leaves 0.8 of a short name


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was meant, where one is near; case does not count.

    >>> nearest("mnits", ["mnist", "emnist-letters"])
    'mnist'
    """
    from difflib import get_close_matches  # only who errs waits for it

    known = {one.lower(): one for one in names}
    found = get_close_matches(name.lower(), known, n=1, cutoff=ALIKE)
    return known[found[0]] if found else None


def nearest_file(path: Path) -> Path | None:
    """The picture beside a path that does not exist whose name, suffix aside, is nearest to its own; a file counts as
    one by its suffix, or where it has that of the path.
    """
    likely = {*SUFFIXES, path.suffix.lower()}
    try:
        files = [file for file in path.parent.iterdir() if file.is_file() and file.suffix.lower() in likely]
    except OSError:  # no such folder, or one that cannot be opened
        return None
    files.sort(key=lambda file: file.suffix.lower() == path.suffix.lower())  # of two with one stem, the last counts
    stems = {file.stem: file for file in files}
    found = nearest(path.stem, stems)
    return stems[found] if found else None
