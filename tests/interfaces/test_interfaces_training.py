"""`inkread train`: what it shows and writes, how it stops and goes on, in this process and killed in one of its own."""

import dataclasses
import io
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from rich.console import Console

from inkread.data import Dataset
from inkread.errors import BadOption
from inkread.interfaces import training_display
from inkread.interfaces.commands import train as verb
from inkread.interfaces.training_display import TrainingDisplay, clock, figures
from inkread.models import build
from inkread.models.checkpoint import read_tensors
from inkread.run_folder import Run
from inkread.training.config import TrainConfig
from inkread.training.loop import Progress, make_optimizer
from inkread.training.loop import train as training
from inkread.training.state import Learner, State, capture, load_state, save_state
from tests.conftest import ENVIRONMENT, Answer, Command

SMALL = ("--arch", "mlp", "--epochs", "3", "--batch-size", "16", "--learning-rate", "0.05")


@pytest.fixture(scope="module")
def npz(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """100 digits as a file of the user's own, 20 of them for validation."""
    path = tmp_path_factory.mktemp("mine") / "mine.npz"
    labels = np.array(list("0123456789"))[digits.train.labels[:100]]
    np.savez(path, images=digits.train.images[:100], labels=labels, split=np.repeat(["train", "val"], [80, 20]))
    return path


@pytest.fixture
def _no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the seconds of the export and the curve, which have tests of their own."""
    monkeypatch.setattr(verb, "export_finished", lambda *_: None)
    monkeypatch.setattr(training_display, "write_curve", lambda *_: None)


def weights(folder: Path) -> dict[str, bytes]:
    """Every bit of a finished network."""
    return {name: tensor.numpy().tobytes() for name, tensor in read_tensors(Run(folder).model)[0].items()}


def epochs(folder: Path) -> list[int]:
    """What the log tells."""
    log = Run(folder).log
    return [json.loads(line)["epoch"] for line in log.read_text().splitlines()] if log.exists() else []


# What it writes and shows


def test_a_finished_run_holds_every_file_that_it_promises(digits_run: Path) -> None:
    names = {path.name for path in digits_run.iterdir()}
    assert names == {"model.safetensors", "model.onnx", "state.safetensors", "log.jsonl", "record.json", "curve.svg"}
    assert ElementTree.parse(Run(digits_run).curve).getroot().tag.endswith("svg")
    assert epochs(digits_run) == [1, 2]


@pytest.mark.usefixtures("_no_export")
def test_training_tells_what_it_does_and_what_to_try_next(tmp_path: Path, npz: Path, inkread: Command) -> None:
    answer = inkread("train", "digits", "--data", npz, *SMALL, "--out", tmp_path / "run")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0].startswith("100 glyphs from mine.npz")
    assert lines[1] == "Training mlp on digits: 80 glyphs of 10 characters, 20 to validate"
    shown = [line for line in lines if line.startswith("epoch")]
    assert [int(line.split()[1]) for line in shown] == [1, 2, 3]
    assert all(re.search(r"loss \d\.\d+ .*validation [\d.]+% .*images/s .*\d:\d\d left", line) for line in shown)
    assert next(line for line in lines if line.startswith("Wrote")).startswith(f"Wrote {tmp_path / 'run'}")
    assert lines[-1] == f"Try next: inkread evaluate {tmp_path / 'run'}"
    assert "" not in lines


@pytest.mark.usefixtures("_no_export")
def test_options_reach_the_record(tmp_path: Path, npz: Path, inkread: Command) -> None:
    call = ("train", "digits", "--data", npz, *SMALL, "--seed", "7", "--optimizer", "adamw", "--stroke", "0.25")
    assert inkread(*call, "--rotate", "3", "--out", tmp_path).code == 0
    told = json.loads(Run(tmp_path).record.read_text())["config"]
    expected = TrainConfig(
        "digits", data=(str(npz),), arch="mlp", epochs=3, batch_size=16, learning_rate=0.05, seed=7,
        optimizer="adamw", stroke=0.25, rotate=3.0,
    )  # fmt: skip
    assert told == expected.filled().to_dict()


@pytest.mark.usefixtures("_no_export")
def test_several_sources_make_one_training_set(tmp_path: Path, npz: Path, digits: Dataset, inkread: Command) -> None:
    other = tmp_path / "yours.npz"
    labels = np.array(list("0123456789"))[digits.train.labels[200:260]]
    np.savez(other, images=digits.train.images[200:260], labels=labels, split=np.repeat(["train", "val"], [50, 10]))
    answer = inkread("train", "digits", "--data", npz, "--data", other, *SMALL, "--out", tmp_path / "run")
    assert answer.code == 0
    assert json.loads(Run(tmp_path / "run").record.read_text())["pictures"] == {"train": 130, "val": 30}


@pytest.mark.usefixtures("_no_export")
def test_a_folder_with_a_folder_per_character_is_a_data_set(tmp_path: Path, digits: Dataset, inkread: Command) -> None:
    from PIL import Image

    for number, (image, label) in enumerate(zip(digits.train.images[:400], digits.train.labels[:400], strict=True)):
        if label in (3, 8):
            folder = tmp_path / "mine" / str(label)
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(255 - np.pad(image, 10)).save(folder / f"{number}.png")
    answer = inkread("train", tmp_path / "mine", *SMALL, "--out", tmp_path / "run")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(Run(tmp_path / "run").record.read_text())["data"] == "mine"
    assert read_tensors(Run(tmp_path / "run").model)[1]["alphabet"] == {"characters": "38", "fold_case": False}


def report(**changes: object) -> Progress:
    known = Progress(2, 30, 40, 0.12345, 12_345.6, 75.4, 0.98765)
    return dataclasses.replace(known, **changes)  # type: ignore[arg-type]


def test_the_live_line_shows_epoch_loss_accuracy_speed_and_time_left(tmp_path: Path) -> None:
    screen = io.StringIO()
    with TrainingDisplay(Console(file=screen, force_terminal=True, width=120), Run(tmp_path), False) as display:
        display.show(report(val_accuracy=None))
        display.show(report())
    shown = screen.getvalue()
    assert "epoch 2" in shown and "75%" in shown
    assert "loss 0.1234  validation 98.77%  12,346 images/s  1:15 left" in shown.replace("0.1235", "0.1234")


def test_a_file_gets_one_line_an_epoch_instead(tmp_path: Path) -> None:
    page = io.StringIO()
    with TrainingDisplay(Console(file=page, width=120), Run(tmp_path), False) as display:
        for step in range(40):
            display.show(report(step=step + 1, epoch_ends=step in (19, 39)))
    assert [line[:16] for line in page.getvalue().splitlines()] == ["epoch   2   50%  ", "epoch   2  100%  "] or [
        line.split()[2] for line in page.getvalue().splitlines()
    ] == ["50%", "100%"]


def test_before_the_first_validation_a_dash_stands_for_its_accuracy() -> None:
    assert "validation –" in figures(report(val_accuracy=None))


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (7, "0:07"),
        (59.6, "1:00"),
        (75.4, "1:15"),
        (3599, "59:59"),
        (3607, "1:00:07"),
        (90_000, "25:00:00"),
    ],
)
def test_seconds_are_told_as_a_clock_tells_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_tensorboard_events_are_those_of_the_log(tmp_path: Path, few_digits: Dataset) -> None:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    config = TrainConfig("few", arch="mlp", epochs=2, batch_size=40)
    with TrainingDisplay(Console(file=io.StringIO()), Run(tmp_path), tensorboard=True) as display:
        for event in training(few_digits, config, Run(tmp_path), device="cpu"):
            if isinstance(event, Progress):
                display.show(event)
    (file,) = (tmp_path / "tensorboard").iterdir()
    found: dict[str, list[tuple[int, float]]] = {}
    for event in EventFileLoader(str(file)).Load():
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.tensor.float_val[0]))
    rows = [json.loads(line) for line in Run(tmp_path).log.read_text().splitlines()]
    assert found.keys() == {"train/loss", "train/images_per_second", "val/accuracy"}
    for tag, key in (("train/loss", "loss"), ("val/accuracy", "val_accuracy")):
        assert [step for step, _ in found[tag]] == [1, 2]
        assert [value for _, value in found[tag]] == pytest.approx([row[key] for row in rows])


def test_tensorboard_that_is_not_installed_is_one_sentence_before_anything_starts(
    tmp_path: Path, npz: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("torch.utils.tensorboard", "tensorboard"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    answer = inkread("train", "digits", "--data", npz, "--tensorboard", "--out", tmp_path / "run")
    assert answer.code == 1
    assert answer.sentence == (
        'inkread: --tensorboard needs tensorboard; install it with: pip install "inkread[tensorboard]"'
    )
    assert not (tmp_path / "run").exists()


# Stopping and going on


@pytest.fixture
def stopped(tmp_path: Path, npz: Path, inkread: Command) -> tuple[Path, Answer]:
    """A run where somebody pressed Ctrl-C after its first epoch, and what was said."""
    show = TrainingDisplay.show

    def press(display: TrainingDisplay, event: Progress) -> None:
        show(display, event)
        if event.epoch_ends:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingDisplay, "show", press)
        answer = inkread("train", "digits", "--data", npz, *SMALL, "--out", tmp_path / "a run")
    return tmp_path / "a run", answer


@pytest.mark.usefixtures("_no_export")
def test_ctrl_c_says_how_to_go_on_and_that_ends_with_the_same_bits(
    tmp_path: Path, npz: Path, stopped: tuple[Path, Answer], inkread: Command
) -> None:
    folder, answer = stopped
    assert answer.code == 130
    assert answer.sentence.startswith("inkread: stopped; every finished epoch is kept")
    assert epochs(folder) == [1]
    hint = answer.sentence.partition("Go on with: inkread ")[2]
    assert inkread(*shlex.split(hint)).code == 0
    assert epochs(folder) == [1, 2, 3]
    assert inkread("train", "digits", "--data", npz, *SMALL, "--out", tmp_path / "whole").code == 0
    assert weights(folder) == weights(tmp_path / "whole")


@pytest.mark.usefixtures("_no_export")
def test_resume_takes_the_newest_run_of_that_name(
    tmp_path: Path, npz: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert inkread("train", "digits", "--data", npz, *SMALL).code == 0
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"digits-mlp", "digits-mlp-2"}
    (tmp_path / "runs" / "digits-mlp-2" / "record.json").unlink()
    (tmp_path / "runs" / "digits-mlp" / "record.json").unlink()
    assert inkread("train", "digits", "--data", npz, *SMALL, "--resume").code == 0
    assert (tmp_path / "runs" / "digits-mlp-2" / "record.json").exists()
    assert not (tmp_path / "runs" / "digits-mlp" / "record.json").exists()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--seed", "5"), r"started otherwise \(seed was 0, not 5\); resume it without these options"),
        (("--epochs", "9"), r"epochs was 3, not 9"),
        (("--optimizer", "adamw"), r"optimizer was sgd, not adamw"),
        (("--data", "elsewhere.npz"), r"data was \['.*mine\.npz'\], not \['elsewhere\.npz'\]"),
        (("--learning-rate", "0.5", "--shift", "3"), r"learning_rate was 0\.05, not 0\.5; shift was 1\.0, not 3"),
    ],
)
def test_going_on_otherwise_than_begun_is_refused(
    stopped: tuple[Path, Answer], inkread: Command, flags: tuple[str, ...], said: str
) -> None:
    before = Run(stopped[0]).state.read_bytes()
    answer = inkread("train", *flags, "--resume", "--out", stopped[0])
    assert answer.code == 1
    assert re.search(said, answer.sentence), answer.sentence
    assert Run(stopped[0]).state.read_bytes() == before


def begun(config: TrainConfig, folder: Path) -> Path:
    """A run before its first epoch."""
    config = config.filled()
    network = build(config.arch, 10)
    save_state(Run(folder), State(capture(Learner(network, make_optimizer(network, config))), config, "cafe", []))
    return folder


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--seed", "0"), "seed was 3, not 0"),
        (("--arch", "cnn"), "arch was mlp, not cnn"),
        (("digits",), "dataset was letters, not digits"),
        (("--dataset", "digits", "--seed", "3"), "dataset was letters, not digits"),
        (("--epochs", "4"), "epochs was 12, not 4"),
    ],
)
def test_a_flag_that_repeats_a_default_is_a_flag_all_the_same(
    tmp_path: Path, inkread: Command, flags: tuple[str, ...], said: str
) -> None:
    folder = begun(TrainConfig("letters", arch="mlp", seed=3), tmp_path / "run")
    answer = inkread("train", *flags, "--resume", "--out", folder)
    assert answer.code == 1
    assert answer.sentence == (f"inkread: this run was started otherwise ({said}); resume it without these options")


def test_a_flag_that_says_what_the_run_has_is_welcome() -> None:
    saved = TrainConfig("letters", arch="mlp", seed=3, data=("a.npz",)).filled()
    for flags in (TrainConfig(), TrainConfig(seed=3), TrainConfig("letters", data=("a.npz",), epochs=12), saved):
        assert verb.agreed(flags, saved) == saved


def test_a_taught_run_goes_on_wherever_its_teacher_lies_now() -> None:
    saved = TrainConfig("digits", arch="mlp", teacher=("runs/teacher",)).filled()
    assert verb.agreed(TrainConfig(), saved) == saved
    moved = verb.agreed(TrainConfig(teacher=("elsewhere",)), saved)
    assert moved == dataclasses.replace(saved, teacher=("elsewhere",))
    with pytest.raises(BadOption, match="started otherwise"):
        verb.agreed(TrainConfig(teacher=("elsewhere",)), TrainConfig("digits", arch="mlp").filled())


def test_a_training_that_does_not_begin_leaves_no_folder(
    tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert inkread("train", "digits", "--data", "nowhere.npz").code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_no_export")
def test_resume_finds_the_newest_run_where_earlier_ones_were_deleted(
    tmp_path: Path, npz: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = begun(TrainConfig("digits", arch="mlp", data=(str(npz),)), tmp_path / "runs" / "digits-mlp-2")
    answer = inkread("train", "--arch", "mlp", "--seed", "1", "--resume")
    assert answer.sentence == (
        "inkread: this run was started otherwise (seed was 0, not 1); resume it without these options"
    )
    assert verb.choose_run(TrainConfig(arch="mlp"), None, resume=True)[0].folder.resolve() == folder


def test_going_on_when_the_data_have_changed_is_refused(
    tmp_path: Path, stopped: tuple[Path, Answer], npz: Path, digits: Dataset, inkread: Command
) -> None:
    before = npz.read_bytes()
    labels = np.array(list("0123456789"))[digits.train.labels[:100]]
    try:
        images = 255 - digits.train.images[100:200]
        np.savez(npz, images=images, labels=labels, split=np.repeat(["train", "val"], [80, 20]))
        answer = inkread("train", "--resume", "--out", stopped[0])
    finally:
        npz.write_bytes(before)
    assert answer.code == 1
    assert re.search(r"started on other data \(fingerprint \w+, now \w+\)", answer.sentence)


def test_a_second_run_in_the_same_folder_is_refused(stopped: tuple[Path, Answer], inkread: Command) -> None:
    answer = inkread("train", "digits", "--out", stopped[0])
    assert answer.code == 1
    assert "already holds a run; add --resume to go on with it, or name another --out" in answer.sentence


def test_a_run_that_has_not_ended_cannot_be_exported_and_says_how_to_end_it(
    stopped: tuple[Path, Answer], inkread: Command
) -> None:
    answer = inkread("export", stopped[0])
    assert answer.code == 1
    assert f"go on with: inkread train --resume --out {shlex.quote(str(stopped[0]))}" in answer.sentence


def test_a_loss_that_is_no_number_is_one_sentence(tmp_path: Path, npz: Path, inkread: Command) -> None:
    wild = ("--arch", "mlp", "--epochs", "9", "--batch-size", "16", "--learning-rate", "100", "--weight-decay", "10")
    answer = inkread("train", "digits", "--data", npz, *wild, "--out", tmp_path)
    assert answer.code == 1
    assert re.fullmatch(
        r"inkread: the loss became (nan|inf) in epoch \d; try a lower --learning-rate than 100.0", answer.sentence
    )


def test_a_device_whose_memory_is_too_small_is_one_sentence(
    tmp_path: Path, npz: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(TrainingDisplay, "show", full)
    answer = inkread("train", "digits", "--data", npz, *SMALL, "--out", tmp_path / "run")
    assert answer.code == 1
    assert answer.sentence == (
        "inkread: the memory of the device is too small for --batch-size 16; name a smaller one, or train with "
        "--device cpu"
    )


def test_a_full_disk_is_one_sentence_and_the_state_stays_whole(
    tmp_path: Path, npz: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [5]
    fsync = os.fsync

    def fill(file: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        fsync(file)

    monkeypatch.setattr(os, "fsync", fill)
    answer = inkread("train", "digits", "--data", npz, *SMALL, "--out", tmp_path)
    assert answer.code == 1
    assert "No space left on device" in answer.sentence
    monkeypatch.undo()
    assert len(load_state(Run(tmp_path)).history) in (1, 2)


# In a process of its own


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "inkread", "train", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip


def wait_until(process: subprocess.Popen[str], condition: object) -> None:
    assert callable(condition)
    begun = time.monotonic()
    while not condition() and process.poll() is None:
        assert time.monotonic() - begun < 400
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_in_the_shell_stops_cleanly_and_the_command_it_names_goes_on(tmp_path: Path, npz: Path) -> None:
    folder = tmp_path / "run"
    call: tuple[object, ...] = ("digits", "--data", npz, "--arch", "cnn", "--epochs", "5000", "--out", folder)
    for _ in range(2):
        done_before = len(epochs(folder))
        process = start(*call)
        wait_until(process, lambda: len(epochs(folder)) > done_before + 2)  # noqa: B023
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=200)
        answer = Answer(process.returncode, out, err)
        assert answer.code == 130
        assert answer.sentence == (
            f"inkread: stopped; every finished epoch is kept. Go on with: inkread train --resume --out {folder}"
        )
        assert epochs(folder) == list(range(1, len(epochs(folder)) + 1))
        assert len(load_state(Run(folder)).history) in (len(epochs(folder)), len(epochs(folder)) + 1)
        call = tuple(answer.sentence.partition("inkread train ")[2].split())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.05), ("adamw", 0.002)])
def test_a_run_killed_at_any_moment_and_resumed_ends_with_the_same_bits(
    tmp_path: Path, digits: Dataset, optimizer: str, rate: float
) -> None:
    path, folder = tmp_path / "mine.npz", tmp_path / "run"
    labels = np.array(list("0123456789"))[digits.train.labels[:250]]
    np.savez(path, images=digits.train.images[:250], labels=labels, split=np.repeat(["train", "val"], [200, 50]))
    options = ("--arch", "cnn-accurate", "--optimizer", optimizer, "--learning-rate", rate, "--epochs", 10)
    call = ("digits", "--data", path, *options, "--batch-size", 64, "--elastic", 0.5, "--stroke", 0.3, "--out", folder)
    chance = random.Random(optimizer)
    killed = 0
    while killed < 3:
        begun = len(epochs(folder))
        process = start(*call, *(["--resume"] if Run(folder).state.exists() else []))
        wait_until(process, lambda: len(epochs(folder)) > begun or (killed == 0 and Run(folder).state.exists()))  # noqa: B023
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=200)
        if process.returncode == 0:
            break  # it was quicker than we
        killed += 1
        load_state(Run(folder))  # whole
        assert epochs(folder) == list(range(1, len(epochs(folder)) + 1))
    assert killed >= 2
    process = start(*call, "--resume")
    out, err = process.communicate(timeout=400)
    assert (process.returncode, err) == (0, ""), out
    assert epochs(folder) == list(range(1, 11))
    assert not list(folder.glob("*.part"))

    config = TrainConfig(
        "digits", data=(str(path),), arch="cnn-accurate", optimizer=optimizer, learning_rate=rate, epochs=10,
        batch_size=64, elastic=0.5, stroke=0.3,
    )  # type: ignore[arg-type]  # fmt: skip
    from inkread.data import load

    whole = tmp_path / "whole"
    list(training(load("digits", sources=[path]), config, Run(whole), device="cpu"))
    assert weights(folder) == weights(whole)
    assert (
        json.loads(Run(folder).record.read_text())["temperature"]
        == (json.loads(Run(whole).record.read_text())["temperature"])
    )


def test_the_curve_is_drawn_from_the_history(tmp_path: Path) -> None:
    history = [{"epoch": n, "loss": 1 / n, "val_nll": 0.5 / n, "val_accuracy": 1 - 0.1 / n} for n in range(1, 4)]
    training_display.write_curve(Run(tmp_path), history)  # type: ignore[arg-type]
    assert ElementTree.parse(Run(tmp_path).curve).getroot().tag.endswith("svg")
    training_display.write_curve(Run(tmp_path), history[:1])  # one epoch is a curve, too


def test_what_was_reached_is_told_with_what_was_written(tmp_path: Path) -> None:
    finished = SimpleNamespace(
        run=Run(tmp_path), checkpoint=SimpleNamespace(arch="cnn", temperature=1.234),
        history=[{"seconds": 1.0, "val_accuracy": 0.5}, {"seconds": 2.5, "val_accuracy": 0.98765}],
    )  # fmt: skip
    told = training_display.describe(finished)  # type: ignore[arg-type]
    assert "Trained cnn in 3.5 s: 98.77% of" in told and "temperature 1.23" in told
    for path in (Run(tmp_path).model, "model.onnx", "record.json", "log.jsonl", "curve.svg"):
        assert str(path) in told
