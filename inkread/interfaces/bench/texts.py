"""Held-out messages -> the lines and pages that are written; without a data folder, texts of our own."""

from __future__ import annotations

import hashlib
import re
import textwrap
from pathlib import Path
from typing import Final, Literal

import numpy as np

from inkread.alphabet import CHARACTERS, LETTERS, Alphabet
from inkread.evaluation.plain import number_messages, own_messages
from inkread.spelling import normalise

Held = Literal["val", "test"]
Writing = Literal["capitals", "mixed", "numbers"]

ALPHABETS: Final[dict[Writing, Alphabet]] = {"capitals": LETTERS, "mixed": CHARACTERS}
TENTHS: Final[dict[Held, int]] = {"test": 0, "val": 1}
SPLIT_OFF: Final = re.compile(r" (?=(?:'s|'re|'ve|'ll|'d|'m|n't)\b)", re.IGNORECASE)
LENGTHS: Final = (6, 34)  # characters of a line
PAGE_LINES: Final = (4, 8)
PAGE_WIDTHS: Final = (16, 30)  # characters a line of a page at most
OWN: Final = 200  # texts where no data folder has messages


def held_out(folder: Path, split: Held) -> tuple[str, ...]:
    """The messages of one held-out tenth, by the hash of each: val for choosing, test for reporting."""
    path = folder / "text" / "messages.txt"
    if not path.is_file():
        return own_messages(LETTERS, np.random.default_rng(len(split)), OWN)
    # Split as the language models' texts are, where tokenisers' "do n't" is one word again before it is hashed.
    lines = (SPLIT_OFF.sub("", line) for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if _tenth(line) == TENTHS[split])


def _tenth(line: str) -> int:
    return int(hashlib.sha256(line.encode()).hexdigest(), 16) % 10


def spelt(messages: tuple[str, ...], writing: Writing) -> list[str]:
    """The messages as one way of writing has them; numbers are made up."""
    if writing == "numbers":
        return list(number_messages(np.random.default_rng(0), OWN))
    texts = [normalise(message, ALPHABETS[writing])[0] for message in messages]
    return [text for text in texts if len(text) >= LENGTHS[0]]


def a_line(texts: list[str], rng: np.random.Generator) -> str:
    """A line out of one of the texts."""
    text = texts[int(rng.integers(len(texts)))]
    rows = [
        row for row in textwrap.wrap(text, int(rng.integers(LENGTHS[1] // 2, LENGTHS[1] + 1))) if len(row) >= LENGTHS[0]
    ]
    return rows[int(rng.integers(len(rows)))] if rows else text[: LENGTHS[1]].strip()


def a_word(texts: list[str], rng: np.random.Generator) -> str:
    """A word out of one of the texts, or two that follow each other; at least two characters."""
    words = texts[int(rng.integers(len(texts)))].split()
    begin = int(rng.integers(len(words)))
    found = " ".join(words[begin : begin + int(rng.integers(1, 3))])
    return found if len(found) > 1 else " ".join(words)[: LENGTHS[0]].strip()


def a_page(texts: list[str], rng: np.random.Generator) -> str:
    """Four to eight lines out of the texts, one after another."""
    wanted, width = int(rng.integers(PAGE_LINES[0], PAGE_LINES[1] + 1)), int(rng.integers(*PAGE_WIDTHS))
    rows: list[str] = []
    while len(rows) < wanted:
        rows += textwrap.wrap(texts[int(rng.integers(len(texts)))], width)
    return "\n".join(rows[:wanted])
