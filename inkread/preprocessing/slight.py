"""Lines of ink as ridges told them apart -> those that somebody wrote. Knows pieces, not letters.

Where small letters have no ascenders, the quotation marks and apostrophes above them have a ridge of their own, and so
has the tail of a g that a break in the stroke parts from it: both go back to their line. At the upper and the lower
edge of a picture that was cut out of a page stand the feet and the tops of neighbouring lines, at its left and right
edge the ends of neighbouring words: they are left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inkread.preprocessing.pieces import RIM, TALL, Piece, usual_size
from inkread.results import around

Lines = list[list[Piece]]
Boxes = npt.NDArray[np.int64]
MARKS_INK = 0.5  # of their line's ink; marks have less
NEAR = 1.25  # letters' heights from a mark to the letters around it; from one line to the next there is more
ASIDE = 1.75  # the same, to the side; the outer stroke of a quotation mark stands so far off
BETWEEN = 0.4  # of a mark's columns that letters have, too; letters of another line stand above letters by chance
TAIL, TORN = 1.25, 0.1  # letters' heights; a tail is no larger, and so near to its letter
EDGE = 2  # pixels; ink so near to the picture's edge was cut by it
CUT = 0.5  # of a line's ink, in pieces at the edge; of a line that was written near it most letters stand free
LOW, LETTERS_LOW = 0.6, 0.85  # of the other lines' height, of their usual size; a line cut to less says nothing
RUNS_ON = 0.85  # of the ink a pixel further in, what a cut stroke has at the edge; a whole one has a soft rim there
PART = 0.5  # of the usual size; what is left of a letter that was cut is no wider, most whole letters are
SPACE, GAPS = 0.3, 1.5  # of the usual size, and times the usual gap between letters; a space is no narrower


def rejoined(lines: Lines) -> Lines:
    """Lines, top to bottom, with the marks and the torn tails that have become lines given back to their own."""
    kept = list(lines)
    number = 0
    while number + 1 < len(kept):
        upper, lower = kept[number : number + 2]
        if _are_marks(upper, lower) or _is_tail(lower, upper):
            kept[number : number + 2] = [upper + lower]
        else:
            number += 1
    return kept


def without_remains(lines: Lines, height: int) -> Lines:
    """Lines of a picture so many rows high without low ones that its edge cut off, if others stand free of it.

    Where a picture is cut close to its ink, all of its lines touch the edge, and all of them are kept.
    """
    cut = [_is_cut(line, height) for line in lines]
    free = [line for line, touches in zip(lines, cut, strict=True) if not touches]
    if len(free) in {0, len(lines)}:
        return lines
    size = float(np.median([usual_size(line) for line in free]))
    low = min(LETTERS_LOW * size, LOW * float(np.median([_height(line) for line in free])))
    return [line for line, touches in zip(lines, cut, strict=True) if not (touches and _height(line) < low)]


def without_ends(lines: Lines, shape: tuple[int, ...]) -> Lines:
    """Lines of a picture (H, W) without what its left and its right edge left of a letter of a neighbouring word.

    That is narrow, a space away from the rest, and does not fade towards the edge. Where a picture is cut close to its
    ink, as the rows above and below show, what its edges touch is whole.
    """
    height, width = shape
    free = [piece.box for line in lines for piece in line if piece.box.left >= EDGE and piece.box.right <= width - EDGE]
    if not free or min(box.top for box in free) < EDGE or max(box.bottom for box in free) > height - EDGE:
        return lines
    return [_without_end(_without_end(line, 0, 1), width - 1, -1) for line in lines]


def _without_end(line: list[Piece], edge: int, inwards: int) -> list[Piece]:
    """A line without what hangs on an edge of the picture, its outermost column, if that is so little."""
    spans = np.array([(piece.box.left, piece.box.right) for piece in line])
    cut = np.array([_runs_on(piece, edge, inwards) for piece in line])
    if inwards < 0:  # as in a mirror
        spans = edge + 1 - spans[:, ::-1]
    if not cut.any():
        return line
    end = int(spans[cut, 1].max())
    rest = [piece for piece, begin in zip(line, spans[:, 0].tolist(), strict=True) if begin >= end]
    if not rest:
        return line
    size = usual_size(rest)
    order = spans[spans[:, 0] >= end]
    order = order[np.argsort(order[:, 0])]
    gaps = order[1:, 0] - np.maximum.accumulate(order[:, 1])[:-1]
    usual_gap = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 0.0
    is_end = end <= PART * size and int(order[0, 0]) - end >= max(SPACE * size, GAPS * usual_gap)
    return rest if is_end else line


def _runs_on(piece: Piece, edge: int, inwards: int) -> bool:
    """Whether a piece at an edge has hardly less ink in the outermost column than in the next, as what is cut there."""
    if min(abs(piece.box.left - edge), abs(piece.box.right - 1 - edge)) >= EDGE:
        return False
    column = edge - piece.box.left + RIM
    outermost, following = piece.ink[:, column].sum(), piece.ink[:, column + inwards].sum()
    return bool(outermost >= RUNS_ON * following)


def _are_marks(marks: list[Piece], line: list[Piece]) -> bool:
    """Whether low pieces stand close above the letters of a line, each between letters rather than over one."""
    if _ink(marks) > MARKS_INK * _ink(line):
        return False
    letters, height = _letters(line)
    if _height(marks) >= height:
        return False
    small = all(mark.box.width < height and _apart(mark, letters, ASIDE * height) < NEAR * height for mark in marks)
    return small and _shared(marks, letters) < BETWEEN


def _is_tail(tail: list[Piece], line: list[Piece]) -> bool:
    """Whether a single piece hardly larger than a letter hangs right under a letter of a line."""
    if len(tail) > 1:
        return False
    letters, height = _letters(line)
    small = max(tail[0].box.width, tail[0].box.height) < TAIL * height
    return small and _apart(tail[0], letters, 0) < TORN * height


def _letters(line: list[Piece]) -> tuple[Boxes, float]:
    """The boxes (N, 4) of a line's letters, and how tall most are: in a joined hand their size is rather a width."""
    size = usual_size(line)
    boxes = np.array([piece.box for piece in line if max(piece.box.width, piece.box.height) >= TALL * size])
    return boxes, float(np.median(boxes[:, 3] - boxes[:, 1]))


def _apart(piece: Piece, letters: Boxes, aside: float) -> float:
    """How many rows part a piece from the nearest of the letters (N, 4) that are no farther aside; inf without one."""
    left, top, right, bottom = letters.T
    box = piece.box
    beside = (left - aside < box.right) & (right + aside > box.left)
    rows = np.maximum(top - box.bottom, box.top - bottom)
    return float(np.where(beside, rows, np.inf).min(initial=np.inf))


def _shared(marks: list[Piece], letters: Boxes) -> float:
    """The share of the marks' columns that letters (N, 4) have, too."""
    columns = np.unique(np.concatenate([np.arange(mark.box.left, mark.box.right) for mark in marks]))
    left, _, right, _ = letters.T
    return float(((left[:, None] <= columns) & (columns < right[:, None])).any(axis=0).mean())


def _is_cut(line: list[Piece], height: int) -> bool:
    """Whether most ink of a line hangs on the upper or the lower edge of a picture."""
    at_edge = [piece for piece in line if piece.box.top <= EDGE or piece.box.bottom >= height - EDGE]
    return _ink(at_edge) >= CUT * _ink(line)


def _ink(pieces: list[Piece]) -> int:
    """The pixels that pieces take."""
    return sum(piece.area for piece in pieces)


def _height(line: list[Piece]) -> int:
    """The rows that a line takes."""
    return around([piece.box for piece in line]).height
