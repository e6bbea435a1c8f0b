"""Held-out glyphs, spoilt more and more -> how many are still read, as curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from rich.table import Table

from inkread.alphabet import Alphabet
from inkread.evaluation import page, plots, tables
from inkread.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from inkread.evaluation.intervals import Interval, wilson
from inkread.evaluation.page import Html, text
from inkread.evaluation.wording import percent
from inkread.interfaces.bench.sets import chance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from inkread.reader import Reader

Glyphs = npt.NDArray[np.uint8]
Classes = npt.NDArray[np.int64]
Classify = Callable[[Glyphs], Classes]

COLUMNS: Final = 3  # drawings beside one another
NOBODY: Final = -1  # the class of a picture in which no single character was read


@dataclass(frozen=True)
class Borne:
    """The share of ``n`` glyphs that is read right at each strength from 0 (as they are) to 5, with 95 % intervals.

    ``published``: the strength that MNIST-C's data set has, None where it is not of it.
    """

    task: str
    corruption: str
    n: int
    accuracy: tuple[float, ...]
    intervals: tuple[Interval, ...]
    published: int | None

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for ``json.dumps``."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Task:
    """Glyphs uint8 (N, 28, 28) to read, and their classes (N,)."""

    name: str
    glyphs: Glyphs
    labels: Classes


def borne(task: Task, classify: Classify, corruptions: Sequence[str], seed: int) -> list[Borne]:
    """How many are read right after each corruption at each strength."""
    n, right = len(task.labels), int((classify(task.glyphs) == task.labels).sum())
    rows = []
    for name in corruptions:
        hits = [right]
        for strength in STRENGTHS:
            spoilt = corrupt(task.glyphs, name, strength, chance(seed, name, strength))
            hits.append(int((classify(spoilt) == task.labels).sum()))
        shares, intervals = tuple(hit / n for hit in hits), tuple(wilson(hit, n) for hit in hits)
        rows.append(Borne(task.name, name, n, shares, intervals, CORRUPTIONS[name].published))
    return rows


def by_recogniser(reader: Reader) -> Classify:
    """Give the glyphs to the recogniser as they are, in their frames."""
    return lambda glyphs: reader.recognise(glyphs).argmax(axis=1)


def by_reader(reader: Reader) -> Classify:
    """Read each glyph as a picture of its own, dark on light: what a user gets, levels, framing and all."""
    alphabet: Alphabet = reader.alphabet

    def classify(glyphs: Glyphs) -> Classes:
        texts = ["".join(reader.read(255 - glyph).text.split()) for glyph in glyphs]
        return np.array([alphabet.index(t) if len(t) == 1 and t in alphabet else NOBODY for t in texts], np.int64)

    return classify


def table(rows: Sequence[Borne]) -> Table:
    """Accuracy over strength, a line for each corruption."""
    header = ["", "corruption", "0", *map(str, STRENGTHS), "MNIST-C"]
    cells = []
    for row in rows:
        shares = [f"{100 * share:.1f}" for share in row.accuracy]
        known = "" if row.published is None else shares[row.published]
        cells.append([row.task, row.corruption, *shares, known])
    return tables.grid("Read right, in percent, by strength (0: as they are)", header, cells, left=2)


def _published(row: Borne) -> str:
    return "" if row.published is None else percent(row.accuracy[row.published], 1)


def html(facts: Mapping[str, str], rows: Sequence[Borne]) -> Html:
    """One page with all curves."""
    lead = mnist_c(rows)
    parts = [page.heading("What reading bears", "inkread bench robustness", lead, "")]
    for task in dict.fromkeys(row.task for row in rows):
        own = [row for row in rows if row.task == task]
        drawing = plots.svg(curves(own), f"accuracy of {task} over the strength of each corruption")
        header = ["corruption", "0", *map(str, STRENGTHS), "MNIST-C"]
        cells = [
            [text(row.corruption), *(text(percent(share, 1)) for share in row.accuracy), text(_published(row))]
            for row in own
        ]
        note = f"{own[0].n:,} held-out glyphs, each spoilt by chance of its own; bars are 95 % intervals."
        parts.append(page.section(task, note, page.plot(drawing, ""), page.table(header, cells)))
    parts.append(page.section("Facts", "", page.facts(facts.items())))
    return page.page("inkread bench robustness", parts)


def mnist_c(rows: Sequence[Borne]) -> str:
    """The mean accuracy of digits at the strengths of MNIST-C, in a sentence; '' where they were not measured."""
    own = [row.accuracy[row.published] for row in rows if row.task == "digits" and row.published is not None]
    if not own:
        return ""
    mean = percent(float(np.mean(own)), 1)
    return f"{mean} of digits are read right on average over {len(own)} corruptions of MNIST-C."


def curves(rows: Sequence[Borne]) -> Figure:
    """One small drawing for each corruption: accuracy over strength, a ring where MNIST-C stands."""
    lines = -(-len(rows) // COLUMNS)
    figure = plots.blank_figure((2.6 * COLUMNS, 1.6 * lines))
    for number, row in enumerate(rows):
        _curve(figure.add_subplot(lines, COLUMNS, number + 1), row)
    return figure


def _curve(axes: Axes, row: Borne) -> None:
    shares = [100 * share for share in row.accuracy]
    below = [100 * (share - interval.low) for share, interval in zip(row.accuracy, row.intervals, strict=True)]
    above = [100 * (interval.high - share) for share, interval in zip(row.accuracy, row.intervals, strict=True)]
    strengths = (0, *STRENGTHS)
    axes.errorbar(strengths, shares, [below, above], color=plots.AFTER, marker="o", markersize=3)
    if row.published is not None:
        axes.plot(row.published, shares[row.published], "o", mfc="none", color=plots.BEFORE, markersize=9)
    axes.set(ylim=(0, 104), xticks=strengths)
    axes.set_title(row.corruption.replace("_", " "))
    plots.finish(axes, legend=False)
