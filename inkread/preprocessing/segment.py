"""The pieces of one line -> glyph candidates from left to right, and how likely a space is between them. Knows ink, not
letters.

For lines whose characters do not touch: pieces that belong to one character (the dot of an i, the bar of a T, a broken
stroke) are joined, lone marks such as commas are left out, and nothing is ever cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.layout import InkLine
from inkread.preprocessing.pieces import RIM, Piece
from inkread.results import Box, around

SHARED = 0.5  # of the narrower width; pieces that overlap by so much stand above each other
APART = 0.25  # of the smaller height; taller pieces that share more rows stand side by side, however they lean
BAR = 0.45  # of the usual size; lower pieces are bars and dots, which join a taller neighbour
ENTANGLED = 0.3  # of the smaller box's area; boxes that share so much are of one character
CRACK = 0.35  # stroke widths; pieces as near are one broken stroke
BREAK = 0.5  # stroke widths; the breadth of a break in a stroke
STEM = 0.5  # of the usual size; narrower pieces may carry a dot
DOT_HEIGHT = 0.6  # of the usual size; a dot is lower
DOT_SINK = 0.125  # of the usual size; how far a dot may reach below its stem's upper edge
DOT_REACH = 0.35  # of the usual size; how far to the side a dot may have slipped
MARK = 0.35  # of the usual size; what stays as small and alone is a comma, a stop or dirt

LONE_SPACE = 0.55  # of the usual size: a gap this much wider than the usual one is as likely a space as not
SOFTNESS = 0.09  # of the usual size: how quickly that changes
TIGHT = 0.2  # of the usual size: the gap between letters where a line is too short to tell
CLEAR, CLEAR_RATIO = (
    0.2,
    1.5,
)  # spaces are so many sizes plus so many letter gaps wide: two kinds of gaps, not one that varies
EVEN_COUNT, EVEN = (
    3,
    0.2,
)  # so many gaps, middles of neighbours apart by the same to a fifth: evenly set, whatever room an I leaves


@dataclass(frozen=True)
class GlyphLine:
    """The glyph candidates of one line, left to right.

    Attributes:
        boxes: T rectangles in pixels of the picture that the ink was found in, half-open.
        inks: T arrays float32 (h, w) in 0..1, each one glyph's own ink, ready for ``frame``.
        gaps: float32 (T - 1,), the probability that a space follows glyph t.
    """

    boxes: tuple[Box, ...]
    inks: tuple[npt.NDArray[np.float32], ...]
    gaps: npt.NDArray[np.float32]


def glyphs(line: InkLine) -> GlyphLine:
    """Join the pieces of a line to glyphs and judge the gaps between them."""
    groups = [group for group in _joined(line) if not _is_mark(group, line.size)]
    groups.sort(key=lambda group: sum(around([piece.box for piece in group])[::2]))  # by their middles
    boxes = tuple(around([piece.box for piece in group]) for group in groups)
    return GlyphLine(
        boxes, tuple(canvas(group, box) for group, box in zip(groups, boxes, strict=True)), space_probabilities(boxes)
    )


def _joined(line: InkLine) -> list[list[Piece]]:
    """Pieces that belong together, by pairs: each pair that belongs joins its groups."""
    pieces = line.pieces
    owner = list(range(len(pieces)))

    def root(number: int) -> int:
        while owner[number] != number:
            number = owner[number]
        return number

    rights = np.array([piece.box.right for piece in pieces])
    for second, piece in enumerate(pieces):
        for first in np.flatnonzero(rights[:second] + line.size >= piece.box.left).tolist():
            if _belong(pieces[first].box, piece.box, line) or _nearly_touch(pieces[first], piece, line):
                owner[root(second)] = root(first)
    for dot, stem in _dots(pieces, line.size):
        owner[root(dot)] = root(stem)
    groups: dict[int, list[Piece]] = {}
    for number, piece in enumerate(pieces):
        groups.setdefault(root(number), []).append(piece)
    return list(groups.values())


def _belong(a: Box, b: Box, line: InkLine) -> bool:
    """Whether two pieces are parts of one character: above each other, or a bar that just misses its stem."""
    shared_columns = min(a.right, b.right) - max(a.left, b.left)
    shared_rows = min(a.bottom, b.bottom) - max(a.top, b.top)
    low = min(a.height, b.height)
    if min(shared_columns, shared_rows) > 0 and shared_columns * shared_rows >= ENTANGLED * min(
        a.width * a.height, b.width * b.height
    ):
        return True
    if shared_columns >= SHARED * min(a.width, b.width):
        return low < BAR * line.size or shared_rows <= APART * low or _within(a, b) or _within(b, a)
    beside = -min(shared_columns, shared_rows) <= BREAK * line.stroke
    return beside and low < BAR * line.size and max(a.width, b.width) <= line.size and low >= line.stroke / 2


def _nearly_touch(a: Piece, b: Piece, line: InkLine) -> bool:
    """Whether two pieces are one broken stroke: much nearer than a stroke is wide, and no wider than a character."""
    box = around([a.box, b.box])
    reach = CRACK * line.stroke
    if box.width > line.size or max(a.box.left, b.box.left) - min(a.box.right, b.box.right) > reach:
        return False
    far = np.where(canvas([a], box) > 0.5, 0, 1).astype(np.uint8)
    distance = cv2.distanceTransform(far, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return float(distance[canvas([b], box) > 0.5].min(initial=np.inf)) - 1 <= reach


def _within(inner: Box, outer: Box) -> bool:
    return outer.left <= inner.left and inner.right <= outer.right


def _dots(pieces: tuple[Piece, ...], size: float) -> list[tuple[int, int]]:
    """Each dot that has slipped to the side of its stem, with the nearest stem."""
    left, top, right, bottom = np.array([piece.box for piece in pieces], dtype=np.float64).T
    centre = (left + right) / 2
    may_carry = (right - left <= STEM * size) & (bottom - top >= BAR * size)
    pairs = []
    for dot in np.flatnonzero(bottom - top < DOT_HEIGHT * size).tolist():
        aside = np.abs(centre - centre[dot])
        aside[~may_carry | (bottom[dot] > top + DOT_SINK * size)] = np.inf
        stem = int(np.argmin(aside))
        if aside[stem] <= DOT_REACH * size:
            pairs.append((dot, stem))
    return pairs


def _is_mark(group: list[Piece], size: float) -> bool:
    box = around([piece.box for piece in group])
    return max(box.width, box.height) < MARK * size


def canvas(group: list[Piece], box: Box) -> npt.NDArray[np.float32]:
    """The pieces on one canvas, RIM pixels around the box that holds them."""
    canvas = np.zeros((box.height + 2 * RIM, box.width + 2 * RIM), dtype=np.float32)
    for piece in group:
        top, left = piece.box.top - box.top, piece.box.left - box.left
        height, width = piece.ink.shape
        window = canvas[top : top + height, left : left + width]
        np.maximum(window, piece.ink, out=window)
    return canvas


def space_probabilities(boxes: tuple[Box, ...]) -> npt.NDArray[np.float32]:
    """How likely a space is in each gap between neighbours, float32 (T - 1,).

    Where the gaps of a line are of two clearly different widths, the wide ones are spaces. Where they are all alike
    (one word, however widely spaced its letters), only a gap that is much wider than the usual one is.
    """
    if len(boxes) < 2:
        return np.zeros(0, dtype=np.float32)
    size = float(np.median([max(box.width, box.height) for box in boxes]))
    gaps = np.array([after.left - before.right for before, after in pairwise(boxes)], dtype=np.float64)
    pitches = np.diff([(box.left + box.right) / 2 for box in boxes])
    if len(pitches) >= EVEN_COUNT and np.ptp(pitches) <= EVEN * np.median(pitches):
        gaps = pitches - np.median([box.width for box in boxes])
    gaps /= size
    cut, softness = _cut(gaps)
    return (1 / (1 + np.exp(-(gaps - cut) / softness))).astype(np.float32)


def _cut(gaps: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The gap (in sizes) at which a space is as likely as not, and how soft that edge is."""
    ordered = np.sort(gaps)
    usual = float(np.median(ordered)) if len(ordered) > 2 else min(float(ordered[0]), TIGHT)
    lone = usual + LONE_SPACE
    jumps = np.diff(ordered)
    if not jumps.size:
        return lone, SOFTNESS
    at = int(np.argmax(jumps))
    narrow, wide = ordered[: at + 1], ordered[at + 1 :]
    apart = float(wide.mean() - narrow.mean())
    clear = float(wide.mean()) >= CLEAR + CLEAR_RATIO * max(0.0, float(narrow.mean()))
    if clear and jumps[at] >= apart / 2:
        return float(narrow[-1] + wide[0]) / 2, min(SOFTNESS, float(jumps[at]) / 5)
    return lone, SOFTNESS
