"""The lists of `inkread read` -> words and allowed texts that a model can read, or one sentence about the first line
that it cannot: file, number and character.
"""

from __future__ import annotations

from pathlib import Path

from inkread.alphabet import Alphabet
from inkread.errors import BadData
from inkread.interfaces.text_file import numbered_lines


def own_words(path: Path, alphabet: Alphabet) -> tuple[str, ...]:
    """The words of a file, one a line. Raises BadData for several in a line, and what the alphabet cannot write."""
    lines = numbered_lines(path, "one word")
    for number, word in lines:
        place = f"{path}, line {number}: {word!r}"
        if "\t" in word:
            raise BadData(
                f"{place} has a tab; expected one word alone: frequencies are for the --words of inkread language train"
            )
        if any(c.isspace() for c in word):
            raise BadData(f"{place} has a space; expected one word a line: write {' and '.join(word.split())} on two")
        refuse_unknown(place, word, alphabet)
    return tuple(word for _, word in lines)


def allowed_texts(path: Path, alphabet: Alphabet) -> list[str]:
    """The texts of a file, one a line. Raises BadData for a letter or digit that the alphabet lacks.

    Symbols and spaces that it lacks are put into a text without being read.
    """
    lines = numbered_lines(path, "one allowed text")
    for number, text in lines:
        refuse_unknown(f"{path}, line {number}: {text!r}", "".join(filter(str.isalnum, text)), alphabet)
    return [text for _, text in lines]


def refuse_unknown(place: str, text: str, alphabet: Alphabet) -> None:
    """Raise BadData for the first character that cannot be read."""
    unknown = next((character for character in text if character not in alphabet), None)
    if unknown is not None:
        raise BadData(f"{place} has {unknown!r}, which is never read; expected characters of {alphabet.characters}")
