"""The ink of a page -> its connected pieces, dust left out. Knows ink, not lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.preprocessing.labelled import labelled
from inkread.results import Box

MAX_PIECES = 3_000  # more than a densely written page has; a photo of gravel has no end of them
TOUCH = 0.3  # of full ink; a stroke that is no fainter than this at its thinnest is one stroke
RIM = binarise.RIM  # pixels around a piece's box that its ink keeps: the soft edge of the stroke
SMALLEST = 1.5  # pixels; smaller pieces are dust
SPECK_STROKES = 0.6  # stroke widths; smaller pieces are dust
SPECK_SIZE = 0.04  # of the usual size of a character; smaller pieces are dust
LEAST, FINE = 6.0, 0.05  # pixels, and of the page's usual size; smaller pieces are no letters
LETTER_STROKES = 2.5  # of its own stroke; what is no larger is a dot
THINNER = 0.6  # of the usual stroke; finer ones are of another pen, or of far smaller writing
ROW = 3  # letters of far smaller writing; fewer are rather dust
TALL = 0.5  # of the usual size of a character; pieces as tall carry a line, smaller ones (dots, bars) go with them
WIDE = 2.0  # heights; a wider piece is a word in one stroke, or a bar: its height tells its size
RULE_LENGTH = 5.0  # usual sizes; longer pieces may be ruled lines


@dataclass(frozen=True)
class Piece:
    """One connected piece of ink.

    Attributes:
        box: in pixels of the picture that the ink was found in, half-open.
        ink: float32 (height + 2 RIM, width + 2 RIM), this piece's own ink 0..1, with RIM pixels around the box.
        area: pixels above the threshold.
    """

    box: Box
    ink: npt.NDArray[np.float32]
    area: int


def find_pieces(ink: binarise.Ink, level: float, stroke: float) -> tuple[list[Piece], int]:
    """The connected pieces of ink, left to right, without dust; and how many (the smallest) MAX_PIECES left out."""
    found = labelled(ink, min(TOUCH, level))
    labels, stats = found.labels, found.stats
    if len(stats) < 2:
        return [], 0
    numbers = 1 + np.flatnonzero(_written(found.mask, labels, stats[1:], stroke))
    boxes = stats[:, : cv2.CC_STAT_AREA]  # left, top, width, height
    order = numbers[np.argsort(-stats[numbers, cv2.CC_STAT_AREA], kind="stable")]
    kept = sorted(order[:MAX_PIECES].tolist(), key=lambda number: (int(boxes[number, 0]), int(boxes[number, 1])))
    padded_ink, owners = owned(ink, labels)
    pieces = [find_piece(number, stats[number], padded_ink, owners, level) for number in kept]
    return pieces, len(numbers) - len(kept)


def _written(
    mask: binarise.Mask, labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], stroke: float
) -> npt.NDArray[np.bool_]:
    """Which pieces (N,) are no dust: larger than strokes are wide. Below a bold heading that is the width of the finer
    strokes that they are among.

    ``stats`` (N, 5) of the labels from 1, ``stroke`` the usual width.
    """
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    sizes, size = sides.max(axis=1), usual(sides)
    written: npt.NDArray[np.bool_] = sizes > max(SMALLEST, SPECK_STROKES * stroke, SPECK_SIZE * size)
    doubtful = np.flatnonzero(~written & (sizes > SMALLEST))
    if not doubtful.size:
        return written
    own = binarise.stroke_widths(mask, labels, len(stats))
    fine = (sizes >= max(LEAST, FINE * size)) & (sizes >= LETTER_STROKES * own) & (own < THINNER * stroke)
    if np.count_nonzero(fine) < ROW:
        return written
    written |= fine
    near = _nearest(labels, written, stats[doubtful])
    dust = np.maximum(SPECK_STROKES * own[near], SPECK_SIZE * sizes[near])
    written[doubtful] |= fine[near] & (sizes[doubtful] > dust)
    return written


def _nearest(
    labels: npt.NDArray[np.int32], written: npt.NDArray[np.bool_], stats: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Which of the pieces that are ``written`` (N,), counted from 0, is nearest to the middle of each box (M, 5)."""
    shown = np.concatenate([[False], written])[labels]
    way = (cv2.DIST_L2, cv2.DIST_MASK_5)
    _, nearest = cv2.distanceTransformWithLabels((~shown).astype(np.uint8), *way, labelType=cv2.DIST_LABEL_CCOMP)
    owners = np.zeros(int(nearest.max()) + 1, np.int32)
    owners[nearest[shown]] = labels[shown] - 1
    left, top, width, height = stats[:, : cv2.CC_STAT_AREA].T
    found: npt.NDArray[np.int32] = owners[nearest[top + height // 2, left + width // 2]]
    return found


def owned(ink: binarise.Ink, labels: npt.NDArray[np.generic]) -> tuple[binarise.Ink, binarise.Ink]:
    """The ink with a margin of RIM, and which piece each pixel is of: its own, or the one whose soft edge it is."""
    padded = cv2.copyMakeBorder(labels.astype(np.float32), RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=0)
    near = cv2.dilate(padded, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    cv2.copyTo(padded, (padded > 0).astype(np.uint8), near)
    margin = cv2.copyMakeBorder(ink, RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=0)
    return margin.astype(np.float32, copy=False), near.astype(np.float32, copy=False)


def find_piece(
    number: int, stats: npt.NDArray[np.int32], ink: binarise.Ink, owners: binarise.Ink, level: float
) -> Piece:
    """Cut one piece out of the padded ink, its soft rim with it, its neighbours left behind."""
    left, top, width, height, area = stats.tolist()
    window = (slice(top, top + height + 2 * RIM), slice(left, left + width + 2 * RIM))
    cut = np.where(owners[window] == number, ink[window], 0)
    core = cut > level
    x, y, width, height = cv2.boundingRect((core if core.any() else cut > min(TOUCH, level)).view(np.uint8))
    box = Box(left + x - RIM, top + y - RIM, left + x - RIM + width, top + y - RIM + height)
    return Piece(box, np.ascontiguousarray(cut[y - RIM : y + height + RIM, x - RIM : x + width + RIM]), area)


def drawn(pieces: list[Piece], shape: tuple[int, ...]) -> binarise.Ink:
    """The ink (H, W) of these pieces alone."""
    height, width = shape
    ink = np.zeros((height + 2 * RIM, width + 2 * RIM), np.float32)
    for piece in pieces:
        left, top, right, bottom = piece.box
        window = ink[top : bottom + 2 * RIM, left : right + 2 * RIM]
        np.maximum(window, piece.ink, out=window)
    return np.ascontiguousarray(ink[RIM:-RIM, RIM:-RIM])


def middle(box: Box) -> float:
    """The row half-way down a box."""
    return (box.top + box.bottom) / 2


def median_row(line: list[Piece]) -> float:
    """The row that half of a line's pieces are above."""
    return float(np.median([middle(piece.box) for piece in line]))


def usual_size(pieces: list[Piece]) -> float:
    """The usual size of a character in pixels: the median longer side, dots and dust aside."""
    return usual(np.array([(piece.box.width, piece.box.height) for piece in pieces]))


def usual(sides: npt.NDArray[np.generic]) -> float:
    """The median of sizes by their sides (N, 2), width and height, but of those far below the large ones.

    A page may have more dots than letters; a word in one stroke is as large as it is tall.
    """
    width, height = sides.astype(np.float64).T
    shorter = np.minimum(width, height)
    longer = np.where(width > WIDE * height, height, np.maximum(width, height))
    order = np.argsort(longer, kind="stable")
    weight = np.cumsum(shorter[order])  # so that neither dots nor ruled lines weigh much
    large = longer[order[np.searchsorted(weight, 0.5 * weight[-1])]]
    return float(np.median(longer[(longer >= TALL * large) & (longer <= RULE_LENGTH * large)]))
