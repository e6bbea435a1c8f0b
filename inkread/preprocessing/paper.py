"""Ink without paper (`compose.write`) -> the photo or scan of a sheet: paper, light, camera, compression; boxes follow.

Every effect is a small pure function; ``photograph`` composes them in the order in which they happen: printed rules and
ink on the sheet, the sheet seen at an angle, light on it, then the camera's blur, noise and JPEG.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final, Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from inkread.errors import BadArray, BadOption
from inkread.preprocessing.pen import Coverage
from inkread.results import Box

Light = Literal["even", "gradient", "vignette", "shadow"]
Ruling = Literal["none", "lines", "squares"]
Colour = tuple[int, int, int]
Rgb = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]

WHITE: Final[Colour] = (255, 255, 255)
COARSE: Final = 24  # pixels, size of the clouds in a paper's tone
FIBRE: Final = 0.35  # share of the texture that is fine
TABLE_GRAIN: Final = 9.0  # grey levels, standard deviation of a table's grain
TABLE_EDGE: Final = 0.06  # of the sheet's longer side, table around a sheet in perspective
SHADOW_SOFT: Final = 0.04  # of the longer side, how soft a shadow's edge is


@dataclass(frozen=True)
class PaperOptions:
    """A sheet and how it is photographed.

    Attributes:
        paper, ink: colours, red, green, blue 0..255; light_on_dark swaps them.
        texture: grey levels; the standard deviation of the paper's own tone is about 0.64 of it.
        ruling: what is printed on the sheet; rule_pitch in pixels, rule the darkness of its lines (0..1).
        light: how light falls; shade is how much of it the darkest place lacks (0..1).
        skew: degrees, counter-clockwise.
        perspective: of the sheet's sides, how far a corner may be moved inwards; above 0 a table is seen around it.
        table: colour of that table.
        blur: pixels, standard deviation.
        noise: grey levels, standard deviation.
        jpeg: quality 1..100; None: no compression.
    """

    paper: Colour = WHITE
    ink: Colour = (20, 20, 24)
    light_on_dark: bool = False
    texture: float = 0.0
    ruling: Ruling = "none"
    rule_pitch: float = 60.0
    rule: float = 0.25
    light: Light = "even"
    shade: float = 0.4
    skew: float = 0.0
    perspective: float = 0.0
    table: Colour = (96, 74, 58)
    blur: float = 0.0
    noise: float = 0.0
    jpeg: int | None = None

    def __post_init__(self) -> None:
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadOption(f"{name} must lie between {low:g} and {high:g}; got {value!r}")
        for name in ("paper", "ink", "table"):
            colour = getattr(self, name)
            if len(colour) != 3 or not all(0 <= part <= 255 for part in colour):
                raise BadOption(f"{name} must be red, green and blue, 0 to 255 each; got {colour!r}")
        for name, known in (("light", get_args(Light)), ("ruling", get_args(Ruling))):
            if getattr(self, name) not in known:
                raise BadOption(f"{name} is one of {', '.join(known)}; got {getattr(self, name)!r}")


_LIMITS: Final[tuple[tuple[str, float, float], ...]] = (
    ("texture", 0, 64),
    ("rule_pitch", 8, 1000),
    ("rule", 0, 1),
    ("shade", 0, 0.95),
    ("skew", -45, 45),
    ("perspective", 0, 0.3),
    ("blur", 0, 10),
    ("noise", 0, 128),
    ("jpeg", 1, 100),
)
PLAIN: Final = PaperOptions()


@dataclass(frozen=True)
class Photo:
    """A sheet as the camera saw it: ``picture`` uint8 (H, W, 3) RGB, and the ``boxes`` of its glyphs in it."""

    picture: Rgb
    boxes: tuple[Box, ...]


def photograph(
    coverage: Coverage, boxes: tuple[Box, ...], rng: np.random.Generator, options: PaperOptions = PLAIN
) -> Photo:
    """Put ink, float32 (H, W) in 0..1, on a sheet and take its picture. Raises BadArray for other arrays."""
    if coverage.ndim != 2 or 0 in coverage.shape or not np.issubdtype(coverage.dtype, np.floating):
        raise BadArray(f"got {coverage.dtype} of shape {coverage.shape}; expected coverage, float32 of shape (H, W)")
    matrix, size = view(coverage.shape, options.skew, options.perspective, rng)
    on_table = options.perspective > 0
    rules = ruled(coverage.shape, options.ruling, options.rule_pitch, rng) * options.rule
    sheet = seen(np.ones_like(coverage), matrix, size) if on_table else np.ones((size[1], size[0]), np.float32)
    picture = inked(seen(coverage, matrix, size), seen(rules, matrix, size), options)
    picture += texture(picture.shape[:2], options.texture, rng)[..., None]
    if on_table:
        picture = sheet[..., None] * picture + (1 - sheet[..., None]) * table(picture.shape[:2], options.table, rng)
    picture *= light(picture.shape[:2], options.light, options.shade, rng)[..., None]
    if options.blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), options.blur), np.float32)
    if options.noise:
        picture += rng.normal(0, options.noise, picture.shape).astype(np.float32)
    pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    if options.jpeg is not None:
        pixels = compressed(pixels, options.jpeg)
    return Photo(pixels, moved(boxes, matrix, size))


def inked(coverage: Coverage, rules: Coverage, options: PaperOptions) -> npt.NDArray[np.float32]:
    """Ink and rules, both 0..1, as colours float32 (H, W, 3) in 0..255: ink lies over the rules."""
    paper, ink = np.array(options.paper, np.float32), np.array(options.ink, np.float32)
    if options.light_on_dark:
        paper, ink = ink, paper
    printed = paper + (np.array((90, 130, 190), np.float32) - paper) * rules[..., None]  # most rules are bluish
    return np.asarray(printed + (ink - printed) * coverage[..., None], np.float32)


def light(shape: tuple[int, ...], kind: Light, shade: float, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """What share of light falls on each pixel: float32 (H, W), 1 in the brightest place, 1 - shade in the darkest."""
    rows, columns = shape[:2]
    if kind == "even" or not shade:
        return np.ones((rows, columns), np.float32)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    longer = max(rows, columns)
    angle = rng.uniform(0, 2 * np.pi)
    along = (x - columns / 2) * np.cos(angle) + (y - rows / 2) * np.sin(angle)
    if kind == "gradient":
        dark = along - along.min()
    elif kind == "vignette":
        centre = rng.uniform(0.3, 0.7, 2) * (columns, rows)
        dark = ((x - centre[0]) / columns) ** 2 + ((y - centre[1]) / rows) ** 2
    else:
        edge = rng.uniform(0.25, 0.75) * (along.max() - along.min()) + along.min()
        dark = 1 / (1 + np.exp(-(along - edge) / (SHADOW_SOFT * longer * rng.uniform(0.1, 1))))
    return np.asarray(1 - shade * dark / max(float(dark.max()), 1e-6), np.float32)


def texture(shape: tuple[int, ...], strength: float, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """The paper's own tone: float32 (H, W) of grey levels around 0, soft clouds and fine fibres.

    Their standard deviation is about 0.64 of ``strength``.
    """
    rows, columns = shape[:2]
    if not strength:
        return np.zeros((rows, columns), np.float32)
    clouds = rng.standard_normal((rows // COARSE + 2, columns // COARSE + 2)).astype(np.float32)
    soft = cv2.resize(clouds, (columns, rows), interpolation=cv2.INTER_CUBIC)
    fine = cv2.GaussianBlur(rng.standard_normal((rows, columns)).astype(np.float32), (0, 0), 0.8) * 2.5
    return np.asarray(strength * ((1 - FIBRE) * soft + FIBRE * fine), np.float32)


def table(shape: tuple[int, ...], colour: Colour, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """A wooden table: float32 (H, W, 3), its grain along one side."""
    rows, columns = shape[:2]
    noise = rng.standard_normal((rows, columns)).astype(np.float32)
    grain = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=12, sigmaY=0.7), np.float32)
    even = grain * np.float32(TABLE_GRAIN / max(float(grain.std()), 1e-6))
    return np.asarray(np.array(colour, np.float32) + even[..., None], np.float32)


def ruled(shape: tuple[int, ...], ruling: Ruling, pitch: float, rng: np.random.Generator) -> Coverage:
    """Printed rules as coverage 0..1 (H, W), ``pitch`` pixels apart."""
    rules = np.zeros(shape[:2], np.float32)
    width = max(1, round(pitch / 40))
    if ruling in ("lines", "squares"):
        for y in np.arange(rng.uniform(0, pitch), shape[0], pitch):
            rules[int(y) : int(y) + width] = 1
    if ruling == "squares":
        for x in np.arange(rng.uniform(0, pitch), shape[1], pitch):
            rules[:, int(x) : int(x) + width] = 1
    return rules


def view(
    shape: tuple[int, ...], skew: float, perspective: float, rng: np.random.Generator
) -> tuple[Matrix, tuple[int, int]]:
    """How the camera sees a sheet (H, W): a matrix (3, 3) from the sheet's pixels to the picture's, and the picture's
    width and height, large enough for the whole sheet.
    """
    rows, columns = shape[:2]
    if not skew and not perspective:
        return np.eye(3), (columns, rows)
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float64)
    angle = np.deg2rad(skew)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # y runs down
    inwards = rng.uniform(0, perspective, (4, 2)) * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (columns, rows)
    target = (corners + inwards - (columns / 2, rows / 2)) @ turn.T
    edge = TABLE_EDGE * max(rows, columns) if perspective else 0.0
    target -= target.min(axis=0) - edge
    width, height = np.ceil(target.max(axis=0) + edge).astype(int)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    return np.asarray(matrix, np.float64), (int(width), int(height))


def seen(layer: Coverage, matrix: Matrix, size: tuple[int, int]) -> Coverage:
    """A layer (H, W) of the sheet as the camera sees it, 0 beyond its edges."""
    if np.array_equal(matrix, np.eye(3)):
        return layer
    return np.asarray(cv2.warpPerspective(layer, matrix, size, flags=cv2.INTER_LINEAR), np.float32)


def moved(boxes: tuple[Box, ...], matrix: Matrix, size: tuple[int, int]) -> tuple[Box, ...]:
    """Where the camera sees each box: the upright box around its four corners, within the picture."""
    if not boxes or np.array_equal(matrix, np.eye(3)):
        return boxes
    corners = np.array([[(b.left, b.top), (b.right, b.top), (b.right, b.bottom), (b.left, b.bottom)] for b in boxes])
    seen_at = cv2.perspectiveTransform(corners.reshape(-1, 1, 2).astype(np.float64), matrix).reshape(-1, 4, 2)
    low = np.clip(np.floor(seen_at.min(axis=1)), 0, size).astype(int)
    high = np.clip(np.ceil(seen_at.max(axis=1)), 0, size).astype(int)
    return tuple(Box(int(a[0]), int(a[1]), int(b[0]), int(b[1])) for a, b in zip(low, high, strict=True))


def compressed(picture: Rgb, quality: int) -> Rgb:
    """What JPEG leaves of a picture (H, W, 3) at a quality of 1 to 100."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.array(Image.open(buffer), np.uint8)
