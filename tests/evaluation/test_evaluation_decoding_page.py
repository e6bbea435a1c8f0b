"""The page and the tables on decoded messages, read back as a browser or a person would."""

import re

import numpy as np
import pytest

from inkread.alphabet import LETTERS, Alphabet
from inkread.errors import BadArray
from inkread.evaluation import decoding_plots, decoding_tables, plots, report
from inkread.evaluation.calibration import log_softmax
from inkread.evaluation.composition import Composition, compose_messages, read_greedily
from inkread.evaluation.decoding_effect import DecodingReport, Readings, decoding_effect, quality_change
from inkread.evaluation.decoding_examples import DecodedExample
from inkread.evaluation.decoding_letters import decoded_message
from inkread.evaluation.messages import PLAIN_MESSAGES
from inkread.evaluation.subject import Subject
from tests.evaluation.test_evaluation_report import HOSTILE, Reader, glyphs
from tests.evaluation.test_evaluation_tables import shown

SUBJECT = Subject("letters", "test glyphs", decoding={"language_weight": 0.9, "beam": 64})


def half_mended(composition: Composition, raw: tuple[str, ...]) -> tuple[str, ...]:
    """Every second message as it was written; in every fifth an A becomes the alphabet's first character."""
    sides = zip(composition.texts, raw, strict=True)
    read = [text if i % 2 else seen for i, (text, seen) in enumerate(sides)]
    return tuple(
        text.replace(composition.alphabet[4], composition.alphabet[0]) if i % 5 == 0 else text
        for i, text in enumerate(read)
    )


def decoded(alphabet: Alphabet = LETTERS, strength: float = 3.0, spaces: str = "known") -> DecodingReport:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(alphabet)), 30)
    logits = rng.normal(0, 1, (len(labels), len(alphabet)))
    logits[np.arange(len(labels)), labels] += strength
    log_probs = log_softmax(2 * logits)
    texts = PLAIN_MESSAGES if alphabet is LETTERS else [alphabet.characters] * 7
    composition = compose_messages([*texts, "1"], labels, alphabet, rng)
    raw = read_greedily(composition, log_probs)
    read = half_mended(composition, raw)
    if spaces == "none":
        raw, read = (tuple(text.replace(" ", "") for text in raw), tuple(text.replace("E ", "E") for text in read))
    readings = Readings(raw, read, tuple(rng.random(len(raw)).tolist()), spaces)  # type: ignore[arg-type]
    quality = [quality_change(noise, composition, readings, rng) for noise in (0.0, 0.2)]
    return decoding_effect(composition, readings, log_probs, rng, quality)


@pytest.fixture(scope="module", params=["known", "none"])
def told(request: pytest.FixtureRequest) -> tuple[DecodingReport, str]:
    result = decoded(spaces=request.param)
    return result, report.decoding_html(result, glyphs(780), SUBJECT)


@pytest.mark.slow
def test_the_page_is_whole_and_asks_nothing_of_the_network(told: tuple[DecodingReport, str]) -> None:
    html = told[1]
    read = Reader(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(read.tags)
    assert all(value.startswith("data:image/png;base64,") for value in read.values("src"))
    assert all(value.startswith("#") for value in read.values("href"))
    assert "http" not in html
    assert not re.search(r"url\((?!#)", html)
    assert not set(re.findall(r"#[0-9a-f]{6}\b", html[html.index("</style>") :])) & set(plots.ROLES)
    assert len([tag for tag in read.tags if tag == "img"]) == len(read.values("alt")) > 20
    assert len(html) < 1_000_000


def test_the_page_tells_all_that_was_measured(told: tuple[DecodingReport, str]) -> None:
    result, text = told[0], Reader(told[1]).text.replace("\u202f", " ")
    characters = result.outcomes[0]
    wrong = characters.mended + characters.left
    assert f"Of {wrong} misread characters language mended {characters.mended}; of " in text
    assert f"it broke {characters.broken}." in text
    assert f"{100 * result.after.score.cer:.2f} % {100 * result.before.score.cer:.2f} % by the eye alone" in text
    pair = result.pairs[0]
    assert f"{pair.written} read as {pair.read} {pair.before} {pair.after}" in text
    assert f"{100 * result.trust_after.reliability.expected_error:.2f} % after decoding" in text
    assert "0.20" in text
    assert "language weight 0.9 beam 64" in text
    assert ("Spaces from language alone" in text) == (result.spaces == "none")
    assert "1 text had no usable character and was left out." in text


def test_each_character_that_language_touched_is_marked(told: tuple[DecodingReport, str]) -> None:
    result, html = told
    kinds = {"mended": 0, "broken": 0, "wrong": 0, "changed": 0}
    for example in result.examples:
        sides = (example.text.replace(" ", ""), example.raw, example.decoded.replace(" ", ""))
        for written, raw, read in zip(*sides, strict=True):
            kinds["mended"] += raw != written == read
            kinds["broken"] += raw == written != read
            kinds["wrong"] += raw == read != written
            kinds["changed"] += len({written, raw, read}) == 3
    assert kinds["mended"] and kinds["broken"] and kinds["wrong"]
    for kind, number in kinds.items():
        assert html.count(f'class="letter {kind}"') == number, kind


def test_lost_and_invented_spaces_are_marked_where_they_are() -> None:
    example = DecodedExample("spaces", "ME TOO", "METOO", "MET OO", (0, 1, 2, 3, 4), (0.9,) * 5, (0.9,) * 5)
    read = Reader(decoded_message(example, glyphs(5)))
    assert read.text.split() == ["M", "E", "\u2323", "T", "|", "O", "O"]


def test_hostile_names_and_letters_stay_text() -> None:
    result = decoded(Alphabet("<>&\"'$"), 1.0)
    html = report.decoding_html(result, glyphs(180), Subject(HOSTILE, HOSTILE, HOSTILE, decoding={HOSTILE: HOSTILE}))
    read = Reader(html)
    assert "script" not in read.tags
    assert read.text.count(HOSTILE) >= 4
    assert not [name for name, _ in read.attributes if name.startswith("on")]


def test_glyphs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadArray, match="glyphs came"):
        report.decoding_html(decoded(), glyphs(5), SUBJECT)


def test_a_perfect_reading_has_a_page_and_tables_too() -> None:
    rng = np.random.default_rng(0)
    composition = compose_messages(["NO", "YES"], np.arange(26), LETTERS, rng)
    log_probs = log_softmax(30.0 * np.eye(26))
    readings = Readings(composition.texts, composition.texts, (1.0, 1.0))
    result = decoding_effect(composition, readings, log_probs, rng)
    assert "None: no character was misread." in Reader(report.decoding_html(result, glyphs(26), SUBJECT)).text
    assert "exact messages" in shown(decoding_tables.decoding(result, SUBJECT))


def test_the_tables_fit_a_terminal_and_tell_the_figures(told: tuple[DecodingReport, str]) -> None:
    result = told[0]
    text = shown(decoding_tables.decoding(result, SUBJECT))
    one_line = " ".join(text.split())
    before, after = (f"{100 * side.score.cer:.2f} %" for side in (result.before, result.after))
    assert f"character error rate {before} {after}" in one_line
    characters = result.outcomes[0]
    assert f"{characters.mended} {100 * characters.mended / characters.n:.2f} %" in one_line
    assert f"0.20 {100 * result.quality[1].before.cer:.2f} %" in one_line
    assert ("spaces found" in text) == (result.spaces == "none")
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_marks_stand_below_the_letters_they_speak_of() -> None:
    example = DecodedExample("broken", "THE ZOO IS OPEN", "THFZOOLSOPFN", "THE TOO LS OPAN", (0,) * 12, (), ())
    assert shown(decoding_tables.examples([example])[0]).splitlines()[1:] == [
        "broken by language",
        "  written  THE ZOO IS OPEN",
        "  eye      THF ZOO LS OPFN",
        "  decoded  THE TOO LS OPAN",
        "             + x   ^    ^",
    ]


def test_an_example_with_other_spaces_shows_them_as_found() -> None:
    example = DecodedExample("spaces", "ME TOO", "METOO", "MET OO", (0,) * 5, (), ())
    assert shown(decoding_tables.examples([example])[0]).splitlines()[-1] == "  spaced   MET OO"


def test_the_record_keeps_the_eye_alone_where_it_always_was() -> None:
    result = decoded()
    record = report.decoding_record(result, SUBJECT)
    assert record["messages"] == result.before.to_dict()
    assert set(record) == {"subject", "messages", "decoding"}


def test_the_curves_hold_the_measured_points() -> None:
    result = decoded()
    lines = decoding_plots.error_over_noise(result.quality, "wer").axes[0].get_lines()
    drawn = {tuple(np.round(np.asarray(line.get_ydata(), float), 9).tolist()) for line in lines}
    for side in ("before", "after"):
        assert tuple(round(100 * getattr(point, side).wer, 9) for point in result.quality) in drawn
    curve = decoding_plots.risk_curve(result.trust_before.curve, result.trust_after.curve).axes[0].get_lines()
    assert np.asarray(curve[0].get_xdata(), float).tolist() == pytest.approx(
        [100 * share for share in result.trust_before.curve.coverage]
    )
