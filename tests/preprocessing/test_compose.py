"""compose with a hand, and pen: each character stands where people write it, and as near to the next as was asked."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkread.errors import BadArray, BadOption
from inkread.preprocessing.compose import ComposeOptions, compose, write
from inkread.preprocessing.pen import MARKS, Hand, penned

STEADY = Hand(size=0, stretch=0, slant=0, slant_jitter=0, turn=0, drift=0, spacing_jitter=0)
HEIGHT = 60


def straight(**changes):
    hand = Hand(**{**{name: getattr(STEADY, name) for name in STEADY.__dataclass_fields__}, **changes})
    return ComposeOptions(height=HEIGHT, jitter=0, hand=hand)


def boxes(written, text, options=None):
    return compose(written(text), text, np.random.default_rng(0), options or straight()).boxes


def strokes(coverage):
    """The mean width of strokes in pixels: twice the area by the length of the outline."""
    ink = coverage > 0.5
    edges = (ink[1:] != ink[:-1]).sum() + (ink[:, 1:] != ink[:, :-1]).sum()
    return 2 * ink.sum() / edges


def test_every_kind_of_character_stands_in_its_place(written):
    tall, low, deep, digit = boxes(written, "Hxp7")
    line = tall.bottom
    assert abs(low.bottom - line) <= 3
    assert abs(digit.bottom - line) <= 3
    assert low.height == pytest.approx(0.62 * tall.height, abs=4)
    assert deep.bottom > line + 0.25 * HEIGHT
    assert abs(deep.top - low.top) <= 3


def test_punctuation_stands_in_its_place(written):
    letter, comma, apostrophe, hyphen, stop = boxes(written, "H,'-.")
    middle = (letter.top + letter.bottom) / 2
    assert comma.top > middle
    assert comma.bottom > letter.bottom + 0.1 * HEIGHT
    assert apostrophe.bottom < middle
    assert hyphen.top > letter.top + 0.3 * HEIGHT
    assert hyphen.bottom < letter.bottom - 0.1 * HEIGHT
    assert abs(stop.bottom - letter.bottom) <= 4
    assert max(box.height for box in (comma, apostrophe, hyphen, stop)) < 0.5 * letter.height


def test_every_mark_has_a_place_within_reach():
    for character, (top, bottom, widest) in MARKS.items():
        assert -0.2 < top < bottom < 1.4, character
        assert 0 < widest < 1, character


@pytest.mark.parametrize("spacing", [0.3, 0.1, 0.0, -0.1])
def test_letters_stand_as_near_as_the_spacing_says(written, spacing):
    options = ComposeOptions(height=HEIGHT, jitter=0, spacing=spacing, hand=STEADY)
    found = boxes(written, "HIHIHI", options)
    gaps = [after.left - before.right for before, after in pairwise(found)]
    assert np.mean(gaps) == pytest.approx(spacing * HEIGHT, abs=2.5)


def test_letters_may_slip_below_an_overhang_but_not_far(written):
    options = ComposeOptions(height=HEIGHT, jitter=0, spacing=0.05, hand=STEADY)
    tee, low = boxes(written, "To", options)
    assert -0.25 * HEIGHT < low.left - tee.right < 0.05 * HEIGHT


def test_words_stay_apart_however_near_letters_are(written):
    options = ComposeOptions(height=HEIGHT, jitter=0, spacing=-0.1, space=0.6, hand=Hand(spacing_jitter=0.04))
    found = boxes(written, "HIH HIH", options)
    gaps = [after.left - before.right for before, after in pairwise(found)]
    assert gaps[2] > 0.3 * HEIGHT > max(gaps[:2] + gaps[3:])


@pytest.mark.parametrize(("pen", "thickness"), [(0.06, 1.0), (0.12, 1.0), (0.08, 1.5)])
def test_strokes_have_the_width_of_the_pen(written, pen, thickness):
    options = straight(pen=pen, thickness=thickness)
    coverage = write(written("L"), "L", np.random.default_rng(0), options).coverage
    assert strokes(coverage) == pytest.approx(pen * thickness * HEIGHT, rel=0.35)


def test_a_pen_of_their_own_leaves_strokes_as_they_are(written):
    own, thick, thin = (
        write(written("LOT"), "LOT", np.random.default_rng(0), straight(pen=None, thickness=t)).coverage.sum()
        for t in (1.0, 1.4, 0.8)
    )
    assert thin < own < thick


def test_slanting_moves_the_tops_to_the_right(written):
    upright, leaning = (boxes(written, "I", straight(slant=slant))[0] for slant in (0, 0.4))
    assert leaning.width == pytest.approx(upright.width + 0.4 * upright.height, abs=4)


def test_lines_wander_when_the_hand_drifts(written):
    text = "H" * 30
    steady, drifting = (np.array([box.bottom for box in boxes(written, text, straight(drift=d))]) for d in (0, 0.3))
    assert np.ptp(steady) <= 1
    assert np.ptp(drifting) > 0.08 * HEIGHT


def test_a_hand_writes_the_same_for_the_same_generator(written):
    text = "Meet me\nat 5, ok?"
    first, second = (
        compose(written(text), text, np.random.default_rng(4), ComposeOptions(hand=Hand())) for _ in range(2)
    )
    assert (first.picture == second.picture).all()
    assert first.boxes == second.boxes


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), spacing=st.floats(-0.2, 0.3), slant=st.floats(-0.5, 0.5))
def test_every_box_holds_the_ink_of_its_glyph_and_lies_on_the_sheet(seed, spacing, slant, written):
    text = "Who, me?\n(yes)"
    options = ComposeOptions(height=40, spacing=spacing, jitter=0.05, hand=Hand(slant=slant, turn=3, drift=0.1))
    made = write(written(text), text, np.random.default_rng(seed), options)
    height, width = made.coverage.shape
    assert len(made.boxes) == 12
    covered = np.zeros(made.coverage.shape, bool)
    for box in made.boxes:
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
        assert (made.coverage[box.top : box.bottom, box.left : box.right] >= 0.5).any()
        covered[box.top : box.bottom, box.left : box.right] = True
    assert not (made.coverage >= 0.51)[~covered].any()


@pytest.mark.parametrize(("name", "value"), [("low", 0.1), ("slant", 2.0), ("pen", 0.0), ("thickness", float("nan"))])
def test_hands_that_make_no_sense_are_refused(name, value):
    with pytest.raises(BadOption, match=f"{name} must lie between"):
        Hand(**{name: value})


def test_overlapping_takes_a_hand():
    with pytest.raises(BadOption, match="without a hand"):
        ComposeOptions(spacing=-0.1)
    assert ComposeOptions(spacing=-0.1, hand=Hand()).spacing == -0.1


def test_a_glyph_without_ink_is_refused():
    with pytest.raises(BadArray, match="no ink"):
        penned(np.zeros((28, 28), np.uint8), "A", 40, Hand(), np.random.default_rng(0))
