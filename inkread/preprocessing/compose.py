"""Glyphs and a text -> the picture of a written message, with the true boxes: the inverse of `segment`, for tests and
benchmarks.

Without a hand, glyphs stand side by side on their line as their frames hold them, and do not touch. With one (`pen`)
they are written as people write: each as tall as its character, on a line that wanders, and as near to its neighbour as
``spacing`` says, touching or overlapping where that is 0 or below. Spaces and line breaks come from the text. What the
paper and the camera do to it is left to `paper`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from inkread.errors import BadArray, BadOption
from inkread.preprocessing.pen import Coverage, Hand, Penned, penned
from inkread.results import Box

SIDE = 28  # pixels, height and width of a glyph's frame
EDGE = 128  # of 255; a glyph's box holds the pixels that are at least so dark
LOW = "acemnorsuvwxz"  # small letters without ascender or descender
DEEP = "gjpqy"  # small letters with a descender
LOW_HEIGHT = 0.7  # of a capital's height, what LOW letters take; DEEP letters sink by the rest
APART = 0.05  # of the height; glyphs without a hand never stand nearer
REACH = (-1.5, 3.0)  # of the height: from where to where, below a capital's top, neighbours are kept apart
NEAR = 0.1  # of the height, up and down: ink so near to a row counts as in it when neighbours are kept apart
UNDER = 0.22  # of the height, how far a letter may stand below its neighbour's overhang: "To"
WAVES = (6.0, 20.0)  # of the height, the length of a wave of a wandering line


@dataclass(frozen=True)
class ComposeOptions:
    """How a message is written.

    Attributes:
        height: pixels that a frame of 28 becomes.
        spacing: of the height, between letters; below 0 they overlap, which takes a hand.
        space: of the height, between words, added to the spacing.
        leading: of the height, from one line's top to the next.
        jitter: of the height, standard deviation of how far letters stray up, down and sideways (sideways never so far
            that they touch).
        proportions: draw small letters smaller or lower, as one writes them; frames have lost that.
        paper, ink: grey levels 0..255; light_on_dark swaps them.
        noise: grey levels, standard deviation of the paper's grain.
        margin: of the height, around the text.
        hand: write as people do, ``height`` being that of capitals; None: glyphs as their frames hold them.
    """

    height: int = 56
    spacing: float = 0.15
    space: float = 0.6
    leading: float = 1.5
    jitter: float = 0.02
    proportions: bool = False
    paper: int = 255
    ink: int = 0
    noise: float = 0.0
    light_on_dark: bool = False
    margin: float = 0.5
    hand: Hand | None = None

    def __post_init__(self) -> None:
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadOption(f"{name} must lie between {low:g} and {high:g}; got {value!r}")
        if self.hand is None and self.spacing < APART:
            raise BadOption(f"spacing must lie between {APART:g} and 10 without a hand; got {self.spacing!r}")


_LIMITS: tuple[tuple[str, float, float], ...] = (
    ("height", 8, 1000),
    ("spacing", -0.5, 10),
    ("space", 0, 10),
    ("leading", 1, 10),
    ("jitter", 0, 0.5),
    ("paper", 0, 255),
    ("ink", 0, 255),
    ("noise", 0, 255),
    ("margin", 0, 10),
)


@dataclass(frozen=True)
class Composed:
    """A message as a picture.

    Attributes:
        picture: uint8 (H, W), grey.
        boxes: T true boxes, in the text's order, in pixels of the picture.
        text: what it says, spaces and line breaks included.
    """

    picture: npt.NDArray[np.uint8]
    boxes: tuple[Box, ...]
    text: str


@dataclass(frozen=True)
class Written:
    """A message as ink without paper: ``coverage`` float32 (H, W) in 0..1, its true ``boxes``, and its ``text``."""

    coverage: Coverage
    boxes: tuple[Box, ...]
    text: str


@dataclass
class _Pen:
    """Where the next glyph goes, and what has been written: row and column of each glyph's array, and the array."""

    x: float
    y: float
    placed: list[tuple[int, int, Coverage]] = field(default_factory=list)


DEFAULT = ComposeOptions()


def compose(
    glyphs: npt.NDArray[np.uint8], text: str, rng: np.random.Generator, options: ComposeOptions = DEFAULT
) -> Composed:
    """Write a text with the given glyphs, dark on plain paper or light on dark.

    Args:
        glyphs: uint8 (T, 28, 28), ink 255 on 0, one for each character of the text that is neither space nor line
            break, in order.
        text: the message; spaces part words, newlines part lines.
        rng: where jitter and noise come from.
        options: size, spacing, colours.

    Raises:
        BadArray: the glyphs have another shape or type, or there are not as many as the text needs.
    """
    written = write(glyphs, text, rng, options)
    return Composed(_coloured(written.coverage, rng, options), written.boxes, text)


def write(
    glyphs: npt.NDArray[np.uint8], text: str, rng: np.random.Generator, options: ComposeOptions = DEFAULT
) -> Written:
    """The same as ``compose``, but ink alone: `paper` gives it a sheet and takes its photograph."""
    needed = sum(not character.isspace() for character in text)
    if glyphs.ndim != 3 or glyphs.shape[1:] != (SIDE, SIDE) or glyphs.dtype != np.uint8:
        raise BadArray(
            f"got {glyphs.dtype} of shape {glyphs.shape}; expected glyphs, uint8 of shape (T, {SIDE}, {SIDE})"
        )
    if len(glyphs) != needed:
        raise BadArray(f"got {len(glyphs)} glyphs for a text of {needed} characters; expected one each ({text!r})")
    margin = options.margin * options.height
    pen = _Pen(margin, margin)
    remaining = iter(glyphs)
    for number, line in enumerate(text.split("\n")):
        pen.x, pen.y = margin, margin + number * options.leading * options.height
        if options.hand is None:
            _print_line(pen, line, remaining, rng, options)
        else:
            _write_line(pen, line, remaining, rng, options)
    return Written(*_laid_out(pen, options), text)


def _print_line(
    pen: _Pen, line: str, glyphs: Iterator[npt.NDArray[np.uint8]], rng: np.random.Generator, options: ComposeOptions
) -> None:
    """One line as the frames hold the glyphs."""
    for character in line:
        if character.isspace():
            pen.x += options.space * options.height
        else:
            _write(pen, _drawn(next(glyphs), character, options), rng, options)


def _write_line(
    pen: _Pen, line: str, glyphs: Iterator[npt.NDArray[np.uint8]], rng: np.random.Generator, options: ComposeOptions
) -> None:
    """One line as a hand writes it: each glyph as near to the ink before it as the spacing says."""
    hand, height = options.hand or Hand(), options.height
    wave = hand.drift * height * rng.uniform(0.3, 1), rng.uniform(*WAVES) * height, rng.uniform(0, 2 * np.pi)
    edge = np.full(round((REACH[1] - REACH[0]) * height), -np.inf)  # of each row, how far right the ink reaches
    gap: float | None = None  # pixels to the word before; None: within a word, or at the start
    end = pen.x  # where the last glyph's ink ends
    for character in line:
        if character.isspace():
            gap = (gap or 0.0) + options.space * height * float(np.exp(rng.normal(0, 2 * hand.spacing_jitter)))
            continue
        glyph = penned(next(glyphs), character, height, hand, rng)
        stray = float(np.clip(rng.normal(0, options.jitter), -2 * options.jitter, 2 * options.jitter)) * height
        down = round(glyph.top + stray + wave[0] * np.sin(2 * np.pi * pen.x / wave[1] + wave[2]))
        apart = (options.spacing + float(np.clip(rng.normal(), -2.5, 2.5)) * hand.spacing_jitter) * height
        if gap is not None:
            x = end + apart + gap
        elif np.isinf(edge).all():
            x = pen.x
        else:
            x = max(_beside(edge, glyph, down - round(REACH[0] * height), height) + apart, end - UNDER * height)
        left, right = _sides(glyph)
        column = round(x - left.min())
        pen.placed.append((round(pen.y + down), column, glyph.coverage))
        rows = np.arange(len(left)) + down - round(REACH[0] * height)
        known = (rows >= 0) & (rows < len(edge))
        edge[rows[known]] = np.maximum(edge[rows[known]], column + right[known])
        end, gap = column + right.max(), None
        pen.x = end


def _sides(glyph: Penned) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Of each row (h,), the column where its ink begins and where it ends; inf and -inf where there is none."""
    ink = glyph.coverage * 255 >= EDGE
    some = ink.any(axis=1)
    first = np.where(some, ink.argmax(axis=1), np.inf)
    last = np.where(some, ink.shape[1] - ink[:, ::-1].argmax(axis=1), -np.inf)
    return first, last


def _beside(edge: npt.NDArray[np.float64], glyph: Penned, down: int, height: int) -> float:
    """Where a glyph's ink has to begin to touch the ink whose right edge is given, row by row; ``down``: its first row
    in the edge.
    """
    near = 2 * round(NEAR * height) + 1
    widened = cv2.dilate(edge[:, None].astype(np.float32), np.ones((near, 1), np.uint8))[:, 0]
    left, _ = _sides(glyph)
    rows = np.arange(len(left)) + down
    known = (rows >= 0) & (rows < len(edge)) & np.isfinite(left)
    return float((widened[rows[known]] - (left[known] - left.min())).max(initial=-np.inf))


def _drawn(glyph: npt.NDArray[np.uint8], character: str, options: ComposeOptions) -> Coverage:
    """One frame at the size it is written: coverage 0..1 (height, w), its empty columns cut away."""
    height = options.height
    side, sink = height, 0
    if options.proportions and character in LOW:
        side = round(height * LOW_HEIGHT)
        sink = round((height - side) * (SIDE - 2) / SIDE)  # frames leave two pixels below the letter
    elif options.proportions and character in DEEP:
        sink = round(height * (1 - LOW_HEIGHT))
    scaled = Image.fromarray(glyph).resize((side, side), Image.Resampling.BICUBIC)
    drawn = np.zeros((height + height // 2, side), dtype=np.float32)
    drawn[sink : sink + side] = np.asarray(scaled, dtype=np.float32) / 255
    columns = np.flatnonzero((drawn * 255 >= EDGE).any(axis=0))
    if not columns.size:
        raise BadArray("a glyph has no ink (no pixel of 128 or more); expected ink 255 on paper 0")
    rim = 2  # pixels; the soft edge beyond the box
    return drawn[:, max(0, columns[0] - rim) : columns[-1] + 1 + rim]


def _write(pen: _Pen, drawn: Coverage, rng: np.random.Generator, options: ComposeOptions) -> None:
    """Put one glyph down and move on. Strays sideways by no more than half the spacing, so that letters never touch."""
    stray = options.jitter * options.height
    sideways = float(np.clip(rng.normal(0, stray), -0.5, 0.5)) * options.spacing * options.height if stray else 0.0
    down = float(np.clip(rng.normal(0, stray), -2 * stray, 2 * stray)) if stray else 0.0
    pen.placed.append((round(pen.y + down), round(pen.x + max(sideways, 0)), drawn))
    pen.x += drawn.shape[1] + max(sideways, 0) + options.spacing * options.height


def _laid_out(pen: _Pen, options: ComposeOptions) -> tuple[Coverage, tuple[Box, ...]]:
    """All glyphs on one sheet: coverage 0..1 (H, W), and their boxes."""
    margin = round(options.margin * options.height)
    stray = round(2 * options.jitter * options.height)
    bottom = round(pen.y) + options.height + stray
    deepest = max((y + int(np.flatnonzero(drawn.any(axis=1))[-1]) + 1 for y, _, drawn in pen.placed), default=0)
    right = max((x + drawn.shape[1] for _, x, drawn in pen.placed), default=options.height)
    above = max(
        0, -min((y for y, _, _ in pen.placed), default=0)
    )  # a letter may stray above the sheet: the sheet grows
    sheet = np.zeros((above + max(bottom, deepest) + options.height // 2 + margin, right + margin), dtype=np.float32)
    boxes = []
    for y, x, drawn in pen.placed:
        window = sheet[y + above : y + above + drawn.shape[0], x : x + drawn.shape[1]]
        np.maximum(window, drawn[: window.shape[0]], out=window)
        left, top, width, height = cv2.boundingRect((drawn * 255 >= EDGE).astype(np.uint8))
        boxes.append(Box(x + left, y + above + top, x + left + width, y + above + top + height))
    return sheet, tuple(boxes)


def _coloured(coverage: Coverage, rng: np.random.Generator, options: ComposeOptions) -> npt.NDArray[np.uint8]:
    """Coverage 0..1 -> grey levels, with the paper's grain."""
    paper, ink = (options.ink, options.paper) if options.light_on_dark else (options.paper, options.ink)
    grey = paper + (ink - paper) * coverage
    if options.noise:
        grey = grey + rng.normal(0, options.noise, size=grey.shape).astype(np.float32)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)
