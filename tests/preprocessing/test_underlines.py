"""underlines, dotted: lines below words go from their pieces, and letters that stand or hang on them stay whole."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import lines
from inkread.preprocessing.pieces import drawn
from tests.handwriting import penned

PEN = 4


def below(word, gap, *, sway=0.0, twice=False, thick=3):
    """A word with a line below it, ``gap`` pixels under its feet: ink float32 (H, W), and the word's alone."""
    writing, _ = penned([word], 40, PEN)
    writing = np.pad(writing, ((0, 10), (0, 0)))
    columns = np.flatnonzero((writing > 0.5).any(axis=0))
    feet = 2 * 40 + gap
    across = np.linspace(columns[0] - 4, columns[-1] + 4, 40)
    ruled = np.zeros(writing.shape, np.uint8)
    for down in (0, 8) if twice else (0,):
        points = np.stack([across, feet + down + sway * np.sin(np.arange(40) * 1.3)], axis=1)
        cv2.polylines(ruled, [np.rint(16 * points).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 4)
    return np.maximum(writing, ruled.astype(np.float32) / 255), writing


def read_ink(ink):
    """The ink that the lines of text hold, and how many lines there are."""
    found = lines(ink).lines
    return drawn([piece for line in found for piece in line.pieces], ink.shape), len(found)


def assert_gone(ink, writing):
    left, found = read_ink(ink)
    ruled = (ink > 0.6) & (writing < 0.1)
    assert found == 1
    assert (left[writing > 0.6] > 0.5).mean() > 0.9
    assert (left[ruled] > 0.5).mean() < 0.12


@pytest.mark.parametrize("word", ["STAMPS", "Gypsy", "pay day"])
@pytest.mark.parametrize(
    "line",
    [{"gap": 12}, {"gap": 5}, {"gap": 4, "twice": True}, {"gap": 8, "thick": 6}],
    ids=["apart", "close", "twice", "thick"],
)
def test_a_line_below_a_word_goes_and_the_letters_stay(word, line):
    assert_gone(*below(word, **line))


@pytest.mark.parametrize("word", ["STAMPS", "pay day"])
def test_a_wavy_line_that_few_letters_hang_on_goes(word):
    assert_gone(*below(word, gap=8, sway=2.5))


@pytest.mark.parametrize("word", ["Please", "lease", "seems", "ALLELE"])
def test_letters_that_touch_at_their_feet_stay(word):
    writing, _ = penned([word, "Wait here"], 40, PEN, gap=0.08)
    left, _ = read_ink(writing)
    assert (left[writing > 0.6] > 0.5).mean() > 0.99


@pytest.mark.parametrize("word", ["ZEBRA", "TITLE", "EFFECT", "FELT", "minimum", "attitude"])
@pytest.mark.parametrize("gap", [0.02, 0.22])
def test_straight_feet_and_bars_of_letters_are_no_lines(word, gap):
    writing, _ = penned(["THE", word], 40, PEN, gap=gap)
    left, _ = read_ink(writing)
    assert (left[writing > 0.6] > 0.5).mean() > 0.99


@pytest.mark.parametrize("pitch", [6, 9])
@pytest.mark.parametrize("slope", [0.0, 0.01])
def test_a_dotted_line_below_a_word_goes(pitch, slope):
    writing, _ = penned(["Margaret"], 40, PEN)
    dotted = writing.copy()
    for x in range(5, writing.shape[1] - 5, pitch):
        cv2.circle(dotted, (x, round(86 + slope * x)), 1, 1.0, -1)
    left, found = read_ink(dotted)
    assert found == 1
    assert (left[writing > 0.6] > 0.5).mean() > 0.99
    assert (left[(dotted > 0.6) & (writing < 0.1)] > 0.5).mean() < 0.15


@pytest.mark.parametrize("pitch, radius", [(12, 1), (16, 2)])
def test_leaders_go_though_they_are_more_than_the_letters_and_the_points_of_prices_stay(pitch, radius):
    writing, _ = penned(["tea", "milk"], 40, PEN)
    prices, _ = penned(["1 95", "2 50"], 40, PEN)
    ink = np.hstack([writing, np.zeros((writing.shape[0], 900), np.float32), prices[: writing.shape[0]]])
    kept = ink.copy()
    for row in range(2):
        down = 68 + 68 * row + 8
        left = 5 + int(np.flatnonzero((ink[down - 30 : down, : writing.shape[1]] > 0.5).any(axis=0))[-1])
        across = range(left + pitch, writing.shape[1] + 920, pitch)
        point = (writing.shape[1] + 900 + 62 + pitch // 2, down)
        for x in across:
            cv2.circle(ink, (x, down), radius, 1.0, -1)
        for picture in (ink, kept):
            cv2.circle(picture, point, 2, 1.0, -1)
    left, found = read_ink(ink)
    assert found == 2
    assert (left[kept > 0.6] > 0.5).mean() > 0.99
    assert not (left[(ink > 0.6) & (kept < 0.1)] > 0.5).any()


def test_the_dots_of_an_ellipsis_and_those_above_letters_stay():
    dotted, _ = penned(["initiation is vivid if it fits"], 40, PEN)
    ellipsis, _ = penned(["Wait or not"], 40, PEN)
    for x in (8, 17, 27, 305, 314, 324):
        cv2.circle(ellipsis, (x, 78), 3, 1.0, -1)
    for writing in (dotted, ellipsis):
        left, found = read_ink(writing)
        assert found == 1
        assert (left[writing > 0.6] > 0.5).mean() > 0.99


def test_a_dark_corner_does_not_change_how_wide_strokes_are():
    writing, _ = penned(["Please call", "Wait here", "Go home"], 40, PEN)
    stroke = lines(writing).lines[0].stroke
    folded = np.pad(writing, ((120, 0), (0, 0)))
    cv2.fillPoly(folded, [np.array([(folded.shape[1] - 110, 0), (folded.shape[1], 0), (folded.shape[1], 110)])], 1.0)
    found = lines(folded).lines
    assert found[-1].stroke == pytest.approx(stroke, rel=0.05)
    assert (
        drawn([piece for line in found for piece in line.pieces], folded.shape)[120:][writing > 0.6] > 0.5
    ).mean() > 0.99


def test_a_dark_edge_of_the_paper_under_and_beside_a_note_is_taken_as_a_whole():
    writing, _ = penned(["NO WAY IM GOING BACK"], 40, PEN)
    writing = np.pad(writing, ((0, 60), (20, 0)))
    ink = writing.copy()
    ink[-10:], ink[:, :3] = 1.0, 1.0
    left, found = read_ink(ink)
    assert found == 1
    assert not (left[:, :3] > 0.5).any()
    assert (left[writing > 0.6] > 0.5).mean() > 0.9
