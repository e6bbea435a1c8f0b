"""Noise on glyphs against its own mean and spread."""

import numpy as np
import pytest

from inkread.errors import BadArray, BadOption
from inkread.evaluation.noise import add_noise


def test_noise_has_the_spread_that_was_asked_for() -> None:
    grey = np.full((200, 28, 28), 128, np.uint8)
    worse = add_noise(grey, 0.1, np.random.default_rng(0))
    assert worse.dtype == np.uint8
    assert worse.mean() == pytest.approx(128, abs=0.3)
    assert worse.std() == pytest.approx(25.5, rel=0.02)


def test_noise_stays_between_paper_and_full_ink_and_spares_the_original() -> None:
    glyphs = np.tile(np.array([0, 255], np.uint8), (5, 28, 14))
    kept = glyphs.copy()
    worse = add_noise(glyphs, 0.5, np.random.default_rng(0))
    assert (worse.min(), worse.max()) == (0, 255)
    assert 0.45 < (worse[glyphs == 0] == 0).mean() < 0.55  # half of the noise on paper is below it
    assert (glyphs == kept).all()


def test_no_noise_changes_nothing_and_one_seed_gives_one_noise() -> None:
    glyphs = np.random.default_rng(1).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    assert (add_noise(glyphs, 0.0, np.random.default_rng(0)) == glyphs).all()
    first, second = (add_noise(glyphs, 0.3, np.random.default_rng(7)) for _ in range(2))
    assert (first == second).all()


def test_levels_and_glyphs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadOption, match="0 or more"):
        add_noise(np.zeros((1, 28, 28), np.uint8), -0.1, np.random.default_rng(0))
    with pytest.raises(BadOption, match="0 or more"):
        add_noise(np.zeros((1, 28, 28), np.uint8), float("nan"), np.random.default_rng(0))
    with pytest.raises(BadArray, match="uint8"):
        add_noise(np.zeros((1, 28, 28)), 0.1, np.random.default_rng(0))
