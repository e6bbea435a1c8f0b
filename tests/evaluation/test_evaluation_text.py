"""Error rates against jiwer called by hand, a plain edit distance and examples from the head."""

import json
import sys

import jiwer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkread.errors import BadArray, MissingDependency
from inkread.evaluation.intervals import wilson
from inkread.evaluation.text import score

texts = st.lists(st.text(alphabet="AB C", max_size=12), min_size=1, max_size=5)


def distance(written: str | list[str], read: str | list[str]) -> int:
    """Levenshtein's distance, by the book."""
    row = list(range(len(read) + 1))
    for i, w in enumerate(written, 1):
        previous, row[0] = row[0], i
        for j, r in enumerate(read, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (w != r))
    return row[-1]


def test_an_example_worked_by_hand() -> None:
    result = score(["MEET AT NOON", "YES"], ["MEFT AT NOQN", "YES"])
    assert (result.n, result.characters, result.words) == (2, 15, 4)
    assert result.cer == pytest.approx(2 / 15)
    assert result.wer == pytest.approx(2 / 4)
    assert (result.exact, result.exact_count) == (0.5, 1)
    assert (result.substitutions, result.insertions, result.deletions, result.word_errors) == (2, 0, 0, 2)
    assert result.exact_interval == wilson(1, 2)


def test_a_lost_space_is_one_character_but_two_words() -> None:
    result = score(["AT NOON"], ["ATNOON"])
    assert (result.deletions, result.word_errors) == (1, 2)
    assert score(["ATNOON"], ["AT NOON"]).insertions == 1


def test_rates_equal_jiwer_by_hand() -> None:
    written = ["the cat sat", "on the mat", "a b c d"]
    read = ["the bat sat", "on mat", "a b x c d e"]
    result = score(written, read)
    assert result.cer == pytest.approx(jiwer.cer(written, read))
    assert result.wer == pytest.approx(jiwer.wer(written, read))


@given(texts)
def test_rates_equal_the_edit_distance_by_the_book(written: list[str]) -> None:
    read = [text[::-1] for text in written]
    tidy = [(" ".join(w.split()), " ".join(r.split())) for w, r in zip(written, read, strict=True)]
    if not any(w for w, _ in tidy):
        return
    result = score(written, read)
    assert result.cer == pytest.approx(sum(distance(w, r) for w, r in tidy) / sum(len(w) for w, _ in tidy))
    words = [(w.split(), r.split()) for w, r in tidy]
    assert result.wer == pytest.approx(sum(distance(w, r) for w, r in words) / sum(len(w) for w, _ in words))
    assert result.exact_count == sum(w == r for w, r in tidy)


def test_white_space_counts_as_single_spaces_between_words() -> None:
    result = score(["  meet \n at\tnoon "], ["meet at noon"])
    assert (result.cer, result.wer, result.exact) == (0.0, 0.0, 1.0)


def test_an_empty_reference_among_others_counts_what_was_read_as_inserted() -> None:
    result = score(["AB", "", ""], ["AB", "XYZ", ""])
    assert (result.insertions, result.exact_count, result.n) == (3, 2, 3)
    assert result.cer == pytest.approx(3 / 2)
    assert result.wer == pytest.approx(1 / 1)


def test_nothing_read_is_all_deleted() -> None:
    result = score(["AB C"], [""])
    assert (result.cer, result.wer, result.deletions) == (1.0, 1.0, 4)


def test_a_generator_adds_intervals_around_the_rates() -> None:
    written = ["MEET AT NOON"] * 40
    read = ["MEFT AT NOON"] * 10 + written[10:]
    result = score(written, read, np.random.default_rng(0))
    assert result.cer_interval is not None
    assert result.wer_interval is not None
    assert result.cer_interval.low < result.cer < result.cer_interval.high
    assert result.wer_interval.low < result.wer < result.wer_interval.high
    assert score(written, read).cer_interval is None


@pytest.mark.parametrize(
    ("written", "read"),
    [(["MEET"], ["MEET"]), (["MEET"] * 9, ["MEFT"] + ["MEET"] * 8), (["MEET"] * 40, ["MEET"] * 40)],
)
def test_where_too_few_texts_or_none_err_there_is_no_interval(written: list[str], read: list[str]) -> None:
    result = score(written, read, np.random.default_rng(0))
    assert (result.cer_interval, result.wer_interval) == (None, None)
    assert result.exact_interval.low < result.exact_interval.high


def test_the_record_is_json() -> None:
    record = json.loads(json.dumps(score(["AB"], ["AC"], np.random.default_rng(0)).to_dict(), allow_nan=False))
    assert record["cer"] == 0.5


@pytest.mark.parametrize(
    ("written", "read", "sentence"),
    [
        (["A"], ["A", "B"], "1 references came with 2 hypotheses"),
        ([], [], "no text to compare with"),
        (["", "  "], ["", "A"], "no text to compare with"),
        ("MEET", ["MEET"], "single text 'MEET': put it into a list"),
    ],
)
def test_bad_input_is_told_in_a_sentence(written: list[str], read: list[str], sentence: str) -> None:
    with pytest.raises(BadArray, match=sentence):
        score(written, read)


def test_without_jiwer_the_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(MissingDependency, match=r'jiwer; install it with: pip install "inkread\[train\]"'):
        score(["A"], ["A"])
