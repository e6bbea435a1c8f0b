"""Numbers with intervals -> small SVG drawings that follow the colours of the page they stand in.

Every drawing is a matplotlib Figure first (no pyplot, no global state), so that it can be saved in any format;
``svg`` turns it into a piece of HTML. Colours that stand for a role become CSS variables there, hence dark mode costs
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Final, Literal

from inkread.evaluation.calibration import Calibration, Reliability
from inkread.evaluation.messages import LengthScore
from inkread.evaluation.style import AFTER, BEFORE, FAINT, INK, NEW, OLD, SMALL, Look, blank_figure, finish
from inkread.evaluation.wording import length_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "AFTER",
    "BEFORE",
    "FAINT",
    "FORMATS",
    "INK",
    "ROLES",
    "blank_figure",
    "file",
    "finish",
    "learning_curve",
    "length_curve",
    "reliabilities",
    "reliability_diagram",
    "svg",
]

# The colour of a role -> the CSS variable that takes its place in a page.
ROLES = {INK: "var(--ink)", FAINT: "var(--line)", BEFORE: "var(--warm)", AFTER: "var(--cool)"}
FORMATS: Final[tuple[Literal["svg", "png"], ...]] = ("svg", "png")
DOTS = 144  # of a PNG, an inch
MANY = 40  # epochs; of more, lines are told apart without markers
METADATA = ("Date", "Creator", "Format", "Type")
# What matplotlib writes for a file of its own, and a drawing inside a page does not need, or must not have.
SURPLUS = (
    re.compile(r"<metadata>.*?</metadata>", re.DOTALL),
    re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL),  # its rule would hold for the whole page
    re.compile(r'\sxmlns(:\w+)?="[^"]*"'),
    re.compile(r' (?:width|height)="[\d.]+pt"'),
    re.compile(r'(?<=<g) id="[^"]*"'),  # they repeat from drawing to drawing
    re.compile(r"font-family: [^;\"]*; "),
    re.compile(r"^ +", re.MULTILINE),
)


def reliability_diagram(calibration: Calibration) -> Figure:
    """Confidence against accuracy before (warm) and after (cool) temperature scaling; a dot's area grows with its
    bin.
    """
    after = f"after (T = {calibration.temperature:.2f})"
    return reliabilities([(calibration.before, "before", OLD), (calibration.after, after, NEW)])


def reliabilities(sides: Sequence[tuple[Reliability, str, Look]]) -> Figure:
    """Confidence against accuracy: sets of claims, each with its name, its look and its error."""
    figure = blank_figure()
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, zorder=1)
    axes.annotate(
        "as sure as right", (0.02, 0.02), xytext=(0, 5), textcoords="offset points", rotation=35, color=INK,
        fontsize=SMALL,
    )  # fmt: skip
    for measured, name, look in sides:
        _reliability(axes, measured, look, f"{name}, error {100 * measured.expected_error:.2f} %")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="confidence", ylabel="share that was right")
    finish(axes)
    return figure


def length_curve(rows: Sequence[LengthScore], unit: str) -> Figure:
    """The share of right words or messages over their length: what was observed, and what chance alone would give."""
    figure = blank_figure()
    axes = figure.add_subplot()
    places = list(range(len(rows)))
    below = [100 * (row.observed - row.interval.low) for row in rows]
    above = [100 * (row.interval.high - row.observed) for row in rows]
    observed = [100 * row.observed for row in rows]
    expected = [100 * row.expected for row in rows]
    axes.plot(
        places, expected, color=BEFORE, linestyle="--", marker="o", markersize=3, label="if errors fell by chance"
    )
    axes.errorbar(
        places,
        observed,
        [below, above],
        color=AFTER,
        marker="o",
        markersize=5,
        capsize=2,
        label="observed, 95 % interval",
    )
    axes.set_xticks(places, [length_range(row.low, row.high) for row in rows])
    axes.set(ylim=(0, 104), xlabel=f"characters in the {unit}", ylabel=f"{unit}s without error, %")
    finish(axes)
    return figure


def learning_curve(history: Sequence[Mapping[str, float]]) -> Figure:
    """Loss of the training and of the validation part, and validation error, over the epochs of a run's log."""
    from matplotlib.ticker import MaxNLocator

    figure = blank_figure((7.0, 3.0))
    left, right = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    errors = [100 * (1 - row["val_accuracy"]) for row in history]
    _over(left, epochs, [row["loss"] for row in history], OLD, "training, augmented and smoothed")
    _over(left, epochs, [row["val_nll"] for row in history], NEW, "validation")
    _over(right, epochs, errors, NEW, "validation")
    left.set(xlabel="epoch", ylabel="loss, nats", ylim=(0, None))
    right.set(xlabel="epoch", ylabel="validation error, %", ylim=(0, None))
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        finish(axes, legend=axes is left)
    return figure


def _over(axes: Axes, places: Sequence[float], values: Sequence[float], look: Look, name: str) -> None:
    size = 4 if len(places) <= MANY else 0  # markers of many epochs would hide the curve
    axes.plot(places, values, color=look.colour, linestyle=look.line, marker=look.marker, markersize=size, label=name)


def svg(figure: Figure, title: str) -> str:
    """A drawing as an ``<svg>`` element for the middle of a page: no header, no address, colours from the page."""
    import matplotlib

    buffer = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "inkread"}):
        # Text stays text; without metadata and with one salt for its ids a drawing is the same every day.
        figure.savefig(buffer, format="svg", transparent=True, metadata=dict.fromkeys(METADATA))
    drawing = buffer.getvalue()
    drawing = drawing[drawing.index("<svg") :].strip()
    for pattern in SURPLUS:
        drawing = pattern.sub("", drawing)
    for colour, variable in ROLES.items():
        drawing = drawing.replace(colour, variable)
    drawing = drawing.replace("xlink:href", "href").replace("\n", " ")
    return drawing.replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)


def file(figure: Figure, kind: Literal["svg", "png"]) -> bytes:
    """A drawing as the content of a file of its own, on white: the same bytes for the same figures."""
    import matplotlib

    buffer = BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "inkread"}):
        metadata = dict.fromkeys(METADATA) if kind == "svg" else None
        figure.savefig(buffer, format=kind, dpi=DOTS, metadata=metadata)
    return buffer.getvalue()


def _reliability(axes: Axes, measured: Reliability, look: Look, label: str) -> None:
    sure = [b.confidence for b in measured.bins]
    right = [b.accuracy for b in measured.bins]
    below = [b.accuracy - b.interval.low for b in measured.bins]
    above = [b.interval.high - b.accuracy for b in measured.bins]
    area = [8 + 160 * b.n / measured.n for b in measured.bins]  # square points
    drawn = axes.errorbar(sure, right, [below, above], color=look.colour, elinewidth=0.8, capsize=0, alpha=0.6)
    drawn[0].set(linewidth=1.2, linestyle=look.line)
    axes.scatter(sure, right, area, color=look.colour, marker=look.marker, label=label, zorder=3)
