"""marks: language may not put a mark where no ink is its own; what the ink shows stays as the network saw it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import inkread
from inkread.alphabet import CHARACTERS, LETTERS
from inkread.marks import DOUBT, HIGH, LOW, doubted
from inkread.preprocessing import Strip
from tests.handwriting import penned

FIRST, STRIDE = 1, 4
FRAMES = 45
MARK_FRAME = 22  # in the middle of the strip


def strip(*pieces: tuple[int, int, int, int]) -> Strip:
    """A strip with a letter at both ends; other pieces of ink by left, top, width and height."""
    pixels = np.zeros((40, 180), np.uint8)
    for left, top, width, height in ((20, 8, 14, 24), (150, 8, 14, 24), *pieces):
        pixels[top : top + height, left : left + width] = 255
    return Strip(pixels, np.eye(2, 3))


def frames(character: str, chance: float = 0.3, alphabet: inkread.Alphabet = CHARACTERS) -> npt.NDArray[np.float32]:
    """Blank frames; one in the middle may hold a character."""
    chances = np.full((FRAMES, len(alphabet) + 2), 1e-6)
    chances[:, -1] = 1.0
    chances[MARK_FRAME, [alphabet.index(character), -1]] = chance, 1 - chance
    return np.log(chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)


def odds(seen: npt.NDArray[np.float32], character: str) -> float:
    """log P(character) - log P(blank) in the middle."""
    return float(seen[MARK_FRAME, CHARACTERS.index(character)] - seen[MARK_FRAME, -1])


@pytest.mark.parametrize(
    ("mark", "pieces", "doubt"),
    [
        ("'", [], DOUBT[HIGH]),
        ("'", [(86, 6, 5, 9)], 0.0),
        ("'", [(86, 27, 5, 5)], DOUBT[HIGH]),  # below the middle
        ("'", [(110, 6, 5, 9)], DOUBT[HIGH]),  # elsewhere
        ("'", [(86, 6, 10, 26)], DOUBT[HIGH]),  # a letter
        ('"', [(84, 6, 4, 9), (92, 6, 4, 9)], 0.0),
        (".", [], DOUBT[LOW]),
        (".", [(86, 28, 5, 5)], 0.0),
        (".", [(80, 28, 24, 5)], 0.0),  # several that touch
        (".", [(86, 8, 5, 5)], DOUBT[LOW]),  # above
        (",", [(86, 27, 5, 10)], 0.0),
    ],
)
def test_a_mark_is_doubted_where_no_ink_is_its_own(
    mark: str, pieces: list[tuple[int, int, int, int]], doubt: float
) -> None:
    seen = frames(mark)
    told = doubted(seen, strip(*pieces), CHARACTERS, FIRST, STRIDE)
    assert odds(seen, mark) - odds(told, mark) == pytest.approx(doubt, abs=1e-4)
    np.testing.assert_allclose(np.exp(told).sum(axis=1), 1, rtol=1e-4)


@pytest.mark.parametrize("character", ["a", "M", "7", "!", "-", ":"])
def test_nothing_else_is_doubted(character: str) -> None:
    seen = frames(character)
    told = doubted(seen, strip(), CHARACTERS, FIRST, STRIDE)
    assert odds(told, character) == pytest.approx(odds(seen, character), abs=1e-5)


def test_alphabets_without_marks_and_strips_without_ink_pass() -> None:
    seen = frames("A", alphabet=LETTERS)
    np.testing.assert_allclose(doubted(seen, strip(), LETTERS, FIRST, STRIDE), seen, atol=1e-5)
    bare = Strip(np.zeros((40, 180), np.uint8), np.eye(2, 3))
    assert doubted(frames("."), bare, CHARACTERS, FIRST, STRIDE).shape == (FRAMES, len(CHARACTERS) + 2)


@pytest.mark.parametrize(("before", "after"), [("We don", "t"), ("It", "s cold"), ("Let", "s meet")])
@pytest.mark.parametrize("written", [True, False])
def test_an_apostrophe_is_read_where_it_was_written_and_nowhere_else(before: str, after: str, written: bool) -> None:
    ink, _ = penned((before + after,), 60, 5, gap=0.4)
    if written:
        end = int(np.flatnonzero(penned((before,), 60, 5, gap=0.4)[0].any(axis=0))[-1])
        cv2.line(ink, (end + 13, 56), (end + 11, 70), 1.0, 5, cv2.LINE_AA)
    read = inkread.load().read(255 - np.rint(ink * 235).astype(np.uint8)).text.lower()
    assert read == f"{before}{chr(39) * written}{after}".lower()
