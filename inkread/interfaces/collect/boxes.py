"""A form's page laid flat -> the ink in each of its boxes, without the box's lines. Knows ink, not letters.

A sheet is never quite flat, so the printed lines are looked for near where they should be, and how far they are off is
made smooth over the page. Whether a character is what it should be is left to `doubts`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.interfaces.collect.layout import BOX, COLUMNS, ROWS, FormBox
from inkread.interfaces.collect.marks import SCALE, FlatPage
from inkread.preprocessing import binarise

REACH: Final = round(1.4 * SCALE)  # pixels that a line may lie off its place: paper that was folded or curls
DRAWN: Final = 0.08  # of full ink; a printed line has more
ALONG: Final = 0.75  # of a side's length; a line that was found runs along so much of it
INSET: Final = round(0.7 * SCALE)  # pixels from a line to what is cut out
RIM: Final = round(0.5 * SCALE)  # pixels; what never leaves so narrow a rim is a rest of a line
FAINT: Final = 0.15  # of the usual darkness of strokes; less is no ink
FLOOR: Final = 0.12  # of full ink; less is the paper's grain
STROKE: Final = 0.35  # of the usual darkness of strokes; a stroke's core has more
DOT: Final = 0.35 * SCALE  # pixels; the longer side of the smallest dot that a pen makes

Ink = npt.NDArray[np.float32]
Offsets = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cut:
    """What stands in one box.

    Attributes:
        box: which box it is.
        ink: float32 (H, W), 0 on paper, 1 in full strokes: the inside of the box.
        size: the longer side of the largest piece of ink in mm; 0 where the box is empty.
        touching: whether ink reaches the edge of what was cut out.
    """

    box: FormBox
    ink: Ink = field(repr=False)
    size: float
    touching: bool


def cut(flat: FlatPage) -> list[Cut]:
    """The ink of every box of a page, in the order of its boxes; strokes as dark as most are on this page are 1."""
    ink = binarise.ink(flat.grey)
    offsets = _offsets(ink, flat.page.boxes)
    insides = [_inside(ink, box, *offsets[box.row, box.column]) for box in flat.page.boxes]
    inked = np.concatenate([inside[inside > FLOOR] for inside in insides])
    full = float(np.percentile(inked, 90)) if inked.size else 1.0  # pencil is paler than what is printed
    return [_cut(box, inside / np.float32(full)) for box, inside in zip(flat.page.boxes, insides, strict=True)]


def _cut(box: FormBox, inside: Ink) -> Cut:
    """A box's ink without rests of its lines, and what there is to know of it."""
    ink = np.clip(inside, 0, 1, dtype=np.float32)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > FAINT).astype(np.uint8), connectivity=8)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    height, width = ink.shape
    rest = (right <= RIM) | (left >= width - RIM) | (bottom <= RIM) | (top >= height - RIM)
    core = np.array([False, *((ink[labels == number] > STROKE).any() for number in range(1, count))])
    kept = core & ~rest
    sides = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])[kept]
    size = float(sides.max(initial=0))
    touching = kept & ((left == 0) | (top == 0) | (right == width) | (bottom == height))
    near = cv2.dilate(kept[labels].astype(np.uint8), np.ones((3, 3), np.uint8))  # the soft edge of the strokes
    return Cut(box, ink * near, size / SCALE if size >= DOT else 0.0, bool(touching.any()))


def _inside(ink: Ink, box: FormBox, off_x: float, off_y: float) -> Ink:
    """What lies within a box whose lines are so many pixels off."""
    left, top = round(box.left * SCALE + off_x), round(box.top * SCALE + off_y)
    width, height = round(BOX[0] * SCALE), round(BOX[1] * SCALE)
    return ink[top + INSET : top + height - INSET + 1, left + INSET : left + width - INSET + 1]


def _offsets(ink: Ink, boxes: tuple[FormBox, ...]) -> Offsets:
    """How many pixels right and down of its place each box lies, (ROWS, COLUMNS, 2): medians over its neighbours."""
    found = np.full((ROWS + 2, COLUMNS + 2, 4), np.nan)
    drawn = (ink > DRAWN).astype(np.float32)
    turned = np.ascontiguousarray(drawn.T)
    for box in boxes:
        left, top, right, bottom = (round(edge * SCALE) for edge in (box.left, box.top, box.right, box.bottom))
        found[box.row + 1, box.column + 1] = (
            _line(turned, left, top, bottom), _line(turned, right, top, bottom),
            _line(drawn, top, left, right), _line(drawn, bottom, left, right),
        )  # fmt: skip
    around = np.stack(
        [found[y : y + ROWS, x : x + COLUMNS] for y in range(3) for x in range(3)]
    )  # (9, ROWS, COLUMNS, 4)
    both = np.concatenate([around[..., 0::2], around[..., 1::2]])  # (18, ROWS, COLUMNS, 2): of x, and of y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, where no line is seen near a box
        return np.asarray(np.nan_to_num(np.nanmedian(both, axis=0)), np.float64)


def _line(drawn: Ink, place: int, start: int, stop: int) -> float:
    """How many pixels below its ``place`` the line from ``start`` to ``stop`` lies; NaN where none is seen."""
    rows = drawn[place - REACH : place + REACH + 1, start + REACH : stop - REACH]
    share = rows.mean(axis=1)
    best = np.flatnonzero(share >= max(ALONG, 0.9 * float(share.max())))
    return float(np.median(best)) - REACH if best.size else np.nan
