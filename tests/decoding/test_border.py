"""What the border lets in, against a plain log-softmax in exact arithmetic, and what it refuses, in which words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inkread.alphabet import Alphabet
from inkread.decoding.border import check_gaps, check_log_probs
from inkread.errors import BadArray
from tests.decoding.every_text import ABC, random_log_probs


def test_rows_become_logarithms_of_probabilities() -> None:
    checked = check_log_probs(np.log([[1.0, 2.0, 5.0], [3.0, 0.5, 0.5]]), ABC)
    np.testing.assert_allclose(np.exp(checked), [[0.125, 0.25, 0.625], [0.75, 0.125, 0.125]])


@pytest.mark.parametrize("constant", [-1e6, -3.0, 0.0, 700.0, 1e12])
def test_a_constant_added_to_a_row_changes_nothing(constant: float) -> None:
    log_probs = random_log_probs(1, 6)
    shifted = log_probs + constant * np.array([[1], [0], [-1], [2], [0], [1]])
    exact = 1e-12 + 4 * np.finfo(float).eps * abs(constant)  # what the sum itself cannot hold
    np.testing.assert_allclose(check_log_probs(shifted, ABC), log_probs, atol=exact)


def test_what_was_given_stays_as_it_was() -> None:
    given_rows = np.array([[1.0, 2.0, 3.0]])
    check_log_probs(given_rows, ABC)
    assert given_rows.tolist() == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float16, np.float32, np.longdouble])
def test_numbers_of_any_kind_are_welcome(kind: type) -> None:
    checked = check_log_probs(np.array([[3, 1, 2]], kind), ABC)
    np.testing.assert_allclose(np.exp(checked), np.array([[np.e**2, 1, np.e]]) / (np.e**2 + 1 + np.e))


def test_an_impossible_character_stays_impossible() -> None:
    assert np.exp(check_log_probs([[0.0, -np.inf, 0.0]], ABC)).tolist() == [[0.5, 0.0, 0.5]]


def test_no_rows_are_no_rows() -> None:
    assert check_log_probs(np.zeros((0, 3)), ABC).shape == (0, 3)
    assert check_log_probs(np.zeros((4, 1)), Alphabet("A")).tolist() == [[0.0]] * 4


def test_values_of_any_size_are_welcome() -> None:
    checked = check_log_probs([[1e308, -1e308, 1e308], [-1.7e308, 1.7e308, 0.0], [-1e300, -1e300, -1e300]], ABC)
    np.testing.assert_allclose(np.exp(checked), [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [1 / 3] * 3])


@pytest.mark.parametrize(
    ("log_probs", "sentence"),
    [
        ([[0.0, np.nan, 0.0]], "NaN, first in row 0"),
        ([[0.0, 0.0, 0.0], [0.0, np.inf, 0.0]], r"\+infinity, first in row 1"),
        ([[0.0, 0.0, 0.0], [-np.inf] * 3], "row 1 of log_probs makes every character impossible"),
        ([[0.0, 0.0]], r"\(1, 2\); expected numbers of the shape \(T, 3\)"),
        ([0.0, 0.0, 0.0], r"\(3,\); expected"),
        ([], r"\(0,\); expected"),
        (np.zeros((2, 3, 3)), r"\(2, 3, 3\); expected"),
        (0.0, r"\(\); expected"),
        (None, "object"),
        ([["a", "b", "c"]], "<U1"),
        ([[1 + 2j, 0, 0]], "complex128"),
        ([[True, False, True]], "bool"),
        ([[0.0], [0.0, 0.0, 0.0]], "rows of one length"),
    ],
)
def test_what_is_no_array_of_log_probabilities_is_told_in_a_sentence(log_probs: npt.ArrayLike, sentence: str) -> None:
    with pytest.raises(BadArray, match=sentence):
        check_log_probs(log_probs, ABC)


def test_gaps_are_one_less_than_rows() -> None:
    assert check_gaps(None, 5) is None
    for rows, gaps in ((0, []), (1, []), (3, [0, 1]), (3, [False, True]), (2, [0.5])):
        checked = check_gaps(gaps, rows)
        assert checked is not None
        assert checked.dtype == np.float64
        assert checked.tolist() == gaps


@pytest.mark.parametrize(
    ("gaps", "sentence"),
    [
        ([0.5], r"\(1,\); expected \(2,\)"),
        ([0.5, 0.5, 0.5], r"\(3,\); expected \(2,\)"),
        ([[0.5, 0.5]], r"\(1, 2\); expected \(2,\)"),
        ([0.5, 1.1], "between 0 and 1"),
        ([-0.1, 0.5], "between 0 and 1"),
        ([0.5, np.nan], "between 0 and 1"),
        (["a", "b"], "<U1"),
        ([None, 0.5], "object"),
        ([[0.5], [0.5, 0.5]], "one length"),
    ],
)
def test_what_are_no_probabilities_of_spaces_is_told_in_a_sentence(gaps: npt.ArrayLike, sentence: str) -> None:
    with pytest.raises(BadArray, match=sentence):
        check_gaps(gaps, 3)


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.uint64, np.longdouble]),
        arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
    )
)
def test_any_array_is_taken_or_refused(given_rows: npt.NDArray[np.float64]) -> None:
    try:
        checked = check_log_probs(given_rows, ABC)
    except BadArray:
        return
    np.testing.assert_allclose(np.exp(checked).sum(axis=1), 1.0)
