"""A seed -> one made-up person, who prints letters and digits always in the same, own way.

Where `strokes` draws each glyph by another hand, here one hand draws all: which way it goes about a character, where it
strays from it, how it leans and which pen it holds are fixed by the seed, and little of it varies from glyph to glyph.
It stands in for a person where forms and fine-tuning are shown or tested without one.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from inkread.data.hands import Drawn, Proportions, cropped, placed
from inkread.data.skeletons import SKELETONS
from inkread.data.strokes import Points, curve, drawn, strokes_of

SIZE: Final = 64.0  # pixels, the longer side of a glyph as it is drawn


@dataclass(frozen=True)
class Manner:
    """How a made-up person writes; lengths in hundredths of a capital's height.

    Attributes:
        habit: standard deviation of the place of each point of a character's path, the same in all its glyphs.
        jitter: the same, anew in each glyph.
        slant: how far the top leans to the right (left where negative), by its height; slant_jitter: of each glyph.
        narrow: natural logarithm of width by height.
        turn: radians, clockwise; turn_jitter: of each glyph.
        pen: width of the strokes by the longer side of a glyph.
    """

    habit: float = 6.0
    jitter: float = 2.5
    slant: float = 0.15
    slant_jitter: float = 0.05
    narrow: float = 0.0
    turn: float = 0.0
    turn_jitter: float = 0.03
    pen: float = 0.1


class MadeUpHand:
    """Draws letters and digits; signs it does not know."""

    def __init__(self, seed: int, manner: Manner | None = None) -> None:
        self._seed = seed
        self._manner = Manner() if manner is None else manner

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        """One glyph in this hand."""
        if character not in SKELETONS:
            return None
        path, ends = self._written(character, rng)
        ink = cropped(drawn(self._leaning(path, rng), ends, SIZE, max(2, round(self._manner.pen * SIZE))))
        if ink is None:
            return None
        top, bottom = placed(character, Proportions())
        width = ink.shape[1] * (top - bottom) / ink.shape[0]
        return Drawn(ink, top, top - bottom, 0.0, width)

    def _written(self, character: str, rng: np.random.Generator) -> tuple[Points, list[int]]:
        """The path (S, 2) of the pen, and where each stroke ends within it."""
        own = np.random.default_rng([self._seed, zlib.crc32(character.encode())])
        ways = SKELETONS[character]
        paths = []
        for points, corners in strokes_of(ways[int(own.integers(len(ways)))]):
            strays = own.normal(0, self._manner.habit, (len(points), 2))
            shakes = rng.normal(0, self._manner.jitter, (len(points), 2))
            paths.append(curve(len(points), corners) @ (np.array(points) + strays + shakes))
        return np.concatenate(paths), np.cumsum([len(path) for path in paths])[:-1].tolist()

    def _leaning(self, path: Points, rng: np.random.Generator) -> Points:
        """The path as this hand leans, narrows and turns it."""
        manner = self._manner
        slant, turn = rng.normal(manner.slant, manner.slant_jitter), rng.normal(manner.turn, manner.turn_jitter)
        wide = np.exp(manner.narrow / 2)
        slanted = np.array([[wide, -slant], [0, 1 / wide]])
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        leaning: Points = path @ (turned @ slanted).T
        return leaning
