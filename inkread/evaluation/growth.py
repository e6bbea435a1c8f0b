"""Sizes of some work and the seconds that each took -> the power by which its cost grows.

Knows nothing of what was timed. A straight line is fitted to the logarithms by least squares (Draper and Smith 1998,
chapter 1): where the seconds are a · size ** b, the slope is b. Work that doubles with its size has slope 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray

FEWEST: Final = 3  # points; through two a line goes whatever was measured


@dataclass(frozen=True)
class Slope:
    """The exponent of the size, its standard error, and to how many points it was fitted.

    The error is small where the points lie on a line, and large where they bend: it says how well one power describes
    them all.

    >>> str(slope([1, 2, 4, 8], [0.3, 0.6, 1.2, 2.4]))
    '1.00 ± 0.00'
    """

    value: float
    error: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.2f} ± {self.error:.2f}"


def slope(sizes: npt.ArrayLike, seconds: npt.ArrayLike) -> Slope:
    """The slope of log(seconds) over log(sizes), both (N,); raises BadArray for fewer than three or one not above 0."""
    x, y = np.asarray(sizes, np.float64), np.asarray(seconds, np.float64)
    if x.shape != y.shape or x.ndim != 1 or len(x) < FEWEST or not (np.isfinite(x) & np.isfinite(y)).all():
        raise BadArray(f"expected {FEWEST} or more finite sizes, and seconds for each; got {x.shape} and {y.shape}")
    if min(x.min(), y.min()) <= 0 or x.min() == x.max():
        raise BadArray(f"expected different sizes and seconds above 0; got {x.tolist()} and {y.tolist()}")
    across, up = np.log(x) - np.log(x).mean(), np.log(y) - np.log(y).mean()
    spread = float(across @ across)
    value = float(across @ up) / spread
    left = up - value * across
    return Slope(value, float(np.sqrt(left @ left / (len(x) - 2) / spread)), len(x))


def larger_half(values: Sequence[float]) -> Sequence[float]:
    """The larger half of ascending sizes, or what belongs to them, where fixed cost weighs little; never under three.

    >>> larger_half([1, 2, 4, 8, 16, 32, 64])
    [8, 16, 32, 64]
    """
    return values[-max(FEWEST, -(-len(values) // 2)) :]
