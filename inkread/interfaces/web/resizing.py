"""Resizing as two matrices that follow from the sizes, one for the rows and one for the columns.

The weights are those of Pillow's bicubic filter and of OpenCV's area and linear ones, which `preprocessing` uses;
ONNX's own Resize has others. Written in `operators`: the functions give parts of a graph.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inkread.interfaces.web import operators as op
from inkread.interfaces.web.graph import Tensor

Weights = Callable[[Tensor, Tensor], Tensor]  # how many pixels there are, how many there shall be -> their matrix


def resized(picture: Tensor, height: Tensor, width: Tensor, weights: Weights) -> Tensor:
    """(H, W) -> (height, width), float32; along the rows first, as Pillow and OpenCV do."""
    along = weights(op.size(picture, 1), width)
    down = weights(op.size(picture, 0), height)
    return down @ (picture @ along.apply("Transpose"))


def scaled_sides(picture: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Height and width times a float64, rounded as Python does, at least 1."""
    height, width = (
        op.larger(op.rounded(op.size(picture, axis).to(np.float64) * scale), 1).to(np.int64) for axis in (0, 1)
    )
    return height, width


def bicubic(old: Tensor, new: Tensor) -> Tensor:
    """Pillow's cubic (a = -1/2), as wide as the pixels it reduces: float32 (new, old)."""
    scale = old.to(np.float64) / new.to(np.float64)
    middles = op.column((op.places(new.to(np.float64)) + 0.5) * scale)
    x = op.absolute(op.row(op.places(old.to(np.float64)) + 0.5) - middles) / op.larger(scale, 1)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    weights = op.where(x < 1, near, op.where(x < 2, far, 0))
    return (weights / op.column(op.total(weights, 1))).to(np.float32)


def area(old: Tensor, new: Tensor) -> Tensor:
    """The share of each old pixel in a new, larger one: float32 (new, old)."""
    scale = old.to(np.float64) / new.to(np.float64)
    begin = op.column(op.places(new.to(np.float64)) * scale)
    left = op.row(op.places(old.to(np.float64)))
    shared = op.larger(op.smaller(left + 1, begin + scale) - op.larger(left, begin), 0)
    return (shared / op.column(op.total(shared, 1))).to(np.float32)


def linear(old: Tensor, new: Tensor) -> Tensor:
    """Between the two nearest middles, the outermost pixels going on: float32 (new, old)."""
    scale = old.to(np.float64) / new.to(np.float64)
    last = old.to(np.float64) - 1
    middles = op.smaller(op.larger((op.places(new.to(np.float64)) + 0.5) * scale - 0.5, 0), last)
    apart = op.absolute(op.row(op.places(old.to(np.float64))) - op.column(middles))
    return op.clipped(1 - apart, 0, 1).to(np.float32)
