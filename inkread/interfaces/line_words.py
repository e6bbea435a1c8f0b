"""A line that was read -> its words and signs in order, those too that a pattern has put in and that have no place."""

from __future__ import annotations

from inkread.decoding import UNSURE
from inkread.results import Character, Line, Word


def words_of(line: Line) -> list[tuple[str, Word | None]]:
    """The words of the line's text, each with what was read there; None where nothing was, as for a lone hyphen."""
    waiting = list(reversed(line.words))
    words: list[tuple[str, Word | None]] = []
    for text in line.text.split():
        own = waiting.pop() if waiting and waiting[-1].text == text else None
        words.append((text, own))
    return words if not waiting else [(word.text, word) for word in line.words]


def signs_of(word: Word) -> list[tuple[str, Character | None]]:
    """The signs of a word's text, each with the character that was read there; None where a pattern has put it in.

    A character that is less sure than was asked for is a ? in the text, and itself in the character.
    """
    if len(word.text) == len(word.characters):
        return list(zip(word.text, word.characters, strict=True))
    waiting = list(reversed(word.characters))
    signs: list[tuple[str, Character | None]] = []
    for sign in word.text:
        read = bool(waiting) and sign in (waiting[-1].text, UNSURE)
        signs.append((sign, waiting.pop() if read else None))
    return signs
