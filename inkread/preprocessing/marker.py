"""Colours and their luminance -> luminance without the bands of a highlighter. Knows markers, not letters.

A highlighter on white paper is bright in one channel at least, ink is dark in all: within a band the brightest channel
shows ink on paper. Coloured pens, coloured paper, dark sheets and what lies around a sheet stay as they are.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.polarity import border, is_light_on_dark

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

SIDE = 512  # pixels of the longer side that bands are looked for on
GLANCE = 4  # of those pixels every fourth both ways tells whether there may be bands at all
WINDOW = 7  # pixels of it; a band is wider, a stroke of a pen narrower
RIM = 15  # pixels of it; half as much lies around a band on either side, for its edges
MOSTLY = 0.6  # of a window's pixels; most letters in a band leave so many, letters of a coloured pen take fewer
LETTER = 25  # pixels of it; a hole in a band that is no wider is ink, or what dense ink encloses
TINT = 0.1  # of the brightest channel; a band's grey falls short of it by so much more than the paper's
LIGHT = 0.7  # of the paper's level; the brightest channel of a band is no darker
INK = 0.25  # of that; ink in a band is darker by so much
PALE = 0.3  # of the way from ink to paper; a band is no darker
AROUND = 0.25  # of the border; what takes more lies around the sheet, or is the sheet
FEWEST = 0.002  # of the picture; less is no band


class _Least(NamedTuple):
    """What a pixel of paper under a highlighter exceeds: in tint, in its brightest channel and in grey."""

    tint: float
    brightest: float
    grey: float


def without_marker(colours: Bytes, grey: Bytes) -> Bytes:
    """RGB (H, W, 3) and its luminance (H, W) -> the luminance, or in a highlighter's bands the brightest channel."""
    step = max(1, round(max(grey.shape) / SIDE))
    few, some = slice(None, None, GLANCE * step), slice(None, None, step)
    glance, levels = _brightest(colours[few, few]), grey[few, few]
    least = _least(glance, levels)
    if _marked(glance, levels, least).mean() < FEWEST or is_light_on_dark(grey):
        return grey
    brightest, levels = _brightest(colours[some, some]), grey[some, some]
    bands = _bands(_marked(brightest, levels, least))
    if bands.mean() < FEWEST or not _shows_ink(brightest[bands], levels[bands], least):
        return grey
    height, width = grey.shape
    around = cv2.dilate(bands.astype(np.uint8), np.ones((RIM, RIM), np.uint8))
    whole = cv2.resize(around, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return np.where(whole, _brightest(colours), grey)


def _brightest(colours: Bytes) -> Bytes:
    red, green, blue = np.moveaxis(colours, 2, 0)
    return np.asarray(np.maximum(np.maximum(red, green), blue), np.uint8)


def _least(brightest: Bytes, grey: Bytes) -> _Least:
    """The limits for a picture of light paper."""
    dark, paper = np.percentile(grey, [0.2, 90])  # of paper in part shadow, the lit part
    bright, pale = LIGHT * float(paper), float(dark + PALE * (paper - dark))
    usual = np.median(_tint(brightest, grey)[(brightest >= bright) & (grey >= pale)])
    return _Least(float(usual) + TINT, bright, pale)


def _tint(brightest: Bytes, grey: Bytes) -> npt.NDArray[np.float32]:
    """How far grey falls short of the brightest channel, as a share of it: the same in light and in shade."""
    return np.subtract(1, grey / np.maximum(brightest, 1), dtype=np.float32)


def _marked(brightest: Bytes, grey: Bytes, least: _Least) -> Mask:
    """Which pixels are paper under a highlighter by their colour."""
    return np.asarray((_tint(brightest, grey) > least.tint) & (brightest > least.brightest) & (grey > least.grey))


def _bands(marked: Mask) -> Mask:
    """The bands that marked pixels fill, letters in them included, their edges not."""
    if border(marked).mean() > AROUND:
        return np.zeros_like(marked)
    share = cv2.blur(marked.astype(np.float32), (WINDOW, WINDOW), borderType=cv2.BORDER_REPLICATE)
    full = (share > MOSTLY).astype(np.uint8)
    return cv2.morphologyEx(full, cv2.MORPH_CLOSE, np.ones((LETTER, LETTER), np.uint8)) > 0


def _shows_ink(brightest: Bytes, grey: Bytes, least: _Least) -> bool:
    """Whether the brightest channel parts ink from its ground, and as well as luminance does: it hides coloured ink.

    What has no ink on it is no band but the broad stroke of a coloured pen.
    """
    bright, plain = (float(np.ptp(np.percentile(levels, [0.5, 75]))) for levels in (brightest, grey))
    return bright >= max(plain, INK * least.brightest)
