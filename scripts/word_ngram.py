"""Sentences and word frequencies -> a 3-gram of words in ARPA format, for public decoders to be compared with.

Kneser-Ney smoothing with one discount an order; 3-grams that were seen once are left out, and their probability goes
to the 2-grams. Source: Chen and Goodman 1999, section 2.7; format: SRILM's ngram-format(5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

UNKNOWN, START, END = 0, 1, 2  # the first three words of every vocabulary
FREQUENCIES_SHARE: Final = 0.3  # of the probability of single words; the rest is from the sentences
UNKNOWN_SHARE: Final = 1e-7  # decoders have a penalty of their own for unknown words

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Order:
    """N-grams of one length: ``keys`` (K,) sorted, words as digits of the base V; ``backoff`` is that of the n-gram as
    a context."""

    keys: IntArray
    probability: FloatArray
    backoff: FloatArray


@dataclass(frozen=True)
class WordNgram:
    """A vocabulary of V words and the n-grams of one, two and three of them."""

    words: tuple[str, ...]
    orders: tuple[Order, Order, Order]


def estimate(sentences: Iterable[str], frequencies: Mapping[str, float]) -> WordNgram:
    """Learn from sentences, and from how often single words are used elsewhere (any unit)."""
    split = [sentence.split() for sentence in sentences]
    words = ("<unk>", "<s>", "</s>", *sorted({word for sentence in split for word in sentence} | set(frequencies)))
    number = {word: i for i, word in enumerate(words)}
    size = len(words)
    tokens = np.array([i for sentence in split for i in (START, *(number[word] for word in sentence), END)], np.int64)
    (pairs, pair_times), (threes, times3) = _counted(tokens, size)
    # How many words a pair was seen after says more than how often; before the first word of a sentence is none.
    times2 = np.where(pairs // size == START, pair_times, 0)
    ends, ends_times = np.unique(threes % size**2, return_counts=True)
    times2[np.searchsorted(pairs, ends)] = ends_times
    singles = _single_words(np.bincount(pairs % size, minlength=size), frequencies, number)
    numbers, kept = np.arange(size), times3 > 1
    shares2, backoff1 = _discounted(pairs // size, times2, times2 > 0, numbers)
    probability2 = shares2 + backoff1[pairs // size] * singles[pairs % size]
    shares3, backoff2 = _discounted(threes // size, times3, kept, pairs)
    begin, end = (np.searchsorted(pairs, keys) for keys in (threes // size, threes % size**2))
    probability3 = shares3 + backoff2[begin] * probability2[end]
    orders = (
        Order(numbers, singles, backoff1),
        Order(pairs, probability2, backoff2),
        Order(threes[kept], probability3[kept], np.ones(int(kept.sum()))),
    )
    return WordNgram(words, orders)


def _counted(tokens: IntArray, size: int) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    """Pairs and triples of words that follow each other in a sentence, as sorted keys, and how often each did."""
    inside = tokens[:-1] != END  # (N-1,): both words of the pair are of one sentence
    pair = tokens[:-1] * size + tokens[1:]
    three = pair[:-1] * size + tokens[2:]
    return (
        np.unique(pair[inside], return_counts=True),
        np.unique(three[inside[:-1] & inside[1:]], return_counts=True),
    )


def _single_words(times: IntArray, frequencies: Mapping[str, float], number: Mapping[str, int]) -> FloatArray:
    """(V,) probabilities of single words: from the number of words they were seen after, and from frequencies."""
    general = np.zeros(len(times))
    general[[number[word] for word in frequencies]] = list(frequencies.values())
    share = FREQUENCIES_SHARE if frequencies else 0.0
    mixed: FloatArray = (1 - share) * times / times.sum() + share * general / max(general.sum(), np.finfo(float).tiny)
    mixed *= 1 - UNKNOWN_SHARE
    mixed[UNKNOWN] = UNKNOWN_SHARE
    return mixed


def _discounted(
    contexts: IntArray, times: IntArray, kept: npt.NDArray[np.bool_], shorter: IntArray
) -> tuple[FloatArray, FloatArray]:
    """The discounted share (K,) of each n-gram in its context, and what each of the ``shorter`` n-grams, sorted, leaves
    as a context to those that are not seen after it."""
    once, twice = int((times == 1).sum()), int((times == 2).sum())
    discount = once / (once + 2 * twice) if once and twice else 0.5
    place = np.searchsorted(shorter, contexts)
    totals = np.bincount(place, times, len(shorter))
    shares = np.where(kept, times - discount, 0.0) / np.maximum(totals[place], 1)
    left = np.ones(len(shorter))
    np.subtract.at(left, place, shares)
    return shares, left


def write_arpa(model: WordNgram, path: Path) -> None:
    """Write the model as text, logarithms to the base of 10."""
    with path.open("w", encoding="utf-8") as file:
        file.write("\\data\\\n")
        file.writelines(f"ngram {n}={len(order.keys)}\n" for n, order in enumerate(model.orders, 1))
        for n, order in enumerate(model.orders, 1):
            file.write(f"\n\\{n}-grams:\n")
            file.writelines(_lines(model.words, n, order))
        file.write("\n\\end\\\n")


def _lines(words: tuple[str, ...], n: int, order: Order) -> Iterator[str]:
    size = len(words)
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log10(order.probability), -99.0)  # -99 is the format's zero
    backoffs = np.maximum(np.log10(np.maximum(order.backoff, 1e-99)), -99.0)
    columns = [(order.keys // size**place % size).tolist() for place in reversed(range(n))]
    for log, backoff, *numbers in zip(logs.tolist(), backoffs.tolist(), *columns, strict=True):
        written = " ".join(words[i] for i in numbers)
        yield f"{log:.5f}\t{written}\t{backoff:.5f}\n" if n < 3 else f"{log:.5f}\t{written}\n"
