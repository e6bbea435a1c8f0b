"""Corrections in pixels of a picture -> what each line of it is told: marks on its strip, or texts of its glyphs.

Finds the ink that a correction's box is about. What follows from it for the text is left to `decoding`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding import Mark
from inkread.errors import BadOption
from inkread.preprocessing import GlyphLine, Sheet, Strip, space_probabilities
from inkread.results import Box, Correction

LogProbs = npt.NDArray[np.float32]


def spelling(corrections: Iterable[Correction], alphabets: Sequence[Alphabet]) -> list[Alphabet]:
    """The alphabets that can write every correction, in its own case where one can; raises BadOption where none can."""
    texts = [correction.text for correction in corrections if correction.text]
    exactly = [alphabet for alphabet in alphabets if all(text in alphabet.characters for text in texts)]
    folded = [alphabet for alphabet in alphabets if all(text in alphabet for text in texts)]
    fitting = [alphabet for alphabet in exactly if alphabet in folded] or folded
    if not fitting:
        raise BadOption(
            f"a correction says {' or '.join(map(repr, texts))}; expected one character of "
            f"{alphabets[0].characters!r}, or '' for none"
        )
    return fitting


def strip_marks(
    corrections: Iterable[Correction], strips: Sequence[Strip], sheet: Sheet, first: float, stride: float
) -> list[list[Mark]]:
    """For each strip the marks of the corrections whose ink is mostly its own; raises BadOption for one without ink.

    Args:
        corrections: as they were made, the first one first.
        strips: of the lines.
        sheet: that the lines stand on.
        first: the pixel of a strip that its first frame is centred at.
        stride: pixels from frame to frame.
    """
    marks: list[list[Mark]] = [[] for _ in strips]
    for correction in corrections:
        corners = sheet.corners(correction.box)
        met = [strip.inked(corners) for strip in strips]
        if not any(met):
            raise no_ink(correction)
        line = int(np.argmax(met))
        left, right = strips[line].columns(corners)
        marks[line].append(Mark((left - first) / stride, (right - first) / stride, correction.text))
    return marks


def told_glyphs(
    corrections: Sequence[Correction], lines: list[GlyphLine], alphabet: Alphabet, sheet: Sheet
) -> tuple[list[GlyphLine], list[dict[int, str]]]:
    """The lines without glyphs that are said to be none, and for each the texts of those whose text is known.

    Raises BadOption for a correction that meets no glyph, or that the alphabet cannot write.
    """
    spelling(corrections, [alphabet])
    texts: list[dict[int, str]] = [{} for _ in lines]
    for correction in corrections:
        shared = [
            (_shared(correction.box, sheet.original(box)), line, number)
            for line, glyphs in enumerate(lines)
            for number, box in enumerate(glyphs.boxes)
        ]
        most, line, number = max(shared, default=(0, 0, 0))
        if not most:
            raise no_ink(correction)
        texts[line][number] = correction.text
    kept = [_without_none(*line) for line in zip(lines, texts, strict=True)]
    return [line for line, _ in kept if line.boxes], [some for line, some in kept if line.boxes]


def _without_none(line: GlyphLine, texts: dict[int, str]) -> tuple[GlyphLine, dict[int, str]]:
    """A line without the glyphs whose text is none, and the texts of those that stay."""
    kept = [number for number in range(len(line.boxes)) if texts.get(number) != ""]
    if len(kept) == len(line.boxes):
        return line, texts
    boxes = tuple(line.boxes[number] for number in kept)
    inks = tuple(line.inks[number] for number in kept)
    left = {place: texts[number] for place, number in enumerate(kept) if number in texts}
    return GlyphLine(boxes, inks, space_probabilities(boxes)), left


def assured(log_probs: LogProbs, texts: Mapping[int, str], alphabet: Alphabet) -> LogProbs:
    """The log_probs (T, C) of a line's glyphs, surely saying the texts that are known, by row."""
    said = log_probs.copy()
    for number, text in texts.items():
        said[number] = -np.inf
        said[number, alphabet.index(text)] = 0.0
    return said


def no_ink(correction: Correction) -> BadOption:
    """What is said of a correction where nothing is written."""
    return BadOption(
        f"the correction {correction.text!r} in the box {tuple(correction.box)} meets no ink; expected a box around "
        "what is written, in pixels of the original picture"
    )


def _shared(a: Box, b: Box) -> int:
    """Pixels that two boxes share."""
    across, down = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(across, 0) * max(down, 0)
