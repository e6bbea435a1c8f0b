"""The symbols of a note's lines, cases folded -> the same with their cases, which all lines decide together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding.border import BoolArray, FloatArray, IntArray
from inkread.decoding.case import fold_case, restore_case, unfold_case
from inkread.decoding.corrections import Given
from inkread.decoding.language import LanguageModel
from inkread.results import Hypothesis

BESIDE = 2  # frames to each side of a character's own that tell its case, too
TINY = 1e-9  # a probability that is added where a logarithm would be infinite


@dataclass(frozen=True, eq=False)
class Spelt:
    """A text that a line may say in the folded alphabet: its symbols, spaces among them, and their frames."""

    hypothesis: Hypothesis
    symbols: IntArray
    frames: IntArray


@dataclass(frozen=True, eq=False)
class Found:
    """A line's best text in the folded alphabet: its symbols (spaces among them), their frames and probabilities.

    ``cases`` are those that must stay as they were read: 1 for a capital, -1 for a small letter, 0 where that is open.
    ``best`` are the best texts that were found, this one first.
    """

    symbols: IntArray
    frames: IntArray
    probabilities: FloatArray
    words: tuple[float, ...]  # the probability of each word as a whole
    confidence: float
    cases: IntArray
    best: tuple[Spelt, ...] = field(default=(), repr=False)


@dataclass(frozen=True, eq=False)
class Cased:
    """A line's characters, spaces left out: columns (T,) of the alphabet, their frames, how sure each is, its case too.

    ``cases`` (T,) is how sure the case alone is; ``word`` (T,) numbers the words.
    """

    columns: IntArray
    frames: IntArray
    probabilities: FloatArray
    cases: FloatArray
    word: IntArray


def in_case(
    found: Sequence[Found],
    seen: Sequence[FloatArray],
    given: Sequence[Sequence[Given]],
    alphabet: Alphabet,
    language: LanguageModel | None,
) -> list[Cased]:
    """The characters of all lines with their cases, which the lines of a note decide together."""
    folded = alphabet.folded()
    space = len(folded)
    rows = [line.symbols != space for line in found]
    letters = [line.symbols[row] for line, row in zip(found, rows, strict=True)]
    frames = [line.frames[row] for line, row in zip(found, rows, strict=True)]
    words = [np.cumsum(~row)[row] for row in rows]
    columns, cases = letters, [np.ones(len(line)) for line in letters]
    if alphabet != folded and any(len(line) for line in letters):
        odds = [case_odds(*line, alphabet) for line in zip(seen, given, letters, frames, strict=True)]
        held = np.concatenate([line.cases[row] for line, row in zip(found, rows, strict=True)])
        eye = np.concatenate(odds)
        eye[held != 0] = np.copysign(np.inf, held[held != 0])
        ends = np.cumsum([len(line) for line in letters])
        every = np.concatenate(words)
        within = np.flatnonzero(np.diff(every))
        names = None if language is None else language.names
        text = np.concatenate(letters)
        cased = restore_case(text, folded, eye, np.setdiff1d(within, ends - 1), np.unique(ends[:-1] - 1), names=names)
        columns = np.split(unfold_case(text, cased.capital, alphabet), ends[:-1])
        letter = np.array([c.isalpha() for c in folded])[text]
        sure = np.where(letter, np.where(cased.capital, cased.probability, 1 - cased.probability), 1.0)
        cases = np.split(sure, ends[:-1])
    return [
        Cased(column, frame, line.probabilities[row] * case, case, word)
        for column, frame, line, row, case, word in zip(columns, frames, found, rows, cases, words, strict=True)
    ]


def in_its_case(one: Spelt, line: Cased, alphabet: Alphabet) -> Hypothesis:
    """A text that a line may say with the line's own cases: each letter has that of the letter read where it stands.

    Of several that stand for one letter (RN for M), the later ones have the case of the letter behind it.
    """
    letters = one.symbols != len(alphabet.folded())
    is_letter, is_capital = _cases(alphabet)
    cased = np.flatnonzero(is_letter[line.columns])
    capital = np.ones(int(letters.sum()), np.bool_)
    if len(cased):
        nearest = np.abs(one.frames[letters][:, None] - line.frames[cased]).argmin(axis=1)
        nearest[1:] += nearest[1:] == nearest[:-1]
        capital = is_capital[line.columns[cased]][nearest.clip(max=len(cased) - 1)]
    spelt = np.full(len(letters), " ")
    columns = unfold_case(one.symbols[letters], capital, alphabet)
    spelt[letters] = [alphabet[column] for column in columns.tolist()]
    return replace(one.hypothesis, text=" ".join("".join(spelt).split()))


@lru_cache(maxsize=16)
def _cases(alphabet: Alphabet) -> tuple[BoolArray, BoolArray]:
    """Which columns (C,) of an alphabet are letters, and which capitals."""
    return np.array([c.isalpha() for c in alphabet], np.bool_), np.array([c.isupper() for c in alphabet], np.bool_)


def case_odds(
    frames: FloatArray, given: Sequence[Given], letters: IntArray, places: IntArray, alphabet: Alphabet
) -> FloatArray:
    """The eye's log P(capital) - log P(small letter) of each character, over its frame and those beside it.

    Infinite where the character, and so its case, is given.
    """
    spots = np.clip(places[:, None] + np.arange(-BESIDE, BESIDE + 1), 0, max(len(frames) - 1, 0))  # (T, 5)
    near = np.log(np.exp(frames[spots, :-2]).sum(axis=1) + TINY)  # (T, C)
    _, _, odds = fold_case(near, alphabet)
    seen: FloatArray = odds[np.arange(len(letters)), letters]
    for one in given:
        if one.text.isalpha():
            seen[places == one.frame] = np.inf if one.text.isupper() else -np.inf
    return seen
