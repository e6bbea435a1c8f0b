"""What goes on inside a network, as arrays -> drawings: filters, maps, where it looks, how near glyphs lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray
from inkread.evaluation.border import BoolArray, FloatArray, GlyphArray
from inkread.evaluation.style import CLASSES, FAINT, INK, PAPER, SMALL, TEXT, bare, blank_figure, signs, strengths

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Maps = npt.NDArray[np.float32]

MOST_FILTERS, FILTERS_ACROSS = 32, 8
MOST_MAPS, MAPS_ACROSS = 32, 16
SMALL_FILTER = 7  # pixels a side; in smaller ones there is room to mark what is below zero
NEGATIVE = 0.25  # of the largest weight; weights below its negative are marked
MIDDLE = 127  # ink at which the outline of a glyph is drawn
WIDTH = 6.4  # inches


def filter_sheet(filters: Maps) -> Figure:
    """Filters (K, h, w) on one scale, those with the largest weights where there are many.

    Vermillion: ink speaks for the feature; blue, and marked by a dash where there is room: ink speaks against it.
    """
    count = len(filters)
    order = np.sort(np.argsort(-np.abs(filters).sum(axis=(1, 2)), kind="stable")[:MOST_FILTERS])
    rows = -(-len(order) // FILTERS_ACROSS)
    figure = blank_figure((WIDTH, rows * 0.72 + 0.4))
    largest = float(np.abs(filters).max())
    places = figure.subplots(rows, FILTERS_ACROSS, squeeze=False).flat
    image = None
    for axes, number in zip(places, order.tolist(), strict=False):
        image = axes.imshow(filters[number], cmap=signs(), vmin=-largest, vmax=largest)
        if filters.shape[-1] <= SMALL_FILTER:
            y, x = np.nonzero(filters[number] < -NEGATIVE * largest)
            axes.scatter(x, y, marker="_", color=PAPER, s=14, linewidth=1)
        bare(axes)
    for axes in figure.axes[len(order) :]:
        axes.set_axis_off()
    if image is not None:
        bar = figure.colorbar(image, ax=figure.axes, shrink=0.8, aspect=30, ticks=[-largest, 0, largest])
        bar.ax.set_yticklabels(["ink against", "0", "ink for"], fontsize=SMALL, color=INK)
        bar.outline.set_visible(False)
    if count > len(order):
        figure.suptitle(f"{len(order)} of {count} filters, those with the largest weights", color=INK, fontsize=TEXT)
    return figure


def activation_maps(glyph: GlyphArray, blocks: Sequence[Maps]) -> Figure:
    """A glyph, and below it what each block makes of it: maps (K, h, w), dark where much is found, each block on a
    scale of its own; of many maps the strongest.
    """
    if not blocks:
        raise BadArray("there are no maps to draw: this network has no layers of convolution")
    sheets = [_sheet(maps) for maps in blocks]
    heights = [sheet.shape[0] / sheet.shape[1] * WIDTH + 0.3 for sheet in sheets]
    figure = blank_figure((WIDTH, 1.0 + sum(heights)))
    places = figure.subplots(len(blocks) + 1, 1, height_ratios=[1.0, *heights])
    places[0].imshow(glyph, cmap="gray_r", vmin=0, vmax=255)
    bare(places[0])
    for number, (axes, maps, sheet) in enumerate(zip(places[1:], blocks, sheets, strict=True), 1):
        colours = strengths().with_extremes(bad=FAINT)
        axes.imshow(sheet, cmap=colours, vmin=0, vmax=max(float(maps.max()), 1e-9))
        bare(axes)
        axes.spines[:].set_visible(False)
        shown = f", the strongest {MOST_MAPS}" if len(maps) > MOST_MAPS else ""
        title = f"block {number}: {len(maps)} maps of {maps.shape[1]}×{maps.shape[2]}{shown}"
        axes.set_title(title, loc="left", color=INK, fontsize=TEXT)
    return figure


def _sheet(maps: Maps) -> FloatArray:
    """Maps side by side, MAPS_ACROSS a row, a gap of a fifth of a map between them; NaN where there is none."""
    order = np.sort(np.argsort(-maps.mean(axis=(1, 2)), kind="stable")[:MOST_MAPS])
    _, height, width = maps.shape
    scale = -(-12 // width)  # so that a gap may be less than a pixel of a small map
    down, across = height * scale + 2, width * scale + 2
    rows = -(-len(order) // MAPS_ACROSS)
    sheet = np.full((rows * down - 2, min(len(maps), MAPS_ACROSS) * across - 2), np.nan)
    for place, number in enumerate(order.tolist()):
        y, x = place // MAPS_ACROSS * down, place % MAPS_ACROSS * across
        sheet[y : y + height * scale, x : x + width * scale] = np.kron(maps[number], np.ones((scale, scale)))
    return sheet


def where_it_looks(
    glyphs: GlyphArray, names: Sequence[str], papered: Sequence[FloatArray], inked: Sequence[FloatArray]
) -> Figure:
    """Glyphs (N, 28, 28) in outline over what covering each place with paper, and with ink, costs in probability.

    ``papered`` and ``inked`` are N arrays (28, 28) of ``occlusion.importance``, drawn on one scale.
    """
    count = len(glyphs)
    figure = blank_figure((max(WIDTH * count / 8, 2.4) + 0.8, 1.9 if count > 2 else 4.0))
    largest = max(float(np.abs([*papered, *inked]).max()), 0.01)
    places = figure.subplots(2, count, squeeze=False)
    image = None
    for row, maps, title in zip(places, (papered, inked), ("papered over", "inked over"), strict=True):
        for axes, glyph, name, lost in zip(row, glyphs, names, maps, strict=True):
            image = axes.imshow(lost, cmap=signs(), vmin=-largest, vmax=largest)
            axes.contour(glyph, [MIDDLE], colors=INK, linewidths=0.8)
            axes.set_title(name if maps is papered else "")
            bare(axes)
        row[0].set_ylabel(title, color=INK, fontsize=SMALL)
    if image is not None:
        bar = figure.colorbar(image, ax=figure.axes, aspect=25, ticks=[-largest, 0, largest])
        bar.ax.set_yticklabels([f"gains {largest:.0%}", "0", f"loses {largest:.0%}"], fontsize=SMALL, color=INK)
        bar.outline.set_visible(False)
    return figure


def embedding_map(points: FloatArray, characters: Sequence[str], wrong: BoolArray) -> Figure:
    """Glyphs at their points (N, 2), each drawn as its character in the colour of its class, a ring where misread."""
    figure = blank_figure((WIDTH, WIDTH))
    axes = figure.add_subplot()
    colours = {name: CLASSES[number % len(CLASSES)] for number, name in enumerate(sorted(set(characters)))}
    for (x, y), character in zip(points.tolist(), characters, strict=True):
        axes.text(x, y, character, color=colours[character], fontsize=SMALL, ha="center", va="center", parse_math=False)
    axes.scatter(
        points[wrong, 0], points[wrong, 1], s=110, facecolor="none", edgecolor=INK, linewidth=1.2, label="misread"
    )
    axes.update_datalim(points)
    axes.autoscale_view()
    if wrong.any():
        axes.legend(frameon=False, labelcolor=INK, fontsize=SMALL, loc="best")
    axes.set_aspect("equal", adjustable="datalim")
    bare(axes)
    return figure
