"""Constraints against known numbers, calendars counted by hand, and Python's own arithmetic."""

from __future__ import annotations

import datetime
from calendar import isleap
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkread.alphabet import DIGITS, LETTERS
from inkread.decoding import allowed, amount, both, date, ean13, isbn10, luhn, mod97, pattern, phone, weighted
from inkread.decoding.constraint import Allowed, Constraint, as_written_in, check_constraint, fits
from inkread.errors import BadOption

# The number of an IBAN, its country's letters as two digits each at the end, leaves 1 modulo 97 (ISO 13616).
GERMAN_IBAN = weighted([10, 1, *(10**power for power in range(23, 5, -1))], 97, (1 - 131400) % 97)

KNOWN = [
    (luhn(), "79927398713"),  # the example of many textbooks
    (luhn(), "4111 1111 1111 1111"),
    (luhn(), "378282246310005"),
    (luhn(), "49-015420-323751-8"),
    (ean13(), "4006381333931"),
    (ean13(), "978-3-16-148410-0"),
    (isbn10(), "0-306-40615-2"),
    (isbn10(), "0-8044-2957-X"),
    (isbn10(), "3-16-148410-X"),
    (mod97(), "5493001KJTIIGC8Y1R12"),  # a LEI
    (mod97(), "3214282912345698765432161182"),  # GB82 WEST 1234 5698 7654 32 with its head at the end, in digits
    (weighted((3, 7, 1) * 3, 10), "111000025"),  # a bank's routing number
    (GERMAN_IBAN, "89 3704 0044 0532 0130 00"),
]


@pytest.mark.parametrize(("constraint", "number"), KNOWN)
def test_numbers_in_use_fit_and_no_number_fits_with_one_digit_changed(constraint: Constraint, number: str) -> None:
    assert fits(constraint, number)
    for place, digit in product(range(len(number)), "0123456789"):
        if number[place] not in (digit, " ", "-"):
            changed = number[:place] + digit + number[place + 1 :]
            assert not fits(constraint, changed) or not number[place].isdigit()


@given(st.text("0123456789", min_size=1, max_size=25))
def test_luhn_is_the_sum_that_it_says(number: str) -> None:
    doubled = [int(d) if place % 2 == 0 else sum(map(int, str(2 * int(d)))) for place, d in enumerate(reversed(number))]
    assert fits(luhn(), number) == (sum(doubled) % 10 == 0)


@given(st.text("0123456789ABCXYZ", min_size=1, max_size=25))
def test_mod97_is_the_remainder_of_the_number(text: str) -> None:
    assert fits(mod97(), text) == (int("".join(str(int(c, 36)) for c in text)) % 97 == 1)


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=8), st.integers(2, 30), st.data())
def test_weighted_is_the_weighted_sum(weights: list[int], modulus: int, data: st.DataObject) -> None:
    remainder = data.draw(st.integers(0, modulus - 1))
    digits = data.draw(st.lists(st.integers(0, 9), min_size=len(weights), max_size=len(weights)))
    adds_up = sum(w * d for w, d in zip(weights, digits, strict=True)) % modulus == remainder
    assert fits(weighted(weights, modulus, remainder), "".join(map(str, digits))) == adds_up


def test_check_digits_refuse_letters_and_wrong_lengths() -> None:
    assert not fits(luhn(), "7992739871A")
    assert not fits(ean13(), "400638133393")
    assert not fits(ean13(), "40063813339310")
    assert not fits(isbn10(), "X306406151")  # 231 = 21 * 11, but X stands for ten in the last place only
    assert not fits(mod97(), "Ä")
    with pytest.raises(BadOption, match="at least one weight, a modulus of 2 or more"):
        weighted([], 10)
    with pytest.raises(BadOption, match="remainder below it; got 1 weights, modulus 10, remainder 10"):
        weighted([1], 10, 10)
    for wrong, got in (("373", "'373'"), ((1.5, 2), "1.5"), (3, "3"), ((1, True), "True"), (None, "None")):
        with pytest.raises(BadOption, match=f"whole numbers, the weights in a tuple; got {got}"):
            weighted(wrong, 10)  # type: ignore[arg-type]
    with pytest.raises(BadOption, match=r"takes whole numbers, the weights in a tuple; got 9\.5"):
        weighted((1, 2), 9.5)  # type: ignore[arg-type]


@given(st.lists(st.text("abc ", max_size=4), min_size=1, max_size=8), st.text("abc ", max_size=4))
def test_a_list_fits_its_strings_and_nothing_else(strings: list[str], text: str) -> None:
    assert all(fits(allowed(strings), string) for string in strings)
    assert fits(allowed(strings), text) == (text in strings)


@given(st.text("01AB-", max_size=6))
def test_both_is_the_intersection(text: str) -> None:
    plate, digits = pattern(r"[AB]+-?\d*"), pattern(r".{2,4}")
    listed = allowed(["AB-1", "A1", "B", "AB-10"])
    assert fits(both(plate, digits), text) == (fits(plate, text) and fits(digits, text))
    assert fits(both(plate, listed, digits), text) == all(fits(one, text) for one in (plate, listed, digits))


def test_a_list_that_must_fit_something_else_becomes_the_strings_that_do() -> None:
    names = allowed(["Berlin", "Bonn", "Ulm", "New York"])
    assert as_written_in(both(names, pattern("[a-z]{3,4}")), LETTERS) == Allowed(("BONN", "ULM"))
    assert as_written_in(both(pattern("B.*"), both(pattern(".*n"), names)), LETTERS) == Allowed(("BERLIN", "BONN"))
    assert as_written_in(both(allowed(["a", "B"]), pattern("[a-z]")), DIGITS) == Allowed(("a",))
    with pytest.raises(BadOption, match="no string of the list of 4 strings fits the pattern 'X'"):
        as_written_in(both(names, pattern("X")), LETTERS)


def test_what_makes_no_list_or_constraint_is_refused() -> None:
    for wrong, sentence in [
        ("ABC", "several strings, in a list; got the single text 'ABC'"),
        ([], "an empty list"),
        (["A", 1], "takes strings; got int 1"),
        (["A\nB"], "several lines"),
    ]:
        with pytest.raises(BadOption, match=sentence):
            allowed(wrong)  # type: ignore[arg-type]
    with pytest.raises(BadOption, match=r"made by pattern\(\).*got str"):
        check_constraint(r"\d+")
    with pytest.raises(BadOption, match="got list"):
        both(pattern("A"), ["A"])  # type: ignore[arg-type]


def test_constraints_say_what_they_are() -> None:
    assert str(both(pattern(r"\d{16}"), luhn())) == r"the pattern '\\d{16}' with Luhn's check digit"
    assert str(allowed(["A", "B"])) == "the list of 2 strings"
    assert str(both(ean13(), mod97())) == "a check digit modulo 10 with two check digits modulo 97"


@pytest.mark.slow
def test_dates_are_the_days_of_the_calendar() -> None:
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    days = [
        (year, month, day)
        for year in range(1896, 1909)  # 1900 was no leap year, 1896, 1904 and 1908 were
        for month in range(1, 13)
        for day in range(1, lengths[month - 1] + (month == 2 and isleap(year)) + 1)
    ]
    span = {"first": datetime.date(1896, 1, 1), "last": datetime.date(1908, 12, 31)}
    assert set(date("DMY", **span).strings) == {f"{d:02}/{m:02}/{y}" for y, m, d in days}
    assert set(date("MDY", **span, separator="").strings) == {f"{m:02}{d:02}{y}" for y, m, d in days}
    assert set(date("YMD", **span, separator=". ").strings) == {f"{y}. {m:02}. {d:02}" for y, m, d in days}
    for separator in ("{", "}", "{}", "{{"):
        assert fits(date("DMY", separator=separator), f"29{separator}02{separator}2024")
    assert fits(date("DMY", year_digits=2), "29/02/24")
    assert fits(date("DMY", year_digits=2), "29/02/00")  # 2000 was a leap year, even if 1900 was none
    assert not fits(date("DMY", year_digits=2), "29/02/23")
    assert len(date(first=datetime.date(1600, 3, 1), last=datetime.date(2000, 2, 29)).strings) == 146097


def test_dates_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadOption, match="in the order DMY, MDY, YMD"):
        date("YDM")
    with pytest.raises(BadOption, match="2 or 4 year digits; got 'DMY', 3"):
        date(year_digits=3)
    with pytest.raises(BadOption, match="comes before the first"):
        date(first=datetime.date(2000, 1, 2), last=datetime.date(2000, 1, 1))
    for separator in ("x", None):
        with pytest.raises(BadOption, match=f"a symbol, a space or nothing; got {separator!r}"):
            date(separator=separator)  # type: ignore[arg-type]
    for day in ("2020", datetime.datetime(2020, 1, 1), None):
        with pytest.raises(BadOption, match=r"the first and the last day are of datetime\.date; got "):
            date(first=day)  # type: ignore[arg-type]


@given(st.integers(0, 10**13))
def test_amounts_are_written_as_python_writes_them(cents: int) -> None:
    text = f"{cents // 100:,}.{cents % 100:02}"
    assert fits(amount(), text)
    assert fits(amount(".", ","), text.translate(str.maketrans(",.", ".,")))
    assert fits(amount(""), text.replace(",", ""))
    assert fits(amount(decimals=0), text[:-3])
    assert not fits(amount(), "0" + text)
    assert fits(amount(), text.replace(",", "")) == ("," not in text)


def test_amounts_and_phones_of_unknown_kinds_are_refused() -> None:
    for wrong in ({"thousands": "::"}, {"point": "x"}, {"decimals": -1}):
        with pytest.raises(BadOption, match="an amount takes"):
            amount(**wrong)  # type: ignore[arg-type]
    with pytest.raises(BadOption, match="telephone numbers are 'international', .* got 'martian'"):
        phone("martian")


def test_telephone_numbers_fit_their_plan() -> None:
    assert fits(phone(), "+14155550199")
    assert not fits(phone(), "+0415555019")
    assert not fits(phone(), "+1234567890123456")  # E.164 ends at fifteen digits
    assert fits(phone("north american"), "415-555-0199")
    assert not fits(phone("north american"), "115-555-0199")
    assert fits(phone("north american, local"), "555-0199")
