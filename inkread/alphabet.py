"""Ordered characters, index <-> character. The only map between labels and characters in the package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from string import ascii_letters, ascii_uppercase

import numpy as np
import numpy.typing as npt

from inkread.errors import BadOption, UnknownCharacter


@dataclass(frozen=True)
class Alphabet:
    """The characters that a network can tell apart, in the order of its outputs.

    With ``fold_case`` both cases of a letter are one class, named by the capital: ``LETTERS.index("a") == 0``.

    >>> LETTERS.encode("Bad")
    array([1, 0, 3])
    >>> LETTERS.decode([1, 0, 3])
    'BAD'
    """

    characters: str
    fold_case: bool = False

    def __post_init__(self) -> None:
        if not self.characters:
            raise BadOption("an alphabet needs at least one character; got none")
        twice = sorted({c for c in self.characters if self.characters.count(c) > 1})
        if twice:
            raise BadOption(f"an alphabet holds each character once; {''.join(twice)!r} came twice")
        if self.fold_case and any(c != c.upper() for c in self.characters):
            raise BadOption(f"an alphabet that folds case is named by its capitals; got {self.characters!r}")

    @cached_property
    def _folded(self) -> Alphabet:
        capitals = "".join(dict.fromkeys(character.upper() for character in self.characters))
        return self if capitals == self.characters else Alphabet(capitals, fold_case=True)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {c: i for i, c in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    def __iter__(self) -> Iterator[str]:
        return iter(self.characters)

    def __contains__(self, character: object) -> bool:
        return isinstance(character, str) and self.fold(character) in self._index

    def __getitem__(self, index: int) -> str:
        return self.characters[index]

    def fold(self, text: str) -> str:
        """The text as this alphabet writes it: in capitals when the alphabet folds case, else unchanged."""
        return text.upper() if self.fold_case else text

    def folded(self) -> Alphabet:
        """The alphabet with both cases of a letter as one class; itself where no letter has a small form.

        >>> Alphabet("aAb1").folded()
        Alphabet(characters='AB1', fold_case=True)
        """
        return self._folded

    def index(self, character: str) -> int:
        """The class of one character; raises UnknownCharacter outside the alphabet."""
        return int(self.encode(character)[0])

    def encode(self, text: Iterable[str]) -> npt.NDArray[np.int64]:
        """Characters -> classes, int64 (T,); raises UnknownCharacter naming every character that is missing."""
        folded = [self.fold(c) for c in text]
        missing = sorted({c for c in folded if c not in self._index})
        if missing:
            raise UnknownCharacter(f"{''.join(missing)!r} is not in the alphabet {self.characters!r}")
        return np.fromiter((self._index[c] for c in folded), dtype=np.int64, count=len(folded))

    def decode(self, indices: Iterable[int]) -> str:
        """Classes -> text, concatenated."""
        return "".join(self.characters[int(i)] for i in indices)


DIGITS = Alphabet("0123456789")
LETTERS = Alphabet(ascii_uppercase, fold_case=True)
PUNCTUATION = ".,-'?!/:;()[]&\"$%#+=@"  # that notes hold, and that a line network can read
CHARACTERS = Alphabet(ascii_letters + DIGITS.characters + PUNCTUATION)
FOLDED_CHARACTERS = Alphabet(ascii_uppercase + DIGITS.characters + PUNCTUATION, fold_case=True)
