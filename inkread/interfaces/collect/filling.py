"""A form's page and a hand -> the page as that hand fills it, as ink. For notebooks, tests and records.

Taking its photo is left to `preprocessing.paper`.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.data.hands import Drawn, Hand
from inkread.interfaces.collect.drawing import to_pixels
from inkread.interfaces.collect.layout import BOX, PAPER, FormBox, FormPage

DOTS_PER_INCH: Final = 200  # a phone sees a page of A4 as finely
CAPITAL: Final = 7.0  # mm, height of a capital
VARIES: Final = 0.08  # standard deviation of the logarithm of a glyph's size
STRAY: Final = 0.4  # mm, standard deviation of a glyph's place in its box
WIDEST: Final = 9.5  # mm; people write smaller where they lack room
LINE: Final = 0.68  # of a box's height from its top: where capitals stand
FREE: Final = 1.2  # mm from a box's lines that stay free: the form asks for it

Coverage = npt.NDArray[np.float32]


def fill(page: FormPage, hand: Hand, rng: np.random.Generator, dots_per_inch: int = DOTS_PER_INCH) -> Coverage:
    """The printed page with a character in each box, where the hand knows it: float32 (H, W), ink 1 on paper 0."""
    coverage = (255 - to_pixels(page, dots_per_inch)).astype(np.float32) / np.float32(255)
    for box in page.boxes:
        if drawn := hand.draw(box.character, rng):
            _write(coverage, box, drawn, rng)
    return coverage


def _write(coverage: Coverage, box: FormBox, drawn: Drawn, rng: np.random.Generator) -> None:
    """Put a character into its box, as large as people write, smaller where it lacks room."""
    capital = CAPITAL * float(np.exp(rng.normal(0, VARIES)))
    width = drawn.height * capital * drawn.ink.shape[1] / drawn.ink.shape[0]
    capital *= min(1.0, WIDEST / max(width, drawn.height * capital))
    scale = coverage.shape[0] / PAPER[1]
    factor = drawn.height * capital * scale / drawn.ink.shape[0]
    size = [max(1, round(side * factor)) for side in drawn.ink.shape]
    ink = cv2.resize(drawn.ink, size[::-1], interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    left = box.left + (BOX[0] - size[1] / scale) / 2 + rng.normal(0, STRAY)
    top = box.top + LINE * BOX[1] - drawn.top * capital + rng.normal(0, STRAY)
    x = round(min(max(left, box.left + FREE), box.right - FREE - size[1] / scale) * scale)
    y = round(min(max(top, box.top + FREE), box.bottom - FREE - size[0] / scale) * scale)
    window = coverage[y : y + size[0], x : x + size[1]]
    np.maximum(window, ink.astype(np.float32) / 255, out=window)
