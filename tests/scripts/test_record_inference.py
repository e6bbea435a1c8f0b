"""The record of inference: what the benchmark wrote, its tables, and the drawing of accuracy over costs."""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = "record_inference"


def timing(median: float) -> dict[str, float]:
    return {"median": median, "low": 0.9 * median, "high": 1.5 * median}


def speed(backend: str, threads: int, one: float) -> dict[str, object]:
    return {
        "backend": backend, "threads": threads, "glyphs": 1000,
        "one": timing(one), "line": timing(10 * one), "batch": timing(100 * one),
        "per_second": 10 / one, "share": 0.625, "least": one / 4,
    }  # fmt: skip


def cost(backend: str, accuracy: float | None, memory: int | None) -> dict[str, object]:
    return {
        "backend": backend, "starts": timing(0.25), "first_start": 0.5, "memory": memory, "file": 154_312, "n": 5052,
        "accuracy": accuracy,
    }  # fmt: skip


BENCH = {
    "facts": {"rounds": "3"},
    "shell_to_answer_seconds": timing(0.494),
    "verdicts": [{"what": "one glyph", "target": "at most 35 µs", "measured": "62 µs", "reached": False}],
    "networks": [
        {
            "name": "digits", "arch": "cnn", "trained": True, "parameters": 37_786, "multiply_adds": 281_344,
            "read": "digits, val part", "remarks": [], "products": {"1": {"numpy": 5e10}},
            "speeds": [speed("onnxruntime", 1, 61.62e-6), speed("onnxruntime", 2, 50e-6), speed("torch", 1, 300e-6)],
            "costs": [cost("onnxruntime", 0.9943, 65_000_000), cost("torch", None, None)],
            "operators": {
                "float32.onnx": {"Conv": 0.75, "Gemm": 0.25},
                "int8.onnx": {"QLinearConv": 0.5, "Transpose": 0.3, "Conv": 0.2},
            },
        }
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts import each other."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


@pytest.fixture
def record(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The record of two runs of the benchmark, as it stands on disk."""
    fresh = {**BENCH["networks"][0], "name": "mlp", "arch": "mlp"}  # type: ignore[index, dict-item]
    for name, run in (("a", BENCH), ("b", {**BENCH, "networks": [fresh], "verdicts": []})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "infer.json").write_text(json.dumps(run), encoding="utf-8")
    monkeypatch.setattr(import_module("record"), "RECORDS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["record_inference.py", str(tmp_path / "a"), str(tmp_path / "b")])
    script.main()
    found: dict[str, object] = json.loads((tmp_path / "inference" / "record.json").read_text(encoding="utf-8"))
    return found


def test_several_runs_become_one_record(record: dict[str, object]) -> None:
    assert [network["name"] for network in record["networks"]] == ["digits", "mlp"]  # type: ignore[attr-defined]
    row = record["networks"][0]["speeds"][0]  # type: ignore[index]
    assert row["one_us"] == [61.62, 55.46, 92.43]
    assert row["least_us"] == pytest.approx(61.62 / 4)
    assert record["shell_to_answer_seconds"] == BENCH["shell_to_answer_seconds"]
    assert len(record["facts"]) == 2  # type: ignore[arg-type]


def test_the_readme_tells_the_shipped_weights_alone(record: dict[str, object]) -> None:
    told = import_module("inference_tables").shipped(record)
    rows = told.splitlines()
    assert rows[2] == "| `digits` (cnn) | 61.6 µs | 616 µs | 200,000 | 62 % | 154 KB |"
    assert "mlp" not in told
    assert told.endswith("from the shell to the answer: 0.49 s (median).\n")


def test_the_record_tells_every_network_in_every_runtime(record: dict[str, object]) -> None:
    told = import_module("inference_tables").tables(record)
    assert "| one glyph | at most 35 µs | 62 µs | not reached |" in told
    assert "| torch | 1 | 300 µs (270 to 450) | 3,000 µs (2,700 to 4,500) | 33,333 (22,222 to 37,037) | 62 % |" in told
    assert "| onnxruntime | 0.25 s | 0.50 s | 65 MB | 154 KB | 99.43 % of 5,052 |" in told
    assert "| torch | 0.25 s | 0.50 s |  | 154 KB |  |" in told
    assert "| Conv | 75 % | 20 % |" in told
    assert told.count("**`mlp`** (mlp): 37,786 parameters, 281,344 multiply-adds a glyph.") == 1


def test_every_record_of_digits_is_a_point(record: dict[str, object]) -> None:
    plot = import_module("plot_costs")

    def digits(arch: str, mean: float) -> dict[str, object]:
        figures = [{"name": "other", "mean": 0.1, "std": 0.0}, {"name": "MNIST test", "mean": mean, "std": 0.001}]
        return {"figures": figures, "config": {"arch": arch}, "parameters": 100}

    def track(part: str, mean: float, **more: object) -> dict[str, object]:
        of = {"data": "mnist", "part": part, "accuracy": {"mean": mean, "std": 0.001}, "parameters": 100}
        return {**of, "config": {"arch": "cnn"}, **more}

    records = [
        digits("cnn", 0.99), digits("cnn", 0.98), digits("lenet", 0.97), track("val", 1.0), {"systems": []},
        track("test", 0.991, together=5, example=[[{"accuracy": 0.9}, {"accuracy": 0.96}], [{"accuracy": 0.97}]]),
        {"figures": [{"name": "words", "mean": 1.0}]},
    ]  # fmt: skip
    public = {**record["networks"][1], "arch": "pytorch-example", "parameters": 7}  # type: ignore[index]
    found = plot.points(records, {"networks": [*record["networks"], public]})  # type: ignore[misc]
    assert [(p.name, p.accuracy, p.microseconds, p.parameters) for p in found] == [
        ("cnn", 0.99, 61.62, 100), ("lenet", 0.97, None, 100), ("5 x cnn", 0.991, 5 * 61.62, 100),
        ("PyTorch's example, epoch 2", 0.965, 61.62, 7),
    ]  # fmt: skip
    left, right = plot.drawing(found).axes
    assert [len(axes.texts) for axes in (left, right)] == [3, 4]
    assert left.get_xscale() == right.get_xscale() == "log"


def test_the_drawing_is_written_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plot = import_module("plot_costs")
    for name in ("inference", "tracks/digits"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "record.json").write_text(json.dumps({"networks": []}))
    monkeypatch.setattr(plot, "RECORDS", tmp_path)
    plot.main()
    assert (tmp_path / "inference" / "costs.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert (tmp_path / "inference" / "costs.png").read_bytes().startswith(b"\x89PNG")
