"""How sure each message was, and whether it was right -> is that to be trusted, and what does refusing the unsure buy.

Coverage against risk as El-Yaniv and Wiener (2010) define them; the area under that curve as Geifman, Uziel and
El-Yaniv, Bias-Reduced Uncertainty Estimation (ICLR 2019). Knows nothing of texts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt

from inkread.evaluation.border import BoolArray, IntArray, check_claims
from inkread.evaluation.calibration import Reliability, reliability_of

RISKS = (0.05, 0.02, 0.01)  # shares of wrong messages among the accepted that a user may want to stay below
BINS = 10  # of equal mass: confidences crowd near 1, and a few hundred messages fill no more


@dataclass(frozen=True)
class RiskCoverage:
    """What is wrong among the accepted (``risk``, 0..1) when only the surest share (``coverage``, 0..1) is accepted.

    A point for each confidence that occurs, ``threshold``, from the surest to all. ``area``: the mean risk over all
    coverages, the order of equal confidences being a matter of chance; ``best_area``: that of an order that puts
    every right message before every wrong one.
    """

    n: int
    area: float
    best_area: float
    threshold: tuple[float, ...] = field(repr=False)
    coverage: tuple[float, ...] = field(repr=False)
    risk: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True)
class Refusal:
    """To keep the risk at or below ``risk``: accept messages whose confidence is at least ``threshold``.

    These are ``accepted`` messages, ``wrong`` of them wrong. Where no threshold is enough, ``threshold`` is None and
    nothing is accepted.
    """

    risk: float
    threshold: float | None
    coverage: float
    accepted: int
    wrong: int


@dataclass(frozen=True)
class Trust:
    """Whether confidence can be trusted (``reliability``), and what it is good for (``curve``, ``refusals``)."""

    reliability: Reliability
    curve: RiskCoverage
    refusals: tuple[Refusal, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists and numbers, ready for ``json.dumps``."""
        return {**asdict(self), "reliability": self.reliability.to_dict()}


def trust(confidence: npt.ArrayLike, right: npt.ArrayLike) -> Trust:
    """All on one set of claims: ``confidence`` (N,) in 0..1 and ``right``, bool (N,). Raises BadArray."""
    curve = risk_coverage(confidence, right)
    bins = reliability_of(confidence, right, BINS, "equal_mass")
    return Trust(bins, curve, tuple(refusal(curve, risk) for risk in RISKS))


def risk_coverage(confidence: npt.ArrayLike, right: npt.ArrayLike) -> RiskCoverage:
    """Coverage against risk; ``confidence`` (N,) in 0..1, ``right`` bool (N,). Raises BadArray.

    >>> risk_coverage([0.9, 0.8, 0.7, 0.6], np.array([True, True, False, True])).risk
    (0.0, 0.0, 0.3333333333333333, 0.25)
    """
    sure, hits = check_claims(confidence, right)
    levels, group = np.unique(-sure, return_inverse=True)
    accepted = np.cumsum(np.bincount(group))  # (levels,)
    wrong = np.cumsum(np.bincount(group[~hits], minlength=len(levels)))
    return RiskCoverage(
        n=len(sure),
        area=_area(accepted, wrong),
        best_area=_best_area(hits),
        threshold=tuple((-levels).tolist()),
        coverage=tuple((accepted / len(sure)).tolist()),
        risk=tuple((wrong / accepted).tolist()),
    )


def refusal(curve: RiskCoverage, risk: float) -> Refusal:
    """The threshold that accepts most and keeps the risk at or below ``risk`` (0..1), as far as this curve can tell."""
    fitting = np.flatnonzero(np.asarray(curve.risk) <= risk)
    if not fitting.size:
        return Refusal(risk, None, 0.0, 0, 0)
    last = int(fitting[-1])
    accepted = round(curve.coverage[last] * curve.n)
    wrong = round(curve.risk[last] * accepted)
    return Refusal(risk, curve.threshold[last], curve.coverage[last], accepted, wrong)


def _area(accepted: IntArray, wrong: IntArray) -> float:
    """The mean risk of the first 1, 2, ... N; within equal confidences the wrong ones are spread evenly."""
    counts = np.arange(1, accepted[-1] + 1)
    return float((np.interp(counts, [0, *accepted], [0, *wrong]) / counts).mean())


def _best_area(right: BoolArray) -> float:
    counts = np.arange(1, len(right) + 1)
    return float(((counts - right.sum()).clip(0) / counts).mean())
