"""Whatever comes, decode gives an answer or says in a sentence what is wrong, and never hangs. And odd options."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inkread.alphabet import LETTERS
from inkread.decoding import (
    DecodingOptions,
    LanguageModel,
    beam,
    constrained,
    decode,
    decode_lines,
    line_lattices,
    pattern,
    stored_options,
    viterbi,
)
from inkread.errors import BadArray, BadOption, InkreadError
from inkread.results import Decoded
from tests.decoding.every_text import ABC, MEETING, five_sentences, random_language, random_log_probs

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -np.inf, -1e308, 1e308, -745.0, 5e-324, -0.0]),
)


@pytest.fixture(name="meeting", scope="module")
def _meeting() -> LanguageModel:
    return five_sentences()


def check(decoded: Decoded, rows: int) -> None:
    """All that must hold of any answer over ABC."""
    assert len(decoded.raw_text) == len(decoded.characters) == rows
    assert len(decoded.hypotheses[0].text.replace(" ", "")) == rows
    np.testing.assert_allclose(decoded.posteriors.sum(axis=1), 1.0, atol=1e-4)
    assert ((decoded.space_posteriors >= 0) & (decoded.space_posteriors <= 1 + 1e-5)).all()
    assert 0 <= decoded.confidence <= 1
    scores = [told.score for told in decoded.hypotheses]
    assert np.isfinite(scores).all()
    assert scores == sorted(scores, reverse=True)


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(0, 5), st.just(3)), elements=NUMBERS),
    st.sampled_from([0.0, 0.3, 1.0, 5.0]),
    st.sampled_from([1, 3, 32]),
    st.sampled_from([0.0, 0.5, 1.0, 2.0]),
)
def test_any_matrix_is_read_or_refused(
    log_probs: npt.NDArray[np.float64], weight: float, width: int, certain: float
) -> None:
    options = DecodingOptions(language_weight=weight, beam=width, certain=certain)
    impossible = np.isneginf(log_probs).all(axis=1).any()
    if np.isnan(log_probs).any() or np.isposinf(log_probs).any() or impossible:
        with pytest.raises(BadArray):
            decode(log_probs, ABC, options, language=random_language(1))
    else:
        check(decode(log_probs, ABC, options, language=random_language(1)), len(log_probs))


@given(
    arrays.arrays(
        st.one_of(arrays.scalar_dtypes(), arrays.unicode_string_dtypes(), arrays.byte_string_dtypes()),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    st.one_of(
        st.none(),
        arrays.arrays(np.float64, st.integers(0, 4), elements=st.floats(allow_nan=True)),
        st.lists(st.one_of(st.none(), st.booleans(), st.floats(0, 1), st.text(max_size=2)), max_size=4),
    ),
)
def test_anything_else_is_refused(log_probs: npt.NDArray[Any], gaps: npt.ArrayLike | None) -> None:
    try:
        decoded = decode(log_probs, ABC, gaps=gaps, language=random_language(2))
    except InkreadError as error:
        assert len(str(error)) > 20
    else:
        check(decoded, len(log_probs))


@pytest.mark.parametrize("gaps", [None, "known"])
def test_one_row_is_one_letter(gaps: str | None) -> None:
    decoded = decode([[0, 5, 1]], ABC, gaps=None if gaps is None else [], language=random_language(3))
    check(decoded, 1)
    assert decoded.raw_text == "B"


def test_rows_that_say_nothing_are_read_from_language_alone() -> None:
    started = time.process_time()
    options = DecodingOptions(n_best=1000)
    decoded = decode(np.zeros((60, 3)), ABC, options, language=random_language(4))
    check(decoded, 60)
    assert len({told.text for told in decoded.hypotheses}) == 1000
    assert time.process_time() - started < 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["noise", "flat", "sure"])
def test_a_line_of_10_000_letters_takes_seconds(kind: str) -> None:
    log_probs = {
        "noise": random_log_probs(1, 10_000, 26),
        "flat": np.zeros((10_000, 26)),
        "sure": random_log_probs(1, 10_000, 26, spread=20.0),
    }[kind]
    started = time.process_time()
    decoded = decode(log_probs, LETTERS)
    assert time.process_time() - started < 60
    check(decoded, 10_000)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"language_weight": -1.0}, "language_weight is -1.0; expected 0 to 5"),
        ({"language_weight": 100}, "language_weight is 100; expected 0 to 5"),
        ({"language_weight": float("nan")}, "language_weight is nan"),
        ({"beam": 0}, "beam is 0; expected 1 to 100,000"),
        ({"beam": 1.5}, "beam is 1.5; expected a whole number, 1 to 100,000"),
        ({"language_weight": "1"}, "language_weight is '1'; expected a number, 0 to "),
        ({"min_confidence": "0.5"}, "min_confidence is '0.5'; expected a number, 0 to 1"),
        ({"keep": [3]}, "keep holds 3; expected texts, in a tuple"),
        ({"words": ["a", 3]}, "words holds 3; expected texts, in a tuple"),
        ({"words": None}, "words holds None; expected texts, in a tuple"),
        ({"n_best": 0}, "n_best is 0; expected 1 to 1,000"),
        ({"certain": -0.1}, "certain is -0.1"),
        ({"min_confidence": 1.1}, "min_confidence is 1.1; expected 0 to 1"),
        ({"words": "TOM"}, "words is the single text 'TOM'; expected several"),
        ({"keep": "[A-Z]+"}, "keep is the single text"),
        ({"keep": (r"(?=A)B",)}, r"keep: pattern .*: this kind of group is not supported; supported are characters, "),
        ({"keep": (r"(A)\1",)}, r"keep: pattern .*: \\1 is not supported"),
        ({"keep": ("[A-Z",)}, r"keep: pattern '\[A-Z', character 1 .*: this class is never closed"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadOption, match=sentence):
        DecodingOptions(**options)


def test_several_texts_may_come_in_a_list(meeting: LanguageModel) -> None:
    options = DecodingOptions(words=["TOM"], keep=["T.M"])  # type: ignore[arg-type]
    assert options == DecodingOptions(words=("TOM",), keep=("T.M",))
    decode(np.zeros((2, 6)), MEETING, options, language=meeting)


@pytest.mark.parametrize("options", [{"beam": 3}, "beam=3", 3])
def test_what_is_no_options_is_refused(options: object, meeting: LanguageModel) -> None:
    sentence = "expected inkread.DecodingOptions, such as"
    with pytest.raises(BadOption, match=sentence):
        decode(np.zeros((2, 6)), MEETING, options, language=meeting)  # type: ignore[arg-type]
    for told in (decode_lines, line_lattices):
        with pytest.raises(BadOption, match=sentence):
            told([np.zeros((2, 8))], MEETING, options, language=meeting)  # type: ignore[arg-type]


def test_the_name_of_a_file_is_no_language() -> None:
    sentence = "language is 'english.lm'; expected what inkread.load_language makes of such a file"
    for constraint in (None, pattern("..")):
        with pytest.raises(BadOption, match=sentence):
            decode(np.zeros((2, 6)), MEETING, DecodingOptions(constraint=constraint), language="english.lm")  # type: ignore[arg-type]
    with pytest.raises(BadOption, match=sentence):
        decode_lines([np.zeros((2, 8))], MEETING, language="english.lm")  # type: ignore[arg-type]


def test_the_algorithms_refuse_columns_of_another_alphabet_and_a_beam_of_nothing(meeting: LanguageModel) -> None:
    seven = np.zeros((2, 7))
    with pytest.raises(BadArray, match=r"shape \(2, 7\); expected \(T, 6\), as the language has characters"):
        beam(seven, meeting, 1.0)
    with pytest.raises(BadArray, match=r"expected \(T, 6\), as the bigram has one more"):
        viterbi(seven, meeting.bigram())
    with pytest.raises(BadArray, match=r"expected \(T, 6\), as the alphabet has characters"):
        constrained(seven, MEETING, pattern(".."))
    with pytest.raises(BadOption, match="width is 0; expected 1 or more"):
        beam(np.zeros((2, 6)), meeting, 1.0, None, 0)


def test_a_text_is_no_alphabet() -> None:
    with pytest.raises(BadOption, match=r"the alphabet is 'ABC'; expected inkread.LETTERS or another Alphabet"):
        decode(np.zeros((2, 3)), "ABC")  # type: ignore[arg-type]


def test_words_that_are_all_blank_are_refused(meeting: LanguageModel) -> None:
    with pytest.raises(BadOption, match="at least one word"):
        decode(np.zeros((2, 6)), MEETING, DecodingOptions(words=(" ",)), language=meeting)


def test_a_constraint_that_is_none_is_refused() -> None:
    with pytest.raises(BadOption, match="a constraint is made by pattern"):
        decode(np.zeros((2, 3)), ABC, DecodingOptions(constraint="AB"))  # type: ignore[arg-type]


def test_options_stored_with_a_model_are_taken_and_nothing_else() -> None:
    assert stored_options({}) == stored_options({"decoding": None}) == DecodingOptions()
    stored = {"language_weight": 0.7, "beam": 12, "n_best": 3, "unheard of": 1}
    assert stored_options({"decoding": stored}) == DecodingOptions(language_weight=0.7, beam=12)
