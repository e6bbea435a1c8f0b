"""boxes: the lines of forms around writing go, the writing stays."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing.boxes import _corners_reached, without_boxes
from tests.handwriting import penned

TEXT = ("Meet at noon",)


def boxed(coverage, inset=10, width=3):
    """A box around the writing."""
    drawn = coverage.copy()
    height, across = drawn.shape
    cv2.rectangle(drawn, (inset, inset), (across - 1 - inset, height - 1 - inset), 1.0, width)
    return drawn


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_box_goes_and_the_writing_in_it_stays(typed, width):
    coverage, _ = typed(TEXT)
    assert (without_boxes(boxed(coverage, width=width)) == coverage).all()


def test_a_box_that_was_cut_out_without_one_side_goes_too(typed):
    coverage, _ = typed(TEXT)
    assert (without_boxes(boxed(coverage)[:, :-12]) == coverage[:, :-12]).all()


def test_a_crooked_box_goes(typed):
    coverage, _ = typed(TEXT)
    height, width = coverage.shape
    drawn = coverage.copy()
    corners = np.array([(10, 14), (width - 16, 8), (width - 10, height - 15), (14, height - 9)])
    cv2.polylines(drawn, [corners.astype(np.int32)], True, 1.0, 2)
    assert np.abs(without_boxes(drawn) - coverage).sum() < 0.02 * np.abs(drawn - coverage).sum()


def test_cells_go_with_their_bars_also_empty_ones(draw):
    apart, together = np.zeros((100, 620), np.float32), np.zeros((100, 620), np.float32)
    writing = np.zeros((100, 620), np.float32)
    for number, letter in enumerate("MEE TAT"):
        left = 20 + 82 * number
        if letter != " ":
            glyph = draw(letter, 40)[13:-13, 13:-13] / 255
            rows, columns = glyph.shape
            writing[50 - rows // 2 : 50 - rows // 2 + rows, left + 35 - columns // 2 :][:, :columns] = glyph
        cv2.rectangle(apart, (left, 12), (left + 70, 88), 1.0, 2)
        cv2.rectangle(together, (left, 12), (left + 82, 88), 1.0, 2)
    for lines in (apart, together):
        assert (without_boxes(np.maximum(writing, lines)) == writing).all()


def test_an_empty_field_beside_its_label_goes(typed):
    coverage, _ = typed(("Date",))
    field = np.zeros((coverage.shape[0], 300), np.float32)
    cv2.rectangle(field, (20, 30), (270, 90), 1.0, 2)
    assert (without_boxes(np.hstack([coverage, field])) == np.hstack([coverage, 0 * field])).all()


def test_a_broad_frame_is_no_box(typed):
    coverage, _ = typed(TEXT)
    framed = np.pad(coverage, 60, constant_values=1.0)
    framed = np.pad(framed, 5)
    assert without_boxes(framed) is framed


@pytest.mark.parametrize("width", [2, 4])
@pytest.mark.parametrize("text", ["at noon", "Agnes"])
def test_a_ring_around_a_word_goes_and_the_word_stays(typed, text, width):
    coverage, _ = typed((text,))
    height, across = coverage.shape
    ringed = coverage.copy()
    turn = np.linspace(0.5, 0.5 + 2.1 * np.pi, 80)  # its ends cross
    spiral = np.linspace(1, 0.96, 80)
    points = np.stack(
        [across / 2 + (across / 2 - 5) * spiral * np.cos(turn), height / 2 + (height / 2 - 5) * spiral * np.sin(turn)],
        1,
    )
    cv2.polylines(ringed, [np.rint(points).astype(np.int32)], False, 1.0, width)
    left = without_boxes(ringed)
    assert (left[coverage > 0.4] == coverage[coverage > 0.4]).all()
    assert np.abs(left - coverage).sum() < 0.03 * np.abs(ringed - coverage).sum()


def circled(typed, numbers, radius=30):
    """A list whose numbers stand in circles, and the list alone."""
    coverage, _ = typed(tuple(f"{number}     and then" for number in numbers), pitch=2.2)
    drawn = coverage.copy()
    for row in range(len(numbers)):
        rows = slice(round(40 + 88 * row), round(40 + 88 * row) + 60)
        inked = np.argwhere(coverage[rows, :80] > 0.5)
        down, across = inked.mean(axis=0).tolist()
        cv2.circle(drawn, (round(across), rows.start + round(down)), radius, 1.0, 3, cv2.LINE_AA)
    return drawn, coverage


@pytest.mark.parametrize("numbers", ["123", "15", "ABCD"])
def test_circles_around_the_numbers_of_a_list_go_and_the_numbers_stay(typed, numbers):
    drawn, coverage = circled(typed, numbers)
    left = without_boxes(drawn)
    assert (left[coverage > 0] == coverage[coverage > 0]).all()
    assert np.abs(left - coverage).sum() < 0.03 * np.abs(drawn - coverage).sum()


def test_closed_signs_of_addresses_are_no_rings_around_numbers(typed):
    coverage, _ = typed(("Tom   home.org", "Ann   club.net"))
    ink = coverage.copy()
    for row in (70, 134):
        gap = np.flatnonzero(np.diff(np.flatnonzero((coverage[row - 25 : row + 10] > 0.5).any(axis=0))) > 12)[0]
        across = int(np.flatnonzero((coverage[row - 25 : row + 10] > 0.5).any(axis=0))[gap]) + 17
        cv2.circle(ink, (across, row - 5), 15, 1.0, 2, cv2.LINE_AA)
        cv2.circle(ink, (across, row - 5), 6, 1.0, 2, cv2.LINE_AA)
    assert without_boxes(ink) is ink


def test_one_circle_around_a_letter_may_be_a_sign_and_stays(typed):
    drawn, _ = circled(typed, "a")
    assert without_boxes(drawn) is drawn


def test_a_letter_that_hangs_on_its_ring_stays(typed):
    coverage, _ = typed(("at noon",))
    height, across = coverage.shape
    ringed = coverage.copy()
    cv2.ellipse(ringed, (across // 2, height // 2 + 4), (across // 2 - 5, height // 2 - 12), 0, 0, 360, 1.0, 3)
    cv2.line(ringed, (across // 2, 10), (across // 2, height // 2), 1.0, 3)
    left = without_boxes(ringed)
    assert (left[coverage > 0.4] > 0.4).mean() > 0.99
    assert left[height // 2 - 12, across // 2] == 1


def test_round_letters_with_dots_in_them_are_no_rings(typed, draw):
    for letter, dots in (("O", 1), ("D", 1), ("O", 2), ("8", 2), ("B", 2), ("@", 0), ("Q", 1)):
        glyph = (draw(letter, 120) / 255).astype(np.float32)
        middle, across = glyph.shape[0] // 2, glyph.shape[1] // 2
        for number in range(dots):
            cv2.circle(glyph, (across, middle + 22 * number - 11 * (dots - 1)), 5, 1.0, -1)
        assert without_boxes(glyph) is glyph


@pytest.mark.parametrize("leaning", [0, 2])
@pytest.mark.parametrize("places", [(4,), (-5,), (4, -5)])
def test_a_lone_side_of_a_box_from_edge_to_edge_goes(typed, places, leaning):
    coverage, _ = typed(("noon",))
    edged = coverage.copy()
    for place in places:
        left = place % coverage.shape[1]
        cv2.line(edged, (left, 0), (left + leaning, coverage.shape[0] - 1), 1.0, 2)
    assert (without_boxes(edged) == coverage).all()


@pytest.mark.parametrize("text", ["Il", "lilt", "hill", "HI", "(a)", "fa", "all"])
def test_tall_letters_that_are_cut_out_close_are_no_sides_of_boxes(typed, text):
    coverage, _ = typed((text,))
    rows, columns = np.flatnonzero((coverage > 0.5).any(axis=1)), np.flatnonzero((coverage > 0.5).any(axis=0))
    cut = np.ascontiguousarray(coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    assert without_boxes(cut) is cut


def test_letters_are_no_boxes_and_an_empty_page_stays_as_it_is(typed, draw):
    for letter in "O0DBQ8@%a":
        glyph = (draw(letter, 80) / 255).astype(np.float32)
        assert without_boxes(glyph) is glyph
    for across, down in ((5, 6), (6, 11), (5, 13), (15, 19)):  # a hollow O, as copiers make them
        hollow = np.zeros((70, 70), np.float32)
        for inset in (0, 3):
            cv2.ellipse(hollow, (35, 35), (across - inset, down - inset), 0, 0, 360, 1.0, 1)
        assert without_boxes(hollow) is hollow
    coverage, _ = typed(("OOO 000 DDD", "a box: []"))
    assert without_boxes(coverage) is coverage
    blank = np.zeros((50, 80), np.float32)
    assert without_boxes(blank) is blank


def listed(text, mark, pen=4):
    """A line of text after a check box with this mark in it: ink float32 (H, W), and the text's alone."""
    writing = np.pad(penned([text], 40, pen)[0], ((0, 0), (80, 0)))
    drawn = np.zeros(writing.shape, np.uint8)
    cv2.rectangle(drawn, (40, 42), (78, 80), 255, pen, cv2.LINE_AA)
    for begin, end in mark:
        cv2.line(drawn, begin, end, 255, pen, cv2.LINE_AA)
    return np.maximum(writing, drawn.astype(np.float32) / 255), writing


@pytest.mark.parametrize("text", ["Buy milk", "CALL DAD", "do it"])
@pytest.mark.parametrize("mark", [
    [], [((48, 60), (56, 72)), ((56, 72), (70, 50))], [((42, 44), (76, 78)), ((76, 44), (42, 78))],
], ids=["empty", "ticked", "crossed"])  # fmt: skip
def test_check_boxes_go_with_their_marks_and_the_text_stays(text, mark):
    ink, writing = listed(text, mark)
    cleaned = without_boxes(ink)
    assert (cleaned[:, :100] > 0.3).sum() < 12  # pixels of its soft corners
    assert np.array_equal(cleaned[:, 110:], writing[:, 110:])


@pytest.mark.parametrize("text", ["D O B", "0 U 8", "E O D", "Q D P"])
@pytest.mark.parametrize("pen", [2, 4, 7])
def test_letters_that_stand_by_themselves_are_no_check_boxes(text, pen):
    ink, _ = penned([text], 40, pen)
    assert without_boxes(ink) is ink


def test_corners_are_reached_from_within_a_few_pixels():
    own = np.zeros((20, 30), bool)
    own[3:, 4] = own[19, 4:28] = True  # an L: 5 pixels from one corner, 4 from another, 2 from the third
    assert [_corners_reached(own, reach) for reach in (1, 2, 4, 5, 40)] == [0, 1, 2, 3, 4]
