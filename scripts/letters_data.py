"""Gather what the shipped letters learn from: open handwriting in the data folder, and glyphs rendered from open fonts.

    python scripts/letters_data.py FONTS.npz OUT.npz      # FONTS.npz from scripts/fetch_fonts.py --render

Only sources whose terms allow it (docs/model-cards/letters.md names them). Left out of training: near-copies of glyphs
that measure the result, and glyphs of scanned_62 that carry grey paper. OUT has ``images`` uint8 (N, 28, 28),
``labels`` '<U1' (the case kept), ``split`` 'train' or 'val', and ``source``, the name of the collection.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from inkread.data import data_folder, hashes
from inkread.data.duplicates import near_copies
from inkread.interfaces.bench.stock import GREY, GREY_SHARE, MEASURING, VAL_SHARE

SOURCES: Final = (
    "nist_sd19_upper", "nist_sd19_lower_vowels", "emnist_lowercase", "emnist_uppercase", "emnist_byclass_sample",
    "scanned_62", "omniglot_latin",
)  # fmt: skip
TEST: Final = "emnist_letters_test_am"
STROKES: Final = ("I", "L")  # a bare stroke of one hand is as near to that of another as to itself,
SAME_STROKE: Final = 0.99  # so that only this cosine tells a copy; at 0.97 two of three I would be lost
FILL_UP_TO: Final = 1000  # glyphs of a character, its case kept, that fonts may fill up to,
FONTS_AT_LEAST: Final = 200  # and how many of them each gets anyway

Glyphs = dict[str, npt.NDArray[np.generic]]


def read(path: Path) -> Glyphs:
    """The letters of one collection, with parts: its own, or by the hash of each picture."""
    with np.load(path) as file:
        images, labels = file["images"], file["labels"].astype("<U1")
        in_val = file["split"] == "val" if "split" in file else hashes(images) < VAL_SHARE * 2.0**64
    letter = np.char.isalpha(labels)
    split = np.where(in_val, "val", "train")
    return {"images": images[letter], "labels": labels[letter], "split": split[letter]}


def has_paper(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which frames carry a rest of grey paper: bool (N,)."""
    grey = (images > GREY[0]) & (images < GREY[1])
    share: npt.NDArray[np.float64] = grey.mean(axis=(1, 2))
    return share > GREY_SHARE


def copies_of(part: Glyphs, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Which glyphs are a held-out picture again: bool (N,)."""
    folded = {"labels": np.char.upper(part["labels"]), "reference_labels": np.char.upper(labels)}
    stroke = np.isin(folded["labels"], STROKES)
    surely = near_copies(part["images"], images, SAME_STROKE, **folded)
    return np.where(stroke, surely, near_copies(part["images"], images, **folded))


def filled_up(written: list[Glyphs], fonts: Glyphs) -> Glyphs:
    """So many of the fonts' training glyphs that each character has enough, and the fonts' validation part as it is."""
    real = np.concatenate([part["labels"][part["split"] == "train"] for part in written])
    kept = fonts["split"] == "val"
    for character in np.unique(fonts["labels"]):
        wanted = max(FONTS_AT_LEAST, FILL_UP_TO - int(np.sum(real == character)))
        kept[np.flatnonzero((fonts["labels"] == character) & (fonts["split"] == "train"))[:wanted]] = True
    print(f"fonts fill up with {kept.sum() - np.sum(fonts['split'] == 'val'):,} glyphs")
    return {key: value[kept] for key, value in fonts.items()}


def gather(folder: Path, fonts: Path) -> Glyphs:
    """All sources, one after another."""
    parts = {name: read(folder / f"{name}.npz") for name in SOURCES} | {"fonts": read(fonts)}
    held_out = [part for name, part in parts.items() if name in MEASURING]
    with np.load(folder / f"{TEST}.npz") as test:
        images = np.concatenate([test["images"], *(part["images"][part["split"] == "val"] for part in held_out)])
        labels = np.concatenate([test["labels"], *(part["labels"][part["split"] == "val"] for part in held_out)])
    for name, part in parts.items():
        training = part["split"] == "train"
        copies = copies_of(part, images, labels) & training
        paper = has_paper(part["images"]) & training if name == "scanned_62" else np.zeros_like(training)
        kept = ~(copies | paper)
        print(f"{name:24} {np.sum(training & kept):6,} train {np.sum(~training):6,} val; left out: "
              f"{copies.sum():,} near-copies, {paper.sum():,} with paper")  # fmt: skip
        parts[name] = {key: value[kept] for key, value in part.items()}
        parts[name]["source"] = np.full(kept.sum(), name)
    parts["fonts"] = filled_up([part for name, part in parts.items() if name != "fonts"], parts["fonts"])
    handwriting = [training_part(part) for name, part in parts.items() if name != "fonts"]
    keys = ("images", "labels", "split", "source")
    # Handwriting is seen twice in every epoch, fonts once: they fill up, they do not set the style.
    return {key: np.concatenate([part[key] for part in [*parts.values(), *handwriting]]) for key in keys}


def training_part(part: Glyphs) -> Glyphs:
    """The glyphs of a part that are for training."""
    training = part["split"] == "train"
    return {key: value[training] for key, value in part.items()}


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(arguments.out, **gather(data_folder() / "letters", arguments.fonts))


if __name__ == "__main__":
    main()
