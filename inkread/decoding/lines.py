"""The frames of a note's lines -> the text that was meant, character by character: islands and language together.

What each island may say becomes a layer of a lattice, in which ways that end in the same state of the language meet.
Cases are folded for the language and told apart afterwards, by shape and by how people use capitals. Knows frames, not
pixels. Sources: LeCun et al. 1998 (graph transformer networks: cuts, shapes and language searched at once).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.best_ways import best_ways
from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.case import either_case, unfold_case
from inkread.decoding.corrections import Given, Mark, bounds, corrected, located
from inkread.decoding.decode import UNSURE, chosen_language, decode, own_language, worded
from inkread.decoding.islands import Island, check_frames, islands, projected
from inkread.decoding.keep import kept_by
from inkread.decoding.language import LanguageModel, check_language
from inkread.decoding.lattice import narrowed, sums
from inkread.decoding.line_case import Cased, Found, Spelt, case_odds, in_case, in_its_case
from inkread.decoding.line_lattice import (
    NOTHING,
    Lattice,
    line_lattice,
    sure,
    text_shares,
    word_probabilities,
    word_spans,
)
from inkread.decoding.options import DecodingOptions, checked_options
from inkread.decoding.text_lattice import text_lattice
from inkread.errors import BadOption
from inkread.results import Alternative, Hypothesis, TextLattice

ALTERNATIVES = 3  # characters that the eye holds possible and that are told
WAYS_A_TEXT = 4  # ways that are followed for each text that is asked for: some spell one text twice
DOUBTFUL_CASE = 3.0  # odds (natural logarithm) below which a letter that a pattern asks for may have the other case
SPACE_MAY_ERR = 1e-3  # probability that is left for a space, and for none, under a constraint
DOT = "."  # frames lie too far apart to tell how many of these stand side by side (`inkread.dots` counts them)


@dataclass(frozen=True)
class LineCharacter:
    """One character of a decoded line: its probability (0..1), its frame, and what the eye alone holds possible."""

    text: str
    probability: float
    frame: float
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class LineWord:
    """One word: the probability (0..1) that all of it is right, and its characters."""

    text: str
    probability: float
    characters: tuple[LineCharacter, ...]


@dataclass(frozen=True)
class DecodedLine:
    """What the frames of a line say when language has spoken, too.

    ``text`` is the best hypothesis, with a ? for each character less sure than was asked for; ``raw_text`` what the eye
    alone reads; ``confidence`` (0..1) the probability that all of the best hypothesis is right. ``hypotheses`` are the
    best texts, best first, with the cases of ``text``: their scores are those of letters, whichever their case.
    """

    text: str
    raw_text: str
    words: tuple[LineWord, ...]
    confidence: float
    hypotheses: tuple[Hypothesis, ...] = ()


def decode_lines(  # noqa: PLR0913 (all but two are optional, and named)
    lines: Sequence[npt.ArrayLike],
    read: Alphabet,
    options: DecodingOptions | None = None,
    *,
    alphabet: Alphabet | None = None,
    language: LanguageModel | None = None,
    marks: Sequence[Sequence[Mark]] = (),
) -> tuple[DecodedLine, ...]:
    """The text that was meant, line by line. Full stops side by side are one where no frame parts them.

    Args:
        lines: for each line (F, C + 2) natural logarithms of calibrated probabilities, a row for each frame: a column
            for each character of ``read``, one for the space, one for the blank (no character here).
        read: the characters that the network tells apart.
        options: how much language may say; the defaults when left out.
        alphabet: what may stand there, of those; all of it when left out.
        language: a model of the language; when left out, the one that ships for the alphabet, cases folded, if any.
        marks: for each line what is known of it, each mark about the reading that those before it lead to; language
            re-reads the rest given these. Nothing is known of any line when left out.

    Raises:
        BadArray: frames of another shape or with NaN; an alphabet of other characters than the network's. BadOption: a
            language of another alphabet, a mark of another character, or a constraint that a line cannot fit.
    """
    options = checked_options(options)
    alphabet = alphabet or read
    folded = alphabet.folded()
    own = _language(language, folded, options)
    seen = [projected(check_frames(line, read), read, alphabet) for line in lines]
    told = marks or [()] * len(seen)
    given = [_given(*line, alphabet, options, own) for line in zip(seen, told, strict=True)]
    if options.constraint is not None:
        return tuple(_fitted(*line, alphabet, options) for line in zip(seen, given, strict=True))
    found = [_decoded(*line, alphabet, options, own) for line in zip(seen, given, strict=True)]
    cased = in_case(found, seen, given, alphabet, own)
    return tuple(
        _told(line, characters, frames, alphabet, options.min_confidence)
        for line, characters, frames in zip(found, cased, seen, strict=True)
    )


def line_lattices(
    lines: Sequence[npt.ArrayLike],
    read: Alphabet,
    options: DecodingOptions | None = None,
    *,
    alphabet: Alphabet | None = None,
    language: LanguageModel | None = None,
) -> tuple[TextLattice, ...]:
    """What each line may say and how one character leads to the next: the search of ``decode_lines``, laid open.

    Arguments and errors are those of ``decode_lines``; cases are folded, since language tells none apart. Raises
    BadOption for a constraint, which is searched in another way.
    """
    options = checked_options(options)
    if options.constraint is not None:
        raise BadOption("the lattice shows eye and language; a line under a constraint is searched in another way")
    alphabet = alphabet or read
    folded = alphabet.folded()
    own = _language(language, folded, options)
    told = []
    for line in lines:
        seen = projected(check_frames(line, read), read, alphabet)
        held = _held(projected(seen, alphabet, folded), (), folded)
        if held:
            lattice = line_lattice(held, own, options)
            kept = _kept(held, seen, (), alphabet, options.keep)
            best = _ways(held, set(kept), folded, options, own)[0][0][0]
            told.append(text_lattice(held, lattice, best, folded, options if own is not None else None))
    return tuple(told)


def _language(language: LanguageModel | None, folded: Alphabet, options: DecodingOptions) -> LanguageModel | None:
    if not options.language_weight or options.constraint is not None:
        return None
    check_language(language, folded, "the lines are read in")
    language = chosen_language(language, folded, options.words)
    return None if language is None else own_language(language, options.lexicon, options.words)


def _given(
    seen: FloatArray,
    marks: Sequence[Mark],
    alphabet: Alphabet,
    options: DecodingOptions,
    language: LanguageModel | None,
) -> tuple[Given, ...]:
    """The frames that each mark of one line is about."""
    folded, given = alphabet.folded(), tuple[Given, ...]()
    for mark in marks:
        read = _decoded(seen, given, alphabet, options, language)
        blank = np.exp(corrected(projected(seen, alphabet, folded), given, folded)[:, -1])
        given = (*given, located(mark, read.frames, read.symbols != len(folded), blank))
    return given


def _decoded(
    seen: FloatArray,
    given: Sequence[Given],
    alphabet: Alphabet,
    options: DecodingOptions,
    language: LanguageModel | None,
) -> Found:
    """The best text of one line, cases folded."""
    folded = alphabet.folded()
    line = _held(projected(seen, alphabet, folded), given, folded)
    if not line:
        return Found(NOTHING, NOTHING, np.zeros(0), (), 0.0, NOTHING)
    kept = _kept(line, seen, given, alphabet, options.keep)
    ways, lattice, held = _ways(line, set(kept), folded, options, language)
    found, chosen = sums(*lattice), ways[0][0]
    shares = [
        np.exp(island.log_probs) if number in held else share
        for number, (island, share) in enumerate(zip(line, text_shares(lattice[0], found), strict=True))
    ]
    eye = np.array([np.exp(island.log_probs[0]) if number in held else 1.0 for number, island in enumerate(line)])
    spans = word_spans(line, chosen, len(folded))
    given_these = word_probabilities(spans, chosen, lattice[0], found)
    return Found(
        symbols=_symbols(line, chosen),
        frames=np.array([f for island, text in zip(line, chosen, strict=True) for f in island.frames(text)], np.int64),
        probabilities=np.concatenate([sure(*one) for one in zip(line, chosen, shares, strict=True)]),
        words=tuple(word * float(eye[slice(*span)].prod()) for word, span in zip(given_these, spans, strict=True)),
        confidence=float(np.exp(min(ways[0][1] - found.mass, 0.0)) * eye.prod()),
        cases=np.concatenate(
            [
                kept.get(number, np.zeros(len(island.texts[text]), np.int64))
                for number, (island, text) in enumerate(zip(line, chosen, strict=True))
            ]
        ),
        best=_best(line, ways, folded, None if language is None else options),
    )


def _held(frames: FloatArray, given: Sequence[Given], alphabet: Alphabet) -> list[Island]:
    """What the frames of a line hold where what is given is said."""
    held = islands(corrected(frames, given, alphabet), bounds(given), _uncounted(alphabet))
    return _parted_once(held, len(alphabet))


def _ways(
    line: list[Island],
    kept: set[int],
    alphabet: Alphabet,
    options: DecodingOptions,
    language: LanguageModel | None,
) -> tuple[list[tuple[tuple[int, ...], float]], Lattice, set[int]]:
    """The best ways and their scores that leave what must stay as it was read; the lattice that they are of.

    That is another one where the best way would change something: there those islands, which come last, are fixed. They
    are as sure as the eye is of them, and all else as sure as it is given these.
    """
    certain = {number for number, island in enumerate(line) if np.exp(island.log_probs[0]) >= options.certain}
    fixed, held = certain | kept, set[int]()
    lattice = line_lattice(line, language, options)
    ways = _first(best_ways(*lattice), line, alphabet, options.n_best)
    changed = [any(way[number] for number in fixed) for way, _ in ways]
    if changed[0]:
        held = fixed
        only_these = [island.only_best() if number in fixed else island for number, island in enumerate(line)]
        lattice = line_lattice(only_these, language, options)
        ways = _first(best_ways(*lattice), line, alphabet, options.n_best)
    elif any(changed):
        layers, ending = lattice
        only = {number + 1: 0 for number in fixed}  # by layer; the first is where all begin
        ways = _first(best_ways(narrowed(layers, only), ending), line, alphabet, options.n_best)
    return ways, lattice, held


def _first(
    ways: Iterator[tuple[tuple[int, ...], float]], line: list[Island], alphabet: Alphabet, texts: int
) -> list[tuple[tuple[int, ...], float]]:
    """The best ways to so many different texts; fewer where the ways run out, or too many say the same."""
    first: dict[str, tuple[tuple[int, ...], float]] = {}
    for way, score in islice(ways, WAYS_A_TEXT * texts):
        first.setdefault(_spelt(_symbols(line, way), alphabet), (way, score))
        if len(first) == texts:
            break
    return list(first.values())


def _symbols(line: list[Island], way: Sequence[int]) -> IntArray:
    return np.array([s for island, text in zip(line, way, strict=True) for s in island.texts[text]], np.int64)


def _uncounted(alphabet: Alphabet) -> tuple[int, ...]:
    return (alphabet.index(DOT),) if DOT in alphabet else ()


def _parted_once(line: list[Island], space: int) -> list[Island]:
    """Islands without spaces at the ends and without a second space behind another one."""
    kept: list[Island] = []
    after_space = True
    for island in line:
        is_space = island.texts[0] == (space,)
        if not (is_space and after_space):
            kept.append(island)
            after_space = is_space if island.texts[0] else after_space
    while kept and kept[-1].texts[0] == (space,):
        kept.pop()
    return kept


def _kept(
    line: list[Island], seen: FloatArray, given: Sequence[Given], alphabet: Alphabet, keep: Sequence[str]
) -> dict[int, IntArray]:
    """The islands of words that a pattern keeps, with the cases of their symbols: 1 capital, -1 small, 0 neither.

    Where the alphabet tells cases apart, patterns do, too; a letter that the eye is not sure to be small may be the
    capital that a pattern asks for, and the other way round.
    """
    if not keep:
        return {}
    owners = [number for number, island in enumerate(line) for _ in island.texts[0]]
    raw = np.array([symbol for island in line for symbol in island.texts[0]], np.int64)
    letters = np.flatnonzero(raw != len(alphabet.folded()))
    spaced = np.flatnonzero(np.diff(letters) > 1)
    cases = np.zeros(len(raw), np.int64)
    kept = np.zeros(len(letters), np.bool_)
    if alphabet == alphabet.folded():
        kept = kept_by(keep, raw[letters], spaced, alphabet)
    else:
        places = np.array([frame for island in line for frame in island.frames(0)], np.int64)
        odds = case_odds(seen, given, raw[letters], places[letters], alphabet)
        for least in (0.0, DOUBTFUL_CASE, -DOUBTFUL_CASE):
            found = kept_by(keep, unfold_case(raw[letters], odds > least, alphabet), spaced, alphabet) & ~kept
            cases[letters[found]] = np.where(odds[found] > least, 1, -1)
            kept |= found
    chosen = letters[kept].tolist()
    within = ((owners[one], owners[other]) for one, other in pairwise(chosen) if other == one + 1)
    numbers = {owners[place] for place in chosen} | {number for span in within for number in range(*span)}
    by_island = np.split(cases, np.cumsum([len(island.texts[0]) for island in line])[:-1])
    return {number: by_island[number] for number in numbers}


def _best(
    line: list[Island], ways: list[tuple[tuple[int, ...], float]], alphabet: Alphabet, options: DecodingOptions | None
) -> tuple[Spelt, ...]:
    """What was found, as texts. ``options`` are those under which language spoke; None: it did not."""
    told: list[Spelt] = []
    places = cache(lambda number, text: line[number].frames(text))  # ways differ in few islands
    for way, score in ways:
        symbols = _symbols(line, way)
        frames = np.array([frame for one in enumerate(way) for frame in places(*one)], np.int64)
        eye = float(sum(island.log_probs[text] for island, text in zip(line, way, strict=True)))
        language = 0.0
        if options is not None:
            language = (score - eye - options.length_bonus * len(symbols)) / options.language_weight
        told.append(Spelt(Hypothesis(_spelt(symbols, alphabet), eye, language, 0.0, score), symbols, frames))
    return tuple(told)


def _spelt(symbols: IntArray, alphabet: Alphabet) -> str:
    text = "".join(" " if s == len(alphabet) else alphabet[s] for s in symbols.tolist())
    return " ".join(text.split())


def _peaks(seen: FloatArray, given: Sequence[Given], alphabet: Alphabet) -> IntArray:
    """(T,) the frames of the characters that the eye sees, spaces left out."""
    folded = alphabet.folded()
    held = _held(projected(seen, alphabet, folded), given, folded)
    spelt = [zip(island.texts[0], island.frames(0), strict=True) for island in held]
    return np.array([frame for one in spelt for symbol, frame in one if symbol != len(folded)], np.int64)


def _fitted(frames: FloatArray, given: Sequence[Given], alphabet: Alphabet, options: DecodingOptions) -> DecodedLine:
    """The likeliest text that fits the constraint, a character for each that the eye sees, cases and all."""
    peaks = _peaks(frames, given, alphabet)
    slots = either_case(corrected(frames, given, alphabet)[peaks, : len(alphabet)], alphabet)
    known = np.isin(peaks, [one.frame for one in given])[:, None]
    decoded = decode(np.where(known, slots, np.maximum(slots, -100.0)), alphabet, options, gaps=_spaces(frames, peaks))
    sure = decoded.posteriors[np.arange(len(peaks)), alphabet.encode(decoded.characters)].astype(np.float64)
    characters = _characters(decoded.characters, np.minimum(sure, 1.0), peaks, frames, alphabet)
    words = tuple(
        LineWord(word, min(1.0, float(np.prod(sure[own]))), characters[own]) for word, own in worded(decoded, alphabet)
    )
    return DecodedLine(decoded.text, _raw(frames, alphabet), words, decoded.confidence, decoded.hypotheses)


def _spaces(frames: FloatArray, peaks: IntArray) -> FloatArray:
    """(T-1,) how probable a space is between each two characters: the most that a frame between them sees."""
    between = (frames[begin + 1 : end, -2] for begin, end in pairwise(peaks.tolist()))
    return np.array([float(np.exp(seen.max(initial=-np.inf))) for seen in between]).clip(
        SPACE_MAY_ERR, 1 - SPACE_MAY_ERR
    )


def _told(line: Found, cased: Cased, frames: FloatArray, alphabet: Alphabet, min_confidence: float) -> DecodedLine:
    """A line's best text with its cases, as it is told."""
    letters = alphabet.decode(cased.columns.tolist())
    characters = _characters(letters, cased.probabilities, cased.frames, frames, alphabet)
    shown = "".join(UNSURE if c.probability < min_confidence else c.text for c in characters)
    words = []
    for number, one in enumerate(np.unique(cased.word)):
        members = np.flatnonzero(cased.word == one)
        own = slice(int(members[0]), int(members[-1]) + 1)
        probability = min(1.0, line.words[number] * float(np.prod(cased.cases[own])))
        words.append(LineWord(shown[own], probability, characters[own]))
    text = " ".join(word.text for word in words)
    confidence = min(1.0, line.confidence * float(np.prod(cased.cases)))
    hypotheses = tuple(in_its_case(one, cased, alphabet) for one in line.best)
    return DecodedLine(text, _raw(frames, alphabet), tuple(words), confidence, hypotheses)


def _characters(
    letters: Sequence[str], sure: FloatArray, places: IntArray, frames: FloatArray, alphabet: Alphabet
) -> tuple[LineCharacter, ...]:
    """A line's characters (T,), with what the eye alone holds possible in the frame of each."""
    every = zip(letters, sure.tolist(), places.tolist(), _eye(frames[places], alphabet), strict=True)
    return tuple(LineCharacter(*one) for one in every)


def _eye(frames: FloatArray, alphabet: Alphabet) -> Iterator[tuple[Alternative, ...]]:
    """The likeliest characters of each frame by shape alone, given that there is one."""
    chances = np.exp(frames[:, : len(alphabet)])
    chances /= np.maximum(chances.sum(axis=1, keepdims=True), 1e-300)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :ALTERNATIVES]
    likely = np.minimum(np.take_along_axis(chances, best, axis=1), 1.0)
    for columns, probabilities in zip(best.tolist(), likely.tolist(), strict=True):
        yield tuple(Alternative(alphabet[c], chance) for c, chance in zip(columns, probabilities, strict=True))


def _raw(frames: FloatArray, alphabet: Alphabet) -> str:
    """What the eye alone reads, in its own cases."""
    best = frames.argmax(axis=1)
    changes = np.concatenate([[True], best[1:] != best[:-1]]) if len(best) else np.zeros(0, bool)
    kept = [c for c in best[changes].tolist() if c != len(alphabet) + 1]
    return _spelt(np.array(kept, np.int64), alphabet)
