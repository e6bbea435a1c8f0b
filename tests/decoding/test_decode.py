"""decode against the enumeration of every text, and each of its options against what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.decoding import DecodingOptions, LanguageModel, allowed, beam, decode, greedy, posteriors
from inkread.decoding.decode import space_unseen
from inkread.errors import BadOption, UnknownCharacter
from inkread.results import Decoded
from tests.decoding.every_text import (
    ABC,
    MEETING,
    Floats,
    every_text,
    five_sentences,
    random_language,
    random_log_probs,
    rng,
    said_by,
    seen_as,
)

WIDE = 10_000
GAPS: dict[str, list[float] | None] = {"unknown": None, "known": [0.0, 1.0, 0.0], "between": [0.1, 0.9, 0.5]}


@pytest.fixture(name="meeting", scope="module")
def _meeting() -> LanguageModel:
    return five_sentences()


def everything(weight: float = 1.0) -> DecodingOptions:
    """Nothing is certain, nothing is pruned, all is told."""
    return DecodingOptions(language_weight=weight, beam=WIDE, n_best=1000, certain=2.0)


@pytest.mark.parametrize("gaps_are", GAPS)
@pytest.mark.parametrize("weight", [0.5, 1.0, 1.7])
def test_texts_scores_and_what_is_sure_are_those_of_the_enumeration(gaps_are: str, weight: float) -> None:
    language, log_probs = random_language(1).with_words(["CAB"]), random_log_probs(1, 4)
    gaps = GAPS[gaps_are]
    prior = np.full(3, space_unseen(weight)) if gaps is None else np.array(gaps)
    truth = every_text(log_probs, said_by(language), weight, prior)
    decoded = decode(log_probs, ABC, everything(weight), gaps=gaps, language=language)
    scored = dict(zip(truth.spelt(ABC), truth.scores.tolist(), strict=True))
    assert decoded.text == decoded.hypotheses[0].text == truth.spelt(ABC)[0]
    assert len(decoded.hypotheses) == min(len(scored), 1000)
    np.testing.assert_allclose([h.score for h in decoded.hypotheses], truth.scores[:1000], rtol=1e-9)
    for told in decoded.hypotheses:
        assert told.score == pytest.approx(scored[told.text])
        assert told.score == pytest.approx(told.recogniser + told.gaps + weight * told.language)
        assert told.language == pytest.approx(language.log_prob(told.text))
        letters = ABC.encode(told.text.replace(" ", ""))
        assert told.recogniser == pytest.approx(log_probs[np.arange(4), letters].sum())
    np.testing.assert_allclose(decoded.posteriors, truth.posteriors(3), atol=1e-6)
    np.testing.assert_allclose(decoded.space_posteriors, truth.space_posteriors(), atol=1e-6)
    assert decoded.confidence == pytest.approx(truth.chances[0])


def test_a_constant_added_to_a_row_changes_nothing(meeting: LanguageModel) -> None:
    log_probs = random_log_probs(2, 12, 6)
    one, other = (
        decode(shifted, MEETING, language=meeting) for shifted in (log_probs, log_probs + rng(3).normal(0, 50, (12, 1)))
    )
    assert (one.text, one.raw_text, one.changed) == (other.text, other.raw_text, other.changed)
    assert other.confidence == pytest.approx(one.confidence)
    np.testing.assert_allclose(other.posteriors, one.posteriors, atol=1e-5)


@pytest.mark.parametrize("gaps", [None, [0.2, 0.9, 0.5, 1.0, 0.0]])
def test_without_language_the_eye_alone_decides(gaps: list[float] | None, meeting: LanguageModel) -> None:
    log_probs = random_log_probs(4, 6, 6)
    decoded = decode(log_probs, MEETING, DecodingOptions(language_weight=0.0), gaps=gaps, language=meeting)
    characters, spaces = greedy(log_probs, None if gaps is None else np.array(gaps))
    words = np.split(characters, spaces + 1)
    assert decoded.text == " ".join(MEETING.decode(word) for word in words)
    assert decoded.raw_text == MEETING.decode(characters)
    assert decoded.changed == ()
    np.testing.assert_allclose(decoded.posteriors, np.exp(log_probs), atol=1e-6)
    by_gaps = 1.0 if gaps is None else 0.8 * 0.9 * 0.5
    assert decoded.confidence == pytest.approx(np.exp(log_probs).max(axis=1).prod() * by_gaps)
    assert decode(np.log(np.eye(10)[[4, 2]] + 1e-9), DIGITS).text == "42"  # no language ships for digits


@pytest.mark.parametrize("gaps", [None, [0.2, 0.9, 0.5]])
def test_without_language_the_likeliest_texts_are_told_too(gaps: list[float] | None) -> None:
    log_probs = random_log_probs(6, 4)
    truth = every_text(log_probs, lambda symbols: 0.0, 1.0, np.zeros(3) if gaps is None else np.array(gaps))
    for told in (1, 7, 1000):
        hypotheses = decode(log_probs, ABC, DecodingOptions(n_best=told), gaps=gaps).hypotheses
        np.testing.assert_allclose([h.score for h in hypotheses], truth.scores[:told], rtol=1e-9)
        scored = dict(zip(truth.spelt(ABC), truth.scores.tolist(), strict=True))
        assert [h.score for h in hypotheses] == pytest.approx([scored[h.text] for h in hypotheses])
        assert len({h.text for h in hypotheses}) == len(hypotheses)


def test_the_less_language_says_the_less_it_parts_words(meeting: LanguageModel) -> None:
    seen = seen_as("METATTEN", MEETING, 0.97)
    for weight in (1.0, 0.3, 0.02, 1e-6):
        assert decode(seen, MEETING, everything(weight), language=meeting).text == "MET AT TEN"
    assert decode(seen, MEETING, everything(0.0), language=meeting).text == "METATTEN"


def read(text: str, meeting: LanguageModel, gaps_of: str | None = None, **options: object) -> Decoded:
    """Decode rows in which each letter of ``text`` has 0.6; spaces as in ``gaps_of``, or unknown."""
    gaps = None if gaps_of is None else gaps_in(gaps_of)
    told = DecodingOptions(**options)  # type: ignore[arg-type]
    return decode(seen_as(text, MEETING, 0.6), MEETING, told, gaps=gaps, language=meeting)


def gaps_in(text: str) -> Floats:
    """1 where a space follows a letter, else 0."""
    words = text.split(" ")
    ends = np.cumsum([len(word) for word in words])[:-1] - 1
    return np.isin(np.arange(len("".join(words)) - 1), ends).astype(float)


def test_language_mends_a_letter_and_says_which(meeting: LanguageModel) -> None:
    decoded = read("MEEMATNOON", meeting, "MEET AT NOON")
    assert (decoded.raw_text, decoded.text, decoded.changed) == ("MEEMATNOON", "MEET AT NOON", (3,))
    assert "".join(decoded.characters) == "MEETATNOON"
    assert decoded.hypotheses[0].language > decoded.hypotheses[1].language


@example(seed=0, certain=0.875, weight=5.0, width=1, knows_gaps=False)  # the narrow search loses all that is sure
@given(st.integers(0, 2**32), st.floats(0.4, 1.0), st.floats(0.01, 5.0), st.sampled_from([1, 4, 64]), st.booleans())
def test_what_is_read_with_certainty_is_never_changed(
    seed: int, certain: float, weight: float, width: int, knows_gaps: bool
) -> None:
    log_probs = random_log_probs(seed, 9, spread=4.0)
    options = DecodingOptions(language_weight=weight, beam=width, certain=certain)
    gaps = rng(seed).random(8) if knows_gaps else None
    decoded = decode(log_probs, ABC, options, gaps=gaps, language=random_language(seed % 5))
    sure = np.exp(log_probs.max(axis=1)) >= certain * (1 + 1e-9)
    for told in decoded.hypotheses:
        letters = np.array(list(told.text.replace(" ", "")))
        assert (letters == np.array(list(decoded.raw_text)))[sure].all()
    assert not set(decoded.changed) & set(np.flatnonzero(sure).tolist())


@pytest.mark.parametrize("text", ["NMTAO", "TAMMO", "OOAAEE"])
def test_names_and_codes_that_were_read_surely_survive(text: str, meeting: LanguageModel) -> None:
    surely = seen_as(text, MEETING, 0.999)
    assert decode(surely, MEETING, language=meeting).raw_text == text
    for weight in (1.0, 5.0):
        options = DecodingOptions(language_weight=weight)
        decoded = decode(surely, MEETING, options, gaps=np.zeros(len(text) - 1), language=meeting)
        assert decoded.text == text
    assert read(text, meeting, text).changed  # had they been read with doubt, language would have had its way


def test_a_pattern_keeps_whole_words_as_they_were_read(meeting: LanguageModel) -> None:
    kept = read("MEEMATNOOA", meeting, "MEEM AT NOOA", keep=("noo[ae]",))  # the case of letters is folded
    assert kept.text == "MEET AT NOOA"
    part = read("MEEMATNOOA", meeting, "MEEM AT NOOA", keep=("OO[AE]", "NOO"))
    assert part.text == "MEET AT NOON"  # no word matches wholly


def test_what_a_pattern_keeps_is_as_sure_as_the_eye_is(meeting: LanguageModel) -> None:
    for threshold, text in ((0.0, "MEET AT NOOA"), (0.59, "MEET AT NOOA"), (0.61, "MEET AT ????")):
        kept = read("MEEMATNOOA", meeting, "MEEM AT NOOA", keep=("NOOA",), min_confidence=threshold)
        assert kept.text == text
    np.testing.assert_allclose(kept.posteriors[6:], np.exp(seen_as("NOOA", MEETING, 0.6)), atol=1e-6)
    assert "".join(MEETING[int(c)] for c in kept.posteriors.argmax(axis=1)) == "".join(kept.characters) == "MEETATNOOA"
    assert 0.9 * 0.6**4 < kept.confidence < 0.6**4


def test_what_is_certain_is_never_doubted_because_language_would_change_it(meeting: LanguageModel) -> None:
    seen = seen_as("MEETATNOOA", MEETING, 0.9985)
    options = DecodingOptions(language_weight=5.0, min_confidence=0.99)
    decoded = decode(seen, MEETING, options, gaps=gaps_in("MEET AT NOOA"), language=meeting)
    assert decoded.text == "MEET AT NOOA"
    np.testing.assert_allclose(decoded.posteriors, np.exp(seen), atol=1e-6)
    assert decoded.confidence == pytest.approx(0.9985**10)


@pytest.mark.parametrize("keep", [(), ("NOOA",)])
def test_as_many_hypotheses_are_told_as_were_asked_for(keep: tuple[str, ...], meeting: LanguageModel) -> None:
    shares = np.exp(seen_as("MEEMATNOOA", MEETING, 0.6))
    shares[:3] = np.exp(seen_as("MEE", MEETING, 0.999))
    told = DecodingOptions(keep=keep, n_best=50, beam=WIDE)
    decoded = decode(np.log(shares), MEETING, told, gaps=gaps_in("MEEM AT NOOA"), language=meeting)
    texts = [hypothesis.text for hypothesis in decoded.hypotheses]
    assert len(set(texts)) == 50
    assert all(text.startswith("MEE") for text in texts)
    assert not keep or all(text.endswith("NOOA") for text in texts)
    scores = [hypothesis.score for hypothesis in decoded.hypotheses]
    assert scores == sorted(scores, reverse=True)


def test_a_pattern_is_found_anywhere_where_spaces_are_unknown(meeting: LanguageModel) -> None:
    kept = read("MEEMATNOOA", meeting, keep=("NOOA",))
    assert kept.text.replace(" ", "") == "MEETATNOOA"
    assert set(kept.changed) == {3}


def test_words_of_ones_own_are_read(meeting: LanguageModel) -> None:
    doubtful = seen_as("MEETNATON", MEETING, 0.6, r4=("A", 0.3), r5=("N", 0.3), r6=("T", 0.5), r7=("O", 0.5))
    options, gaps = DecodingOptions(words=("Anton",)), gaps_in("MEET ANTON")
    assert decode(doubtful, MEETING, gaps=gaps, language=meeting).text != "MEET ANTON"
    assert decode(doubtful, MEETING, options, gaps=gaps, language=meeting).text == "MEET ANTON"
    with pytest.raises(UnknownCharacter, match="'Zoe'"):
        decode(doubtful, MEETING, DecodingOptions(words=("Zoe",)), language=meeting)


def test_without_the_lexicon_the_contexts_alone_speak(meeting: LanguageModel) -> None:
    log_probs = random_log_probs(5, 10, 6)
    alone = decode(log_probs, MEETING, DecodingOptions(lexicon=False), language=meeting)
    assert alone == decode(log_probs, MEETING, language=meeting.without_lexicon())
    assert alone.hypotheses != decode(log_probs, MEETING, language=meeting).hypotheses


def test_an_unsure_character_becomes_a_question_mark(meeting: LanguageModel) -> None:
    told = read("MEEMATNOON", meeting, "MEET AT NOON")
    sure = told.posteriors[np.arange(10), MEETING.encode("MEETATNOON")]
    for threshold in (0.0, float(sure.min()) + 1e-4, float(np.median(sure)), 1.0):
        decoded = read("MEEMATNOON", meeting, "MEET AT NOON", min_confidence=threshold)
        enough = iter(sure >= threshold)
        assert decoded.text == "".join(c if c == " " or next(enough) else "?" for c in "MEET AT NOON")
        assert ("?" in decoded.text) == (threshold > 0)
        assert decoded.hypotheses[0].text == "MEET AT NOON"
    by_eye = read("MOAN", meeting, "MOAN", language_weight=0.0, min_confidence=0.7)
    assert by_eye.text == "????"


def test_spaces_come_from_gaps_and_from_language_where_there_are_none(meeting: LanguageModel) -> None:
    seen = seen_as("METATTEN", MEETING, 0.97)

    def spaced(gap: float | None) -> Decoded:
        gaps = None if gap is None else np.full(7, gap)
        return decode(seen, MEETING, everything(), gaps=gaps, language=meeting)

    assert spaced(0.0).text == "METATTEN"
    assert spaced(1.0).text == "M E T A T T E N"
    assert spaced(None).text == spaced(0.5).text == "MET AT TEN"
    even, unknown = spaced(0.5), posteriors(beam(seen, meeting, 1.0, None, WIDE))
    np.testing.assert_allclose(even.posteriors, unknown[0], atol=1e-6)
    np.testing.assert_allclose(even.space_posteriors, unknown[1], atol=1e-6)


def test_a_constraint_is_obeyed(meeting: LanguageModel) -> None:
    names = allowed(["TOM", "MOM", "NAN"])
    decoded = read("TAM", meeting, constraint=names)
    assert (decoded.text, decoded.changed) == ("TOM", (1,))
    seen = {"TOM": 0.6 * 0.08 * 0.6, "MOM": 0.08 * 0.08 * 0.6, "NAN": 0.08 * 0.6 * 0.08}
    assert decoded.confidence == pytest.approx(seen["TOM"] / sum(seen.values()))
    with pytest.raises(BadOption, match="3"):
        read("TAME", meeting, constraint=names)


def test_a_language_of_another_alphabet_is_refused(meeting: LanguageModel) -> None:
    with pytest.raises(BadOption, match="for the alphabet 'AEMNOT', the log-probabilities for 'ABC'"):
        decode(random_log_probs(1, 3), ABC, language=meeting)


@pytest.mark.parametrize("with_language", [True, False])
def test_nothing_is_read_as_nothing(with_language: bool, meeting: LanguageModel) -> None:
    decoded = decode(np.zeros((0, 6)), MEETING, gaps=[], language=meeting if with_language else None)
    assert (decoded.text, decoded.raw_text, decoded.changed) == ("", "", ())
    assert (decoded.posteriors.shape, decoded.space_posteriors.shape) == ((0, 6), (0,))
    assert decoded.confidence == 1.0


def test_a_language_ships_for_letters() -> None:
    decoded = decode(seen_as("SEEYOUTOMORRCW", LETTERS, 0.6), LETTERS)
    assert decoded.text == "SEE YOU TOMORROW"


def test_no_space_comes_into_a_word_that_a_pattern_keeps() -> None:
    seen = seen_as("NOTNOW", LETTERS, 0.99)
    gaps = [0.0, 0.0, 0.45, 0.0, 0.0]
    assert decode(seen, LETTERS, gaps=gaps).text == "NOT NOW"
    kept = decode(seen, LETTERS, DecodingOptions(keep=("NOTNOW",)), gaps=gaps)
    assert (kept.text, kept.space_posteriors.max()) == ("NOTNOW", 0.0)


def test_an_alphabet_with_a_space_is_refused() -> None:
    with pytest.raises(BadOption, match="holds a space; expected what is seen"):
        decode(np.zeros((2, 3)), Alphabet("AB "), gaps=[0.9])
