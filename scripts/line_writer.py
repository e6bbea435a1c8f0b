"""Glyphs, fonts and texts -> endless lines to learn from, as strips with the frames of their characters.

What `line_data.py`, `fetch_fonts.py --list line_fonts.json` and the texts of the data folder hold is written by
`inkread.data.written_lines` and laid into strips by `inkread.preprocessing`, as pictures are when they are read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import line_texts
import numpy as np
import numpy.typing as npt

from inkread.alphabet import CHARACTERS
from inkread.data.fonts import FontFile
from inkread.data.hands import Drawing, FontHand, GlyphHand, Hand
from inkread.data.scribbles import scribble
from inkread.data.written_lines import any_style, write_line
from inkread.decoding.lines import DOT
from inkread.models.line_network import FIRST, STRIDE
from inkread.preprocessing.strip import HEIGHT, MARGIN, Strips, drawn, extent, moved
from inkread.recognition.line_recogniser import WIDTHS

CLASSES: Final = CHARACTERS.characters + " "
BLANK: Final = len(CLASSES)
INDEX: Final = {character: column for column, character in enumerate(CLASSES)}

COLLECTIONS: Final[Mapping[str, tuple[str, ...] | None]] = {  # a line's glyphs come from one of these; None: from all
    "all": None,
    "forms": (
        "nist_sd19_upper", "nist_sd19_lower_vowels", "emnist_lowercase", "emnist_uppercase", "emnist_byclass_sample",
        "mnist",
    ),
    "pens": ("scanned_62", "omniglot_latin", "mnist", "nist_sd19_upper", "nist_sd19_lower_vowels"),
}  # fmt: skip
FONTS: Final = 0.5  # share of lines that a font writes
NOTHING: Final = 0.06  # share of lines that hold no writing
WIDEST: Final = 1100  # pixels; wider strips would make a batch slow and teach nothing new
SIZE_VARIES: Final = 0.08  # standard deviation of the logarithm of a line's size in its strip
PLACE_VARIES: Final = 0.04  # of a line's height, standard deviation of its place in the strip
SLACK: Final = 9  # pixels of paper left and right of the ink, at most
NEAR_DOTS: Final = 2.5  # frames from a full stop to the next, of which a blank must be one

Part = Literal["train", "val"]
Frames = npt.NDArray[np.int64]


class Line(NamedTuple):
    """A strip uint8 (40, W), what stands there, and the frame of each character (T,)."""

    strip: Strips
    text: str
    frames: Frames


class Writer:
    """Everything that writes: the glyphs and fonts of one part, and the texts. The same seed, the same lines."""

    def __init__(self, glyphs: Path, fonts: Path, part: Part, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._passages = line_texts.passages()
        self._families = _families(fonts, part)
        self._pools = _pools(glyphs, part)

    def line(self, fonts: float = FONTS, text: str | None = None, nothing: float = NOTHING) -> Line:
        """The next line: of a font with a certain probability, of any text if none is given, of none now and then."""
        while True:
            if self._rng.random() < nothing:
                line = self._laid(scribble(self._rng), "", np.zeros(0))
            else:
                line = self._written(fonts, text)
            if line is not None and line.strip.shape[1] <= WIDEST:
                return line

    def _written(self, fonts: float, text: str | None) -> Line | None:
        words = text or line_texts.any_text(self._passages, self._rng)
        style = any_style(self._rng)
        if self._rng.random() < fonts:
            hand, capitals = self._font()
            words = words.upper() if capitals else words
        else:
            other: Hand = self._font(small=True)[0]
            pool = self._pools[str(self._rng.choice(list(COLLECTIONS)))]
            hand = GlyphHand(pool, style.proportions, other)
        line = write_line(words, hand, style, self._rng)
        return None if line is None else self._laid(line.ink, words, line.middles)

    def _font(self, small: bool = False) -> tuple[Hand, bool]:
        """Any family as often as another, and whether it has capitals alone; with ``small`` it has both."""
        while True:
            family = self._families[int(self._rng.integers(len(self._families)))]
            hand, capitals = family[int(self._rng.integers(len(family)))]
            if not (capitals and small):
                return hand, capitals

    def _laid(self, ink: npt.NDArray[np.float32], text: str, middles: npt.NDArray[np.float64]) -> Line | None:
        """The line's strip, its measure a little off as it is on pages."""
        inked = np.flatnonzero((ink > 0.3).any(axis=0))
        if not inked.size:
            return None
        begin = max(0, int(inked[0]) - int(self._rng.integers(SLACK)))
        end = min(ink.shape[1], int(inked[-1]) + 1 + int(self._rng.integers(SLACK)))
        kept = np.ascontiguousarray(ink[:, begin:end])
        size = float(np.exp(self._rng.normal(0, SIZE_VARIES)))
        strip = drawn(kept, moved(extent(kept), float(self._rng.normal(0, PLACE_VARIES)), size))
        frames = ((middles - begin) / strip.to_ink[0, 0] + MARGIN - FIRST) / STRIDE
        if frames.size and not 0 <= frames.min() <= frames.max() < strip.pixels.shape[1] / STRIDE:
            return None  # a character of which no ink was left
        kept = told_apart(text, frames)
        return Line(strip.pixels, "".join(text[place] for place in kept), apart(frames[kept]))


def told_apart(text: str, frames: npt.NDArray[np.float64]) -> list[int]:
    """The places of a text that frames can tell: the first alone of dots too near to each other (`inkread.dots`)."""
    return [
        place
        for place, character in enumerate(text)
        if not (character == DOT and text[place - 1 : place] == DOT and frames[place] - frames[place - 1] < NEAR_DOTS)
    ]


def apart(frames: npt.NDArray[np.float64]) -> Frames:
    """The whole frame of each character, no two in one."""
    whole = np.rint(frames).astype(np.int64)
    for place in range(1, len(whole)):
        whole[place] = max(whole[place], whole[place - 1] + 1)
    return whole


def _families(fonts: Path, part: Part) -> list[list[tuple[FontHand, bool]]]:
    """The fonts of each family, and whether they draw small letters as capitals."""
    listed = json.loads((fonts / "fonts.json").read_text(encoding="utf-8"))["families"]
    families = []
    for entry in listed:
        files = sorted(fonts.glob(f"{entry['family']}-[0-9]*.woff2")) if entry["split"] == part else []
        hands = [FontHand(FontFile(path, entry["family"], entry.get("omit", ""))) for path in files]
        if hands:
            families.append([(hand, bool(entry.get("capitals"))) for hand in hands])
    return families


def _pools(glyphs: Path, part: Part) -> dict[str, dict[str, list[Drawing]]]:
    """The glyphs of each character, for each group of collections."""
    with np.load(glyphs) as archive:
        file = {name: archive[name] for name in archive.files}
    ends = np.cumsum(file["shapes"].prod(axis=1))[:-1]
    inks = [ink.reshape(shape) for ink, shape in zip(np.split(file["ink"], ends), file["shapes"], strict=True)]
    pools: dict[str, dict[str, list[Drawing]]] = {}
    for name, sources in COLLECTIONS.items():
        chosen = file["split"] == part
        if sources is not None:
            chosen &= np.isin(file["source"], sources)
        pool: dict[str, list[Drawing]] = {}
        for place in np.flatnonzero(chosen):
            pool.setdefault(str(file["labels"][place]), []).append(inks[place])
        pools[name] = pool
    return pools


class Batch(NamedTuple):
    """N lines of about the same width.

    ``strips`` uint8 (N, 1, 40, W); ``frames`` (N, F), the class of each frame; ``lengths`` (N,) frames that are the
    line's; ``targets``, the classes of all texts one after another, and ``target_lengths`` (N,).
    """

    strips: Strips
    frames: Frames
    lengths: Frames
    targets: Frames
    target_lengths: Frames


def batch(lines: Sequence[Line]) -> Batch:
    """Lines side by side, paper where they are shorter."""
    width = -(-max(line.strip.shape[1] for line in lines) // WIDTHS) * WIDTHS
    strips = np.zeros((len(lines), 1, HEIGHT, width), np.uint8)
    frames = np.full((len(lines), width // STRIDE), BLANK, np.int64)
    for row, line in enumerate(lines):
        strips[row, 0, :, : line.strip.shape[1]] = line.strip
        inside = line.frames < frames.shape[1]
        frames[row, line.frames[inside]] = np.array([INDEX[c] for c in line.text], np.int64)[inside]
    return Batch(
        strips,
        frames,
        np.array([-(-line.strip.shape[1] // STRIDE) for line in lines]),
        np.array([INDEX[c] for line in lines for c in line.text], np.int64),
        np.array([len(line.text) for line in lines]),
    )


def batches(writer: Writer, size: int, together: int = 6) -> Iterator[Batch]:
    """Endless batches: of so many batches' lines those of like width stand together."""
    while True:
        lines = sorted((writer.line() for _ in range(together * size)), key=lambda line: line.strip.shape[1])
        for begin in range(0, len(lines), size):
            yield batch(lines[begin : begin + size])


def validation(glyphs: Path, fonts: Path, each: int = 150, longest: int = 36) -> dict[str, list[Line]]:
    """Validation messages, written by fonts and hands that training never shows: always the same lines."""
    writer = Writer(glyphs, fonts, "val", seed=999)
    texts = [text for text in line_texts.validation_messages(longest) if len(text) > 4][:each]
    ways: dict[str, tuple[float, Callable[[str], str]]] = {
        "fonts": (1.0, str), "hands": (0.0, str), "capitals": (0.0, str.upper),
    }  # fmt: skip
    return {
        name: [writer.line(share, change(text), nothing=0.0) for text in texts]
        for name, (share, change) in ways.items()
    }
