"""What reading gives back: frozen records of plain values. Nothing here computes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels of the original picture, half-open: left <= x < right, top <= y < bottom."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


class Alternative(NamedTuple):
    """One thing that a glyph may be, and the recogniser's calibrated probability of it."""

    text: str
    probability: float


@dataclass(frozen=True)
class Character:
    """One character that was read: what it says, how sure that is (0..1), where it stands, what else it may be."""

    text: str
    confidence: float
    box: Box
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Line:
    """One line of text, left to right. ``text`` has its spaces; ``raw_text`` is the characters alone."""

    text: str
    raw_text: str
    characters: tuple[Character, ...]
    box: Box

    @property
    def confidence(self) -> float:
        """The probability (0..1) that every character is right, if their errors are independent."""
        product = 1.0
        for character in self.characters:
            product *= character.confidence
        return product


@dataclass(frozen=True)
class Reading:
    """Everything that was read in one picture, lines from top to bottom.

    A picture without readable text gives no lines, an empty ``text`` and the reason in ``remark``.
    """

    lines: tuple[Line, ...]
    width: int
    height: int
    model: str
    remark: str = ""

    @property
    def text(self) -> str:
        """The message, lines joined by newlines."""
        return "\n".join(line.text for line in self.lines)

    @property
    def raw_text(self) -> str:
        """What the eye alone saw: the likeliest character of each glyph, without spaces, lines joined by newlines."""
        return "\n".join(line.raw_text for line in self.lines)

    @property
    def characters(self) -> tuple[Character, ...]:
        """All characters in reading order."""
        return tuple(character for line in self.lines for character in line.characters)

    @property
    def confidence(self) -> float:
        """The probability (0..1) that every character is right; 0 where nothing was read."""
        product = 1.0 if self.lines else 0.0
        for line in self.lines:
            product *= line.confidence
        return product

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, ready for ``json.dumps``."""
        return {"text": self.text, "raw_text": self.raw_text, "confidence": self.confidence, **asdict(self)}

    def __repr__(self) -> str:
        head = f"Reading by {self.model!r} of {self.width}x{self.height} pixels: "
        if not self.lines:
            return head + (self.remark or "nothing")
        rows = [
            f"  {line.text!r} ({len(line.characters)} characters, {line.confidence:.0%} sure)" for line in self.lines
        ]
        return "\n".join([head + f"{len(self.lines)} line" + "s" * (len(self.lines) > 1), *rows])
