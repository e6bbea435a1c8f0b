"""The eye alone against a plain loop over rows."""

from __future__ import annotations

import numpy as np
import pytest

from inkread.decoding import greedy
from tests.decoding.every_text import random_log_probs, rng


@pytest.mark.parametrize("rows", [0, 1, 9])
def test_each_row_is_its_likeliest_character(rows: int) -> None:
    log_probs = random_log_probs(1, rows)
    characters, spaces = greedy(log_probs)
    assert characters.tolist() == [max(range(3), key=lambda c: row[c]) for row in log_probs]
    assert spaces.tolist() == []


def test_a_space_stands_where_it_is_likelier_than_not() -> None:
    gaps = rng(2).random(8)
    _, spaces = greedy(random_log_probs(1, 9), gaps)
    assert spaces.tolist() == [row for row, gap in enumerate(gaps) if gap > 1 - gap]


def test_where_a_space_is_as_likely_as_none_there_is_none() -> None:
    _, spaces = greedy(random_log_probs(1, 4), np.array([0.5, 1.0, 0.0]))
    assert spaces.tolist() == [1]
