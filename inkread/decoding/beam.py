"""log_probs and a language model -> a lattice of the likeliest texts, and from it the best ones and what is sure.

Row by row the search keeps the `width` best ways to have written what was seen so far. Ways that end in the same state
of the language have the same future: they become one node of the lattice, so that no way is lost, only merged. From the
lattice come the best texts, exactly, and the probability of every character given the whole line. Sources: Lowerre 1976
(beam search); Rabiner 1989, section III (forward and backward sums).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.language import LanguageModel
from inkread.decoding.sums import log_sums
from inkread.decoding.viterbi import log_gap

NO_SPACE = -1  # the symbol of an arc that says: no space here


@dataclass(frozen=True, eq=False)
class Layer:
    """The nodes that one symbol more leads to, and the arcs that lead there: a character, or whether a space stands.

    ``source`` and ``target`` (A,) are the nodes that each arc joins, in the layer before and in this one; ``gain`` (A,)
    is what its ``symbol`` adds to the score. ``states`` (B,) are the nodes' states of the language, ``score`` (B,) the
    score of the best way to each.
    """

    is_gap: bool
    source: IntArray = field(repr=False)
    symbol: IntArray = field(repr=False)
    target: IntArray = field(repr=False)
    gain: FloatArray = field(repr=False)
    states: IntArray = field(repr=False)
    score: FloatArray = field(repr=False)


@dataclass(frozen=True, eq=False)
class Lattice:
    """All ways to read T rows of C characters that the search kept. The first layer is the one node where all begin."""

    shape: tuple[int, int]
    layers: tuple[Layer, ...] = field(repr=False)
    ending: FloatArray = field(repr=False)  # what ending here adds to the score of each last node


@dataclass(frozen=True, eq=False)
class Path:
    """One way through the lattice: characters (T,) as columns, spaces (S,) as rows they follow, and its score."""

    characters: IntArray
    spaces: IntArray
    score: float


def beam(
    log_probs: FloatArray, language: LanguageModel, weight: float, gaps: FloatArray | None = None, width: int = 64
) -> Lattice:
    """(T, C) log-probabilities -> the lattice of the likeliest texts.

    ``weight`` multiplies the logarithms of the language model. ``gaps`` (T-1,) are probabilities of a space after each
    row; None: unknown.
    """
    rows, classes = log_probs.shape
    letters, space_or_none = np.arange(classes), np.array([NO_SPACE, language.space])
    nothing = np.zeros(0, np.int64)
    layer = Layer(False, nothing, nothing, nothing, np.zeros(0), np.array([language.start]), np.zeros(1))
    layers = [layer]
    for row, observed in enumerate(log_probs):
        gain = observed + weight * language.log_probs(layer.states)[:, :classes]  # (B, C)
        layer = _step(layer, letters, gain, language, width)
        layers.append(layer)
        if row < rows - 1 and (gaps is None or gaps[row]):  # else there is no space, and nothing to say
            closed, opened = log_gap(gaps, row)
            gain = np.full((len(layer.states), 2), closed)
            gain[:, 1] = opened + weight * language.log_probs(layer.states)[:, language.space]
            layer = _step(layer, space_or_none, gain, language, width)
            layers.append(layer)
    ending = weight * language.log_probs(layer.states)[:, language.space]
    return Lattice((rows, classes), tuple(layers), ending)


def _step(before: Layer, symbols: IntArray, gain: FloatArray, language: LanguageModel, width: int) -> Layer:
    """The best of all ways to go on by one of P symbols, which adds ``gain`` (B, P)."""
    total = (before.score[:, None] + gain).ravel()
    best = np.argpartition(-total, width)[:width] if len(total) > width else np.arange(len(total))
    best = best[total[best] > -np.inf]
    source, column = np.divmod(best, len(symbols))
    symbol, after = symbols[column], before.states[source]
    written = symbol != NO_SPACE
    after[written] = language.step(after[written], symbol[written])
    return merged(bool(symbols[0] == NO_SPACE), source, symbol, gain.ravel()[best], after, total[best])


def merged(  # noqa: PLR0913, PLR0917 (the columns of a table of arcs)
    is_gap: bool, source: IntArray, symbol: IntArray, gain: FloatArray, after: IntArray, total: FloatArray
) -> Layer:
    """The layer that arcs (A,) lead to: those after which the language is in one state meet in one node.

    ``after`` (A,) are the language's states behind the arcs, ``total`` (A,) the scores of the best ways that use them.
    """
    states, target = np.unique(after, return_inverse=True)
    score = np.full(len(states), -np.inf)
    np.maximum.at(score, target, total)
    return Layer(is_gap, source, symbol, target, gain, states, score)


@dataclass(frozen=True, eq=False)
class Sums:
    """All ways through some layers, summed: to each node from the left and from the right, the share of all mass that
    each arc of each layer but the first carries, and the logarithm of that mass.
    """

    forward: list[FloatArray]
    backward: list[FloatArray]
    shares: list[FloatArray]
    mass: float


def sums(layers: Sequence[Layer], ending: FloatArray) -> Sums:
    """Forward and backward sums."""
    forward = [np.zeros(1)]
    for layer in layers[1:]:
        forward.append(log_sums(forward[-1][layer.source] + layer.gain, layer.target, len(layer.score)))
    mass = float(log_sums(forward[-1] + ending, np.zeros(len(ending), np.int64), 1)[0])
    backward, shares = [ending], []
    for layer, before in zip(layers[:0:-1], forward[-2::-1], strict=True):
        onward = layer.gain + backward[-1][layer.target]
        shares.append(np.exp(before[layer.source] + onward - mass))
        backward.append(log_sums(onward, layer.source, len(before)))
    return Sums(forward, backward[::-1], shares[::-1], mass)


def posteriors(lattice: Lattice) -> tuple[FloatArray, FloatArray, float]:
    """The probability of each character (T, C) and of a space after each row (T-1,), and the logarithm of all mass."""
    rows, classes = lattice.shape
    characters, spaces = np.zeros((rows, classes)), np.zeros(max(rows - 1, 0))
    found = sums(lattice.layers, lattice.ending)
    row = -1
    for layer, share in zip(lattice.layers[1:], found.shares, strict=True):
        if layer.is_gap:
            spaces[row] = share[layer.symbol != NO_SPACE].sum()
        else:
            row += 1
            characters[row] = np.bincount(layer.symbol, share, classes)
    return characters, spaces, found.mass


def best_paths(lattice: Lattice) -> Iterator[Path]:
    """The ways through the lattice, best first."""
    for way, score in best_ways(lattice.layers, lattice.ending):
        yield _path(way, lattice, score)


def best_ways(layers: Sequence[Layer], ending: FloatArray) -> Iterator[tuple[tuple[int, ...], float]]:
    """The symbols of the ways through some layers, and their scores, best first: an A* search backwards, guided by the
    exact best way to each node.

    Different ways write different texts: the language's next state is certain once a symbol is written. Ends of texts
    are ranked by what the best whole text with such an end loses against the best of all. That loss never shrinks and
    one way on from each end adds none, so a text costs no more steps than it has symbols, however many score alike.
    """
    total = layers[-1].score + ending
    best, number = float(total.max()), count()
    ends: list[_End] = [
        (best - whole, len(layers) - 1, next(number), node, NO_SPACE, None) for node, whole in enumerate(total.tolist())
    ]
    heapq.heapify(ends)
    while ends:
        end = heapq.heappop(ends)
        loss, column, _, node, _, _ = end
        if column == 0:
            yield tuple(_symbols(end)), best - loss
            continue
        before, layer = layers[column - 1 : column + 1]
        arcs = np.flatnonzero(layer.target == node)
        losses = loss + (layer.score[node] - (before.score[layer.source[arcs]] + layer.gain[arcs]))
        ways = zip(losses.tolist(), layer.source[arcs].tolist(), layer.symbol[arcs].tolist(), strict=True)
        for longer_loss, source, symbol in ways:
            heapq.heappush(ends, (longer_loss, column - 1, next(number), source, symbol, end))


# The end of a text: its loss, its first node as layer, a number that settles ties, and place in the layer; the symbol
# that the first arc writes, and the end that follows.
_End = tuple[float, int, int, int, int, "_End | None"]


def _symbols(end: _End) -> Iterator[int]:
    """What the arcs of a whole way write, from the left end on."""
    following = end[5]
    while following is not None:
        yield end[4]
        end, following = following, following[5]


def _path(way: tuple[int, ...], lattice: Lattice, score: float) -> Path:
    """What a whole way writes."""
    characters: list[int] = []
    spaces: list[int] = []
    for layer, symbol in zip(lattice.layers[1:], way, strict=True):
        if not layer.is_gap:
            characters.append(symbol)
        elif symbol != NO_SPACE:
            spaces.append(len(characters) - 1)
    return Path(np.array(characters, np.int64), np.array(spaces, np.int64), score)
