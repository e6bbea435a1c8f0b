"""`inkread bench infer`: every backend reads the same, 8-bit integers nearly so; figures are those known beforehand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import pytest

from inkread.data import Dataset
from inkread.errors import BadCheckpoint, BadOption, MissingDependency
from inkread.interfaces.bench import inference, prepared
from inkread.interfaces.bench.backends import (
    BACKENDS,
    FLOAT32,
    INT8,
    WEIGHTS,
    Glyphs,
    chunked,
    open_compiled,
    open_openvino,
)
from inkread.interfaces.bench.engines import NotThere
from inkread.interfaces.bench.inference import Cost, Speed, Timing, Wanted, rounds, speeds
from inkread.interfaces.bench.inference_targets import verdicts
from inkread.interfaces.bench.int8 import operator_shares
from inkread.interfaces.bench.lane import answer, most_memory, seconds
from inkread.interfaces.bench.lanes import Lane
from inkread.interfaces.bench.prepared import READ, TIMED, Prepared
from inkread.interfaces.bench.products import MULTIPLY_ADDS, PRODUCTS, SIDE, matrices
from inkread.interfaces.commands import bench_infer
from inkread.interfaces.export import largest_difference, to_onnx
from inkread.interfaces.rebuilt import rebuilt
from inkread.models import Checkpoint, build, measure, save
from inkread.recognition import Recogniser, shipped
from tests.conftest import Command

NETWORKS = ("digits", "letters")


def content(name: str) -> bytes:
    return (files("inkread") / "weights" / f"{name}.onnx").read_bytes()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The shipped digits, prepared with the glyphs that ship."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INKREAD_DATA", str(tmp_path_factory.mktemp("no-data-here")))
        return prepared.prepare("digits", tmp_path_factory.mktemp("infer") / "digits", "val", (), 300)


# Networks


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_built_anew_from_the_file_that_ships(name: str, digits: Dataset) -> None:
    network, checkpoint = rebuilt(content(name))
    details = shipped(name).details
    assert (checkpoint.arch, checkpoint.temperature) == (details["arch"], details["temperature"])
    assert measure(network).parameters == details["provenance"]["parameters"]  # type: ignore[index]
    assert largest_difference(content(name), network, checkpoint.temperature, digits.val.images[:256]) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["mlp", "cnn", "cnn-accurate"])
def test_every_architecture_comes_back_from_its_export(arch: str, digits: Dataset) -> None:
    import torch

    torch.manual_seed(0)
    original = build(arch, 10)
    for layer in original.modules():
        if isinstance(layer, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            for values in (layer.running_var, layer.weight):
                torch.nn.init.uniform_(values, 0.5, 2)  # type: ignore[arg-type]
            for values in (layer.running_mean, layer.bias):
                torch.nn.init.normal_(values)  # type: ignore[arg-type]
    checkpoint = Checkpoint("x", arch, shipped("digits").alphabet, "mnist", 0.7)
    exported = to_onnx(original, checkpoint)
    network, again = rebuilt(exported)
    assert again == checkpoint
    assert largest_difference(exported, network, 0.7, digits.val.images[:256]) < 1e-4


def test_a_file_of_an_unknown_network_is_told_of() -> None:
    model = onnx.load_from_string(content("digits"))
    told = json.loads(model.metadata_props[0].value)
    onnx.helper.set_model_props(model, {model.metadata_props[0].key: json.dumps({**told, "arch": "resnet"})})
    with pytest.raises(BadCheckpoint, match="no architecture 'resnet'"):
        rebuilt(model.SerializeToString())
    onnx.helper.set_model_props(model, {model.metadata_props[0].key: json.dumps({**told, "arch": "mlp"})})
    with pytest.raises(BadCheckpoint, match="make no network of PyTorch"):
        rebuilt(model.SerializeToString())


def test_a_prepared_network_has_a_file_for_every_backend_and_its_glyphs(network: Prepared, digits: Dataset) -> None:
    assert {file.name for file in network.folder.iterdir()} == {FLOAT32, INT8, WEIGHTS, TIMED, READ}
    assert (network.arch, network.parameters, network.multiply_adds) == ("cnn", 37_786, 281_344)
    assert network.trained
    assert np.load(network.folder / TIMED).shape == (300, 28, 28)
    assert (np.load(network.folder / READ) == digits.val.images).all()
    assert "sample that ships" in network.remarks[0]


def test_8_bit_integers_read_nearly_the_same_from_a_third_of_the_bytes(network: Prepared) -> None:
    weights = [tensor for tensor in onnx.load(network.folder / INT8).graph.initializer if len(tensor.dims) > 1]
    in_float = [list(tensor.dims) for tensor in weights if tensor.data_type == onnx.TensorProto.FLOAT]
    assert in_float == [[16, 1, 5, 5]]  # the layer that sees the pixels
    assert [tensor.data_type for tensor in weights].count(onnx.TensorProto.INT8) == 3
    before, after = (Recogniser(network.folder / name).log_probs(network.split.images) for name in (FLOAT32, INT8))
    assert (before.argmax(axis=1) == after.argmax(axis=1)).mean() > 0.99
    assert (before != after).any()
    assert (network.folder / INT8).stat().st_size < (network.folder / FLOAT32).stat().st_size / 2.5


@pytest.mark.parametrize("weights", [None, "other"])
def test_pytorch_is_left_out_where_its_weights_say_something_else(
    network: Prepared, tmp_path: Path, weights: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (FLOAT32, TIMED):
        (tmp_path / name).write_bytes((network.folder / name).read_bytes())
    checkpoint = None
    if weights:
        checkpoint = tmp_path / "other.safetensors"
        save(checkpoint, build("cnn", 10), Checkpoint("x", "cnn", shipped("digits").alphabet, "mnist"))
    else:
        different = build("cnn", 10).eval(), Checkpoint("x", "cnn", shipped("digits").alphabet, "mnist")
        monkeypatch.setattr("inkread.interfaces.rebuilt.rebuilt", lambda _: different)
    with pytest.raises(BadCheckpoint, match="something else than the exported file"):
        prepared.write_weights(tmp_path, checkpoint)
    assert not (tmp_path / WEIGHTS).exists()


def test_the_files_of_a_run_are_found_beside_each_other(tmp_path: Path) -> None:
    for name in ("model.onnx", "model.safetensors"):
        (tmp_path / name).write_bytes(b"x")
    for given in (tmp_path, tmp_path / "model.onnx", tmp_path / "model.safetensors"):
        assert prepared.exported(given) == tmp_path / "model.onnx"
        assert prepared.checkpoint_beside(str(given)) == tmp_path / "model.safetensors"
    (tmp_path / "model.safetensors").unlink()
    assert prepared.checkpoint_beside(str(tmp_path)) is None
    assert prepared.checkpoint_beside("digits") is None


# Backends


@pytest.mark.parametrize("name", ["onnxruntime", "onnxruntime threads", "openvino", "torch"])
def test_a_backend_reads_what_inkread_reads(name: str, network: Prepared) -> None:
    backend = BACKENDS[name]
    run = backend.open(network.folder / backend.file, 2 if backend.threaded else 1)
    glyphs = np.load(network.folder / TIMED)
    expected = shipped("digits").log_probs(glyphs)
    for count in (1, 30, 300):
        assert run(glyphs[:count]) == pytest.approx(expected[:count], abs=1e-3)


@pytest.mark.slow
def test_the_compiled_network_reads_what_inkread_reads(network: Prepared, tmp_path: Path) -> None:
    glyph = network.split.images[:1]  # each size of batch is a compilation of its own
    np.save(tmp_path / READ, glyph)
    with Lane("torch.compile", network.folder / WEIGHTS, 1, network.folder / TIMED) as lane:
        assert lane.classes(tmp_path / READ) == shipped("digits").log_probs(glyph).argmax(axis=1)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 256, 257, 700])
def test_batches_are_cut_into_runs_and_put_together_again(workers: int, count: int) -> None:
    seen: list[int] = []

    def run(glyphs: Glyphs) -> np.ndarray:
        seen.append(len(glyphs))
        return glyphs[:, 0, :2].astype(np.float32)

    glyphs = np.arange(count * 784, dtype=np.uint8).reshape(count, 28, 28)
    assert (chunked(run, workers)(glyphs) == glyphs[:, 0, :2]).all()
    assert max(seen) <= 256
    assert sum(seen) == count


def test_a_backend_that_is_not_installed_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingDependency, match=r'needs openvino; install it with: pip install "inkread\[openvino\]"'):
        open_openvino(tmp_path / FLOAT32, 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadOption, match=r"torch\.compile needs a C\+\+ compiler, and none of g\+\+"):
        open_compiled(tmp_path / WEIGHTS, 1)


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_matrix_product_is_the_whole_product(name: str) -> None:
    left, right = matrices()
    product = np.asarray(PRODUCTS[name](1)()).reshape(SIDE, SIDE)
    assert np.allclose(product, left.astype(np.float64) @ right.astype(np.float64), rtol=1e-5)


def test_operators_share_the_time_of_a_run(network: Prepared) -> None:
    shares = operator_shares(network.folder / FLOAT32, np.load(network.folder / TIMED)[:8])
    assert sum(shares.values()) == pytest.approx(1)
    assert {"Conv", "Gemm", "LogSoftmax"} <= set(shares)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


# Lanes


def test_a_lane_answers_from_a_process_of_its_own(network: Prepared) -> None:
    with Lane("onnxruntime", network.folder / FLOAT32, 1, network.folder / TIMED) as lane:
        assert (lane.backend, lane.threads) == ("onnxruntime", 1)
        one, many = lane.seconds(1, 20), lane.seconds(300, 2)
        assert (len(one), len(many)) == (20, 2)
        assert 0 < min(one) < min(many)
        assert lane.started > sum(one)
        assert lane.memory is None or 20e6 < lane.memory < 500e6  # not that of the process which asks
        read = lane.classes(network.folder / READ)
    assert (read == shipped("digits").log_probs(network.split.images).argmax(axis=1)).all()


def test_a_lane_that_ends_is_told_of_with_its_last_words(network: Prepared, tmp_path: Path) -> None:
    with pytest.raises(NotThere, match=r"^onnxruntime ended without an answer: .*nothing\.onnx"):
        Lane("onnxruntime", tmp_path / "nothing.onnx", 1, network.folder / TIMED)
    with Lane("onnxruntime", network.folder / FLOAT32, 1, network.folder / TIMED) as lane:
        lane._process.kill()
        lane._process.wait()
        with pytest.raises(NotThere, match="^onnxruntime ended without an answer: it said nothing$"):
            lane.seconds(1, 1)


def test_a_lane_counts_calls_but_not_those_that_warm_up() -> None:
    calls: list[int] = []

    def run(glyphs: Glyphs) -> np.ndarray:
        calls.append(len(glyphs))
        return np.zeros((len(glyphs), 10), np.float32)

    told = answer(run, np.zeros((9, 28, 28), np.uint8), {"glyphs": 3, "calls": 20})
    assert len(told["seconds"]) == 20
    assert calls == [3] * (20 + 1 + 2)
    assert len(seconds(lambda: None, 1)) == 1
    assert most_memory() is None or most_memory() > 10e6  # type: ignore[operator]


# Figures


class Takes:
    """A lane that takes as long as it was told to: for one glyph, a line and a batch, round after round."""

    def __init__(self, backend: str, threads: int, *rounds: tuple[float, ...]) -> None:
        self.backend, self.threads = backend, threads
        self._answers: Iterator[float] = iter([second for times in rounds for second in times])

    def seconds(self, glyphs: int, calls: int) -> list[float]:
        return [next(self._answers)] * calls


def test_figures_are_those_counted_by_hand(network: Prepared) -> None:
    wanted = Wanted(("onnxruntime",), (1,), 3, 1, 100)
    lane = Takes("onnxruntime", 1, (1e-5, 3e-4, 1e-3), (3e-5, 5e-4, 9e-3), (2e-5, 4e-4, 2e-3))
    slow, fast = MULTIPLY_ADDS / 1e10, MULTIPLY_ADDS / 2e10
    products = [Takes("a", 1, (slow,) * 3), Takes("b", 1, (fast, fast, 9.0))]
    ticks: list[int] = []
    times, rates = rounds([lane], products, wanted, lambda: ticks.append(1))
    assert len(ticks) == 3
    assert rates[1] == {"a": pytest.approx(1e10), "b": pytest.approx(2e10)}
    (row,) = speeds(network, times, rates, 100)
    assert row.one.median == pytest.approx(2e-5)
    assert (row.one.low, row.one.high) == (pytest.approx(1.5e-5), pytest.approx(2.5e-5))
    assert row.line.median == pytest.approx(4e-4)
    assert row.per_second == pytest.approx(50_000)
    assert row.share == pytest.approx(50_000 * 281_344 / 2e10)
    assert row.least == pytest.approx(281_344 / 2e10)


def speed(backend: str, threads: int, one: float, batch: float) -> Speed:
    flat = Timing(batch, batch, batch)
    return Speed("digits", "cnn", backend, threads, Timing(one, one, one), flat, flat, 1000, 281_344, 5.6e10)


def cost(backend: str, accuracy: float | None) -> Cost:
    return Cost("digits", backend, Timing(1, 1, 1), 2.0, None, 1000, 500, accuracy)


def test_targets_are_told_whether_reached_or_missed() -> None:
    rows = [
        speed("onnxruntime", 1, 36e-6, 0.012),
        speed("onnxruntime", 2, 34e-6, 0.008),
        speed("onnxruntime int8", 1, 1e-6, 0.007),
        speed("torch", 1, 1e-6, 1e-6),
    ]
    found = verdicts(rows, [cost("onnxruntime", 0.99), cost("onnxruntime int8", 0.9894)])
    assert [(verdict.measured, verdict.reached) for verdict in found] == [
        ("36.0 µs", False), ("42\u202f%", True), ("125,000", True), ("63\u202f%", True),
        ("1.71 times, 0.06 points", False),
    ]  # fmt: skip
    untrained = verdicts(rows, [cost("onnxruntime", None), cost("onnxruntime int8", None)])
    assert untrained == found[:-1]
    assert verdicts(rows[3:], []) == []


# The command


@pytest.mark.slow
def test_inference_is_measured_and_reported(inkread: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_infer, "SHELL_RUNS", 1)
    told = inkread(
        "bench", "infer", "--model", "digits", "--model", "pytorch-example",
        "--backends", "onnxruntime,onnxruntime int8", "--threads", "1",
        "--rounds", 1, "--starts", 1, "--batch", 256, "--out", tmp_path,
    )  # fmt: skip
    assert told.code == 0, told.err
    assert "pytorch-example is a fresh network" in told.out
    record = json.loads((tmp_path / "infer.json").read_text(encoding="utf-8"))
    assert [network["name"] for network in record["networks"]] == ["digits", "pytorch-example"]
    ours, fresh = record["networks"]
    assert [row["backend"] for row in ours["speeds"]] == ["onnxruntime", "onnxruntime int8"]
    assert all(0 < row["one"]["median"] < row["batch"]["median"] for row in ours["speeds"])
    assert ours["costs"][0]["accuracy"] > 0.98
    assert fresh["costs"][0]["accuracy"] is None
    assert fresh["parameters"] == 1_199_882
    assert record["shell_to_answer_seconds"]["median"] > 0
    page = (tmp_path / "infer.html").read_text(encoding="utf-8")
    assert "QLinearConv" in page
    assert "billion multiply-adds" in page


def test_what_does_not_run_is_skipped_and_the_rest_measured(
    network: Prepared, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    lanes, skipped = [], []

    class Opened:
        def __init__(self, backend: str, file: Path, threads: int, glyphs: Path) -> None:
            if backend == "openvino":
                raise NotThere(f"{backend}: not here")
            self.backend, self.threads = backend, threads

        def __enter__(self) -> Opened:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(inference, "Lane", Opened)
    from contextlib import ExitStack

    wanted = Wanted(("onnxruntime", "onnxruntime threads", "openvino"), (1, 2), 1, 1, 1)
    with ExitStack() as stack:
        lanes, skipped = inference.opened(network, wanted, stack, lambda: None)
    assert [(lane.backend, lane.threads) for lane in lanes] == [
        ("onnxruntime", 1), ("onnxruntime", 2), ("onnxruntime threads", 2),
    ]  # fmt: skip
    assert skipped == ["openvino: not here"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--backends", "tensorflow"), "--backends takes some of onnxruntime,"),
        (("--threads", "0"), "--threads takes numbers from 1"),
        (("--threads", "two"), "--threads takes numbers from 1"),
        (("--rounds", 0), "must be 1 or more"),
        (("--model", "nothing"), "nothing does not exist"),
    ],
)
def test_wrong_calls_are_told_of(inkread: Command, arguments: tuple[object, ...], said: str) -> None:
    told = inkread("bench", "infer", *arguments)
    assert told.code == 1
    assert said in told.sentence
