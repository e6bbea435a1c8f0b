"""MNIST -> the sample that ships with inkread: inkread/data/samples/digits.npz. Run: python scripts/make_sample.py
DATA_FOLDER

The choice is fixed and depends on the pictures alone: of each digit, sorted by hash, every so many-th training and test
picture. (Not those of smallest hash: that is the validation part.) The file's bytes are the same wherever zlib is.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from inkread.data import Split, hashes, load
from inkread.data.splits import join

TRAIN_EACH = 400  # pictures of each digit for training: 4,000 in all, 0.8 MB with the test's
TEST_EACH = 100
SAMPLE = Path(__file__).parent.parent / "inkread" / "data" / "samples" / "digits.npz"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip archive can hold: the file does not tell when it was made


def chosen(split: Split, each: int) -> Split:
    """Of every digit ``each`` pictures, evenly spaced in the order of their hash; all in the order of their hash."""
    ordered = split.take(np.argsort(hashes(split.images), kind="stable"))
    places = [np.flatnonzero(ordered.labels == digit) for digit in range(10)]
    return ordered.take(np.sort(np.concatenate([of[np.linspace(0, len(of) - 1, each).astype(int)] for of in places])))


def main(root: Path) -> None:
    """Choose, pack, and say how large it became."""
    mnist = load("mnist", root)
    if mnist.test is None:
        raise SystemExit("MNIST came without its test set")
    train, test = chosen(join([mnist.train, mnist.val]), TRAIN_EACH), chosen(mnist.test, TEST_EACH)
    arrays = {
        "images": np.concatenate([train.images, test.images]),
        "labels": np.concatenate([train.labels, test.labels]).astype(np.uint8),
        "split": np.array(["train"] * len(train) + ["test"] * len(test)),
    }
    with zipfile.ZipFile(SAMPLE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            packed = io.BytesIO()
            np.save(packed, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), packed.getvalue(), zipfile.ZIP_DEFLATED, 9)
    print(f"{SAMPLE.name}: {len(train):,} + {len(test):,} digits, {SAMPLE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
