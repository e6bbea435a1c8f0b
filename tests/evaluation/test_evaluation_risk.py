"""Which words are right, and how often sure ones are wrong: against words counted by hand."""

import numpy as np
import pytest

from inkread.errors import BadArray
from inkread.evaluation.risk import sure_words, words_right


@pytest.mark.parametrize(
    ("reference", "read", "right"),
    [
        ("MEET AT NOON", "MEET AT NOON", [True, True, True]),
        ("MEET AT NOON", "MEAT AT NOON", [False, True, True]),
        ("MEET AT NOON", "AT NOON", [True, True]),
        ("MEET AT NOON", "ME ET AT NOON", [False, False, True, True]),
        ("MEET AT NOON", "MEETAT NOON", [False, True]),
        ("a\nb  c", "a b c", [True, True, True]),
        ("", "GHOST WORDS", [False, False]),
        ("MEET", "", []),
    ],
)
def test_words_are_right_where_the_reference_has_them(reference, read, right):
    assert words_right(reference, read.split()).tolist() == right


def test_case_counts():
    assert words_right("Noon", ["noon"]).tolist() == [False]


@pytest.mark.parametrize("odd", ["two words", "", " x"])
def test_what_is_no_single_word_is_refused(odd):
    with pytest.raises(BadArray, match="not one word"):
        words_right("two words", ["two", odd])


def test_only_sure_words_count():
    found = sure_words([0.99, 0.95, 0.9499, 0.1], np.array([True, False, False, False]))
    assert (found.n, found.sure, found.wrong, found.share) == (4, 2, 1, 0.5)
    assert found.interval.low < 0.5 < found.interval.high


def test_where_no_word_is_sure_there_is_no_share():
    assert sure_words([], np.zeros(0, bool)).share is None
    assert sure_words([0.2], np.array([True])).share is None
    with pytest.raises(BadArray):
        sure_words([1.2], np.array([True]))
