"""One framed glyph -> the same glyph as a pen sets it on a line: its size by its character, its slant, its strokes.

Frames have lost how tall a character was and where it stood: a comma fills its frame as an M does. Here each gets its
own place back. Where glyphs stand beside one another is left to `compose`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, BadOption

FULL: Final = 255.0
LEVEL: Final = 0.4  # of full ink, where a stroke ends: EMNIST's blur leaves the thinnest strokes below one half
SAMPLES: Final = 2  # a side: glyphs are drawn finer than the picture, so that slanted edges come out even
RIM: Final = 2  # pixels kept beyond the ink: the soft edge
THINNEST: Final = 0.6  # of a stroke's own width, what a thin pen leaves of it at least: less would break it
SMALLEST: Final = 1.0  # pixels at the finer scale, half the width of a stroke: less would not be seen

ASCENDING: Final = "bdfhkl"
DESCENDING: Final = "gpqy"
SINK: Final = 0.4  # of a capital's height, how far descenders reach below the line
DOTTED: Final = 0.24  # of a capital's height, from the top of a small letter to the top of its dot
WIDE: Final = 1.25  # of its own height, the width of a letter at most
# Punctuation: top and bottom (0: a capital's top, 1: the line) and greatest width, of a capital's height.
MARKS: Final[dict[str, tuple[float, float, float]]] = {
    ".": (0.88, 1.0, 0.14), ",": (0.86, 1.2, 0.2), "'": (0.0, 0.3, 0.16), '"': (0.0, 0.3, 0.34), "-": (0.48, 0.7, 0.42),
    "?": (0.0, 1.0, 0.62), "!": (0.0, 1.0, 0.3), ":": (0.45, 1.0, 0.2), ";": (0.45, 1.2, 0.24), "/": (-0.05, 1.1, 0.6),
    "(": (-0.05, 1.15, 0.36), ")": (-0.05, 1.15, 0.36), "[": (-0.05, 1.15, 0.36), "]": (-0.05, 1.15, 0.36),
    "&": (0.02, 1.0, 0.85), "$": (-0.1, 1.1, 0.65), "%": (0.0, 1.0, 0.9), "#": (0.05, 0.95, 0.8),
    "+": (0.35, 0.88, 0.5), "=": (0.42, 0.8, 0.46), "@": (0.05, 1.1, 0.95), "*": (0.0, 0.4, 0.4), "_": (1.0, 1.1, 0.6),
}  # fmt: skip

Coverage = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Hand:
    """How a person writes.

    Attributes:
        low: of a capital's height, small letters without ascender.
        size: standard deviation of the logarithm of each glyph's size.
        stretch: the same, of its width alone.
        slant: shift to the right for each unit of height, of all glyphs.
        slant_jitter: standard deviation of each glyph's own slant.
        turn: degrees, standard deviation of each glyph's own turn.
        drift: of the height, how far the line wanders up and down, slowly.
        spacing_jitter: of the height, standard deviation of the distance between two letters; they may touch.
        pen: of the height, width of every stroke; None: as the glyphs have it.
        thickness: factor on the width of strokes.
    """

    low: float = 0.62
    size: float = 0.05
    stretch: float = 0.06
    slant: float = 0.08
    slant_jitter: float = 0.04
    turn: float = 1.5
    drift: float = 0.04
    spacing_jitter: float = 0.03
    pen: float | None = 0.09
    thickness: float = 1.0

    def __post_init__(self) -> None:
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadOption(f"{name} must lie between {low:g} and {high:g}; got {value!r}")


_LIMITS: tuple[tuple[str, float, float], ...] = (
    ("low", 0.3, 1),
    ("size", 0, 0.5),
    ("stretch", 0, 0.5),
    ("slant", -1, 1),
    ("slant_jitter", 0, 0.5),
    ("turn", 0, 45),
    ("drift", 0, 0.5),
    ("spacing_jitter", 0, 0.5),
    ("pen", 0.01, 0.4),
    ("thickness", 0.2, 5),
)


@dataclass(frozen=True)
class Penned:
    """One glyph as it is written: coverage 0..1 (h, w), and how many pixels below a capital's top its first row is."""

    coverage: Coverage
    top: int


def penned(glyph: npt.NDArray[np.uint8], character: str, height: int, hand: Hand, rng: np.random.Generator) -> Penned:
    """Write one glyph uint8 (28, 28), ink 255 on 0, where capitals are ``height`` pixels tall.

    Raises BadArray for a glyph without ink.
    """
    ink = glyph.astype(np.float32) / FULL
    left, top, width, tall = cv2.boundingRect((ink >= LEVEL).astype(np.uint8))
    if not width:
        raise BadArray("a glyph has no ink (no pixel of 102 or more); expected ink 255 on paper 0")
    begin, end, widest = place(character, ink, hand.low)
    size = float(np.exp(rng.normal(0, hand.size))) if hand.size else 1.0
    stretch = float(np.exp(rng.normal(0, hand.stretch))) if hand.stretch else 1.0
    unit = height * SAMPLES
    down, across = (end - begin) * size * unit / tall, widest * size * unit / width
    if across >= down:
        across = down
    elif character in MARKS:
        down = across
    else:  # a letter that is too wide gets narrower more than lower
        down = float(np.sqrt(down * across))
    # A letter stands on its line; a mark that is lower than its place stands in the middle of it.
    bottom = (begin + end) / 2 * unit + down * tall / 2 if character in MARKS else end * unit
    matrix = _shape(hand, rng) @ np.diag([across * stretch, down])
    drawn, first = _warped(ink, matrix, (left + width / 2, top + tall), bottom)
    return _trimmed(_stroked(drawn, hand, unit), first)


def place(character: str, ink: Coverage, low: float) -> tuple[float, float, float]:
    """Top, bottom and greatest width of a character on its line, of a capital's height: 0 its top, 1 the line."""
    if character in MARKS:
        return MARKS[character]
    if not character.islower() or character in ASCENDING:
        return 0.0, 1.0, WIDE
    begin, end = 1 - low, 1.0
    if character in DESCENDING or character == "j":
        end += SINK
    if character in "ij" and _parts(ink) > 1:  # many forms lost the dot
        begin -= DOTTED
    elif character == "t":
        begin /= 2
    return begin, end, WIDE * max(low, (end - begin) * 0.8)


def _parts(ink: Coverage) -> int:
    return int(cv2.connectedComponents((ink >= LEVEL).astype(np.uint8))[0]) - 1


def _shape(hand: Hand, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Turn and slant as a matrix (2, 2) for x to the right and y down."""
    angle = np.deg2rad(rng.normal(0, hand.turn)) if hand.turn else 0.0
    slant = hand.slant + (rng.normal(0, hand.slant_jitter) if hand.slant_jitter else 0.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape: npt.NDArray[np.float64] = np.array([[1.0, -slant], [0.0, 1.0]]) @ turn
    return shape


def _warped(
    ink: Coverage, matrix: npt.NDArray[np.float64], foot: tuple[float, float], bottom: float
) -> tuple[Coverage, int]:
    """The glyph drawn by a matrix, its foot at row ``bottom`` of the line: coverage, and which row its first one is."""
    corners = matrix @ (np.array([[0, 28, 0, 28], [0, 0, 28, 28]]) - np.array(foot)[:, None])
    pad = 4 * SAMPLES
    low = np.floor(corners.min(axis=1)) - pad
    first = int(np.floor((low[1] + bottom) / SAMPLES)) * SAMPLES  # a whole row of the picture
    shift = np.array([-low[0], bottom - first])
    width, height = np.ceil(corners.max(axis=1) - low).astype(int) + 2 * pad
    width, height = width + width % SAMPLES, height + height % SAMPLES
    affine = np.column_stack([matrix, shift - matrix @ np.array(foot) + 0.5 * matrix.sum(axis=1) - 0.5])
    drawn = cv2.warpAffine(ink, affine, (int(width), int(height)), flags=cv2.INTER_CUBIC)
    return np.asarray(drawn, np.float32), first // SAMPLES


def _stroked(drawn: Coverage, hand: Hand, unit: float) -> Coverage:
    """The finely drawn glyph with the pen's stroke width, its edges sharp, at the picture's scale."""
    inside = (drawn >= LEVEL).astype(np.uint8)
    within = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    signed = np.where(inside, within - 0.5, 0.5 - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5))
    # Across a stroke the distance to its edge rises and falls evenly: its mean is a quarter of the width.
    half = max(2 * float(within[inside > 0].mean()) - 0.5, SMALLEST) if inside.any() else SMALLEST
    wanted = (half if hand.pen is None else hand.pen * unit / 2) * hand.thickness
    grown = max(wanted, THINNEST * half, SMALLEST) - half
    fine = np.clip(signed + grown + 0.5, 0, 1).astype(np.float32)
    rows, columns = fine.shape
    parts = fine.reshape(rows // SAMPLES, SAMPLES, columns // SAMPLES, SAMPLES)
    return np.asarray(parts.mean(axis=(1, 3)), np.float32)


def _trimmed(coverage: Coverage, top: int) -> Penned:
    """Without the empty rows and columns around the ink but for its rim."""
    left, upper, width, height = cv2.boundingRect((coverage > 0).astype(np.uint8))
    rows = slice(max(0, upper - RIM), upper + height + RIM)
    return Penned(coverage[rows, max(0, left - RIM) : left + width + RIM], top + rows.start)
