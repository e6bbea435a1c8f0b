"""A page's lines -> what the eye sees in them, on the page turned where it must be. What they say finds `reader`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from inkread import preprocessing
from inkread.decoding import seen_characters
from inkread.gaps import parted
from inkread.marks import doubted
from inkread.preprocessing import Page, Picture, Sheet, Strip
from inkread.protocols import LineRecogniser, LogProbs
from inkread.turns import quarters_to_turn

MAX_LINES = 300  # of one picture; a photo of gravel has more than anyone waits for


@dataclass(frozen=True)
class Seen:
    """A page turned by so many ``quarters``, and what the eye sees in the strips of its first lines."""

    sheet: Sheet
    page: Page
    strips: list[Strip]
    frames: list[LogProbs]
    quarters: int = 0


class Clock:
    """Milliseconds of each step."""

    def __init__(self, begun: float) -> None:
        self._last = begun
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """What passed since the last step was this one's; a page that is turned takes some steps twice."""
        now = perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + 1000 * (now - self._last), 3)
        self._last = now


def see(network: LineRecogniser, picture: Picture, sheet: Sheet, page: Page, clock: Clock) -> Seen:
    """What is seen in a picture's lines as it lies or, where it can only be read so, turned."""
    seen = _seen(network, sheet, page, clock)
    quarters = quarters_to_turn(seen.sheet.ink, seen.frames, network)
    clock.lap("recognition")
    if not quarters:
        return seen
    sheet = preprocessing.sheet(picture.turned(quarters))
    clock.lap("picture")
    return _seen(network, sheet, preprocessing.lines(sheet.ink), clock, quarters)


def is_lone_glyph(page: Page, network: LineRecogniser) -> bool:
    """Whether a network of single glyphs reads a page best: its ink is one glyph's, and no line of two that touch."""
    if len(page.lines) != 1 or len(preprocessing.glyphs(page.lines[0]).boxes) != 1:
        return False
    (frames,) = network.frames([preprocessing.strip(page.lines[0]).pixels])
    return seen_characters(frames, network.alphabet) < 2


def _seen(network: LineRecogniser, sheet: Sheet, page: Page, clock: Clock, quarters: int = 0) -> Seen:
    """What the eye sees in a page's lines, as many as are read."""
    strips = [preprocessing.strip(line) for line in page.lines[:MAX_LINES]]
    clock.lap("layout")
    frames = _frames(network, strips) if strips else []
    clock.lap("recognition")
    return Seen(sheet, page, strips, frames, quarters)


def _frames(network: LineRecogniser, strips: Sequence[Strip]) -> list[LogProbs]:
    """What the network sees in each strip, as far as the ink bears it out."""
    first, stride = network.first, network.stride
    told = []
    for frames, strip in zip(network.frames([strip.pixels for strip in strips]), strips, strict=True):
        borne_out = doubted(frames, strip, network.alphabet, first, stride)
        told.append(parted(borne_out, strip, first, stride))
    return told
