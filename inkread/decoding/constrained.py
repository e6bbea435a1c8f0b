"""log_probs and a constraint -> the likeliest texts that fit, exactly, and how likely each is among all that fit.

Dynamic programming over rows and nodes of the trellis, which knows what fits: the k best ways to each node (Viterbi
1967; Forney 1973, "The Viterbi algorithm", section on lists), and the sums over all ways (the forward-backward
algorithm: Baum et al. 1970; Rabiner 1989, section III).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding.border import BoolArray, FloatArray, IntArray, check_columns
from inkread.decoding.constraint import Constraint, check_constraint
from inkread.decoding.sums import log_sums
from inkread.decoding.trellis import Layer, trellis, written
from inkread.errors import BadOption, Misfit

Layers: TypeAlias = tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class Fit:
    """A text that fits, with its separators, its columns (T,) and the recogniser's log-probability of these.

    Characters of ``text`` that are in the alphabet are the rows, in order; the others are separators.
    """

    text: str
    characters: IntArray
    log_prob: float


@dataclass(frozen=True, eq=False)
class Fits:
    """The likeliest texts that fit, best first, each spelling once.

    ``mass`` is the log-probability that what was written fits at all, so ``exp(fit.log_prob - mass)`` is the
    probability of a text given that it does; ``posteriors`` (T, C) are those of each character, given the same.
    """

    best: tuple[Fit, ...]
    mass: float
    posteriors: FloatArray

    @property
    def confidence(self) -> float:
        """The probability (0..1) of the best text, given that the text fits."""
        return min(float(np.exp(self.best[0].log_prob - self.mass)), 1.0)


def constrained(
    log_probs: FloatArray, alphabet: Alphabet, constraint: Constraint, n_best: int = 1, gaps: FloatArray | None = None
) -> Fits:
    r"""The ``n_best`` likeliest texts that fit, from (T, C) log-probabilities of rows that sum to 1.

    ``gaps`` (T-1,), the probability that a space follows each character, tell where spaces stand that may stand
    elsewhere, too; they make no text likelier.

    Raises Misfit where no text of T characters fits, or none that is possible; BadArray for the columns of another
    alphabet. Trusts its arrays otherwise: `decode` checks them.

    >>> from inkread.alphabet import DIGITS
    >>> from inkread.decoding.pattern import pattern
    >>> seen = np.full((4, 10), 0.02)
    >>> seen[range(4), DIGITS.encode("4712")] = 0.82
    >>> fits = constrained(np.log(seen), DIGITS, pattern(r"([01]\d|2[0-3]):[0-5]\d"))
    >>> fits.best[0].text
    '07:12'
    """
    check_constraint(constraint)
    check_columns(log_probs, len(alphabet), "the alphabet has characters")
    if n_best < 1:
        raise BadOption(f"n_best is {n_best}; expected 1 or more")
    layers, complete = trellis(constraint, alphabet, len(log_probs))
    forward = _forward(layers, log_probs)
    backward = _backward(layers, log_probs, complete)
    mass = float(backward[0][0])
    if mass == -np.inf:
        raise Misfit(f"every text that fits {constraint} holds a character whose probability is 0")
    best = [
        Fit(written(constraint, alphabet, characters, gaps), characters, log_prob)
        for characters, log_prob in _k_best(layers, log_probs, complete, n_best)
    ]
    return Fits(tuple(best), mass, _posteriors(layers, log_probs, forward, backward))


def _forward(layers: Layers, log_probs: FloatArray) -> list[FloatArray]:
    """For each row the log-probability of all ways from the start to each node, (nodes,)."""
    sums = [np.zeros(1)]
    for layer, row in zip(layers, log_probs, strict=True):
        sums.append(log_sums(sums[-1][layer.source] + row[layer.character], layer.target, layer.width))
    return sums


def _backward(layers: Layers, log_probs: FloatArray, complete: BoolArray) -> list[FloatArray]:
    """For each row the log-probability of all ways from each node to an end, (nodes,)."""
    sums = [np.where(complete, 0.0, -np.inf)]
    for at in range(len(layers) - 1, -1, -1):
        layer, width = layers[at], layers[at - 1].width if at else 1
        sums.append(log_sums(sums[-1][layer.target] + log_probs[at, layer.character], layer.source, width))
    return sums[::-1]


def _posteriors(
    layers: Layers, log_probs: FloatArray, forward: list[FloatArray], backward: list[FloatArray]
) -> FloatArray:
    """The probability of each character in each row among the texts that fit, (T, C)."""
    posteriors = np.zeros_like(log_probs)
    for at, layer in enumerate(layers):
        ways = forward[at][layer.source] + log_probs[at, layer.character] + backward[at + 1][layer.target]
        posteriors[at] = np.bincount(layer.character, np.exp(ways - ways.max()), log_probs.shape[1])
    posteriors /= posteriors.sum(axis=1, keepdims=True)
    return posteriors


def _k_best(layers: Layers, log_probs: FloatArray, complete: BoolArray, k: int) -> list[tuple[IntArray, float]]:
    """The k likeliest ways to an end, best first, or as many as there are: columns (T,) and log-probability of each."""
    best = np.zeros((1, 1))  # (nodes, ranks): log-probabilities of the best ways to each node; -inf where there is none
    came: list[tuple[Layer, int, IntArray]] = []
    for layer, row in zip(layers, log_probs, strict=True):
        ways = best[layer.source] + row[layer.character][:, None]  # (E, ranks)
        way, node, rank = _ranked(ways, layer.target, k)
        shape = (layer.width, int(rank.max(initial=0)) + 1)
        best, origin = np.full(shape, -np.inf), np.zeros(shape, np.int64)
        best[node, rank], origin[node, rank] = ways.ravel()[way], way
        came.append((layer, ways.shape[1], origin))
    ends = np.where(complete[:, None], best, -np.inf)
    way, _, _ = _ranked(ends, np.zeros(len(ends), np.int64), k)
    return [(_trace(came, *divmod(int(one), ends.shape[1])), float(ends.ravel()[one])) for one in way]


def _ranked(ways: FloatArray, node: IntArray, k: int) -> tuple[IntArray, IntArray, IntArray]:
    """The k best of each node's possible ways: their places in ``ways`` (E, ranks) laid flat, nodes and ranks."""
    flat, nodes = ways.ravel(), np.repeat(node, ways.shape[1])
    possible = np.flatnonzero(flat > -np.inf)
    if np.bincount(nodes[possible]).max(initial=0) <= 1:  # nothing to rank, as in most of a list's layers
        return possible, nodes[possible], np.zeros(len(possible), np.int64)
    order = possible[np.lexsort((-flat[possible], nodes[possible]))]
    sorted_nodes = nodes[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_nodes, sorted_nodes)
    kept = rank < k
    return order[kept], sorted_nodes[kept], rank[kept]


def _trace(came: list[tuple[Layer, int, IntArray]], node: int, rank: int) -> IntArray:
    """The columns (T,) of the way that ends in a node with a rank."""
    characters = np.zeros(len(came), np.int64)
    for row in range(len(came) - 1, -1, -1):
        layer, ranks, origin = came[row]
        edge, rank = divmod(int(origin[node, rank]), ranks)
        characters[row], node = layer.character[edge], int(layer.source[edge])
    return characters
