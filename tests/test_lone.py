"""lone: a character alone on a picture is read by the eye, digits first; a line keeps what language says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import inkread
from inkread.alphabet import CHARACTERS
from inkread.data import load
from inkread.decoding import allowed
from inkread.lone import DIGITS, as_lone, is_lone

CIRCLE = {"O": 0.5, "0": 0.3, "o": 0.2}


def frames(*characters: dict[str, float]) -> npt.NDArray[np.float32]:
    """Blank frames with some characters between them, one frame each."""
    chances = np.full((2 * len(characters) + 1, len(CHARACTERS) + 2), 1e-6)
    chances[::2, -1] = 1.0
    for row, said in zip(chances[1::2], characters, strict=True):
        for character, chance in said.items():
            row[CHARACTERS.index(character)] = chance
    return np.log(chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)


def test_one_line_with_one_character_is_lone() -> None:
    one = frames(CIRCLE)
    assert is_lone([one], CHARACTERS)
    assert not is_lone([one, one], CHARACTERS)
    assert not is_lone([frames(CIRCLE, CIRCLE)], CHARACTERS)
    assert not is_lone([frames()], CHARACTERS)


def test_a_lone_digit_is_likelier_and_all_else_stays_in_proportion() -> None:
    before = frames(CIRCLE)
    after = as_lone(before, CHARACTERS)
    chances = np.exp(after)
    assert chances.sum(axis=1) == pytest.approx(1, abs=1e-5)
    o, zero, small = (CHARACTERS.index(c) for c in "O0o")
    assert chances[1, zero] / chances[1, o] == pytest.approx(DIGITS * 0.3 / 0.5, rel=1e-4)
    assert chances[1, small] / chances[1, o] == pytest.approx(0.2 / 0.5, rel=1e-4)
    assert (before == frames(CIRCLE)).all()  # what was given is left as it was


class Circles:
    """A line network that sees a circle for every piece of ink that is as wide as one."""

    alphabet, first, stride = CHARACTERS, 2.0, 4.0

    def frames(self, strips: list[npt.NDArray[np.uint8]]) -> list[npt.NDArray[np.float32]]:
        return [frames(*[CIRCLE] * max(1, round(strip.shape[1] / 60))) for strip in strips]


def circles(count: int) -> npt.NDArray[np.uint8]:
    """Dark circles on white paper."""
    y, x = np.mgrid[:100, : 100 * count]
    away = np.hypot(x % 100 - 50, y - 50)
    return np.where((away > 26) & (away < 34), 0, 255).astype(np.uint8)


def test_a_circle_alone_is_a_zero_unless_its_user_knows_more() -> None:
    reader = inkread.Reader(None, line_recogniser=Circles())
    assert reader.read(circles(1)).text == "0"
    assert reader.with_options(inkread.DecodingOptions(words=("o",))).read(circles(1)).text.upper() == "O"
    assert reader.with_options(inkread.DecodingOptions(constraint=allowed(["O", "Q"]))).read(circles(1)).text == "O"


def test_circles_beside_each_other_are_left_to_language() -> None:
    reader = inkread.Reader(None, line_recogniser=Circles())
    assert reader.read(circles(2)).text == "OO"


@pytest.mark.slow
def test_circles_and_strokes_of_mnist_are_mostly_digits(tmp_path: Path) -> None:
    digits, reader = load("digits", tmp_path).val, inkread.load("auto")
    read = {
        label: [reader.read(255 - glyph).text for glyph in digits.images[digits.labels == label][:10]]
        for label in (0, 1)
    }
    assert read[0].count("0") >= 9
    assert read[1].count("1") >= 8
