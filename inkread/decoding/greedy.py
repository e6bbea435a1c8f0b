"""The likeliest character of each row, concatenated: what the eye alone saw. The baseline of all decoding."""

from __future__ import annotations

import numpy as np

from inkread.decoding.border import FloatArray, IntArray


def greedy(log_probs: FloatArray, gaps: FloatArray | None = None) -> tuple[IntArray, IntArray]:
    """(T, C) log-probabilities -> characters (T,) as columns, and the rows (S,) after which a space stands.

    ``gaps`` (T-1,) are probabilities of a space; it stands where it is likelier than not. None: no spaces. Trusts its
    arrays: `decode` checks them.
    """
    characters = log_probs.argmax(axis=1)
    spaces = np.zeros(0, np.int64) if gaps is None else np.flatnonzero(gaps > 0.5)
    return characters, spaces
