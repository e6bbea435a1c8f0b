"""What a part of a drawing means -> its colour, line, marker and letters: the one style of all drawings of inkread.

Each drawing begins with ``blank_figure`` and ends with ``finish`` or ``bare``; the settings of matplotlib stay as they
are. Colours are told apart by all common kinds of colour vision, and nothing is told by colour alone: every curve has a
line and a marker of its own, every class its character. Source: Okabe and Ito 2008, Color Universal Design.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from inkread.errors import MissingDependency

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

BLUE, VERMILLION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
ORANGE, SKY = "#e69f00", "#56b4e9"  # and yellow, which cannot be read on white
INK, SOFT, FAINT, PAPER = "#33373d", "#8c887f", "#c9c5bb", "#ffffff"
DEEP: Final = "#00263d"  # blue, nearly black: the end of the scale of strengths
BEFORE, AFTER = VERMILLION, BLUE
CLASSES: Final = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)  # repeated where there are more

SIZE: Final = (5.4, 4.0)  # inches of 72 points: the width that a phone shows without zooming
TEXT, SMALL, TITLE = 9.0, 8.0, 10.0  # points: readable where a drawing is as wide as a printed column


class Look(NamedTuple):
    """How one of several curves is drawn."""

    colour: str
    line: str
    marker: str


SERIES: Final = (Look(AFTER, "-", "o"), Look(BEFORE, "--", "s"), Look(INK, ":", "^"), Look(GREEN, "-.", "D"))
NEW, OLD = SERIES[:2]


def blank_figure(size: tuple[float, float] = SIZE) -> Figure:
    """An empty figure, in inches; raises MissingDependency without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependency("matplotlib", "train", "drawing plots") from error
    return Figure(figsize=size, layout="constrained")


def finish(axes: Axes, legend: bool = True) -> None:
    """The looks that all curves share: two axes, faint lines, a legend."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    _letters(axes)
    if legend:
        axes.legend(frameon=False, labelcolor=INK, fontsize=SMALL, loc="best")


def bare(axes: Axes) -> None:
    """The looks that all pictures share: a faint frame, no numbers beside it."""
    axes.set(xticks=(), yticks=())
    axes.spines[:].set_color(FAINT)
    _letters(axes)


def _letters(axes: Axes) -> None:
    axes.tick_params(which="both", colors=INK, labelsize=SMALL, length=0)
    for text, size in ((axes.xaxis.label, TEXT), (axes.yaxis.label, TEXT), (axes.title, TITLE)):
        text.set(color=INK, fontsize=size)


def strengths() -> LinearSegmentedColormap:
    """Nothing to much: white to a dark blue, which grey print keeps in order."""
    return _colour_map("strengths", (PAPER, SKY, BLUE, DEEP))


def signs() -> LinearSegmentedColormap:
    """Less, nothing, more: blue, white, vermillion. Draw zero in the middle."""
    return _colour_map("signs", (BLUE, PAPER, VERMILLION))


def _colour_map(name: str, colours: Sequence[str]) -> LinearSegmentedColormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(name, list(colours))
