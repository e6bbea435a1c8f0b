"""Part of a language against the whole of it, told that the other characters do not come."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from inkread.alphabet import CHARACTERS, FOLDED_CHARACTERS, LETTERS, Alphabet
from inkread.decoding import DecodingOptions, LanguageModel, decode, shipped_language
from inkread.decoding.language_part import part_of
from inkread.errors import BadOption, UnknownCharacter
from tests.decoding.every_text import random_language, seen_as

WHOLE = Alphabet("CAB1.")
PART = Alphabet("ABC")
ALPHANUMERIC = Alphabet(FOLDED_CHARACTERS.characters[:36], fold_case=True)


def after(language: LanguageModel, text: str) -> tuple[int, dict[str, float]]:
    """The state after a text, and the probability of each next character."""
    state = np.array([language.start])
    for symbol in language.encode(text) if text else ():
        state = language.step(state, np.array([symbol]))
    said = np.exp(language.log_probs(state)[0])
    return int(state[0]), dict(zip(language.alphabet.characters + " ", said.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_each_prediction_is_that_of_the_whole_given_that_nothing_else_comes(seed: int) -> None:
    whole = random_language(seed, alphabet=WHOLE).without_lexicon()
    part = part_of(whole, PART)
    for text in map("".join, product("ABC ", repeat=4)):
        expected, told = after(whole, text)[1], after(part, text)[1]
        kept = sum(expected[c] for c in "ABC ")
        assert told == pytest.approx({c: expected[c] / kept for c in "ABC "}, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_lexicon_keeps_the_words_that_can_be_written(seed: int) -> None:
    whole = random_language(seed, alphabet=WHOLE).without_lexicon().with_words(["ABBA", "A1", "CAB.", "CA"])
    wanted = whole.without_lexicon().with_words(["ABBA", "CA"])
    (part, _), (lexicon, _) = part_of(whole, PART).lexicons[0], wanted.lexicons[0]
    assert part.nodes == lexicon.nodes
    for text in map("".join, product("ABC ", repeat=3)):
        node = other = np.zeros(1, np.int64)
        for own, foreign in zip(*(language.encode(text) for language in (part_of(whole, PART), wanted)), strict=True):
            node, other = part.step(node, np.array([own])), lexicon.step(other, np.array([foreign]))
        assert (node == part.nodes) == (other == lexicon.nodes)
        assert sum(after(part_of(whole, PART), text)[1].values()) == pytest.approx(1, abs=1e-5)


def test_all_of_a_language_is_the_language() -> None:
    whole = random_language(4, alphabet=WHOLE)
    same = part_of(whole, WHOLE)
    assert (same.contexts.chances == whole.contexts.chances).all()
    assert same.contexts.depths == whole.contexts.depths
    assert (same.lexicons[0][0].symbols == whole.lexicons[0][0].symbols).all()
    with pytest.raises(UnknownCharacter, match="'Z'"):
        part_of(whole, Alphabet("AZ"))


def test_letters_and_digits_are_read_with_the_language_of_notes() -> None:
    decoded = decode(seen_as("SEEY0UAT9T0MORRCW", ALPHANUMERIC, 0.6), ALPHANUMERIC)
    assert decoded.text == "SEE YOU AT 9 TOMORROW"
    assert len(decoded.hypotheses) == 5
    backwards = Alphabet(ALPHANUMERIC.characters[::-1], fold_case=True)
    assert decode(seen_as("SEEY0UAT9T0MORRCW", backwards, 0.6), backwards).text == decoded.text
    named = seen_as("ZORKINO", ALPHANUMERIC, 0.6, r2=("K", 0.35))
    assert decode(named, ALPHANUMERIC, DecodingOptions(words=("ZOKKINO",))).text == "ZOKKINO"


def test_no_language_ships_for_fewer_than_the_letters_or_for_both_cases() -> None:
    for alphabet in (Alphabet("ABCDEF", fold_case=True), Alphabet("0123456789."), CHARACTERS, Alphabet("Ä")):
        assert shipped_language(alphabet) is None
    assert shipped_language(Alphabet(LETTERS.characters)) is not None


def test_words_without_a_language_are_refused() -> None:
    seen = np.zeros((2, len(CHARACTERS)))
    with pytest.raises(BadOption, match="words need a language, and none ships for 'abc"):
        decode(seen, CHARACTERS, DecodingOptions(words=("Zoe",)))
    decode(seen, CHARACTERS, DecodingOptions(words=("Zoe",), language_weight=0))  # nobody asks for language
