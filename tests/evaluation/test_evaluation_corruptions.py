"""Every corruption: nothing at strength 0, the same by the same generator, more at a greater strength."""

import numpy as np
import pytest

from inkread.data import Dataset
from inkread.errors import BadArray, BadOption
from inkread.evaluation.corruptions import CORRUPTIONS, GEOMETRIC, STRENGTHS, corrupt

# MNIST-C's own strengths do not rise evenly here: a finer spatter follows a coarser one, fog gets rougher, not thicker,
# and a long motion leaves little to blur.
UNEVEN = ("spatter", "fog", "motion_blur")
# Without any chance: all pictures are spoilt in the same way.
STEADY = ("scale", "larger", "brightness", "stripe", "canny_edges", "contrast", "blur", "thicker", "thinner")
MNIST_C = 15


@pytest.fixture(scope="module")
def glyphs(digits: Dataset) -> np.ndarray:
    return digits.val.images[:40]


def change(before, after):
    return np.abs(after.astype(float) - before).mean()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_strength_0_changes_nothing(name, glyphs):
    same = corrupt(glyphs, name, 0, np.random.default_rng(0))
    assert (same == glyphs).all()
    assert same is not glyphs


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_pictures_stay_pictures_and_generators_decide(name, glyphs):
    before = glyphs.copy()
    for strength in STRENGTHS:
        spoilt, same, other = (corrupt(glyphs, name, strength, np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert (spoilt.shape, spoilt.dtype) == (glyphs.shape, np.uint8)
        assert (spoilt == same).all()
        assert (spoilt == other).all() == (name in STEADY)
    assert (glyphs == before).all()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_greater_strength_changes_more(name, glyphs):
    changes = [change(glyphs, corrupt(glyphs, name, s, np.random.default_rng(2))) for s in (0, *STRENGTHS)]
    assert changes[0] == 0 < changes[1] < changes[-1]
    if name not in UNEVEN:
        assert changes == sorted(changes)


def test_the_fifteen_of_mnist_c_are_there():
    published = {name: corruption.published for name, corruption in CORRUPTIONS.items() if corruption.published}
    assert len(published) == MNIST_C
    assert set(published.values()) <= set(STRENGTHS)
    assert set(GEOMETRIC) <= set(CORRUPTIONS)


def test_turning_and_moving_do_what_they_say(glyphs):
    spot = np.zeros((200, 29, 29), np.uint8)
    spot[:, 14, 24] = 255  # ten pixels right of the middle
    found = corrupt(spot, "rotate", 5, np.random.default_rng(0)).reshape(200, -1).argmax(axis=1)
    angles = np.abs(np.arctan2(found // 29 - 14, found % 29 - 14))
    assert np.rad2deg(angles) == pytest.approx(np.full(200, np.rad2deg(1)), abs=5)
    assert set(np.sign(found // 29 - 14)) == {-1, 1}
    shifted = corrupt(spot, "translate", 3, np.random.default_rng(0)).reshape(200, -1).argmax(axis=1)
    assert set(zip((shifted // 29).tolist(), (shifted % 29).tolist(), strict=True)) == {
        (11, 21), (11, 27), (17, 21), (17, 27),
    }  # fmt: skip
    assert (corrupt(glyphs, "scale", 5, np.random.default_rng(0)) > 127).sum() < 0.5 * (glyphs > 127).sum()


def test_noise_has_the_published_amount(glyphs):
    blank = np.zeros((100, 28, 28), np.uint8)
    salt = corrupt(blank, "impulse_noise", 4, np.random.default_rng(0))
    assert (salt == 255).mean() == pytest.approx(0.17 / 2, abs=0.005)
    grey = np.full((100, 28, 28), 128, np.uint8)
    shots = corrupt(grey, "shot_noise", 3, np.random.default_rng(0))
    assert shots.std() == pytest.approx(255 * np.sqrt(128 / 255 / 12), rel=0.1)
    assert corrupt(grey, "brightness", 2, np.random.default_rng(0)).mean() == pytest.approx(128 + 0.2 * 255, abs=1)


def test_pens_change_the_amount_of_ink(glyphs):
    ink = [int((corrupt(glyphs, name, 3, np.random.default_rng(0)) > 127).sum()) for name in ("thinner", "thicker")]
    assert ink[0] < (glyphs > 127).sum() < ink[1]


def test_stripes_turn_paper_and_ink_around(glyphs):
    striped = corrupt(glyphs, "stripe", 3, np.random.default_rng(0))
    assert (striped[:, :, :7] == 255 - glyphs[:, :, :7]).all()
    assert (striped[:, :, 7:21] == glyphs[:, :, 7:21]).all()


def test_pictures_of_any_size_lie_in_fog():
    for height, width in ((28, 300), (600, 20), (257, 513)):
        grey = np.full((2, height, width), 128, np.uint8)
        assert corrupt(grey, "fog", 1, np.random.default_rng(0)).std() > 1
    wide = corrupt(np.full((1, 256, 512), 128, np.uint8), "fog", 1, np.random.default_rng(0))
    assert (wide[:, :, :256] == wide[:, :, 256:]).all()


def test_what_does_not_exist_is_refused(glyphs):
    for name, strength in (("rain", 1), ("fog", 6), ("fog", -1)):
        with pytest.raises(BadOption, match="expected one of"):
            corrupt(glyphs, name, strength, np.random.default_rng(0))
    with pytest.raises(BadArray, match="uint8"):
        corrupt(glyphs / 255, "fog", 1, np.random.default_rng(0))
    assert corrupt(glyphs[:0], "fog", 1, np.random.default_rng(0)).shape == (0, 28, 28)
