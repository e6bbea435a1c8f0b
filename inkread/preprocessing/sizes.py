"""Pieces of a page -> which of them are far larger or far smaller writing than the rest. Knows ink, not lines.

A page has one usual size; a bold heading and the small print below it have their own, and are laid out on their own.
"""

from __future__ import annotations

import itertools

import numpy as np

from inkread.preprocessing import binarise
from inkread.preprocessing.pieces import LETTER_STROKES, ROW, TALL, TOUCH, Piece, middle, usual_size
from inkread.results import Box

FLAT = 0.3  # of the usual size; the height of a flat letter (a hasty m), more than a bar's
LETTER_WIDTH = 0.8  # of their usual size; a wider piece is of several that touch
ROW_GAP = 2.0  # of their usual size; letters of a row, and most words, are nearer to each other
HAIRS = 1.5  # of an even stroke's ink as long as the letter; letters have more, on average, and hairs about 1
BESIDE = 2.0  # usual sizes; small letters so near to large ones, and as high, are on the same line
HUGE = 3.0  # usual sizes; taller pieces are a heading's, ...
LETTER_CROSSED = 3.0  # ... if no more strokes stand above one another; else lines have grown together
FEW = 2  # letters of the usual size beside a heading; more are lines beside a bracket or a large initial


def headings(pieces: list[Piece], size: float) -> list[list[Piece]]:
    """The pieces of each heading far larger than the rest of the page, what stands on its rows with it."""
    huge = sorted((piece for piece in pieces if _is_huge(piece, size)), key=lambda piece: piece.box.top)
    found: list[list[Piece]] = []
    while huge:
        top, bottom = huge[0].box.top, huge[0].box.bottom
        while taller := [piece.box.bottom for piece in huge if piece.box.top < bottom < piece.box.bottom]:
            bottom = max(taller)
        huge = [piece for piece in huge if piece.box.top >= bottom]
        own = [piece for piece in pieces if top <= middle(piece.box) < bottom]
        usual = [piece for piece in own if carries(piece.box, size) and piece.box.height < HUGE / 2 * size]
        if _letters(usual, size) <= FEW:
            found.append(own)
    taken = {id(piece) for heading in found for piece in heading}
    return found if any(carries(piece.box, size) for piece in pieces if id(piece) not in taken) else []


def _is_huge(piece: Piece, size: float) -> bool:
    """Whether a piece is far taller than the page's letters, and no lines that have grown together."""
    return piece.box.height > HUGE * size and crossed(piece, TOUCH)[1] < LETTER_CROSSED


def _letters(pieces: list[Piece], size: float) -> float:
    """How many letters there are in pieces of this usual size, some of which are of several that touch."""
    return sum(max(1.0, piece.box.width / (LETTER_WIDTH * size)) for piece in pieces)


def carries(box: Box, size: float) -> bool:
    """Whether a piece is large enough to carry a line: tall, or long and not as flat as the bar of a T."""
    return box.height >= TALL * size or (box.width >= TALL * size and box.height >= FLAT * size)


def are_beside(pieces: list[Piece], large: list[Box], size: float) -> list[bool]:
    """Whether each piece stands beside large ones, on their line, not above or below it."""
    left, top, right, bottom = np.array(large, dtype=np.float64).T
    return [
        bool(
            (
                (top <= middle(box))
                & (middle(box) <= bottom)
                & (np.maximum(left - box.right, box.left - right) < BESIDE * size)
            ).any()
        )
        for box in (piece.box for piece in pieces)
    ]


def is_letter(piece: Piece, least: float) -> bool:
    """Whether a piece has at least this size, and is larger than its stroke is wide: no dot, no dust."""
    size = max(piece.box.width, piece.box.height)
    return size >= least and size >= LETTER_STROKES * binarise.stroke_width(piece.ink > TOUCH)


def is_row(line: list[Piece]) -> bool:
    """Whether several pieces stand in a row, near each other, with more strokes than hairs have."""
    size = usual_size(line)
    letters = sorted((piece for piece in line if carries(piece.box, size)), key=lambda piece: piece.box)
    near = [after for piece, after in itertools.pairwise(letters) if after.box.left - piece.box.right < ROW_GAP * size]
    strokes = [binarise.stroke_width(piece.ink > TOUCH) * max(piece.box.width, piece.box.height) for piece in letters]
    many = _letters([*letters[:1], *near], size)
    return bool(near) and many >= ROW and sum(piece.area for piece in letters) >= HAIRS * sum(strokes)


def holds(box: Box, others: list[Box]) -> bool:
    """Whether one of the others, which may be parts of the box's own piece, lies within the box."""
    return any(
        box.left <= other.left and box.top <= other.top and other.right <= box.right and other.bottom <= box.bottom
        for other in others
    )


def crossed(piece: Piece, level: float) -> tuple[float, float]:
    """How many strokes the rows and the columns of a piece cross, the mean of those that cross any; 0 without ink."""
    mask = np.pad(piece.ink > min(TOUCH, level), 1)
    starts = ((inked[1:] > inked[:-1]).sum(axis=0) for inked in (mask.T, mask))
    across, down = (int(some.sum()) / max(1, int(np.count_nonzero(some))) for some in starts)
    return across, down
