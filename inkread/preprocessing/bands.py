"""Ink -> how far dark bands reach in from a picture's edges, and the picture without them.

A scanner sees the dark beside the sheet, and a copier leaves black edges. Knows straight edges and pieces of ink, not
letters. A letter that is cut close has straight strokes along the edges, too; but its other strokes hang on them, or
reach as far as they do, where writing beside a band keeps off the band's ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.binarise import Grey, Ink, Mask
from inkread.preprocessing.labelled import INKED
from inkread.preprocessing.pieces import usual

SLACK = 0.01  # of the picture's breadth, and two pixels; as much paper may lie outside a band
ALONG = 0.9  # of an edge's length, a band that runs along all of it
CORNER = 0.25  # of an edge's length, the least of a band that fades out
DEEPEST = 0.25  # of the picture's breadth; what reaches further is no band
LONE = 0.05  # the same where nothing else is on the picture
BLOCKS = 16  # of an edge, in each of which a band has a depth, and paper a level, of its own
RAGGED = 0.01  # of the picture's breadth, and two pixels; how far a band's rim strays
BROAD = 0.5  # of its length, how broad a tear is; strokes that hang on a band are longer
SPECK = 3  # pixels; smaller pieces are dust
OFF = 0.15  # of an edge's length, and two pixels; so far writing keeps off a band's ends: less than tall letters do
TALLER = 4.0  # times the usual height of writing; no stroke is so long
MANY = 8  # pieces of writing, from which its usual height is told
HANGING = 0.35  # of a band's pixels; what has more hanging on it is a letter, unless ...
WRITTEN = 0.5  # ... there is so much other writing
LONGEST = 10.0  # times the usual height of writing; what is so long is a band, whatever hangs on it
SPECKS = 0.05  # as HANGING, where there is little other writing
SOFT = 2  # pixels of a band's soft edge
SAMPLES = 15  # pixels of the paper that its level beside a band is taken from ...
BESIDE = 0.2  # ... over so much of the picture's breadth
LETTERS = 3  # blocks to either side; a stroke that ends at a band is no higher

_Level = TypeVar("_Level", bound=np.generic)
Depths = npt.NDArray[np.int64]


def bands(ink: Ink) -> list[Depths]:
    """How deep a dark band reaches in from each edge: left, right, top, bottom; int64 (H,), (H,), (W,), (W,), 0: none.

    Args:
        ink: float32 (H, W), 0 on paper, 1 in full strokes.
    """
    mask = ink > INKED
    found = [_depths(side) for side in from_sides(mask)]
    if not any(depths.any() for depths in found):
        return found
    longest = max(int(np.count_nonzero(depths)) for depths in found)
    free = _free(mask, _covered(found, mask.shape), longest)
    return [
        depths if free is not None and _is_band(depths, free, found, edge, mask.shape) else np.zeros_like(depths)
        for edge, depths in enumerate(found)
    ]


def papered(grey: Grey, found: list[Depths]) -> Grey:
    """The picture with its bands in the paper's level beside them."""
    filled = grey.copy()
    for side, depths in zip(from_sides(filled), found, strict=True):
        if not depths.any():
            continue
        breadth = side.shape[1]
        reach = np.where(depths > 0, depths + SOFT, 0)
        beside = reach[:, None] + SOFT + np.linspace(0, BESIDE * breadth, SAMPLES).astype(np.int64)
        level = _along(np.take_along_axis(side, beside.clip(0, breadth - 1), axis=1), around=LETTERS)
        deepest = int(reach.max())
        within = np.arange(deepest) < reach[:, None]
        np.copyto(side[:, :deepest], level[:, None].astype(np.uint8), where=within)
    return filled


def from_sides(pixels: npt.NDArray[_Level]) -> Iterator[npt.NDArray[_Level]]:
    """Views of a picture with its left, right, top and bottom edge at the left."""
    yield from (pixels, pixels[:, ::-1], pixels.T, pixels.T[:, ::-1])


def _depths(side: Mask) -> Depths:
    """How many pixels of ink follow each other from the left edge on, as far as they are a band's; 0: no band."""
    length, breadth = side.shape
    none = np.zeros(length, np.int64)
    slack, limit = max(2, round(SLACK * breadth)), max(1, int(DEEPEST * breadth))
    share = side[:, : slack + 1].mean(axis=0)
    whole = np.flatnonzero(share >= ALONG)
    start = int(whole[0]) if whole.size else 0
    near = side[:, start : start + limit]
    runs = np.where(near.all(axis=1), near.shape[1], near.argmin(axis=1))
    if not whole.size:
        runs = _at_a_corner(runs)
        if not runs.any():
            return none
    else:  # it may lean a little
        late = ~near[:, 0]
        runs[late] = _late_runs(near[late], slack)
    usual_depth = _along(runs)
    cap = usual_depth + max(2, RAGGED * breadth)
    if np.median(usual_depth[runs > 0]) >= near.shape[1] - 1:
        return none  # a dark field, not a band
    capped = np.minimum(runs, cap.astype(np.int64))
    depths: Depths = np.where(runs > 0, start + _with_tears(runs, capped), 0)
    return depths


def _with_tears(runs: Depths, capped: Depths) -> Depths:
    """How deep a band is (L,), of runs of ink, and of those cut where a band usually ends.

    What reaches further in and is half as broad as long is where the sheet is torn, and no letter's stroke.
    """
    beyond = np.concatenate([[False], runs > capped, [False]])
    begins, ends = np.flatnonzero(~beyond[:-1] & beyond[1:]), np.flatnonzero(beyond[:-1] & ~beyond[1:])
    depths = capped.copy()
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        if end - begin >= BROAD * (runs[begin:end] - capped[begin:end]).max():
            depths[begin:end] = runs[begin:end]
    return depths


def _late_runs(near: Mask, slack: int) -> Depths:
    """Where the ink ends that begins within ``slack`` pixels of the left edge (L,); 0 where none does."""
    first = near[:, : slack + 1].argmax(axis=1)
    paper = ~near & (np.arange(near.shape[1]) >= first[:, None])
    ends: Depths = np.where(paper.any(axis=1), paper.argmax(axis=1), near.shape[1])
    return ends


def _along(values: npt.NDArray[np.integer], around: int = 0) -> npt.NDArray[np.float64]:
    """The median of each block of an edge's values (L,) or (L, n), and what lies between on straight lines: (L,).

    ``around``: blocks to either side, of whose medians each block takes the median.
    """
    places = np.arange(len(values))
    blocks = np.array_split(places, min(BLOCKS, len(values)))
    medians = [float(np.median(values[block])) for block in blocks]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(medians, around, mode="symmetric"), 2 * around + 1)
    levels = np.median(windows, axis=1)
    along: npt.NDArray[np.float64] = np.interp(places, [float(block.mean()) for block in blocks], levels)
    return along


def _at_a_corner(runs: Depths) -> Depths:
    """The runs of the longest stretch that begins at either end, where it is long enough; else none."""
    touching = runs > 0
    lengths = [int(np.argmin(part)) if not part.all() else len(part) for part in (touching, touching[::-1])]
    first = lengths[0] >= lengths[1]
    longest = max(lengths)
    kept = np.zeros_like(runs)
    if longest >= CORNER * len(runs):
        part = slice(0, longest) if first else slice(len(runs) - longest, len(runs))
        kept[part] = runs[part]
    return kept


def _covered(found: list[Depths], shape: tuple[int, ...]) -> Mask:
    covered = np.zeros(shape, bool)
    for side, depths in zip(from_sides(covered), found, strict=True):
        deepest = int(depths.max(initial=0))
        side[:, :deepest] |= np.arange(deepest) < depths[:, None]
    return covered


def _free(mask: Mask, covered: Mask, longest: int) -> npt.NDArray[np.int32] | None:
    """The boxes (P, 4) of the pieces that are no part of bands: left, top, width, height, dust left out; None where so
    much hangs on what may be bands, the longest so many pixels, that it is writing.
    """
    _, labels, measured, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    stats = measured.astype(np.int32, copy=False)
    bound = np.zeros(len(stats), bool)
    bound[labels[covered]] = True
    bound[0] = False  # the paper
    band = int((mask & covered).sum())
    hanging = int(stats[bound, cv2.CC_STAT_AREA].sum()) - band
    others = ~bound & (stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) > SPECK)
    others[0] = False
    written = int(stats[others, cv2.CC_STAT_AREA].sum())
    many = int(others.sum()) >= MANY
    free = stats[others, : cv2.CC_STAT_AREA]
    if many and longest >= LONGEST * usual(free[:, 2:]):
        return free  # the rings of a pad may hang on it
    if hanging > (max(HANGING * band, WRITTEN * written) if many else SPECKS * band):
        return None
    return free


def _is_band(
    depths: Depths, free: npt.NDArray[np.int32], found: list[Depths], edge: int, shape: tuple[int, ...]
) -> bool:
    """Whether the pieces beside it (P, 4) show that a dark edge is a band: they are far less tall, or keep
    off the band's ends.
    """
    if not depths.any():
        return False
    upright = edge < 2  # the left or the right one
    length, breadth = shape if upright else shape[::-1]
    if not len(free):
        return bool(depths.max() <= LONE * breadth)
    if len(free) >= MANY and int((depths > 0).sum()) >= TALLER * usual(free[:, 2:]):
        return True
    if (depths > 0).mean() < ALONG:
        return False
    begin, extent = (free[:, 1], free[:, 3]) if upright else (free[:, 0], free[:, 2])
    off = max(2, round(OFF * length))
    ends = [int(np.median(depths)) + 1 if depths.any() else off for depths in (found[2:] if upright else found[:2])]
    return bool(begin.min() >= ends[0] and length - (begin + extent).max() >= ends[1])
