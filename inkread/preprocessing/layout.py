"""The ink of a page -> its lines of text, top to bottom, each with its pieces of ink. Knows ink, not letters.

A line is a chain of pieces that stand side by side, so a page may be a little skewed. Joining pieces to glyphs is left
to `segment`. Made for well separated lines; specks, ruled lines and lone marks are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.results import Box

MAX_PIECES = 3_000  # more than a densely written page has; a photo of gravel has no end of them
TOUCH = 0.3  # of full ink; a stroke that is no fainter than this at its thinnest is one stroke
RIM = binarise.RIM  # pixels around a piece's box that its ink keeps: the soft edge of the stroke
SPECK_STROKES = 0.6  # stroke widths; smaller pieces are dust
SPECK_SIZE = 0.04  # of the usual size of a character; smaller pieces are dust
TALL = 0.5  # of the usual size of a character; pieces as tall carry a line, smaller ones (dots, bars) go with them
FLAT = 0.3  # of the usual size; the height of a flat letter (a hasty m), more than a bar's
DOT_HEIGHT = 0.75  # of the stem's height; a dot is lower
DOT_GAP, DOT_SINK = (
    0.4,
    0.15,
)  # of the stem's height; how far a dot's lower edge is above the stem's upper edge, or below it
DOT_ASIDE = 0.4  # of the stem's height; how far a dot's middle has slipped to the side
RULE_LENGTH = 5.0  # usual sizes; longer pieces may be ruled lines
RULE_ASPECT = 25.0  # no character is so much wider than tall
RULE_STROKES = 2.0  # strokes; a ruled line has so little ink for its length, a joined-up word has more
NEARBY = 2.5  # usual sizes; how far along a line its rows are taken to be the same
HELD = 0.75  # of a short chain's height; a line that reaches over so much of it holds it
LOOK_BACK = 3  # pieces at the end of a line that tell where it runs
SHARED = 0.4  # of the smaller height; pieces of one line overlap by so much vertically
ALONG = 0.3  # a pixel along the line is so much less far than one across it
REACH = 1.0  # of the usual size; how far above or below its line a dot or bar may stand


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


def lines(ink: binarise.Ink) -> Page:
    """Find the lines of text.

    Args:
        ink: float32 (H, W) in 0..1, from ``binarise.ink``.
    """
    pieces, left_out = find_pieces(ink)
    if not pieces:
        return Page((), left_out)
    stroke = _stroke(ink)
    size = usual_size(pieces)
    pieces = [piece for piece in pieces if not _is_rule(piece, size, stroke)]
    if not pieces:
        return Page((), left_out)
    stems = _stems(pieces)
    tall = [piece for piece in pieces if id(piece) not in stems and _carries(piece.box, size)]
    small = [piece for piece in pieces if id(piece) in stems or not _carries(piece.box, size)]
    chains = _chains(tall or small, size)
    if tall:
        _attach(small, stems, chains, size)
    chains.sort(key=lambda chain: float(np.median([_middle(piece.box) for piece in chain])))
    return Page(tuple(_line(chain, stroke) for chain in chains), left_out)


def find_pieces(ink: binarise.Ink) -> tuple[list[Piece], int]:
    """The connected pieces of ink, left to right, without dust; and how many (the smallest) MAX_PIECES left out."""
    level = binarise.threshold(ink)
    mask = ink > min(TOUCH, level)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    boxes = stats[:, : cv2.CC_STAT_AREA]  # left, top, width, height
    sizes = boxes[1:, 2:].max(axis=1)
    if not sizes.size:
        return [], 0
    dust = max(1.5, SPECK_STROKES * _stroke(ink), SPECK_SIZE * _usual(boxes[1:, 2:]))
    numbers = 1 + np.flatnonzero(sizes > dust)
    order = numbers[np.argsort(-stats[numbers, cv2.CC_STAT_AREA], kind="stable")]
    kept = sorted(order[:MAX_PIECES].tolist(), key=lambda number: (int(boxes[number, 0]), int(boxes[number, 1])))
    padded_ink = cv2.copyMakeBorder(ink, RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=0)
    padded_labels = cv2.copyMakeBorder(labels, RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=0)
    pieces = [_piece(number, stats[number], padded_ink, padded_labels, level) for number in kept]
    return pieces, len(numbers) - len(kept)


def _piece(
    number: int,
    stats: npt.NDArray[np.int32],
    ink: npt.NDArray[np.generic],
    labels: npt.NDArray[np.generic],
    level: float,
) -> Piece:
    """Cut one piece out of the padded ink, its soft rim with it, its neighbours left behind."""
    left, top, width, height, area = (int(value) for value in stats)
    window = (slice(top, top + height + 2 * RIM), slice(left, left + width + 2 * RIM))
    own = labels[window] == number
    near = cv2.dilate(own.astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0
    cut = np.where(own | (near & (labels[window] == 0)), ink[window], 0).astype(np.float32)
    core = own & (cut > level)
    x, y, width, height = cv2.boundingRect((core if core.any() else own).astype(np.uint8))
    box = Box(left + x - RIM, top + y - RIM, left + x - RIM + width, top + y - RIM + height)
    return Piece(box, np.ascontiguousarray(cut[y - RIM : y + height + RIM, x - RIM : x + width + RIM]), area)


def _stroke(ink: binarise.Ink) -> float:
    return binarise.stroke_width(ink > binarise.threshold(ink))


def usual_size(pieces: list[Piece]) -> float:
    """The usual size of a character in pixels: the median longer side, dots and dust aside."""
    return _usual(np.array([(piece.box.width, piece.box.height) for piece in pieces]))


def _usual(sides: npt.NDArray[np.generic]) -> float:
    """The median of the sizes, but of those far below the large ones: a page may have more dots than letters."""
    ordered = np.sort(sides.astype(np.float64), axis=1)
    shorter, longer = ordered[:, 0], ordered[:, 1]
    order = np.argsort(longer, kind="stable")
    weight = np.cumsum(shorter[order])  # so that neither dots nor ruled lines weigh much
    large = longer[order[np.searchsorted(weight, 0.75 * weight[-1])]]
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


def _stems(pieces: list[Piece]) -> dict[int, Piece]:
    """Each piece that stands like a dot over a taller one (close above, hardly beside): the dot's id -> the stem."""
    boxes = np.array([piece.box for piece in pieces], dtype=np.float64).reshape(-1, 4)
    left, top, right, bottom = boxes.T
    height, centre = bottom - top, (left + right) / 2
    stems = {}
    for number, piece in enumerate(pieces):
        gap = top - bottom[number]
        aside = np.abs(centre - centre[number])
        over = (gap > -DOT_SINK * height) & (gap < DOT_GAP * height) & (top[number] < top)
        fits = over & (height[number] < DOT_HEIGHT * height) & (aside < DOT_ASIDE * height)
        if fits.any():
            stems[id(piece)] = pieces[int(np.argmin(np.where(fits, np.maximum(gap, 0) + aside, np.inf)))]
    return stems


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2


def _chains(pieces: list[Piece], size: float) -> list[list[Piece]]:
    """Group tall pieces into lines: from left to right, each goes on with the line that it stands beside the end of."""
    chains: list[list[Piece]] = []
    ends = np.zeros((len(pieces), LOOK_BACK, 2))  # tops and bottoms of each chain's last pieces
    for piece in pieces:
        shared = _shared(piece.box, ends[: len(chains)])
        beside = np.flatnonzero(shared >= SHARED)
        number = len(chains)
        if beside.size:
            number = max(beside.tolist(), key=lambda chain: (min(len(chains[chain]), LOOK_BACK), shared[chain]))
            chains[number].append(piece)
            ends[number] = np.roll(ends[number], 1, axis=0)
            ends[number, 0] = piece.box.top, piece.box.bottom
        else:
            chains.append([piece])
            ends[number] = piece.box.top, piece.box.bottom
    return _joined(chains, size)


def _shared(box: Box, ends: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How well a box stands beside the ends (K, LOOK_BACK, 2) of K chains: the mean share of rows, (K,)."""
    tops, bottoms = ends[..., 0], ends[..., 1]
    rows = np.minimum(bottoms, box.bottom) - np.maximum(tops, box.top)
    shared: npt.NDArray[np.float64] = (rows / np.minimum(bottoms - tops, box.height)).mean(axis=1)
    return shared


def _joined(chains: list[list[Piece]], size: float) -> list[list[Piece]]:
    """Lay together the chains that are one line: where they meet, their middles are less than half a size apart."""
    joined: list[list[Piece]] = []
    columns = np.zeros((sum(map(len, chains)), 5))  # left, right, top, bottom and line of each piece laid down so far
    filled = 0
    for chain in sorted(chains, key=len, reverse=True):
        offsets = _offsets(chain, columns[:filled], len(joined))
        if len(chain) <= LOOK_BACK:
            offsets[_holding(chain, columns[:filled], size)] = 0
        nearest = int(np.argmin(offsets)) if joined else 0
        if joined and offsets[nearest] < 0.5 * size:
            joined[nearest].extend(chain)
            joined[nearest].sort(key=lambda piece: piece.box.left)
        else:
            nearest = len(joined)
            joined.append(list(chain))
        for piece in chain:
            columns[filled] = piece.box.left, piece.box.right, piece.box.top, piece.box.bottom, nearest
            filled += 1
    return joined


def _offsets(chain: list[Piece], columns: npt.NDArray[np.float64], lines: int) -> npt.NDArray[np.float64]:
    """How far above or below a chain each line runs, (lines,), in pixels, at its piece nearest to the chain."""
    offsets = np.full(lines, np.inf)
    nearest = np.full(lines, np.inf)
    left, right, top, bottom, owner = columns.T
    middle = (top + bottom) / 2
    for end in (chain[0].box, chain[-1].box):
        apart = np.maximum(0, np.maximum(left, end.left) - np.minimum(right, end.right))
        off = np.abs(middle - _middle(end))
        order = np.lexsort((off, apart, owner))
        numbers, first = np.unique(owner[order].astype(np.int64), return_index=True)
        picked = order[first]
        closer = numbers[apart[picked] < nearest[numbers]]
        chosen = picked[apart[picked] < nearest[numbers]]
        nearest[closer], offsets[closer] = apart[chosen], off[chosen]
    return offsets


def _holding(chain: list[Piece], columns: npt.NDArray[np.float64], size: float) -> list[int]:
    """The lines that run through a short chain's place: nearby, their pieces reach over most of its rows."""
    box = around([piece.box for piece in chain])
    left, right, _, _, owner = columns.T
    near = np.maximum(left, box.left) - np.minimum(right, box.right) < NEARBY * size
    holding = []
    for line in np.unique(owner[near]).astype(int).tolist():
        _, _, top, bottom, _ = columns[near & (owner == line)].T
        rows = min(float(bottom.max()), box.bottom) - max(float(top.min()), box.top)
        if rows >= HELD * box.height:
            holding.append(line)
    return holding


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
