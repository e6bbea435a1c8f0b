"""Ink -> the same ink without boxes: fields of forms, cells of one letter each, check boxes, a frame, a ring, a chart.

Knows straight lines and pieces of ink, not letters; what has grown together is left to `drawings`. No letter has
straight strokes along all four of its sides and another piece of ink within, nor several pieces side by side within a
stroke that runs around them.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.bands import SPECK, Depths, from_sides
from inkread.preprocessing.binarise import Ink, Mask
from inkread.preprocessing.drawings import RINGED, drawing, joining
from inkread.preprocessing.labelled import Labelled, labelled, largest_on, pixels_of, window_of
from inkread.preprocessing.pieces import usual

BOXED = 0.5  # of the picture's height and of its width; a box as large may lack a side
STRAIGHT = 0.8  # of a box's side, what lies on one straight line, within ...
STRAY, STRAYS = 0.01, (2.0, 0.06)  # ... this part of its length, at least two pixels, at most this part
ALIKE = 0.1  # of a side; boxes that differ by less are cells of one form
LONG = 2.5  # usual sizes of a piece; an empty box is as wide or wider
THICKEST = 0.1  # of a box's shorter side, its lines
MOST = 3_000  # pieces; a picture of more is no form
BAR, THIN = 0.8, 0.1  # of a box's height; a bar that parts its cells is so tall or taller, and so wide or narrower
TALL, SPREAD = 0.15, 0.5  # of a ring: how tall the pieces in it are, how wide all together
RING_THICKER = 1.3  # times the ring's thickness, and a pixel: what is further from the outside hangs on the ring
EDGE = 0.05  # of the picture's height, and two pixels; so far writing keeps off the ends of a line from edge to edge
BESIDES = 3  # pieces; of fewer none is a check box, but rather a letter
CHECK, SQUARE = (0.4, 1.6), 1.35  # usual sizes of a check box's longer side; what that is to its shorter one at most
CHECK_THICK = 0.2  # of its shorter side, its lines
CORNERED, CORNERS = 0.08, 3  # of it, and a pixel; so near to so many corners is ink: a tick may run out of the fourth
ASIDE = 0.2  # usual sizes; letters of a word are nearer to each other
ROUNDED, UNEVEN = 0.2, 0.03  # of a box's shorter side: what is left of a corner's arc, as near to one side as the other
FILLED = 0.4  # of a ring's height, how tall a single piece in it is
RING = 1.4  # usual sizes, how large a ring around a number is at least
ROUND, RINGS_ALIKE = 1.5, 0.25  # times as long as wide; of their size, how far two rings around numbers differ
DEEP = 0.5  # of how far a ring's middle is from the outside; what hangs on it and ends before is its own other end


def without_boxes(ink: Ink, pieces: Labelled | None = None) -> Ink:
    """The ink float32 (H, W) without the boxes that writing stands in, the bars that part their cells, and the lines
    and arrows from one box to another.

    The same array where there are none. ``pieces`` are those of ``labelled(ink)``, where they are known already.
    """
    pieces = pieces or labelled(ink)
    mask, labels, stats = pieces.mask, pieces.labels, pieces.stats
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    large = np.flatnonzero((sides > SPECK).all(axis=1))[1:]  # the first is the paper
    if not 0 < len(large) <= MOST:
        return ink
    size = usual(sides[large])
    empty = (sides[large, 0] >= LONG * size) & (sides[large, 1] >= size)  # no letter is so wide
    holds = _holds(stats[large])
    found = {
        number: lines
        for number in large[(holds > 0) | empty].tolist()
        if (lines := _lines(labels, stats, number)) is not None
    }
    for number in large[holds >= RINGED].tolist():
        lines = found[number] if number in found else _ring(labels, stats, number)
        crossed = lines is None or _is_crossed(pixels_of(labels, stats, number) & ~lines)
        drawn = drawing(labels, stats, number) if crossed else None
        if known := [part for part in (lines, drawn) if part is not None]:
            found[number] = np.logical_or.reduce(known)
    rings = ((number, _ring(labels, stats, number, 1)) for number in large[holds == 1].tolist() if number not in found)
    found |= _numbered(
        {number: ring for number, ring in rings if ring is not None and _stands_free(stats, large, number, size)}
    )
    for number in large.tolist() if found else ():  # empty cells beside those that are filled in
        alike = (np.abs(sides[list(found)] - sides[number]) <= ALIKE * sides[number]).all(axis=1).any()
        if number not in found and alike and (lines := _lines(labels, stats, number)) is not None:
            found[number] = lines
    for number in large.tolist() if len(large) >= BESIDES else ():
        if number not in found and _is_check_box(labels, stats, number, size):
            within = np.unique(labels[window_of(stats[number])])  # the mark in it, too
            found |= {part: pixels_of(labels, stats, part) for part in within[within > 0].tolist()}
    found |= {number: lines for number, lines in _edges(labels, stats) if number not in found}
    joints = joining(labels, stats, list(found), large) if len(found) > 1 else ()
    found |= {number: pixels_of(labels, stats, number) for number in joints}
    if not found:
        return ink
    cleaned = ink.copy()
    for number, lines in found.items():
        window = window_of(stats[number])
        soft = cv2.dilate(lines.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        cleaned[window][soft & ((labels[window] == number) | ~mask[window])] = 0
    return cleaned


def _stands_free(stats: npt.NDArray[np.int32], large: npt.NDArray[np.intp], number: int, size: float) -> bool:
    """Whether a ring is larger than letters and has no smaller piece close beside it, as the @ of an address has."""
    left, top, width, height, _ = stats[number].tolist()
    begin, upper, across, down = stats[large, : cv2.CC_STAT_AREA].T
    smaller = (across < width) & (down < height) & (upper < top + height) & (upper + down > top)
    gaps = np.maximum(left - begin - across, begin - left - width)[smaller]
    return min(width, height) >= RING * size and not ((gaps >= 0) & (gaps < ASIDE * size)).any()


def _is_check_box(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], number: int, size: float) -> bool:
    """Whether a piece is an upright square with sharp corners, as large as a letter, that stands by itself."""
    left, top, width, height, _ = stats[number].tolist()
    shorter, longer = sorted((width, height))
    if not CHECK[0] * size <= longer <= min(CHECK[1] * size, SQUARE * shorter):
        return False
    own = pixels_of(labels, stats, number)
    if _corners_reached(own, CORNERED * shorter + 1) < CORNERS or _box(own, 4, CHECK_THICK) is None:
        return False
    aside = round(ASIDE * size)
    around = labels[top : top + height, max(0, left - aside) : left + width + aside]
    return not np.setdiff1d(around, labels[window_of(stats[number])]).size


def _corners_reached(own: Mask, reach: float) -> int:
    """How many corners of its window (h, w) a piece comes as near to as ``reach`` pixels."""
    across = np.arange(int(reach) + 1)
    near = np.hypot(across[:, None], across) <= reach  # of the pixels at the upper left corner
    corners = (corner for half in (own, own[::-1]) for corner in (half, half[:, ::-1]))
    height, width = (min(len(near), side) for side in own.shape)
    return sum(bool((corner[:height, :width] & near[:height, :width]).any()) for corner in corners)


def _holds(stats: npt.NDArray[np.int32]) -> Depths:
    """How many other pieces' boxes lie within each piece's box."""
    left, top, width, height, _ = stats.T[:, :, None]
    right, bottom = left + width, top + height
    within = (left < left.T) & (top < top.T) & (right > right.T) & (bottom > bottom.T)
    return np.asarray(within.sum(axis=1), np.int64)


def _lines(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], number: int) -> Mask | None:
    """The pixels of a piece, in its own window, that are the lines of a box and of its cells; None if it is no box.

    A box has four straight sides, or three where it is most of the picture: it may have been cut out without one.
    """
    own = pixels_of(labels, stats, number)
    most = own.shape[0] >= BOXED * labels.shape[0] and own.shape[1] >= BOXED * labels.shape[1]
    lines = _box(own, 3 if most else 4)
    if lines is None:
        return None
    _, parts, measured, _ = cv2.connectedComponentsWithStats((own & ~lines).astype(np.uint8), connectivity=8)
    rest = np.asarray(measured, np.int32)
    gone = _are_bars(rest, own.shape) | _are_corners(rest, own.shape)
    gone[0] = False  # the paper
    box: Mask = lines | gone[parts]
    return box


def _box(own: Mask, sides: int, thickest: float = THICKEST) -> Mask | None:
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
        if thick > max(STRAYS[0], thickest * min(own.shape)):
            return None
        ends = np.minimum(ends, first + thick + 1)  # what hangs on the line is no line
        drawn[:, : len(columns)] |= on_line[:, None] & (columns >= first[:, None]) & (columns < ends[:, None])
    return lines if straight >= sides else None


def _line(x: Depths, y: Depths | npt.NDArray[np.float64]) -> tuple[float, float]:
    """Slope and start of the straight line through points (N,), most of which lie on it: Theil and Sen's, thinned."""
    third = max(1, len(x) // 3)
    slope = float(np.median((y[-third:] - y[:third]) / np.maximum(x[-third:] - x[:third], 1)))
    return slope, float(np.median(y - slope * x))


def _are_bars(rest: npt.NDArray[np.int32], shape: tuple[int, ...]) -> Mask:
    """Which parts (N, 5) of a box's piece (h, w), its lines left out, are bars from its upper line to its lower one."""
    height, _ = shape
    tall, narrow = rest[:, cv2.CC_STAT_HEIGHT] >= BAR * height, rest[:, cv2.CC_STAT_WIDTH] <= max(4, THIN * height)
    bars: Mask = tall & narrow
    return bars


def _are_corners(rest: npt.NDArray[np.int32], shape: tuple[int, ...]) -> Mask:
    """Which parts (N, 5) of a box's piece (h, w), its lines left out, are of rounded corners."""
    left, top, width, height = rest[:, : cv2.CC_STAT_AREA].T
    across = np.minimum(left, shape[1] - left - width)
    down = np.minimum(top, shape[0] - top - height)
    reach, even = ROUNDED * min(shape), max(STRAYS[0], UNEVEN * min(shape))
    small, near = np.maximum(width, height) <= reach, np.maximum(across, down) <= reach
    corners: Mask = small & near & (np.abs(across - down) <= even)
    return corners


def _numbered(rings: dict[int, Mask]) -> dict[int, Mask]:
    """Of rings around a single piece each, by their pixels, those that are round and alike: around a list's numbers."""
    sides = {number: max(ring.shape) for number, ring in rings.items() if max(ring.shape) <= ROUND * min(ring.shape)}
    return {
        number: rings[number]
        for number, side in sides.items()
        if sum(abs(side - other) <= RINGS_ALIKE * side for other in sides.values()) > 1
    }


def _ring(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], number: int, least: int = RINGED) -> Mask | None:
    """The pixels of a piece, in its own window, that run around others which stand side by side; None if fewer do than
    at least so many.
    """
    window = labels[window_of(stats[number])]
    own = window == number
    hole, within = _hole(own)
    if not _surrounds(window, stats, hole, least):
        return None
    depth = cv2.distanceTransform(np.pad(within, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    rim = own & (cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    ring: Mask = own & (depth <= RING_THICKER * float(np.median(depth[rim])) + 1)
    count, parts = cv2.connectedComponents((own & ~ring).astype(np.uint8), connectivity=8)
    deepest = largest_on(depth.astype(np.float32), np.asarray(parts, np.int32), count - 1)
    ring |= np.concatenate([[False], deepest < DEEP * depth[hole].max()])[parts]
    return ring


def _is_crossed(rest: Mask) -> bool:
    """Whether something of a box's piece, its lines left out, runs from side to side or up and down."""
    _, _, parts, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8), connectivity=8)
    height, width = rest.shape
    across, down = parts[1:, cv2.CC_STAT_WIDTH] >= BAR * width, parts[1:, cv2.CC_STAT_HEIGHT] >= BAR * height
    return bool((across | down).any())


def _hole(own: Mask) -> tuple[Mask, Mask]:
    """The largest part of the paper that a piece runs all around, and all that does not lie outside of the piece."""
    paper = np.pad(~own, 1, constant_values=True).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    outside = int(parts[0, 0])
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[[0, outside]] = 0  # the first is the piece itself
    largest = int(areas.argmax())
    inner = parts[1:-1, 1:-1]
    return (inner == largest) & (largest > 0), inner != outside


def _surrounds(window: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], hole: Mask, least: int = RINGED) -> bool:
    """Whether so many pieces that are no dots stand side by side in a hole; a single one fills more of its height."""
    height, width = hole.shape
    within = np.unique(window[hole & (window > 0)])
    within = within[stats[within, cv2.CC_STAT_HEIGHT] >= TALL * height]
    if len(within) < least:
        return False
    if len(within) == 1:
        return bool(stats[within[0], cv2.CC_STAT_HEIGHT] >= FILLED * height)
    left, right = stats[within, cv2.CC_STAT_LEFT], (stats[within, cv2.CC_STAT_LEFT] + stats[within, cv2.CC_STAT_WIDTH])
    apart = right.min() <= left.max()  # beside each other, not one above the other
    return bool(apart and right.max() - left.min() >= SPREAD * width)


def _edges(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32]) -> Iterator[tuple[int, Mask]]:
    """The lone sides of boxes: straight upright lines from the picture's upper to its lower edge, and their pixels.

    None where other pieces reach as far: then they may be tall letters that were cut out close.
    """
    height = labels.shape[0]
    top, bottom = stats[1:, cv2.CC_STAT_TOP], stats[1:, cv2.CC_STAT_TOP] + stats[1:, cv2.CC_STAT_HEIGHT]
    whole = (top == 0) & (bottom == height) & (THIN * height >= stats[1:, cv2.CC_STAT_AREA] / height)
    off = max(2, EDGE * height)
    if not whole.any() or whole.all() or top[~whole].min() < off or bottom[~whole].max() > height - off:
        return
    for number in (1 + np.flatnonzero(whole)).tolist():
        own = pixels_of(labels, stats, number)
        places, middles = np.arange(height), _middles(own)
        slope, start = _line(places, middles)
        if np.abs(middles - (slope * places + start)).max() <= STRAYS[0]:
            yield number, own


def _middles(own: Mask) -> npt.NDArray[np.float64]:
    """The middle of each row's ink (h,)."""
    middles: npt.NDArray[np.float64] = own @ np.arange(own.shape[1]) / own.sum(axis=1)
    return middles
