"""The power by which cost grows, against exact powers and two other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress

from inkread.errors import BadArray
from inkread.evaluation.growth import larger_half, slope
from inkread.evaluation.wording import THIN, duration

SIZES = (5_000, 10_000, 20_000, 40_000, 60_000)


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.5, 1.0, 1.7, 3.0])
@pytest.mark.parametrize("factor", [1e-7, 1.0, 40.0])
def test_the_slope_of_an_exact_power_is_the_power(power: float, factor: float) -> None:
    found = slope(SIZES, [factor * size**power for size in SIZES])
    assert found.value == pytest.approx(power, abs=1e-12)
    assert found.error == pytest.approx(0, abs=1e-12)
    assert found.n == len(SIZES)


@pytest.mark.parametrize("seed", range(5))
def test_slope_and_error_are_those_of_numpy_and_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = np.sort(rng.uniform(1, 5_000, 3 + 2 * seed))
    seconds = 1e-4 * sizes ** rng.uniform(0.3, 2) * np.exp(rng.normal(0, 0.2, len(sizes)))
    found, other = slope(sizes, seconds), linregress(np.log(sizes), np.log(seconds))
    assert (found.value, found.error) == pytest.approx((other.slope, other.stderr))
    (fitted, _), covariance = np.polyfit(np.log(sizes), np.log(seconds), 1, cov=True)
    assert (found.value, found.error) == pytest.approx((fitted, covariance[0, 0] ** 0.5))


def test_a_fixed_cost_flattens_all_sizes_more_than_the_larger_half() -> None:
    sizes = [2**power for power in range(8)]
    seconds = [1 + size for size in sizes]
    assert slope(sizes, seconds).value < slope(larger_half(sizes), larger_half(seconds)).value < 1


@pytest.mark.parametrize(("n", "kept"), [(3, 3), (4, 3), (5, 3), (6, 3), (7, 4), (8, 4), (9, 5)])
def test_the_larger_half_is_the_end_of_the_sizes_and_never_under_three(n: int, kept: int) -> None:
    assert list(larger_half(list(range(n)))) == list(range(n))[n - kept :]


@pytest.mark.parametrize(
    ("sizes", "seconds"),
    [
        ([1, 2], [1, 2]), ([1, 2, 3], [1, 2]), ([1, 2, 3], [1, 0, 2]), ([0, 2, 3], [1, 1, 2]), ([2, 2, 2], [1, 1, 2]),
        ([1, 2, np.nan], [1, 1, 2]), ([[1, 2, 3]], [[1, 2, 3]]),
    ],
)  # fmt: skip
def test_what_has_no_slope_is_refused(sizes: object, seconds: object) -> None:
    with pytest.raises(BadArray, match="expected"):
        slope(sizes, seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(1e-6, "1 µs"), (0.00099949, "999 µs"), (0.0009996, "1 ms"), (0.0456, "45.6 ms"), (61.23, "61.2 s")],
)
def test_times_are_told_in_the_unit_that_suits_them(seconds: float, told: str) -> None:
    assert duration(seconds).replace(THIN, " ") == told
