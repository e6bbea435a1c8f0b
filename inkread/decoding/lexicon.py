"""Words and how often they are used -> a tree of their beginnings that predicts the next character of a word.

At each beginning of a word it knows how likely each next character is, and that the word ends. How it ends, by a space,
a full stop or a bracket, and what stands before it, is not a matter of words: where an alphabet has such characters,
that is left to the n-gram. Which words are worth knowing is left to whoever brings them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.border import IntArray
from inkread.errors import BadOption

STEPS_PER_BIT = 16  # a probability p is kept as round(-16 log2 p) in one byte: exact to 2 %, down to 1 in 60,000
PROBABILITIES = (2.0 ** (-np.arange(256) / STEPS_PER_BIT)).astype(np.float32)

FloatArray = npt.NDArray[np.float32]
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
    end of a word) and its quantised probability; ``children`` (V,) counts each node's branches. The tables have a
    column for each character of words, in order, a column W for the end of a word and, where the alphabet has more
    characters, a last one for those that may stand beside a word but do not part words, such as digits.
    """

    symbols: ByteArray = field(repr=False)
    chances: ByteArray = field(repr=False)
    children: ByteArray = field(repr=False)
    alphabet: Alphabet

    @property
    def nodes(self) -> int:
        """How many nodes there are; this number itself stands for "no word of the lexicon"."""
        return len(self.children)

    @cached_property
    def parents(self) -> npt.NDArray[np.int64]:
        """(V-1,) the node that each of the nodes 1..V-1 hangs from."""
        return np.repeat(np.arange(self.nodes), self.children)

    @cached_property
    def columns(self) -> npt.NDArray[np.int64]:
        """(C+1,): the column of each symbol. Letters are of words, and whatever a word of this lexicon has."""
        used = set(self.symbols.tolist())
        within = [symbol for symbol, c in enumerate(self.alphabet) if c.isalpha() or symbol in used]
        beside = [len(within) + c.isdigit() for c in self.alphabet]  # what is no digit parts words as a space does
        columns = np.array([*beside, len(within)])
        columns[within] = np.arange(len(within))
        return columns

    @cached_property
    def apart(self) -> npt.NDArray[np.bool_]:
        """(C+1,): the symbols that no word has, the space among them."""
        apart: npt.NDArray[np.bool_] = self.columns >= self.columns[-1]
        return apart

    @cached_property
    def space_alone(self) -> bool:
        """Whether words have every character of the alphabet: a column for each symbol, in the same order."""
        return int(self.apart.sum()) == 1

    @cached_property
    def width(self) -> int:
        """The number of columns."""
        return int(self.columns[-1]) + (1 if self.space_alone else 2)

    @cached_property
    def next(self) -> npt.NDArray[np.int32]:
        """(V+1, width): the node after each column's symbols; V where no word goes on so. Node 0 after an end."""
        table = np.full((self.nodes + 1, self.width), self.nodes, np.int32)
        table[self.parents, self.columns[self.symbols]] = np.arange(1, self.nodes)
        table[:, self.columns[-1]] = 0  # after a space, whatever the last word was, a new one begins
        return table

    @cached_property
    def probabilities(self) -> npt.NDArray[np.float32]:
        """(V+1, width): the probability of each column at each node; a row sums to 1, or to 0 where no word goes on."""
        table = np.zeros((self.nodes + 1, self.width), np.float32)
        chances = PROBABILITIES[self.chances]
        sums = np.bincount(self.parents, chances, self.nodes)
        table[self.parents, self.columns[self.symbols]] = chances / sums[self.parents]
        return table

    def step(self, node: IntArray, symbols: IntArray) -> IntArray:
        """The nodes (B,) after one symbol each (B,)."""
        after: IntArray = self.next[node, self.columns[symbols]].astype(np.int64)
        return after

    def blend(self, chances: FloatArray, node: IntArray, weight: float) -> FloatArray:
        """The n-gram's probabilities (B, C+1), float32, with a share of this lexicon's at each node (B,).

        Where no word goes on so, the n-gram alone predicts. Where the alphabet has more than letters, the lexicon says
        that a word ends and the n-gram by which symbol; and whether a word begins at all, the n-gram says alone.
        """
        share = np.where(node < self.nodes, np.float32(weight), np.float32(0.0))[:, None]
        if self.space_alone:
            chances *= 1 - share
            chances += share * self.probabilities.take(node, axis=0)
            return chances
        beside = chances @ self._beside  # (B,)
        rows = node * self.width
        ends = self._flat.take(rows + self.columns[-1])
        begins = node == 0
        ends = np.where(begins, beside, ends)[:, None]
        letters = self._flat.take(rows[:, None] + self._letters)  # (B, C+1), 0 for what no word has
        letters *= share * np.where(begins, 1 - beside, np.float32(1.0))[:, None]
        chances *= 1 - share + share * (ends / beside[:, None]) * self._beside
        chances += letters
        return chances

    @cached_property
    def _beside(self) -> npt.NDArray[np.float32]:
        return self.apart.astype(np.float32)

    @cached_property
    def _flat(self) -> npt.NDArray[np.float32]:
        return self.probabilities.ravel()

    @cached_property
    def _letters(self) -> npt.NDArray[np.int64]:
        """(C+1,): the columns of words' characters; the last one, which is empty, for all others."""
        return np.where(self.apart, self.width - 1, self.columns)


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
    return _breadth_first(branches, np.array(masses), alphabet)


def _breadth_first(branches: list[dict[int, int]], masses: npt.NDArray[np.float64], alphabet: Alphabet) -> Lexicon:
    order, symbols, chances = [0], [], []
    for node in order:  # grows while it is walked
        for symbol, child in branches[node].items():
            order.append(child)
            symbols.append(symbol)
            chances.append(masses[child] / masses[node])
    children = np.array([len(branches[node]) for node in order], np.uint8)
    return Lexicon(np.array(symbols, np.uint8), quantise(np.array(chances)), children, alphabet)
