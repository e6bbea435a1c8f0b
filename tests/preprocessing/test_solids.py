"""solids: a thumb, a pen and blots go with their shadows; the writing beside them stays, however bold."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import lines, load, sheet
from inkread.preprocessing.labelled import labelled
from inkread.preprocessing.solids import without_solids
from tests.handwriting import penned

TEXTS = ["Meet at noon", "by the old", "bridge Tom"]


def bare(ink):
    return without_solids(ink, labelled(ink))


@pytest.fixture
def writing():
    return np.pad(penned(TEXTS, 40, 4)[0], ((0, 120), (140, 0)))


@pytest.mark.parametrize("level", [0.3, 0.5, 1.0])
def test_a_thumb_at_the_edge_goes_with_its_shadow(writing, level):
    thumb = np.zeros(writing.shape, np.float32)
    cv2.ellipse(thumb, (0, 150), (110, 60), 10, 0, 360, 1.0, -1)
    shadow = cv2.GaussianBlur(np.roll(thumb, (8, 10), (0, 1)), (0, 0), 8)
    ink = np.maximum(writing, np.maximum(level * cv2.GaussianBlur(thumb, (0, 0), 1.5), 0.35 * shadow))
    left = bare(ink)
    assert (left[writing > 0.5] == ink[writing > 0.5]).all()
    assert not (left[thumb > 0] > 0.1).any()
    assert (left > 0.3).sum() <= (writing > 0.3).sum()


def test_a_pen_that_lies_aslant_does_not_turn_the_page(writing):
    ink = writing.copy()
    cv2.line(ink, (60, 240), (560, 330), 1.0, 30, cv2.LINE_AA)
    left = sheet(load(np.rint(245 - 220 * ink).astype(np.uint8)))
    assert left.ink.shape == ink.shape  # nothing was turned
    assert len(lines(left.ink).lines) == len(TEXTS)
    assert (left.ink > 0.4).sum() <= 1.02 * (writing > 0.4).sum()


def test_a_shining_pen_goes_and_a_box_stays(writing):
    pen, box = writing.copy(), writing.copy()
    for thick, level in ((30, 1.0), (6, 0.1)):
        cv2.line(pen, (60, 290), (520, 330), level, thick, cv2.LINE_AA)
    cv2.rectangle(box, (20, 10), (550, 300), 1.0, 5)
    assert not bare(pen)[275:].any()
    assert bare(box) is box


def test_a_stroke_that_hangs_on_a_blot_stays(writing):
    ink = writing.copy()
    cv2.circle(ink, (70, 70), 40, 1.0, -1)
    cv2.line(ink, (110, 70), (160, 70), 1.0, 4)
    left = bare(ink)
    assert not left[30:110, 30:105].any()
    assert left[70, 125:160].min() == 1.0


@pytest.mark.parametrize("pen", [8, 14, 20])
def test_bold_writing_stays(pen):
    ink, _ = penned(["ILL", "TILL", "I HIT"], 60, pen)
    assert bare(ink) is ink


def test_a_bold_heading_stays_above_fine_lines():
    heading, lower = penned(["TILT I"], 120, 26)[0], penned(["meet at the old bridge", "by noon"], 24, 2)[0]
    ink = np.zeros((heading.shape[0] + lower.shape[0], max(heading.shape[1], lower.shape[1])), np.float32)
    ink[: heading.shape[0], : heading.shape[1]] = heading
    ink[heading.shape[0] :, : lower.shape[1]] = lower
    assert bare(ink) is ink


def test_a_large_bold_number_above_a_fine_line_stays():
    ink = np.zeros((240, 400), np.float32)
    cv2.line(ink, (60, 30), (60, 110), 1.0, 26)
    lower = penned(["first floor"], 24, 2)[0]
    ink[240 - lower.shape[0] :, : lower.shape[1]] = lower
    assert bare(ink) is ink


@pytest.mark.parametrize("width, pens", [(18, (60, 110, 160)), (16, (60, 100))])
def test_thin_tall_strokes_of_a_marker_vouch_for_each_other(width, pens):
    ink = np.zeros((300, 400), np.float32)
    for left in pens:
        cv2.line(ink, (left, 20), (left, 150), 1.0, width)
    lower = penned(["first floor"], 30, 3)[0]
    ink[300 - lower.shape[0] :, : lower.shape[1]] = lower
    assert bare(ink) is ink


@pytest.mark.parametrize("field", [0.22, 0.27, 0.33])
def test_writing_on_a_field_hardly_darker_than_paper_stays(writing, field):
    ink = writing.copy()
    rows = np.flatnonzero((writing > 0.5).any(axis=1))
    ink[rows[0] - 8 : rows[0] + 48, 20:-20] = np.maximum(ink[rows[0] - 8 : rows[0] + 48, 20:-20], field)
    assert (bare(ink)[writing > 0.5] > 0.5).all()


def test_a_dark_label_with_light_letters_is_left_to_others(writing):
    label = np.zeros(writing.shape, np.float32)
    letters = np.pad(penned(["HOME"], 50, 7)[0], ((0, 0), (20, 20)))
    label[: letters.shape[0], : letters.shape[1]] = 1 - letters
    ink = np.maximum(np.roll(label, (180, 10), (0, 1)), writing)
    assert bare(ink) is ink


@pytest.mark.parametrize("shape", [(40, 60), (300, 300)])
def test_one_thing_alone_stays(shape):
    ink = np.zeros(shape, np.float32)
    cv2.circle(ink, (shape[1] // 2, shape[0] // 2), min(shape) // 3, 1.0, -1)
    assert bare(ink) is ink
