"""log_probs and a language model -> a lattice of the likeliest texts, and from it the best ones and what is sure.

Row by row the search keeps the `width` best ways to have written what was seen so far. Ways that end in the same state
of the language have the same future: they become one node of the lattice, so that no way is lost, only merged. From the
lattice come the best texts, exactly, and the probability of every character given the whole line. Sources: Lowerre 1976
(beam search).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from inkread.decoding.best_ways import best_ways
from inkread.decoding.border import BoolArray, FloatArray, IntArray, check_columns
from inkread.decoding.language import LanguageModel
from inkread.decoding.lattice import Layer, beginning, merged, narrowed, sums
from inkread.decoding.viterbi import log_gap
from inkread.errors import BadOption

NO_SPACE = -1  # the symbol of an arc that says: no space here


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
    row; None: unknown. ``width`` ways are followed at once, 1 or more. Raises BadArray for the columns of another
    alphabet than the language's, BadOption for another width, and trusts its arrays otherwise: `decode` checks them.
    """
    check_columns(log_probs, len(language.alphabet), "the language has characters")
    if width < 1:
        raise BadOption(f"the beam's width is {width}; expected 1 or more")
    rows, classes = log_probs.shape
    letters, space_or_none = np.arange(classes), np.array([NO_SPACE, language.space])
    layer = beginning(language.start)
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


def rows_alone(log_probs: FloatArray, gaps: FloatArray | None, most: int) -> Lattice:
    """(T, C) log-probabilities -> the lattice of the ``most`` likeliest texts where no language joins the rows.

    Where ``gaps`` (T-1,) are unknown there are no spaces. Of equals the first column is the best, and no space.
    """
    characters = np.argsort(-log_probs, axis=1, kind="stable")[:, :most]
    gains = np.take_along_axis(log_probs, characters, axis=1)
    space_or_none = np.array([NO_SPACE, log_probs.shape[1]])
    layers = [beginning(0)]
    for row, (symbols, gain) in enumerate(zip(characters, gains, strict=True)):
        layers.append(_alone(layers[-1], False, symbols, gain))
        if gaps is not None and row < len(gaps) and gaps[row]:
            layers.append(_alone(layers[-1], True, space_or_none, np.array(log_gap(gaps, row))))
    rows, classes = log_probs.shape
    return Lattice((rows, classes), tuple(layers), np.zeros(1))


def _alone(before: Layer, is_gap: bool, symbols: IntArray, gain: FloatArray) -> Layer:
    """The one node that every symbol (P,) leads to."""
    same = np.zeros_like(symbols)
    return Layer(is_gap, same, symbols, same, gain, before.states, before.score + gain.max())


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
    is_gap = np.array([layer.is_gap for layer in lattice.layers[1:]], bool)
    row = np.cumsum(~is_gap) - 1  # of each layer; of a gap the row before it
    for way, score in best_ways(lattice.layers, lattice.ending):
        symbols = np.array(way, np.int64)
        yield Path(symbols[~is_gap], row[is_gap & (symbols != NO_SPACE)], score)


def only_with(lattice: Lattice, characters: IntArray, rows: BoolArray) -> Lattice:
    """The same lattice with none but the ways that write these ``characters`` (T,), as columns, in ``rows`` (T,)."""
    places = np.flatnonzero([not layer.is_gap for layer in lattice.layers[1:]]) + 1  # the layer of each row
    only = dict(zip(places[rows].tolist(), characters[rows].tolist(), strict=True))
    return Lattice(lattice.shape, tuple(narrowed(lattice.layers, only)), lattice.ending)
