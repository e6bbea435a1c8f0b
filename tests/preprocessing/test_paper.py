"""paper: what is put on a sheet is seen on its photo, where the boxes say."""

import numpy as np
import pytest

from inkread.errors import BadArray, BadOption
from inkread.preprocessing.compose import ComposeOptions, write
from inkread.preprocessing.paper import (
    PaperOptions,
    compressed,
    light,
    moved,
    photograph,
    ruled,
    table,
    texture,
    view,
)
from inkread.preprocessing.pen import Hand
from inkread.results import Box

SHAPE = (120, 200)


@pytest.fixture
def note(written):
    text = "MEET ME\nAT NOON"
    return write(written(text), text, np.random.default_rng(0), ComposeOptions(height=40, hand=Hand()))


def test_plain_paper_shows_the_ink_and_nothing_else(note):
    photo = photograph(note.coverage, note.boxes, np.random.default_rng(0), PaperOptions(ink=(0, 0, 0)))
    assert photo.boxes == note.boxes
    assert photo.picture.shape == (*note.coverage.shape, 3)
    assert np.abs(photo.picture / 255 - (1 - note.coverage)[..., None]).max() < 0.01


def test_light_on_dark_swaps_paper_and_ink(note):
    options = PaperOptions(paper=(250, 240, 230), ink=(10, 20, 30), light_on_dark=True)
    picture = photograph(note.coverage, note.boxes, np.random.default_rng(0), options).picture
    assert tuple(np.median(picture.reshape(-1, 3), axis=0)) == (10, 20, 30)
    assert picture[..., 0].max() == 250


@pytest.mark.parametrize(
    "options",
    [
        PaperOptions(skew=8),
        PaperOptions(skew=-12),
        PaperOptions(perspective=0.1),
        PaperOptions(skew=4, perspective=0.05, light="shadow", texture=3, noise=3, blur=0.5, jpeg=60),
    ],
)
def test_boxes_follow_the_ink_wherever_the_camera_sees_it(note, options):
    photo = photograph(note.coverage, note.boxes, np.random.default_rng(3), options)
    grey = photo.picture.astype(float).mean(axis=2)
    height, width = grey.shape
    for box in photo.boxes:
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
        inside = grey[box.top : box.bottom, box.left : box.right]
        assert inside.min() < 0.6 * np.median(inside)  # a glyph's ink, on its paper
    lit = [np.median(grey[b.top : b.bottom, b.left : b.right]) for b in photo.boxes]
    assert min(lit) > 90  # the boxes lie on the sheet, not on the table


def test_a_box_moves_as_its_corners_do():
    matrix, size = view(SHAPE, 90 / 2, 0, np.random.default_rng(0))
    (box,) = moved((Box(0, 0, SHAPE[1], SHAPE[0]),), matrix, size)
    diagonal = (SHAPE[0] + SHAPE[1]) / np.sqrt(2)
    assert (box.width, box.height) == (pytest.approx(diagonal, abs=2), pytest.approx(diagonal, abs=2))


def test_a_positive_skew_turns_counter_clockwise():
    matrix, _ = view(SHAPE, 10, 0, np.random.default_rng(0))
    left, right = ((matrix @ np.array([x, 60, 1]))[1] for x in (0, 199))
    assert right < left  # the right end has risen


def test_a_table_is_seen_around_a_sheet_in_perspective_only(note):
    options = PaperOptions(perspective=0.1, table=(40, 90, 40))
    picture = photograph(note.coverage, note.boxes, np.random.default_rng(0), options).picture
    assert picture[:4].reshape(-1, 3).mean(axis=0) == pytest.approx((40, 90, 40), abs=6)
    flat = photograph(note.coverage, note.boxes, np.random.default_rng(0), PaperOptions(skew=9)).picture
    assert (flat[:4] == 255).all()


@pytest.mark.parametrize("kind", ["gradient", "vignette", "shadow"])
def test_light_falls_from_full_to_what_the_shade_leaves(kind):
    field = light(SHAPE, kind, 0.6, np.random.default_rng(1))
    assert field.shape == SHAPE
    assert field.max() <= 1
    assert field.max() > 0.9
    assert field.min() == pytest.approx(0.4, abs=0.02)


def test_even_light_and_smooth_paper_change_nothing():
    assert (light(SHAPE, "even", 0.5, np.random.default_rng(0)) == 1).all()
    assert (texture(SHAPE, 0, np.random.default_rng(0)) == 0).all()


def test_texture_has_about_two_thirds_of_its_strength_and_a_table_its_colour():
    for strength in (1, 6):
        toned = texture((1000, 1000), strength, np.random.default_rng(0))
        assert toned.std() == pytest.approx(0.64 * strength, rel=0.1)
        assert toned.mean() == pytest.approx(0, abs=0.1 * strength)
    assert table((80, 90), (100, 80, 60), np.random.default_rng(0)).mean(axis=(0, 1)) == pytest.approx(
        (100, 80, 60), abs=3
    )


@pytest.mark.parametrize(("ruling", "share"), [("none", 0), ("lines", 1 / 40), ("squares", 2 / 40)])
def test_rules_are_printed_at_their_pitch(ruling, share):
    assert ruled((400, 400), ruling, 40, np.random.default_rng(0)).mean() == pytest.approx(share, abs=0.01)


def test_ink_lies_over_the_rules(note):
    options = PaperOptions(ink=(0, 0, 0), ruling="lines", rule_pitch=10, rule=1)
    picture = photograph(note.coverage, note.boxes, np.random.default_rng(0), options).picture
    assert (picture[note.coverage == 1] == 0).all()


def test_more_compression_loses_more(note):
    picture = photograph(note.coverage, note.boxes, np.random.default_rng(0)).picture
    losses = [np.abs(compressed(picture, quality).astype(float) - picture).mean() for quality in (95, 60, 20)]
    assert losses[0] < losses[1] < losses[2]


def test_the_same_generator_takes_the_same_photo(note):
    options = PaperOptions(texture=3, light="vignette", perspective=0.05, noise=4)
    first, second = (photograph(note.coverage, note.boxes, np.random.default_rng(2), options) for _ in range(2))
    assert (first.picture == second.picture).all()
    assert first.boxes == second.boxes


@pytest.mark.parametrize(
    ("name", "value"),
    [("skew", 90), ("jpeg", 0), ("shade", 1.5), ("paper", (0, 0, 300)), ("light", "disco"), ("ruling", "dots")],
)
def test_paper_that_makes_no_sense_is_refused(name, value):
    with pytest.raises(BadOption, match=name):
        PaperOptions(**{name: value})


def test_other_arrays_are_refused():
    with pytest.raises(BadArray, match="coverage"):
        photograph(np.zeros((10, 10, 3), np.float32), (), np.random.default_rng(0))
