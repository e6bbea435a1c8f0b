"""Curves of cost over size -> a table with slopes for the terminal, one drawing a family, one page, and a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from rich.table import Table

from inkread.evaluation import page, plots, tables
from inkread.evaluation.page import Html, text
from inkread.evaluation.wording import duration
from inkread.interfaces.bench.growing import Curve, Family

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADER: Final = ("", "sizes", "time", "slope", "larger half")
LOOKS: Final = ((plots.AFTER, "o"), (plots.BEFORE, "s"))
PANEL: Final = (4.5, 3.7)  # inches; two stand beside each other
WIDE: Final = 100  # from the least time to the largest; beyond it there are ticks at powers of ten alone
NARROW: Final = 10  # the same; in less, what is left to chance would look like growth
TICKS: Final = 12  # at most
CAPTION: Final = (
    "Dots are medians, bars reach from the shortest to the longest repeat, grey is in proportion to the size."
)
HOW: Final = (
    "Seconds over size on logarithmic scales: a straight line is a power of the size, and its slope the exponent; work "
    "that doubles with its size has slope 1. Fitted by least squares to the medians of all sizes and, since fixed cost "
    "flattens the small ones, of the larger half; ± is the standard error of the fit."
)


def table(curves: Sequence[Curve]) -> Table:
    """A row for each curve."""
    found = tables.grid("Cost as the work grows", HEADER, map(cells, curves))
    for column in found.columns[2:]:
        column.no_wrap = True
    return found


def cells(curve: Curve) -> tuple[str, ...]:
    """What a table tells of a curve."""
    sizes = f"{curve.sizes[0]:,}–{curve.sizes[-1]:,} {curve.unit}"
    time = f"{duration(curve.seconds[0])} – {duration(curve.seconds[-1])}"
    return f"{curve.family}, {curve.name}", sizes, time, str(curve.slope), str(curve.larger_slope)


def families(curves: Sequence[Curve]) -> dict[Family, list[Curve]]:
    """The curves of each family."""
    found: dict[Family, list[Curve]] = {}
    for curve in curves:
        found.setdefault(curve.family, []).append(curve)
    return found


def record(facts: Mapping[str, str], curves: Sequence[Curve]) -> dict[str, object]:
    """All figures, ready for ``json.dumps``."""
    return {"facts": dict(facts), "curves": [curve.to_dict() for curve in curves]}


def html(facts: Mapping[str, str], curves: Sequence[Curve]) -> Html:
    """One page with a drawing for each family."""
    parts = [page.heading("Cost as the work grows", "inkread bench scaling", HOW, "")]
    rows = [[text(cell) for cell in cells(curve)] for curve in curves]
    parts.append(page.section("Slopes", "", page.table(HEADER, rows)))
    for family, own in families(curves).items():
        drawing = plots.svg(figure(own), f"time of {family} over the size of the work, logarithmic scales")
        parts.append(page.section(family.capitalize(), "", page.plot(drawing, CAPTION), *map(points, own)))
    parts.append(page.section("Facts", "", page.facts(facts.items())))
    return page.page("inkread bench scaling", parts)


def points(curve: Curve) -> Html:
    """Every size of a curve: its time, the shortest and the longest of its repeats."""
    rows = [
        [text(cell) for cell in (f"{size:,}", duration(middle), duration(min(taken)), duration(max(taken)))]
        for size, middle, taken in zip(curve.sizes, curve.seconds, curve.runs, strict=True)
    ]
    return page.table((f"{curve.unit} ({curve.name})", "median", "shortest", "longest"), rows)


def figure(curves: Sequence[Curve]) -> Figure:
    """A family's curves in two panels: one for each unit, or the whole and what each single one costs."""
    found = plots.blank_figure()
    found.set_size_inches(2 * PANEL[0], PANEL[1])
    left, right = found.subplots(1, 2)
    units = list(dict.fromkeys(curve.unit for curve in curves))
    _panel(left, [curve for curve in curves if curve.unit == units[0]])
    if len(units) > 1:
        _panel(right, [curve for curve in curves if curve.unit == units[1]])
    else:
        _panel(right, curves, each=True)
    return found


def _panel(axes: Axes, curves: Sequence[Curve], each: bool = False) -> None:
    """Curves of one unit, the whole time or what each single one takes."""
    for curve, looks in zip(curves, LOOKS, strict=False):
        _curve(axes, curve, looks, each)
    if not each:
        for curve in curves:
            first, last, top = curve.sizes[0], curve.sizes[-1], curve.seconds[-1]
            label = "in proportion" if curve is curves[-1] else None
            axes.plot([first, last], [top * first / last, top], color=plots.FAINT, zorder=1, label=label)
    one = curves[0].unit.removesuffix("s")
    axes.set(xlabel=curves[0].unit, ylabel=f"time for each {one}" if each else "time")
    _logarithmic(axes, curves[0].sizes)
    plots.finish(axes)


def _curve(axes: Axes, curve: Curve, looks: tuple[str, str], each: bool) -> None:
    """A dot a median, a bar from the shortest to the longest repeat."""
    shares = np.array(curve.sizes) if each else np.ones(len(curve.sizes))
    middle, runs = np.array(curve.seconds) / shares, np.array(curve.runs) / shares[:, None]
    reach = np.stack([middle - runs.min(axis=1), runs.max(axis=1) - middle])
    label = curve.name if each else f"{curve.name}: slope {curve.slope}"
    colour, marker = looks
    axes.errorbar(curve.sizes, middle, reach, color=colour, marker=marker, markersize=5, capsize=2, label=label)


def _logarithmic(axes: Axes, sizes: Sequence[float]) -> None:
    """Both axes logarithmic, with the sizes themselves and plain times as their ticks."""
    from matplotlib.ticker import LogLocator, NullLocator

    axes.set(xscale="log", yscale="log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    low, high = axes.get_ylim()
    wider = max(1.0, NARROW * low / high) ** 0.5
    axes.set_ylim(low / wider, high * wider)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < WIDE * low else (1,), numticks=TICKS))
    axes.yaxis.set_major_formatter(lambda value, _: duration(value))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
