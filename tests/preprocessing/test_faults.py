"""faults: lost rows and noise of single pixels go, and what has neither stays as it was."""

import numpy as np
import pytest

from inkread.preprocessing.faults import mended
from tests.handwriting import penned


def scanned(texts, *, paper=235, noise=2.0, capital=40):
    coverage, _ = penned(texts, capital, 4)
    grain = np.random.default_rng(0).normal(0, noise, coverage.shape)
    return np.rint(paper * (1 - 0.85 * coverage) + grain).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_lost_rows_are_filled_in(level, noise):
    whole = scanned(["Meet at noon", "by the bridge"], noise=noise, paper=255 if not noise else 235)
    spoilt = whole.copy()
    spoilt[7::11] = level
    left = mended(spoilt).astype(int) - whole
    assert np.abs(spoilt.astype(int) - whole).mean() > 2 * np.abs(left).mean()
    assert (np.abs(left) > 80).mean() < 0.005


@pytest.mark.parametrize("share", [0.02, 0.08])
def test_black_and_white_pixels_go_and_strokes_stay(share):
    whole = scanned(["Meet at noon"])
    chance = np.random.default_rng(1).random(whole.shape)
    spoilt = np.where(chance < share / 2, 0, np.where(chance > 1 - share / 2, 255, whole)).astype(np.uint8)
    off = np.abs(mended(spoilt).astype(int) - whole) > 80
    assert off.mean() < share / 8


@pytest.mark.parametrize("noise", [0.0, 4.0])
@pytest.mark.parametrize("texts", [["Meet at noon"], ["mini", "EEE", "iii", "jig", "ZZZ"]])
@pytest.mark.parametrize("step", [1, 4])
def test_pictures_without_faults_keep_every_pixel(texts, noise, step):
    grey = np.ascontiguousarray(scanned(texts, noise=noise)[::step, ::step])
    assert mended(grey) is grey
