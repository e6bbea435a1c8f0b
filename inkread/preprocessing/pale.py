"""Ink of a page -> the same ink, writing far paler than the rest brought to full ink: pencil below a marker's heading.

Knows strokes, not letters. What is pale and no writing (grain, shadows, stains) stays as it is.
"""

from __future__ import annotations

import cv2
import numpy as np

from inkread.preprocessing.binarise import RIM, Ink, stroke_widths
from inkread.preprocessing.labelled import labelled, largest_on
from inkread.preprocessing.pieces import LEAST, LETTER_STROKES, SPECK_STROKES

FAINT = 0.1  # of full ink; less is paper
PALE = 0.5  # of full ink; a piece that is darker nowhere is pale
STRONGEST = 4.0  # times; what would have to become stronger is rather grain
WRITING = 5  # letters; fewer are stains
SHARE = 0.1  # of the full ink, by area; less is no line of writing
SHARP = 0.8  # of the sharpness of full strokes; what shows through from the other side is blurred by the paper
LARGEST = 0.25  # of the picture's longer side; what is larger is no word


def strengthened(ink: Ink) -> Ink:
    """The ink float32 (H, W) with its pale writing at full strength; the very same array where there is none."""
    near = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
    alone = (ink > FAINT) & (cv2.dilate(ink, near) < PALE)
    if np.count_nonzero(alone) < SHARE / 2 * np.count_nonzero(ink > PALE):
        return ink  # as nearly always: what is pale is the edge of a stroke
    found = labelled(ink, FAINT)
    labels, stats = found.labels, found.stats
    areas = stats[1:, cv2.CC_STAT_AREA]
    sizes = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1, initial=0)
    words = sizes <= LARGEST * max(ink.shape)
    fitting = words & (sizes >= LEAST)
    darkest = largest_on(ink, labels, len(areas))
    pale = darkest < PALE
    if np.count_nonzero(fitting & pale) < WRITING:
        return ink
    strokes = stroke_widths(found.mask, labels, len(areas))
    letters = fitting & pale & (sizes >= LETTER_STROKES * strokes)
    if np.count_nonzero(letters) < WRITING or areas[letters].sum() < SHARE * areas[~pale].sum():
        return ink
    across, down = (np.abs(cv2.Sobel(ink, cv2.CV_32F, x, 1 - x, ksize=1)) for x in (1, 0))
    sharpness = largest_on(np.maximum(across, down), labels, len(areas)) / darkest
    others = (sizes >= LEAST) & ~pale
    if not others.any() or np.median(sharpness[letters]) < SHARP * np.median(sharpness[others]):
        return ink
    usual = float(np.median(darkest[letters]))
    if usual * STRONGEST < 1:
        return ink
    least = SPECK_STROKES * float(np.median(strokes[letters]))
    written = pale & (darkest > usual / 2) & (sizes > least) & words
    soft, full = (cv2.dilate(np.pad(which, (1, 0))[labels].astype(np.uint8), near) > 0 for which in (written, ~pale))
    return np.where(soft & ~full, np.minimum(ink / usual, 1), ink).astype(np.float32)
