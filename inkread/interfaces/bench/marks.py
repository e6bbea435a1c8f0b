"""Punctuation drawn with a pen -> glyphs in frames, for texts as people write them: no data set holds any."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.errors import BadOption
from inkread.preprocessing.frame import frame

BOARD: Final = 96  # pixels, the side of what is drawn on
INSET: Final = 20  # pixels around it
PENS: Final = (6, 10)  # pixels
JITTER: Final = 2.5  # hundredths of the board, standard deviation of a point's place
ROUND: Final = 3  # times that corners are cut: Chaikin (1974)
FRACTION: Final = 4  # bits after the point in OpenCV's coordinates
ROUND_MARKS: Final = "?()&$%@"

# Strokes separated by ``;``, points x,y in hundredths; one point is a dot.
PATHS: Final[dict[str, tuple[str, ...]]] = {
    ".": ("50,50", "46,50 54,52"),
    ",": ("56,30 54,50 40,78", "50,30 46,70"),
    "'": ("52,20 48,70", "54,22 46,64"),
    '"': ("35,20 32,70; 65,20 63,70", "38,24 30,66; 68,22 60,66"),
    "-": ("10,50 90,48", "14,52 86,50"),
    "?": ("15,18 45,2 75,18 60,44 46,56 46,70; 46,94", "20,22 40,2 70,8 76,28 48,46 48,68; 50,95"),
    "!": ("50,0 49,66; 49,94", "54,2 48,70; 46,96"),
    ":": ("50,15; 50,85", "51,20; 48,82"),
    ";": ("52,10; 52,62 40,98", "50,14; 50,66 42,94"),
    "/": ("85,0 15,100", "75,0 22,100"),
    "(": ("66,0 40,26 36,60 62,100", "62,2 42,30 40,66 64,98"),
    ")": ("34,0 60,26 64,60 38,100", "38,2 58,30 60,66 36,98"),
    "[": ("66,0 40,0 40,100 66,100",),
    "]": ("34,0 60,0 60,100 34,100",),
    "&": (
        "90,96 30,30 40,2 62,10 50,36 14,64 20,94 50,94 84,56",
        "86,98 28,28 38,4 56,6 58,24 18,60 16,86 40,98 80,60",
    ),
    "$": (
        "82,18 50,8 20,24 50,48 80,68 52,90 16,78; 50,-6 50,106",
        "80,20 40,10 22,30 60,50 78,72 44,90 18,76; 54,-4 48,104",
    ),
    "%": ("85,2 15,98; 24,4 38,18 24,32 10,18 24,4; 76,66 90,80 76,94 62,80 76,66",),
    "#": ("36,4 24,96; 76,4 64,96; 6,34 94,30; 4,68 92,64",),
    "+": ("50,6 50,94; 6,50 94,50", "52,10 48,92; 8,52 92,48"),
    "=": ("8,34 92,32; 8,68 92,66", "12,38 90,34; 10,66 90,66"),
    "@": ("66,40 46,34 36,54 48,68 64,56 68,38 66,64 84,64 92,40 76,10 40,4 8,34 10,72 42,98 82,88",),
}  # fmt: skip


def marks(character: str, count: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """So many drawings of one mark, uint8 (count, 28, 28), framed as EMNIST's glyphs; raises BadOption for others."""
    if character not in PATHS:
        raise BadOption(f"no pen path is known for {character!r}; expected one of {''.join(PATHS)}")
    ways = PATHS[character]
    return np.stack([frame(_drawn(ways[int(rng.integers(len(ways)))], character, rng), "emnist") for _ in range(count)])


def _drawn(way: str, character: str, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    board = np.zeros((BOARD + 2 * INSET, BOARD + 2 * INSET), np.uint8)
    pen = int(rng.integers(PENS[0], PENS[1] + 1))
    for stroke in way.split(";"):
        points = np.array([[float(part) for part in point.split(",")] for point in stroke.split()])
        points = points + rng.normal(0, JITTER, points.shape)
        for _ in range(ROUND if character in ROUND_MARKS else 0):
            points = _cut(points)
        pixels = np.rint((points * BOARD / 100 + INSET) * (1 << FRACTION)).astype(np.int32)
        if len(pixels) == 1:
            pixels = np.repeat(pixels, 2, axis=0)
        cv2.polylines(board, [pixels], isClosed=False, color=255, thickness=pen, lineType=cv2.LINE_AA, shift=FRACTION)
    return board


def _cut(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A path with its corners cut, its ends kept."""
    if len(points) < 3:
        return points
    near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
    inner = np.stack([near, far], axis=1).reshape(-1, 2)
    return np.concatenate([points[:1], inner[1:-1], points[-1:]])
