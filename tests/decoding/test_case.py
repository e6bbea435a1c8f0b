"""Capitals against every way to write a short text, each scored for itself; and where letters stand."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

from inkread.alphabet import CHARACTERS, DIGITS, FOLDED_CHARACTERS, LETTERS, Alphabet
from inkread.decoding import fold_case, restore_case, unfold_case, unfold_posteriors
from inkread.decoding.case import CAPITAL, STYLE_SHARES, STYLES, Cased, Position, positions
from inkread.errors import BadArray
from tests.decoding.every_text import random_log_probs, rng

Floats = npt.NDArray[np.float64]
P = Position


def columns_of(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """A text with spaces and line ends -> columns, rows before spaces, rows before line ends."""
    kept, spaces, lines = "", [], []
    for character in text:
        if character == "\n":
            lines.append(len(kept) - 1)
        elif character == " ":
            spaces.append(len(kept) - 1)
        else:
            kept += character
    return FOLDED_CHARACTERS.encode(kept), np.array(spaces, np.int64), np.array(lines, np.int64)


def restored(text: str, odds: Floats, names: dict[str, str] | None = None) -> tuple[str, Cased]:
    """The text with its capitals."""
    columns, spaces, lines = columns_of(text)
    cased = restore_case(columns, FOLDED_CHARACTERS, odds, spaces, lines, names)
    letters = iter(CHARACTERS.decode(unfold_case(columns, cased.capital, CHARACTERS)))
    return "".join(c if c in " \n" else next(letters) for c in text), cased


def odds_of(seen: str) -> Floats:
    """The eye's odds of a text in which _ stands for a letter whose case cannot be told; spaces have none."""
    return np.array([0.0 if c == "_" else 6.0 if c.isupper() else -6.0 for c in seen if c not in " \n"])


def every_way(text: str, odds: Floats) -> tuple[list[bool], Floats]:
    """The best cases of all letters and P(capital) of each, by adding up every style and every choice of cases."""
    columns, spaces, lines = columns_of(text)
    where = positions(FOLDED_CHARACTERS.decode(columns), spaces, lines, {})
    letters = np.flatnonzero(where >= 0)
    best, best_cases, mass, capital = -np.inf, [], 0.0, np.zeros(len(letters))
    for style in range(len(STYLES)):
        for cases in product((False, True), repeat=len(letters)):
            chance, before = STYLE_SHARES[style], 0
            for row, case in zip(letters, cases, strict=True):
                is_capital = CAPITAL[style, where[row], before]
                eye = 1 / (1 + np.exp(-odds[row]))
                chance *= is_capital * eye if case else (1 - is_capital) * (1 - eye)
                before = int(case)
            mass += chance
            capital[list(cases)] += chance
            if chance > best:
                best, best_cases = chance, list(cases)
    return best_cases, capital / mass


@pytest.mark.parametrize("text", ["OK. SO I", "I'LL", "B12 US", "A SUV", "X", "7 PM, A", "NO\nWAX", "(SO)"])
def test_cases_and_their_probabilities_are_those_of_every_way_to_write_the_text(text: str) -> None:
    columns, spaces, lines = columns_of(text)
    for seed in range(4):
        odds = rng(seed).normal(0, 3, len(columns))
        best, probabilities = every_way(text, odds)
        cased = restore_case(columns, FOLDED_CHARACTERS, odds, spaces, lines)
        letters = np.array([FOLDED_CHARACTERS[c].isalpha() for c in columns])
        assert cased.capital[letters].tolist() == best
        np.testing.assert_allclose(cased.probability[letters], probabilities, atol=1e-9)
        assert not cased.capital[~letters].any() and not cased.probability[~letters].any()


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("MEET AT N__N", "MEET AT NOON"),
        ("Meet at n__n", "Meet at noon"),
        ("_ee you at n__n. _all me", "See you at noon. Call me"),
        ("_ee you_", "See you!"),
        ("meet at n__n", "meet at noon"),
        ("_all me at 9 _M", "Call me at 9 PM"),
        ("_OME TO R__M 12B", "COME TO ROOM 12B"),
        ("I'll _ee. _'m here", "I'll see. I'm here"),
        ("DON'T _T__", "DON'T STOP"),
        ("Bring\n_ix eggs", "Bring\nsix eggs"),
        ("THE _NLY _NE", "THE ONLY ONE"),
    ],
)
def test_letters_whose_case_cannot_be_seen_are_cased_as_people_write(seen: str, meant: str) -> None:
    assert restored(meant.upper(), odds_of(seen))[0] == meant


def test_a_whole_note_tells_how_its_line_is_written() -> None:
    assert restored("MEET AT NOON\nSO", odds_of("MEET AT NOON\n__"))[0] == "MEET AT NOON\nSO"
    assert restored("MEET AT NOON\nSO", odds_of("Meet at noon\n__"))[0] == "Meet at noon\nso"


def test_a_name_has_a_capital_wherever_it_stands() -> None:
    odds = odds_of("_ing with _am'_ dog")
    assert restored("SING WITH SAM'S DOG", odds)[0] == "Sing with sam's dog"
    assert restored("SING WITH SAM'S DOG", odds, {"SAM": "Sam"})[0] == "Sing with Sam's dog"


def test_a_name_has_its_capitals_inside() -> None:
    odds = odds_of("the _V of Mc_ay")
    assert restored("THE TV OF MCKAY", odds)[0] != "the TV of McKay"
    assert restored("THE TV OF MCKAY", odds, {"TV": "TV", "MCKAY": "McKay"})[0] == "the TV of McKay"


def test_what_the_eye_is_certain_of_stays() -> None:
    odds = np.array([-np.inf, np.inf, -np.inf, np.inf, 0.0])
    text, cased = restored("MEETS", odds)
    assert text[:4] == "mEeT"
    np.testing.assert_array_equal(cased.probability[:4], [0, 1, 0, 1])


def test_no_letters_have_no_case() -> None:
    text, cased = restored("555-0199", np.zeros(8))
    assert text == "555-0199"
    assert not cased.capital.any()
    assert restore_case(np.zeros(0, np.int64), FOLDED_CHARACTERS, []).capital.shape == (0,)


@pytest.mark.parametrize("odds", [[0.0], [0.0, np.nan]])
def test_odds_that_do_not_fit_are_refused(odds: list[float]) -> None:
    with pytest.raises(BadArray, match="expected a number for each of 2 characters"):
        restore_case(np.array([0, 1]), FOLDED_CHARACTERS, odds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OK", [P.SENTENCE, P.SECOND]),
        ('"SO", I SAY', [None, P.SENTENCE, P.SECOND, None, None, P.PRONOUN, P.AFTER_ALONE, P.SECOND, P.LATER]),
        ("I'LL", [P.PRONOUN, None, P.SECOND, P.LATER]),
        ("IT. SO", [P.SENTENCE, P.SECOND, None, P.SENTENCE, P.SECOND]),
        ('"NO." SO', [None, P.SENTENCE, P.SECOND, None, None, P.SENTENCE, P.SECOND]),
        ("P.M. 2 GO", [P.SENTENCE, None, P.ALONE, None, None, P.AFTER_ALONE, P.SECOND]),
        ("9PM A4", [None, P.CODE, P.CODE_LATER, P.CODE, None]),
        ("9 PM", [None, P.CODE, P.CODE_LATER]),
        ("2 AM I", [None, P.CODE, P.CODE_LATER, P.PRONOUN]),
        ("2 AND", [None, P.WORD, P.SECOND, P.LATER]),
        ("GO\nUP", [P.SENTENCE, P.SECOND, P.LINE, P.SECOND]),
        ("GO.\n(UP", [P.SENTENCE, P.SECOND, None, None, P.SENTENCE, P.SECOND]),
        ("GO\n- UP", [P.SENTENCE, P.SECOND, None, P.LINE, P.SECOND]),
        (
            "'TIS A CO-OP",
            [None, P.SENTENCE, P.SECOND, P.LATER, P.ALONE, P.AFTER_ALONE, P.SECOND, None, P.WORD, P.SECOND],
        ),
    ],
)
def test_where_letters_stand(text: str, expected: list[Position | None]) -> None:
    columns, spaces, lines = columns_of(text)
    found = positions(FOLDED_CHARACTERS.decode(columns), spaces, lines, {})
    assert found.tolist() == [-1 if position is None else position for position in expected]


def test_folding_adds_the_probabilities_of_both_cases() -> None:
    log_probs = random_log_probs(1, 5, len(CHARACTERS))
    folded, alphabet, odds = fold_case(log_probs, CHARACTERS)
    assert alphabet == FOLDED_CHARACTERS
    chances = np.exp(log_probs)
    for column, name in enumerate(FOLDED_CHARACTERS):
        forms = {CHARACTERS.index(form) for form in (name, name.lower())}
        np.testing.assert_allclose(np.exp(folded[:, column]), sum(chances[:, form] for form in forms))
        capital, small = (log_probs[:, CHARACTERS.index(form)] for form in (name, name.lower()))
        np.testing.assert_allclose(odds[:, column], capital - small)
    np.testing.assert_allclose(np.exp(folded).sum(axis=1), 1.0)


def test_letters_with_one_case_in_the_alphabet_are_certain() -> None:
    with np.errstate(divide="ignore"):
        log_probs = np.log([[0.4, 0.3, 0.2, 0.1], [1.0, 0.0, 0.0, 0.0]])
    folded, alphabet, odds = fold_case(log_probs, Alphabet("abB1"))
    assert alphabet == Alphabet("AB1", fold_case=True)
    np.testing.assert_allclose(np.exp(folded), [[0.4, 0.5, 0.1], [1, 0, 0]])
    assert odds[0, 0] == -np.inf
    assert odds[:, 2].tolist() == [0, 0]
    assert odds[1].tolist() == [-np.inf, 0, 0]  # neither b nor B is possible: nothing is known of its case
    assert unfold_case(np.array([0, 1, 1, 2]), np.array([True, True, False, True]), Alphabet("abB1")).tolist() == [
        0,
        2,
        1,
        3,
    ]


@pytest.mark.parametrize("alphabet", [LETTERS, DIGITS])
def test_an_alphabet_without_two_cases_stays_as_it_is(alphabet: Alphabet) -> None:
    log_probs = random_log_probs(2, 3, len(alphabet))
    folded, same, odds = fold_case(log_probs, alphabet)
    assert same == alphabet
    np.testing.assert_array_equal(folded, log_probs)
    assert not odds.any()
    columns = np.arange(3)
    assert unfold_case(columns, np.zeros(3, bool), alphabet).tolist() == [0, 1, 2]
    posteriors = unfold_posteriors(np.exp(folded), odds, columns, np.zeros(3), alphabet)
    np.testing.assert_allclose(posteriors, np.exp(log_probs))


def test_unfolding_undoes_folding() -> None:
    log_probs = random_log_probs(3, 6, len(CHARACTERS))
    folded, _, odds = fold_case(log_probs, CHARACTERS)
    characters = folded.argmax(axis=1)
    eye = 1 / (1 + np.exp(-odds[np.arange(6), characters]))
    np.testing.assert_allclose(
        unfold_posteriors(np.exp(folded), odds, characters, eye, CHARACTERS), np.exp(log_probs), rtol=1e-9
    )


def test_the_chosen_character_is_shared_as_its_case_was_decided() -> None:
    folded, _, odds = fold_case(random_log_probs(4, 2, len(CHARACTERS)), CHARACTERS)
    characters = FOLDED_CHARACTERS.encode("O7")
    shared = unfold_posteriors(np.exp(folded), odds, characters, np.array([0.9, 0.0]), CHARACTERS)
    both = np.exp(folded[0, characters[0]])
    np.testing.assert_allclose(shared[0, CHARACTERS.encode("Oo")], [0.9 * both, 0.1 * both])
    np.testing.assert_allclose(shared[1, CHARACTERS.index("7")], np.exp(folded[1, characters[1]]))
    np.testing.assert_allclose(shared.sum(axis=1), 1.0)
