"""struck: words with a line through them go, and no word without one."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing.pieces import RIM, Piece
from inkread.preprocessing.struck import without_struck
from inkread.results import Box
from tests.handwriting import kept_columns, penned

CAPITAL = 40


def crossed(text, pen, rows, *, sag=0.0, out=8):
    """Text with lines in these rows (capitals from its top) through its second word: ink, and the word's columns."""
    words = text.split()
    ends = [penned([" ".join(words[:count])], CAPITAL, pen)[0].shape[1] - CAPITAL for count in (1, 2)]
    ink = penned([text], CAPITAL, pen)[0]
    begin = ends[0] + round(0.62 * CAPITAL) - out
    end = ends[1] + out
    drawn = np.zeros(ink.shape, np.uint8)
    for row in rows:
        level, drop = round((1 + row) * CAPITAL), round(sag * (end - begin) / 2)
        cv2.line(drawn, (begin, level - drop), (end, level + drop), 255, pen, cv2.LINE_AA)
    return np.maximum(ink, drawn.astype(np.float32) / 255), (begin, end)


@pytest.mark.parametrize("pen", [3, 5])
@pytest.mark.parametrize("text", ["see nothing there", "MEET LATER TODAY", "Ah should I also go"])
@pytest.mark.parametrize("rows", [[0.6], [0.54, 0.68]], ids=["one line", "two lines"])
@pytest.mark.parametrize("sag", [0.0, 0.04])
def test_a_word_that_is_struck_out_goes_and_its_neighbours_stay(pen, text, rows, sag):
    ink, (begin, end) = crossed(text, pen, rows, sag=sag)
    kept, inked = kept_columns(ink), (ink > 0.5).any(axis=0)
    assert not kept[begin:end].any()
    inked[begin - 1 : end + 2] = False
    assert kept[inked].mean() > 0.95


@pytest.mark.parametrize("pen", [3, 6])
@pytest.mark.parametrize("gap", [0.22, 0.0, -0.06])
@pytest.mark.parametrize("text", ["FEE HEAT EFFETE HAHA", "letter tattle effect", "AHEAD THE FEET", "better attest"])
def test_the_bars_of_letters_are_no_lines_through_words(pen, gap, text):
    ink = penned([text], CAPITAL, pen, gap=gap)[0]
    assert kept_columns(ink)[(ink > 0.5).any(axis=0)].mean() > 0.98


@pytest.mark.parametrize("pen", [3, 5])
@pytest.mark.parametrize("word", ["nothing", "gypsy", "happy", "puppy", "MEETING"])
@pytest.mark.parametrize("row", [-0.05, 0.02, 0.98, 1.04, 1.15])
def test_lines_above_a_word_and_on_its_feet_strike_nothing_out(pen, word, row):
    ink, (begin, end) = crossed(f"see {word} there", pen, [row])
    assert kept_columns(ink)[begin:end].mean() > 0.8


def test_a_struck_word_alone_stays():
    ink, (begin, end) = crossed("see nothing there", 4, [0.65])
    assert kept_columns(np.ascontiguousarray(ink[:, begin - 10 : end + 10])).mean() > 0.8


@pytest.mark.parametrize(("scale", "is_struck"), [(1, False), (3, True)])
def test_a_bold_word_of_few_pixels_stays_since_blurred_letters_look_struck_out(scale, is_struck):
    word = np.zeros((13, 62), np.float32)
    for left in range(3, 57, 6):
        word[:, left : left + 3] = 1
    word[5:8] = 1
    letter = np.ones((13, 3), np.float32)
    pieces = []
    for number, mask in enumerate((word, letter, letter, letter)):
        large = np.pad(np.kron(mask, np.ones((scale, scale), np.float32)), RIM)
        height, width = large.shape[0] - 2 * RIM, large.shape[1] - 2 * RIM
        left = 200 * scale * number
        pieces.append(Piece(Box(left, 0, left + width, height), large, int((large > 0).sum())))
    kept = without_struck(pieces, 13.0 * scale, 3.0 * scale)
    assert [piece.box for piece in kept] == [piece.box for piece in pieces[is_struck:]]
