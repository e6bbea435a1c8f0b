"""gaps: a gap much wider than its line is tall is a space, whatever the network made of it; no other gap changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from inkread.alphabet import CHARACTERS
from inkread.gaps import WIDE, parted
from inkread.preprocessing import Strip

FIRST, STRIDE = 2.0, 4.0
LETTER = 20  # pixels


def strip(gap: int) -> Strip:
    """Two letters so far apart."""
    pixels = np.zeros((40, 2 * LETTER + gap + 20), np.uint8)
    pixels[10:30, 10 : 10 + LETTER] = pixels[10:30, 10 + LETTER + gap : 10 + 2 * LETTER + gap] = 255
    return Strip(pixels, np.eye(2, 3))


def frames(count: int) -> npt.NDArray[np.float32]:
    """Frames that see nothing much: mostly blank, a little space."""
    chances = np.full((count, len(CHARACTERS) + 2), 1e-4)
    chances[:, -2:] = 0.02, 0.97
    return np.log(chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("gap", [int(WIDE) + 2, 150, 400])
def test_a_wide_gap_is_one_space_with_nothing_beside_it(gap: int) -> None:
    line = strip(gap)
    seen = frames(line.pixels.shape[1] // 4)
    told = np.exp(parted(seen, line, FIRST, STRIDE))
    middle = round((10 + LETTER + gap / 2 - FIRST) / STRIDE)
    spaces = np.flatnonzero(told[:, -2] > 0.99)
    assert 1 <= len(spaces) <= 2 and abs(spaces.mean() - middle) <= 1
    beside = np.arange(middle - 4, middle + 5)
    assert (told[np.setdiff1d(beside, spaces), -1] > 0.99).all()
    assert told.sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert np.allclose(told[:6], np.exp(seen[:6]))  # the letters' own frames


def test_narrower_gaps_are_the_networks() -> None:
    line = strip(int(WIDE) - 4)
    seen = frames(line.pixels.shape[1] // 4)
    assert parted(seen, line, FIRST, STRIDE) is seen


def test_letters_that_all_stand_apart_are_no_words() -> None:
    def row(gaps: list[int]) -> Strip:
        pixels = np.zeros((40, 20 + sum(gaps) + (len(gaps) + 1) * LETTER), np.uint8)
        left = 10
        for gap in [*gaps, 0]:
            pixels[10:30, left : left + LETTER] = 255
            left += LETTER + gap
        return Strip(pixels, np.eye(2, 3))

    apart, words = row([90, 95, 90, 85]), row([90, 5, 5, 90])
    seen = frames(apart.pixels.shape[1] // 4)
    assert parted(seen, apart, FIRST, STRIDE) is seen
    assert (np.exp(parted(frames(words.pixels.shape[1] // 4), words, FIRST, STRIDE)[:, -2]) > 0.99).sum() >= 2
    table = row([130, 135, 130, 125])  # numbers of one digit, a column of a table each
    assert (np.exp(parted(frames(table.pixels.shape[1] // 4), table, FIRST, STRIDE)[:, -2]) > 0.99).sum() >= 4
