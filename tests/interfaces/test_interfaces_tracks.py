"""`inkread bench train`: what a track trains, takes as it is, measures and claims; the public example beside it."""

import dataclasses
import json
import math
import shlex
import shutil
import statistics
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from inkread.data import Dataset
from inkread.errors import BadArray, BadOption
from inkread.evaluation.intervals import MeanStd, p_above
from inkread.evaluation.wording import THIN
from inkread.interfaces.bench import public_example, seeds, tracks
from inkread.interfaces.bench.tracks import TRACKS, Track
from inkread.interfaces.commands.bench_train import verdict
from inkread.models import build, load, logits, measure
from inkread.run_folder import Run
from inkread.training.config import TrainConfig
from inkread.training.loop import Progress
from inkread.training.state import load_state
from tests.conftest import Command

TINY = Track(
    "a trial", TrainConfig("mnist", arch="mlp", epochs=2, batch_size=20, learning_rate=0.05), target=0.1, alike="17"
)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Track:
    monkeypatch.setattr(tracks, "TRACKS", {"tiny": TINY})
    return TINY


@pytest.fixture(scope="module")
def npz(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """160 digits as a file of the user's own: 80 to train with, 40 for validation, 40 to test."""
    path = tmp_path_factory.mktemp("mine") / "mine.npz"
    labels = np.array(list("0123456789"))[digits.train.labels[:160]]
    split = np.repeat(["train", "val", "test"], [80, 40, 40])
    np.savez(path, images=digits.train.images[:160], labels=labels, split=split)
    return path


def test_a_track_trains_a_run_a_seed_and_tells_what_they_come_to(
    inkread: Command, tiny: Track, npz: Path, digits: Dataset, tmp_path: Path
) -> None:
    asked = ("bench", "train", "tiny", "--data", npz, "--seeds", "0-2", "--split", "test", "--out", tmp_path)
    shown = inkread(*asked)
    assert (shown.code, shown.err) == (0, "")
    found = json.loads((tmp_path / "tiny" / "track.json").read_text())
    images, labels = digits.train.images[120:160], digits.train.labels[120:160]
    right = []
    for seed in range(3):
        network, checkpoint = load(tmp_path / "tiny" / str(seed) / "model.safetensors")
        assert checkpoint.config["seed"] == seed
        right.append(float((logits(network, images).argmax(axis=1) == labels).mean()))
    assert [seed["accuracy"] for seed in found["seeds"]] == pytest.approx(right)
    assert found["accuracy"]["mean"] == pytest.approx(statistics.mean(right))
    assert found["accuracy"]["std"] == pytest.approx(statistics.stdev(right))
    assert found["p"] == pytest.approx(p_above(right, 0.1))
    assert found["glyphs"] == 40 and found["reached"] == (statistics.mean(right) >= 0.1)
    assert f"{100 * statistics.mean(right):.2f}{THIN}%" in shown.out
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("model.safetensors")}
    assert inkread(*asked).code == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("model.safetensors")} == written


def test_characters_that_count_as_one_are_no_mistakes_for_each_other(
    inkread: Command, tiny: Track, npz: Path, digits: Dataset, tmp_path: Path
) -> None:
    inkread("bench", "train", "tiny", "--data", npz, "--seeds", "3", "--out", tmp_path)
    found = json.loads((tmp_path / "tiny" / "track.json").read_text())
    images, labels = digits.train.images[80:120], digits.train.labels[80:120]
    read = logits(load(tmp_path / "tiny" / "3" / "model.safetensors")[0], images).argmax(axis=1)
    one = [a == b or {a, b} == {1, 7} for a, b in zip(read.tolist(), labels.tolist(), strict=True)]
    assert found["alike"]["mean"] == pytest.approx(sum(one) / 40)
    assert found["p"] is None and found["accuracy"]["std"] is None  # a single run


def test_a_teacher_is_trained_once_before_the_networks_of_its_track(few_digits: Dataset, tmp_path: Path) -> None:
    track = dataclasses.replace(TINY, teacher=dataclasses.replace(TINY.config, seed=9))
    rounds = [len(list(seeds.trained(track, few_digits, tmp_path / str(seed), seed))) for seed in (4, 5, 5)]
    assert rounds[0] > rounds[1] > rounds[2] == 0
    configs = {name: load(tmp_path / name / "model.safetensors")[1].config for name in ("teacher", "4", "5")}
    assert (configs["teacher"]["seed"], configs["teacher"]["teacher"]) == (9, [])
    assert configs["4"]["teacher"] == configs["5"]["teacher"] == [str(tmp_path / "teacher")]
    untaught = dataclasses.replace(track, teacher=None)
    with pytest.raises(BadOption, match="trained otherwise"):
        list(seeds.trained(untaught, few_digits, tmp_path / "4", 4))
    events = seeds.trained(track, few_digits, tmp_path / "6", 6)
    next(event for event in events if isinstance(event, Progress) and event.epoch_ends)
    events.close()  # type: ignore[attr-defined]
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    assert not list(seeds.trained(track, few_digits, moved / "4", 4))
    again = [event for event in seeds.trained(track, few_digits, moved / "6", 6) if isinstance(event, Progress)]
    assert [event.epoch for event in again if event.epoch_ends] == [2]


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_an_interrupted_run_goes_on_unless_its_time_is_claimed(
    few_digits: Dataset, tmp_path: Path, seconds: float | None
) -> None:
    track = dataclasses.replace(TINY, seconds=seconds)
    events = seeds.trained(track, few_digits, tmp_path / "0", 0)
    next(event for event in events if isinstance(event, Progress) and event.epoch_ends)
    events.close()  # type: ignore[attr-defined]
    assert len(load_state(Run(tmp_path / "0")).history) == 1
    again = [event for event in seeds.trained(track, few_digits, tmp_path / "0", 0) if isinstance(event, Progress)]
    assert [event.epoch for event in again if event.epoch_ends] == ([2] if seconds is None else [1, 2])


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_a_run_that_was_killed_before_its_record_was_written_is_not_done(
    few_digits: Dataset, tmp_path: Path, seconds: float | None
) -> None:
    track, run = dataclasses.replace(TINY, seconds=seconds), Run(tmp_path / "0")
    list(seeds.trained(track, few_digits, run.folder, 0))
    run.record.unlink()
    again = [event for event in seeds.trained(track, few_digits, run.folder, 0) if isinstance(event, Progress)]
    assert [event.epoch for event in again if event.epoch_ends] == ([] if seconds is None else [1, 2])
    assert json.loads(run.record.read_text())["config"]["seed"] == 0
    assert not list(seeds.trained(track, few_digits, run.folder, 0))


def test_a_run_of_another_recipe_or_of_other_data_is_no_run_of_the_track(few_digits: Dataset, tmp_path: Path) -> None:
    list(seeds.trained(TINY, few_digits, tmp_path, 0))
    assert not list(seeds.trained(TINY, few_digits, tmp_path, 0))
    longer = dataclasses.replace(TINY, config=dataclasses.replace(TINY.config, epochs=3))
    with pytest.raises(BadOption, match=r"trained otherwise \(epochs 2, not 3\); move it away"):
        list(seeds.trained(longer, few_digits, tmp_path, 0))
    with pytest.raises(BadOption, match=r"trained otherwise \(seed 0, not 1\)"):
        list(seeds.trained(TINY, few_digits, tmp_path, 1))
    with pytest.raises(BadOption, match=r"trained otherwise \(data \w+, not cafe\)"):
        list(seeds.trained(TINY, dataclasses.replace(few_digits, fingerprint="cafe"), tmp_path, 0))


def test_networks_that_read_together_average_their_probabilities_each_run_with_the_next(
    few_digits: Dataset, tmp_path: Path
) -> None:
    track = dataclasses.replace(TINY, networks=2)
    folders = [tmp_path / str(seed) for seed in range(3)]
    for seed, folder in enumerate(folders):
        list(seeds.trained(track, few_digits, folder, seed))
    outcome = seeds.measured(track, folders, few_digits.val, few_digits.alphabet)
    networks = [load(folder / "model.safetensors")[0] for folder in folders]
    read = [torch.from_numpy(logits(network, few_digits.val.images)).softmax(dim=1).numpy() for network in networks]
    pairs = [read[0] + read[1], read[1] + read[2], read[2] + read[0]]
    right = [float((pair.argmax(axis=1) == few_digits.val.labels).mean()) for pair in pairs]
    assert [seed.accuracy for seed in outcome.seeds] == pytest.approx(right)
    assert outcome.multiply_adds == 2 * measure(networks[0]).multiply_adds
    assert outcome.parameters == 2 * measure(networks[0]).parameters
    assert outcome.p is None  # the pairs share networks
    took = [json.loads((folder / "record.json").read_text())["seconds"] for folder in folders]
    assert [seed.seconds for seed in outcome.seeds] == pytest.approx(
        [a + b for a, b in zip(took, took[1:] + took[:1], strict=True)]
    )
    assert [(seed.seed, seed.validation) for seed in outcome.seeds] == [(0, None), (1, None), (2, None)]
    with pytest.raises(BadOption, match="expected as many seeds, got 1"):
        seeds.measured(track, folders[:1], few_digits.val, few_digits.alphabet)


@pytest.mark.parametrize(
    ("mean", "seconds", "size", "faster", "said"),
    [
        (0.985, 3.0, 900, 61.0, "not reached"), (0.992, 5.0, 900, 61.0, "accurate enough, but too slow"),
        (0.992, 3.0, 901, 61.0, "accurate enough, but too large"),
        (0.992, 3.0, 900, 61.0, "reached"), (0.996, 3.0, 900, 61.0, "reached, and the aim, too"),
        (0.992, 3.0, 900, 59.0, "accurate enough, but not 60 times as fast as PyTorch's example"),
        (0.996, 3.0, 900, None, "accurate enough, but PyTorch's example was not timed beside it"),
    ],
)  # fmt: skip
def test_the_verdict_is_that_of_means_and_targets(
    mean: float, seconds: float, size: int, faster: float | None, said: str
) -> None:
    track = dataclasses.replace(TINY, target=0.99, aim=0.995, seconds=4.0, parameters=900, faster=60)
    outcome = seeds.Outcome(10, [], MeanStd(mean, None, 1), None, MeanStd(seconds, None, 1), None, size, 1, "")
    assert verdict(track, outcome, faster) == said


def test_the_command_of_a_result_has_its_flags(inkread: Command, tiny: Track, npz: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copy(npz, tmp_path / "my own.npz"))
    asked = ("bench", "train", "tiny", "--data", mine, "--split", "test", "--seeds", "0", "--example", "0")
    assert inkread(*asked, "--out", tmp_path).code == 0
    found = json.loads((tmp_path / "tiny" / "track.json").read_text())
    assert shlex.split(found["command"]) == ["inkread", *map(str, asked)]


@pytest.mark.parametrize("name", TRACKS)
def test_a_track_can_be_trained_and_keeps_to_its_size(name: str) -> None:
    track = TRACKS[name]
    size = measure(build(str(track.config.filled().arch), 26 if track.data else 10))
    assert track.parameters is None or size.parameters <= track.parameters
    assert track.of is None or TRACKS[track.of].config == track.config
    assert track.teacher is None or track.teacher.dataset == track.config.dataset
    assert track.aim is None or track.aim > track.target


# Chance


def test_the_chance_of_two_runs_is_that_of_cauchys_distribution() -> None:
    t = (0.995 - 0.99) / (statistics.stdev([0.994, 0.996]) / math.sqrt(2))
    assert p_above([0.994, 0.996], 0.99) == pytest.approx(0.5 - math.atan(t) / math.pi)


def test_runs_without_spread_are_above_a_target_or_not() -> None:
    assert (p_above([0.99, 0.99], 0.98), p_above([0.99, 0.99], 0.99)) == (0.0, 1.0)
    with pytest.raises(BadArray, match="1 values; a test needs at least 2"):
        p_above([0.99], 0.98)


# Wrong calls


def test_the_tracks_are_listed_where_none_is_named(inkread: Command) -> None:
    shown = inkread("bench", "train")
    assert shown.code == 0
    assert all(name in shown.out for name in TRACKS)


@pytest.mark.parametrize("given", ["", "a", "3-1", "0,0", "1-", "-1"])
def test_seeds_that_are_no_list_of_numbers_are_refused(given: str) -> None:
    with pytest.raises(BadOption, match="seeds are"):
        seeds.parsed(given)


def test_an_unknown_track_is_refused_with_those_there_are(inkread: Command) -> None:
    assert (
        "there is no track 'digits-98'; choose one of: digits-99.0" in inkread("bench", "train", "digits-98").sentence
    )


def test_a_track_of_glyphs_that_no_catalogue_has_asks_for_them(
    inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks, "TRACKS", {"tiny": dataclasses.replace(TINY, data=True)})
    assert "the track tiny needs its glyphs: name them with --data" in inkread("bench", "train", "tiny").sentence


# The public example


@pytest.mark.parametrize("data", [(), ("mine.npz",)])
def test_the_public_example_asks_for_its_data_before_anything_is_trained(
    inkread: Command, tmp_path: Path, npz: Path, monkeypatch: pytest.MonkeyPatch, data: tuple[str, ...]
) -> None:
    monkeypatch.setattr(tracks, "TRACKS", {"tiny": dataclasses.replace(TINY, faster=2.0)})
    monkeypatch.setenv("INKREAD_DATA", str(tmp_path))
    named = ("--data", npz) if data else ()
    sentence = inkread("bench", "train", "tiny", *named, "--seeds", "0", "--out", tmp_path / "out").sentence
    assert ("reads a data folder with MNIST alone: name one, or add --example 0" in sentence) == bool(data)
    assert not (tmp_path / "out").exists()


def test_the_public_examples_network_has_the_published_size() -> None:
    assert sum(p.numel() for p in public_example.Net().parameters()) == 1_199_882


@pytest.mark.slow
def test_the_public_example_trains_until_it_reaches_the_target(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = torch.from_numpy(digits.train.images[:128]).float().div(255).unsqueeze(1)
    few = TensorDataset((pictures - 0.13) / 0.31, torch.from_numpy(digits.train.labels[:128]))
    loader = DataLoader(few, batch_size=64)
    monkeypatch.setattr(public_example, "loaders", lambda _: (loader, loader))
    done = public_example.until(0.5, tmp_path, seed=0)
    assert [epoch.accuracy >= 0.5 for epoch in done] == [False] * (len(done) - 1) + [True]
    assert [epoch.seconds for epoch in done] == sorted(epoch.seconds for epoch in done)
    monkeypatch.setattr(public_example, "EPOCHS", 1)
    assert len(public_example.until(1.1, tmp_path, seed=0)) == 1
