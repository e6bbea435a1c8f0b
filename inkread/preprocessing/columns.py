"""Pieces of ink -> the gutter between two columns of text, and whether it is rather a table's. Knows boxes, not ink.

Columns of prose are read one after the other, tables row by row. Two lists of single words side by side are taken for a
table: nothing in the ink tells them apart.
"""

from __future__ import annotations

import numpy as np

from inkread.preprocessing.pieces import TALL, Piece, median_row, middle
from inkread.results import Box

GUTTER = 3.0  # usual sizes, the width between two columns; spaces between words are narrower, or not above each other
COLUMN_LINES = 3  # lines that each of two columns has
FEWEST, BETWEEN = 2, 0.6  # the same where all lines of one stand between the other's rows, sizes from these
VERSE = 1.7  # sizes; lines on different sides that are further from each other follow each other
UNEVEN = 0.15  # rows; how far the rows on one side of a table are from every, or every second, one of the other's
COLUMN_WIDTH = 4.0  # usual sizes, the width of a column
CELL, LONGEST = 6.0, 80  # usual sizes, and percent: so many cells of a table's narrower side are no wider
LEVEL, ALIGNED = 0.35, 0.5  # usual sizes, and share: so many cells of a table are on one row with one of the other side


def find_gutter(boxes: list[Box], size: float) -> Box | None:
    """The empty rectangle between two columns, if there may be one: wide, high, text on both sides."""
    sides = np.array(boxes, dtype=np.float64)
    left, top, right, bottom = sides.T
    step = size / 2
    places = np.arange(left.min() + COLUMN_WIDTH * size, right.max() - COLUMN_WIDTH * size, step)
    best, height = None, 2 * COLUMN_LINES * TALL * size
    for place in places.tolist():
        over = (left < place + GUTTER * size) & (right > place)
        edges = np.concatenate([[top.min()], np.sort(bottom[over]), [bottom.max()]])
        starts = np.maximum.accumulate(edges[:-1])
        ends = np.concatenate([np.sort(top[over]), [bottom.max()]])
        free = ends - starts
        widest = int(np.argmax(free))
        if free[widest] > height:
            height = float(free[widest])
            best = Box(int(place), int(starts[widest]), int(place + GUTTER * size), int(ends[widest]))
    return best


def place(box: Box, gutter: Box) -> int:
    """Where a piece stands: above a gutter 0, left of it 1, right of it 2, below it 3."""
    row = middle(box)
    if row < gutter.top:
        return 0
    if row > gutter.bottom:
        return 3
    return 1 if box.left + box.right < gutter.left + gutter.right else 2


def are_columns(sides: list[list[list[Piece]]], size: float) -> bool:
    """Whether the lines on both sides of a gutter are read one side after the other.

    Cells of a table, short on one side and on rows with the other's, are not, nor is a verse whose every second line
    stands on the right: no two of its lines are nearer to each other than lines of one column are.
    """
    few, many = sorted((np.array([median_row(line) for line in side]) for side in sides), key=len)
    off = np.abs(few[:, None] - many).min(axis=1)
    if np.median(off) > VERSE * size:
        return False
    if len(few) < COLUMN_LINES:
        return len(few) >= FEWEST and bool((off > BETWEEN * size).all())
    aligned = (off < LEVEL * size).mean()
    pitch, finer = (float(np.median(np.diff(rows))) for rows in (few, many))
    rows = pitch / finer if finer else 1.0  # of the longer side for one of the shorter
    if aligned < 1 and abs(rows - max(1, round(rows))) > UNEVEN:
        return True
    widths = [np.percentile([width for line in side for width in _cell_widths(line, size)], LONGEST) for side in sides]
    return bool(aligned < ALIGNED or min(widths) > CELL * size)


def _cell_widths(line: list[Piece], size: float) -> list[int]:
    """How wide the parts of a line are that gutters part."""
    boxes = sorted(piece.box for piece in line)
    edges = np.maximum.accumulate([box.right for box in boxes]).tolist()
    starts = [0, *(number for number in range(1, len(boxes)) if boxes[number].left - edges[number - 1] > GUTTER * size)]
    ends = [*(number - 1 for number in starts[1:]), len(boxes) - 1]
    return [edges[end] - boxes[start].left for start, end in zip(starts, ends, strict=True)]
