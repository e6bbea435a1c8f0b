"""The likeliest text under a bigram of characters, exactly: dynamic programming over rows and characters.

Kept beside the beam because it is the whole idea on one screen: the beam only remembers more of the past. Source:
Viterbi 1967; Forney 1973, "The Viterbi algorithm".
"""

from __future__ import annotations

import numpy as np

from inkread.decoding.border import FloatArray, IntArray, check_columns


def viterbi(
    log_probs: FloatArray, bigram: FloatArray, weight: float = 1.0, gaps: FloatArray | None = None
) -> tuple[IntArray, IntArray]:
    """(T, C) log-probabilities -> characters (T,) as columns, and the rows (S,) after which a space stands.

    ``bigram`` (C+1, C+1) holds log P(next | last), the space in the last row and column; a text begins and ends at a
    space. ``gaps`` (T-1,) are probabilities of a space; None: unknown, the bigram alone decides. Raises BadArray for a
    bigram of other characters, and trusts its arrays otherwise: `decode` checks them.
    """
    check_columns(log_probs, len(bigram) - 1, "the bigram has one more")
    rows, classes = log_probs.shape
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    space = classes
    near = weight * bigram[:space, :space]  # (C, C): the next character follows at once
    apart = weight * (bigram[:space, space, None] + bigram[space, :space])  # (C, C): a space stands between them
    score = log_probs[0] + weight * bigram[space, :space]  # (C,): the best text that ends in each character
    came_from = np.zeros((rows, classes), np.int64)
    came_apart = np.zeros((rows, classes), bool)
    for row in range(1, rows):
        closed, opened = log_gap(gaps, row - 1)
        step = np.maximum(near + closed, apart + opened)  # (C, C)
        total = score[:, None] + step
        came_from[row] = total.argmax(axis=0)
        came_apart[row] = (apart + opened > near + closed)[came_from[row], np.arange(classes)]
        score = total.max(axis=0) + log_probs[row]
    characters = np.zeros(rows, np.int64)
    characters[-1] = (score + weight * bigram[:space, space]).argmax()
    for row in range(rows - 1, 0, -1):
        characters[row - 1] = came_from[row, characters[row]]
    spaces = np.flatnonzero(came_apart[np.arange(rows), characters][1:])
    return characters, spaces


def log_gap(gaps: FloatArray | None, row: int) -> tuple[float, float]:
    """The logarithms of the probabilities that no space, and that a space, follows a row; 0 and 0 where unknown."""
    if gaps is None:
        return 0.0, 0.0
    with np.errstate(divide="ignore"):
        return float(np.log1p(-gaps[row])), float(np.log(gaps[row]))
