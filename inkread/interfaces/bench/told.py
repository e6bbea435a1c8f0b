"""What was measured -> tables for the terminal, one page with curves, and a record. Measures nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group

from inkread.evaluation import page, plots, tables
from inkread.evaluation.confidence import RiskCoverage
from inkread.evaluation.page import Html, text
from inkread.evaluation.risk import SureWords
from inkread.evaluation.style import SERIES
from inkread.evaluation.text import score
from inkread.evaluation.wording import count, percent, percent_interval
from inkread.interfaces.bench.measure import Invented, Read, SetScore
from inkread.interfaces.bench.targets import OWN, SURE_RISK, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WORST: Final = 12  # pictures that the page quotes
SCORES: Final = (
    "set", "engine", "n", "characters wrong", "95 %", "case kept", "no spaces", "words wrong", "exact", "ms",
)  # fmt: skip
SHORT: Final = (0, 1, 2, 3, 4, 5, 8, 9)  # what of these has room on a terminal,
NAMES: Final = ("set", "engine", "n", "char. err.", "95 %", "case kept", "exact", "ms")  # and how it is called there
INVENTED: Final = ("no text there", "engine", "n", "pictures read", "words", "sure words")


@dataclass(frozen=True)
class BenchReport:
    """Everything that was measured, and the ``facts`` about how."""

    facts: Mapping[str, str]
    rows: Sequence[SetScore]
    invented: Sequence[Invented]
    verdicts: Sequence[Verdict]
    sure: SureWords | None
    curves: Mapping[str, RiskCoverage]
    cold_seconds: float | None
    reads: Sequence[Read]

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, ready for ``json.dumps``; every picture's reading included."""
        return {
            "facts": dict(self.facts),
            "cold_seconds": self.cold_seconds,
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "scores": [row.to_dict() for row in self.rows],
            "sure": self.sure.to_dict() if self.sure else None,
            "invented": [row.to_dict() for row in self.invented],
            "curves": {name: asdict(curve) for name, curve in self.curves.items()},
            "pictures": [read.to_dict() for read in self.reads],
        }


def terminal(report: BenchReport) -> Group:
    """Every figure, set by set."""
    parts = []
    if report.rows:
        rows = [[cells[i] for i in SHORT] for cells in map(_cells, report.rows)]
        parts.append(tables.grid("Read, case ignored", NAMES, rows, left=2))
    if report.invented:
        parts.append(tables.grid("Invented", INVENTED, [_invented(row) for row in report.invented], left=2))
    if report.verdicts:
        found = [(v.what, v.target, v.measured, "reached" if v.reached else "not reached") for v in report.verdicts]
        parts.append(tables.grid("Targets", ["", "target", "measured", ""], found))
    return Group(*parts)


def _cells(row: SetScore) -> tuple[str, ...]:
    return (
        row.set, row.engine, count(row.n), percent(row.folded.cer), percent_interval(row.folded.cer_interval, 1),
        percent(row.kept.cer), percent(row.spaceless), percent(row.folded.wer, 1), percent(row.folded.exact, 0),
        f"{row.ms:.0f}",
    )  # fmt: skip


def _invented(row: Invented) -> tuple[str, ...]:
    return row.set, row.engine, count(row.n), count(row.pictures), count(row.words), count(row.sure)


def html(report: BenchReport) -> Html:
    """One page that tells it all."""
    reached = sum(verdict.reached for verdict in report.verdicts)
    lead = f"{reached} of {len(report.verdicts)} targets were reached." if report.verdicts else ""
    parts = [page.heading("Reading, measured", "inkread bench read", lead, "")]
    if report.verdicts:
        verdicts = [(v.what, v.target, v.measured, "yes" if v.reached else "no") for v in report.verdicts]
        parts.append(page.section("Targets", "", _table(("", "target", "measured", "reached"), verdicts)))
    if report.rows:
        note = "Edits for each character written; case ignored unless said otherwise; intervals by bootstrap."
        parts.append(page.section("Set by set", note, _table(SCORES, [_cells(row) for row in report.rows])))
    if report.curves:
        drawing = plots.svg(risk_curves(report.curves), "share of wrong words over the share of words accepted")
        caption = "Words of all sets together, the surest first."
        parts.append(page.section("Sure words", "", page.plot(drawing, caption)))
    if report.invented:
        table = _table(INVENTED, [_invented(row) for row in report.invented])
        parts.append(page.section("Invented", "Pictures without text: every word is one too many.", table))
    if worst := _worst(report.reads):
        parts.append(page.section("Where inkread errs most", "", _table(("", "written", "read"), worst)))
    parts.append(page.section("Facts", "", page.facts(report.facts.items())))
    return page.page("inkread bench read", parts)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    return page.table(header, [[text(cell) for cell in row] for row in rows], named=True)


def _worst(reads: Sequence[Read]) -> list[tuple[str, str, str]]:
    own = [read for read in reads if read.engine == OWN and read.sample.text]
    worst = sorted(own, key=lambda read: -score([read.sample.text.upper()], [read.text.upper()]).cer)[:WORST]
    return [(f"{read.sample.set} {read.sample.number}", read.sample.text, read.text) for read in worst]


def risk_curves(curves: Mapping[str, RiskCoverage]) -> Figure:
    """The share of wrong words among the accepted over the share that is accepted, one line an engine."""
    figure = plots.blank_figure()
    axes = figure.add_subplot()
    for (name, curve), look in zip(curves.items(), SERIES, strict=False):
        shares, risks = ([100 * value for value in values] for values in (curve.coverage, curve.risk))
        axes.step(shares, risks, color=look.colour, linestyle=look.line, where="post", linewidth=1.6, label=name)
    axes.axhline(100 * SURE_RISK, color=plots.FAINT, linewidth=0.8)
    axes.set(xlim=(0, 102), ylim=(0, None), xlabel="words accepted, the surest first, %", ylabel="wrong among them, %")
    plots.finish(axes)
    return figure
