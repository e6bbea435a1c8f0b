"""layout, segment and compose: what is composed is found again, glyph by glyph, space by space, line by line."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkread.errors import BadArray, BadOption
from inkread.preprocessing import ComposeOptions, compose, frame, glyphs, ink, lines, pieces, space_probabilities
from inkread.results import Box

OPTIONS = {
    "plain": ComposeOptions(),
    "small": ComposeOptions(height=28),
    "large and noisy": ComposeOptions(height=110, noise=6, paper=225, ink=70),
    "chalk": ComposeOptions(light_on_dark=True),
    "tight": ComposeOptions(spacing=0.1, space=0.45),
    "spaced out": ComposeOptions(spacing=0.6, space=1.4),
    "straying": ComposeOptions(jitter=0.06),
}


def overlap(a, b):
    """Intersection over union of two boxes."""
    across, down = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    shared = max(across, 0) * max(down, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)


def found(picture):
    return [glyphs(line) for line in lines(ink(picture)).lines]


def spaces(text):
    """Whether a space follows each glyph of one line but the last."""
    return [after == " " for letter, after in pairwise(text) if letter != " "]


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("text", ["MEET ME AT NOON", "i am in jail", "HELLO", "A", "Is it I OR u"])
def test_a_composed_line_is_found_again(written, name, text):
    composed = compose(written(text), text, np.random.default_rng(1), OPTIONS[name])
    (line,) = found(composed.picture)
    assert len(line.boxes) == len(composed.boxes)
    assert min(overlap(a, b) for a, b in zip(line.boxes, composed.boxes, strict=True)) > 0.8
    assert (line.gaps >= 0.5).tolist() == spaces(text)
    again = np.stack([frame(glyph, "emnist") for glyph in line.inks])
    assert np.abs(again.astype(float) - written(text)).mean() < (30 if name in ("small", "large and noisy") else 20)


@pytest.mark.parametrize("text", ["one two\nthree\nfour five six", "AB\nCD\nEF\nGH", "i\nj"])
def test_lines_are_found_from_top_to_bottom(written, text):
    composed = compose(written(text), text, np.random.default_rng(0))
    page = found(composed.picture)
    assert [len(line.boxes) for line in page] == [len(row.replace(" ", "")) for row in text.split("\n")]
    boxes = [box for line in page for box in line.boxes]
    assert min(overlap(a, b) for a, b in zip(boxes, composed.boxes, strict=True)) > 0.8


@pytest.mark.parametrize("slope", [-0.06, 0.06])
def test_a_skewed_page_keeps_its_lines(written, slope):
    text = "THE QUICK BROWN FOX\nJUMPS OVER A LAZY DOG\nAND RUNS AWAY"
    straight = compose(written(text), text, np.random.default_rng(0), ComposeOptions(leading=2.2)).picture
    rise = int(abs(slope) * straight.shape[1]) + 1
    skewed = np.full((straight.shape[0] + 2 * rise, straight.shape[1]), 255, np.uint8)
    for column in range(straight.shape[1]):
        top = rise + round(slope * (column - straight.shape[1] / 2))
        skewed[top : top + straight.shape[0], column] = straight[:, column]
    assert [len(line.boxes) for line in found(skewed)] == [len(row.replace(" ", "")) for row in text.split("\n")]


def drawing(*rectangles, shape=(120, 300)):
    """Dark rectangles (left, top, right, bottom) on white."""
    canvas = np.full(shape, 255, np.uint8)
    for left, top, right, bottom in rectangles:
        canvas[top:bottom, left:right] = 0
    return canvas


STEM = (50, 40, 56, 80)
PARTS = {
    "the dot of an i": [STEM, (50, 25, 56, 31)],
    "a dot that slipped": [STEM, (59, 26, 65, 32)],
    "a T whose bar floats": [STEM, (35, 32, 71, 38)],
    "an E in pieces": [STEM, (58, 40, 80, 46), (58, 57, 76, 63), (58, 74, 80, 80)],
    "a stroke with a crack": [(50, 40, 56, 58), (50, 60, 56, 80)],
    "two storeys of a broken S": [(40, 40, 70, 57), (42, 63, 70, 80)],
    "a speck inside an O": [(40, 40, 46, 80), (64, 40, 70, 80), (40, 40, 70, 46), (40, 74, 70, 80), (54, 58, 57, 61)],
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_of_one_character_are_joined(name):
    neighbours = [(120, 40, 126, 80), (160, 40, 166, 80), (200, 40, 230, 46), (200, 46, 206, 80)]
    (line,) = found(drawing(*PARTS[name], *neighbours))
    left, top, right, bottom = zip(*PARTS[name], strict=True)
    assert line.boxes[0] == Box(min(left), min(top), max(right), max(bottom))
    assert len(line.boxes) == 4


def test_specks_commas_and_ruled_lines_are_no_glyphs():
    letters = [(20 + 40 * k, 40, 28 + 40 * k, 80) for k in range(6)]
    marks = [(5, 5, 7, 7), (49, 76, 53, 86), (270, 50, 272, 52)]
    (line,) = found(drawing(*letters, *marks, (5, 100, 295, 103)))
    assert line.boxes == tuple(Box(*letter) for letter in letters)


def test_neighbours_that_lean_over_each_other_stay_apart():
    slash = np.full((100, 160), 255, np.uint8)
    for row in range(60):
        for start in (60, 85, 110):
            slash[20 + row, start - row // 2 : start - row // 2 + 6] = 0
    (line,) = found(slash)
    assert len(line.boxes) == 3


def boxes_with(gaps, width=20, height=30):
    left, boxes = 0, []
    for gap in [*gaps, 0]:
        boxes.append(Box(left, 0, left + width, height))
        left += width + gap
    return tuple(boxes)


@pytest.mark.parametrize(
    ("gaps", "cut"),
    [
        ([4, 5, 4, 5, 4], ""),
        ([40, 42, 40, 41], ""),
        ([4, 5, 24, 4, 25, 5], "--x-x-"),
        ([20, 22, 60, 21, 20], "--x--"),
        ([25, 4, 5], "x--"),
        ([4, 28], "-x"),
        ([4], "-"),
        ([30], "x"),
        ([], ""),
    ],
)
def test_spaces_are_the_gaps_of_the_wide_kind(gaps, cut):
    likely = space_probabilities(boxes_with(gaps))
    assert (likely >= 0.5).tolist() == [mark == "x" for mark in cut.ljust(len(gaps), "-")]
    assert likely.dtype == np.float32
    assert ((likely >= 0) & (likely <= 1)).all()


def test_evenly_set_digits_have_no_space_beside_a_narrow_one():
    boxes = (Box(0, 0, 18, 26), Box(34, 0, 38, 26), Box(54, 0, 72, 26), Box(81, 0, 99, 26))
    assert space_probabilities(boxes).max() < 0.5


def test_a_wider_gap_is_never_less_likely_a_space():
    likely = [float(space_probabilities(boxes_with([5, 6, gap, 5]))[2]) for gap in range(0, 60, 3)]
    assert likely == sorted(likely)


def test_of_too_many_pieces_the_smallest_are_left_out(monkeypatch):
    stones = [
        (20 + 24 * column, 60 + 70 * row - height, 28 + 24 * column, 60 + 70 * row)
        for row in range(5) for column, height in enumerate([30, 40] * 12)
    ]  # fmt: skip
    for most, heights in ((120, {30, 40}), (60, {40})):
        monkeypatch.setattr(pieces, "MAX_PIECES", most)
        page = lines(ink(drawing(*stones, shape=(400, 640))))
        assert [len(line.pieces) for line in page.lines] == [most // 5] * 5
        assert {piece.box.height for line in page.lines for piece in line.pieces} == heights
        assert page.left_out == 120 - most


@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)), st.integers(1, 6))
@settings(max_examples=80)
def test_any_ink_at_all_gives_boxes_within_the_picture(mask, times):
    sheet = np.kron(mask, np.ones((times, times))).astype(np.float32)
    for line in lines(sheet).lines:
        candidates = glyphs(line)
        assert len(candidates.gaps) == max(0, len(candidates.boxes) - 1)
        for box, glyph in zip(candidates.boxes, candidates.inks, strict=True):
            assert 0 <= box.left < box.right <= sheet.shape[1]
            assert 0 <= box.top < box.bottom <= sheet.shape[0]
            assert frame(glyph, "emnist").any()


def test_composing_is_repeatable_and_every_box_holds_its_glyph(written):
    text = "Same\nagain"
    first = compose(written(text), text, np.random.default_rng(7), ComposeOptions(noise=5))
    second = compose(written(text), text, np.random.default_rng(7), ComposeOptions(noise=5))
    assert np.array_equal(first.picture, second.picture)
    assert first.boxes == second.boxes
    for box in first.boxes:
        inside = first.picture[box.top : box.bottom, box.left : box.right] < 128
        assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()


def test_proportions_make_small_letters_small_and_hang_descenders(written):
    text = "hop"
    options = ComposeOptions(proportions=True, jitter=0)
    tall, low, deep = compose(written(text), text, np.random.default_rng(0), options).boxes
    assert low.height < 0.8 * tall.height
    assert abs(low.bottom - tall.bottom) <= 3
    assert deep.bottom > tall.bottom + 8


def test_glyphs_and_text_must_agree(written):
    with pytest.raises(BadArray, match="got 2 glyphs for a text of 3 characters"):
        compose(written("AB"), "A BC", np.random.default_rng(0))
    with pytest.raises(BadArray, match=r"expected glyphs, uint8 of shape \(T, 28, 28\)"):
        compose(np.zeros((2, 20, 20), np.uint8), "AB", np.random.default_rng(0))
    with pytest.raises(BadArray, match="has no ink"):
        compose(np.zeros((1, 28, 28), np.uint8), "A", np.random.default_rng(0))


@pytest.mark.parametrize(
    ("name", "value"), [("height", 3), ("spacing", 0.0), ("noise", -1.0), ("paper", 300), ("space", float("nan"))]
)
def test_options_that_make_no_sense_are_refused(name, value):
    with pytest.raises(BadOption, match=f"{name} must lie between"):
        ComposeOptions(**{name: value})


def test_an_empty_text_is_an_empty_sheet():
    composed = compose(np.zeros((0, 28, 28), np.uint8), "", np.random.default_rng(0))
    assert (composed.picture == 255).all()
    assert composed.boxes == ()
