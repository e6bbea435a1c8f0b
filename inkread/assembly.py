"""What was decoded and the ink that it comes from -> the lines of a Reading; and whether they are writing at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inkread import preprocessing
from inkread.alphabet import Alphabet
from inkread.decoding import DecodedLine, DecodingOptions, worded
from inkread.preprocessing import GlyphLine, Sheet, Strip
from inkread.protocols import LineRecogniser, LogProbs
from inkread.results import Alternative, Box, Character, Decoded, Line, Word, around

ALTERNATIVES = 3  # readings of one glyph that are told
MAX_GLYPHS = 3_000  # of one picture: a densely written page
# Mean confidence of a page's characters, and of a lone line's, which may be a hasty one. Of 858 held-out pictures of
# notes one has less, of 217 of drawings in which four characters are seen nine in ten.
READABLE, READABLE_LINE = 0.75, 0.65
HOPELESS = 0.5  # mean probability of what the eye sees first; no held-out picture of a note has less than 0.6
MANY = 500  # frames with something in them; less is decoded quickly
CERTAIN = DecodingOptions().certain  # probability from which the eye is not overruled
SURELY, LONG = 0.9, 6  # the same of a line among what is none, and its characters; a drawing has no such line
GRAIN, GRAIN_LETTERS = 3, 0.2  # lines, and the share of letters and digits that they have where they are writing
ENOUGH = 4  # characters; fewer are told however unsure they are


def is_hopeless(frames: Sequence[LogProbs]) -> bool:
    """Whether so much is seen so unsurely that decoding it would take long and come to nothing: noise, gravel."""
    every = np.concatenate(frames)
    best = every.argmax(axis=1)
    seen = best < every.shape[1] - 1
    return int(seen.sum()) > MANY and float(every.max(axis=1)[seen].mean()) < np.log(HOPELESS)


def is_readable(lines: Sequence[Line]) -> bool:
    """Whether a picture's characters are sure enough, by their geometric mean, to be writing and no drawing."""
    if sum(len(line.characters) for line in lines) < ENOUGH:
        return True
    return _sureness(lines) >= (READABLE if len(lines) > 1 else READABLE_LINE)


def surely_written(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines that are writing whatever the rest of the picture is: those of many letters or digits, read surely.

    Marks alone, such as dashes, are in the grain of wood, too.
    """
    telling = (line for line in lines if sum(character.text.isalnum() for character in line.characters) >= LONG)
    return tuple(line for line in telling if _sureness([line]) >= SURELY)


def those_written(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines that are told: all of a picture that is writing, none of a drawing.

    Where most lines are surely writing, one that no lone line may be as unsure as is rather a scrawl below them.
    Several lines of hardly a letter or digit are the grain of wood or a grating, however surely they are dashes.
    """
    telling = [character.text.isalnum() for line in lines for character in line.characters]
    if len(lines) >= GRAIN and sum(telling) < GRAIN_LETTERS * len(telling):
        return ()
    surely = surely_written(lines)
    if 2 * len(surely) > len(lines):
        return tuple(line for line in lines if _sureness([line]) >= READABLE_LINE)
    return tuple(lines) if is_readable(lines) else surely


def _sureness(lines: Sequence[Line]) -> float:
    """The geometric mean of how sure it is that each character of some lines stands there."""
    sure = [_evidence(character) for line in lines for character in line.characters]
    return float(np.exp(np.mean(np.log(np.maximum(sure, 1e-6)))))


def _evidence(character: Character) -> float:
    """How sure it is that a character stands there; where the eye is certain, language may doubt only which one."""
    seen = max((alternative.probability for alternative in character.alternatives), default=0.0)
    return max(character.confidence, seen if seen >= CERTAIN else 0.0)


def read_line(line: DecodedLine, strip: Strip, network: LineRecogniser, sheet: Sheet) -> Line:
    """A decoded line with the places of its characters in the original picture."""
    characters = [character for word in line.words for character in word.characters]
    middles = np.array([network.first + network.stride * character.frame for character in characters], np.float64)
    boxes = iter([sheet.original(box) for box in preprocessing.cells(strip, middles)])
    words = []
    for word in line.words:
        own = tuple(Character(c.text, c.probability, next(boxes), c.alternatives) for c in word.characters)
        words.append(Word(word.text, word.probability, around([character.box for character in own]), own))
    box = around([word.box for word in words])
    return Line(line.text, line.raw_text, tuple(words), box, line.confidence, _others(line))


def glyph_line(line: GlyphLine, decoded: Decoded, log_probs: LogProbs, alphabet: Alphabet, sheet: Sheet) -> Line:
    """A line of single glyphs with their places in the original picture; ``log_probs`` (T, C) are the eye's alone."""
    boxes = [sheet.original(box) for box in line.boxes]
    return Line(
        text=decoded.text,
        raw_text=alphabet.decode(log_probs.argmax(axis=1)),
        words=_words(decoded, _characters(decoded, log_probs, boxes, alphabet), alphabet),
        box=around(boxes),
        confidence=decoded.confidence,
        alternatives=_others(decoded),
    )


def _others(line: DecodedLine | Decoded) -> tuple[Alternative, ...]:
    """What else a line may say: each hypothesis but the best, as probable beside that as their scores tell."""
    best, *others = line.hypotheses
    return tuple(Alternative(h.text, line.confidence * float(np.exp(h.score - best.score))) for h in others)


def first_lines(lines: list[GlyphLine]) -> list[GlyphLine]:
    """The lines from the top that hold at most MAX_GLYPHS glyphs together; the last one may be cut short."""
    kept: list[GlyphLine] = []
    room = MAX_GLYPHS
    for line in lines:
        if room <= 0:
            break
        kept.append(GlyphLine(line.boxes[:room], line.inks[:room], line.gaps[: room - 1]))
        room -= len(line.boxes)
    return kept


def glyphs_left_out(read: int, total: int) -> str:
    """A remark on how much of what looks like glyphs was read; none where it was all."""
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


def _words(decoded: Decoded, characters: tuple[Character, ...], alphabet: Alphabet) -> tuple[Word, ...]:
    """The characters of a line as the words of its text. Separators that a constraint has put in belong to no box."""
    words = []
    for word, rows in worded(decoded, alphabet):
        own = characters[rows]
        sure = float(np.prod([character.confidence for character in own]))
        words.append(Word(word, sure, around([character.box for character in own]), own))
    return tuple(words)


def _eye(log_probs: LogProbs, alphabet: Alphabet) -> tuple[Alternative, ...]:
    """The likeliest characters of one glyph by its shape alone."""
    best = np.argsort(-log_probs, kind="stable")[:ALTERNATIVES]
    return tuple(Alternative(alphabet[index], min(1.0, float(np.exp(log_probs[index])))) for index in best)
