"""The texts of the data folder, and strings that no text holds -> what line networks learn to read.

A network must not learn the language, only shapes: a good part of its lines are words of no language, and every
character comes often enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import corpora
import numpy as np

from inkread.alphabet import CHARACTERS, PUNCTUATION
from inkread.spelling import normalise

LONGEST: Final = 44  # characters
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
RARE: Final = "jqxzvkw"
SLASHED: Final = (
    "N/A", "n/a", "w/", "w/o", "c/o", "a/c", "I/O", "y/n", "Y/N", "yes/no", "and/or", "he/she", "his/her", "in/out",
    "km/h", "24/7", "b/c", "p/u",
)  # fmt: skip
SHORTENED: Final = (
    "I'm", "I'll", "I'd", "I've", "it's", "it'll", "we'll", "we're", "we've", "he'll", "she'll", "she's", "they'll",
    "they're", "you'll", "you're", "you've", "that's", "what's", "who'll", "let's", "don't", "didn't", "can't", "won't",
    "isn't", "wasn't", "haven't", "couldn't", "shouldn't", "o'clock", "ma'am", "Bill's", "Al's", "Jill's", "till",
    "ill", "will", "lilly", "filling", "tilt", "illicit",
)  # fmt: skip
HEADS: Final = (
    "To:", "From:", "RE:", "Re:", "cc:", "CC:", "Attn:", "attn:", "Dr.", "Mr.", "Mrs.", "Ms.", "Tel.", "No.",
)  # fmt: skip


def passages() -> list[str]:
    """All passages that may be learnt from, spelt in the alphabet."""
    texts = [*corpora.general_as_written(), *corpora.messages("train") * 8]
    return [spelt for text in texts if len(spelt := normalise(text, CHARACTERS)[0]) > 3]


def validation_messages(longest: int) -> list[str]:
    """The messages that choose settings, spelt in the alphabet and cut."""
    return [normalise(text, CHARACTERS)[0][:longest].strip() for text in corpora.messages("val")]


def any_text(passages: Sequence[str], rng: np.random.Generator) -> str:
    """One line to write, 1 to LONGEST characters."""
    kind = rng.random()
    longest = int(rng.integers(1, LONGEST + 1)) if kind < 0.8 else int(rng.integers(1, 12))
    if kind < 0.53:
        text = _cased(_piece(passages, longest, rng), rng)
    elif kind < 0.70:
        text = _made_up(longest, rng)
    elif kind < 0.91:
        text = _field(rng)
    elif kind < 0.95:
        return _few(rng)
    else:
        text = "".join(rng.choice(list(CHARACTERS.characters), size=max(1, longest // 3)))
    if rng.random() < 0.15:
        text = _punctuated(text, rng)
    if rng.random() < 0.08:
        text = _dotted(text, rng)
    return " ".join(text[:LONGEST].split()) or "A"


def _piece(passages: Sequence[str], longest: int, rng: np.random.Generator) -> str:
    passage = passages[int(rng.integers(len(passages)))]
    begin = int(rng.integers(max(1, len(passage) - longest)))
    begin = passage.rfind(" ", 0, begin + 1) + 1
    piece = passage[begin : begin + longest]
    cut = piece.rfind(" ")
    return piece[:cut] if cut > 0 and begin + longest < len(passage) and rng.random() < 0.9 else piece


def _cased(text: str, rng: np.random.Generator) -> str:
    way = rng.random()
    if way < 0.25:
        return text.upper()
    if way < 0.45:
        return text.lower()
    return text.title() if way < 0.5 else text


def _made_up(longest: int, rng: np.random.Generator) -> str:
    """Words of no language."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < longest:
        length = int(rng.integers(1, 10))
        letters = "".join(rng.choice(list(LETTERS + RARE), size=length))
        way = rng.random()
        words.append(letters.upper() if way < 0.3 else letters.capitalize() if way < 0.45 else letters)
    return " ".join(words)


def _field(rng: np.random.Generator) -> str:
    """What forms and notes hold beside words: numbers, dates, times, amounts, codes."""

    def number(low: int, high: int) -> str:
        return str(int(rng.integers(low, high)))

    def code(length: int) -> str:
        return "".join(rng.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), size=length))

    def digits(length: int) -> str:
        return "".join(rng.choice(list("0123456789"), size=length))

    def word() -> str:
        return "".join(rng.choice(list(LETTERS), size=int(rng.integers(2, 8))))

    separator = str(rng.choice(["/", "-", "."]))
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    ways = (
        *[lambda: digits(int(rng.integers(1, 14)))] * 2,
        lambda: " ".join(digits(int(rng.integers(1, 6))) for _ in range(int(rng.integers(2, 5)))),
        lambda: separator.join([number(1, 32), number(1, 13), number(1950, 2031)]),
        lambda: f"{number(1, 32)} {rng.choice(months)} {number(1950, 2031)}",
        lambda: f"{number(1, 13)}:{int(rng.integers(60)):02d} {rng.choice(['AM', 'PM', 'am', 'pm', ''])}",
        lambda: f"${number(0, 10_000)}.{int(rng.integers(100)):02d}",
        lambda: f"{number(100, 1000)}-{digits(4)}",
        lambda: f"({digits(3)}) {digits(3)}-{digits(4)}",
        lambda: code(int(rng.integers(2, 9))),
        lambda: f"Room {number(1, 500)}{rng.choice(list('ABCD'))}",
        lambda: f"ROOM {number(1, 500)}{rng.choice(list('ABCD'))}, {number(1, 13)} PM",
        lambda: f"{number(1, 100)}% + {number(1, 100)} = {number(1, 300)}",
        lambda: f"#{number(1, 2000)} @ {number(1, 90)}",
        lambda: f"{number(1, 13)}/{number(1, 32)}/{digits(2)}",
        lambda: f"{number(1, 10)} {number(1, 10)}/{number(2, 10)}",
        lambda: " ".join(rng.choice(SLASHED, size=int(rng.integers(1, 4)))),
        lambda: f"{word()}/{word()}",
        lambda: f"{word()}{rng.choice(['', '.', '-'])}{word()}@{word()}.{rng.choice(['com', 'org', 'net', 'gov'])}",
        lambda: f"{rng.choice(HEADS)} {word().title()} {word().title()}",
        *[lambda: " ".join(rng.choice(SHORTENED, size=int(rng.integers(1, 6))))] * 3,
    )
    return str(ways[int(rng.integers(len(ways)))]())


def _few(rng: np.random.Generator) -> str:
    """What a box of a form holds: a digit or two, more often than a letter or two."""
    characters = "0123456789" if rng.random() < 0.7 else CHARACTERS.characters
    return "".join(rng.choice(list(characters), size=1 + int(rng.integers(3)) // 2))


def _punctuated(text: str, rng: np.random.Generator) -> str:
    """Marks at words that have none."""
    words = text.split(" ")
    for place in range(len(words)):
        if rng.random() < 0.35:
            mark = str(rng.choice(list(PUNCTUATION)))
            around = {"(": "({})", "[": "[{}]", '"': '"{}"', ")": "({})", "]": "[{}]"}
            before = "$#@+"
            words[place] = (
                around[mark].format(words[place])
                if mark in around
                else f"{words[place][:-1]}'{words[place][-1:]}"
                if mark == "'"
                else mark + words[place]
                if mark in before
                else words[place] + mark
            )
    return " ".join(words)


def _dotted(text: str, rng: np.random.Generator) -> str:
    """Full stops between words, one or several, with a space or without, as hasty people write them."""
    words = text.split(" ")
    marks = (".", "..", "...", "....", ". ", ".. ", "... ", " ..", " ... ")
    joints = [str(rng.choice(marks)) if rng.random() < 0.4 else " " for _ in words]
    return "".join(word + joint for word, joint in zip(words, joints, strict=True)).strip()
