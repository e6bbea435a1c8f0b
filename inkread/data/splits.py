"""Labelled glyphs -> a training, a validation and a test part that never share a picture.

Which part a picture belongs to follows from its own bytes alone, so that the same picture falls on the same side on
every machine, in every order and however often it occurs. Where glyphs come from is left to `datasets`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.errors import BadArray

if TYPE_CHECKING:
    from inkread.preprocessing.frame import Framing

SIDE: Final = 28  # pixels, height and width of every glyph
VALIDATION_SHARE: Final = 1 / 12  # of a training set that comes with its own test set: 5,000 of MNIST's 60,000
DIGEST_BYTES: Final = (
    8  # of a picture's hash; two of a million pictures share one by chance once in 40 million such sets
)

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Characters = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Split:
    """Glyphs and what they are.

    ``images`` uint8 (N, 28, 28), ink 255 on paper 0, upright; ``labels`` int64 (N,), classes of the data set's
    alphabet; ``written`` '<U1' (N,): the character as the writer wrote it, case kept, '' where unknown; None where no
    source tells it.
    """

    images: Images
    labels: Labels
    written: Characters | None = None

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 3 or self.images.shape[1:] != (SIDE, SIDE):
            raise BadArray(f"images is {self.images.dtype} {self.images.shape}; uint8 (N, {SIDE}, {SIDE}) is expected")
        for name, given in (("labels", self.labels), ("written", self.written)):
            if given is not None and given.shape != (len(self.images),):
                raise BadArray(f"{name} is {given.shape}; one for each of the {len(self.images)} images is expected")

    def __len__(self) -> int:
        return len(self.images)

    def take(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Split:
        """The glyphs that a mask (N,) or an array of indices picks."""
        return Split(self.images[which], self.labels[which], None if self.written is None else self.written[which])


@dataclass(frozen=True, eq=False)
class Dataset:
    """What a network learns from (``train``), is chosen by (``val``) and is measured by (``test``).

    ``fingerprint`` is a short hexadecimal hash of every image and label; ``remark`` a sentence for the user, or ''.
    """

    name: str
    alphabet: Alphabet
    framing: Framing
    train: Split
    val: Split
    test: Split | None
    fingerprint: str
    remark: str = ""


@dataclass(frozen=True, eq=False)
class Labelled:
    """The glyphs of one source: ``images`` uint8 (N, 28, 28), ``written`` '<U1' (N,), and ``part``, 'train', 'val' or
    'test' of each where the source itself says so, else None.
    """

    images: Images
    written: Characters
    part: Characters | None = None

    def __len__(self) -> int:
        return len(self.images)

    def take(self, which: npt.NDArray[np.bool_]) -> Labelled:
        """The glyphs that a mask (N,) picks."""
        return Labelled(self.images[which], self.written[which], None if self.part is None else self.part[which])


def empty() -> Split:
    """No glyphs."""
    return Split(np.empty((0, SIDE, SIDE), np.uint8), np.empty(0, np.int64), np.empty(0, "<U1"))


def join(parts: Sequence[Split]) -> Split:
    """Parts one after another; ``written`` is '' for glyphs of a part that does not tell it."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty()
    if len(parts) == 1:
        return parts[0]
    written = None
    if any(part.written is not None for part in parts):
        written = np.concatenate([np.zeros(len(p), "<U1") if p.written is None else p.written for p in parts])
    return Split(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]), written)


def hashes(images: Images) -> npt.NDArray[np.uint64]:
    """A hash of each picture's bytes, uint64 (N,): equal pictures have equal hashes, on every machine."""
    rows = np.ascontiguousarray(images).reshape(-1).data
    size = SIDE * SIDE
    digests = b"".join(
        hashlib.blake2b(rows[start : start + size], digest_size=DIGEST_BYTES).digest()
        for start in range(0, len(rows), size)
    )
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def divide(split: Split, val: float = VALIDATION_SHARE, test: float = 0.0) -> tuple[Split, Split, Split]:
    """Train, validation and test parts by the hash of each picture; ``val`` and ``test`` are shares, 0..1."""
    place = hashes(split.images) / 2.0**64  # uniform in 0..1
    in_val, in_test = place < val, place >= 1 - test
    return split.take(~(in_val | in_test)), split.take(in_val), split.take(in_test)


def without(split: Split, others: Sequence[Split]) -> Split:
    """The glyphs whose picture occurs in none of the others."""
    held_out = np.concatenate([hashes(other.images) for other in others] or [np.empty(0, np.uint64)])
    seen = np.isin(hashes(split.images), held_out)
    return split.take(~seen) if seen.any() else split


def fingerprint(parts: Sequence[Split | None]) -> str:
    """16 hexadecimal digits over all images and labels, part by part."""
    total = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        total.update(b"none" if part is None else str(len(part)).encode())
        if part is not None:
            total.update(np.ascontiguousarray(part.images).data)
            total.update(part.labels.astype("<i8").tobytes())
    return total.hexdigest()
