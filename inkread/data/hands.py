"""Glyphs of many writers and of open fonts -> hands that draw any character, each with its place on the line.

A hand of a font knows where its characters stand. Glyphs in frames have lost that: they are placed as people write.
Laying them side by side is left to `written_lines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from inkread.data.fonts import ABSENT, FontFile, opened

BOARD_CAPITAL = 40  # pixels, height of an H of a font as it is drawn
INKED = 40  # of 255; fainter pixels are a glyph's soft rim

Drawing = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Drawn:
    """One drawing of a character; lengths in heights of a capital.

    Attributes:
        ink: uint8 (h, w), cropped to its ink, 255 on 0.
        top: how far its upper edge lies above the baseline.
        height: from its upper to its lower edge.
        bearing: from the pen's place to its left edge.
        advance: from the pen's place to that of the next character, before spacing.
    """

    ink: Drawing = field(repr=False)
    top: float
    height: float
    bearing: float
    advance: float


class Hand(Protocol):
    """Who draws characters."""

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        """One drawing, or None where this hand has none."""


@dataclass(frozen=True)
class Proportions:
    """How tall a writer makes the kinds of characters, in heights of a capital."""

    low: float = 0.62  # a c e m
    rise: float = 1.05  # b d h k l
    fall: float = 0.38  # below the baseline: g p q y
    equal: bool = False  # whether all are as tall as capitals: what forms and boxes do


class FontHand:
    """An open font; its drawings are made once and kept."""

    def __init__(self, font: FontFile) -> None:
        self._font = opened(font.path, BOARD_CAPITAL)
        self.family = font.family
        self._omit = set(font.omit)
        _, top, _, bottom = self._font.getbbox("H", anchor="ls")
        self._capital = float(max(bottom - top, 1))
        absent = self._made(ABSENT)
        self._absent = None if absent is None else absent.ink.tobytes()
        self._made_before: dict[str, Drawn | None] = {}

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        """The font's own drawing: always the same."""
        if character not in self._made_before:
            made = None if character in self._omit else self._made(character)
            lacking = made is None or made.ink.tobytes() == self._absent
            self._made_before[character] = None if lacking else made
        return self._made_before[character]

    def _made(self, character: str) -> Drawn | None:
        left, top, right, bottom = (int(edge) for edge in self._font.getbbox(character, anchor="ls"))
        if right <= left or bottom <= top:
            return None
        board = Image.new("L", (right - left + 4, bottom - top + 4), 0)
        ImageDraw.Draw(board).text((2 - left, 2 - top), character, fill=255, font=self._font, anchor="ls")
        ink = np.asarray(board, np.uint8)
        x, y, width, height = cv2.boundingRect((ink > INKED).astype(np.uint8))
        if not width or not height:
            return None
        unit = self._capital
        return Drawn(
            np.ascontiguousarray(ink[y : y + height, x : x + width]),
            top=-(top - 2 + y) / unit,
            height=height / unit,
            bearing=(left - 2 + x) / unit,
            advance=float(self._font.getlength(character)) / unit,
        )


class GlyphHand:
    """Glyphs of real writers by character, any of them at a time; what they lack another hand draws."""

    def __init__(self, pools: Mapping[str, Sequence[Drawing]], proportions: Proportions, other: Hand) -> None:
        self._pools = pools
        self._proportions = proportions
        self._other = other

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        """One of the character's glyphs, standing where people write it."""
        pool = self._pools.get(character)
        if not pool:
            return self._other.draw(character, rng)
        ink = pool[int(rng.integers(len(pool)))]
        top, bottom = placed(character, self._proportions)
        width = ink.shape[1] * (top - bottom) / ink.shape[0]
        if width > 1.6:  # a flat stroke is no capital's height tall
            top, width = bottom + (top - bottom) * 1.6 / width, 1.6
        return Drawn(ink, top, top - bottom, 0.0, width)


def placed(character: str, proportions: Proportions) -> tuple[float, float]:
    """Upper and lower edge of a letter or digit, above the baseline, in heights of a capital."""
    low, rise, fall = proportions.low, proportions.rise, proportions.fall
    if proportions.equal:
        return 1.0, 0.0
    if character in "acemnorsuvwxz":
        return low, 0.0
    if character in "gpqy":
        return low, -fall
    if character in "bdhkl":
        return rise, 0.0
    dotted = 0.95 * rise
    special = {"f": (rise, -fall / 4), "t": (0.5 * (low + rise), 0.0), "i": (dotted, 0.0), "j": (dotted, -fall)}
    return special.get(character, (1.0, 0.0))


def cropped(glyph: Drawing) -> Drawing | None:
    """A glyph's ink without the paper around it; None where there is none."""
    x, y, width, height = cv2.boundingRect((glyph > INKED).astype(np.uint8))
    return np.ascontiguousarray(glyph[y : y + height, x : x + width]) if width and height else None
