"""Intervals against tables, closed forms and simulation."""

import numpy as np
import pytest

from inkread.errors import BadArray, BadOption
from inkread.evaluation.intervals import Interval, bootstrap, bootstrap_rate, mean_std, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_the_published_table(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits = rng.binomial(500, 0.98, 2000)
    inside = [low <= 0.98 <= high for low, high in (wilson(int(h), 500) for h in hits)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_wilson_ends_exactly_at_the_ends() -> None:
    assert wilson(10, 10).high == 1.0
    assert wilson(0, 10).low == 0.0
    assert wilson(0, 0) == Interval(0.0, 1.0)


def test_wilson_is_wider_at_a_higher_level() -> None:
    narrow, wide = wilson(90, 100, 0.8), wilson(90, 100, 0.99)
    assert wide.low < narrow.low < 0.9 < narrow.high < wide.high


@pytest.mark.parametrize(("successes", "n", "level"), [(-1, 10, 0.95), (11, 10, 0.95), (5, 10, 1.0), (5, 10, 0.0)])
def test_wilson_refuses_what_is_no_share(successes: int, n: int, level: float) -> None:
    with pytest.raises(BadOption):
        wilson(successes, n, level)


def test_mean_and_spread_are_those_of_the_sample() -> None:
    result = mean_std([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert (result.mean, result.n) == (5.0, 8)
    assert result.std == pytest.approx((32 / 7) ** 0.5)


def test_one_run_has_no_spread() -> None:
    assert mean_std([0.99]).std is None
    assert str(mean_std([0.99])) == "0.99 (n = 1)"


@pytest.mark.parametrize("values", [[], [float("nan")], [[1.0, 2.0]], [float("inf"), 1.0]])
def test_mean_and_spread_refuse_what_cannot_be_averaged(values: list[float]) -> None:
    with pytest.raises(BadArray, match="finite"):
        mean_std(values)


def test_the_bootstrap_of_a_mean_is_close_to_the_normal_interval() -> None:
    values = np.random.default_rng(2).normal(10, 2, 400)
    low, high = bootstrap(lambda i: float(values[i].mean()), len(values), np.random.default_rng(3))
    half = 1.96 * values.std(ddof=1) / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.04)


def test_the_bootstrap_of_a_rate_equals_the_general_one() -> None:
    rng = np.random.default_rng(4)
    totals = rng.integers(1, 60, 300)
    errors = rng.binomial(totals, 0.05)
    special = bootstrap_rate(errors, totals, np.random.default_rng(5))
    general = bootstrap(lambda i: errors[i].sum() / totals[i].sum(), 300, np.random.default_rng(5))
    assert special == pytest.approx(general, abs=1e-12)
    assert special.low < errors.sum() / totals.sum() < special.high


def test_the_bootstrap_repeats_itself_with_the_same_seed() -> None:
    totals = np.arange(10, 60)
    errors = totals % 7
    first = bootstrap_rate(errors, totals, np.random.default_rng(0))
    assert first == bootstrap_rate(errors, totals, np.random.default_rng(0))
    assert first != bootstrap_rate(errors, totals, np.random.default_rng(1))


def test_the_bootstrap_leaves_out_resamples_without_any_character() -> None:
    low, high = bootstrap_rate([1, 0], [2, 0], np.random.default_rng(0))
    assert (low, high) == (0.5, 0.5)


@pytest.mark.parametrize(("errors", "totals"), [([1], [1, 2]), ([], []), ([0], [0]), ([1, 1], [3, -1])])
def test_the_bootstrap_refuses_counts_that_give_no_rate(errors: list[int], totals: list[int]) -> None:
    with pytest.raises(BadArray):
        bootstrap_rate(errors, totals, np.random.default_rng(0))


def test_the_bootstrap_refuses_no_example() -> None:
    with pytest.raises(BadOption):
        bootstrap(lambda i: 0.0, 0, np.random.default_rng(0))
