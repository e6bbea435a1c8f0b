"""Pieces of ink -> the same pieces without barcodes. Knows bars side by side, not letters.

A barcode is of many upright bars that begin in one row and end in one row, as no hand draws them.
"""

from __future__ import annotations

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
    left, top, right, bottom = np.array([bar.box for bar in bars], np.int64).reshape(-1, 4).T
    filled = np.array([bar.area for bar in bars]) >= FILLED * (right - left) * (bottom - top)
    free, found = np.ones(len(bars), bool), np.zeros(len(bars), bool)
    while np.count_nonzero(free) >= FEWEST:
        first = int(free.argmax())
        height = int(bottom[first] - top[first])
        off = EVEN * height + 1
        row = np.flatnonzero(free & (np.abs(top - top[first]) <= off) & (np.abs(bottom - bottom[first]) <= off))
        ends = np.flatnonzero(left[row[1:]] - right[row[:-1]] > NEXT * height)
        run = row[: int(ends[0]) + 1] if ends.size else row
        if len(run) >= FEWEST and filled[run].mean() >= MOSTLY:
            narrow, wide = np.percentile(right[run] - left[run], [10, 90])
            found[run] = wide > WIDER * narrow + 1
        free[run] = False
    gone = {id(bars[number]) for number in np.flatnonzero(found).tolist()}
    return [piece for piece in pieces if id(piece) not in gone] if gone else pieces
