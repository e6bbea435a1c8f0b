"""Texts -> the contexts of a language model: a character n-gram with modified Kneser-Ney smoothing, cut to size.

Texts come as symbols, with two spaces between one and the next. Where some texts are nearer to what will be read than
others, their statistics are blended context by context. Sources: Chen and Goodman 1999, "An empirical study of
smoothing techniques", section 3.1 (modified Kneser-Ney); Stolcke 1998, "Entropy-based pruning of backoff language
models" (which contexts are worth their bytes).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding.border import FloatArray, IntArray, check_texts
from inkread.decoding.language import LEXICON_WEIGHT, Contexts, LanguageModel
from inkread.decoding.lexicon import build, quantise
from inkread.errors import BadOption
from inkread.spelling import normalise

KEY_BITS = 62  # an n-gram is one int64: its symbols side by side
MOST_SYMBOLS = 255  # a symbol, and how many symbols follow a context, are one byte each
RARE = 4  # a context seen less often in the general texts is not considered
SMALLEST_DISCOUNT = 0.05
MOST_WORDS = 60_000  # of a lexicon that is made from texts
MOST_CONTEXTS = 170_000  # where nothing else is asked for
TABLE = 7_000_000  # bytes of contexts then: less than 6 MB in a compact file, its lexicon among them, read in 80 ms
NOTHING = "  "  # what no texts at all become

Rows = list[npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Packing:
    """How the symbols of one alphabet, the space among them, are packed into keys."""

    symbols: int

    @property
    def bits(self) -> int:
        """Bits a symbol."""
        return (self.symbols - 1).bit_length()

    @property
    def longest(self) -> int:
        """The longest n-gram that fits into a key."""
        return KEY_BITS // self.bits

    def keys(self, text: npt.NDArray[np.uint8], n: int) -> IntArray:
        """The n-grams of a text (L,) as keys (L-n+1,), the first symbol in the highest bits."""
        count = max(len(text) - n + 1, 0)
        keys = np.zeros(count, np.int64)
        for offset in range(n):
            keys = (keys << self.bits) | text[offset : offset + count]
        return keys

    def suffix(self, keys: IntArray, n: int) -> IntArray:
        """The keys of n-grams without their first symbol."""
        return keys & ((1 << (self.bits * (n - 1))) - 1)

    def prefix(self, keys: IntArray) -> IntArray:
        """The keys of n-grams without their last symbol."""
        return keys >> self.bits

    def last(self, keys: IntArray) -> IntArray:
        """The last symbol of n-grams."""
        return keys & ((1 << self.bits) - 1)


@dataclass(frozen=True)
class Counts:
    """The n-grams of a text for n = 1..N: sorted keys, how often each came, and what Kneser-Ney counts instead.

    ``distinct[n-1]`` is the number of different symbols seen before each n-gram: how many contexts it continues. For
    the longest n-grams it is the plain count.
    """

    grams: list[IntArray] = field(repr=False)
    counts: list[IntArray] = field(repr=False)
    distinct: list[IntArray] = field(repr=False)


def to_symbols(texts: Iterable[str], alphabet: Alphabet) -> npt.NDArray[np.uint8]:
    """Texts as the alphabet can write them -> symbols (L,) in one row, two spaces before, between and after them."""
    lines = [spelt for text in texts if (spelt := normalise(text, alphabet)[0])]
    joined = "".join(f"  {line}" for line in lines) + "  "
    points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    known = np.frombuffer((alphabet.characters + " ").encode("utf-32-le"), np.uint32)
    order = np.argsort(known)
    symbols: npt.NDArray[np.uint8] = order[np.searchsorted(known, points, sorter=order)].astype(np.uint8)
    return symbols


def count(text: npt.NDArray[np.uint8], packing: Packing, longest: int) -> Counts:
    """Count the n-grams of a text for n = 1..``longest``."""
    grams, counts, distinct = [], [], []
    for n in range(1, longest + 1):
        keys, times = np.unique(packing.keys(text, n), return_counts=True)
        grams.append(keys)
        counts.append(times)
    for n in range(1, longest):
        continued, times = np.unique(packing.suffix(grams[n], n + 1), return_counts=True)
        before = np.ones(len(grams[n - 1]), np.int64)  # at the very beginning of the text nothing comes before
        before[np.searchsorted(grams[n - 1], continued)] = times
        distinct.append(before)
    return Counts(grams, counts, [*distinct, counts[-1]])


def discounts(counts: IntArray) -> FloatArray:
    """What is taken off counts of 0, 1, 2, 3 and more (4,), estimated from how many n-grams came 1 to 4 times."""
    once, twice, thrice, often = (int((counts == times).sum()) for times in (1, 2, 3, 4))
    if not (once and twice and thrice):
        return np.array([0.0, 0.5, 0.75, 0.9])  # too little text to estimate anything
    share = once / (once + 2 * twice)
    estimates = (1 - 2 * share * twice / once, 2 - 3 * share * thrice / twice, 3 - 4 * share * often / thrice)
    return np.array([0.0, *(np.clip(e, SMALLEST_DISCOUNT, n + 0.95) for n, e in enumerate(estimates))])


def find(sorted_keys: IntArray, keys: IntArray) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Where each key stands in a sorted array, and whether it is there at all (else the place means nothing)."""
    if not len(sorted_keys):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
    places = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return places, sorted_keys[places] == keys


@dataclass(frozen=True)
class Tree:
    """Contexts by length, 0 to M: their sorted keys, and where the suffix of each stands among the shorter ones."""

    keys: list[IntArray]
    suffixes: list[IntArray]

    def __len__(self) -> int:
        return sum(len(keys) for keys in self.keys)


def candidates(corpora: Sequence[Counts], least: Sequence[int], packing: Packing, longest: int) -> Tree:
    """Every context up to ``longest`` symbols that came at least ``least`` times in any one of the corpora."""
    keys = [np.zeros(1, np.int64)]
    for length in range(1, longest + 1):
        seen = [c.grams[length - 1][c.counts[length - 1] >= times] for c, times in zip(corpora, least, strict=True)]
        here = np.unique(np.concatenate(seen))
        whole = find(keys[-1], packing.suffix(here, length))[1] & find(keys[-1], packing.prefix(here))[1]
        keys.append(here[whole])
    return with_suffixes(keys, packing)


def with_suffixes(keys: list[IntArray], packing: Packing) -> Tree:
    """The tree of contexts given by length."""
    longer = [find(keys[n - 1], packing.suffix(keys[n], n))[0] for n in range(1, len(keys))]
    return Tree(keys, [np.zeros(1, np.int64), *longer])


def distributions(tree: Tree, corpus: Counts, packing: Packing) -> Rows:
    """The probability of each symbol after each context, float32 (K, S) by length of context: interpolated Kneser-Ney.

    Each context keeps what was counted there, less a discount; what the discounts leave goes to its suffix's row.
    """
    rows: Rows = []
    for length, contexts in enumerate(tree.keys):
        uniform = np.full((1, packing.symbols), 1 / packing.symbols, np.float32)
        shorter = rows[-1][tree.suffixes[length]] if length else uniform
        grams, counts = corpus.grams[length], corpus.distinct[length]
        place, there = find(contexts, packing.prefix(grams))
        place, symbol, times = place[there], packing.last(grams)[there], counts[there]
        taken = discounts(counts)[np.minimum(times, 3)]
        total = np.bincount(place, times, len(contexts))
        left = np.where(total > 0, np.bincount(place, taken, len(contexts)) / np.maximum(total, 1), 1.0)
        row = shorter * left.astype(np.float32)[:, None]
        row[place, symbol] += ((times - taken) / total[place]).astype(np.float32)
        rows.append(row)
    return rows


def occurrences(tree: Tree, corpus: Counts) -> list[FloatArray]:
    """How often each context came, by length."""
    times: list[FloatArray] = [np.array([np.inf])]  # the empty context is always there
    for length in range(1, len(tree.keys)):
        place, there = find(corpus.grams[length - 1], tree.keys[length])
        times.append(np.where(there, corpus.counts[length - 1][place], 0).astype(np.float64))
    return times


def prune(tree: Tree, rows: Rows, times: Sequence[FloatArray], most: int, packing: Packing) -> tuple[Tree, Rows]:
    """The ``most`` contexts, or some fewer, whose own row helps most: what they save, in nats, over their suffix's row.

    With each context its suffix and its prefix stay, so that the automaton can reach it and fall back from it.
    """
    saved = [np.array([np.inf])]
    for length in range(1, len(rows)):
        own, shorter = rows[length], rows[length - 1][tree.suffixes[length]]
        saved.append(times[length] * (own * np.log(own / shorter)).sum(axis=1))
    low, high = 0.0, 1.0 + 2 * max(float(s.max(initial=0.0)) for s in saved[1:])
    for _ in range(40):  # bisect the saving that pays for a context
        middle = (low + high) / 2 if low == 0 else (low * high) ** 0.5
        too_many = sum(int(k.sum()) for k in _worth(tree, saved, middle, packing)) > most
        low, high = (middle, high) if too_many else (low, middle)
    kept = _worth(tree, saved, high, packing)
    keys = [k[mask] for k, mask in zip(tree.keys, kept, strict=True)]
    return with_suffixes(keys, packing), [row[mask] for row, mask in zip(rows, kept, strict=True)]


def _worth(tree: Tree, saved: Sequence[FloatArray], least: float, packing: Packing) -> list[npt.NDArray[np.bool_]]:
    """Which contexts save at least so much, and those that these need."""
    kept = [saving >= least for saving in saved]
    for length in range(len(kept) - 1, 0, -1):
        kept[length - 1][tree.suffixes[length][kept[length]]] = True
        kept[length - 1][find(tree.keys[length - 1], packing.prefix(tree.keys[length][kept[length]]))[0]] = True
    return kept


def compile_contexts(tree: Tree, rows: Rows, packing: Packing) -> Contexts:
    """The automaton's table: contexts by depth, their distributions in one byte a symbol."""
    children = [
        np.bincount(find(shorter, packing.prefix(longer))[0], minlength=len(shorter))
        for shorter, longer in zip(tree.keys, [*tree.keys[1:], np.zeros(0, np.int64)], strict=True)
    ]
    return Contexts(
        depths=tuple(len(keys) for keys in tree.keys if len(keys)),
        symbols=np.concatenate([packing.last(keys) for keys in tree.keys])[1:].astype(np.uint8),
        children=np.concatenate(children).astype(np.uint8),
        chances=quantise(np.concatenate(rows)),
    )


@dataclass(frozen=True)
class NgramOptions:
    """How a language model is learnt. The defaults are those of the shipped one; records/LOG.md tells how they came."""

    context: int = 8
    """Characters that the longest context looks back."""

    contexts: int | None = None
    """How many contexts are kept, each of a byte a character of the alphabet; without it, 170,000, or, of a large
    alphabet, as many as 7 MB hold."""

    blend: float = 0.55
    """Share (0..1) of the nearer texts in each prediction, where there are such."""

    boost: float = 100.0
    """How much more a context of the nearer texts counts when it is decided which ones are kept."""


def learn(
    texts: npt.NDArray[np.uint8], nearer: npt.NDArray[np.uint8] | None, alphabet: Alphabet, options: NgramOptions
) -> Contexts:
    """Symbols of texts, and of texts nearer to what will be read (or None), as `to_symbols` gives them -> contexts.

    Raises BadOption for a context that is too long for the alphabet, or texts that are too short.
    """
    packing = Packing(len(alphabet) + 1)
    check(options, packing, min(len(part) for part in (texts, nearer) if part is not None))
    longest = options.context + 1
    general = count(texts, packing, longest)
    if nearer is None:
        tree = candidates([general], [2], packing, options.context)
        rows, times = distributions(tree, general, packing), occurrences(tree, general)
    else:
        near = count(nearer, packing, longest)
        tree = candidates([general, near], [RARE, 1], packing, options.context)
        pairs = zip(distributions(tree, general, packing), distributions(tree, near, packing), strict=True)
        rows = [((1 - options.blend) * g + options.blend * n).astype(np.float32) for g, n in pairs]
        counted = zip(occurrences(tree, general), occurrences(tree, near), strict=True)
        times = [g + options.boost * n for g, n in counted]
    return compile_contexts(*prune(tree, rows, times, most(options, packing), packing), packing)


def most(options: NgramOptions, packing: Packing) -> int:
    """How many contexts may be kept.

    >>> most(NgramOptions(), Packing(27)), most(NgramOptions(), Packing(58))
    (170000, 120689)
    """
    return min(MOST_CONTEXTS, TABLE // packing.symbols) if options.contexts is None else options.contexts


def check(options: NgramOptions, packing: Packing, shortest: int) -> None:
    """Refuse what cannot be learnt."""
    if packing.symbols > MOST_SYMBOLS:
        raise BadOption(f"the alphabet has {packing.symbols - 1} characters; expected at most {MOST_SYMBOLS - 1}")
    if not 1 <= options.context < packing.longest:
        raise BadOption(
            f"context is {options.context}; expected 1 to {packing.longest - 1} characters for this alphabet"
        )
    if not packing.symbols <= most(options, packing):
        raise BadOption(f"contexts is {options.contexts}; expected at least {packing.symbols:,}")
    if not 0 <= options.blend <= 1:
        raise BadOption(f"blend is {options.blend}; expected 0 to 1")
    if not 0 <= options.boost < np.inf:
        raise BadOption(f"boost is {options.boost}; expected 0 or more")
    if shortest <= 2 * (options.context + 1):
        raise BadOption("the texts have hardly a character of the alphabet; expected some thousand words at least")


def train_language(  # noqa: PLR0913 (all but two are optional, and named)
    texts: Iterable[str],
    alphabet: Alphabet,
    *,
    nearer: Iterable[str] = (),
    frequencies: Mapping[str, float] | None = None,
    options: NgramOptions | None = None,
    about: str = "",
) -> LanguageModel:
    """Learn a language from passages of text.

    Args:
        texts: passages, in any spelling; each is brought into the alphabet.
        alphabet: the characters to predict; the space comes by itself.
        nearer: passages of the kind that will be read; they are blended in with more weight.
        frequencies: words as the alphabet spells them, with their relative frequencies; those of the texts when left
            out.
        options: how much is kept; the shipped model's when left out.
        about: a sentence that the model carries.

    Raises:
        BadOption: a single text or what is none, texts with hardly a character of the alphabet, or options that make no
            sense.
    """
    texts, nearer = check_texts("texts", texts), check_texts("nearer", nearer)
    general, near = to_symbols(texts, alphabet), to_symbols(nearer, alphabet)
    contexts = learn(general, near if len(near) > len(NOTHING) else None, alphabet, options or NgramOptions())
    if frequencies is None:
        frequencies = words_in(normalise(text, alphabet)[0] for text in (*texts, *nearer))
    return LanguageModel(alphabet, contexts, ((build(frequencies, alphabet), LEXICON_WEIGHT),), about)


def words_in(passages: Iterable[str]) -> dict[str, float]:
    """The words of passages that came at least twice, with their numbers; of few passages, all words."""
    counts = Counter(word for passage in passages for word in passage.split())
    often = {word: float(times) for word, times in counts.most_common(MOST_WORDS) if times > 1}
    return often or {word: float(times) for word, times in counts.items()}
