"""The recogniser against a network small enough to compute by hand, and against files that are none of inkread's."""

import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from inkread.alphabet import DIGITS, LETTERS
from inkread.data import Dataset
from inkread.errors import BadArray, BadCheckpoint
from inkread.recognition import SHIPPED, Recogniser, recogniser, shipped

Glyphs = npt.NDArray[np.uint8]
WEIGHTS = np.random.default_rng(0).normal(0, 0.3, (784, 3)).astype(np.float32)
TEMPERATURE = 1.7
DETAILS = {
    "name": "by hand",
    "arch": "linear",
    "alphabet": {"characters": "XYZ", "fold_case": True},
    "framing": "emnist",
    "temperature": TEMPERATURE,
}
SCALE = np.float32(1 / (255 * TEMPERATURE))


def onnx_file(details: object = DETAILS, columns: int = 3, metadata: dict[str, str] | None = None) -> bytes:
    """A linear network as the bytes of an ONNX file, made without inkread's exporter."""
    constants = {"shape": np.array([-1, 784]), "weights": WEIGHTS[:, :columns], "scale": SCALE}
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["glyphs"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("Reshape", ["float", "shape"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["product"]),
            helper.make_node("Mul", ["product", "scale"], ["logits"]),
            helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=1),
        ],
        "by hand",
        [helper.make_tensor_value_info("glyphs", TensorProto.UINT8, ["T", 28, 28])],
        [helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["T", columns])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {"inkread": json.dumps(details)} if metadata is None else metadata)
    return model.SerializeToString()


def by_hand(glyphs: Glyphs) -> npt.NDArray[np.float64]:
    """What the network of `onnx_file` is to say, in double precision."""
    logits = glyphs.reshape(len(glyphs), 784).astype(np.float64) / 255 @ WEIGHTS / TEMPERATURE
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def some(count: int) -> Glyphs:
    return np.random.default_rng(count).integers(0, 256, (count, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 1000])
def test_log_probs_are_those_of_a_computation_by_hand(count: int) -> None:
    found = Recogniser(onnx_file()).log_probs(some(count))
    assert found.shape == (count, 3)
    assert found.dtype == np.float32
    assert found == pytest.approx(by_hand(some(count)), abs=1e-4)
    assert np.exp(found.astype(np.float64)).sum(axis=1) == pytest.approx(np.ones(count), abs=1e-5)


def test_glyphs_in_chunks_on_all_cores_come_back_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    glyphs = some(301)
    whole = Recogniser(onnx_file())
    monkeypatch.setattr(recogniser, "CHUNK", 10**9)
    at_once = whole.log_probs(glyphs)
    for chunk in (1, 7, 300, 301):
        monkeypatch.setattr(recogniser, "CHUNK", chunk)
        assert whole.log_probs(glyphs) == pytest.approx(at_once, abs=1e-6)


def test_a_line_of_glyphs_starts_no_threads_and_a_page_is_spread_over_the_cores() -> None:
    reader = Recogniser(onnx_file())
    before = set(threading.enumerate())
    reader.log_probs(some(recogniser.CHUNK))
    assert set(threading.enumerate()) <= before
    reader.log_probs(some(4 * recogniser.CHUNK))
    assert set(threading.enumerate()) - before


def test_one_recogniser_may_be_asked_by_many_threads_at_once() -> None:
    reader = Recogniser(onnx_file())
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(reader.log_probs, [some(count) for count in range(1, 60)]))
    for count, log_probs in zip(range(1, 60), found, strict=True):
        assert log_probs == pytest.approx(by_hand(some(count)), abs=1e-4)


def test_no_glyphs_give_no_rows() -> None:
    found = Recogniser(onnx_file()).log_probs(np.zeros((0, 28, 28), np.uint8))
    assert found.shape == (0, 3)
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    "view",
    [lambda a: a[::2], lambda a: a[::-1], lambda a: a.transpose(0, 2, 1), lambda a: a[:, ::-1], np.asfortranarray],
)
def test_glyphs_may_lie_in_memory_as_they_like(view: Callable[[Glyphs], Glyphs]) -> None:
    glyphs = view(some(20))
    assert Recogniser(onnx_file()).log_probs(glyphs) == pytest.approx(by_hand(np.array(glyphs)), abs=1e-4)


@pytest.mark.parametrize(
    ("glyphs", "named"),
    [
        (np.zeros((28, 28), np.uint8), r"uint8 \(28, 28\)"),
        (np.zeros((2, 28, 27), np.uint8), r"uint8 \(2, 28, 27\)"),
        (np.zeros((2, 1, 28, 28), np.uint8), r"uint8 \(2, 1, 28, 28\)"),
        (np.zeros((2, 28, 28), np.float32), r"float32 \(2, 28, 28\)"),
        (np.zeros((2, 28, 28), np.int64), r"int64 \(2, 28, 28\)"),
        (np.zeros((2, 28, 28), bool), r"bool \(2, 28, 28\)"),
        ([], r"float64 \(0,\)"),
        ("glyph", r"<U5 \(\)"),
    ],
)
def test_other_arrays_are_refused_and_named(glyphs: Glyphs, named: str) -> None:
    with pytest.raises(BadArray, match=rf"{named}; expected uint8 \(T, 28, 28\), ink 255 on paper 0"):
        Recogniser(onnx_file()).log_probs(glyphs)


def test_a_recogniser_tells_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(onnx_file())
    for source in (onnx_file(), tmp_path / "mine.onnx", str(tmp_path / "mine.onnx")):
        reader = Recogniser(source)
        assert (reader.name, reader.framing, reader.alphabet.characters) == ("by hand", "emnist", "XYZ")
        assert reader.alphabet.fold_case
        assert reader.details == DETAILS
        assert reader.size == len(onnx_file())
        assert repr(reader) == "Recogniser('by hand', 3 characters, framing 'emnist')"


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"cannot read the weights .*none\.onnx: No such file"):
        Recogniser(tmp_path / "none.onnx")
    with pytest.raises(BadCheckpoint, match="cannot read the weights"):
        Recogniser(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", bytes(1000), b"\xff" * 1000, b"\x89PNG\r\n\x1a\n" + bytes(50), pickle.dumps({"a": 1}),
        onnx_file()[:20], onnx_file()[:-1], onnx_file()[: len(onnx_file()) // 2], onnx_file()[100:],
    ],
    ids=lambda content: f"{len(content)} bytes",
)  # fmt: skip
def test_what_is_no_whole_onnx_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(BadCheckpoint) as refusal:
        Recogniser(path)
    assert str(refusal.value).startswith(f"{path} ")
    assert "inkread export" in str(refusal.value)


def test_every_way_to_cut_a_file_short_is_noticed() -> None:
    whole = onnx_file()
    for end in range(0, len(whole), 97):
        with pytest.raises(BadCheckpoint):
            Recogniser(whole[:end])


def test_onnx_files_of_others_are_refused() -> None:
    with pytest.raises(BadCheckpoint, match=r"these bytes is an ONNX file, but not one of inkread's"):
        Recogniser(onnx_file(metadata={"author": "somebody"}))


def test_a_graph_that_needs_an_unknown_operator_is_refused() -> None:
    model = onnx.ModelProto.FromString(onnx_file())
    model.graph.node[0].op_type = "ReadMyMind"
    with pytest.raises(BadCheckpoint, match="is not a whole ONNX file"):
        Recogniser(model.SerializeToString())


@pytest.mark.parametrize("part", ["name", "alphabet", "framing"])
def test_metadata_without_a_part_is_refused_by_its_name(part: str) -> None:
    with pytest.raises(BadCheckpoint, match=rf"lacks a part of inkread's metadata \('{part}'\); export it again"):
        Recogniser(onnx_file({key: value for key, value in DETAILS.items() if key != part}))


@pytest.mark.parametrize(
    "details",
    [
        [], None, "text", {**DETAILS, "alphabet": "XYZ"}, {**DETAILS, "alphabet": {"characters": "XXX"}},
        {**DETAILS, "alphabet": {"characters": ""}},
    ],
    ids=str,
)  # fmt: skip
def test_metadata_of_another_form_is_refused(details: object) -> None:
    with pytest.raises(BadCheckpoint, match="lacks a part of inkread's metadata"):
        Recogniser(onnx_file(details))


def test_metadata_that_is_no_json_is_refused() -> None:
    with pytest.raises(BadCheckpoint, match="lacks a part of inkread's metadata"):
        Recogniser(onnx_file(metadata={"inkread": "{'name': "}))


def test_an_unknown_framing_is_refused() -> None:
    with pytest.raises(BadCheckpoint, match="wants the framing 'square'; this inkread knows mnist and emnist"):
        Recogniser(onnx_file({**DETAILS, "framing": "square"}))


def test_a_graph_with_other_columns_than_its_alphabet_is_refused() -> None:
    with pytest.raises(BadCheckpoint, match="gives 2 columns for 3 characters"):
        Recogniser(onnx_file(columns=2))


@pytest.mark.parametrize(("name", "alphabet"), [("digits", DIGITS), ("letters", LETTERS)])
def test_the_shipped_weights_load_and_say_what_they_are(name: str, alphabet: object) -> None:
    reader = shipped(name)
    assert reader.alphabet == alphabet
    assert (reader.name, reader.framing) == (name, "mnist" if name == "digits" else "emnist")
    assert reader.size < 2_000_000  # bytes
    provenance = reader.details["provenance"]
    assert isinstance(provenance, dict)
    assert provenance["validation"]["val_accuracy"] > 0.9
    assert {"data", "fingerprint", "pictures", "versions", "parameters", "multiply_adds"} <= provenance.keys()
    assert reader.details["temperature"] > 0  # type: ignore[operator]


def test_the_shipped_digits_read_digits_that_they_never_learnt_from(digits: Dataset) -> None:
    assert digits.test is not None
    log_probs = shipped("digits").log_probs(digits.test.images)
    assert (log_probs.argmax(axis=1) == digits.test.labels).mean() > 0.98


def test_weights_that_do_not_ship_are_answered_with_those_that_do() -> None:
    assert SHIPPED == ("digits", "letters")
    with pytest.raises(BadCheckpoint, match="no shipped weights 'cursive'; choose one of: digits, letters"):
        shipped("cursive")


def test_reading_never_imports_torch_or_anything_else_of_training() -> None:
    program = (
        "import sys, numpy, inkread, inkread.reader, inkread.recognition as r\n"
        "r.shipped('digits').log_probs(numpy.zeros((600, 28, 28), numpy.uint8))\n"
        "inkread.load('letters').read(numpy.full((60, 60), 255, numpy.uint8))\n"
        "heavy = {'torch', 'torchvision', 'safetensors', 'sklearn', 'matplotlib', 'jiwer', 'onnx', 'rich'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
