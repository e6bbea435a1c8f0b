"""The ink of one line -> the strip that a line network takes, as a graph: `preprocessing.strip` line by line.

For the easy case alone: a clean drawing with one line of writing and nothing else. Pages, photos, dust and ruled paper
are `preprocessing`'s, which also tells the line's pieces from other ink. The names are those of `preprocessing.strip`
and `binarise`, which say why each step is taken.
"""

from __future__ import annotations

import numpy as np

from inkread.interfaces.web import operators as op
from inkread.interfaces.web.graph import Tensor
from inkread.interfaces.web.resizing import area, linear, resized
from inkread.preprocessing.pieces import RIM
from inkread.preprocessing.strip import (
    BODY,
    ENOUGH,
    FAINT,
    FINEST,
    HEIGHT,
    LEVEL_FROM,
    LONGEST,
    MARGIN,
    SHARE,
    SLIGHT,
    STEEPEST,
)

LEVELS = 256  # of grey


def strip(pixels: Tensor) -> Tensor:
    """The strip, uint8 (HEIGHT, W), of uint8 (H, W), ink high, at least one pixel of it full ink."""
    ink = op.padded(pixels.to(np.float32) / 255, [RIM, RIM], [RIM, RIM])
    top, bottom, left, right = op.extent(ink, threshold(ink))
    return drawn(op.window(ink, [top - RIM, left - RIM], [bottom + RIM, right + RIM]))


def threshold(ink: Tensor) -> Tensor:
    """``binarise.threshold``: Otsu's level over the pixels with ink, a lone float32."""
    inked = op.rounded(op.chosen(ink, ink > 0.05) * 255).to(np.int64)
    levels = op.places(ink.graph.constant(LEVELS, np.int64))
    ones = op.filled(inked, 1)
    share = op.gathered(op.filled(levels, 0), inked, ones, "add").to(np.float64) / op.count(inked).to(np.float64)
    moment = op.running(share * levels.to(np.float64), 0)
    low = op.running(share, 0)
    high = 1 - low
    both = (low > 1e-7) & (high > 1e-7)
    apart = moment / low - (op.at(moment, -1) - moment) / high
    between = op.where(both, low * high * apart * apart, 0)
    best = op.at(op.found(between >= op.most(between)), 0)
    return op.clipped(best.to(np.float32) / 255, 0.25, 0.6)


def drawn(ink: Tensor) -> Tensor:
    """``strip.drawn`` of an ink whose extent is measured: scaled, laid level, MARGIN pixels of paper left and right."""
    top, bottom, slope, middle = extent(ink)
    height, width = (op.size(ink, axis).to(np.float64) for axis in (0, 1))
    scale = op.smaller(BODY / (bottom - top), FINEST)
    narrow = op.smaller(LONGEST / (scale * width), 1)
    rows, columns = (op.larger(op.rounded(side), 1) for side in (height * scale, width * scale * narrow))
    sides = rows.to(np.int64), columns.to(np.int64)
    small = ink.graph.either(scale < 1, lambda: resized(ink, *sides, area), lambda: resized(ink, *sides, linear))
    across, down = columns / width, rows / height
    slope = slope * down / across
    level = down * (top + bottom) / 2 - slope * across * middle
    inked = op.floor(op.smaller(small * 255, 255))
    laid = _levelled(inked, slope * op.places(columns) + level - HEIGHT / 2)
    return op.padded(op.rounded(laid).to(np.uint8), [0, MARGIN], [0, MARGIN])


def _levelled(inked: Tensor, first: Tensor) -> Tensor:
    """HEIGHT rows (HEIGHT, W) from row ``first`` (W,) of each column on, between the two nearest; paper beyond."""
    rows = op.column(op.places(inked.graph.constant(HEIGHT, np.float64))) + op.row(first)
    above = op.floor(rows)
    part = (rows - above).to(np.float32)
    paper = op.padded(inked, [1, 0], [1, 0])
    last = op.size(paper, 0) - 1

    def row(places: Tensor) -> Tensor:
        return op.taken(paper, op.smaller(op.larger(places.to(np.int64) + 1, 0), last))

    return row(above) * (1 - part) + row(above + 1) * part


def extent(ink: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """``strip.extent``: top, bottom, slope and middle, each a lone float64."""
    every = op.found(op.reshaped(ink, -1) > FAINT)
    inked = op.stepped(every, op.count(every) // ENOUGH + 1)
    width = op.size(ink, 1)
    rows, columns = (inked // width).to(np.float64), op.modulo(inked, width).to(np.float64)
    weights = op.taken(op.reshaped(ink, -1), inked).to(np.float64)
    middle = op.mean(columns)
    top, bottom = _rows(rows, weights)
    long = op.most(columns) - op.least(columns) >= LEVEL_FROM * (bottom - top)
    steep = _slope(rows, columns, weights)
    slope = op.where(long & (op.absolute(steep) > SLIGHT) & (op.absolute(steep) < STEEPEST), steep, 0)
    return *_rows(rows - slope * (columns - middle), weights), slope, middle


def _slope(rows: Tensor, columns: Tensor, weights: Tensor) -> Tensor:
    """Rows down a column, by least squares through all ink."""
    across = columns - op.mean(columns)
    spread = op.larger(op.total(weights * across * across), 1e-9)
    return op.total(weights * across * (rows - op.mean(rows))) / spread


def _rows(rows: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The highest and the lowest row, but for a small share of the ink; half-open, at least one row."""
    low = op.floor(op.least(rows))
    numbers = (rows - low).to(np.int64)
    none = op.filled(op.places(op.most(numbers) + 1).to(np.float64), 0)
    mass = op.running(op.gathered(none, numbers, weights, "add"), 0)
    share = mass / op.at(mass, -1)
    top, bottom = (op.total((share < edge).to(np.float64)) for edge in (SHARE, 1 - SHARE))
    return low + top, low + bottom + 1
