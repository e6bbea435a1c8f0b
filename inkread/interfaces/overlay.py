"""A picture and its Reading -> the picture with what was read drawn over it, so that one sees where it went wrong."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from inkread.errors import BadOption
from inkread.files import write_whole
from inkread.results import Character, Reading

SURE, UNSURE = (0, 140, 60), (210, 40, 30)  # RGB of a character read with confidence 1 and 0
SMALLEST_LETTER = 12  # pixels; smaller ones cannot be read
MODES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


def overlay(path: Path, reading: Reading, target: Path) -> None:
    """Draw ``reading`` over the picture at ``path`` and write it to ``target`` (.png, .jpg or .webp)."""
    kind = MODES.get(target.suffix.lower())
    if kind is None:
        raise BadOption(f"--overlay is {target}; expected a name that ends in {', '.join(MODES)}")
    with Image.open(path) as original:
        picture = ImageOps.exif_transpose(original).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for character in reading.characters:
        draw_character(pen, character)
    content = io.BytesIO()
    picture.save(content, kind)
    write_whole(target, content.getvalue())


def draw_character(pen: ImageDraw.ImageDraw, character: Character) -> None:
    """One box, and above it what was read there; green where it is sure, red where it is not."""
    share = character.confidence
    colour = tuple(round(share * sure + (1 - share) * unsure) for sure, unsure in zip(SURE, UNSURE, strict=True))
    left, top, right, bottom = character.box
    pen.rectangle((left, top, right - 1, bottom - 1), outline=colour)
    size = max(SMALLEST_LETTER, character.box.height // 3)
    pen.text((left, max(0, top - size - 1)), character.text, fill=colour, font=ImageFont.load_default(size))
