"""Works of growing sizes -> the seconds that each size takes, as curves. Knows clocks, not what is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from time import perf_counter
from typing import Final, Literal

from inkread.evaluation.growth import Slope, larger_half, slope

Family = Literal["training", "inference", "decoding", "reading"]

LONG_ENOUGH: Final = 0.05  # seconds; shorter work is done several times for one reading of the clock


@dataclass(frozen=True, eq=False)
class Work:
    """Something that can be done in several sizes: ``do`` does it ``times`` over in one of the ``sizes``, ascending.

    ``unit`` is what the sizes count, in the plural; ``glyphs`` says in a few words which they are.
    """

    family: Family
    name: str
    unit: str
    sizes: tuple[float, ...]
    do: Callable[[float], object] = field(repr=False)
    times: int = 1
    glyphs: str = ""


@dataclass(frozen=True)
class Curve:
    """How long a work takes in each of its sizes: ``runs`` holds the seconds of each, one entry a repeat."""

    family: Family
    name: str
    unit: str
    sizes: tuple[float, ...]
    runs: tuple[tuple[float, ...], ...] = field(repr=False)

    @property
    def seconds(self) -> tuple[float, ...]:
        """The median of each size."""
        return tuple(median(taken) for taken in self.runs)

    @property
    def slope(self) -> Slope:
        """How cost grows over all sizes."""
        return slope(self.sizes, self.seconds)

    @property
    def larger_slope(self) -> Slope:
        """How cost grows over the larger half of the sizes, where fixed cost weighs little."""
        return slope(larger_half(self.sizes), larger_half(self.seconds))

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for ``json.dumps``."""
        return {
            "family": self.family, "name": self.name, "unit": self.unit, "sizes": list(self.sizes),
            "seconds": list(self.seconds), "slope": asdict(self.slope), "larger_slope": asdict(self.larger_slope),
            "runs": [list(taken) for taken in self.runs],
        }  # fmt: skip


def measured(
    works: Sequence[Work], repeats: int, tick: Callable[[], None], clock: Callable[[], float] = perf_counter
) -> list[Curve]:
    """Every work in every size, warmed up and then timed ``repeats`` times; ``tick`` is called after each size.

    One repeat is a pass over all sizes of all works, the smallest first: whatever else the machine does for some
    seconds falls on one entry of many sizes, and the medians leave it out.
    """
    places = [(work, size) for work in works for size in work.sizes]
    runs: list[list[float]] = [[] for _ in places]
    calls = []
    for work, size in places:
        calls.append(_warmed(work, size, clock))
        tick()
    for _ in range(repeats):
        for (work, size), many, taken in zip(places, calls, runs, strict=True):
            started = clock()
            for _ in range(many):
                work.do(size)
            taken.append((clock() - started) / many / work.times)
            tick()
    found = iter(runs)
    return [
        Curve(work.family, work.name, work.unit, work.sizes, tuple(tuple(next(found)) for _ in work.sizes))
        for work in works
    ]


def _warmed(work: Work, size: float, clock: Callable[[], float]) -> int:
    """Do a work until LONG_ENOUGH has passed; how often that was."""
    started, calls = clock(), 0
    while not calls or clock() - started < LONG_ENOUGH:
        work.do(size)
        calls += 1
    return calls
