"""The ink of one glyph -> its 28x28 frame, the MNIST way or the EMNIST way. Knows ink, not letters.

Training, reading and the exported graph all come through here, so that a network meets the same frames everywhere.
Finding the glyphs is left to `segment`, finding the ink to `binarise`.

Sources: LeCun et al., "Gradient-based learning applied to document recognition" (1998), section III.A (20x20, centre of
mass); Cohen et al., "EMNIST: an extension of MNIST to handwritten letters" (2017), section II.C (blur, crop, centre,
border, bicubic).
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from inkread.errors import BadArray, BadOption, BlankPicture
from inkread.preprocessing import binarise, picture

Framing = Literal["mnist", "emnist"]
FRAMINGS: tuple[Framing, ...] = get_args(Framing)

SIDE = 28  # pixels, height and width of every frame
MNIST_SIDE = 20  # pixels that the longer side of a digit fills
EMNIST_SIDE = 24  # pixels that the longer side of a blurred glyph fills: 28 less a border of 2 on each side
EMNIST_BLUR = 1.0  # pixels of the scan, standard deviation
LEAST_BLUR = 0.3  # pixels; less changes nothing
EMNIST_EDGE = (
    0.02  # of the peak; what EMNIST's recipe still counts as ink after the blur (fitted to NIST SD19 scans: 5/255)
)
SCAN_SIDES = (24, 96)  # pixels; the longer side of the ink in NIST's 128x128 scans (0.5th to 99.5th percentile)
SCAN_SIDE = (
    48  # pixels; its median. Ink outside SCAN_SIDES is brought to this, so that the blur means what it meant to EMNIST
)
LEAST_INK = 1e-6  # of full ink; a peak below this is none
INK_EDGE = 0.1  # of the peak; fainter rims are halo, not stroke
STROKE_EDGE = 0.4  # of the peak; where a stroke's edge is when its width is measured
WORKING_SIDE = 512  # pixels; larger ink is first reduced to this
STROKES = (0.055, 0.28)  # stroke width by longer side: 1st and 99th percentile of NIST SD19 capitals and MNIST
STROKE_THIN, STROKE_THICK = (
    0.085,
    0.22,
)  # what strokes beyond these are brought to: well inside, the 10th and 95th percentile
TRIES = 4  # a speck may vanish when a large glyph is reduced; what is left is then framed again

Grey = npt.NDArray[np.float32]


def frame(ink: npt.NDArray[np.generic], framing: Framing) -> npt.NDArray[np.uint8]:
    """One glyph's ink in the frame that a data set uses.

    Args:
        ink: (H, W), any size, ink high on paper 0: uint8 0..255, float 0..1 or bool.
        framing: ``"mnist"`` fits the longer side into 20 pixels and puts the centre of mass in the middle; ``"emnist"``
            blurs,
            centres the box in a square and leaves a border of 2.

    Returns:
        uint8 (28, 28), peak 255. What already is such a frame comes back unchanged, so framing twice equals once.

    Raises:
        BadArray: wrong shape, type or range. BadOption: an unknown framing. BlankPicture: no ink at all.
    """
    if framing not in FRAMINGS:
        raise BadOption(f"{framing!r} is not a framing; choose one of {', '.join(FRAMINGS)}")
    glyph = _checked(ink)
    for _ in range(TRIES):
        if is_framed(glyph, framing):
            break
        strokes = _usual_strokes(_reduced(_cropped(glyph)))
        glyph = _mnist_frame(strokes) if framing == "mnist" else _emnist_frame(strokes)
    return np.rint(glyph * 255).astype(np.uint8)


def frame_picture(source: picture.Source, framing: Framing) -> npt.NDArray[np.uint8]:
    """The one glyph on a picture -> its frame, uint8 (28, 28): load, find the ink, drop specks, frame.

    Raises BadPicture for what cannot be decoded and BlankPicture for a picture without ink.
    """
    ink = binarise.ink(picture.load(source).pixels)
    if binarise.is_blank(ink):
        raise BlankPicture("the picture is blank: no ink stands out from the paper; expected one written character")
    return frame(binarise.without_specks(ink), framing)


def is_framed(glyph: Grey, framing: Framing) -> bool:
    """Whether ink 0..1 already is a frame: 28x28, full contrast, and placed as the data set places its glyphs.

    The margins allow what the real data sets show: MNIST digits 18 to 20 pixels long with their centre of mass within
    half a pixel of (14, 14) unless that would cut them; EMNIST glyphs 22 to 28 pixels long, centred to 2 pixels.
    """
    if glyph.shape != (SIDE, SIDE) or round(float(glyph.max()) * 255) < 250:
        return False
    visible = np.rint(glyph * 255)
    top, bottom, left, right = _extent(visible, 0)
    longer = max(bottom - top, right - left)
    if framing == "emnist":
        off_centre = max(abs(top - (SIDE - bottom)), abs(left - (SIDE - right)))
        return EMNIST_SIDE - 2 <= longer <= SIDE and off_centre <= 2
    shifts = _shift_to_centre(visible)
    return MNIST_SIDE - 2 <= longer <= MNIST_SIDE and shifts == (0, 0)


def _checked(ink: npt.NDArray[np.generic]) -> Grey:
    """Any accepted array as float32 0..1."""
    expected = "expected one glyph of shape (H, W): uint8 0..255, float 0..1 or bool, ink high on paper 0"
    if not isinstance(ink, np.ndarray):
        raise BadArray(f"got {type(ink).__name__}; {expected}")
    if ink.ndim != 2 or not ink.size:
        raise BadArray(f"got an array of shape {ink.shape}; {expected}")
    if ink.dtype == np.uint8:
        glyph: Grey = ink.astype(np.float32) / np.float32(255)
    elif ink.dtype == np.bool_ or np.issubdtype(ink.dtype, np.floating):
        low, high = float(ink.min()), float(ink.max())
        if not (low >= -1e-6 and high <= 1 + 1e-6):  # also false for NaN
            raise BadArray(f"got values from {low:g} to {high:g}; {expected}")
        glyph = ink.astype(np.float32).clip(0, 1)
    else:
        raise BadArray(f"got an array of {ink.dtype}; {expected}")
    if float(glyph.max()) < LEAST_INK:
        raise BlankPicture("a glyph without ink has no frame; every pixel is 0")
    return glyph


def _extent(glyph: npt.NDArray[np.floating], edge: float) -> tuple[int, int, int, int]:
    """Top, bottom, left, right (half-open) of the pixels above ``edge``; there must be one."""
    rows = np.flatnonzero((glyph > edge).any(axis=1))
    columns = np.flatnonzero((glyph > edge).any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _cropped(glyph: Grey) -> Grey:
    """The box of the ink, its usual darkness brought to 1: one dark spot must not leave the strokes pale."""
    glyph = glyph / glyph.max()
    top, bottom, left, right = _extent(glyph, INK_EDGE)
    glyph = glyph[top:bottom, left:right]
    inked = np.sort(glyph[glyph > INK_EDGE])
    full = float(inked[int(0.9 * (inked.size - 1))])
    cropped: Grey = np.clip(glyph / np.float32(full), 0, 1).astype(np.float32, copy=False)
    return cropped


def _resized(glyph: Grey, height: int, width: int) -> Grey:
    """Bicubic, antialiased when reducing (which OpenCV's bicubic is not), kept within 0..1."""
    if glyph.shape == (height, width):
        return glyph
    resized = Image.fromarray(glyph).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(resized, dtype=np.float32), 0, 1)


def _resized_to(glyph: Grey, longer: int) -> Grey:
    """The aspect kept, the longer side as told."""
    scale = longer / max(glyph.shape)
    height, width = (max(1, round(side * scale)) for side in glyph.shape)
    return _resized(glyph, height, width)


def _reduced(glyph: Grey) -> Grey:
    """Large ink brought to a size that is quick to work on; each pixel the mean of those it stands for."""
    scale = WORKING_SIDE / max(glyph.shape)
    if scale >= 1:
        return glyph
    height, width = (max(1, round(side * scale)) for side in glyph.shape)
    small: Grey = cv2.resize(glyph, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    return _cropped(small)


def _usual_strokes(glyph: Grey) -> Grey:
    """Hairlines thickened and fat markers thinned to widths that the data sets know; everything between is left alone.

    A hairline would fade away when it is reduced; a marker's strokes would run into each other.
    """
    mask = glyph > STROKE_EDGE
    longer = max(glyph.shape)
    width = binarise.stroke_width(mask)
    if 0 < width < STROKES[0] * longer:
        return _cropped(_grown(mask, (STROKE_THIN * longer - width) / (2 * (1 - STROKE_THIN))))
    if width > STROKES[1] * longer:
        thin = _grown(mask, -(width - STROKE_THICK * longer) / (2 * (1 - STROKE_THICK)))
        if thin.max() == 1 and _pieces(thin) == _pieces(glyph):  # thinning must not tear a stroke apart
            return _cropped(thin)
    return glyph


def _grown(mask: npt.NDArray[np.bool_], by: float) -> Grey:
    """A mask with its outline moved outwards by so many pixels (inwards when negative), edges soft over one pixel."""
    rim = max(1, int(np.ceil(by)) + 2)
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=0)
    inside = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outside = cv2.distanceTransform(1 - padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    signed = np.where(padded > 0, inside - 0.5, 0.5 - outside)  # pixels from the outline, inside positive
    return np.clip(signed + by + 0.5, 0, 1).astype(np.float32)


def _pieces(glyph: Grey) -> int:
    return int(cv2.connectedComponents((glyph > STROKE_EDGE).astype(np.uint8), connectivity=8)[0])


def _shift_to_centre(glyph: npt.NDArray[np.floating]) -> tuple[int, int]:
    """Pixels down and right that bring the centre of mass of (28, 28) nearest to (14, 14) without cutting ink."""
    top, bottom, left, right = _extent(glyph, 0)
    mass = float(glyph.sum())
    places = np.arange(SIDE)
    down = round(SIDE / 2 - float(glyph.sum(axis=1) @ places) / mass)
    along = round(SIDE / 2 - float(glyph.sum(axis=0) @ places) / mass)
    return min(max(down, -top), SIDE - bottom), min(max(along, -left), SIDE - right)


def _mnist_frame(strokes: Grey) -> Grey:
    """The longer side 20 pixels, the centre of mass at the centre of 28x28."""
    fits = MNIST_SIDE - 2 <= max(strokes.shape) <= MNIST_SIDE  # a digit cut from its frame keeps its pixels
    small = np.rint(_stretched(strokes if fits else _resized_to(strokes, MNIST_SIDE)) * 255) / 255
    height, width = small.shape
    framed = np.zeros((SIDE, SIDE), dtype=np.float32)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    framed[top : top + height, left : left + width] = small
    return np.roll(
        framed, _shift_to_centre(np.rint(framed * 255)), axis=(0, 1)
    )  # never wraps: the shift does not cut ink


def _emnist_frame(strokes: Grey) -> Grey:
    """At the scale of NIST's scans: blur, crop, centre in a square, 24x24 bicubic, border of 2."""
    if not SCAN_SIDES[0] <= max(strokes.shape) <= SCAN_SIDES[1]:
        strokes = _resized_to(strokes, SCAN_SIDE)
    rim = 4  # pixels; beyond four standard deviations a Gaussian leaves nothing of 255 levels
    padded = np.pad(strokes, rim)
    lacking = max(0.0, EMNIST_BLUR**2 - softness(padded) ** 2) ** 0.5  # variances of blurs add up
    soft = np.asarray(cv2.GaussianBlur(padded, (0, 0), lacking) if lacking > LEAST_BLUR else padded, dtype=np.float32)
    top, bottom, left, right = _extent(soft, EMNIST_EDGE)
    height, width = bottom - top, right - left
    longer = max(height, width)
    square = np.zeros((longer, longer), dtype=np.float32)
    y, x = (longer - height) // 2, (longer - width) // 2
    square[y : y + height, x : x + width] = soft[top:bottom, left:right]
    framed = np.zeros((SIDE, SIDE), dtype=np.float32)
    border = (SIDE - EMNIST_SIDE) // 2
    framed[border:-border, border:-border] = _stretched(_resized(square, EMNIST_SIDE, EMNIST_SIDE))
    return framed


def softness(glyph: Grey) -> float:
    """How blurred a glyph's edges are, as the standard deviation of a Gaussian in pixels; 0 for black and white.

    Across an edge blurred by s, 4 g (1 - g) adds up to 4 s / sqrt(pi); the outline's length comes from the mask.
    """
    mask = (glyph > 0.5).astype(np.uint8)
    outline = int(mask.sum()) - int(cv2.erode(mask, np.ones((3, 3), np.uint8)).sum())
    rim = float((4 * glyph * (1 - glyph)).sum())
    return rim / (4 / math.sqrt(math.pi) * max(outline, 1))


def _stretched(glyph: Grey) -> Grey:
    """The peak brought to 1."""
    return glyph / np.float32(glyph.max())
