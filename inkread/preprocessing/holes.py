"""Ink -> the same ink without the holes that a sheet was punched with. Knows pieces of ink, not letters.

A hole lets the dark behind the sheet show: a disc, some with a light rim and a dark line around it, or only that line.
It is round, as large as a letter or larger, and stands by itself in the margin. No dot is so large, no letter that the
pen has filled so far off, and no O so round that another one, just as large, is in line with it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.bands import SPECK
from inkread.preprocessing.binarise import Ink, Mask
from inkread.preprocessing.labelled import Labelled, boxes_of, erased, labelled, outlined
from inkread.preprocessing.pieces import usual

Boxes = npt.NDArray[np.int64]

ROUND: Final = 0.9  # of the smallest circle around it, what a hole takes, all that lies within it included
ASPECT: Final = 1.2  # of its longer side to its shorter one, at most
SOLID: Final = 0.9  # of a disc, what is ink
DISC: Final = 0.8  # letters' heights that a disc is wide; a dot is smaller
LEAST: Final = 12  # pixels; letters so small are filled by the pen
RING: Final = 1.5  # letters' heights that a ring is wide; an O is hardly so
KERNEL: Final = 0.5  # of a ring's width, that of a disc within it; the a of an @ is no disc
ALIKE: Final = 0.1  # of its width; rings that differ by less in width and in their column (or row) are a pair
PAIR: Final = 2.0  # widths from one ring of a pair to the other
APART: Final = 1.0  # letters' heights from a hole to any writing; a space is narrower
BESIDES: Final = 3  # other pieces; of fewer none is a hole


def without_holes(ink: Ink, pieces: Labelled | None = None) -> Ink:
    """The ink float32 (H, W) without punched holes; the same array where there are none.

    ``pieces`` are those of ``labelled(ink)``, where they are known already.
    """
    pieces = pieces or labelled(ink)
    mask, labels, boxes = pieces.mask, pieces.labels, boxes_of(pieces.stats)
    sides = boxes[:, 2:] - boxes[:, :2]
    large = np.flatnonzero((sides > SPECK).all(axis=1))[1:]  # the first is the paper
    if len(large) <= BESIDES:
        return ink
    shorter, longer = sides.min(axis=1), sides.max(axis=1)
    least = max(LEAST, DISC * _usual_height(sides[large]))
    likely = large[(shorter[large] >= least) & (ASPECT * shorter[large] >= longer[large])]
    found = {number: full for number in likely.tolist() if (full := _is_full(mask, labels, boxes, number)) is not None}
    within = {number: _within(boxes, number) for number in found}
    writing = np.setdiff1d(large, np.concatenate([[0], *within.values()]))
    if not found or len(writing) < BESIDES:
        return ink
    size = _usual_height(sides[writing])
    aside = [number for number in found if _is_aside(boxes[number], boxes[writing], APART * size)]
    rings = [boxes[number] for number in aside if not found[number] and shorter[number] >= RING * size]
    holes = [
        number
        for number in aside
        if (shorter[number] >= DISC * size if found[number] else any(_are_pair(boxes[number], ring) for ring in rings))
    ]
    if not holes:
        return ink
    gone = np.isin(labels, np.concatenate([within[number] for number in holes]))
    return erased(ink, gone, mask)


def _is_full(mask: Mask, labels: npt.NDArray[np.int32], boxes: Boxes, number: int) -> bool | None:
    """Whether a round piece is a disc, or has one within; None where it is not round."""
    left, top, right, bottom = boxes[number].tolist()
    own = (labels[top:bottom, left:right] == number).astype(np.uint8)
    outline, whole = outlined(own)
    circle = np.pi * (cv2.minEnclosingCircle(outline)[1] + 0.5) ** 2
    area = int(whole.sum())
    if area < ROUND * circle:
        return None
    if own.sum() >= SOLID * area:
        return True
    others = (mask[top:bottom, left:right] & (own == 0) & (whole > 0)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(others, connectivity=8)
    kernels = stats[1:][stats[1:, cv2.CC_STAT_WIDTH] >= KERNEL * (right - left)]
    solid = kernels[:, cv2.CC_STAT_AREA] >= SOLID * np.pi / 4 * kernels[:, 2] * kernels[:, 3]
    return bool(solid.any())


def _usual_height(sides: Boxes) -> float:
    """How tall letters are by the sides of pieces (N, 2): letters that touch are as tall as one, and wider."""
    return usual(sides[:, [1, 1]])


def _within(boxes: Boxes, number: int) -> Boxes:
    """The numbers of the pieces within the box of one, its own among them."""
    left, top, right, bottom = boxes.T
    own = boxes[number]
    return np.flatnonzero((left >= own[0]) & (top >= own[1]) & (right <= own[2]) & (bottom <= own[3]))


def _is_aside(box: Boxes, writing: Boxes, apart: float) -> bool:
    """Whether a box keeps off all writing (N, 4), and has none between itself and an edge of the picture."""
    left, top, right, bottom = writing.T
    beside, above = (top < box[3]) & (bottom > box[1]), (left < box[2]) & (right > box[0])
    across = np.maximum(left - box[2], box[0] - right)
    down = np.maximum(top - box[3], box[1] - bottom)
    if (np.maximum(across, down) < apart).any():
        return False
    free = (left[beside] > box[0], right[beside] < box[2], top[above] > box[1], bottom[above] < box[3])
    return any(bool(side.all()) for side in free)


def _are_pair(box: Boxes, other: Boxes) -> bool:
    """Whether two boxes are of one width, and one is far right above the other or beside it."""
    width = int(box[2] - box[0])
    off = np.abs(box[:2] - other[:2])
    alike = abs(width - int(other[2] - other[0])) <= ALIKE * width
    return bool(alike and off.min() <= 2 * ALIKE * width and off.max() >= PAIR * width)
