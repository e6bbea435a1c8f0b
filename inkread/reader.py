"""A picture of writing -> a Reading: what it says, where, and how sure. Composes the verbs of the rooms below; computes
little itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from inkread import preprocessing
from inkread.alphabet import Alphabet
from inkread.decoding import UNSURE, DecodingOptions, decode, stored_options
from inkread.errors import BadArray, BadCheckpoint
from inkread.preprocessing import Framing, GlyphLine, Picture, Source
from inkread.results import Alternative, Box, Character, Decoded, Line, Reading, Word

if TYPE_CHECKING:
    from inkread.decoding import LanguageModel

SHIPPED = ("digits", "letters")  # weights inside the package
MODEL_FILE = "model.onnx"  # what `inkread export` writes beside a checkpoint
ALTERNATIVES = 3  # readings of one glyph that are told
MAX_GLYPHS = 3_000  # a densely written page; a photo of gravel has more candidates than anyone waits for
GEOMETRY_MAY_ERR = 1e-3  # however wide or narrow a gap is, hands differ: so much is left for language to say

LogProbs = npt.NDArray[np.float32]


class Recogniser(Protocol):
    """What a reader needs of a recogniser: ``inkread.recognition.Recogniser`` is one; a test may bring its own."""

    @property
    def alphabet(self) -> Alphabet:
        """The characters, in the order of the columns of ``log_probs``."""

    @property
    def framing(self) -> Framing:
        """How its glyphs are to be framed."""

    @property
    def name(self) -> str:
        """What a Reading calls it."""

    def log_probs(self, glyphs: npt.NDArray[np.uint8]) -> LogProbs:
        """Framed glyphs uint8 (T, 28, 28) -> calibrated natural logarithms float32 (T, C)."""


class Reader:
    """Reads pictures with one recogniser. Made by ``inkread.load``; safe to keep and to use again.

    ``options`` say how much language counts, ``language`` which one; without, the one that ships for the alphabet.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        options: DecodingOptions | None = None,
        language: LanguageModel | None = None,
    ) -> None:
        self.recogniser = recogniser
        self.options = options or DecodingOptions()
        self.language = language

    def __repr__(self) -> str:
        return f"Reader({self.recogniser.name!r}, alphabet {self.recogniser.alphabet.characters!r})"

    @property
    def alphabet(self) -> Alphabet:
        """The characters that this reader can tell apart."""
        return self.recogniser.alphabet

    def read(self, source: Source) -> Reading:
        """Read a picture: a path, the bytes of a file, a PIL image or an array.

        A picture without writing gives a Reading without lines, and says why in its remark. Boxes are in pixels of the
        original picture, turned the right way up.

        Raises:
            BadPicture: what cannot be decoded. BadArray: an array of another shape, type or range. BadOption: a line
                that cannot fit the constraint of the options.
        """
        picture = preprocessing.load(source)
        ink = preprocessing.ink(picture.pixels)
        if preprocessing.is_blank(ink):
            return self._nothing(picture, "blank: no ink stands out from the paper")
        page = preprocessing.lines(ink)
        written = [glyphs for line in page.lines if len((glyphs := preprocessing.glyphs(line)).boxes)]
        if preprocessing.is_framed(ink, self.recogniser.framing):  # a glyph of a data set, framed as it must be
            written = [GlyphLine((Box(0, 0, *ink.shape),), (ink,), np.zeros(0, np.float32))]
        if not written:
            return self._nothing(
                picture, "nothing to read: the ink on the picture is no writing (dust, ruled lines or lone marks)"
            )
        kept = _first_lines(written)
        frames = [preprocessing.frame(glyph, self.recogniser.framing) for line in kept for glyph in line.inks]
        log_probs = self.recognise(np.stack(frames))  # (T, C)
        ends = np.cumsum([len(line.boxes) for line in kept])[:-1]
        parts = np.split(log_probs, ends)
        lines = tuple(self._line(line, part, picture) for line, part in zip(kept, parts, strict=True))
        total = sum(len(line.boxes) for line in written) + page.left_out
        return Reading(lines, picture.width, picture.height, self.recogniser.name, _remark(len(log_probs), total))

    def recognise(self, glyphs: npt.NDArray[np.uint8]) -> LogProbs:
        """Glyphs that are framed already -> natural logarithms of calibrated probabilities.

        Args:
            glyphs: uint8 (T, 28, 28), ink 255 on 0, framed as ``recogniser.framing`` says.

        Returns:
            float32 (T, C), columns in the order of ``alphabet``.
        """
        if glyphs.ndim != 3 or glyphs.shape[1:] != (28, 28) or glyphs.dtype != np.uint8:
            raise BadArray(
                f"got {glyphs.dtype} of shape {glyphs.shape}; expected framed glyphs, uint8 of shape (T, 28, 28)"
            )
        if not len(glyphs):
            return np.zeros((0, len(self.alphabet)), dtype=np.float32)
        return self.recogniser.log_probs(glyphs)

    def _line(self, line: GlyphLine, log_probs: LogProbs, picture: Picture) -> Line:
        gaps = line.gaps.clip(GEOMETRY_MAY_ERR, 1 - GEOMETRY_MAY_ERR)
        decoded = decode(log_probs, self.alphabet, self.options, gaps=gaps, language=self.language)
        boxes = [_original(box, picture) for box in line.boxes]
        return Line(
            text=decoded.text,
            raw_text=decoded.raw_text,
            words=_words(decoded.text, _characters(decoded, log_probs, boxes, self.alphabet), self.alphabet),
            box=_around(boxes),
            confidence=decoded.confidence,
        )

    def _nothing(self, picture: Picture, remark: str) -> Reading:
        return Reading((), picture.width, picture.height, self.recogniser.name, remark)


def load(
    name_or_path: str | os.PathLike[str] = "letters",
    options: DecodingOptions | None = None,
    language: LanguageModel | None = None,
) -> Reader:
    """A reader with the weights that ship (``"digits"``, ``"letters"``), or with your own.

    Args:
        name_or_path: a shipped name, an .onnx file that inkread wrote, a run's folder, or a checkpoint with model.onnx
            beside it.
        options: how much language may say; those that were chosen for the weights when left out.
        language: a model of the language; the one that ships for the alphabet, if there is one, when left out.

    Raises:
        BadCheckpoint: no such weights, or weights that are not exported yet.
    """
    from inkread import recognition  # ONNX Runtime: 0.1 s that those who never read need not wait

    shipped = str(name_or_path) in SHIPPED
    recogniser = (
        recognition.shipped(str(name_or_path)) if shipped else recognition.Recogniser(_model_file(Path(name_or_path)))
    )
    return Reader(recogniser, options or stored_options(recogniser.details), language)


def _model_file(path: Path) -> Path:
    """The .onnx file that a path means."""
    if path.suffix == ".onnx" and path.is_file():
        return path
    if not path.exists():
        raise BadCheckpoint(
            f"{path} does not exist; expected {' or '.join(map(repr, SHIPPED))}, an .onnx file or a run's folder"
        )
    folder = path if path.is_dir() else path.parent
    exported = folder / MODEL_FILE
    if exported.is_file() and (path.is_dir() or path.suffix == ".safetensors"):
        return exported
    if path.suffix == ".safetensors" or (path.is_dir() and any(path.glob("*.safetensors"))):
        raise BadCheckpoint(
            f"{path} has no {MODEL_FILE} beside its weights; make it with: inkread export {folder} {exported}"
        )
    raise BadCheckpoint(f"{path} holds no weights; expected an .onnx file, or a run's folder with {MODEL_FILE} in it")


def _first_lines(lines: list[GlyphLine]) -> list[GlyphLine]:
    """The lines from the top that hold at most MAX_GLYPHS glyphs together; the last one may be cut short."""
    kept: list[GlyphLine] = []
    room = MAX_GLYPHS
    for line in lines:
        if room <= 0:
            break
        kept.append(GlyphLine(line.boxes[:room], line.inks[:room], line.gaps[: room - 1]))
        room -= len(line.boxes)
    return kept


def _remark(read: int, total: int) -> str:
    if read >= total:
        return ""
    return f"only {read:,} of {total:,} pieces of ink were read; is this a picture of writing?"


def _characters(decoded: Decoded, log_probs: LogProbs, boxes: list[Box], alphabet: Alphabet) -> tuple[Character, ...]:
    """What each glyph says in the decoded text, and what the eye alone holds possible."""
    rows = zip(decoded.characters, decoded.posteriors, log_probs, boxes, strict=True)
    return tuple(
        Character(text, min(1.0, float(after[alphabet.index(text)])), box, _eye(row, alphabet))
        for text, after, row, box in rows
    )


def _words(text: str, characters: tuple[Character, ...], alphabet: Alphabet) -> tuple[Word, ...]:
    """The characters of a line as the words of its text. Separators that a constraint has put in belong to no box."""
    words, begin = [], 0
    for word in text.split():
        end = begin + sum(c in alphabet or c == UNSURE for c in word)
        own, begin = characters[begin:end], end
        if own:
            sure = float(np.prod([character.confidence for character in own]))
            words.append(Word(word, sure, _around([character.box for character in own]), own))
    return tuple(words)


def _around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds them all."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))


def _eye(log_probs: LogProbs, alphabet: Alphabet) -> tuple[Alternative, ...]:
    """The likeliest characters of one glyph by its shape alone."""
    best = np.argsort(-log_probs, kind="stable")[:ALTERNATIVES]
    return tuple(Alternative(alphabet[index], min(1.0, float(np.exp(log_probs[index])))) for index in best)


def _original(box: Box, picture: Picture) -> Box:
    """A box in the picture as it was worked on -> the box in the original."""
    across, down = picture.scale
    right, bottom = int(np.ceil(box.right * across)), int(np.ceil(box.bottom * down))
    return Box(int(box.left * across), int(box.top * down), min(right, picture.width), min(bottom, picture.height))
