"""What reading gives back: frozen records of plain values. Nothing here computes but boxes around boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from numbers import Real
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inkread.errors import BadOption


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


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds them all; there must be one.

    >>> around([Box(10, 20, 30, 40), Box(35, 18, 50, 38)])
    Box(left=10, top=18, right=50, bottom=40)
    """
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))


class Alternative(NamedTuple):
    """One thing that a glyph or a line may say, and how probable that is (0..1)."""

    text: str
    probability: float


@dataclass(frozen=True)
class Character:
    """One character that was read: what it says, how sure that is (0..1), where it stands, what else it may be.

    ``text`` and ``confidence`` are what eye and language agree on; ``alternatives`` what the eye alone holds possible.
    """

    text: str
    confidence: float
    box: Box
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Correction:
    """What somebody who looked knows: in this box stands ``text``, one character; "" says that none stands there.

    Raises BadOption for a box that is not four numbers, and for what is no text.
    """

    box: Box
    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise BadOption(f"a correction says {self.text!r}; expected one character, or '' for none")
        sides = tuple(self.box) if isinstance(self.box, Iterable) else ()
        if len(sides) != len(Box._fields) or not all(isinstance(side, Real) for side in sides):
            raise BadOption(f"a correction's box is {self.box!r}; expected left, top, right and bottom in pixels")
        object.__setattr__(self, "box", Box(*sides))


@dataclass(frozen=True)
class Word:
    """One word, left to right: ``confidence`` (0..1) is the probability that all of it is right."""

    text: str
    confidence: float
    box: Box
    characters: tuple[Character, ...]


@dataclass(frozen=True)
class Line:
    """One line of text, left to right: ``text`` as it was meant, ``raw_text`` what the eye alone saw; a
    network of single glyphs sees no spaces.

    ``confidence`` (0..1) is the probability that every character and space of the text is right; ``alternatives`` are
    the next best texts, the likeliest first, each with the probability that it is the right one.
    """

    text: str
    raw_text: str
    words: tuple[Word, ...]
    box: Box
    confidence: float
    alternatives: tuple[Alternative, ...] = ()

    @property
    def characters(self) -> tuple[Character, ...]:
        """All characters of the line, left to right; spaces are none."""
        return tuple(character for word in self.words for character in word.characters)


@dataclass(frozen=True)
class Reading:
    """Everything that was read in one picture, lines from top to bottom.

    A picture without readable text gives no lines, an empty ``text`` and the reason in ``remark``. It also tells that a
    page was turned to be read; boxes, ``width`` and ``height`` are those of the picture as it lies. ``milliseconds``
    tells what each step took: "picture", "layout", "recognition" and "decoding". ``misfits`` are the numbers, from 1 at
    the top, of the lines of writing that are left out since they cannot fit the constraint; the remark says why.
    """

    lines: tuple[Line, ...]
    width: int
    height: int
    model: str
    remark: str = ""
    milliseconds: Mapping[str, float] = field(default_factory=dict, compare=False)
    misfits: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The message, lines joined by newlines."""
        return "\n".join(line.text for line in self.lines)

    @property
    def raw_text(self) -> str:
        """What the eye alone saw, lines joined by newlines; spaces as `Line.raw_text` has them."""
        return "\n".join(line.raw_text for line in self.lines)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in reading order."""
        return tuple(word for line in self.lines for word in line.words)

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


@dataclass(frozen=True)
class Hypothesis:
    """One text that may have been meant, and why: natural logarithms of probabilities, by who speaks.

    ``recogniser``: of its characters, by their shape. ``language``: of the whole text, not weighted; 0 without a
    language model. ``gaps``: of its spaces, by geometry, or where that is unknown by how common spaces are; 0 without a
    language model. ``score`` is what ranks it: recogniser + gaps + language_weight * language and, for a line under
    language, length_bonus for each of its characters and spaces.
    """

    text: str
    recogniser: float
    language: float
    gaps: float
    score: float


@dataclass(frozen=True)
class Decoded:
    """What log_probs (T, C) say when language has spoken, too.

    ``text`` is the best hypothesis, with a ? for each character less sure than was asked for; ``raw_text`` the
    likeliest character of each row, without spaces. ``characters`` (T,) are those of the best hypothesis, row by row.
    ``posteriors`` (T, C) holds the probability of each character after decoding, ``space_posteriors`` (T-1,) that of a
    space after each row. ``confidence`` (0..1) is the probability that every character and space of the best hypothesis
    is right; ``changed`` the rows where it differs from ``raw_text``.
    """

    text: str
    raw_text: str
    hypotheses: tuple[Hypothesis, ...]
    characters: tuple[str, ...] = field(repr=False)
    posteriors: npt.NDArray[np.float32] = field(repr=False, compare=False)
    space_posteriors: npt.NDArray[np.float32] = field(repr=False, compare=False)
    confidence: float
    changed: tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """One of the texts that a stretch of ink may say, '' for nothing: how probable (0..1) by its shape alone and with
    language, and whether it is part of the best text.
    """

    text: str
    eye: float
    probability: float
    chosen: bool


@dataclass(frozen=True)
class Step:
    """From one choice to a choice of the next stretch, by their places: how probable (0..1) it is that both are meant,
    and what language gives the second after the first; None where no language was asked.
    """

    before: int
    after: int
    probability: float
    language: float | None


@dataclass(frozen=True)
class TextLattice:
    """What a line may say, stretch by stretch: the choices of each, the likeliest first, and the steps that lead to it.

    ``steps[n]`` lead to ``columns[n]`` from the column before; those of the first column from the start, place 0.
    """

    columns: tuple[tuple[Choice, ...], ...]
    steps: tuple[tuple[Step, ...], ...] = field(repr=False)

    @property
    def text(self) -> str:
        """The best text, in the letters that language knows."""
        return "".join(choice.text for column in self.columns for choice in column if choice.chosen)

    @property
    def seen(self) -> str:
        """The likeliest text by shape alone."""
        return "".join(max(column, key=lambda choice: choice.eye).text for column in self.columns)
