"""Ink -> the same ink without solid things: a thumb that holds the sheet, a pen that lies on it, a blot.

Knows how thick ink is, not letters. What is solid is several times as thick as strokes are, and as thick as letters are
tall, without other writing of such strokes; strokes that hang on it or run into its shadow stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.binarise import Ink, Mask, stroke_widths
from inkread.preprocessing.dotted import leaders
from inkread.preprocessing.labelled import Labelled, boxes_of, labelled, largest_on, window_of
from inkread.preprocessing.pieces import usual

THICK: Final = 3.0  # strokes, ...
TALL: Final = 0.9  # ... and usual sizes; what is solid is thicker than both; a letter that the pen has filled is not
LYING, LONG = 0.55, 2.5  # usual sizes; what is so long may be thinner: pens
SQUARE: Final = 0.7  # of a disc's width, the side of a square within it
FULL: Final = 0.75  # of its convex hull, what is solid takes; letters and pictures leave more paper
MOSTLY: Final = 0.75  # of its piece; where bold letters have grown together it is less
BOLD: Final = 0.35  # of its thickness, ...
LETTERS: Final = 2  # ... so many other pieces with such strokes are bold writing
SCRAP: Final = 0.5  # usual sizes; a stroke that hangs on a solid reaches further
BESIDE: Final = 0.4  # of a pen's thickness, how wide the dark is on either side of what shines on it
SHINE: Final = 3.0  # usual sizes, how long what shines on a pen is at least, ...
THIN: Final = 5.0  # ... and how many times as long as it is wide
HOLLOW: Final = 0.5  # of what is dark on the pen, how much it is at most
TWIN: Final = 1.4  # times as thick and as long, at most, is another stroke of the same pen
STOUT, SLIM = 2.0, 6.0  # times as long as wide; an I or a 1 of the boldest pen is between
DOT: Final = 0.15  # of the usual size, how large the dot of an i is at least
LETTER: Final = 0.5  # of the usual size, how large letters are at least
PALE: Final = 0.2  # of full ink, what a solid has at least: skin is hardly darker than paper
SHADE: Final = 0.1  # of full ink, what its shadow or soft edge has at least
RIM: Final = 3  # pixels around a stroke that are of its soft edge


def without_solids(ink: Ink, pieces: Labelled) -> Ink:
    """The ink float32 (H, W) without solid things and their shadows; the same array where there are none.

    ``pieces`` are those of ``labelled(ink)``.
    """
    sides = pieces.stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    if len(sides) < LETTERS:
        return ink
    size = usual(sides[~leaders(boxes_of(pieces.stats[1:]).astype(np.float64))])
    found = list(_cores(pieces, size, BESIDE))
    if cv2.erode((ink > PALE).view(np.uint8), np.ones((int(SQUARE * LYING * size) + 1,) * 2, np.uint8)).any():
        found += _cores(labelled(ink, PALE), size)
    if not found:
        return ink
    widths = stroke_widths(pieces.mask, pieces.labels, len(sides))
    stroke = float(np.median(widths[sides.max(axis=1) >= LETTER * size]))
    fine = (widths < BOLD * min(core.thick for core in found)) & (sides.max(axis=1) >= DOT * size)
    letters = np.isin(pieces.labels, 1 + np.flatnonzero(fine))  # on a field that is hardly darker than paper they stay
    others = np.delete(widths, np.unique(pieces.labels[_drawn(found, ink.shape) & pieces.mask]) - 1)
    solids = _drawn([core for core in found if not _is_writing(core, found, others, stroke)], ink.shape) & ~letters
    if not solids.any():
        return ink
    solids |= _scraps(pieces.mask & ~solids & ~letters, solids, SCRAP * size)
    strokes = (pieces.mask & ~solids).view(np.uint8)
    kept = cv2.dilate(strokes, np.ones((2 * RIM + 1,) * 2, np.uint8)) > 0
    _, shades = cv2.connectedComponents((((ink > SHADE) & ~kept) | solids).view(np.uint8), connectivity=8)
    gone = np.isin(shades, np.unique(shades[solids]))
    around = cv2.dilate(gone.view(np.uint8), np.ones((2 * RIM + 1,) * 2, np.uint8)) > 0
    return np.where(solids | (around & ~kept), 0, ink).astype(np.float32)


def _scraps(strokes: Mask, solids: Mask, far: float) -> Mask:
    """What of the strokes hangs on a solid and ends before it is so ``far`` from it, in pixels."""
    count, labels = cv2.connectedComponents(strokes.view(np.uint8), connectivity=8)
    near = np.unique(labels[cv2.dilate(solids.view(np.uint8), np.ones((3, 3), np.uint8)) > 0])
    off = cv2.distanceTransform((~solids).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    numbers = np.asarray(labels, np.int32)
    furthest = np.concatenate([[np.inf], largest_on(np.asarray(off, np.float32), numbers, count - 1)])
    scraps: Mask = np.isin(numbers, near[furthest[near] < far])
    return scraps


@dataclass(frozen=True, eq=False)
class _Core:
    """What is solid of a piece.

    Attributes:
        place: rows and columns of the picture.
        own: bool (h, w), the solid pixels there.
        thick: how thick it is, in pixels.
        free: whether it stands free of the picture's edges.
    """

    place: tuple[slice, slice]
    own: Mask
    thick: float
    free: bool


def _is_writing(core: _Core, found: list[_Core], others: npt.NDArray[np.float64], stroke: float) -> bool:
    """Whether what is solid may be bold writing: no thicker than strokes, or beside others that are as bold.

    ``others`` are the widths of the other pieces' strokes; of what is solid, strokes of one pen are as thick and long.
    """
    if core.thick < THICK * stroke or np.count_nonzero(others >= BOLD * core.thick) >= LETTERS:
        return True
    twins = [
        other
        for other in found
        if other.free and _slimness(other.own) > STOUT and (other is core or not _overlap(other, core))
        and 1 / TWIN < other.thick / core.thick < TWIN
        and 1 / TWIN < max(other.own.shape) / max(core.own.shape) < TWIN
    ]  # fmt: skip
    return core.free and _slimness(core.own) > STOUT and len(twins) >= LETTERS


def _overlap(one: _Core, other: _Core) -> bool:
    """Whether two solids are the same, seen at two levels: their rows and columns overlap."""
    return all(
        mine.start < its.stop and its.start < mine.stop for mine, its in zip(one.place, other.place, strict=True)
    )


def _slimness(core: Mask) -> float:
    """How many times as long as wide a solid is, however it leans."""
    short, long = sorted(cv2.minAreaRect(np.argwhere(core).astype(np.float32))[1])
    return float(long / max(short, 1e-6))


def _cores(pieces: Labelled, size: float, share: float = 1.0) -> Iterator[_Core]:
    """Where pieces are solid: their rows and columns, what is solid, and how thick, in pixels.

    ``share`` of a solid's thickness is between its shining middle and either side.
    """
    square = np.ones((max(3, int(share * SQUARE * LYING * size)),) * 2, np.uint8)
    for number in np.unique(pieces.labels[cv2.erode(pieces.mask.view(np.uint8), square) > 0]).tolist():
        sides = pieces.stats[number, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
        enough = (LYING if sides.max() >= LONG * size else TALL) * size
        if sides.min() < enough or (share < 1 and sides.max() < SHINE * size):
            continue
        place = window_of(pieces.stats[number])
        own = _without_shine(pieces.labels[place] == number, SHINE * size)
        depth = cv2.distanceTransform(np.pad(own.view(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
        thick = 2 * float(depth.max())
        inside = (depth >= thick / 4).astype(np.uint8)
        if thick < enough or np.count_nonzero(inside) < FULL * _hulls(inside):
            continue
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (int(np.ceil(thick / 4)) + RIM) + 1,) * 2)
        core = own & (cv2.dilate(inside, disc) > 0)
        free = all(part.start > 0 and part.stop < side for part, side in zip(place, pieces.mask.shape, strict=True))
        if np.count_nonzero(core) >= MOSTLY * np.count_nonzero(own) and not (free and STOUT < _slimness(core) < SLIM):
            yield _Core(place, core, thick, free)


def _without_shine(own: Mask, least: float) -> Mask:
    """A piece (h, w) without the long holes that light leaves on a pen, at least so many pixels.

    Those of letters are shorter, and a box is hollow.
    """
    outlines, levels = cv2.findContours(own.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    holes = [outline for outline, level in zip(outlines, levels[0], strict=True) if level[3] >= 0]
    sides = [sorted(cv2.minAreaRect(hole)[1]) for hole in holes]
    long = [hole for hole, (short, side) in zip(holes, sides, strict=True) if side >= max(least, THIN * short)]
    shine = np.asarray(cv2.drawContours(np.zeros(own.shape, np.uint8), long, -1, 1, cv2.FILLED), np.uint8)
    return own | (shine > 0) if np.count_nonzero(shine) <= HOLLOW * np.count_nonzero(own) else own


def _hulls(mask: npt.NDArray[np.uint8]) -> float:
    """The area of the convex hulls of a mask's pieces, in pixels."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return sum(cv2.contourArea(cv2.convexHull(outline)) for outline in outlines)


def _drawn(cores: list[_Core], shape: tuple[int, ...]) -> Mask:
    """All cores in one mask (H, W)."""
    mask = np.zeros(shape, bool)
    for core in cores:
        mask[core.place] |= core.own
    return mask
