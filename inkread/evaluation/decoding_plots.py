"""What decoding did to messages -> drawings: the eye alone warm, dashed and square, the decoded text cool and round.

They are looked at as those of ``plots``, and become part of a page by its ``svg``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inkread.evaluation.confidence import RiskCoverage, Trust
from inkread.evaluation.decoding_effect import LengthChange, QualityChange
from inkread.evaluation.eye_alone import Quality
from inkread.evaluation.intervals import Interval
from inkread.evaluation.messages import LengthScore
from inkread.evaluation.plots import reliabilities
from inkread.evaluation.style import FAINT, NEW, OLD, Look, blank_figure, finish
from inkread.evaluation.text import TextScore
from inkread.evaluation.wording import length_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = ("the eye alone", "decoded")
LOOKS = ((NAMES[0], OLD), (NAMES[1], NEW))
RATE_NAMES = {"cer": "character error, %", "wer": "word error, %"}


def word_curve(before: Sequence[LengthScore], after: Sequence[LengthScore]) -> Figure:
    """The share of right words over their length, before and after: observed, and what chance alone would give."""
    figure = blank_figure()
    axes = figure.add_subplot()
    places = list(range(len(before)))
    for rows, look, name in ((before, OLD, NAMES[0]), (after, NEW, NAMES[1])):
        _observed(axes, [(100 * r.observed, _percent(r.interval)) for r in rows], places, look, name)
        expected = [100 * row.expected for row in rows]
        axes.plot(
            places, expected, color=look.colour, linestyle=":", linewidth=1.4, label=f"{name}, if errors fell by chance"
        )
    axes.set_xticks(places, [length_range(row.low, row.high) for row in before])
    axes.set(ylim=(0, 104), xlabel="characters in the word", ylabel="words without error, %")
    finish(axes)
    return figure


def error_over_length(rows: Sequence[LengthChange], rate: str) -> Figure:
    """Character error (``rate`` 'cer') or word error ('wer') over the length of the message, before and after."""
    figure = blank_figure()
    axes = figure.add_subplot()
    places = list(range(len(rows)))
    _sides(axes, [(row.before, row.after) for row in rows], places, rate)
    axes.set_xticks(places, [length_range(row.low, row.high) for row in rows])
    axes.set(xlabel="characters in the message")
    finish(axes)
    return figure


def error_over_noise(rows: Sequence[QualityChange], rate: str) -> Figure:
    """Character error (``rate`` 'cer') or word error ('wer') over the noise on the glyphs, before and after."""
    return _over_noise([(row.before, row.after) for row in rows], [row.noise for row in rows], rate)


def eye_over_noise(rows: Sequence[Quality], rate: str) -> Figure:
    """The same of the eye alone, where nothing is decoded."""
    return _over_noise([(row.score,) for row in rows], [row.noise for row in rows], rate)


def _over_noise(scores: Sequence[tuple[TextScore, ...]], noise: Sequence[float], rate: str) -> Figure:
    figure = blank_figure()
    axes = figure.add_subplot()
    _sides(axes, scores, noise, rate)
    axes.set(xlabel="noise on the glyphs (standard deviation, 1 is full ink)")
    finish(axes)
    return figure


def confidence_diagram(before: Trust, after: Trust | None = None) -> Figure:
    """How sure of a message against how often right, before and after decoding; or of the eye alone."""
    sides = (before,) if after is None else (before, after)
    return reliabilities([(side.reliability, *look) for side, look in zip(sides, LOOKS, strict=False)])


def risk_curve(before: RiskCoverage, after: RiskCoverage | None = None) -> Figure:
    """The share of wrong messages among the accepted over the share that is accepted, the surest first, before and
    after decoding; or of the eye alone."""
    figure = blank_figure()
    axes = figure.add_subplot()
    for curve, (name, look) in zip((before,) if after is None else (before, after), LOOKS, strict=False):
        shares, risks = ([100 * value for value in values] for values in (curve.coverage, curve.risk))
        label = f"{name}, area {100 * curve.area:.2f} %"
        axes.step(shares, risks, color=look.colour, linestyle=look.line, where="post", linewidth=1.6, label=label)
        axes.plot(shares[-1:], risks[-1:], color=look.colour, marker=look.marker, markersize=5)
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.set(xlim=(0, 102), xlabel="messages accepted, the surest first, %", ylabel="wrong among the accepted, %")
    finish(axes)
    return figure


def _sides(axes: Axes, scores: Sequence[tuple[TextScore, ...]], places: Sequence[float], rate: str) -> None:
    for side, (name, look) in zip(zip(*scores, strict=True), LOOKS, strict=False):
        _observed(axes, [_point(score, rate) for score in side], places, look, name)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(RATE_NAMES[rate])


def _point(score: TextScore, rate: str) -> tuple[float, Interval]:
    value, interval = (score.cer, score.cer_interval) if rate == "cer" else (score.wer, score.wer_interval)
    return 100 * value, _percent(interval or Interval(value, value))


def _observed(
    axes: Axes, points: Sequence[tuple[float, Interval]], places: Sequence[float], look: Look, name: str
) -> None:
    """Values with their 95 % intervals."""
    values = [value for value, _ in points]
    below = [max(0.0, value - interval.low) for value, interval in points]
    above = [max(0.0, interval.high - value) for value, interval in points]
    drawn = axes.errorbar(places, values, [below, above], markersize=5, capsize=2, color=look.colour, label=name)
    drawn[0].set(marker=look.marker, linestyle=look.line)


def _percent(interval: Interval) -> Interval:
    return Interval(100 * interval.low, 100 * interval.high)
