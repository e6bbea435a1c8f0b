"""The ink of a page -> its lines of text in reading order, each with its pieces of ink. Knows ink, not letters.

`pieces` finds what hangs together, `ridges` where lines run. Every piece goes to the line it stands on; one that stands
on two is cut (`cuts`). Dots, commas and bars go with their neighbours. Joining pieces to glyphs is left to `segment`;
pages that lie askew are straightened in `sheet`, a slope of a few degrees does no harm.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.preprocessing.barcodes import without_barcodes
from inkread.preprocessing.bullets import without_bullets
from inkread.preprocessing.columns import COLUMN_LINES, are_columns, find_gutter, place
from inkread.preprocessing.cuts import are_one, cut, nearest, part, spanning
from inkread.preprocessing.dotted import without_dotted, without_leaders
from inkread.preprocessing.pieces import (
    FINE,
    LEAST,
    LETTER_STROKES,
    RULE_LENGTH,
    TOUCH,
    Piece,
    drawn,
    find_pieces,
    median_row,
    usual_size,
)
from inkread.preprocessing.ridges import between, find_ridges
from inkread.preprocessing.sizes import are_beside, carries, crossed, headings, holds, is_letter, is_row
from inkread.preprocessing.slight import rejoined, without_ends, without_remains
from inkread.preprocessing.struck import without_struck
from inkread.preprocessing.underlines import without_underlines
from inkread.results import Box, around

Rows = npt.NDArray[np.float64]
SAMPLE = 300_000  # pixels that tell how wide strokes are and how tall small letters
LETTER = 10.0  # strokes; the strokes of a word are nearer to each other than this
JOINED = 1.5  # small letters; what a size is where letters join
WORD_STROKES = 3.2  # that a row (or column) crosses on average in a piece of several letters; a W has three
LINES_STROKES = 3.0  # the same, of a column where lines have grown together; one line has two
DOT = 0.6  # of the usual size; a dot is smaller
DOT_HEIGHT = 0.75  # of the stem's height; a dot is lower
DOT_GAP, DOT_SINK = (
    0.4,
    0.15,
)  # of the stem's height; how far a dot's lower edge is above the stem's upper edge, or below it
MARK_FOOT = 0.3  # of the usual size; so far from a letter's foot is that of a full stop or comma of its line
DOT_ASIDE = 0.4  # of the stem's height; how far a dot's middle has slipped to the side
RULE_ASPECT = 25.0  # no character is so much wider than tall
UPRIGHT = 8.0  # usual sizes, and its own widths; nothing written that is no wider than a letter is so tall
RULE_STROKES = 1.5  # strokes; a ruled line has so little ink for its length, a joined-up word has more
RULE_THIN = 8.0  # strokes; what is shorter is a letter of a bold heading
RULE_CROSSED = 1.3  # strokes that its columns, or its rows, cross on average; a blurred word has more
SIGN_PIECES, COLON = 2, 10.0  # of a lone = or colon; strokes from the top of a colon to its foot
REACH = 0.6  # of the usual size; how far above or below its line a dot or bar may stand
ALONG = 0.3  # a pixel along the line is so much less far than one across it
MOST_CUTS = 300  # pieces of two lines that are cut; a page whose lines touch has some dozens, noise thousands
SLIGHT = 0.6  # of the page's usual size; a line of smaller letters may be several, which the page's size has mixed


@dataclass(frozen=True)
class InkLine:
    """One line of text as ink: its pieces, left to right; its characters' usual size; its strokes' usual width."""

    pieces: tuple[Piece, ...]
    size: float
    stroke: float

    @property
    def box(self) -> Box:
        """The rectangle around all pieces."""
        return around([piece.box for piece in self.pieces])


@dataclass(frozen=True)
class Page:
    """The lines of a page, top to bottom, and how many pieces of ink were more than could be looked at."""

    lines: tuple[InkLine, ...]
    left_out: int = 0


def lines(ink: binarise.Ink) -> Page:
    """Find the lines of text, in reading order: from top to bottom, the left of two columns before the right one.

    Args:
        ink: float32 (H, W) in 0..1, from ``sheet`` or ``binarise.ink``.
    """
    level = binarise.threshold(ink)
    body = _sample(ink) > level
    stroke = binarise.usual_stroke_width(body)
    pieces, left_out = find_pieces(ink, level, stroke)
    pieces = without_barcodes(pieces)
    if not pieces:
        return Page((), left_out)
    if _is_sign(pieces, stroke):
        return Page((_line(pieces, stroke),), left_out)
    pieces = without_leaders(pieces)
    size = _size(pieces, body, stroke, level)
    bare = without_underlines(without_dotted(pieces, size), size, stroke, level)
    if bare is not pieces:
        size = _size(bare, body, stroke, level) if bare else size
    pieces = without_struck([piece for piece in bare if not _is_rule(piece, size, stroke)], size, stroke)
    if not pieces:
        return Page((), left_out)
    found = without_ends(rejoined(without_remains(_laid(ink, pieces, size), ink.shape[0])), ink.shape)
    return Page(tuple(_line(line, stroke) for line in without_bullets(found, size, stroke)), left_out)


def _laid(ink: binarise.Ink, pieces: list[Piece], size: float) -> list[list[Piece]]:
    """The lines of these pieces, in reading order; what is of none is dropped."""
    large = headings(pieces, size)
    if not large:
        return _of_one_size(ink, pieces, size)
    taken = {id(piece) for heading in large for piece in heading}
    rest = [piece for piece in pieces if id(piece) not in taken]
    found = _of_one_size(drawn(rest, ink.shape), rest, size)
    for heading in large:
        _insert(found, _of_one_size(drawn(heading, ink.shape), heading, usual_size(heading)))
    return found


def _of_one_size(ink: binarise.Ink, pieces: list[Piece], size: float) -> list[list[Piece]]:
    """The lines of these pieces, far smaller writing among them."""
    stems = _stems(pieces, size)
    tall = [piece for piece in pieces if id(piece) not in stems and carries(piece.box, size)]
    small = [piece for piece in pieces if id(piece) in stems or not carries(piece.box, size)]
    found = _columns(ink, tall or small, size)
    if not tall:
        return found
    found, fine, small = _parted(found, small, ink.shape, size)
    _attach(small, stems, [*found, *fine], [size] * len(found) + [usual_size(line) for line in fine])
    _insert(found, fine)
    return found


def _insert(found: list[list[Piece]], lines: list[list[Piece]]) -> None:
    """Put each line above the first of those found that stands below it."""
    for line in lines:
        beside = [number for number, other in enumerate(found) if _share_columns(line, other)] or range(len(found))
        lower = (number for number in beside if median_row(found[number]) > median_row(line))
        found.insert(next(lower, beside[-1] + 1 if beside else 0), line)


def _share_columns(one: list[Piece], other: list[Piece]) -> bool:
    """Whether two lines stand above one another, at least in part."""
    (left, right), (begin, end) = (
        (min(piece.box.left for piece in line), max(piece.box.right for piece in line)) for line in (one, other)
    )
    return max(left, begin) < min(right, end)


def _parted(
    found: list[list[Piece]], small: list[Piece], shape: tuple[int, ...], size: float
) -> tuple[list[list[Piece]], list[list[Piece]], list[Piece]]:
    """The lines of the usual size, the lines of far smaller writing, and the small pieces that neither have."""
    least = max(LEAST, FINE * size)
    slight = [line for line in found if least <= usual_size(line) < SLIGHT * size]
    usual = [line for line in found if not any(line is other for other in slight)]
    large = [piece.box for line in usual for piece in line if piece.box.height >= SLIGHT * size]
    if not large:
        return found, [], small
    low = {id(piece): piece for line in usual for piece in line if piece.box.height < SLIGHT * size}
    some = [*small, *low.values()]
    loose = [piece for piece, beside in zip(some, are_beside(some, large, size), strict=True) if not beside]
    letters = [piece for piece in [*loose, *itertools.chain(*slight)] if is_letter(piece, least)]
    if len(letters) < 2:
        return found, [], small
    fine = [line for line in _laid(drawn(letters, shape), letters, usual_size(letters)) if is_row(line)]
    taken = [piece.box for piece in itertools.chain(*fine)]
    mixed = [line for line in slight if any(holds(piece.box, taken) for piece in line)]
    kept = [
        [piece for piece in line if id(piece) not in low or not holds(piece.box, taken)]
        for line in found
        if not any(line is other for other in mixed)
    ]
    rest = [piece for piece in [*small, *itertools.chain(*mixed)] if not holds(piece.box, taken)]
    return [line for line in kept if line], fine, rest


def _columns(ink: binarise.Ink, pieces: list[Piece], size: float) -> list[list[Piece]]:
    """The lines of pieces that carry them, in reading order: of two columns the left first, of tables each row."""
    gutter = find_gutter([piece.box for piece in pieces], size)
    if gutter is None:
        return _lines_of(ink, pieces, size)
    above, left, right, below = ([piece for piece in pieces if place(piece.box, gutter) == part] for part in range(4))
    if min(len(left), len(right)) < COLUMN_LINES:
        return _lines_of(ink, pieces, size)
    beside = [_lines_of(ink, part, size) for part in (left, right)]
    if not are_columns(beside, size):
        return _lines_of(ink, pieces, size)
    return [*_lines_of(ink, above, size), *beside[0], *beside[1], *_lines_of(ink, below, size)]


def _lines_of(ink: binarise.Ink, pieces: list[Piece], size: float) -> list[list[Piece]]:
    """The lines of one column, top to bottom: each piece with the ridge it stands on, those that stand on two cut."""
    if not pieces:
        return []
    ridges = find_ridges(ink, around([piece.box for piece in pieces]), size)
    groups: list[list[Piece]] = [[] for _ in ridges]
    number, room = 0, MOST_CUTS
    while number + 1 < len(ridges):
        upper, lower = ridges[number : number + 2]
        two = spanning(pieces, upper, lower, size)[:room]
        room -= len(two)
        cuts = [(piece, *cut(piece, upper, lower)) for piece in two]
        if are_one(cuts, pieces, upper, lower, size):
            ridges[number : number + 2] = [between(upper, lower)]
            continue
        if cuts:
            parted = {id(piece) for piece, _, _ in cuts}
            pieces = [piece for piece in pieces if id(piece) not in parted]
        for piece, below, _ in cuts:
            groups[number] += part(piece, ~below)
            pieces += part(piece, below)
        number += 1
    owners = nearest(pieces, ridges, size) if pieces else np.zeros(0, np.intp)
    for piece, own in zip(pieces, owners.tolist(), strict=True):
        if own >= 0:
            groups[own].append(piece)
    far = list(itertools.compress(pieces, owners < 0))
    if any(groups):
        groups += _lines_of(drawn(far, ink.shape), far, size) if far else []
    else:
        groups.append(far)
    return sorted(filter(None, groups), key=median_row)


def _sample(ink: binarise.Ink) -> binarise.Ink:
    """Rows of a page that tell of all of it: as many as SAMPLE holds, from where the middle of its ink is."""
    height, width = ink.shape
    rows = max(1, SAMPLE // width)
    if rows >= height:
        return ink
    amount = cv2.reduce(ink[:: max(1, height // 256)], 1, cv2.REDUCE_SUM).ravel().cumsum()
    middle = int(np.searchsorted(amount, amount[-1] / 2)) * max(1, height // 256)
    top = min(max(0, middle - rows // 2), height - rows)
    return ink[top : top + rows]


def _size(pieces: list[Piece], body: binarise.Mask, stroke: float, level: float) -> float:
    """The size of a character: that of most pieces, unless most ink is of words in one piece.

    Then half their height, from ascenders to descenders, but no less than their small letters tell; less yet where
    columns cross so many strokes that several lines must have grown together.
    """
    size = usual_size(pieces)
    reach = LETTER * stroke
    word = JOINED * _band(body, stroke, reach)
    large = [piece for piece in pieces if max(piece.box.width, piece.box.height) > 2 * word]
    strokes = [(piece.area, *crossed(piece, level)) for piece in large]
    words = [(area, down) for area, across, down in strokes if max(across, down) >= WORD_STROKES]
    inked = sum(area for area, _ in words)
    if inked <= sum(piece.area for piece in pieces) / 2:
        return size
    down = sum(area * down for area, down in words) / inked
    least = size / (2 if down < LINES_STROKES else 2 * down)
    return min(size, max(least, JOINED * _band(body, stroke, max(reach, 2 * least))))


def _band(body: binarise.Mask, stroke: float, reach: float) -> float:
    """How tall small letters are: strokes within reach closed to bands, the upper quartile of their heights."""
    kernel = np.ones((1, max(3, round(reach))), np.uint8)
    closed = cv2.morphologyEx(body.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    sampled = np.pad(closed[:, :: max(1, body.shape[1] // 256)], ((1, 1), (0, 0))).T.ravel().astype(np.int8)
    edges = np.diff(sampled)
    heights = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    heights = heights[heights > 1.5 * stroke]
    return float(np.percentile(heights, 75)) if heights.size else np.inf


def _is_rule(piece: Piece, size: float, stroke: float) -> bool:
    """Whether a piece is a ruled line, an underline, the edge of a shadow: long and thin, however it runs."""
    longer = max(piece.box.width, piece.box.height)
    if piece.box.width > RULE_ASPECT * piece.box.height:
        return True
    if piece.box.height > UPRIGHT * max(piece.box.width, size) and piece.box.width <= size:
        return True
    if longer <= RULE_LENGTH * size:
        return False
    own = max(stroke, binarise.stroke_width(piece.ink > TOUCH))  # a line's pen may be broader than that of the writing
    thin = longer > RULE_THIN * own and piece.area < RULE_STROKES * own * longer
    return thin and min(crossed(piece, TOUCH)) < RULE_CROSSED


def _is_sign(pieces: list[Piece], stroke: float) -> bool:
    """Whether two bars or two dots, one close above the other, are all there is: a lone = or a colon."""
    if len(pieces) != SIGN_PIECES:
        return False
    stroke += 1  # of so little ink; else the edge is counted out of thin strokes
    boxes, region = [piece.box for piece in pieces], around([piece.box for piece in pieces])
    if all(max(box.width, box.height) < LETTER_STROKES * stroke for box in boxes):
        return max(box.width for box in boxes) > region.width / 2 and region.height < COLON * stroke
    bars = all(piece.area < RULE_STROKES * stroke * piece.box.width for piece in pieces)
    return bars and min(box.width for box in boxes) > region.width / 2 and region.height < region.width


def _stems(pieces: list[Piece], size: float) -> dict[int, Piece]:
    """Each piece that stands like a dot over a taller one (close above, hardly beside): the dot's id -> the stem."""
    boxes = np.array([piece.box for piece in pieces], dtype=np.float64).reshape(-1, 4)
    left, top, right, bottom = boxes.T
    height, centre = bottom - top, (left + right) / 2
    stems = {}
    for number, piece in enumerate(pieces):
        if max(piece.box.width, piece.box.height) > DOT * size:
            continue
        gap = top - bottom[number]
        aside = np.abs(centre - centre[number])
        beside = np.maximum(left - right[number], left[number] - right).clip(min=0)
        level = (height >= DOT * size) & (np.abs(bottom - bottom[number]) < MARK_FOOT * size)
        nearest = float((ALONG * beside)[level & (top < bottom[number])].min(initial=np.inf))
        over = (gap > -DOT_SINK * height) & (gap < DOT_GAP * height) & (top[number] < top) & (gap <= nearest)
        fits = over & (height[number] < DOT_HEIGHT * height) & (aside < DOT_ASIDE * height)
        if fits.any():
            stems[id(piece)] = pieces[int(np.argmin(np.where(fits, np.maximum(gap, 0) + aside, np.inf)))]
    return stems


def _attach(small: list[Piece], stems: dict[int, Piece], chains: list[list[Piece]], sizes: list[float]) -> None:
    """Give each bar to the line of the nearest tall piece, each dot to its stem's; drop what stands alone far off.

    ``sizes``: of each line's characters.
    """
    numbers = {id(piece): number for number, chain in enumerate(chains) for piece in chain}
    tall = [(number, piece.box) for number, chain in enumerate(chains) for piece in chain]
    boxes = np.array([box for _, box in tall], dtype=np.float64)
    for piece in sorted(small, key=lambda piece: id(piece) in stems):  # dots last: their stems may be small
        stem = stems.get(id(piece))
        number = numbers.get(id(stem)) if stem else None
        if number is None:
            left, top, right, bottom = piece.box
            across = np.maximum(0, np.maximum(boxes[:, 0], left) - np.minimum(boxes[:, 2], right))
            down = np.maximum(0, np.maximum(boxes[:, 1], top) - np.minimum(boxes[:, 3], bottom))
            distance = np.hypot(across * ALONG, down)
            nearest = int(np.argmin(distance))
            number = tall[nearest][0] if distance[nearest] <= REACH * sizes[tall[nearest][0]] else None
        if number is not None:
            chains[number].append(piece)
            numbers[id(piece)] = number


def _line(chain: list[Piece], stroke: float) -> InkLine:
    ordered = sorted(chain, key=lambda piece: (piece.box.left, piece.box.top))
    return InkLine(tuple(ordered), usual_size(ordered), stroke)
