"""`inkread demo`: the whole story, with nothing but what ships."""

import json
from pathlib import Path

import pytest
from jiwer import cer
from PIL import Image

from inkread.interfaces.commands import demo
from tests.conftest import Command


def test_a_run_that_is_no_demos_is_not_trained_over(tmp_path: Path, inkread: Command) -> None:
    mine = tmp_path / "digits-cnn" / "model.safetensors"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    sentence = inkread("demo", "--out", tmp_path).sentence
    assert "digits-cnn holds a run that is not of an earlier demo; name another folder with --out" in sentence
    assert mine.read_bytes() == b"mine" and sorted(tmp_path.rglob("*")) == [mine.parent, mine]


@pytest.mark.slow
def test_the_demo_trains_evaluates_and_reads_and_may_be_repeated(
    tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SMALL_EPOCHS", 2)
    for _ in range(2):  # the second replaces the first
        answer = inkread("demo", "--out", tmp_path / "demo")
        assert (answer.code, answer.err) == (0, "")
    for heading in ("1  Train digits", "2  Evaluate on the test set", "3  Read a picture", "Files", "Try next"):
        assert heading in answer.out
    assert "the sample that ships with inkread" in answer.out
    assert f"inkread train digits --out {tmp_path / 'demo' / 'digits-cnn'} --epochs 2" in answer.out  # does the same
    written = [Path(line.strip()) for line in answer.out.splitlines() if line.startswith(f"  {tmp_path}")]
    assert len(written) >= 6 and all(path.exists() for path in written)
    report = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert report["classification"]["n"] == 1000  # the test part
    told = dict(line.strip().split("  ", 1) for line in answer.out.split("3  Read a picture")[1].splitlines()[1:5])
    read = {label: text.strip().replace(" / ", "\n") for label, text in told.items()}
    assert read["written"] == demo.MESSAGE
    assert cer(demo.MESSAGE.replace(" ", ""), read["eye alone"]) < 0.25  # synthetic letters, an alphabet of 26
    assert cer(demo.MESSAGE, read["decoded"]) < 0.1
    assert read["confidence"].endswith("that every letter and space is right")
    with (
        Image.open(tmp_path / "demo" / "message.png") as plain,
        Image.open(tmp_path / "demo" / "message-read.png") as drawn,
    ):
        assert plain.size == drawn.size
