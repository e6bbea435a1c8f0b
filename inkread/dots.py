"""Full stops side by side -> as many as there are. Frames of a line network lie too far apart to tell near ones apart.

The eye has seen at least one of them; the ink of the strip tells how many there are. Nothing else is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.decoding import DecodedLine, Mark
from inkread.decoding.lines import DOT, LineCharacter
from inkread.preprocessing import Strip
from inkread.preprocessing.strip import HEIGHT, INKED
from inkread.results import Hypothesis

SIDE: Final = 9  # pixels of a strip; a larger piece of ink is no dot
TALL: Final = 255 * HEIGHT  # more ink than a column of a dot can hold
NEAR: Final = 7.0  # pixels from where the eye saw a dot to the middle of its ink
APART: Final = 15.0  # pixels from the middle of a dot to that of the next; a space is wider
LEVEL: Final = 5.0  # pixels that dots side by side differ in height
VALLEY: Final = 0.7  # of the ink of the dots on both sides, what is left between two that touch
HOLDS: Final = 0.8  # of a top's ink, what its next columns have
ROW: Final = re.compile(rf"{re.escape(DOT)}+")
ALIKE: Final = 4.0  # times the area of the smaller one


@dataclass(frozen=True)
class _Dot:
    """A dot's middle and size in pixels of the strip; ``held``: it is part of a letter's ink."""

    x: float
    y: float
    area: int
    held: bool


def counted(line: DecodedLine, strip: Strip, first: float, stride: float, known: Sequence[Mark] = ()) -> DecodedLine:
    """A decoded line with as many dots in each row of dots as its strip shows; what is told of one is told of those
    beside it.

    Args:
        line: what was read.
        strip: its ink.
        first: the pixel of the strip that the first frame is centred at.
        stride: pixels from frame to frame.
        known: what a person has said of the line; dots at or beside these are not counted.
    """
    read = [character for word in line.words for character in word.characters]
    if all(character.text != DOT for character in read) or line.text != " ".join(word.text for word in line.words):
        return line
    every = list(_dots(strip))
    free = [dot for dot in every if not dot.held]
    others = [(first + stride * one.frame, one.text.isalnum()) for one in read if one.text != DOT]
    settled = [(first + stride * mark.left - APART, first + stride * mark.right + APART) for mark in known]
    words = []
    for word in line.words:
        told: list[tuple[str, LineCharacter]] = []  # a ? is told of an unsure character
        for is_dot, group in groupby(zip(word.text, word.characters, strict=True), lambda one: one[1].text == DOT):
            own = list(group)
            if is_dot:
                middles = [first + stride * character.frame for _, character in own]
                if any(left < middle < right for middle in middles for left, right in settled):
                    told += own
                    continue
                columns = _row(middles, free, others) or _row(middles, every, others)
                places = [(column - first) / stride for column in columns]
                if len(places) > len(own):
                    row = [own[min(number, len(own) - 1)] for number in range(len(places))]
                    own = [(text, replace(dot, frame=at)) for (text, dot), at in zip(row, places, strict=True)]
            told += own
        text = "".join(text for text, _ in told)
        changed = len(told) > len(word.characters)
        words.append(
            replace(word, text=text, characters=tuple(character for _, character in told)) if changed else word
        )
    rows = ROW.findall(" ".join("".join(character.text for character in word.characters) for word in words))
    told_apart = dict[str, Hypothesis]()  # some differed in dots alone
    for one in line.hypotheses:
        text = _with_rows(one.text, rows)
        told_apart.setdefault(text, replace(one, text=text))
    text = " ".join(word.text for word in words)
    return replace(line, text=text, words=tuple(words), hypotheses=tuple(told_apart.values()))


def _with_rows(text: str, rows: Sequence[str]) -> str:
    """A text with the rows of dots that were counted, if it has as many rows.

    >>> _with_rows("wait. now.", ["...", "."])
    'wait... now.'
    """
    counted = iter(rows)
    return ROW.sub(lambda _: next(counted), text) if len(ROW.findall(text)) == len(rows) else text


def _row(middles: Sequence[float], dots: Sequence[_Dot], others: Sequence[tuple[float, bool]]) -> list[float]:
    """The columns of the dots that stand where some were read, and of those beside them, left to right.

    ``others`` are the columns of what else was read, and whether it is a letter or digit, under which a dot may stand;
    the dots of marks (: ! ?) are their own.
    """
    begin, over = max((one for one in others if one[0] < middles[0]), default=(-np.inf, False))
    end, below = min((one for one in others if one[0] > middles[-1]), default=(np.inf, False))
    free = [dot for dot in dots if begin + NEAR / 2 < dot.x < end - NEAR / 2]
    nearest = {min(free, key=lambda dot: abs(dot.x - middle)) for middle in middles} if free else set()
    row = {dot for dot in nearest if min(abs(dot.x - middle) for middle in middles) < NEAR}
    left, right = begin + (-NEAR / 2 if over else NEAR / 2), end + (NEAR / 2 if below else -NEAR / 2)
    under = [dot for dot in dots if left < dot.x < right]  # a letter's overhang
    while more := {dot for dot in under if dot not in row and any(_beside(dot, other) for other in row)}:
        row |= more
    return sorted(dot.x for dot in row)


def _beside(dot: _Dot, other: _Dot) -> bool:
    """Whether two dots stand side by side in one row."""
    alike = max(dot.area, other.area) <= ALIKE * min(dot.area, other.area)
    return abs(dot.x - other.x) < APART and abs(dot.y - other.y) < LEVEL and alike


def _dots(strip: Strip) -> Iterator[_Dot]:
    """All pieces of a strip's ink that are as small as a dot, the dots of rows that touch, and of rows at a letter."""
    inked = (strip.pixels > INKED).astype(np.uint8)
    _, owners, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    for number, (left, top, width, height, _) in enumerate(stats.tolist()):
        if number == 0:  # the paper
            continue
        window = (slice(top, top + height), slice(left, left + width))
        own = owners[window] == number
        pixels = np.where(own, strip.pixels[window], 0)
        rows = np.arange(top, top + height)[:, None]
        first = np.where(own, rows, HEIGHT).min(axis=0)
        last = np.where(own, rows, 0).max(axis=0)
        flat = (last - first < SIDE) & ((height <= SIDE) | (first > HEIGHT // 2))
        edges = np.flatnonzero(np.diff(flat, prepend=False, append=False)).tolist()
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            columns = slice(begin, end)
            tops = _free_tops(pixels[:, columns].sum(axis=0), begin > 0, end < width)
            if tops and end - begin <= SIDE * len(tops):
                middle = float(rows[own[:, columns].any(axis=1)].mean())
                area = int(own[:, columns].sum()) // len(tops)
                yield from (_Dot(left + begin + at, middle, area, end - begin < width) for at in tops)


def _free_tops(profile: npt.NDArray[np.integer], letter_before: bool, letter_after: bool) -> list[float]:
    """The middles of a flat stretch's tops; what rises to a letter beside it without a valley is the letter's."""
    wall = [TALL]
    tops = _tops(np.concatenate([wall * letter_before, profile, wall * letter_after]))
    free = [top - letter_before for top in tops if 0 <= top - letter_before < len(profile)]
    return [top + (_breadth(profile[top:]) - 1) / 2 for top in free]


def _breadth(profile: npt.NDArray[np.integer]) -> int:
    """For how many columns a top holds on."""
    return len(list(takewhile(lambda ink: ink > HOLDS * profile[0], profile.tolist())))


def _tops(profile: npt.NDArray[np.integer]) -> list[int]:
    """Where a piece has most ink, column by column: each place that a valley parts from the one before it."""
    tops, valley = [0], int(profile[0])
    for x, ink in enumerate(profile.tolist()):
        valley = min(valley, ink)
        if ink > profile[tops[-1]] and valley > VALLEY * profile[tops[-1]]:
            tops[-1], valley = x, ink
        elif valley <= VALLEY * min(ink, profile[tops[-1]]):
            tops.append(x)
            valley = ink
    return tops
