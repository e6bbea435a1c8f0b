"""A character that stands alone on a picture -> how likely each is: more of them are digits than in notes.

Language has nothing to go by, and would call every circle an O and every stroke an I, as in notes. Who draws one
character, or cuts one out of a data set, mostly drew a digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding import seen_characters
from inkread.protocols import LogProbs

DIGITS: Final = 3.0  # times that a digit is likelier than in the lines that the network learnt from


def is_lone(frames: Sequence[LogProbs], alphabet: Alphabet) -> bool:
    """Whether one line is all there is, and the eye sees one character in it."""
    return len(frames) == 1 and seen_characters(frames[0], alphabet) == 1


def as_lone(frames: LogProbs, alphabet: Alphabet) -> LogProbs:
    """Frames float32 (F, C + 2) of a lone character, natural logarithms, with digits likelier than in a note."""
    digits = [column for column, character in enumerate(alphabet) if character.isdigit()]
    told = frames.copy()
    told[:, digits] += np.float32(np.log(DIGITS))
    told -= np.log(np.exp(told).sum(axis=1, keepdims=True))
    return told
