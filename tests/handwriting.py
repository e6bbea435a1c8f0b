"""A text -> the strokes of a hand that prints it: our own pen paths laid in lines, and the ink of a pen on them;
what the lines of a picture keep of its ink.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from inkread.data import strokes
from inkread.data.skeletons import SKELETONS
from inkread.preprocessing import lines

Stroke = list[tuple[float, float]]
GAP = 0.22  # between characters, in heights of a capital
SPACE = 0.5
LINE = 1.7
JITTER = 1.5  # hundredths of it, standard deviation of a path's points: no hand is a plotter


def strokes_of(
    text: str, left: float, top: float, capital: float = 60, *, seed: int = 3, gap: float = GAP
) -> Iterator[Stroke]:
    """The strokes of lines of text, each from where the pen comes down to where it leaves; places in pixels.

    ``gap``: between characters, in heights of a capital; they touch where it is small.
    """
    chance = np.random.default_rng(seed)
    across, down = left, top
    for character in text:
        if character == "\n":
            across, down = left, down + LINE * capital
        elif character == " ":
            across += SPACE * capital
        else:
            paths = list(_paths(SKELETONS[character][0], chance))
            low = min(path[:, 0].min() for path in paths)
            wide = max(path[:, 0].max() for path in paths) - low
            for path in paths:
                yield [(across + capital * (float(x) - low), down + capital * float(y)) for x, y in path]
            across += capital * (0.85 * wide + gap)


def penned(
    texts: Sequence[str], capital: int, pen: int, gap: float = GAP
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Lines of text in strokes ``pen`` pixels wide: ink float32 (H, W), and each pixel's line, from 1 on."""
    hands = [
        list(strokes_of(text, capital, (1 + LINE * row) * capital, capital, gap=gap)) for row, text in enumerate(texts)
    ]
    width, height = (np.max([np.max(stroke, axis=0) for hand in hands for stroke in hand], axis=0) + capital).astype(
        int
    )
    coverage, owner = np.zeros((height, width), np.float32), np.zeros((height, width), np.int64)
    for row, hand in enumerate(hands, start=1):
        drawn = np.zeros((height, width), np.uint8)
        for stroke in hand:
            points = np.round(8 * np.array(stroke)).astype(np.int32)
            cv2.polylines(drawn, [points], isClosed=False, color=255, thickness=pen, lineType=cv2.LINE_AA, shift=3)
        owner[drawn > 127] = row
        coverage = np.maximum(coverage, drawn.astype(np.float32) / 255)
    return coverage, owner


def kept_columns(ink: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which columns of ink (H, W) the pieces of its lines take, (W,)."""
    kept = np.zeros(ink.shape[1], bool)
    for line in lines(ink).lines:
        for piece in line.pieces:
            kept[piece.box.left : piece.box.right] = True
    return kept


def _paths(way: str, chance: np.random.Generator) -> Iterator[npt.NDArray[np.float64]]:
    """The curves (S, 2) of a character's strokes, in heights of a capital."""
    for points, corners in strokes.strokes_of(way):
        moved = np.array(points) + chance.normal(0, JITTER, (len(points), 2))
        yield strokes.curve(len(points), corners) @ moved / 100
