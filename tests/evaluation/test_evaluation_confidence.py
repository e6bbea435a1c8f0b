"""Coverage, risk and calibration against plain counts, all orders of equal claims, and constructed data."""

from itertools import permutations

import numpy as np
import pytest

from inkread.errors import BadArray, BadOption
from inkread.evaluation.calibration import log_softmax, reliability, reliability_of
from inkread.evaluation.confidence import refusal, risk_coverage, trust


def simulated(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Claims that are as often right as they say."""
    rng = np.random.default_rng(3)
    sure = np.round(rng.beta(4, 1, n), 2)
    return sure, rng.random(n) < sure


def test_coverage_and_risk_equal_a_plain_count_at_every_threshold() -> None:
    sure, right = simulated()
    curve = risk_coverage(sure, right)
    assert curve.threshold == tuple(sorted(set(sure.tolist()), reverse=True))
    for threshold, coverage, risk in zip(curve.threshold, curve.coverage, curve.risk, strict=True):
        accepted = [hit for claim, hit in zip(sure, right, strict=True) if claim >= threshold]
        assert coverage == pytest.approx(len(accepted) / len(sure))
        assert risk == pytest.approx(1 - sum(accepted) / len(accepted))


def test_the_area_is_the_mean_over_all_orders_of_equal_claims() -> None:
    sure, right = [0.9, 0.5, 0.5, 0.5, 0.1], [True, False, True, True, False]
    areas = []
    for order in permutations(range(1, 4)):
        wrong = np.cumsum([not right[i] for i in (0, *order, 4)])
        areas.append((wrong / np.arange(1, 6)).mean())
    assert risk_coverage(sure, np.array(right)).area == pytest.approx(np.mean(areas))


def test_a_perfect_order_has_the_least_area_and_risk_that_only_grows() -> None:
    right = np.array([True] * 60 + [False] * 40)
    curve = risk_coverage(np.linspace(1, 0, 100), right)
    assert curve.area == pytest.approx(curve.best_area)
    assert (np.diff(curve.risk) >= 0).all()
    worst = risk_coverage(np.linspace(0, 1, 100), right)
    assert (np.diff(worst.risk) <= 0).all()
    assert worst.area > 2 * curve.area
    assert worst.best_area == pytest.approx(curve.best_area)
    assert curve.risk[-1] == worst.risk[-1] == pytest.approx(0.4)


def test_refusing_keeps_most_messages_that_stay_below_a_risk() -> None:
    sure, right = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([True, False, True, True, False])
    curve = risk_coverage(sure, right)
    quarter = refusal(curve, 0.25)
    assert (quarter.threshold, quarter.coverage, quarter.accepted, quarter.wrong) == (0.6, 0.8, 4, 1)
    strict = refusal(curve, 0.0)
    assert (strict.threshold, strict.accepted, strict.wrong) == (0.9, 1, 0)
    never = refusal(risk_coverage(sure, ~np.ones(5, bool)), 0.1)
    assert (never.threshold, never.coverage, never.accepted) == (None, 0.0, 0)


def test_claims_that_are_true_are_well_calibrated_and_boasts_are_not() -> None:
    sure, right = simulated(4000)
    honest, boasting = trust(sure, right), trust(sure**0.25, right)
    assert honest.reliability.expected_error < 0.03
    assert boasting.reliability.expected_error > 0.1
    assert honest.curve.area == pytest.approx(boasting.curve.area)  # the order is the same


def test_reliability_of_claims_equals_that_of_log_probs() -> None:
    rng = np.random.default_rng(0)
    log_probs, labels = log_softmax(rng.normal(0, 2, (500, 5))), rng.integers(0, 5, 500)
    claims = reliability_of(np.exp(log_probs.max(axis=1)), log_probs.argmax(axis=1) == labels)
    assert claims == reliability(log_probs, labels)


@pytest.mark.parametrize(
    ("confidence", "right", "sentence"),
    [
        ([], np.zeros(0, bool), "one or more numbers"),
        ([1.5], np.array([True]), r"in 0..1; got \[1.5\]"),
        ([np.nan], np.array([True]), r"in 0..1; got \[nan\]"),
        ([0.5, 0.5], np.array([True]), "of the same shape"),
        ([0.5], np.array([1]), "right, bool"),
        (["sure"], np.array([True]), "numbers of the shape"),
    ],
)
def test_claims_that_make_no_sense_are_refused(confidence: list[float], right: np.ndarray, sentence: str) -> None:
    with pytest.raises(BadArray, match=sentence):
        risk_coverage(confidence, right)
    with pytest.raises(BadArray, match=sentence):
        reliability_of(confidence, right)


def test_bins_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadOption, match="at least one bin"):
        reliability_of([0.5], np.array([True]), bins=0)
