"""The layers of a lattice -> its ways one by one, best first.

Every way is the best one but for some detours: arcs that are not the best into their node, each with what it loses. The
detours that the best way to a node could take stand in a heap, which shares all but a few of its parts with the heap of
the node before; so the next best way costs a few steps, however long the ways are. Source: Eppstein 1998, "Finding the
k shortest paths" (the arcs run backwards here).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple, TypeAlias

import numpy as np

from inkread.decoding.border import FloatArray
from inkread.decoding.lattice import Layer

Way: TypeAlias = "tuple[int, Way | None]"  # the detours of a way as arcs, the leftmost first


class Heap(NamedTuple):
    """Detours, the one that loses least on top, as a leftist heap: ``rank`` is the length of its right edge.

    It is never changed: what is made of two heaps shares their parts.
    """

    loss: float
    arc: int
    rank: int = 1
    left: Heap | None = None
    right: Heap | None = None


def best_ways(layers: Sequence[Layer], ending: FloatArray) -> Iterator[tuple[tuple[int, ...], float]]:
    """The symbols of the ways through some layers, and their scores, best first; none where no way leads through.

    Different ways write different texts: the language's next state is certain once a symbol is written.
    """
    best = float((layers[-1].score + ending).max())
    if best == -np.inf:
        return
    arcs = _Arcs(layers, ending)
    number = count()  # settles ties
    yield arcs.symbols(None), best
    waiting: list[tuple[float, int, float, Heap, Way | None]] = []

    def wait(lost: float, heap: Heap | None, way: Way | None) -> None:
        """Let the way that takes the top detour of a heap, too, wait for its turn."""
        if heap is not None:
            heapq.heappush(waiting, (lost + heap.loss, next(number), lost, heap, way))

    wait(0.0, arcs.detours(arcs.end), None)
    while waiting:
        loss, _, lost, heap, way = heapq.heappop(waiting)
        longer = (heap.arc, way)
        yield arcs.symbols(longer), best - loss
        wait(lost, heap.left, way)
        wait(lost, heap.right, way)
        wait(loss, arcs.detours(arcs.source[heap.arc]), longer)


class _Arcs:
    """All arcs of some layers, by the node into which they lead, best first; the start is node 0.

    An ``end`` follows the last layer, into which every last node leads. ``first[n]`` is the best arc into node n, up to
    ``first[n + 1]`` follow the others. ``source``, ``target`` and ``symbol`` are those of each arc; ``loss`` is by how
    much the best way to its node is better than the best one that takes it.
    """

    def __init__(self, layers: Sequence[Layer], ending: FloatArray) -> None:
        nodes = np.cumsum([0, *(len(layer.score) for layer in layers)])  # the first node of each layer, and the end
        last = np.arange(len(ending))
        joined = zip(layers[1:], nodes, nodes[1:], strict=False)
        parts = [(layer.source + before, layer.symbol, layer.target + own, layer.gain) for layer, before, own in joined]
        parts.append((nodes[-2] + last, np.zeros_like(last), np.full_like(last, nodes[-1]), ending))
        source, symbol, target, gain = (np.concatenate(column) for column in zip(*parts, strict=True))
        score = np.concatenate([*(layer.score for layer in layers), [(layers[-1].score + ending).max()]])
        total = score[source] + gain
        able = total > -np.inf
        source, symbol, target = source[able], symbol[able], target[able]
        loss = score[target] - total[able]
        order = np.lexsort((loss, target))
        self.end = int(nodes[-1])
        self.first: list[int] = np.searchsorted(target[order], np.arange(self.end + 2)).tolist()
        self.source: list[int] = source[order].tolist()
        self.target: list[int] = target[order].tolist()
        self.symbol: list[int] = symbol[order].tolist()
        self.loss: list[float] = loss[order].tolist()
        self._heaps: dict[int, Heap | None] = {0: None}

    def detours(self, node: int) -> Heap | None:
        """The detours that the best way to a node could take."""
        later = []
        while node not in self._heaps:
            later.append(node)
            node = self.source[self.first[node]]
        heap = self._heaps[node]
        for node in reversed(later):
            for arc in range(self.first[node] + 1, self.first[node + 1]):
                heap = _joined(heap, Heap(self.loss[arc], arc))
            self._heaps[node] = heap
        return heap

    def symbols(self, way: Way | None) -> tuple[int, ...]:
        """What a way writes: the best arc into each of its nodes, or its detour."""
        detours = {}
        while way is not None:
            arc, way = way
            detours[self.target[arc]] = arc
        first, source, written, node = self.first, self.source, [], self.end
        while node:
            arc = detours[node] if node in detours else first[node]
            written.append(arc)
            node = source[arc]
        return tuple([self.symbol[arc] for arc in written[:0:-1]])


def _joined(one: Heap | None, other: Heap | None) -> Heap | None:
    """Both heaps in one."""
    if one is None or other is None:
        return one or other
    top, rest = (one, other) if one.loss <= other.loss else (other, one)
    left, right = top.left, _joined(top.right, rest)
    if left is None or (right is not None and left.rank < right.rank):
        left, right = right, left
    return Heap(top.loss, top.arc, 1 if right is None else right.rank + 1, left, right)
