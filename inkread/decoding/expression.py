"""Regular expression, parsed -> what the rest of a text must match, one character at a time.

What remains to be matched is a `Rest`: a sequence of nodes. After a character there may be several rests; they are the
states of the automaton, which so comes into being only where a text goes. Nodes are equal only to themselves: what
remains is made of the expression's own nodes, and comparing them by content would take most of the time. Reading what a
user wrote is left to `pattern`. Source: Antimirov 1996, "Partial derivatives of regular expressions and finite
automaton constructions", after Brzozowski 1964.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

KINDS: dict[str, Callable[[str], bool]] = {  # what \d, \w and \s mean in Python's re
    "d": str.isdecimal,
    "w": lambda character: character.isalnum() or character == "_",
    "s": str.isspace,
}


@dataclass(frozen=True, eq=False)
class Characters:
    """One character of a class: within one of the ranges (first, last), or of one of the kinds; negated: anything else.

    A capital in ``kinds`` stands for its opposite, as in ``\\D``. Anything at all is the negation of nothing.
    """

    ranges: tuple[tuple[str, str], ...] = ()
    kinds: str = ""
    negated: bool = False

    def hold(self, cases: str) -> bool:
        """Whether the class holds a character, given as its cases where they are one."""
        return any(map(self._has, cases)) != self.negated

    def _has(self, character: str) -> bool:
        within = any(first <= character <= last for first, last in self.ranges)
        return within or any(KINDS[kind.lower()](character) == kind.islower() for kind in self.kinds)


@dataclass(frozen=True, eq=False)
class Repeat:
    """A node, ``least`` to ``most`` times; None: without end."""

    node: Node
    least: int
    most: int | None

    @cached_property
    def may_be_empty(self) -> bool:
        """Whether it matches the empty text."""
        return not self.least or may_be_empty(self.node)

    @cached_property
    def once_less(self) -> Rest:
        """What remains when one of the repetitions is done."""
        if self.most is None:
            return (self if not self.least else Repeat(self.node, self.least - 1, None),)
        return (Repeat(self.node, max(self.least - 1, 0), self.most - 1),) if self.most > 1 else ()

    def __reduce__(self) -> tuple[type[Repeat], tuple[Node, int, int | None]]:
        """Pickled without the chain of `once_less`, which is as long as ``most``."""
        return Repeat, (self.node, self.least, self.most)


@dataclass(frozen=True, eq=False)
class Group:
    """One of several sequences."""

    options: tuple[Rest, ...]

    @cached_property
    def may_be_empty(self) -> bool:
        """Whether it matches the empty text."""
        return any(may_end(option) for option in self.options)


Node: TypeAlias = Characters | Repeat | Group
Rest: TypeAlias = tuple[Node, ...]


def may_be_empty(node: Node) -> bool:
    """Whether a node matches the empty text."""
    return not isinstance(node, Characters) and node.may_be_empty


def may_end(rest: Rest) -> bool:
    """Whether the text may end here."""
    return all(may_be_empty(node) for node in rest)


@lru_cache(maxsize=1 << 16)
def after(rests: frozenset[Rest], holding: frozenset[Characters]) -> frozenset[Rest]:
    """What may remain of any of ``rests`` once a character was written; ``holding``: the classes that hold it.

    >>> a, b = Characters((("a", "a"),)), Characters((("b", "b"),))
    >>> after(frozenset({(Repeat(a, 0, None), b)}), frozenset({b}))
    frozenset({()})
    """
    return frozenset().union(*(_after_rest(rest, holding) for rest in rests))


@lru_cache(maxsize=1 << 16)
def _after_rest(rest: Rest, holding: frozenset[Characters]) -> set[Rest]:
    found: set[Rest] = set()
    for place, node in enumerate(rest):
        found |= {rest_of_node + rest[place + 1 :] for rest_of_node in _after_node(node, holding)}
        if not may_be_empty(node):
            break
    return found


def _after_node(node: Node, holding: frozenset[Characters]) -> set[Rest]:
    if isinstance(node, Characters):
        return {()} if node in holding else set()
    if isinstance(node, Group):
        return set().union(*(_after_rest(option, holding) for option in node.options))
    return {rest_of_node + node.once_less for rest_of_node in _after_node(node.node, holding)}


def classes(rest: Rest) -> Iterator[Characters]:
    """Every class of characters in an expression, in the order of writing."""
    for node in rest:
        if isinstance(node, Characters):
            yield node
        elif isinstance(node, Repeat):
            yield from classes((node.node,))
        else:
            for option in node.options:
                yield from classes(option)
