"""Exported networks: equal to torch on real glyphs, complete in what they say of themselves, never written wrong."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import torch

from inkread.data import Dataset
from inkread.errors import BadArray, ExportMismatch, MissingDependency
from inkread.interfaces import export
from inkread.models import Checkpoint, build, load
from inkread.models.predict import to_input
from inkread.recognition import Recogniser, shipped
from inkread.run_folder import Run
from tests.conftest import Command

Glyphs = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def exported(digits_run: Path) -> Recogniser:
    return Recogniser(Run(digits_run).onnx)


@pytest.fixture(scope="module")
def original(digits_run: Path) -> tuple[torch.nn.Module, Checkpoint]:
    return load(Run(digits_run).model)


def by_torch(network: torch.nn.Module, glyphs: Glyphs, temperature: float) -> npt.NDArray[np.float32]:
    with torch.inference_mode():
        logits = network(to_input(torch.from_numpy(np.ascontiguousarray(glyphs))))
    return (logits / temperature).log_softmax(dim=1).numpy()


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 256, 1000])
def test_an_exported_network_says_what_torch_says_of_real_glyphs(
    digits: Dataset, exported: Recogniser, original: tuple[torch.nn.Module, Checkpoint], count: int
) -> None:
    assert digits.test is not None
    glyphs = digits.test.images[:count]
    network, checkpoint = original
    assert exported.log_probs(glyphs) == pytest.approx(by_torch(network, glyphs, checkpoint.temperature), abs=1e-4)


def test_the_temperature_is_inside_the_graph(
    digits: Dataset, exported: Recogniser, original: tuple[torch.nn.Module, Checkpoint]
) -> None:
    network, checkpoint = original
    assert abs(checkpoint.temperature - 1) > 0.05
    uncalibrated = by_torch(network, digits.val.images, 1.0)
    assert np.abs(exported.log_probs(digits.val.images) - uncalibrated).max() > 0.1


def test_the_file_says_everything_that_the_checkpoint_says(
    digits_run: Path, exported: Recogniser, original: tuple[torch.nn.Module, Checkpoint]
) -> None:
    _, checkpoint = original
    assert exported.details == json.loads(json.dumps(dataclasses.asdict(checkpoint)))
    assert exported.details.keys() == {"name", "arch", "alphabet", "framing", "temperature", "config", "provenance"}
    model = onnx.load(Run(digits_run).onnx)
    onnx.checker.check_model(model)
    assert [(opset.domain, opset.version) for opset in model.opset_import if not opset.domain] == [("", export.OPSET)]
    assert [put.name for put in model.graph.input] == ["glyphs"]
    assert [put.name for put in model.graph.output] == ["log_probs"]
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert shape[0].dim_param and [side.dim_value for side in shape[1:]] == [28, 28]


def test_the_file_holds_little_but_weights_and_no_path_of_its_maker(digits_run: Path) -> None:
    content = Run(digits_run).onnx.read_bytes()
    weights = sum(tensor.numel() * tensor.element_size() for tensor in load(Run(digits_run).model)[0].parameters())
    assert len(content) < weights + 8_000  # bytes
    for trace in (str(Path(export.__file__).parents[2]), str(Path.home()), ".py", "site-packages"):
        assert trace.encode() not in content.replace(b'"versions": {"python"', b""), trace


def test_an_export_tells_how_far_it_is_from_the_original(
    digits: Dataset, original: tuple[torch.nn.Module, Checkpoint], exported: Recogniser, digits_run: Path
) -> None:
    network, checkpoint = original
    glyphs = export.check_glyphs(digits)
    assert len(glyphs) == 512
    content = Run(digits_run).onnx.read_bytes()
    told = export.largest_difference(content, network, checkpoint.temperature, glyphs)
    expected = by_torch(network, glyphs, checkpoint.temperature)
    difference = np.abs(exported.log_probs(glyphs) - expected)
    assert told == pytest.approx((difference / np.maximum(1, np.abs(expected))).max(), abs=1e-6)
    assert told < export.TOLERANCE == 1e-4


@pytest.fixture
def another_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exporter that makes a mistake: it writes another network, well formed."""
    from importlib.resources import files

    content = (files("inkread") / "weights" / "digits.onnx").read_bytes()
    assert shipped("digits").alphabet.characters == "0123456789"
    monkeypatch.setattr(export, "to_onnx", lambda *_: content)


@pytest.mark.usefixtures("another_graph")
@pytest.mark.parametrize("there", [False, True])
def test_an_export_that_differs_fails_and_writes_nothing(
    tmp_path: Path, digits: Dataset, original: tuple[torch.nn.Module, Checkpoint], there: bool
) -> None:
    path = tmp_path / "model.onnx"
    if there:
        path.write_bytes(b"the last good one")
    with pytest.raises(
        ExportMismatch, match=r"differs from the original by .*; expected at most 0\.0001\. Nothing was"
    ):
        export.export(*original, path, export.check_glyphs(digits))
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([b"the last good one"] if there else [])


@pytest.mark.parametrize("difference", [float("nan"), float("inf"), 1.01e-4])
def test_only_a_small_difference_passes(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch, difference: float
) -> None:
    monkeypatch.setattr(export, "to_onnx", lambda *_: b"graph")
    monkeypatch.setattr(export, "largest_difference", lambda *_: difference)
    description = Checkpoint("digits", "cnn", digits.alphabet, "mnist")
    with pytest.raises(ExportMismatch):
        export.export(build("cnn", 10), description, tmp_path / "m.onnx", export.check_glyphs(digits))
    monkeypatch.setattr(export, "largest_difference", lambda *_: 1e-4)
    assert export.export(build("cnn", 10), description, tmp_path / "m.onnx", export.check_glyphs(digits)) == 1e-4
    assert (tmp_path / "m.onnx").read_bytes() == b"graph"


def test_too_few_glyphs_prove_too_little(tmp_path: Path, digits: Dataset) -> None:
    description = Checkpoint("digits", "cnn", digits.alphabet, "mnist")
    with pytest.raises(BadArray, match="verified on at least 256 glyphs; got 255"):
        export.export(build("cnn", 10), description, tmp_path / "m.onnx", digits.train.images[:255])
    assert not any(tmp_path.iterdir())


def test_few_held_out_glyphs_are_joined_by_glyphs_of_training(digits: Dataset) -> None:
    few = dataclasses.replace(digits, val=digits.val.take(np.arange(10)))
    glyphs = export.check_glyphs(few)
    assert len(glyphs) == 512
    assert np.array_equal(glyphs[:10], digits.val.images[:10])
    assert np.array_equal(glyphs[10:], digits.train.images[:502])


def test_exporting_without_onnx_is_one_sentence(monkeypatch: pytest.MonkeyPatch, digits: Dataset) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxscript", None)
    with pytest.raises(
        MissingDependency, match=r'onnx and onnxscript; install it with: pip install "inkread\[train\]"'
    ):
        export.to_onnx(build("cnn", 10), Checkpoint("digits", "cnn", digits.alphabet, "mnist"))


@pytest.mark.parametrize("named", ["folder", "file"])
def test_the_verb_writes_where_it_is_told_and_verifies_once_more(
    tmp_path: Path, digits_run: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    content = Run(digits_run).onnx.read_bytes()
    monkeypatch.setattr(export, "to_onnx", lambda *_: content)  # the seconds of the export itself are spent already
    run = digits_run if named == "folder" else Run(digits_run).model
    answer = inkread("export", run, tmp_path / "new" / "mine.onnx")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"Wrote {tmp_path / 'new' / 'mine.onnx'} ({len(content) / 1000:,.0f} KB): at most ")
    assert answer.out.endswith("of 512 glyphs\n")
    assert (tmp_path / "new" / "mine.onnx").read_bytes() == content


def test_the_verb_overwrites_nothing_but_what_it_wrote(
    tmp_path: Path, digits_run: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = Run(digits_run).onnx.read_bytes()
    monkeypatch.setattr(export, "to_onnx", lambda *_: content)
    notes, another = tmp_path / "notes.txt", tmp_path / "another.onnx"
    notes.write_text("mine")
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], [])), another)
    for foreign in (notes, another, Run(digits_run).model):
        before = foreign.read_bytes()
        sentence = inkread("export", digits_run, foreign).sentence
        assert sentence == f"inkread: {foreign} exists and is no ONNX file of inkread export; name another file"
        assert foreign.read_bytes() == before
    sentence = inkread("export", digits_run, tmp_path).sentence
    assert f"{tmp_path} is a folder; name a file in it, such as {tmp_path / 'model.onnx'}" in sentence
    for _ in range(2):
        assert inkread("export", digits_run, tmp_path / "mine.onnx").code == 0


def test_a_file_that_no_verb_would_open_is_not_written(tmp_path: Path, digits_run: Path, inkread: Command) -> None:
    mine = tmp_path / "mine-v1.2"
    sentence = inkread("export", digits_run, mine).sentence
    assert sentence == f"inkread: {mine} does not end in .onnx, and no verb would open it; name {mine}.onnx"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["digits", "auto", "model.onnx"])
def test_what_is_an_onnx_file_already_is_not_exported(digits_run: Path, inkread: Command, name: str) -> None:
    run = digits_run / name if name.endswith(".onnx") else name
    sentence = inkread("export", run).sentence
    assert sentence.startswith(
        f"inkread: {run} is an ONNX file already, and it was verified; what is exported is a run"
    )


@pytest.mark.parametrize("named", [[], ["model.onnx"]])
def test_the_file_of_a_run_is_written_anew_whatever_became_of_it(
    tmp_path: Path, digits_run: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch, named: list[str]
) -> None:
    content = Run(digits_run).onnx.read_bytes()
    monkeypatch.setattr(export, "to_onnx", lambda *_: content)
    (tmp_path / "model.safetensors").write_bytes(Run(digits_run).model.read_bytes())
    (tmp_path / "model.onnx").write_bytes(b"half a file")
    assert inkread("export", tmp_path, *(tmp_path / name for name in named)).code == 0
    assert (tmp_path / "model.onnx").read_bytes() == content


@pytest.mark.usefixtures("another_graph")
def test_the_verb_fails_when_the_networks_differ(tmp_path: Path, digits_run: Path, inkread: Command) -> None:
    before = Run(digits_run).onnx.read_bytes()
    for target in ([], [tmp_path / "mine.onnx"]):
        answer = inkread("export", digits_run, *target)
        assert answer.code == 1
        assert "Nothing was written" in answer.sentence
    assert Run(digits_run).onnx.read_bytes() == before
    assert not any(tmp_path.glob("*.onnx"))


@pytest.mark.slow
@pytest.mark.parametrize(("arch", "temperature"), [("mlp", 0.3), ("cnn-accurate", 4.0)])
def test_every_architecture_is_exported_exactly(tmp_path: Path, digits: Dataset, arch: str, temperature: float) -> None:
    torch.manual_seed(1)
    network = build(arch, 10).eval()
    description = Checkpoint("digits", arch, digits.alphabet, "mnist", temperature=temperature)
    glyphs = digits.train.images[:600]
    assert export.export(network, description, tmp_path / "m.onnx", glyphs) < 1e-4
    found = Recogniser(tmp_path / "m.onnx").log_probs(glyphs)
    assert found == pytest.approx(by_torch(network, glyphs, temperature), abs=1e-4)
