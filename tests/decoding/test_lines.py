"""Decoding of lines: against every text that the islands could mean, and what each option must and must not do."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from inkread.alphabet import CHARACTERS, DIGITS, LETTERS, Alphabet
from inkread.decoding import DecodingOptions, allowed, decode_lines, pattern
from inkread.decoding.islands import islands
from inkread.decoding.line_case import Cased, Spelt, in_its_case
from inkread.errors import BadArray, BadOption
from inkread.results import Hypothesis
from tests.decoding.every_text import ABC, Floats, random_language, rng

FREE = {"certain": 1.5, "beam": 10_000}


def frames_of(seed: int, frames: int = 6, classes: int = len(ABC) + 2) -> Floats:
    """Frames with sure blanks at the even places, and spaces that are seldom the likeliest."""
    logits = rng(seed).normal(0, 1.5, (frames, classes))
    logits[:, -2] -= 3
    logits[::2, -1] = 20
    log_probs: Floats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return log_probs


def written(text: str, alphabet: Alphabet = CHARACTERS, sure: float = 0.99, **doubts: tuple[str, float]) -> Floats:
    """Frames that read as a text, a blank between two; ``r2=("E", 0.4)`` lets the third character be an E, too."""
    columns = {character: column for column, character in enumerate(alphabet.characters + " ")}
    chances = np.full((2 * len(text) + 1, len(columns) + 1), 1e-7)
    chances[::2, -1] = 1.0
    for place, character in enumerate(text):
        row = chances[2 * place + 1]
        row[-1] = 1 - sure
        row[columns[character]] = sure
        other, share = doubts.get(f"r{place}", (character, 0.0))
        row[columns[character]] -= share
        row[columns[other]] += share
    return np.log(chances / chances.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bonus", [0.0, 1.2])
def test_a_wide_beam_finds_the_best_of_all_texts_and_how_sure_it_is(seed: int, bonus: float) -> None:
    language, frames = random_language(seed), frames_of(seed)
    options = DecodingOptions(language_weight=0.7, length_bonus=bonus, **FREE)  # type: ignore[arg-type]
    (line,) = decode_lines([frames], ABC, options, language=language)
    found = islands(frames)
    scores: dict[str, list[float]] = {}
    by_language: dict[str, float] = {}
    for way in product(*(range(len(island.texts)) for island in found)):
        symbols = [s for island, text in zip(found, way, strict=True) for s in island.texts[text]]
        eye = sum(island.log_probs[text] for island, text in zip(found, way, strict=True))
        text = "".join((ABC.characters + " ")[s] for s in symbols)
        state, said = np.array([language.start]), 0.0
        for symbol in [*symbols, language.space]:
            said += float(language.log_probs(state)[0, symbol])
            state = language.step(state, np.array([symbol]))
        scores.setdefault(text, []).append(float(eye) + 0.7 * said + bonus * len(symbols))
        by_language[text] = said
    best = max(scores, key=lambda text: max(scores[text]))
    assert line.text == " ".join(best.split())
    assert line.hypotheses[0].language == pytest.approx(by_language[best])
    assert line.hypotheses[0].score == pytest.approx(max(scores[best]))
    everything = np.logaddexp.reduce([score for some in scores.values() for score in some])
    assert line.confidence == pytest.approx(float(np.exp(max(scores[best]) - everything)), rel=1e-6)


def test_without_language_the_eye_decides() -> None:
    for seed in range(8):
        frames = frames_of(seed)
        (line,) = decode_lines([frames], ABC, DecodingOptions(language_weight=0))
        truth = [s for island in islands(frames) for s in island.texts[0]]
        assert line.text == " ".join("".join((ABC.characters + " ")[s] for s in truth).split())
        (same,) = decode_lines([frames], ABC, DecodingOptions())  # no language ships for this alphabet
        assert (same.text, same.hypotheses) == (line.text, line.hypotheses)
        assert line.hypotheses[0].language == 0


def test_language_settles_what_the_eye_leaves_open_and_cuts_where_it_makes_sense() -> None:
    seen = written("MEFT AT N0ON", r2=("E", 0.45), r9=("O", 0.4))
    (line,) = decode_lines([seen], CHARACTERS)
    assert line.raw_text == "MEFT AT N0ON"
    assert line.text == "MEET AT NOON"
    assert [word.text for word in line.words] == ["MEET", "AT", "NOON"]
    assert [c.text for c in line.words[2].characters] == list("NOON")
    assert line.words[0].characters[2].alternatives[0].text == "F"
    assert [c.frame for c in line.words[0].characters] == [1, 3, 5, 7]


def test_digits_among_letters_stay_digits() -> None:
    (line,) = decode_lines([written("MEET AT 9 PM, ROOM 12B")], CHARACTERS)
    assert line.text == "MEET AT 9 PM, ROOM 12B"


def test_cases_of_round_letters_follow_their_neighbours() -> None:
    chances = {f"r{place}": ("o", 0.5) for place in (1, 2)}
    (line,) = decode_lines([written("NOON", **chances)], CHARACTERS)
    assert line.text == "NOON"
    small = {f"r{place}": ("O", 0.5) for place in (1, 2)}
    (line,) = decode_lines([written("noon", **small)], CHARACTERS)
    assert line.text == "noon"


def test_hypotheses_have_the_cases_of_the_text() -> None:
    seen = written("Meet Ann", r2=("a", 0.4), r5=("O", 0.45))
    (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(certain=1.5, n_best=50))
    texts = [told.text for told in line.hypotheses]
    assert (line.text, texts[0]) == ("Meet Ann", "Meet Ann")
    assert {"Meat Ann", "Meet Onn"} <= set(texts)
    assert [told.score for told in line.hypotheses] == sorted((told.score for told in line.hypotheses), reverse=True)
    (capitals,) = decode_lines([written("NOON", r0=("M", 0.3))], CHARACTERS)
    assert {told.text for told in capitals.hypotheses} >= {"NOON", "MOON"}
    (digits,) = decode_lines([written("71", r1=("7", 0.4))], CHARACTERS, alphabet=DIGITS)
    assert [told.text for told in digits.hypotheses[:2]] == ["71", "77"]


def test_a_text_of_other_letters_has_the_case_of_those_read_where_they_stand() -> None:
    folded = CHARACTERS.folded()
    space = len(folded)

    def spelt(text: str, *frames: int) -> Spelt:
        symbols = [space if c == " " else folded.index(c) for c in text]
        return Spelt(Hypothesis(text, 0.0, 0.0, 0.0, 0.0), np.array(symbols), np.array(frames))

    nothing = np.zeros(5)
    read = Cased(CHARACTERS.encode("Mae5T"), np.array([2, 6, 9, 13, 16]), nothing, nothing, np.zeros(5, np.int64))
    cases = {
        ("MAE5T", 2, 6, 9, 13, 16): "Mae5T",
        ("RNAEST", 1, 3, 6, 9, 13, 16): "RnaeST",
        ("M AE 5T", 2, 4, 6, 9, 11, 13, 16): "M ae 5T",
        ("AE", 6, 9): "ae",
    }
    for (text, *frames), told in cases.items():
        assert in_its_case(spelt(text, *frames), read, CHARACTERS).text == told
    digits = Cased(CHARACTERS.encode("12"), np.array([1, 4]), nothing[:2], nothing[:2], np.zeros(2, np.int64))
    assert in_its_case(spelt("IZ", 1, 4), digits, CHARACTERS).text == "IZ"


def test_an_alphabet_says_what_may_stand_there() -> None:
    seen = written("5OO1", r1=("0", 0.3), r2=("0", 0.3))
    (digits,) = decode_lines([seen], CHARACTERS, alphabet=DIGITS)
    (letters,) = decode_lines([written("Noon")], CHARACTERS, alphabet=LETTERS)
    assert digits.text == "5001"
    assert letters.text == "NOON"
    with pytest.raises(BadArray, match="does not know"):
        decode_lines([np.zeros((2, 5))], ABC, alphabet=DIGITS)


def test_what_is_sure_is_never_changed() -> None:
    seen = written("XQZT", sure=0.9999)
    (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(language_weight=5))
    assert line.text == "XQZT"


def test_words_that_a_pattern_keeps_stay_as_read() -> None:
    seen = written("AT 1O4B", r0=("I", 0.4), r4=("0", 0.45))
    kept = DecodingOptions(keep=(r"\d.*",))
    assert decode_lines([seen], CHARACTERS, kept)[0].text.endswith("1O4B")


def test_no_hypothesis_changes_what_is_kept_or_certain() -> None:
    seen = written("MEET AT", r0=("N", 0.3), r1=("O", 0.3), r5=("I", 0.4))
    for n_best in (1, 6):
        (kept,) = decode_lines([seen], CHARACTERS, DecodingOptions(keep=("MEET",), n_best=n_best))
        assert all(told.text.startswith("MEET") for told in kept.hypotheses)
    certain = written("MEET AT", sure=0.9985, r5=("I", 0.4))
    (line,) = decode_lines([certain], CHARACTERS, DecodingOptions(n_best=8))
    assert {told.text for told in line.hypotheses} == {"MEET AT", "MEET IT", "MEET T"}  # only one letter is open


def test_patterns_tell_cases_apart_where_the_eye_is_sure_of_them() -> None:
    seen = written("tbe TBE", r1=("h", 0.45), r5=("H", 0.45))
    (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(keep=("[A-Z]{3}",)))
    assert line.text == "the TBE"
    doubtful = written("PLS XoS", r1=("I", 0.4), r5=("O", 0.4))  # an O as small letters have it, perhaps
    (line,) = decode_lines([doubtful], CHARACTERS, DecodingOptions(keep=("[A-Z]{3}",)))
    assert line.text == "PLS XOS"


def test_a_word_that_a_pattern_keeps_stays_in_its_cases() -> None:
    seen = written("the kWh", r5=("w", 0.05))
    assert decode_lines([seen], CHARACTERS)[0].text == "the kwh"
    (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(keep=("kWh",)))
    assert line.text == line.raw_text == "the kWh"


def test_own_words_need_a_language() -> None:
    with pytest.raises(BadOption, match="words need a language, and none ships for '0123456789'"):
        decode_lines([written("4711", DIGITS)], DIGITS, DecodingOptions(words=("4711",)))


def test_what_a_pattern_keeps_in_a_line_is_as_sure_as_the_eye_is() -> None:
    seen = written("CAR VQU HERE", r4=("Y", 0.35))
    for threshold, text in ((0.0, "CAR VQU HERE"), (0.6, "CAR VQU HERE"), (0.7, "CAR ?QU HERE")):
        (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(keep=("V..",), min_confidence=threshold))
        assert line.text == text
    plate = line.words[1]
    assert [c.probability for c in plate.characters] == pytest.approx([0.64, 0.99, 0.99], rel=2e-3)
    assert line.confidence < plate.probability < 0.63 < min(line.words[0].probability, line.words[2].probability)


def test_a_constraint_is_kept_and_its_separators_are_put_in() -> None:
    seen = written("5550l99", r4=("1", 0.3))
    options = DecodingOptions(constraint=pattern(r"\d{3}-\d{4}"))
    (line,) = decode_lines([seen], CHARACTERS, options, alphabet=DIGITS)
    assert line.text == "555-0199"
    with pytest.raises(BadOption, match="characters"):
        decode_lines([written("55")], CHARACTERS, options, alphabet=DIGITS)


@pytest.mark.parametrize("regex", ["[a-z ]+", r"[a-z]+ [a-z]+ [a-z]+", r"(\w+ ?)+"])
def test_spaces_under_a_constraint_stand_where_they_were_seen(regex: str) -> None:
    options = DecodingOptions(constraint=pattern(regex))
    (line,) = decode_lines([written("meet at noon", sure=0.97)], CHARACTERS, options)
    assert (line.text, [word.text for word in line.words]) == ("meet at noon", ["meet", "at", "noon"])


def test_what_fits_a_constraint_has_its_words_and_its_cases() -> None:
    seen = written("meet at 9pm,", sure=0.97)
    towns = allowed(["Meet at 9PM,", "Meat at 7PM,"])
    (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(constraint=towns))
    assert line.text == "Meet at 9PM,"
    assert [word.text for word in line.words] == ["Meet", "at", "9PM,"]
    assert [c.text for word in line.words for c in word.characters] == list("Meetat9PM,")
    assert all(line.confidence - 1e-6 <= word.probability <= 1 for word in line.words)
    parted = DecodingOptions(constraint=pattern(r"[a-z]{4} [A-Za-z]{2} - \dPM,?"))
    (line,) = decode_lines([written("meet at-9pm,", sure=0.97)], CHARACTERS, parted)
    assert line.text == "meet at - 9PM,"
    assert [word.text for word in line.words] == ["meet", "at", "-", "9PM,"]
    (line,) = decode_lines(
        [written("5550199")], CHARACTERS, DecodingOptions(constraint=pattern(r"\d{3} - \d{4}")), alphabet=DIGITS
    )
    assert (line.text, [word.text for word in line.words]) == ("555 - 0199", ["555", "0199"])  # nobody wrote the dash


def test_a_question_mark_that_a_constraint_puts_in_is_no_character() -> None:
    asked = DecodingOptions(constraint=pattern(r"\d\? \?\d"), min_confidence=0.9)
    for doubt, told in ((0.0, "4? ?7"), (0.4, "?? ?7")):
        (line,) = decode_lines([written("47", r0=("1", doubt))], CHARACTERS, asked, alphabet=DIGITS)
        assert line.text == told
        assert [(word.text, [c.text for c in word.characters]) for word in line.words] == [
            (told[:2], ["4"]),
            (told[3:], ["7"]),
        ]


def test_the_eye_says_the_case_where_a_constraint_leaves_it_open() -> None:
    seen = written("Cab", r1=("C", 0.1))
    (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(constraint=pattern("[A-Za-z]{3}")))
    assert line.text == "Cab"


def test_characters_below_the_asked_confidence_become_question_marks() -> None:
    seen = written("7171", r1=("7", 0.49))
    (line,) = decode_lines([seen], CHARACTERS, DecodingOptions(min_confidence=0.9), alphabet=DIGITS)
    assert line.text == "7?71"
    assert line.words[0].text == "7?71"
    assert line.words[0].characters[1].text in "17"


def test_own_words_are_known() -> None:
    seen = written("ZORKINO", r2=("K", 0.35))
    for words, text in (((), "ZORKINO"), (("ZOKKINO",), "ZOKKINO")):
        assert decode_lines([seen], CHARACTERS, DecodingOptions(words=words))[0].text == text


def test_lines_without_ink_are_empty_and_others_are_not_moved() -> None:
    nothing = written("")
    lines = decode_lines([nothing, written("noon"), nothing], CHARACTERS)
    assert [line.text for line in lines] == ["", "noon", ""]
    assert lines[0].words == () and lines[0].confidence == 0
    assert decode_lines([], CHARACTERS) == ()


def test_spaces_at_the_ends_and_double_spaces_vanish() -> None:
    (line,) = decode_lines([written(" AT  NOON ")], CHARACTERS)
    assert line.text == "AT NOON"
    assert len(line.words) == 2


def test_words_are_as_sure_as_their_texts_together() -> None:
    language, frames = random_language(3), frames_of(11, 8)
    options = DecodingOptions(language_weight=0.7, length_bonus=2.0, **FREE)  # type: ignore[arg-type]
    (line,) = decode_lines([frames], ABC, options, language=language)
    if len(line.words) == 1:  # the word is the line
        assert line.words[0].probability == pytest.approx(line.confidence, rel=1e-6)
    for word in line.words:
        assert line.confidence - 1e-9 <= word.probability <= 1
        for character in word.characters:
            assert 0 <= character.probability <= 1


@settings(max_examples=60)
@given(arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=8), elements=st.floats(width=32)))
def test_any_array_is_answered_or_refused_in_a_sentence(array: Floats) -> None:
    try:
        (line,) = decode_lines([array], ABC, DecodingOptions(language_weight=0))
    except BadArray as error:
        assert str(error)
    else:
        assert len(line.text) <= 2 * len(array)


def test_a_very_long_line_takes_no_more_than_its_length() -> None:
    (line,) = decode_lines([written("NOON AT TEN " * 80)], CHARACTERS)
    assert line.text == ("NOON AT TEN " * 80).strip()


def test_a_language_of_another_alphabet_is_refused() -> None:
    with pytest.raises(BadOption, match="the language model is for the alphabet 'ABC'"):
        decode_lines([written("AT")], CHARACTERS, language=random_language(1))


@pytest.mark.parametrize("seed", range(40))
def test_words_are_those_of_the_text_wherever_spaces_fall(seed: int) -> None:
    chance = rng(seed)
    logits = chance.normal(0, 2, (int(chance.integers(1, 14)), len(ABC) + 2))
    logits[:, -2] += chance.choice([0, 2])
    for options in (DecodingOptions(language_weight=0), DecodingOptions(beam=8)):
        (line,) = decode_lines([logits], ABC, options, language=random_language(1))
        assert line.text == " ".join(word.text for word in line.words)
        assert all(line.confidence - 1e-6 <= word.probability <= 1 for word in line.words)
