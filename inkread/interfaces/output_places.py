"""Pictures that were read -> the files that tell about them: none twice, and never a file that is read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inkread.errors import BadOption
from inkread.interfaces.picture_list import NamedPicture
from inkread.interfaces.target_file import refuse_file


class Places:
    """Files in one folder, each given away once. A name that is taken, or that a picture or another file that is read
    has, gets a number.

    Attributes: ``folder``; ``numbered``: the files that got one.
    """

    def __init__(self, folder: Path, pictures: Iterable[NamedPicture], others: Iterable[Path] = ()) -> None:
        self.folder = folder
        self.numbered: set[Path] = set()
        self._taken = {key(picture.source) for picture in pictures if isinstance(picture.source, Path)}
        self._taken |= set(map(key, others))

    def reserve(self, stem: Path, suffix: str) -> Path:
        """A file of the folder that nothing else is written to: ``stem`` + ``suffix``, or ``stem``-2 and so on."""
        number = 1
        while key(path := self.folder / with_number(stem, number, suffix)) in self._taken:
            number += 1
        self._taken.add(key(path))
        if number > 1:
            self.numbered.add(path)
        return path


def with_number(stem: Path, number: int, suffix: str) -> Path:
    """note.txt, and from the second on note-2.txt.

    >>> with_number(Path("scans/note"), 2, ".txt").as_posix()
    'scans/note-2.txt'
    """
    return stem.with_name(f"{stem.name}-{number}{suffix}" if number > 1 else stem.name + suffix)


def key(path: Path) -> str:
    """The same for all names of one file, also where the disk does not tell upper from lower case."""
    return os.path.realpath(path).casefold()


@dataclass(frozen=True)
class PictureFiles:
    """The file that tells about each picture, in the order of the pictures, and the places that it is one of."""

    places: Places
    files: list[Path]

    def pages(self, index: int, count: int) -> list[Path]:
        """A file for each of the ``count`` pages of the picture at ``index``: seen.png, seen-page2.png and so on."""
        first = self.files[index]
        stem = first.relative_to(self.places.folder)
        more = [stem.with_name(f"{first.stem}-page{number}") for number in range(2, count + 1)]
        return [first, *(self.places.reserve(page, first.suffix) for page in more)]


def in_folder(
    flag: str, folder: Path, pictures: list[NamedPicture], suffix: str, others: Iterable[Path] = ()
) -> PictureFiles:
    """Files in the folder that ``flag`` names, called as the pictures are, and none of ``others``, which are read, too.

    Raises BadOption where the folder is a file, or lies in one.
    """
    refuse_file(flag, folder)
    places = Places(folder, pictures, others)
    return PictureFiles(places, [places.reserve(picture.stem, suffix) for picture in pictures])


def overlay_files(target: Path, pictures: list[NamedPicture]) -> PictureFiles:
    """The files of ``--overlay``: ``target`` itself, or files in it where it is a folder.

    A target is a folder when there is one of that name, or its name has no suffix. Raises BadOption for a file where
    there are many, one of another kind, or a picture that is to be read.
    """
    from inkread.interfaces.overlay import check_name

    if target.is_dir() or not target.suffix:
        return in_folder("--overlay", target, pictures, ".png")
    check_name(target)
    if len(pictures) > 1:
        raise BadOption(f"--overlay takes one picture; got {len(pictures)}; name a folder for several: --overlay seen/")
    places = Places(target.parent, pictures)
    files = [places.reserve(Path(target.stem), target.suffix) for _ in pictures]
    if places.numbered:
        raise BadOption(f"--overlay is {target}, the picture itself; expected another name")
    return PictureFiles(places, files)
