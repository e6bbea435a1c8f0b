"""Text without case, and how much each glyph looks like a capital -> which letters are capitals. Sees no pictures.

The search for a text takes both cases of a letter for one: `fold_case` adds up what the eye gives to each. Case is
decided afterwards, for the whole text at once: `restore_case` knows how people use capitals, where sentences and words
begin, within words and in notes all of capitals, and it finds out by itself which of these ways a text is written in.
So a round letter that could be o or O becomes an O among capitals. What it knows are a few probabilities; which words
are names is told by whoever asks. Source: hidden Markov models, Rabiner 1989, section III.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.border import BoolArray, FloatArray, IntArray
from inkread.errors import BadArray
from inkread.spelling import APOSTROPHES

SENTENCE_ENDS = ".!?"
HALF_DAYS = ("AM", "PM")


class Position(IntEnum):
    """Where a letter stands, as far as that says something about its case."""

    SENTENCE = 0  # first of a text, or after a full stop and a space
    LINE = 1  # first of a line that no full stop precedes
    WORD = 2  # first of another word that is no name
    AFTER_ALONE = 3  # first of a word that a word of one letter precedes, whose case says little
    PRONOUN = 4  # I, also of I'LL
    ALONE = 5  # another word of one letter
    CODE = 6  # first of letters in one word with digits: 9PM, 5TH, B12; and 9 PM
    CODE_LATER = 7  # second and so on of these
    SECOND = 8  # of a word
    LATER = 9  # third and so on
    NAME = 10  # capital of a name such as Sam, USA or McKay, where no sentence begins


ANYWHERE = (Position.LINE, Position.WORD, Position.AFTER_ALONE)  # first letters of words, where no sentence begins

# P(capital) after a small letter and after a capital, as people usually write: the mean of two counts, one of messages,
# one of speeches and MASC, without lines of capitals alone or small letters alone (`python scripts/learn_case.py`).
AS_USUAL: dict[Position, tuple[float, float]] = {
    Position.SENTENCE: (0.964, 0.822),
    Position.WORD: (0.028, 0.611),
    Position.AFTER_ALONE: (0.017, 0.047),
    Position.PRONOUN: (0.824, 0.873),
    Position.ALONE: (0.069, 0.670),
    Position.CODE: (0.181, 0.620),
    Position.CODE_LATER: (0.087, 0.695),
    Position.SECOND: (0.0001, 0.094),
    Position.LATER: (0.0002, 0.958),
    Position.NAME: (0.707, 0.979),
}
LEAST = 0.002  # pens mix cases within words more often than keyboards do; an assumption
NEW_LINES = 0.3  # share of lines that begin something new although no full stop says so; an assumption: no text tells
SLIP = 0.01  # letters of the other case in a text of capitals alone or small letters alone; an assumption
TITLE_WORD = 0.85  # words of a title that have a capital; an assumption


def _table() -> FloatArray:
    """P(capital), float64 (styles, positions, 2): after a small letter, after a capital."""
    usual = np.zeros((len(Position), 2))
    for position, chances in AS_USUAL.items():
        usual[position] = np.maximum(chances, LEAST)
    usual[Position.LINE] = NEW_LINES * usual[Position.SENTENCE] + (1 - NEW_LINES) * usual[Position.WORD]
    title = usual.copy()
    title[[Position.LINE, Position.WORD, Position.AFTER_ALONE]] = TITLE_WORD
    return np.stack([usual, np.full_like(usual, 1 - SLIP), np.full_like(usual, SLIP), title])


STYLES = ("as usual", "capitals", "small letters", "title")
STYLE_SHARES = (0.6, 0.25, 0.1, 0.05)  # of notes by hand; an assumption. Of messages by telephone: 0.96, 0.02, 0.02, 0
CAPITAL = _table()
OTHER_CASE = 0.1  # of letters that a constraint wants in one case and the pen wrote in the other; an assumption


@dataclass(frozen=True, eq=False)
class Cased:
    """Which letters of a text are capitals: the likeliest way to write it, bool (T,), and P(capital) of each, (T,).

    What has no case is False, with probability 0.
    """

    capital: BoolArray = field(repr=False)
    probability: FloatArray = field(repr=False)


def fold_case(log_probs: FloatArray, alphabet: Alphabet) -> tuple[FloatArray, Alphabet, FloatArray]:
    """(T, C) log-probabilities -> those of the alphabet with both cases as one, that alphabet, and the eye's odds.

    The folded alphabet is ``alphabet.folded()``. The odds (T, F) are log P(capital) - log P(small letter): 0 for what
    has no case, and infinite where the alphabet has but one case. Each row is folded for itself: rows of all candidates
    of a lattice may be given at once.

    >>> folded, alphabet, odds = fold_case(np.log([[0.6, 0.2, 0.2]]), Alphabet("aA1"))
    >>> alphabet.characters, np.exp(folded).round(1).tolist(), np.exp(odds).round(2).tolist()
    ('A1', [[0.8, 0.2]], [[0.33, 1.0]])
    """
    small, capital = _columns(alphabet)
    spare = np.full((len(log_probs), 1), -np.inf)
    padded = np.hstack([log_probs, spare])  # (T, C+1): column -1 stands for a case that the alphabet lacks
    lower, upper = padded[:, small], padded[:, capital]  # (T, F)
    cased = small != capital
    with np.errstate(invalid="ignore"):
        odds = np.where(cased & ~(np.isneginf(lower) & np.isneginf(upper)), upper - lower, 0.0)
    return np.where(cased, np.logaddexp(lower, upper), lower), alphabet.folded(), odds


def either_case(log_probs: FloatArray, alphabet: Alphabet) -> FloatArray:
    """(T, C) log-probabilities -> the same where a letter may have been written in its other case, (T, C).

    What a constraint says of case is a matter of form: a hand that prints small letters means the capitals of a list.
    """
    small, capital = _columns(alphabet)
    both = (small != capital) & (small >= 0) & (capital >= 0)
    other = np.arange(len(alphabet))
    other[small[both]], other[capital[both]] = capital[both], small[both]
    told: FloatArray = np.logaddexp(np.log(1 - OTHER_CASE) + log_probs, np.log(OTHER_CASE) + log_probs[:, other])
    return told


def unfold_case(characters: IntArray, capital: BoolArray, alphabet: Alphabet) -> IntArray:
    """Columns (T,) of ``alphabet.folded()``, and which are capitals (T,) -> columns (T,) of the alphabet.

    Where the alphabet has but one case of a letter, that one is taken.
    """
    small, upper = (forms[characters] for forms in _columns(alphabet))
    return np.where(np.where(capital, upper, small) < 0, np.maximum(upper, small), np.where(capital, upper, small))


def unfold_posteriors(
    posteriors: FloatArray, odds: FloatArray, characters: IntArray, probability: FloatArray, alphabet: Alphabet
) -> FloatArray:
    """Probabilities (T, F) of folded characters -> (T, C) of the alphabet's own.

    The character that was chosen in each row (T,) is shared between its cases as ``probability`` (T,) says, which is
    `restore_case`'s; the others as the eye's ``odds`` (T, F) say, which are `fold_case`'s.
    """
    small, capital = _columns(alphabet)
    share = np.exp(-np.logaddexp(0, -odds))  # (T, F)
    rows = np.arange(len(characters))
    doubtful = np.isfinite(odds[rows, characters])
    share[rows[doubtful], characters[doubtful]] = probability[doubtful]
    share = np.where(small == capital, 1.0, share)
    unfolded = np.zeros((len(posteriors), len(alphabet) + 1))  # the last column takes what no column is for: nothing
    unfolded[:, capital] += posteriors * share
    unfolded[:, small] += posteriors * (1 - share)
    return unfolded[:, :-1]


@lru_cache(maxsize=16)
def _columns(alphabet: Alphabet) -> tuple[IntArray, IntArray]:
    """The columns (F,) of the small letter and of the capital of each folded character; -1: the alphabet has none."""
    folded = alphabet.folded()
    if alphabet.fold_case:
        return np.arange(len(alphabet)), np.arange(len(alphabet))
    index = {character: column for column, character in enumerate(alphabet)}
    forms = [[index.get(form, -1) for form in (name.lower(), name)] for name in folded]
    small, capital = np.array(forms, np.int64).T
    return small, capital


def restore_case(  # noqa: PLR0913, PLR0917 (a text, column by column, and what is known of its language)
    characters: IntArray,
    alphabet: Alphabet,
    odds: npt.ArrayLike,
    spaces: npt.ArrayLike = (),
    lines: npt.ArrayLike = (),
    names: Mapping[str, str] | None = None,
) -> Cased:
    """Which letters of a text are capitals.

    Args:
        characters: (T,) columns of a folded alphabet.
        alphabet: that alphabet.
        odds: (T,) the eye's log P(capital) - log P(small letter) for each character; not looked at where it is no
            letter. Infinite odds are certainty.
        spaces: (S,) the rows that a space follows.
        lines: (L,) the rows that end a line, where the text has several. All lines of a note are best given at once:
            they are written in one way, and sentences run on.
        names: words with capitals wherever they stand, by their spelling in capitals: `LanguageModel.names`.

    Raises:
        BadArray: odds of another length, or NaN.

    >>> LETTERS = Alphabet("MNO", fold_case=True)
    >>> restore_case(LETTERS.encode("MOON"), LETTERS, [4, 0, 0, 5]).capital.tolist()
    [True, True, True, True]
    >>> restore_case(LETTERS.encode("MOON"), LETTERS, [4, 0, 0, -5]).capital.tolist()
    [True, False, False, False]
    """
    seen = np.asarray(odds, np.float64)
    if seen.shape != np.shape(characters) or np.isnan(seen).any():
        raise BadArray(f"odds has the shape {seen.shape}; expected a number for each of {len(characters)} characters")
    where = positions(
        alphabet.decode(characters), np.asarray(spaces, np.int64), np.asarray(lines, np.int64), names or {}
    )
    letters = np.flatnonzero(where >= 0)
    capital, probability = np.zeros(len(where), bool), np.zeros(len(where))
    if len(letters):
        steps = _steps(where[letters], seen[letters])
        capital[letters], probability[letters] = _likeliest(steps), _probabilities(steps)
    return Cased(capital, probability)


def positions(text: str, spaces: IntArray, lines: IntArray, names: Mapping[str, str]) -> IntArray:
    """A text in capitals without its spaces, the rows that spaces follow and those that end lines -> the Position of
    each letter, (T,); -1 for what is no letter."""
    new_line = np.zeros(len(text) + 1, bool)
    new_line[lines + 1] = True
    new_word = new_line.copy()
    new_word[spaces + 1] = True
    found = np.full(len(text), -1)
    alone = False  # whether the word before had one letter
    for begin, end in _words(text, new_word):
        letters = [row for row in range(begin, end) if text[row].isalpha()]
        found[letters] = Position.LATER
        found[letters[1:2]] = Position.SECOND
        first = found[letters[0]] = _first(text, begin, letters, new_word, new_line, alone)
        name = names.get(text[begin:end].removesuffix("'S"), "")
        for row, character in enumerate(name, begin):
            if row > begin or first in ANYWHERE:
                found[row] = Position.NAME if character.isupper() else Position.SECOND if character.isalpha() else -1
        if _beside_digit(text, begin, end, new_word):
            found[letters] = [Position.CODE, *[Position.CODE_LATER] * (len(letters) - 1)]
        alone = len(letters) == 1
    return found


def _beside_digit(text: str, begin: int, end: int, new_word: BoolArray) -> bool:
    """Whether a word belongs to a number."""
    after = begin > 0 and text[begin - 1].isdigit() and (not new_word[begin] or text[begin:end] in HALF_DAYS)
    return after or (end < len(text) and text[end].isdigit() and not new_word[end])


def _words(text: str, new_word: BoolArray) -> Iterator[tuple[int, int]]:
    """Where words begin and end: letters, and the apostrophes between them."""
    within = [c.isalpha() or c in APOSTROPHES for c in text]
    begins = [row for row in range(len(text)) if within[row] and (row == 0 or new_word[row] or not within[row - 1])]
    for begin, following in pairwise([*begins, len(text)]):
        inside = [row for row in range(begin, following) if text[row].isalpha() and all(within[begin:row])]
        if inside:
            yield inside[0], inside[-1] + 1


def _first(  # noqa: PLR0913, PLR0917 (a word, and what stands before it)
    text: str, begin: int, letters: list[int], new_word: BoolArray, new_line: BoolArray, alone: bool
) -> Position:
    """The position of the first letter of a word."""
    if text[begin] == "I" and (len(letters) == 1 or text[begin + 1] in APOSTROPHES):
        return Position.PRONOUN
    row = begin
    parted = row == 0 or new_word[row]
    line = row == 0 or new_line[row]
    while row and not text[row - 1].isalnum() and text[row - 1] not in SENTENCE_ENDS:
        row -= 1
        parted |= new_word[row]
        line |= new_line[row]
    if row == 0 or (text[row - 1] in SENTENCE_ENDS and parted):
        return Position.SENTENCE
    if line:
        return Position.LINE
    if len(letters) == 1:
        return Position.ALONE
    return Position.AFTER_ALONE if alone else Position.WORD


def _steps(where: IntArray, odds: FloatArray) -> FloatArray:
    """(N, styles, 2, 2): the logarithm of the probability of each case of a letter, given that of the one before, times
    what the eye says. The first letter has none before; its style's share is added here."""
    capital = CAPITAL[:, where].transpose(1, 0, 2)  # (N, styles, 2)
    language = np.log(np.stack([1 - capital, capital], axis=-1))  # (N, styles, 2, 2)
    eye = -np.logaddexp(0, np.stack([odds, -odds], axis=-1))  # (N, 2)
    steps: FloatArray = language + eye[:, None, None, :]
    steps[0] += np.log(STYLE_SHARES)[:, None, None]
    steps[0, :, 1] = -np.inf  # as if a small letter stood before
    return steps


def _likeliest(steps: FloatArray) -> BoolArray:
    """Viterbi: the likeliest cases (N,) of all letters together."""
    best = np.zeros(steps.shape[1:3])
    came_from = np.zeros(steps.shape[:3], np.int64)  # (N, styles, 2)
    for row, step in enumerate(steps):
        ways = best[:, :, None] + step  # (styles, 2, 2)
        came_from[row] = ways.argmax(axis=1)
        best = ways.max(axis=1)
    style, case = divmod(int(best.argmax()), 2)
    cases = np.zeros(len(steps), bool)
    for row in range(len(steps) - 1, -1, -1):
        cases[row] = case
        case = int(came_from[row, style, case])
    return cases


def _probabilities(steps: FloatArray) -> FloatArray:
    """Forward and backward: P(capital) of each letter (N,), over all ways to write the text."""
    forward = np.zeros(steps.shape[:3])
    before = np.zeros(steps.shape[1:3])
    for row, step in enumerate(steps):
        before = forward[row] = np.logaddexp(*(before[:, :, None] + step).swapaxes(0, 1))
    onward = np.zeros(steps.shape[1:3])
    both = np.zeros(steps.shape[:3])
    for row in range(len(steps) - 1, -1, -1):
        both[row] = forward[row] + onward
        onward = np.logaddexp(*(steps[row] + onward[:, None, :]).transpose(2, 0, 1))
    cases = np.exp(both - both.max(axis=(1, 2), keepdims=True)).sum(axis=1)  # (N, 2)
    probabilities: FloatArray = cases[:, 1] / cases.sum(axis=1)
    return probabilities
