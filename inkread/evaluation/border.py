"""Arrays from outside -> arrays that this room trusts, or a sentence that says what is wrong with them.

Checked once, at the border; the rest of the room computes without asking again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
GlyphArray = npt.NDArray[np.uint8]

# Probabilities of a row may miss 1 by this much: float16 log-probabilities pass, logits do not.
ROW_SUM_TOLERANCE = 1e-2
GLYPH_SIZE = 28  # pixels a side


def check_scores(scores: npt.ArrayLike, name: str) -> FloatArray:
    """Any array -> finite float64 (N, C) with at least one row and one column; raises BadArray."""
    given = _array(scores, name)
    if given.size and given.dtype.kind not in "iuf":
        raise BadArray(f"{name} must be an array of numbers of the shape (N, C); got {given.dtype} {given.shape}")
    array: FloatArray = given.astype(np.float64, copy=False)
    if array.ndim != 2 or 0 in array.shape:
        raise BadArray(f"{name} has the shape {array.shape}; expected (N, C) with at least one row and one column")
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if bad.size:
        raise BadArray(f"{name} holds NaN or infinity in {bad.size} of {len(array)} rows, first in row {bad[0]}")
    return array


def check_log_probs(log_probs: npt.ArrayLike, classes: int | None = None) -> FloatArray:
    """Any array -> float64 (N, C) of natural logarithms whose rows are probabilities that sum to 1; raises BadArray."""
    array = check_scores(log_probs, "log_probs")
    if classes is not None and array.shape[1] != classes:
        raise BadArray(f"log_probs has {array.shape[1]} columns, but the alphabet has {classes} characters")
    top = array.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(array - top).sum(axis=1)) + top[:, 0]  # (N,); 0 where a row's probabilities sum to 1
    worst = int(np.abs(log_sums).argmax())
    if abs(log_sums[worst]) > ROW_SUM_TOLERANCE:
        raise BadArray(
            f"each row of log_probs must hold the natural logarithms of probabilities that sum to 1; the logarithm of "
            f"row {worst}'s sum is {log_sums[worst]:.4g}, not 0. For logits, call calibration.log_softmax first"
        )
    return array


def check_labels(labels: npt.ArrayLike, rows: int, classes: int) -> IntArray:
    """Any array -> int64 (N,) of classes 0..C-1, as many as there are rows; raises BadArray."""
    array = _array(labels, "labels")
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise BadArray(f"labels must be whole numbers of the shape (N,); got {array.dtype} {array.shape}")
    if len(array) != rows:
        raise BadArray(f"{len(array)} labels came with {rows} rows; expected one label for each row")
    if array.size and (int(array.min()) < 0 or int(array.max()) >= classes):
        raise BadArray(f"labels must lie in 0..{classes - 1}; got {array.min()}..{array.max()}")
    return array.astype(np.int64)


def check_claims(confidence: npt.ArrayLike, right: npt.ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Any arrays -> how sure each claim was, float64 (N,) in 0..1, and whether it was right, bool (N,)."""
    sure, hits = _array(confidence, "confidence"), _array(right, "right")
    if sure.dtype.kind not in "iuf" or hits.dtype != np.bool_ or sure.ndim != 1 or sure.shape != hits.shape:
        raise BadArray(
            "expected confidence, numbers of the shape (N,), and right, bool of the same shape; "
            f"got {sure.dtype} {sure.shape} and {hits.dtype} {hits.shape}"
        )
    claims = sure.astype(np.float64, copy=False)
    outside = claims[~((claims >= 0) & (claims <= 1))]
    if not claims.size or outside.size:
        raise BadArray(f"confidence must be one or more numbers in 0..1; got {[*outside[:1].tolist()] or 'none'}")
    return claims, hits.astype(np.bool_, copy=False)


def check_glyphs(glyphs: npt.ArrayLike, at_least: int) -> GlyphArray:
    """Any array -> uint8 (N, 28, 28), long enough for every index below ``at_least``; raises BadArray."""
    array = _array(glyphs, "glyphs")
    if array.dtype != np.uint8 or array.shape[1:] != (GLYPH_SIZE, GLYPH_SIZE):
        raise BadArray(f"glyphs must be uint8 of the shape (N, 28, 28), ink 255 on 0; got {array.dtype} {array.shape}")
    if len(array) < at_least:
        raise BadArray(f"{len(array)} glyphs came, but the report speaks of glyph number {at_least - 1}")
    return array.astype(np.uint8, copy=False)


def _array(values: npt.ArrayLike, name: str) -> npt.NDArray[np.generic]:
    try:
        return np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise BadArray(f"{name} must be an array with rows of one length: {error}") from error
