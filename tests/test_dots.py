"""dots: as many full stops as stand on the line, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

import inkread
from inkread.decoding import DecodedLine, Mark
from inkread.decoding.lines import LineCharacter, LineWord
from inkread.dots import counted
from inkread.preprocessing import Strip
from inkread.results import Hypothesis
from tests.handwriting import penned

FIRST, STRIDE = 1, 4


def strip(*dots: tuple[int, int], side: int = 4) -> Strip:
    """A strip with square dots, their left upper corners given as x and y; letters stand at x 20 and 150."""
    pixels = np.zeros((40, 180), np.uint8)
    pixels[8:32, 20:34] = pixels[8:32, 150:164] = 255
    for x, y in dots:
        pixels[y : y + side, x : x + side] = 255
    return Strip(pixels, np.array([[1.0, 0, 0], [0, 1.0, 0]]))


def line(*words: tuple[str, list[int]]) -> DecodedLine:
    """Words as they were read, and the column of each of their characters."""
    read = tuple(
        LineWord(
            text, 0.9, tuple(LineCharacter(c, 0.9, (x - FIRST) // STRIDE, ()) for c, x in zip(text, at, strict=True))
        )
        for text, at in words
    )
    return DecodedLine(" ".join(text for text, _ in words), "", read, 0.8)


def test_dots_that_were_seen_as_one_are_counted() -> None:
    found = counted(line(("a.", [25, 45]), ("b", [155])), strip((42, 28), (49, 28), (56, 29)), FIRST, STRIDE)
    assert found.text == "a... b"
    assert [word.text for word in found.words] == ["a...", "b"]
    places = [FIRST + STRIDE * character.frame for character in found.words[0].characters]
    assert places == pytest.approx([25, 43.5, 50.5, 57.5], abs=2)
    assert found.confidence == 0.8 and found.words[0].probability == 0.9


def test_dots_are_counted_in_other_texts_of_the_line_too() -> None:
    read = line(("a.", [25, 45]), ("b", [155]))
    others = tuple(Hypothesis(text, 0.0, 0.0, 0.0, 0.0) for text in ("a. b", "o. b", "a b"))
    found = counted(replace(read, hypotheses=others), strip((42, 28), (49, 28), (56, 29)), FIRST, STRIDE)
    assert [told.text for told in found.hypotheses] == ["a... b", "o... b", "a b"]


def test_what_is_told_of_unsure_characters_stays_and_is_told_of_the_dots_beside_one() -> None:
    read = line(("ab.", [25, 32, 45]), ("c", [155]))
    dots = strip((42, 28), (49, 28), (56, 29))
    for told, counts in (("?b.", "?b..."), ("ab?", "ab???")):
        masked = replace(read, text=f"{told} c", words=(replace(read.words[0], text=told), read.words[1]))
        found = counted(masked, dots, FIRST, STRIDE)
        assert (found.text, found.words[0].text) == (f"{counts} c", counts)
        assert [character.text for character in found.words[0].characters] == list("ab...")


def test_dots_that_touch_each_other_are_counted_one_by_one() -> None:
    touching = strip((42, 28), (47, 28), (52, 28))
    touching.pixels[29:31, 42:56] = 255
    found = counted(line(("a.", [25, 45]), ("b", [155])), touching, FIRST, STRIDE)
    assert found.text == "a... b"


def test_a_short_stroke_is_one_dot_however_wide() -> None:
    stroke = strip((42, 28))
    stroke.pixels[28:32, 42:50] = 255
    read = line(("a.", [25, 45]), ("b", [155]))
    assert counted(read, stroke, FIRST, STRIDE) == read


def test_the_first_dot_of_a_row_may_stand_under_the_letter_before_it() -> None:
    found = counted(line(("r.", [42, 50]), ("b", [155])), strip((40, 28), (48, 28)), FIRST, STRIDE)
    assert found.text == "r.. b"


@pytest.mark.parametrize("mark", [":", "!", "?", ","])
def test_the_dot_of_the_mark_beside_a_row_is_its_own(mark: str) -> None:
    read = line((f"l.{mark}", [25, 44, 56]), ("b", [155]))
    assert counted(read, strip((42, 28), (54, 28)), FIRST, STRIDE) == read


def test_texts_that_differ_in_the_number_of_dots_alone_are_told_once() -> None:
    read = line(("a.", [25, 45]), ("b", [155]))
    others = tuple(Hypothesis(text, 0.0, 0.0, 0.0, 0.0) for text in ("a. b", "a.. b", "o. b"))
    found = counted(replace(read, hypotheses=others), strip((42, 28)), FIRST, STRIDE)
    assert [told.text for told in found.hypotheses] == ["a. b", "o. b"]


def test_dots_that_a_person_has_spoken_of_are_not_counted_and_all_others_are() -> None:
    read = line(("a.", [25, 45]), ("b", [155]))
    dots = strip((42, 28), (49, 28), (56, 29))
    assert counted(read, dots, FIRST, STRIDE, [Mark(9.5, 11.5, ".")]) == read
    assert counted(read, dots, FIRST, STRIDE, [Mark(12.0, 14.0, "")]) == read  # the second dot is to go
    assert counted(read, dots, FIRST, STRIDE, [Mark(37.0, 40.0, "B")]).text == "a... b"


def test_a_row_that_touches_the_letter_before_it_is_counted() -> None:
    held = strip((36, 28), (42, 28), (48, 28))
    held.pixels[30:32, 34:52] = 255  # joins the dots with each other and the letter
    found = counted(line(("a.", [25, 43]), ("b", [155])), held, FIRST, STRIDE)
    assert found.text == "a... b"


def test_a_foot_of_a_letter_is_no_dot() -> None:
    foot = strip((48, 28))
    foot.pixels[28:32, 34:44] = 255  # flat, from the letter on
    read = line(("L.", [25, 49]), ("b", [155]))
    assert counted(read, foot, FIRST, STRIDE) == read
    foot.pixels[28:31, 34:38] = 0  # a valley behind it, but a dot of its own stands where one was read
    assert counted(read, foot, FIRST, STRIDE) == read


def test_dots_as_far_apart_as_they_are_wide_are_one_row() -> None:
    found = counted(line(("a.", [25, 45]), ("b", [155])), strip((42, 27), (56, 27), (70, 28), side=7), FIRST, STRIDE)
    assert found.text == "a... b"


@pytest.mark.parametrize(
    "dots",
    [
        [(42, 28)],
        [(42, 28), (60, 28)],  # a word's gap away
        [(42, 28), (49, 12)],  # high above
        [(42, 28), (150, 28)],  # part of a letter
        [],
    ],
)
def test_what_stands_elsewhere_is_no_dot_of_the_row(dots: list[tuple[int, int]]) -> None:
    read = line(("a.", [25, 45]), ("b", [155]))
    assert counted(read, strip(*dots), FIRST, STRIDE) == read


def test_large_and_tiny_ink_beside_a_dot_is_not_counted() -> None:
    read = line(("a.", [25, 45]), ("b", [155]))
    beside = strip((42, 28))
    beside.pixels[20:32, 50:56] = 255  # a comma
    beside.pixels[30, 38] = 255  # dust
    assert counted(read, beside, FIRST, STRIDE) == read


def test_dots_that_were_read_are_never_taken_away_and_lines_without_one_stay() -> None:
    read = line(("a...", [25, 45, 49, 53]), ("b", [155]))
    assert counted(read, strip((42, 28)), FIRST, STRIDE) == read
    read = line(("a", [25]), ("b", [155]))
    assert counted(read, strip((42, 28), (49, 28)), FIRST, STRIDE) == read


@pytest.mark.parametrize("dots", [1, 2, 3, 4])
def test_dots_close_together_in_a_picture_are_read_one_by_one_with_a_box_each(dots: int) -> None:
    coverage, _ = penned(("Wait",), 60, 5)
    grey = np.pad(255 - np.rint(coverage * 235).astype(np.uint8), ((0, 0), (0, 60)), constant_values=255)
    end = int(np.flatnonzero((grey < 128).any(axis=0))[-1]) + 14
    for number in range(dots):
        cv2.circle(grey, (end + 12 * number, 117), 3, 20, -1)
    reading = inkread.load().read(grey)
    assert reading.text == "Wait" + "." * dots
    boxes = [character.box for character in reading.characters if character.text == "."]
    assert len(boxes) == dots
    assert all(before.right <= after.left for before, after in pairwise(boxes))
