"""The words that this room's graphs are written with, NumPy's where NumPy has one. Each writes an ONNX node or two.

Sizes, places and counts are lone int64; pictures are (H, W).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from inkread.interfaces.web.graph import Number, Tensor

Axis = Literal[0, 1]
Whole = Tensor | int


def size(picture: Tensor, axis: Axis) -> Tensor:
    """How many rows (0) or columns (1)."""
    shape = picture.apply("Shape", dtype=np.int64, attributes={"start": axis, "end": axis + 1})
    return squeezed(shape)


def count(values: Tensor) -> Tensor:
    """How many there are."""
    return values.apply("Size", dtype=np.int64)


def places(number: Tensor) -> Tensor:
    """0, 1, ... number - 1, in the number's type."""
    return number.graph.constant(0, number.dtype).apply("Range", number, 1)


def vector(*numbers: Tensor) -> Tensor:
    """Lone numbers side by side (n,)."""
    first, *rest = (number.apply("Reshape", number.graph.constant([1], np.int64)) for number in numbers)
    return first.apply("Concat", *rest, attributes={"axis": 0})


def appended(values: Tensor, number: Tensor) -> Tensor:
    """(n,) and one more."""
    return values.apply("Concat", vector(number), attributes={"axis": 0})


def reshaped(values: Tensor, *shape: Whole) -> Tensor:
    """The values in another shape; -1 for the side that follows from the others."""
    return values.apply("Reshape", _vector(values, shape))


def squeezed(values: Tensor) -> Tensor:
    """Without axes that hold one element."""
    return values.apply("Squeeze")


def row(values: Tensor) -> Tensor:
    """(W,) -> (1, W)."""
    return reshaped(values, 1, -1)


def column(values: Tensor) -> Tensor:
    """(H,) -> (H, 1)."""
    return reshaped(values, -1, 1)


def window(values: Tensor, begin: Sequence[Whole], end: Sequence[Whole]) -> Tensor:
    """From ``begin`` to before ``end``, a number for each axis."""
    return values.apply("Slice", _vector(values, begin), _vector(values, end))


def stepped(values: Tensor, step: Tensor) -> Tensor:
    """Every ``step``-th of (N,)."""
    begin, axis = values.graph.constant([0], np.int64), values.graph.constant([0], np.int64)
    return values.apply("Slice", begin, vector(count(values)), axis, vector(step))


def at(values: Tensor, place: Whole) -> Tensor:
    """The one of (N,) at a place; -1 is the last."""
    where_ = place if isinstance(place, Tensor) else values.graph.constant(place, np.int64)
    return values.apply("Gather", where_)


def padded(picture: Tensor, before: Sequence[Whole], after: Sequence[Whole], value: Number = 0) -> Tensor:
    """So many rows and columns more on each side, or fewer where negative."""
    return picture.apply("Pad", _vector(picture, [*before, *after]), value)


def shifted(picture: Tensor, down: Tensor, value: Number) -> Tensor:
    """The same size, moved down (up where negative) by less than its height; ``value`` comes in."""
    return padded(picture, [down, 0], [-down, 0], value)


def _vector(one: Tensor, numbers: Sequence[Whole]) -> Tensor:
    known = [number for number in numbers if isinstance(number, int)]
    if len(known) == len(numbers):
        return one.graph.constant(known, np.int64)
    return vector(*(n if isinstance(n, Tensor) else one.graph.constant(n, np.int64) for n in numbers))


def total(values: Tensor, axis: Axis | None = None) -> Tensor:
    """The sum of all, or along an axis."""
    return _reduced("ReduceSum", values, axis)


def mean(values: Tensor) -> Tensor:
    """The mean of all."""
    return _reduced("ReduceMean", values, None)


def most(values: Tensor, axis: Axis | None = None) -> Tensor:
    """The largest of all, or along an axis."""
    return _reduced("ReduceMax", values, axis)


def least(values: Tensor, axis: Axis | None = None) -> Tensor:
    """The smallest of all, or along an axis."""
    return _reduced("ReduceMin", values, axis)


def _reduced(operator: str, values: Tensor, axis: Axis | None) -> Tensor:
    axes = [] if axis is None else [values.graph.constant([axis], np.int64)]
    return values.apply(operator, *axes, attributes={"keepdims": 0})


def running(values: Tensor, axis: Axis) -> Tensor:
    """The sum so far, along an axis."""
    return values.apply("CumSum", values.graph.constant(axis, np.int64))


def larger(first: Tensor, second: Tensor | Number) -> Tensor:
    """The larger of two, element by element."""
    return first.apply("Max", second)


def smaller(first: Tensor, second: Tensor | Number) -> Tensor:
    """The smaller of two, element by element."""
    return first.apply("Min", second)


def clipped(values: Tensor, low: Number, high: Number) -> Tensor:
    """Kept within low .. high."""
    return values.apply("Clip", low, high)


def rounded(values: Tensor) -> Tensor:
    """To whole numbers, halves to even ones, as Python and NumPy do."""
    return values.apply("Round")


def floor(values: Tensor) -> Tensor:
    """The next lower whole numbers."""
    return values.apply("Floor")


def modulo(values: Tensor, by: Tensor) -> Tensor:
    """What a division leaves."""
    return values.apply("Mod", by)


def root(values: Tensor) -> Tensor:
    """The square root."""
    return values.apply("Sqrt")


def absolute(values: Tensor) -> Tensor:
    """Without sign."""
    return values.apply("Abs")


def where(condition: Tensor, yes: Tensor, no: Tensor | Number) -> Tensor:
    """``yes`` where the condition holds, else ``no``."""
    otherwise = no if isinstance(no, Tensor) else yes.graph.constant(no, yes.dtype)
    return condition.apply("Where", yes, otherwise, dtype=yes.dtype)


def equal(first: Tensor, second: Tensor | Number) -> Tensor:
    """Where two are the same."""
    return first.apply("Equal", second, dtype=np.bool_)


def chosen(values: Tensor, mask: Tensor) -> Tensor:
    """The values (n,) where the mask holds, row by row."""
    return reshaped(values, -1).apply("Compress", reshaped(mask, -1))


def highest(values: Tensor, number: Tensor) -> Tensor:
    """So many of (N,), the highest first."""
    types = [values.dtype, np.int64]
    return values.graph.write("TopK", [values, vector(number)], types, {"axis": 0})[0]


def found(mask: Tensor) -> Tensor:
    """Where a mask (N,) holds: int64 (n,)."""
    return reshaped(mask.apply("NonZero", dtype=np.int64), -1)


def extent(picture: Tensor, edge: Tensor | Number) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Top, bottom, left, right (half-open) of the pixels above ``edge``; there must be one."""
    rows, columns = found(most(picture, 1) > edge), found(most(picture, 0) > edge)
    return at(rows, 0), at(rows, -1) + 1, at(columns, 0), at(columns, -1) + 1


def taken(table: Tensor, numbers: Tensor, axis: Axis = 0) -> Tensor:
    """For each number the element of the table at it; along the axis, everything else stays."""
    return table.apply("GatherElements", numbers, attributes={"axis": axis})


def gathered(
    into: Tensor, numbers: Tensor, values: Tensor, how: Literal["add", "max", "min"], axis: Axis = 0
) -> Tensor:
    """The inverse of ``taken``: each value goes to its number, and joins by ``how`` what is there."""
    return into.apply("ScatterElements", numbers, values, attributes={"axis": axis, "reduction": how})


def filled(picture: Tensor, value: Number) -> Tensor:
    """The same shape and type with one value everywhere."""
    shape = picture.apply("Shape", dtype=np.int64)
    return picture.graph.constant(value, picture.dtype).apply("Expand", shape)


def highest_near(picture: Tensor) -> Tensor:
    """The highest of each pixel and its eight neighbours; float (H, W)."""
    whole = reshaped(picture, 1, 1, size(picture, 0), size(picture, 1))
    near = whole.apply("MaxPool", attributes={"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})
    return reshaped(near, size(picture, 0), size(picture, 1))
