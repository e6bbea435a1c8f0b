"""assembly: what is writing is told from what is none by how sure its characters are."""

from __future__ import annotations

import pytest

from inkread.assembly import LONG, READABLE_LINE, SURELY, is_readable, surely_written, those_written
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
