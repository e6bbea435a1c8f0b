"""log_probs -> Decoded: the text that was meant, how sure that is, what language changed. Composes this room's verbs.

Three ways lead there. A constraint is searched exactly. With a language model the beam searches. Without either, the
eye alone decides, character by character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice

import numpy as np
import numpy.typing as npt

from inkread.alphabet import FOLDED_CHARACTERS, LETTERS, Alphabet
from inkread.decoding.beam import Path, beam, best_paths, only_with, posteriors, rows_alone
from inkread.decoding.border import BoolArray, FloatArray, IntArray, check_gaps, check_log_probs
from inkread.decoding.constrained import constrained
from inkread.decoding.constraint import Constraint
from inkread.decoding.greedy import greedy
from inkread.decoding.keep import kept_by
from inkread.decoding.language import LanguageModel, check_language, load_language
from inkread.decoding.language_part import part_of
from inkread.decoding.options import DecodingOptions, checked_options
from inkread.errors import BadOption
from inkread.results import Decoded, Hypothesis

SHIPPED_LANGUAGES = {LETTERS: "english.lm", FOLDED_CHARACTERS: "notes.lm"}  # files in inkread/weights
UNSURE = "?"
SPACE_UNSEEN = 0.7  # probability of a space where gaps are unknown: a language expects too few around unknown words


def decode(
    log_probs: npt.ArrayLike,
    alphabet: Alphabet,
    options: DecodingOptions | None = None,
    *,
    gaps: npt.ArrayLike | None = None,
    language: LanguageModel | None = None,
) -> Decoded:
    """The text that was meant.

    Args:
        log_probs: (T, C) natural logarithms of calibrated probabilities, a column for each character of ``alphabet``.
        alphabet: the characters.
        options: how much language may say; the defaults when left out.
        gaps: (T-1,) the probability that a space follows each character; None: unknown, language puts the spaces.
        language: a model of the language; when left out, the one that ships for this alphabet, if there is one.

    Raises:
        BadArray: arrays of another shape or with NaN. BadOption: a language of another alphabet, words without a
            language, or a constraint that nothing of this length fits.

    >>> import numpy as np
    >>> from inkread.alphabet import LETTERS
    >>> seen = np.full((4, 26), 0.01)
    >>> seen[[0, 1, 2, 3], LETTERS.encode("MEFT")] = 0.5
    >>> seen[2, LETTERS.index("E")] = 0.4
    >>> decoded = decode(np.log(seen), LETTERS)
    >>> decoded.raw_text, decoded.text, decoded.changed
    ('MEFT', 'MEET', (2,))
    """
    options = checked_options(options)
    checked = check_log_probs(log_probs, alphabet)
    spaced = check_gaps(gaps, len(checked))
    check_language(language, alphabet, "the log-probabilities for")
    if options.constraint is not None:
        found = _by_constraint(checked, alphabet, options.constraint, options.n_best, spaced)
        return _decoded(found, checked, alphabet, options.min_confidence)
    if options.language_weight:
        language = chosen_language(language, alphabet, options.words)
    if language is None or not options.language_weight or not len(checked):
        found = _by_eye(checked, alphabet, spaced, options.n_best)
    else:
        own = own_language(language, options.lexicon, options.words)
        found = _by_language(checked, alphabet, options, spaced, own)
    return _decoded(found, checked, alphabet, options.min_confidence)


def shipped_language(alphabet: Alphabet) -> LanguageModel | None:
    """The English that ships, for alphabets that hold all letters and take both cases of one for one; None for others.

    LETTERS and FOLDED_CHARACTERS have their own; others, such as letters and digits, part of these.
    """
    if alphabet in SHIPPED_LANGUAGES:
        return _opened(alphabet)
    characters = set(alphabet)
    larger = (known for known in SHIPPED_LANGUAGES if characters.issuperset(LETTERS) and characters.issubset(known))
    return next((_part(known, alphabet) for known in larger), None)


@cache  # of what ships alone: a server is asked for alphabets without end
def _opened(alphabet: Alphabet) -> LanguageModel:
    return load_language(shipped_content(alphabet))


@lru_cache(maxsize=2)
def _part(known: Alphabet, alphabet: Alphabet) -> LanguageModel:
    return part_of(_opened(known), alphabet)


def shipped_content(alphabet: Alphabet) -> bytes:
    """The file of the language model that ships for an alphabet which has one."""
    return (files("inkread") / "weights" / SHIPPED_LANGUAGES[alphabet]).read_bytes()


def chosen_language(language: LanguageModel | None, alphabet: Alphabet, words: Sequence[str]) -> LanguageModel | None:
    """The language that is given, else the one that ships for the alphabet, if any; BadOption for words without one."""
    language = language or shipped_language(alphabet)
    if language is None and words:
        raise BadOption(f"words need a language, and none ships for {alphabet.characters!r}; give one, or no words")
    return language


@lru_cache(maxsize=8)  # a reader's options stay the same from line to line
def own_language(language: LanguageModel, lexicon: bool, words: tuple[str, ...]) -> LanguageModel:
    """The language as the options want it."""
    known = language if lexicon else language.without_lexicon()
    return known.with_words(words) if words else known


@dataclass(frozen=True)
class _Found:
    """What a way of searching found: hypotheses, best first; the columns (T,) of the best one; what is sure."""

    hypotheses: list[Hypothesis]
    characters: IntArray
    posteriors: FloatArray
    space_posteriors: FloatArray
    confidence: float


def _by_eye(log_probs: FloatArray, alphabet: Alphabet, gaps: FloatArray | None, n_best: int) -> _Found:
    """Each character for itself: posteriors are the recogniser's own."""
    paths = list(islice(best_paths(rows_alone(log_probs, gaps, n_best)), n_best))
    hypotheses = [_hypothesis(path, log_probs, alphabet, 0.0, gaps) for path in paths]
    space_posteriors = np.zeros(max(len(log_probs) - 1, 0)) if gaps is None else gaps
    confidence = float(np.exp(hypotheses[0].recogniser + hypotheses[0].gaps))
    return _Found(hypotheses, paths[0].characters, np.exp(log_probs), space_posteriors, confidence)


def _by_language(
    log_probs: FloatArray,
    alphabet: Alphabet,
    options: DecodingOptions,
    gaps: FloatArray | None,
    language: LanguageModel,
) -> _Found:
    """Eye and language together. Language may speak of every row, so that what is sure is known of every row.

    Only where it would change one that must stay as read, the text is searched once more with those rows fixed. They
    are then as sure as the eye is of them, and the other rows as sure as they are given these.
    """
    weight, n_best = options.language_weight, options.n_best
    raw = log_probs.argmax(axis=1)
    fixed, together = as_read(log_probs, alphabet, options, gaps)
    gaps = np.full(len(together), space_unseen(weight)) if gaps is None else np.where(together, 0.0, gaps)
    lattice, eye = beam(log_probs, language, weight, gaps, options.beam), 0.0
    paths = list(islice(best_paths(lattice), n_best))
    changed = [bool((path.characters != raw)[fixed].any()) for path in paths]
    if changed[0]:
        others = fixed[:, None] & (np.arange(len(alphabet)) != raw[:, None])  # (T, C)
        lattice = beam(np.where(others, -np.inf, log_probs), language, weight, gaps, options.beam)
        eye = float(log_probs.max(axis=1)[fixed].sum())
        paths = list(islice(best_paths(lattice), n_best))
    elif any(changed):
        paths = list(islice(best_paths(only_with(lattice, raw, fixed)), n_best))
    characters, space_posteriors, mass = posteriors(lattice)
    if changed[0]:
        characters[fixed] = np.exp(log_probs[fixed])
    hypotheses = [_hypothesis(path, log_probs, alphabet, weight, gaps) for path in paths]
    confidence = float(np.exp(paths[0].score - mass + eye))
    return _Found(hypotheses, paths[0].characters, characters, space_posteriors, confidence)


def space_unseen(language_weight: float) -> float:
    """The probability of a space where gaps are unknown: odds that count as much as language does."""
    return 1 / (1 + float((1 / SPACE_UNSEEN - 1) ** language_weight))


def _by_constraint(
    log_probs: FloatArray, alphabet: Alphabet, constraint: Constraint, n_best: int, gaps: FloatArray | None
) -> _Found:
    """The likeliest texts among all that fit; what is sure is so given that the text does fit."""
    fits = constrained(log_probs, alphabet, constraint, n_best, gaps)
    hypotheses = [Hypothesis(fit.text, fit.log_prob, 0.0, 0.0, fit.log_prob) for fit in fits.best]
    no_spaces = np.zeros(max(len(log_probs) - 1, 0))
    return _Found(hypotheses, fits.best[0].characters, fits.posteriors, no_spaces, fits.confidence)


def _decoded(found: _Found, log_probs: FloatArray, alphabet: Alphabet, min_confidence: float) -> Decoded:
    """What was found, as it is told."""
    raw = log_probs.argmax(axis=1)
    unsure = found.posteriors[np.arange(len(raw)), found.characters] < min_confidence
    rows = iter(unsure)
    text = "".join(UNSURE if c in alphabet and next(rows) else c for c in found.hypotheses[0].text)
    return Decoded(
        text=text,
        raw_text=alphabet.decode(raw),
        hypotheses=tuple(found.hypotheses),
        characters=tuple(alphabet.decode(found.characters)),
        posteriors=found.posteriors.astype(np.float32),
        space_posteriors=found.space_posteriors.astype(np.float32),
        confidence=min(found.confidence, 1.0),
        changed=tuple(np.flatnonzero(found.characters != raw).tolist()),
    )


def worded(decoded: Decoded, alphabet: Alphabet) -> list[tuple[str, slice]]:
    """The words of a decoded text, each with its rows; those of separators alone, which have none, are left out.

    >>> from inkread.alphabet import DIGITS
    >>> from inkread.decoding.pattern import pattern
    >>> seen = np.log(np.full((4, 10), 0.1))
    >>> decoded = decode(seen, DIGITS, DecodingOptions(constraint=pattern(r"12 - 3[.]5 [?]")))
    >>> worded(decoded, DIGITS)
    [('12', slice(0, 2, None)), ('3.5', slice(2, 4, None))]
    """
    words, begin = [], 0
    for word in re.finditer(r"\S+", decoded.hypotheses[0].text):  # in the text, a ? may be a row or a separator
        end = begin + sum(character in alphabet for character in word[0])
        if end > begin:
            words.append((decoded.text[word.start() : word.end()], slice(begin, end)))
        begin = end
    return words


def as_read(
    log_probs: FloatArray, alphabet: Alphabet, options: DecodingOptions, gaps: FloatArray | None
) -> tuple[BoolArray, BoolArray]:
    """(T,) the rows that language must leave as they were read: certain ones, and words that a pattern keeps.

    Then (T-1,) the gaps within these words, which are no spaces.
    """
    fixed: BoolArray = log_probs.max(axis=1) >= np.log(max(options.certain, np.finfo(float).tiny))
    together = np.zeros(max(len(log_probs) - 1, 0), np.bool_)
    if not options.keep:
        return fixed, together
    characters, spaces = greedy(log_probs, gaps)
    kept = kept_by(options.keep, characters, None if gaps is None else spaces, alphabet)
    if gaps is not None:
        together = kept[:-1] & kept[1:]
        together[spaces] = False
    return fixed | kept, together


def _hypothesis(
    path: Path, log_probs: FloatArray, alphabet: Alphabet, language_weight: float, gaps: FloatArray | None
) -> Hypothesis:
    """A path's text, and what each side says: what eye and gaps do not explain of its score is language's."""
    recogniser = float(log_probs[np.arange(len(log_probs)), path.characters].sum())
    geometry = 0.0
    if gaps is not None:
        said = 1 - gaps
        said[path.spaces] = gaps[path.spaces]
        with np.errstate(divide="ignore"):
            geometry = float(np.log(said).sum())
    language = (path.score - recogniser - geometry) / language_weight if language_weight else 0.0
    text = spell(path.characters, path.spaces, alphabet)
    return Hypothesis(text, recogniser, language, geometry, recogniser + geometry + language_weight * language)


def spell(characters: IntArray, spaces: IntArray, alphabet: Alphabet) -> str:
    """Columns (T,) and the rows (S,) that a space follows -> text."""
    letters = list(alphabet.decode(characters))
    for row in spaces:
        letters[row] += " "
    return "".join(letters)
