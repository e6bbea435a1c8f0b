"""Texts as people wrote them -> how likely a capital is in each position: the numbers of inkread/decoding/case.py.

    python scripts/learn_case.py                        # needs INKREAD_DATA

And the words that have capitals wherever they stand: `build_language` puts them into the language of notes.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

import corpora
import numpy as np
import numpy.typing as npt

from inkread.alphabet import CHARACTERS
from inkread.decoding.case import Position, positions
from inkread.spelling import normalise

CASED: Final = ("masc", "state_union", "inaugural")  # the film reviews have no capitals
FEW_LETTERS: Final = 4  # a shorter text tells no style
OFTEN: Final = 3  # a name came so often, within sentences
MESSAGE_WEIGHT: Final = 5  # of a word in a message, when it is decided whether it is a name
EVERY: Final = 10  # which of the general passages are counted: 400,000 letters are enough for 22 numbers
WITHIN: Final = re.compile(r"(?<=[a-z,] )[A-Za-z]{2,}(?=[ .,!?;:)']|$)")  # words that begin no sentence


def counted(passages: list[str], names: Mapping[str, str]) -> tuple[npt.NDArray[np.float64], Counter[str]]:
    """How often each position came, (positions, 2, 2): after a small letter or a capital, small or capital; styles."""
    times = np.zeros((len(Position), 2, 2))
    styles: Counter[str] = Counter()
    for passage in passages:
        words = normalise(passage, CHARACTERS)[0].split(" ")
        text = "".join(words)
        spaces = np.cumsum([len(word) for word in words])[:-1] - 1
        where = positions(text.upper(), spaces, np.zeros(0, np.int64), names)
        letters = np.flatnonzero(where >= 0)
        if len(letters) < FEW_LETTERS:
            continue
        capital = np.array([text[row].isupper() for row in letters], int)
        style = "capitals" if capital.all() else "as usual" if capital.any() else "small letters"
        styles[style] += 1
        if style == "as usual":
            np.add.at(times, (where[letters], np.concatenate([[0], capital[:-1]]), capital), 1)
    return times, styles


def names() -> dict[str, str]:
    """The words that more often than not have a capital within sentences: in capitals -> as most often spelt."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    often: Counter[str] = Counter()
    for passages, weight in ((corpora.general_as_written(CASED), 1), (corpora.messages("train"), MESSAGE_WEIGHT)):
        for word in (word for passage in passages for word in WITHIN.findall(passage)):
            spellings[word.upper()][word] += weight
            often[word] += 1
    found = {}
    for word, spelt in sorted(spellings.items()):
        (usual, times), *_ = spelt.most_common(1)
        if often[usual] >= OFTEN and 2 * times > spelt.total() and usual != usual.lower():
            found[word] = usual
    return found


def main() -> None:
    """Print the table."""
    known, chances = names(), []
    for passages in (corpora.messages("train"), corpora.general_as_written(CASED)[::EVERY]):
        times, styles = counted(passages, known)
        chances.append((times[:, :, 1] + 0.5) / (times.sum(axis=2) + 1))
        sys.stdout.write(f"{dict(styles)}\n")
    for position, (small, capital) in zip(Position, np.mean(chances, axis=0), strict=True):
        apart = ", ".join(f"{part[position][0]:.4f} {part[position][1]:.4f}" for part in chances)
        sys.stdout.write(f"    Position.{position.name}: ({small:.4f}, {capital:.4f}),  # {apart}\n")
    sys.stdout.write(f"{len(known)} names, such as {' '.join(list(known.values())[:: len(known) // 60])}\n")


if __name__ == "__main__":
    main()
