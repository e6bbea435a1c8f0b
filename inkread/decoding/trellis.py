"""A constraint, an alphabet and a number of rows -> every way to spell a text that fits, as layers of edges.

A node of the trellis is what the rest of a text must be after some rows; an edge is the character of the next row. Only
edges on a way from the start to the end of a text that fits are there, and each spelling has one way, so that
probabilities may be added up. The layers know no probabilities: those are `constrained`'s. Separators, which take no
row, lie within the nodes; `written` puts them into the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import count
from typing import NamedTuple, TypeAlias

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding.border import BoolArray, FloatArray, IntArray
from inkread.decoding.constraint import Allowed, Constraint, as_written_in
from inkread.errors import BadOption, Misfit, UnknownCharacter

MOST_STATES = 10_000  # different rests in one search: seconds to build; fields of forms have some hundreds
MOST_EDGES = 5_000_000  # 120 MB
MOST_SEPARATED = 1_000  # rests that separators alone may lead to: more is a constraint that counts spaces without end
SEPARATOR = 1e-3  # what each separator costs beside what gaps say of spaces: the fewest are taken
TINY = 1e-9  # a probability; none that gaps tell is smaller
FURTHEST = 1_000  # rows beyond those given in which a length that fits is looked for

Rests: TypeAlias = frozenset[Constraint]
Place: TypeAlias = tuple[Constraint, bool]  # the rest of a text, and whether the last separator was a space
Moves: TypeAlias = Callable[[Rests], list[tuple[int, Rests]]]


@dataclass(frozen=True, eq=False)
class Layer:
    """The edges of one row: from node ``source`` by column ``character`` to node ``target``, one of ``width``, (E,)."""

    source: IntArray
    character: IntArray
    target: IntArray
    width: int


class Route(NamedTuple):
    """The text that led to a rest: what its separators cost, its last character and the route before."""

    cost: float
    character: str = ""
    before: Route | None = None


@lru_cache(maxsize=8)  # a form has a few kinds of fields, each read many times
def trellis(constraint: Constraint, alphabet: Alphabet, rows: int) -> tuple[tuple[Layer, ...], BoolArray]:
    """A layer for each row, and which of the last nodes a text may end in.

    Raises Misfit where no text of so many rows fits, with the lengths that would.
    """
    known = as_written_in(constraint, alphabet)
    layers, complete = _listed(known, alphabet, rows) if isinstance(known, Allowed) else _grown(known, alphabet, rows)
    if not complete.any():
        raise Misfit(_too_long_or_short(constraint, rows, _lengths(known, alphabet, rows + FURTHEST)))
    return tuple(_pruned(layers, complete)), complete


def _grown(constraint: Constraint, alphabet: Alphabet, rows: int) -> tuple[list[Layer], BoolArray]:
    """The layers of any constraint, row by row."""
    moves = _moves(constraint, alphabet)
    nodes: tuple[Rests, ...] = (_with_separators(frozenset({constraint}), _unread(constraint, alphabet)),)
    known: dict[tuple[Rests, ...], tuple[Layer, tuple[Rests, ...]]] = {}  # most rows repeat the row before
    layers, edges = [], 0
    for _ in range(rows):
        if nodes not in known:
            known[nodes] = _layer(nodes, moves)
            edges += len(known[nodes][0].source)
            if edges > MOST_EDGES:
                raise BadOption(f"{constraint} is too much for {rows} characters: {edges:,} ways to go on")
        layer, nodes = known[nodes]
        layers.append(layer)
    return layers, np.array([any(rest.complete for rest in rests) for rests in nodes], bool)


def _layer(nodes: tuple[Rests, ...], moves: Moves) -> tuple[Layer, tuple[Rests, ...]]:
    """The edges that leave these nodes, and the nodes that they reach."""
    reached: dict[Rests, int] = {}
    edges = [
        (source, character, reached.setdefault(rests, len(reached)))
        for source, node in enumerate(nodes)
        for character, rests in moves(node)
    ]
    source, character, target = np.array(edges, np.int64).reshape(-1, 3).T.copy()
    return Layer(source, character, target, len(reached)), tuple(reached)


def _moves(constraint: Constraint, alphabet: Alphabet) -> Moves:
    """The function that tells what each character of the alphabet leads to, remembering what it told."""
    told: dict[Rests, list[tuple[int, Rests]]] = {}
    unread = _unread(constraint, alphabet)

    def moves(rests: Rests) -> list[tuple[int, Rests]]:
        if rests not in told:
            if len(told) >= MOST_STATES:
                raise BadOption(f"{constraint} is too complex: a text can go on in more than {MOST_STATES:,} ways")
            after = [
                frozenset(onward for rest in rests if (onward := rest.after(character)) is not None)
                for character in alphabet
            ]
            closed = {some: _with_separators(some, unread) for some in set(after) if some}  # most characters lead alike
            told[rests] = [(column, closed[some]) for column, some in enumerate(after) if some]
        return told[rests]

    return moves


def _unread(constraint: Constraint, alphabet: Alphabet) -> str:
    """The separators that have no column of their own."""
    return "".join(character for character in constraint.separators if character not in alphabet)


def _with_separators(rests: Rests, unread: str) -> Rests:
    """These rests and those that separators lead to from them."""
    reached, waiting = set(rests), list(rests)
    for rest in waiting:  # grows while it is walked
        new = {after for separator in unread if (after := rest.after(separator)) is not None} - reached
        waiting += new
        reached |= new
        if len(reached) > MOST_SEPARATED:
            raise BadOption("the constraint can put in separators without end; allow for a limited number")
    return frozenset(reached)


def _separated(routes: dict[Place, Route], unread: str, space: float) -> dict[Place, Route]:
    """The cheapest routes to these places and to those that separators lead to; a space costs ``space`` more."""
    order = count()
    waiting = [(route.cost, next(order), place, route) for place, route in routes.items()]
    heapify(waiting)
    settled: dict[Place, Route] = {}
    while waiting:
        cost, _, place, route = heappop(waiting)
        if place in settled:
            continue
        settled[place] = route
        for separator in unread:
            after = place[0].after(separator)
            if after is not None:
                longer = cost + SEPARATOR + (space if separator == " " else 0.0)
                heappush(waiting, (longer, next(order), (after, separator == " "), Route(longer, separator, route)))
    return settled


def _listed(known: Allowed, alphabet: Alphabet, rows: int) -> tuple[list[Layer], BoolArray]:
    """The layers of a list: nodes are the beginnings of its strings, neighbours in order of the alphabet of Unicode."""
    spelled = sorted(spelling for spelling in _spellings(known, alphabet) if len(spelling) == rows)
    if not spelled or not rows:
        return [], np.full(1, bool(spelled))
    codes = np.frombuffer("".join(spelled).encode("utf-32-le"), np.uint32).reshape(-1, rows)  # (N, T)
    order = np.argsort([ord(character) for character in alphabet])
    columns = order[np.searchsorted(np.array([ord(character) for character in alphabet])[order], codes)]
    new = np.ones(codes.shape, bool)  # (N, T): a beginning that the string before does not have
    new[1:] = np.logical_or.accumulate(codes[1:] != codes[:-1], axis=1)
    node = np.cumsum(new, axis=0) - 1  # (N, T)
    before = np.hstack([np.zeros((len(codes), 1), np.int64), node[:, :-1]])
    layers = [
        Layer(before[first, row], columns[first, row], node[first, row], len(first))
        for row, first in enumerate(map(np.flatnonzero, new.T))
    ]
    return layers, np.ones(layers[-1].width, bool)


@lru_cache(maxsize=8)
def _spellings(known: Allowed, alphabet: Alphabet) -> dict[str, list[str]]:
    """What is read of each string -> the strings of which it is read: separators alone tell them apart."""
    together = "\n".join(known.strings)
    foreign = {character for character in set(together) - {"\n"} if character not in alphabet}
    lacking = sorted(filter(str.isalnum, foreign))
    if lacking:
        string = next(string for string in known.strings if any(character in string for character in lacking))
        raise UnknownCharacter(
            f"{''.join(lacking)!r} of {string!r} in the list is not in the alphabet {alphabet.characters!r}; "
            "only symbols and spaces may be left unread"
        )
    read = together.translate({ord(character): None for character in foreign}).split("\n")
    spellings: dict[str, list[str]] = {}
    for one, string in zip(read, known.strings, strict=True):
        spellings.setdefault(one, []).append(string)
    return spellings


def written(constraint: Constraint, alphabet: Alphabet, characters: IntArray, gaps: FloatArray | None = None) -> str:
    """Columns (T,) that fit -> the text with its separators.

    Where several ways to put them fit: spaces where ``gaps`` (T-1,), the probability of a space after each character,
    speak for them, and the fewest of all others.

    >>> from inkread.alphabet import DIGITS
    >>> from inkread.decoding.pattern import pattern
    >>> written(pattern(r"\\d{3}[- ]\\d{4}"), DIGITS, DIGITS.encode("5550199"))
    '555-0199'
    """
    known = as_written_in(constraint, alphabet)
    read = alphabet.decode(characters)
    odds = np.zeros(len(read))  # of a space after each character, natural logarithm
    if gaps is not None and len(gaps):
        odds[:-1] = np.log(np.maximum(gaps, TINY)) - np.log(np.maximum(1 - gaps, TINY))
    if isinstance(known, Allowed):
        return min(_spellings(known, alphabet)[read], key=lambda string: _cost(string, odds, alphabet))
    unread = _unread(known, alphabet)
    if not unread:
        return read
    routes = _separated({(known, False): Route(0.0)}, unread, 0.0)
    lacking = 0.0  # what it costs to put no space where one was seen
    for character, seen in zip(read, odds.tolist(), strict=True):
        onward: dict[Place, Route] = {}
        for (rest, spaced), route in routes.items():
            cost, after = route.cost + (0.0 if spaced else lacking), rest.after(character)
            if after is not None and ((after, False) not in onward or cost < onward[after, False].cost):
                onward[after, False] = Route(cost, character, route)
        routes, lacking = _separated(onward, unread, max(-seen, 0.0)), max(seen, 0.0)
    return _text(min((route for (rest, _), route in routes.items() if rest.complete), key=lambda route: route.cost))


def _cost(string: str, odds: FloatArray, alphabet: Alphabet) -> float:
    """What the separators of a string cost: each of them, spaces where none was seen, and those that it lacks."""
    separators, spaces, row = 0, np.zeros(len(odds), np.bool_), -1
    for character in string:
        if character in alphabet:
            row += 1
            continue
        separators += 1
        if character == " " and row >= 0:
            spaces[row] = True
    return SEPARATOR * separators + float(np.maximum(np.where(spaces, -odds, odds), 0.0).sum())


def _text(route: Route | None) -> str:
    characters = []
    while route is not None:
        characters.append(route.character)
        route = route.before
    return "".join(reversed(characters))


def _pruned(layers: list[Layer], complete: BoolArray) -> list[Layer]:
    """The layers without edges from which no end can be reached."""
    alive, kept = complete, []
    for row in range(len(layers) - 1, -1, -1):
        layer = layers[row]
        useful = alive[layer.target]
        if not useful.all():
            layer = Layer(layer.source[useful], layer.character[useful], layer.target[useful], layer.width)
        alive = np.zeros(layers[row - 1].width if row else 1, bool)
        alive[layer.source] = True
        kept.append(layer)
    return kept[::-1]


def _lengths(known: Constraint, alphabet: Alphabet, furthest: int) -> Iterator[int]:
    """The numbers of rows of texts that fit, from few to many."""
    if isinstance(known, Allowed):
        yield from sorted(set(map(len, _spellings(known, alphabet))))
        return
    moves = _moves(known, alphabet)
    nodes = {_with_separators(frozenset({known}), _unread(known, alphabet))}
    for length in range(furthest + 1):
        if any(rest.complete for rests in nodes for rest in rests):
            yield length
        nodes = {reached for rests in nodes for _, reached in moves(rests)}


def _too_long_or_short(constraint: Constraint, rows: int, lengths: Iterator[int]) -> str:
    shorter = longer = None
    for length in lengths:
        if length > rows:
            longer = length
            break
        shorter = length
    nearest = " or ".join(str(length) for length in (shorter, longer) if length is not None)
    if not nearest:
        return f"no text of this alphabet's characters, of {rows + FURTHEST:,} at most, fits {constraint}"
    return (
        f"no text of {rows} characters fits {constraint}; the nearest that fits takes {nearest}, separators not counted"
    )
