"""What the letters learn from -> the glyphs of the two tracks of letters: build/capitals.npz and build/emnist-am.npz.

    python scripts/letter_tracks.py build/letters.npz build       # `make letter-tracks`

Each has a part to train with, one to choose on and one to report. Capitals: NIST's validation part is split once more,
and only the half that chooses is looked at before a record is written. EMNIST A..M: chosen on the held-out part of the
other genuine EMNIST glyphs, of which, as in the test, only those count that are unlike every glyph of NIST SD19.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from letters_data import TEST

from inkread.data import data_folder, hashes
from inkread.data.duplicates import nearest_cosine

NIST: Final = ("nist_sd19_upper", "nist_sd19_lower_vowels")
EMNIST: Final = ("emnist_lowercase", "emnist_uppercase", "emnist_byclass_sample")
NEAR: Final = 0.95  # cosine to the nearest glyph of NIST SD19; nearer ones may have been learnt
SHOWN: Final = "ABCDEFGHIJKLM"  # the letters of the test
MORE_SMALL_L: Final = 5  # times each is there: most bare strokes unlike NIST's are l; training has as many I

Glyphs = dict[str, npt.NDArray[np.generic]]


def once(glyphs: Glyphs) -> Glyphs:
    """The glyphs without those that are there again, in their order."""
    _, first = np.unique(hashes(glyphs["images"]), return_index=True)  # type: ignore[arg-type]
    return {key: value[np.sort(first)] for key, value in glyphs.items()}


def capitals(letters: Glyphs) -> Glyphs:
    """Capitals alone: all to train with, one half of NIST's held-out ones to choose on, the other to report."""
    of_nist = letters["source"] == NIST[0]
    training = letters["split"] == "train"
    kept = np.char.isupper(letters["labels"].astype("<U1")) & (training | of_nist)
    reported = of_nist & ~training & (hashes(letters["images"]) % 2 == 1)  # type: ignore[arg-type]
    found = {**letters, "split": np.where(reported, "test", letters["split"])}
    return {key: value[kept] for key, value in found.items()}


def unlike(glyphs: Glyphs, nist: Glyphs) -> npt.NDArray[np.bool_]:
    """Which glyphs show a letter of the test and are near no glyph of NIST SD19 of the same letter."""
    letter, reference = (np.char.upper(part["labels"].astype("<U1")) for part in (glyphs, nist))
    cosine = nearest_cosine(glyphs["images"], nist["images"], labels=letter, reference_labels=reference)  # type: ignore[arg-type]
    return np.isin(letter, list(SHOWN)) & (cosine < NEAR)


def emnist(letters: Glyphs, test: Glyphs) -> Glyphs:
    """Everything to train with, as often as it is there and each small l oftener, EMNIST's held-out glyphs that count
    to choose on, the test's to report.
    """
    training, of_nist = letters["split"] == "train", np.isin(letters["source"], NIST)
    learnt = np.repeat(np.flatnonzero(training), np.where(letters["labels"][training] == "l", MORE_SMALL_L, 1))
    genuine = np.isin(letters["source"], EMNIST)
    part = once({key: value[genuine & ~training] for key, value in letters.items()})
    counted = unlike(part, {key: value[of_nist] for key, value in letters.items()})
    parts = [{key: value[learnt] for key, value in letters.items()}, {k: v[counted] for k, v in part.items()}, test]
    return {key: np.concatenate([part[key] for part in parts]) for key in ("images", "labels", "split", "source")}


def test_part(path: Path) -> Glyphs:
    """The test pictures that count."""
    with np.load(path) as file:
        kept = file["nearest_nist_cosine"] < NEAR
        images, labels = file["images"][kept], file["labels"][kept].astype("<U1")
    names = {"split": "test", "source": TEST}
    return {"images": images, "labels": labels, **{key: np.full(len(images), name) for key, name in names.items()}}


def main() -> None:
    """Read the command line and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("letters", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    with np.load(arguments.letters) as file:
        letters = {key: file[key] for key in ("images", "labels", "split", "source")}
    tests = test_part(data_folder() / "letters" / f"{TEST}.npz")
    for name, glyphs in (("capitals", capitals(once(letters))), ("emnist-am", emnist(letters, tests))):
        np.savez_compressed(arguments.folder / f"{name}.npz", **glyphs)  # type: ignore[arg-type]
        parts = ", ".join(f"{np.sum(glyphs['split'] == part):,} {part}" for part in ("train", "val", "test"))
        print(f"{name}: {parts}")


if __name__ == "__main__":
    main()
