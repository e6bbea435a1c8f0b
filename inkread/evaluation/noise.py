"""Glyphs -> the same glyphs with noise, to see what a worse recogniser does to the text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inkread.errors import BadOption
from inkread.evaluation.border import GlyphArray, check_glyphs

NOISE_LEVELS = (0.1, 0.15, 0.2, 0.25, 0.3)  # from hardly visible to hardly readable
FULL_INK = 255


def add_noise(glyphs: npt.ArrayLike, level: float, rng: np.random.Generator) -> GlyphArray:
    """Glyphs uint8 (N, 28, 28) with normal noise of standard deviation ``level`` (of full ink, >= 0) on each pixel.

    What falls below paper or above full ink is cut off.
    Raises BadArray for other glyphs, BadOption for a level below 0.
    """
    if not 0 <= level < float("inf"):
        raise BadOption(f"a level of noise is 0 or more, such as 0.3; got {level}")
    pictures = check_glyphs(glyphs, at_least=0)
    noise = rng.standard_normal(pictures.shape, dtype=np.float32) * np.float32(level * FULL_INK)
    return np.rint(pictures + noise).clip(0, FULL_INK).astype(np.uint8)
