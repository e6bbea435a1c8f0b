"""Checkpoints: what goes in comes out; what is no checkpoint is refused; nothing is half written or unpickled."""

import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from inkread.alphabet import LETTERS, Alphabet
from inkread.errors import BadCheckpoint
from inkread.models import ARCHITECTURES, Checkpoint, build, load, save
from inkread.models.checkpoint import KEY, read_tensors, write_tensors


def description(**changes: object) -> Checkpoint:
    known: dict[str, object] = {
        "name": "letters",
        "arch": "mlp",
        "alphabet": LETTERS,
        "framing": "emnist",
        "temperature": 1.25,
        "config": {"epochs": 3, "data": ["a.npz", "ü.npz"], "stroke": None},
        "provenance": {"fingerprint": "0123", "validation": {"val_accuracy": 0.5}},
    }
    return Checkpoint(**{**known, **changes})  # type: ignore[arg-type]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save(path, build("mlp", 26), description())
    return path


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_a_network_comes_back_with_every_bit_and_word(tmp_path: Path, arch: str) -> None:
    network = build(arch, 26).to(memory_format=torch.channels_last)
    network(torch.rand(8, 1, 28, 28))  # batch normalisation has seen something
    save(tmp_path / "deep" / "er" / "model.safetensors", network, description(arch=arch))
    back, checkpoint = load(tmp_path / "deep" / "er" / "model.safetensors")
    assert checkpoint == description(arch=arch)
    assert not back.training
    expected = network.state_dict()
    assert back.state_dict().keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in back.state_dict().items())


def test_an_alphabet_of_ones_own_comes_back_with_its_case_and_order(tmp_path: Path) -> None:
    alphabet = Alphabet("zÄa1→")
    save(tmp_path / "m.safetensors", build("mlp", 5), description(alphabet=alphabet))
    assert load(tmp_path / "m.safetensors")[1].alphabet == alphabet


def test_the_file_is_plain_safetensors_that_anyone_can_open(written: Path) -> None:
    with safe_open(written, framework="np") as file:
        told = json.loads(file.metadata()[KEY])
        assert file.get_tensor("layers.1.weight").shape == (384, 784)
    assert told["alphabet"] == {"characters": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "fold_case": True}
    assert (told["framing"], told["temperature"], told["arch"]) == ("emnist", 1.25, "mlp")
    assert list(written.parent.iterdir()) == [written]  # no second file is left


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"there is no checkpoint at .*none\.safetensors"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(BadCheckpoint, match="there is no checkpoint"):
        load(tmp_path)  # a folder


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 100, 5000, -1])
def test_a_truncated_file_is_refused_wherever_it_ends(written: Path, kept: int) -> None:
    written.write_bytes(written.read_bytes()[:kept])
    with pytest.raises(BadCheckpoint, match="is not a whole safetensors file"):
        load(written)


@pytest.mark.parametrize("content", [b"hello", b"\xff" * 400, b"PK\x03\x04" + bytes(400), bytes(64)])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadCheckpoint, match=r"model\.safetensors is not a whole safetensors file"):
        load(path)


@pytest.mark.parametrize(
    "metadata",
    [None, {"format": "pt"}, {KEY: "[1, 2]"}, {KEY: "null"}, {KEY: json.dumps({"format": 999})}],
    ids=["none", "torch's own", "a list", "null", "the future"],
)
def test_safetensors_of_others_are_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    save_file({"weight": torch.zeros(3)}, tmp_path / "m.safetensors", metadata)
    with pytest.raises(BadCheckpoint, match="was not written by this version of inkread"):
        load(tmp_path / "m.safetensors")


def test_metadata_that_is_no_json_is_refused(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(3)}, tmp_path / "m.safetensors", {KEY: "{not json"})
    with pytest.raises(BadCheckpoint, match="is not a whole safetensors file"):
        load(tmp_path / "m.safetensors")


def changed(path: Path, **changes: object) -> Path:
    """The same file with other metadata; None takes an entry away."""
    tensors, metadata = read_tensors(path)
    metadata = {key: value for key, value in {**metadata, **changes}.items() if value is not None}
    write_tensors(path, tensors, metadata)
    return path


def test_an_architecture_of_the_future_is_named(written: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"holds the architecture 'transformer', which this inkread does not know"):
        load(changed(written, arch="transformer"))


@pytest.mark.parametrize(
    "changes",
    [
        {"alphabet": None}, {"alphabet": "ABC"}, {"alphabet": {"letters": "ABC"}}, {"alphabet": {"characters": ""}},
        {"alphabet": {"characters": "AAB"}}, {"alphabet": {"characters": "ABC"}}, {"arch": None}, {"arch": "cnn"},
        {"name": None}, {"surprise": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_description_that_does_not_fit_its_weights_is_refused(written: Path, changes: dict[str, object]) -> None:
    with pytest.raises(BadCheckpoint, match="is not a checkpoint of a recogniser"):
        load(changed(written, **changes))


def test_weights_that_miss_a_layer_are_refused(written: Path) -> None:
    tensors, metadata = read_tensors(written)
    tensors.pop("layers.4.weight")
    write_tensors(written, tensors, metadata)
    with pytest.raises(BadCheckpoint, match=r"layers\.4\.weight"):
        load(written)


class Stop(BaseException):
    """A power cut."""


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_is_cut_off_leaves_the_old_file_whole(
    written: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    old = written.read_bytes()

    def cut(*_: object) -> None:
        raise Stop

    monkeypatch.setattr(*((os, "fsync", cut) if step == "fsync" else (Path, "replace", cut)))
    with pytest.raises(Stop):
        save(written, build("mlp", 26), description(name="newer"))
    assert written.read_bytes() == old
    monkeypatch.undo()
    save(written, build("mlp", 26), description(name="newest"))  # what the cut left behind is in nobody's way
    assert load(written)[1].name == "newest"
    assert list(written.parent.iterdir()) == [written]


def test_bytes_are_on_the_disk_before_the_file_gets_its_name(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(number: int) -> None:
        steps.append(f"fsync {os.fstat(number).st_size}")
        fsync(number)

    def note_replace(path: Path, target: Path) -> Path:
        steps.append(f"replace {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    save(written, build("mlp", 26), description())
    assert steps == [f"fsync {written.stat().st_size}", "replace model.safetensors"]


class Bomb:
    """Goes off when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(Path("bomb-went-off").absolute()),)


@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_nothing_is_ever_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.safetensors"
    if writer == "pickle":
        path.write_bytes(pickle.dumps(Bomb()))
    else:
        torch.save({"layers.1.weight": Bomb()}, path)
    with pytest.raises(BadCheckpoint):
        load(path)
    assert not (tmp_path / "bomb-went-off").exists()
