"""Pen paths of our own -> synthetic hand-printed glyphs, framed as EMNIST's are, each with the character it shows.

They stand in where there is no handwriting, so that everything runs without network or data folder. Every glyph is one
way to write a character, its points moved a little, bent, slanted and stretched as no two hands agree, and drawn with a
pen of its own width. The paths themselves are in `skeletons`, framing is left to `preprocessing.frame`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.data.skeletons import SKELETONS
from inkread.data.splits import SIDE, Labelled
from inkread.errors import BadOption
from inkread.preprocessing.frame import frame

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STEPS: Final = 6  # straight pieces that a curve has between two points
JITTER: Final = 3.2  # hundredths of a capital's height, standard deviation of a point's place
STROKE_SHIFT: Final = 2.2  # the same, of a whole stroke's place
BEND: Final = 5.0  # the same, of the smooth bend of the whole glyph
WAVE: Final = 150.0  # hundredths of a capital's height: the length of that bend, at least
LEAN: Final = 0.15  # horizontal shift for each unit of height: most hands lean to the right ...
SLANT: Final = 0.2  # ... standard deviation: but not all
TURN: Final = 0.07  # radians, standard deviation
NARROW: Final = -0.1  # logarithm of width by height, mean: quick hands write narrow ...
STRETCH: Final = 0.28  # ... standard deviation
HEIGHTS: Final = (26, 60)  # pixels of the longer side when drawn: as in NIST's scans, which EMNIST comes from
PENS: Final = (0.075, 0.16)  # stroke width by longer side: what 8 of 10 glyphs of NIST's have
FRACTION: Final = 4  # bits after the point in OpenCV's coordinates
MARGIN: Final = 8  # pixels around the drawn path: half the widest pen, and some

Points = npt.NDArray[np.float64]


def letters(n_per_character: int, rng: np.random.Generator, characters: str = LETTERS) -> Labelled:
    """Draw so many glyphs of each character (letters of both cases and digits exist), in the order of ``characters``.

    The same generator state gives the same glyphs, bit for bit. Raises BadOption for other characters and counts below
    1.
    """
    if unknown := "".join(sorted(set(characters) - set(SKELETONS))):
        raise BadOption(f"no pen path is known for {unknown!r}; expected letters A to Z, a to z and digits")
    if n_per_character < 1:
        raise BadOption(f"n_per_character is {n_per_character}; expected 1 or more")
    images = np.empty((len(characters) * n_per_character, SIDE, SIDE), np.uint8)
    glyphs = (glyph for character in characters for glyph in _glyphs(character, n_per_character, rng))
    for image, glyph in zip(images, glyphs, strict=True):
        image[:] = frame(glyph, "emnist")
    return Labelled(images, np.repeat(np.array(list(characters), "<U1"), n_per_character))


def _glyphs(character: str, count: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.uint8]]:
    """Drawings of one character, uint8 (H, W), ink 255 on 0, each way of writing it as often as every other."""
    ways = SKELETONS[character]
    chosen = rng.permutation(np.arange(count) % len(ways))
    for number, way in enumerate(ways):
        points, ends = _written(way, int((chosen == number).sum()), rng)
        sizes = rng.uniform(*HEIGHTS, len(points))
        pens = rng.uniform(*PENS, len(points)) * sizes
        for path, size, pen in zip(points, sizes, pens, strict=True):
            yield drawn(path, ends, size, max(2, round(pen)))


def _written(way: str, count: int, rng: np.random.Generator) -> tuple[Points, list[int]]:
    """So many hands writing it the same way: paths (count, S, 2), and where each stroke ends within S."""
    strokes = strokes_of(way)
    moved = []
    for points, corners in strokes:
        basis = curve(len(points), corners)  # (S, K)
        shift = rng.normal(0, STROKE_SHIFT, (count, 1, 2))
        moved.append(
            basis @ (np.array(points) + shift + rng.normal(0, JITTER, (count, len(points), 2)))
        )  # (count, S, 2)
    return _warped(np.concatenate(moved, axis=1), rng), np.cumsum([path.shape[1] for path in moved])[:-1].tolist()


def _warped(paths: Points, rng: np.random.Generator) -> Points:
    """Each path (S, 2) bent, slanted, stretched and turned in its own way."""
    count = len(paths)
    wave = rng.normal(0, 2 * np.pi / WAVE, (count, 2, 2)).clip(-2 * np.pi / WAVE, 2 * np.pi / WAVE)
    phase = rng.uniform(0, 2 * np.pi, (count, 1, 2))
    paths = paths + rng.normal(0, BEND, (count, 1, 2)) * np.sin(paths @ wave + phase)
    angle, slant = rng.normal(0, TURN, count), rng.normal(LEAN, SLANT, count)
    stretch = np.exp(rng.normal(NARROW / 2, STRETCH / 2, count))
    slanted = np.stack([np.stack([stretch, -slant], -1), np.stack([np.zeros(count), 1 / stretch], -1)], 1)
    turned = np.stack([np.stack([np.cos(angle), -np.sin(angle)], -1), np.stack([np.sin(angle), np.cos(angle)], -1)], 1)
    warped: Points = paths @ (turned @ slanted).transpose(0, 2, 1)
    return warped


def drawn(path: Points, ends: list[int], size: float, pen: int) -> npt.NDArray[np.uint8]:
    """One path (S, 2) drawn with a round pen, its longer side ``size`` pixels."""
    low = path.min(axis=0)
    extent = path.max(axis=0) - low
    scale = size / max(float(extent.max()), 1.0)
    width, height = np.ceil(extent * scale).astype(int) + 2 * MARGIN
    canvas = np.zeros((height, width), np.uint8)
    pixels = np.rint(((path - low) * scale + MARGIN) * (1 << FRACTION)).astype(np.int32)
    cv2.polylines(
        canvas, np.split(pixels, ends), isClosed=False, color=255, thickness=pen, lineType=cv2.LINE_AA, shift=FRACTION
    )
    return canvas


@cache
def strokes_of(way: str) -> tuple[tuple[tuple[tuple[float, float], ...], tuple[int, ...]], ...]:
    """Each stroke's points and the places of its corners."""
    strokes = []
    for stroke in way.split(";"):
        points = stroke.split()
        corners = tuple(i for i, point in enumerate(points) if point.endswith("!"))
        places = [point.rstrip("!").split(",") for point in points]
        strokes.append((tuple((float(x), float(y)) for x, y in places), corners))
    return tuple(strokes)


@cache
def curve(count: int, corners: tuple[int, ...]) -> Points:
    """The matrix (S, count) that takes a stroke's points to its curve: Catmull-Rom splines from corner to corner."""
    points = np.eye(count)
    if count == 1:
        return np.repeat(points, 2, axis=0)  # a dot: from itself to itself
    stops = [0, *(corner for corner in corners if 0 < corner < count - 1), count - 1]
    return np.concatenate([_spline(points[start : stop + 1]) for start, stop in pairwise(stops)])


def _spline(points: Points) -> Points:
    """A Catmull-Rom curve through points (K, D), ends included: (S, D)."""
    if len(points) == 2:
        return points
    before, after = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
    padded = np.concatenate([before[None], points, after[None]])
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None]
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))))
    return np.concatenate([*pieces, points[-1:]])
