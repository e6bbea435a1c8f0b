"""Ink -> its connected pieces, numbered: found once for all steps that look at the same ink. Knows ink, not letters."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.binarise import Ink, Mask

INKED = 0.4  # of full ink


@dataclass(frozen=True, eq=False)
class Labelled:
    """The connected pieces of some ink, the paper counted as the first.

    Attributes:
        mask: bool (H, W), where there is ink.
        labels: int32 (H, W), the number of the piece that each pixel is of; 0 on paper.
        stats: int32 (N, 5), left, top, width, height and area of each piece.
    """

    mask: Mask = field(repr=False)
    labels: npt.NDArray[np.int32] = field(repr=False)
    stats: npt.NDArray[np.int32] = field(repr=False)


def outlined(own: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """The longest outline of a mask (h, w), 0 and 1, as points (P, 1, 2), and a mask of all that lies within it."""
    outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = np.asarray(max(outlines, key=len), np.int32)
    return outline, np.asarray(cv2.drawContours(np.zeros_like(own), [outline], -1, 1, cv2.FILLED), np.uint8)


def labelled(ink: Ink, level: float = INKED) -> Labelled:
    """Number the connected pieces of ink float32 (H, W) above a level, those that touch at a corner being one."""
    mask = ink > level
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    return Labelled(mask, labels.astype(np.int32, copy=False), stats.astype(np.int32, copy=False))


def window_of(stats: npt.NDArray[np.int32]) -> tuple[slice, slice]:
    """The rows and columns of a piece, by its numbers (5,)."""
    left, top, width, height, _ = stats.tolist()
    return slice(top, top + height), slice(left, left + width)


def boxes_of(stats: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The boxes (N, 4) of pieces by their numbers (N, 5): left, top, right, bottom, half-open."""
    boxes = stats[:, : cv2.CC_STAT_AREA].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def pixels_of(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], number: int) -> Mask:
    """The pixels of a piece in its own window, bool (h, w)."""
    own: Mask = labels[window_of(stats[number])] == number
    return own


def largest_on(values: npt.NDArray[np.float32], labels: npt.NDArray[np.int32], pieces: int) -> npt.NDArray[np.float32]:
    """The largest value on each piece, float32 (N,): those that ``labels`` (H, W) number from 1."""
    shown = labels > 0
    largest = np.zeros(pieces, np.float32)
    np.maximum.at(largest, labels[shown] - 1, values[shown])
    return largest


def erased(ink: Ink, gone: Mask, mask: Mask) -> Ink:
    """Ink without some pixels, all (H, W), and without their soft edge: what lies off the ``mask`` beside them."""
    soft = cv2.dilate(gone.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.where(gone | (soft & ~mask), 0, ink).astype(np.float32)
