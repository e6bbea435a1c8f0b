"""Messages and what was read in them -> their characters side by side, and which words and messages are right.

Every reading has one character for each glyph; where it puts its spaces does not matter here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray
from inkread.evaluation.border import BoolArray, IntArray
from inkread.evaluation.composition import Composition


@dataclass(frozen=True)
class Aligned:
    """All characters of all messages in a row (M of them): what was written, read, and in which word and message."""

    written: npt.NDArray[np.str_]
    read: npt.NDArray[np.str_]
    word: IntArray
    message: IntArray

    @property
    def wrong(self) -> BoolArray:
        """Where another character was read than was written: (M,)."""
        return np.not_equal(self.written, self.read)


def align(composition: Composition, readings: Sequence[str]) -> Aligned:
    """The characters of the messages beside those that were read; raises BadArray where their numbers differ."""
    if len(readings) != len(composition.messages):
        raise BadArray(
            f"{len(composition.messages)} messages came with {len(readings)} readings; expected one for each"
        )
    bare = ["".join(reading.split()) for reading in readings]
    for message, reading in zip(composition.messages, bare, strict=True):
        if len(reading) != len(message.glyphs):
            raise BadArray(
                f"{reading!r} has {len(reading)} characters, but {message.text!r} has {len(message.glyphs)} glyphs"
            )
    words = [word for text in composition.texts for word in text.split()]
    return Aligned(
        written=np.array(list("".join(words))),
        read=np.array(list("".join(bare))),
        word=np.repeat(np.arange(len(words)), [len(word) for word in words]),
        message=np.repeat(np.arange(len(bare)), [len(reading) for reading in bare]),
    )


def units_right(unit: IntArray, wrong: BoolArray) -> tuple[IntArray, BoolArray]:
    """Of words or messages: how many characters each has, and whether all of them are right."""
    return np.bincount(unit), np.bincount(unit, weights=wrong) == 0
