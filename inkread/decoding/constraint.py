r"""What a whole text must be: a regular expression, one of a list, digits that check, or both of two.

A constraint says of each character whether it may come next, and what the rest must then be: a constraint again. It
knows text only; `constrained` finds the likeliest text that fits. A symbol or space that the alphabet lacks is never
read but put into the text where the constraint names it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Protocol, runtime_checkable

from inkread.alphabet import Alphabet
from inkread.decoding.pattern import Pattern
from inkread.errors import BadOption


@runtime_checkable
class Constraint(Protocol):
    """What the rest of a text must be. Any frozen, hashable class with these three will do.

    Equal rests must be equal objects, or the search cannot see that two texts go on in the same way.
    """

    @property
    def complete(self) -> bool:
        """Whether the text may end here."""

    @property
    def separators(self) -> str:
        """The symbols and spaces that may stand in a text unread, where the alphabet lacks them."""

    def after(self, character: str) -> Constraint | None:
        """What the rest must be once ``character`` is written; None where it may not come."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class Allowed:
    """One of several strings: what is left of those that begin as the text does. Sorted, each once."""

    strings: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the text may end here."""
        return self.strings[0] == ""

    @property
    def separators(self) -> str:
        """The symbols and spaces of the strings."""
        return "".join(sorted(c for c in set("".join(self.strings)) if not c.isalnum()))

    def after(self, character: str) -> Allowed | None:
        """What is left of the strings that go on with this character; None where none does."""
        begin = bisect_left(self.strings, character, key=_first)
        end = bisect_right(self.strings, character, key=_first)
        return Allowed(tuple(string[1:] for string in self.strings[begin:end])) if end > begin else None

    def __str__(self) -> str:
        return f"the list of {len(self.strings):,} strings" if len(self.strings) > 1 else repr(self.strings[0])


@dataclass(frozen=True)
class Both:
    """Two constraints at once."""

    first: Constraint
    second: Constraint

    @property
    def complete(self) -> bool:
        """Whether the text may end here, as both say."""
        return self.first.complete and self.second.complete

    @property
    def separators(self) -> str:
        """Those of either."""
        return "".join(dict.fromkeys(self.first.separators + self.second.separators))

    def after(self, character: str) -> Both | None:
        """What the rest must be once a character is written; None where either forbids it."""
        first = self.first.after(character)
        second = self.second.after(character) if first is not None else None
        return Both(first, second) if first is not None and second is not None else None

    def __str__(self) -> str:
        return f"{self.first} with {self.second}"


def _first(string: str) -> str:
    return string[:1]


def allowed(strings: Iterable[str]) -> Allowed:
    """A text must be one of these; tens of thousands are quick.

    >>> allowed(["NEW YORK", "NEWARK"]).after("N").strings
    ('EW YORK', 'EWARK')
    """
    if isinstance(strings, str):
        raise BadOption(f"allowed() takes several strings, in a list; got the single text {strings!r}")
    given = tuple(strings)
    wrong = next((string for string in given if not isinstance(string, str)), None)
    if wrong is not None:
        raise BadOption(f"allowed() takes strings; got {type(wrong).__name__} {wrong!r}")
    if not given:
        raise BadOption("allowed() got an empty list; nothing would fit")
    broken = next((string for string in given if "\n" in string), None)
    if broken is not None:
        raise BadOption(f"allowed() got a string of several lines, {broken!r}; a text is one line")
    return Allowed(tuple(sorted(set(given))))


def both(first: Constraint, second: Constraint, *more: Constraint) -> Both:
    r"""A text must be what each of these says.

    >>> from inkread.decoding.check_digits import luhn
    >>> from inkread.decoding.pattern import pattern
    >>> fits(both(pattern(r"\d{16}"), luhn()), "4111111111111111")
    True
    """
    for constraint in (first, second, *more):
        check_constraint(constraint)
    result = Both(first, second)
    for constraint in more:
        result = Both(result, constraint)
    return result


def fits(constraint: Constraint, text: str) -> bool:
    """Whether a whole text is what the constraint says.

    >>> fits(allowed(["MEET", "MELT"]), "MEET"), fits(allowed(["MEET", "MELT"]), "MEE")
    (True, False)
    """
    return _fits(constraint, text, lambda rest, character: rest.after(character))


def _fits(constraint: Constraint, text: str, after: Callable[[Constraint, str], Constraint | None]) -> bool:
    for character in text:
        rest = after(constraint, character)
        if rest is None:
            return False
        constraint = rest
    return constraint.complete


def check_constraint(constraint: object) -> None:
    """Refuse what is no constraint, such as a regular expression that was not made one; raises BadOption."""
    if not isinstance(constraint, Constraint):
        raise BadOption(
            f"a constraint is made by pattern(), allowed() or another of inkread.decoding's; got "
            f"{type(constraint).__name__} {str(constraint)[:40]!r}"
        )


@lru_cache(maxsize=8)
def as_written_in(constraint: Constraint, alphabet: Alphabet) -> Constraint:
    """The constraint for texts in an alphabet's own characters: both cases of a letter are one if it folds them.

    A list that must fit something else besides becomes the list of those strings that do.
    """
    if isinstance(constraint, Pattern):
        return replace(constraint, fold_case=alphabet.fold_case)
    if isinstance(constraint, Allowed):
        return allowed(alphabet.fold("\n".join(constraint.strings)).split("\n")) if alphabet.fold_case else constraint
    if isinstance(constraint, Both):
        first, second = as_written_in(constraint.first, alphabet), as_written_in(constraint.second, alphabet)
        if isinstance(first, Allowed):
            return _those_that_fit(first, second)
        return _those_that_fit(second, first) if isinstance(second, Allowed) else Both(first, second)
    return constraint


def _those_that_fit(listed: Allowed, constraint: Constraint) -> Allowed:
    @cache  # neighbours in a sorted list begin alike
    def after(rest: Constraint, character: str) -> Constraint | None:
        return rest.after(character)

    strings = tuple(string for string in listed.strings if _fits(constraint, string, after))
    if not strings:
        raise BadOption(f"no string of {listed} fits {constraint}")
    return Allowed(strings)
