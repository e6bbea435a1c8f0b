"""A picture -> the ink of a straight, clean sheet, and the way back to the original's pixels. Knows paper, not letters.

Composes what the neighbours do: `outline` finds a page on a table, `binarise` the ink, `rules` takes ruled and squared
lines away. The page is rectified and turned upright here. Where nothing of that is needed, every pixel stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.preprocessing.bands import bands, from_sides, papered
from inkread.preprocessing.binding import without_binding
from inkread.preprocessing.boxes import without_boxes
from inkread.preprocessing.dot_grid import without_dot_grid
from inkread.preprocessing.faults import mended
from inkread.preprocessing.holes import without_holes
from inkread.preprocessing.labelled import Labelled, labelled
from inkread.preprocessing.labels import without_labels
from inkread.preprocessing.outline import in_rows, is_large, outlines
from inkread.preprocessing.pale import strengthened
from inkread.preprocessing.picture import Picture
from inkread.preprocessing.rules import without_rules
from inkread.preprocessing.solids import without_solids
from inkread.results import Box

Homography = npt.NDArray[np.float64]
_Step = Callable[[binarise.Ink, Labelled], binarise.Ink]

ROUNDING = 1e-6  # pixels; what arithmetic adds to a whole number
TRIM = 0.006  # of the page's shorter side, cut off all around: a sheet's edge is never quite straight
EDGE = 0.012  # of the page's shorter side; what stays within so narrow a rim is no writing
EDGE_PIXELS = 3  # what is so near to a page's edge is at it
SOLID = 0.4  # of the box around it, what a torn part fills; letters that touch the edge fill less
TORN, HANGING = 0.1, 0.4  # of the page's breadth, how far in it is torn; of a torn part, how much is at the edge
FAINT = 0.12  # of full ink; less is no stroke
APART = 0.1  # of the tallest sheet, the paper between two
STEEPEST = 12  # degrees; lines that run steeper are left so
LEVEL = 0.012  # of the sharpness a degree, that level lines are likelier by: words far apart may happen to be aligned
SLIGHT = 0.5  # degrees; not worth a resampling
SURE = 1.03  # times the sharpness beside it, that the right angle has; of 114 answers one was then off by over a degree
BESIDE = (1.5, 4.0)  # degrees from the best angle, where another should be less sharp
SKEW_SIDE, SKEW_BLOCKS = 512, 40  # pixels of the longer side, blocks of columns, that the skew is found on
SKEW_CELLS = 60  # rows of blocks with ink; fewer are a word at most
_MIDDLE = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])  # corners of pixels -> OpenCV's, at the pixels' middles


@dataclass(frozen=True)
class Part:
    """Where the ink of one of a picture's sheets stands, and the way back.

    Attributes:
        box: in pixels of the ink.
        to_original: float64 (3, 3), the homography from (x, y, 1) of the ink to the original's pixels; the pixel in
            column x covers x .. x + 1.
    """

    box: Box
    to_original: Homography


@dataclass(frozen=True)
class Sheet:
    """The ink of one page, or of the several sheets of a picture below each other.

    Attributes:
        ink: float32 (H, W), 0 on paper, 1 in full strokes.
        parts: one, or one for each of several sheets, from top to bottom.
        width, height: of the original picture, right way up, in pixels.
    """

    ink: binarise.Ink
    parts: tuple[Part, ...]
    width: int
    height: int

    def original_polygon(self, box: Box) -> tuple[tuple[float, float], ...]:
        """The four corners of a box of the ink, in the original's pixels, clockwise from the ink's top left one."""
        corners = np.array([(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)])
        part = min(self.parts, key=lambda part: _off(corners.mean(axis=0), part.box))
        return tuple((float(x), float(y)) for x, y in _moved(corners.astype(np.float64), part.to_original))

    def original(self, box: Box) -> Box:
        """The upright box around a box of the ink, in whole pixels of the original, kept within it."""
        x, y = np.array(self.original_polygon(box)).T
        left = min(max(int(np.floor(x.min() + ROUNDING)), 0), self.width - 1)
        top = min(max(int(np.floor(y.min() + ROUNDING)), 0), self.height - 1)
        right = max(min(int(np.ceil(x.max() - ROUNDING)), self.width), left + 1)
        bottom = max(min(int(np.ceil(y.max() - ROUNDING)), self.height), top + 1)
        return Box(left, top, right, bottom)

    def corners(self, box: Box) -> npt.NDArray[np.float64]:
        """The four corners (4, 2) of a box of the original, in the ink's pixels, clockwise from the ink's top left one.

        What lies outside the original is brought to its edge; of several sheets the one nearest to the box counts.
        """
        left, right = (min(max(x, 0), self.width) for x in (box.left, box.right))
        top, bottom = (min(max(y, 0), self.height) for y in (box.top, box.bottom))
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        found = [_moved(corners, np.asarray(np.linalg.inv(part.to_original), np.float64)) for part in self.parts]
        off = [_off(points.mean(axis=0), part.box) for points, part in zip(found, self.parts, strict=True)]
        points = found[int(np.argmin(off))]
        return np.roll(points, -int(points.sum(axis=1).argmin()), axis=0)


def _moved(points: npt.NDArray[np.float64], by: Homography) -> npt.NDArray[np.float64]:
    """Points (P, 2) where a homography takes them."""
    x, y, w = by @ np.vstack([points.T, np.ones(len(points))])
    return np.stack([x / w, y / w], axis=1)


def _off(point: npt.NDArray[np.float64], box: Box) -> float:
    """How far a point is from a box, in pixels; 0 within."""
    corners = np.array(box, np.float64).reshape(2, 2)
    return float(np.linalg.norm(np.maximum(corners[0] - point, 0) + np.maximum(point - corners[1], 0)))


def sheet(picture: Picture) -> Sheet:
    """The page of a picture: rectified where it lies on a table, its ink found, level, without ruled lines.

    Several sheets are laid below each other, those beside each other from left to right. A picture that needs none of
    that keeps its pixels: the ink is ``binarise.ink`` of them.
    """
    laid = [_laid(ink, to_picture) for ink, to_picture in _pages(mended(picture.pixels))]
    gap = round(APART * max(ink.shape[0] for ink, _ in laid)) if len(laid) > 1 else 0
    heights = [ink.shape[0] + gap for ink, _ in laid]
    tops = np.cumsum([0, *heights[:-1]]).tolist()
    parts = tuple(
        Part(
            Box(0, top, ink.shape[1], top + ink.shape[0]),
            picture.to_original @ to_picture @ np.array([[1, 0, 0], [0, 1, -top], [0, 0, 1]]),
        )
        for top, (ink, to_picture) in zip(tops, laid, strict=True)
    )
    return Sheet(_stacked([ink for ink, _ in laid], gap), parts, picture.width, picture.height)


def _stacked(inks: list[binarise.Ink], gap: int) -> binarise.Ink:
    """Ink below each other, with so much paper after each; a lone one as it is."""
    if len(inks) == 1:
        return inks[0]
    widest = max(ink.shape[1] for ink in inks)
    return np.vstack([np.pad(ink, ((0, gap), (0, widest - ink.shape[1]))) for ink in inks])


def _laid(ink: binarise.Ink, to_picture: Homography) -> tuple[binarise.Ink, Homography]:
    """The ink of one sheet, level and without what is no writing, and the homography from it to the picture."""
    pieces = labelled(ink)
    for without in (without_solids, without_labels):  # a pen that lies aslant is as straight as a line of text
        ink, pieces = _applied(without, ink, pieces)
    bare, to_ink = _levelled(ink)
    pieces = pieces if bare is ink else labelled(bare)
    for without in (without_boxes, without_holes, without_binding):
        bare, pieces = _applied(without, bare, pieces)
    return strengthened(without_rules(without_dot_grid(bare))), to_picture @ to_ink


def _applied(step: _Step, ink: binarise.Ink, pieces: Labelled) -> tuple[binarise.Ink, Labelled]:
    """What a step leaves of the ink, and the pieces of that; the very same where it changes nothing."""
    left = step(ink, pieces)
    return left, pieces if left is ink else labelled(left)


def _pages(grey: binarise.Grey) -> list[tuple[binarise.Ink, Homography]]:
    """The ink of each sheet that the picture shows, and the homography from it to the picture.

    Where no sheet's outline is seen, or nothing is written on it, the picture is the page.
    """
    found = outlines(grey)
    pages = [_rectified(grey, corners) for corners in in_rows(found)]
    lone = len(pages) == 1
    kept = [(ink, way) for page, ink, way in pages if _is_written(ink, page, grey, lone=lone)]
    return kept or [(_ink(grey), np.eye(3))]


def _rectified(grey: binarise.Grey, corners: npt.NDArray[np.float64]) -> tuple[binarise.Grey, binarise.Ink, Homography]:
    """A page as seen from above, its ink, and the homography from these to the picture."""
    to_picture, size = _rectification(corners)
    to_centres = _MIDDLE @ to_picture @ np.linalg.inv(_MIDDLE)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(grey, to_centres, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    page = seen.astype(np.uint8, copy=False)
    return page, _without_edges(_ink(page)), to_picture


def _ink(grey: binarise.Grey) -> binarise.Ink:
    """The ink of a picture without the dark bands along its edges."""
    ink = binarise.ink(grey)
    found = bands(ink)
    return binarise.ink(papered(grey, found)) if any(depths.any() for depths in found) else ink


def _rectification(corners: npt.NDArray[np.float64]) -> tuple[Homography, tuple[int, int]]:
    """The homography from an upright page to the picture, a little within its corners, and the page's size."""
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = (top + bottom) / 2, (left + right) / 2
    upright = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    to_picture = cv2.getPerspectiveTransform(upright.astype(np.float32), corners.astype(np.float32))
    trim = TRIM * min(width, height)
    within = np.array([[1, 0, trim], [0, 1, trim], [0, 0, 1]])
    size = (max(1, round(width - 2 * trim)), max(1, round(height - 2 * trim)))
    return to_picture.astype(np.float64) @ within, size


def _is_written(ink: binarise.Ink, page: binarise.Grey, grey: binarise.Grey, *, lone: bool) -> bool:
    """Whether an outlined page is a sheet: it bears ink, or is the only one, large, and lighter than what is around it.

    A bare dark field is ink, or a screen; a bare light one is a blank sheet, or a light stroke where it is a strip.
    """
    blank = binarise.is_blank(ink)
    if not lone or not blank:
        return not blank
    height, width = page.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    return is_large(corners, grey) and float(np.median(page)) > float(np.percentile(grey, 60))


def _without_edges(ink: binarise.Ink) -> binarise.Ink:
    """The ink without what the page's border left along the edges: pieces that never leave a narrow rim, and where the
    sheet is torn the table: what hangs on the edge with most of its length, and does not reach far in.
    """
    height, width = ink.shape
    rim = max(2, round(EDGE * min(height, width)))
    inner = ink[rim:-rim, rim:-rim]
    if not inner.size:
        return ink
    outer = (ink > FAINT).astype(np.uint8)
    outer[rim:-rim, rim:-rim] = 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(outer, connectivity=8)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    touching = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    touching[0] = False
    return np.where(touching[labels] | _torn(ink), 0, ink).astype(np.float32)


def _torn(ink: binarise.Ink) -> binarise.Mask:
    """Where a sheet is torn and shows the table, bool (H, W)."""
    pieces = labelled(ink, FAINT)
    sides = pieces.stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    gone = np.zeros(len(sides), bool)
    for edge, labels in enumerate(from_sides(pieces.labels)):
        deep, along = sides.T if edge < 2 else sides[:, ::-1].T  # of the left and right edge, of the others
        touched = np.bincount(labels[:, :EDGE_PIXELS].max(axis=1), minlength=len(along))
        gone |= (touched >= HANGING * along) & (deep <= TORN * labels.shape[1]) & (touched > 0)
    gone &= pieces.stats[:, cv2.CC_STAT_AREA] >= SOLID * sides.prod(axis=1)
    gone[0] = False
    return gone[pieces.labels]


def _levelled(ink: binarise.Ink) -> tuple[binarise.Ink, Homography]:
    """The ink turned so that its lines run level, and the homography back; the very same ink where they do already."""
    degrees = skew(ink)
    if abs(degrees) < SLIGHT:
        return ink, np.eye(3)
    height, width = ink.shape
    turn = np.radians(degrees)
    cosine, sine = float(np.cos(turn)), float(np.sin(turn))
    rows, columns = height * cosine + width * abs(sine), width * cosine + height * abs(sine)
    size = (int(np.ceil(columns)), int(np.ceil(rows)))
    to_ink = (
        np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
        @ np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
        @ np.array([[1, 0, -size[0] / 2], [0, 1, -size[1] / 2], [0, 0, 1]])
    )
    to_centres = (_MIDDLE @ to_ink @ np.linalg.inv(_MIDDLE))[:2]
    level = cv2.warpAffine(ink, to_centres, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return level.astype(np.float32, copy=False), to_ink


def skew(ink: binarise.Ink) -> float:
    """Degrees by which the lines run down to the right (up: negative); 0 where the ink does not tell.

    Lines, letters and rules lie on few rows when they are level: the angle is the one at which the sum of the squares
    of the rows' ink is largest (Postl 1986), believed only where it stands out from those a few degrees off.
    """
    height, width = ink.shape
    scale = max(1.0, max(height, width) / SKEW_SIDE)
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA) if scale > 1 else ink
    blocks = max(1, size[0] // max(4, size[0] // SKEW_BLOCKS))
    cells = cv2.resize(small, (blocks, size[1]), interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(cells > FAINT / 3)
    weights = cells[rows, columns]
    if len(rows) < SKEW_CELLS:
        return 0.0
    across = (columns - (blocks - 1) / 2) * (size[0] / blocks)
    room = int(np.tan(np.radians(STEEPEST + 1)) * size[0] / 2) + 2

    def sharpness(degrees: float) -> float:
        height = rows + room - np.tan(np.radians(degrees)) * across
        whole = height.astype(np.int64)
        part = height - whole
        profile = np.bincount(whole, weights * (1 - part), size[1] + 2 * room + 2)
        profile[1:] += np.bincount(whole, weights * part, size[1] + 2 * room + 2)[:-1]
        return float(profile @ profile)

    angles = np.arange(-STEEPEST, STEEPEST + 0.1, 0.5)
    sharp = np.array([sharpness(angle) for angle in angles])
    fine = angles[int(np.argmax(sharp * (1 - LEVEL * np.abs(angles))))] + np.arange(-0.5, 0.55, 0.1)
    finest = np.array([sharpness(angle) for angle in fine])
    best = round(float(fine[int(np.argmax(finest))]), 1)
    off = np.abs(angles - best)
    if finest.max() < SURE * sharp[(off >= BESIDE[0]) & (off <= BESIDE[1])].max():
        return 0.0
    return best
