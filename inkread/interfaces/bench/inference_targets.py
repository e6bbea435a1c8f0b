"""What was measured of networks -> which of the targets of speed were reached. A target that was missed stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from inkread.evaluation.wording import counted, percent
from inkread.interfaces.bench.inference import Cost, Speed
from inkread.interfaces.bench.targets import Verdict

OWN, INT8 = "onnxruntime", "onnxruntime int8"
ARCH: Final = "cnn"  # what ships for digits, and what the targets of time are about
ALONE: Final = 35e-6  # seconds of one glyph, one thread
TWO: Final = 2  # threads, on as many cores
PER_SECOND: Final = 120_000  # glyphs, with two threads
SHARE: Final = 0.35  # of the measured peak, in batches
FASTER: Final = 1.5  # times that 8-bit integers are to be faster, in batches on one core
LOSS: Final = 0.0005  # of accuracy that they may cost


def verdicts(speeds: Sequence[Speed], costs: Sequence[Cost]) -> list[Verdict]:
    """Every target that was measured."""
    found = []
    for row in speeds:
        if row.backend != OWN or row.arch != ARCH:
            continue
        if row.threads == 1:
            told, asked = f"{1e6 * row.one.median:.1f} µs", f"at most {1e6 * ALONE:.0f} µs"
            found.append(Verdict(f"{row.model}: one glyph", asked, told, row.one.median <= ALONE))
        if row.threads == TWO:
            told, asked = f"{row.per_second:,.0f}", f"at least {PER_SECOND:,}"
            what = f"{row.model}: glyphs a second, {TWO} threads"
            found.append(Verdict(what, asked, told, row.per_second >= PER_SECOND))
        what = f"{row.model}: share of the peak, {counted(row.threads, 'thread')}"
        found.append(Verdict(what, f"at least {percent(SHARE, 0)}", percent(row.share, 0), row.share >= SHARE))
    return [*found, *integers(speeds, costs)]


def integers(speeds: Sequence[Speed], costs: Sequence[Cost]) -> Iterator[Verdict]:
    """Whether 8-bit integers pay off, for every network that is trained."""
    times = {(row.model, row.backend): row.batch.median for row in speeds if row.threads == 1}
    accuracies = {(row.model, row.backend): row.accuracy for row in costs}
    for model in dict.fromkeys(row.model for row in speeds):
        before, after = times.get((model, OWN)), times.get((model, INT8))
        right, kept = accuracies.get((model, OWN)), accuracies.get((model, INT8))
        if before is None or after is None or right is None or kept is None:
            continue
        faster, lost = before / after, right - kept
        yield Verdict(
            f"{model}: int8 in batches",
            f"{FASTER:g} times as fast, {100 * LOSS:.2f} points",
            f"{faster:.2f} times, {100 * lost:.2f} points",
            faster >= FASTER and lost <= LOSS,
        )
