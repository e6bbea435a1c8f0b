"""A text as people type it -> the same text as an alphabet can write it.

Knows single characters, not words or languages: what cannot be written is left out and counted, never guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, normalize

from inkread.alphabet import Alphabet

APOSTROPHES = "'’‘ʼ`´′＇"  # they hold a word together: DON'T is one word
SHAPES = {"'": APOSTROPHES, '"': '"“”„‟«»″＂', "-": "-‐‑‒–—―−"}  # one character, and what is typed for it
# Marks for what is left out. Control characters of the text itself are left out as well, hence never mistaken for one.
VANISHED, BREAK = "\x00", "\x01"
INSIDE_A_NUMBER = re.compile(f"(?<=\\d){BREAK}+(?=\\d)")


def normalise(text: str, alphabet: Alphabet) -> tuple[str, int]:
    """A text as the alphabet can write it, words apart by single spaces, and how many characters were left out.

    Cases are folded where the alphabet folds them, accents go where it lacks the accented letter. Of what it still
    lacks, punctuation and symbols part words (not the digits of a number); apostrophes, accents, letters and digits
    vanish in place.

    >>> from inkread.alphabet import DIGITS, LETTERS
    >>> normalise("Don't confirm/deny the café's  menu!", LETTERS)
    ('DONT CONFIRM DENY THE CAFES MENU', 5)
    >>> normalise("3,000 + 14", DIGITS)
    ('3000 14', 2)
    >>> normalise("“Café” – noon", Alphabet('ACEFNO"-', fold_case=True))
    ('"CAFE" - NOON', 1)
    """
    marked = normalize("NFC", text).translate(_spellings(alphabet))
    kept = marked.replace(VANISHED, "")
    words = INSIDE_A_NUMBER.sub("", kept).replace(BREAK, " ").split()
    return " ".join(words), marked.count(VANISHED) + marked.count(BREAK)


@lru_cache(maxsize=32)
def _spellings(alphabet: Alphabet) -> _Spellings:
    return _Spellings(alphabet)


class _Spellings(dict[int, str]):
    """Code point -> what stands for it, worked out when it first occurs: the table of ``str.translate``."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._alphabet = alphabet

    def __missing__(self, code: int) -> str:
        self[code] = _spelling(chr(code), self._alphabet)
        return self[code]


def _spelling(character: str, alphabet: Alphabet) -> str:
    """One character as the alphabet writes it, with marks for what it cannot write."""
    if character.isspace():
        return " "
    if character in alphabet:
        return alphabet.fold(character)
    for plain, shapes in SHAPES.items():
        if character in shapes and plain in alphabet:
            return plain
    if character in APOSTROPHES:
        return VANISHED
    # An alphabet may have é itself; only where it has not, the accent goes.
    folded = alphabet.fold(normalize("NFKD", character))
    return "".join(c if c in alphabet else BREAK if category(c)[0] in "PSZ" else VANISHED for c in folded)
