"""The islands of a line and a language -> a lattice of all that the line may say, and what is sure of it.

Island by island the search keeps the best ways to go on by one of its texts; ways that end in the same state of the
language meet. Sums over all ways give the probability of each text of an island and of each word. Sources: LeCun et al.
1998 (graph transformer networks); Rabiner 1989, section III (forward and backward sums).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkread.decoding.beam import Layer
from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.islands import Island, Text
from inkread.decoding.language import LanguageModel
from inkread.decoding.options import DecodingOptions
from inkread.decoding.sums import log_sums

NOTHING: IntArray = np.zeros(0, np.int64)
Lattice = tuple[list[Layer], FloatArray]


def line_lattice(line: Sequence[Island], language: LanguageModel | None, options: DecodingOptions) -> Lattice:
    """The layers of a line, one for each island, and what ending in each last node adds."""
    start = 0 if language is None else language.start
    layers = [Layer(False, NOTHING, NOTHING, NOTHING, np.zeros(0), np.array([start]), np.zeros(1))]
    for island in line:
        layers.append(_advanced(layers[-1], island, language, options))
    if language is None:
        return layers, np.zeros(len(layers[-1].states))
    return layers, options.language_weight * language.log_probs(layers[-1].states)[:, language.space]


def _advanced(before: Layer, island: Island, language: LanguageModel | None, options: DecodingOptions) -> Layer:
    """The best of all ways to go on by one of an island's texts."""
    lengths = np.array([len(text) for text in island.texts])
    gain = np.broadcast_to(island.log_probs, (len(before.states), len(lengths)))
    if language is not None:
        said = _log_probs(before.states, island.texts, language)
        gain = gain + options.language_weight * said + options.length_bonus * lengths
    if len(lengths) == 1:  # nothing to choose between
        return _moved(before, gain[:, 0], island.texts[0], language)
    total = (before.score[:, None] + gain).ravel()
    width = options.beam
    best = np.argpartition(-total, width)[:width] if len(total) > width else np.arange(len(total))
    source, text = np.divmod(best, len(lengths))
    after = before.states[source]
    if language is not None:
        for place in range(int(lengths.max(initial=0))):
            going = np.flatnonzero(lengths[text] > place)
            symbols = np.array([island.texts[number][place] for number in text[going].tolist()], np.int64)
            after[going] = language.step(after[going], symbols)
    states, target = np.unique(after, return_inverse=True)
    score = np.full(len(states), -np.inf)
    np.maximum.at(score, target, total[best])
    return Layer(False, source, text, target, gain.ravel()[best], states, score)


def _moved(before: Layer, gain: FloatArray, text: Text, language: LanguageModel | None) -> Layer:
    """Every way goes on by the same text."""
    after = before.states
    if language is not None:
        for symbol in text:
            after = language.step(after, np.full(len(after), symbol))
    states, target = np.unique(after, return_inverse=True)
    score = np.full(len(states), -np.inf)
    np.maximum.at(score, target, before.score + gain)
    number = len(after)
    return Layer(False, np.arange(number), np.zeros(number, np.int64), target, gain, states, score)


def _log_probs(states: IntArray, texts: Sequence[Text], language: LanguageModel) -> FloatArray:
    """What the language says of each text after each state, (B, S): place by place, all beginnings in one question."""
    said = np.zeros((len(texts), len(states)))
    begun: dict[Text, int] = {(): 0}  # beginnings of one length, and where each one's states stand
    after = states[None, :]  # (P, B) the states after each of them
    for place in range(max(map(len, texts))):
        chances = language.log_probs(after.ravel()).reshape(*after.shape, -1)  # (P, B, C + 1)
        going = [number for number, text in enumerate(texts) if len(text) > place]
        said[going] += chances[[begun[texts[n][:place]] for n in going], :, [texts[n][place] for n in going]]
        longer = list(dict.fromkeys(texts[n][: place + 1] for n in going if len(texts[n]) > place + 1))
        if longer:
            before = after[[begun[text[:-1]] for text in longer]]
            last = np.repeat(np.array([text[-1] for text in longer]), len(states))
            after = language.step(before.ravel(), last).reshape(before.shape)
            begun = {text: number for number, text in enumerate(longer)}
    return said.T


@dataclass(frozen=True, eq=False)
class Shares:
    """How probable is what: each island's texts, and each node from the left and from the right; all mass."""

    texts: list[FloatArray]
    forward: list[FloatArray]
    backward: list[FloatArray]
    mass: float


def shares_of(layers: list[Layer], ending: FloatArray) -> Shares:
    """Forward and backward sums (Rabiner 1989, section III)."""
    forward = [np.zeros(1)]
    for layer in layers[1:]:
        forward.append(log_sums(forward[-1][layer.source] + layer.gain, layer.target, len(layer.score)))
    mass = float(log_sums(forward[-1] + ending, np.zeros(len(ending), np.int64), 1)[0])
    backward = [ending]
    texts: list[FloatArray] = []
    for layer, before in zip(layers[:0:-1], forward[-2::-1], strict=True):
        onward = layer.gain + backward[-1][layer.target]
        share = np.exp(before[layer.source] + onward - mass)
        texts.append(np.bincount(layer.symbol, share).astype(np.float64))
        backward.append(log_sums(onward, layer.source, len(before)))
    return Shares(texts[::-1], forward, backward[::-1], mass)


def sure(island: Island, chosen: int, share: FloatArray) -> FloatArray:
    """How probable each symbol of the chosen text is: the share of the texts, as long, that agree on it."""
    text = island.texts[chosen]
    alike = [other for other in range(len(share)) if len(island.texts[other]) == len(text)]
    agree = np.array([island.texts[other] for other in alike], np.int64).reshape(len(alike), len(text)) == text
    sure: FloatArray = np.minimum(share[alike] @ agree, 1.0)
    return sure


def word_probabilities(
    line: list[Island], chosen: Sequence[int], layers: list[Layer], shares: Shares, space: int
) -> list[float]:
    """The probability of each word as a whole, the spaces around it included."""
    probabilities = []
    for begin, end in _word_spans(line, chosen, space):
        score = shares.forward[begin]
        for number in range(begin, end):
            layer = layers[number + 1]
            same = layer.symbol == chosen[number]
            score = log_sums((score[layer.source] + layer.gain)[same], layer.target[same], len(layer.score))
        total = float(log_sums(score + shares.backward[end], np.zeros(len(score), np.int64), 1)[0])
        probabilities.append(float(np.exp(min(total - shares.mass, 0.0))))
    return probabilities


def _word_spans(line: list[Island], chosen: Sequence[int], space: int) -> list[tuple[int, int]]:
    """The islands of each word, half-open, with those of the spaces beside it."""
    ends = [0]
    spans = []
    written = False
    for number, (island, text) in enumerate(zip(line, chosen, strict=True)):
        symbols = island.texts[text]
        if space in symbols:
            if written or any(s != space for s in symbols[: symbols.index(space)]):
                spans.append((ends[-1], number + 1))
            inside = sum(1 for s in _split(symbols, space)[1:-1] if s)  # whole words within one island
            spans += [(number, number + 1)] * inside
            ends.append(number)
            written = bool(_split(symbols, space)[-1])
        else:
            written = written or bool(symbols)
    if written:
        spans.append((ends[-1], len(line)))
    return spans


def _split(symbols: Text, space: int) -> list[list[int]]:
    """A text's words as symbols; empty ones before, between and after spaces."""
    words: list[list[int]] = [[]]
    for symbol in symbols:
        if symbol == space:
            words.append([])
        else:
            words[-1].append(symbol)
    return words
