"""Words and how often they are used -> a tree of their beginnings that predicts the next character of a word.

At each beginning of a word it knows how likely each next character is, and the space: that the word ends. Which words
are worth knowing is left to whoever brings them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.errors import BadOption

STEPS_PER_BIT = 16  # a probability p is kept as round(-16 log2 p) in one byte: exact to 2 %, down to 1 in 60,000
PROBABILITIES = (2.0 ** (-np.arange(256) / STEPS_PER_BIT)).astype(np.float32)

ByteArray = npt.NDArray[np.uint8]


def quantise(probabilities: npt.NDArray[np.floating]) -> ByteArray:
    """Probabilities (any shape) -> one byte each; ``PROBABILITIES[bytes]`` gives them back, not quite normalised."""
    smallest = PROBABILITIES[-1]
    codes: ByteArray = np.rint(-STEPS_PER_BIT * np.log2(np.maximum(probabilities, smallest))).astype(np.uint8)
    return codes


@dataclass(frozen=True, eq=False)
class Lexicon:
    """A tree of words, its nodes breadth first; node 0 is the beginning of a word.

    ``symbols`` (V-1,) and ``chances`` (V-1,) belong to nodes 1..V-1: the character that leads there (C stands for the
    space that ends a word) and its quantised probability; ``children`` (V,) counts each node's branches.
    """

    symbols: ByteArray = field(repr=False)
    chances: ByteArray = field(repr=False)
    children: ByteArray = field(repr=False)
    classes: int

    @property
    def nodes(self) -> int:
        """How many nodes there are; this number itself stands for "no word of the lexicon"."""
        return len(self.children)

    @cached_property
    def parents(self) -> npt.NDArray[np.int64]:
        """(V-1,) the node that each of the nodes 1..V-1 hangs from."""
        return np.repeat(np.arange(self.nodes), self.children)

    @cached_property
    def next(self) -> npt.NDArray[np.int32]:
        """(V+1, C+1): the node after each symbol; V where no word goes on so. A space leads back to node 0."""
        table = np.full((self.nodes + 1, self.classes + 1), self.nodes, np.int32)
        table[self.parents, self.symbols] = np.arange(1, self.nodes)
        table[:, self.classes] = 0  # after a space, whatever the last word was, a new one begins
        return table

    @cached_property
    def probabilities(self) -> npt.NDArray[np.float32]:
        """(V+1, C+1): the probability of each symbol at each node; a row sums to 1, or to 0 where no word goes on."""
        table = np.zeros((self.nodes + 1, self.classes + 1), np.float32)
        chances = PROBABILITIES[self.chances]
        sums = np.bincount(self.parents, chances, self.nodes)
        table[self.parents, self.symbols] = chances / sums[self.parents]
        return table


def build(frequencies: Mapping[str, float], alphabet: Alphabet) -> Lexicon:
    """Words, spelt as the alphabet spells them, with their relative frequencies -> a lexicon.

    Raises BadOption where there is no word or a frequency is not above 0, UnknownCharacter for a word that the alphabet
    cannot write.
    """
    words = sorted((tuple(alphabet.encode(word).tolist()), value) for word, value in frequencies.items() if word)
    if not words:
        raise BadOption("a lexicon needs at least one word; got none")
    worthless = sorted(word for word, value in frequencies.items() if not 0 < value < np.inf)
    if worthless:
        raise BadOption(f"the frequency of {worthless[0]!r} is {frequencies[worthless[0]]}; expected a number above 0")
    space = len(alphabet)
    branches: list[dict[int, int]] = [{}]
    masses = [0.0]
    for word, mass in words:
        node = 0
        masses[0] += mass
        for symbol in (*word, space):
            if symbol not in branches[node]:
                branches[node][symbol] = len(branches)
                branches.append({})
                masses.append(0.0)
            node = branches[node][symbol]
            masses[node] += mass
    return _breadth_first(branches, np.array(masses), len(alphabet))


def _breadth_first(branches: list[dict[int, int]], masses: npt.NDArray[np.float64], classes: int) -> Lexicon:
    order, symbols, chances = [0], [], []
    for node in order:  # grows while it is walked
        for symbol, child in branches[node].items():
            order.append(child)
            symbols.append(symbol)
            chances.append(masses[child] / masses[node])
    children = np.array([len(branches[node]) for node in order], np.uint8)
    return Lexicon(np.array(symbols, np.uint8), quantise(np.array(chances)), children, classes)
