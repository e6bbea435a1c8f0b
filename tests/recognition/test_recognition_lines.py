"""The line recogniser: what it takes, gives and refuses; and the weights that ship."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from inkread.alphabet import CHARACTERS
from inkread.errors import BadArray, BadCheckpoint
from inkread.recognition import LineRecogniser, shipped, shipped_lines


@pytest.fixture(scope="module")
def lines() -> LineRecogniser:
    return shipped_lines()


def strip(width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (40, width)).astype(np.uint8)


@pytest.mark.parametrize("width", [1, 4, 5, 17, 400])
def test_frames_are_normalised_one_for_every_stride(lines: LineRecogniser, width: int) -> None:
    (frames,) = lines.frames([strip(width)])
    assert frames.dtype == np.float32
    assert frames.shape == (-(-width // lines.stride), len(CHARACTERS) + 2)
    np.testing.assert_allclose(np.exp(frames).sum(axis=1), 1, atol=1e-4)


def test_several_strips_give_what_each_gives_alone(lines: LineRecogniser) -> None:
    strips = [strip(width, width) for width in (40, 100, 33, 250)]
    together = lines.frames(strips)
    for one, frames in zip(strips, together, strict=True):
        np.testing.assert_allclose(lines.frames([one])[0], frames, atol=1e-5)
    assert lines.frames([]) == []


def test_the_number_of_cores_changes_no_frame(lines: LineRecogniser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkread.recognition.line_recogniser.CORES", 3)
    other = LineRecogniser((files("inkread") / "weights" / "lines.onnx").read_bytes())
    for width in (33, 400):
        np.testing.assert_array_equal(other.frames([strip(width)])[0], lines.frames([strip(width)])[0])


@pytest.mark.parametrize(
    "bad", [np.zeros((39, 10), np.uint8), np.zeros((40, 0), np.uint8), np.zeros((40, 10)), np.zeros(40, np.uint8)]
)
def test_what_is_no_strip_is_refused(lines: LineRecogniser, bad: np.ndarray) -> None:
    with pytest.raises(BadArray, match=r"expected uint8 \(40, W\)"):
        lines.frames([bad])


def test_the_shipped_weights_say_what_they_are(lines: LineRecogniser) -> None:
    assert lines.alphabet == CHARACTERS
    assert (lines.name, lines.stride, lines.first) == ("lines", 2, 0)
    assert lines.size < 2_000_000
    assert lines.details["parameters"] == 1_741_546
    assert json.dumps(lines.details)
    assert "LineRecogniser('lines'" in repr(lines)


def test_files_that_are_no_line_network_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(BadCheckpoint, match="not a whole ONNX file"):
        LineRecogniser(tmp_path / "text.onnx")
    with pytest.raises(BadCheckpoint, match="cannot read"):
        LineRecogniser(tmp_path / "missing.onnx")
    glyphs = Path(str(tmp_path)) / "glyphs.onnx"
    from importlib.resources import files

    glyphs.write_bytes((files("inkread") / "weights" / "digits.onnx").read_bytes())
    with pytest.raises(BadCheckpoint, match="lacks a part of a line network"):
        LineRecogniser(glyphs)
    assert shipped("digits").alphabet.characters == "0123456789"
