"""Ink -> the same ink without boxes: fields of forms, cells of one letter each, a frame around a note.

Knows straight lines and pieces of ink, not letters. No letter has straight strokes along all four of its sides and
another piece of ink within.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.bands import INKED, SPECK, Depths, from_sides
from inkread.preprocessing.binarise import Ink, Mask
from inkread.preprocessing.pieces import usual

BOXED = 0.5  # of the picture's height and of its width; a box as large may lack a side
STRAIGHT = 0.8  # of a box's side, what lies on one straight line, within ...
STRAY, STRAYS = 0.01, (2.0, 0.06)  # ... this part of its length, at least two pixels, at most this part
ALIKE = 0.1  # of a side; boxes that differ by less are cells of one form
LONG = 2.5  # usual sizes of a piece; an empty box is as wide or wider
THICKEST = 0.1  # of a box's shorter side, its lines
MOST = 1_000  # pieces; a picture of more is no form
BAR, THIN = 0.8, 0.1  # of a box's height; a bar that parts its cells is so tall or taller, and so wide or narrower


def without_boxes(ink: Ink) -> Ink:
    """The ink float32 (H, W) without the boxes that writing stands in and the bars that part their cells.

    The same array where there are none.
    """
    mask = ink > INKED
    _, labelled, measured, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    labels, stats = labelled.astype(np.int32, copy=False), measured.astype(np.int32, copy=False)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    large = np.flatnonzero((sides > SPECK).all(axis=1))[1:]  # the first is the paper
    if not 0 < len(large) <= MOST:
        return ink
    size = usual(sides[large])
    empty = (sides[large, 0] >= LONG * size) & (sides[large, 1] >= size)  # no letter is so wide
    likely = large[_holds(stats[large]) | empty]
    found = {number: lines for number in likely.tolist() if (lines := _lines(labels, stats, number)) is not None}
    for number in large.tolist() if found else ():  # empty cells beside those that are filled in
        alike = (np.abs(sides[list(found)] - sides[number]) <= ALIKE * sides[number]).all(axis=1).any()
        if number not in found and alike and (lines := _lines(labels, stats, number)) is not None:
            found[number] = lines
    if not found:
        return ink
    cleaned = ink.copy()
    for number, lines in found.items():
        window = _window(stats[number])
        soft = cv2.dilate(lines.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        cleaned[window][soft & ((labels[window] == number) | ~mask[window])] = 0
    return cleaned


def _window(stats: npt.NDArray[np.int32]) -> tuple[slice, slice]:
    left, top, width, height, _ = stats.tolist()
    return slice(top, top + height), slice(left, left + width)


def _holds(stats: npt.NDArray[np.int32]) -> Mask:
    """Which pieces' boxes have another piece's box within them."""
    left, top, width, height, _ = stats.T[:, :, None]
    right, bottom = left + width, top + height
    within = (left < left.T) & (top < top.T) & (right > right.T) & (bottom > bottom.T)
    return np.asarray(within.any(axis=1), bool)


def _lines(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], number: int) -> Mask | None:
    """The pixels of a piece, in its own window, that are the lines of a box and of its cells; None if it is no box.

    A box has four straight sides, or three where it is most of the picture: it may have been cut out without one.
    """
    own = labels[_window(stats[number])] == number
    most = own.shape[0] >= BOXED * labels.shape[0] and own.shape[1] >= BOXED * labels.shape[1]
    lines = _box(own, 3 if most else 4)
    return None if lines is None else lines | _bars(own & ~lines)


def _box(own: Mask, sides: int) -> Mask | None:
    """The pixels of a piece (h, w) that are lines along so many of its sides; None where fewer are straight."""
    lines, straight = np.zeros(own.shape, bool), 0
    for side, drawn in zip(from_sides(own), from_sides(lines), strict=True):
        length, breadth = side.shape
        near = side[:, : max(1, breadth // 2)]
        places, columns = np.arange(length), np.arange(near.shape[1])
        there, first = near.any(axis=1), near.argmax(axis=1)
        if there.mean() < STRAIGHT:
            continue
        slope, start = _line(places[there], first[there])
        stray = min(max(STRAYS[0], STRAY * length), STRAYS[1] * length)
        on_line = there & (np.abs(first - (slope * places + start)) <= stray)
        if on_line.mean() < STRAIGHT:
            continue
        straight += 1
        inked = near | (columns < first[:, None])
        ends = np.where(inked.all(axis=1), len(columns), inked.argmin(axis=1))
        thick = float(np.median((ends - first)[on_line]))
        if thick > max(STRAYS[0], THICKEST * min(own.shape)):
            return None
        ends = np.minimum(ends, first + thick + 1)  # what hangs on the line is no line
        drawn[:, : len(columns)] |= on_line[:, None] & (columns >= first[:, None]) & (columns < ends[:, None])
    return lines if straight >= sides else None


def _line(x: Depths, y: Depths) -> tuple[float, float]:
    """Slope and start of the straight line through points (N,), most of which lie on it: Theil and Sen's, thinned."""
    third = max(1, len(x) // 3)
    slope = float(np.median((y[-third:] - y[:third]) / np.maximum(x[-third:] - x[:third], 1)))
    return slope, float(np.median(y - slope * x))


def _bars(rest: Mask) -> Mask:
    """What of a box's piece, its lines left out, are bars from its upper line to its lower one."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8), connectivity=8)
    height = rest.shape[0]
    bars = (stats[:, cv2.CC_STAT_HEIGHT] >= BAR * height) & (stats[:, cv2.CC_STAT_WIDTH] <= max(4, THIN * height))
    bars[0] = False
    found: Mask = bars[labels]
    return found
