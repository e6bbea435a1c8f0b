"""The constrained search against every text there is, scored by force; separators, lists, long lines and refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from time import process_time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.decoding import Constraint, allowed, both, constrained, date, luhn, pattern
from inkread.decoding.constraint import fits
from inkread.decoding.trellis import trellis
from inkread.errors import BadOption, UnknownCharacter

Floats = npt.NDArray[np.float64]
ABC = Alphabet("AB1")

PATTERNS = [
    ".*", "[AB]*1?", "A.*|.*B", "(AB|1)*", "(A|AB)(1|B1)?.*", "[^1]+", "(.A)*.?", "A?B?1?A?B?", r"(\w{2})+\w",
    "(A+B*)+1*", "(A|B)*A(A|B){2}", "A{2,3}B{0,2}1?",
]  # fmt: skip


def random_rows(seed: int, rows: int, columns: int, impossible: float = 0.0) -> Floats:
    """Log-probabilities by chance; some of them of impossible characters, but never the whole row."""
    chance = np.random.default_rng(seed)
    probabilities = chance.dirichlet(np.full(columns, 0.5), rows) + 1e-9
    zero = chance.random((rows, columns)) < impossible
    zero[np.arange(rows), probabilities.argmax(axis=1)] = False
    probabilities[zero] = 0
    with np.errstate(divide="ignore"):
        log_probs: Floats = np.log(probabilities / probabilities.sum(axis=1, keepdims=True))
    return log_probs


def by_force(log_probs: Floats, alphabet: Alphabet, fit: list[str]) -> tuple[list[tuple[str, float]], float, Floats]:
    """Texts that fit and are possible, best first, the logarithm of their sum, and each character's share of it."""
    scores = {text: log_probs[np.arange(len(text)), alphabet.encode(text)].sum() for text in fit}
    ranked = sorted(((text, score) for text, score in scores.items() if score > -np.inf), key=lambda pair: -pair[1])
    shares = np.zeros_like(log_probs)
    for text, score in ranked:
        shares[np.arange(len(text)), alphabet.encode(text)] += np.exp(score)
    mass = float(np.log(sum(np.exp(score) for _, score in ranked))) if ranked else -np.inf
    return ranked, mass, shares / np.exp(mass) if ranked else shares


def texts_of(alphabet: Alphabet, rows: int) -> list[str]:
    return ["".join(text) for text in product(alphabet.characters, repeat=rows)]


@pytest.mark.parametrize("regex", PATTERNS)
@pytest.mark.parametrize("rows", [1, 2, 3, 5])
@pytest.mark.parametrize("impossible", [0.0, 0.3])
def test_the_search_finds_what_scoring_every_text_finds(regex: str, rows: int, impossible: float) -> None:
    fit = [text for text in texts_of(ABC, rows) if re.fullmatch(regex, text)]
    for seed in range(3):
        log_probs = random_rows(seed, rows, 3, impossible)
        ranked, mass, shares = by_force(log_probs, ABC, fit)
        if not ranked:
            with pytest.raises(BadOption, match="fits"):
                constrained(log_probs, ABC, pattern(regex))
            continue
        found = constrained(log_probs, ABC, pattern(regex), n_best=len(ranked) + 3)
        assert sorted(one.text for one in found.best) == sorted(text for text, _ in ranked)
        np.testing.assert_allclose([one.log_prob for one in found.best], [score for _, score in ranked], atol=1e-12)
        np.testing.assert_allclose(found.mass, mass, atol=1e-12)
        np.testing.assert_allclose(found.posteriors, shares, atol=1e-12)
        assert found.confidence == pytest.approx(np.exp(ranked[0][1] - mass))
        assert [ABC.decode(one.characters) for one in found.best] == [one.text for one in found.best]
        assert [one.text for one in constrained(log_probs, ABC, pattern(regex), 3).best] == [
            one.text for one in found.best[:3]
        ]


@given(st.lists(st.text("AB1", min_size=3, max_size=4), min_size=1, max_size=20), st.integers(0, 1000))
def test_a_list_gives_what_the_pattern_of_its_strings_gives(strings: list[str], seed: int) -> None:
    log_probs = random_rows(seed, 3, 3)
    of_three = sorted({string for string in strings if len(string) == 3})
    if not of_three:
        return
    ranked, mass, shares = by_force(log_probs, ABC, of_three)
    for constraint in (allowed(strings), pattern("|".join(strings))):
        found = constrained(log_probs, ABC, constraint, 50)
        assert [one.text for one in found.best] == [text for text, _ in ranked]
        assert found.mass == pytest.approx(mass)
        np.testing.assert_allclose(found.posteriors, shares, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_card_number_is_the_likeliest_whose_digits_check(seed: int) -> None:
    log_probs = random_rows(seed, 4, 10)
    card = both(pattern(r"\d{2} \d{2}"), luhn())
    fit = [text for text in texts_of(DIGITS, 4) if fits(luhn(), text)]
    ranked, mass, shares = by_force(log_probs, DIGITS, fit)
    found = constrained(log_probs, DIGITS, card, 20)
    assert len(fit) == 1000
    assert [one.text for one in found.best] == [f"{text[:2]} {text[2:]}" for text, _ in ranked[:20]]
    assert found.mass == pytest.approx(mass)
    np.testing.assert_allclose(found.posteriors, shares, atol=1e-12)


def sure(text: str, alphabet: Alphabet) -> Floats:
    """Rows that read as a text, nearly without doubt."""
    columns = len(alphabet)
    probabilities = np.full((len(text), columns), 0.01 / (columns - 1))
    probabilities[np.arange(len(text)), alphabet.encode(text)] = 0.99
    log_probs: Floats = np.log(probabilities)
    return log_probs


@pytest.mark.parametrize(
    ("constraint", "alphabet", "seen", "text"),
    [
        (pattern(r"\d\d/\d\d/\d{4}"), DIGITS, "24122026", "24/12/2026"),
        (pattern(r"\d{3}-\d{4}"), DIGITS, "5550199", "555-0199"),
        (pattern(r"(\d{1,3},)*\d{3}\.\d\d"), DIGITS, "125000", "1,250.00"),
        (pattern(r"\(\d{3}\)\s\d{2} [-/] \d"), DIGITS, "123456", "(123) 45 - 6"),
        (pattern(r"\d{4}[ -]?\d{4}"), DIGITS, "12345678", "12345678"),  # no more separators than must be
        (pattern(r"\d{3}( \d)*|--\d{4}|\d-\d--\d{2}"), DIGITS, "1234", "123 4"),  # the fewest, wherever they come
        (pattern(r"\d+(-\d)* *"), DIGITS, "12", "12"),  # separators without end are no trouble
        (pattern("[a-z]+ [A-Z]+, [a-z]{2}"), LETTERS, "BONNONRH", "B ONNON, RH"),  # as early as may be
        (pattern(r"-\d\d"), Alphabet("0123456789-"), "-12", "-12"),  # read, where the alphabet has it
        (allowed(["New York", "Newark"]), LETTERS, "NEWYORK", "NEW YORK"),
        (allowed(["1-2", "12", "1 2"]), DIGITS, "12", "12"),
        (allowed(["O'Hare"]), LETTERS, "OHARE", "O'HARE"),
        (allowed(["Straße"]), LETTERS, "STRASSE", "STRASSE"),
        (both(allowed(["12-34", "1-234"]), pattern(r"\d-\d{3}")), DIGITS, "1234", "1-234"),
        (both(pattern(r"\d{2}-\d{2}"), luhn()), DIGITS, "1230", "12-30"),
        (date("YMD", separator="-"), DIGITS, "20240229", "2024-02-29"),
    ],
)
def test_separators_are_put_into_the_text_without_being_read(
    constraint: Constraint, alphabet: Alphabet, seen: str, text: str
) -> None:
    best = constrained(sure(seen, alphabet), alphabet, constraint).best[0]
    assert best.text == text
    assert alphabet.decode(best.characters) == "".join(c for c in text if c in alphabet) == seen


@pytest.mark.parametrize(
    ("regex", "gaps", "text"),
    [
        (r"(\d+[ -]?)+", [0.05, 0.9, 0.05, 0.9, 0.05], "12 34 56"),
        (r"(\d+[ -]?)+", [0.1] * 5, "123456"),
        (r"\d+ \d+", [0.01, 0.02, 0.3, 0.01, 0.01], "123 456"),
        (r"\d+[- ]\d+", [0.01, 0.01, 0.9, 0.01, 0.01], "123 456"),
        (r"\d+ \d+", None, "1 23456"),  # anywhere will do
    ],
)
def test_gaps_tell_where_spaces_stand_that_may_stand_elsewhere(regex: str, gaps: list[float] | None, text: str) -> None:
    known = None if gaps is None else np.array(gaps)
    found = constrained(sure("123456", DIGITS), DIGITS, pattern(regex), gaps=known)
    assert found.best[0].text == text
    assert found.mass == pytest.approx(constrained(sure("123456", DIGITS), DIGITS, pattern(regex)).mass)


@pytest.mark.parametrize(
    ("gaps", "text"),
    [([0.01, 0.95, 0.01, 0.01, 0.01, 0.01], "NO WHERE"), ([0.01, 0.01, 0.95, 0.01, 0.01, 0.01], "NOW HERE"),
     ([0.01] * 6, "NOWHERE"), (None, "NOWHERE")],
)  # fmt: skip
def test_gaps_choose_between_strings_of_a_list_that_differ_in_spaces_alone(gaps: list[float] | None, text: str) -> None:
    known = None if gaps is None else np.array(gaps)
    listed = allowed(["NO WHERE", "NOW HERE", "NOWHERE"])
    assert constrained(sure("NOWHERE", LETTERS), LETTERS, listed, gaps=known).best[0].text == text


def test_each_spelling_counts_once_however_its_separators_may_be_put() -> None:
    log_probs = random_rows(5, 4, 10)
    plain = constrained(log_probs, DIGITS, pattern(r"\d{4}"), 5)
    for regex in (r"\d?[- ]?\d+", r"\d( ?\d)*", r"[- ]*(\d[- ]*){4}"):
        spaced = constrained(log_probs, DIGITS, pattern(regex), 5)
        assert spaced.mass == pytest.approx(0.0)
        assert [one.log_prob for one in spaced.best] == pytest.approx([one.log_prob for one in plain.best])
        np.testing.assert_allclose(spaced.posteriors, np.exp(log_probs), atol=1e-12)


def test_a_date_is_mended_by_the_calendar() -> None:
    log_probs = sure("31022024", DIGITS)
    log_probs[0, :4] = np.log([0.2, 0.05, 0.3, 0.45])  # the first digit: 3, maybe 2, maybe 0
    found = constrained(log_probs, DIGITS, date(), 2)
    assert [one.text for one in found.best] == ["21/02/2024", "01/02/2024"]
    assert found.posteriors[0] == pytest.approx([0.36, 0.1, 0.54, 0, 0, 0, 0, 0, 0, 0], abs=0.02)


def test_texts_without_rows_fit_what_may_be_empty() -> None:
    for constraint in (pattern("A*"), allowed(["", "A"])):
        found = constrained(np.zeros((0, 26)), LETTERS, constraint)
        assert [(one.text, one.log_prob) for one in found.best] == [("", 0.0)]
        assert found.mass == 0.0
        assert found.posteriors.shape == (0, 26)
    with pytest.raises(BadOption, match="no text of 0 characters fits"):
        constrained(np.zeros((0, 26)), LETTERS, pattern("A+"))


@pytest.mark.parametrize(
    ("constraint", "rows", "nearest"),
    [
        (pattern(r"\d{8}"), 7, "takes 8,"),
        (pattern(r"\d\d/\d\d"), 7, "takes 4,"),
        (pattern(r"(\d{3})+"), 7, "takes 6 or 9,"),
        (pattern(r"\d{900}"), 7, "takes 900,"),
        (allowed(["12", "1 2 3 4", "123456789"]), 7, "takes 4 or 9,"),
        (both(pattern(r"\d{3}|\d{12}"), luhn()), 7, "takes 3 or 12,"),
    ],
)
def test_where_no_text_of_the_length_fits_the_error_says_which_length_would(
    constraint: Constraint, rows: int, nearest: str
) -> None:
    with pytest.raises(BadOption) as error:
        constrained(random_rows(0, rows, 10), DIGITS, constraint)
    assert f"no text of {rows} characters fits {constraint}; the nearest that fits {nearest}" in str(error.value)


def test_what_the_alphabet_cannot_write_is_said() -> None:
    with pytest.raises(
        BadOption, match="no text of this alphabet's characters, of 1,002 at most, fits the pattern 'A1'"
    ):
        constrained(random_rows(0, 2, 10), DIGITS, pattern("A1"))
    with pytest.raises(UnknownCharacter, match="'Ü' of 'ZÜRICH' in the list is not in the alphabet"):
        constrained(random_rows(0, 4, 26), LETTERS, allowed(["BONN", "Zürich"]))


def test_texts_that_the_recogniser_rules_out_are_no_answer() -> None:
    log_probs = np.array([[0.0, -np.inf, -np.inf], np.log([0.5, 0.25, 0.25])])
    assert [one.text for one in constrained(log_probs, ABC, pattern(".[AB]"), 9).best] == ["AA", "AB"]
    with pytest.raises(BadOption, match="every text that fits the pattern 'B.' holds a character whose probability"):
        constrained(log_probs, ABC, pattern("B."))


def test_a_text_whose_probability_is_no_number_any_more_is_still_found() -> None:
    log_probs = np.full((400, 3), -1000.0)  # each row rules out A and B but by e^-1000
    log_probs[:, 2] = 0.0
    found = constrained(log_probs, ABC, pattern("[AB]*"), 2)
    assert found.mass == pytest.approx(400 * (np.log(2) - 1000))
    np.testing.assert_allclose(found.posteriors[:, :2], 0.5)


def test_ways_that_end_nowhere_are_left_out_of_the_trellis() -> None:
    layers, complete = trellis(pattern("A{3}|B1[AB]|1{2}A?B{2}"), ABC, 3)
    assert [ABC.decode(layer.character) for layer in layers] == ["AB", "A1", "AAB"]  # neither 11BB nor 11ABB has three
    assert complete.sum() == 1


def test_arguments_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadOption, match=r"a constraint is made by pattern\(\)"):
        constrained(random_rows(0, 2, 10), DIGITS, r"\d\d")  # type: ignore[arg-type]
    with pytest.raises(BadOption, match="n_best is 0; expected 1 or more"):
        constrained(random_rows(0, 2, 10), DIGITS, pattern(r"\d\d"), 0)


@dataclass(frozen=True)
class Rising:
    """A constraint of somebody's own: each character comes no earlier than the one before."""

    last: str = ""
    separators: str = ""
    complete: bool = True

    def after(self, character: str) -> Rising | None:
        return Rising(character) if character >= self.last else None


@dataclass(frozen=True)
class Counting:
    """A constraint that never forgets a space, which makes every space a new beginning."""

    spaces: int = 0
    separators: str = " "
    complete: bool = True

    def after(self, character: str) -> Counting:
        return Counting(self.spaces + (character == " "))


def test_a_constraint_of_ones_own_is_searched_like_the_others() -> None:
    log_probs = random_rows(2, 4, 10)
    ranked, mass, _ = by_force(log_probs, DIGITS, [t for t in texts_of(DIGITS, 4) if list(t) == sorted(t)])
    found = constrained(log_probs, DIGITS, Rising(), 10)
    assert [one.text for one in found.best] == [text for text, _ in ranked[:10]]
    assert found.mass == pytest.approx(mass)
    with pytest.raises(BadOption, match="separators without end"):
        constrained(log_probs, DIGITS, Counting())


@pytest.mark.parametrize(
    "regex", [r"\d*", pytest.param(r"\d{1,10000}", marks=pytest.mark.slow), r"(\d{3}[- ])*\d{0,3}", r"(12|[03-9])*.?"]
)
def test_ten_thousand_rows_take_seconds(regex: str) -> None:
    log_probs = random_rows(1, 10_000, 10)
    begin = process_time()
    found = constrained(log_probs, DIGITS, pattern(regex), 5)
    assert process_time() - begin < 15
    assert re.fullmatch(regex, found.best[0].text)
    scores = [log_probs[np.arange(10_000), one.characters].sum() for one in found.best]
    assert scores == pytest.approx([one.log_prob for one in found.best])
    assert scores == sorted(scores, reverse=True)
    assert len({one.text for one in found.best}) == 5
    np.testing.assert_allclose(found.posteriors.sum(axis=1), 1)


def test_a_list_of_fifty_thousand_takes_a_moment() -> None:
    chance = np.random.default_rng(3)
    letters = chance.integers(0, 26, (50_000, 10))
    strings = [LETTERS.decode(row) for row in letters]
    log_probs = random_rows(4, 10, 26)
    begin = process_time()
    found = constrained(log_probs, LETTERS, allowed(strings), 5)
    assert process_time() - begin < 1.5  # 0.2 s where nothing else runs
    scores = log_probs[np.arange(10), letters].sum(axis=1)
    np.testing.assert_allclose([one.log_prob for one in found.best], np.sort(scores)[::-1][:5])
    assert found.best[0].text == strings[int(scores.argmax())]
    assert found.mass == pytest.approx(np.log(np.exp(scores - scores.max()).sum()) + scores.max())


@pytest.mark.parametrize("regex", ["(A|B)*A(A|B){20}", pytest.param(".*A.{30}", marks=pytest.mark.slow)])
def test_a_pattern_with_too_many_states_is_refused_in_seconds(regex: str) -> None:
    begin = process_time()
    with pytest.raises(BadOption, match="too complex: a text can go on in more than 10,000 ways"):
        constrained(random_rows(0, 100, 26), LETTERS, pattern(regex))
    assert process_time() - begin < 20
