"""A picture of writing -> a Reading: what it says, where, and how sure. Composes the verbs of the rooms below; computes
little itself.

A picture's lines are read by a line network, which needs no cuts between characters. A lone glyph, and whatever a model
of your own shall read, goes to a network of single glyphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
import numpy.typing as npt

from inkread import preprocessing
from inkread.alphabet import CHARACTERS, Alphabet
from inkread.assembly import (
    first_lines,
    glyph_line,
    glyphs_left_out,
    is_hopeless,
    read_line,
    those_written,
)
from inkread.corrections import assured, no_ink, spelling, strip_marks, told_glyphs
from inkread.decoding import (
    DecodedLine,
    DecodingOptions,
    LanguageModel,
    checked_language,
    checked_options,
    decode,
    decode_lines,
    fitting,
    line_lattices,
)
from inkread.dots import counted
from inkread.errors import BadArray, BadOption
from inkread.lone import as_lone, is_lone
from inkread.misfits import constrained_lines, remark_on, those_that_fit
from inkread.preprocessing import GlyphLine, Page, Picture, Sheet, Source
from inkread.protocols import LineRecogniser, LogProbs, Recogniser
from inkread.results import Box, Correction, Decoded, Reading, TextLattice
from inkread.seeing import MAX_LINES, Clock, Seen, is_lone_glyph, see
from inkread.turns import remark_on_turn

GEOMETRY_MAY_ERR = 1e-3  # however wide or narrow a gap is, hands differ: so much is left for language to say
BLANK = "blank: no ink stands out from the paper"
TOO_SMALL = (
    "too small: the marks on the picture have too few pixels to be letters, which need 8 pixels in height or more, "
    "better 20; scan or photograph it larger"
)
NO_WRITING = "nothing to read: the ink on the picture is no writing (dust, ruled lines or lone marks)"
NOTHING_READABLE = "no readable text: the ink on the picture looks like no writing that this model knows"
TOO_UNSURE = "no readable text: what the ink might say is too unsure to be writing that this model knows"


class Reader:
    """Reads pictures. Made by ``inkread.load``; safe to keep and to use again.

    Attributes:
        name: what a Reading calls it.
        recogniser: the network for single glyphs; None where there is none for the alphabet.
        line_recogniser: the network for lines; None: lines are cut into glyphs where their ink parts.
        alphabets: what may stand in a line; of several, the narrowest that fits the whole picture is taken.
        options: how much language counts, and more.
        language: a model of the language; None: the one that ships for the alphabet, if there is one.
    """

    def __init__(  # noqa: PLR0913 (all but two are for tests and for `load`)
        self,
        recogniser: Recogniser | None,
        options: DecodingOptions | None = None,
        language: LanguageModel | None = None,
        *,
        line_recogniser: LineRecogniser | None = None,
        alphabets: Sequence[Alphabet] = (),
        name: str | None = None,
    ) -> None:
        self.language = checked_language(language)
        self.options = checked_options(options)
        if recogniser is None and line_recogniser is None:
            raise BadOption("a reader needs a recogniser, a line_recogniser or both; got neither")
        self.recogniser = recogniser
        self.line_recogniser = line_recogniser
        own = recogniser.alphabet if recogniser is not None else CHARACTERS
        self.alphabets = tuple(alphabets) or (own,)
        self.name = name or (recogniser.name if recogniser is not None else "characters")

    def __repr__(self) -> str:
        return f"Reader({self.name!r}, alphabet {self.alphabet.characters!r})"

    @property
    def alphabet(self) -> Alphabet:
        """The characters that this reader can tell apart."""
        return self.alphabets[0]

    def with_options(self, options: DecodingOptions, language: LanguageModel | None = None) -> Reader:
        """The same networks under other options, with another model of the language if one is given."""
        return Reader(
            self.recogniser,
            options,
            language or self.language,
            line_recogniser=self.line_recogniser,
            alphabets=self.alphabets,
            name=self.name,
        )

    def read(self, source: Source, corrections: Sequence[Correction] = ()) -> Reading:
        """Read a picture: a path, the bytes of a file, a PIL image or an array; of several pages, the first.

        A picture without writing gives a Reading without lines, and says why in its remark. A line that cannot fit the
        constraint of the options is left out: ``misfits`` has its number, the remark says why. Boxes are in pixels of
        the original picture, turned as its EXIF tag says; so are those of a page on its head or side, which is turned
        further to be read, as the remark then tells. Corrections are obeyed, and language re-reads their neighbours
        given them; each is about the reading that those before it lead to.

        Raises:
            BadPicture: what cannot be decoded. BadArray: an array of another shape, type or range. BadOption: a
                correction that meets no ink, or whose text is no character of the alphabet.
        """
        begun = perf_counter()
        return self._read(preprocessing.load(source), begun, corrections)

    def read_pages(self, source: Source) -> Iterator[Reading]:
        """Read each page of a source (TIFF and PDF have several), when it is asked for. Raises as ``read`` does."""
        begun = perf_counter()
        for picture in preprocessing.pages(source):
            yield self._read(picture, begun)
            begun = perf_counter()

    def lattices(self, source: Source) -> tuple[TextLattice, ...]:
        """What each line of a source's first page may say: the search behind ``read``, laid open.

        Raises what ``read`` does, and BadOption for a reader of single glyphs or options with a constraint.
        """
        network = self.line_recogniser
        if network is None:
            raise BadOption(f"the model {self.name!r} reads single glyphs; a lattice is made of lines: use 'auto'")
        clock = Clock(perf_counter())
        picture = preprocessing.load(source)
        sheet = preprocessing.sheet(picture)
        if preprocessing.is_blank(sheet.ink):
            return ()
        seen = see(network, picture, sheet, preprocessing.lines(sheet.ink), clock)
        if not seen.frames:
            return ()
        frames, options = self._as_lone(seen.frames, network.alphabet)
        alphabet = fitting(frames, network.alphabet, self._possible())
        return line_lattices(frames, network.alphabet, options, alphabet=alphabet, language=self.language)

    def recognise(self, glyphs: npt.NDArray[np.uint8]) -> LogProbs:
        """Glyphs that are framed already -> natural logarithms of calibrated probabilities.

        Args:
            glyphs: uint8 (T, 28, 28), ink 255 on 0, framed as ``recogniser.framing`` says.

        Returns:
            float32 (T, C), columns in the order of ``recogniser.alphabet``.

        Raises:
            BadArray: glyphs of another shape or type. BadOption: a reader of lines alone.
        """
        if self.recogniser is None:
            raise BadOption(
                f"the model {self.name!r} reads lines, not single glyphs; load 'letters' or 'digits' for these"
            )
        expected = "expected framed glyphs, uint8 of shape (T, 28, 28), in an array"
        if not isinstance(glyphs, np.ndarray):
            raise BadArray(f"got a {type(glyphs).__name__}; {expected}")
        if glyphs.ndim != 3 or glyphs.shape[1:] != (28, 28) or glyphs.dtype != np.uint8:
            raise BadArray(f"got {glyphs.dtype} of shape {glyphs.shape}; {expected}")
        if not len(glyphs):
            return np.zeros((0, len(self.recogniser.alphabet)), dtype=np.float32)
        return self.recogniser.log_probs(glyphs)

    def _read(self, picture: Picture, begun: float, corrections: Sequence[Correction] = ()) -> Reading:
        """One page; ``begun`` is when its decoding began."""
        clock = Clock(begun)
        sheet = preprocessing.sheet(picture)
        clock.lap("picture")
        if preprocessing.is_blank(sheet.ink):
            for correction in corrections:
                raise no_ink(correction)
            return self._nothing(sheet, TOO_SMALL if preprocessing.is_speckled(sheet.ink) else BLANK, clock)
        page = preprocessing.lines(sheet.ink)
        glyphs = self.recogniser
        if glyphs is not None and preprocessing.is_framed(
            sheet.ink, glyphs.framing
        ):  # of a data set, framed as it must be
            whole = GlyphLine((Box(0, 0, *sheet.ink.shape),), (sheet.ink,), np.zeros(0, np.float32))
            return self._read_glyphs(glyphs, [whole], page, sheet, clock, corrections)
        if self.line_recogniser is not None and not (glyphs is not None and is_lone_glyph(page, self.line_recogniser)):
            seen = see(self.line_recogniser, picture, sheet, page, clock)
            return self._read_lines(self.line_recogniser, seen, clock, corrections)
        assert glyphs is not None  # a reader has one of the two
        written = [line for line in map(preprocessing.glyphs, page.lines) if line.boxes]
        return self._read_glyphs(glyphs, written, page, sheet, clock, corrections)

    def _read_lines(
        self, network: LineRecogniser, seen: Seen, clock: Clock, corrections: Sequence[Correction]
    ) -> Reading:
        """What the eye sees in the lines of a page, and the text that it is."""
        sheet, page, strips, frames = seen.sheet, seen.page, seen.strips, seen.frames
        if not strips:
            for correction in corrections:
                raise no_ink(correction)
            return self._nothing(sheet, NO_WRITING, clock)
        marks = strip_marks(corrections, strips, sheet, network.first, network.stride)
        if not corrections and is_hopeless(frames):
            return self._nothing(sheet, TOO_UNSURE, clock)
        frames, options = self._as_lone(frames, network.alphabet)
        possible = spelling(corrections, self._possible())
        alphabet = fitting(frames, network.alphabet, possible)
        said: Sequence[DecodedLine | None]
        misfits: dict[int, str] = {}
        if self.options.constraint is None:
            decoded = decode_lines(
                frames, network.alphabet, options, alphabet=alphabet, language=self.language, marks=marks
            )
            free = zip(decoded, strips, marks, strict=True)
            said = [counted(line, strip, network.first, network.stride, known) for line, strip, known in free]
        else:
            alphabets = list(dict.fromkeys((alphabet, possible[0])))
            said, misfits = constrained_lines(frames, network.alphabet, alphabets, marks, options)
        every = zip(said, strips, strict=True)
        lines = tuple(read_line(line, strip, network, sheet) for line, strip in every if line and line.words)
        clock.lap("decoding")
        if not lines:
            return self._nothing(sheet, remark_on(misfits) or NOTHING_READABLE, clock, tuple(misfits))
        written = lines if corrections else those_written(lines)
        if not written:
            return self._nothing(sheet, TOO_UNSURE, clock)
        unsure = len(lines) - len(written)
        drawn = f"left out as too unsure to be writing: {unsure} of {len(lines)} lines" if unsure else ""
        left_out = len(page.lines) - len(strips)
        first = f"only the first {MAX_LINES} of {len(page.lines):,} lines were read" if left_out else ""
        small = (
            f"left out as too many to be writing: the smallest {page.left_out:,} pieces of ink" if page.left_out else ""
        )
        remark = "; ".join(filter(None, (remark_on_turn(seen.quarters), first, small, drawn, remark_on(misfits))))
        return Reading(written, sheet.width, sheet.height, self.name, remark, clock.laps, tuple(misfits))

    def _as_lone(self, frames: list[LogProbs], alphabet: Alphabet) -> tuple[list[LogProbs], DecodingOptions]:
        """What is seen and how it is decoded; a character alone on a picture by the eye, unless a user's own knowledge
        of what may stand there says more.
        """
        knowing = self.options.constraint is not None or self.options.words or self.language is not None
        if knowing or not is_lone(frames, alphabet):
            return frames, self.options
        return [as_lone(frames[0], alphabet)], replace(self.options, language_weight=0.0)

    def _possible(self) -> Sequence[Alphabet]:
        """The alphabets that the language and the own words are written in; all where none is."""
        words, language = "".join(self.options.words), self.language
        spelling = [alphabet for alphabet in self.alphabets if all(c.isspace() or c in alphabet for c in words)]
        same = [alphabet for alphabet in spelling if language is None or alphabet.folded() == language.alphabet]
        possible = same or self.alphabets
        if self.options.constraint is None:
            return possible
        return [alphabet for alphabet in possible if not alphabet.fold_case] or possible  # its texts have their cases

    def _read_glyphs(  # noqa: PLR0913, PLR0917 (what was found on the page, and what is known of it)
        self,
        network: Recogniser,
        written: list[GlyphLine],
        page: Page,
        sheet: Sheet,
        clock: Clock,
        corrections: Sequence[Correction],
    ) -> Reading:
        """Glyphs cut where the ink parts, frames, text."""
        kept, texts = told_glyphs(corrections, first_lines(written), network.alphabet, sheet)
        if not kept:
            return self._nothing(sheet, NO_WRITING, clock)
        framing = network.framing
        framed = np.stack([preprocessing.frame(glyph, framing) for line in kept for glyph in line.inks])
        clock.lap("layout")
        log_probs = self.recognise(framed)  # (T, C)
        clock.lap("recognition")
        ends = np.cumsum([len(line.boxes) for line in kept])[:-1]
        parts = np.split(log_probs, ends)
        said, misfits = those_that_fit(
            zip(kept, parts, texts, strict=True), lambda one: self._decoded(*one, network.alphabet)
        )
        every = zip(kept, said, parts, strict=True)
        lines = tuple(
            glyph_line(line, decoded, seen, network.alphabet, sheet) for line, decoded, seen in every if decoded
        )
        clock.lap("decoding")
        total = sum(len(line.boxes) for line in written) + page.left_out
        remark = "; ".join(filter(None, (glyphs_left_out(len(log_probs), total), remark_on(misfits))))
        return Reading(lines, sheet.width, sheet.height, self.name, remark, clock.laps, tuple(misfits))

    def _decoded(self, line: GlyphLine, log_probs: LogProbs, texts: Mapping[int, str], alphabet: Alphabet) -> Decoded:
        """The text of a line of glyphs; some of them may be known."""
        gaps = line.gaps.clip(GEOMETRY_MAY_ERR, 1 - GEOMETRY_MAY_ERR)
        said = assured(log_probs, texts, alphabet)
        return decode(said, alphabet, self.options, gaps=gaps, language=self.language)

    def _nothing(self, sheet: Sheet, remark: str, clock: Clock, misfits: tuple[int, ...] = ()) -> Reading:
        return Reading((), sheet.width, sheet.height, self.name, remark, clock.laps, misfits)
