"""What the tests draw themselves: printed letters in a frame, and pages of printed lines that know their pixels."""

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


@pytest.fixture(scope="session")
def typed() -> Callable[..., tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]]:
    """typed(("one", "two"), size=40) -> a page float32 (H, W), ink 1 on paper 0, and each pixel's line, from 1 on.

    Paper is of line 0. ``pitch`` is from line to line, in sizes; ``indents`` are pixels.
    """

    def page(
        texts: tuple[str, ...], size: int = 40, pitch: float = 1.6, margin: int = 40, indents: tuple[int, ...] = ()
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        font = ImageFont.load_default(size)
        shifts = [*indents, *[0] * len(texts)]
        width = int(max(font.getlength(text) + shift for text, shift in zip(texts, shifts, strict=False))) + 2 * margin
        height = int(((len(texts) - 1) * pitch + 1.4) * size) + 2 * margin
        coverage = np.zeros((height, width), np.float32)
        owner = np.zeros((height, width), np.int64)
        for number, text in enumerate(texts):
            canvas = Image.new("L", (width, height))
            place = (margin + shifts[number], margin + number * pitch * size)
            ImageDraw.Draw(canvas).text(place, text, fill=255, font=font)
            drawn = np.asarray(canvas, dtype=np.float32) / 255
            owner[(drawn > 0.5) & (drawn >= coverage)] = number + 1
            coverage = np.maximum(coverage, drawn)
        return coverage, owner

    return page
