"""The lattice of a line -> records of what each island may say and how one leads to the next, for people to look at.

The nodes of the search are states of the language, of which there are many. Here those in which an island says the same
are one, and what a step weighs is summed over all ways that take it. Drawing is left to others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.islands import Island
from inkread.decoding.lattice import Layer, sums
from inkread.decoding.line_lattice import Lattice
from inkread.decoding.options import DecodingOptions
from inkread.results import Choice, Step, TextLattice

MOST = 4  # choices told of an island
LEAST = 0.01  # probability, by shape or with language, from which a choice is told
TINY = 1e-300  # so that nothing is divided by zero


def text_lattice(
    line: Sequence[Island],
    lattice: Lattice,
    best: Sequence[int],
    alphabet: Alphabet,
    options: DecodingOptions | None,
) -> TextLattice:
    """What a line may say. ``best`` is the text of each island in the best way; ``options`` None: without language."""
    layers, shares = lattice[0], sums(*lattice).shares
    columns: list[tuple[Choice, ...]] = []
    steps: list[tuple[Step, ...]] = []
    given, told = np.ones((1, 1)), [0]  # how the start is reached; what was told of the island before
    for island, layer, share, chosen in zip(line, layers[1:], shares, best, strict=True):
        probable = np.bincount(layer.symbol, share, len(island.texts)).astype(np.float64)
        kept = _kept(island, probable, chosen)
        columns.append(tuple(_choice(island, number, probable, chosen, alphabet) for number in kept))
        size = given.shape[1], len(island.texts)
        joint = given @ _summed(layer.source, layer.symbol, share, *size)  # (S before, S)
        spoken = None
        if options is not None:
            said = share * _language(island, layer, options)
            spoken = given @ _summed(layer.source, layer.symbol, said, *size)
        steps.append(_steps(joint, spoken, told, kept))
        reached = _summed(layer.symbol, layer.target, share, len(island.texts), len(layer.states))
        given, told = reached / np.maximum(reached.sum(axis=0), TINY), kept  # (S, B) which text led to each node
    return TextLattice(tuple(columns), tuple(steps))


def _kept(island: Island, probable: FloatArray, chosen: int) -> list[int]:
    """The texts that are told, the likeliest first."""
    weight = np.maximum(probable, np.exp(island.log_probs))
    weight[chosen] = 2.0  # whatever it weighs
    kept = [number for number in np.argsort(-weight, kind="stable")[:MOST].tolist() if weight[number] >= LEAST]
    return sorted(kept, key=lambda number: -probable[number])


def _choice(island: Island, number: int, probable: FloatArray, chosen: int, alphabet: Alphabet) -> Choice:
    text = "".join(" " if symbol == len(alphabet) else alphabet[symbol] for symbol in island.texts[number])
    eye = min(1.0, float(np.exp(island.log_probs[number])))
    return Choice(text, eye, min(1.0, float(probable[number])), number == chosen)


def _language(island: Island, layer: Layer, options: DecodingOptions) -> FloatArray:
    """(A,) what language alone gives the text of each arc: what eye and length do not explain of its gain."""
    lengths = np.array([len(text) for text in island.texts])
    own = (island.log_probs + options.length_bonus * lengths)[layer.symbol]
    said: FloatArray = np.exp((layer.gain - own) / options.language_weight)
    return said


def _summed(rows: IntArray, columns: IntArray, values: FloatArray, height: int, width: int) -> FloatArray:
    """(height, width) the values that fall on each place, added up."""
    table = np.zeros((height, width))
    np.add.at(table, (rows, columns), values)
    return table


def _steps(joint: FloatArray, spoken: FloatArray | None, told: list[int], kept: list[int]) -> tuple[Step, ...]:
    """The steps between what is told of two islands, as far as any way takes them."""
    return tuple(
        Step(
            before, after, min(1.0, float(joint[one, other])),
            None if spoken is None else min(1.0, float(spoken[one, other] / joint[one, other])),
        )
        for before, one in enumerate(told)
        for after, other in enumerate(kept)
        if joint[one, other] > TINY
    )  # fmt: skip
