"""Networks and backends -> how fast each is, beside the least that this machine needs, what it costs and what it reads.

All lanes of a network are asked in turn, round after round, so that what else the machine does meets them alike. A
time is the median over the rounds, the peak is the best of them. Source of the least time: Williams et al. 2009 (the
roofline), its flat part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final, Protocol

import numpy as np

from inkread.interfaces.bench.backends import BACKENDS, CHUNK, FLOAT32, INT8
from inkread.interfaces.bench.engines import NotThere
from inkread.interfaces.bench.int8 import operator_shares
from inkread.interfaces.bench.lanes import Lane
from inkread.interfaces.bench.prepared import READ, TIMED, Prepared
from inkread.interfaces.bench.products import MULTIPLY_ADDS, PRODUCTS

LINE: Final = 30  # glyphs of a line
ALONE_CALLS, LINE_CALLS, BATCH_CALLS, PRODUCT_CALLS = 200, 40, 3, 20  # of one round; their median counts

Tick = Callable[[], None]
Times = tuple[list[float], list[float], list[float]]  # seconds of one glyph, a line and a batch, round by round


class Asked(Protocol):
    """What is timed: a lane, or what stands in for it."""

    @property
    def backend(self) -> str:
        """Its name."""

    @property
    def threads(self) -> int:
        """How many threads it may use."""

    def seconds(self, glyphs: int, calls: int) -> list[float]:
        """How long each of so many calls with so many glyphs takes."""


@dataclass(frozen=True)
class Timing:
    """Seconds: the median over the rounds, and the two ends of their middle half."""

    median: float
    low: float
    high: float


def timing(seconds: Sequence[float]) -> Timing:
    """The quartiles of what the rounds gave.

    >>> timing([3.0, 1.0, 2.0, 100.0, 4.0])
    Timing(median=3.0, low=2.0, high=4.0)
    """
    low, middle, high = (float(value) for value in np.quantile(seconds, (0.25, 0.5, 0.75)))
    return Timing(middle, low, high)


@dataclass(frozen=True)
class Speed:
    """How fast one backend runs one network with so many ``threads``.

    Attributes:
        one: a call with one glyph.
        line: a call with LINE glyphs.
        batch: a call with ``glyphs`` glyphs.
        multiply_adds: of one glyph.
        peak: multiply-adds a second of a matrix product with as many threads.
    """

    model: str
    arch: str
    backend: str
    threads: int
    one: Timing
    line: Timing
    batch: Timing
    glyphs: int
    multiply_adds: int
    peak: float

    @property
    def per_second(self) -> float:
        """Glyphs a second, in batches."""
        return self.glyphs / self.batch.median

    @property
    def share(self) -> float:
        """Which share of the peak (1: all of it) the network's multiply-adds reach in batches."""
        return self.multiply_adds * self.per_second / self.peak

    @property
    def least(self) -> float:
        """Seconds that the multiply-adds of one glyph take at the peak."""
        return self.multiply_adds / self.peak

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for ``json.dumps``."""
        return {**asdict(self), "per_second": self.per_second, "share": self.share, "least": self.least}


@dataclass(frozen=True)
class Cost:
    """What one backend costs besides time, and what it reads.

    Attributes:
        starts: seconds from the start of a process to its first answer, the first of them apart.
        first_start: the very first: it fills the caches of disk and compiler.
        memory: the most bytes that a process had until then; None where the system does not tell.
        file: bytes of the network's file.
        n: glyphs read.
        accuracy: share of them that is right; None for a network that is not trained.
    """

    model: str
    backend: str
    starts: Timing
    first_start: float
    memory: int | None
    file: int
    n: int
    accuracy: float | None

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for ``json.dumps``."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """What is asked of every network: of which ``backends``, with which numbers of ``threads``, how often.

    ``glyphs``: of a batch.
    """

    backends: Sequence[str]
    threads: Sequence[int]
    rounds: int
    starts: int
    glyphs: int


@dataclass(frozen=True)
class Found:
    """Everything that was measured of one network.

    Attributes:
        operators: of each .onnx file, which share of the time each operator takes on one core.
        products: multiply-adds a second of each matrix product with each number of threads.
        skipped: what does not run here, in sentences.
    """

    speeds: Sequence[Speed]
    costs: Sequence[Cost]
    operators: Mapping[str, Mapping[str, float]]
    products: Mapping[int, Mapping[str, float]]
    skipped: Sequence[str]


def measure(network: Prepared, wanted: Wanted, tick: Tick = lambda: None) -> Found:
    """Open every lane of a network, ask them all, and close them; ``tick`` is called after each step."""
    with ExitStack() as stack:
        lanes, skipped = opened(network, wanted, stack, tick)
        products = [
            stack.enter_context(Lane(name, network.folder / FLOAT32, threads, network.folder / TIMED))
            for threads in wanted.threads
            for name in PRODUCTS
        ]
        times, rates = rounds(lanes, products, wanted, tick)
        costs = [
            cost(network, lane, wanted.starts, tick)
            for lane in lanes
            if lane.threads == wanted.threads[0] and not BACKENDS[lane.backend].threaded
        ]
    glyphs = np.load(network.folder / TIMED)[:CHUNK]
    operators = {name: operator_shares(network.folder / name, glyphs) for name in (FLOAT32, INT8)}
    return Found(speeds(network, times, rates, wanted.glyphs), costs, operators, rates, skipped)


def steps(wanted: Wanted) -> int:
    """How often `measure` ticks at most."""
    lanes = len(wanted.backends) * len(wanted.threads)
    return lanes * (1 + wanted.rounds) + len(wanted.backends) * wanted.starts


def opened(network: Prepared, wanted: Wanted, stack: ExitStack, tick: Tick) -> tuple[list[Lane], list[str]]:
    """Every backend with every number of threads, and a sentence for each that does not run here."""
    lanes: list[Lane] = []
    skipped: list[str] = []
    for backend in (BACKENDS[name] for name in wanted.backends):
        file = network.folder / backend.file
        if not file.exists():
            continue  # one of the remarks says why
        for threads in wanted.threads:
            if threads == 1 and backend.threaded:
                continue
            try:
                lanes.append(stack.enter_context(Lane(backend.name, file, threads, network.folder / TIMED)))
            except NotThere as missing:
                skipped.append(str(missing))
                break
            tick()
    return lanes, skipped


def rounds(
    lanes: Sequence[Asked], products: Sequence[Asked], wanted: Wanted, tick: Tick
) -> tuple[dict[tuple[str, int], Times], dict[int, dict[str, float]]]:
    """Seconds of one glyph, a line and a batch in every lane, round after round, and the rates of the products."""
    times: dict[tuple[str, int], Times] = {(lane.backend, lane.threads): ([], [], []) for lane in lanes}
    multiplied: dict[tuple[str, int], list[float]] = {(lane.backend, lane.threads): [] for lane in products}
    for _ in range(wanted.rounds):
        for lane in lanes:
            asked = ((1, ALONE_CALLS), (LINE, LINE_CALLS), (wanted.glyphs, BATCH_CALLS))
            for kept, (glyphs, calls) in zip(times[lane.backend, lane.threads], asked, strict=True):
                kept.append(median(lane.seconds(glyphs, calls)))
            tick()
        for lane in products:
            multiplied[lane.backend, lane.threads].append(median(lane.seconds(1, PRODUCT_CALLS)))
    rates: dict[int, dict[str, float]] = {threads: {} for threads in wanted.threads}
    for (name, threads), seconds in multiplied.items():
        rates[threads][name] = MULTIPLY_ADDS / min(seconds)  # a peak is what was reached once
    return times, rates


def speeds(
    network: Prepared,
    times: Mapping[tuple[str, int], Times],
    rates: Mapping[int, Mapping[str, float]],
    glyphs: int,
) -> list[Speed]:
    """What the rounds come to, beside the faster product with as many threads."""
    return [
        Speed(
            network.name, network.arch, backend, threads, timing(one), timing(line), timing(batch),
            glyphs, network.multiply_adds, max(rates[threads].values()),
        )
        for (backend, threads), (one, line, batch) in times.items()
    ]  # fmt: skip


def cost(network: Prepared, lane: Lane, starts: int, tick: Tick) -> Cost:
    """What a backend that has been opened costs, and what it reads; it is started anew some times."""
    file = network.folder / BACKENDS[lane.backend].file
    taken = []
    for _ in range(starts):
        with Lane(lane.backend, file, lane.threads, network.folder / TIMED) as again:
            taken.append(again.started)
        tick()
    right = lane.classes(network.folder / READ) == network.split.labels if network.trained else ()
    return Cost(
        network.name, lane.backend, timing(taken), lane.started, lane.memory, file.stat().st_size,
        len(right), float(np.mean(right)) if network.trained else None,
    )  # fmt: skip
