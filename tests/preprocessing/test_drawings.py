"""drawings: what is drawn around writing and between it goes, however it has grown together; the writing stays."""

import itertools

import cv2
import numpy as np
import pytest

from inkread.preprocessing.boxes import without_boxes


def placed(typed, texts, places, shape):
    """Words at their places (left, top), and the box (left, top, right, bottom) around each."""
    writing, boxes = np.zeros(shape, np.float32), []
    for text, (left, top) in zip(texts, places, strict=True):
        word, _ = typed((text,))
        rows, columns = np.flatnonzero(word.max(axis=1)), np.flatnonzero(word.max(axis=0))
        cut = word[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        writing[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
        boxes.append((left - 20, top - 20, left + cut.shape[1] + 20, top + cut.shape[0] + 20))
    return writing, boxes


def drawn_by_hand(canvas, points, width):
    """A line through points as a hand draws it: not quite straight."""
    chance = np.random.default_rng(len(points))
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        way = np.linspace((x, y), (to_x, to_y), 14)
        way[1:-1] += chance.normal(0, 0.8, (12, 2))
        cv2.polylines(canvas, [np.rint(way).astype(np.int32)], False, 1.0, width)


def chart(typed, gap, width, texts=("Meet", "Talk", "Home")):
    """Three words in boxes below each other, an arrow from each to the next that ends ``gap`` pixels from both."""
    writing, boxes = placed(typed, texts, [(120, 60 + 190 * number) for number in range(3)], (620, 420))
    lines = np.zeros_like(writing)
    for left, top, right, bottom in boxes:
        drawn_by_hand(lines, [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], width)
    for (left, _, right, bottom), (_, top, _, _) in itertools.pairwise(boxes):
        middle, end = (left + right) // 2, top - gap
        drawn_by_hand(lines, [(middle, bottom + gap), (middle, end)], width)
        drawn_by_hand(lines, [(middle - 9, end - 14), (middle, end), (middle + 9, end - 14)], width)
    return writing, lines


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("gap", [0, 8])
def test_a_flow_chart_goes_and_its_words_stay(typed, gap, width):
    writing, lines = chart(typed, gap, width)
    left = without_boxes(np.maximum(writing, lines))
    assert (left[writing > 0] == writing[writing > 0]).all()
    assert np.abs(left - writing).sum() < 0.02 * lines.sum()


def test_a_box_whose_corners_are_round_leaves_no_dots(typed):
    writing, ((left, top, right, bottom),) = placed(typed, ("Meet at noon",), [(60, 60)], (180, 420))
    lines = np.zeros_like(writing)
    for x, y, turn in ((left, top, 180), (right, top, 270), (right, bottom, 0), (left, bottom, 90)):
        centre = (x + 12 if x == left else x - 12, y + 12 if y == top else y - 12)
        cv2.ellipse(lines, centre, (12, 12), 0, turn, turn + 90, 1.0, 3)
    for begin, end in (
        *(((left + 12, y), (right - 12, y)) for y in (top, bottom)),
        *(((x, top + 12), (x, bottom - 12)) for x in (left, right)),
    ):
        cv2.line(lines, begin, end, 1.0, 3)
    assert (without_boxes(np.maximum(writing, lines)) == writing).all()


def test_a_table_drawn_by_hand_goes_with_all_its_lines(typed):
    places = [(40 + 200 * column, 50 + 90 * row) for row in range(3) for column in range(2)]
    writing, _ = placed(typed, ("Rent", "80", "Food", "45", "Sum", "125"), places, (330, 460))
    lines = np.zeros_like(writing)
    for number in range(4):
        drawn_by_hand(lines, [(20, 25 + 90 * number), (430, 25 + 90 * number)], 3)
    for number in range(3):
        drawn_by_hand(lines, [(20 + 205 * number, 25), (20 + 205 * number, 295)], 3)
    left = without_boxes(np.maximum(writing, lines))
    assert (left[(writing > 0) & (lines == 0)] > 0).mean() > 0.99
    assert left[(writing == 0) & (lines > 0)].sum() < 0.02 * lines.sum()


@pytest.mark.parametrize("between", ["and", "/", "I", "7", "-"])
def test_what_is_written_between_two_boxes_stays(typed, between):
    writing, boxes = placed(typed, ("12", between, "26"), [(40, 60), (122, 60), (250, 60)], (160, 400))
    lines = np.zeros_like(writing)
    for left, top, right, bottom in (boxes[0], boxes[2]):
        cv2.rectangle(lines, (left, top), (right, bottom), 1.0, 2)
    assert (without_boxes(np.maximum(writing, lines)) == writing).all()


@pytest.mark.parametrize("dots", [1, 2])
def test_a_letter_with_dots_in_both_its_holes_is_no_drawing(draw, dots):
    glyph = (draw("B", 160) / 255).astype(np.float32)
    count, _, stats, centres = cv2.connectedComponentsWithStats((glyph < 0.5).astype(np.uint8), connectivity=4)
    inner = np.argsort(stats[:, cv2.CC_STAT_AREA])[:2]
    for x, y in centres[inner]:
        for number in range(dots):
            cv2.circle(glyph, (int(x) + 10 * number, int(y)), 2, 1.0, -1)
    assert count == 4  # the paper outside, the letter, and its two holes
    assert without_boxes(glyph) is glyph


def test_a_letter_that_touches_a_large_frame_near_its_corner_stays(typed):
    writing, _ = placed(typed, ("Dear all", "come at noon"), [(53, 90), (160, 180)], (460, 640))
    lines = np.zeros_like(writing)
    cv2.rectangle(lines, (50, 60), (600, 420), 1.0, 4)
    left = without_boxes(np.maximum(writing, lines))
    assert (left[(writing > 0.5) & (lines == 0)] > 0).mean() > 0.97


def test_a_letter_that_stands_on_the_line_of_a_large_box_in_a_chart_stays(typed):
    writing, _ = placed(typed, ("Buy", "milk and", "a pump"), [(70, 60), (70, 150), (70, 240)], (560, 520))
    lines = np.zeros_like(writing)
    bottom = int(np.flatnonzero(writing[:, 70:].max(axis=1))[-1])
    drawn_by_hand(lines, [(40, 30), (470, 30), (470, bottom), (40, bottom), (40, 30)], 3)
    drawn_by_hand(lines, [(250, bottom), (250, 520)], 3)
    left = without_boxes(np.maximum(writing, lines))
    assert (left[(writing > 0.5) & (lines == 0)] > 0).mean() > 0.99
    assert left[530:].sum() == 0
