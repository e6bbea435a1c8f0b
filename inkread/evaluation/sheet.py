"""Glyphs and captions -> one figure to look at: a contact sheet, dark ink on white paper.

The Figure is matplotlib's own (no pyplot, no global state): a notebook shows it, ``savefig`` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, BadOption, MissingDependency
from inkread.evaluation.border import GLYPH_SIZE, GlyphArray, check_glyphs
from inkread.evaluation.style import BEFORE, INK, SMALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 4  # pixels of paper between two glyphs
CAPTION = 10  # pixels of paper below a glyph for its caption
INCHES_PER_PIXEL = 0.02  # a glyph is 0.56 inches wide: ten stand side by side in a notebook


def glyph_sheet(
    glyphs: npt.ArrayLike,
    captions: Sequence[object] | npt.NDArray[np.generic] | None = None,
    columns: int = 10,
    marked: npt.ArrayLike | None = None,
) -> Figure:
    """Glyphs uint8 (N, 28, 28), ink 255 on 0, in rows of ``columns``, each with its caption below.

    ``captions`` are N texts or numbers (None: no captions); where ``marked``, bool (N,), is true they have a warning
    colour. Raises BadArray for no glyph, other shapes or unequal lengths, BadOption for ``columns`` below 1,
    MissingDependency without matplotlib.
    """
    pictures = check_glyphs(glyphs, at_least=0)
    count = len(pictures)
    texts = [""] * count if captions is None else [str(caption) for caption in captions]
    warned = np.zeros(count, np.bool_) if marked is None else np.asarray(marked, np.bool_)
    if columns < 1:
        raise BadOption(f"columns is {columns}; expected 1 or more")
    if count == 0:
        raise BadArray("there is no glyph to show; give at least one")
    if len(texts) != count or warned.shape != (count,):
        raise BadArray(
            f"{count} glyphs came with {len(texts)} captions and marks of shape {warned.shape}; expected one of each "
            "for every glyph"
        )
    down, across = GLYPH_SIZE + (GAP if captions is None else CAPTION), GLYPH_SIZE + GAP
    places = [(number // columns * down, number % columns * across) for number in range(count)]
    return _drawn(_laid_out(pictures, places, down), places, texts, warned)


def _laid_out(glyphs: GlyphArray, places: Sequence[tuple[int, int]], down: int) -> GlyphArray:
    """All glyphs on one sheet, uint8 (H, W), ink 255, each at its place (y, x); a row is ``down`` pixels high."""
    height, width = max(y for y, _ in places) + down, max(x for _, x in places) + GLYPH_SIZE
    sheet = np.zeros((height, width), np.uint8)
    for glyph, (y, x) in zip(glyphs, places, strict=True):
        sheet[y : y + GLYPH_SIZE, x : x + GLYPH_SIZE] = glyph
    return sheet


def _drawn(
    sheet: GlyphArray, places: Sequence[tuple[int, int]], texts: Sequence[str], warned: npt.NDArray[np.bool_]
) -> Figure:
    """The sheet and its captions as a figure without axes."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependency("matplotlib", "train", "drawing glyphs") from error
    height, width = sheet.shape
    figure = Figure(figsize=(width * INCHES_PER_PIXEL, height * INCHES_PER_PIXEL), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=255)
    axes.set_axis_off()
    for text, (y, x), warn in zip(texts, places, warned, strict=True):
        middle, below = x + GLYPH_SIZE / 2, y + GLYPH_SIZE + CAPTION / 2
        axes.text(middle, below, text, color=BEFORE if warn else INK, fontsize=SMALL, ha="center", va="center")
    return figure
