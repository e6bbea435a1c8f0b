"""Strips of lines, uint8 (40, W) -> calibrated log_probs of their frames, float32 (F, C + 2): an ONNX file.

The graph scales the pixels, divides by the temperature and normalises. It is written by `scripts/train_lines.py`. What
frames spell is left to `decoding`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from importlib.resources import files
from typing import cast

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.errors import BadArray, BadCheckpoint, BadOption
from inkread.preprocessing.strip import HEIGHT
from inkread.recognition.recogniser import opened

CORES = min(4, os.cpu_count() or 1)  # for one strip; those of a page share them
WIDTHS = 16  # pixels; a strip is widened with paper to a multiple of it

Strip = npt.NDArray[np.uint8]
LogProbs = npt.NDArray[np.float32]


class LineRecogniser:
    """A network that reads lines. ``source`` is the path or the bytes of its ONNX file.

    Attributes: ``name``; ``alphabet`` (the first columns of the frames; then come the space and the blank); ``stride``
    and ``first`` (pixels from frame to frame, and the pixel that the first is centred at); ``details``.
    Raises BadCheckpoint for a file that is missing, damaged or not inkread's.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes) -> None:
        self._session, self.details, self.size, label = opened(source, CORES)
        try:
            self.name = str(self.details["name"])
            self.alphabet = Alphabet(**cast("dict[str, object]", self.details["alphabet"]))  # type: ignore[arg-type]
            self.stride, self.first = int(cast(int, self.details["stride"])), int(cast(int, self.details["first"]))
        except (KeyError, TypeError, ValueError, BadOption) as error:
            raise BadCheckpoint(f"{label} lacks a part of a line network's metadata ({error})") from error
        columns = self._session.get_outputs()[0].shape[-1]
        if columns != len(self.alphabet) + 2:
            raise BadCheckpoint(f"{label} gives {columns} columns; expected {len(self.alphabet)}, a space and a blank")

    def frames(self, strips: Sequence[Strip]) -> list[LogProbs]:
        """Natural-log probabilities (F, C + 2) of each strip's frames, left to right; several strips use all cores.

        ``strips``: uint8 (40, W), ink 255 on paper 0, from ``preprocessing.strip``. Raises BadArray for others.
        """
        for pixels in strips:
            if pixels.ndim != 2 or pixels.shape[0] != HEIGHT or not pixels.shape[1] or pixels.dtype != np.uint8:
                raise BadArray(f"a strip is {pixels.dtype} {pixels.shape}; expected uint8 ({HEIGHT}, W), ink 255 on 0")
        if len(strips) < 2:
            return [self._run(pixels) for pixels in strips]
        return list(self._cores.map(self._run, strips))

    def _run(self, pixels: Strip) -> LogProbs:
        frames = cast("LogProbs", self._session.run(None, {"strips": widened(pixels)})[0])  # (1, F, C + 2)
        return np.ascontiguousarray(frames[0, : -(-pixels.shape[1] // self.stride)])

    @cached_property
    def _cores(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="inkread")

    def __repr__(self) -> str:
        return f"LineRecogniser({self.name!r}, {len(self.alphabet)} characters)"


def widened(pixels: Strip) -> Strip:
    """A strip (40, W) as the graph takes it: uint8 (1, 40, W'), paper at its right up to a multiple of WIDTHS."""
    return np.pad(pixels, ((0, 0), (0, -pixels.shape[1] % WIDTHS)))[None]


@cache  # all readers in a process share it: four models of a server read lines with one network
def shipped_lines() -> LineRecogniser:
    """The line network whose weights are part of the package."""
    return LineRecogniser((files("inkread") / "weights" / "lines.onnx").read_bytes())
