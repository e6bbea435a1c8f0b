"""Viterbi against the enumeration of every text of tiny alphabets, and against hand-made cases."""

from __future__ import annotations

import numpy as np
import pytest

from inkread.decoding import greedy, viterbi
from tests.decoding.every_text import Floats, Says, every_text, random_log_probs, rng

GAPS = {"unknown": None, "known": [0.0, 1.0, 0.0, 1.0], "between": [0.1, 0.9, 0.5, 0.6], "some": [0.0, 0.7, 1.0, 0.2]}


def random_bigram(seed: int, classes: int) -> Floats:
    return np.log(rng(seed).dirichlet(np.full(classes + 1, 0.7), classes + 1))


def said_by_bigram(bigram: Floats) -> Says:
    def said(symbols: tuple[int, ...]) -> float:
        before = (len(bigram) - 1, *symbols[:-1])  # a text begins after a space
        return sum(float(bigram[last, following]) for last, following in zip(before, symbols, strict=True))

    return said


def gaps_for(name: str, rows: int) -> Floats | None:
    some = GAPS[name]
    return None if some is None else np.array(some[: rows - 1])


@pytest.mark.parametrize("name", GAPS)
@pytest.mark.parametrize(("classes", "rows"), [(3, 5), (4, 4), (3, 1), (2, 2)])
@pytest.mark.parametrize("weight", [0.3, 1.0, 2.5])
def test_the_text_is_the_best_of_all_texts(name: str, classes: int, rows: int, weight: float) -> None:
    for seed in range(2):
        log_probs, bigram = random_log_probs(seed, rows, classes), random_bigram(seed, classes)
        gaps = gaps_for(name, rows)
        best = every_text(log_probs, said_by_bigram(bigram), weight, gaps)
        characters, spaces = viterbi(log_probs, bigram, weight, gaps)
        assert characters.tolist() == best.letters[0].tolist()
        assert spaces.tolist() == np.flatnonzero(best.spaced[0]).tolist()


@pytest.mark.parametrize("name", GAPS)
def test_without_weight_the_eye_alone_decides(name: str) -> None:
    log_probs, gaps = random_log_probs(3, 5), gaps_for(name, 5)
    for found, expected in zip(
        viterbi(log_probs, random_bigram(3, 3), 0.0, gaps), greedy(log_probs, gaps), strict=True
    ):
        assert found.tolist() == expected.tolist()


def test_a_pair_that_never_comes_is_not_written() -> None:
    bigram = np.full((3, 3), np.log(1 / 3))
    bigram[0, 1] = -np.inf  # no B after an A
    seen = np.log([[0.9, 0.1], [0.2, 0.8]])
    assert viterbi(seen, bigram, gaps=np.zeros(1))[0].tolist() == [0, 0]
    characters, spaces = viterbi(seen, bigram, gaps=np.array([0.9]))
    assert (characters.tolist(), spaces.tolist()) == ([0, 1], [0])


def test_an_impossible_character_is_not_written_whatever_the_bigram_says() -> None:
    bigram = np.log(np.array([[0.98, 0.01, 0.01]] * 3))
    assert viterbi(np.array([[-np.inf, 0.0], [0.0, -np.inf]]), bigram)[0].tolist() == [1, 0]


def test_no_rows_are_no_text() -> None:
    characters, spaces = viterbi(np.zeros((0, 3)), random_bigram(1, 3))
    assert (characters.tolist(), spaces.tolist()) == ([], [])
