"""What was written so far -> how likely each next character is, the space among them: a model of a language.

A character n-gram whose contexts are the states of an automaton, blended with a lexicon. Each kept context holds its
whole distribution, so that one look-up answers for all characters, and one more gives the next state: decoding asks for
hundreds of contexts a character and must not wait. How a model is learnt is told in ``ngram``; what it is used for, in
``beam``. Source: probabilistic suffix automata, Ron, Singer and Tishby 1996.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.border import FloatArray, IntArray
from inkread.decoding.lexicon import PROBABILITIES, ByteArray, Lexicon, build
from inkread.errors import BadCheckpoint, BadOption, UnknownCharacter
from inkread.files import write_whole

FORMAT = "inkread language model 1"
LEXICON_WEIGHT = 0.35  # share of the lexicon in each prediction; chosen on validation messages, records/LOG.md
COARSE = 4  # sixteenths of a bit; costs 0.001 bits a character, records/LOG.md
OWN_WORDS_WEIGHT = 0.35  # the same for a user's own words
UNREADABLE = (  # what json, NumPy and zipfile raise over a file that is something else
    *(ValueError, KeyError, TypeError, OSError, EOFError, RuntimeError, BadOption),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)


@dataclass(frozen=True, eq=False)
class Contexts:
    """The contexts that an n-gram keeps: a tree of what was written before, longest contexts deepest.

    Node 0 is the empty context. The nodes of each depth stand together, sorted by their symbols; ``depths`` (M+1,) says
    how many there are, ``symbols`` (K-1,) the last symbol of the nodes 1..K-1, ``children`` (K,) how many contexts are
    one symbol longer, and ``chances`` (K, C+1) the quantised probability of each symbol after each context. With a
    context its suffix (without the first symbol) is there, too.
    """

    depths: tuple[int, ...]
    symbols: ByteArray = field(repr=False)
    children: ByteArray = field(repr=False)
    chances: ByteArray = field(repr=False)

    @cached_property
    def next(self) -> npt.NDArray[np.int32]:
        """(K, C+1): after each symbol, the longest kept context that what was written now ends in."""
        table = np.zeros((len(self.children), self.chances.shape[1]), np.int32)
        parents = np.repeat(np.arange(len(self.children)), self.children)
        suffixes = np.zeros(len(self.children), np.int32)
        ends = np.cumsum(self.depths)
        table[0, self.symbols[: self.children[0]]] = np.arange(1, ends[1] if len(ends) > 1 else 1)
        for begin, end in pairwise(ends.tolist()):  # depth by depth: a suffix is one less deep
            symbols, parent = self.symbols[begin - 1 : end - 1], parents[begin - 1 : end - 1]
            if begin > 1:
                suffixes[begin:end] = table[suffixes[parent], symbols]
                table[parent, symbols] = np.arange(begin, end)
            table[begin:end] = table[suffixes[begin:end]]
        return table


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """Predicts the next character of a text. The symbols are the columns of the alphabet, then the space.

    A state is one number, int64: where the n-gram is, and where each lexicon is. Many states are asked at once. Two
    spaces in a row end a message: that is why a space after a space has a probability. ``names`` are words that have
    capitals wherever they stand, by their spelling in capitals: `restore_case` takes them.
    """

    alphabet: Alphabet
    contexts: Contexts = field(repr=False)
    lexicons: tuple[tuple[Lexicon, float], ...] = field(repr=False)
    about: str = ""
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def space(self) -> int:
        """The symbol of the space: the one after the alphabet's."""
        return len(self.alphabet)

    @cached_property
    def start(self) -> int:
        """The state at the beginning of a message."""
        spaces = self.contexts.next[self.contexts.next[0, self.space], self.space]
        return int(spaces)  # and every lexicon at its node 0

    def log_probs(self, states: IntArray) -> FloatArray:
        """States (B,) -> natural logarithms (B, C+1) of the probability of each next symbol; each row sums to 1."""
        context, nodes = self._split(states)
        total = PROBABILITIES.take(self.contexts.chances.take(context, axis=0))  # (B, C+1), float32: twice as fast
        total /= total.sum(axis=1, keepdims=True)
        for (lexicon, weight), node in zip(self.lexicons, nodes, strict=True):
            total = lexicon.blend(total, node, weight)
        return np.log(total, out=total).astype(np.float64)

    def step(self, states: IntArray, symbols: IntArray) -> IntArray:
        """The states (B,) after one symbol each (B,) was written."""
        context, nodes = self._split(states)
        after: IntArray = self.contexts.next[context, symbols].astype(np.int64)
        size = len(self.contexts.children)
        for (lexicon, _), node in zip(self.lexicons, nodes, strict=True):
            after += size * lexicon.step(node, symbols)
            size *= lexicon.nodes + 1
        return after

    def log_prob(self, text: str) -> float:
        """The natural logarithm of the probability of a text with single spaces, its words ended."""
        symbols = self.encode(text + " ") if text else np.zeros(0, np.int64)
        state, total = np.array([self.start]), 0.0
        for symbol in symbols:
            total += float(self.log_probs(state)[0, symbol])
            state = self.step(state, np.array([symbol]))
        return total

    def encode(self, text: str) -> IntArray:
        """Characters and spaces -> symbols; raises UnknownCharacter."""
        pieces = [self.alphabet.encode(word) for word in text.split(" ")]
        spaced = [part for piece in pieces for part in (piece, np.array([self.space]))]
        return np.concatenate(spaced[:-1])

    def bigram(self) -> FloatArray:
        """(C+1, C+1) log P(next | last), the space in the last row and column: what ``viterbi`` takes."""
        chances = PROBABILITIES[self.contexts.chances[self.contexts.next[0]]].astype(np.float64)
        logs: FloatArray = np.log(chances / chances.sum(axis=1, keepdims=True))
        return logs

    def with_words(self, words: Iterable[str]) -> LanguageModel:
        """The same language with words of your own, all equally likely; raises UnknownCharacter."""
        given = [word.strip() for word in words]
        folded = {self.alphabet.fold(word) for word in given} - {""}
        for word in given:
            if broken := [c for c in word if c not in self.alphabet]:
                raise UnknownCharacter(
                    f"the word {word!r} has {broken[0]!r}, which is outside the alphabet "
                    f"{self.alphabet.characters!r}; give single words of its characters alone"
                )
        own = build(dict.fromkeys(sorted(folded), 1.0), self.alphabet)
        return replace(self, lexicons=(*self.lexicons, (own, OWN_WORDS_WEIGHT)))

    def without_lexicon(self) -> LanguageModel:
        """The n-gram alone."""
        return replace(self, lexicons=())

    def save(self, path: Path, *, compact: bool = False) -> None:
        """Write the model into one file, whole or not at all.

        ``compact`` halves it: probabilities of contexts in steps of a quarter of a bit, and deflated, which takes 30 ms
        to undo for 120,000 contexts.
        """
        if len(self.lexicons) > 1:
            raise BadOption("a language model with own words cannot be saved; build those words into its lexicon")
        about: dict[str, object] = {"format": FORMAT, "alphabet": asdict(self.alphabet), "about": self.about}
        if self.names:
            about["names"] = " ".join(self.names.values())
        arrays = {"depths": np.array(self.contexts.depths), **_arrays("context", self.contexts)}
        for lexicon, weight in self.lexicons:
            about["lexicon_weight"] = weight
            arrays |= _arrays("lexicon", lexicon)
        buffer = io.BytesIO()
        write = np.savez
        if compact:
            write = np.savez_compressed
            arrays["context_chances"] = coarser(self.contexts.chances)
        write(buffer, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
        write_whole(path, buffer.getvalue())

    def _split(self, states: IntArray) -> tuple[IntArray, list[IntArray]]:
        """States -> where the n-gram is, and where each lexicon is."""
        rest, context = np.divmod(states, len(self.contexts.children))
        nodes = []
        for lexicon, _ in self.lexicons:
            rest, node = np.divmod(rest, lexicon.nodes + 1)
            nodes.append(node)
        return context, nodes


def coarser(chances: ByteArray) -> ByteArray:
    """Quantised probabilities in steps of a quarter of a bit: at most 9 % off, and half as long when deflated."""
    rounded: ByteArray = np.minimum(np.rint(chances / COARSE) * COARSE, 255).astype(np.uint8)
    return rounded


def _arrays(prefix: str, tree: Contexts | Lexicon) -> dict[str, ByteArray]:
    return {f"{prefix}_{name}": getattr(tree, name) for name in ("symbols", "children", "chances")}


def checked_language(language: LanguageModel | None) -> LanguageModel | None:
    """The language, or None; raises BadOption for anything else."""
    if language is not None and not isinstance(language, LanguageModel):
        raise BadOption(f"language is {language!r:.60}; expected what inkread.load_language makes of such a file")
    return language


def check_language(language: LanguageModel | None, alphabet: Alphabet, what: str) -> None:
    """Refuse a language of another alphabet than that of ``what``, and what is no language; raises BadOption."""
    checked_language(language)
    if language is not None and language.alphabet != alphabet:
        raise BadOption(
            f"the language model is for the alphabet {language.alphabet.characters!r}, {what} {alphabet.characters!r}"
        )


def load_language(source: str | os.PathLike[str] | bytes) -> LanguageModel:
    """The model that ``LanguageModel.save`` wrote: a path, or the bytes of the file.

    Raises BadCheckpoint for a file that is missing, damaged or something else.
    """
    label = "these bytes" if isinstance(source, bytes) else str(source)
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise BadCheckpoint(f"cannot read the language model {label}: {error.strerror or error}") from error
    try:
        if not zipfile.is_zipfile(io.BytesIO(content)):
            raise ValueError("not even an archive")
        with np.load(io.BytesIO(content)) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
        about = json.loads(arrays["about"].tobytes())
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']!r}")
        return _assemble(about, arrays)
    except UNREADABLE as error:
        raise BadCheckpoint(
            f"{label} is not a whole language model of inkread ({error}); make one with inkread language train"
        ) from error


def _assemble(about: dict[str, object], arrays: dict[str, npt.NDArray[np.generic]]) -> LanguageModel:
    alphabet = Alphabet(**cast("dict[str, object]", about["alphabet"]))  # type: ignore[arg-type]
    depths = tuple(int(n) for n in cast("list[int]", arrays["depths"].tolist()))
    context = _tree("context", arrays, len(alphabet))
    nodes = len(context["children"])
    if sum(depths) != nodes or context["chances"].shape != (nodes, len(alphabet) + 1):
        raise ValueError("its contexts do not fit together")
    lexicons: tuple[tuple[Lexicon, float], ...] = ()
    if "lexicon_weight" in about:
        words = _tree("lexicon", arrays, len(alphabet))
        if words["chances"].shape != words["symbols"].shape:
            raise ValueError("its lexicon does not fit together")
        lexicons = ((Lexicon(**words, alphabet=alphabet), float(cast(float, about["lexicon_weight"]))),)
    names = {name.upper(): name for name in str(about.get("names", "")).split()}
    return LanguageModel(alphabet, Contexts(depths, **context), lexicons, str(about["about"]), names)


def _tree(prefix: str, arrays: dict[str, npt.NDArray[np.generic]], classes: int) -> dict[str, ByteArray]:
    """The arrays of a tree by name; raises ValueError where they are none."""
    tree = {name: cast(ByteArray, arrays[f"{prefix}_{name}"]) for name in ("symbols", "children", "chances")}
    symbols, children = tree["symbols"], tree["children"]
    if any(part.dtype != np.uint8 for part in tree.values()) or symbols.ndim != 1 or children.ndim != 1:
        raise ValueError(f"its {prefix} arrays are of the wrong kind")
    if not len(children) == len(symbols) + 1 == int(children.sum()) + 1 or symbols.max(initial=0) > classes:
        raise ValueError(f"its {prefix} tree does not fit together")
    return tree
