"""Pieces of ink -> the same pieces without words that somebody struck out. Knows lines, not letters.

A word with a straight line through its middle is one piece: the line runs from one end of it to the other without a
gap, sticks out, and crosses stroke after stroke. The bars of letters that touch (EFE, tt) cross few and end at strokes.
Scribbles over a word are left alone: a hasty word looks the same.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from inkread.preprocessing.pieces import TOUCH, Piece

Bits = npt.NDArray[np.bool_]

SLOPES: Final = np.linspace(-0.15, 0.15, 61)  # pixels down by one to the right (9 degrees)
FEW_PIXELS: Final = 18.0  # of a character; blurred ones of fewer, that are bold, run together as if a line joined them
BOLD: Final = 5.5  # strokes, a character that is bold
LONG: Final = 2.5  # usual sizes of a character, the least width of a word that was struck out
TALLEST: Final = 2.6  # usual sizes; what is taller is of two lines, or a drawing
THROUGH: Final = 0.97  # of the word's width, what of it is ink on a line through it; touching letters leave gaps
NEARLY: Final = 0.85  # of the width, the same of the line's other rows: where the pen wavers
THICK: Final = 2.5  # strokes, the thickness of all lines through a word
APART: Final = 0.6  # usual sizes from the upper to the lower one of two lines
ASIDE: Final = 0.12  # usual sizes from the line, where strokes that cross it are counted
CROSSED: Final = 3  # of these above the line and below it, at least,
MOST_CROSSED: Final = 5  # and on one of the sides; the bars of touching letters cross fewer
MIDDLE: Final = 0.2  # of the other ink, what lies above the line at least, and below it
ENDS: Final = 0.6  # usual sizes above and below a line's end, where no stroke is
SOFT: Final = 3  # pixels above and below the rows of a line, which its soft edge may take
OUT: Final = 0.02  # usual sizes that the line sticks out at either end,
OUTER: Final = 0.1  # and at both together
DOT: Final = 0.5  # usual sizes; smaller pieces above a struck word, or within it, are its dots
OTHERS: Final = 3  # pieces that are not struck out; a picture of a struck word alone is read as it is


def without_struck(pieces: list[Piece], size: float, stroke: float) -> list[Piece]:
    """The pieces without words that are struck out, and without the dots of these; the very same list without any.

    Args:
        pieces: from ``find_pieces``, without underlines.
        size, stroke: the usual size of a character and the usual width of a stroke, in pixels.
    """
    if size < min(FEW_PIXELS, BOLD * stroke):
        return pieces
    struck = [piece for piece in pieces if _is_struck(piece, size, stroke)]
    if not struck or len(pieces) - len(struck) < OTHERS:
        return pieces
    gone = {id(piece) for piece in struck}
    return [
        piece for piece in pieces if id(piece) not in gone and not any(_is_dot(piece, word, size) for word in struck)
    ]


def _is_dot(piece: Piece, word: Piece, size: float) -> bool:
    """Whether a piece is small, and within a word's columns and its rows or a little above these."""
    box, around = piece.box, word.box
    within = around.left <= box.left and box.right <= around.right
    beside = around.top - DOT * size <= box.top and box.bottom <= around.bottom
    return within and beside and max(box.width, box.height) < DOT * size


def _is_struck(piece: Piece, size: float, stroke: float) -> bool:
    """Whether a line runs through a piece that is as wide as several letters."""
    if piece.box.width < LONG * size or piece.box.height > TALLEST * size:
        return False
    mask = piece.ink > TOUCH
    width = int(np.count_nonzero(mask.any(axis=0)))
    level = max((_sheared(mask, slope) for slope in SLOPES), key=_sharpness)
    inked = level.sum(axis=1)  # (H,)
    if inked.max() < THROUGH * width:
        return False
    rows = np.flatnonzero(inked >= NEARLY * width)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    if len(rows) > THICK * max(stroke, 1) or bottom - top > APART * size:
        return False
    return _is_crossed(level, top, bottom, size) and _sticks_out(level, rows, size)


def _sharpness(level: Bits) -> float:
    """How much rows differ (Postl, as in `sheet.skew`): two lines through a word, too, are sharpest when level."""
    return float(np.square(level.sum(axis=1, dtype=np.float64)).sum())


def _sheared(mask: Bits, slope: float) -> Bits:
    """The mask (H, W) with its columns moved so that a line of this slope becomes a row."""
    height, width = mask.shape
    columns = np.arange(width)
    rows = np.arange(height)[:, None] + np.rint(slope * (columns - width / 2)).astype(np.int64)
    found: Bits = mask[rows.clip(0, height - 1), columns] & (rows >= 0) & (rows < height)
    return found


def _is_crossed(level: Bits, top: int, bottom: int, size: float) -> bool:
    """Whether many strokes cross the rows from top to bottom, and neither side has all the other ink."""
    off = max(2, round(ASIDE * size))
    if top < off or bottom + off > len(level):
        return False
    above, below = (
        np.count_nonzero(np.diff(np.pad(row, 1).astype(np.int8)) > 0)
        for row in (level[top - off], level[bottom + off - 1])
    )
    ink = int(level[:top].sum()), int(level[bottom:].sum())
    many = min(above, below) >= CROSSED and max(above, below) >= MOST_CROSSED
    return bool(many and min(ink) >= MIDDLE * sum(ink))


def _sticks_out(level: Bits, rows: npt.NDArray[np.int64], size: float) -> bool:
    """Whether the line in these rows begins before all strokes around it, and ends after them."""
    line = np.flatnonzero(level[rows].any(axis=0))
    reach = round(ENDS * size)
    around = level[max(0, rows[0] - reach) : rows[-1] + 1 + reach].copy()
    near = (rows[:, None] + np.arange(-SOFT, SOFT + 1)).ravel() - max(0, rows[0] - reach)  # its soft edge, too
    around[near.clip(0, len(around) - 1)] = False
    strokes = np.flatnonzero(around.any(axis=0))
    if not len(strokes):
        return False
    left, right = int(strokes[0] - line[0]), int(line[-1] - strokes[-1])
    return min(left, right) >= OUT * size and left + right >= OUTER * size
