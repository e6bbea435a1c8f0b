"""Learning against Kneser-Ney written out slowly, one count at a time, from Chen and Goodman 1999, section 3.1."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from inkread.alphabet import LETTERS, Alphabet
from inkread.decoding import LanguageModel, NgramOptions, train_language
from inkread.decoding.lexicon import PROBABILITIES
from inkread.decoding.ngram import SMALLEST_DISCOUNT, discounts, to_symbols, words_in
from inkread.errors import BadOption, UnknownCharacter
from tests.decoding.every_text import ABC, random_sentences, rng
from tests.decoding.test_language import String, strings_of

ONE_BYTE = 0.05  # how far apart a probability and its byte may be, with the norm of the row: half a step of 4.4 % each


def lengthy_text(seed: int, alphabet: Alphabet = ABC) -> list[str]:
    """Sentences of words of which some are rare: there are n-grams that come once, twice, thrice and often."""
    chance = rng(seed)
    words = ["".join(chance.choice(list(alphabet), chance.integers(1, 6))) for _ in range(60)]
    rank = 1 / np.arange(1, 61)
    return [" ".join(chance.choice(words, 5, p=rank / rank.sum())) for _ in range(80)]


class SlowKneserNey:
    """Interpolated modified Kneser-Ney: the text's own counts for the longest n-grams, for shorter ones how many
    different symbols they came after."""

    def __init__(self, text: String, longest: int, symbols: int) -> None:
        self.symbols = symbols
        plain = Counter(text[i : i + longest] for i in range(len(text) - longest + 1))
        self.counts: dict[int, Counter[String]] = {longest: plain}
        for n in range(longest - 1, 0, -1):
            before: dict[String, set[int]] = defaultdict(set)
            for i in range(len(text) - n + 1):
                before[text[i : i + n]] |= {text[i - 1]} if i else set()
            self.counts[n] = Counter({gram: max(len(symbols), 1) for gram, symbols in before.items()})
        self.discounts = {n: self.discounts_of(counts) for n, counts in self.counts.items()}

    @staticmethod
    def discounts_of(counts: Counter[String]) -> list[float]:
        n1, n2, n3, n4 = (sum(1 for times in counts.values() if times == k) for k in (1, 2, 3, 4))
        if not (n1 and n2 and n3):
            return [0.0, 0.5, 0.75, 0.9]
        y = n1 / (n1 + 2 * n2)
        values = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        return [0.0, *(min(max(d, SMALLEST_DISCOUNT), k + 0.95) for k, d in enumerate(values))]

    def probability(self, symbol: int, context: String) -> float:
        """P(symbol | context), shorter contexts blended in."""
        counts = self.counts[len(context) + 1]
        discount = self.discounts[len(context) + 1]
        shorter = self.probability(symbol, context[1:]) if context else 1 / self.symbols
        following = {s: counts[(*context, s)] for s in range(self.symbols)}
        total = sum(following.values())
        if not total:
            return shorter
        left = sum(discount[min(times, 3)] for times in following.values())
        times = following[symbol]
        return (times - discount[min(times, 3)]) / total + left / total * shorter


def rows_of(language: LanguageModel) -> tuple[list[String], npt.NDArray[np.float64]]:
    rows = PROBABILITIES[language.contexts.chances].astype(np.float64)
    return strings_of(language.contexts), rows / rows.sum(axis=1, keepdims=True)


def symbols_of(texts: list[str], alphabet: Alphabet) -> String:
    """Two spaces before, between and after texts."""
    joined = "  " + "  ".join(texts) + "  "
    return tuple(len(alphabet) if c == " " else alphabet.index(c) for c in joined)


@pytest.mark.parametrize("context", [1, 2, 4])
def test_every_context_predicts_as_kneser_and_ney_do(context: int) -> None:
    texts = lengthy_text(context)
    language = train_language(texts, ABC, options=NgramOptions(context=context, contexts=100_000))
    slow = SlowKneserNey(symbols_of(texts, ABC), context + 1, 4)
    if context > 1:  # else there are too few n-grams to estimate discounts
        assert slow.discounts[context + 1] != [0.0, 0.5, 0.75, 0.9]
    strings, rows = rows_of(language)
    assert max(map(len, strings)) == context
    for string, row in zip(strings, rows, strict=True):
        expected = [slow.probability(symbol, string) for symbol in range(4)]
        assert sum(expected) == pytest.approx(1.0)
        np.testing.assert_allclose(row, expected, rtol=ONE_BYTE, atol=2e-5)


def test_nearer_texts_are_blended_in_context_by_context() -> None:
    general, nearer = lengthy_text(5), lengthy_text(6)[:20]
    options = NgramOptions(context=3, contexts=100_000, blend=0.3)
    strings, rows = rows_of(train_language(general, ABC, nearer=nearer, options=options))
    far, near = (SlowKneserNey(symbols_of(texts, ABC), 4, 4) for texts in (general, nearer))
    for string, row in zip(strings, rows, strict=True):
        expected = [0.7 * far.probability(s, string) + 0.3 * near.probability(s, string) for s in range(4)]
        np.testing.assert_allclose(row, expected, rtol=ONE_BYTE, atol=2e-5)


@cache
def of_size(contexts: int) -> LanguageModel:
    return train_language(lengthy_text(7), ABC, options=NgramOptions(context=5, contexts=contexts))


@pytest.mark.parametrize("contexts", [4, 5, 17, 60, 200])
def test_a_pruned_tree_keeps_with_each_context_its_suffix_and_prefix(contexts: int) -> None:
    strings = set(strings_of(of_size(contexts).contexts))
    assert len(strings) == len(of_size(contexts).contexts.children) <= contexts
    for string in strings - {()}:
        assert string[1:] in strings
        assert string[:-1] in strings


def test_more_contexts_predict_better() -> None:
    held_out = " ".join(lengthy_text(7)[:10])
    scores = [of_size(contexts).without_lexicon().log_prob(held_out) for contexts in (4, 17, 60, 200, 10_000)]
    assert scores == sorted(scores)


def test_most_of_a_small_allowance_is_used() -> None:
    assert len(of_size(60).contexts.children) > 40


def test_texts_in_which_all_contexts_say_the_same_are_pruned_too() -> None:
    options = NgramOptions(context=6, contexts=3)
    language = train_language(["A" * 400], Alphabet("A"), options=options)
    assert len(language.contexts.children) <= 3


def test_texts_without_a_long_context_that_came_twice_are_learnt() -> None:
    language = train_language(["ABCA CB BAC"], LETTERS, options=NgramOptions(context=5, contexts=500))
    assert np.exp(language.log_probs(np.array([language.start]))).sum() == pytest.approx(1.0, rel=1e-5)


def test_discounts_are_those_of_the_worked_formula() -> None:
    counts = np.repeat([1, 2, 3, 4, 9], [60, 20, 10, 6, 3])
    y = 60 / (60 + 40)
    expected = [0.0, 1 - 2 * y * 20 / 60, 2 - 3 * y * 10 / 20, 3 - 4 * y * 6 / 10]
    np.testing.assert_allclose(discounts(counts), expected)


def test_texts_become_symbols_with_two_spaces_around_each() -> None:
    symbols = to_symbols(["Cab,", "", "¿?", "ba a"], Alphabet("ABC", fold_case=True))
    assert symbols.tolist() == list(symbols_of(["CAB", "BA A"], ABC))


def test_the_lexicon_of_texts_is_their_words_that_came_twice() -> None:
    assert words_in(["AB AB C", "C BA AB"]) == {"AB": 3.0, "C": 2.0}
    assert words_in(["AB AB C"]) == {"AB": 2.0}
    assert words_in(["AB C"]) == {"AB": 1.0, "C": 1.0}


def test_frequencies_take_the_place_of_the_texts_own_words() -> None:
    options = NgramOptions(context=3, contexts=500)
    texts = random_sentences(3)
    unlike = train_language(texts, ABC, frequencies={"BACCA": 1.0}, options=options)
    assert unlike.log_prob("BACCA") > train_language(texts, ABC, options=options).log_prob("BACCA") + 3


def test_the_same_texts_teach_the_same_model() -> None:
    one, other = (train_language(iter(lengthy_text(8)), ABC, options=NgramOptions(context=4)) for _ in range(2))
    assert (one.contexts.chances == other.contexts.chances).all()
    assert one.contexts.depths == other.contexts.depths


@pytest.mark.parametrize(
    ("texts", "alphabet", "options", "sentence"),
    [
        ("ABC" * 99, ABC, NgramOptions(context=1), "texts is the single text 'ABCABC.*; expected several, in a tuple"),
        ([None], ABC, NgramOptions(context=1), "texts holds None; expected texts, in a tuple"),
        ([], ABC, NgramOptions(context=1), "hardly a character of the alphabet"),
        (["123 ?!"], ABC, NgramOptions(context=1), "hardly a character of the alphabet"),
        (["AB"] * 99, ABC, NgramOptions(context=0), "context is 0; expected 1 to 30 characters"),
        (["AB"] * 99, LETTERS, NgramOptions(context=12), "context is 12; expected 1 to 11 characters"),
        (["AB"] * 99, ABC, NgramOptions(context=2, contexts=3), "contexts is 3; expected at least 4"),
        (["AB"] * 99, ABC, NgramOptions(context=2, blend=1.5), "blend is 1.5; expected 0 to 1"),
        (["AB"] * 99, ABC, NgramOptions(context=2, blend=float("nan")), "blend is nan"),
        (["AB"] * 99, Alphabet("".join(map(chr, range(0x4E00, 0x4F00)))), None, "256 characters; expected at most 254"),
    ],
)
def test_what_cannot_be_learnt_is_refused(
    texts: list[str], alphabet: Alphabet, options: NgramOptions | None, sentence: str
) -> None:
    with pytest.raises(BadOption, match=sentence):
        train_language(texts, alphabet, options=options)


def test_a_frequency_of_a_word_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(UnknownCharacter, match="'Z'"):
        train_language(lengthy_text(1), ABC, frequencies={"AZ": 1.0}, options=NgramOptions(context=2))
