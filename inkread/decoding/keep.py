"""What was read and the expressions of `DecodingOptions.keep` -> the characters that language must leave as they are.

Expressions are `pattern`'s, followed by its automaton: none takes longer than the text times the ways to go on in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding.border import BoolArray, IntArray
from inkread.decoding.constraint import fits
from inkread.decoding.pattern import Pattern, pattern


def kept_by(keep: Sequence[str], characters: IntArray, spaces: IntArray | None, alphabet: Alphabet) -> BoolArray:
    """(T,) the characters of words that one of the expressions matches wholly; of any stretch where spaces are unknown.

    ``spaces`` are the rows that a space follows.
    """
    kept = np.zeros(len(characters), np.bool_)
    raw = alphabet.decode(characters)
    for expression in keep:
        wanted = replace(pattern(expression), fold_case=alphabet.fold_case)
        if spaces is None:  # nobody knows yet where words begin and end
            spans = list(_stretches(wanted, raw))
        else:
            begins = [0, *(int(row) + 1 for row in spaces)]
            words = zip(begins, [*begins[1:], len(raw)], strict=True)
            spans = [(begin, end) for begin, end in words if fits(wanted, raw[begin:end])]
        for begin, end in spans:
            kept[begin:end] = True
    return kept


def _stretches(wanted: Pattern, text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text that match, from left to right, each as long as can be: (begin, end), half-open."""
    known: dict[tuple[Pattern, int], int] = {}
    begin = 0
    while begin < len(text):
        end = _furthest(wanted, text, begin, known)
        if end > begin:
            yield begin, end
        begin = max(end, begin + 1)


def _furthest(rest: Pattern | None, text: str, place: int, known: dict[tuple[Pattern, int], int]) -> int:
    """The furthest end of what matches from a place on; -1 where nothing does. ``known``: what was found before."""
    passed = []
    while rest is not None and (rest, place) not in known:
        passed.append((rest, place))
        rest = rest.after(text[place]) if place < len(text) else None
        place += 1
    end = known[rest, place] if rest is not None else -1
    for here, place in reversed(passed):
        end = known[here, place] = place if end < 0 and here.complete else end
    return end
