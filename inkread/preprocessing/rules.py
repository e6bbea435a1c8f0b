"""Ink of a level page -> the same ink without ruled and squared lines, its letters whole. Knows lines, not letters.

A rule is thin, long and straight, far longer than the writing on it is tall, and runs on between the letters. Where a
stroke crosses it, the ink is thicker, darker, or goes on beyond it on both sides: that ink stays. Long thin pieces that
are left (an underline, a fold) are left to `layout`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing import binarise
from inkread.preprocessing.pieces import usual

Cells = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint8]

SMALLEST = 100  # pixels along a rule; what is shorter has no room for rules and writing
WORKING_PIXELS = 450_000  # rules are looked for on ink reduced to this, then measured on all of it
VISIBLE = 0.12  # of full ink; fainter rules do no harm
THICKNESS = 1 / 150  # of the longer side, what a rule has at most, within ...
THICKNESSES = (6, 12)  # ... these, in pixels: with its soft edges a line of two measures five
BLOCK = 1 / 80  # of a rule's direction, the piece that is looked at at once, within ...
BLOCKS = (8, 14)  # ... these, in pixels
FILLED = 0.7  # of a block's columns, so many show a rule that is there
SLOPES = np.linspace(-0.04, 0.04, 21)  # pixels down by one to the right: what a level page still has (2 degrees)
CLEAR = 0.25  # of the blocks; a rule shows in so many
WHOLE = 0.35  # of the blocks between a rule's ends
STRAIGHT = 1.5  # pixels; how far a rule strays from a smooth curve
UNBROKEN, RULED_UNBROKEN = 0.93, 0.6  # of the pixels along a rule are ink; along one of many, which may be dotted
GAP = 0.3  # of a character's size; longer gaps part words or lines, not dots
GAPS = 0.1  # of a rule's length, what such gaps take at most
MANY, RULED = 4, 0.5  # so many rules, each so long by the page, make a ruled page
LETTERS = 6.0  # sizes of a character; no stroke is so long
WRITTEN = 1 / 3  # of the ink; with less beside them, a few long lines are rather a large thin letter
TELLING = 0.02  # of the longer side; smaller rests are no writing
THICKER = 1.3  # times the rule's thickness, and a pixel: a stroke lies there too
DARKER = 0.4  # of what a rule lacks to full ink: a stroke lies there too
SAMPLES = 200  # columns that a rule is measured at
FRACTION_BITS = 4  # after the point, in OpenCV's coordinates
FRACTION = 1 << FRACTION_BITS
PALE = 0.65  # of full ink; a rule that is paler than this can be told from strokes by its level


@dataclass(frozen=True)
class Rule:
    """One rule: its ends, its height at each end of each block between them, its thickness; all in pixels."""

    along: npt.NDArray[np.float64]
    across: npt.NDArray[np.float64]
    thickness: float
    density: float

    @property
    def length(self) -> float:
        """Pixels from end to end."""
        return float(self.along[-1] - self.along[0])


def without_rules(ink: binarise.Ink) -> binarise.Ink:
    """The ink float32 (H, W) without ruled lines; the very same array where there are none."""
    scale = max(1.0, (ink.size / WORKING_PIXELS) ** 0.5)
    height, width = (round(side / scale) for side in ink.shape)
    if max(height, width) < SMALLEST:
        return ink
    small = ink if scale == 1 else cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
    mask: Bits = (small > VISIBLE).astype(np.uint8)
    level, upright = _found(mask), _found(np.ascontiguousarray(mask.T))
    if not level and not upright:
        return ink
    level, upright = _believed(mask, level, upright)
    cleaned = _removed(ink, level, scale) if level else ink
    return np.ascontiguousarray(_removed(np.ascontiguousarray(cleaned.T), upright, scale).T) if upright else cleaned


def cells(ink: npt.NDArray[np.generic], block: int) -> Cells:
    """The mean of each row of each block of columns, float32 (H, W // block)."""
    height, width = ink.shape
    blocks = max(1, width // block)
    whole = ink[:, : blocks * block] if width >= block else ink
    return cv2.resize(whole.astype(np.float32), (blocks, height), interpolation=cv2.INTER_AREA).astype(np.float32)


def _found(mask: Bits) -> list[Rule]:
    """The nearly level lines of a mask that may be rules."""
    height, width = mask.shape
    thickest = int(np.clip(round(max(height, width) * THICKNESS), *THICKNESSES))
    block = int(np.clip(round(width * BLOCK), *BLOCKS))
    if width < SMALLEST or height <= thickest:
        return []
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thickest + 1, 1), np.uint8))
    thin = cv2.subtract(mask, thick)
    wide = cv2.dilate(thin, np.ones((3, 1), np.uint8))
    runs = cv2.bitwise_and(thin, cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, block), np.uint8)))
    seen = cells(runs, block)
    return _traced(seen, mask, block, thickest)


def _traced(seen: Cells, mask: Bits, block: int, thickest: int) -> list[Rule]:
    """Follow each rule through the blocks: rows where many blocks show one, once the page is sheared right."""
    shown = cv2.blur(seen, (1, 3), borderType=cv2.BORDER_CONSTANT) * 3  # a rule between two rows is in both
    rows, columns = np.nonzero(shown > FILLED)
    blocks = seen.shape[1]
    if np.count_nonzero(np.bincount(columns)) < CLEAR * blocks:
        return []
    centred = columns - (blocks - 1) / 2
    room = int(np.abs(SLOPES).max() * block * blocks) + 1

    height = seen.shape[0] + 2 * room
    sheared = rows + room - np.rint((SLOPES * block)[:, None] * centred).astype(np.int64)  # (slopes, N)
    apart = np.arange(len(SLOPES))[:, None] * height  # so that all profiles are counted at once
    profiles = np.bincount((sheared + apart).ravel(), minlength=len(SLOPES) * height).reshape(len(SLOPES), height)
    slope = float(SLOPES[int((profiles * profiles).sum(axis=1).argmax())])
    level = np.zeros((height, blocks), np.uint8)
    level[rows + room - np.rint(slope * block * centred).astype(np.int64), columns] = 1
    coverage = cv2.dilate(level, np.ones((2 * int(STRAIGHT) + 3, 1), np.uint8)).mean(axis=1)
    middles = slope * block * (np.arange(blocks) - (blocks - 1) / 2) - room
    reach = thickest + 2
    rules = []
    while coverage.max() >= CLEAR:
        plateau = np.flatnonzero(coverage >= coverage.max() - 1e-6)
        row = int(plateau[plateau < plateau[0] + reach].mean())
        coverage[max(0, row - reach) : row + reach + 1] = 0
        if rule := _followed(seen, row + middles, mask, reach):
            rules.append(rule)
    return rules


def _followed(seen: Cells, path: npt.NDArray[np.float64], mask: Bits, reach: int) -> Rule | None:
    """The rule near a path (B,) of rows, where it is straight and whole enough to be one."""
    height, blocks = seen.shape
    rows = np.rint(path).astype(np.int64) + np.arange(-reach, reach + 1)[:, None]  # (R, B)
    inside = (rows >= 0) & (rows < height)
    window = np.where(inside, seen[rows.clip(0, height - 1), np.arange(blocks)], 0)
    amount = window.sum(axis=0)
    there = np.flatnonzero(amount > FILLED)
    least = max(MANY, CLEAR * blocks)
    if len(there) < least:
        return None
    middle = (window * rows).sum(axis=0)[there] / amount[there]
    kept = np.abs(middle - np.median(middle - path[there]) - path[there]) <= reach / 2
    for _ in range(3):
        there, middle = there[kept], middle[kept]
        if len(there) < least:
            return None
        terms = np.vander(there / blocks, 3)
        curve = np.linalg.solve(terms.T @ terms + 1e-9 * np.eye(3), terms.T @ middle)
        off = np.abs(middle - terms @ curve)
        kept = off <= max(STRAIGHT, 2 * float(np.median(off)))
    if float(np.median(off)) > STRAIGHT or len(there) < WHOLE * (there[-1] - there[0] + 1):
        return None
    ends = np.vander((there[[0, -1]] + np.array([-0.5, 0.5])) / blocks, 3) @ curve
    along = (np.concatenate([[there[0] - 0.5], there, [there[-1] + 0.5]]) + 0.5) * (mask.shape[1] / blocks)
    across = np.concatenate([ends[:1], middle, ends[1:]])
    return Rule(along, across, float(np.median(amount[there])), float(_inked(mask, along, across).mean()))


def _inked(mask: Bits, along: npt.NDArray[np.float64], across: npt.NDArray[np.float64]) -> Bits:
    """Which of a path's columns (N,) show ink on it, or a pixel above or below."""
    columns = np.arange(max(0, int(along[0])), min(mask.shape[1], int(along[-1]) + 1))
    level = np.rint(np.interp(columns, along, across)).astype(np.int64)
    touched = [mask[(level + shift).clip(0, mask.shape[0] - 1), columns] for shift in (-1, 0, 1)]
    return np.asarray(np.max(touched, axis=0), np.uint8)


def _runs_on(rule: Rule, mask: Bits, gap: float) -> bool:
    """Whether a line is a rule, solid or dotted: gaps of more than ``gap`` pixels are rare in it."""
    edges = np.flatnonzero(np.diff(np.pad(_inked(mask, rule.along, rule.across), 1, constant_values=1)))
    gaps = edges[1::2] - edges[::2]
    return rule.density >= RULED_UNBROKEN and float(gaps[gaps > gap].sum()) <= GAPS * rule.length


def _measured(rule: Rule, mask: Bits, scale: float) -> Rule:
    """A rule that was found on reduced ink, as it is on all of it: its thickness, where it runs."""
    along, across = rule.along * scale, (rule.across + 0.5) * scale - 0.5
    reach = round(rule.thickness * scale) + 2
    columns = np.linspace(max(along[0], 0), min(along[-1], mask.shape[1] - 1), SAMPLES).astype(np.int64)
    path = np.interp(columns, along, across)
    rows = np.rint(path).astype(np.int64) + np.arange(-reach, reach + 1)[:, None]  # (R, SAMPLES)
    seen = np.where((rows >= 0) & (rows < mask.shape[0]), mask[rows.clip(0, mask.shape[0] - 1), columns], 0)
    amount = seen.sum(axis=0)
    bare = (amount > 0) & (seen[0] == 0) & (seen[-1] == 0)  # no letter there
    if not bare.any():
        return Rule(along, across, rule.thickness * scale, rule.density)
    thickness = float(np.median(amount[bare]))
    bare &= amount <= THICKER * thickness
    off = (seen * rows).sum(axis=0)[bare] / amount[bare] - path[bare]
    smooth = np.convolve(np.pad(off, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return Rule(along, across + np.interp(along, columns[bare], smooth), thickness, rule.density)


def _believed(mask: Bits, level: list[Rule], upright: list[Rule]) -> tuple[list[Rule], list[Rule]]:
    """Those lines that are rules and not strokes of letters: many alike, or each much longer than the rest is tall.

    Stems above one another and bars beside one another are in line, too, but white between lines and between words.
    """
    rest = mask.copy()
    _drawn(rest, level, 0)
    turned = np.ascontiguousarray(rest.T)
    _drawn(turned, upright, 0)
    scale = min(max(1, round(max(mask.shape) / 700)), *mask.shape)
    left = cv2.resize(turned, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA) if scale > 1 else turned
    _, _, stats, _ = cv2.connectedComponentsWithStats(left, connectivity=8)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] * scale
    sides = sides[sides.max(axis=1) > TELLING * max(mask.shape)]
    size = usual(sides) if len(sides) else 0.0
    written = cv2.countNonZero(turned) >= WRITTEN * cv2.countNonZero(mask)

    def kept(rules: list[Rule], mask: Bits) -> list[Rule]:
        side = mask.shape[1]
        long = [rule for rule in rules if rule.length > LETTERS * size]
        gap = GAP * size if size else side  # without writing any gap is one between dots
        alike = [rule for rule in long if _runs_on(rule, mask, gap)]
        if sum(rule.length >= RULED * side for rule in alike) >= MANY:
            return alike
        return [rule for rule in long if written and size > 0 and rule.density >= UNBROKEN]

    return kept(level, mask), kept(upright, np.ascontiguousarray(mask.T))


def _drawn(canvas: npt.NDArray[np.uint8], rules: list[Rule], value: int) -> None:
    """Draw the rules, as thick as they are and their soft edge."""
    for rule in rules:
        points = np.rint(np.stack([rule.along, rule.across], axis=1) * FRACTION).astype(np.int32)
        cv2.polylines(canvas, [points], False, value, round(rule.thickness) + 1, cv2.LINE_8, FRACTION_BITS)


def _removed(ink: binarise.Ink, rules: list[Rule], scale: float) -> binarise.Ink:
    """The ink without these nearly level rules; strokes that cross or touch them are kept."""
    mask: Bits = (ink > VISIBLE).astype(np.uint8)
    measured = [_measured(rule, mask, scale) for rule in rules]
    band = np.zeros(ink.shape, np.uint8)
    _drawn(band, measured, 1)
    thickness = float(np.median([rule.thickness for rule in measured]))
    run = round(THICKER * thickness) + 1
    strokes = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((run, 1), np.uint8))
    beside = cv2.subtract(mask, band)
    for kernel in _bridges(round(thickness) + 5):
        strokes = cv2.bitwise_or(strokes, cv2.morphologyEx(beside, cv2.MORPH_CLOSE, kernel))
    alone = cv2.subtract(cv2.bitwise_and(band, mask), strokes)
    pale = float(np.median(ink[alone > 0])) if alone.any() else 1.0
    if pale < PALE:
        strokes = cv2.bitwise_or(strokes, (ink > pale + DARKER * (1 - pale)).astype(np.uint8))
    cleaned = ink.copy()
    cleaned[cv2.subtract(band, strokes) > 0] = 0
    return cleaned


def _bridges(length: int) -> list[Bits]:
    """Kernels that close a gap of a rule's thickness upwards, and leaning to each side."""
    lean = np.eye(length, dtype=np.uint8)
    steep = np.zeros((length, length), np.uint8)
    steep[np.arange(length), (np.arange(length) + length // 2) // 2] = 1
    return [np.ones((length, 1), np.uint8), lean, lean[:, ::-1].copy(), steep, steep[:, ::-1].copy()]
