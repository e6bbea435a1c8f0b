"""Messages against plain loops over their letters, and examples worked by hand."""

import json
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.errors import BadArray, BadOption
from inkread.evaluation import messages
from inkread.evaluation.calibration import log_softmax
from inkread.evaluation.messages import PLAIN_MESSAGES, Composition, compose_messages, effect, read_greedily
from inkread.spelling import normalise

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MIXED = Alphabet(LETTERS.characters + DIGITS.characters, fold_case=True)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def simulated(strength: float = 3.0, copies: int = 40) -> tuple[Floats, Ints]:
    """Log-probabilities of ``copies`` glyphs of each letter by a recogniser of the given strength."""
    labels = rng(1).permutation(np.repeat(np.arange(26), copies))
    logits = rng(2).normal(0, 1, (len(labels), 26))
    logits[np.arange(len(labels)), labels] += strength
    return log_softmax(logits), labels


def perfect(labels: Ints, classes: int) -> Floats:
    return log_softmax(30.0 * np.eye(classes)[labels])


def test_every_glyph_of_a_message_is_one_of_its_letter() -> None:
    _, labels = simulated()
    composition = compose_messages(PLAIN_MESSAGES, labels, LETTERS, rng())
    assert len(composition.messages) == len(PLAIN_MESSAGES)
    for message in composition.messages:
        assert LETTERS.decode(labels[message.glyphs]) == message.text.replace(" ", "")


def test_glyphs_of_a_letter_are_drawn_alike_often() -> None:
    composition = compose_messages(["A" * 3000], np.array([0, 1, 0, 0, 1]), Alphabet("AB"), rng())
    drawn = Counter(composition.messages[0].glyphs.tolist())
    assert set(drawn) == {0, 2, 3}
    assert min(drawn.values()) > 900


def test_the_same_seed_draws_the_same_glyphs() -> None:
    _, labels = simulated()
    first, second, other = (compose_messages(["NOON"] * 9, labels, LETTERS, rng(seed)) for seed in (5, 5, 6))
    assert all((a.glyphs == b.glyphs).all() for a, b in zip(first.messages, second.messages, strict=True))
    assert any((a.glyphs != b.glyphs).any() for a, b in zip(first.messages, other.messages, strict=True))


def test_what_cannot_be_spelt_is_left_out_and_counted() -> None:
    composition = compose_messages(["AB!", "123", "ABC", "BAD", "B"], np.array([0, 1, 1]), LETTERS, rng())
    assert composition.texts == ("AB", "B")
    assert (composition.dropped, composition.empty, composition.unspelt) == (4, 1, 2)
    assert composition.without_glyph == "CD"


@pytest.mark.parametrize(
    ("texts", "labels", "sentence"),
    [
        (["123", "?"], [0], "none of 2 texts has a character"),
        ([], [0], "none of 0 texts"),
        (["CAB"], [0, 1], "no glyph of 'C'"),
        ("ABBA", [0, 1], "single text 'ABBA': put it into a list"),
        (["A"], [26], "must lie in 0..25"),
        (["A"], [[0]], "whole numbers"),
        (["A"], 0, "whole numbers"),
        (["A"], np.zeros(0, dtype=int), "no glyph of 'A'"),
    ],
)
def test_no_message_at_all_is_told_in_a_sentence(texts: list[str], labels: object, sentence: str) -> None:
    with pytest.raises(BadArray, match=sentence):
        compose_messages(texts, labels, LETTERS, rng())  # type: ignore[arg-type]


def test_a_perfect_recogniser_reads_every_message() -> None:
    _, labels = simulated()
    composition = compose_messages(PLAIN_MESSAGES, labels, LETTERS, rng())
    log_probs = perfect(labels, 26)
    readings = read_greedily(composition, log_probs)
    assert readings == composition.texts
    report = effect(composition, readings, log_probs, rng())
    assert (report.score.cer, report.score.exact, report.word_accuracy, report.expected_word_accuracy) == (0, 1, 1, 1)
    assert report.pairs == ()
    assert all(cost.misread == cost.words == 0 for cost in report.letters)


def test_greedy_reading_equals_a_plain_loop() -> None:
    log_probs, labels = simulated()
    composition = compose_messages(["Meet at noon"], labels, LETTERS, rng())
    following = iter(composition.messages[0].glyphs)
    expected = "".join(c if c == " " else LETTERS[int(log_probs[next(following)].argmax())] for c in "MEET AT NOON")
    assert read_greedily(composition, log_probs) == (expected,)


def by_hand() -> tuple[Composition, tuple[str, ...], Floats]:
    labels = np.arange(26)
    composition = compose_messages(["NOON AT ONE", "NO"], labels, LETTERS, rng())
    return composition, ("NQQN AT QNF", "NO"), perfect(labels, 26)


def test_an_example_worked_by_hand() -> None:
    report = effect(*by_hand(), rng())
    assert (report.characters, report.character_errors) == (11, 4)
    assert (report.words, report.wrong_words) == (4, 2)
    assert report.score.cer == pytest.approx(4 / 13)
    assert report.score.wer == pytest.approx(2 / 4)
    assert report.score.exact_count == 1
    right = 7 / 11
    assert report.expected_word_accuracy == pytest.approx((right**4 + right**2 + right**3 + right**2) / 4)
    costs = {c.character: (c.written, c.misread, c.words, c.alone) for c in report.letters}
    assert costs["O"] == (4, 3, 2, 0)
    assert costs["E"] == (1, 1, 1, 0)
    assert costs["N"] == (4, 0, 0, 0)
    assert [c.character for c in report.letters[:2]] == ["O", "E"]
    assert [(p.written, p.read, p.count, p.words) for p in report.pairs] == [("O", "Q", 3, 2), ("E", "F", 1, 1)]
    assert [(s.low, s.n, s.right) for s in report.word_lengths] == [(2, 2, 2), (3, 1, 0), (4, 1, 0)]
    assert [(s.low, s.high, s.n, s.right) for s in report.message_lengths] == [(1, 10, 2, 1)]


def test_a_lone_fault_is_counted_as_such() -> None:
    labels = np.arange(26)
    composition = compose_messages(["NOON AT ONE"], labels, LETTERS, rng())
    report = effect(composition, ["NQON AT ONF"], perfect(labels, 26), rng())
    assert [(c.character, c.words, c.alone) for c in report.letters[:2]] == [("E", 1, 1), ("O", 1, 1)]


def test_the_effect_equals_a_plain_loop_over_words() -> None:
    log_probs, labels = simulated()
    composition = compose_messages([*PLAIN_MESSAGES] * 5, labels, LETTERS, rng())
    readings = read_greedily(composition, log_probs)
    report = effect(composition, readings, log_probs, rng())
    words = [
        pair
        for text, reading in zip(composition.texts, readings, strict=True)
        for pair in zip(text.split(), reading.split(), strict=True)
    ]
    spoilt: Counter[str] = Counter()
    for written, read in words:
        spoilt.update({w for w, r in zip(written, read, strict=True) if w != r})
    assert report.wrong_words == sum(w != r for w, r in words) == report.score.word_errors > 50
    assert {c.character: c.words for c in report.letters if c.words} == dict(spoilt)
    assert report.character_errors == sum(c.misread for c in report.letters) == sum(p.count for p in report.pairs)
    assert sum(s.n for s in report.word_lengths) == report.words
    assert sum(s.n for s in report.message_lengths) == report.score.n
    # Glyphs are drawn by chance, so errors do fall by chance: expectation and observation meet.
    assert report.word_accuracy == pytest.approx(report.expected_word_accuracy, abs=0.03)


def test_examples_show_the_glyphs_and_how_sure_each_reading_was() -> None:
    log_probs, labels = simulated()
    composition = compose_messages([*PLAIN_MESSAGES] * 3, labels, LETTERS, rng())
    report = effect(composition, read_greedily(composition, log_probs), log_probs, rng())
    assert [e.text == e.reading for e in report.examples] == [False] * 9 + [True] * 3
    example = report.examples[0]
    for glyph, read, sure in zip(example.glyphs, example.reading.replace(" ", ""), example.probabilities, strict=True):
        assert sure == pytest.approx(np.exp(log_probs[glyph, LETTERS.index(read)]))


def test_short_examples_are_shown_before_long_ones() -> None:
    labels = np.arange(26)
    composition = compose_messages(["NO " * 50] * 30 + ["NO"] * 8, labels, LETTERS, rng())
    log_probs = perfect(labels, 26)
    report = effect(composition, [text.replace("N", "M") for text in composition.texts], log_probs, rng())
    assert sorted(len(e.text) for e in report.examples) == [2] * 8 + [149]


def test_readings_may_set_spaces_elsewhere_and_hold_question_marks() -> None:
    composition, _, log_probs = by_hand()
    report = effect(composition, ["NOONATONE", "N?"], log_probs, rng())
    assert (report.character_errors, report.wrong_words) == (1, 1)
    assert report.score.word_errors == 4
    assert [e.probabilities[1] for e in report.examples if e.text == "NO"] == [None]


def test_the_record_is_json() -> None:
    record = json.loads(json.dumps(effect(*by_hand(), rng()).to_dict(), allow_nan=False))
    assert record["letters"][0]["character"] == "O"
    assert record["score"]["exact"] == 0.5


@pytest.mark.parametrize(
    ("readings", "sentence"),
    [
        (["NOON AT ONE"], "2 messages came with 1 readings"),
        (["NOON AT ON", "NO"], "'NOONATON' has 8 characters, but 'NOON AT ONE' has 9 glyphs"),
    ],
)
def test_readings_that_do_not_fit_are_refused(readings: list[str], sentence: str) -> None:
    composition, _, log_probs = by_hand()
    with pytest.raises(BadArray, match=sentence):
        effect(composition, readings, log_probs, rng())


def test_log_probs_that_do_not_fit_are_refused() -> None:
    composition, readings, log_probs = by_hand()
    with pytest.raises(BadArray, match="use glyph number 19, but log_probs has 5 rows"):
        effect(composition, readings, log_probs[:5], rng())
    with pytest.raises(BadArray, match="26 characters"):
        read_greedily(composition, log_softmax(np.zeros((26, 10))))


def test_numbers_are_digits_and_spaces_of_many_kinds() -> None:
    numbers = messages.number_messages(rng(), 300)
    assert all(normalise(number, DIGITS) == (number, 0) for number in numbers)
    assert len({tuple(map(len, number.split())) for number in numbers}) > 5
    assert numbers == messages.number_messages(rng(), 300)


def test_our_own_messages_suit_the_alphabet() -> None:
    assert set(messages.own_messages(LETTERS, rng(), 42)) == set(PLAIN_MESSAGES)
    assert len(messages.own_messages(LETTERS, rng(), 100)) == 100
    assert all(text.replace(" ", "").isdigit() for text in messages.own_messages(DIGITS, rng(), 9))
    both = messages.own_messages(MIXED, rng(), 10)
    assert sum(text.replace(" ", "").isdigit() for text in both) == 5
    with pytest.raises(BadOption, match="give a file of texts"):
        messages.own_messages(Alphabet("!?"), rng(), 3)
    with pytest.raises(BadOption, match="one message or more"):
        messages.number_messages(rng(), 0)
    with pytest.raises(BadOption, match="one message or more"):
        messages.own_messages(LETTERS, rng(), 0)


def test_our_own_messages_are_plain_and_use_every_letter() -> None:
    assert len(set(PLAIN_MESSAGES)) == len(PLAIN_MESSAGES) >= 40
    for text in PLAIN_MESSAGES:
        assert normalise(text, LETTERS) == (text.upper(), 0)
    assert set("".join(PLAIN_MESSAGES).upper()) == set(LETTERS.characters + " ")
