"""What the eye's confidence in messages is worth, against messages counted by hand; its page and its tables."""

import json
from pathlib import Path

import numpy as np
import pytest

from inkread.alphabet import DIGITS
from inkread.errors import BadArray
from inkread.evaluation import decoding_plots, messages, report
from inkread.evaluation.calibration import log_softmax
from inkread.evaluation.composition import Composition, compose_messages, read_greedily
from inkread.evaluation.eye_alone import EyeAlone, Quality, eye_alone, eye_quality, message_confidence
from inkread.evaluation.eye_tables import eye_messages
from inkread.evaluation.subject import Subject
from inkread.evaluation.text import score
from tests.evaluation.test_evaluation_report import Reader, glyphs
from tests.evaluation.test_evaluation_tables import shown

SUBJECT = Subject("digits", "test glyphs")
TEXTS = ("12 3", "7", "45", "77 1")


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def by_hand() -> tuple[Composition, np.ndarray]:
    """A glyph for each digit; all are right with 9 in 10, but for the 7, which looks like a 1 with 6 in 10."""
    chances = np.full((10, 10), 0.1 / 9)
    np.fill_diagonal(chances, 0.9)
    chances[7] = 0.0
    chances[7, [1, 7]] = 0.6, 0.4
    return compose_messages(TEXTS, np.arange(10), DIGITS, rng()), np.log(np.maximum(chances, 1e-12))


def test_a_message_is_as_sure_as_all_its_characters_together() -> None:
    composition, log_probs = by_hand()
    assert message_confidence(composition, log_probs) == pytest.approx([0.9**3, 0.6, 0.9**2, 0.6 * 0.6 * 0.9])
    trust = eye_alone(composition, log_probs).trust
    assert trust.curve.threshold == pytest.approx((0.81, 0.729, 0.6, 0.324))
    assert trust.curve.risk == pytest.approx((0, 0, 1 / 3, 2 / 4))  # both messages with a 7 are wrong
    for refused in trust.refusals:
        assert (refused.accepted, refused.wrong) == (2, 0)


def test_quality_is_what_the_eye_reads_and_told_in_order() -> None:
    composition, log_probs = by_hand()
    levels = [eye_quality(noise, composition, log_probs, rng()) for noise in (0.2, 0.0)]
    assert levels[0].score == score(composition.texts, ("12 3", "1", "45", "11 1"), rng())
    assert [row.noise for row in eye_alone(composition, log_probs, levels).quality] == [0.0, 0.2]


def test_scores_that_do_not_fit_are_refused() -> None:
    composition, log_probs = by_hand()
    with pytest.raises(BadArray):
        eye_alone(composition, log_probs[:5])


def measured() -> tuple[messages.MessagesReport, EyeAlone]:
    labels = np.repeat(np.arange(10), 40)
    logits = rng().normal(0, 1, (400, 10))
    logits[np.arange(400), labels] += 3
    composition = compose_messages(messages.number_messages(rng(), 60), labels, DIGITS, rng())
    worse, log_probs = log_softmax(logits + rng().normal(0, 2, logits.shape)), log_softmax(2 * logits)
    quality = [
        Quality(noise, eye_quality(noise, composition, seen, rng()).score)
        for noise, seen in ((0.0, log_probs), (0.2, worse))
    ]
    readings = read_greedily(composition, log_probs)
    return messages.effect(composition, readings, log_probs, rng()), eye_alone(composition, log_probs, quality)


@pytest.mark.slow
def test_the_page_and_the_record_tell_noise_and_confidence(tmp_path: Path) -> None:
    told, eye = measured()
    html = report.messages_html(told, glyphs(400), SUBJECT, eye)
    text = Reader(html).text.replace("\u202f", " ")
    assert f"0.20 {100 * eye.quality[1].score.cer:.2f} %" in text
    assert f"The expected calibration error is {100 * eye.trust.reliability.expected_error:.2f} %" in text
    for refused in eye.trust.refusals:
        assert f"{100 * refused.risk:.0f} % {100 * refused.coverage:.1f} % {refused.accepted} {refused.wrong}" in text
    assert html.count("<svg") == report.messages_html(told, glyphs(400), SUBJECT).count("<svg") + 4
    assert "language" not in text and "decod" not in text
    record = report.messages_record(told, SUBJECT, eye)
    kept = json.loads(report.write(tmp_path / "m.json", record).read_text("utf-8"))
    assert kept["eye"]["trust"]["curve"]["area"] == eye.trust.curve.area
    assert "eye" not in report.messages_record(told, SUBJECT)


def test_the_tables_fit_a_terminal_and_tell_the_figures() -> None:
    told, eye = measured()
    text = shown(eye_messages(told, eye, SUBJECT))
    assert f"0.20 {100 * eye.quality[1].score.cer:.2f} %" in " ".join(text.split())
    assert f"confidence: {100 * eye.trust.reliability.expected_error:.2f} %" in text.replace("\u202f", " ")
    assert "Refusing unsure messages" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "noise" not in shown(eye_messages(told, EyeAlone(eye.trust, ()), SUBJECT))


def test_the_drawings_of_the_eye_alone_have_one_curve_each() -> None:
    _, eye = measured()
    line = decoding_plots.eye_over_noise(eye.quality, "cer").axes[0].get_lines()[0]
    assert np.asarray(line.get_ydata(), float).tolist() == pytest.approx([100 * row.score.cer for row in eye.quality])
    names = [text.get_text() for text in decoding_plots.risk_curve(eye.trust.curve).axes[0].get_legend().get_texts()]
    assert len(names) == 1 and names[0].startswith("the eye alone, area")
    (legend,) = decoding_plots.confidence_diagram(eye.trust).axes[0].get_legend().get_texts()
    assert legend.get_text().startswith("the eye alone, error")
