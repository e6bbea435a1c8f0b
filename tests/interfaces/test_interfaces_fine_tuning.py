"""`inkread train --from`: a network that is there learns a hand, keeps what it knew, and tells both in true figures."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from inkread import recognition
from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.data import Dataset
from inkread.data.datasets import load_for
from inkread.data.made_up_hand import MadeUpHand, Manner
from inkread.data.strokes import letters
from inkread.errors import BadCheckpoint, BadData, BadOption
from inkread.interfaces import fine_tuning as interface
from inkread.interfaces import training_display
from inkread.interfaces.commands import train as verb
from inkread.interfaces.data_choice import open_any_network
from inkread.interfaces.rebuilt import rebuilt
from inkread.models import load as load_checkpoint
from inkread.models import logits
from inkread.models.checkpoint import read_tensors
from inkread.preprocessing import frame
from inkread.run_folder import Run
from inkread.training import fine_tuning
from inkread.training.config import TrainConfig
from inkread.training.loop import Finished, Progress, train
from tests.conftest import Command

MARKED = Manner(habit=9, slant=0.5, narrow=0.35, pen=0.14)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten of each digit by one made-up hand, each with its part."""
    path = tmp_path_factory.mktemp("hand") / "mine.npz"
    rng, hand = np.random.default_rng(1), MadeUpHand(12, MARKED)
    labels = np.array(list(DIGITS.characters * 10))
    drawn = [hand.draw(str(label), rng) for label in labels]
    images = np.stack([frame(one.ink, "mnist") for one in drawn if one is not None])
    np.savez(path, images=images, labels=labels, split=np.repeat(["train", "val", "test"], [60, 20, 20]))
    return path


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short epochs, and none of the seconds of export and curve, which have tests of their own."""
    monkeypatch.setattr(fine_tuning, "PART", 64)
    monkeypatch.setattr(verb, "export_finished", lambda *_: None)
    monkeypatch.setattr(training_display, "write_curve", lambda *_: None)


def weights(folder: Path) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in read_tensors(Run(folder).model)[0].items()}


# The network to start from


@pytest.mark.parametrize("name", ["digits", "letters"])
def test_a_shipped_network_comes_back_from_its_onnx_file(name: str, digits: Dataset) -> None:
    network, checkpoint = rebuilt((files("inkread") / "weights" / f"{name}.onnx").read_bytes())
    glyphs = digits.val.images[:300] if name == "digits" else letters(6, np.random.default_rng(1)).images
    own = torch.from_numpy(logits(network, glyphs) / checkpoint.temperature).log_softmax(dim=1).numpy()
    assert np.abs(own - recognition.shipped(name).log_probs(glyphs)).max() < 1e-4
    assert (checkpoint.alphabet, checkpoint.framing) == ((DIGITS, "mnist") if name == "digits" else (LETTERS, "emnist"))


def test_a_run_its_checkpoint_and_its_onnx_file_are_the_same_start(digits_run: Path, digits: Dataset) -> None:
    starts = [interface.open_network(str(place)) for place in (digits_run, *digits_run.glob("model.*"))]
    assert len(starts) == 3
    read = [logits(network, digits.val.images[:100]) for network, _ in starts]
    assert all(np.abs(other - read[0]).max() < 1e-3 for other in read)
    assert {checkpoint.temperature for _, checkpoint in starts} == {starts[0][1].temperature}


def test_what_is_no_network_to_start_from_is_told(tmp_path: Path) -> None:
    for name in ("lettres", str(tmp_path), "characters"):
        with pytest.raises(BadCheckpoint, match="expected digits or letters, the folder of a finished run"):
            interface.open_network(name)


def test_a_file_that_holds_no_network_of_glyphs_is_told(tmp_path: Path) -> None:
    digits, lines = ((files("inkread") / "weights" / f"{name}.onnx").read_bytes() for name in ("digits", "lines"))
    foreign, odd = onnx.load_from_string(digits), onnx.load_from_string(digits)
    del foreign.metadata_props[:]
    odd.metadata_props[0].value = json.dumps(["name", "arch", "alphabet", "framing"])
    for number, (content, told) in enumerate(
        (
            (b"no ONNX file at all", "is not a whole ONNX file; export it again"),
            (digits[:-100], "is not a whole ONNX file; export it again"),
            (foreign.SerializeToString(), "is an ONNX file, but not one of inkread's"),
            (lines, r"holds no network of single glyphs \(it has no arch, framing\)"),
            (odd.SerializeToString(), "lacks a part of inkread's metadata"),
        )
    ):
        path = tmp_path / f"{number}.onnx"
        path.write_bytes(content)
        with pytest.raises(BadCheckpoint, match=rf"{number}\.onnx {told}"):
            open_any_network(path)


def test_a_rebuilt_network_that_differs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface, "largest_difference", lambda *_: 0.5)
    with pytest.raises(BadCheckpoint, match=r"digits cannot be trained further: .* differs by 0.5"):
        interface.open_start("digits")


# The glyphs


def test_own_glyphs_are_labelled_by_the_networks_alphabet(mine: Path) -> None:
    letters_too = load_for(Alphabet("0123456789AB"), "mnist", [mine], "mine")
    assert letters_too.alphabet.characters == "0123456789AB" and set(letters_too.train.labels) == set(range(10))
    assert "nothing to train with of AB" in letters_too.remark
    with pytest.raises(BadData, match="shows nothing of the alphabet"):
        load_for(LETTERS, "emnist", [mine], "mine")


def test_own_and_known_glyphs_come_in_equal_numbers_and_held_out_ones_never(mine: Path, digits: Dataset) -> None:
    own = load_for(DIGITS, "mnist", [mine], "mine")
    network, _ = interface.open_network("digits")
    mixed = fine_tuning.mixed(own, digits, network, seed=1)
    learnt = {image.tobytes() for image in mixed.train.images}
    theirs = {image.tobytes() for image in own.train.images}
    assert len(mixed.train) == 2 * fine_tuning.PART and theirs <= learnt
    assert sum(image.tobytes() in theirs for image in mixed.train.images) == fine_tuning.PART
    known = mixed.train.take(np.arange(fine_tuning.PART, 2 * fine_tuning.PART))
    assert np.array_equal(known.labels, logits(network, known.images).argmax(axis=1))  # nothing of it is to change
    held_out = fine_tuning.held_out(own)
    assert len(held_out) == 40 and not learnt & {image.tobytes() for image in held_out.images}
    assert mixed.fingerprint == fine_tuning.mixed(own, digits, network, seed=1).fingerprint
    assert mixed.fingerprint != fine_tuning.mixed(own, digits, network, seed=2).fingerprint


# Training


@pytest.mark.usefixtures("_small")
def test_it_tells_before_and_after_and_records_where_it_came_from(mine: Path, tmp_path: Path, inkread: Command) -> None:
    call = ("train", "--from", "digits", "--data", mine, "--epochs", 2, "--out", tmp_path / "run")
    answer = inkread(*call)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(
        "Yours: 100 glyphs from mine.npz. Beside them, so that it does not forget: digits (the"
    )
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["config"]["start"] == "digits" and record["config"]["arch"] == "cnn"
    own, known = record["compared"]
    tuned, _ = load_checkpoint(tmp_path / "run" / "model.safetensors")
    part = fine_tuning.held_out(load_for(DIGITS, "mnist", [mine], "mine"))
    shipped = recognition.shipped("digits").log_probs(part.images).argmax(axis=1)
    assert own["count"] == 40 and own["before"] == (shipped == part.labels).sum()
    assert own["after"] == (logits(tuned, part.images).argmax(axis=1) == part.labels).sum() > own["before"]
    assert known["after"] >= known["before"] - 0.02 * known["count"]
    (row,) = [line for line in answer.out.splitlines() if line.startswith("your glyphs, held out")]
    assert row.split()[-3:] == ["40", f"{own['before'] / 40:.1%}", f"{own['after'] / 40:.1%}"]
    assert answer.out.splitlines()[-1] == f"Try next: inkread read note.png --model {tmp_path / 'run'}"
    again = inkread(*call[:-1], tmp_path / "again")
    assert again.code == 0 and weights(tmp_path / "again") == weights(tmp_path / "run")


@pytest.mark.usefixtures("_small")
def test_a_stopped_run_goes_on_to_the_same_weights(mine: Path, tmp_path: Path, inkread: Command) -> None:
    config = interface.named(TrainConfig(start="digits", data=(str(mine),), epochs=2)).filled()
    start = interface.open_start("digits")
    dataset = fine_tuning.mixed(interface.own_glyphs(config, start.checkpoint), start.before, start.network, 0)
    whole, stopped = Run(tmp_path / "whole"), Run(tmp_path / "stopped")
    for run in (whole, stopped):
        fine_tuning.begin(start.network, dataset, config, run)
    assert isinstance(list(train(dataset, config, whole, resume=True))[-1], Finished)
    for event in train(dataset, config, stopped, resume=True):
        if isinstance(event, Progress) and event.epoch_ends:
            break
    assert inkread("train", "--resume", "--out", stopped.folder).code == 0
    assert weights(stopped.folder) == weights(whole.folder)


@pytest.mark.usefixtures("_small")
def test_averages_of_normalisations_stay_and_weights_move(mine: Path, tmp_path: Path) -> None:
    config = interface.named(TrainConfig(start="digits", data=(str(mine),), epochs=1)).filled()
    start = interface.open_start("digits")
    dataset = fine_tuning.mixed(interface.own_glyphs(config, start.checkpoint), start.before, start.network, 0)
    fine_tuning.begin(start.network, dataset, config, Run(tmp_path))
    *_, finished = train(dataset, config, Run(tmp_path), resume=True)
    assert isinstance(finished, Finished)
    before, after = start.network.state_dict(), load_checkpoint(finished.run.model)[0].state_dict()
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in start.network.modules()) == 3
    for name in before:
        assert torch.equal(before[name], after[name]) == ("running" in name or "tracked" in name), name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--from", "digits"),
            "--from digits needs glyphs to learn; name yours: inkread train --from digits --data mine/",
        ),
        (("--from", "digits", "--arch", "mlp"), "--from digits decides the arch: cnn; leave mlp out"),
        (("letters", "--from", "digits"), "--from digits decides the dataset: digits; leave letters out"),
        (("--from", "nowhere"), "--from is 'nowhere'; expected digits or letters"),
    ],
)
def test_a_call_that_makes_no_sense_is_told(
    arguments: tuple[str, ...], sentence: str, mine: Path, inkread: Command
) -> None:
    data = () if len(arguments) == 2 and arguments[1] == "digits" else ("--data", mine)
    assert sentence in inkread("train", *arguments, *data).sentence


def test_a_start_whose_data_are_gone_stops_unless_something_ships_in_their_place(
    digits_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, checkpoint = interface.open_network(str(digits_run))
    gone = {**checkpoint.config, "dataset": "gone/"}
    assert interface.learnt_before(interface.replace(checkpoint, config=gone)).name == "sample-digits"
    tuned = {**checkpoint.config, "start": "digits", "data": ["mine/"]}
    assert interface.learnt_before(interface.replace(checkpoint, config=tuned)).name == "sample-digits"
    with pytest.raises(BadOption, match="'gone/' is neither a data set nor"):
        interface.learnt_before(interface.replace(checkpoint, config=gone, alphabet=Alphabet("01")))
    with pytest.raises(BadData, match="now shows 0123456789; expected the same data"):
        interface.learnt_before(interface.replace(checkpoint, alphabet=Alphabet("01")))


@pytest.mark.slow
def test_a_marked_hand_is_learnt_and_mnist_is_not_forgotten(mine: Path, tmp_path: Path, inkread: Command) -> None:
    assert inkread("train", "--from", "digits", "--data", mine, "--out", tmp_path / "run").code == 0
    own, known = json.loads((tmp_path / "run" / "record.json").read_text())["compared"]
    assert own["before"] < 0.93 * own["count"] and own["after"] >= 0.97 * own["count"]
    assert known["after"] >= known["before"] - 0.01 * known["count"]
    reader = recognition.Recogniser(tmp_path / "run" / "model.onnx")  # as it is read with
    rng, hand = np.random.default_rng(99), MadeUpHand(12, MARKED)
    drawn = [hand.draw(character, rng) for character in DIGITS.characters * 5]
    fresh = np.stack([frame(one.ink, "mnist") for one in drawn if one is not None])
    assert (reader.log_probs(fresh).argmax(axis=1) == DIGITS.encode(DIGITS.characters * 5)).mean() >= 0.97
