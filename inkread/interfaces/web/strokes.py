"""The width of strokes, and strokes made wider or thinner: what `preprocessing.frame` asks OpenCV for, as a graph.

Distances are found row by row and then over the rows, as in Felzenszwalb and Huttenlocher, "Distance transforms of
sampled functions" (2012); OpenCV's 5x5 mask measures with Borgefors' chamfer distance (1986), which is a norm with 16
sides. Pieces are counted by FastSV (Zhang, Azad and Hu 2020): labels hook onto each other and are cut short.
"""

from __future__ import annotations

import numpy as np

from inkread.interfaces.web import operators as op
from inkread.interfaces.web.graph import Tensor

FAR = 100_000.0  # pixels; farther than any side of a picture is long
NEAREST, DIAGONAL, KNIGHT = 1.0, 1.4, 2.1969  # what OpenCV's 5x5 mask counts for steps by (1, 0), (1, 1) and (2, 1)


def stroke_width(mask: Tensor) -> Tensor:
    """The usual width of the strokes of a bool mask (H, W) with some ink, float64: ``binarise.stroke_width``."""
    inside = op.padded(mask, [1, 1], [1, 1], value=False)
    distance = op.total(chamfer(inside).to(np.float64)) / op.total(inside.to(np.float64))
    half = op.larger(2 * distance - 1, 1)
    return half + op.root(half * half - 1)


def chamfer(inside: Tensor) -> Tensor:
    """How far each pixel inside is from those outside, float32 (H, W): ``cv2.distanceTransform`` with the 5x5 mask.

    There must be a row outside above and below.
    """
    along = along_rows(inside)

    def look_farther(state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        nearest, rows = state
        nearest = op.smaller(nearest, _chamfer_norm(_rows_off(along, rows), rows.to(np.float32)))
        return op.most(nearest) > rows.to(np.float32) + 1, [nearest, rows + 1]

    one = inside.graph.constant(1, np.int64)
    return inside.graph.repeat(op.most(along) > 1, [along, one], look_farther)[0]


def _chamfer_norm(across: Tensor, down: Tensor) -> Tensor:
    """The length of the cheapest way by steps of the mask."""
    longer, shorter = op.larger(across, down), op.smaller(across, down)
    flat = longer * NEAREST + shorter * (KNIGHT - 2 * NEAREST)
    steep = longer * (KNIGHT - DIAGONAL) + shorter * (2 * DIAGONAL - KNIGHT)
    return op.larger(flat, steep)


def within(inside: Tensor, reach: Tensor) -> Tensor:
    """How far each pixel inside is from those outside, float32 (H, W), exact up to ``reach`` rows; beyond, larger."""
    along = along_rows(inside)

    def look_farther(state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        nearest, rows = state
        across, down = _rows_off(along, rows), rows.to(np.float32)
        return rows < reach, [op.smaller(nearest, across * across + down * down), rows + 1]

    one = inside.graph.constant(1, np.int64)
    return op.root(inside.graph.repeat(reach >= 1, [along * along, one], look_farther)[0])


def _rows_off(along: Tensor, rows: Tensor) -> Tensor:
    """The least of what stands so many rows above and below each pixel."""
    return op.smaller(op.shifted(along, rows, FAR), op.shifted(along, -rows, FAR))


def along_rows(inside: Tensor) -> Tensor:
    """How far each pixel is from the nearest one outside in its own row, float32 (H, W); FAR where there is none.

    Pixels outside are numbered along their row; each pixel looks up the places of the one before and the one behind.
    """
    outside = ~inside
    place = op.filled(inside.to(np.float32), 0) + op.row(op.places(op.size(inside, 1)).to(np.float32))
    before = op.running(outside.to(np.int64), axis=1)  # the number of the last one outside; 0: none yet
    nowhere = op.filled(op.padded(place, [0, 0], [0, 2]), -FAR)
    spots = op.gathered(nowhere, before, op.where(outside, place, -FAR), "max", axis=1)
    left, right = op.taken(spots, before, axis=1), op.taken(spots, before + 1, axis=1)
    return op.smaller(op.smaller(place - left, op.absolute(right - place)), FAR)


def grown(mask: Tensor, by: Tensor) -> Tensor:
    """``frame._grown``: the outline moved outwards by so many pixels, a lone float64, inwards when negative."""
    rim = op.larger(by.apply("Ceil").to(np.int64) + 2, 1)
    wide = op.padded(mask, [rim, rim], [rim, rim], value=False)
    by = by.to(np.float32)
    reach = op.absolute(by).apply("Ceil").to(np.int64) + 1

    def wider() -> Tensor:
        return op.where(~wide, op.clipped(by + 1 - within(~wide, reach), 0, 1), 1)

    def thinner() -> Tensor:
        return op.where(wide, op.clipped(by + within(wide, reach), 0, 1), 0)

    return mask.graph.either(by > 0, wider, thinner)


def pieces(mask: Tensor) -> Tensor:
    """How many connected pieces a bool mask (H, W) has, diagonal neighbours included: a lone int64."""
    flat = op.reshaped(mask, -1)
    own = op.places(op.count(mask))  # (n,)
    outside = op.count(mask)  # a label that belongs to nothing
    labels = op.appended(op.where(flat, own, outside), outside)  # (n + 1,)

    def hook(state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        before = state[0]
        parents = op.taken(before, before)
        near = op.appended(op.where(flat, _lowest_near(parents, mask), outside), outside)
        after = op.smaller(op.smaller(op.gathered(before, before, near, "min"), near), parents)
        return op.most(op.absolute(after - before)) > 0, [after]

    ends = mask.graph.repeat(mask.graph.constant(True, np.bool_), [labels], hook)[0]
    roots = op.equal(op.window(ends, [0], [-1]), own) & flat
    return op.total(roots.to(np.int64))


def _lowest_near(labels: Tensor, mask: Tensor) -> Tensor:
    """The lowest label among each pixel and its neighbours (n,), from (n + 1,); float32 holds labels below 2**24."""
    picture = op.reshaped(op.window(labels, [0], [-1]), op.size(mask, 0), op.size(mask, 1)).to(np.float32)
    return op.reshaped(-op.highest_near(-picture), -1).to(np.int64)
