"""Pieces of ink -> the same pieces without dotted and dashed lines. Knows rows of small pieces, not letters.

A form's line is of many dots or dashes, alike and evenly spaced, and longer than some letters; an ellipsis is shorter.
Where letters hide some of the dots, their places stay empty. Pages with many rules are left to `rules`.
"""

from __future__ import annotations

from itertools import compress

import numpy as np
import numpy.typing as npt

from inkread.preprocessing.pieces import Piece

LOW = 0.25  # of a character's size, how tall a dot or dash is at most, and ...
SHORT = 0.8  # ... how wide
FEWEST, LONG = 8, 3.0  # dots, and sizes of a character from the first to the last; an ellipsis has fewer
BAND = 0.5  # sizes of a character; on a level page the dots of a line stand in so high a band
NEXT = 3.0  # sizes of a character; the next dot of the same line is nearer, though some are dust or hidden
DRIFT = 0.5, 1.5  # of a dot's height, and at least so many pixels, that the next one stands higher or lower
ALIKE = 1.6  # times as wide or as tall as usual, or that part of it, is a dot of the same line
EVEN, EVENLY = 0.2, 0.85  # of the pitch, how far a dot is off its place; so many of a line's dots are no further
STRAY, STRAYS = 1.5, 2  # of the pitch, and how many at a row's end that are further off are not of it
LARGER, LETTERS = 3.0, 2  # times a dot's size, and how many pieces are so tall; among letters few are
MOST = 5_000  # dots; a photo of gravel has no end of them
APART = 2.0  # of its width, from a leader's dot to the next; letters that are spaced out stand closer

Chain = npt.NDArray[np.int64]
Sizes = npt.NDArray[np.float64]


def without_dotted(pieces: list[Piece], size: float) -> list[Piece]:
    """The pieces without dotted and dashed lines; the very same list where there are none.

    Args:
        pieces: from ``find_pieces``.
        size: the usual size of a character, in pixels.
    """
    small = [piece for piece in pieces if piece.box.height <= LOW * size and piece.box.width <= SHORT * size]
    if len(small) < FEWEST:
        return pieces
    boxes = np.array([piece.box for piece in small], dtype=np.float64)
    rows = np.sort(boxes[:, 1])
    if (rows[FEWEST - 1 :] - rows[: 1 - FEWEST]).min() > BAND * size:
        return pieces  # the dots of letters, spread over the page
    lines = [chain for chain in chains(boxes, size) if _is_line(boxes[chain], size)]
    if not lines:
        return pieces
    dots = {id(small[number]) for chain in lines for number in chain.tolist()}
    return [piece for piece in pieces if id(piece) not in dots]


def without_leaders(pieces: list[Piece]) -> list[Piece]:
    """The pieces without ``leaders``; the very same list where there are none."""
    dots = leaders(np.array([piece.box for piece in pieces], dtype=np.float64))
    return list(compress(pieces, ~dots)) if dots.any() else pieces


def leaders(boxes: Sizes) -> npt.NDArray[np.bool_]:
    """Which boxes (N, 4), left, top, right, bottom, are dots of rows that lead from words to prices.

    They are looked for where there are more dots than letters, so that the usual size would be theirs.
    """
    dots = np.zeros(len(boxes), bool)
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.max(axis=1)
    dot = float(np.median(longer)) if len(boxes) else 0.0
    small = np.flatnonzero(longer <= ALIKE * dot)
    tall = np.count_nonzero(sides[:, 1] >= LARGER * dot)
    if not FEWEST <= len(small) <= MOST or tall < LETTERS:
        return dots
    for chain in chains(boxes[small], dot / LOW):
        row = small[chain]
        if _is_line(boxes[row], dot / LOW) and APART * np.median(sides[row, 0]) <= np.median(np.diff(boxes[row, 0])):
            dots[row] = True
    return dots


def chains(boxes: Sizes, size: float) -> list[Chain]:
    """Rows of boxes (N, 4), each followed by the nearest one to its right that stands as high and is alike."""
    order = np.argsort(boxes[:, 0] + boxes[:, 2], kind="stable")
    across, down = (boxes[order, :2] + boxes[order, 2:]).T / 2
    sides = boxes[order, 2:] - boxes[order, :2]
    drift = np.maximum(DRIFT[0] * sides[:, 1], DRIFT[1])
    free = np.ones(len(order), bool)
    chains = []
    for first in range(len(order)):
        if not free[first]:
            continue
        chain = [first]
        while True:
            last = chain[-1]
            near = slice(last + 1, int(np.searchsorted(across, across[last] + NEXT * size)))
            level = np.abs(down[near] - down[last]) <= drift[last]
            alike = (sides[near] <= ALIKE * sides[last]).all(axis=1) & (ALIKE * sides[near] >= sides[last]).all(axis=1)
            fits = np.flatnonzero(level & alike & free[near])
            if not fits.size:
                break
            chain.append(last + 1 + int(fits[0]))
        free[chain] = False
        chains.append(order[_without_strays(np.array(chain), across)])
    return chains


def _without_strays(chain: Chain, across: Sizes) -> Chain:
    """A row without the one or two dots at its ends that are further off than its others: points of prices."""
    gaps = np.diff(across[chain])
    far = np.flatnonzero(gaps > STRAY * np.median(gaps)) if gaps.size else gaps
    begin = max((int(gap) + 1 for gap in far if gap < STRAYS), default=0)
    end = min((int(gap) + 1 for gap in far if gap >= len(gaps) - STRAYS), default=len(chain))
    return chain[begin:end]


def _is_line(boxes: Sizes, size: float) -> bool:
    """Whether a row of boxes (N, 4), left to right, is long and evenly spaced, but for places that are empty."""
    return len(boxes) >= FEWEST and bool(boxes[-1, 2] - boxes[0, 0] >= LONG * size) and evenly_spaced(boxes)


def evenly_spaced(boxes: Sizes, even: float = EVEN) -> bool:
    """Whether boxes (N, 4), left to right, are as far from each other, but for places that are empty.

    Most are no further off their place than ``even``, of the way to the next.
    """
    gaps = np.diff((boxes[:, 0] + boxes[:, 2]) / 2)
    pitch = float(np.median(gaps))
    if not pitch:
        return False
    off = np.abs(gaps - pitch * np.maximum(np.rint(gaps / pitch), 1))
    return bool((off <= even * pitch).mean() >= EVENLY)
