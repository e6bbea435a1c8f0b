"""The ink of a region -> where its lines run: the ridges of the ink blurred along them. Knows ink, not pieces.

Source: Bukhari, Shafait and Breuel, "Script-independent handwritten textlines segmentation" (2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.results import Box

Rows = npt.NDArray[np.float64]
FINE = 12  # rows of a usual character on the map that ridges are found on; a column there is a character wide
BLUR = (1.5, 0.3)  # usual sizes along and across the line; letters become a ridge, lines stay apart
FLOOR = 0.08  # of the highest ridge; lower ones are dust
STEP = 0.4  # of the usual size; how far a ridge may climb or fall from one character to the next
LAPSE = 3  # characters; after so wide a gap a ridge begins anew
SAME = 0.5  # of the usual size; ridges one behind the other that are less far apart are one line
STRAY = 0.8  # the same, where their ends meet, if on average they are no farther apart than SAME: a ? stands high
SIDE_RIDGE, SIDE_HEIGHT = 1.1, 0.4  # sizes from a ridge, of its height: ascenders, descenders, dots have such ridges
BEYOND = 3.0  # sizes; what is further from a line's ends is no bar or dot of it
SHORT = 2  # characters; beside a ridge of more than twice as many, so short a one is of a bar or a serif
MOST = 300  # ridges that are looked at, the heaviest ones; a page has no more lines, noise has no end of them
REGULAR = 0.25  # of the heaviest ridge; ridges as heavy tell how far apart lines are
FARTHEST = 1.4  # sizes from a line to its bars; small words that were put in above it are further off
NARROW, LOW_HEIGHT = 0.55, 0.7  # of that distance, of the height: so slight a ridge beside a line is of its bars


@dataclass(frozen=True)
class Ridge:
    """Where a line runs: its row at some columns, left to right, in pixels; how much ink it has there."""

    columns: Rows
    rows: Rows
    heights: Rows

    def at(self, columns: float | npt.NDArray[np.floating]) -> Rows:
        """The rows at any columns; beyond its ends it goes on level."""
        return np.asarray(np.interp(np.asarray(columns, dtype=np.float64), self.columns, self.rows))


def find_ridges(ink: binarise.Ink, region: Box, size: float) -> list[Ridge]:
    """The ridges of a region's ink, top to bottom, at least one."""
    cut = ink[region.top : region.bottom, region.left : region.right]
    rows, columns = (
        min(region.height, max(3, round(FINE * region.height / size))),
        min(region.width, max(1, round(region.width / size))),
    )
    cells = cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns)
    down, across = region.height / rows, region.width / columns
    pad = int(2 * BLUR[1] * size / down) + 2
    padded = cv2.copyMakeBorder(cells, pad, pad, 0, 0, cv2.BORDER_CONSTANT, value=0)
    along, over = BLUR[0] * size / across, BLUR[1] * size / down
    soft = cv2.GaussianBlur(padded, (0, 0), sigmaX=along, sigmaY=over, borderType=cv2.BORDER_CONSTANT)
    high = (soft[1:-1] >= soft[:-2]) & (soft[1:-1] > soft[2:]) & (soft[1:-1] > FLOOR * float(soft.max()))
    tracks = _linked([np.flatnonzero(column) + 1 for column in high.T], STEP * size / down)
    ridges = []
    for track in tracks:
        places, heights = np.array(track).T
        middles = (places + 0.5) * across + region.left
        level = (heights - pad + 0.5) * down + region.top
        ridges.append(Ridge(middles, level, soft[heights, places].astype(np.float64)))
    heaviest = sorted(ridges, key=_weight, reverse=True)[:MOST]
    return sorted(_main(continued(heaviest, size), size), key=lambda ridge: float(ridge.rows.mean()))


def _linked(peaks: list[npt.NDArray[np.intp]], step: float) -> list[list[tuple[int, int]]]:
    """Peaks of neighbouring columns that are near each other, as tracks of (column, row)."""
    tracks: list[list[tuple[int, int]]] = []
    for column, rows in enumerate(peaks):
        alive = [track for track in tracks if track[-1][0] >= column - LAPSE]
        if not alive or not rows.size:
            tracks += [[(column, row)] for row in rows.tolist()]
            continue
        ends = np.array([track[-1] for track in alive])
        apart = np.abs(ends[:, 1:] - rows) / (column - ends[:, :1]) ** 0.5
        numbers, near = np.nonzero(apart <= step)
        pairs = sorted(zip(apart[numbers, near].tolist(), numbers.tolist(), rows[near].tolist(), strict=True))
        taken_tracks: set[int] = set()
        taken_rows: set[int] = set()
        for _, number, row in pairs:
            if number not in taken_tracks and row not in taken_rows:
                alive[number].append((column, row))
                taken_tracks.add(number)
                taken_rows.add(row)
        tracks += [[(column, row)] for row in rows.tolist() if row not in taken_rows]
    return tracks


def continued(ridges: list[Ridge], size: float) -> list[Ridge]:
    """Ridges one behind the other at the same height, words far apart, made one."""
    joined: list[Ridge] = []
    for ridge in sorted(ridges, key=_weight, reverse=True):
        best, offset = None, SAME * size
        for number, other in enumerate(joined):
            before, after = (ridge, other) if ridge.columns[0] < other.columns[0] else (other, ridge)
            apart = abs(before.rows[-1] - after.rows[0])
            if apart < STRAY * size:
                apart = min(apart, abs(before.rows.mean() - after.rows.mean()))
            if before.columns[-1] < after.columns[0] and apart < offset:
                best, offset = number, apart
        if best is None:
            joined.append(ridge)
            continue
        other = joined[best]
        order = np.argsort(np.concatenate([other.columns, ridge.columns]), kind="stable")
        joined[best] = Ridge(
            *(np.concatenate(pair)[order] for pair in (
                (other.columns, ridge.columns), (other.rows, ridge.rows), (other.heights, ridge.heights)
            ))
        )  # fmt: skip
    return joined


def _main(ridges: list[Ridge], size: float) -> list[Ridge]:
    """The ridges of lines, without those that dots, bars, ascenders and descenders leave beside them."""

    def is_beside(ridge: Ridge, other: Ridge, reach: float, share: float, same: float = 0.0) -> bool:
        off = _off(ridge, other, size)
        return bool(((off < reach) & _slight(ridge, other, share)).mean() > 0.5 or (off < same).mean() > 0.5)

    kept: list[Ridge] = []
    for ridge in sorted(ridges, key=_weight, reverse=True):
        if not any(is_beside(ridge, other, SIDE_RIDGE * size, SIDE_HEIGHT, SAME * size) for other in kept):
            kept.append(ridge)
    rows = sorted(float(ridge.rows.mean()) for ridge in kept if _weight(ridge) > REGULAR * _weight(kept[0]))
    if len(rows) < 3:
        return kept
    reach = min(NARROW * float(np.percentile(np.diff(rows), 25)), FARTHEST * size)
    return [
        ridge
        for ridge in kept
        if not any(_weight(other) > _weight(ridge) and is_beside(ridge, other, reach, LOW_HEIGHT) for other in kept)
    ]


def _off(ridge: Ridge, other: Ridge, size: float) -> Rows:
    """How far each place of a ridge is from another ridge, in pixels; infinitely far beyond the other's ends."""
    beyond = np.maximum(other.columns[0] - ridge.columns, ridge.columns - other.columns[-1])
    return np.where(beyond > BEYOND * size, np.inf, np.abs(other.at(ridge.columns) - ridge.rows))


def _slight(ridge: Ridge, other: Ridge, share: float) -> npt.NDArray[np.bool_]:
    """Where a ridge has less than that share of another's height; everywhere where it is far shorter."""
    low: npt.NDArray[np.bool_] = ridge.heights < share * np.interp(ridge.columns, other.columns, other.heights)
    return low | (len(ridge.columns) <= SHORT < len(other.columns) / 2)


def _weight(ridge: Ridge) -> float:
    return float(ridge.heights.sum())


def between(upper: Ridge, lower: Ridge) -> Ridge:
    """The ridge half-way between two."""
    columns = np.union1d(upper.columns, lower.columns)
    heights = np.interp(columns, upper.columns, upper.heights) + np.interp(columns, lower.columns, lower.heights)
    return Ridge(columns, (upper.at(columns) + lower.at(columns)) / 2, heights)
