"""labels: light writing on dark labels becomes ink, and all other ink stays as it is."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import lines, load, sheet
from inkread.preprocessing.labelled import labelled
from inkread.preprocessing.labels import without_labels
from tests.handwriting import penned

TEXTS = ["Meet at noon", "by the old"]


def bare(ink):
    return without_labels(ink, labelled(ink))


@pytest.fixture
def page():
    """Two lines, and below them one as light strokes on a dark label; the strokes alone."""
    writing = np.pad(penned(TEXTS, 40, 4)[0], ((0, 140), (0, 60)))
    word = penned(["HOME"], 40, 5)[0]
    place = (slice(writing.shape[0] - 130, writing.shape[0] - 130 + word.shape[0]), slice(60, 60 + word.shape[1]))
    label, strokes = np.zeros_like(writing), writing.copy()
    label[place] = 1.0
    strokes[place] = word
    dark = np.maximum(writing, label)
    dark[place] = 1 - word
    return dark, strokes


@pytest.mark.parametrize("level", [0.6, 1.0])
def test_light_writing_on_a_dark_label_becomes_ink_as_dark_as_the_rest(page, level):
    dark, strokes = page
    ink = np.where(np.cumsum(np.ones_like(dark), axis=0) > dark.shape[0] - 140, level * dark, dark).astype(np.float32)
    left = bare(ink)
    assert (np.abs(left - strokes) > 0.1).mean() < 0.002


@pytest.mark.parametrize("degrees", [0, 5])
def test_the_lines_of_a_page_with_a_label_are_all_found(page, degrees):
    dark, strokes = page
    turn = cv2.getRotationMatrix2D((dark.shape[1] / 2, dark.shape[0] / 2), degrees, 1)
    grey = 245 - 220 * cv2.warpAffine(dark, turn, dark.shape[::-1])
    found = lines(sheet(load(np.rint(grey).astype(np.uint8))).ink).lines
    assert len(found) == 3
    assert sum(piece.area for piece in found[2].pieces) > 0.7 * (strokes[-130:] > 0.5).sum()


@pytest.mark.parametrize("text", ["B", "D", "O", "8", "BOB", "80"])
@pytest.mark.parametrize("pen", [16, 24])
def test_bold_letters_are_no_labels(text, pen):
    ink, _ = penned([text], 120, pen)
    assert bare(ink) is ink


def test_a_box_a_blot_and_a_bar_are_no_labels(page):
    _, ink = page
    cv2.rectangle(ink, (10, 10), (ink.shape[1] - 10, ink.shape[0] - 10), 1.0, 4)
    cv2.circle(ink, (300, ink.shape[0] - 60), 30, 1.0, -1)
    cv2.rectangle(ink, (340, ink.shape[0] - 80), (ink.shape[1] - 40, ink.shape[0] - 50), 1.0, -1)
    assert bare(ink) is ink
