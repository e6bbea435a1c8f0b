"""Grey pixels -> how much ink is where (0..1). Knows paper, light and noise, not letters.

The polarity is decided, uneven light is evened, the contrast is stretched; a blank sheet's grain stays what it is.
Clean pictures (a scan, a digit of MNIST) pass without change but for polarity and contrast.

Sources: Otsu, "A threshold selection method from gray-level histograms" (1979); asymmetric least squares for the
paper's level: Newey and Powell (1987), Eilers and Boelens (2005).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray
from inkread.preprocessing.polarity import SMALL_PIXELS, border, is_light_on_dark, middle, reduced

Ink = npt.NDArray[np.float32]
Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

GRAINS = 8_192  # pixels that the paper's grain is measured on
SAMPLES = 4_096  # pixels that the smooth part of the paper's level is fitted to
MIN_CONTRAST = 0.09  # of the paper's level; fainter marks are grain, JPEG noise or show-through
FIELD, PALEST = 9, 0.4  # pixels of the reduced picture, broader than strokes; of the paper's level, darker is ink
WRITTEN = 0.2  # of the pixels; strokes take fewer
MOSTLY = 0.6  # of what is darker than paper; where shaded fields are less, the usual darkness is that of strokes
NOISE_SIGMAS = 5.0  # standard deviations of the paper's grain that ink must exceed
CLEAN = 0.012  # of full scale (3 of 255 levels); paper that varies by less is flat
FLAT = 0.7  # of the light side's pixels; paper that has so many at one level is flat
SHADED_BORDER = 0.1  # of the border's pixels; a shadow darkens more of them, a glyph fewer or more strongly
SHADOW = 0.35  # of the lit paper's level; a shadow is no darker
RIM = 2  # pixels around a piece of ink that hold its soft edge
BLOTTED = 6  # times the depth of usual strokes, rounded up; where nothing is deeper there is no blob
BLOB = 3  # the same; what is deeper is the inside of a blob
SPECK, FAR_SPECK = 0.01, 0.05  # of the largest piece's area; smaller pieces near it, and far from it, are specks
FAR = 0.35  # of the largest piece's longer side; the dot of an i is nearer
MARK = 0.004  # of the picture's longer side; where nothing is larger, the sheet is blank
MIN_MARK = 4  # pixels; nothing smaller can be read
SPECKLED = 0.01  # of the pixels; writing has more ink, dust less


def ink(grey: Grey) -> Ink:
    """How much ink is where: float32 (H, W), 0 on paper, 1 in full strokes, whatever the paper's colour and light.

    On a blank sheet nothing is stretched: its grain stays near 0 and ``is_blank`` says so.

    Args:
        grey: uint8 (H, W), as seen; dark ink on light paper or light on dark.
    """
    if grey.ndim != 2 or not grey.size or grey.dtype != np.uint8:
        raise BadArray(f"got {grey.dtype} of shape {grey.shape}; expected grey pixels, uint8 of shape (H, W)")
    small = reduced(grey)
    if is_light_on_dark(small):
        grey, small = np.subtract(255, grey, dtype=np.uint8), np.subtract(255, small, dtype=np.uint8)
    return _stretched(_without_fields(_darkness(grey, small)))


def threshold(ink: Ink) -> float:
    """The level of ink 0..1 that parts strokes from paper: Otsu's over the pixels with ink, kept within 0.25 .. 0.6."""
    inked = ink[ink > 0.05]
    if not inked.size:
        return 0.5
    levels = np.rint(inked * 255).astype(np.uint8).reshape(1, -1)
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.clip(level / 255, 0.25, 0.6))


def stroke_width(mask: Mask) -> float:
    """The usual width of the strokes of a mask (H, W), in pixels; 0 without ink.

    Across an ideal stroke of w pixels the distance to the paper runs 1, 2 .. 2, 1: its mean is m = (w + 1)^2 / 4w,
    solved for w.
    """
    return _width(*_depths(mask)) if mask.any() else 0.0


def usual_stroke_width(mask: Mask) -> float:
    """``stroke_width`` without blobs (a folded corner): the very same number where there are none.

    Of the pixels at the edge of strokes most have a stroke of the usual width behind them, however large a blob is.
    """
    if not mask.any():
        return 0.0
    depths, inked = _depths(mask)
    deepest = round(cv2.minMaxLoc(depths)[1])
    if deepest <= 2 * BLOTTED:
        return _width(depths, inked)
    behind = cv2.calcHist([depths], [0], inked, [deepest], [0.5, deepest + 0.5]).ravel()
    half = 1 + (int(np.argmax(behind < behind[0] / 2)) or deepest)
    if deepest <= BLOTTED * half:
        return _width(depths, inked)
    deep = BLOB * half
    blobs = cv2.dilate((depths > deep).astype(np.uint8), np.ones((2 * deep + 1, 2 * deep + 1), np.uint8))
    strokes = ((inked > 0) & (blobs == 0)).astype(np.uint8)
    return _width(depths, strokes if strokes.any() else inked)


def stroke_widths(mask: Mask, labels: npt.NDArray[np.int32], pieces: int) -> npt.NDArray[np.float64]:
    """``stroke_width`` of each piece of a mask, float64 (N,): those that ``labels`` (H, W) number from 1."""
    depths, _ = _depths(mask)
    shown = labels > 0
    total = np.bincount(labels[shown], depths[1:-1, 1:-1][shown], pieces + 1)
    return _from_depth(total[1:] / np.maximum(np.bincount(labels[shown], minlength=pieces + 1)[1:], 1))


def _depths(mask: Mask) -> tuple[Ink, npt.NDArray[np.uint8]]:
    """How far each pixel of a mask is from paper, and the mask; both (H + 2, W + 2)."""
    padded = np.pad(mask.astype(np.uint8), 1)
    return cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5).astype(np.float32, copy=False), padded


def _width(depths: Ink, inked: npt.NDArray[np.uint8]) -> float:
    """The width of strokes from the mean depth of their pixels."""
    return float(_from_depth(np.array(cv2.mean(depths, inked)[0])))


def _from_depth(mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The width w of strokes whose pixels have this mean depth, (w + 1)^2 / 4w."""
    half = np.maximum(2 * mean - 1, 1.0)
    width: npt.NDArray[np.float64] = half + np.sqrt(half * half - 1)
    return width


def is_blank(ink: Ink) -> bool:
    """Whether nothing on the sheet is large enough to be a character: no ink, or specks alone."""
    least = max(MIN_MARK, MARK * max(ink.shape))
    fullest = int(np.argmax(cv2.reduce(ink, 1, cv2.REDUCE_SUM)))  # a written page shows it around one row already
    nearby = ink[max(0, fullest - int(2 * least)) : fullest + int(2 * least) + 1]
    return bool(_largest(nearby > 0.5) < least and _largest(ink > 0.5) < least)


def is_speckled(ink: Ink) -> bool:
    """Whether a blank sheet has so many specks that they may be letters of too few pixels."""
    return float((ink > 0.5).mean()) > SPECKLED


def _largest(mask: Mask) -> int:
    """The longer side of the mask's largest piece, in pixels; 0 without one."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return int(stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max()) if count > 1 else 0


def without_specks(ink: Ink) -> Ink:
    """The ink of one glyph with dust removed: tiny pieces, and small ones that lie far from the largest piece."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0.2).astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if count < 3:
        return ink
    left, top, width, height = stats[1:, : cv2.CC_STAT_AREA].T.astype(np.float64)
    largest = int(np.argmax(areas))
    reach = FAR * max(width[largest], height[largest])
    across = np.maximum(left - (left + width)[largest], left[largest] - (left + width))
    down = np.maximum(top - (top + height)[largest], top[largest] - (top + height))
    share = np.where(np.maximum(across, down) > reach, FAR_SPECK, SPECK)
    kept = np.concatenate([[False], areas >= share * areas[largest]])
    if kept[1:].all():
        return ink
    near = cv2.dilate(kept[labels].astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    return np.where(near > 0, ink, 0).astype(np.float32)


def _darkness(grey: Grey, small: Grey) -> Ink:
    """Dark ink on light paper -> how much darker than the paper each pixel is: a signed share of the paper's level."""
    flat = _flat_level(small)
    if flat is not None:
        return (flat - grey.astype(np.float32)) / np.float32(max(flat, 1))
    seen = small.astype(np.float32)
    smooth = _paper_surface(small)
    even = np.full_like(smooth, max(1.0, float(np.percentile(seen, 95))))
    # Two guesses from above: one follows soft light, the other hard shadows; the lower one lies closer to the paper.
    paper = np.minimum(np.multiply(smooth, _shadows(seen / smooth)), np.multiply(even, _shadows(seen / even)))
    height, width = grey.shape
    level = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width)
    share = np.divide(grey, np.maximum(level, 1, out=level), dtype=np.float32)
    return np.subtract(1, share, out=share)


def _flat_level(small: Grey) -> float | None:
    """The paper's level where it is the same all over, else None.

    A shadow may leave two flat levels, but it runs over the border, and is paler than ink.
    """
    counts = cv2.calcHist([small], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    counts[: int(middle(small.astype(np.float32))) + 1] = 0  # the light side alone
    total = int(counts.sum())
    if not total:  # one level all over
        return float(small.max())
    below = np.cumsum(counts)
    halves = np.searchsorted(below, [(total - 1) // 2, total // 2], side="right")
    level = max(float(halves.mean()), 1.0)  # the median
    if counts[np.abs(np.arange(256) - level) <= CLEAN * 255].sum() <= FLAT * total:
        return None
    around = border(small.astype(np.float32)) / level
    shaded = ((around > SHADOW) & (around < 1 - MIN_CONTRAST)).mean()
    return level if shaded < SHADED_BORDER else None


def _terms(shape: tuple[int, ...], step: int) -> npt.NDArray[np.float64]:
    """The terms of a quadratic in x and y at every ``step``-th row and column of a picture, float (pixels, 6)."""
    height, width = shape
    y, x = np.meshgrid(np.linspace(-1, 1, height)[::step], np.linspace(-1, 1, width)[::step], indexing="ij")
    return np.stack([term.ravel() for term in (np.ones_like(x), x, y, x * x, x * y, y * y)], axis=1)


def _paper_surface(small: Grey) -> Ink:
    """The paper's level as a smooth bowl over the picture, found from above: ink pulls it down little, then not."""
    step = max(1, round((small.size / SAMPLES) ** 0.5))
    terms = _terms(small.shape, step)
    levels = small[::step, ::step].astype(np.float64).ravel()
    weights = np.ones_like(levels)
    for _ in range(8):
        coefficients = _fit(terms, levels, weights)
        weights = np.where(levels > terms @ coefficients, 0.95, 0.05).astype(np.float64)
    for _ in range(3):
        off = levels - terms @ coefficients
        grain = 1.5 * float(np.median(np.abs(off[off >= np.median(off)]))) + 1
        coefficients = _fit(terms, levels, np.where(np.abs(off) < 3 * grain, 1.0, 1e-3).astype(np.float64))
    return np.maximum(_surface(small.shape, coefficients), 1).astype(np.float32)


def _surface(shape: tuple[int, ...], coefficients: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A quadratic in x and y, its coefficients those of ``_terms``, at every pixel: float64 (H, W)."""
    height, width = shape
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    level, along_x, along_y, x_x, x_y, y_y = coefficients.tolist()
    surface: npt.NDArray[np.float64] = (x_y * y) * x
    surface += level + along_x * x + x_x * x * x
    surface += along_y * y + y_y * y * y
    return surface


def _fit(
    terms: npt.NDArray[np.float64], levels: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Weighted least squares: the coefficients of the terms."""
    weighted = terms * weights[:, None]
    ridge = 1e-6 * np.eye(terms.shape[1])  # a picture one pixel wide leaves some terms undecided
    return np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ levels).astype(np.float64)


def _shadows(even: Ink) -> Ink:
    """What shading is left (1 where none): hollows wider than any stroke, no darker than a shadow is."""
    size = max(3, min(even.shape) // 4 | 1)
    soft = cv2.GaussianBlur(even.astype(np.float32), (0, 0), 1.0)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (size, size))
    closed = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REFLECT)
    edge = cv2.getStructuringElement(cv2.MORPH_RECT, (size // 8 | 1, size // 8 | 1))
    lowest = cv2.erode(closed, edge, borderType=cv2.BORDER_REFLECT)  # else a hard shadow's edge would be left as a line
    return np.clip(cv2.GaussianBlur(lowest, (0, 0), max(1.0, size / 32)), SHADOW, 1.2).astype(np.float32)


def _without_fields(darkness: Ink) -> Ink:
    """The darkness of ink on shaded fields, such as every second row of a table, measured from these; the very same
    array where no such fields outweigh the strokes.
    """
    height, width = darkness.shape
    small = reduced(darkness)
    broad = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((FIELD, FIELD), np.uint8))
    fields = np.where((broad > MIN_CONTRAST / 2) & (broad < PALEST), broad, 0).astype(np.float32)
    shaded = (fields > 0) & (small - broad < MIN_CONTRAST)  # but for the strokes on them
    if np.count_nonzero(shaded) < MOSTLY * np.count_nonzero(small > MIN_CONTRAST / 2):
        return darkness
    strokes = (small - fields)[small - fields > MIN_CONTRAST]
    if not 0 < strokes.size < WRITTEN * small.size or np.percentile(strokes, 90) < 2 * np.median(fields[shaded]):
        return darkness  # a texture, or ink that is pale and broad itself
    level = 1 - cv2.resize(fields, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width)
    relative: Ink = 1 - (1 - darkness) / level
    return relative


def _stretched(darkness: Ink) -> Ink:
    """The usual darkness of strokes brought to 1, the paper's grain to 0; a sheet without ink is left as it is."""
    step = max(1, round((darkness.size / SMALL_PIXELS) ** 0.5))
    sample = darkness[::step, ::step]
    grain = _grain(sample)
    floor = max(NOISE_SIGMAS * grain, MIN_CONTRAST / 2)
    marks = sample[sample > floor]
    full = float(np.percentile(marks, 90)) if marks.size else 0.0
    stretched = darkness
    if full >= max(MIN_CONTRAST, 1.5 * floor):
        zero = min(2.5 * grain, full / 3)
        stretched = (darkness - np.float32(zero)) * np.float32(1 / (full - zero))
    return np.clip(stretched, 0, 1, out=stretched)


def _grain(darkness: Ink) -> float:
    """The standard deviation of the paper's grain, from the paler three quarters of the pixels; 0 on a clean sheet."""
    some = darkness.ravel()[:: max(1, darkness.size // GRAINS) | 1]  # an odd step: no column alone
    paper = some[some <= np.percentile(some, 75)]
    return 1.4826 * float(np.median(np.abs(paper - np.median(paper))))
