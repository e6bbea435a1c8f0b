"""binarise and polarity: ink found again under every light, and none on a blank sheet."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from inkread.errors import BadArray
from inkread.preprocessing import ink, is_blank, threshold
from inkread.preprocessing.binarise import _flat_level, _surface, _terms, _without_fields, stroke_width, without_specks
from inkread.preprocessing.polarity import is_light_on_dark
from tests.handwriting import penned

LETTERS = "ABEGHKMORSTXaegs"


def cut(grey):
    """What is around the dark ink of a picture, nothing left beyond it."""
    rows, columns = np.flatnonzero((grey < 128).any(axis=1)), np.flatnonzero((grey < 128).any(axis=0))
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def light(kind, shape):
    """How strongly each pixel is lit, 0..1."""
    y, x = np.meshgrid(*(np.linspace(-0.5, 0.5, side) for side in shape), indexing="ij")
    return {
        "even": np.ones(shape),
        "window": 1 - 0.5 * (x + 0.5),
        "vignette": 1 - 0.9 * (x * x + y * y),
        "lamp": 0.5 + 0.5 * np.exp(-((x - 0.2) ** 2 + (y + 0.1) ** 2) / 0.1),
        "shadow": 1 - 0.45 / (1 + np.exp(-(x + 0.3 * y - 0.1) * 30)),
    }[kind]


def photo(coverage, kind, invert=False, grain=3.0):
    """A JPEG of a sheet: dark ink (or light ink on a dark board) where coverage is 1, lit unevenly, with grain."""
    sheet = 0.9 - 0.68 * coverage
    lit = (1 - sheet if invert else sheet) * light(kind, coverage.shape) * 255
    noisy = lit + np.random.default_rng(0).normal(0, grain, coverage.shape)
    stream = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(stream, "JPEG", quality=70)
    return np.asarray(Image.open(stream))


@pytest.mark.parametrize("kind", ["even", "window", "vignette", "lamp", "shadow"])
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("letter", "AKe")
def test_ink_is_found_under_every_light_and_polarity(draw, kind, invert, letter):
    coverage = draw(letter, size=150) / 255
    assert is_light_on_dark(photo(coverage, kind, invert)) == invert
    found = ink(photo(coverage, kind, invert)) > 0.45
    true = coverage > 0.5
    assert (found & true).sum() / (found | true).sum() > 0.75


@pytest.mark.parametrize("kind", ["even", "window", "vignette"])
@pytest.mark.parametrize("shape", [(60, 60), (90, 700), (400, 300)])
def test_a_blank_sheet_stays_blank(kind, shape):
    found = ink(photo(np.zeros(shape), kind))
    assert is_blank(found)
    assert found.mean() < 0.05


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_one_level_all_over_is_blank(level):
    found = ink(np.full((30, 40), level, np.uint8))
    assert is_blank(found)
    assert found.max() < 0.1


def test_dust_alone_is_blank_and_a_pencil_mark_is_not(draw):
    sheet = np.full((1000, 800), 245, np.uint8)
    sheet[[100, 300, 700], [50, 500, 200]] = 20
    assert is_blank(ink(sheet))
    glyph = draw("K", size=60)
    sheet[400 : 400 + glyph.shape[0], 300 : 300 + glyph.shape[1]] -= (glyph / 255 * 40).astype(np.uint8)
    assert not is_blank(ink(sheet))


@pytest.mark.parametrize("letter", LETTERS)
def test_a_clean_drawing_keeps_its_grey_levels_in_both_polarities(draw, letter):
    glyph = draw(letter)
    for picture in (glyph, 255 - glyph):
        assert np.abs(ink(picture) * 255 - glyph).max() <= 3


@pytest.mark.parametrize("invert", [False, True])
def test_a_letter_cut_to_its_box_keeps_its_polarity(draw, invert):
    wrong = []
    for letter in LETTERS:
        glyph = draw(letter, size=60)
        tight = 255 - cut(255 - glyph)
        wrong += [letter] * (is_light_on_dark(255 - tight if invert else tight) == invert)
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize(("capital", "pen"), [(24, 2), (24, 4), (60, 5), (60, 10)])
def test_a_word_cut_to_its_ink_keeps_its_polarity(capital, pen, invert):
    for word in ("Meeting", "office", "Report", "of", "1954", "Robert"):
        coverage, _ = penned((word,), capital, pen)
        tight = cut(255 - np.rint(coverage * 255).astype(np.uint8))
        assert is_light_on_dark(255 - tight if invert else tight) == invert, word


@pytest.mark.parametrize("word", ["after", "Monday", "gate", "help"])
@pytest.mark.parametrize("lit", [0.18, 0.3])
@pytest.mark.parametrize("dark", [0.35, 0.45])
def test_a_word_in_a_shadow_beside_a_lit_corner_is_dark_ink(word, lit, dark):
    coverage, _ = penned((word,), 60, 7)
    coverage = 1 - cut(255 - 255 * coverage) / 255
    y, x = np.mgrid[: coverage.shape[0], : coverage.shape[1]] / np.array(coverage.shape)[:, None, None]
    light = dark + (1 - dark) / (1 + np.exp(-(lit - x + 0.3 * (0.5 - y)) * 60))
    grain = np.random.default_rng(0).normal(0, 2, coverage.shape)
    grey = np.rint(np.clip(225 * light * (1 - 0.7 * coverage) + grain, 0, 255)).astype(np.uint8)
    assert not is_light_on_dark(grey)


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("edges", ["left", "bottom", "left bottom", "left right top", "left right top bottom"])
def test_the_dark_that_a_scanner_saw_beside_the_paper_is_no_paper(edges, invert):
    coverage, _ = penned(("Meet me at", "noon by car"), 40, 4)
    grey = 255 - np.rint(coverage * 235).astype(np.uint8)
    for edge in edges.split():
        rim = {"left": np.s_[:, :12], "right": np.s_[:, -12:], "top": np.s_[:12], "bottom": np.s_[-12:]}[edge]
        grey[rim] = 20
    assert is_light_on_dark(255 - grey if invert else grey) == invert


def on_desk(sheet, level, around, tilt=0.0, grain=2.0):
    """A grey picture of a sheet that lies on a desk of one level, ``around`` of its sides of it on each side."""
    height, width = sheet.shape
    size = (round(width * (1 + 2 * around)), round(height * (1 + 2 * around)))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1)
    turn[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    paper = cv2.warpAffine(np.ones_like(sheet, np.float32), turn, size)
    seen = cv2.warpAffine(sheet.astype(np.float32), turn, size) * paper + level * (1 - paper)
    return np.clip(seen + np.random.default_rng(0).normal(0, grain, seen.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("board", [False, True])
@pytest.mark.parametrize("tilt", [0, 5])
@pytest.mark.parametrize("around", [0.05, 0.15, 0.4])
@pytest.mark.parametrize("desk", [0, 15, 35, 70])
def test_a_desk_around_the_sheet_says_nothing_about_its_ink(desk, around, tilt, board, negative):
    coverage, _ = penned(("Meet me at", "noon by the", "old bridge", "with Bob"), 40, 4)
    sheet = 225 - 190 * coverage
    grey = on_desk(255 - sheet if board else sheet, 255 - desk if board else desk, around, tilt)
    assert is_light_on_dark(255 - grey if negative else grey) == (board != negative)


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("kind", ["even", "window", "shadow"])
@pytest.mark.parametrize("pen", [10, 14, 18])
def test_a_photo_of_a_word_in_a_heavy_pen_cut_to_its_ink_keeps_its_polarity(pen, kind, invert):
    wrong = []
    for word in ("Meeting", "Report", "his", "1954", "the", "Robert"):
        coverage, _ = penned((word,), 70, pen)
        tight = 1 - cut(255 - 255 * coverage) / 255
        wrong += [word] * (is_light_on_dark(photo(tight, kind, invert)) != invert)
    assert not wrong


@pytest.mark.parametrize("invert", [False, True])
def test_a_large_digit_cut_to_its_ink_keeps_its_polarity(digits, invert):
    wrong = 0
    for glyph in digits.val.images[:100]:
        tight = cut(255 - cv2.resize(glyph, (140, 140), interpolation=cv2.INTER_CUBIC))
        wrong += is_light_on_dark(255 - tight if invert else tight) != invert
    assert wrong <= 2


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("gap", [1, 2])
def test_cracks_in_broad_strokes_are_no_ink(gap, invert):
    grey = np.full((120, 300), 255, np.uint8)
    for left in (50, 110, 170, 230):
        grey[40:58, left : left + 6] = grey[58 + gap : 80, left : left + 6] = 0
    assert is_light_on_dark(255 - grey if invert else grey) == invert


@pytest.mark.parametrize("invert", [False, True])
def test_a_digit_of_mnist_cut_to_its_ink_keeps_its_polarity(digits, invert):
    glyphs = digits.val.images[:200]
    wrong = sum(is_light_on_dark(255 - cut(255 - glyph) if invert else cut(255 - glyph)) != invert for glyph in glyphs)
    assert wrong <= 4


@pytest.mark.parametrize("width", [1, 3, 5, 9, 15])
def test_the_width_of_a_line_is_measured(width):
    mask = np.zeros((200, 60), bool)
    mask[5:195, 20 : 20 + width] = True
    assert stroke_width(mask) == pytest.approx(width, rel=0.15)


def test_otsus_level_parts_two_levels():
    two = np.repeat(np.float32([0.1, 0.3, 0.9, 1.0]), 50).reshape(10, 20)
    assert 0.29 <= threshold(two) < 0.9
    assert threshold(np.zeros((5, 5), np.float32)) == 0.5


def test_dust_is_removed_and_the_dot_of_an_i_is_kept(draw):
    glyph = np.pad(draw("i", size=80), 40).astype(np.float32) / 255
    dusty = glyph.copy()
    dusty[3:6, 3:6] = 1
    assert np.array_equal(without_specks(dusty), glyph)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=30)), st.integers(1, 3))
@settings(max_examples=80)
def test_any_pixels_at_all_give_ink_from_0_to_1(grey, times):
    found = ink(np.kron(grey, np.ones((times, times), np.uint8)))
    assert found.dtype == np.float32
    assert found.shape == (grey.shape[0] * times, grey.shape[1] * times)
    assert found.min() >= 0
    assert found.max() <= 1


def test_what_is_no_grey_picture_is_a_bad_array():
    for array in (np.zeros((3, 3, 3), np.uint8), np.zeros((3, 3)), np.zeros((0, 3), np.uint8)):
        with pytest.raises(BadArray, match="expected grey pixels"):
            ink(array)


@pytest.mark.parametrize("dark", [0.75, 0.45])
@pytest.mark.parametrize("sharp", [1.0, 25.0])
@pytest.mark.parametrize("side", ["left", "right", "corner"])
def test_a_shadow_over_half_the_page_is_no_ink(typed, dark, sharp, side):
    coverage, owner = typed(("MEET AT NOON", "BY THE OLD BRIDGE"), size=40)
    height, width = coverage.shape
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    edge = {"left": x - 0.4, "right": 0.6 - x, "corner": x - y}[side]
    light = dark + (1 - dark) / (1 + np.exp(-edge * width / sharp))
    grey = np.rint(240 * light * (1 - 0.8 * coverage)).astype(np.uint8)
    found = ink(grey)
    strokes, paper = found[owner > 0], found[coverage == 0]
    assert np.median(strokes) > 0.7
    assert np.mean(paper > 0.3) < 0.01


def test_a_pale_shadow_over_a_page_with_little_ink_is_no_ink(typed):
    coverage, owner = (np.pad(layer, ((150, 150), (100, 100))) for layer in typed(("MEET AT NOON",), size=40))
    x = np.arange(coverage.shape[1]) - 0.4 * coverage.shape[1]
    light = 0.85 + 0.15 / (1 + np.exp(-x / 10))
    grain = np.random.default_rng(0).normal(0, 2, coverage.shape)
    found = ink(np.rint(240 * light * (1 - 0.8 * coverage) + grain).clip(0, 255).astype(np.uint8))
    assert np.median(found[owner > 0]) > 0.7
    assert np.mean(found[coverage == 0] > 0.3) < 0.01


@pytest.mark.parametrize("pen", range(6, 14))
def test_broad_soft_strokes_are_no_shade(pen):
    coverage, _ = penned(["HI"], 60, pen)
    soft = cv2.GaussianBlur(coverage.astype(np.float32), (0, 0), 1.5)
    darkness = (0.9 * soft).astype(np.float32)
    assert _without_fields(darkness) is darkness


@pytest.mark.parametrize("tall", [0.08, 0.14])
def test_a_dark_box_with_white_print_does_not_make_a_page_dark(typed, tall):
    print_, _ = typed(("DELIVERY NOTE",), size=50)
    note, owner = typed(("call Anna",), size=40)
    page = np.full((700, 1000), 255.0)
    box = page[50 : 50 + int(tall * 700)]
    box[:, 20:-20] = 30
    rows, columns = (min(sides) for sides in zip(print_.shape, (len(box), 900), strict=True))
    box[:rows, 50 : 50 + columns] += (255 - 30) * print_[:rows, :columns]
    page[400 : 400 + len(note), 100 : 100 + note.shape[1]] -= 165 * note
    found = ink(page.clip(0, 255).astype(np.uint8))[400 : 400 + len(note), 100 : 100 + note.shape[1]]
    assert np.median(found[owner == 0]) < 0.05
    assert np.median(found[note > 0.9]) > 0.5


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("grain", [0.0, 1.5])
@pytest.mark.parametrize("shade", [0.87, 0.8])
def test_every_second_row_shaded_is_no_ink_and_the_writing_on_it_is(typed, shade, grain, invert):
    coverage, owner = typed(("two rows", "a long way apart"), size=40)
    coverage, owner = (np.pad(part, ((0, 500), (0, 300))) for part in (coverage, owner))
    paper = np.full(coverage.shape, 250.0)
    for top in range(0, len(paper), 96):
        paper[top : top + 48] *= shade
    grey = paper + (30 - paper) * coverage + np.random.default_rng(0).normal(0, grain, coverage.shape)
    grey = grey.clip(0, 255).astype(np.uint8)
    found = ink(255 - grey if invert else grey)
    assert (found[owner == 0] > 0.3).mean() < 0.002
    assert np.percentile(found[coverage > 0.9], 5) > 0.6


@pytest.mark.parametrize("shape", [(1, 9), (40, 1), (31, 57)])
def test_the_surface_at_every_pixel_is_the_sum_of_its_terms(shape):
    coefficients = np.random.default_rng(0).normal(size=6)
    assert np.allclose(_surface(shape, coefficients), (_terms(shape, 1) @ coefficients).reshape(shape), atol=1e-12)


@pytest.mark.parametrize("n", [4_000, 4_001])
def test_a_flat_papers_level_is_the_median_of_its_light_pixels(n):
    rng = np.random.default_rng(n)
    light = np.rint(rng.normal(230, 1.2, n)).astype(np.uint8)
    grey = np.concatenate([light, np.full(200, 40, np.uint8)])[None]
    assert _flat_level(grey) == np.median(light)
