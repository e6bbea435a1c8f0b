"""Grey pixels -> the same without what a line or a scanner spoilt: lost rows, single black and white pixels.

Knows pixels, not ink. Where a picture has few of either, every pixel stays as it was.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from inkread.preprocessing.binarise import Grey, Mask

EVEN: Final = 2  # grey levels; a lost row varies by no more
THICK: Final = 4  # rows; more of one level one below the other are no accident
OTHER: Final = 8  # grey levels; a row that is so far from those around it is no paper
GOES_ON: Final = 0.5  # of the strokes above a row and below it, what they have in common where strokes go on through it
MANY: Final = 5  # of such rows, apart; fewer are rules, or the gaps of an = and below the dot of an i
STANDS_OUT: Final = 60  # grey levels between a single pixel and all around it
SPRINKLED: Final = 0.005  # of the pixels that stand out so, from which on they are noise
GRAINS: Final = 30  # the least of these


def mended(grey: Grey) -> Grey:
    """The picture uint8 (H, W) with its lost rows filled in and its noise of single pixels gone; the same without."""
    return _without_grains(_without_lost_rows(grey))


def _without_lost_rows(grey: Grey) -> Grey:
    """The picture with rows of one level that break its strokes, or that are darker or lighter than the paper, as if
    they were between those around them.
    """
    runs = [run for run in _even_runs(grey) if _is_lost(grey[run[0] - 1], grey[run[0]], grey[run[1]])]
    if len(runs) < MANY:
        return grey
    filled = grey.copy()
    for begin, end in runs:
        share = np.linspace(0, 1, end - begin + 2)[1:-1, None]
        filled[begin:end] = np.rint((1 - share) * grey[begin - 1] + share * grey[end])
    return filled


def _even_runs(grey: Grey) -> list[tuple[int, int]]:
    """Where a few rows of one level begin and end, those at the upper and the lower edge left out."""
    low, high = grey.min(axis=1).astype(int), grey.max(axis=1).astype(int)
    even = high - low <= EVEN
    goes_on = even[1:] & even[:-1] & (np.abs(np.diff(low)) <= EVEN)
    begins = np.flatnonzero(even & ~np.concatenate([[False], goes_on]))
    ends = 1 + np.flatnonzero(even & ~np.concatenate([goes_on, [False]]))
    found = zip(begins.tolist(), ends.tolist(), strict=True)
    return [(begin, end) for begin, end in found if begin > 0 and end < len(grey) and end - begin <= THICK]


def _is_lost(above: Grey, row: Grey, below: Grey) -> bool:
    """Whether a row of one level is neither paper nor a gap in what is written."""
    levels = np.median(above), np.median(below)
    if min(abs(float(level) - float(row[0])) for level in levels) > OTHER:
        return True
    upper, lower = (np.abs(side - float(level)) for side, level in zip((above, below), levels, strict=True))
    either = float(np.maximum(upper, lower).sum())
    return either > 0 and float(np.minimum(upper, lower).sum()) >= GOES_ON * either


def _without_grains(grey: Grey) -> Grey:
    """A noisy picture with each pixel that is far from the median of its neighbours made that median."""
    around = np.ones((3, 3), np.uint8)
    around[1, 1] = 0
    alone = cv2.subtract(grey, cv2.dilate(grey, around)) > STANDS_OUT
    alone |= cv2.subtract(cv2.erode(grey, around), grey) > STANDS_OUT
    if np.count_nonzero(alone) < max(GRAINS, SPRINKLED * grey.size):
        return grey
    usual = cv2.medianBlur(grey, 3).astype(np.uint8, copy=False)
    off: Mask = cv2.absdiff(grey, usual) > STANDS_OUT
    return np.where(off, usual, grey)
