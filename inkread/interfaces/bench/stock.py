"""The data folder -> held-out glyphs by character; without one, what ships with inkread.

Held out are the parts that no shipped weights learn from: a source's own validation part, or a tenth by the hash of
each picture, as where the weights are trained. Near-copies of training glyphs are left out: sources overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from inkread.alphabet import PUNCTUATION
from inkread.data import hashes, load
from inkread.data.duplicates import near_copies
from inkread.data.strokes import letters as drawn_letters
from inkread.errors import BadData
from inkread.interfaces.bench.marks import marks

Glyphs = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.str_]

CAPITALS: Final = ("nist_sd19_upper",)
SMALL: Final = ("nist_sd19_lower_vowels", "emnist_lowercase")
MEASURING: Final = (*CAPITALS, "nist_sd19_lower_vowels")  # whose copies are taken out of training, not out of here
RARE: Final = ("scanned_62", "omniglot_latin", "emnist_byclass_sample")  # where the others lack a letter: j q x y z
UNSEEN: Final = ("chars74k_pen", "drawn_stylus")  # hands of which no shipped weights learnt anything
VAL_SHARE: Final = 0.1  # of a source that names no parts
ENOUGH: Final = 10  # glyphs of a character; those with fewer are filled up from RARE
MARKS_EACH: Final = 40
DRAWN_EACH: Final = 40
DRAWN_SEED: Final = 77  # other glyphs than those that synthetic letters are trained with
GREY: Final = (20, 120)  # pixel values between paper and ink
GREY_SHARE: Final = 0.24  # of a frame's pixels; more is a rest of paper
SMALLEST_INK: Final = 0.02  # of a frame's pixels; less is dust


@dataclass(frozen=True)
class Stock:
    """Held-out glyphs: uint8 (N, 28, 28) of each character, and in a sentence where they come from."""

    glyphs: Mapping[str, Glyphs] = field(repr=False)
    remark: str

    def draw(self, text: str, rng: np.random.Generator) -> Glyphs:
        """One glyph for each character of a text that is no space, each drawn by chance: uint8 (T, 28, 28)."""
        drawn = [self.glyphs[c][int(rng.integers(len(self.glyphs[c])))] for c in text if not c.isspace()]
        return np.stack(drawn) if drawn else np.zeros((0, 28, 28), np.uint8)

    def spells(self, text: str) -> bool:
        """Whether every character of a text has a glyph."""
        return all(c in self.glyphs for c in text if not c.isspace())


def open_stock(folder: Path) -> Stock:
    """The held-out glyphs of a data folder with letters and MNIST, or what ships where it has none."""
    glyphs = _punctuation()
    said = []
    if (folder / "letters" / f"{CAPITALS[0]}.npz").is_file():
        glyphs |= _held_out(folder / "letters")
        said.append("letters of NIST SD19 and others that no shipped weights learnt from")
    else:
        drawn = drawn_letters(DRAWN_EACH, np.random.default_rng(DRAWN_SEED))
        glyphs |= {c: drawn.images[drawn.written == c] for c in np.unique(drawn.written).tolist()}
        said.append(f"letters drawn by inkread itself, for {folder / 'letters'} holds none: no figures to quote")
    dataset = load("digits", folder)
    glyphs |= {str(digit): dataset.val.images[dataset.val.labels == digit] for digit in range(10)}
    said.append("digits of MNIST's validation part" if not dataset.remark else "digits of the 5,000 that ship")
    return Stock(glyphs, "; ".join(said))


def open_unseen(folder: Path) -> Stock | None:
    """Letters and digits by people of whom no shipped weights saw anything; None where the folder has none."""
    paths = [folder / "letters" / f"{name}.npz" for name in UNSEEN]
    if not all(path.is_file() for path in paths):
        return None
    images, labels = map(np.concatenate, zip(*(_read(path)[:2] for path in paths), strict=True))
    kept = (images > 127).mean(axis=(1, 2)) >= SMALLEST_INK
    glyphs = {c: images[kept & (labels == c)] for c in np.unique(labels[kept]).tolist()}
    return Stock(_punctuation() | glyphs, f"hands that nothing was learnt from ({', '.join(UNSEEN)})")


def _punctuation() -> dict[str, Glyphs]:
    rng = np.random.default_rng(DRAWN_SEED)
    return {character: marks(character, MARKS_EACH, rng) for character in PUNCTUATION}


def _held_out(folder: Path) -> dict[str, Glyphs]:
    """Letters by character, the cleanest source first, others where it has few."""
    parts = {name: _read(folder / f"{name}.npz") for name in (*CAPITALS, *SMALL, *RARE)}
    learnt = [part[0][~part[2]] for part in parts.values()], [part[1][~part[2]] for part in parts.values()]
    references, labels = np.concatenate(learnt[0]), np.concatenate(learnt[1])
    glyphs: dict[str, Glyphs] = {}
    for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
        seen = references[labels == character]
        found = np.zeros((0, 28, 28), np.uint8)
        for name in CAPITALS if character.isupper() else SMALL:
            found = np.concatenate([found, _own(name, parts[name], character, seen)])
        for name in RARE if len(found) < ENOUGH else ():
            found = np.concatenate([found, _own(name, parts[name], character, seen)])
        if not len(found):
            raise BadData(f"{folder} holds no held-out glyph of {character!r}; is it whole?")
        glyphs[character] = found
    return glyphs


def _read(path: Path) -> tuple[Glyphs, Labels, npt.NDArray[np.bool_]]:
    """Glyphs, characters, and which are held out."""
    with np.load(path) as file:
        images, labels = file["images"], file["labels"].astype("<U1")
        held_out = file["split"] == "val" if "split" in file else hashes(images) < VAL_SHARE * 2.0**64
    return images, labels, held_out


def _own(name: str, part: tuple[Glyphs, Labels, npt.NDArray[np.bool_]], character: str, learnt: Glyphs) -> Glyphs:
    """The held-out glyphs of one character in one source, without rests of paper, dust and copies of those learnt."""
    images, labels, held_out = part
    own = images[held_out & (labels == character)]
    left_out = (own > 127).mean(axis=(1, 2)) < SMALLEST_INK
    if name == "scanned_62":
        left_out |= ((own > GREY[0]) & (own < GREY[1])).mean(axis=(1, 2)) > GREY_SHARE
    if name not in MEASURING:
        left_out |= near_copies(own, learnt)
    kept: Glyphs = own[~left_out]
    return kept
