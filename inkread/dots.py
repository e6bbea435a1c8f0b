"""Full stops side by side -> as many as there are. Frames of a line network lie too far apart to tell near ones apart.

The eye has seen at least one of them; the ink of the strip tells how many there are. Nothing else is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import cv2
import numpy as np

from inkread.decoding import DecodedLine
from inkread.decoding.lines import LineCharacter, LineWord
from inkread.preprocessing import Strip
from inkread.preprocessing.strip import INKED

DOT: Final = "."
SIDE: Final = 9  # pixels of a strip; a larger piece of ink is no dot
NEAR: Final = 7.0  # pixels from where the eye saw a dot to the middle of its ink
APART: Final = 12.0  # pixels from the middle of a dot to that of the next; a space is wider
LEVEL: Final = 5.0  # pixels that dots side by side differ in height
ALIKE: Final = 4.0  # times the area of the smaller one


@dataclass(frozen=True)
class _Dot:
    x: float
    y: float
    area: int


def counted(line: DecodedLine, strip: Strip, first: float, stride: float) -> DecodedLine:
    """A decoded line with as many dots in each row of dots as its strip shows.

    Args:
        line: what was read.
        strip: its ink.
        first: the pixel of the strip that the first frame is centred at.
        stride: pixels from frame to frame.
    """
    if DOT not in line.text or line.text != " ".join(word.text for word in line.words):
        return line
    dots = _dots(strip)
    others = [
        first + stride * character.frame
        for word in line.words
        for character in word.characters
        if character.text != DOT
    ]
    words = []
    for word in line.words:
        characters: list[LineCharacter] = []
        for is_dot, group in groupby(word.characters, lambda character: character.text == DOT):
            own = list(group)
            characters += _row(own, dots, others, first, stride) if is_dot else own
        words.append(_spelt(word, characters))
    return replace(line, text=" ".join(word.text for word in words), words=tuple(words))


def _spelt(word: LineWord, characters: Sequence[LineCharacter]) -> LineWord:
    if len(characters) == len(word.characters):
        return word
    return replace(word, text="".join(character.text for character in characters), characters=tuple(characters))


def _row(
    own: list[LineCharacter], dots: Sequence[_Dot], others: Sequence[float], first: float, stride: float
) -> list[LineCharacter]:
    """The dots of one row: those that were read, and those beside them that were not."""
    middles = [first + stride * character.frame for character in own]
    begin = max((x for x in others if x < middles[0]), default=-np.inf)
    end = min((x for x in others if x > middles[-1]), default=np.inf)
    free = [dot for dot in dots if begin + NEAR / 2 < dot.x < end - NEAR / 2]
    nearest = {min(free, key=lambda dot: abs(dot.x - middle)) for middle in middles} if free else set()
    row = [dot for dot in nearest if min(abs(dot.x - middle) for middle in middles) < NEAR]
    if not row:
        return own
    grown = True
    while grown:
        more = [dot for dot in free if dot not in row and any(_beside(dot, other) for other in row)]
        row += more
        grown = bool(more)
    if len(row) <= len(own):
        return own
    places = sorted((dot.x - first) / stride for dot in row)
    return [replace(own[min(number, len(own) - 1)], frame=place) for number, place in enumerate(places)]


def _beside(dot: _Dot, other: _Dot) -> bool:
    """Whether two dots stand side by side in one row."""
    alike = max(dot.area, other.area) <= ALIKE * min(dot.area, other.area)
    return abs(dot.x - other.x) < APART and abs(dot.y - other.y) < LEVEL and alike


def _dots(strip: Strip) -> list[_Dot]:
    """All pieces of a strip's ink that are as small as a dot, left to right."""
    return sorted(_pieces(strip), key=lambda dot: dot.x)


def _pieces(strip: Strip) -> Iterator[_Dot]:
    _, _, stats, middles = cv2.connectedComponentsWithStats((strip.pixels > INKED).astype(np.uint8), connectivity=8)
    for (_, _, width, height, area), (x, y) in zip(stats[1:].tolist(), middles[1:].tolist(), strict=True):
        if max(width, height) <= SIDE:
            yield _Dot(x, y, area)
