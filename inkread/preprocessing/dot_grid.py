"""Ink -> the same ink without the dots that paper was printed with. Knows pieces of ink, not letters.

Dots of one size stand in level rows and upright columns, all as far from the next. Where letters hide some of them, the
others still tell; the full stop that a pen leaves is seldom in both their row and their column.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.binarise import Ink, Mask
from inkread.preprocessing.labelled import erased, labelled
from inkread.preprocessing.pieces import TOUCH

FEWEST: Final = 16  # dots with one beside and one above or below
MANY: Final = 20_000  # pieces; a photo of gravel has no end of them
FILLED: Final = 0.5  # of the box around it, what a dot fills; most letters and digits fill less
MOST: Final = 0.4  # of the pieces as small as they are, so many are such dots
DOTS: Final = 25  # percent of the pieces are no larger than dots: on such paper letters are hardly more than these
ALIKE: Final = 1.5  # times as large as usual, or that part of it, is a dot; and a pixel more or less
FAINTER: Final = 0.4  # of the ink of the dots found, what others have at least
LARGEST: Final = 0.35  # of the way to the next dot
SAMPLE: Final = 100  # dots that the way to the next one is measured on
OFF: Final = 0.15  # of the way to the next dot, how far a dot is off its place: paper is bent, and seen from aside
FAR: Final = 2  # dots away, at most, is one of the grid that tells where another one is

Points = npt.NDArray[np.float64]
Ways = tuple[tuple[int, int], ...]

BESIDE: Final[Ways] = ((-1, 0), (1, 0))
ABOVE: Final[Ways] = ((0, -1), (0, 1))
AROUND: Final[Ways] = tuple((x, y) for x, y in product(range(-FAR, FAR + 1), repeat=2) if x or y)


def without_dot_grid(ink: Ink) -> Ink:
    """The ink float32 (H, W) of a level page without a grid of printed dots; the same array where there is none."""
    grid = _dots(ink, TOUCH)
    if grid is None:
        return ink
    faint = _dots(ink, FAINTER * float(np.median(ink[grid])))  # of dots that are hardly to be seen some are fainter
    gone = grid if faint is None else grid | faint
    return erased(ink, gone, ink > TOUCH)


def _dots(ink: Ink, level: float) -> Mask | None:
    """Where the dots of a grid are that have more ink than ``level``, bool (H, W); None without a grid."""
    found = labelled(ink, level)
    sides = found.stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    if not FEWEST <= len(sides) <= MANY:
        return None
    size = float(np.percentile(sides.max(axis=1), DOTS))
    alike = ((sides >= size / ALIKE - 1) & (sides <= size * ALIKE + 1)).all(axis=1)
    alike &= found.stats[1:, cv2.CC_STAT_AREA] >= FILLED * sides.prod(axis=1)
    if np.count_nonzero(alike) < FEWEST:
        return None
    numbers = 1 + np.flatnonzero(alike)
    centres = found.stats[numbers, :2] + sides[alike] / 2  # (N, 2), x and y
    pitch = _pitch(centres)
    if size > LARGEST * pitch:
        return None
    beside, above = _has(centres, centres, pitch, BESIDE), _has(centres, centres, pitch, ABOVE)
    on = beside & above
    if np.count_nonzero(on) < max(FEWEST, MOST * len(on)):
        return None
    return np.isin(found.labels, numbers[on | _has(centres, centres[on], pitch, AROUND)])


def _pitch(centres: Points) -> float:
    """How far it is from a dot to the next one, in pixels: the median over some of the dots (N, 2)."""
    some = centres[:: max(1, len(centres) // SAMPLE)]
    apart = np.linalg.norm(some[:, None] - centres[None], axis=2)
    apart[apart == 0] = np.inf
    return float(np.median(apart.min(axis=1)))


def _has(centres: Points, others: Points, pitch: float, ways: Ways) -> npt.NDArray[np.bool_]:
    """Which dots (N, 2) have one of the others (M, 2) where any of these ways leads, in dots across and down."""
    rim = 1 + int(np.ceil(pitch * (FAR + OFF)))
    at, there = np.rint(centres).astype(np.int64) + rim, np.rint(others).astype(np.int64) + rim
    width, height = np.maximum(at.max(axis=0), there.max(axis=0)) + 1 + rim
    places = np.zeros((height, width), np.uint8)
    places[there[:, 1], there[:, 0]] = 1
    places = cv2.dilate(places, np.ones((2 * round(OFF * pitch) + 1,) * 2, np.uint8))
    led = [at + np.rint(np.multiply(way, pitch)).astype(np.int64) for way in ways]
    found: npt.NDArray[np.bool_] = np.any([places[end[:, 1], end[:, 0]] > 0 for end in led], axis=0)
    return found
