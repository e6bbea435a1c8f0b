"""Logits and labels -> a temperature, and how far confidence lies from accuracy before and after it.

Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks (ICML 2017), sections 2 and 4.2.
Knows nothing of characters or pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import exp, log
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from inkread.errors import BadOption
from inkread.evaluation.border import FloatArray, IntArray, check_claims, check_labels, check_log_probs, check_scores
from inkread.evaluation.intervals import Interval, wilson

Binning = Literal["equal_width", "equal_mass"]

BINS = 15  # the number that Guo et al. use, and with them the field
TEMPERATURE_RANGE = (1 / 20, 20.0)  # beyond it a network is broken, not badly calibrated
LOG_TEMPERATURE_TOLERANCE = 1e-6  # relative precision of the temperature
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class ReliabilityBin:
    """The n examples whose confidence lies in low..high: their mean confidence, and how many were right (0..1)."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy, bin by bin; bins without examples are left out."""

    bins: tuple[ReliabilityBin, ...]
    binning: Binning
    n: int

    @property
    def expected_error(self) -> float:
        """The expected calibration error (0..1): the mean gap between confidence and accuracy over all examples.

        A perfectly calibrated model of n examples still shows about sqrt(bins / n) / 3: read differences, not digits.
        """
        return sum(b.n * abs(b.accuracy - b.confidence) for b in self.bins) / self.n

    @property
    def maximum_error(self) -> float:
        """The largest gap between confidence and accuracy of any bin (0..1)."""
        return max(abs(b.accuracy - b.confidence) for b in self.bins)

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists and numbers, ready for ``json.dumps``."""
        return {"expected_error": self.expected_error, "maximum_error": self.maximum_error, **asdict(self)}


@dataclass(frozen=True)
class Calibration:
    """What a temperature does: negative log-likelihood (nats an example) and reliability before and after it."""

    temperature: float
    nll_before: float
    nll_after: float
    before: Reliability
    after: Reliability

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists and numbers, ready for ``json.dumps``."""
        return {**asdict(self), "before": self.before.to_dict(), "after": self.after.to_dict()}


def log_softmax(logits: npt.ArrayLike, temperature: float = 1.0) -> FloatArray:
    """Logits (N, C) -> natural logarithms of probabilities (N, C) after division by the temperature.

    Raises BadArray for NaN, infinity or another shape, BadOption unless the temperature is above 0.
    """
    if not 0 < temperature < float("inf"):
        raise BadOption(f"a temperature is a number above 0; got {temperature}")
    return _log_softmax(check_scores(logits, "logits") / temperature)


def negative_log_likelihood(log_probs: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """The mean of -log p(label), in nats: 0 where every label was certain, log C where all were equally likely."""
    return _nll(*_checked(log_probs, labels))


def fit_temperature(logits: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """The temperature T in 1/20..20 that makes softmax(logits / T) likeliest, to be chosen on validation data.

    The loss is convex in 1/T, hence has one minimum in log T, which a golden-section search finds. T > 1: the network
    was too sure; T < 1: not sure enough. Where no example is misread the likeliest network would be sure of everything,
    which a few examples cannot show: then T is 1. Raises BadArray for NaN, wrong shapes or labels outside 0..C-1.
    """
    scores = check_scores(logits, "logits")
    classes = check_labels(labels, *scores.shape)
    if (scores.argmax(axis=1) == classes).all():
        return 1.0

    def loss(log_temperature: float) -> float:
        return _nll(_log_softmax(scores / exp(log_temperature)), classes)

    best = _golden_section(loss, log(TEMPERATURE_RANGE[0]), log(TEMPERATURE_RANGE[1]))
    return exp(best) if loss(best) < loss(0.0) else 1.0


def reliability(
    log_probs: npt.ArrayLike, labels: npt.ArrayLike, bins: int = BINS, binning: Binning = "equal_width"
) -> Reliability:
    """Examples sorted into bins by their confidence (the largest probability): how sure, and how often right.

    ``equal_width`` cuts 0..1 into bins of one width, as in Guo et al.; ``equal_mass`` gives each bin as many examples
    (Nguyen and O'Connor 2015), which tells more where almost all confidences are near 1. Raises BadArray, BadOption.
    """
    scores, classes = _checked(log_probs, labels)
    return reliability_of(np.exp(scores.max(axis=1)).clip(0.0, 1.0), scores.argmax(axis=1) == classes, bins, binning)


def reliability_of(
    confidence: npt.ArrayLike, right: npt.ArrayLike, bins: int = BINS, binning: Binning = "equal_width"
) -> Reliability:
    """The same for any claims: how sure each was, (N,) in 0..1, and whether it was right, bool (N,).

    Raises BadArray for other shapes, other ranges or no claim at all, BadOption as ``reliability`` does.
    """
    if bins < 1 or binning not in get_args(Binning):
        raise BadOption(f"expected at least one bin and one of {', '.join(get_args(Binning))}; got {bins}, {binning!r}")
    sure, hits = check_claims(confidence, right)
    members = _equal_width(sure, bins) if binning == "equal_width" else _equal_mass(sure, bins)
    rows = tuple(_bin(low, high, sure[m], hits[m]) for low, high, m in members if len(m))
    return Reliability(rows, binning, len(sure))


def before_and_after(
    logits: npt.ArrayLike, labels: npt.ArrayLike, temperature: float, bins: int = BINS, binning: Binning = "equal_width"
) -> Calibration:
    """What a temperature that was fitted elsewhere does to the calibration here."""
    before, after = log_softmax(logits), log_softmax(logits, temperature)
    return Calibration(
        temperature=float(temperature),
        nll_before=negative_log_likelihood(before, labels),
        nll_after=negative_log_likelihood(after, labels),
        before=reliability(before, labels, bins, binning),
        after=reliability(after, labels, bins, binning),
    )


def _checked(log_probs: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[FloatArray, IntArray]:
    scores = check_log_probs(log_probs)
    return scores, check_labels(labels, *scores.shape)


def _log_softmax(scores: FloatArray) -> FloatArray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _nll(log_probs: FloatArray, labels: IntArray) -> float:
    return max(0.0, -float(log_probs[np.arange(len(labels)), labels].mean()))


def _golden_section(loss: Callable[[float], float], low: float, high: float) -> float:
    """The place of the one minimum between low and high (Kiefer 1953)."""
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    loss_left, loss_right = loss(left), loss(right)
    while high - low > LOG_TEMPERATURE_TOLERANCE:
        if loss_left < loss_right:
            high, right, loss_right = right, left, loss_left
            left = high - GOLDEN * (high - low)
            loss_left = loss(left)
        else:
            low, left, loss_left = left, right, loss_right
            right = low + GOLDEN * (high - low)
            loss_right = loss(right)
    return (low + high) / 2


def _equal_width(confidence: FloatArray, bins: int) -> list[tuple[float, float, IntArray]]:
    # Half-open to the left, (low, high], so that a confidence of 1 falls into the last bin.
    number = (np.ceil(confidence * bins).astype(np.int64) - 1).clip(0, bins - 1)  # (N,)
    return [(b / bins, (b + 1) / bins, np.flatnonzero(number == b)) for b in range(bins)]


def _equal_mass(confidence: FloatArray, bins: int) -> list[tuple[float, float, IntArray]]:
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return [(float(confidence[p[0]]), float(confidence[p[-1]]), p) for p in parts if len(p)]


def _bin(low: float, high: float, confidence: FloatArray, right: npt.NDArray[np.bool_]) -> ReliabilityBin:
    n, hits = len(right), int(right.sum())
    return ReliabilityBin(low, high, n, float(confidence.mean()), hits / n, wilson(hits, n))
