"""Pixels of any depth and colour -> bytes of grey, as a person sees them.

Lays transparency on paper, scales deep greys to 8 bits, keeps coloured ink visible in grey.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray
from inkread.preprocessing.marker import without_marker

FULL_SCALES = (255, 1023, 4095, 16383, 65535)  # white in 8, 10, 12, 14 and 16 bits
LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # red, green, blue; ITU-R BT.601
VISIBLE = 32  # of 255; more transparent pixels show nothing
DARK = 127  # grey level; ink below it is seen on white paper
PLAIN = 48  # grey levels; pixels that differ by less are one colour
FAINT = 80  # grey levels; below this spread another channel may show the ink better


def to_bytes(array: npt.NDArray[np.generic], name: str) -> npt.NDArray[np.uint8]:
    """Any accepted array as uint8 0..255, its shape kept. Raises BadArray for other types and values."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise BadArray(f"{name} holds {array.dtype}; expected integers 0..255 or 0..65535, floats 0..1 or bool")
    low, high = float(array.min()), float(array.max())
    if np.issubdtype(array.dtype, np.floating):
        if not (low >= 0 and high <= 1):  # also false for NaN
            raise BadArray(f"{name} holds values from {low:g} to {high:g}; expected floats 0..1 (divide 0..255 by 255)")
        return np.rint(array.astype(np.float32) * 255).astype(np.uint8)
    if low < 0 or high > FULL_SCALES[-1]:
        raise BadArray(f"{name} holds values from {low:g} to {high:g}; expected integers 0..255 or 0..65535")
    if high <= 1:  # a mask kept as integers
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint8:
        return np.asarray(array, dtype=np.uint8)
    scaled: npt.NDArray[np.float32] = array.astype(np.float32) * np.float32(255 / _full_scale(high))
    return np.asarray(np.rint(scaled), dtype=np.uint8)


def scaled_floats(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """A float picture file, 0..1 or 0..255 or 16 bits, to 0..1."""
    finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    highest = float(finite.max())
    full = 1.0 if highest <= 1 else float(_full_scale(highest))
    return np.clip(finite / full, 0, 1)


def _full_scale(highest: float) -> int:
    return next((full for full in FULL_SCALES if highest <= full), FULL_SCALES[-1])


def grey(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Bytes (H, W), (H, W, 1), (H, W, 3) or, with transparency, (H, W, 4) -> grey (H, W)."""
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 1:
        return pixels[:, :, 0]
    return _seen(pixels if pixels.shape[2] == 3 else _on_paper(pixels))


def _on_paper(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGBA (H, W, 4) -> RGB (H, W, 3), laid on a paper on which the visible pixels can be seen."""
    alpha = pixels[:, :, 3:].astype(np.float32) / 255
    paper = _paper_behind(_luminance(pixels[:, :, :3]), pixels[:, :, 3])
    return np.rint(pixels[:, :, :3] * alpha + paper * (1 - alpha)).astype(np.uint8)


def _paper_behind(grey: npt.NDArray[np.float32], alpha: npt.NDArray[np.uint8]) -> float:
    """How light (0..255) the paper under a transparent picture is: white, unless the ink itself is light.

    Where most of the picture is opaque and holds both paper and ink, the paper goes on under the holes. Where
    less of it is, the paper is white if some of the ink is dark.
    """
    shown = grey[alpha > VISIBLE]
    if not shown.size:
        return 255.0
    low, middle, high = (float(level) for level in np.percentile(shown, [5, 50, 95]))
    if shown.size > grey.size / 2 and high - low > PLAIN:
        return middle
    return 0.0 if low >= DARK < middle else 255.0  # black only where no ink is dark


def _luminance(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return colours.astype(np.float32) @ LUMINANCE


def _seen(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGB -> grey (H, W): luminance without a highlighter's bands, or the channel in which faint ink (yellow on white,
    red on green) stands out.
    """
    grey = np.rint(_luminance(colours)).astype(np.uint8)
    spread = _spread(grey)
    if spread >= FAINT:
        return without_marker(colours, grey)
    spreads = [_spread(colours[:, :, channel]) for channel in range(3)]
    best = int(np.argmax(spreads))
    return colours[:, :, best] if spreads[best] > max(2 * spread, PLAIN) else grey


def _spread(grey: npt.NDArray[np.uint8]) -> float:
    """Grey levels between the darkest and the lightest pixels, outliers left out."""
    counts = cv2.calcHist([np.ascontiguousarray(grey)], [0], None, [256], [0, 256]).ravel()
    below = np.cumsum(counts) / grey.size
    low, high = np.searchsorted(below, [0.002, 0.998])
    return float(high - low)
