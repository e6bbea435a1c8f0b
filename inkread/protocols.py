"""What a reader needs of the networks that it reads with; a test may bring its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.preprocessing import Framing

LogProbs = npt.NDArray[np.float32]


class Recogniser(Protocol):
    """What a reader needs to read glyphs: ``inkread.recognition.Recogniser`` is one."""

    @property
    def alphabet(self) -> Alphabet:
        """The characters, in the order of the columns of ``log_probs``."""

    @property
    def framing(self) -> Framing:
        """How its glyphs are to be framed."""

    @property
    def name(self) -> str:
        """What a Reading calls it."""

    def log_probs(self, glyphs: npt.NDArray[np.uint8]) -> LogProbs:
        """Framed glyphs uint8 (T, 28, 28) -> calibrated natural logarithms float32 (T, C)."""


class LineRecogniser(Protocol):
    """What a reader needs to read lines: ``inkread.recognition.LineRecogniser`` is one."""

    @property
    def alphabet(self) -> Alphabet:
        """The characters, in the order of the first columns of ``frames``; then come the space and the blank."""

    @property
    def stride(self) -> int:
        """Pixels of a strip from frame to frame."""

    @property
    def first(self) -> int:
        """The pixel that the first frame is centred at."""

    def frames(self, strips: Sequence[npt.NDArray[np.uint8]]) -> list[LogProbs]:
        """Strips uint8 (40, W) -> for each, calibrated natural logarithms float32 (F, C + 2) of its frames."""
