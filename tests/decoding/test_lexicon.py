"""The tree of words against counting words by their beginnings, one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkread.alphabet import Alphabet
from inkread.decoding.lexicon import PROBABILITIES, STEPS_PER_BIT, Lexicon, build, quantise
from inkread.errors import BadOption, UnknownCharacter
from tests.decoding.every_text import ABC, SPACE

WORDS = {"A": 3.0, "AB": 1.0, "ABBA": 2.0, "CAB": 0.5, "C": 0.01, "BB": 1.5}
HALF_A_STEP = 2 ** (0.5 / STEPS_PER_BIT) * (1 + 1e-5)


def node_after(lexicon: Lexicon, beginning: str) -> int:
    node = 0
    for symbol in ABC.encode(beginning):
        node = int(lexicon.next[node, symbol])
    return node


def counted(words: dict[str, float], beginning: str) -> list[float]:
    """The probability of each next symbol after the beginning of a word, by adding up the words that begin so."""
    ways = [beginning + letter for letter in ABC]
    shares = [sum(times for word, times in words.items() if word.startswith(way)) for way in ways]
    shares.append(words.get(beginning, 0.0))  # the word ends here: a space
    return [share / sum(shares) for share in shares]


def test_each_beginning_of_a_word_predicts_as_the_words_that_begin_so() -> None:
    lexicon = build(WORDS, ABC)
    for beginning in ("", "A", "AB", "ABB", "ABBA", "C", "CA", "CAB", "B", "BB"):
        predicted = lexicon.probabilities[node_after(lexicon, beginning)]
        np.testing.assert_allclose(predicted, counted(WORDS, beginning), rtol=HALF_A_STEP**2 - 1)
        assert predicted.sum() == pytest.approx(1.0, abs=1e-6)


def test_what_no_word_begins_with_is_the_node_that_predicts_nothing() -> None:
    lexicon = build(WORDS, ABC)
    for beginning in ("AC", "CB", "ABBAB", "BBB", "BA"):
        assert node_after(lexicon, beginning) == lexicon.nodes
    assert not lexicon.probabilities[lexicon.nodes].any()
    assert node_after(lexicon, "ACAB") == lexicon.nodes  # no way back inside a word


def test_after_a_space_a_word_begins_whatever_came_before() -> None:
    assert not build(WORDS, ABC).next[:, SPACE].any()


def test_every_letter_of_every_node_leads_to_where_the_longer_beginning_leads() -> None:
    lexicon = build(WORDS, ABC)
    beginnings = {word[:n] for word in WORDS for n in range(len(word) + 1)}
    reached = {beginning: node_after(lexicon, beginning) for beginning in beginnings}
    assert len(set(reached.values())) == len(beginnings)
    for beginning, node in reached.items():
        for letter in ABC:
            assert lexicon.next[node, ABC.index(letter)] == reached.get(beginning + letter, lexicon.nodes)


MARKED = Alphabet("AB'.(1")
SYMBOLS = [*MARKED, " "]


def marked_lexicon() -> Lexicon:
    return build({"AB": 1.0, "A'B": 1.0, "A": 2.0}, MARKED)


def walked(lexicon: Lexicon, text: str) -> int:
    node = np.zeros(1, np.int64)
    for character in text:
        node = lexicon.step(node, np.array([SYMBOLS.index(character)]))
    return int(node[0])


@pytest.mark.parametrize(
    ("text", "like"),
    [
        (".", ""),
        ("(", ""),
        ("A.", ""),
        ("AB. ", ""),
        ("BB.", ""),
        ("(A", "A"),
        ("AB.A", "A"),
        ("1 A", "A"),
        ("A'", "A'"),
    ],
)
def test_after_punctuation_a_word_begins(text: str, like: str) -> None:
    assert walked(marked_lexicon(), text) == walked(marked_lexicon(), like)


@pytest.mark.parametrize("text", ["1", "A1", "11", "A1B", "B", "A'A", "'"])
def test_words_with_digits_and_words_unheard_of_are_no_words(text: str) -> None:
    assert walked(marked_lexicon(), text) == marked_lexicon().nodes


def blended(lexicon: Lexicon, text: str, ngram: list[float], weight: float = 0.35) -> list[float]:
    chances = np.array([ngram], np.float32)
    after: list[float] = lexicon.blend(chances, np.array([walked(lexicon, text)]), weight)[0].tolist()
    return after


NGRAM = [0.3, 0.2, 0.05, 0.15, 0.05, 0.05, 0.2]  # A B ' . ( 1 and the space


def test_where_a_word_may_end_the_ngram_says_how() -> None:
    after = blended(marked_lexicon(), "A", NGRAM)  # the word A: 2 of 4; AB and A'B: 1 each
    ends = {".": 0.15, "(": 0.05, "1": 0.05, " ": 0.2}
    expected = {"A": 0.0, "B": 0.25, "'": 0.25, **{end: 0.5 * share / 0.45 for end, share in ends.items()}}
    truth = [0.65 * n + 0.35 * expected[symbol] for symbol, n in zip(SYMBOLS, NGRAM, strict=True)]
    np.testing.assert_allclose(after, truth, rtol=1e-5)


def test_where_a_word_may_begin_the_ngram_says_whether_one_does() -> None:
    after = blended(marked_lexicon(), "", NGRAM)
    assert after[3:] == pytest.approx(NGRAM[3:])
    assert after[0] == pytest.approx(0.65 * 0.3 + 0.35 * 0.55)  # all words begin with A; 0.55 is no end of a word
    assert sum(after) == pytest.approx(1.0)


@pytest.mark.parametrize("characters", ["&AB", "AB&"])
def test_one_character_that_no_word_has_shifts_no_letter(characters: str) -> None:
    alphabet = Alphabet(characters)
    lexicon = build({"A": 1.0, "AB": 1.0}, alphabet)
    after_a = lexicon.step(np.zeros(1, np.int64), np.array([alphabet.index("A")]))
    after = lexicon.blend(np.full((1, 4), 0.25, np.float32), after_a, 1.0)[0]
    told = dict(zip([*characters, " "], after.tolist(), strict=True))
    assert told == pytest.approx({"A": 0.0, "B": 0.5, "&": 0.25, " ": 0.25})


def test_where_no_word_goes_on_the_ngram_speaks_alone() -> None:
    assert blended(marked_lexicon(), "BA", NGRAM) == pytest.approx(NGRAM)


def test_words_come_in_any_order_and_case() -> None:
    folding = Alphabet("ABC", fold_case=True)
    one, other = build(WORDS, folding), build({word.lower(): WORDS[word] for word in reversed(WORDS)}, folding)
    for name in ("symbols", "chances", "children"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


@pytest.mark.parametrize("frequencies", [{}, {"": 1.0}])
def test_a_lexicon_without_words_is_refused(frequencies: dict[str, float]) -> None:
    with pytest.raises(BadOption, match="at least one word"):
        build(frequencies, ABC)


@pytest.mark.parametrize("frequency", [0.0, -1.0, float("nan"), float("inf")])
def test_a_frequency_that_is_no_share_is_refused(frequency: float) -> None:
    with pytest.raises(BadOption, match=f"the frequency of 'AB' is {frequency}; expected a number above 0"):
        build({"A": 1.0, "AB": frequency}, ABC)


def test_a_word_that_the_alphabet_cannot_write_is_refused() -> None:
    with pytest.raises(UnknownCharacter, match="'Z' is not in the alphabet 'ABC'"):
        build({"AZ": 1.0}, ABC)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20))
def test_a_probability_in_one_byte_is_at_most_half_a_step_off(given_chances: list[float]) -> None:
    chances: npt.NDArray[np.float64] = np.array(given_chances)
    kept = PROBABILITIES[quantise(chances)]
    likely = np.maximum(chances, PROBABILITIES[-1])  # one in 60,000 is the least
    assert (kept <= likely * HALF_A_STEP).all()
    assert (kept >= likely / HALF_A_STEP).all()


def test_certainty_and_the_least_probability_are_kept_exactly() -> None:
    assert quantise(np.array([1.0, 0.5, 0.0])).tolist() == [0, STEPS_PER_BIT, 255]
    assert PROBABILITIES[255] == pytest.approx(1 / 62_757, rel=1e-3)
