"""What decoding did, against messages counted by hand and plain loops over letters."""

import json
from collections import Counter

import numpy as np
import pytest

from inkread.alphabet import LETTERS
from inkread.errors import BadArray
from inkread.evaluation.calibration import log_softmax
from inkread.evaluation.composition import Composition, compose_messages, read_greedily
from inkread.evaluation.decoding_effect import DecodingReport, Readings, decoding_effect, quality_change
from inkread.evaluation.messages import PLAIN_MESSAGES
from inkread.evaluation.text import score

#              written        the eye        decoded
BY_HAND = (
    ("NOON AT ONE", "NQQN AT ONF", "NOON AT ONE"),  # three characters mended
    ("THE ZOO", "THF ZOO", "THE TOO"),  # one mended, one broken
    ("CAB", "CAR", "CAP"),  # one changed in vain
    ("GO", "GD", "GD"),  # one left
    ("YES", "YES", "YES"),
)
CONFIDENCE = (0.9, 0.6, 0.5, 0.4, 0.95)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def composed() -> Composition:
    return compose_messages([text for text, _, _ in BY_HAND], np.arange(26), LETTERS, rng())


def log_probs() -> np.ndarray:
    return log_softmax(np.log(np.eye(26) * 0.74 + 0.01))  # each glyph right with 3 in 4


def by_hand() -> DecodingReport:
    readings = Readings(tuple(raw for _, raw, _ in BY_HAND), tuple(read for _, _, read in BY_HAND), CONFIDENCE)
    return decoding_effect(composed(), readings, log_probs(), rng())


def test_outcomes_counted_by_hand() -> None:
    characters, words, messages = by_hand().outcomes
    assert (characters.unit, words.unit, messages.unit) == ("character", "word", "message")
    assert (characters.kept, characters.broken, characters.mended, characters.left, characters.replaced) == (
        16, 1, 4, 2, 1,
    )  # fmt: skip
    # Words right before: AT, ZOO, YES. After: NOON, AT, ONE, THE, YES.
    assert (words.kept, words.broken, words.mended, words.left, words.replaced) == (2, 1, 3, 2, 1)
    assert (messages.kept, messages.broken, messages.mended, messages.left, messages.replaced) == (1, 0, 1, 3, 2)
    assert (characters.n, words.n, messages.n) == (23, 8, 5)


def test_before_and_after_are_the_reports_on_either_reading() -> None:
    report = by_hand()
    texts, raw, decoded = zip(*BY_HAND, strict=True)
    assert report.before.score.cer == score(texts, raw).cer == pytest.approx(6 / 26)
    assert report.after.score.cer == score(texts, decoded).cer == pytest.approx(3 / 26)
    assert (report.before.wrong_words, report.after.wrong_words) == (5, 3)
    p = 20 / 23
    expected = (p**4 + p**2 + p**3 + p**3 + p**3 + p**3 + p**2 + p**3) / 8
    assert report.after.expected_word_accuracy == pytest.approx(expected)


def test_pairs_and_costs_tell_before_and_after() -> None:
    report = by_hand()
    pairs = {(p.written, p.read): (p.before, p.after) for p in report.pairs}
    assert pairs == {
        ("O", "Q"): (2, 0), ("E", "F"): (2, 0), ("B", "R"): (1, 0), ("O", "D"): (1, 1), ("Z", "T"): (0, 1),
        ("B", "P"): (0, 1),
    }  # fmt: skip
    assert (report.pairs[0].written, report.pairs[0].read) == ("E", "F")
    costs = {c.character: (c.before.words, c.after.words, c.before.misread, c.after.misread) for c in report.costs}
    assert costs["O"] == (2, 1, 3, 1)
    assert costs["E"] == (2, 0, 2, 0)
    assert costs["Z"] == (0, 1, 0, 1)
    assert costs["Y"] == (0, 0, 0, 0)
    assert report.costs[0].character == "O"


def test_lengths_are_scored_as_their_texts_alone() -> None:
    texts = (*PLAIN_MESSAGES, "YES", "NO")
    labels = np.repeat(np.arange(26), 20)
    logits = rng().normal(0, 1, (520, 26))
    logits[np.arange(520), labels] += 3
    composition = compose_messages(texts, labels, LETTERS, rng())
    raw = read_greedily(composition, log_softmax(logits))
    readings = Readings(raw, composition.texts, (0.5,) * len(raw))
    report = decoding_effect(composition, readings, log_softmax(logits), rng())
    assert [row.after.cer for row in report.lengths] == [0] * len(report.lengths)
    assert sum(row.before.n for row in report.lengths) == len(texts)
    row = next(row for row in report.lengths if row.low == 21)
    here = [i for i, text in enumerate(composition.texts) if 21 <= len(text.replace(" ", "")) <= 30]
    alone = score([composition.texts[i] for i in here], [raw[i] for i in here])
    assert (row.high, row.before.n, row.before.cer, row.before.wer) == (30, len(here), alone.cer, alone.wer)
    marks = Counter(w == r for t, x in zip(composition.texts, raw, strict=True) for w, r in zip(t, x, strict=True))
    assert report.outcomes[0].mended == marks[False]


def test_spaces_that_were_found_and_invented_are_counted() -> None:
    composition = compose_messages(["MEET AT NOON", "BE LATE"], np.arange(26), LETTERS, rng())
    readings = Readings(("MEETATNOON", "BELATE"), ("MEET ATNOON", "BE LA TE"), (0.5, 0.5), spaces="none")
    report = decoding_effect(composition, readings, log_probs(), rng())
    spaces = report.space_count
    assert (spaces.written, spaces.found, spaces.invented) == (3, 2, 1)
    assert report.outcomes[2].kept == 2  # the characters are right
    assert report.after.score.exact_count == 0  # the texts are not
    assert report.after.score.wer == pytest.approx(4 / 5)
    assert [example.kind for example in report.examples] == ["spaces", "spaces"]


def test_confidence_is_judged_by_whole_texts_after_and_by_characters_before() -> None:
    report = by_hand()
    assert report.trust_after.curve.threshold == (0.95, 0.9, 0.6, 0.5, 0.4)
    assert report.trust_after.curve.risk == pytest.approx((0, 0, 1 / 3, 2 / 4, 3 / 5))
    lengths = [len(text.replace(" ", "")) for text, _, _ in BY_HAND]
    # The recogniser gives its likeliest character 3 in 4, whatever was read.
    found = {round(threshold, 9) for threshold in report.trust_before.curve.threshold}
    assert found == {round(0.75**n, 9) for n in lengths}
    assert report.trust_before.curve.risk[-1] == pytest.approx(4 / 5)


def test_each_example_is_of_its_kind_and_shows_what_both_saw() -> None:
    examples = {example.text: example for example in by_hand().examples}
    kinds = {text: example.kind for text, example in examples.items()}
    assert kinds == {"NOON AT ONE": "mended", "THE ZOO": "broken", "CAB": "left", "GO": "left", "YES": "kept"}
    zoo = examples["THE ZOO"]
    assert (zoo.raw, zoo.decoded, len(zoo.glyphs)) == ("THFZOO", "THE TOO", 6)
    assert zoo.raw_probabilities == pytest.approx((0.75, 0.75, 0.01, 0.75, 0.75, 0.75))
    assert zoo.probabilities == pytest.approx((0.75, 0.75, 0.75, 0.01, 0.75, 0.75))


def test_a_question_mark_has_no_probability() -> None:
    readings = Readings(tuple(raw for _, raw, _ in BY_HAND), ("NOON AT ON?", "THE ZOO", "CAB", "GO", "YES"), CONFIDENCE)
    report = decoding_effect(composed(), readings, log_probs(), rng())
    assert report.examples[0].kind == "mended"
    unsure = next(example for example in report.examples if "?" in example.decoded)
    assert (unsure.kind, unsure.probabilities[-1]) == ("left", None)


def test_quality_is_scored_for_each_noise_and_told_in_order() -> None:
    composition = composed()
    readings = Readings(tuple(raw for _, raw, _ in BY_HAND), composition.texts, CONFIDENCE)
    points = [quality_change(noise, composition, readings, rng()) for noise in (0.2, 0.0)]
    assert points[0].before.cer == pytest.approx(6 / 26)
    assert points[0].after.cer == 0
    report = decoding_effect(composition, readings, log_probs(), rng(), points)
    assert [point.noise for point in report.quality] == [0.0, 0.2]


def test_the_record_is_json_that_keeps_the_figures() -> None:
    record = json.loads(json.dumps(by_hand().to_dict(), allow_nan=False))
    assert record["outcomes"][0]["mended"] == 4
    assert record["trust_after"]["reliability"]["expected_error"] >= 0
    assert record["trust_after"]["curve"]["risk"][-1] == 0.6


def test_the_same_generator_tells_the_same() -> None:
    assert by_hand() == by_hand()


@pytest.mark.parametrize(
    ("raw", "decoded", "confidence", "sentence"),
    [
        (["YES"], ["YES"] * 5, [0.5] * 5, "5 messages came with 1 readings"),
        (None, ["YES"] * 5, [0.5] * 5, "'YES' has 3 characters, but 'NOON AT ONE' has 9 glyphs"),
        (None, None, [0.5], "5 readings came with 1 confidences"),
        (None, None, [2.0] * 5, "in 0..1"),
    ],
)
def test_readings_that_do_not_fit_are_refused(
    raw: list[str] | None, decoded: list[str] | None, confidence: list[float], sentence: str
) -> None:
    texts = composed().texts
    readings = Readings(tuple(raw or texts), tuple(decoded or texts), tuple(confidence))
    with pytest.raises(BadArray, match=sentence):
        decoding_effect(composed(), readings, log_probs(), rng())
