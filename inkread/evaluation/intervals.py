"""Counts and repeated measurements -> how far the truth may lie from them.

Wilson (1927) for shares, the percentile bootstrap (Efron 1979) for rates over messages, mean and spread for repeated
runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, BadOption

LEVEL = 0.95  # share of intervals that hold the truth, everywhere unless said otherwise
RESAMPLES = 2000  # enough for two stable digits of a 95 % percentile interval (Efron and Tibshirani 1993, ch. 13)
CHUNK = 100  # resamples at once: 100 x 100,000 messages are 80 MB


class Interval(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


@dataclass(frozen=True)
class MeanStd:
    """The mean of n repeated measurements and their sample standard deviation (None for a single one).

    >>> str(mean_std([0.991, 0.993, 0.992]))
    '0.992 ± 0.001 (n = 3)'
    """

    mean: float
    std: float | None
    n: int

    def to_dict(self) -> dict[str, object]:
        """Plain numbers, ready for ``json.dumps``."""
        return asdict(self)

    def __str__(self) -> str:
        spread = "" if self.std is None else f" ± {self.std:.4g}"
        return f"{self.mean:.6g}{spread} (n = {self.n})"


def p_above(values: Sequence[float], target: float) -> float:
    """How probable a mean this high is by chance if the true mean is only the target: a one-sided t test.

    ``values``: at least two repeated measurements; without any spread it is 0 above the target, else 1. Raises BadArray
    for fewer. Student (1908).

    >>> round(p_above([0.991, 0.993, 0.992], 0.99), 3)
    0.037
    """
    if len(values) < 2:
        raise BadArray(f"{len(values)} values; a test needs at least 2 repeated measurements")
    if np.ptp(values) == 0:
        return float(values[0] <= target)
    from scipy import stats

    return float(stats.ttest_1samp(values, target, alternative="greater").pvalue)


def wilson(successes: int, n: int, level: float = LEVEL) -> Interval:
    """The Wilson score interval of a share; (0, 1) where nothing was counted.

    Unlike p ± 2 s it stays inside 0..1 and holds near both ends, where good classifiers live (Wilson 1927; Brown, Cai
    and DasGupta 2001). Raises BadOption unless 0 <= successes <= n and 0 < level < 1.

    >>> "{:.4f} to {:.4f}".format(*wilson(8, 10))
    '0.4902 to 0.9433'
    """
    _check_level(level)
    if not 0 <= successes <= n:
        raise BadOption(f"a share needs 0 <= successes <= n; got {successes} of {n}")
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, slack = successes / n, z * z / n
    middle = (share + slack / 2) / (1 + slack)
    half = z / (1 + slack) * (share * (1 - share) / n + slack / (4 * n)) ** 0.5
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == n else min(1.0, middle + half)
    return Interval(low, high)


def mean_std(values: Sequence[float] | npt.NDArray[np.floating]) -> MeanStd:
    """Mean and sample standard deviation (n - 1) of repeated measurements, such as the accuracies of five seeds.

    Raises BadArray where there is none, or one is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise BadArray(f"expected one or more finite numbers; got {values!r}")
    std = float(array.std(ddof=1)) if array.size > 1 else None
    return MeanStd(float(array.mean()), std, array.size)


def bootstrap(
    statistic: Callable[[npt.NDArray[np.int64]], float],
    n: int,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The percentile interval of anything that can be computed from a resample, given as n indices into the originals.

    The same indices used on two systems give a paired interval of their difference. Raises BadOption for n < 1.
    """
    _check_level(level)
    if n < 1 or resamples < 1:
        raise BadOption(f"a bootstrap needs at least one example and one resample; got {n} and {resamples}")
    return _percentiles(np.array([statistic(rng.integers(0, n, n)) for _ in range(resamples)]), level)


def bootstrap_rate(
    errors: npt.ArrayLike,
    totals: npt.ArrayLike,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The percentile interval of sum(errors) / sum(totals) when whole messages are drawn again, such as of an error
    rate.

    Characters of one message do not err independently, so messages are the unit, not characters. ``errors`` and
    ``totals`` are (N,), one entry a message, totals >= 0. Raises BadArray for unequal lengths, no message or an empty
    total.
    """
    _check_level(level)
    wrong, all_ = np.asarray(errors, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    if wrong.shape != all_.shape or wrong.ndim != 1 or not all_.sum() > 0 or (all_ < 0).any():
        raise BadArray(f"expected errors and totals (N,) with a total above 0; got {wrong.shape} and {all_.shape}")
    rates: list[npt.NDArray[np.float64]] = []
    for start in range(0, resamples, CHUNK):
        draws = rng.integers(0, len(wrong), (min(CHUNK, resamples - start), len(wrong)))  # (chunk, N)
        sums = all_[draws].sum(axis=1)
        # A resample of empty messages only has no rate; it says nothing and is left out.
        rates.append(wrong[draws].sum(axis=1)[sums > 0] / sums[sums > 0])
    return _percentiles(np.concatenate(rates), level)


def _percentiles(values: npt.NDArray[np.float64], level: float) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise BadOption(f"a level lies between 0 and 1, such as 0.95; got {level}")
