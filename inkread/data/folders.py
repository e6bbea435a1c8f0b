"""A folder with one folder of pictures per character (the ImageFolder layout) -> framed glyphs and the characters they
show.

Above the characters there may be folders named train, val and test. What a character is called in an alphabet is left
to `datasets`, how a picture becomes a glyph to `preprocessing.frame`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from inkread.alphabet import Alphabet
from inkread.data.splits import SIDE, Images, Labelled
from inkread.errors import BadData, BadPicture
from inkread.files import files_in

if TYPE_CHECKING:
    from inkread.preprocessing.frame import Framing

PARTS: Final = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
SYSTEM_FILES: Final = frozenset(
    {"thumbs.db", "desktop.ini", "icon\r"}
)  # what Windows and macOS leave in folders of pictures
SYSTEM_FOLDERS: Final = frozenset({"__macosx", "runs"})  # what macOS leaves, and `inkread train .` within the folder
DOUBTFUL: Final = "doubtful"  # folders of glyphs that were set aside, for a person to look at: never learnt from
REJECTED: Final = "rejected"
CODE_POINT: Final = re.compile(r"U\+(?!D[89A-F])[0-9A-F]{4,5}")  # but halves of a pair
SHOWN: Final = 5  # unusable pictures that an error names


def characters(folder: Path) -> str:
    """The characters that a folder has pictures of, sorted; raises BadData where it has another layout."""
    return "".join(sorted({character for character, _, _ in _pictures(folder)}))


def read(folder: Path, framing: Framing, alphabet: Alphabet) -> tuple[Labelled, int]:
    """Every picture framed, in order of path, and how many were left out because the alphabet lacks their character.

    Raises BadData naming the pictures that cannot be used: a set that is read in part would mislead without a word.
    """
    pictures = list(_pictures(folder))
    used = [picture for picture in pictures if picture[0] in alphabet]
    images = _framed([path for _, path, _ in used], folder, framing)
    parts = np.array([part for _, _, part in used], "<U5") if used and used[0][2] else None
    return Labelled(images, np.array([character for character, _, _ in used], "<U1"), parts), len(pictures) - len(used)


def _framed(paths: list[Path], folder: Path, framing: Framing) -> Images:
    from inkread.preprocessing.frame import frame_picture

    images = np.empty((len(paths), SIDE, SIDE), np.uint8)
    unusable = []
    for index, path in enumerate(paths):
        try:
            images[index] = frame_picture(path, framing)
        except BadPicture as error:
            name, told = path.relative_to(folder), str(error)
            unusable.append(
                f"{name}{told.removeprefix(str(path))}" if told.startswith(f"{path} ") else f"{name}: {told}"
            )
    if unusable:
        more = f"\n  and {len(unusable) - SHOWN} more" if len(unusable) > SHOWN else ""
        listed = "".join(f"\n  {line}" for line in unusable[:SHOWN])
        raise BadData(
            f"{folder}: {len(unusable)} of {len(paths)} files cannot be used; mend or remove them{listed}{more}"
        )
    return images


def _pictures(folder: Path) -> Iterator[tuple[str, Path, str]]:
    """Character, path and part ('' where the folder has no parts) of each picture, sorted by path."""
    folders = _subfolders(folder)
    if not folders:
        raise BadData(
            f"{folder} has no folders; expected one per character, with its pictures inside: A/1.png, A/2.png, B/1.png"
        )
    if all(sub.name.lower() in PARTS for sub in folders):
        found = [(PARTS[part.name.lower()], sub) for part in folders for sub in _subfolders(part)]
    else:
        found = [("", sub) for sub in folders]
    count = 0
    for part, sub in found:
        character = character_of(sub.name)
        if character is None:
            raise BadData(
                f"{folder}: the folder {sub.name!r} is not named by one character; expected names such as 'A', '7', or "
                "'upper_A' and 'lower_a' where the file system does not tell cases apart"
            )
        for path in _files(sub):
            if path.is_file() and not _is_hidden(path.relative_to(folder)):
                count += 1
                yield character, path, part
    if not count:
        raise BadData(f"{folder} has folders but no pictures in them; expected A/1.png, A/2.png, B/1.png")


def _files(folder: Path) -> list[Path]:
    try:
        return files_in(folder)
    except OSError as error:
        raise BadData(f"{error.filename} cannot be read ({error.strerror}); mend or remove it") from error


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(sub for sub in folder.iterdir() if sub.is_dir() and not _is_hidden(Path(sub.name)))
    except OSError as error:
        raise BadData(
            f"{folder} cannot be read ({error.strerror}); expected a folder with one folder per character"
        ) from error


def _is_hidden(path: Path) -> bool:
    names = [name.lower() for name in path.parts]
    aside = SYSTEM_FOLDERS | {DOUBTFUL, REJECTED}
    return any(name.startswith(".") or name in aside for name in names) or names[-1] in SYSTEM_FILES


def folder_name(character: str) -> str:
    """What a character's folder is called so that every file system can hold it, and tells cases apart.

    >>> folder_name("a"), folder_name("A"), folder_name("7"), folder_name("/")
    ('lower_a', 'upper_A', '7', 'U+002F')
    """
    if character.lower() != character.upper():
        return f"upper_{character}" if character == character.upper() else f"lower_{character}"
    return character if character.isalnum() else f"U+{ord(character):04X}"


def character_of(name: str) -> str | None:
    """The character that a folder's name means, None where it means none: `folder_name`'s, or 'A', 'a', 'A_upper'."""
    name = unicodedata.normalize("NFC", name)  # macOS writes accents as separate characters
    if len(name) == 1:
        return name
    if CODE_POINT.fullmatch(name):
        return chr(int(name[2:], 16))
    first, _, last = name.partition("_")
    word, letter = (first, last) if len(last) == 1 else (last, first)
    if len(letter) != 1 or word.lower() not in ("upper", "lower"):
        return None
    return letter.upper() if word.lower() == "upper" else letter.lower()
