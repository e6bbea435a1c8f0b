"""The contact sheet, read back as pixels and as texts."""

import sys

import numpy as np
import pytest

from inkread.errors import BadArray, BadOption, MissingDependency
from inkread.evaluation import plots
from inkread.evaluation.sheet import CAPTION, GAP, glyph_sheet


@pytest.fixture
def glyphs() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)


def pixels(figure) -> np.ndarray:
    return figure.axes[0].images[0].get_array()


def test_every_glyph_stands_unchanged_in_its_row_and_column(glyphs):
    sheet = pixels(glyph_sheet(glyphs, columns=3))
    step = 28 + GAP
    assert sheet.shape == (2 * step, 3 * step - GAP)
    for number, glyph in enumerate(glyphs):
        y, x = number // 3 * step, number % 3 * step
        np.testing.assert_array_equal(sheet[y : y + 28, x : x + 28], glyph)
    assert sheet.sum() == glyphs.sum()


def test_captions_stand_below_their_glyphs_and_marked_ones_have_another_colour(glyphs):
    figure = glyph_sheet(glyphs, range(5), columns=2, marked=[False, True, False, False, True])
    texts = figure.axes[0].texts
    assert [text.get_text() for text in texts] == ["0", "1", "2", "3", "4"]
    assert [text.get_color() == plots.BEFORE for text in texts] == [False, True, False, False, True]
    x, y = texts[3].get_position()  # second row, second column
    assert 28 + GAP <= x <= 28 + GAP + 28
    assert 2 * 28 + CAPTION <= y <= 2 * (28 + CAPTION)


def test_ink_is_dark_on_light_paper_and_a_whole_sheet_can_be_saved(glyphs, tmp_path):
    glyphs[:] = 0
    glyphs[0, 4:24, 4:24] = 255
    figure = glyph_sheet(glyphs)
    figure.savefig(tmp_path / "sheet.png")
    from PIL import Image

    shown = np.asarray(Image.open(tmp_path / "sheet.png").convert("L"))
    height, width = shown.shape
    assert shown[height // 2, width // 10] < 10  # in the first of five glyphs
    assert shown[height // 2, width // 2] > 245


def test_one_glyph_is_a_sheet_too(glyphs):
    assert pixels(glyph_sheet(glyphs[:1], ["A"])).shape == (28 + CAPTION, 28)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"glyphs": np.zeros((0, 28, 28), np.uint8)}, BadArray, "no glyph to show"),
        ({"glyphs": np.zeros((2, 28, 28))}, BadArray, "must be uint8"),
        ({"glyphs": np.zeros((2, 27, 28), np.uint8)}, BadArray, "must be uint8"),
        ({"captions": ["A"]}, BadArray, "5 glyphs came with 1 captions"),
        ({"marked": [True]}, BadArray, "marks of shape"),
        ({"columns": 0}, BadOption, "columns is 0"),
    ],
)
def test_what_makes_no_sheet_is_told(glyphs, change, error, sentence):
    with pytest.raises(error, match=sentence):
        glyph_sheet(**{"glyphs": glyphs, **change})


def test_without_matplotlib_the_way_to_install_it_is_told(glyphs, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependency, match=r"inkread\[train\]"):
        glyph_sheet(glyphs)
