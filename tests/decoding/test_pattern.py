"""Patterns against Python's own regular expressions: every text over a few characters, and patterns made by chance."""

from __future__ import annotations

import pickle
import re
import warnings
from itertools import product
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkread.alphabet import LETTERS, Alphabet
from inkread.decoding import constrained, pattern
from inkread.decoding.constraint import as_written_in, fits
from inkread.errors import BadOption

CHARACTERS = "aB1-"
TEXTS = ["".join(text) for length in range(6) for text in product(CHARACTERS, repeat=length)]
SHORT_TEXTS = [text for text in TEXTS if len(text) <= 3]

HAND_WRITTEN = [
    "", "a", "aB", "a|B", "a||B", "(a|B)*1", "(aB)+", "(?:aB)?1", "a*", "a+", "a?", "a{2}", "a{2,}", "a{1,3}", "a{0}",
    "a{0,2}B", "(a|aB){2}", "(a*)*", "((a?)*B?)*", "(a|)*", "()", "()*a", "(a{0}|B)+", "(a?){3}", "(a?B?){2,3}",
    ".", ".*", ".{2}", "..-", "a.*B", r"\d", r"\d+", r"\D*", r"\w+", r"\W", r"\s", r"\S{2,4}", r"[\d-]+", r"[^\d]*",
    r"[a-z]+", "[A-Z]+", "[^a-z]+", "[aB]", "[^aB]{2}", "[]a]", "[^]a]", "[a-]", "[-a]", r"[\-a]", "[a-c1-9]*", r"\.",
    r"\-", r"a\-B", r"[\D1]+", "^a", "a$", "^a|B$", "^$", "(a|B|1){3}", "((a|B)1?){2}", "a{2}B{2}", "(a{2}){2}",
    "(a{1,2}){1,2}", "[a][B][1]", "-", "-?a", "a}", "]", "(((a)))", "a|B|1|-", "(a|B)(1|-)?", r"(\d-)*\d", ".*a.*",
    "(a|B)*a(a|B){2}",
]  # fmt: skip

atoms = st.sampled_from(["a", "B", "1", "-", ".", r"\d", r"\w", r"\W", "[aB]", "[^a]", "[a-z1]", r"[^\d-]", "[A-Z]"])
repeats = st.sampled_from(["", "?", "*", "+", "{2}", "{0,2}", "{1,}", "{1,3}", "{0}"])
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, repeats).map(lambda pair: f"({pair[0]}){pair[1]}"),
        st.lists(inner, min_size=2, max_size=3).map(lambda options: f"(?:{'|'.join(options)})"),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("regex", HAND_WRITTEN)
def test_a_pattern_matches_what_fullmatch_matches(regex: str) -> None:
    ours, theirs = pattern(regex), re.compile(regex)
    assert [text for text in TEXTS if fits(ours, text)] == [text for text in TEXTS if theirs.fullmatch(text)]


@pytest.mark.parametrize("regex", HAND_WRITTEN)
def test_over_letters_a_pattern_matches_what_fullmatch_matches_when_it_ignores_case(regex: str) -> None:
    ours, theirs = as_written_in(pattern(regex), LETTERS), re.compile(regex, re.IGNORECASE)
    texts = [text.upper() for text in TEXTS]
    assert [text for text in texts if fits(ours, text)] == [text for text in texts if theirs.fullmatch(text)]


@given(expressions)
def test_patterns_made_by_chance_match_what_fullmatch_matches(regex: str) -> None:
    ours, theirs = pattern(regex), re.compile(regex)
    assert [t for t in TEXTS[:400] if fits(ours, t)] == [t for t in TEXTS[:400] if theirs.fullmatch(t)]


@given(st.text(alphabet="aB1-^$()[]{}|?*+.,\\dwsDbx:=!<#", max_size=12))
@settings(max_examples=500)
def test_garbage_is_refused_or_means_what_it_means_to_python(regex: str) -> None:
    try:
        ours = pattern(regex)
    except BadOption:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Python thinks of giving a meaning to [[ and -- some day
        theirs = re.compile(regex)
    assert [t for t in SHORT_TEXTS if fits(ours, t)] == [t for t in SHORT_TEXTS if theirs.fullmatch(t)]


@pytest.mark.parametrize(
    ("regex", "place", "reason"),
    [
        ("a(?=B)", 2, "this kind of group"),
        ("a(?P<n>B)", 2, "this kind of group"),
        ("(?i)a", 1, "this kind of group"),
        (r"(a)\1", 4, r"\1 is not supported"),
        (r"\bword", 1, r"\b is not supported"),
        ("a\\", 2, "\\ is not supported"),
        ("a(B", 2, "this group is never closed"),
        ("aB)", 3, "this ) closes no group"),
        ("a[B", 2, "this class is never closed"),
        ("[]", 1, "this class is never closed"),
        ("[z-a]", 2, "this range"),
        (r"[a-\d]", 2, "this range"),
        ("*a", 1, "nothing before it to repeat"),
        ("a|+", 3, "nothing before it to repeat"),
        ("a**", 3, "a repeat directly after a repeat"),
        ("a+?", 3, "a repeat directly after a repeat"),
        ("a^B", 2, "^ may only begin"),
        ("a$B", 2, "^ may only begin"),
        ("a{", 2, "a repeat is {m}"),
        ("a{x}", 2, "a repeat is {m}"),
        ("a{1,2,3}", 2, "a repeat is {m}"),
        ("a{3,2}", 2, "the second number is lower"),
        ("a{1,100000}", 2, "a repeat goes up to 10,000"),
        ("a{" + "9" * 1000 + "}", 2, "a repeat goes up to 10,000"),
        ("(" * 100 + "a" + ")" * 100, 51, "groups lie in groups more than 50 deep"),
    ],
)
def test_what_is_not_supported_is_named_with_its_place(regex: str, place: int, reason: str) -> None:
    with pytest.raises(BadOption) as error:
        pattern(regex)
    assert f"character {place} (" in str(error.value)
    assert reason in str(error.value)
    assert "supported are" in str(error.value)


def test_a_pattern_is_a_text_of_limited_length() -> None:
    with pytest.raises(BadOption, match="regular expression as text; got bytes"):
        pattern(b"a")  # type: ignore[arg-type]
    with pytest.raises(BadOption, match="at most 2,000 characters, this one 3,000; for lists use allowed"):
        pattern("a" * 3000)


@pytest.mark.parametrize(
    "regex",
    [
        "(a*)*b", "((a*)*)*b", "(a|a)*b", "(a?){500}a{500}", "(a|B)*a(a|B){30}", "(a{1,1000}){1,1000}",
        "((((a?){9}){9}){9}){9}", "a?" * 900, "(.*a){50}", "a{10000}", "(a{100}){100}",
    ],
)  # fmt: skip
def test_patterns_that_explode_elsewhere_are_read_or_refused_in_seconds(regex: str) -> None:
    alphabet = Alphabet("aBb")
    log_probs = np.log(np.random.default_rng(0).dirichlet(np.ones(3), 700))
    begin = process_time()
    try:
        text = constrained(log_probs, alphabet, pattern(regex)).best[0].text
        assert len(text) == 700
    except BadOption as error:
        assert re.search("too complex|too many ways|no text of", str(error))
    assert process_time() - begin < 20


def test_states_stay_few_where_a_naive_automaton_has_many() -> None:
    state, seen = pattern("((a|a|B)*|(a*B*)*){3}"), set()
    for character in "aBBaaaBBBaBaBaaaBaB" * 5:
        state = state.after(character)
        assert state is not None
        seen.add(state)
    assert len(seen) <= 4


def test_the_separators_are_the_symbols_that_a_pattern_names() -> None:
    assert pattern(r"\d\d/\d\d").separators == "/"
    assert pattern(r"\d{3}[- .]\d{4}").separators == "- ."
    assert pattern(r"\(\d+\)\s\d+").separators == "() "
    assert pattern(r"[^-]\W.[!-/]A").separators == ""


def test_equal_patterns_are_equal_and_survive_pickling() -> None:
    plate = pattern(r"[A-Z]{1,9000}-\d+")
    assert plate == pattern(r"[A-Z]{1,9000}-\d+")
    assert plate != pattern(r"[A-Z]{1,9000}-\d*")
    for _ in range(3000):  # a long way into a long repeat, which must not make the pickle deep
        rest = plate.after("A")
        assert rest is not None
    thawed = pickle.loads(pickle.dumps(plate))
    assert fits(thawed, "ABC-123")
    assert not fits(thawed, "ABC-")
    assert repr(thawed) == repr(plate)
