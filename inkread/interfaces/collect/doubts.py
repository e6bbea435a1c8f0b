"""The ink of each box -> the glyph that a data set keeps, and whether to doubt that it is the character asked for.

Nothing doubtful is learnt from before a person has looked at it: a wrong label teaches more harm than a right one good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from inkread import recognition
from inkread.interfaces.collect.boxes import Cut
from inkread.preprocessing import binarise, frame_picture

# Of 9,000 letters and 450 digits of people that the shipped networks never saw, 0 to 1 % are given less, and 97 to 99 %
# of what stands in a wrong box.
IMPROBABLE: Final = 0.01
SMALL: Final = 1.5  # mm; no letter or digit is smaller

Glyph = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Collected:
    """One glyph of a form.

    Attributes:
        cut: the box and its ink.
        picture: uint8 (H, W), dark ink on white paper: what is kept as a file.
        probability: how likely the shipped network finds the character; None for what it does not know: signs.
        doubt: why a person should look at it; None: no reason.
    """

    cut: Cut
    picture: Glyph = field(repr=False)
    probability: float | None
    doubt: str | None

    @property
    def character(self) -> str:
        """What was to be written."""
        return self.cut.box.character


def judge(cuts: Sequence[Cut]) -> list[Collected]:
    """The glyphs of all boxes that are not empty, in their order."""
    written = [cut for cut in cuts if cut.size]
    pictures = [np.rint(255 * (1 - cut.ink)).astype(np.uint8) for cut in written]
    probabilities, doubts = _seen(written, pictures)
    return [
        Collected(cut, picture, probability, _obvious(cut, picture) or doubt)
        for cut, picture, probability, doubt in zip(written, pictures, probabilities, doubts, strict=True)
    ]


def _obvious(cut: Cut, picture: Glyph) -> str | None:
    """What is wrong with a glyph whatever character it is."""
    if cut.touching:
        return "it touches the edge of its box"
    if cut.box.character.isalnum() and cut.size < SMALL:
        return "there is hardly any ink"
    if binarise.is_blank(binarise.ink(picture)):  # `frame_picture` would refuse it
        return "there is hardly any ink"
    return None


def _seen(cuts: Sequence[Cut], pictures: Sequence[Glyph]) -> tuple[list[float | None], list[str | None]]:
    """How likely each glyph's character is to the network that ships for it, and what it doubts."""
    probabilities: list[float | None] = [None] * len(cuts)
    doubts: list[str | None] = [None] * len(cuts)
    for name in recognition.SHIPPED:
        recogniser = recognition.shipped(name)
        known = [
            index
            for index, cut in enumerate(cuts)
            if cut.box.character in recogniser.alphabet and cut.size >= SMALL and not cut.touching
        ]
        if not known:
            continue
        glyphs = np.stack([frame_picture(pictures[index], recogniser.framing) for index in known])
        chances = np.exp(recogniser.log_probs(glyphs))
        wanted = recogniser.alphabet.encode(cuts[index].box.character for index in known)
        for index, row, label in zip(known, chances, wanted, strict=True):
            probabilities[index] = float(row[label])
            if row[label] < IMPROBABLE:
                doubts[index] = f"it looks like {recogniser.alphabet[int(row.argmax())]} ({row.max():.0%})"
    return probabilities, doubts
