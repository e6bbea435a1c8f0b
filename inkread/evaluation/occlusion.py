"""A glyph -> the same glyph with one place after another covered; what a network then lost -> where it had looked.

The network itself is asked in between, by the caller. Source: Zeiler and Fergus 2014, section 4.2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, BadOption
from inkread.evaluation.border import GLYPH_SIZE, FloatArray, GlyphArray

PATCH = 5  # pixels a side: a little broader than a stroke, so that it can take one away
PAPER, INK = 0, 255


def covered(glyph: npt.ArrayLike, value: int = PAPER, patch: int = PATCH) -> GlyphArray:
    """A glyph, uint8 (28, 28), once for each place of a square of ``value``: uint8 (P, 28, 28), row by row."""
    whole = np.asarray(glyph)
    if whole.shape != (GLYPH_SIZE, GLYPH_SIZE) or whole.dtype != np.uint8:
        raise BadArray(f"the glyph is {whole.dtype} {whole.shape}; expected uint8 ({GLYPH_SIZE}, {GLYPH_SIZE})")
    places = _places(patch)
    copies: GlyphArray = np.repeat(whole[None], len(places), axis=0)
    for copy, (y, x) in zip(copies, places, strict=True):
        copy[y : y + patch, x : x + patch] = value
    return copies


def importance(whole: float, probabilities: npt.ArrayLike, patch: int = PATCH) -> FloatArray:
    """(28, 28) the probability that covering a pixel costs, -1..1: the mean over all squares that it lies in.

    ``whole`` is the probability of the character in the whole glyph, ``probabilities`` (P,) with each place covered.
    """
    found, places = np.asarray(probabilities, np.float64), _places(patch)
    if found.shape != (len(places),):
        raise BadArray(f"{found.shape} probabilities came for {len(places)} places; expected one for each")
    lost, times = np.zeros((2, GLYPH_SIZE, GLYPH_SIZE))
    for (y, x), probability in zip(places, found.tolist(), strict=True):
        lost[y : y + patch, x : x + patch] += whole - probability
        times[y : y + patch, x : x + patch] += 1
    mean: FloatArray = lost / times
    return mean


def _places(patch: int) -> list[tuple[int, int]]:
    if not 1 <= patch <= GLYPH_SIZE:
        raise BadOption(f"patch is {patch}; expected 1 to {GLYPH_SIZE} pixels")
    steps = range(GLYPH_SIZE - patch + 1)
    return [(y, x) for y in steps for x in steps]
