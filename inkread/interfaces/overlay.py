"""A picture and its Reading -> the picture with what was read drawn over it, so that one sees where it went wrong."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from inkread.decoding import UNSURE as UNSURE_SIGN
from inkread.errors import BadOption
from inkread.files import write_whole
from inkread.preprocessing.picture import DECODING_ERRORS, pages
from inkread.results import Box, Character, Reading, Word

SURE, UNSURE = (0, 140, 60), (210, 40, 30)  # RGB of a character read with confidence 1 and 0
UNSURE_BELOW = 0.5  # confidence (0..1); what is less likely right than wrong is marked, unless other is asked for
SMALLEST_LETTER = 12  # pixels; smaller ones cannot be read
DASH = 3  # times as long as the line is thin; then as much is left out
THICKNESS = 60  # pixels of a box's height that make its line a pixel thicker, or it would not show on a photo
MODES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
PLAIN = ("1", "L", "P", "RGB", "CMYK", "YCbCr")  # Pillow's modes that turn into RGB as they are looked at


def overlay(source: Path | bytes, reading: Reading, target: Path, unsure_below: float = UNSURE_BELOW) -> None:
    """Draw ``reading`` over the picture and write it to ``target`` (.png, .jpg or .webp).

    Characters and words of less confidence than ``unsure_below`` are dashed and labelled. Raises BadOption for another
    kind of target, OSError where the disk refuses.
    """
    kind = check_name(target)
    for picture in canvases(source, 1):
        draw(picture, reading, target, kind, unsure_below)


def overlay_pages(
    source: Path | bytes, readings: Sequence[Reading], targets: Sequence[Path], unsure_below: float = UNSURE_BELOW
) -> None:
    """The same for every page of a source, each to a file of its own."""
    for picture, reading, target in zip(canvases(source, len(readings)), readings, targets, strict=True):
        draw(picture, reading, target, check_name(target), unsure_below)


def draw(picture: Image.Image, reading: Reading, target: Path, kind: str, unsure_below: float) -> None:
    """Draw over a picture in colours, and write it as ``kind``, Pillow's name for it."""
    pen = ImageDraw.Draw(picture)
    for word in reading.words:
        if word.confidence < unsure_below:
            mark_word(pen, word, picture.height)
    for character in reading.characters:
        draw_character(pen, character, unsure_below)
    content = io.BytesIO()
    try:
        picture.save(content, kind)
    except ValueError as error:  # WebP's answer to a side of more than 16,383 pixels
        size = f"{picture.width} x {picture.height}"
        raise BadOption(f"{target} cannot hold {size} pixels ({error}); name a .png") from error
    write_whole(target, content.getvalue())


def check_name(target: Path) -> str:
    """Pillow's name for the kind of picture that a file's suffix asks for. Raises BadOption for others."""
    kind = MODES.get(target.suffix.lower())
    if kind is None:
        raise BadOption(f"--overlay is {target}; expected a name that ends in {', '.join(MODES)}, or a folder")
    return kind


def canvases(source: Path | bytes, count: int) -> Iterator[Image.Image]:
    """The pages of a source to draw on, the right way up: in its colours where it is one plain picture, else in the
    reader's greys, which show deep greys and transparency, too.
    """
    coloured = plain_picture(source) if count == 1 else None
    if coloured is not None:
        yield coloured
        return
    for seen in islice(pages(source), count):
        grey = Image.fromarray(seen.pixels)
        yield grey.resize((seen.width, seen.height)).convert("RGB")


def plain_picture(source: Path | bytes) -> Image.Image | None:
    """A picture in its own colours; None for a PDF, or where plain colours would not show what there is to read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata; the reader has taken the picture
        try:
            original = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)
        except UnidentifiedImageError:
            return None
        with original:
            if original.mode in PLAIN and "transparency" not in original.info:
                return upright(original).convert("RGB")
    return None


def upright(picture: Image.Image) -> Image.Image:
    """Turned as the camera says; unreadable EXIF says nothing."""
    try:
        return ImageOps.exif_transpose(picture)
    except DECODING_ERRORS:
        return picture


def draw_character(pen: ImageDraw.ImageDraw, character: Character, unsure_below: float) -> None:
    """One box, and above it what was read there; green where it is sure, red, dashed and with a ? where it is not."""
    colour = colour_of(character.confidence)
    left, top, right, bottom = character.box
    thick = 1 + character.box.height // THICKNESS
    unsure = character.confidence < unsure_below
    if unsure:
        for side in sides(character.box, thick):
            dashed(pen, side, colour)
    else:
        pen.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=thick)
    size = letter_size(character.box)
    label = character.text + UNSURE_SIGN * unsure
    pen.text((left, max(0, top - size - 1)), label, fill=colour, font=ImageFont.load_default(size))


def mark_word(pen: ImageDraw.ImageDraw, word: Word, height: int) -> None:
    """A dashed line below an unsure word, and below that how sure it is; ``height`` is the picture's."""
    colour = colour_of(word.confidence)
    left, _, right, bottom = word.box
    thick = 1 + word.box.height // THICKNESS
    dashed(pen, Box(left, bottom + 1, right, bottom + 1 + thick), colour)
    size = letter_size(word.box)
    below = min(bottom + 2 + thick, height - size - 1)
    pen.text((left, below), f"{word.confidence:.0%}", fill=colour, font=ImageFont.load_default(size))


def colour_of(confidence: float) -> tuple[int, int, int]:
    """From red (0) to green (1)."""
    share = min(1.0, max(0.0, confidence))
    red, green, blue = (round(share * sure + (1 - share) * unsure) for sure, unsure in zip(SURE, UNSURE, strict=True))
    return red, green, blue


def letter_size(box: Box) -> int:
    """How large, in pixels, what is written beside a box is to be."""
    return max(SMALLEST_LETTER, box.height // 3)


def sides(box: Box, thick: int) -> tuple[Box, Box, Box, Box]:
    """Top, bottom, left and right side of a box as boxes inside it, ``thick`` pixels thin."""
    left, top, right, bottom = box
    return (
        Box(left, top, right, top + thick), Box(left, bottom - thick, right, bottom),
        Box(left, top, left + thick, bottom), Box(right - thick, top, right, bottom),
    )  # fmt: skip


def dashed(pen: ImageDraw.ImageDraw, bar: Box, colour: tuple[int, int, int]) -> None:
    """A bar along its longer side, in dashes that are three times as long as it is thin."""
    left, top, right, bottom = bar
    dash = DASH * min(bar.width, bar.height)
    across = bar.width >= bar.height
    for start in range(left, right, 2 * dash) if across else range(top, bottom, 2 * dash):
        if across:
            part = (start, top, min(start + dash, right) - 1, bottom - 1)
        else:
            part = (left, start, right - 1, min(start + dash, bottom) - 1)
        if part[2] >= part[0] and part[3] >= part[1]:
            pen.rectangle(part, fill=colour)
