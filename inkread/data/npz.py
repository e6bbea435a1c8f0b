"""An .npz file with ``images`` and ``labels`` -> framed glyphs and the characters they show.

``images``: (N, H, W), bool, integers 0..255 or floats 0..1. Each picture whose border is light is taken as dark ink on
light paper and inverted. Pictures of 28x28 on clean paper are taken as framed already; all others are framed.
``labels``: one character each, case kept; or integers, classes 0, 1, 2 ... of a known alphabet. ``split`` (optional):
'train', 'val' or 'test' for each. Nothing is ever unpickled.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.data.folders import PARTS, SHOWN
from inkread.data.splits import SIDE, Characters, Images, Labelled
from inkread.errors import BadData, BlankPicture

if TYPE_CHECKING:
    from inkread.preprocessing.frame import Framing

LIGHT: Final = 127  # of 255: a border whose median is above this is paper, and the ink is dark
CLEAN: Final = (
    32  # of 255: paper up to here is clean; above it the picture is a photo and its background has to be found
)
Array = npt.NDArray[np.generic]


def characters(path: Path) -> str:
    """The characters that a file has glyphs of, sorted; raises BadData, also where labels are integers."""
    arrays = _arrays(path, ("labels",))
    return "".join(np.unique(_written(path, arrays["labels"], None)))


def read(path: Path, framing: Framing, alphabet: Alphabet) -> tuple[Labelled, int]:
    """Every glyph framed, in the file's order, and how many were left out because the alphabet lacks their character.

    The alphabet also gives integer labels their meaning. Raises BadData for what the file should not be.
    """
    arrays = _arrays(path, ("images", "labels"))
    images, labels = arrays["images"], arrays["labels"]
    if images.ndim != 3 or 0 in images.shape:
        raise BadData(
            f"{path.name}: images is {images.dtype} {images.shape}; expected (N, height, width), such as (1000, 28, 28)"
        )
    if labels.shape != images.shape[:1]:
        raise BadData(f"{path.name}: labels is {labels.shape} for {len(images)} images; expected one label each")
    written = _written(path, labels, alphabet)
    used = np.isin(written, [character for character in np.unique(written).tolist() if character in alphabet])
    part = _parts(path, arrays["split"], len(images))[used] if "split" in arrays else None
    glyphs = _framed(path, _bytes(path, images)[used], framing)
    return Labelled(glyphs, written[used], part), int((~used).sum())


def _arrays(path: Path, expected: tuple[str, ...]) -> dict[str, Array]:
    try:
        with path.open("rb") as stream:
            file = np.load(stream, allow_pickle=False)
            if isinstance(file, np.ndarray):
                raise BadData(f"{path.name} is a single array; expected an .npz file with images and labels")
            if missing := [key for key in expected if key not in file.files]:
                raise BadData(
                    f"{path.name} has no {' and no '.join(missing)} (it has {', '.join(file.files) or 'nothing'})"
                )
            return {key: file[key] for key in (*expected, "split") if key in file.files}
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadData(f"{path} cannot be read as .npz ({error}); expected a file written by numpy.savez") from error
    except ValueError as error:
        if "allow_pickle" in str(error) or "pickle" in str(error):
            raise BadData(
                f"{path.name} holds Python objects (pickle), which inkread never loads; store plain arrays: images "
                "as uint8 "
                "(N, H, W), labels as one character each"
            ) from error
        raise BadData(f"{path} cannot be read as .npz ({error}); expected a file written by numpy.savez") from error


def _written(path: Path, labels: Array, alphabet: Alphabet | None) -> Characters:
    """Labels as characters, '<U1' (N,)."""
    if labels.dtype.kind == "S":
        labels = np.array([label.decode("latin-1") for label in labels.tolist()], np.str_)
    if labels.dtype.kind == "U":
        if longer := sorted({str(label) for label in np.unique(labels) if len(label) != 1}):
            raise BadData(
                f"{path.name}: labels has {', '.join(map(repr, longer[:SHOWN]))}; expected one character each"
            )
        return labels.astype("<U1")
    if labels.dtype.kind not in "iu":
        raise BadData(f"{path.name}: labels is {labels.dtype}; expected one character each ('<U1'), or integers from 0")
    if alphabet is None:
        raise BadData(
            f"{path.name}: labels are integers, and no alphabet tells what they mean; store one character each, or "
            "name the task: "
            "digits, letters or characters"
        )
    return np.array(list(alphabet), "<U1")[_classes(path, labels, alphabet)]


def _classes(path: Path, labels: Array, alphabet: Alphabet) -> npt.NDArray[np.int64]:
    """Integer labels, checked: they must be classes of the alphabet beyond doubt."""
    classes = labels.astype(np.int64)
    lowest, highest = int(classes.min()), int(classes.max())
    names = f"{alphabet[0]} is 0 and {alphabet[len(alphabet) - 1]} is {len(alphabet) - 1}"
    if lowest < 0 or highest >= len(alphabet):
        hint = "; subtract 1" if (lowest, highest) == (1, len(alphabet)) and alphabet[0] != "0" else ""
        raise BadData(
            f"{path.name}: labels run from {lowest} to {highest}; expected 0 to {len(alphabet) - 1}, where "
            f"{names}{hint}, or store "
            "one character each"
        )
    if (
        lowest > 0 and alphabet[0] != "0"
    ):  # a file that counts from 1 would shift every letter by one, and nobody would know
        raise BadData(
            f"{path.name}: labels run from {lowest} to {highest}, and it is unclear whether they count from 0 or "
            f"from 1 ({names} is "
            "expected); store one character each"
        )
    return classes


def _parts(path: Path, split: Array, count: int) -> Characters:
    names = split.astype("<U16") if split.dtype.kind in "SU" else split
    if split.shape != (count,) or split.dtype.kind not in "SU" or not np.isin(names, list(PARTS)).all():
        found = ", ".join(map(repr, np.unique(names)[:SHOWN].tolist()))
        raise BadData(
            f"{path.name}: split is {split.dtype} {split.shape} with {found}; expected 'train', 'val' or 'test' for "
            "each image"
        )
    return np.array([PARTS[name] for name in names.tolist()], "<U5")


def _bytes(path: Path, images: Array) -> Images:
    """Any accepted number type as uint8 0..255."""
    kind = images.dtype.kind
    if kind not in "buif":
        raise BadData(f"{path.name}: images is {images.dtype}; expected bool, integers 0..255 or floats 0..1")
    lowest, highest = float(images.min()), float(images.max())
    limit = 255 if kind in "ui" or highest > 1 else 1
    if not (lowest >= 0 and highest <= limit):  # also true of NaN
        raise BadData(
            f"{path.name}: images has values from {lowest:g} to {highest:g}; expected bool, integers 0..255 or "
            "floats 0..1"
        )
    if highest <= 1:  # black and white, or shares of white
        return np.rint(images.astype(np.float32) * 255).astype(np.uint8)
    return images.astype(np.uint8)


def _framed(path: Path, images: Images, framing: Framing) -> Images:
    """Ink high on paper 0, each picture in its frame."""
    from inkread.preprocessing.frame import frame, frame_picture

    if not len(images):
        return np.empty((0, SIDE, SIDE), np.uint8)
    border = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)  # (N, 2H + 2W)
    paper = np.median(border, axis=1)  # (N,)
    ink = np.where((paper > LIGHT)[:, None, None], 255 - images, images)
    paper = np.where(paper > LIGHT, 255 - paper, paper)
    blank = np.flatnonzero(ink.max(axis=(1, 2)) <= CLEAN)
    if len(blank):
        shown = ", ".join(map(str, blank[:SHOWN]))
        raise BadData(
            f"{path.name}: {len(blank)} of {len(images)} images are blank (number "
            f"{shown}{', ...' * (len(blank) > SHOWN)}); remove them"
        )
    if images.shape[1:] == (SIDE, SIDE):
        framed = ink.copy()
        again = np.flatnonzero(paper > CLEAN)
    else:
        framed = np.empty((len(images), SIDE, SIDE), np.uint8)
        again = np.arange(len(images))
    for index in again:
        try:
            framed[index] = frame(ink[index], framing) if paper[index] <= CLEAN else frame_picture(ink[index], framing)
        except BlankPicture as error:
            raise BadData(f"{path.name}: image {index} is blank ({error}); remove it") from error
    return framed
