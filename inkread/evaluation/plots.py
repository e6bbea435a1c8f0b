"""Numbers with intervals -> small SVG drawings that follow the colours of the page they stand in.

Every drawing is a matplotlib Figure first (no pyplot, no global state), so that it can be saved in any format;
``svg`` turns it into a piece of HTML. Colours that stand for a role become CSS variables there, hence dark mode costs
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Literal

from inkread.errors import MissingDependency
from inkread.evaluation.calibration import Calibration, Reliability
from inkread.evaluation.messages import LengthScore
from inkread.evaluation.wording import length_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A colour that no other part of a drawing uses -> the CSS variable that takes its place in a page.
INK, FAINT, BEFORE, AFTER = "#33373d", "#c9c5bb", "#c2571a", "#2166ac"
ROLES = {INK: "var(--ink)", FAINT: "var(--line)", BEFORE: "var(--warm)", AFTER: "var(--cool)"}
SIZE = (5.4, 4.0)  # inches of 72 points: the width that a phone shows without zooming
DOTS = 144  # of a PNG, an inch
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
    names = ("before", f"after (T = {calibration.temperature:.2f})")
    return two_reliabilities(calibration.before, calibration.after, names)


def two_reliabilities(before: Reliability, after: Reliability, names: tuple[str, str]) -> Figure:
    """Confidence against accuracy, one set of claims in warm, another in cool colour, each with its name and error."""
    figure = blank_figure()
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, zorder=1)
    axes.annotate("as sure as right", (0.02, 0.02), xytext=(0, 5), textcoords="offset points", rotation=35, color=INK)
    for measured, colour, name in ((before, BEFORE, names[0]), (after, AFTER, names[1])):
        _reliability(axes, measured, colour, f"{name}, error {100 * measured.expected_error:.2f} %")
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


def blank_figure() -> Figure:
    """An empty figure of the size that all drawings have; raises MissingDependency without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependency("matplotlib", "train", "drawing plots") from error
    return Figure(figsize=SIZE, layout="constrained")


def _reliability(axes: Axes, measured: Reliability, colour: str, label: str) -> None:
    sure = [b.confidence for b in measured.bins]
    right = [b.accuracy for b in measured.bins]
    below = [b.accuracy - b.interval.low for b in measured.bins]
    above = [b.interval.high - b.accuracy for b in measured.bins]
    area = [8 + 160 * b.n / measured.n for b in measured.bins]  # square points
    marker, line = ("s", "--") if colour == BEFORE else ("o", "-")  # told apart in grey print, too
    drawn = axes.errorbar(sure, right, [below, above], color=colour, elinewidth=0.8, capsize=0, alpha=0.6)
    drawn[0].set(linewidth=1.2, linestyle=line)
    axes.scatter(sure, right, area, color=colour, marker=marker, label=label, zorder=3)


def finish(axes: Axes) -> None:
    """The looks that all drawings share: two axes, faint lines, a legend."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, length=0)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(INK)
    axes.legend(frameon=False, labelcolor=INK, loc="best")
