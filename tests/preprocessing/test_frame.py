"""frame: against the recipes worked out step by step, the shipped digits, and its own promises."""

import os
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw, ImageFilter

from inkread.errors import BadArray, BadOption, BlankPicture
from inkread.preprocessing import FRAMINGS, frame, frame_picture, is_framed
from inkread.preprocessing.frame import softness

SAMPLE = Path(__file__).parents[2] / "inkread" / "data" / "samples" / "digits.npz"
needs_sample = pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of digits is not there yet")
DATA = os.environ.get("INKREAD_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="INKREAD_DATA is not set")


def apart(a, b):
    """Mean absolute difference, in grey levels."""
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def emnist_by_the_paper(scan):
    """Cohen et al. (2017), II.C, on a black and white scan, with Pillow alone."""
    soft = np.asarray(Image.fromarray(scan.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(1)))
    rows, columns = np.flatnonzero((soft > 5).any(axis=1)), np.flatnonzero((soft > 5).any(axis=0))
    box = soft[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = max(box.shape)
    square = Image.new("L", (side, side))
    square.paste(Image.fromarray(box), ((side - box.shape[1]) // 2, (side - box.shape[0]) // 2))
    small = np.asarray(square.resize((24, 24), Image.Resampling.BICUBIC)).astype(float)
    return np.pad(np.rint(small * 255 / small.max()), 2)


@pytest.mark.parametrize("letter", "AILOTWij")
def test_a_scan_is_framed_as_the_emnist_paper_says(draw, letter):
    scan = draw(letter, size=70) > 127
    assert apart(frame(scan, "emnist"), emnist_by_the_paper(scan)) < 1


@pytest.mark.parametrize("letter", "AILOTWij")
def test_the_mnist_way_fits_20_pixels_and_centres_the_mass(draw, letter):
    framed = frame(draw(letter), "mnist").astype(float)
    rows, columns = np.flatnonzero(framed.any(axis=1)), np.flatnonzero(framed.any(axis=0))
    assert max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 in (19, 20)
    assert framed.sum(axis=1) @ np.arange(28) / framed.sum() == pytest.approx(14, abs=0.51)
    assert framed.sum(axis=0) @ np.arange(28) / framed.sum() == pytest.approx(14, abs=0.51)


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("letter", "ABCHIJKLMQTXijlmo")
def test_framing_twice_equals_once(draw, framing, letter):
    once = frame(draw(letter), framing)
    assert once.shape == (28, 28)
    assert once.dtype == np.uint8
    assert once.max() == 255
    assert (frame(once, framing) == once).all()


ANY_INK = st.one_of(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)),
    hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=90)),
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.floats(0, 1)),
)


@given(ANY_INK, st.sampled_from(FRAMINGS))
@settings(max_examples=80)
def test_any_ink_at_all_has_a_frame_that_is_its_own_frame(ink, framing):
    try:
        once = frame(ink, framing)
    except BlankPicture:
        assert ink.max() < 1e-6
        return
    assert once.any()
    assert (frame(once, framing) == once).all()


NO_GLYPHS = st.one_of(
    hnp.arrays(  # of a kind that is none
        st.sampled_from([np.int64, np.uint16, np.complex64, "U3", "O", "M8[s]"]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
    ),
    hnp.arrays(  # of a shape that is none
        st.sampled_from([np.uint8, np.bool_, np.float32]),
        st.one_of(
            hnp.array_shapes(min_dims=1, max_dims=1), hnp.array_shapes(min_dims=3, max_dims=4, max_side=5),
            st.sampled_from([(), (0,), (0, 0), (0, 5), (5, 0)]),
        ),
        fill=st.just(1),
    ),
)  # fmt: skip


@given(NO_GLYPHS, st.sampled_from(FRAMINGS))
@settings(max_examples=100)
def test_what_is_no_glyph_is_a_bad_array(array, framing):
    with pytest.raises(BadArray, match="expected one glyph"):
        frame(array, framing)


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5)), st.sampled_from(FRAMINGS))
@settings(max_examples=50)
def test_any_floats_are_framed_or_refused(floats, framing):
    with suppress(BadArray, BlankPicture):
        assert frame(floats, framing).shape == (28, 28)


@pytest.mark.parametrize("hostile", [np.full((9, 9), np.nan), np.full((9, 9), 2.0), np.full((9, 9), -0.5)])
def test_values_outside_0_to_1_are_named(hostile):
    with pytest.raises(BadArray, match=r"values from .* expected one glyph"):
        frame(hostile, "emnist")


def test_an_unknown_framing_is_named_with_those_that_exist():
    with pytest.raises(BadOption, match="'square' is not a framing; choose one of mnist, emnist"):
        frame(np.ones((5, 5)), "square")


def test_no_ink_has_no_frame():
    with pytest.raises(BlankPicture, match="every pixel is 0"):
        frame(np.zeros((50, 50), np.uint8), "mnist")


@pytest.mark.parametrize("framing", FRAMINGS)
def test_the_size_of_the_picture_hardly_matters(draw, framing):
    large = frame(draw("R", size=700), framing)
    assert apart(frame(draw("R", size=70), framing), large) < 10
    assert apart(frame(draw("R", size=35), framing), large) < 25  # EMNIST's own small letters are as soft


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("side", [60, 300, 900])
def test_a_hairline_does_not_fade_and_a_marker_does_not_clog(framing, side):
    places = np.arange(side)
    for width in (1, side // 3):
        cross = np.abs(places[:, None] - places[None, :]) <= width / 2
        framed = frame(cross | cross[:, ::-1], framing)
        assert 1.5 < (framed > 127).sum(axis=1)[4:10].mean() < 15
        assert (framed > 200).sum() > 15


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_speck_far_away_does_not_shrink_the_glyph_of_a_picture(draw, framing):
    clean = 255 - np.pad(draw("B"), 60)
    dusty = clean.copy()
    dusty[2:5, 2:5] = 0
    assert apart(frame_picture(dusty, framing), frame_picture(clean, framing)) < 2


def test_a_blank_picture_is_recognised():
    grain = np.random.default_rng(0).normal(230, 4, size=(200, 200)).clip(0, 255).astype(np.uint8)
    for blank in (np.full((40, 40), 255, np.uint8), np.zeros((40, 40), np.uint8), grain):
        with pytest.raises(BlankPicture, match="no ink stands out"):
            frame_picture(blank, "emnist")


@pytest.mark.parametrize("blur", [0.0, 0.7, 1.5])
def test_softness_measures_the_blur_of_an_edge(blur):
    disc = Image.new("L", (200, 200))
    ImageDraw.Draw(disc).ellipse((40, 40, 160, 160), fill=255)
    soft = cv2.GaussianBlur(np.asarray(disc, np.float32) / 255, (0, 0), blur) if blur else np.asarray(disc) / 255
    assert softness(soft.astype(np.float32)) == pytest.approx(blur, abs=0.35)


def shipped_digits():
    with np.load(SAMPLE) as sample:
        return sample["images"][::20]


@needs_sample
def test_real_digits_pass_unchanged():
    digits = shipped_digits()
    same = [(frame(digit, "mnist") == digit).all() for digit in digits]
    assert np.mean(same) > 0.99
    assert max(apart(frame(digit, "mnist"), digit) for digit in digits) < 25


@needs_sample
@pytest.mark.parametrize("invert", [False, True])
def test_pictures_of_real_digits_pass_nearly_unchanged(invert):
    differences = [apart(frame_picture(255 - d if invert else d, "mnist"), d) for d in shipped_digits()]
    assert np.mean(differences) < 1
    assert np.percentile(differences, 99) < 2


@needs_sample
def test_a_digit_in_a_large_margin_comes_back_as_it_was():
    differences = [apart(frame_picture(np.pad(digit, 40), "mnist"), digit) for digit in shipped_digits()[:50]]
    assert np.median(differences) < 2
    assert np.percentile(differences, 90) < 12  # the rest moved by a pixel: a centre half-way between two


@needs_data
def test_nist_scans_come_out_as_the_emnist_frames_that_others_made():
    with np.load(Path(DATA) / "letters" / "nist_sd19_upper.npz") as nist:
        scans = np.unpackbits(nist["bitmap128"][::100], axis=1).reshape(-1, 128, 128).astype(bool)
        images = nist["images"][::100]
    differences = [apart(frame(scan, "emnist"), image) for scan, image in zip(scans, images, strict=True)]
    assert np.median(differences) < 0.3
    assert np.mean(differences) < 1


@needs_data
@pytest.mark.parametrize("source", ["emnist_letters_test_am", "nist_sd19_lower_vowels"])
def test_real_emnist_glyphs_are_frames_already(source):
    with np.load(Path(DATA) / "letters" / f"{source}.npz") as letters:
        images = letters["images"][::20]
    assert all(is_framed(image.astype(np.float32) / 255, "emnist") for image in images)
