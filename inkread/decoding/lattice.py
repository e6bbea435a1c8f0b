"""Nodes in layers and the arcs between them -> the sum of all ways through, and how much of it each arc carries.

A node is a state of the language; an arc leads from a node to one of the next layer and writes a symbol. What symbols
mean is left to whoever builds the layers: `beam` for rows, `line_lattice` for islands. The ways one by one, best first,
are `best_ways`. Source: Rabiner 1989, section III (forward and backward sums).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.sums import log_sums


@dataclass(frozen=True, eq=False)
class Layer:
    """The nodes that one symbol more leads to, and the arcs that lead there: a character, or whether a space stands.

    ``source`` and ``target`` (A,) are the nodes that each arc joins, in the layer before and in this one; ``gain`` (A,)
    is what its ``symbol`` adds to the score. ``states`` (B,) are the nodes' states of the language, ``score`` (B,) the
    score of the best way to each, -infinity where no way leads.
    """

    is_gap: bool
    source: IntArray = field(repr=False)
    symbol: IntArray = field(repr=False)
    target: IntArray = field(repr=False)
    gain: FloatArray = field(repr=False)
    states: IntArray = field(repr=False)
    score: FloatArray = field(repr=False)


def beginning(state: int) -> Layer:
    """The first layer: the one node where all ways begin, and the language's state there."""
    nothing = np.zeros(0, np.int64)
    return Layer(False, nothing, nothing, nothing, np.zeros(0), np.array([state]), np.zeros(1))


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


def narrowed(layers: Sequence[Layer], only: Mapping[int, int]) -> list[Layer]:
    """The same layers with none but the ways that write one symbol where there is only one: layer -> symbol."""
    kept = [layers[0]]
    for number, layer in enumerate(layers[1:], 1):
        able = layer.symbol == only[number] if number in only else np.ones(len(layer.symbol), bool)
        source, target, gain = layer.source[able], layer.target[able], layer.gain[able]
        score = np.full(len(layer.score), -np.inf)
        np.maximum.at(score, target, kept[-1].score[source] + gain)
        kept.append(Layer(layer.is_gap, source, layer.symbol[able], target, gain, layer.states, score))
    return kept


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
    """Forward and backward sums; ``ending`` (B,) is what ending in each last node adds to the score."""
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
