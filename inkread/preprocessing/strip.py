"""The ink of one line -> a strip of fixed height, as a line network takes it, and the way back to the page.

The line is laid level and scaled so that its ink fills the strip's middle rows; stray marks far above or below are cut
off. Knows ink, not letters. Training and reading share it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray
from inkread.preprocessing.binarise import RIM, Ink
from inkread.preprocessing.layout import InkLine
from inkread.preprocessing.segment import canvas
from inkread.results import Box

HEIGHT = 40  # pixels of a strip
BODY = 30  # pixels that a line's ink fills, from its highest letters to its lowest
SHARE = 0.004  # of the ink, at the top and at the bottom each, that may lie outside: a speck is no measure
FAINT = 0.15  # of full ink; less is no stroke
INKED = 64  # of 255; fainter pixels of a strip are a stroke's soft rim
MARGIN = 24  # pixels of paper left and right
LEVEL_FROM = 5.0  # heights; how long a line must be for its slope to be told from its letters
STEEPEST = 0.25  # of a pixel down by one to the right; steeper is not the slope of a line
SLIGHT = 0.004  # the same; a slope that is not worth a resampling
ENOUGH = 40_000  # pixels that tell a line's extent; of more ink every few are looked at
LONGEST = 12_000  # pixels; the ends of longer strips are squeezed
FINEST = 8.0  # times that a tiny line may be enlarged

Strips = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Extent:
    """Where a line runs in its ink: rows ``top`` to ``bottom`` at column ``middle``, ``slope`` rows down a column."""

    top: float
    bottom: float
    slope: float
    middle: float


@dataclass(frozen=True)
class Strip:
    """A line as a network takes it.

    Attributes:
        pixels: uint8 (HEIGHT, W), ink 255 on 0, MARGIN pixels of paper left and right.
        to_ink: float64 (2, 3), the affine map from the strip's pixels to those of the ink.
    """

    pixels: Strips
    to_ink: npt.NDArray[np.float64]

    def box(self, left: float, right: float, top: float = 0.0, bottom: float = HEIGHT) -> Box:
        """The rectangle of the ink that a part of the strip comes from."""
        corners = np.array([(x, y, 1.0) for x in (left, right) for y in (top, bottom)])
        x, y = (corners @ self.to_ink.T).T
        return Box(int(np.floor(x.min())), int(np.floor(y.min())), int(np.ceil(x.max())), int(np.ceil(y.max())))

    def columns(self, corners: npt.NDArray[np.float64]) -> tuple[float, float]:
        """Where a part of the ink begins and ends in the strip, halfway down; its corners (4, 2) as `inked` takes."""
        across = self._here(corners)[:, 0]
        return float(across[[0, 3]].mean()), float(across[[1, 2]].mean())

    def inked(self, corners: npt.NDArray[np.float64]) -> int:
        """The pixels of the strip with ink, in a part of the ink that it comes from.

        Args:
            corners: (4, 2), x and y of each in pixels of the ink, from the top left one clockwise.
        """
        x, y = self._here(corners).T
        rows, columns = (slice(max(0, int(np.floor(side.min()))), max(0, int(np.ceil(side.max())))) for side in (y, x))
        return int((self.pixels[rows, columns] > INKED).sum())

    def _here(self, corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Points of the ink in the strip's pixels."""
        from_ink = np.asarray(cv2.invertAffineTransform(self.to_ink), np.float64)
        here: npt.NDArray[np.float64] = np.hstack([corners, np.ones((len(corners), 1))]) @ from_ink.T
        return here


def strip(line: InkLine) -> Strip:
    """Lay one line's ink level and bring it to the strip's height; other lines' ink, however near, stays out.

    Raises BadArray where no pixel holds ink.
    """
    box = line.box
    ink = canvas(list(line.pieces), box)
    laid = drawn(ink, extent(ink))
    to_page = laid.to_ink + np.array([[0, 0, box.left - RIM], [0, 0, box.top - RIM]])
    return Strip(laid.pixels, to_page)


def cells(strip: Strip, middles: npt.NDArray[np.float64]) -> list[Box]:
    """Where the characters of a strip stand in the ink that it comes from.

    Neighbours are parted where the least ink lies between their middles; boxes hug the ink that is left to each.

    Args:
        strip: of one line.
        middles: (T,) the column of each character's middle, from left to right.
    """
    inked = strip.pixels > INKED
    columns = inked.sum(axis=0)
    bounds = [0, *(_cut(columns, *pair) for pair in pairwise(middles.tolist())), strip.pixels.shape[1]]
    return [_hugging(strip, inked, left, right) for left, right in pairwise(bounds)]


def _cut(columns: npt.NDArray[np.int64], before: float, after: float) -> int:
    """The column with the least ink between two middles, the one nearest to halfway if there are several."""
    begin, end = round(before) + 1, max(round(after), round(before) + 2)
    between = columns[begin:end]
    if not between.size:
        return min(begin, len(columns))
    halfway = np.abs(np.arange(len(between)) - (len(between) - 1) / 2)
    return begin + int(np.lexsort((halfway, between))[0])


def _hugging(strip: Strip, inked: npt.NDArray[np.bool_], left: int, right: int) -> Box:
    """The box of the ink between two columns; all of the column where there is none."""
    x, y, width, height = cv2.boundingRect(inked[:, left:right].astype(np.uint8))
    if not width:
        return strip.box(left, max(right, left + 1))
    return strip.box(left + x, left + x + width, y, y + height)


def extent(ink: Ink) -> Extent:
    """Measure where a line runs; raises BadArray where there is no ink."""
    rows, columns = np.nonzero(ink > FAINT)
    if not rows.size:
        raise BadArray("got a line without ink; expected float32 (H, W) in 0..1 with some pixel of ink")
    step = 1 + len(rows) // ENOUGH
    rows, columns = rows[::step], columns[::step]
    weights = ink[rows, columns]
    middle = float(columns.mean())
    top, bottom = _rows(rows.astype(np.float64), weights)
    if np.ptp(columns) < LEVEL_FROM * (bottom - top):
        return Extent(top, bottom, 0.0, middle)
    slope = _slope(rows, columns, weights)
    top, bottom = _rows(rows - slope * (columns - middle), weights)
    return Extent(top, bottom, slope, middle)


def _slope(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], weights: Ink) -> float:
    """Rows down a column, by least squares through all ink: ascenders and descenders cancel out in a long line."""
    across = columns - columns.mean()
    steep = float((weights * across * (rows - rows.mean())).sum() / max((weights * across * across).sum(), 1e-9))
    return steep if SLIGHT < abs(steep) < STEEPEST else 0.0


def _rows(rows: npt.NDArray[np.float64], weights: Ink) -> tuple[float, float]:
    """The highest and the lowest row, but for a small share of the ink; half-open, at least one row."""
    low = float(np.floor(rows.min()))
    mass = np.cumsum(np.bincount((rows - low).astype(np.int64), weights).astype(np.float64))
    top, bottom = np.searchsorted(mass / mass[-1], [SHARE, 1 - SHARE])
    return low + float(top), low + float(bottom) + 1.0


def drawn(ink: Ink, extent: Extent) -> Strip:
    """The strip of a line that runs as its extent says."""
    scale = min(BODY / (extent.bottom - extent.top), FINEST)
    narrow = min(1.0, LONGEST / (scale * ink.shape[1]))
    small, across, down = _scaled(ink, scale * narrow, scale)
    slope = extent.slope * down / across
    level = down * (extent.top + extent.bottom) / 2 - slope * across * extent.middle  # of the line at column 0
    back = np.array([[1.0, 0.0, -MARGIN], [slope, 1.0, level - HEIGHT / 2 - slope * MARGIN]])  # strip -> reduced ink
    width = small.shape[1] + 2 * MARGIN
    inked = np.minimum(small * 255, 255).astype(np.uint8)
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(inked, back, (width, HEIGHT), flags=way)
    to_ink = np.array([[1 / across], [1 / down]]) * back
    return Strip(np.asarray(pixels, np.uint8), to_ink)


def _scaled(ink: Ink, across: float, down: float) -> tuple[Ink, float, float]:
    """The ink at another size, and the two scales that came out."""
    height, width = ink.shape
    size = (max(1, round(width * across)), max(1, round(height * down)))
    way = cv2.INTER_AREA if down < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(ink, size, interpolation=way)
    return scaled.astype(np.float32, copy=False), size[0] / width, size[1] / height


def moved(extent: Extent, up: float, larger: float) -> Extent:
    """An extent whose line stands ``up`` of its height higher and ``larger`` times as tall: hands and measures vary."""
    height, middle = extent.bottom - extent.top, (extent.top + extent.bottom) / 2 + up * (extent.bottom - extent.top)
    return replace(extent, top=middle - height / larger / 2, bottom=middle + height / larger / 2)
