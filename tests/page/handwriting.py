"""A text -> the strokes of a hand that prints it, as places on a page: inkread's own pen paths, laid in lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from inkread.data import strokes
from inkread.data.skeletons import SKELETONS

Stroke = list[tuple[float, float]]
GAP = 0.22  # between characters, in heights of a capital
SPACE = 0.5
LINE = 1.7
JITTER = 1.5  # hundredths of it, standard deviation of a path's points: no hand is a plotter


def strokes_of(text: str, left: float, top: float, capital: float = 60, seed: int = 3) -> Iterator[Stroke]:
    """The strokes of lines of text, each from where the pen comes down to where it leaves; places in pixels."""
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
            across += capital * (0.85 * wide + GAP)


def _paths(way: str, chance: np.random.Generator) -> Iterator[npt.NDArray[np.float64]]:
    """The curves (S, 2) of a character's strokes, in heights of a capital."""
    for points, corners in strokes.strokes_of(way):
        moved = np.array(points) + chance.normal(0, JITTER, (len(points), 2))
        yield strokes.curve(len(points), corners) @ moved / 100
