"""Texts as an alphabet can write them, worked by hand."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.spelling import normalise

MIXED = Alphabet(LETTERS.characters + DIGITS.characters, fold_case=True)
WITH_MARKS = Alphabet(LETTERS.characters + "'-.", fold_case=True)


@pytest.mark.parametrize(
    ("text", "alphabet", "kept", "dropped"),
    [
        ("Meet at  noon,\tby the bridge!\n", LETTERS, "MEET AT NOON BY THE BRIDGE", 2),
        ("café Straße", LETTERS, "CAFE STRASSE", 1),
        ("call 911 now", MIXED, "CALL 911 NOW", 0),
        ("- - -", LETTERS, "", 3),
        ("", LETTERS, "", 0),
        ("e\u0301te\u0301", Alphabet("ÉT", fold_case=True), "ÉTÉ", 0),
        ("été", Alphabet("ÉT", fold_case=True), "ÉTÉ", 0),
        ("aA", Alphabet("a"), "a", 1),
        ("x\u0304y", LETTERS, "XY", 1),
        ("co\u00adoperate", LETTERS, "COOPERATE", 1),
        ("no\u00a0break", LETTERS, "NO BREAK", 0),
    ],
)
def test_texts_are_brought_into_the_alphabet(text: str, alphabet: Alphabet, kept: str, dropped: int) -> None:
    assert normalise(text, alphabet) == (kept, dropped)


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("confirm/deny", "CONFIRM DENY", 1),
        ("joke--thet", "JOKE THET", 2),
        ("receipts—well", "RECEIPTS WELL", 1),
        ("anti-social", "ANTI SOCIAL", 1),
        ("snake_case", "SNAKE CASE", 1),
        ("this&that", "THIS THAT", 1),
        ("wait…what", "WAIT WHAT", 3),
        ("hi😊there", "HI THERE", 1),
        ("e.g.", "E G", 2),
        ('"quoted"', "QUOTED", 2),
        ("one-2-three", "ONE THREE", 3),
    ],
)
def test_punctuation_parts_words(text: str, kept: str, dropped: int) -> None:
    assert normalise(text, LETTERS) == (kept, dropped)


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "`", "´"])
def test_apostrophes_hold_a_word_together(apostrophe: str) -> None:
    assert normalise(f"don{apostrophe}t", LETTERS) == ("DONT", 1)
    assert normalise(f"don{apostrophe}t", WITH_MARKS)[0].replace(apostrophe, "'") == "DON'T"


@pytest.mark.parametrize(("text", "kept", "dropped"), [("5years", "YEARS", 1), ("gr8", "GR", 1), ("b4you", "BYOU", 1)])
def test_digits_that_letters_cannot_write_vanish_in_place(text: str, kept: str, dropped: int) -> None:
    assert normalise(text, LETTERS) == (kept, dropped)


@pytest.mark.parametrize(
    ("text", "alphabet", "kept", "dropped"),
    [
        ("12.30 h", DIGITS, "1230", 2),
        ("3,000", DIGITS, "3000", 1),
        ("0171/555--1234", MIXED, "01715551234", 3),
        ("B-12", MIXED, "B 12", 1),
        ("tel:555", DIGITS, "555", 4),
    ],
)
def test_punctuation_between_digits_does_not_part_a_number(
    text: str, alphabet: Alphabet, kept: str, dropped: int
) -> None:
    assert normalise(text, alphabet) == (kept, dropped)


def test_punctuation_of_the_alphabet_stays() -> None:
    assert normalise("Anti-social e.g. don't!", WITH_MARKS) == ("ANTI-SOCIAL E.G. DON'T", 1)


def test_control_characters_are_left_out_like_letters_of_elsewhere() -> None:
    assert normalise("a\x00b\x01c日d", LETTERS) == ("ABCD", 3)


@given(st.text(max_size=40))
def test_whatever_is_typed_becomes_words_of_the_alphabet(text: str) -> None:
    kept, dropped = normalise(text, LETTERS)
    assert kept == " ".join(kept.split())
    assert all(c == " " or c in LETTERS.characters for c in kept)
    assert normalise(kept, LETTERS) == (kept, 0)
    assert dropped >= 0


def test_a_megabyte_is_normalised_in_less_than_a_second() -> None:
    lines = ["It's a joke--that 12,000 people didn't get: “well…”, he said/wrote."] * 15_000
    start = time.process_time()
    for line in lines:
        normalise(line, LETTERS)
    assert time.process_time() - start < 1.0
