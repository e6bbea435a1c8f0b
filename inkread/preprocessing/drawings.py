"""Pieces of ink that are drawn around writing: boxes and rings that have grown together, arrows from one to another.

Knows lines and holes, not letters: flow charts, tables drawn by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.binarise import Mask, stroke_width
from inkread.preprocessing.labelled import largest_on, outlined, pixels_of, window_of
from inkread.preprocessing.pieces import usual

RINGED = 2  # pieces in a ring, or holes with one each; an @ has one
ROOMY = 4.0  # strokes; a hole that may be written in is wider and taller, and what hangs into it is longer
CELLS = 100  # holes; squared paper has more, and is left to `rules`
GAPPED = 1.0  # strokes; half the gap that a drawing's lines may have
LETTERED, WORDED = 0.2, 0.3  # of a hole's height and width: how tall letters in it are, how wide words
CONNECTOR, NEAR = 1.2, 0.5  # usual sizes; how long what joins two boxes is at least, how near to both of them it ends
FAR = 2.5  # usual sizes; what is shorter joins boxes in the direction that it runs: a / stands between two of a date
LINE_LIKE = 2.0  # times the ink of a stroke as long; an arrow has no more, a word has
HANGING = 0.5  # of how far a small hole's middle is from its sides; what hangs on these and ends before is of them


def drawing(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], number: int) -> Mask | None:
    """The pixels of a piece, in its own window, that are of boxes and rings which have grown together, of the arrows
    between them and of what else hangs on them outside; None where writing stands in none of its holes.
    """
    thickness = stroke_width(pixels_of(labels, stats, number))
    if ROOMY * thickness >= min(stats[number, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]):
        return None
    margin = int(np.ceil(GAPPED * thickness)) + 1
    seen = np.pad(labels[window_of(stats[number])], margin)
    own, inner = seen == number, (slice(margin, -margin),) * 2
    closed = cv2.dilate(own.astype(np.uint8), np.ones((2 * margin - 1,) * 2, np.uint8))  # a hand leaves gaps at corners
    _, parts, found, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    measured, outside = np.asarray(found, np.int32), int(parts[0, 0])
    roomy = measured[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].min(axis=1) > ROOMY * thickness
    roomy[[0, outside]] = False
    if not 0 < np.count_nonzero(roomy) <= CELLS:
        return None
    holes = [(window_of(measured[hole]), hole) for hole in np.flatnonzero(roomy).tolist()]
    letters = [_written_in(np.where(parts[place] == hole, seen[place], 0), stats) for place, hole in holes]
    if max(letters) < RINGED and np.count_nonzero(letters) < RINGED:
        return None
    hanging = np.zeros(parts.shape, bool)
    for place, hole in holes:
        outline, _ = outlined((parts[place] == hole).astype(np.uint8))
        hull = cv2.fillConvexPoly(np.zeros(parts[place].shape, np.uint8), cv2.convexHull(outline), 1)
        depth = cv2.distanceTransform(np.pad(hull, 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
        count, within = cv2.connectedComponents((own[place] & (depth > 1)).astype(np.uint8), connectivity=8)
        deepest = largest_on(np.asarray(depth, np.float32), np.asarray(within, np.int32), count - 1)
        is_letter = deepest > min(HANGING * depth.max(), ROOMY * thickness)
        hanging[place] |= np.concatenate([[False], is_letter])[within]
    drawn: Mask = (own & ~hanging)[inner]
    return drawn


def _written_in(hole: npt.NDArray[np.int32], stats: npt.NDArray[np.int32]) -> int:
    """How many pieces that are no dots stand in a hole, of their numbers (h, w); 0 where together they are too narrow
    for a word that was written into it.
    """
    height, width = hole.shape
    within = np.unique(hole[hole > 0])
    within = within[stats[within, cv2.CC_STAT_HEIGHT] >= LETTERED * height]
    if not within.size:
        return 0
    left = stats[within, cv2.CC_STAT_LEFT]
    spread = (left + stats[within, cv2.CC_STAT_WIDTH]).max() - left.min()
    return len(within) if spread >= WORDED * width else 0


def joining(
    labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], boxes: list[int], pieces: npt.NDArray[np.intp]
) -> Iterator[int]:
    """The lines and arrows from one box to another: long thin pieces that come near to two boxes."""
    left, top, width, height, area = stats.T
    right, bottom = left + width, top + height
    longer, others = np.maximum(width, height), np.setdiff1d(pieces, boxes)
    if not others.size:
        return
    size = usual(stats[others][:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]])
    for number in others.tolist():
        if longer[number] < CONNECTOR * size:
            continue
        across = np.maximum(left[boxes] - right[number], left[number] - right[boxes]) <= NEAR * size
        down = np.maximum(top[boxes] - bottom[number], top[number] - bottom[boxes]) <= NEAR * size
        below = across & (np.abs(top[boxes] - bottom[number]) <= NEAR * size)
        above = across & (np.abs(top[number] - bottom[boxes]) <= NEAR * size)
        before = down & (np.abs(left[number] - right[boxes]) <= NEAR * size)
        behind = down & (np.abs(left[boxes] - right[number]) <= NEAR * size)
        far = longer[number] >= FAR * size
        stands = (far or height[number] > width[number]) and above.any() and below.any()
        lies = (far or width[number] > height[number]) and before.any() and behind.any()
        if not stands and not lies:
            continue
        own = pixels_of(labels, stats, number)
        if area[number] <= LINE_LIKE * stroke_width(own) * longer[number]:
            yield number
