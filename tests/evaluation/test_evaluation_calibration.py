"""Calibration against simulations whose truth is known, and against brute force."""

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax as scipy_log_softmax
from sklearn.metrics import log_loss

from inkread.errors import BadArray, BadOption, InkreadError
from inkread.evaluation import calibration

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def drawn(logits: Floats, rng: np.random.Generator) -> Ints:
    """Labels that fall exactly as the logits' probabilities say."""
    cumulated = np.exp(scipy_log_softmax(logits, axis=1)).cumsum(axis=1)
    return (rng.random((len(logits), 1)) > cumulated).sum(axis=1).clip(0, logits.shape[1] - 1)


@pytest.fixture(scope="module")
def calibrated() -> tuple[Floats, Ints]:
    """10,000 examples of 8 classes whose softmax is the truth."""
    rng = np.random.default_rng(7)
    logits = rng.normal(0, 2, (10_000, 8))
    return logits, drawn(logits, rng)


def test_log_softmax_equals_scipy_even_far_from_zero() -> None:
    logits = np.array([[1000.0, 1001.0, 0.0], [-1e8, 0.0, 3.0], [0.0, 0.0, 0.0]])
    assert np.allclose(calibration.log_softmax(logits), scipy_log_softmax(logits, axis=1))
    assert np.allclose(calibration.log_softmax(logits, 4.0), scipy_log_softmax(logits / 4, axis=1))


def test_negative_log_likelihood_equals_scikit_learn(calibrated: tuple[Floats, Ints]) -> None:
    logits, labels = calibrated
    log_probs = calibration.log_softmax(logits)
    expected = log_loss(labels, np.exp(log_probs), labels=range(8))
    assert calibration.negative_log_likelihood(log_probs, labels) == pytest.approx(expected)


def test_a_perfectly_calibrated_model_has_no_calibration_error(calibrated: tuple[Floats, Ints]) -> None:
    logits, labels = calibrated
    log_probs = calibration.log_softmax(logits)
    assert calibration.reliability(log_probs, labels).expected_error < 0.018
    assert calibration.reliability(log_probs, labels, 15, "equal_mass").expected_error < 0.018
    assert calibration.fit_temperature(logits, labels) == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize("scale", [0.2, 0.5, 3.0, 10.0])
def test_the_temperature_that_spoilt_the_logits_is_found_again(calibrated: tuple[Floats, Ints], scale: float) -> None:
    logits, labels = calibrated
    assert calibration.fit_temperature(logits * scale, labels) == pytest.approx(scale, rel=0.04)


def test_the_temperature_is_the_one_that_scipy_finds(calibrated: tuple[Floats, Ints]) -> None:
    logits, labels = calibrated[0][:3000] * 2.3, calibrated[1][:3000]

    def loss(temperature: float) -> float:
        return float(log_loss(labels, np.exp(scipy_log_softmax(logits / temperature, axis=1)), labels=range(8)))

    best = minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-6}).x
    assert calibration.fit_temperature(logits, labels) == pytest.approx(best, rel=1e-4)


def test_scaling_mends_the_calibration_and_changes_no_answer(calibrated: tuple[Floats, Ints]) -> None:
    logits, labels = calibrated[0] * 3, calibrated[1]
    temperature = calibration.fit_temperature(logits, labels)
    result = calibration.before_and_after(logits, labels, temperature)
    assert result.before.expected_error > 0.15
    assert result.after.expected_error < 0.018
    assert result.nll_after < result.nll_before
    after = calibration.log_softmax(logits, temperature)
    assert (after.argmax(axis=1) == logits.argmax(axis=1)).all()


def test_examples_without_an_error_do_not_make_a_network_sure_of_everything() -> None:
    assert calibration.fit_temperature(np.eye(4) * 5, np.arange(4)) == 1.0


def test_a_network_that_is_wrong_throughout_gets_the_highest_temperature() -> None:
    logits = np.eye(4)[[1, 2, 3, 0]] * 50
    assert calibration.fit_temperature(logits, np.arange(4)) == pytest.approx(20, rel=1e-4)


def test_logits_that_say_nothing_leave_the_temperature_alone() -> None:
    assert calibration.fit_temperature(np.zeros((5, 3)), np.zeros(5, dtype=int)) == 1.0


def worked_example() -> tuple[Floats, Ints]:
    """Four examples of two classes: sure of class 0 by 0.95 (right), 0.95 (wrong), 0.65 (right), 0.65 (right)."""
    sure = np.array([0.95, 0.95, 0.65, 0.65])
    return np.log(np.stack([sure, 1 - sure], axis=1)), np.array([0, 1, 0, 0])


def test_calibration_error_of_an_example_worked_by_hand() -> None:
    log_probs, labels = worked_example()
    measured = calibration.reliability(log_probs, labels, bins=10)
    assert [(b.low, b.high, b.n) for b in measured.bins] == [(0.6, 0.7, 2), (0.9, 1.0, 2)]
    assert [b.confidence for b in measured.bins] == pytest.approx([0.65, 0.95])
    assert [b.accuracy for b in measured.bins] == [1.0, 0.5]
    assert measured.expected_error == pytest.approx((0.35 + 0.45) / 2)
    assert measured.maximum_error == pytest.approx(0.45)


def test_calibration_error_equals_a_plain_loop_over_bins(calibrated: tuple[Floats, Ints]) -> None:
    log_probs, labels = calibration.log_softmax(calibrated[0][:500] * 2), calibrated[1][:500]
    sure, right = np.exp(log_probs).max(axis=1), log_probs.argmax(axis=1) == labels
    expected = 0.0
    for b in range(15):
        inside = (sure > b / 15) & (sure <= (b + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    assert calibration.reliability(log_probs, labels).expected_error == pytest.approx(expected)


def test_equal_mass_gives_each_bin_as_many_examples(calibrated: tuple[Floats, Ints]) -> None:
    log_probs, labels = calibration.log_softmax(calibrated[0][:1000]), calibrated[1][:1000]
    measured = calibration.reliability(log_probs, labels, 10, "equal_mass")
    assert [b.n for b in measured.bins] == [100] * 10
    assert all(left.high <= right.low for left, right in zip(measured.bins, measured.bins[1:], strict=False))


def test_more_bins_than_examples_are_fine() -> None:
    log_probs, labels = worked_example()
    assert sum(b.n for b in calibration.reliability(log_probs, labels, 50, "equal_mass").bins) == 4


def test_full_confidence_falls_into_the_last_bin() -> None:
    log_probs = np.log(np.array([[1.0, 1e-300]]))
    assert calibration.reliability(log_probs, [0]).bins[0].high == 1.0


def test_the_record_is_json(calibrated: tuple[Floats, Ints]) -> None:
    record = calibration.before_and_after(calibrated[0][:100], calibrated[1][:100], 2.0).to_dict()
    kept = json.loads(json.dumps(record, allow_nan=False))
    assert kept["after"]["expected_error"] == record["after"]["expected_error"]  # type: ignore[index]


def test_logits_are_not_taken_for_log_probabilities() -> None:
    with pytest.raises(BadArray, match="log_softmax"):
        calibration.reliability(np.array([[4.0, 1.0]]), [0])


@pytest.mark.parametrize(
    ("logits", "labels", "sentence"),
    [
        ([[0.0, float("nan")]], [0], "NaN or infinity in 1 of 1 rows, first in row 0"),
        ([[0.0, float("inf")]], [0], "NaN or infinity"),
        ([0.0, 1.0], [0], "expected \\(N, C\\)"),
        (np.zeros((0, 3)), [], "at least one row"),
        ([["a", "b"]], [0], "array of numbers"),
        ([[1.0, 2.0], [1.0]], [0, 0], "rows of one length"),
        ([[1j, 2.0]], [0], "array of numbers"),
        (None, [0], "array of numbers"),
        ([[0.0, 1.0]], [[0], [1, 2]], "rows of one length"),
        ([[0.0, 1.0]], [0, 1], "2 labels came with 1 rows"),
        ([[0.0, 1.0]], [2], "must lie in 0..1; got 2..2"),
        ([[0.0, 1.0]], [-1], "must lie in 0..1"),
        ([[0.0, 1.0]], [0.0], "whole numbers"),
        ([[0.0, 1.0]], [[0]], "whole numbers"),
    ],
)
def test_bad_arrays_are_told_in_a_sentence(logits: object, labels: object, sentence: str) -> None:
    with pytest.raises(BadArray, match=sentence):
        calibration.fit_temperature(logits, labels)  # type: ignore[arg-type]


def test_options_that_make_no_sense_are_refused() -> None:
    log_probs, labels = worked_example()
    with pytest.raises(BadOption, match="at least one bin"):
        calibration.reliability(log_probs, labels, bins=0)
    with pytest.raises(BadOption, match="equal_width, equal_mass"):
        calibration.reliability(log_probs, labels, binning="quantile")  # type: ignore[arg-type]
    for temperature in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadOption, match="above 0"):
            calibration.log_softmax(log_probs, temperature)


@given(st.lists(st.lists(st.floats(width=32), min_size=3, max_size=3), min_size=1, max_size=5))
def test_any_numbers_give_an_answer_or_a_sentence(rows: list[list[float]]) -> None:
    try:
        log_probs = calibration.log_softmax(rows)
    except InkreadError:
        assert not np.isfinite(rows).all()
    else:
        error = calibration.reliability(log_probs, [0] * len(rows)).expected_error
        assert 0 <= error <= 1
