"""What somebody knows of a line's characters -> the frames of the line with that said. Knows frames, not pixels.

A mark says that one character, or none, stands between two places. It is found among what was read there. The frames
that it takes the place of then say this one thing, and are parted from their neighbours, so that language re-reads
these given that thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.islands import SURE
from inkread.errors import BadOption

INNER = 0.7  # of a mark's width; what was read further out is a neighbour's
SLACK = 1.5  # frames; how far beside its ink a character may have been read: of 625 none was beside it


@dataclass(frozen=True)
class Mark:
    """From ``left`` to ``right``, in frames (2.5: between frames 2 and 3), stands ``text``: one character; "": none."""

    left: float
    right: float
    text: str


@dataclass(frozen=True)
class Given:
    """A mark that was found: of the frames from ``begin`` to before ``end``, ``frame`` says ``text``, the rest nothing.

    With the text "" none says anything.
    """

    begin: int
    end: int
    frame: int
    text: str


def located(mark: Mark, places: IntArray, letters: npt.NDArray[np.bool_], blank: FloatArray) -> Given:
    """The frames that a mark is about: those of the characters that were read within it, or beside it if none was.

    Where nothing was read, the mark's own frames.

    Args:
        mark: what is known.
        places: (T,) the frames of what was read, spaces included, left to right.
        letters: (T,) which of these are no spaces.
        blank: (F,) the probability of the blank in each frame of the line.
    """
    middle, half = (mark.left + mark.right) / 2, (mark.right - mark.left) / 2
    far = np.where(letters, np.abs(places - middle), np.inf)
    own = np.flatnonzero(far <= INNER * half)
    if not own.size and far.min(initial=np.inf) <= half + SLACK:
        own = np.array([far.argmin()])
    frame = int(np.clip(round(middle), 0, len(blank) - 1))
    first, last = (int(places[own[0]]), int(places[own[-1]])) if own.size else (frame, frame)
    before = int(places[places < first].max(initial=-1))
    after = int(places[places > last].min(initial=len(blank)))
    begin = _cut(blank, before, first, int(np.ceil(mark.left)))
    end = _cut(blank, last, after, int(np.floor(mark.right)) + 1)
    return Given(begin, end, min(max(frame, first), last), mark.text)


def _cut(blank: FloatArray, before: int, after: int, edge: int) -> int:
    """The frame from which on a line belongs to what was read at ``after``, and no more to what was read at ``before``.

    It is the ``edge`` of the ink, as far as the frames next to both, up to the first sure blank, stay their own.
    """
    between = blank[before + 1 : after]
    return min(max(edge, before + 1 + _reach(between)), after - _reach(between[::-1]))


def _reach(blank: FloatArray) -> int:
    """How many of the frames away from a character are still its own: those before the first sure blank.

    Where none is sure, those before the likeliest.
    """
    sure = np.flatnonzero(blank >= SURE)
    return int(sure[0]) if sure.size else int(blank.argmax()) if blank.size else 0


def corrected(frames: FloatArray, given: Sequence[Given], alphabet: Alphabet) -> FloatArray:
    """Frames (F, C + 2) that say what is given where it is given; of what overlaps, the later is right.

    Raises BadOption for a text that is no character of the alphabet.
    """
    if not given:
        return frames
    said = frames.copy()
    for one in given:
        said[one.begin : one.end] = _surely(-1, said.shape[1])
        if one.text:
            if one.text not in alphabet:
                raise BadOption(f"the correction {one.text!r} is no character of the alphabet {alphabet.characters!r}")
            said[one.frame] = _surely(alphabet.index(one.text), said.shape[1])
    return said


def _surely(column: int, columns: int) -> FloatArray:
    """A frame that says one thing with probability 1."""
    row = np.full(columns, -np.inf)
    row[column] = 0.0
    return row


def bounds(given: Sequence[Given]) -> frozenset[int]:
    """The frames at which a line is parted: where what is given begins and ends."""
    return frozenset(edge for one in given for edge in (one.begin, one.end))
