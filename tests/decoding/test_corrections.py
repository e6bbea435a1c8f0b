"""Corrections of lines: against every path through the frames, and what they must and must not touch."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest

from inkread.alphabet import CHARACTERS, DIGITS, Alphabet
from inkread.decoding import DecodingOptions, Mark, decode_lines, pattern
from inkread.decoding import islands as islands_module
from inkread.decoding.corrections import Given, corrected, located
from inkread.errors import BadOption
from tests.decoding.every_text import ABC, MEETING, Floats, five_sentences, random_language, rng, said_by
from tests.decoding.test_lines import frames_of, written

BLANK = len(ABC) + 1
FREE = DecodingOptions(language_weight=0.7, length_bonus=1.2, certain=1.5, beam=10_000)


def spelt_by_paths(frames: Floats) -> dict[tuple[int, ...], float]:
    """The probability of every text of some frames: the sum over all paths that collapse to it."""
    texts: dict[tuple[int, ...], float] = {}
    for path in product(range(frames.shape[1]), repeat=len(frames)):
        text = tuple(symbol for symbol, _ in groupby(path) if symbol != BLANK)
        chance = float(np.exp(frames[np.arange(len(frames)), list(path)].sum()))
        texts[text] = texts.get(text, 0.0) + chance
    return texts


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("known", ["A", "C", ""])
def test_the_rest_is_the_best_of_all_that_the_other_frames_can_say_given_what_is_known(
    seed: int, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit, value in (("FOLLOWED", 1000), ("TOLD", 1000), ("LEAST", 0.0), ("POSSIBLE", 0.0)):
        monkeypatch.setattr(islands_module, limit, value)
    language = random_language(seed)
    logits = rng(seed).normal(0, 1.5, (7, len(ABC) + 2))
    logits[:, -2] = -40  # spaces are told in a test of their own
    logits[[2, 4], BLANK] = 30
    frames: Floats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    says = said_by(language)
    ways = {}
    middle = tuple(ABC.encode(known).tolist())
    for (left, p), (right, q) in product(spelt_by_paths(frames[:2]).items(), spelt_by_paths(frames[5:]).items()):
        text = (*left, *middle, *right)
        if p * q > 1e-12 and len(ABC) not in text:
            ways[left, right] = np.log(p * q) + 0.7 * says((*text, language.space)) + 1.2 * len(text)
    best = max(ways, key=lambda way: ways[way])
    everything = np.logaddexp.reduce(list(ways.values()))
    (line,) = decode_lines([frames], ABC, FREE, language=language, marks=[[Mark(2.6, 3.4, known)]])
    assert line.text == ABC.decode((*best[0], *middle, *best[1]))
    assert line.confidence == pytest.approx(float(np.exp(ways[best] - everything)), rel=1e-6)
    if known:
        (there,) = [c for word in line.words for c in word.characters if c.frame == 3]
        assert (there.text, there.probability) == (known, pytest.approx(1))


def test_language_re_reads_the_neighbours_of_what_is_known() -> None:
    seen = written("MET", MEETING, r2=("N", 0.5))
    read, known = (
        decode_lines([seen], MEETING, language=five_sentences(), marks=[marks])[0]
        for marks in ([], [Mark(0.5, 1.5, "T")])
    )
    assert (read.text, known.text) == ("MET", "TEN")
    assert read.raw_text == known.raw_text
    assert known.words[0].characters[0].alternatives == read.words[0].characters[0].alternatives


@pytest.mark.parametrize("place", range(14))
def test_each_character_of_a_line_can_be_corrected_and_nothing_else_moves(place: int) -> None:
    text = "Meet at 9 PM, Jo"
    seen = written(text, sure=0.999)
    frame = [2 * number + 1 for number, character in enumerate(text) if character != " "][min(place, 11)]
    (line,) = decode_lines([seen], CHARACTERS, marks=[[Mark(frame - 0.9, frame + 0.9, "Q")]])
    assert line.text == text[: frame // 2] + "Q" + text[frame // 2 + 1 :]
    (line,) = decode_lines([seen], CHARACTERS, marks=[[Mark(frame - 0.9, frame + 0.9, "")]])
    assert line.text.replace(" ", "") == (text[: frame // 2] + text[frame // 2 + 1 :]).replace(" ", "")


def test_a_character_beside_its_like_stays_a_character_of_its_own() -> None:
    chances = np.full((4, len(ABC) + 2), 1e-9)
    chances[[0, 3], BLANK] = chances[1, 0] = chances[2, 1] = 1.0  # AB without a blank between
    frames = np.log(chances / chances.sum(axis=1, keepdims=True))
    eye = DecodingOptions(language_weight=0)
    (line,) = decode_lines([frames], ABC, eye, marks=[[Mark(0.7, 1.3, "B")]])
    assert line.text == "BB"


def test_one_mark_over_two_characters_makes_them_one() -> None:
    seen = written("rnoon", sure=0.999)
    (line,) = decode_lines([seen], CHARACTERS, marks=[[Mark(0.2, 3.8, "m")]])
    assert line.text == "moon"
    assert [c.frame for c in line.words[0].characters] == [2, 5, 7, 9]


def test_a_mark_where_nothing_was_read_puts_a_character_in() -> None:
    seen = np.concatenate([written("NO"), *[written("")] * 9, written("N")])
    (line,) = decode_lines([seen], CHARACTERS, marks=[[Mark(8.6, 10.4, "O")]])
    assert line.text == "NOON"


def test_the_later_of_two_marks_about_one_character_is_right() -> None:
    marks = [Mark(0.1, 1.9, "D"), Mark(0.1, 1.9, "n")]
    (line,) = decode_lines([written("MOON")], CHARACTERS, marks=[marks])
    assert line.text == "nOON"


@pytest.mark.parametrize("known", ["o", "O"])
def test_the_case_that_is_given_stays(known: str) -> None:
    seen = written("NOON and noon", sure=0.999)
    (line,) = decode_lines([seen], CHARACTERS, marks=[[Mark(2.5, 3.5, known), Mark(20.5, 21.5, known)]])
    assert (line.text[1], line.text[10]) == (known, known)
    for word in (0, 2):
        assert line.words[word].characters[1].probability == pytest.approx(1)


def test_a_line_that_loses_its_only_character_has_no_words() -> None:
    (line,) = decode_lines([written("X")], CHARACTERS, marks=[[Mark(0.5, 1.5, "")]])
    assert (line.text, line.words) == ("", ())


def test_lines_of_which_nothing_is_known_are_read_as_without_marks() -> None:
    lines = [frames_of(1), written("AB", ABC)]
    language = random_language(1)
    plain = decode_lines(lines, ABC, language=language)
    first_known = decode_lines(lines, ABC, language=language, marks=[[Mark(0.5, 1.5, "C")], []])
    assert decode_lines(lines, ABC, language=language, marks=[[], []]) == plain
    assert first_known[1] == plain[1]


def test_a_constraint_and_what_is_known_are_both_kept_or_refused() -> None:
    seen, options = written("5550l99", r4=("1", 0.3)), DecodingOptions(constraint=pattern(r"\d{3}-\d{4}"))
    (line,) = decode_lines([seen], CHARACTERS, options, alphabet=DIGITS, marks=[[Mark(8.5, 9.5, "7")]])
    assert line.text == "555-0799"
    ones = DecodingOptions(constraint=pattern(r"[015]{7}"))
    with pytest.raises(BadOption, match="fits"):
        decode_lines([seen], CHARACTERS, ones, alphabet=DIGITS, marks=[[Mark(8.5, 9.5, "7")]])


def test_a_character_that_the_alphabet_lacks_is_refused() -> None:
    with pytest.raises(BadOption, match="the correction 'X' is no character of the alphabet '0123456789'"):
        decode_lines([written("12")], CHARACTERS, alphabet=DIGITS, marks=[[Mark(0.5, 1.5, "X")]])


@pytest.mark.parametrize("seed", range(40))
def test_a_mark_takes_the_frames_of_one_character_and_touches_no_other(seed: int) -> None:
    chance = rng(seed)
    frames = 40
    places = np.sort(chance.choice(frames, 8, replace=False))
    letters = chance.random(8) < 0.8
    letters[0] = True
    own = int(chance.choice(np.flatnonzero(letters)))
    width = float(chance.uniform(0.4, 0.9))
    mark = Mark(places[own] - width, places[own] + width, "A")
    given = located(mark, places, letters, chance.random(frames))
    assert given.frame == places[own]
    assert [place for place in places if given.begin <= place < given.end] == [places[own]]


def test_what_is_given_is_said_surely_and_by_its_frames_alone() -> None:
    frames = frames_of(3)
    said = corrected(frames, [Given(1, 4, 2, "b")], Alphabet("ABC", fold_case=True))
    assert np.exp(said[1:4]).argmax(axis=1).tolist() == [BLANK, 1, BLANK]
    np.testing.assert_array_equal(np.exp(said).sum(axis=1)[1:4], 1)
    np.testing.assert_array_equal(said[[0, 4, 5]], frames[[0, 4, 5]])
    assert corrected(frames, [], ABC) is frames
