"""The beam against the enumeration of every text of a tiny alphabet: when wide enough, it is exact."""

from __future__ import annotations

import time
from itertools import islice, product

import numpy as np
import pytest

from inkread.alphabet import Alphabet
from inkread.decoding import NgramOptions, beam, best_paths, posteriors, train_language, viterbi
from inkread.decoding.beam import Lattice, only_with
from tests.decoding.every_text import ABC, Floats, Texts, every_text, random_language, random_log_probs, rng, said_by

ABCD = Alphabet("ABCD")
WIDE = 10_000
GAPS = {"unknown": None, "known": [0.0, 1.0, 0.0, 1.0], "between": [0.1, 0.9, 0.5, 0.6], "some": [0.0, 0.7, 1.0, 0.2]}
LANGUAGES = {
    "of long contexts": random_language(1, context=4),
    "of short contexts": random_language(2, context=1),
    "without a lexicon": random_language(3).without_lexicon(),
    "with own words": random_language(4).with_words(["ABBA", "CAB"]),
    "of own words alone": random_language(5).without_lexicon().with_words(["BA", "A"]),
}


def gaps_for(name: str, rows: int) -> Floats | None:
    some = GAPS[name]
    return None if some is None else np.array(some[: rows - 1])


def texts_of(lattice: Lattice) -> tuple[list[str], list[float]]:
    """What the best paths write, and their scores."""
    paths = list(best_paths(lattice))
    texts = [
        "".join(ABCD[int(c)] + " " * (row in path.spaces) for row, c in enumerate(path.characters)) for path in paths
    ]
    return texts, [path.score for path in paths]


def check_ranking(lattice: Lattice, truth: Texts, alphabet: Alphabet) -> None:
    """All texts, each with its score, best first; texts of equal scores may come in any order."""
    texts, scores = texts_of(lattice)
    np.testing.assert_allclose(scores, truth.scores, rtol=1e-9)
    of_text = dict(zip(truth.spelt(alphabet), truth.scores.tolist(), strict=True))
    assert len(set(texts)) == len(of_text)
    np.testing.assert_allclose(scores, [of_text[text] for text in texts], rtol=1e-9)


@pytest.mark.parametrize("gaps_are", GAPS)
@pytest.mark.parametrize("kind", LANGUAGES)
@pytest.mark.parametrize("weight", [0.4, 1.7])
def test_a_wide_beam_knows_every_text_and_what_is_sure(gaps_are: str, kind: str, weight: float) -> None:
    language, log_probs, gaps = LANGUAGES[kind], random_log_probs(len(kind), 4), gaps_for(gaps_are, 4)
    truth = every_text(log_probs, said_by(language), weight, gaps)
    lattice = beam(log_probs, language, weight, gaps, WIDE)
    check_ranking(lattice, truth, ABC)
    characters, spaces, mass = posteriors(lattice)
    np.testing.assert_allclose(characters, truth.posteriors(3), atol=1e-9)
    np.testing.assert_allclose(spaces, truth.space_posteriors(), atol=1e-9)
    assert mass == pytest.approx(truth.mass, abs=1e-9)


@pytest.mark.parametrize(("alphabet", "rows"), [(ABC, 5), (ABCD, 4), (ABC, 1), (ABC, 2)])
def test_a_wide_beam_is_exact_for_lines_of_other_sizes(alphabet: Alphabet, rows: int) -> None:
    language = random_language(6, alphabet=alphabet)
    log_probs = random_log_probs(rows, rows, len(alphabet))
    truth = every_text(log_probs, said_by(language))
    lattice = beam(log_probs, language, 1.0, None, WIDE)
    check_ranking(lattice, truth, alphabet)
    np.testing.assert_allclose(posteriors(lattice)[0], truth.posteriors(len(alphabet)), atol=1e-9)


def test_impossible_characters_are_in_no_text() -> None:
    log_probs = np.array([[0.0, -np.inf, -np.inf], np.log([0.5, 0.5, 0.0001]), [-np.inf, np.log(0.5), np.log(0.5)]])
    truth = every_text(log_probs, said_by(LANGUAGES["of long contexts"]))
    lattice = beam(log_probs, LANGUAGES["of long contexts"], 1.0, None, WIDE)
    check_ranking(lattice, truth, ABC)
    np.testing.assert_allclose(posteriors(lattice)[0], truth.posteriors(3), atol=1e-9)


@pytest.mark.parametrize("gaps_are", GAPS)
def test_a_context_of_one_character_is_the_bigram_of_viterbi(gaps_are: str) -> None:
    for seed in range(5):
        language = random_language(seed, context=1).without_lexicon()
        log_probs, gaps = random_log_probs(seed, 30), None
        if gaps_are != "unknown":
            gaps = np.resize(np.array(GAPS[gaps_are]), 29)
        best = next(best_paths(beam(log_probs, language, 0.8, gaps, WIDE)))
        characters, spaces = viterbi(log_probs, language.bigram(), 0.8, gaps)
        assert best.characters.tolist() == characters.tolist()
        assert best.spaces.tolist() == spaces.tolist()


@pytest.mark.parametrize("width", [1, 2, 5, 20])
def test_a_narrow_beam_scores_what_it_found_as_the_enumeration_does(width: int) -> None:
    language, log_probs = LANGUAGES["with own words"], random_log_probs(7, 4)
    truth = every_text(log_probs, said_by(language))
    scored = dict(zip(truth.spelt(ABC), truth.scores.tolist(), strict=True))
    lattice = beam(log_probs, language, 1.0, None, width)
    texts, scores = texts_of(lattice)
    assert scores == pytest.approx([scored[text] for text in texts])
    assert scores == sorted(scores, reverse=True)
    assert len(set(texts)) == len(texts)
    mass = np.log(np.exp(scores).sum())
    assert posteriors(lattice)[2] == pytest.approx(mass)
    assert mass <= truth.mass + 1e-9


def test_a_wider_beam_finds_no_worse_text() -> None:
    language, log_probs = random_language(8, context=5), random_log_probs(8, 40)
    best = [next(best_paths(beam(log_probs, language, 1.0, None, width))).score for width in (1, 4, 16, 64, 256)]
    assert best == sorted(best)


def test_rows_that_contradict_the_language_beyond_all_measure_keep_their_posteriors() -> None:
    language = random_language(9)
    log_probs = np.array([[0.0, -900.0, -900.0], [-900.0, 0.0, -900.0], [-800.0, -900.0, 0.0], [0.0, 0.0, -2000.0]])
    for weight in (1.0, 100.0):
        truth = every_text(log_probs, said_by(language), weight)
        characters, _, mass = posteriors(beam(log_probs, language, weight, None, WIDE))
        np.testing.assert_allclose(characters, truth.posteriors(3), atol=1e-9)
        assert mass == pytest.approx(truth.mass)


def test_a_way_that_is_far_behind_at_first_and_ahead_at_last_is_summed_too() -> None:
    language = train_language(["A BBBB " * 20], ABC, options=NgramOptions(context=1, contexts=60)).without_lexicon()
    log_probs = np.array([[0.0, -900.0, -np.inf]] + [[-np.inf, 0.0, -np.inf]] * 2)  # AB is rare, BB is not
    weight = 900.0 / (language.bigram()[1, 1] - language.bigram()[0, 1]) + 0.5
    truth = every_text(log_probs, said_by(language), weight, np.zeros(2))
    characters, _, mass = posteriors(beam(log_probs, language, weight, np.zeros(2), WIDE))
    assert characters[0, 1] > 0.5
    np.testing.assert_allclose(characters, truth.posteriors(3), atol=1e-9)
    assert mass == pytest.approx(truth.mass)


@pytest.mark.parametrize("weight", [1e-300, 1e-16, 1e-12, 1.0])
def test_texts_that_all_score_alike_are_told_without_trying_all(weight: float) -> None:
    language = random_language(10)
    flat = np.full((300, 3), np.log(1 / 3))
    paths = list(islice(best_paths(beam(flat, language, weight, None, 64)), 20))
    assert len({(path.characters.tobytes(), path.spaces.tobytes()) for path in paths}) == 20


def test_no_rows_are_one_empty_text() -> None:
    lattice = beam(np.zeros((0, 3)), LANGUAGES["of long contexts"], 1.0)
    assert texts_of(lattice)[0] == [""]
    characters, spaces, _ = posteriors(lattice)
    assert (characters.shape, spaces.shape) == ((0, 3), (0,))


def test_a_long_line_keeps_its_sums() -> None:
    language, log_probs = random_language(11), random_log_probs(11, 2000)
    characters, spaces, mass = posteriors(beam(log_probs, language, 1.0, rng(1).random(1999), 32))
    np.testing.assert_allclose(characters.sum(axis=1), 1.0, rtol=1e-9)
    assert ((spaces >= 0) & (spaces <= 1 + 1e-9)).all()
    assert np.isfinite(mass)


@pytest.mark.slow
def test_many_best_texts_of_a_long_line_are_told_in_moments() -> None:
    lattice = beam(random_log_probs(12, 2000), random_language(12), 1.0, np.full(1999, 0.3), 16)
    started = time.process_time()
    scores = [path.score for path in islice(best_paths(lattice), 1000)]
    assert time.process_time() - started < 5  # seconds; half a second where nothing else is done
    assert scores == sorted(scores, reverse=True)


def test_only_texts_with_given_letters_are_left_each_with_its_score() -> None:
    language, log_probs = random_language(13), random_log_probs(13, 4)
    lattice = beam(log_probs, language, 1.0, np.array([0.3, 0.8, 0.5]), 40)
    rows = np.array([False, True, False, True])
    for characters in product(range(3), repeat=2):
        wanted = np.array([0, characters[0], 0, characters[1]])
        left = list(best_paths(only_with(lattice, wanted, rows)))
        every = [path for path in best_paths(lattice) if (path.characters == wanted)[rows].all()]
        assert [path.score for path in left] == pytest.approx([path.score for path in every])
        assert {path.characters.tobytes() + path.spaces.tobytes() for path in left} == {
            path.characters.tobytes() + path.spaces.tobytes() for path in every
        }
