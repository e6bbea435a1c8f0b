"""Pieces of ink -> the same pieces without barcodes. Knows bars side by side, not letters.

A barcode is of many upright bars that begin in one row and end in one row, as no hand draws them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from inkread.preprocessing.pieces import Piece

UPRIGHT: Final = 3.0  # times as tall as wide; some of a blurred one's bars have grown together
FEWEST: Final = 12  # bars
WIDER: Final = 1.8  # times as wide as narrow ones are the wide bars; strokes of one pen are as wide
FILLED, MOSTLY = 0.75, 0.8  # of its box, what a bar fills; of the bars, how many do: strokes lean
EVEN: Final = 0.02  # of their height, and a pixel, how far their ends are off those of the first
NEXT: Final = 0.5  # of their height; the next bar is nearer


def without_barcodes(pieces: list[Piece]) -> list[Piece]:
    """The pieces, left to right, without barcodes; the very same list where there are none."""
    bars = [piece for piece in pieces if piece.box.height >= UPRIGHT * piece.box.width]
    found = set[int]()
    while len(bars) >= FEWEST:
        first = bars[0].box
        off = EVEN * first.height + 1
        row = [bar for bar in bars if abs(bar.box.top - first.top) <= off and abs(bar.box.bottom - first.bottom) <= off]
        gaps = np.array([after.box.left - before.box.right for before, after in pairwise(row)])
        ends = np.flatnonzero(gaps > NEXT * first.height)
        run = row[: int(ends[0]) + 1] if ends.size else row
        narrow, wide = np.percentile([bar.box.width for bar in run], [10, 90])
        filled = np.mean([bar.area >= FILLED * bar.box.width * bar.box.height for bar in run])
        if len(run) >= FEWEST and wide > WIDER * narrow + 1 and filled >= MOSTLY:
            found |= {id(bar) for bar in run}
        bars = [bar for bar in bars if all(bar is not one for one in run)]
    return [piece for piece in pieces if id(piece) not in found] if found else pieces
