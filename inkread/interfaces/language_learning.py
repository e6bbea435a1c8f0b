"""Passages and word frequencies -> a language model, and how many bits it needs for passages that it never saw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding import LanguageModel, NgramOptions, train_language
from inkread.decoding.border import FloatArray
from inkread.decoding.ngram import Packing, words_in
from inkread.interfaces.language_sources import blend

HELD_OUT = 20  # one passage in so many measures the model


@dataclass(frozen=True)
class Sources:
    """What is learnt from, as the alphabet spells it. ``common`` are word frequencies of the language at large, if the
    words of the texts are not to count as that; ``lists`` those of word lists.
    """

    texts: Sequence[str] = field(repr=False)
    nearer: Sequence[str] = field(default=(), repr=False)
    common: dict[str, float] | None = field(default=None, repr=False)
    lists: tuple[dict[str, float], ...] = field(default=(), repr=False)

    def without(self, passages: Sequence[str]) -> Sources:
        """All but some passages."""
        out = frozenset(passages)
        texts, nearer = ([one for one in part if one not in out] for part in (self.texts, self.nearer))
        return replace(self, texts=texts, nearer=nearer)


def hold_out(sources: Sources) -> list[str]:
    """A twentieth of the different passages, of the nearer ones if there are any; always the same ones. None of few."""
    different = sorted(set(sources.nearer or sources.texts), key=lambda passage: blake2b(passage.encode()).digest())
    return different[: len(different) // HELD_OUT]


def learn(sources: Sources, alphabet: Alphabet, options: NgramOptions, about: str = "") -> LanguageModel:
    """A language model from the sources; raises BadOption for too little text or options that make no sense."""
    words = [sources.common or words_in(sources.texts), *sources.lists]
    if sources.nearer:
        words.append(words_in(sources.nearer))
    return train_language(
        sources.texts, alphabet, nearer=sources.nearer, frequencies=blend(words), options=options, about=about
    )


def within_reach(options: NgramOptions, alphabet: Alphabet) -> NgramOptions:
    """The options, with the usual context shortened for an alphabet that is too large for it."""
    most = Packing(len(alphabet) + 1).longest - 1
    return replace(options, context=most) if options.context == NgramOptions.context > most else options


def surprises(language: LanguageModel, passages: Sequence[str]) -> list[FloatArray]:
    """How many bits each character of each passage takes, the space that ends it last: (L+1,) for L characters."""
    symbols = [language.encode(passage + " ") for passage in passages]
    lengths = np.array([len(one) for one in symbols])
    begins = np.cumsum(lengths) - lengths
    order = np.argsort(-lengths)  # longest first, so that those that still go on stand together
    flat = np.concatenate(symbols)
    bits = np.zeros(len(flat))
    states = np.full(len(symbols), language.start)
    for place in range(int(lengths.max())):
        going = order[: np.searchsorted(-lengths[order], -place)]
        at = begins[going] + place
        bits[at] = -language.log_probs(states[going])[np.arange(len(going)), flat[at]] / math.log(2)
        states[going] = language.step(states[going], flat[at])
    return np.split(bits, begins[1:])


def bits_per_character(language: LanguageModel, passages: Sequence[str]) -> float:
    """The mean over all characters and spaces of the passages."""
    return float(np.concatenate(surprises(language, passages)).mean())
