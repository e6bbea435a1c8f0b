"""The islands of a line and a language -> a lattice of all that the line may say, and what is sure of it.

Island by island the search keeps the best ways to go on by one of its texts; ways that end in the same state of the
language meet. Sums over all ways give the probability of each text of an island and of each word. Sources: LeCun et al.
1998 (graph transformer networks); Rabiner 1989, section III (forward and backward sums).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.islands import Island, Text
from inkread.decoding.language import LanguageModel
from inkread.decoding.lattice import Layer, Sums, beginning, merged
from inkread.decoding.options import DecodingOptions
from inkread.decoding.sums import log_sums

NOTHING: IntArray = np.zeros(0, np.int64)
Lattice = tuple[list[Layer], FloatArray]


def line_lattice(line: Sequence[Island], language: LanguageModel | None, options: DecodingOptions) -> Lattice:
    """The layers of a line, one for each island, and what ending in each last node adds."""
    start = 0 if language is None else language.start
    layers = [beginning(start)]
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
    return merged(False, source, text, gain.ravel()[best], after, total[best])


def _moved(before: Layer, gain: FloatArray, text: Text, language: LanguageModel | None) -> Layer:
    """Every way goes on by the same text."""
    after = before.states
    if language is not None:
        for symbol in text:
            after = language.step(after, np.full(len(after), symbol))
    every = np.arange(len(after))
    return merged(False, every, np.zeros_like(every), gain, after, before.score + gain)


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


def text_shares(layers: Sequence[Layer], found: Sums) -> list[FloatArray]:
    """How probable each of an island's texts is, island by island."""
    return [
        np.bincount(layer.symbol, share).astype(np.float64)
        for layer, share in zip(layers[1:], found.shares, strict=True)
    ]


def sure(island: Island, chosen: int, share: FloatArray) -> FloatArray:
    """How probable each symbol of the chosen text is: the share of the texts, as long, that agree on it."""
    text = island.texts[chosen]
    alike = [other for other in range(len(share)) if len(island.texts[other]) == len(text)]
    agree = np.array([island.texts[other] for other in alike], np.int64).reshape(len(alike), len(text)) == text
    sure: FloatArray = np.minimum(share[alike] @ agree, 1.0)
    return sure


def word_probabilities(
    spans: Sequence[tuple[int, int]], chosen: Sequence[int], layers: list[Layer], found: Sums
) -> list[float]:
    """The probability of each word as a whole: that its islands say what was chosen."""
    probabilities = []
    for begin, end in spans:
        score = found.forward[begin]
        for number in range(begin, end):
            layer = layers[number + 1]
            same = layer.symbol == chosen[number]
            score = log_sums((score[layer.source] + layer.gain)[same], layer.target[same], len(layer.score))
        total = float(log_sums(score + found.backward[end], np.zeros(len(score), np.int64), 1)[0])
        probabilities.append(float(np.exp(min(total - found.mass, 0.0))))
    return probabilities


def word_spans(line: list[Island], chosen: Sequence[int], space: int) -> list[tuple[int, int]]:
    """The islands of each word, half-open, with those of the spaces beside it."""
    spans = []
    begin, within = 0, False
    for number, (island, text) in enumerate(zip(line, chosen, strict=True)):
        for symbol in island.texts[text]:
            if symbol == space:
                if within:
                    spans.append((begin, number + 1))
                begin = number
            within = symbol != space
    if within:
        spans.append((begin, len(line)))
    return spans
