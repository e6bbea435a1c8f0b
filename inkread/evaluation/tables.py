"""What was measured -> rich tables for the terminal; whoever prints them decides where. Measures nothing itself.

All cells are ``Text``: what a file or a person named is shown, never taken for markup.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from inkread.evaluation.calibration import Calibration
from inkread.evaluation.classification import ClassificationReport
from inkread.evaluation.composition import respaced
from inkread.evaluation.messages import LengthScore, MessageExample, MessagesReport
from inkread.evaluation.subject import Subject
from inkread.evaluation.wording import byte_size, count, counted, length_range, percent, percent_interval, with_interval

HARDEST = 10  # characters shown, those with the lowest recall
PAIRS = 8  # confused pairs shown
COSTS = 8  # characters shown by the words that they cost
WRONG_EXAMPLES, RIGHT_EXAMPLES = 3, 1  # messages shown
TEXT_WIDTH = 64  # characters of a message a line: with what stands before it, within the 80 of a plain terminal
WRONG, RIGHT, SOFT = "bold red", "bold green", "dim"


def classification(report: ClassificationReport, subject: Subject, calibration: Calibration | None = None) -> Group:
    """Everything on single characters: headline, hardest characters, confused pairs, groups."""
    parts = [headline(report, subject, calibration), hardest(report)]
    if report.pairs:
        parts.append(pairs(report))
    if report.groups:
        parts.append(groups(report))
    return Group(*parts)


def headline(report: ClassificationReport, subject: Subject, calibration: Calibration | None = None) -> Table:
    """The headline figures, one a line, each with what belongs to it."""
    rows = [
        ("accuracy", percent(report.accuracy), f"95 % interval {percent_interval(report.interval)}"),
        ("mistakes", count(report.errors), f"of {count(report.n)}"),
        ("among the top 3", percent(report.top3_accuracy), ""),
        ("mean recall", percent(report.balanced_accuracy), "each character counts the same"),
        ("negative log-likelihood", f"{report.nll:.4f}", "nats an image"),
    ]
    if calibration:
        before, after = calibration.before.expected_error, calibration.after.expected_error
        scaling = f"{percent(before)} before temperature {calibration.temperature:.3f}"
        rows.append(("calibration error", percent(after), scaling))
    rows += _speed_and_size(subject)
    return facts(f"{subject.model} on {subject.data}", rows)


def hardest(report: ClassificationReport, most: int = HARDEST) -> Table:
    """The characters with the lowest recall."""
    known = sorted((c for c in report.characters if c.recall is not None), key=lambda c: c.recall or 0.0)
    rows = [
        [c.character, percent(c.recall), percent_interval(c.recall_interval, 1), percent(c.precision), count(c.support)]
        for c in known[:most]
    ]
    return grid("Hardest characters", ["", "recall", "95 % interval", "precision", "examples"], rows)


def pairs(report: ClassificationReport, most: int = PAIRS) -> Table:
    """The pairs that are confused most often."""
    rows = [[p.written, p.read, count(p.count), percent(p.share, 1)] for p in report.pairs[:most]]
    return grid("Most confused", ["written", "read as", "times", "of its examples"], rows, left=2)


def groups(report: ClassificationReport) -> Table:
    """Accuracy group by group."""
    rows = [
        [g.kind, g.name, count(g.n), count(g.errors), percent(g.accuracy), percent_interval(g.interval)]
        for g in report.groups
    ]
    return grid("Group by group", ["kind", "name", "examples", "mistakes", "accuracy", "95 % interval"], rows, left=2)


def messages(report: MessagesReport, subject: Subject) -> Group:
    """Everything on messages: headline, costly characters, words over their length, some examples."""
    parts = [messages_headline(report, subject)]
    if report.character_errors:
        parts.append(costs(report))
    wrong = [e for e in report.examples if e.text != e.reading][:WRONG_EXAMPLES]
    right = [e for e in report.examples if e.text == e.reading][:RIGHT_EXAMPLES]
    return Group(*parts, lengths(report.word_lengths, "word"), *examples([*wrong, *right]))


def messages_headline(report: MessagesReport, subject: Subject) -> Table:
    """The headline figures on messages, one a line."""
    score = report.score
    exact = f"{count(score.exact_count)} of {count(score.n)}; 95 % interval {percent_interval(score.exact_interval, 1)}"
    rows = [
        ("exact messages", percent(score.exact, 1), exact),
        ("character error rate", percent(score.cer), with_interval(score.cer_interval)),
        ("word error rate", percent(score.wer), with_interval(score.wer_interval)),
        ("characters right", percent(report.character_accuracy), f"of {counted(report.characters, 'glyph')}"),
        ("words right", percent(report.word_accuracy), f"of {counted(report.words, 'word')}"),
        ("words right by chance", percent(report.expected_word_accuracy), "if errors fell anywhere alike"),
    ]
    return facts(f"Messages read by {subject.model}, glyphs of {subject.data}", rows)


def costs(report: MessagesReport, most: int = COSTS) -> Table:
    """The characters by the words that they cost."""
    rows = [
        [c.character, count(c.words), count(c.alone), count(c.misread), count(c.written)]
        for c in report.letters[:most]
        if c.misread
    ]
    header = ["", "words spoilt", "as their only fault", "misread", "written"]
    return grid("Which characters cost most words", header, rows)


def lengths(scores: Sequence[LengthScore], unit: str) -> Table:
    """Right words or messages over their length, observed and expected."""
    rows = [
        [
            length_range(s.low, s.high),
            count(s.n),
            percent(s.observed, 1),
            percent_interval(s.interval, 1),
            percent(s.expected, 1),
        ]
        for s in scores
    ]
    header = ["characters", f"{unit}s", "right", "95 % interval", "expected"]
    return grid(f"Right {unit}s over their length", header, rows)


def examples(rows: Iterable[MessageExample]) -> list[Text]:
    """Messages as written and as read, with a mark below each fault."""
    return [_example(example) for example in rows]


def _example(example: MessageExample) -> Text:
    shown = Text("")
    start, read = 0, respaced(example.text, example.reading)
    for written in textwrap.wrap(example.text, TEXT_WIDTH):
        start = example.text.index(written, start)
        shown.append_text(_compared(written, read[start : start + len(written)]))
        start += len(written)
    return shown


def _compared(written: str, read: str) -> Text:
    if written == read:
        return Text.assemble("\n  written  ", written, "\n  read     ", (read, RIGHT))
    marks = "".join("^" if w != r else " " for w, r in zip(written, read, strict=True)).rstrip()
    letters = [(r, WRONG if w != r else "") for w, r in zip(written, read, strict=True)]
    return Text.assemble("\n  written  ", written, "\n  read     ", *letters, ("\n           " + marks, WRONG))


def _speed_and_size(subject: Subject) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    if subject.speed:
        alone = f"{subject.speed.milliseconds_per_image:.3g} ms for one alone"
        rows.append(("images a second", f"{subject.speed.images_per_second:,.0f}", f"in batches; {alone}"))
    if subject.size:
        adds = f"{count(subject.size.multiply_adds)} multiply-adds"
        stored = "" if subject.size.bytes is None else f", {byte_size(subject.size.bytes)}"
        rows.append(("parameters", count(subject.size.parameters), adds + stored))
    return rows


def facts(title: str, rows: Iterable[tuple[str, str, str]]) -> Table:
    """Names, figures and what belongs to them, one a line, without a header."""
    table = Table(title=Text(title, style="bold"), title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column(style=SOFT)
    table.add_column(justify="right", style="bold")
    table.add_column(style=SOFT)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def grid(title: str, header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> Table:
    """A table with its first ``left`` columns to the left and the figures to the right."""
    table = Table(title=Text("\n" + title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(header):
        table.add_column(Text(name), justify="left" if number < left else "right")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
