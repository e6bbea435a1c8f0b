"""record_reading.py: of the surest words, how many are wrong."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest


def test_the_risk_at_a_share_of_the_words_spreads_equally_sure_ones_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")
    curve = {"coverage": [0.25, 0.75, 1.0], "risk": [0.0, 0.4, 0.5]}  # wrong: 0, 0.3 and 0.5 of all words
    told = import_module("record_reading").accepted(curve)
    assert list(told) == ["0.25", "0.5", "0.75", "0.9", "0.95", "1.0"]
    assert told["0.25"] == 0
    assert told["0.5"] == pytest.approx(0.15 / 0.5)
    assert told["0.75"] == pytest.approx(0.4)
    assert told["0.9"] == pytest.approx((0.3 + 0.2 * 0.6) / 0.9)
    assert told["1.0"] == pytest.approx(0.5)
