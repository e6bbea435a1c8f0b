from __future__ import annotations

import cv2
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from inkread.data.skeletons import SKELETONS
from inkread.data.strokes import LETTERS, letters
from inkread.errors import BadOption
from inkread.preprocessing.frame import frame


@pytest.fixture(scope="module")
def made():
    return letters(20, np.random.default_rng(0))


def test_the_same_seed_draws_the_same_glyphs_and_another_seed_others():
    one, same, other = (letters(3, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert (one.images == same.images).all()
    assert (one.images != other.images).any(axis=(1, 2)).all()


@pytest.mark.slow
def test_every_letter_is_drawn_as_often_as_asked_in_both_cases(made):
    assert made.images.shape == (52 * 20, 28, 28)
    assert "".join(made.written[::20]) == LETTERS
    assert all(len(set(run)) == 1 for run in made.written.reshape(52, 20).tolist())


def test_no_two_glyphs_are_alike(made):
    assert len({image.tobytes() for image in made.images}) == len(made)


def test_glyphs_are_framed_as_emnists_are(made):
    for image in made.images[::13]:
        assert (frame(image, "emnist") == image).all()
    assert (made.images.reshape(len(made), -1).max(axis=1) == 255).all()


def test_strokes_are_as_heavy_as_handwriting(made):
    share = (made.images > 127).mean()
    assert 0.10 < share < 0.25  # EMNIST's letters have 0.16


def nearest(train, test, names):
    flat = lambda images: images.reshape(len(images), -1).astype(float)  # noqa: E731
    return (
        KNeighborsClassifier(3)
        .fit(flat(train.images), names(train.written))
        .score(flat(test.images), names(test.written))
    )


def test_what_one_seed_draws_is_recognised_by_another(made):
    others = letters(4, np.random.default_rng(1))
    assert nearest(made, others, np.char.upper) > 0.6


def test_capitals_are_told_apart_by_their_nearest_neighbours():
    capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    train, test = (letters(16, np.random.default_rng(seed), capitals) for seed in (2, 3))
    assert nearest(train, test, np.asarray) > 0.7


@pytest.mark.parametrize(("character", "holes"), [("O", 1), ("B", 2), ("C", 0), ("L", 0), ("V", 0), ("8", 2)])
def test_closed_letters_are_closed_and_open_ones_open(character, holes):
    """Topology by another algorithm: the background's connected components, less the outside."""
    images = letters(30, np.random.default_rng(4), character).images
    counts = [cv2.connectedComponents((image < 100).astype(np.uint8), connectivity=4)[0] - 2 for image in images]
    assert np.mean([count == holes for count in counts]) > 0.5


def test_an_i_has_its_dot_and_a_capital_has_none():
    for character, pieces in (("i", 2), ("j", 2), ("l", 1), ("L", 1)):
        images = letters(20, np.random.default_rng(5), character).images
        counts = [cv2.connectedComponents((image > 60).astype(np.uint8))[0] - 1 for image in images]
        assert np.median(counts) == pieces


def test_every_path_stays_on_its_grid_and_every_character_has_ways():
    assert set(SKELETONS) == set(LETTERS + "0123456789")
    for character, ways in SKELETONS.items():
        assert len(ways) >= 2
        for way in ways:
            points = [point.rstrip("!").split(",") for stroke in way.split(";") for point in stroke.split()]
            assert all(len(point) == 2 for point in points), (character, way)
            x, y = np.array(points, float).T
            assert (x.min() >= 0, x.max() <= 100, y.min() >= 0, y.max() <= 145) == (True,) * 4, (character, way)


def test_characters_without_a_path_are_told():
    with pytest.raises(BadOption, match="no pen path is known for '!é'"):
        letters(1, np.random.default_rng(0), "Aé!")
    with pytest.raises(BadOption, match="n_per_character is 0"):
        letters(0, np.random.default_rng(0))
