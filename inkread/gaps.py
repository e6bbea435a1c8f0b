"""The ink of a strip -> where words are parted for certain: by a gap much wider than its line is tall.

The network has learnt how people part words, and has seen no column of a table from within.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from inkread.preprocessing import Strip
from inkread.preprocessing.strip import HEIGHT, INKED
from inkread.protocols import LogProbs

WIDE: Final = 1.6 * HEIGHT  # pixels; spaced letters of forms stand up to 45 apart, their words 65 and more
SEVERAL, APART = 3, 1.6  # so many gaps tell how a line is spaced, and a space is so many times the usual one: cells
WIDEST: Final = 2.6 * HEIGHT  # pixels; no form's cells are so far apart, the columns of a table are
RIM: Final = 10.0  # pixels; so far from ink a frame sees nothing of it
SURE: Final = 0.999  # probability of the space, and of nothing beside it


def parted(frames: LogProbs, strip: Strip, first: float, stride: float) -> LogProbs:
    """The frames of a line, with a space in the middle of each wide gap of its ink and nothing beside it.

    Args:
        frames: float32 (F, C + 2) natural logarithms of probabilities, a column for each character, space and blank.
        strip: the ink that they were seen in.
        first: the pixel of the strip that the first frame is centred at.
        stride: pixels from frame to frame.
    """
    inked = np.flatnonzero((strip.pixels > INKED).any(axis=0))
    gaps = np.diff(inked)
    open_gaps = gaps[gaps > 1]
    usual = float(np.median(open_gaps)) if len(open_gaps) >= SEVERAL else 0.0
    wide = np.flatnonzero(gaps > min(max(WIDE, APART * usual), WIDEST))
    if not wide.size:
        return frames
    centres = first + stride * np.arange(len(frames))
    told = frames.copy()
    for begin, end in zip(inked[wide], inked[wide + 1], strict=True):
        _assure(told, (centres > begin + RIM) & (centres < end - RIM), -1)  # nothing but paper
        _assure(told, np.abs(centres - (begin + end) / 2) <= stride / 2, -2)
    return told


def _assure(frames: LogProbs, which: npt.NDArray[np.bool_], column: int) -> None:
    """Make one class certain in some frames, all others as unlikely as its rest leaves them."""
    frames[which] += np.float32(np.log1p(-SURE))
    frames[which, column] = np.float32(np.log(SURE))
