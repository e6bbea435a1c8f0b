"""Ink -> the same ink without the rings, wires or holes that a pad of paper is bound with. Knows pieces, not letters.

They are alike and evenly spaced along most of an edge, not far from it, with all writing on one side of them; beside
lines some stand where no line is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.bands import SPECK
from inkread.preprocessing.binarise import Ink
from inkread.preprocessing.dotted import Chain, Sizes, chains, evenly_spaced
from inkread.preprocessing.labelled import Labelled, boxes_of, erased, labelled, pixels_of
from inkread.preprocessing.pieces import usual

ALONG: Final = 0.6  # of the edge, how far they reach
MARGIN: Final = 0.25  # of the picture's breadth, within which they stand
REACH: Final = 0.2  # of the edge, the next one is nearer
FEWEST: Final = 6
EVEN: Final = 0.12  # of the way from one to the next, how far one is off its place
SLACK: Final = 0.5  # of how broad they are, how much further one reaches that the picture's edge cuts
LEAST: Final = 0.3  # of the usual size of writing; dots are smaller
PATTERN: Final = 12  # pixels square, that their shapes are compared at
UNLIKE, ALIKE = 0.2, 0.75  # of a shape, how much differs from the usual one; of them, how many differ no more
ACROSS, OFF = (
    0.75,
    1.3,
)  # of an upper or lower edge, how far they reach; usual sizes from the next line: none in a table
MOST: Final = 3_000  # pieces; a photo of gravel has no end of them
WRITING: Final = 3  # other pieces; fewer are no page
FREE: Final = 0.25  # of those beside lines, how many stand where no line is: a list's first letters are all in lines


@dataclass(frozen=True)
class _Edge:
    """A picture from one of its edges.

    Attributes:
        boxes: float64 (N, 4), each piece's first and last pixel along the edge at 0 and 2, away from it at 1 and 3.
        length: of the edge, in pixels.
        margin: so far from the edge a binding reaches, in pixels.
        upright: whether lines run towards it.
    """

    boxes: Sizes
    length: int
    margin: float
    upright: bool

    def margins(self) -> Iterator[Chain]:
        """The pieces that stand along most of the edge and apart from all that is further off: ever more of them."""
        order = np.argsort(self.boxes[:, 1], kind="stable")
        reach = np.maximum.accumulate(self.boxes[order, 3])
        ends = 1 + np.flatnonzero((self.boxes[order[1:], 1] >= reach[:-1]) & (reach[:-1] <= self.margin))
        for end in ends[(ends >= FEWEST) & (ends <= len(order) - WRITING)].tolist():
            if _extent(self.boxes[order[:end]]) >= ALONG * self.length:
                yield order[:end]


def without_binding(ink: Ink, pieces: Labelled | None = None) -> Ink:
    """The ink float32 (H, W) of a level page without what binds it; the same array where nothing does.

    ``pieces`` are those of ``labelled(ink)``, where they are known already.
    """
    found = pieces or labelled(ink)
    sides = found.stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    large = 1 + np.flatnonzero((sides[1:] > SPECK).any(axis=1))
    if not FEWEST + WRITING <= len(large) <= MOST:
        return ink
    left = np.arange(len(large))
    for edge in _edges(found.stats[large], ink.shape):
        for margin in edge.margins():
            among = np.intersect1d(margin, left)
            if _has_row(edge, among, np.setdiff1d(left, among), found, large):
                left = np.setdiff1d(left, among)
    if len(left) == len(large):
        return ink
    own = np.isin(found.labels, np.delete(large, left))
    return erased(ink, own, found.mask)


def _edges(stats: npt.NDArray[np.int32], shape: tuple[int, ...]) -> Iterator[_Edge]:
    """A picture from its left, right, top and bottom edge, by the numbers (N, 5) of its pieces."""
    left, top, right, bottom = boxes_of(stats).astype(np.float64).T
    down, across = shape
    for near, far in ((left, right), (across - right, across - left)):
        yield _Edge(np.stack([top, near, bottom, far], axis=1), down, MARGIN * across, upright=True)
    for near, far in ((top, bottom), (down - bottom, down - top)):
        yield _Edge(np.stack([left, near, right, far], axis=1), across, MARGIN * down, upright=False)


def _extent(boxes: Sizes) -> float:
    """How far boxes (N, 4) reach along the edge."""
    return float(boxes[:, 2].max() - boxes[:, 0].min())


def _has_row(edge: _Edge, among: Chain, others: Chain, pieces: Labelled, numbers: npt.NDArray[np.intp]) -> bool:
    """Whether these pieces at an edge are a row of a binding, and what is near to one of the row but no further off.

    ``numbers`` (N,) are what the ``pieces`` call them.
    """
    boxes, writing = edge.boxes[among], edge.boxes[others]
    if len(boxes) < FEWEST or len(writing) < WRITING:
        return False
    for chain in chains(boxes, REACH * edge.length):
        row = boxes[chain]
        if len(row) < FEWEST or _extent(row) < ALONG * edge.length:
            continue
        middles, (near, far) = row[:, [0, 2]].mean(axis=1), np.median(row[:, [1, 3]], axis=0)
        off = np.abs(boxes[:, [0, 2]].mean(axis=1, keepdims=True) - middles).min(axis=1)
        beside = ((writing[:, [0]] < middles) & (middles < writing[:, [2]])).any(axis=0)
        if (
            any(evenly_spaced(part, EVEN) for part in (row, row[::2]))  # rings may be pairs of wires
            and off.max() <= np.diff(middles).max()
            and boxes[:, 3].max() <= far + SLACK * (far - near)
            and usual(row[:, 2:] - row[:, :2]) >= LEAST * usual(writing[:, 2:] - writing[:, :2])
            and ((~beside).mean() >= FREE if edge.upright else _stands_off(row, writing, edge.length))
            and _are_alike(pieces, numbers[among[chain]])
        ):
            return True
    return False


def _stands_off(row: Sizes, writing: Sizes, length: int) -> bool:
    """Whether a row along most of an edge is further from the writing than lines are from each other."""
    gap = float(writing[:, 1].min() - np.median(row[:, 3]))
    return _extent(row) >= ACROSS * length and gap >= OFF * usual(writing[:, 2:] - writing[:, :2])


def _are_alike(pieces: Labelled, numbers: npt.NDArray[np.intp]) -> bool:
    """Whether most of these pieces have one shape."""
    own = (pixels_of(pieces.labels, pieces.stats, number).astype(np.float32) for number in numbers.tolist())
    shapes = np.stack([cv2.resize(mask, (PATTERN, PATTERN), interpolation=cv2.INTER_AREA) for mask in own])
    off = np.abs(shapes - np.median(shapes, axis=0)).mean(axis=(1, 2))
    return bool((off <= UNLIKE).mean() >= ALIKE)
