"""What was measured on single characters -> its drawings: who is taken for whom, the surest mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inkread.evaluation.border import FloatArray, check_glyphs
from inkread.evaluation.calibration import Calibration
from inkread.evaluation.classification import ClassificationReport
from inkread.evaluation.plots import reliability_diagram
from inkread.evaluation.sheet import glyph_sheet
from inkread.evaluation.style import AFTER, BEFORE, INK, PAPER, SMALL, TEXT, blank_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MISTAKES = 40  # that are drawn, the surest first
CELL, MARGIN = 0.3, 0.7  # inches
NUMBERED = 40  # classes; with more there is no room for numbers in the cells


def classification_figures(
    report: ClassificationReport, glyphs: npt.ArrayLike, calibration: Calibration | None
) -> dict[str, Figure]:
    """Every drawing of a report by its name: what there is to draw, no more. Raises as ``classification_html`` does."""
    figures = {"confusion": confusion_matrix(report)}
    if calibration:
        figures["reliability"] = reliability_diagram(calibration)
    if report.errors:
        surest = report.mistakes[:MISTAKES]
        pictures = check_glyphs(glyphs, report.n)[[mistake.index for mistake in surest]]
        captions = [f"{m.written}→{m.read} {100 * m.confidence:.0f}%" for m in surest]
        figures["mistakes"] = glyph_sheet(pictures, captions)
    return figures


def confusion_matrix(report: ClassificationReport) -> Figure:
    """A row for each written, a column for each read character: blue is right, vermillion wrong, the darker the larger
    the share of its row.
    """
    names, numbers = report.alphabet, report.confusion
    count = len(names)
    size = count * (CELL if count <= NUMBERED else CELL / 2) + MARGIN
    figure = blank_figure((size, size))
    axes = figure.add_subplot()
    axes.imshow(_shades(numbers))
    if count <= NUMBERED:
        for row, column in np.argwhere(numbers).tolist():
            axes.text(
                column, row, str(numbers[row, column]), ha="center", va="center", fontsize=SMALL - 2,
                color=PAPER if row == column else INK,
            )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(range(count), list(names))
    axes.set_xlabel("read", color=INK, fontsize=TEXT)
    axes.set_ylabel("written", color=INK, fontsize=TEXT)
    axes.tick_params(colors=INK, labelsize=SMALL if count <= NUMBERED else SMALL / 2, length=0)
    axes.spines[:].set_visible(False)
    return figure


def _shades(numbers: npt.NDArray[np.int64]) -> FloatArray:
    """(C, C, 3) the colour of each cell, 0..1."""
    from matplotlib.colors import to_rgb

    shares = numbers / numbers.sum(axis=1, keepdims=True).clip(1)
    wrong = shares * (1 - np.eye(len(shares)))
    # The square root lets rare confusions be seen beside frequent ones; right cells are dark enough for white numbers.
    strength = np.where(wrong > 0, 0.15 + 0.6 * np.sqrt(wrong / max(float(wrong.max()), 1e-9)), 0.0)
    right = np.diag(np.where(np.diag(numbers) > 0, 0.7 + 0.3 * np.diag(shares) ** 2, 0.0))
    paper, good, bad = (np.array(to_rgb(colour)) for colour in (PAPER, AFTER, BEFORE))
    shades: FloatArray = paper + strength[..., None] * (bad - paper) + right[..., None] * (good - paper)
    return shades
