"""Glyphs -> which of them are pictures of the same scan again. Knows pixels, not data sets.

Two collections cut from one scan differ by a resampling only, so their pixels point the same way: the cosine between
them is near 1. Which collections to compare, and what to do with a copy, is the caller's choice.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, BadOption

SAME_SCAN: Final = 0.97
"""Cosine above which two glyphs of one letter count as one scan; two hands' I or L alone come this close by chance."""

ROWS_AT_ONCE: Final = 1024
"""Glyphs compared in one matrix product: 1,024 rows against 5,000 references are 20 MB."""


def near_copies(
    images: npt.NDArray[np.uint8],
    references: npt.NDArray[np.uint8],
    threshold: float = SAME_SCAN,
    *,
    labels: npt.NDArray[np.generic] | None = None,
    reference_labels: npt.NDArray[np.generic] | None = None,
) -> npt.NDArray[np.bool_]:
    """Tell which glyphs are near-copies of a reference: bool (N,), True where some cosine exceeds the threshold.

    ``images`` (N, H, W) and ``references`` (M, H, W) are framed alike. With ``labels`` (N,) and ``reference_labels``
    (M,), both or neither, only glyphs of equal label are compared; fold the case before if it shall not count.
    A blank glyph is nobody's copy. Raises BadArray for shapes that do not fit, BadOption for a threshold outside 0..1.
    """
    if not 0 < threshold < 1:
        raise BadOption(f"threshold is {threshold}; a cosine between 0 and 1 is expected, such as {SAME_SCAN}")
    return nearest_cosine(images, references, labels=labels, reference_labels=reference_labels) > threshold


def nearest_cosine(
    images: npt.NDArray[np.uint8],
    references: npt.NDArray[np.uint8],
    *,
    labels: npt.NDArray[np.generic] | None = None,
    reference_labels: npt.NDArray[np.generic] | None = None,
) -> npt.NDArray[np.float32]:
    """Cosine (0..1) of each glyph to its nearest reference, float32 (N,); 0 where there is none to compare with.

    Arguments and errors as in ``near_copies``.
    """
    _check(images, references, labels, reference_labels)
    rows, columns = _directions(images), _directions(references)  # (N, H*W), (M, H*W)
    if labels is None or reference_labels is None:
        return _nearest(rows, columns)
    nearest = np.zeros(len(images), np.float32)
    for label in np.unique(labels):
        of_label = labels == label
        nearest[of_label] = _nearest(rows[of_label], columns[reference_labels == label])
    return nearest


def _directions(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Flattened pictures of length 1; a blank one stays all 0."""
    flat = images.reshape(len(images), int(np.prod(images.shape[1:]))).astype(np.float32)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    length = np.maximum(length, 1)  # pixels are whole numbers: ink has length >= 1
    unit: npt.NDArray[np.float32] = (flat / length).astype(np.float32, copy=False)
    return unit


def _nearest(rows: npt.NDArray[np.float32], columns: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    nearest = np.zeros(len(rows), np.float32)
    if not len(columns):
        return nearest
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        nearest[part] = (rows[part] @ columns.T).max(axis=1)
    return nearest


def _check(
    images: npt.NDArray[np.uint8],
    references: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.generic] | None,
    reference_labels: npt.NDArray[np.generic] | None,
) -> None:
    for name, pictures in (("images", images), ("references", references)):
        if pictures.ndim != 3 or pictures.dtype != np.uint8:
            raise BadArray(f"{name} is {pictures.dtype} {pictures.shape}; uint8 (N, H, W) is expected")
    if images.shape[1:] != references.shape[1:]:
        raise BadArray(f"glyphs of {images.shape[1:]} came with references of {references.shape[1:]}; frame both alike")
    if (labels is None) != (reference_labels is None):
        raise BadArray("only one of labels and reference_labels came; give both, or neither to compare across letters")
    for name, given, count in (
        ("labels", labels, len(images)),
        ("reference_labels", reference_labels, len(references)),
    ):
        if given is not None and given.shape != (count,):
            raise BadArray(f"{name} is {given.shape}; one label for each of the {count} glyphs is expected")
