"""assembly: what is writing is told from what is none by how sure its characters are."""

from __future__ import annotations

import numpy as np
import pytest

from inkread.alphabet import LETTERS
from inkread.assembly import LONG, READABLE_LINE, SURELY, glyph_line, is_readable, surely_written, those_written
from inkread.decoding import DecodingOptions, decode
from inkread.preprocessing import GlyphLine, load, sheet
from inkread.results import Alternative, Box, Character, Line, Word

BOX = Box(0, 0, 10, 10)


def line(*sure: tuple[float, float]) -> Line:
    """A line of characters, each with its confidence and the eye's probability of what it sees first."""
    characters = tuple(Character("A", told, BOX, (Alternative("A", seen),)) for told, seen in sure)
    return Line("A" * len(sure), "", (Word("A" * len(sure), 0.5, BOX, characters),), BOX, 0.5)


@pytest.mark.parametrize(
    ("sure", "readable"),
    [
        ([(0.99, 0.9)] * 8, True),
        ([(0.4, 0.5)] * 8, False),
        ([(0.99, 0.9)] * 7 + [(0.003, 0.5)], False),  # the eye is unsure, too
        ([(0.99, 0.9)] * 7 + [(0.003, 0.999)], True),  # the eye is certain: it is writing, whatever it says
        ([(0.1, 0.1)] * 3, True),  # few characters are told however unsure they are
    ],
)
def test_a_line_is_readable_if_its_characters_are_sure_to_be_some(
    sure: list[tuple[float, float]], readable: bool
) -> None:
    assert is_readable([line(*sure)]) == readable


def test_a_line_tells_what_else_it_may_say_and_how_probable_that_is() -> None:
    chances = np.full((3, 26), 1e-9)
    for row, (likely, other, share) in enumerate((("C", "G", 0.3), ("A", "O", 0.2), ("T", "Y", 0.1))):
        chances[row, LETTERS.index(likely)], chances[row, LETTERS.index(other)] = 1 - share, share
    log_probs = np.log(chances / chances.sum(axis=1, keepdims=True))
    gaps = np.zeros(2, np.float32)
    decoded = decode(log_probs, LETTERS, DecodingOptions(language_weight=0, n_best=8), gaps=gaps)
    glyphs = GlyphLine((BOX,) * 3, (np.zeros((10, 10), np.float32),) * 3, gaps)
    told = glyph_line(glyphs, decoded, log_probs.astype(np.float32), LETTERS, sheet(load(np.zeros((20, 20), np.uint8))))
    expected = {
        c + a + t: p * q * r
        for c, p in (("C", 0.7), ("G", 0.3)) for a, q in (("A", 0.8), ("O", 0.2)) for t, r in (("T", 0.9), ("Y", 0.1))
    }  # fmt: skip
    assert told.text == "CAT" and told.confidence == pytest.approx(expected.pop("CAT"), abs=1e-6)
    assert dict(told.alternatives) == pytest.approx(expected, abs=1e-6)
    probabilities = [one.probability for one in told.alternatives]
    assert probabilities == sorted(probabilities, reverse=True)


def test_a_page_is_asked_for_more_than_a_line() -> None:
    once = line(*[(0.7, 0.7)] * 8)
    assert is_readable([once])
    assert not is_readable([once, once])


def test_sure_lines_stay_where_the_rest_of_a_picture_is_a_drawing() -> None:
    sure, drawn = line(*[(SURELY + 0.05, 0.9)] * LONG), line(*[(0.3, 0.3)] * 12)
    short = line(*[(0.99, 0.9)] * (LONG - 1))
    assert not is_readable([sure, drawn])
    assert surely_written([sure, drawn, short]) == (sure,)
    assert surely_written([drawn]) == ()


def test_a_scrawl_among_lines_that_are_surely_writing_is_left_out() -> None:
    sure, scrawl = line(*[(SURELY + 0.05, 0.9)] * LONG), line(*[(READABLE_LINE - 0.05, 0.5)] * 5)
    hasty = line(*[(READABLE_LINE + 0.05, 0.5)] * 5)
    assert those_written([sure, sure, sure, hasty, scrawl]) == (sure, sure, sure, hasty)


def test_a_hasty_line_stays_where_no_more_lines_than_that_are_surely_writing() -> None:
    sure, hasty = line(*[(0.99, 0.9)] * LONG), line(*[(READABLE_LINE - 0.05, 0.5)] * 5)
    assert those_written([sure, hasty]) == (sure, hasty)


def test_of_a_drawing_sure_lines_alone_are_told_and_of_a_drawing_without_any_nothing() -> None:
    sure, drawn = line(*[(0.99, 0.9)] * LONG), line(*[(0.3, 0.3)] * 12)
    assert those_written([sure, drawn, drawn]) == (sure,)
    assert those_written([drawn]) == ()
