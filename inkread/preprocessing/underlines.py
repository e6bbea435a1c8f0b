"""Pieces of ink -> the same pieces without lines drawn under words, each letter that hangs on one a piece again.

Knows lines, not letters. A line under a word is straight and thin, and much longer than the letters on it are tall; as
much of it as no stroke crosses is taken away. Lines across a page are left to `rules`, long thin strokes of any other
kind (a fold, the edge of a shadow) to `layout`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.pieces import RIM, TOUCH, WIDE, Piece, find_pieces, usual_size
from inkread.results import Box

Bits = npt.NDArray[np.bool_]
Columns = npt.NDArray[np.int64]

SLOPES = np.linspace(-0.08, 0.08, 9)  # pixels down by one to the right (4.6 degrees); a steeper line is left alone
FINE = np.linspace(-0.015, 0.015, 7)  # around the best of these
STRAY = 0.5  # strokes; so far a line's lower edge is from a straight one: round letters side by side go further
ALONG = 3.0  # strokes; a line has ink side by side for at least so long in most of its columns
WAVE = 1.0  # strokes that a wavy line strays, if ...
MOSTLY = 0.5  # ... it has so much of its piece's ink: letters have more
SEEN = 0.6  # of its columns, in which a line's lower edge is free: no descender crosses it there
NEARLY = 0.8  # of the most columns, in which another line's lower edge may be seen
UNBROKEN = 0.95  # of its columns, in which there is a line or a stroke that crosses it
THIN = 1 / 12  # of its length, what a line's thickness is at most
UNTOUCHED = 30  # percent of a line's columns; in so many or more no letter stands on it
AROUND = 3  # columns to either side, of which a line's lower edge is the median
LONG, LONG_ALONE = 2.5, 3.0  # usual sizes of what hangs on it, that a line is long; where nothing does, of a character
ABOVE = 0.65  # of the ink that hangs on a line; in the middle of letters it is their bar
LETTER = 0.4  # of the usual size; what hangs on a line and is as tall is a letter
MOST = 3  # lines under a word
REST = 0.15  # of the usual size; smaller rests are the line's own
TALLEST = 2.5  # usual sizes; a rest that is taller is the side of a frame, or an edge of the paper, and no letter


def without_underlines(pieces: list[Piece], size: float, stroke: float, level: float) -> list[Piece]:
    """The pieces, left to right, without the lines under words; the very same list where there are none.

    Args:
        pieces: from ``find_pieces``.
        size, stroke: the usual size of a character and the usual width of a stroke, in pixels.
        level: of ink, that parts strokes from paper.
    """
    parts = [_without_lines(piece, size, stroke, level, MOST) for piece in pieces]
    if all(len(part) == 1 and part[0] is piece for part, piece in zip(parts, pieces, strict=True)):
        return pieces
    return sorted((piece for part in parts for piece in part), key=lambda piece: (piece.box.left, piece.box.top))


def _without_lines(piece: Piece, size: float, stroke: float, level: float, most: int) -> list[Piece]:
    """What is left of a piece without its lines, at most so many, one after the other (two under a word may touch)."""
    if not most or piece.box.width < max(WIDE * piece.box.height, WIDE * size, stroke / THIN):
        return [piece]
    line = _straight_or_wavy(piece, stroke, level)
    if line is None:
        return [piece]
    ink = np.where(line, 0, piece.ink).astype(np.float32)
    if _share_above(ink, line) < ABOVE:
        return [piece]
    found, _ = find_pieces(ink, level, stroke)
    rest = [_moved(part, piece) for part in found if max(part.box.width, part.box.height) >= REST * size]
    if any(part.box.height > TALLEST * size for part in rest):
        return [piece]
    letters = [part for part in rest if part.box.height >= LETTER * size]
    if piece.box.width < (LONG * usual_size(letters) if letters else LONG_ALONE * size):
        return [piece]
    return [part for whole in rest for part in _without_lines(whole, size, stroke, level, most - 1)]


def _straight_or_wavy(piece: Piece, stroke: float, level: float) -> Bits | None:
    """The pixels of a straight line along all of a piece, or of a wavy one that is most of it; None without either."""
    straight = _line(piece, STRAY * stroke, level) if _runs_along(piece, ALONG * stroke) else None
    if straight is not None:
        return straight
    wavy = _line(piece, WAVE * stroke, level)
    return wavy if wavy is not None and piece.ink[wavy].sum() >= MOSTLY * piece.ink.sum() else None


def _runs_along(piece: Piece, length: float) -> bool:
    """Whether most columns of a piece have ink in a level run of this length: few letters do."""
    mask = (piece.ink > TOUCH).astype(np.uint8)
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, round(length) + 1), np.uint8))
    return bool(np.count_nonzero(runs.any(axis=0)) >= SEEN * piece.box.width)


def _share_above(ink: npt.NDArray[np.float32], line: Bits) -> float:
    """How much of the ink beside a line is above it; 1 where there is none."""
    columns = np.flatnonzero(line.any(axis=0))
    rows = np.interp(np.arange(line.shape[1]), columns, line.argmax(axis=0)[columns])
    above = float(ink[np.arange(len(ink))[:, None] < rows].sum())
    return above / total if (total := float(ink.sum())) else 1.0


def _moved(part: Piece, whole: Piece) -> Piece:
    """A part that was found in the ink of a piece, where it is on the page."""
    left, top = whole.box.left - RIM, whole.box.top - RIM
    box = Box(part.box.left + left, part.box.top + top, part.box.right + left, part.box.bottom + top)
    return Piece(box, part.ink, part.area)


def _line(piece: Piece, stray: float, level: float) -> Bits | None:
    """The pixels of a line along all of a piece, with its soft edge, in the piece's ink; None without one.

    ``stray``: pixels that its lower edge is from a straight one.
    """
    mask = piece.ink > min(TOUCH, level)
    edges = mask & ~np.pad(mask[1:], ((0, 1), (0, 0)))  # the last row of each run of a column
    path = _path(edges, stray)
    if path is None:
        return None
    height, width = mask.shape
    reach = round(stray)
    near = path + np.arange(-reach, reach + 1)[:, None]  # (R, W)
    inside = (near >= 0) & (near < height)
    window = near.clip(0, height - 1), np.arange(width)
    on_edge, inked = edges[window] & inside, mask[window] & inside
    seen, columns = on_edge.any(axis=0), mask.any(axis=0)
    across = int(np.count_nonzero(columns))
    if seen.sum() < SEEN * across or inked.any(axis=0).sum() < UNBROKEN * across:
        return None
    foot = np.where(seen, path + reach - on_edge[::-1].argmax(axis=0), -1)  # the lowest edge near the path
    usual = float(np.percentile(_runs(mask, foot)[seen], UNTOUCHED))
    if usual > THIN * across:
        return None
    return _drawn(mask, _smooth(foot, seen), usual)


def _smooth(foot: Columns, seen: Bits) -> Columns:
    """The lower edge of a line in every column (W,): the median of those seen around it."""
    places = np.flatnonzero(seen)
    levels = np.interp(np.arange(len(foot)), places, foot[places])
    around = np.lib.stride_tricks.sliding_window_view(np.pad(levels, AROUND, mode="edge"), 2 * AROUND + 1)
    return np.rint(np.median(around, axis=1)).astype(np.int64)


def _drawn(mask: Bits, foot: Columns, thickness: float) -> Bits:
    """The pixels of a line and its soft edge, but where a stroke goes on below it; the edge of a letter stays."""
    rows = np.arange(len(mask))[:, None]
    top = foot - round(thickness)
    below = (mask & (rows > foot + 1) & (rows <= foot + 1 + RIM)).any(axis=0)
    crossed = below & (np.roll(below, 1) | np.roll(below, -1))  # one column alone is the line's own rough edge
    line = ~crossed & (rows > top) & (rows <= foot + 1)
    soft = ~crossed & (rows > top - RIM) & (rows <= foot + RIM + 1)
    drawn: Bits = line | (soft & ~mask)
    return drawn


def _path(edges: Bits, stray: float) -> Columns | None:
    """The rows of the straight line (W,) that most lower edges are near; None where too few are near any."""
    rows, columns = np.nonzero(edges)
    height, width = edges.shape
    if not rows.size:
        return None
    room = int((SLOPES[-1] + FINE[-1]) * width) + 1
    window = np.ones(2 * round(stray / 2) + 1)
    wide = np.ones(2 * round((stray + width * float(SLOPES[1] - SLOPES[0])) / 2) + 1)

    def shown(slope: float, window: npt.NDArray[np.float64] = window) -> npt.NDArray[np.float64]:
        level = rows + room - np.rint(slope * columns).astype(np.int64)
        return np.convolve(np.bincount(level, minlength=height + 2 * room), window, "same")

    most = [float(shown(slope, wide).max()) for slope in SLOPES]
    if max(most) < SEEN * np.count_nonzero(np.bincount(columns)):
        return None
    fine = SLOPES[int(np.argmax(most))] + FINE
    slope, counts = max(((slope, shown(slope)) for slope in fine), key=lambda found: float(found[1].max()))
    lowest = int(np.flatnonzero(counts >= NEARLY * counts.max())[-1])  # of two lines under a word, the lower one
    start = max(0, lowest - len(window))
    row = start + int(counts[start : lowest + 1].argmax()) - room
    path: Columns = np.rint(row + slope * np.arange(width)).astype(np.int64)
    return path


def _runs(mask: Bits, foot: Columns) -> Columns:
    """How many pixels of ink follow each other upwards in each column from its foot on, (W,); 0 where it has none."""
    rows = np.arange(len(mask))[:, None]
    paper = np.where(~mask & (rows < foot), rows, -1).max(axis=0)
    runs: Columns = np.where(foot >= 0, foot - paper, 0)
    return runs
