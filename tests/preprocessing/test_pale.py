"""pale: a thin pencil below a bold pen becomes full ink; grain, stains and what shows through do not."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import load, sheet
from inkread.preprocessing.pale import strengthened


@pytest.fixture
def bold(typed):
    return typed(("NOTICE",), size=60)[0]


def below(upper, lower):
    """Two pages of ink, one below the other."""
    width = max(upper.shape[1], lower.shape[1])
    return np.vstack([np.pad(page, ((0, 0), (0, width - page.shape[1]))) for page in (upper, lower)])


@pytest.mark.parametrize("level", [0.25, 0.3, 0.4])
def test_pale_writing_below_full_ink_becomes_full_and_the_rest_stays(typed, bold, level):
    pencil, _ = typed(("bring some milk", "and a loaf"))
    ink = strengthened(below(bold, level * pencil))
    assert (ink[: len(bold)] == below(bold, 0 * pencil)[: len(bold)]).all()
    written = below(0 * bold, pencil)
    assert ink[written > 0.9].mean() > 0.8
    assert (ink[written == 0] == below(bold, 0 * pencil)[written == 0]).all()


def test_pencil_is_found_on_a_photo_of_it(typed, bold):
    pencil, _ = typed(("bring some milk", "and a loaf"))
    written = below(bold, 0.28 * pencil)
    grain = np.random.default_rng(3).normal(0, 2, written.shape)
    ink = sheet(load((235 - 200 * written + grain).clip(0, 255).astype(np.uint8))).ink
    assert (ink[below(0 * bold, pencil) > 0.9] > 0.5).mean() > 0.95


@pytest.mark.parametrize("level", [0.05, 0.1])
def test_what_is_fainter_than_any_pencil_stays(typed, bold, level):
    faint, _ = typed(("bring some milk", "and a loaf"))
    ink = below(bold, level * faint)
    assert strengthened(ink) is ink


def test_what_shows_through_from_the_other_side_stays(typed, bold):
    back, _ = typed(("bring some milk", "and a loaf"))
    ghost = cv2.GaussianBlur(np.ascontiguousarray(back[:, ::-1]), (0, 0), 2)
    ink = below(bold, (0.3 * ghost / ghost.max()).astype(np.float32))
    assert strengthened(ink) is ink


def test_a_few_stains_stay(bold):
    ink = below(bold, np.zeros((120, 300), np.float32))
    for number in range(4):
        cv2.ellipse(ink, (40 + 60 * number, len(bold) + 60), (4, 20), 30, 0, 360, 0.3, 2)
    assert strengthened(ink) is ink


def test_ink_of_one_strength_stays_whatever_it_is(typed):
    ink, _ = typed(("bring some milk", "and a loaf"))
    for level in (1.0, 0.6):
        alone = (level * ink).astype(np.float32)
        assert strengthened(alone) is alone


def test_a_stain_and_grain_beside_pencil_stay_pale(typed, bold):
    pencil, _ = typed(("bring some milk", "and a loaf"))
    ink = below(below(bold, 0.28 * pencil), np.zeros((260, 900), np.float32))
    ink[-220:-20, 300:] = 0.3
    chance = np.random.default_rng(5)
    ink[-60:-5, :250][chance.random((55, 250)) < 0.02] = 0.13
    left = strengthened(ink)
    assert left is not ink
    assert (left[-230:] == ink[-230:]).all()


def test_no_full_ink_at_all_is_left_to_who_stretches_it(typed):
    ink, _ = typed(("bring some milk", "and a loaf"))
    faint = (0.3 * ink).astype(np.float32)
    assert strengthened(faint) is faint
