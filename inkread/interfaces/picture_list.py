"""What a user names on the command line -> the pictures to read, in order. Looks at names only; decodes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import filter as fitting
from pathlib import Path
from shlex import quote

from inkread.nearest import SUFFIXES
from inkread.preprocessing.picture import MAX_BYTES

STANDARD_INPUT = "-"
EXPECTED = "expected files that end in .png, .jpg, .tif, .webp, .bmp, .gif or .pdf"


@dataclass(frozen=True)
class NamedPicture:
    """One picture to read.

    ``name`` is what answers call it; ``source`` what the reader takes; ``stem`` what files about it are called, without
    suffix: with the folders that lie between it and the folder that was named.
    """

    name: str
    source: Path | bytes
    stem: Path


@dataclass(frozen=True)
class PictureList:
    """Pictures in the order of reading; sentences on what was named and holds none; remarks on what was passed over."""

    pictures: list[NamedPicture] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def list_pictures(paths: Iterable[Path], recursive: bool, stdin: bool = False) -> PictureList:
    """The pictures that the paths mean, files and folders, after the one on standard input where that is asked for.

    Folders are opened to any depth where ``recursive``, hidden files and folders in them never. A file that is named is
    listed whatever it is. A * in its name is what shells make of it, for those that leave it to the command.
    """
    found = PictureList()
    if stdin:
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            found.failures.append(f"standard input has more than {MAX_BYTES:,} bytes; expected one picture")
        else:
            found.pictures.append(NamedPicture(STANDARD_INPUT, content, Path("stdin")))
    for path in (each for named in paths for each in expanded(named)):
        if is_folder(path):
            add_folder(path, recursive, found)
        else:
            found.pictures.append(NamedPicture(str(path), path, Path(path.stem)))
    return found


def expanded(path: Path) -> list[Path]:
    """The files, by name, that a path with a * in its last part means; the path itself where there are none."""
    if "*" not in path.name or os.path.lexists(path):
        return [path]
    try:
        files = {file.name: file for file in path.parent.iterdir() if file.is_file()}
    except OSError:
        return [path]
    return [files[name] for name in sorted(fitting(visible(files), path.name))] or [path]


def is_folder(path: Path) -> bool:
    """Whether a folder is there; what cannot be looked at is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def add_folder(folder: Path, recursive: bool, found: PictureList) -> None:
    """Add what a folder holds: its own files by name, then those of the folders in it."""
    files: list[Path] = []
    closed: list[OSError] = []
    folders = 0
    for place, inner, names in os.walk(folder, onerror=closed.append):
        inner[:] = sorted(visible(inner))
        folders += len(inner)
        if not recursive:
            inner.clear()
        files += [Path(place, name) for name in sorted(visible(names))]
    pictures = [path for path in files if path.suffix.lower() in SUFFIXES]
    found.pictures.extend(NamedPicture(str(p), p, p.relative_to(folder).with_suffix("")) for p in pictures)
    found.failures.extend(f"{error.filename} cannot be opened: {error.strerror}" for error in closed)
    if not pictures and not closed:
        inside = f"; for those in the folders in it ({folders}) try: inkread read {quote(str(folder))} --recursive"
        hint = inside if folders and not recursive else "; one alone: inkread read PATH/OF/A/PICTURE"
        found.failures.append(f"{folder} is a folder without pictures; {EXPECTED}{hint}")
    elif len(files) > len(pictures):
        found.remarks.append(
            f"{folder}: files that are no pictures by their names, left out: {len(files) - len(pictures)}"
        )


def visible(names: Iterable[str]) -> Iterator[str]:
    """Names that do not begin with a dot."""
    return (name for name in names if not name.startswith("."))
