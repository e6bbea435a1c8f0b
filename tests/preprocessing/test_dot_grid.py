"""dot_grid: the dots that paper is printed with go, whatever is written on it; full stops and other dots stay."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import lines, load, sheet
from inkread.preprocessing.dot_grid import without_dot_grid
from inkread.preprocessing.labelled import labelled
from tests.handwriting import penned

TEXTS = ["Meet at noon", "by the old", "bridge Tom"]


def dotted(shape, pitch, radius, level=1.0, *, start=9):
    """A grid of dots, ink float32 (H, W)."""
    dots = np.zeros(shape, np.float32)
    for y in range(start, shape[0] - radius, pitch):
        for x in range(start, shape[1] - radius, pitch):
            cv2.circle(dots, (x, y), radius, level, -1, cv2.LINE_AA)
    return dots


@pytest.mark.parametrize("level", [0.35, 0.6, 1.0])
@pytest.mark.parametrize("pitch, radius", [(25, 1), (34, 2), (50, 3)])
def test_dots_of_the_paper_go_and_the_writing_stays(pitch, radius, level):
    writing, _ = penned(TEXTS, 40, 4)
    dots = dotted(writing.shape, pitch, radius, level)
    left = without_dot_grid(np.maximum(writing, dots))
    assert len(labelled(left, 0.3).stats) <= len(labelled(writing, 0.3).stats)  # what touches letters is of them
    assert (left[writing > 0.5] == np.maximum(writing, dots)[writing > 0.5]).mean() > 0.995


def test_dots_of_which_some_are_too_faint_to_be_ink_go_with_the_others():
    writing, _ = penned(TEXTS, 40, 4)
    dots = dotted(writing.shape, 25, 2) * np.linspace(0.2, 0.5, writing.shape[1], dtype=np.float32)
    left = without_dot_grid(np.maximum(writing, dots))
    assert len(labelled(left, 0.1).stats) <= len(labelled(writing, 0.1).stats)


def test_a_photo_of_paper_with_dots_is_as_many_lines_as_are_written():
    writing, _ = penned(TEXTS, 40, 4)
    ink = np.pad(np.maximum(writing, dotted(writing.shape, 30, 2, 0.5)), 0)
    height, width = ink.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = corners + np.array([(8, 5), (-12, 0), (0, -6), (9, 3)], np.float32)
    aside = cv2.warpPerspective(ink, cv2.getPerspectiveTransform(corners, seen), (width, height))
    grey = (225 - 180 * aside) * np.linspace(1, 0.8, width) + np.random.default_rng(0).normal(0, 2, aside.shape)
    assert len(lines(sheet(load(np.rint(grey.clip(0, 255)).astype(np.uint8))).ink).lines) == len(TEXTS)


@pytest.mark.parametrize("texts", [
    TEXTS, ("...... . ..", "i i i i i i", ": : : : :"), ("oooooooo",) * 5, ("Tea .................. 1.50",) * 6,
])  # fmt: skip
def test_writing_without_a_grid_keeps_every_pixel(typed, texts):
    ink, _ = typed(tuple(texts))
    assert without_dot_grid(ink) is ink


@pytest.mark.parametrize("letters", ["123456", "XOXXOX", "HELPME"])
def test_letters_in_a_grid_are_no_dots(letters):
    glyph = [penned([letter], 20, 2)[0] for letter in letters]
    ink = np.zeros((420, 420), np.float32)
    for row in range(6):
        for column in range(6):
            one = glyph[(row + column) % 6][10:, 10:][:40, :40]
            ink[20 + 64 * row :, 20 + 64 * column :][: one.shape[0], : one.shape[1]] = one
    assert without_dot_grid(ink) is ink


def test_dust_is_no_grid():
    ink, _ = penned(TEXTS, 40, 4)
    chance = np.random.default_rng(1)
    for x, y in chance.uniform((5, 5), (ink.shape[1] - 5, ink.shape[0] - 5), (120, 2)):
        cv2.circle(ink, (round(x), round(y)), 1, 1.0, -1)
    assert without_dot_grid(ink) is ink
