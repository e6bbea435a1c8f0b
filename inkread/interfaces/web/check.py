"""A file that frames by itself, against Python on pictures: it must frame them alike, and read them the same.

The pictures are made of what ships: digits of MNIST at many sizes, some with thin and some with fat strokes, and lines
composed of letters. They are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from inkread.data import load, strokes
from inkread.data.datasets import SAMPLE
from inkread.errors import ExportMismatch
from inkread.preprocessing import ComposeOptions, compose, frame, lines, strip
from inkread.preprocessing.pen import Hand
from inkread.recognition import LineRecogniser, Recogniser
from inkread.recognition.recogniser import open_session

GLYPHS = 256  # fewer prove little
LINES = 24
SIDES = (28, 45, 70, 110, 170)  # pixels that the frames of MNIST are drawn at
PENS = (-3, 0, 0, 5)  # pixels that strokes are made thinner or fatter by
WORDS = ("MEET", "AT", "NOON", "BY", "THE", "OLD", "BRIDGE", "QUICK", "JUMPS", "OVER", "LAZY", "FOX", "VAX", "WIG")
CLOSE = 2  # of 255, how far pixels of a frame may lie apart
CLOSE_LINES = 48  # the same for strips: Python leaves faint ink out that belongs to no piece
TOLERANCE = 1e-4  # of a log-probability, where frames are the very same
SAME_GLYPHS, SAME_LINES = 0.995, 0.95  # share of the pictures that must come out the same

Pixels = npt.NDArray[np.uint8]
LogProbs = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Agreement:
    """How well a file agrees with Python: how many ``pictures``, how many of them read the ``same``, and the farthest
    that a pixel of these lay ``apart``, of 255.
    """

    pictures: int
    same: int
    apart: int


class Runner:
    """A file with the framing inside; ``read`` gives what the network saw, and what it says."""

    def __init__(self, content: bytes) -> None:
        self._session = open_session(content, "the graph")

    def read(self, pixels: Pixels) -> tuple[Pixels, LogProbs]:
        """Of a picture uint8 (H, W), ink high: the frame or strip, and the log-probabilities."""
        seen, log_probs = self._session.run(None, {"pixels": pixels})
        return seen, log_probs


def check_glyphs(content: bytes, network: Recogniser) -> Agreement:
    """Raises ExportMismatch where fewer than SAME_GLYPHS of the pictures agree."""
    runner = Runner(content)
    found = []
    for pixels in glyph_pictures(GLYPHS):
        framed = frame(pixels, network.framing)
        expected = network.log_probs(framed[None])[0]
        seen, log_probs = runner.read(pixels)
        apart = farthest(framed, seen)
        same = bool(log_probs.argmax() == expected.argmax())
        if apart == 0:
            same = bool(np.allclose(log_probs, expected, rtol=TOLERANCE, atol=TOLERANCE))
        found.append((apart, same))
    return _agreement(found, CLOSE, SAME_GLYPHS)


def check_lines(content: bytes, network: LineRecogniser) -> Agreement:
    """Raises ExportMismatch where fewer than SAME_LINES of the lines agree."""
    runner = Runner(content)
    found = []
    for pixels in line_pictures(LINES):
        ink = np.divide(pixels, 255, dtype=np.float32)
        laid = strip(lines(ink).lines[0]).pixels
        expected = network.frames([laid])[0]
        seen, frames = runner.read(pixels)
        found.append((farthest(laid, seen), best_path(frames) == best_path(expected)))
    return _agreement(found, CLOSE_LINES, SAME_LINES)


def farthest(one: Pixels, other: Pixels) -> int:
    """The largest difference of two pictures' pixels; 255 where their sizes differ."""
    if one.shape != other.shape:
        return 255
    return int(np.abs(one.astype(np.int16) - other.astype(np.int16)).max())


def best_path(frames: LogProbs) -> list[int]:
    """The columns that the eye alone reads: the likeliest of each frame, repeats and blanks dropped."""
    best = frames.argmax(axis=1)
    new = np.concatenate([[True], best[1:] != best[:-1]]) & (best != frames.shape[1] - 1)
    read: list[int] = best[new].tolist()
    return read


def _agreement(found: list[tuple[int, bool]], close: int, least: float) -> Agreement:
    agreeing = [apart for apart, same in found if same and apart <= close]
    if len(agreeing) < least * len(found):
        raise ExportMismatch(
            f"of {len(found)} pictures only {len(agreeing)} are framed and read as in Python, expected {least:.1%}. "
            "Nothing was written"
        )
    return Agreement(len(found), len(agreeing), max(agreeing))


def glyph_pictures(number: int) -> Iterator[Pixels]:
    """Digits as people draw them, uint8 (H, W), ink 255 on paper 0."""
    digits = load(SAMPLE).val.images
    for place, digit in zip(range(number), np.resize(digits, (number, 28, 28)), strict=True):
        side, pen = SIDES[place % len(SIDES)], PENS[place // len(SIDES) % len(PENS)]
        yield np.pad(drawn(digit, side, pen), place % 7)


def drawn(digit: Pixels, side: int, pen: int) -> Pixels:
    """A frame of MNIST at another size; with strokes so much fatter, or thinner, it is black and white."""
    large = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))
    if not pen or side <= 28:
        return large
    ink = (large > 127).astype(np.uint8) * np.uint8(255)
    brush = np.ones((abs(pen), abs(pen)), np.uint8)
    changed = cv2.dilate(ink, brush) if pen > 0 else cv2.erode(ink, brush)
    return np.asarray(changed if changed.any() else ink, np.uint8)


def line_pictures(number: int) -> Iterator[Pixels]:
    """Lines of capitals as people write them, letters touching here and there, uint8 (H, W), ink 255 on paper 0."""
    for place in range(number):
        rng = np.random.default_rng(place)
        text = " ".join(rng.choice(WORDS, 1 + place % 4))
        letters = [strokes.letters(1, rng, letter).images for letter in text.replace(" ", "")]
        hand = Hand(turn=0.5, pen=0.05 + 0.01 * (place % 6))
        options = ComposeOptions(height=30 + 11 * (place % 9), spacing=0.03 * (place % 4), space=0.7, hand=hand)
        yield 255 - compose(np.concatenate(letters), text, rng, options).picture
