"""Pieces and the ridges of lines -> which line each piece stands on, and where those that stand on two are cut.

Source: cuts of least ink, Saabni, Asi and El-Sana, "Text line extraction for historical document images" (2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.preprocessing.pieces import RIM, TOUCH, Piece, find_piece, owned
from inkread.preprocessing.ridges import Ridge
from inkread.results import Box, around

Rows = npt.NDArray[np.float64]
Cut: TypeAlias = "tuple[Piece, npt.NDArray[np.bool_], float]"
FAR = 2.0  # usual sizes; what is further from the nearest ridge is of a line that has none
CORE = 0.3  # of the usual size; what is as near to a ridge is a line's body
SPANNED = 0.2  # of the usual size; a piece of two lines reaches so far beyond both their ridges
BODY = 0.12  # of the piece's ink, or of a square of the usual size, in the body of each of two lines: it is of both
LARGE_CUT = 0.2  # of the width; a cut through so much ink goes through large letters, not between lines
LONELY = 0.3  # of the ink of pieces on both ridges; two lines have more on each ridge alone
LETTER_ASPECT = 2.0  # width by height, of up to two letters that touch; wider pieces are words
LETTERS, MOSTLY = 2, 0.8  # pieces, and of all that are cut, so many letters are a line of large ones
NONE_ALONE = 0.1  # LONELY where cuts are cheap
LONE_PIECES, LONE_ASPECT = 4, 1.8  # pieces, and width by height, of what may be a lone glyph
STRAYING = 0.05  # pixels of ink that a cut may cross rather than run along a ridge: of equal cuts, the middle one
CUT_SIDE = 160  # pixels of the longer side that a cut is looked for on
CLIMB = 2  # rows that a cut climbs or falls from one column to the next


def nearest(pieces: Sequence[Piece], ridges: list[Ridge], size: float) -> npt.NDArray[np.intp]:
    """The number of the ridge that each piece stands on, (N,); -1 for what is far from all."""
    boxes = np.array([piece.box for piece in pieces], dtype=np.float64)
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    centres = np.array([_weighted_middle(piece) for piece in pieces])
    distances, rows = np.empty((2, len(ridges), len(pieces)))
    for number, ridge in enumerate(ridges):
        beyond = np.maximum(0, np.maximum(ridge.columns[0] - middles, middles - ridge.columns[-1]) - 2 * size)
        rows[number] = np.abs(ridge.at(middles) - centres)
        distances[number] = rows[number] + 0.2 * beyond
    numbers = np.asarray(distances.argmin(axis=0))
    return np.where(rows[numbers, np.arange(len(pieces))] <= FAR * size, numbers, -1)


def _weighted_middle(piece: Piece) -> float:
    """The row of a piece's centre of mass."""
    rows = piece.ink.sum(axis=1)
    return float(rows @ np.arange(len(rows)) / max(float(rows.sum()), 1e-6)) + piece.box.top - RIM + 0.5


def spanning(pieces: list[Piece], upper: Ridge, lower: Ridge, size: float) -> list[Piece]:
    """The pieces that stand on two lines: they have a body on both, and go on beyond."""
    left, top, right, bottom = np.array([piece.box for piece in pieces], dtype=np.float64).reshape(-1, 4).T
    middle, reach = (left + right) / 2, SPANNED * size
    tall = (top <= upper.at(middle) - reach) & (bottom >= lower.at(middle) + reach)
    return [
        pieces[number] for number in np.flatnonzero(tall).tolist() if _has_both(pieces[number], (upper, lower), size)
    ]


def _has_both(piece: Piece, ridges: tuple[Ridge, Ridge], size: float) -> bool:
    """Whether a piece has much ink near each of two ridges."""
    box = piece.box
    rows = np.arange(box.top - RIM, box.bottom + RIM)[:, None] + 0.5
    columns = np.arange(box.left - RIM, box.right + RIM) + 0.5
    least = BODY * min(float(piece.ink.sum()), size * size)
    return all(float(piece.ink[np.abs(rows - ridge.at(columns)) < CORE * size].sum()) > least for ridge in ridges)


def are_one(cuts: list[Cut], pieces: list[Piece], upper: Ridge, lower: Ridge, size: float) -> bool:
    """Whether two ridges are of one line of large letters: hardly a piece on one alone, and cuts go through strokes.

    Where several are no wider than letters and none stands on one alone, their strokes may be thin. A lone glyph has
    ridges where its strokes run level, too, and is never cut.
    """
    if not cuts:
        return False
    region = around([piece.box for piece in pieces])
    if len(pieces) <= LONE_PIECES and region.width < LONE_ASPECT * region.height:
        return True
    through = sum(cost for _, _, cost in cuts) >= LARGE_CUT * sum(piece.box.width for piece, _, _ in cuts)
    letters = sum(piece.box.width < LETTER_ASPECT * piece.box.height for piece, _, _ in cuts)
    if not through and letters < max(LETTERS, MOSTLY * len(cuts)):
        return False
    both = {id(piece) for piece, _, _ in cuts}
    alone = [0, 0]
    for piece in pieces:
        middle, row = (piece.box.left + piece.box.right) / 2, _weighted_middle(piece)
        off = [abs(float(ridge.at(middle)) - row) for ridge in (upper, lower)]
        if id(piece) not in both and min(off) < CORE * size:
            alone[int(np.argmin(off))] += piece.area
    return min(alone) < (LONELY if through else NONE_ALONE) * sum(piece.area for piece, _, _ in cuts)


def cut(piece: Piece, upper: Ridge, lower: Ridge) -> tuple[npt.NDArray[np.bool_], float]:
    """What of a piece lies below the cut of least ink between two ridges, bool (H, W); the pixels of ink it crosses.

    The cheapest path from left to right by dynamic programming, on ink reduced so far that it is quick.
    """
    height, width = piece.ink.shape
    scale = max(1, round(max(height, width) / CUT_SIDE))
    small = (max(1, width // scale), max(1, height // scale))
    ink = cv2.resize(piece.ink, small, interpolation=cv2.INTER_AREA).reshape(small[::-1]).astype(np.float64)
    columns: Rows = (np.arange(small[0]) + 0.5) * (width / small[0]) + piece.box.left - RIM
    rows = ((np.arange(small[1]) + 0.5) * (height / small[1]) + piece.box.top - RIM)[:, None]
    top, bottom = upper.at(columns), lower.at(columns)
    off = np.abs(rows - (top + bottom) / 2) / np.maximum((bottom - top) / 2, 1)
    cost = ink + STRAYING * off**2 + np.where(off > 1, 1e3, 0)
    steps = np.arange(-CLIMB, CLIMB + 1)
    total = cost[:, 0]
    came = np.zeros(ink.shape, np.int64)
    for column in range(1, small[0]):
        padded = np.pad(total, CLIMB, constant_values=1e9)
        choices = np.stack([padded[CLIMB + step : CLIMB + step + len(total)] for step in steps])
        best = choices.argmin(axis=0)
        came[:, column] = best - CLIMB
        total = choices[best, np.arange(len(total))] + cost[:, column]
    path = np.empty(small[0], np.int64)
    path[-1] = int(total.argmin())
    for column in range(small[0] - 1, 0, -1):
        path[column - 1] = path[column] + came[path[column], column]
    through = float(ink[path, np.arange(small[0])].sum()) * scale
    edge = np.interp(np.arange(width), (np.arange(small[0]) + 0.5) * (width / small[0]) - 0.5, path + 0.5)
    return np.arange(height)[:, None] + 0.5 > edge * (height / small[1]), through


def part(piece: Piece, kept: npt.NDArray[np.bool_]) -> list[Piece]:
    """The connected pieces of what is kept (bool, as the piece's ink) of a piece."""
    ink = np.where(kept, piece.ink, 0)
    level = binarise.threshold(piece.ink)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > min(TOUCH, level)).astype(np.uint8), connectivity=8)
    padded, owners = owned(ink, labels)
    found = [find_piece(number, stats[number], padded, owners, level) for number in range(1, len(stats))]
    left, top = piece.box.left - RIM, piece.box.top - RIM
    return [
        replace(part, box=Box(part.box.left + left, part.box.top + top, part.box.right + left, part.box.bottom + top))
        for part in found
        if max(part.box.width, part.box.height) > 2
    ]
