"""Islands against the enumeration of every alignment of a few frames: the texts and how likely each is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations, groupby, pairwise, product

import numpy as np
import pytest

from inkread.alphabet import CHARACTERS, DIGITS, LETTERS, Alphabet
from inkread.decoding import islands as module
from inkread.decoding.islands import LONGEST, Island, check_frames, fitting, islands, projected
from inkread.errors import BadArray
from tests.decoding.every_text import ABC, Floats, rng

AB = Alphabet("AB")
SPACE, BLANK = 2, 3


def random_frames(seed: int, frames: int, classes: int = 4, spread: float = 1.5) -> Floats:
    logits = rng(seed).normal(0, spread, (frames, classes))
    log_probs: Floats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return log_probs


def by_force(frames: Floats) -> dict[tuple[int, ...], float]:
    """The probability of each text: the sum over all alignments, repeats merged, blanks dropped."""
    chances: dict[tuple[int, ...], float] = defaultdict(float)
    blank = frames.shape[1] - 1
    for path in product(range(frames.shape[1]), repeat=len(frames)):
        text = tuple(symbol for symbol, _ in groupby(path) if symbol != blank)
        chances[text] += float(np.exp(frames[np.arange(len(frames)), path].sum()))
    return chances


def assert_as_likely(island: Island, truth: Mapping[tuple[int, ...], float]) -> None:
    assert set(island.texts) == set(truth)
    for text, log_prob in zip(island.texts, island.log_probs, strict=True):
        assert np.exp(log_prob) == pytest.approx(truth[text], rel=1e-9)
    assert (np.diff(island.log_probs) <= 0).all()


@pytest.fixture
def _every_text_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLD", 10_000)
    monkeypatch.setattr(module, "FOLLOWED", 10_000)
    monkeypatch.setattr(module, "LEAST", 0.0)


@pytest.mark.usefixtures("_every_text_is_told")
@pytest.mark.parametrize("seed", range(6))
def test_the_texts_of_an_island_are_as_likely_as_all_their_alignments_together(seed: int) -> None:
    frames = random_frames(seed, 5)
    (island,) = islands(frames)
    assert_as_likely(island, by_force(frames))


@pytest.mark.usefixtures("_every_text_is_told")
@pytest.mark.parametrize("seed", range(4))
def test_what_is_not_counted_stands_once_where_it_would_stand_side_by_side(seed: int) -> None:
    frames = random_frames(seed, 5)
    (island,) = islands(frames, uncounted=[1])
    truth: dict[tuple[int, ...], float] = {}
    for text, probability in by_force(frames).items():
        once = tuple(c for place, c in enumerate(text) if not (c == 1 and text[place - 1 : place] == (1,)))
        truth[once] = truth.get(once, 0.0) + probability
    assert_as_likely(island, truth)


def test_sure_blanks_part_islands_and_their_probabilities_multiply() -> None:
    frames = random_frames(7, 5)
    frames[2] = np.log([1e-9, 1e-9, 1e-9, 1 - 3e-9])
    left, right = islands(frames)
    truth = by_force(frames)
    for one in left.texts:
        for other in right.texts:
            same = [
                np.exp(a + b)
                for a_text, a in zip(left.texts, left.log_probs, strict=True)
                for b_text, b in zip(right.texts, right.log_probs, strict=True)
                if a_text + b_text == one + other
            ]
            assert sum(same) == pytest.approx(truth[one + other], rel=2e-2)


def test_each_symbol_is_told_at_the_frame_where_it_is_likeliest() -> None:
    chances = np.full((6, 4), 0.01)
    chances[:, BLANK] = 0.2
    chances[[1, 4], [0, 1]] = 0.9
    frames = np.log(chances / chances.sum(axis=1, keepdims=True))
    (island,) = islands(frames)
    assert island.texts[0] == (0, 1)
    assert island.frames(0) == [1, 4]


def test_the_same_character_twice_needs_a_blank_between() -> None:
    chances = np.full((3, 4), 1e-6)
    chances[[0, 2], 0] = 0.9
    chances[1, BLANK] = 0.8
    chances[1, 0] = 0.2
    (island,) = islands(np.log(chances / chances.sum(axis=1, keepdims=True)))
    assert island.texts[0] == (0, 0)
    chances[1, [0, BLANK]] = 0.8, 0.2
    (island,) = islands(np.log(chances / chances.sum(axis=1, keepdims=True)))
    assert island.texts[0] == (0,)


@pytest.mark.parametrize("shares", [[10, 20], [12, 11, 13], [30] * 9, [30_000]])
def test_frames_that_are_surely_some_character_but_no_one_knows_which_are_told(shares: list[int]) -> None:
    chances = np.zeros((len(shares), sum(shares) + 2))  # each frame may be some that no other may
    for frame, (begin, end) in enumerate(pairwise(np.cumsum([0, *shares]))):
        chances[frame, begin:end] = 1 / (end - begin)
    with np.errstate(divide="ignore"):
        (island,) = islands(np.log(chances))
    assert len(island.texts[0]) == len(shares)
    assert all(chances[frame, symbol] for frame, symbol in enumerate(island.texts[0]))


def test_frames_that_are_all_blank_hold_no_island() -> None:
    assert islands(np.log(np.tile([1e-6, 1e-6, 1e-6, 1.0], (9, 1)))) == []
    assert islands(np.zeros((0, 4))) == []


def test_long_stretches_are_parted_where_the_blank_is_likeliest() -> None:
    frames = random_frames(3, 10 * LONGEST, spread=3)
    found = islands(frames)
    assert len(found) >= 10
    places = [frame for island in found for frame in island.frames(0)]
    assert places == sorted(places)


def test_projecting_adds_up_cases_leaves_marks_out_and_gives_digits_to_the_letters_that_may_stand() -> None:
    frames = random_frames(1, 4, len(CHARACTERS) + 2)
    letters = np.exp(projected(frames, CHARACTERS, LETTERS))
    chances = np.exp(frames)
    alphabetic, digits = (
        [c for c, character in enumerate(CHARACTERS) if test(character)] for test in (str.isalpha, str.isdigit)
    )
    standing, lost = (chances[:, columns].sum(axis=1) for columns in (alphabetic, digits))
    total = standing + lost + chances[:, -2:].sum(axis=1)
    upper, lower = CHARACTERS.index("Q"), CHARACTERS.index("q")
    own = (chances[:, upper] + chances[:, lower]) * (1 + lost / standing)
    np.testing.assert_allclose(letters[:, LETTERS.index("Q")], own / total)
    np.testing.assert_allclose(letters[:, -2:], chances[:, -2:] / total[:, None])
    np.testing.assert_allclose(letters.sum(axis=1), 1)
    assert projected(frames, CHARACTERS, CHARACTERS) is frames


def test_an_alphabet_of_characters_that_the_network_does_not_know_is_refused() -> None:
    with pytest.raises(BadArray, match="does not know 'C'"):
        projected(random_frames(1, 2), AB, ABC)


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (np.zeros((3, 5)), r"expected \(F, 4\)"),
        (np.zeros(4), r"expected \(F, 4\)"),
        (np.full((2, 4), np.nan), "NaN"),
        (np.full((2, 4), np.inf), "infinity"),
        (np.full((2, 4), -np.inf), "everything impossible"),
    ],
)
def test_frames_that_are_none_are_refused_in_a_sentence(frames: Floats, said: str) -> None:
    with pytest.raises(BadArray, match=said):
        check_frames(frames, AB)


def spelling(text: str, doubt: str = "", share: float = 0.0) -> Floats:
    """Frames that read as a text, a blank between two; each character shares with the one of ``doubt``."""
    chances = np.full((2 * len(text) + 1, len(CHARACTERS) + 2), 1e-7)
    chances[:, -1] = 1.0
    for place, character in enumerate(text):
        row = chances[2 * place + 1]
        row[-1] = 0.01
        row[CHARACTERS.index(character)] = 1 - share
        if doubt:
            row[CHARACTERS.index(doubt[place])] += share
    return np.log(chances / chances.sum(axis=1, keepdims=True))


ANY = (CHARACTERS, LETTERS, DIGITS)


def test_what_is_all_digits_or_all_capitals_is_told_to_be_so() -> None:
    assert fitting([spelling("50071")], CHARACTERS, ANY) == DIGITS
    assert fitting([spelling("5O0I1", "50011", 0.45)], CHARACTERS, ANY) == DIGITS  # O and I may be 0 and 1
    assert fitting([spelling("NOON"), spelling("MEET")], CHARACTERS, ANY) == LETTERS
    assert fitting([spelling("Noon")], CHARACTERS, ANY) == CHARACTERS
    assert fitting([spelling("NOON"), spelling("12:30")], CHARACTERS, ANY) == CHARACTERS
    assert fitting([spelling("NO")], CHARACTERS, ANY) == CHARACTERS  # too short to tell
    assert fitting([], CHARACTERS, ANY) == CHARACTERS


@pytest.mark.parametrize(
    ("text", "alphabet"), [("BE THERE AT 9 ", LETTERS), ("COME SOON. ", LETTERS), ("10.5 ", DIGITS)]
)
def test_one_sure_character_of_others_in_a_long_page_is_not_forbidden(text: str, alphabet: Alphabet) -> None:
    page = [spelling("50071" if alphabet == DIGITS else "MEETING")] * 40
    assert fitting(page, CHARACTERS, ANY) == alphabet
    assert fitting([*page, spelling(text.replace(" ", ""))], CHARACTERS, ANY) == CHARACTERS


@pytest.mark.parametrize("seed", range(20))
def test_peaks_are_the_best_of_all_frames_in_order(seed: int) -> None:
    chances = rng(seed).random((6, 3))
    best = max(combinations(range(6), 3), key=lambda frames: chances[list(frames), range(3)].sum())
    assert tuple(module._peaks(chances)) == best


def test_an_island_can_be_held_to_its_likeliest_text() -> None:
    (island,) = islands(random_frames(2, 4))
    assert island.only_best().texts == island.texts[:1]
    assert island.only_best().frames(0) == island.frames(0)
