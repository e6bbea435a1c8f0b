"""Exporting a line network: the file reads as the network with rounded weights does, or is not written."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from inkread.alphabet import Alphabet
from inkread.errors import BadArray, ExportMismatch
from inkread.interfaces import export_lines as module
from inkread.interfaces.export_lines import export_lines
from inkread.interfaces.packing import rounded
from inkread.models.line_network import FIRST, STRIDE, LineNetwork
from inkread.recognition import LineRecogniser

AB = Alphabet("AB")
DETAILS = {"name": "ab", "alphabet": asdict(AB), "stride": STRIDE, "first": FIRST, "temperature": 1.5}


@pytest.fixture(scope="module")
def network() -> LineNetwork:
    torch.manual_seed(0)
    return LineNetwork(3, channels=(8, 8, 16, 16), width=16, blocks=1).eval()


def strips() -> list[np.ndarray]:
    chance = np.random.default_rng(0)
    return [chance.integers(0, 256, (40, int(chance.integers(20, 200)))).astype(np.uint8) for _ in range(32)]


@pytest.mark.slow
def test_an_exported_line_network_reads_as_the_rounded_one_does(network: LineNetwork, tmp_path: Path) -> None:
    path = tmp_path / "lines.onnx"
    assert export_lines(network, DETAILS, path, strips()) < 1e-4
    exported = LineRecogniser(path)
    assert exported.alphabet == AB and exported.name == "ab"
    one = strips()[3][:, :96]
    with torch.no_grad():
        logits = rounded(network)(torch.from_numpy(one.astype(np.float32) / 255)[None, None])[0] / 1.5
    np.testing.assert_allclose(exported.frames([one])[0], logits.log_softmax(dim=1).numpy(), atol=1e-4)


@pytest.mark.slow
def test_a_file_that_would_differ_is_not_written(
    network: LineNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOLERANCE", -1.0)
    with pytest.raises(ExportMismatch, match="Nothing was written"):
        export_lines(network, DETAILS, tmp_path / "lines.onnx", strips())
    assert not (tmp_path / "lines.onnx").exists()


def test_too_few_lines_prove_nothing(network: LineNetwork, tmp_path: Path) -> None:
    with pytest.raises(BadArray, match="at least 32 lines"):
        export_lines(network, DETAILS, tmp_path / "lines.onnx", strips()[:3])
