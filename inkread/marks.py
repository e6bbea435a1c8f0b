"""The ink of a strip -> where a mark may stand: an apostrophe has ink of its own above the line's middle, a stop below.

Language would read DON'T wherever the network does not quite rule the apostrophe out; whether a mark was written at all
is told better by whether there is ink that no letter is part of. Marks that touch a letter have none: they become less
likely, not impossible.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.preprocessing import Strip
from inkread.preprocessing.strip import INKED

HIGH, LOW = "'\"", ".,"
DOUBT: Final = {HIGH: 3.0, LOW: 1.0}  # natural logarithm, how much less likely a mark is where no ink is its own
LONGEST: Final = 17  # pixels of a strip, down; a longer piece of ink is no mark
WIDEST: Final = {HIGH: 14, LOW: 30}  # the same, across; full stops side by side may be one piece
LOWEST, HIGHEST = 23, 21  # rows of a strip; a high mark ends above the first, a low one begins below the second
NEAR: Final = 7  # pixels from a piece of ink to the middle of a frame that may see it

LogProbs = npt.NDArray[np.float32]


def doubted(frames: LogProbs, strip: Strip, alphabet: Alphabet, first: float, stride: float) -> LogProbs:
    """The frames of a line, with marks less likely where its ink shows none.

    Args:
        frames: float32 (F, C + 2) natural logarithms, a column for each character of ``alphabet``, space and blank.
        strip: the ink that they were seen in.
        alphabet: the characters that the network tells apart.
        first: the pixel of the strip that the first frame is centred at.
        stride: pixels from frame to frame.
    """
    inked = (strip.pixels > INKED).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    left, top, width, height, _ = stats[1:].T
    middles = first + stride * np.arange(len(frames))[:, None]  # (F, 1)
    near = (middles >= left - NEAR) & (middles <= left + width + NEAR)  # (F, pieces)
    told = frames.copy()
    for marks, there in ((HIGH, top + height <= LOWEST), (LOW, top >= HIGHEST)):
        own = there & (height <= LONGEST) & (width <= WIDEST[marks])
        columns = [alphabet.index(mark) for mark in marks if mark in alphabet]
        told[np.ix_(~(near & own).any(axis=1), columns)] -= np.float32(DOUBT[marks])
    told -= np.log(np.exp(told).sum(axis=1, keepdims=True))
    return told
