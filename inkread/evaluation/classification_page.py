"""What was measured on single characters -> the HTML page that tells it. Measures nothing itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy.typing as npt

from inkread.evaluation import page, plots
from inkread.evaluation.border import GlyphArray, check_glyphs
from inkread.evaluation.calibration import Calibration
from inkread.evaluation.classification import CharacterScore, ClassificationReport, ConfusedPair, GroupScore, Mistake
from inkread.evaluation.page import Html, text
from inkread.evaluation.subject import Subject, about, cost_tiles
from inkread.evaluation.wording import ABSENT, count, counted, percent, percent_interval

PAIRS = 12  # most confused pairs shown
PICTURES = 8  # pictures for each pair
SUREST = 16  # mistakes shown in the order of their confidence


def classification_html(
    report: ClassificationReport, glyphs: npt.ArrayLike, subject: Subject, calibration: Calibration | None = None
) -> str:
    """The page on single characters; ``glyphs`` uint8 (N, 28, 28) are the examples that the report counts, in its
    order.

    Raises BadArray for glyphs of another shape or number.
    """
    pictures = check_glyphs(glyphs, report.n)
    right = report.n - report.errors
    lead = (
        f"Of {counted(report.n, 'handwritten character')}, {count(right)} were read right: {percent(report.accuracy)}. "
        + (
            f"That is one mistake in {count(round(report.n / report.errors))}."
            if report.errors
            else "No mistake at all."
        )
    )
    parts = [
        page.heading("How well characters are read", f"{subject.model} on {subject.data}", lead, subject.remark),
        _classification_tiles(report, subject, calibration),
        *([_pairs(report, pictures), _surest(report, pictures)] if report.errors else []),
        *([_groups(report)] if report.groups else []),
        _characters(report),
        _matrix(report),
        *([_calibration(calibration)] if calibration else []),
        *about(subject),
    ]
    return page.page(f"inkread: {subject.model} on {subject.data}", parts)


def _classification_tiles(report: ClassificationReport, subject: Subject, calibration: Calibration | None) -> Html:
    rows = [
        ("accuracy", percent(report.accuracy), f"95 % interval {percent_interval(report.interval)}"),
        ("mistakes", count(report.errors), f"of {count(report.n)}"),
        ("among the top 3", percent(report.top3_accuracy), "the right one is one of the three likeliest"),
        ("mean recall", percent(report.balanced_accuracy), "each character counts the same"),
        ("negative log-likelihood", f"{report.nll:.4f}", "nats an image; 0 is perfect"),
    ]
    if calibration:
        before, after = calibration.before.expected_error, calibration.after.expected_error
        rows.append(("calibration error", percent(after), f"{percent(before)} before temperature scaling"))
    return page.tiles([*rows, *cost_tiles(subject)])


def _pairs(report: ClassificationReport, pictures: GlyphArray) -> Html:
    mistakes = {mistake.index: mistake for mistake in report.mistakes}
    return page.section(
        "What it mixes up",
        "The pairs that are confused most often, with the surest mistakes of each. Under each picture: how likely the "
        "wrong answer seemed, and the runner-up.",
        *(_pair(pair, mistakes, pictures) for pair in report.pairs[:PAIRS]),
    )


def _pair(pair: ConfusedPair, mistakes: Mapping[int, Mistake], pictures: GlyphArray) -> Html:
    figures = "".join(_mistake(mistakes[index], pictures) for index in pair.indices[:PICTURES])
    return Html(
        f'<div class="pair"><div><h3>{text(pair.written)} read as {text(pair.read)}</h3>'
        f"<p>{text(counted(pair.count, 'time'))}, {text(percent(pair.share, 1))} of its glyphs</p></div>"
        f'<div class="glyphs">{figures}</div></div>'
    )


def _mistake(mistake: Mistake, pictures: GlyphArray) -> Html:
    description = f"example {mistake.index}: written {mistake.written}, read {mistake.read}"
    guesses = ((mistake.read, mistake.confidence), (mistake.runner_up, mistake.runner_up_probability))
    caption = "<br>".join(f"<b>{text(guess)}</b> {text(percent(sure, 0))}" for guess, sure in guesses)
    picture = page.glyph(pictures[mistake.index], description)
    return Html(f"<figure>{picture}<figcaption>{caption}</figcaption></figure>")


def _surest(report: ClassificationReport, pictures: GlyphArray) -> Html:
    figures = "".join(_sure(mistake, pictures) for mistake in report.mistakes[:SUREST])
    return page.section(
        "Its surest mistakes",
        "Here it was wrong and hardly doubted it. Some may be labelled wrongly, and some nobody could read.",
        Html(f'<div class="glyphs">{figures}</div>'),
    )


def _sure(mistake: Mistake, pictures: GlyphArray) -> Html:
    picture = page.glyph(pictures[mistake.index], f"example {mistake.index}")
    caption = (
        f"<b>{text(mistake.written)}</b> → <b>{text(mistake.read)}</b><br>{text(percent(mistake.confidence, 0))} sure"
    )
    return Html(f"<figure>{picture}<figcaption>{caption}</figcaption></figure>")


def _groups(report: ClassificationReport) -> Html:
    header = ["kind", "name", "examples", "mistakes", "accuracy", "95 % interval"]
    rows = page.table(header, (_group(group) for group in report.groups), named=True)
    return page.section("Group by group", "The same count for parts of the examples.", rows)


def _group(group: GroupScore) -> list[Html]:
    figures = [count(group.n), count(group.errors), percent(group.accuracy), percent_interval(group.interval)]
    return [text(cell) for cell in [group.kind, group.name, *figures]]


def _characters(report: ClassificationReport) -> Html:
    hardest = sorted(
        report.characters, key=lambda c: 2.0 if c.recall is None else c.recall
    )  # those without any go last
    most_missed = max(1 - (hardest[0].recall or 0.0), 1 / report.n)
    header = ["", "recall", "missed", "95 % interval", "precision", "F1", "examples"]
    return page.section(
        "Character by character",
        "Recall: of the glyphs that are this character, the share read as it; the bars compare what is missing. "
        "Precision: of the glyphs read as it, the share that are. F1 is their harmonic mean. The hardest come first.",
        page.table(header, (_character(score, most_missed) for score in hardest)),
    )


def _character(score: CharacterScore, most_missed: float) -> list[Html]:
    missed = 0.0 if score.recall is None else (1 - score.recall) / most_missed
    interval = percent_interval(score.recall_interval, 1) if score.support else ABSENT
    figures = [interval, percent(score.precision), percent(score.f1), count(score.support)]
    head = [Html(f"<b>{text(score.character)}</b>"), text(percent(score.recall)), page.bar(missed)]
    return [*head, *map(text, figures)]


def _matrix(report: ClassificationReport) -> Html:
    confusion, names = report.confusion, report.alphabet
    shares = confusion / confusion.sum(axis=1, keepdims=True).clip(1)
    worst = max((pair.share for pair in report.pairs), default=1.0)
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    body: list[str] = []
    for row, written in enumerate(names):
        cells = "".join(
            _cell(int(confusion[row, column]), float(shares[row, column]), written, read, worst)
            for column, read in enumerate(names)
        )
        body.append(f'<tr><th scope="row">{text(written)}</th>{cells}</tr>')
    return page.section(
        "Who is taken for whom",
        "A row for each character that was written, a column for each that was read. Blue is right, red is wrong: the "
        "stronger, the larger the share of its row.",
        Html(f'<div class="scroll"><table class="matrix"><tr><th></th>{head}</tr>{"".join(body)}</table></div>'),
    )


def _cell(number: int, share: float, written: str, read: str, worst: float) -> str:
    if not number:
        return "<td></td>"
    right = written == read
    # The square root lets rare confusions be seen beside frequent ones.
    strength = 0.15 + 0.6 * share**2 if right else 0.15 + 0.75 * (share / worst) ** 0.5
    hint = text(f"{written} read as {read}: {counted(number, 'time')}, {percent(share, 1)}")
    return f'<td class="{"right" if right else "wrong"}" style="--a:{strength:.2f}" title="{hint}">{number}</td>'


def _calibration(calibration: Calibration) -> Html:
    drawing = plots.svg(plots.reliability_diagram(calibration), "reliability before and after temperature scaling")
    rows = [
        [text(name), text(percent(measured.expected_error)), text(percent(measured.maximum_error)), text(f"{nll:.4f}")]
        for name, measured, nll in (
            ("before", calibration.before, calibration.nll_before),
            ("after", calibration.after, calibration.nll_after),
        )
    ]
    return page.section(
        "Does it know when it is unsure?",
        "Of the glyphs that it is 80 % sure of, 80 % should be right. Its scores are divided by a temperature of "
        f"{calibration.temperature:.3f}: above 1 it was too sure of itself, below 1 not sure enough. That changes no "
        "answer, only the confidence.",
        page.plot(
            drawing, "A dot for each range of confidence: its area is its share of glyphs, its bar a 95 % interval."
        ),
        page.table(["", "expected error", "largest error of a range", "negative log-likelihood"], rows),
    )
