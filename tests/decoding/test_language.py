"""A language model against slow truths: strings searched by force, and the chain rule, one symbol at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from inkread.alphabet import Alphabet
from inkread.decoding import LanguageModel, NgramOptions, train_language
from inkread.decoding.language import OWN_WORDS_WEIGHT, Contexts
from inkread.decoding.lexicon import PROBABILITIES
from inkread.errors import UnknownCharacter
from tests.decoding.every_text import ABC, MEETING, SPACE, five_sentences, random_language, random_sentences

MARKED = Alphabet("ABC'.1")
String = tuple[int, ...]


@pytest.fixture(name="meeting", scope="module")
def _meeting() -> LanguageModel:
    return five_sentences()


def reachable(language: LanguageModel) -> npt.NDArray[np.int64]:
    """Every state that any text can lead to."""
    seen, new = {language.start}, {language.start}
    while new:
        states = np.repeat(np.array(sorted(new)), len(language.alphabet) + 1)
        symbols = np.tile(np.arange(len(language.alphabet) + 1), len(new))
        new = set(language.step(states, symbols).tolist()) - seen
        seen |= new
    return np.array(sorted(seen))


def strings_of(contexts: Contexts) -> list[String]:
    """What each kept context is, walked from the root."""
    strings: list[String] = [()]
    symbols = iter(contexts.symbols.tolist())
    for node, children in enumerate(contexts.children.tolist()):
        strings += [(*strings[node], next(symbols)) for _ in range(children)]
    return strings


def with_punctuation() -> LanguageModel:
    """Words that end in full stops or stand beside digits."""
    sentences = [f"{sentence}. {number} {sentence}." for number, sentence in enumerate(random_sentences(9))]
    words = {word: 1.0 for sentence in random_sentences(9) for word in sentence.split()}
    options = NgramOptions(context=3, contexts=80)
    return train_language(sentences, MARKED, frequencies=words, options=options)


KINDS = {
    "with its lexicon": random_language(1),
    "without": random_language(1).without_lexicon(),
    "with own words": random_language(2).with_words(["CAB", "A", "BBB"]),
    "with own words alone": random_language(2).without_lexicon().with_words(["CAB"]),
    "with punctuation": with_punctuation(),
    "with punctuation and own words": with_punctuation().with_words(["B1", "A.C"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_sum_to_1_in_every_state(kind: str) -> None:
    states = reachable(KINDS[kind])
    assert len(states) > 20
    chances = np.exp(KINDS[kind].log_probs(states))
    assert (chances > 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("context", [1, 2, 5])
def test_after_each_symbol_the_longest_kept_suffix_is_the_context(context: int) -> None:
    for seed in range(4):
        contexts = random_language(seed, context).contexts
        strings = strings_of(contexts)
        for node, string in enumerate(strings):
            for symbol in range(SPACE + 1):
                written = (*string, symbol)
                longest = next(i for i in range(len(written) + 1) if written[i:] in strings)
                assert strings[int(contexts.next[node, symbol])] == written[longest:]


def test_a_message_begins_after_two_spaces() -> None:
    language = random_language(3, context=4).without_lexicon()
    assert strings_of(language.contexts)[language.start] == (SPACE, SPACE)


def test_lexicon_and_contexts_are_blended_as_long_as_a_word_may_go_on() -> None:
    both, alone = random_language(1), random_language(1).without_lexicon()
    (lexicon, weight), *_ = both.lexicons
    for text in ("", "A", "AB", "C AB", "BC CCC", "AAAAAA"):
        states = [np.array([language.start]) for language in (both, alone)]
        node = 0
        for symbol in both.encode(text):
            states = [
                language.step(state, np.array([symbol])) for language, state in zip((both, alone), states, strict=True)
            ]
            node = int(lexicon.next[node, symbol])
        blended, ngram = np.exp(both.log_probs(states[0])[0]), np.exp(alone.log_probs(states[1])[0])
        share = weight if node < lexicon.nodes else 0.0
        np.testing.assert_allclose(blended, (1 - share) * ngram + share * lexicon.probabilities[node], rtol=1e-5)


def test_the_probability_of_a_text_is_the_chain_of_its_symbols() -> None:
    for language in KINDS.values():
        for text in ("A", "ABBA", "CAB ABBA A", "B B B"):
            state, total = language.start, 0.0
            for letter in text + " ":
                symbol = language.space if letter == " " else ABC.index(letter)
                total += float(language.log_probs(np.array([state]))[0, symbol])
                state = int(language.step(np.array([state]), np.array([symbol]))[0])
            assert language.log_prob(text) == pytest.approx(total)
        assert language.log_prob("") == 0.0


def test_a_word_of_the_lexicon_is_as_likely_with_a_full_stop_as_the_ngram_finds_full_stops() -> None:
    language = with_punctuation()
    alone = language.without_lexicon()
    (lexicon, _), *_ = language.lexicons
    word = random_sentences(9)[0].split()[0]
    states = [np.array([m.start]) for m in (language, alone)]
    for symbol in language.encode(word):
        states = [m.step(s, np.array([symbol])) for m, s in zip((language, alone), states, strict=True)]
    shares = []
    for model, state in zip((language, alone), states, strict=True):
        chances = np.exp(model.log_probs(state)[0])
        shares.append(chances[lexicon.apart] / chances[lexicon.apart].sum())
    np.testing.assert_allclose(shares[0], shares[1], rtol=1e-5)


def test_all_texts_of_one_word_and_no_more_share_what_the_spaces_leave() -> None:
    language = KINDS["with own words"]
    words = [a + b for a in ("", *ABC) for b in ("", *ABC)]
    chances = {word: np.exp(language.log_prob(word)) for word in set(words) - {""}}
    assert sum(chances.values()) < 1.0  # longer words have the rest


def test_the_bigram_is_what_the_contexts_say_after_one_symbol() -> None:
    language = random_language(4, context=3).without_lexicon()
    strings = strings_of(language.contexts)
    for last in range(SPACE + 1):
        state = np.array([strings.index((last,))])
        np.testing.assert_allclose(language.bigram()[last], language.log_probs(state)[0], atol=1e-5)


def test_a_word_of_ones_own_becomes_likelier(meeting: LanguageModel) -> None:
    own = meeting.with_words([" OMANTE ", "tonno"])
    assert own.log_prob("OMANTE") > meeting.log_prob("OMANTE") + 3
    assert own.log_prob("TONNO") > meeting.log_prob("TONNO") + 3
    begin = np.exp(own.log_probs(np.array([own.start]))[0, MEETING.index("O")])
    before = np.exp(meeting.log_probs(np.array([meeting.start]))[0, MEETING.index("O")])
    assert begin == pytest.approx((1 - OWN_WORDS_WEIGHT) * before + OWN_WORDS_WEIGHT * 0.5, rel=1e-4)


@pytest.mark.parametrize("word", ["ZOO", "AT NOON", "MEET!", "NÖ"])
def test_a_word_that_cannot_be_spelt_is_refused_by_name(word: str, meeting: LanguageModel) -> None:
    with pytest.raises(UnknownCharacter, match=f"the word '{word}' has '.', which is outside the alphabet 'AEMNOT'"):
        meeting.with_words(["TOM", word])


def test_a_text_with_other_characters_is_refused(meeting: LanguageModel) -> None:
    with pytest.raises(UnknownCharacter, match="'Z'"):
        meeting.log_prob("MEET ZOE")


def test_the_quantised_rows_stand_for_what_the_model_says() -> None:
    language = random_language(6).without_lexicon()
    rows = PROBABILITIES[language.contexts.chances]
    normalised = rows / rows.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.exp(language.log_probs(np.arange(len(rows)))), normalised, rtol=1e-5)
