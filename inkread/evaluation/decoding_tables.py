"""What decoding did to messages -> rich tables for the terminal, 80 columns wide. Measures nothing itself."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from inkread.evaluation.composition import respaced
from inkread.evaluation.confidence import Refusal
from inkread.evaluation.decoding_effect import DecodingReport, LengthChange, QualityChange
from inkread.evaluation.decoding_examples import DecodedExample, Kind
from inkread.evaluation.messages import LengthScore
from inkread.evaluation.subject import Subject
from inkread.evaluation.tables import RIGHT, SOFT, TEXT_WIDTH, WRONG, grid
from inkread.evaluation.text import TextScore
from inkread.evaluation.wording import ABSENT, count, counted, length_range, percent, percent_interval

COSTS, PAIRS = 8, 8  # characters and pairs shown
RATES = ("character error", "decoded", "word error", "decoded")
SHOWN: dict[Kind, int] = {"mended": 2, "broken": 2, "left": 2, "spaces": 1, "kept": 0}  # examples shown
HEADS: dict[Kind, str] = {
    "mended": "mended by language",
    "broken": "broken by language",
    "left": "left wrong",
    "spaces": "wrong in its spaces alone",
    "kept": "right all along",
}


def decoding(report: DecodingReport, subject: Subject) -> Group:
    """Everything on decoded messages: headline, outcomes, costs, lengths, noise, confidence, examples."""
    parts: list[Table | Text] = [decoding_headline(report, subject)]
    if report.spaces == "none":
        parts.append(Text("Without spaces, what the eye reads is one long word: compare characters.", style=SOFT))
    parts.append(outcomes(report))
    if report.before.pairs or report.after.pairs:
        parts += [costs(report), pairs(report)]
    parts += [word_lengths(report.before.word_lengths, report.after.word_lengths), lengths(report.lengths)]
    if report.quality:
        parts.append(quality(report.quality))
    parts.append(refusals(report.trust_after.refusals))
    return Group(*parts, *examples(report.examples))


def decoding_headline(report: DecodingReport, subject: Subject) -> Table:
    """The headline figures, before and after."""
    before, after = report.before, report.after
    first, last = before.score, after.score
    unsure, sure = (side.reliability.expected_error for side in (report.trust_before, report.trust_after))
    rows = [
        ("exact messages", first.exact, last.exact, percent_interval(last.exact_interval)),
        ("character error rate", first.cer, last.cer, percent_interval(last.cer_interval)),
        ("word error rate", first.wer, last.wer, percent_interval(last.wer_interval)),
        ("characters right", before.character_accuracy, after.character_accuracy, f"{count(after.characters)} glyphs"),
        ("words right", before.word_accuracy, after.word_accuracy, counted(after.words, "word")),
        ("  if errors fell by chance", before.expected_word_accuracy, after.expected_word_accuracy, "p to the length"),
        ("calibration error", unsure, sure, "of a message's confidence"),
    ]
    shown = [[name, percent(b), percent(a), detail] for name, b, a, detail in rows]
    if report.spaces == "none":
        spaces = report.space_count
        detail = f"{count(spaces.found)} of {count(spaces.written)}, {count(spaces.invented)} invented"
        shown.append(
            ["spaces found", ABSENT, percent(spaces.found / spaces.written if spaces.written else None), detail]
        )
    title = f"Messages read by {subject.model}, glyphs of {subject.data}"
    return grid(title, ["", "eye alone", "decoded", "95 % interval"], shown)


def outcomes(report: DecodingReport) -> Table:
    """What decoding did to each character, word and message."""
    rows = [
        [f"{o.unit}s", *(f"{count(n)}  {percent(n / o.n)}" for n in (o.kept, o.broken, o.mended, o.left))]
        for o in report.outcomes
    ]
    return grid("What decoding did", ["", "right, kept", "right, broken", "wrong, mended", "wrong, left"], rows)


def costs(report: DecodingReport, most: int = COSTS) -> Table:
    """The characters by the words that they cost, before and after."""
    costly = [c for c in report.costs[:most] if c.before.misread or c.after.misread]
    rows = [
        [c.character, *map(count, (b.words, a.words, b.misread, a.misread, b.written))]
        for c, b, a in ((c, c.before, c.after) for c in costly)
    ]
    header = ["", "words spoilt", "decoded", "misread", "decoded", "written"]
    return grid("Which characters cost most words", header, rows)


def pairs(report: DecodingReport, most: int = PAIRS) -> Table:
    """The confused pairs, before and after."""
    rows = [[p.written, p.read, count(p.before), count(p.after)] for p in report.pairs[:most]]
    return grid("Most confused", ["written", "read as", "eye alone", "decoded"], rows, left=2)


def word_lengths(before: Sequence[LengthScore], after: Sequence[LengthScore]) -> Table:
    """Right words over their length, observed and expected, before and after."""
    rows = [
        [length_range(b.low, b.high), count(b.n), *(percent(share, 1) for share in _shares(b, a))]
        for b, a in zip(before, after, strict=True)
    ]
    header = ["characters", "words", "right", "by chance", "decoded", "by chance"]
    return grid("Right words over their length", header, rows)


def _shares(before: LengthScore, after: LengthScore) -> tuple[float, ...]:
    return before.observed, before.expected, after.observed, after.expected


def lengths(rows: Sequence[LengthChange]) -> Table:
    """Errors over the length of the message, before and after."""
    cells = [[length_range(r.low, r.high), count(r.before.n), *_rates(r.before, r.after)] for r in rows]
    return grid("Errors over the length of the message", ["characters", "messages", *RATES], cells)


def quality(rows: Sequence[QualityChange]) -> Table:
    """Errors over the noise on the glyphs, before and after."""
    cells = [[f"{r.noise:.2f}", *_rates(r.before, r.after)] for r in rows]
    return grid("Errors over the noise on the glyphs", ["noise", *RATES], cells)


def _rates(before: TextScore, after: TextScore) -> list[str]:
    return [percent(rate) for rate in (before.cer, after.cer, before.wer, after.wer)]


def refusals(refused: Sequence[Refusal]) -> Table:
    """How many messages remain when the unsure ones are refused so that few of the rest are wrong."""
    rows = [[f"at most {risk} wrong", *cells] for risk, *cells in map(refusal_cells, refused)]
    header = ["", "accepted", "messages", "of them wrong", "confidence from"]
    return grid("Refusing unsure messages", header, rows)


def refusal_cells(refused: Refusal) -> list[str]:
    """One threshold: the risk that is allowed, the share and the number accepted, the wrong among them, the least
    confidence."""
    kept = [percent(refused.coverage, 1), count(refused.accepted), count(refused.wrong)]
    return [percent(refused.risk, 0), *kept, threshold(refused)]


def threshold(refused: Refusal) -> str:
    """The confidence from which a message is accepted; a dash where none is enough."""
    return ABSENT if refused.threshold is None else f"{refused.threshold:.3f}"


def examples(rows: Iterable[DecodedExample]) -> list[Text]:
    """Messages as written, as the eye alone read them and as decoded; a mark below each character that differs."""
    shown: list[Text] = []
    left = dict(SHOWN)
    for example in rows:
        left[example.kind] -= 1
        if left[example.kind] >= 0:
            shown.append(_example(example))
    if shown:
        shown.append(Text("\n+ mended by language   x broken by language   ^ left wrong", style=SOFT))
    return shown


def _example(example: DecodedExample) -> Text:
    shown = Text.assemble("\n", (HEADS[example.kind], "bold"))
    raw, decoded = (respaced(example.text, reading) for reading in (example.raw, example.decoded))
    start = 0
    for written in textwrap.wrap(example.text, TEXT_WIDTH):
        start = example.text.index(written, start)
        end = start + len(written)
        shown.append_text(_compared(written, raw[start:end], decoded[start:end]))
        start = end
    if example.kind == "spaces":
        shown.append("\n  spaced   " + "\n           ".join(textwrap.wrap(example.decoded, TEXT_WIDTH)))
    return shown


def _compared(written: str, raw: str, decoded: str) -> Text:
    """Three lines below one another, and a fourth of marks: + mended, x broken, ^ left wrong."""
    marks = "".join(_mark(w, r, d) for w, r, d in zip(written, raw, decoded, strict=True)).rstrip()
    lines = [Text.assemble("\n  written  ", written)]
    for name, reading in (("eye", raw), ("decoded", decoded)):
        letters = [(r, WRONG if r != w else "") for w, r in zip(written, reading, strict=True)]
        lines.append(Text.assemble(f"\n  {name:<9}", *letters))
    if marks:
        lines.append(Text.assemble("\n           ", *((m, RIGHT if m == "+" else WRONG) for m in marks)))
    return Text.assemble(*lines)


def _mark(written: str, raw: str, decoded: str) -> str:
    if decoded == written:
        return " " if raw == written else "+"
    return "x" if raw == written else "^"
