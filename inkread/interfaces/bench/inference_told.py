"""What was measured of networks -> tables for the terminal, one page, and a record. Measures nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Group

from inkread.evaluation import page, tables
from inkread.evaluation.page import Html, text
from inkread.evaluation.wording import ABSENT, THIN, byte_size, count, percent
from inkread.interfaces.bench.inference import LINE, Cost, Found, Speed, Timing
from inkread.interfaces.bench.prepared import Prepared
from inkread.interfaces.bench.targets import Verdict

SPEEDS: Final = ("network", "backend", "threads", "one, µs", f"line of {LINE}, µs", "glyphs/s", "of the peak")
SHORT: Final = ("backend", "threads", "one, µs", f"{LINE}, µs", "glyphs/s", "of peak")
COSTS: Final = ("network", "backend", "start, s", "first, s", "memory", "file", "right")
TARGETS: Final = ("", "target", "measured", "")
HOW: Final = (
    "Medians over the rounds. Of the peak: multiply-adds a second in batches, of the most that a matrix product "
    "reached with as many threads."
)


@dataclass(frozen=True)
class InferenceReport:
    """Everything that was measured of some networks, the ``facts`` about how, and ``shell``: seconds from the shell's
    prompt to the answer of `inkread read`.
    """

    facts: Mapping[str, str]
    networks: Sequence[tuple[Prepared, Found]]
    verdicts: Sequence[Verdict]
    shell: Timing | None

    @property
    def speeds(self) -> list[Speed]:
        """Every network's."""
        return [row for _, found in self.networks for row in found.speeds]

    @property
    def costs(self) -> list[Cost]:
        """Every network's."""
        return [row for _, found in self.networks for row in found.costs]

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, ready for ``json.dumps``."""
        return {
            "facts": dict(self.facts),
            "shell_to_answer_seconds": asdict(self.shell) if self.shell else None,
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "networks": [_network(prepared, found) for prepared, found in self.networks],
        }


def _network(prepared: Prepared, found: Found) -> dict[str, object]:
    return {
        "name": prepared.name, "arch": prepared.arch, "trained": prepared.trained,
        "parameters": prepared.parameters, "multiply_adds": prepared.multiply_adds, "read": prepared.described,
        "remarks": [*prepared.remarks, *found.skipped],
        "speeds": [row.to_dict() for row in found.speeds],
        "costs": [row.to_dict() for row in found.costs],
        "operators": {name: dict(shares) for name, shares in found.operators.items()},
        "products": {str(threads): dict(rates) for threads, rates in found.products.items()},
    }  # fmt: skip


def terminal(report: InferenceReport) -> Group:
    """Every figure, network by network."""
    parts = []
    for prepared, found in report.networks:
        speeds, costs = [_speed(row)[1:] for row in found.speeds], [_cost(row)[1:] for row in found.costs]
        title = f"{prepared.name} ({prepared.arch}), {count(prepared.multiply_adds)} multiply-adds a glyph"
        parts += [tables.grid(title, SHORT, speeds), tables.grid(f"{prepared.name}: cost", COSTS[1:], costs)]
    if report.verdicts:
        parts.append(tables.grid("Targets", TARGETS, _targets(report)))
    return Group(*parts)


def _speed(row: Speed) -> tuple[str, ...]:
    return (
        row.model, row.backend, str(row.threads), microseconds(row.one.median), microseconds(row.line.median),
        f"{row.per_second:,.0f}", percent(row.share, 0),
    )  # fmt: skip


def _spread(row: Speed) -> tuple[str, ...]:
    """The same with the middle half of the rounds."""
    cells = list(_speed(row))
    for place, time in ((3, row.one), (4, row.line)):
        cells[place] += f" ({microseconds(time.low)} to {microseconds(time.high)})"
    slow, fast = (row.glyphs / seconds for seconds in (row.batch.high, row.batch.low))
    cells[5] += f" ({slow:,.0f} to {fast:,.0f})"
    return *cells, microseconds(row.least)


def _cost(row: Cost) -> tuple[str, ...]:
    return (
        row.model, row.backend, f"{row.starts.median:.2f}", f"{row.first_start:.2f}",
        ABSENT if row.memory is None else byte_size(row.memory), byte_size(row.file), percent(row.accuracy),
    )  # fmt: skip


def _targets(report: InferenceReport) -> list[tuple[str, ...]]:
    return [(v.what, v.target, v.measured, "reached" if v.reached else "not reached") for v in report.verdicts]


def microseconds(seconds: float) -> str:
    """Seconds as microseconds, with a digit after the point below 100.

    >>> microseconds(16.66e-6), microseconds(0.0123)
    ('16.7', '12,300')
    """
    return f"{1e6 * seconds:.1f}" if seconds < 1e-4 else f"{1e6 * seconds:,.0f}"


def html(report: InferenceReport) -> Html:
    """One page that tells it all."""
    reached = sum(verdict.reached for verdict in report.verdicts)
    lead = f"{reached} of {len(report.verdicts)} targets were reached." if report.verdicts else ""
    parts = [page.heading("Inference, measured", "inkread bench infer", lead, "")]
    if report.verdicts:
        parts.append(page.section("Targets", "", _table(TARGETS, _targets(report))))
    rows = [_spread(row) for row in report.speeds]
    note = f"{HOW} In brackets the middle half of the rounds. Least: one glyph's multiply-adds at the peak."
    parts.append(page.section("Speed", note, _table((*SPEEDS, "least, µs"), rows)))
    note = "From the start of a process to its first answer, and the memory until then; the first start fills caches."
    parts.append(page.section("Cost", note, _table(COSTS, [_cost(row) for row in report.costs])))
    for prepared, found in report.networks:
        parts.append(_operators(prepared, found))
    parts.append(page.section("Facts", "", page.facts(_facts(report))))
    return page.page("inkread bench infer", parts)


def _operators(prepared: Prepared, found: Found) -> Html:
    """Where one network spends its time, in float32 and in 8-bit integers."""
    names = list(dict.fromkeys(name for shares in found.operators.values() for name in shares))
    rows = [(name, *(percent(shares.get(name), 0) for shares in found.operators.values())) for name in names]
    size = f"{count(prepared.parameters)} parameters, {count(prepared.multiply_adds)} multiply-adds a glyph."
    note = f"{size} Shares of the time of a run of ONNX Runtime on one core."
    return page.section(f"{prepared.name}: where the time goes", note, _table(("operator", *found.operators), rows))


def _facts(report: InferenceReport) -> list[tuple[str, str]]:
    rows = list(report.facts.items())
    if report.shell:
        rows.append(("inkread read, from the shell to the answer", f"{report.shell.median:.2f}{THIN}s"))
    for prepared, found in report.networks:
        rows.append((f"{prepared.name} reads", prepared.described))
        rows += [("remark", remark) for remark in (*prepared.remarks, *found.skipped)]
        for threads, rates in found.products.items():
            rows += [
                (f"{name}, {threads} threads", f"{rate / 1e9:,.1f} billion multiply-adds a second")
                for name, rate in rates.items()
            ]
    return rows


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    return page.table(header, [[text(cell) for cell in row] for row in rows], named=True)
