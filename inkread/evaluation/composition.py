"""Texts and glyphs -> messages spelt with pictures.

A message is a text whose every character is some glyph of that character, drawn by chance: an index into an array of
glyphs. Spaces are known and hold no glyph.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.errors import BadArray
from inkread.evaluation.border import FloatArray, IntArray, check_labels, check_log_probs
from inkread.spelling import normalise


@dataclass(frozen=True)
class Message:
    """A text with single spaces between words, and the glyph of each of its characters but the spaces: int64 (T,)."""

    text: str
    glyphs: IntArray = field(repr=False, compare=False)


@dataclass(frozen=True)
class Composition:
    """Messages spelt with glyphs, and what could not be spelt.

    ``dropped``: characters outside the alphabet that were left out of the messages; ``empty``: texts left out because
    no character remained; ``unspelt``: texts left out because a character of theirs (one of ``without_glyph``) has no
    glyph.
    """

    alphabet: Alphabet
    messages: tuple[Message, ...]
    dropped: int
    empty: int
    unspelt: int
    without_glyph: str

    @property
    def texts(self) -> tuple[str, ...]:
        """What was written."""
        return tuple(message.text for message in self.messages)


def compose_messages(
    texts: Iterable[str], labels: npt.ArrayLike, alphabet: Alphabet, rng: np.random.Generator
) -> Composition:
    """Spell each text with glyphs whose labels (N,) are its characters, each drawn by chance from all of its class.

    Texts are brought into the alphabet first by ``spelling.normalise``; what it leaves out is counted. Raises BadArray
    where no message remains, or for labels of another shape or range.
    """
    if isinstance(texts, str):
        raise BadArray(f"expected a list of texts; got the single text {texts[:40]!r}: put it into a list")
    labels = np.asarray(labels)
    classes = check_labels(labels, labels.shape[0] if labels.ndim else 0, len(alphabet))
    order, counts = np.argsort(classes, kind="stable"), np.bincount(classes, minlength=len(alphabet))
    starts = np.cumsum(counts) - counts  # (C,) where each class begins in order
    result = Composition(alphabet, (), 0, 0, 0, "")
    messages: list[Message] = []
    missing: set[str] = set()
    for text in texts:
        usable, dropped = normalise(text, alphabet)
        result = replace(result, dropped=result.dropped + dropped, empty=result.empty + (not usable))
        wanted = alphabet.encode(usable.replace(" ", ""))  # (T,)
        if (counts[wanted] == 0).any():
            missing.update(alphabet[int(c)] for c in wanted[counts[wanted] == 0])
            result = replace(result, unspelt=result.unspelt + 1)
        elif usable:
            messages.append(Message(usable, order[starts[wanted] + rng.integers(0, counts[wanted])]))
    result = replace(result, messages=tuple(messages), without_glyph="".join(sorted(missing)))
    if not messages:
        raise BadArray(_nothing_to_spell(result))
    return result


def read_greedily(composition: Composition, log_probs: npt.ArrayLike) -> tuple[str, ...]:
    """Each message as the eye alone reads it: the likeliest character of each glyph, spaces where they were written.

    ``log_probs`` is (N, C), a row for each glyph that the messages draw from. Raises BadArray.
    """
    likeliest = scores_of(composition, log_probs).argmax(axis=1)  # (N,)
    return tuple(respaced(m.text, composition.alphabet.decode(likeliest[m.glyphs])) for m in composition.messages)


def respaced(text: str, reading: str) -> str:
    """The characters of a reading with spaces where the text has them, and nowhere else."""
    following = iter("".join(reading.split()))
    return "".join(c if c == " " else next(following) for c in text)


def space_places(text: str) -> set[int]:
    """After how many characters each space stands.

    >>> sorted(space_places("ME TOO OK"))
    [2, 5]
    """
    return set(np.cumsum([len(word) for word in text.split()])[:-1].tolist())


def probabilities_of(alphabet: Alphabet, log_probs: FloatArray, characters: str) -> tuple[float | None, ...]:
    """Of each row (T, C) the probability (0..1) of one character; None for one outside the alphabet, such as a ?."""
    return tuple(
        float(np.exp(row[alphabet.index(c)]).clip(0.0, 1.0)) if c in alphabet else None
        for row, c in zip(log_probs, characters, strict=True)
    )


def _nothing_to_spell(tried: Composition) -> str:
    if tried.unspelt:
        return f"no message can be spelt: there is no glyph of {tried.without_glyph!r}; give other texts or more glyphs"
    return (
        f"no message can be spelt: none of {tried.empty} texts has a character of {tried.alphabet.characters!r}; "
        "give a file with one text a line"
    )


def scores_of(composition: Composition, log_probs: npt.ArrayLike) -> FloatArray:
    """Log-probabilities with a row for each glyph that the messages draw from: float64 (N, C); raises BadArray."""
    scores = check_log_probs(log_probs, len(composition.alphabet))
    last = max(int(m.glyphs.max()) for m in composition.messages)
    if last >= len(scores):
        raise BadArray(f"the messages use glyph number {last}, but log_probs has {len(scores)} rows")
    return scores
