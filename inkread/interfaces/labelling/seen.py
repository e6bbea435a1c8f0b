"""Glyphs of a folder -> how likely a network finds the character that each should be, and what it sees instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkread.errors import BadPicture, MissingDependency
from inkread.interfaces.labelling.glyph_folder import Glyph, GlyphFolder
from inkread.preprocessing import frame_picture
from inkread.recognition import Recogniser


@dataclass(frozen=True)
class Seen:
    """What a network makes of a glyph; None where no network knows its character, as of signs.

    Attributes:
        character: what it most likely is.
        confidence: how likely that is.
        probability: how likely the character is that it should be.
    """

    character: str | None = None
    confidence: float | None = None
    probability: float | None = None


UNREADABLE = Seen(probability=0.0)  # no picture, or a blank one: looked at first


def look(folder: GlyphFolder, glyphs: Sequence[Glyph], recognisers: Sequence[Recogniser]) -> dict[str, Seen]:
    """What the first recogniser that knows a glyph's character makes of it, by the glyph's name."""
    seen = {glyph.name: Seen() for glyph in glyphs}
    left = list(glyphs)
    for recogniser in recognisers:
        known = [glyph for glyph in left if glyph.character in recogniser.alphabet]
        left = [glyph for glyph in left if glyph.character not in recogniser.alphabet]
        seen |= _looked(folder, known, recogniser)
    return seen


def _looked(folder: GlyphFolder, glyphs: Sequence[Glyph], recogniser: Recogniser) -> dict[str, Seen]:
    framed, names, wanted = [], [], []
    seen: dict[str, Seen] = {}
    for glyph in glyphs:
        try:
            framed.append(frame_picture(folder.path(glyph.name), recogniser.framing))
        except (BadPicture, MissingDependency):
            seen[glyph.name] = UNREADABLE
            continue
        names.append(glyph.name)
        wanted.append(glyph.character)
    if not framed:
        return seen
    chances = np.exp(recogniser.log_probs(np.stack(framed)))
    for name, row, label in zip(names, chances, recogniser.alphabet.encode(wanted), strict=True):
        seen[name] = Seen(recogniser.alphabet[int(row.argmax())], float(row.max()), float(row[label]))
    return seen


def doubtful_first(glyphs: Sequence[Glyph], seen: dict[str, Seen]) -> list[Glyph]:
    """Set aside as doubtful first, then what should be looked at most; what was rejected last."""

    def place(glyph: Glyph) -> tuple[int, float, str]:
        probability = seen[glyph.name].probability
        order = {"doubtful": 0, None: 1, "rejected": 2}[glyph.aside]
        return order, 1.0 if probability is None else probability, glyph.name

    return sorted(glyphs, key=place)
