"""Ink -> the same ink with the light writing on dark labels as ink, and the labels as paper. Knows ink, not letters.

A label is solid but for the strokes of letters, which are far narrower than long; the counters of bold letters are not.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from inkread.preprocessing.binarise import Ink, Mask, stroke_width
from inkread.preprocessing.labelled import INKED, Labelled, outlined, pixels_of, window_of
from inkread.preprocessing.pieces import usual

LOW: Final = 12  # pixels; lower labels bear no letters that can be read
HIGH: Final = 1.2  # usual sizes, how tall and wide a label is at least, where the page has other writing
SQUARE: Final = 0.8  # of the upright or leaning rectangle around it, what a label fills
FILLED: Final = (0.4, 0.97)  # of a label, how much is dark
NARROW: Final = 0.4  # of how long the light pieces on it are, how wide their strokes are at most
LETTER: Final = 0.2  # of the label's shorter side, how long a letter's stroke is at least
LIGHT: Final = 0.6  # of the label's ink, what light strokes have less than
RIM: Final = 3  # pixels; the label's soft edge


def without_labels(ink: Ink, pieces: Labelled) -> Ink:
    """The ink float32 (H, W) with what is light on dark labels as ink; the same array where there are no labels.

    ``pieces`` are those of ``labelled(ink)``.
    """
    sides = pieces.stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    if not len(sides):
        return ink
    least = max(LOW, HIGH * usual(sides))
    turned = ink
    for number in (1 + np.flatnonzero((sides >= least).all(axis=1))).tolist():
        place = window_of(pieces.stats[number])
        label = _label(pixels_of(pieces.labels, pieces.stats, number))
        if label is None:
            continue
        seen = ink[place]
        dark = float(np.median(seen[label]))
        if dark <= INKED:  # hollow
            continue
        light = np.where(label, np.clip(1 - seen / dark, 0, 1), 0)
        if not _is_written(light > 1 - LIGHT, min(label.shape)):
            continue
        turned = ink.copy() if turned is ink else turned
        around = cv2.dilate(label.view(np.uint8), np.ones((2 * RIM + 3,) * 2, np.uint8)) > 0
        turned[place] = np.where(label, light, np.where(around, 0, turned[place]))
    return turned


def _label(own: Mask) -> Mask | None:
    """What lies within a piece (h, w), its edge left out, if that may be a label: a solid rectangle."""
    outline, filled = outlined(own.view(np.uint8))
    area = int(np.count_nonzero(filled))
    width, height = cv2.minAreaRect(outline)[1]
    low, high = FILLED
    if area < SQUARE * (width + 1) * (height + 1) or not low * area <= np.count_nonzero(own) <= high * area:
        return None
    inner = cv2.erode(np.pad(filled, 1), np.ones((2 * RIM + 1,) * 2, np.uint8))[1:-1, 1:-1] > 0
    return inner if inner.any() else None


def _is_written(light: Mask, side: int) -> bool:
    """Whether what is light on a label (h, w), so high or wide, is of strokes."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(light.view(np.uint8), connectivity=8)
    longer = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    longer = longer[longer >= LETTER * side]
    return bool(len(longer)) and stroke_width(light) <= NARROW * float(np.median(longer))
