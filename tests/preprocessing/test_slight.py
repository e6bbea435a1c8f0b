"""slight: marks and tails stay with their lines, and remains of neighbours at a picture's edge are left out."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import lines
from tests.handwriting import penned


def found(coverage):
    """The boxes of the lines that are found."""
    return [line.box for line in lines(coverage).lines]


def trimmed(coverage, margin=0):
    """A page cut to its ink, with so many pixels of paper around it."""
    rows, columns = (np.flatnonzero((coverage > 0.3).any(axis=axis)) for axis in (1, 0))
    return np.pad(coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], margin)


def quoted(word, strokes, pen):
    """A word in low letters with so many strokes, as high as half a letter, above it at its beginning and its end."""
    own = trimmed(word)
    low = len(own)
    page = np.pad(own, ((2 * low, low), (2 * low, 2 * low)))
    for stroke in range(strokes):
        for left in (2 * low - 12 - 12 * stroke, page.shape[1] - 2 * low + 12 + 12 * stroke):
            cv2.line(page, (left, round(1.05 * low)), (left, round(1.55 * low)), 1.0, pen)
    return page


@pytest.mark.parametrize(("capital", "pen"), [(48, 4), (60, 5)])
@pytest.mark.parametrize("strokes", [1, 2])
@pytest.mark.parametrize("text", ["ocean", "menu", "a room", "never"])
def test_quotation_marks_stay_with_small_letters(text, strokes, capital, pen):
    page = quoted(penned((text,), capital, pen)[0], strokes, pen)
    (line,) = lines(page).lines
    assert sum(piece.area for piece in line.pieces) > 0.95 * (page > 0.5).sum()


@pytest.mark.parametrize(("capital", "pen"), [(36, 3), (60, 4)])
@pytest.mark.parametrize("texts", [("no", "menu"), ("a", "room"), ("in", "us"), ("no one", "came soon")])
def test_a_short_line_above_another_is_no_mark(texts, capital, pen):
    assert len(found(penned(texts, capital, pen)[0])) == len(texts)


@pytest.mark.parametrize("word", ["menu", "morn"])
def test_a_torn_tail_stays_with_its_letter(word):
    own = trimmed(penned((word,), 60, 4)[0])
    low, right = own.shape
    page = np.pad(own, ((low, 2 * low), (low, low)))
    x, y = low + right, 2 * low + 2
    hook = np.array([(-2, 0), (-4, 0.9 * low), (-0.75 * low, 0.95 * low), (-0.95 * low, 0.65 * low)])
    cv2.polylines(page, [(hook + np.array([x, y])).astype(np.int32)], isClosed=False, color=1.0, thickness=4)
    assert len(found(page)) == 1


def between(feet, word, tops, gap=22):
    """A word with the feet of the line above it, the tops of the line below it or both: float32 (H, W)."""
    paper = np.zeros((gap, 1), np.float32)
    upper, own, lower = (trimmed(part) for part in (feet, word, tops))
    rows = round(0.35 * len(upper)), round(0.35 * len(lower))
    parts = [upper[len(upper) - rows[0] :], paper, own, paper, lower[: rows[1]]]
    width = max(part.shape[1] for part in parts)
    return np.vstack([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts])


@pytest.mark.parametrize("word", ["report", "MEETING", "see you soon"])
def test_remains_of_neighbouring_lines_at_the_edge_are_left_out(word):
    feet, own, tops = (penned((text,), 48, 5)[0] for text in ("play my gypsy", word, "The bill had it"))
    (box,) = found(between(feet, own, tops))
    assert box.height <= len(trimmed(own)) + 2


@pytest.mark.parametrize("margin", [0, 1])
@pytest.mark.parametrize("texts", [("menu",), ("Thursday", "at noon"), ("No", "one", "came"), ("Stop", "he said")])
def test_what_is_cut_close_to_its_ink_is_kept(texts, margin):
    coverage, _ = penned(texts, 48, 4)
    whole = [box.height for box in found(coverage)]
    assert [box.height for box in found(trimmed(coverage, margin))] == whole


def test_a_line_that_the_edge_cuts_little_is_kept():
    coverage, _ = penned(("TO THE MANAGER", "MY PERMIT HAS", "EXPIRED TODAY"), 48, 4)
    assert len(found(trimmed(coverage)[48 // 5 :])) == 3


def cut_out(text, left, right, paper, capital=48):
    """The middle word of three, cut out with so much of its neighbours' ends, in letters' heights, blurred as scans."""
    words = [trimmed(penned((word,), capital, 5, gap=0.4)[0]) for word in text]
    high = max(len(word) for word in words)
    space = np.zeros((high, round(0.6 * capital)), np.float32)
    before, own, after = (np.pad(word, ((high - len(word), 0), (0, 0))) for word in words)
    parts = [
        before[:, before.shape[1] - round(left * capital) :],
        space,
        own,
        space,
        after[:, : round(right * capital)],
    ]
    row = np.hstack([part for part, there in zip(parts, (left, left, 1, right, right), strict=True) if there])
    page = np.pad(np.pad(row, ((0, 0), (9, 9)), mode="edge"), ((paper, paper), (0, 0)))
    return cv2.GaussianBlur(page, (0, 0), 0.7)[:, 9:-9], own.shape[1]


@pytest.mark.parametrize("paper", [4, 20])
@pytest.mark.parametrize(("left", "right"), [(0.2, 0.0), (0.0, 0.25), (0.3, 0.15)])
@pytest.mark.parametrize("text", [("Hats", "menu", "Hand"), ("OUR", "MEETING", "NOON"), ("the", "Gypsy", "bar")])
def test_ends_of_neighbouring_words_at_the_edge_are_left_out(text, left, right, paper):
    ink, width = cut_out(text, left, right, paper)
    (box,) = found(ink)
    assert abs(box.width - width) <= 4


@pytest.mark.parametrize("margin", [0, 1, 3])
@pytest.mark.parametrize("text", ["I am", "a menu", "It is I", "plan A", "l l l"])
def test_a_lone_letter_of_a_word_that_is_cut_close_is_kept(text, margin):
    soft = cv2.GaussianBlur(np.pad(trimmed(penned((text,), 48, 5)[0]), 8), (0, 0), 0.7)
    rows, columns = (np.flatnonzero((soft > 0.3).any(axis=axis)) for axis in (1, 0))
    tight = soft[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    paper = np.pad(tight, ((4, 4), (margin, margin)))
    (box,) = found(paper)
    assert box.width >= tight.shape[1] - 2
