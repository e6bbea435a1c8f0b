"""binding: rings, wires and holes along an edge go; letters that begin every line stay."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing.binding import without_binding
from tests.handwriting import penned

TEXTS = ["Meet at noon", "by the old", "bridge Tom"]


def bound(draw, pitch, *, above=False, texts=TEXTS):
    """Writing beside (or below) what ``draw(canvas, place)`` draws every ``pitch`` pixels; and the writing alone."""
    writing = np.pad(penned(texts, 40, 4)[0], ((140, 0), (0, 0)) if above else ((0, 0), (140, 0)))
    rings = np.zeros(writing.shape[::-1] if above else writing.shape, np.float32)
    for place in range(20, rings.shape[0] - 14, pitch):
        draw(rings, place)
    return np.maximum(writing, rings.T if above else rings), writing


def hole(canvas, place):
    cv2.circle(canvas, (70, place), 9, 1.0, -1, cv2.LINE_AA)


def square(canvas, place):
    cv2.rectangle(canvas, (60, place - 8), (78, place + 8), 1.0, -1)


def wires(canvas, place):
    hole(canvas, place)
    for off in (-4, 4):
        cv2.line(canvas, (0, place + off - 6), (55, place + off), 0.8, 3, cv2.LINE_AA)


def ring(canvas, place):
    cv2.ellipse(canvas, (40, place), (40, 9), 0, 0, 360, 1.0, 4, cv2.LINE_AA)


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("pitch", [32, 41])
@pytest.mark.parametrize("draw", [hole, square, wires, ring])
def test_what_binds_a_pad_goes_and_the_writing_stays(draw, pitch, above):
    ink, writing = bound(draw, pitch, above=above)
    assert np.array_equal(without_binding(ink), writing)


@pytest.mark.parametrize("letter", ["I", "o", "-", "1"])
def test_letters_that_begin_every_line_stay(typed, letter):
    ink, _ = typed((f"{letter}  meet at noon",) * 8)
    assert without_binding(ink) is ink


@pytest.mark.parametrize("letter", ["0", "x", "o"])
def test_the_first_row_of_a_table_stays(typed, letter):
    ink, _ = typed(("     ".join(letter * 8),) + ("     ".join("12345678"),) * 4)
    assert without_binding(ink) is ink


def test_a_row_that_ends_half_way_stays():
    ink, _ = bound(lambda canvas, place: hole(canvas, place // 3), 33)
    assert without_binding(ink) is ink


def test_writing_on_both_sides_keeps_what_stands_between():
    ink, writing = bound(hole, 32)
    both = np.hstack([writing[:, 140:], ink])
    assert without_binding(both) is both


@pytest.mark.parametrize("texts", [["O", "O", "O", "O", "O", "O", "O"], TEXTS])
def test_without_a_binding_every_pixel_stays(texts):
    ink, _ = penned(texts, 40, 4)
    assert without_binding(ink) is ink
