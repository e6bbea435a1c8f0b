"""A language of many characters -> the same language where only some of them are written.

What it says of the others is left out, of what may come and of what was written before, and each prediction sums to 1
again. So the language that ships for notes serves glyphs of letters and digits, too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.border import BoolArray, IntArray
from inkread.decoding.language import Contexts, LanguageModel
from inkread.decoding.lexicon import ByteArray, Lexicon


def part_of(language: LanguageModel, alphabet: Alphabet) -> LanguageModel:
    """The language in an alphabet of some of its characters, in any order; raises UnknownCharacter for others."""
    columns = np.append(language.alphabet.encode(alphabet), language.space)  # the old symbol of each new one
    contexts = _contexts(language.contexts, columns)
    lexicons = tuple((_lexicon(lexicon, columns, alphabet), weight) for lexicon, weight in language.lexicons)
    names = {capitals: name for capitals, name in language.names.items() if all(c in alphabet for c in capitals)}
    return LanguageModel(alphabet, contexts, lexicons, language.about, names)


def _contexts(contexts: Contexts, columns: IntArray) -> Contexts:
    """Those contexts in which nothing else was written; with each stays its suffix, which has none but its symbols."""
    kept = _reached(contexts.symbols, contexts.children, columns)
    depth = np.repeat(np.arange(len(contexts.depths)), contexts.depths)
    return Contexts(
        depths=tuple(n for n in np.bincount(depth[kept]).tolist() if n),
        symbols=_renamed(contexts.symbols[kept[1:]], columns),
        children=_children(contexts.children, kept),
        chances=contexts.chances[np.ix_(kept, columns)],
    )


def _lexicon(lexicon: Lexicon, columns: IntArray, alphabet: Alphabet) -> Lexicon:
    """Those words that have no other characters."""
    kept = _reached(lexicon.symbols, lexicon.children, columns)
    ends = np.append(False, lexicon.symbols == columns[-1])
    parents, alive = lexicon.parents, kept & ends
    for _ in range(_depth(lexicon.children)):  # from the ends of words to their beginnings
        alive[parents[alive[1:]]] = True
    alive[0] = True
    symbols, chances = lexicon.symbols[alive[1:]], lexicon.chances[alive[1:]]
    return Lexicon(_renamed(symbols, columns), chances, _children(lexicon.children, alive), alphabet)


def _reached(symbols: ByteArray, children: ByteArray, columns: IntArray) -> BoolArray:
    """(K,) the nodes of a tree, breadth first, on whose way stand no symbols but these."""
    parents = _parents(children)
    able: npt.NDArray[np.bool_] = np.append(True, np.isin(symbols, columns))
    for _ in range(_depth(children)):
        able[1:] &= able[parents]
    return able


def _depth(children: ByteArray) -> int:
    """How many steps the furthest node of a tree is from its root."""
    parents, node, depth = _parents(children), len(children) - 1, 0
    while node:
        node, depth = int(parents[node - 1]), depth + 1
    return depth


def _parents(children: ByteArray) -> IntArray:
    """(K-1,) the node that each of the nodes 1..K-1 hangs from."""
    return np.repeat(np.arange(len(children)), children)


def _children(children: ByteArray, kept: BoolArray) -> ByteArray:
    """How many children each kept node keeps."""
    left = np.bincount(_parents(children)[kept[1:]], minlength=len(children))[kept]
    return left.astype(np.uint8)


def _renamed(symbols: ByteArray, columns: IntArray) -> ByteArray:
    """Old symbols, all of them among the columns -> new ones."""
    new = np.zeros(int(columns.max()) + 1, np.uint8)
    new[columns] = np.arange(len(columns))
    renamed: ByteArray = new[symbols]
    return renamed
