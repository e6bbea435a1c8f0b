"""Glyphs that the tests draw themselves: printed letters in a frame, and light that falls unevenly."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from inkread.preprocessing import frame

Draw = Callable[..., npt.NDArray[np.uint8]]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """draw("A", size=60) -> uint8 (H, W): the letter, ink 255 on paper 0, a margin of a third of the size around it."""

    def drawn(letter: str, size: int = 60) -> npt.NDArray[np.uint8]:
        font = ImageFont.load_default(size)
        canvas = Image.new("L", (2 * size, 2 * size))
        ImageDraw.Draw(canvas).text((size // 3, size // 3), letter, fill=255, font=font)
        pixels = np.asarray(canvas)
        rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
        return np.pad(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], size // 3)

    return drawn


@pytest.fixture(scope="session")
def written(draw: Draw) -> Callable[[str], npt.NDArray[np.uint8]]:
    """written("AB C") -> the glyphs of its letters, framed the EMNIST way: uint8 (3, 28, 28)."""

    def glyphs(text: str) -> npt.NDArray[np.uint8]:
        return np.stack([frame(draw(letter), "emnist") for letter in text if not letter.isspace()])

    return glyphs
