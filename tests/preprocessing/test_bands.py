"""bands: what a scanner saw beside the sheet is paper again; letters that are cut close keep their strokes."""

import numpy as np
import pytest

from inkread.preprocessing import ink, lines, sheet
from inkread.preprocessing.bands import bands, papered
from inkread.preprocessing.picture import Picture

LINE = ("Meet at noon by the bridge",)
PAGE = ("Bring the old maps", "and a sharp knife", "to the house by the", "river before noon", "and tell nobody")
EDGES = ((40, 0, 0, 0), (0, 12, 0, 0), (9, 9, 0, 0), (0, 0, 14, 14), (6, 8, 10, 12))


def grey(coverage, paper=240, dark=40):
    return np.rint(paper - (paper - dark) * coverage).astype(np.uint8)


def framed(pixels, edges, level=15):
    """With dark bands, so many pixels wide, to the left, to the right, at the top and at the bottom."""
    left, right, top, bottom = edges
    return np.pad(pixels, ((top, bottom), (left, right)), constant_values=level)


def seen(pixels):
    """The lines of a picture as boxes in its pixels."""
    found = sheet(Picture(pixels, pixels.shape[1], pixels.shape[0]))
    return [found.original(piece.box) for line in lines(found.ink).lines for piece in line.pieces]


@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("texts", [LINE, PAGE], ids=["line", "page"])
def test_the_pieces_of_writing_are_found_whatever_is_dark_beside_it(typed, texts, edges):
    plain = grey(typed(texts)[0])
    left, _, top, _ = edges
    moved = [(box.left + left, box.top + top, box.width, box.height) for box in seen(plain)]
    found = [(box.left, box.top, box.width, box.height) for box in seen(framed(plain, edges))]
    assert np.abs(np.array(found) - np.array(moved)).max() <= 2  # a page on a table is resampled


@pytest.mark.parametrize("edges", EDGES)
def test_a_bands_depth_is_told_edge_by_edge(typed, edges):
    found = bands(ink(framed(grey(typed(PAGE)[0]), edges)))
    assert [round(float(np.median(depths))) for depths in found] == pytest.approx(edges, abs=1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_a_sheet_is_torn_the_dark_goes_and_the_writing_stays(typed, seed):
    plain = np.pad(grey(typed(PAGE)[0]), ((40, 40), (0, 0)), constant_values=240)
    torn, chance = plain.copy(), np.random.default_rng(seed)
    columns = np.arange(plain.shape[1])
    knots = np.arange(0, plain.shape[1] + 40, 40)
    tears = np.interp(columns, knots, chance.uniform(8, 34, len(knots)))
    for column, depth in enumerate(tears.astype(int)):
        torn[:depth, column], torn[plain.shape[0] - depth :, -column - 1] = 30, 30
    assert np.abs(np.array(seen(torn)) - np.array(seen(plain))).max() <= 2


def test_a_ragged_band_and_one_with_a_rim_of_paper_outside_are_found(typed):
    plain = grey(typed(PAGE)[0])
    ragged = np.pad(plain, ((0, 0), (20, 0)), constant_values=240)
    for row, depth in enumerate(12 + np.cumsum(np.random.default_rng(0).normal(0, 0.3, len(plain)))):
        ragged[row, : round(max(depth, 3))] = 20
    rimmed = np.pad(framed(plain, (10, 0, 0, 0)), ((0, 0), (3, 0)), constant_values=250)
    for picture in (ragged, rimmed):
        assert len(seen(picture)) == len(seen(plain))


def test_a_dark_wedge_of_a_sheet_that_lay_askew_is_a_band(typed):
    wedged = np.pad(grey(typed(PAGE)[0]), ((0, 0), (16, 0)), constant_values=240)
    half = len(wedged) // 2
    for row in range(half):
        wedged[row, : round(15 * (1 - row / half))] = 20
    assert len(seen(wedged)) == len(seen(wedged[:, 16:]))


def test_paper_takes_the_place_of_a_band(typed):
    plain = grey(typed(PAGE)[0])
    dark = framed(plain, (20, 0, 0, 0))
    filled = papered(dark, bands(ink(dark)))
    assert filled[:, :20].min() >= 235
    assert (filled[:, 24:] == dark[:, 24:]).all()


def test_a_sheet_with_dark_edges_alone_is_blank():
    blank = framed(np.full((300, 400), 235, np.uint8), (12, 12, 0, 0))
    assert not seen(blank)


@pytest.mark.parametrize("letter", list("EFHILTUZDPB1247[]=i"))
def test_a_letter_that_is_cut_close_keeps_its_strokes(draw, letter):
    drawn = draw(letter, 90)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    close = 255 - drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert not any(depths.any() for depths in bands(ink(close)))


@pytest.mark.parametrize("text", ["[Anna]", "[12]", "|o|", "Hill", "I hid", "[Anna is at home]"])
def test_brackets_and_tall_letters_around_others_are_no_bands(typed, text):
    coverage, _ = typed((text,))
    rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
    close = grey(coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    assert not any(depths.any() for depths in bands(ink(close)))


def test_writing_without_bands_has_none(typed):
    for texts in (LINE, PAGE):
        assert not any(depths.any() for depths in bands(ink(grey(typed(texts)[0]))))


def test_a_leaning_edge_of_a_box_beside_a_word_goes_also_where_a_stroke_ends_at_it(typed):
    word = grey(typed(("ETT",), size=40, margin=12)[0])
    edged = word.copy()
    for row in range(len(word)):
        left = round(2 * row / len(word))
        edged[row, left : left + 3] = 40
        edged[row, -left - 3 : len(word[0]) - left] = 40
    assert seen(edged) == seen(word)
