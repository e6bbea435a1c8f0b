"""The ink of a page -> its lines of text in reading order, each with its pieces of ink. Knows ink, not letters.

Where lines run is told by blurring the ink along them: each is a ridge. Every piece goes to the line it stands on; one
that stands on two is cut where least of its ink is. Dots, commas and bars go with their neighbours. Joining pieces to
glyphs is left to `segment`; pages that lie askew are straightened in `sheet`, a slope of a few degrees does no harm.

Sources: ridges of blurred text, Bukhari, Shafait and Breuel, "Script-independent handwritten textlines segmentation"
(2009); cuts of least ink, Saabni, Asi and El-Sana, "Text line extraction for historical document images" (2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.results import Box

Rows = npt.NDArray[np.float64]
_Cut: TypeAlias = "tuple[Piece, npt.NDArray[np.bool_], float]"

SAMPLE = 300_000  # pixels that tell how wide strokes are and how tall small letters
MAX_PIECES = 3_000  # more than a densely written page has; a photo of gravel has no end of them
TOUCH = 0.3  # of full ink; a stroke that is no fainter than this at its thinnest is one stroke
RIM = binarise.RIM  # pixels around a piece's box that its ink keeps: the soft edge of the stroke
SPECK_STROKES = 0.6  # stroke widths; smaller pieces are dust
SPECK_SIZE = 0.04  # of the usual size of a character; smaller pieces are dust
TALL = 0.5  # of the usual size of a character; pieces as tall carry a line, smaller ones (dots, bars) go with them
FLAT = 0.3  # of the usual size; the height of a flat letter (a hasty m), more than a bar's
WIDE = 2.0  # heights; a wider piece is a word in one stroke, or a bar: its height tells its size
LETTER = 10.0  # strokes; the strokes of a word are nearer to each other than this
GROWN = 3.5  # sizes by their small letters; pieces so tall hold several lines
JOINED = 1.5  # small letters; what a size is where letters join
DOT = 0.6  # of the usual size; a dot is smaller
DOT_HEIGHT = 0.75  # of the stem's height; a dot is lower
DOT_GAP, DOT_SINK = (
    0.4,
    0.15,
)  # of the stem's height; how far a dot's lower edge is above the stem's upper edge, or below it
DOT_ASIDE = 0.4  # of the stem's height; how far a dot's middle has slipped to the side
RULE_LENGTH = 5.0  # usual sizes; longer pieces may be ruled lines
RULE_ASPECT = 25.0  # no character is so much wider than tall
RULE_STROKES = 1.5  # strokes; a ruled line has so little ink for its length, a joined-up word has more
REACH = 0.6  # of the usual size; how far above or below its line a dot or bar may stand
ALONG = 0.3  # a pixel along the line is so much less far than one across it

FINE = 12  # rows of a usual character on the map that ridges are found on; a column there is a character wide
BLUR = (1.5, 0.3)  # usual sizes along and across the line; letters become a ridge, lines stay apart
FLOOR = 0.08  # of the highest ridge; lower ones are dust
STEP = 0.4  # of the usual size; how far a ridge may climb or fall from one character to the next
LAPSE = 3  # characters; after so wide a gap a ridge begins anew
SAME = 0.5  # of the usual size; ridges one behind the other that are less far apart are one line
SIDE_RIDGE, SIDE_HEIGHT = 1.1, 0.4  # sizes from a ridge, of its height: ascenders, descenders, dots have such ridges
REGULAR = 0.25  # of the heaviest ridge; ridges as heavy tell how far apart lines are
NARROW, LOW_HEIGHT = 0.55, 0.7  # of that distance, of the height: so slight a ridge beside a line is of its bars
CORE = 0.3  # of the usual size; what is as near to a ridge is a line's body
SPANNED = 0.2  # of the usual size; a piece of two lines reaches so far beyond both their ridges
BODY = 0.12  # of the piece's ink, or of a square of the usual size, in the body of each of two lines: it is of both
LARGE_CUT = 0.2  # of the width; a cut through so much ink goes through large letters, not between lines
LONELY = 0.3  # of the ink of pieces on both ridges; two lines have more on each ridge alone
LONE_PIECES, LONE_ASPECT = 4, 1.8  # pieces, and width by height, of what may be a lone glyph
STRAYING = 0.05  # pixels of ink that a cut may cross rather than run along a ridge: of equal cuts, the middle one
CUT_SIDE = 160  # pixels of the longer side that a cut is looked for on
CLIMB = 2  # rows that a cut climbs or falls from one column to the next

GUTTER = 3.0  # usual sizes, the width between two columns; spaces between words are narrower, or not above each other
COLUMN_LINES = 3  # lines that each of two columns has
COLUMN_WIDTH = 4.0  # usual sizes, the width of a column


@dataclass(frozen=True)
class Piece:
    """One connected piece of ink.

    Attributes:
        box: in pixels of the picture that the ink was found in, half-open.
        ink: float32 (height + 2 RIM, width + 2 RIM), this piece's own ink 0..1, with RIM pixels around the box.
        area: pixels above the threshold.
    """

    box: Box
    ink: npt.NDArray[np.float32]
    area: int


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


def around(boxes: list[Box]) -> Box:
    """The smallest rectangle that holds all boxes; there must be one."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))


@dataclass(frozen=True)
class _Ridge:
    """Where a line runs: its row at some columns, left to right, in pixels; how much ink it has there."""

    columns: Rows
    rows: Rows
    heights: Rows

    def at(self, columns: float | npt.NDArray[np.floating]) -> Rows:
        """The rows at any columns; beyond its ends it goes on level."""
        return np.asarray(np.interp(np.asarray(columns, dtype=np.float64), self.columns, self.rows))


def lines(ink: binarise.Ink) -> Page:
    """Find the lines of text, in reading order: from top to bottom, the left of two columns before the right one.

    Args:
        ink: float32 (H, W) in 0..1, from ``sheet`` or ``binarise.ink``.
    """
    level = binarise.threshold(ink)
    body = _sample(ink) > level
    stroke = binarise.stroke_width(body)
    pieces, left_out = find_pieces(ink, level, stroke)
    if not pieces:
        return Page((), left_out)
    size = _size(pieces, body, stroke)
    pieces = [piece for piece in pieces if not _is_rule(piece, size, stroke)]
    if not pieces:
        return Page((), left_out)
    stems = _stems(pieces, size)
    tall = [piece for piece in pieces if id(piece) not in stems and _carries(piece.box, size)]
    small = [piece for piece in pieces if id(piece) in stems or not _carries(piece.box, size)]
    found = _columns(ink, tall or small, size)
    if tall:
        _attach(small, stems, found, size)
    return Page(tuple(_line(line, stroke) for line in found), left_out)


def find_pieces(ink: binarise.Ink, level: float, stroke: float) -> tuple[list[Piece], int]:
    """The connected pieces of ink, left to right, without dust; and how many (the smallest) MAX_PIECES left out."""
    mask = ink > min(TOUCH, level)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    boxes = stats[:, : cv2.CC_STAT_AREA]  # left, top, width, height
    sizes = boxes[1:, 2:].max(axis=1)
    if not sizes.size:
        return [], 0
    dust = max(1.5, SPECK_STROKES * stroke, SPECK_SIZE * usual(boxes[1:, 2:]))
    numbers = 1 + np.flatnonzero(sizes > dust)
    order = numbers[np.argsort(-stats[numbers, cv2.CC_STAT_AREA], kind="stable")]
    kept = sorted(order[:MAX_PIECES].tolist(), key=lambda number: (int(boxes[number, 0]), int(boxes[number, 1])))
    padded_ink, owners = _owned(ink, labels)
    pieces = [_piece(number, stats[number], padded_ink, owners, level) for number in kept]
    return pieces, len(numbers) - len(kept)


def _owned(ink: binarise.Ink, labels: npt.NDArray[np.generic]) -> tuple[binarise.Ink, binarise.Ink]:
    """The ink with a margin of RIM, and which piece each pixel is of: its own, or the one whose soft edge it is."""
    padded = cv2.copyMakeBorder(labels.astype(np.float32), RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=0)
    near = cv2.dilate(padded, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    cv2.copyTo(padded, (padded > 0).astype(np.uint8), near)
    margin = cv2.copyMakeBorder(ink, RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=0)
    return margin.astype(np.float32, copy=False), near.astype(np.float32, copy=False)


def _piece(number: int, stats: npt.NDArray[np.int32], ink: binarise.Ink, owners: binarise.Ink, level: float) -> Piece:
    """Cut one piece out of the padded ink, its soft rim with it, its neighbours left behind."""
    left, top, width, height, area = stats.tolist()
    window = (slice(top, top + height + 2 * RIM), slice(left, left + width + 2 * RIM))
    cut = np.where(owners[window] == number, ink[window], 0)
    core = cut > level
    x, y, width, height = cv2.boundingRect((core if core.any() else cut > min(TOUCH, level)).view(np.uint8))
    box = Box(left + x - RIM, top + y - RIM, left + x - RIM + width, top + y - RIM + height)
    return Piece(box, np.ascontiguousarray(cut[y - RIM : y + height + RIM, x - RIM : x + width + RIM]), area)


def _columns(ink: binarise.Ink, pieces: list[Piece], size: float) -> list[list[Piece]]:
    """The lines of pieces that carry them, in reading order, two columns of text one after the other."""
    gutter = _gutter([piece.box for piece in pieces], size)
    if gutter is None:
        return _lines_of(ink, pieces, size)
    above, left, right, below = ([piece for piece in pieces if _place(piece.box, gutter) == part] for part in range(4))
    if min(len(left), len(right)) < COLUMN_LINES:
        return _lines_of(ink, pieces, size)
    beside = [_lines_of(ink, part, size) for part in (left, right)]
    if min(map(len, beside)) < COLUMN_LINES:
        return _lines_of(ink, pieces, size)
    return [*_lines_of(ink, above, size), *beside[0], *beside[1], *_lines_of(ink, below, size)]


def _gutter(boxes: list[Box], size: float) -> Box | None:
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


def _place(box: Box, gutter: Box) -> int:
    """Where a piece stands: above a gutter 0, left of it 1, right of it 2, below it 3."""
    middle = _middle(box)
    if middle < gutter.top:
        return 0
    if middle > gutter.bottom:
        return 3
    return 1 if box.left + box.right < gutter.left + gutter.right else 2


def _lines_of(ink: binarise.Ink, pieces: list[Piece], size: float) -> list[list[Piece]]:
    """The lines of one column, top to bottom: each piece with the ridge it stands on, those that stand on two cut."""
    if not pieces:
        return []
    ridges = _ridges(ink, around([piece.box for piece in pieces]), size)
    groups: list[list[Piece]] = [[] for _ in ridges]
    number = 0
    while number + 1 < len(ridges):
        upper, lower = ridges[number : number + 2]
        cuts = [(piece, *_cut(piece, upper, lower, size)) for piece in _spanning(pieces, upper, lower, size)]
        if _are_one(cuts, pieces, upper, lower, size):
            ridges[number : number + 2] = [_between(upper, lower)]
            continue
        if cuts:
            cut = {id(piece) for piece, _, _ in cuts}
            pieces = [piece for piece in pieces if id(piece) not in cut]
        for piece, below, _ in cuts:
            groups[number] += _part(piece, ~below)
            pieces += _part(piece, below)
        number += 1
    if pieces:
        for piece, own in zip(pieces, _nearest(pieces, ridges, size).tolist(), strict=True):
            groups[own].append(piece)
    return sorted(filter(None, groups), key=lambda group: float(np.median([_middle(piece.box) for piece in group])))


def _ridges(ink: binarise.Ink, region: Box, size: float) -> list[_Ridge]:
    """The ridges of a region's ink, top to bottom, at least one."""
    cut = ink[region.top : region.bottom, region.left : region.right]
    rows, columns = (
        min(region.height, max(3, round(FINE * region.height / size))),
        min(region.width, max(1, round(region.width / size))),
    )
    cells = cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns)
    down, across = region.height / rows, region.width / columns
    pad = int(2 * BLUR[1] * size / down) + 2
    padded = cv2.copyMakeBorder(cells, pad, pad, 0, 0, cv2.BORDER_CONSTANT, value=0)
    along, over = BLUR[0] * size / across, BLUR[1] * size / down
    soft = cv2.GaussianBlur(padded, (0, 0), sigmaX=along, sigmaY=over, borderType=cv2.BORDER_CONSTANT)
    high = (soft[1:-1] >= soft[:-2]) & (soft[1:-1] > soft[2:]) & (soft[1:-1] > FLOOR * float(soft.max()))
    tracks = _linked([np.flatnonzero(column) + 1 for column in high.T], STEP * size / down)
    ridges = []
    for track in tracks:
        places, heights = np.array(track).T
        middles = (places + 0.5) * across + region.left
        level = (heights - pad + 0.5) * down + region.top
        ridges.append(_Ridge(middles, level, soft[heights, places].astype(np.float64)))
    return sorted(_main(_continued(ridges, size), size), key=lambda ridge: float(ridge.rows.mean()))


def _linked(peaks: list[npt.NDArray[np.intp]], step: float) -> list[list[tuple[int, int]]]:
    """Peaks of neighbouring columns that are near each other, as tracks of (column, row)."""
    tracks: list[list[tuple[int, int]]] = []
    for column, rows in enumerate(peaks):
        alive = [track for track in tracks if track[-1][0] >= column - LAPSE]
        if not alive or not rows.size:
            tracks += [[(column, row)] for row in rows.tolist()]
            continue
        ends = np.array([track[-1] for track in alive])
        apart = np.abs(ends[:, 1:] - rows) / (column - ends[:, :1]) ** 0.5
        numbers, near = np.nonzero(apart <= step)
        pairs = sorted(zip(apart[numbers, near].tolist(), numbers.tolist(), rows[near].tolist(), strict=True))
        taken_tracks: set[int] = set()
        taken_rows: set[int] = set()
        for _, number, row in pairs:
            if number not in taken_tracks and row not in taken_rows:
                alive[number].append((column, row))
                taken_tracks.add(number)
                taken_rows.add(row)
        tracks += [[(column, row)] for row in rows.tolist() if row not in taken_rows]
    return tracks


def _continued(ridges: list[_Ridge], size: float) -> list[_Ridge]:
    """Ridges one behind the other at the same height, words far apart, made one."""
    joined: list[_Ridge] = []
    for ridge in sorted(ridges, key=_weight, reverse=True):
        best, offset = None, SAME * size
        for number, other in enumerate(joined):
            before, after = (ridge, other) if ridge.columns[0] < other.columns[0] else (other, ridge)
            apart = abs(before.rows[-1] - after.rows[0])
            if before.columns[-1] < after.columns[0] and apart < offset:
                best, offset = number, apart
        if best is None:
            joined.append(ridge)
            continue
        other = joined[best]
        order = np.argsort(np.concatenate([other.columns, ridge.columns]), kind="stable")
        joined[best] = _Ridge(
            *(np.concatenate(pair)[order] for pair in (
                (other.columns, ridge.columns), (other.rows, ridge.rows), (other.heights, ridge.heights)
            ))
        )  # fmt: skip
    return joined


def _main(ridges: list[_Ridge], size: float) -> list[_Ridge]:
    """The ridges of lines, without those that dots, bars, ascenders and descenders leave beside them."""
    kept: list[_Ridge] = []
    for ridge in sorted(ridges, key=_weight, reverse=True):
        if not any(_beside(ridge, other, SIDE_RIDGE * size, SIDE_HEIGHT, SAME * size) for other in kept):
            kept.append(ridge)
    rows = sorted(float(ridge.rows.mean()) for ridge in kept if _weight(ridge) > REGULAR * _weight(kept[0]))
    if len(rows) < 3:
        return kept
    pitch = float(np.percentile(np.diff(rows), 25))
    return [
        ridge
        for ridge in kept
        if not any(
            _weight(other) > _weight(ridge) and _beside(ridge, other, NARROW * pitch, LOW_HEIGHT) for other in kept
        )
    ]


def _beside(ridge: _Ridge, other: _Ridge, reach: float, share: float, same: float = 0.0) -> bool:
    """Whether most of a ridge is within reach of another, with less than that share of its height; or is the same."""
    off = np.abs(other.at(ridge.columns) - ridge.rows)
    low = ridge.heights < share * np.interp(ridge.columns, other.columns, other.heights)
    return bool((((off < reach) & low) | (off < same)).mean() > 0.5)


def _weight(ridge: _Ridge) -> float:
    return float(ridge.heights.sum())


def _nearest(pieces: Sequence[Piece], ridges: list[_Ridge], size: float) -> npt.NDArray[np.intp]:
    """The number of the ridge that each piece stands on, (N,)."""
    boxes = np.array([piece.box for piece in pieces], dtype=np.float64)
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    centres = np.array([_weighted_middle(piece) for piece in pieces])
    distances = np.empty((len(ridges), len(pieces)))
    for number, ridge in enumerate(ridges):
        beyond = np.maximum(0, np.maximum(ridge.columns[0] - middles, middles - ridge.columns[-1]) - 2 * size)
        distances[number] = np.abs(ridge.at(middles) - centres) + 0.2 * beyond
    return np.asarray(distances.argmin(axis=0))


def _weighted_middle(piece: Piece) -> float:
    """The row of a piece's centre of mass."""
    rows = piece.ink.sum(axis=1)
    return float(rows @ np.arange(len(rows)) / max(float(rows.sum()), 1e-6)) + piece.box.top - RIM + 0.5


def _spanning(pieces: list[Piece], upper: _Ridge, lower: _Ridge, size: float) -> list[Piece]:
    """The pieces that stand on two lines: they have a body on both, and go on beyond."""
    left, top, right, bottom = np.array([piece.box for piece in pieces], dtype=np.float64).reshape(-1, 4).T
    middle, reach = (left + right) / 2, SPANNED * size
    tall = (top <= upper.at(middle) - reach) & (bottom >= lower.at(middle) + reach)
    return [
        pieces[number] for number in np.flatnonzero(tall).tolist() if _has_both(pieces[number], (upper, lower), size)
    ]


def _has_both(piece: Piece, ridges: tuple[_Ridge, _Ridge], size: float) -> bool:
    """Whether a piece has much ink near each of two ridges."""
    box = piece.box
    rows = np.arange(box.top - RIM, box.bottom + RIM)[:, None] + 0.5
    columns = np.arange(box.left - RIM, box.right + RIM) + 0.5
    least = BODY * min(float(piece.ink.sum()), size * size)
    return all(float(piece.ink[np.abs(rows - ridge.at(columns)) < CORE * size].sum()) > least for ridge in ridges)


def _are_one(cuts: list[_Cut], pieces: list[Piece], upper: _Ridge, lower: _Ridge, size: float) -> bool:
    """Whether two ridges are of one line of large letters: hardly a piece on one alone, and cuts go through strokes.

    A lone glyph has ridges where its strokes run level, too, and is never cut.
    """
    region = around([piece.box for piece in pieces])
    if cuts and len(pieces) <= LONE_PIECES and region.width < LONE_ASPECT * region.height:
        return True
    if not cuts or sum(cost for _, _, cost in cuts) < LARGE_CUT * sum(piece.box.width for piece, _, _ in cuts):
        return False
    both = {id(piece) for piece, _, _ in cuts}
    alone = [0, 0]
    for piece in pieces:
        middle, row = (piece.box.left + piece.box.right) / 2, _weighted_middle(piece)
        off = [abs(float(ridge.at(middle)) - row) for ridge in (upper, lower)]
        if id(piece) not in both and min(off) < CORE * size:
            alone[int(np.argmin(off))] += piece.area
    return min(alone) < LONELY * sum(piece.area for piece, _, _ in cuts)


def _between(upper: _Ridge, lower: _Ridge) -> _Ridge:
    """The ridge half-way between two."""
    columns = np.union1d(upper.columns, lower.columns)
    heights = np.interp(columns, upper.columns, upper.heights) + np.interp(columns, lower.columns, lower.heights)
    return _Ridge(columns, (upper.at(columns) + lower.at(columns)) / 2, heights)


def _cut(piece: Piece, upper: _Ridge, lower: _Ridge, size: float) -> tuple[npt.NDArray[np.bool_], float]:
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


def _part(piece: Piece, kept: npt.NDArray[np.bool_]) -> list[Piece]:
    """The connected pieces of what is kept (bool, as the piece's ink) of a piece."""
    ink = np.where(kept, piece.ink, 0)
    level = binarise.threshold(piece.ink)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > min(TOUCH, level)).astype(np.uint8), connectivity=8)
    padded, owners = _owned(ink, labels)
    found = [_piece(number, stats[number], padded, owners, level) for number in range(1, len(stats))]
    left, top = piece.box.left - RIM, piece.box.top - RIM
    return [
        replace(part, box=Box(part.box.left + left, part.box.top + top, part.box.right + left, part.box.bottom + top))
        for part in found
        if max(part.box.width, part.box.height) > 2
    ]


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


def _size(pieces: list[Piece], body: binarise.Mask, stroke: float) -> float:
    """The size of a character: that of most pieces, unless most ink is of words in one piece.

    Then half their height, from ascenders to descenders, but no less than their small letters tell; and these alone
    where pieces are so tall that they must be several lines grown together.
    """
    size = usual_size(pieces)
    word = JOINED * _band(body, stroke)
    words = sum(piece.area for piece in pieces if max(piece.box.width, piece.box.height) > 2 * word)
    if words <= sum(piece.area for piece in pieces) / 2:
        return size
    return min(size, max(word, size / 2) if size < GROWN * word else word)


def _band(body: binarise.Mask, stroke: float) -> float:
    """How tall small letters are: strokes side by side closed to bands, the upper quartile of their heights."""
    kernel = np.ones((1, max(3, round(LETTER * stroke))), np.uint8)
    closed = cv2.morphologyEx(body.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    sampled = np.pad(closed[:, :: max(1, body.shape[1] // 256)], ((1, 1), (0, 0))).T.ravel().astype(np.int8)
    edges = np.diff(sampled)
    heights = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    heights = heights[heights > 1.5 * stroke]
    return float(np.percentile(heights, 75)) if heights.size else np.inf


def usual_size(pieces: list[Piece]) -> float:
    """The usual size of a character in pixels: the median longer side, dots and dust aside."""
    return usual(np.array([(piece.box.width, piece.box.height) for piece in pieces]))


def usual(sides: npt.NDArray[np.generic]) -> float:
    """The median of sizes by their sides (N, 2), width and height, but of those far below the large ones.

    A page may have more dots than letters; a word in one stroke is as large as it is tall.
    """
    width, height = sides.astype(np.float64).T
    shorter = np.minimum(width, height)
    longer = np.where(width > WIDE * height, height, np.maximum(width, height))
    order = np.argsort(longer, kind="stable")
    weight = np.cumsum(shorter[order])  # so that neither dots nor ruled lines weigh much
    large = longer[order[np.searchsorted(weight, 0.5 * weight[-1])]]
    return float(np.median(longer[(longer >= TALL * large) & (longer <= RULE_LENGTH * large)]))


def _carries(box: Box, size: float) -> bool:
    """Whether a piece is large enough to carry a line: tall, or long and not as flat as the bar of a T."""
    return box.height >= TALL * size or (box.width >= TALL * size and box.height >= FLAT * size)


def _is_rule(piece: Piece, size: float, stroke: float) -> bool:
    """Whether a piece is a ruled line, an underline, the edge of a shadow: long and thin, however it runs."""
    longer = max(piece.box.width, piece.box.height)
    if piece.box.width > RULE_ASPECT * piece.box.height:
        return True
    return longer > RULE_LENGTH * size and piece.area < RULE_STROKES * stroke * longer


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
        over = (gap > -DOT_SINK * height) & (gap < DOT_GAP * height) & (top[number] < top)
        fits = over & (height[number] < DOT_HEIGHT * height) & (aside < DOT_ASIDE * height)
        if fits.any():
            stems[id(piece)] = pieces[int(np.argmin(np.where(fits, np.maximum(gap, 0) + aside, np.inf)))]
    return stems


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2


def _attach(small: list[Piece], stems: dict[int, Piece], chains: list[list[Piece]], size: float) -> None:
    """Give each bar to the line of the nearest tall piece, each dot to its stem's; drop what stands alone far off."""
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
            number = tall[nearest][0] if distance[nearest] <= REACH * size else None
        if number is not None:
            chains[number].append(piece)
            numbers[id(piece)] = number


def _line(chain: list[Piece], stroke: float) -> InkLine:
    ordered = sorted(chain, key=lambda piece: (piece.box.left, piece.box.top))
    return InkLine(tuple(ordered), usual_size(ordered), stroke)
