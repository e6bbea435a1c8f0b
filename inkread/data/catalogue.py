"""What public data sets exist: what they hold, whose they are, where they lie and how to tell that they came whole.

Facts only; fetching is left to `acquire`, reading to `datasets`.

Sources: LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998); Cohen, Afshar, Tapson and van
Schaik, "EMNIST: an extension of MNIST to handwritten letters" (2017), table II, and the release now served by NIST,
whose Letters split has 124,800 + 20,800 pictures where the paper counts 88,800 + 14,800. MNIST's and the archive's md5
are those of torchvision.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.errors import BadOption

if TYPE_CHECKING:
    from inkread.preprocessing.frame import Framing

CHARACTERS: Final = Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
MERGED: Final = Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")
"""EMNIST's 47 classes: a small letter that looks like its capital (c i j k l m o p s u v w x y z) counts as that."""

MNIST_MIRRORS: Final = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
EMNIST_ARCHIVE: Final = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
EMNIST_ARCHIVE_MD5: Final = "58c8d27c78d21e728a6bc7b3cc06412e"
MNIST_LICENCE: Final = "CC BY-SA 3.0 (LeCun, Cortes, Burges)"
EMNIST_LICENCE: Final = "US-government work, from NIST Special Database 19; cite Cohen et al. 2017"


@dataclass(frozen=True)
class DataFile:
    """One IDX file: its ``name`` on disk, the compressed ``member`` it comes from, and public checksums."""

    name: str
    member: str
    md5: str | None = None
    member_md5: str | None = None


@dataclass(frozen=True)
class Entry:
    """One data set of the catalogue.

    ``train`` and ``test`` are numbers of pictures, ``download_bytes`` what has to be fetched (rounded). ``folder`` is
    where the files lie below the data folder: torchvision's layout. ``sources`` are addresses, the best first: where
    ``archive_md5`` is given each is the one archive that holds all members, else each is a folder of them.
    ``first_label`` is the label that the files give to the first character; ``transposed`` pictures lie on their side
    in the files.
    """

    name: str
    title: str
    summary: str
    train: int
    test: int
    alphabet: Alphabet
    framing: Framing
    licence: str
    sources: tuple[str, ...]
    download_bytes: int
    folder: str
    files: tuple[DataFile, ...]
    archive_md5: str | None = None
    first_label: int = 0
    transposed: bool = False


def _mnist() -> Entry:
    checksums = {  # member: md5 of the member, md5 of the file within
        "train-images-idx3-ubyte": ("f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"),
        "train-labels-idx1-ubyte": ("d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"),
        "t10k-images-idx3-ubyte": ("9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"),
        "t10k-labels-idx1-ubyte": ("ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637"),
    }
    return Entry(
        name="mnist",
        title="MNIST",
        summary="handwritten digits of some 500 people",
        train=60_000,
        test=10_000,
        alphabet=DIGITS,
        framing="mnist",
        licence=MNIST_LICENCE,
        sources=MNIST_MIRRORS,
        download_bytes=11_600_000,
        folder="MNIST/raw",
        files=tuple(DataFile(name, f"{name}.gz", md5, member_md5) for name, (member_md5, md5) in checksums.items()),
    )


def _emnist(split: str, summary: str, pictures: tuple[int, int], alphabet: Alphabet, megabytes: int) -> Entry:
    names = [
        f"emnist-{split}-{part}-{kind}-ubyte" for part in ("train", "test") for kind in ("images-idx3", "labels-idx1")
    ]
    return Entry(
        name=f"emnist-{split}",
        title=f"EMNIST {TITLES[split]}",
        summary=summary,
        train=pictures[0],
        test=pictures[1],
        alphabet=alphabet,
        framing="emnist",
        licence=EMNIST_LICENCE,
        sources=(EMNIST_ARCHIVE,),
        download_bytes=megabytes * 1_000_000,
        folder="EMNIST/raw",
        files=tuple(DataFile(name, f"gzip/{name}.gz") for name in names),
        archive_md5=EMNIST_ARCHIVE_MD5,
        first_label=1 if split == "letters" else 0,
        transposed=True,
    )


TITLES: Final = {
    "letters": "Letters",
    "balanced": "Balanced",
    "byclass": "ByClass",
    "bymerge": "ByMerge",
    "digits": "Digits",
    "mnist": "MNIST",
}

CATALOGUE: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        _mnist(),
        _emnist("letters", "A to Z, both cases of a letter are one class", (124_800, 20_800), LETTERS, 36),
        _emnist("balanced", "digits and letters, 47 classes of equal size", (112_800, 18_800), MERGED, 33),
        _emnist("byclass", "digits, capitals and small letters, 62 classes", (697_932, 116_323), CHARACTERS, 203),
        _emnist("bymerge", "digits and letters, 47 classes as frequent as written", (697_932, 116_323), MERGED, 203),
        _emnist("digits", "digits, of equal number", (240_000, 40_000), DIGITS, 70),
        _emnist("mnist", "digits, as many as MNIST has, framed as EMNIST", (60_000, 10_000), DIGITS, 17),
    )
}

TASKS: Final = {"digits": "mnist", "letters": "emnist-letters", "characters": "emnist-byclass"}
"""What a user most likely wants -> the data set that has it."""


def find(name: str) -> Entry:
    """The entry of a name such as ``'emnist-letters'``, or of a task such as ``'letters'``; raises BadOption."""
    try:
        return CATALOGUE[TASKS.get(name, name)]
    except KeyError:
        known = ", ".join(CATALOGUE)
        raise BadOption(
            f"{name!r} is not in the catalogue; it has {known}. What each is, tells: inkread data list"
        ) from None


def data_folder(root: Path | None = None) -> Path:
    """Where data sets lie: ``root`` if given, else the environment's INKREAD_DATA, else among the user's caches."""
    if root is not None:
        return expanded(root)
    if chosen := os.environ.get("INKREAD_DATA"):
        return expanded(chosen)
    if sys.platform == "win32":
        return expanded(os.environ.get("LOCALAPPDATA") or "~/AppData/Local") / "inkread" / "data"
    return expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "inkread" / "data"


def expanded(path: str | Path) -> Path:
    """A path with the home that a ~ at its beginning means; one that means nobody's stays as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
