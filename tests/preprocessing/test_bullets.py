"""bullets: marks before the items of a list and arrows go, and no letter, digit, dash or full stop."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import layout
from inkread.preprocessing.bullets import without_bullets
from inkread.preprocessing.pieces import RIM, Piece
from inkread.results import Box
from tests.handwriting import LINE, kept_columns, penned

CAPITAL, ROOM = 40, 70  # pixels; room for marks at the left of the writing
ROWS = ["Meet at noon", "bring books", "call Anna Lee"]


def stroke(drawn, points, pen, closed=False):
    cv2.polylines(drawn, [np.round(8 * np.array(points)).astype(np.int32)], closed, 255, pen, cv2.LINE_AA, 3)


def draw(drawn, mark, left, pen, side):
    """A mark from its left side's middle (x, y) on, ``side`` pixels wide."""
    x, y = left
    half = side / 2
    middle = round(x + half), round(y)
    if mark == "dot":
        cv2.circle(drawn, middle, round(half), 255, -1, cv2.LINE_AA)
    elif mark == "ring":
        cv2.circle(drawn, middle, round(half), 255, pen, cv2.LINE_AA)
    elif mark in {"square", "filled square"}:
        corners = [(x, y - half), (x + side, y - half), (x + side, y + half), (x, y + half)]
        if mark == "filled square":
            cv2.fillPoly(drawn, [np.round(corners).astype(np.int32)], 255, cv2.LINE_AA)
        stroke(drawn, corners, pen, closed=True)
    elif mark == "asterisk":
        for turn in (0.2, 0.2 + np.pi / 3, 0.2 + 2 * np.pi / 3):
            out = half * np.cos(turn), half * np.sin(turn)
            stroke(drawn, [(x + half - out[0], y - out[1]), (x + half + out[0], y + out[1])], pen)
    elif mark == "tick":
        stroke(drawn, [(x, y), (x + 0.35 * side, y + 0.45 * side), (x + side, y - 0.6 * side)], pen)
    else:
        ends = (x, x + side) if mark == "arrow" else (x + side, x)
        back = ends[1] + 0.3 * CAPITAL * np.sign(ends[0] - ends[1])
        stroke(drawn, [(ends[0], y + 2), (ends[1], y)], pen)
        stroke(drawn, [(back, y - 0.22 * CAPITAL), (ends[1], y), (back, y + 0.22 * CAPITAL)], pen)


def listed(mark, side, pen, rows=tuple(ROWS), up=0.5):
    """A list with a mark before each item, ``up`` capitals above the line: its ink, and the writing alone."""
    writing = np.pad(penned(list(rows), CAPITAL, pen)[0], ((0, 0), (ROOM, 0)))
    drawn = np.zeros(writing.shape, np.uint8)
    for row in range(len(rows)):
        left = CAPITAL + ROOM - 0.45 * CAPITAL - side * CAPITAL
        draw(drawn, mark, (left, (2 + LINE * row - up) * CAPITAL), pen, side * CAPITAL)
    return np.maximum(writing, drawn.astype(np.float32) / 255), writing


@pytest.mark.parametrize("pen", [3, 5])
@pytest.mark.parametrize(
    "mark, side",
    [("dot", 0.25), ("dot", 0.5), ("ring", 0.4), ("square", 0.35), ("filled square", 0.4), ("asterisk", 0.55),
     ("tick", 0.8), ("arrow", 1.0), ("arrow to the left", 1.0)],
)  # fmt: skip
def test_marks_before_the_items_of_a_list_go_and_the_items_stay(mark, side, pen):
    ink, writing = listed(mark, side, pen)
    kept, inked = kept_columns(ink), (writing > 0.5).any(axis=0)
    assert not kept[: CAPITAL + ROOM - 4].any()
    assert kept[inked].mean() > 0.98


@pytest.mark.parametrize("mark, side", [("dot", 0.3), ("asterisk", 0.55), ("arrow", 1.0)])
def test_a_mark_that_is_like_no_letter_goes_from_a_single_line_too(mark, side):
    ink, writing = listed(mark, side, 4, rows=ROWS[:1])
    kept = kept_columns(ink)
    assert not kept[: CAPITAL + ROOM - 4].any()
    assert kept[(writing > 0.5).any(axis=0)].mean() > 0.98


@pytest.mark.parametrize("mark, side", [("ring", 0.4), ("tick", 0.8), ("square", 0.35)])
def test_a_mark_that_may_be_a_letter_stays_before_a_single_line(mark, side):
    ink, _ = listed(mark, side, 4, rows=ROWS[:1])
    assert kept_columns(ink)[: CAPITAL + ROOM - 4].any()


@pytest.mark.parametrize("pen", [3, 5])
@pytest.mark.parametrize("mark", ["arrow", "arrow to the left"])
@pytest.mark.parametrize("long", [1.0, 1.8])
def test_an_arrow_between_words_goes_and_the_words_stay(mark, pen, long):
    left, right = (penned([text], CAPITAL, pen)[0] for text in ("Home", "Office"))
    room = np.zeros((max(len(left), len(right)), round((long + 0.2) * CAPITAL)), np.float32)
    parts = [np.pad(part, ((0, len(room) - len(part)), (0, 0))) for part in (left, right)]
    drawn = np.zeros(room.shape, np.uint8)
    draw(drawn, mark, (0.1 * CAPITAL, 1.5 * CAPITAL), pen, long * CAPITAL)
    ink = np.concatenate([parts[0], drawn.astype(np.float32) / 255, parts[1]], axis=1)
    kept = kept_columns(ink)
    assert not kept[left.shape[1] : left.shape[1] + room.shape[1]].any()
    parts.insert(1, room)
    assert kept[(np.concatenate(parts, axis=1) > 0.5).any(axis=0)].mean() > 0.98


@pytest.fixture
def takes_nothing(monkeypatch):
    """Finds the lines of ink, and fails where a piece is taken for a mark."""

    def checked(found, size, stroke):
        assert without_bullets(found, size, stroke) is found
        return found

    monkeypatch.setattr(layout, "without_bullets", checked)
    return layout.lines


def printed(rows, pen):
    """Rows in one of OpenCV's fonts, for signs that the hand has no strokes for: ink float32 (H, W)."""
    drawn = np.zeros(((len(rows) + 2) * 70, 60 + 30 * max(map(len, rows))), np.uint8)
    for number, row in enumerate(rows, start=1):
        cv2.putText(drawn, row, (30, 20 + 70 * number), cv2.FONT_HERSHEY_DUPLEX, 1.6, 255, pen, cv2.LINE_AA)
    return drawn.astype(np.float32) / 255


@pytest.mark.slow
@pytest.mark.parametrize("pen", [3, 5, 8])
@pytest.mark.parametrize("head", list("Oo0Il1vVJLxXkDtaesmjrKYM"))
@pytest.mark.parametrize("step", [1, 2])
def test_what_is_writing_stays_before_several_lines(head, pen, step, takes_nothing):
    ink = penned([f"{head} {row}" for row in ROWS], CAPITAL, pen)[0]
    assert takes_nothing(np.ascontiguousarray(ink[::step, ::step])).lines


@pytest.mark.parametrize("pen", [3, 8])
@pytest.mark.parametrize("text", ["o a o i o", "0 0 0 0", "I l 1 I l", "A v V x", "7 1 7 1 7", "E F t z T"])
def test_single_letters_and_digits_stay(text, pen, takes_nothing):
    assert takes_nothing(penned([text] * 4, CAPITAL, pen)[0]).lines


@pytest.mark.parametrize("pen", [2, 4])
@pytest.mark.parametrize("head", ["-", ".", "+", "#", "&", "%", "O.", "1.", "a)", "(a)", "--", "...", "='", ":"])
def test_signs_and_enumerations_stay_before_several_lines(head, pen, takes_nothing):
    assert takes_nothing(printed([f"{head} {row}" for row in ROWS], pen)).lines


@pytest.mark.parametrize("level", [0.05, 0.2, 0.6])
@pytest.mark.parametrize("sides", [(1, 1), (1, 9), (9, 1), (1, 2), (2, 3), (2, 30), (12, 14), (16, 30)])
@pytest.mark.parametrize("seed", range(4))
def test_pale_and_tiny_pieces_are_taken_as_they_are(level, sides, seed):
    chance = np.random.default_rng(seed)
    pieces = []
    for left in (10, 60, 90, 120):
        ink = np.pad((level * chance.random(sides)).astype(np.float32), RIM)
        box = Box(left, 20, left + sides[1], 20 + sides[0])
        pieces.append(Piece(box, ink, int(np.count_nonzero(ink))))
    lines = [pieces]
    for size in (2.0, 9.0, 20.0):
        assert without_bullets(lines, size, 1.5) is lines
