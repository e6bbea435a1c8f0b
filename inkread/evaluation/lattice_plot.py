"""What lines may say -> the lattice drawn: a column for each stretch of ink, its choices, the steps between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from inkread.errors import BadArray
from inkread.evaluation.style import AFTER, BEFORE, INK, PAPER, SMALL, SOFT, TEXT, blank_figure
from inkread.results import Choice, Step, TextLattice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDEST = 12  # columns side by side; a longer line goes on below
LINES = 6  # that are drawn
ACROSS, DOWN, MARGIN = 0.85, 0.72, 0.5  # inches for a column, for a choice, and above and below
TOLD = 0.02  # probability of a step from which its language is written beside it
NARROWEST = 6.6  # inches: the width of the key
NOTHING, SPACE = "∅", "␣"
KEY = "Below a character: what the eye gives it; on a step: what language gives what follows. Dashed: the eye alone."
LETTER = 12.0  # points


class Row(NamedTuple):
    """Some columns of a line side by side: the one before them, from which they are reached, and theirs."""

    before: tuple[Choice, ...]  # nothing: the start of the line
    columns: tuple[tuple[Choice, ...], ...]
    steps: tuple[tuple[Step, ...], ...]
    title: str


def lattice_figure(lattices: Sequence[TextLattice]) -> Figure:
    """What lines may say, the best text bold; of more than LINES lines the first. Raises BadArray where there is none.

    Below each choice stands what the eye gives it, beside a step what language does.
    """
    rows = [row for lattice in lattices[:LINES] for row in _rows(lattice)]
    if not rows:
        raise BadArray("there is no line to draw")
    deep = [max(len(column) for column in (row.before, *row.columns)) for row in rows]
    wide = max(len(row.columns) for row in rows) + 1
    heights = [DOWN * depth + MARGIN for depth in deep]
    wide = max(wide, round(NARROWEST / ACROSS))
    figure = blank_figure((ACROSS * wide, sum(heights) + MARGIN))
    figure.supxlabel(KEY, x=0.01, ha="left", color=INK, fontsize=SMALL)
    for row, depth, axes in zip(
        rows, deep, figure.subplots(len(rows), height_ratios=heights, squeeze=False)[:, 0], strict=True
    ):
        _drawn(axes, row)
        axes.set(xlim=(-0.5, wide - 0.5), ylim=(0.55 - depth, 0.5))
        axes.set_axis_off()
        axes.set_title(row.title, color=INK, fontsize=TEXT, loc="left", parse_math=False)  # it may say $5
    return figure


def _rows(lattice: TextLattice) -> Iterator[Row]:
    title = f"the eye alone: {lattice.seen}; eye and language: {lattice.text}"
    before: tuple[Choice, ...] = ()
    for begin in range(0, len(lattice.columns), WIDEST):
        part = slice(begin, begin + WIDEST)
        yield Row(before, lattice.columns[part], lattice.steps[part], "" if begin else title)
        before = lattice.columns[part][-1]


def _drawn(axes: Axes, row: Row) -> None:
    if not row.before:
        axes.plot(0, 0, marker="o", markersize=4, color=INK)
    for place, column in enumerate((row.before, *row.columns)):
        favourite = max((choice.eye for choice in column), default=0.0)
        for depth, choice in enumerate(column):
            _choice(axes, (place, -depth), choice, choice.eye == favourite)
    column = row.before
    for place, (following, steps) in enumerate(zip(row.columns, row.steps, strict=True)):
        for step in steps:
            best = following[step.after].chosen and (not column or column[step.before].chosen)
            _step(axes, (place, -step.before), (place + 1, -step.after), step, best)
        column = following


def _choice(axes: Axes, place: tuple[float, float], choice: Choice, favourite: bool) -> None:
    """A character in its circle: bold where it was taken, dashed where the eye alone would have taken it."""
    edge, line, width = (AFTER, "-", 2.2) if choice.chosen else (BEFORE, "--", 1.4) if favourite else (SOFT, "-", 1.0)
    shape = {
        "boxstyle": "circle,pad=0.35",
        "facecolor": PAPER,
        "edgecolor": edge,
        "linestyle": line,
        "linewidth": width,
    }
    axes.text(
        *place, choice.text.replace(" ", SPACE) or NOTHING, ha="center", va="center", color=INK, fontsize=LETTER,
        fontweight="bold" if choice.chosen else "normal", bbox=shape, zorder=4, parse_math=False,
    )  # fmt: skip
    axes.annotate(
        _percent(choice.eye), place, (0, -16), textcoords="offset points", ha="center", va="top", color=INK,
        fontsize=SMALL, zorder=5,
    )  # fmt: skip


def _step(axes: Axes, begin: tuple[float, float], end: tuple[float, float], step: Step, best: bool) -> None:
    """A line as broad as its step is probable; what language says of it stands half way along."""
    width = 0.5 + 2.5 * step.probability
    axes.plot(*zip(begin, end, strict=True), color=AFTER if best else SOFT, linewidth=width, zorder=2 if best else 1)
    if step.language is None or not (best or step.probability >= TOLD):
        return
    x, y = (one + (other - one) * 0.45 for one, other in zip(begin, end, strict=True))
    axes.text(
        x, y, _percent(step.language), ha="center", va="center", color=AFTER if best else INK, fontsize=SMALL - 1,
        style="italic", zorder=3, bbox={"boxstyle": "square,pad=0.1", "facecolor": PAPER, "edgecolor": "none"},
    )  # fmt: skip


def _percent(share: float) -> str:
    """A probability in the room that a drawing has for it.

    >>> [_percent(share) for share in (0.9996, 0.5, 0.012, 0.0004)]
    ['100 %', '50 %', '1.2 %', '<0.1 %']
    """
    if share < 0.001:
        return "<0.1 %"
    return f"{100 * share:.1f} %" if share < 0.0995 else f"{100 * share:.0f} %"
