"""Training: the same bits for the same seed, stopped anywhere or not; honest figures; sentences for what goes wrong."""

import dataclasses
import json
import math
import os
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import log_loss
from torch import Tensor

from inkread.data import Dataset
from inkread.errors import BadCheckpoint, BadData, BadOption, TrainingDiverged
from inkread.models import build, load, logits
from inkread.models.checkpoint import read_tensors
from inkread.models.predict import to_input
from inkread.run_folder import Run
from inkread.training import loop
from inkread.training.augment import warp
from inkread.training.config import TrainConfig
from inkread.training.device import choose_device
from inkread.training.loop import Finished, Progress, epoch_seed, one_cycle, train
from inkread.training.state import load_state

SMALL = TrainConfig("few", arch="cnn", epochs=3, batch_size=20, learning_rate=0.05, elastic=0.5, stroke=0.5)
ADAMW = dataclasses.replace(SMALL, optimizer="adamw", learning_rate=0.002)
MUON = dataclasses.replace(SMALL, optimizer="muon")
DROPOUT = dataclasses.replace(SMALL, arch="cnn-accurate", epochs=2, batch_size=40)
AVERAGED = dataclasses.replace(SMALL, averaging=0.6)
Weights = dict[str, bytes]


class Stop(BaseException):
    """A power cut."""


def weights(run: Run) -> Weights:
    """Every bit of a finished network."""
    return {name: tensor.numpy().tobytes() for name, tensor in read_tensors(run.model)[0].items()}


def finish(dataset: Dataset, config: TrainConfig, folder: Path, *, resume: bool = False) -> Finished:
    events = list(train(dataset, config, Run(folder), resume=resume, device="cpu"))
    assert isinstance(events[-1], Finished)
    assert all(isinstance(event, Progress) for event in events[:-1])
    return events[-1]


@pytest.fixture(scope="module")
def whole(few_digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[TrainConfig], Finished]:
    """A run that nobody disturbs; each configuration is trained once."""
    known: dict[TrainConfig, Finished] = {}

    def run(config: TrainConfig) -> Finished:
        if config not in known:
            known[config] = finish(few_digits, config, tmp_path_factory.mktemp("whole"))
        return known[config]

    return run


Whole = Callable[[TrainConfig], Finished]


# The learning rate


def test_the_learning_rate_is_that_of_torchs_one_cycle_schedule() -> None:
    total, peak = 400, 0.3
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=peak, total_steps=total, pct_start=loop.WARM_UP, div_factor=25, final_div_factor=400
    )
    top = loop.WARM_UP * total - 1  # torch's schedule is at its peak one step before a quarter
    for step in range(total):
        if step:
            optimizer.step()
            schedule.step()
        after = (step - top) / (total - 1 - top)
        progress = loop.WARM_UP * step / top if step <= top else loop.WARM_UP + (1 - loop.WARM_UP) * after
        assert peak * one_cycle(progress) == pytest.approx(schedule.get_last_lr()[0], rel=1e-6)


def test_the_learning_rate_starts_peaks_and_ends_where_it_says() -> None:
    assert one_cycle(0) == pytest.approx(loop.FIRST_RATE)
    assert one_cycle(loop.WARM_UP) == pytest.approx(1)
    assert one_cycle(1) == pytest.approx(loop.LAST_RATE)
    rates = [one_cycle(step / 1000) for step in range(1001)]
    assert max(rates) == pytest.approx(1)
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_every_epoch_of_every_seed_has_a_seed_of_its_own() -> None:
    seeds = {epoch_seed(seed, epoch) for seed in (0, 1, 2, 11, 2**63 - 1) for epoch in range(1000)}
    assert len(seeds) == 5000
    assert all(0 <= seed < 2**63 for seed in seeds)


# The same bits


@pytest.mark.parametrize(("averaging", "kept"), [(0.0, 0.0), (0.3, 0.3), (0.999, 1 - 4 / 6)])  # of six steps
def test_the_loop_takes_the_steps_of_a_textbook(
    few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, averaging: float, kept: float
) -> None:
    monkeypatch.setattr(loop, "has_fast_bfloat16", lambda _: False)  # the textbook computes in float32
    still = {"shift": 0.0, "rotate": 0.0, "scale": 0.0, "shear": 0.0, "elastic": 0.0, "stroke": 0.0}
    config = TrainConfig(
        "few", arch="mlp", seed=3, epochs=2, batch_size=25, learning_rate=0.1, weight_decay=0.01,
        label_smoothing=0.1, averaging=averaging, **still,
    )  # type: ignore[arg-type]  # fmt: skip
    finish(few_digits, config, tmp_path)

    torch.manual_seed(3)
    network = build("mlp", 10).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=1, momentum=0.9, nesterov=True, weight_decay=0.01)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.1 * one_cycle(step / 6))
    mean: dict[str, Tensor] = {}
    for epoch in range(2):
        order = torch.randperm(80, generator=torch.Generator().manual_seed(epoch_seed(3, epoch)))
        for batch in order[:75].numpy().reshape(3, 25):
            inputs = torch.from_numpy(few_digits.train.images[batch] / np.float32(255))[:, None]
            log_probs = network(inputs).log_softmax(dim=1)
            target = F.one_hot(torch.from_numpy(few_digits.train.labels[batch]), 10) * 0.9 + 0.1 / 10
            optimizer.zero_grad()
            (-(target * log_probs).sum(dim=1).mean()).backward()
            optimizer.step()
            rates.step()
            now = {name: tensor.detach().double() for name, tensor in network.state_dict().items()}
            mean = {name: kept * mean.get(name, now[name]) + (1 - kept) * now[name] for name in now}
    found = load(Run(tmp_path).model)[0].state_dict()
    for name, tensor in mean.items():
        if "num_batches" in name:
            continue
        assert torch.allclose(found[name].float(), tensor.float(), atol=1e-4), name


@pytest.mark.parametrize(
    "config", [SMALL, ADAMW, MUON, DROPOUT, AVERAGED], ids=["sgd", "adamw", "muon", "dropout", "averaged"]
)
def test_the_same_seed_gives_the_same_weights_bit_for_bit(
    few_digits: Dataset, tmp_path: Path, whole: Whole, config: TrainConfig
) -> None:
    torch.manual_seed(12345)  # whatever was drawn before
    np.random.seed(1)  # noqa: NPY002
    finished = finish(few_digits, config, tmp_path)
    assert weights(finished.run) == weights(whole(config).run)
    assert finished.checkpoint.temperature == whole(config).checkpoint.temperature


@pytest.mark.slow  # where other programs keep the cores busy
def test_the_same_seed_gives_the_same_weights_on_two_threads_too(few_digits: Dataset, tmp_path: Path) -> None:
    config = dataclasses.replace(SMALL, epochs=1)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        once, again = (finish(few_digits, config, tmp_path / name).run for name in "ab")
    finally:
        torch.set_num_threads(before)
    assert weights(once) == weights(again)


def test_another_seed_gives_other_weights(few_digits: Dataset, tmp_path: Path, whole: Whole) -> None:
    other = weights(finish(few_digits, dataclasses.replace(SMALL, seed=1), tmp_path).run)
    same = [name for name, bits in weights(whole(SMALL).run).items() if bits == other[name]]
    assert all("num_batches_tracked" in name for name in same)


@pytest.mark.parametrize("config", [SMALL, ADAMW, MUON, AVERAGED], ids=["sgd", "adamw", "muon", "averaged"])
@pytest.mark.parametrize("epochs_before", [1, 2, 3])
def test_a_run_that_stops_after_an_epoch_ends_with_the_same_bits(
    few_digits: Dataset, tmp_path: Path, whole: Whole, config: TrainConfig, epochs_before: int
) -> None:
    events = train(few_digits, config, Run(tmp_path), device="cpu")
    ends = (event for event in events if isinstance(event, Progress) and event.epoch_ends)
    for _ in range(epochs_before):
        next(ends)
    events.close()  # type: ignore[attr-defined]
    assert len(load_state(Run(tmp_path)).history) == epochs_before
    torch.manual_seed(99)
    finished = finish(few_digits, config, tmp_path, resume=True)
    assert weights(finished.run) == weights(whole(config).run)


@pytest.mark.parametrize("step", [1, 2, 4, 5])
def test_a_run_that_stops_within_an_epoch_ends_with_the_same_bits(
    few_digits: Dataset, tmp_path: Path, whole: Whole, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(loop, "REPORT_EVERY", 0)
    events = train(few_digits, DROPOUT, Run(tmp_path), device="cpu")
    for _ in range(step):  # two steps and a report of its end an epoch
        next(events)
    events.close()  # type: ignore[attr-defined]
    finished = finish(few_digits, DROPOUT, tmp_path, resume=True)
    assert weights(finished.run) == weights(whole(DROPOUT).run)


def test_a_run_may_be_stopped_again_and_again(few_digits: Dataset, tmp_path: Path, whole: Whole) -> None:
    for resume in (False, True, True):
        events = train(few_digits, ADAMW, Run(tmp_path), resume=resume, device="cpu")
        next(event for event in events if isinstance(event, Progress) and event.epoch_ends)
        events.close()  # type: ignore[attr-defined]
    finished = finish(few_digits, ADAMW, tmp_path, resume=True)
    assert weights(finished.run) == weights(whole(ADAMW).run)


# Cut off at every write


def cut_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Stop at the ``number``-th moment that matters to files: before one is flushed to the disk, before it is named."""
    left = [number]
    fsync, replace = os.fsync, Path.replace

    def tick() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Stop

    def cut_fsync(file: int) -> None:
        tick()
        fsync(file)

    def cut_replace(path: Path, target: Path) -> Path:
        tick()
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", cut_fsync)
    monkeypatch.setattr(Path, "replace", cut_replace)


EPOCHS_CUT = 2
WRITES = 2 * (1 + EPOCHS_CUT) + 2  # state and log at the start and after each epoch; network, record
MOMENTS = [pytest.param(moment, marks=[pytest.mark.slow] if moment % 3 else []) for moment in range(2 * WRITES)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_is_cut_off_at_any_write_ends_with_the_same_bits(
    few_digits: Dataset, tmp_path: Path, whole: Whole, moment: int
) -> None:
    config = dataclasses.replace(SMALL, epochs=EPOCHS_CUT)
    run = Run(tmp_path)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stop):
        cut_at(patch, moment)
        finish(few_digits, config, tmp_path)
    if run.state.exists():
        load_state(run)  # whole
    for path in (path for path in (run.model,) if path.exists()):
        read_tensors(path)
    for path in (path for path in (run.log,) if path.exists()):
        assert [json.loads(line)["epoch"] for line in path.read_text().splitlines()] in ([], [1], [1, 2])
    finished = finish(few_digits, config, tmp_path, resume=run.state.exists())
    assert weights(finished.run) == weights(whole(config).run)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "log.jsonl", "model.safetensors", "record.json", "state.safetensors",
    ]  # fmt: skip
    assert [json.loads(line)["epoch"] for line in run.log.read_text().splitlines()] == [1, 2]


def test_there_are_no_other_writes_than_those(
    few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(SMALL, epochs=EPOCHS_CUT)
    cut_at(monkeypatch, 2 * WRITES)
    finish(few_digits, config, tmp_path)


# What is refused


@pytest.fixture
def begun(few_digits: Dataset, tmp_path: Path) -> Run:
    """A run that was stopped after its first epoch."""
    events = train(few_digits, SMALL, Run(tmp_path / "begun"), device="cpu")
    next(event for event in events if isinstance(event, Progress) and event.epoch_ends)
    events.close()  # type: ignore[attr-defined]
    return Run(tmp_path / "begun")


@pytest.mark.parametrize(
    ("option", "value"),
    [("seed", 1), ("epochs", 4), ("arch", "mlp"), ("optimizer", "adamw"), ("learning_rate", 0.06), ("stroke", 0.4)],
)
def test_going_on_with_another_configuration_is_refused(
    few_digits: Dataset, begun: Run, option: str, value: object
) -> None:
    before = begun.state.read_bytes()
    other = dataclasses.replace(SMALL, **{option: value})  # type: ignore[arg-type]
    was = getattr(SMALL.filled(), option)
    with pytest.raises(BadCheckpoint, match=rf"started otherwise: .*{option} was {was}, is {value}"):
        list(train(few_digits, other, begun, resume=True, device="cpu"))
    assert begun.state.read_bytes() == before


def test_going_on_with_other_data_is_refused(few_digits: Dataset, begun: Run) -> None:
    other = dataclasses.replace(few_digits, fingerprint="0123456789abcdef")
    with pytest.raises(BadCheckpoint, match=r"other data \(fingerprint feedfacefeedface, now 0123456789abcdef\)"):
        list(train(other, SMALL, begun, resume=True, device="cpu"))


def test_going_on_with_nothing_is_refused(few_digits: Dataset, tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="nothing to resume in .*; start without --resume"):
        list(train(few_digits, SMALL, Run(tmp_path), resume=True, device="cpu"))


def test_a_damaged_state_is_refused(few_digits: Dataset, begun: Run) -> None:
    begun.state.write_bytes(begun.state.read_bytes()[:-10])
    with pytest.raises(BadCheckpoint, match="is not a whole safetensors file"):
        list(train(few_digits, SMALL, begun, resume=True, device="cpu"))


def test_a_loss_that_is_no_number_stops_training_and_keeps_what_was_good(few_digits: Dataset, tmp_path: Path) -> None:
    config = dataclasses.replace(SMALL, learning_rate=100.0, weight_decay=10.0, epochs=9)
    events: list[object] = []
    with pytest.raises(TrainingDiverged, match=r"the loss became (nan|inf) in epoch \d; try a lower --learning-rate"):
        events.extend(train(few_digits, config, Run(tmp_path), device="cpu"))
    tensors, _ = read_tensors(Run(tmp_path).state)
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())
    assert not Run(tmp_path).model.exists()


def test_a_network_that_the_last_step_of_an_epoch_spoilt_stops_training(few_digits: Dataset) -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    torch.nn.init.constant_(network[1].weight, math.nan)
    with pytest.raises(TrainingDiverged, match="the loss became nan in epoch 3; try a lower --learning-rate"):
        loop.measure_validation(network, few_digits.val, 2, SMALL)


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_only_finite_losses_pass(loss: float) -> None:
    assert loop.check_finite(0.5, 0, SMALL) == 0.5
    with pytest.raises(TrainingDiverged, match="epoch 3; try a lower --learning-rate than 0.05"):
        loop.check_finite(loss, 2, SMALL)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_glyphs_to_train_with_are_refused(few_digits: Dataset, tmp_path: Path, count: int) -> None:
    tiny = dataclasses.replace(few_digits, train=few_digits.train.take(np.arange(count)))
    with pytest.raises(BadData, match=f"the training set has {count} pictures; expected at least 2"):
        list(train(tiny, SMALL, Run(tmp_path), device="cpu"))
    assert not any(tmp_path.iterdir())


def test_fewer_glyphs_than_a_batch_are_one_batch(few_digits: Dataset, tmp_path: Path) -> None:
    tiny = dataclasses.replace(few_digits, train=few_digits.train.take(np.arange(5)))
    finished = finish(tiny, dataclasses.replace(SMALL, batch_size=4096), tmp_path)
    assert [row["epoch"] for row in finished.history] == [1, 2, 3]


def test_an_unknown_architecture_or_device_is_refused_before_anything_is_written(
    few_digits: Dataset, tmp_path: Path
) -> None:
    unknown = dataclasses.replace(SMALL, arch="resnet")  # type: ignore[arg-type]
    with pytest.raises(BadOption, match="no architecture 'resnet'"):
        list(train(few_digits, unknown, Run(tmp_path), device="cpu"))
    with pytest.raises(BadOption, match="no device 'abacus'"):
        list(train(few_digits, SMALL, Run(tmp_path), device="abacus"))
    assert not any(tmp_path.iterdir())


# What is told


def test_progress_counts_every_step_once(few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "REPORT_EVERY", 0)
    *reports, finished = train(few_digits, SMALL, Run(tmp_path), device="cpu")
    assert isinstance(finished, Finished)
    steps = [report for report in reports if isinstance(report, Progress) and not report.epoch_ends]
    ends = [report for report in reports if isinstance(report, Progress) and report.epoch_ends]
    assert [report.step for report in steps] == list(range(1, 13))  # 80 / 20 = 4 steps an epoch
    assert [report.epoch for report in steps] == [1] * 4 + [2] * 4 + [3] * 4
    assert [(report.epoch, report.step) for report in ends] == [(1, 4), (2, 8), (3, 12)]
    assert {report.steps for report in (*steps, *ends)} == {12}
    assert all(report.images_per_second > 0 and report.seconds_left >= 0 for report in (*steps, *ends))
    assert steps[-1].seconds_left == ends[-1].seconds_left == 0
    assert [report.val_accuracy for report in steps[:4]] == [None] * 4
    assert steps[4].val_accuracy == ends[0].val_accuracy == finished.history[0]["val_accuracy"]
    assert [report.loss for report in ends] == [row["loss"] for row in finished.history]


def validation(finished: Finished, dataset: Dataset) -> np.ndarray:
    return logits(load(finished.run.model)[0], dataset.val.images).astype(np.float64)


def test_the_validation_figures_are_scikit_learns(few_digits: Dataset, whole: Whole) -> None:
    finished = whole(SMALL)
    scores = validation(finished, few_digits)
    labels = few_digits.val.labels
    probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    told = finished.history[-1]
    assert told["val_accuracy"] == pytest.approx((scores.argmax(axis=1) == labels).mean())
    assert told["val_nll"] == pytest.approx(log_loss(labels, probabilities, labels=range(10)), abs=1e-4)


def test_the_temperature_in_the_checkpoint_is_the_best_there_is(few_digits: Dataset, whole: Whole) -> None:
    scores = torch.from_numpy(validation(whole(SMALL), few_digits))
    labels = torch.from_numpy(few_digits.val.labels)

    def cost(temperature: float) -> float:
        return float(F.cross_entropy(scores / temperature, labels))

    fitted = whole(SMALL).checkpoint.temperature
    assert cost(fitted) <= min(cost(float(other)) for other in np.geomspace(0.05, 20, 2000)) + 1e-6


def test_the_run_holds_a_log_a_record_and_a_checkpoint_that_agree(few_digits: Dataset, whole: Whole) -> None:
    finished = whole(SMALL)
    rows = [json.loads(line) for line in finished.run.log.read_text().splitlines()]
    assert rows == finished.history
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert all(
        row.keys() == {"epoch", "loss", "val_accuracy", "val_nll", "seconds", "images_per_second"} for row in rows
    )
    record = json.loads(finished.run.record.read_text())
    assert record["history"] == rows
    assert record["config"] == SMALL.filled().to_dict() == finished.checkpoint.config
    assert record["fingerprint"] == few_digits.fingerprint
    assert record["pictures"] == {"train": 80, "val": 64}
    assert record["validation"] == {key: rows[-1][key] for key in ("val_accuracy", "val_nll")}
    assert record["seconds"] == pytest.approx(sum(row["seconds"] for row in rows))
    assert record["versions"]["torch"] == torch.__version__
    assert record["temperature"] == finished.checkpoint.temperature
    network, checkpoint = load(finished.run.model)
    assert checkpoint == finished.checkpoint
    assert record["parameters"] == sum(parameter.numel() for parameter in network.parameters())
    assert (checkpoint.alphabet, checkpoint.framing) == (few_digits.alphabet, few_digits.framing)
    told = {key: value for key, value in record.items() if key not in ("config", "temperature", "history")}
    assert checkpoint.provenance == told


def test_what_a_killed_run_had_half_written_goes_when_it_goes_on(few_digits: Dataset, begun: Run) -> None:
    (begun.folder / ".0123456789abcdef.part").write_bytes(b"half a state")
    finish(few_digits, SMALL, begun.folder, resume=True)
    assert not list(begun.folder.glob("*.part"))


def test_a_run_that_was_resumed_tells_its_history_once(few_digits: Dataset, begun: Run) -> None:
    first = begun.log.read_text()
    finished = finish(few_digits, SMALL, begun.folder, resume=True)
    assert begun.log.read_text().startswith(first)
    assert [row["epoch"] for row in finished.history] == [1, 2, 3]
    again = finish(few_digits, SMALL, begun.folder, resume=True)  # nothing is left to do; it says the same
    assert again.history == finished.history
    assert weights(again.run) == weights(finished.run)


def test_training_learns(digits: Dataset, tmp_path: Path) -> None:
    config = TrainConfig("few", arch="cnn", epochs=4, batch_size=40, learning_rate=0.05)
    finished = finish(dataclasses.replace(digits, train=digits.train.take(np.arange(400))), config, tmp_path)
    assert finished.history[-1]["val_accuracy"] > 0.75  # of ten characters, from 40 glyphs of each
    assert finished.history[-1]["loss"] < finished.history[0]["loss"]


def test_half_precision_trains_and_leaves_whole_weights(
    few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.dtype] = []
    cross_entropy = F.cross_entropy

    def note(output: Tensor, *rest: Tensor, **options: float) -> Tensor:
        seen.append(output.dtype)
        return cross_entropy(output, *rest, **options)

    monkeypatch.setattr(F, "cross_entropy", note)
    monkeypatch.setattr(loop, "has_fast_bfloat16", lambda _: True)
    tiny = dataclasses.replace(few_digits, train=few_digits.train.take(np.arange(16)))
    config = TrainConfig("few", arch="mlp", epochs=1, batch_size=8)
    finished = finish(tiny, config, tmp_path)
    assert set(seen) == {torch.bfloat16}
    network, _ = load(finished.run.model)
    floats = [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
    assert all(tensor.dtype == torch.float32 and torch.isfinite(tensor).all() for tensor in floats)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_cuda_is_chosen_where_it_is_and_steps_as_the_cpu_does(
    few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "has_fast_bfloat16", lambda _: False)  # the same precision on both
    config = TrainConfig("few", arch="mlp", epochs=1, batch_size=40, elastic=0.5, stroke=0.5)  # two steps
    trained: dict[str, Finished] = {}
    for device, expected in ((None, "cuda"), ("cuda", "cuda"), ("cpu", "cpu")):
        assert choose_device(device).type == expected
        *_, finished = train(few_digits, config, Run(tmp_path / str(device)), device=device)
        assert isinstance(finished, Finished)
        assert f", {expected}, " in json.loads(finished.run.record.read_text())["machine"]
        trained[str(device)] = finished
    found, truth = (validation(trained[device], few_digits) for device in ("None", "cpu"))
    assert np.abs(found - truth).max() < 1e-3
    first, other = (trained[device].history[0] for device in ("None", "cpu"))
    assert first["loss"] == pytest.approx(other["loss"], abs=1e-4)


def test_glyphs_are_augmented_in_training_and_never_in_validation(
    few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warped: list[int] = []

    def count(glyphs: Tensor, *_: object) -> Tensor:
        warped.append(len(glyphs))
        assert torch.equal(glyphs, glyphs.clamp(0, 1))
        return glyphs

    monkeypatch.setattr(loop, "warp", count)
    finish(few_digits, SMALL, tmp_path)
    assert warped == [20] * 12


def test_the_plain_epochs_at_the_end_see_the_glyphs_as_they_are(
    few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: list[bool] = []

    def note(glyphs: Tensor, config: TrainConfig, generator: torch.Generator) -> Tensor:
        warped = warp(glyphs, config, generator)
        plain.append(torch.equal(warped, glyphs))
        return warped

    monkeypatch.setattr(loop, "warp", note)
    finish(few_digits, dataclasses.replace(SMALL, plain_epochs=1), tmp_path)
    assert plain == [False] * 8 + [True] * 4


def test_every_glyph_is_seen_at_most_once_an_epoch_in_an_order_of_its_own(
    few_digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered = few_digits.train.images.copy()
    numbered[:, 0, 0] = np.arange(80)
    dataset = dataclasses.replace(few_digits, train=dataclasses.replace(few_digits.train, images=numbered))
    seen: list[list[int]] = []

    def note(glyphs: Tensor, *_: object) -> Tensor:
        seen.append((glyphs[:, 0, 0, 0] * 255).round().int().tolist())
        return glyphs

    monkeypatch.setattr(loop, "warp", note)
    finish(dataset, SMALL, tmp_path)
    epochs = [list(chain.from_iterable(seen[4 * epoch : 4 * epoch + 4])) for epoch in range(3)]
    assert all(sorted(epoch) == list(range(80)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_the_input_of_the_network_is_ink_from_0_to_1(few_digits: Dataset) -> None:
    glyphs = to_input(torch.from_numpy(few_digits.train.images.copy()))
    assert (float(glyphs.min()), float(glyphs.max())) == (0, 1)
