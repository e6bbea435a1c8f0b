"""Gather the glyphs that line networks are trained with and measured on: open handwriting of the data folder.

    python scripts/line_data.py build/line-glyphs.npz

Letters and digits, case kept, cropped to their ink; the sources and what is left out are those of letters_data.py, with
MNIST's digits. The archive holds ``ink`` uint8 (all pixels, one after another), ``shapes`` (N, 2), ``labels`` '<U1',
``split`` 'train' or 'val', and ``source``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from letters_data import SOURCES, TEST, Glyphs, copies_of, has_paper

from inkread.data import data_folder, hashes, load
from inkread.data.hands import Drawing, cropped
from inkread.interfaces.bench.stock import MEASURING, VAL_SHARE

TALLEST: Final = 48  # pixels; larger scans are reduced
DIGITS_EACH: Final = 2500  # of MNIST's training digits, a class


def read(path: Path) -> tuple[Glyphs, list[Drawing]]:
    """The letters and digits of one collection with their parts, and each one's ink as sharp as it is there."""
    with np.load(path) as file:
        images, labels = file["images"], file["labels"].astype("<U1")
        in_val = file["split"] == "val" if "split" in file else hashes(images) < VAL_SHARE * 2.0**64
        scans = (
            np.unpackbits(file["bitmap128"], axis=1).reshape(-1, 128, 128) * np.uint8(255)
            if "bitmap128" in file
            else images
        )
    kept = np.char.isalnum(labels)
    glyphs: Glyphs = {"images": images[kept], "labels": labels[kept], "split": np.where(in_val, "val", "train")[kept]}
    return glyphs, [reduced(scan) for scan in scans[kept]]


def reduced(scan: Drawing) -> Drawing:
    """A glyph's ink, no taller than it need be; an empty one where there is none."""
    ink = cropped(scan)
    if ink is None:
        return np.zeros((0, 0), np.uint8)
    scale = TALLEST / max(ink.shape)
    if scale >= 1:
        return ink
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)


def digits() -> tuple[Glyphs, list[Drawing]]:
    """MNIST's training digits, as many of each class, and its validation part."""
    dataset = load("mnist")
    parts = []
    for split, part in (("train", dataset.train), ("val", dataset.val)):
        chosen = np.concatenate([np.flatnonzero(part.labels == label)[:DIGITS_EACH] for label in range(10)])
        labels = part.labels[chosen].astype("<U1")
        parts.append({"images": part.images[chosen], "labels": labels, "split": np.full(len(chosen), split)})
    both = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return both, [reduced(image) for image in both["images"]]


def main() -> None:
    """Read the command line and write the archive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    folder = data_folder() / "letters"
    collections = {name: read(folder / f"{name}.npz") for name in SOURCES}
    held_out = [collections[name][0] for name in MEASURING]
    with np.load(folder / f"{TEST}.npz") as test:
        images = np.concatenate([test["images"], *(part["images"][part["split"] == "val"] for part in held_out)])
        labels = np.concatenate([test["labels"], *(part["labels"][part["split"] == "val"] for part in held_out)])
    inks: list[Drawing] = []
    told: list[Glyphs] = []
    for name, (part, drawings) in (collections | {"mnist": digits()}).items():
        training = part["split"] == "train"
        letters = np.char.isalpha(part["labels"].astype(str))
        copies = np.zeros_like(training)
        if letters.any():
            own = {key: value[letters] for key, value in part.items()}
            copies[letters] = copies_of(own, images, labels)
        paper = has_paper(part["images"]) if name == "scanned_62" else np.zeros_like(training)
        empty = np.array([not drawing.size for drawing in drawings])
        kept = ~((copies & training) | paper | empty)
        print(f"{name:24} {np.sum(training & kept):6,} train {np.sum(~training & kept):6,} val", flush=True)
        inks += [drawing for drawing, keep in zip(drawings, kept, strict=True) if keep]
        told.append({"labels": part["labels"][kept], "split": part["split"][kept], "source": np.full(kept.sum(), name)})
    columns: dict[str, npt.NDArray[np.generic]] = {
        key: np.concatenate([part[key] for part in told]) for key in ("labels", "split", "source")
    }
    shapes = np.array([ink.shape for ink in inks], np.int32)
    np.savez_compressed(arguments.out, ink=np.concatenate([ink.ravel() for ink in inks]), shapes=shapes, **columns)


if __name__ == "__main__":
    main()
