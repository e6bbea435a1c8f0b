"""What is kept as it was read: against Python's own regular expressions, and in time that no expression can stretch."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.decoding.keep import kept_by
from tests.decoding.every_text import ABC

EXPRESSIONS = ["A", "AB?", "[AB]+C", "B{2,3}", "A.C", "(AB|C)*", "[^A]+", "(A+)+B", "", "A|AB|ABC"]


def kept(expression: str, text: str, alphabet: Alphabet = ABC, spaces: list[int] | None = None) -> str:
    """A text with a dash for each character that is not kept."""
    rows = None if spaces is None else np.array(spaces, np.int64)
    mask = kept_by((expression,), alphabet.encode(text), rows, alphabet)
    return "".join(c if k else "-" for c, k in zip(text, mask, strict=True))


@given(st.sampled_from(EXPRESSIONS), st.lists(st.text("ABC", min_size=1, max_size=5), min_size=1, max_size=4))
def test_words_are_kept_that_python_matches_wholly(expression: str, words: list[str]) -> None:
    spaces = (np.cumsum([len(word) for word in words])[:-1] - 1).tolist()
    truth = "".join(word if re.fullmatch(expression, word) else "-" * len(word) for word in words)
    assert kept(expression, "".join(words), spaces=spaces) == truth


@given(st.sampled_from(EXPRESSIONS), st.text("ABC", min_size=1, max_size=9))
def test_where_spaces_are_unknown_the_longest_stretches_from_the_left_are_kept(expression: str, text: str) -> None:
    truth, begin = ["-"] * len(text), 0
    while begin < len(text):
        ends = [end for end in range(begin, len(text) + 1) if re.fullmatch(expression, text[begin:end])]
        end = max(ends, default=begin)
        truth[begin:end] = text[begin:end]
        begin = max(end, begin + 1)
    assert kept(expression, text) == "".join(truth)


def test_cases_are_one_where_the_alphabet_has_one() -> None:
    assert kept("ab[a-c]", "ABC", Alphabet("ABC", fold_case=True)) == "ABC"
    assert kept("ab[a-c]", "ABC") == "---"


@pytest.mark.parametrize("expression", ["(A+)+B", "(A|A)*B", ".*Z", "(A?){30}B"])
@pytest.mark.parametrize("spaces", [None, [250]])
def test_no_expression_takes_long(expression: str, spaces: list[int] | None) -> None:
    started = time.process_time()
    assert kept(expression, "A" * 500, LETTERS, spaces) == "-" * 500
    assert time.process_time() - started < 5
    assert kept(r"\d+", "1" * 10_000, DIGITS) == "1" * 10_000
