"""Scores of the ways into each node -> the score of the node: sums of probabilities that stay logarithms."""

from __future__ import annotations

import numpy as np

from inkread.decoding.border import FloatArray, IntArray


def log_sums(values: FloatArray, groups: IntArray, size: int) -> FloatArray:
    """(size,) the logarithm of the sum of the exponentials of each group's values; -inf for an empty group."""
    top = np.full(size, -np.inf)
    np.maximum.at(top, groups, values)  # one for each group: what is far behind now may be needed later
    top[np.isneginf(top)] = 0.0
    with np.errstate(divide="ignore"):
        sums: FloatArray = np.log(np.bincount(groups, np.exp(values - top[groups]), size)) + top
    return sums
