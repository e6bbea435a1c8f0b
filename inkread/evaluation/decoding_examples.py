"""Messages before and after decoding -> a few of each kind to look at: mended, broken, left wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from inkread.evaluation.border import FloatArray
from inkread.evaluation.composition import Composition, probabilities_of
from inkread.evaluation.messages import short_first

# Broken: some right character was made wrong. Left: some character stays wrong. Spaces: the characters are right, the
# spaces are not. Mended: wrong before, right now. Kept: right all along.
Kind = Literal["mended", "broken", "left", "spaces", "kept"]
SHOWN: dict[Kind, int] = {"mended": 5, "broken": 5, "left": 5, "spaces": 3, "kept": 1}


@dataclass(frozen=True)
class DecodedExample:
    """One message as it was written, as the eye alone read it (its characters), and decoded (with the spaces found).

    ``glyphs``: the indices of its glyphs. ``raw_probabilities`` and ``probabilities`` are the recogniser's (0..1) for
    each character of ``raw`` and of ``decoded``; None for one outside the alphabet, such as a ? for "cannot tell".
    """

    kind: Kind
    text: str
    raw: str
    decoded: str
    glyphs: tuple[int, ...]
    raw_probabilities: tuple[float | None, ...]
    probabilities: tuple[float | None, ...]


def choose_examples(
    composition: Composition, raw: Sequence[str], decoded: Sequence[str], scores: FloatArray, rng: np.random.Generator
) -> tuple[DecodedExample, ...]:
    """Some messages of each kind drawn by chance, long ones only where there are too few short ones."""
    chosen: dict[Kind, list[DecodedExample]] = {kind: [] for kind in get_args(Kind)}
    for i in short_first(composition, rng).tolist():
        kind = _kind(composition.messages[i].text, raw[i], decoded[i])
        if len(chosen[kind]) < SHOWN[kind]:
            chosen[kind].append(_example(kind, composition, i, (raw[i], decoded[i]), scores))
    return tuple(example for examples in chosen.values() for example in examples)


def _kind(text: str, raw: str, decoded: str) -> Kind:
    written, before, after = (_bare(side) for side in (text, raw, decoded))
    faults = [i for i in range(len(written)) if after[i] != written[i]]
    if faults:
        return "broken" if any(before[i] == written[i] for i in faults) else "left"
    if decoded.split() != text.split():
        return "spaces"
    return "mended" if before != written else "kept"


def _example(
    kind: Kind, composition: Composition, number: int, readings: tuple[str, str], scores: FloatArray
) -> DecodedExample:
    message, (raw, decoded) = composition.messages[number], readings
    rows = scores[message.glyphs]  # (T, C)
    raw_sure, sure = (probabilities_of(composition.alphabet, rows, _bare(reading)) for reading in readings)
    text = " ".join(decoded.split())
    return DecodedExample(kind, message.text, _bare(raw), text, tuple(message.glyphs.tolist()), raw_sure, sure)


def _bare(text: str) -> str:
    return "".join(text.split())
