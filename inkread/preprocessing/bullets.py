"""Lines of pieces -> the same lines without marks before items of a list, and without arrows. Knows no letters.

A mark stands at the left of its line, a gap away from the first word. What is solid, as tall as several dots and stands
above the line is a bullet, what has more than four arms from one middle is an asterisk, also where the page has only
one. A small ring or square above the line, and a tick, look much like o and v: only several in one column are marks.
An arrow is a straight stroke whose head is widest behind and ends at its tip. It goes wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.labelled import outlined
from inkread.preprocessing.pieces import RIM, TALL, TOUCH, Piece
from inkread.results import Box, around

Lines = list[list[Piece]]
Bits = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.float64]
Sort = Literal["alone", "listed", "along"]  # a mark by itself; among its like; an o or a C, but among rings

GAP: Final = 0.2  # usual sizes from a mark to the first word; letters of a word are nearer to each other
WIDEST: Final = 2.2  # usual sizes of a mark
LETTERS: Final = 2  # as tall as a line's letters, that follow a mark; before fewer it may be all that is written
NEAREST: Final = 6  # letters, from whose feet it is told how high a mark stands
TALLER: Final = 80  # percent of a line's letters that are lower than its tall ones, which are
TALLEST: Final = 1.6  # usual sizes at most
COLUMN: Final = 0.45  # usual sizes; the left sides of marks in one column differ by less
ALIKE: Final = 1.45  # times; marks of one list differ by less in width and in height
LISTED: Final = 2  # of them make a list

RAISED: Final = 0.1  # usual sizes from a line's feet to a mark that stands above them; a full stop stands on the feet
LEVEL: Final = (0.2, 0.72)  # usual sizes above the feet, where a mark's middle is; quotation marks are higher
SMALL: Final = 0.75  # of the tall letters' height, that of a bullet
SOLID: Final = 0.86  # of its convex hull, what of a bullet is ink,
ROUND: Final = 1.4  # what its longer side is to its shorter one at most; a dash is longer
THICK: Final = 1.25  # strokes, its shorter side; what the pen leaves where it only touches the paper is no larger
LEAST: Final = 0.15  # usual sizes of one that is the only one; specks are smaller
MASSIVE: Final = 0.95  # of its hull, the ink of one that stands on the line's feet; an e that the pen filled has less
LARGEST: Final = 1.1  # of the tall letters' height, that of a solid one among its like, which may stand on the feet
LARGE: Final = (2.2, 0.3)  # strokes and usual sizes, its shorter side; that of a full stop is less
FULL: Final = 0.88  # of its convex hull, what lies within the outline of a ring or a square,
HOLLOW: Final = 0.12  # and what of it is paper
SQUARE: Final = 0.93  # of the upright or tilted rectangle around a square; an O fills 0.8 of it, a D 0.9
ARMS: Final = 5  # of an asterisk; an x and a k have four
RADII: Final = (0.5, 0.6, 0.7, 0.8, 0.9)  # of the longest arm, where arms are counted
TURNS: Final = 180  # directions from the middle
LOOSE: Final = 0.08  # of a full turn, where there is ink that hangs on no arm; that of an e runs around its bar
OPPOSITE: Final = 0.07  # of a full turn, by which two arms are off one straight stroke
AGREED: Final = 2  # of these, at least, that cross so many
TICK: Final = (0.45, 2.0)  # usual sizes, the height of a tick
CORNER: Final = (0.1, 0.62)  # of its width, where its lowest point is
SHORTER: Final = 0.72  # of the longer arm's height, the shorter one's; a v has arms of one height
WIDE: Final = 0.55  # of its height, a tick's width; a J is narrower

ON_STROKES: Final = 0.92  # of the ink, what lies on the straight strokes of a tick or an arrow,
SOFT: Final = 1.5  # pixels; the hand wavers
STEPS: Final = 24  # points of a stroke, at which there is ink

LONG: Final = 0.5  # usual sizes, the length of an arrow
LONGER: Final = 1.05  # times its height; letters are hardly so wide
HOLES: Final = 0.04  # of its ink, paper that it runs around; an e has more
SHAFT: Final = 0.33  # of an arrow's length, the end of its shaft where no head is
BROADER: Final = 1.8  # strokes, and two pixels; as thick is its shaft, which may slope
THIN: Final = 1.4  # times, and a pixel; no column of the shaft is thicker than most
ALONG: Final = 0.9  # of a stroke, what is ink
STEEP: Final = 0.2  # of its length, by which it rises or falls at most
BARB: Final = 0.1  # usual sizes, how far the head reaches above the shaft, and below
UNEVEN: Final = 2.5  # times the shorter barb's height, the other's
BACK: Final = 0.5  # of the higher barb's height, how far barbs go back from the tip at least
HEAD: Final = 0.7  # of the arrow's length, how far at most


@dataclass(frozen=True)
class _Lead:
    """What stands first in a line, a gap before the rest: its pieces, the box around them, the row of the feet of the
    letters that follow, and how tall the taller ones of these are.
    """

    pieces: tuple[Piece, ...]
    box: Box
    feet: float
    tall: float


def without_bullets(lines: Lines, size: float, stroke: float) -> Lines:
    """Lines, each of pieces, without marks of a list and without arrows; the very same list where there are none.

    Args:
        lines: top to bottom.
        size, stroke: the usual size of a character and the usual width of a stroke, in pixels.
    """
    gone = {
        id(piece)
        for line in lines
        for piece in line
        if len(line) > LETTERS and _may_be_arrow(piece.box, size) and _is_apart(piece, line, size)
        if _is_arrow([piece], size, stroke)
    }
    sorts = [(lead, _sort(lead, size, stroke)) for lead in filter(None, (_lead(line, size) for line in lines))]
    listed = [lead for lead, sort in sorts if sort == "listed"]
    for lead, sort in sorts:
        if sort == "alone" or (sort and sum(_in_column(lead, other, size) for other in listed) >= LISTED):
            gone |= {id(piece) for piece in lead.pieces}
    if not gone:
        return lines
    return [kept for line in lines if (kept := [piece for piece in line if id(piece) not in gone])]


def _lead(line: list[Piece], size: float) -> _Lead | None:
    """What stands first in a line if it is as narrow as a mark and a gap away from letters; None otherwise."""
    ordered = sorted(line, key=lambda piece: piece.box.left)
    right = ordered[0].box.right
    count = 1
    while count < len(ordered) and ordered[count].box.left - right < GAP * size:
        right = max(right, ordered[count].box.right)
        count += 1
    letters = [piece.box for piece in ordered[count:] if piece.box.height >= TALL * size]
    if right - ordered[0].box.left > WIDEST * size or len(letters) < LETTERS:
        return None
    feet = float(np.median([box.bottom for box in letters[:NEAREST]]))
    tall = min(float(np.percentile([box.height for box in letters], TALLER)), TALLEST * size)
    return _Lead(tuple(ordered[:count]), around([piece.box for piece in ordered[:count]]), feet, tall)


def _is_apart(piece: Piece, line: list[Piece], size: float) -> bool:
    """Whether a piece is a gap away from all others of its line, as letters of a word are not."""
    left, right = piece.box.left - GAP * size, piece.box.right + GAP * size
    return all(other is piece or other.box.right <= left or other.box.left >= right for other in line)


def _in_column(lead: _Lead, other: _Lead, size: float) -> bool:
    """Whether two leads begin in one column and are of one size."""
    near = abs(lead.box.left - other.box.left) <= COLUMN * size
    sides = ((lead.box.width, other.box.width), (lead.box.height, other.box.height))
    return near and all(max(pair) <= ALIKE * min(pair) for pair in sides)


def _sort(lead: _Lead, size: float, stroke: float) -> Sort | None:
    """Whether a lead is a mark wherever it stands, one if others are like it, or none."""
    box, own = lead.box, _mask(lead.pieces, lead.box)
    stars, side = _stars(own, size), max(box.width, box.height) / lead.tall
    small, raised, solid = side <= SMALL, _is_raised(lead, max(size, lead.tall)), _is_solid(own, stroke)
    one = len(lead.pieces) == 1
    dot = one and small and raised and solid and min(own.shape) >= LEAST * size
    if stars >= AGREED or dot or _is_arrow(lead.pieces, size, stroke):
        return "alone"
    if not one:
        return None
    large = min(own.shape) >= max(LARGE[0] * stroke, LARGE[1] * size)
    if solid and large and side <= LARGEST and _filled(own) == own.sum() >= MASSIVE * _hull(own):
        return "listed"
    if (small and _is_square(own)) or _is_tick(own, size, stroke):
        return "listed"
    if small and raised and _is_outline(own):
        return "listed"
    return "along" if side <= LARGEST and not own[own.shape[0] // 2, own.shape[1] // 2] else None


def _mask(pieces: tuple[Piece, ...] | list[Piece], box: Box) -> Bits:
    """The ink (h, w) of pieces without paper around it, at least one pixel."""
    mask = np.zeros((box.height, box.width), bool)
    for piece in pieces:
        top, left = piece.box.top - box.top, piece.box.left - box.left
        window = mask[top : top + piece.box.height, left : left + piece.box.width]
        ink = piece.ink[RIM:-RIM, RIM:-RIM]
        window |= ink > min(TOUCH, float(ink.max()) / 2)  # pieces of pale ink are fainter
    across, down, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return mask[down : down + height, across : across + width]


def _is_raised(lead: _Lead, size: float) -> bool:
    """Whether a lead stands above the feet of its line, no higher than the middle of its letters."""
    middle = lead.feet - (lead.box.top + lead.box.bottom) / 2
    return lead.feet - lead.box.bottom >= RAISED * size and LEVEL[0] * size <= middle <= LEVEL[1] * size


def _is_solid(own: Bits, stroke: float) -> bool:
    """Whether a piece is a disc or a filled square, larger than a dot."""
    shorter, longer = sorted(own.shape)
    return shorter >= THICK * stroke and longer <= ROUND * shorter and bool(own.sum() >= SOLID * _hull(own))


def _is_outline(own: Bits) -> bool:
    """Whether a piece is a ring or a square around paper, without an inner corner."""
    shorter, longer = sorted(own.shape)
    area = _filled(own)
    return longer <= ROUND * shorter and area >= FULL * _hull(own) and area - int(own.sum()) >= HOLLOW * area


def _is_square(own: Bits) -> bool:
    """Whether a piece is a square around paper, with all of its corners."""
    _, sides, _ = cv2.minAreaRect(cv2.findNonZero(own.astype(np.uint8)))
    area = (sides[0] + 1) * (sides[1] + 1)
    return _is_outline(own) and _filled(own) >= SQUARE * area


def _filled(own: Bits) -> int:
    """The pixels within a mask's outline."""
    return int(outlined(own.astype(np.uint8))[1].sum())


def _hull(own: Bits) -> int:
    """The pixels of a mask's convex hull."""
    points = cv2.findNonZero(own.astype(np.uint8))
    return int(cv2.fillConvexPoly(np.zeros(own.shape, np.uint8), cv2.convexHull(points), 1).sum())


def _stars(own: Bits, size: float) -> int:
    """How far out, in RADII, many straight arms reach from the middle of the ink, where there is ink, too."""
    rows, columns = np.nonzero(own)
    middle = rows.mean(), columns.mean()
    reach = float(np.hypot(rows - middle[0], columns - middle[1]).max())
    height, width = own.shape
    if (
        reach * RADII[0] < 1
        or max(own.shape) > size
        or not own[round(middle[0]), round(middle[1])]
        or max(own.shape) > ROUND * min(own.shape)
    ):
        return 0
    turns = np.linspace(0, 2 * np.pi, TURNS, endpoint=False)
    out = np.arange(1, int(reach * RADII[-1]) + 1)[:, None]
    down = np.rint(middle[0] + out * np.sin(turns)).astype(int)
    across = np.rint(middle[1] + out * np.cos(turns)).astype(int)
    within = (down >= 0) & (down < height) & (across >= 0) & (across < width)
    inked = within & own[down.clip(0, height - 1), across.clip(0, width - 1)]  # (R, TURNS)
    unbroken = np.cumsum(inked, axis=0) >= ALONG * out
    rings = [int(radius * reach) - 1 for radius in RADII]
    tied = [inked[ring] & unbroken[ring] for ring in rings]
    loose = [np.count_nonzero(inked[ring] & ~unbroken[ring]) for ring in rings]
    return sum(bool(_crossing(arms) >= ARMS and rest <= LOOSE * TURNS) for arms, rest in zip(tied, loose, strict=True))


def _crossing(arms: Bits) -> int:
    """How many arms, by the directions (TURNS,) in which there is one, have another one opposite."""
    begins, ends = (np.flatnonzero(arms & ~np.roll(arms, step)) for step in (1, -1))
    if not len(begins):
        return 0
    ends = ends if ends[0] >= begins[0] else np.roll(ends, -1)
    middles = (begins + ((ends - begins) % TURNS) / 2) % TURNS
    off = np.abs((middles[:, None] - middles - TURNS / 2) % TURNS)
    return int((np.minimum(off, TURNS - off).min(axis=1) <= OPPOSITE * TURNS).sum())


def _is_tick(own: Bits, size: float, stroke: float) -> bool:
    """Whether a piece is two straight strokes, a short one down to its lowest point and a long one up to the right."""
    height, width = own.shape
    if not TICK[0] * size <= height <= TICK[1] * size or width < WIDE * height:
        return False
    corner = float(np.flatnonzero(own[-1]).mean())
    left, right = int(np.flatnonzero(own[:, 0]).mean()), int(np.flatnonzero(own[:, -1]).mean())
    arms = height - left, height - right
    if not CORNER[0] * width <= corner <= CORNER[1] * width or arms[0] > SHORTER * arms[1] or arms[0] < 2 * stroke:
        return False
    length = np.hypot(corner, arms[0]) + np.hypot(width - corner, arms[1])
    half = float(own.sum() / length / 2)
    foot = np.array([corner, height - 1 - half])
    ends = [np.array([half, left]), np.array([width - 1 - half, right])]
    return 2 * half <= BROADER * stroke + 2 and _are_strokes(own, half, [(foot, end) for end in ends])


def _are_strokes(own: Bits, half: float, ways: list[tuple[Rows, Rows]]) -> bool:
    """Whether ink (h, w) is straight strokes, twice ``half`` thick, from point to point (x, y), and hardly more."""
    rows, columns = np.nonzero(own)
    points = np.stack([columns, rows], axis=1).astype(np.float64)
    off = np.min([_from_line(points, begin, end) for begin, end in ways], axis=0)
    if (off <= half + SOFT).mean() < ON_STROKES:
        return False
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8))
    along = np.linspace(0, 1, STEPS)[:, None]
    for begin, end in ways:
        across, down = np.rint(begin + along * (end - begin)).astype(int).T
        if near[down.clip(0, own.shape[0] - 1), across.clip(0, own.shape[1] - 1)].mean() < ALONG:
            return False
    return True


def _from_line(points: Rows, begin: Rows, end: Rows) -> Rows:
    """How far points (N, 2) are from the stretch between two others."""
    way = end - begin
    along = ((points - begin) @ way / max(float(way @ way), 1e-9)).clip(0, 1)
    off: Rows = np.linalg.norm(points - begin - along[:, None] * way, axis=1)
    return off


def _may_be_arrow(box: Box, size: float) -> bool:
    """Whether a box is as wide as an arrow, and tall enough to have a head."""
    return box.width >= max(LONG * size, LONGER * box.height) and box.height >= 2 * BARB * size


def _is_arrow(pieces: list[Piece] | tuple[Piece, ...], size: float, stroke: float) -> bool:
    """Whether pieces are a straight stroke across with a head at its right or its left end."""
    box = around([piece.box for piece in pieces])
    if not _may_be_arrow(box, size):
        return False
    own = _mask(pieces, box)
    if own.shape[1] < LONG * size or _filled(own) - int(own.sum()) > HOLES * int(own.sum()):
        return False
    return _points_right(own, size, stroke) or _points_right(own[:, ::-1], size, stroke)


def _points_right(own: Bits, size: float, usual: float) -> bool:
    """Whether ink (h, w) is a straight stroke across with a head of two short ones at its right end.

    ``usual``: the usual width of a stroke.
    """
    height, width = own.shape
    inked: Bits = np.asarray(own.any(axis=0))
    tops, bottoms = own.argmax(axis=0), height - 1 - own[::-1].argmax(axis=0)
    shaft = np.flatnonzero(inked[: int(SHAFT * width)])
    if not len(shaft) or len(shaft) < ALONG * int(SHAFT * width):
        return False
    thick = (bottoms + 1 - tops)[shaft]
    stroke = float(np.median(thick))
    if stroke > BROADER * usual + 2 or (thick > THIN * stroke + 1).mean() > 1 - ALONG:
        return False
    tip = np.array([width - 1.0, (tops[-1] + bottoms[-1]) / 2])
    start = np.array([0.0, float(np.median((tops + bottoms)[shaft[: max(1, len(shaft) // 2)]] / 2))])
    level = start[1] + (tip[1] - start[1]) * np.arange(width) / (width - 1)
    near = np.abs(np.arange(height)[:, None] - level) <= stroke / 2 + 1
    if abs(tip[1] - start[1]) > STEEP * width or (own & near).any(axis=0).mean() < ALONG:
        return False
    high, low = np.where(inked, level - tops, 0), np.where(inked, bottoms - level, 0)
    ends = [np.array([float(side.argmax()), row[side.argmax()]]) for side, row in ((high, tops), (low, bottoms))]
    backs = [float(tip[0] - end[0]) for end in ends]
    barbs = sorted((float(high.max()), float(low.max())))
    if barbs[0] < BARB * size + stroke / 2 or barbs[1] > UNEVEN * barbs[0] or min(backs) < BACK * barbs[1]:
        return False
    if max(backs) > HEAD * width:
        return False
    return _are_strokes(own, stroke / 2, [(tip, end) for end in (start, *ends)])
