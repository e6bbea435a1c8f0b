"""What the eye sees on a page as it lies -> by how many quarters it must be turned to be read.

Upside down, letters look like others or like none: the eye is unsure. Only then the other ways up are tried, on a few
lines, and one is taken where the eye is sure of enough characters, and clearly surer than any other way up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from inkread import preprocessing
from inkread.decoding import seen_characters
from inkread.preprocessing import InkLine
from inkread.preprocessing.binarise import Ink
from inkread.protocols import LineRecogniser, LogProbs

SURE: Final = 0.82  # mean probability of what the eye sees; a page that is seen so surely is left as it lies
SURE_TURNED: Final = 0.8  # the same of a page that is worth turning
CLEARLY: Final = 0.1  # more than any other way up; less is chance
ENOUGH: Final = 6  # characters; of fewer, many look like others upside down (NOON, 69, SIS)
VARIED: Final = 5  # different characters; where fewer come more than three times each, it is a drawing
TRIED: Final = 3  # lines, the longest, that a turn is tried on
TOLD: Final = {1: "by 90 degrees clockwise", 2: "by 180 degrees", 3: "by 90 degrees counterclockwise"}


class Seen(NamedTuple):
    """How many characters the eye sees, how many different ones, and how sure (0..1) it is of them on average."""

    characters: int
    different: int
    sureness: float

    @property
    def varied(self) -> bool:
        """Whether they are writing by their variety; a zigzag is M and W alone."""
        return self.different >= VARIED or 3 * self.different >= self.characters


def quarters_to_turn(ink: Ink, frames: Sequence[LogProbs], network: LineRecogniser) -> int:
    """How many quarter turns clockwise make a page readable that the eye sees ``frames`` on as it lies, mostly 0."""
    here = seen(frames, network)
    if here.sureness >= SURE:
        return 0
    turned = {quarters: _tried(np.rot90(ink, -quarters), network) for quarters in TOLD}
    likely = {quarters: way.sureness for quarters, way in turned.items() if way.characters >= ENOUGH and way.varied}
    best = max(likely, key=likely.__getitem__, default=0)
    others = [here.sureness, *(sureness for quarters, sureness in likely.items() if quarters != best)]
    return best if best and likely[best] >= max(SURE_TURNED, max(others) + CLEARLY) else 0


def remark_on_turn(quarters: int) -> str:
    """What a user is told of a page that was turned; nothing of one that was not."""
    return f"the picture was turned {TOLD[quarters]} to be read" if quarters else ""


def seen(frames: Sequence[LogProbs], network: LineRecogniser) -> Seen:
    """What stands in the frames of some lines."""
    every = np.concatenate([*frames, np.zeros((0, len(network.alphabet) + 2))])
    best = every.argmax(axis=1)
    held = best < len(network.alphabet)
    characters = sum(seen_characters(line, network.alphabet) for line in frames)
    sureness = float(np.exp(every.max(axis=1)[held]).mean()) if held.any() else 0.0
    return Seen(characters, len(np.unique(best[held])), sureness)


def _tried(ink: Ink, network: LineRecogniser) -> Seen:
    """What the eye sees in the longest lines of a page's ink."""
    lines = sorted(preprocessing.lines(np.ascontiguousarray(ink)).lines, key=_length, reverse=True)[:TRIED]
    return seen(network.frames([preprocessing.strip(line).pixels for line in lines]) if lines else [], network)


def _length(line: InkLine) -> int:
    return len(line.pieces)
