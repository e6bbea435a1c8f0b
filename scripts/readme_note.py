"""Letters and signs that inkread draws, digits that it ships -> the note of the README, and what is read in it.

python scripts/readme_note.py    # writes docs/assets/note.png and docs/assets/note-read.png
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

import inkread
from inkread.data import load, strokes
from inkread.files import write_whole
from inkread.interfaces.bench.marks import marks
from inkread.interfaces.overlay import overlay
from inkread.preprocessing import ComposeOptions, compose
from inkread.preprocessing.pen import Hand

ASSETS: Final = Path(__file__).resolve().parent.parent / "docs" / "assets"
TEXT: Final = "Meet at 9 PM,\nroom 12B"
SEED: Final = 224  # of a hand one of whose e is an a to the eye, and to language is not
STYLE: Final = ComposeOptions(height=48, spacing=0.12, paper=245, ink=40, hand=Hand())


def glyph(character: str, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """One way to write a character, uint8 (28, 28)."""
    if character.isdigit():
        digits = load("sample-digits").val
        own = digits.images[digits.labels == int(character)]
        return own[int(rng.integers(len(own)))]
    drawn = strokes.letters(1, rng, character).images if character.isalpha() else marks(character, 1, rng)
    return drawn[0]


def note() -> npt.NDArray[np.uint8]:
    """The picture, uint8 (H, W)."""
    rng = np.random.default_rng(SEED)
    glyphs = np.stack([glyph(character, rng) for character in TEXT if not character.isspace()])
    return compose(glyphs, TEXT, rng, STYLE).picture


def main() -> None:
    """Write both pictures."""
    content = io.BytesIO()
    Image.fromarray(note()).save(content, "PNG", optimize=True)
    write_whole(ASSETS / "note.png", content.getvalue())
    overlay(ASSETS / "note.png", inkread.load().read(ASSETS / "note.png"), ASSETS / "note-read.png")


if __name__ == "__main__":
    main()
