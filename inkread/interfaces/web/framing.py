"""The ink of one glyph -> its 28x28 frame, as a graph: `preprocessing.frame` line by line, for wherever ONNX runs.

The names are those of `preprocessing.frame`, which says why each step is taken. That both give the same frames is
checked whenever a file is written with them (`check`).
"""

from __future__ import annotations

import math

import numpy as np

from inkread.interfaces.web import operators as op
from inkread.interfaces.web.graph import Tensor
from inkread.interfaces.web.resizing import area, bicubic, resized, scaled_sides
from inkread.interfaces.web.strokes import grown, pieces, stroke_width
from inkread.preprocessing import Framing
from inkread.preprocessing.frame import (
    EMNIST_BLUR,
    EMNIST_EDGE,
    EMNIST_SIDE,
    INK_EDGE,
    LEAST_BLUR,
    MNIST_SIDE,
    SCAN_SIDE,
    SCAN_SIDES,
    SIDE,
    STROKE_EDGE,
    STROKE_THICK,
    STROKE_THIN,
    STROKES,
    TRIES,
    WORKING_SIDE,
)

BLUR_REACH = 4  # pixels; OpenCV cuts a Gaussian of EMNIST_BLUR off there


def frame(ink: Tensor, framing: Framing) -> Tensor:
    """``preprocessing.frame``: uint8 (H, W), ink high, at least one pixel of it -> uint8 (28, 28)."""
    glyph = ink.to(np.float32) / 255

    def again(state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        glyph, tries = state
        strokes = _usual_strokes(_reduced(_cropped(glyph)))
        framed = _mnist_frame(strokes) if framing == "mnist" else _emnist_frame(strokes)
        return ~is_framed(framed, framing) & (tries > 1), [framed, tries - 1]

    tries = ink.graph.constant(TRIES, np.int64)
    framed = ink.graph.repeat(~is_framed(glyph, framing), [glyph, tries], again)[0]
    return op.rounded(framed * 255).to(np.uint8)


def is_framed(glyph: Tensor, framing: Framing) -> Tensor:
    """``preprocessing.is_framed``: a lone bool."""
    visible = op.rounded(glyph * 255)
    height, width = op.size(glyph, 0), op.size(glyph, 1)
    full = op.equal(height, SIDE) & op.equal(width, SIDE) & (op.most(visible) >= 250)

    def placed() -> Tensor:
        top, bottom, left, right = op.extent(visible, 0)
        longer = op.larger(bottom - top, right - left)
        if framing == "emnist":
            off_centre = op.larger(op.absolute(top - (SIDE - bottom)), op.absolute(left - (SIDE - right)))
            return (longer >= EMNIST_SIDE - 2) & (off_centre <= 2)
        down, along = _shift_to_centre(visible)
        return (longer >= MNIST_SIDE - 2) & (longer <= MNIST_SIDE) & op.equal(down, 0) & op.equal(along, 0)

    return glyph.graph.either(full, placed, lambda: glyph.graph.constant(False, np.bool_))


def _cropped(glyph: Tensor) -> Tensor:
    """The box of the ink, its usual darkness brought to 1."""
    glyph = glyph / op.most(glyph)
    top, bottom, left, right = op.extent(glyph, INK_EDGE)
    glyph = op.window(glyph, [top, left], [bottom, right])
    inked = op.chosen(glyph, glyph > INK_EDGE)
    darker = op.count(inked) - (op.count(inked) - 1) * 9 // 10  # the last of so many, from the darkest on
    return op.clipped(glyph / op.at(op.highest(inked, darker), -1), 0, 1)


def _resized_to(glyph: Tensor, longer: int) -> Tensor:
    """The aspect kept, the longer side as told; kept within 0..1."""
    height, width = scaled_sides(glyph, longer / _longer(glyph).to(np.float64))
    return op.clipped(resized(glyph, height, width, bicubic), 0, 1)


def _longer(glyph: Tensor) -> Tensor:
    return op.larger(op.size(glyph, 0), op.size(glyph, 1))


def _reduced(glyph: Tensor) -> Tensor:
    """Large ink brought to a size that is quick to work on."""

    def small() -> Tensor:
        height, width = scaled_sides(glyph, WORKING_SIDE / _longer(glyph).to(np.float64))
        return _cropped(resized(glyph, height, width, area))

    return glyph.graph.either(_longer(glyph) > WORKING_SIDE, small, lambda: glyph)


def _usual_strokes(glyph: Tensor) -> Tensor:
    """Hairlines thickened and fat markers thinned; everything between is left alone."""
    mask = glyph > STROKE_EDGE
    longer = _longer(glyph).to(np.float64)
    width = stroke_width(mask)

    def thickened() -> Tensor:
        return _cropped(grown(mask, (STROKE_THIN * longer - width) / (2 * (1 - STROKE_THIN))))

    def thinned() -> Tensor:
        thin = grown(mask, (STROKE_THICK * longer - width) / (2 * (1 - STROKE_THICK)))
        torn = ~(op.equal(op.most(thin), 1) & op.equal(pieces(thin > STROKE_EDGE), pieces(mask)))
        return glyph.graph.either(torn, lambda: glyph, lambda: _cropped(thin))

    def not_thin() -> Tensor:
        return glyph.graph.either(width > STROKES[1] * longer, thinned, lambda: glyph)

    return glyph.graph.either(width < STROKES[0] * longer, thickened, not_thin)


def _shift_to_centre(glyph: Tensor) -> tuple[Tensor, Tensor]:
    """Pixels down and right that bring the centre of mass of (28, 28) nearest to (14, 14) without cutting ink."""
    top, bottom, left, right = op.extent(glyph, 0)
    return _shift(op.total(glyph, 1), top, bottom), _shift(op.total(glyph, 0), left, right)


def _shift(mass: Tensor, begin: Tensor, end: Tensor) -> Tensor:
    mass = mass.to(np.float64)
    middle = op.total(mass * op.places(op.count(mass)).to(np.float64)) / op.total(mass)
    return op.smaller(op.larger(op.rounded(SIDE / 2 - middle).to(np.int64), -begin), SIDE - end)


def _mnist_frame(strokes: Tensor) -> Tensor:
    """The longer side 20 pixels, the centre of mass at the centre of 28x28."""
    longer = _longer(strokes)
    fits = (longer >= MNIST_SIDE - 2) & (longer <= MNIST_SIDE)
    small = strokes.graph.either(fits, lambda: strokes, lambda: _resized_to(strokes, MNIST_SIDE))
    framed = _centred(op.rounded(_stretched(small) * 255) / 255, SIDE)
    down, along = _shift_to_centre(op.rounded(framed * 255))
    return op.shifted(op.shifted(framed, down, 0).apply("Transpose"), along, 0).apply("Transpose")


def _emnist_frame(strokes: Tensor) -> Tensor:
    """At the scale of NIST's scans: blur, crop, centre in a square, 24x24 bicubic, border of 2."""
    longer = _longer(strokes)
    usual = (longer >= SCAN_SIDES[0]) & (longer <= SCAN_SIDES[1])
    strokes = strokes.graph.either(usual, lambda: strokes, lambda: _resized_to(strokes, SCAN_SIDE))
    wide = op.padded(strokes, [BLUR_REACH] * 2, [BLUR_REACH] * 2)
    soft = softness(wide)
    lacking = op.root(op.larger(EMNIST_BLUR**2 - soft * soft, 0))
    blurred = strokes.graph.either(lacking > LEAST_BLUR, lambda: _blurred(wide, lacking), lambda: wide)
    top, bottom, left, right = op.extent(blurred, EMNIST_EDGE)
    square = _centred(op.window(blurred, [top, left], [bottom, right]), op.larger(bottom - top, right - left))
    side = strokes.graph.constant(EMNIST_SIDE, np.int64)
    small = op.clipped(resized(square, side, side, bicubic), 0, 1)
    return _centred(_stretched(small), SIDE)


def _centred(glyph: Tensor, side: Tensor | int) -> Tensor:
    """In the middle of a square; nearer to its upper left corner where a pixel is left over."""
    height, width = op.size(glyph, 0), op.size(glyph, 1)
    lacking_rows, lacking_columns = -height + side, -width + side
    top, left = lacking_rows // 2, lacking_columns // 2
    return op.padded(glyph, [top, left], [lacking_rows - top, lacking_columns - left])


def _blurred(glyph: Tensor, spread: Tensor) -> Tensor:
    """``cv2.GaussianBlur`` of ink with BLUR_REACH pixels of paper around, ``spread`` at most EMNIST_BLUR."""
    reach = op.rounded(spread * 8 + 1).to(np.int64) // 2  # OpenCV's own choice for float pictures
    far = op.absolute(op.places(glyph.graph.constant(2 * BLUR_REACH + 1, np.int64)) - BLUR_REACH)
    x = far.to(np.float64) / spread
    weights = op.where(far <= reach, (x * x * -0.5).apply("Exp"), 0)
    kernel = (weights / op.total(weights)).to(np.float32)
    for _ in range(2):  # along the rows, then along the columns
        glyph = _convolved(glyph, kernel).apply("Transpose")
    return glyph


def _convolved(glyph: Tensor, kernel: Tensor) -> Tensor:
    """Each row with a kernel (9,) across it; beyond the picture is paper."""
    height, width = op.size(glyph, 0), op.size(glyph, 1)
    attributes = {"pads": [0, BLUR_REACH, 0, BLUR_REACH]}
    whole = op.reshaped(glyph, 1, 1, height, width).apply(
        "Conv", op.reshaped(kernel, 1, 1, 1, -1), attributes=attributes
    )
    return op.reshaped(whole, height, width)


def softness(glyph: Tensor) -> Tensor:
    """``frame.softness``: a lone float64, of ink with paper around."""
    mask = (glyph > 0.5).to(np.float32)
    outline = op.total(mask) - op.total(-op.highest_near(-mask))
    rim = op.total(4 * glyph * (1 - glyph))
    return rim.to(np.float64) / (4 / math.sqrt(math.pi) * op.larger(outline, 1).to(np.float64))


def _stretched(glyph: Tensor) -> Tensor:
    """The peak brought to 1."""
    return glyph / op.most(glyph)
