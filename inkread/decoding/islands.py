"""Frames of a line network -> islands: for each stretch of ink, the short texts that it may say and how likely each is.

Where a network is sure that a frame holds no character, the frames on both sides of it say independent things. So a
line's probability falls apart, exactly, into those of its islands: mostly single characters or spaces, some of them
ambiguous cuts such as M and RN. What language makes of them is left to `lines`. Source: Graves et al. 2006 (how frames
spell a text), Hannun et al. 2014 (the prefixes that are followed).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.border import FloatArray, IntArray
from inkread.errors import BadArray

SURE = 0.997  # probability of the blank from which a frame parts islands
LONGEST = 18  # frames; longer islands are parted where the blank is likeliest
POSSIBLE = 1e-3  # probability in some frame from which a character is considered in an island
MOST_CHARACTERS = 10  # that are considered in one island
FOLLOWED = 12  # prefixes of an island's text that are followed at once
TOLD = 10  # texts of an island that are told
NARROWER = 0.15  # natural logarithm, a character; what an alphabet may cost that is narrower than the usual one
FOREIGN = 4.0  # natural logarithm; a character that costs more is surely none of the narrower alphabet's
FEWEST = 3  # characters; of fewer nobody can tell what alphabet they are of
LEAST = 1e-4  # of an island's likeliest text; rarer ones are left out

Text = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Island:
    """The texts that some frames may say, likeliest first.

    Attributes:
        texts: S texts, each as columns of the alphabet, the space being the column after its last; ``()`` is nothing.
        log_probs: float64 (S,), natural logarithms of their probabilities, which sum to 1.
        first: its first frame in the line.
        seen: float64 (f, C + 2), the probabilities of its f frames.
    """

    texts: tuple[Text, ...]
    log_probs: FloatArray = field(repr=False)
    first: int = field(repr=False)
    seen: FloatArray = field(repr=False)

    def frames(self, number: int) -> list[int]:
        """The frames of the line in which the symbols of one of the texts are likeliest, in order, one frame each."""
        return [self.first + frame for frame in _peaks(self.seen[:, list(self.texts[number])])]

    def only_best(self) -> Island:
        """The island with its likeliest text alone."""
        return Island(self.texts[:1], self.log_probs[:1], self.first, self.seen)


def check_frames(log_probs: npt.ArrayLike, alphabet: Alphabet) -> FloatArray:
    """Any array -> float64 (F, C + 2), normalised row by row; raises BadArray for another shape, NaN or +infinity."""
    array = np.asarray(log_probs, np.float64)
    columns = len(alphabet) + 2
    if array.ndim != 2 or array.shape[1] != columns:
        raise BadArray(
            f"frames have shape {array.shape}; expected (F, {columns}): a column for each character of the alphabet, "
            "one for the space and one for the blank"
        )
    if np.isnan(array).any() or np.isposinf(array).any():
        raise BadArray("frames hold NaN or +infinity; expected natural logarithms of probabilities")
    return _normalised(array)


def projected(frames: FloatArray, read: Alphabet, alphabet: Alphabet) -> FloatArray:
    """Frames of one alphabet -> frames of another: characters that it folds are added up, those that it lacks are out.

    Where the eye saw a letter or a digit that the other alphabet lacks, something stands there all the same: its
    probability goes to the characters that may stand, the likeliest first, not to the blank.

    Raises BadArray where a character of ``alphabet`` is none of those that were read.
    """
    if read == alphabet:
        return frames
    owners, lacking = _owners(read, alphabet)
    chances = np.exp(frames)
    held = chances @ owners
    if lacking.size:
        characters = held[:, :-2]
        standing = characters.sum(axis=1, keepdims=True)
        lost = chances[:, lacking].sum(axis=1, keepdims=True)
        characters *= 1 + np.divide(lost, standing, out=np.zeros_like(lost), where=standing > 0)
    with np.errstate(divide="ignore"):
        return _normalised(np.log(held))


@lru_cache(maxsize=16)
def _owners(read: Alphabet, alphabet: Alphabet) -> tuple[FloatArray, IntArray]:
    """Which column of the other alphabet each goes to, (C + 2, D + 2), and the letters and digits that it lacks."""
    owners = np.zeros((len(read) + 2, len(alphabet) + 2))
    for column, character in enumerate(read):
        if character in alphabet:
            owners[column, alphabet.index(character)] = 1
    owners[-2, -2] = owners[-1, -1] = 1
    if unknown := np.flatnonzero(~owners.any(axis=0)).tolist():
        raise BadArray(f"the network does not know {alphabet.decode(unknown)!r}; it reads {read.characters!r}")
    lacking = [column for column, character in enumerate(read) if character.isalnum() and character not in alphabet]
    return owners, np.array(lacking, np.int64)


def fitting(lines: Sequence[npt.ArrayLike], read: Alphabet, alphabets: Sequence[Alphabet]) -> Alphabet:
    """The alphabet that some lines are written in, all together.

    The first is taken unless a narrower one explains the lines nearly as well: what it forbids costs them at most
    NARROWER of log-probability a character, and nowhere as much as FOREIGN.

    Args:
        lines: frames (F, C + 2) of each line, in the columns of ``read``.
        read: what the network tells apart.
        alphabets: the usual one, then narrower ones; one that folds cases stands for capitals alone.
    """
    frames = [np.asarray(line, np.float64) for line in lines if len(np.asarray(line))]
    if len(alphabets) == 1 or not frames:
        return alphabets[0]
    everything = np.concatenate(frames)
    characters = seen_characters(everything, read)
    if characters < FEWEST:
        return alphabets[0]
    for alphabet in sorted(alphabets[1:], key=len):
        held = [column for column, c in enumerate(read) if c in alphabet.characters] + [len(read), len(read) + 1]
        costs = everything.max(axis=1) - everything[:, held].max(axis=1)  # (F,)
        if costs.max() < FOREIGN and float(costs.sum()) <= NARROWER * characters:
            return alphabet
    return alphabets[0]


def seen_characters(frames: npt.NDArray[np.floating], read: Alphabet) -> int:
    """How many characters, spaces left out, the likeliest classes of frames (F, C + 2) spell."""
    best = frames.argmax(axis=1)
    begins = np.diff(best, prepend=-1) != 0
    return int((begins & (best < len(read))).sum())


def _normalised(logs: FloatArray) -> FloatArray:
    if not len(logs):
        return logs
    top = logs.max(axis=1, keepdims=True)
    if np.isneginf(top).any():
        raise BadArray("a frame makes everything impossible, the blank too (all are -infinity)")
    shifted = logs - top
    normalised: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised


def islands(frames: FloatArray, bounds: Collection[int] = (), uncounted: Collection[int] = ()) -> list[Island]:
    """The islands of a line, left to right.

    Args:
        frames: float64 (F, C + 2) natural logarithms, each row's probabilities sum to 1; the last two columns are the
            space and the blank.
        bounds: frames before which the line is parted, blank or not.
        uncounted: columns of characters of which an island has one where others would have several side by side.
    """
    probabilities = np.exp(frames)
    stretches = _stretches(probabilities[:, -1], bounds)
    return [_island(probabilities[begin:end], begin, uncounted) for begin, end in stretches]


def _stretches(blank: FloatArray, bounds: Collection[int]) -> Iterator[tuple[int, int]]:
    """Where the frames are not surely blank: (begin, end), half-open, none longer than LONGEST or over a bound."""
    held = np.concatenate([[False], blank < SURE, [False]])
    edges = np.flatnonzero(held[1:] != held[:-1]).tolist()
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        inner = sorted(bound for bound in bounds if begin < bound < end)
        for part in pairwise([begin, *inner, end]):
            yield from _parted(blank, *part)


def _parted(blank: FloatArray, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """A stretch, or its parts: cut after the likeliest blank near its middle."""
    if end - begin <= LONGEST:
        yield begin, end
        return
    quarter = (end - begin) // 4
    cut = begin + quarter + int(np.argmax(blank[begin + quarter : end - quarter])) + 1
    yield from _parted(blank, begin, cut)
    yield from _parted(blank, cut, end)


def _island(probabilities: FloatArray, first: int, uncounted: Collection[int]) -> Island:
    """The texts of a few frames, by following their prefixes frame by frame."""
    highest = probabilities[:, :-1].max(axis=0)
    order = np.argsort(-highest)[:MOST_CHARACTERS]
    columns = order[highest[order] > POSSIBLE].tolist()
    likeliest = set(probabilities.argmax(axis=1).tolist()) - {len(highest)}  # all but the blank
    columns += sorted(likeliest.difference(columns))  # no frame may be impossible
    least = min(LEAST, 0.5 / len(highest))  # of thousands of characters the likeliest may be rare
    rows = probabilities[:, columns].tolist()
    blanks = probabilities[:, -1].tolist()
    # Each prefix: probability that it ends in a blank, that it ends in its last symbol, its symbols' best frames.
    followed: dict[Text, list[float]] = {(): [1.0, 0.0]}
    for blank, row in zip(blanks, rows, strict=True):
        onward: dict[Text, list[float]] = {}
        seen = [(column, chance) for column, chance in zip(columns, row, strict=True) if chance > least]
        for prefix, (after_blank, after_symbol) in followed.items():
            both = after_blank + after_symbol
            kept = onward.setdefault(prefix, [0.0, 0.0])
            kept[0] += both * blank
            last = prefix[-1] if prefix else -1
            for column, chance in seen:
                if column == last and column in uncounted:
                    kept[1] += both * chance
                    continue
                longer = onward.setdefault((*prefix, column), [0.0, 0.0])
                if column == last:
                    kept[1] += after_symbol * chance
                    longer[1] += after_blank * chance
                else:
                    longer[1] += both * chance
        if len(onward) > FOLLOWED:
            best = sorted(onward.items(), key=lambda item: -sum(item[1]))[:FOLLOWED]
            onward = dict(best)
        followed = onward
    told = sorted(((sum(chances), text) for text, chances in followed.items()), reverse=True)[:TOLD]
    kept_texts = [(chance, text) for chance, text in told if chance > LEAST * told[0][0] and chance > 0]
    chances = np.array([chance for chance, _ in kept_texts])
    texts = tuple(text for _, text in kept_texts)
    return Island(texts, np.log(chances / chances.sum()), first, probabilities)


def _peaks(chances: FloatArray) -> list[int]:
    """Where symbols are likeliest, (f, n) their probabilities: frames in order, one each, with the largest sum."""
    frames, symbols = chances.shape
    if symbols == 1:
        return [int(chances[:, 0].argmax())]
    best = np.full((symbols + 1, frames + 1), -np.inf)
    best[0] = 0.0
    for number in range(1, symbols + 1):
        best[number, 1:] = np.maximum.accumulate(best[number - 1, :-1] + chances[:, number - 1])
    found, end = [], frames
    for number in range(symbols, 0, -1):
        end = int(np.flatnonzero(best[number, : end + 1] == best[number, end])[0]) - 1
        found.append(end)
    return found[::-1]
