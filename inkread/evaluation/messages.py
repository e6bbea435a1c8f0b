"""Messages and what was read in them -> what misread characters do to the text.

Who reads the messages, greedily or with knowledge of language, is left to others: this takes what was read, character
for character. Messages are spelt in ``composition``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt

from inkread.evaluation.alignment import Aligned, align, units_right
from inkread.evaluation.border import BoolArray, FloatArray, IntArray
from inkread.evaluation.composition import (
    Composition,
    compose_messages,
    probabilities_of,
    read_greedily,
    scores_of,
)
from inkread.evaluation.intervals import Interval, wilson
from inkread.evaluation.plain import PLAIN_MESSAGES, number_messages, own_messages
from inkread.evaluation.text import TextScore, score

__all__ = [
    "PLAIN_MESSAGES",
    "Composition",
    "LengthScore",
    "LetterCost",
    "MessageExample",
    "MessagePair",
    "MessagesReport",
    "compose_messages",
    "effect",
    "number_messages",
    "own_messages",
    "read_greedily",
]

LONGEST_WORD = 12  # words of this many letters and more share a row: longer ones are rare
MESSAGE_LENGTHS = (1, 11, 21, 31, 51, 81, 121)  # where each row of message lengths begins, in characters without spaces
WRONG_EXAMPLES, RIGHT_EXAMPLES = 9, 3
READABLE = 60  # characters: examples beyond that tire the reader of a report


@dataclass(frozen=True)
class LetterCost:
    """What one character cost: of ``written`` examples, ``misread`` were misread, and that spoilt ``words`` words.

    In ``alone`` of these words it was the only fault.
    """

    character: str
    written: int
    misread: int
    words: int
    alone: int


@dataclass(frozen=True)
class MessagePair:
    """One character read as another in the messages: how often, and in how many words."""

    written: str
    read: str
    count: int
    words: int


@dataclass(frozen=True)
class LengthScore:
    """Words or messages of ``low`` to ``high`` characters (None: any longer): how many, and how many are right (0..1).

    ``expected`` is the share that would be right if every character erred on its own with the overall rate.
    """

    low: int
    high: int | None
    n: int
    right: int
    observed: float
    interval: Interval
    expected: float


@dataclass(frozen=True)
class MessageExample:
    """One message: what was written and read, its glyphs' indices, and the probability (0..1) of each character read.

    None stands for a character that was read but is outside the alphabet, such as a ? for "cannot tell".
    """

    text: str
    reading: str
    glyphs: tuple[int, ...]
    probabilities: tuple[float | None, ...]


@dataclass(frozen=True)
class MessagesReport:
    """What character errors did to messages; rates are 0..1, intervals 95 %.

    ``score`` counts spaces as characters, as CER does; ``characters`` and ``character_errors`` count glyphs alone. A
    word is wrong when any of its characters is. ``expected_word_accuracy`` is the mean of p^length over all words, p
    being the share of characters that are right: what would be observed if errors fell by chance.
    """

    score: TextScore
    characters: int
    character_errors: int
    character_accuracy: float
    character_interval: Interval
    words: int
    wrong_words: int
    word_accuracy: float
    word_interval: Interval
    expected_word_accuracy: float
    letters: tuple[LetterCost, ...] = field(repr=False)
    pairs: tuple[MessagePair, ...] = field(repr=False)
    word_lengths: tuple[LengthScore, ...] = field(repr=False)
    message_lengths: tuple[LengthScore, ...] = field(repr=False)
    examples: tuple[MessageExample, ...] = field(repr=False)
    dropped: int
    empty: int
    unspelt: int
    without_glyph: str

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, ready for ``json.dumps``."""
        return asdict(self)


def effect(
    composition: Composition, readings: Sequence[str], log_probs: npt.ArrayLike, rng: np.random.Generator
) -> MessagesReport:
    """What the misread characters did to the messages' text.

    ``readings`` holds one text a message with as many characters as it has glyphs; spaces may stand anywhere (they
    count in the error rates of the text). ``log_probs`` is (N, C), a row for each glyph that the messages draw from.
    ``rng`` draws the bootstrap and the examples. Raises BadArray where numbers of messages or characters differ.
    """
    scores = scores_of(composition, log_probs)
    aligned = align(composition, readings)
    errors, characters = int(aligned.wrong.sum()), len(aligned.written)
    right_rate = 1 - errors / characters
    word_lengths, word_right = units_right(aligned.word, aligned.wrong)
    message_lengths, message_right = units_right(aligned.message, aligned.wrong)
    words, right_words = len(word_right), int(word_right.sum())
    return MessagesReport(
        score=score(composition.texts, readings, rng),
        characters=characters,
        character_errors=errors,
        character_accuracy=right_rate,
        character_interval=wilson(characters - errors, characters),
        words=words,
        wrong_words=words - right_words,
        word_accuracy=right_words / words,
        word_interval=wilson(right_words, words),
        expected_word_accuracy=float((right_rate**word_lengths).mean()),
        letters=_letter_costs(aligned),
        pairs=_pairs(aligned),
        word_lengths=_length_scores(word_lengths, word_right, tuple(range(1, LONGEST_WORD + 1)), right_rate),
        message_lengths=_length_scores(message_lengths, message_right, MESSAGE_LENGTHS, right_rate),
        examples=_examples(composition, readings, message_right, scores, rng),
        dropped=composition.dropped,
        empty=composition.empty,
        unspelt=composition.unspelt,
        without_glyph=composition.without_glyph,
    )


def _letter_costs(aligned: Aligned) -> tuple[LetterCost, ...]:
    """The characters that occur, the one that spoilt most words first."""
    word = aligned.word
    faults = np.bincount(word, weights=aligned.wrong)[word]  # (M,) misread characters of the word it stands in
    rows: list[LetterCost] = []
    for character in np.unique(aligned.written).tolist():
        own = aligned.written == character
        misread = own & aligned.wrong
        words = len(np.unique(word[misread]))
        rows.append(
            LetterCost(character, int(own.sum()), int(misread.sum()), words, int((misread & (faults == 1)).sum()))
        )
    return tuple(sorted(rows, key=lambda r: (-r.words, -r.misread, r.character)))


def _pairs(aligned: Aligned) -> tuple[MessagePair, ...]:
    """The confused pairs that occur, the most frequent first."""
    places = zip(
        aligned.written[aligned.wrong].tolist(),
        aligned.read[aligned.wrong].tolist(),
        aligned.word[aligned.wrong],
        strict=True,
    )
    triples = Counter((written, read, int(word)) for written, read, word in places)
    count: Counter[tuple[str, str]] = Counter()
    words: Counter[tuple[str, str]] = Counter()
    for (written, read, _), times in triples.items():
        count[written, read] += times
        words[written, read] += 1
    rows = [MessagePair(written, read, count[written, read], words[written, read]) for written, read in count]
    return tuple(sorted(rows, key=lambda r: (-r.count, -r.words, r.written, r.read)))


def _length_scores(
    lengths: IntArray, right: npt.NDArray[np.bool_], begins: tuple[int, ...], right_rate: float
) -> tuple[LengthScore, ...]:
    """A row for each range of lengths that begins at one of ``begins`` and occurs."""
    rows: list[LengthScore] = []
    for low, high, here in by_length(lengths, begins):
        n, hits = int(here.sum()), int(right[here].sum())
        expected = float((right_rate ** lengths[here]).mean())
        rows.append(LengthScore(low, high, n, hits, hits / n, wilson(hits, n), expected))
    return tuple(rows)


def by_length(lengths: IntArray, begins: tuple[int, ...]) -> Iterator[tuple[int, int | None, BoolArray]]:
    """Each range of lengths that begins at one of ``begins`` and occurs: its ends (None: any longer), and who is in it,
    a mask (N,) of the lengths (N,)."""
    for low, after in zip(begins, (*begins[1:], None), strict=True):
        here = (lengths >= low) & (lengths < (after or np.inf))
        if here.any():
            yield low, after and after - 1, here


def short_first(composition: Composition, rng: np.random.Generator) -> IntArray:
    """The numbers of all messages, drawn by chance, those that tire a reader last."""
    drawn = rng.permutation(len(composition.messages))
    long = np.array([len(composition.messages[i].glyphs) > READABLE for i in drawn])
    return drawn[np.argsort(long, kind="stable")]


def _examples(
    composition: Composition,
    readings: Sequence[str],
    right: npt.NDArray[np.bool_],
    scores: FloatArray,
    rng: np.random.Generator,
) -> tuple[MessageExample, ...]:
    """Some messages drawn by chance, wrong ones first; long ones only where there are too few short ones."""
    drawn = short_first(composition, rng)
    chosen = [*drawn[~right[drawn]][:WRONG_EXAMPLES], *drawn[right[drawn]][:RIGHT_EXAMPLES]]
    return tuple(_example(composition, int(i), readings[int(i)], scores) for i in chosen)


def _example(composition: Composition, number: int, reading: str, scores: FloatArray) -> MessageExample:
    message = composition.messages[number]
    probabilities = probabilities_of(composition.alphabet, scores[message.glyphs], "".join(reading.split()))
    return MessageExample(message.text, reading, tuple(message.glyphs.tolist()), probabilities)
