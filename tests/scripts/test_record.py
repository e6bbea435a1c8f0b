"""Records: statistics over seeds against Python's own, and which runs are trained, resumed or taken as they are."""

import dataclasses
import json
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from inkread.training.config import TrainConfig

SCRIPT = "record"
RIGHT = {0: [1, 1, 1, 0], 1: [1, 0, 1, 0], 2: [1, 1, 1, 1]}  # which of four glyphs each seed's network reads
SECONDS = {0: 10.0, 1: 12.0, 2: 17.0}


def config(seed: int) -> dict[str, object]:
    """What a run of the record ``tiny`` says of itself."""
    return TrainConfig("digits", seed=seed).filled().to_dict()


def shares() -> list[float]:
    return [sum(right) / 4 for right in RIGHT.values()]


@pytest.fixture(autouse=True)
def _beside_the_other_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


@pytest.fixture
def runs(tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of three finished runs of a record; a network is as good as RIGHT says."""
    for seed, seconds in SECONDS.items():
        folder = tmp_path / f"tiny-{seed}"
        folder.mkdir()
        (folder / "model.onnx").write_bytes(bytes(100))
        told = {
            "seconds": seconds, "parameters": 7, "multiply_adds": 8, "validation": {"val_accuracy": seed / 10},
            "fingerprint": "cafe", "config": config(seed), "machine": "none", "versions": {},
        }  # fmt: skip
        (folder / "record.json").write_text(json.dumps(told))
    monkeypatch.setattr(script, "Recogniser", lambda path: int(path.parent.name[-1]))
    monkeypatch.setattr(script, "commit", lambda: "abc1234")
    return tmp_path


@pytest.fixture
def tiny(script: ModuleType) -> SimpleNamespace:
    def measure(seed: int) -> list[tuple[str, object]]:
        return [("four glyphs", np.array(RIGHT[seed], bool)), ("the first", np.array(RIGHT[seed][:1], bool))]

    record: SimpleNamespace = script.Record(("digits",), measure, {"four glyphs": 0.5}, seconds=12.0, seeds=(0, 1, 2))
    return record


def test_mean_and_spread_over_seeds_are_those_of_pythons_statistics(script: ModuleType, tiny: SimpleNamespace) -> None:
    found = script.figure("four glyphs", [np.array(right, bool) for right in RIGHT.values()], tiny)
    assert (found.name, found.glyphs, found.seeds, found.target) == ("four glyphs", 4, shares(), 0.5)
    assert found.mean == pytest.approx(statistics.mean(shares()))
    assert found.std == pytest.approx(statistics.stdev(shares()))  # of a sample: divided by n - 1


def test_one_seed_has_no_spread_and_a_part_without_a_target_none(script: ModuleType, tiny: SimpleNamespace) -> None:
    found = script.figure("elsewhere", [np.array([True, False])], tiny)
    assert (found.mean, found.std, found.target) == (0.5, None, None)


def test_a_record_holds_every_seed_of_every_part(
    script: ModuleType, tiny: SimpleNamespace, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("finished runs are taken as they are"))
    found = script.measure("tiny", tiny, runs)
    four, first = found["figures"]
    assert (four["name"], four["seeds"], four["target"]) == ("four glyphs", shares(), 0.5)
    assert (first["name"], first["seeds"], first["std"]) == ("the first", [1.0, 1.0, 1.0], 0.0)
    assert found["seconds"] == {
        "mean": pytest.approx(statistics.mean(SECONDS.values())),
        "std": pytest.approx(statistics.stdev(SECONDS.values())),
        "target": 12.0,
    }
    assert found["validation"] == [{"val_accuracy": seed / 10} for seed in SECONDS]
    assert (found["seeds"], found["onnx_bytes"], found["commit"]) == (3, 100, "abc1234")
    assert (found["train"], found["command"]) == ("inkread train digits --seed SEED", "python scripts/record.py tiny")
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            {"config": config(1) | {"epochs": 99}},
            r"tiny-1 holds a run that was trained otherwise \(epochs 99, not \d+\)",
        ),
        ({"config": config(2)}, r"trained otherwise \(seed 2, not 1\)"),
        ({"fingerprint": "beef"}, r"the runs of tiny learnt from different data \(beef, cafe\)"),
    ],
)
def test_a_run_of_another_recipe_or_of_other_data_is_no_run_of_the_record(
    script: ModuleType, tiny: SimpleNamespace, runs: Path, told: dict[str, object], why: str
) -> None:
    path = runs / "tiny-1" / "record.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | told))
    with pytest.raises(SystemExit, match=why):
        script.measure("tiny", tiny, runs)


def test_the_recipe_of_a_record_is_what_its_flags_ask_for(script: ModuleType) -> None:
    letters = script.recipe(script.ALL["letters"], 3)
    asked = (letters.dataset, letters.data, letters.arch, letters.epochs, letters.plain_epochs, letters.seed)
    assert asked == ("letters", (str(script.LETTERS_DATA),), "cnn-accurate", 14, 4, 3)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_run_that_is_missing_is_trained_and_one_that_was_stopped_goes_on(
    script: ModuleType, tiny: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    stopped: bool,
) -> None:  # fmt: skip
    if stopped:
        (tmp_path / "state.safetensors").touch()
    calls: list[list[str]] = []

    def train(command: list[str], **options: object) -> None:
        assert options["check"] is True
        calls.append(command)
        (tmp_path / "record.json").write_text(json.dumps({"config": config(2), "seconds": 1}))

    monkeypatch.setattr(subprocess, "run", train)
    assert script.trained(tiny, tmp_path, 2)["seconds"] == 1
    (call,) = calls
    assert (
        call[1:] == ["-m", "inkread", "train", "digits", "--seed", "2", "--out", str(tmp_path)] + ["--resume"] * stopped
    )


def test_a_record_is_kept_under_its_name(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "RECORDS", tmp_path)
    path = script.keep("new", {"figures": [1]})
    assert path == tmp_path / "new" / "record.json"
    assert json.loads(path.read_text()) == {"figures": [1]} and path.read_text().endswith("}\n")


def test_every_record_trains_with_flags_that_there_are(script: ModuleType) -> None:
    known = {f"--{field.name.replace('_', '-')}" for field in dataclasses.fields(TrainConfig)}
    for record in script.ALL.values():
        assert {word for word in record.arguments if word.startswith("--")} <= known
        assert len(set(record.seeds)) == len(record.seeds) > 1


def test_digits_are_measured_on_mnists_test_set(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    test = SimpleNamespace(images=np.zeros((3, 28, 28), np.uint8), labels=np.array([2, 0, 1]))
    loads: dict[str, Callable[[], object]] = {"mnist": lambda: SimpleNamespace(test=test)}
    monkeypatch.setattr(script, "load", lambda name: loads[name]())
    log_probs = np.log([[0.1, 0.2, 0.7], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1]])
    ((part, right),) = script.digits_right(SimpleNamespace(log_probs=lambda images: log_probs[: len(images)]))
    assert (part, right.tolist()) == ("MNIST test", [True, False, True])
