"""A data set and a configuration -> a trained network on disk. The whole loop is one function, `train`.

It yields what it measures and shows nothing. All randomness of an epoch comes from the seed and the epoch's number, so
a run that was killed and resumed at an epoch's end walks the very same steps as one that was never stopped.
"""

from __future__ import annotations

import hashlib
import math
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from inkread.data import Dataset, Split
from inkread.errors import BadCheckpoint, BadData, TrainingDiverged
from inkread.evaluation import calibration
from inkread.models import Checkpoint, build, logits, measure, save
from inkread.models.predict import to_input
from inkread.run_folder import Row, Run
from inkread.training.augment import warp
from inkread.training.config import TrainConfig, differing
from inkread.training.device import choose_device, has_fast_bfloat16
from inkread.training.distillation import fingerprints, open_teachers
from inkread.training.muon import LIKE_SGD, Muon, mixing
from inkread.training.state import Learner, State, capture, load_state, restore, save_state

REPORT_EVERY = 0.2  # seconds between two reports of progress
WARM_UP = 0.25  # share of the steps in which the learning rate rises
FORGOTTEN = 4.0  # e-folds by which the average has forgotten its first weights at the end: 2 % are left
MOMENTUM = 0.9
FIRST_RATE, LAST_RATE = 1 / 25, 1e-4  # learning rate at the first and last step, as shares of its peak

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]  # logits (N, C), glyphs (N, 1, 28, 28), labels (N,) -> one number


@dataclass(frozen=True)
class Progress:
    """Where training stands: after ``step`` of ``steps`` steps in all."""

    epoch: int
    step: int
    steps: int
    loss: float
    images_per_second: float
    seconds_left: float
    val_accuracy: float | None
    epoch_ends: bool = False


@dataclass(frozen=True)
class Finished:
    """A trained network: its description, its history (one row an epoch) and its folder."""

    run: Run
    checkpoint: Checkpoint
    history: list[Row]


def one_cycle(progress: float) -> float:
    """Learning rate as a share of its peak, at ``progress`` 0..1 of all steps (Smith and Topin 2018, cosine arcs)."""
    if progress < WARM_UP:
        return FIRST_RATE + (1 - FIRST_RATE) * (1 - math.cos(math.pi * progress / WARM_UP)) / 2
    return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2


def epoch_seed(seed: int, epoch: int) -> int:
    """An independent seed for each epoch of each run."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{epoch}".encode(), digest_size=7).digest())


def make_optimizer(network: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """The optimiser of the configuration; its learning rate is set anew at every step."""
    parameters, decay = network.parameters(), config.weight_decay
    if config.optimizer == "adamw":
        return torch.optim.AdamW(parameters, lr=1.0, weight_decay=decay)
    if config.optimizer == "muon":
        mix, others = mixing(network)
        groups = [{"params": mix, "rms": LIKE_SGD}, {"params": others, "rms": None, "momentum": MOMENTUM}]
        return Muon(groups, lr=1.0, weight_decay=decay)
    return torch.optim.SGD(parameters, lr=1.0, momentum=MOMENTUM, nesterov=True, weight_decay=decay)


def make_average(network: nn.Module, config: TrainConfig, steps: int) -> AveragedModel | None:
    """A moving average of the weights, and of what batch normalisation has seen (Polyak and Juditsky 1992); or none.

    It begins with the weights after the first step. In a run of few ``steps`` it moves faster than it was asked to, or
    much of these would be left at the end.
    """
    if not config.averaging:
        return None
    decay = min(config.averaging, max(0.0, 1 - FORGOTTEN / steps))
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def make_learner(config: TrainConfig, classes: int, place: torch.device, steps: int) -> Learner:
    """A fresh network with all that its training in so many steps needs."""
    torch.manual_seed(config.seed)
    network = build(config.arch, classes).to(place).to(memory_format=torch.channels_last)
    return Learner(network, make_optimizer(network, config), make_average(network, config, steps))


def steps_of(config: TrainConfig, glyphs: int) -> tuple[int, int]:
    """The size of a batch, and how many of them an epoch has; a last one that is not full is left out."""
    batch_size = min(config.batch_size, glyphs)
    return batch_size, glyphs // batch_size


def make_loss(config: TrainConfig, dataset: Dataset, place: torch.device) -> Loss:
    """What is made small: how far logits are from the labels or, where there are teachers, from what these say."""
    smoothing = config.label_smoothing
    if config.teacher:
        teachers = open_teachers(config.teacher, config.teacher_temperature, dataset, place)
        return lambda logits, glyphs, labels: teachers.loss(logits, glyphs, smoothing)
    return lambda logits, glyphs, labels: F.cross_entropy(logits, labels, label_smoothing=smoothing)


def train(
    dataset: Dataset, config: TrainConfig, run: Run, *, resume: bool = False, device: str | None = None
) -> Iterator[Progress | Finished]:
    """Train on ``dataset.train``, measure on ``dataset.val``; yield Progress now and then, Finished at the end.

    After every epoch the run's folder holds a whole state. Raises BadData without a validation part, TrainingDiverged
    when the loss is no number, BadCheckpoint when ``resume`` finds another configuration, other data or another teacher
    than the run began with, and what `open_teachers` raises.
    """
    config = config.filled()
    if not len(dataset.val):
        raise BadData(
            f"{dataset.name} has {len(dataset.train):,} glyphs to learn from and none for validation; expected some "
            "hundred at least, or some that are marked 'val'"
        )
    place = choose_device(device)
    images, labels = placed(dataset.train, place)  # (N, 28, 28), (N,)
    loss_of = make_loss(config, dataset, place)
    batch_size, steps_per_epoch = steps_of(config, len(images))
    steps = config.epochs * steps_per_epoch
    learner = make_learner(config, len(dataset.alphabet), place, steps)
    network, optimizer = learner.network, learner.optimizer
    teachers = fingerprints(config.teacher)
    history = go_on(dataset, config, run, learner, teachers) if resume else []
    run.sweep()

    def keep() -> None:
        save_state(run, State(capture(learner), config, dataset.fingerprint, history, teachers))
        run.write_log(history)

    keep()
    half = torch.autocast(place.type, torch.bfloat16, enabled=has_fast_bfloat16(place))
    val_accuracy = history[-1]["val_accuracy"] if history else None

    for epoch in range(len(history), config.epochs):
        generator = Generator().manual_seed(epoch_seed(config.seed, epoch))
        torch.manual_seed(epoch_seed(config.seed, epoch))  # dropout draws from the global generator
        order = torch.randperm(len(images), generator=generator)[: steps_per_epoch * batch_size]
        started = reported = time.perf_counter()
        total = torch.zeros((), device=place)
        augmentation = config.at(epoch)
        learning(network, config)
        for index, batch in enumerate(order.view(steps_per_epoch, batch_size).to(place)):
            step = epoch * steps_per_epoch + index
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * one_cycle(step / steps)
            glyphs = warp(to_input(images[batch]), augmentation, generator)
            with half:
                loss = loss_of(network(glyphs), glyphs, labels[batch])
            learner.step(loss)
            total += loss.detach()
            now = time.perf_counter()
            if now - reported > REPORT_EVERY:
                reported = now
                speed = (index + 1) / (now - started)  # steps a second
                mean = check_finite(total.item() / (index + 1), epoch, config)
                yield Progress(
                    epoch + 1, step + 1, steps, mean, speed * batch_size, (steps - step - 1) / speed, val_accuracy
                )
        mean = check_finite(total.item() / steps_per_epoch, epoch, config)
        seconds = time.perf_counter() - started
        val = measure_validation(learner.learnt, dataset.val, epoch, config)
        val_accuracy = val["val_accuracy"]
        row = {
            "epoch": epoch + 1,
            "loss": mean,
            **val,
            "seconds": time.perf_counter() - started,
            "images_per_second": steps_per_epoch * batch_size / seconds,
        }
        history.append(row)
        keep()
        yield Progress(
            epoch + 1, (epoch + 1) * steps_per_epoch, steps, mean, row["images_per_second"],
            seconds * (config.epochs - epoch - 1), val_accuracy, epoch_ends=True,
        )  # fmt: skip
    yield finish(learner.learnt, dataset, config, run, history)


def learning(network: nn.Module, config: TrainConfig) -> None:
    """Put a network into training mode; one that is trained further keeps the averages of its normalisations.

    A writer's few glyphs would spoil them, and weights that come from an ONNX file have lost some.
    """
    network.train()
    if config.start:
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                layer.eval()


def go_on(dataset: Dataset, config: TrainConfig, run: Run, learner: Learner, teachers: tuple[str, ...]) -> list[Row]:
    """Put the learner where the run's last whole epoch left it; give the rows of the epochs done."""
    state = load_state(run)
    check_same(state, config, dataset, teachers)
    restore(state, learner)
    return state.history


def placed(split: Split, place: torch.device) -> tuple[Tensor, Tensor]:
    """Glyphs and labels as tensors on a device; refuses a set that batch normalisation cannot work with."""
    if len(split) < 2:
        raise BadData(f"the training set has {len(split)} pictures; expected at least 2")
    return torch.from_numpy(split.images).to(place), torch.from_numpy(split.labels).to(place)


def check_same(state: State, config: TrainConfig, dataset: Dataset, teachers: tuple[str, ...]) -> None:
    """Refuse to go on with a run under another configuration, on other data or with another teacher."""
    before, now = state.config.filled().to_dict(), config.to_dict()
    told = [f"{name} was {old}, is {new}" for name, old, new in differing(before, now)]
    if told:
        raise BadCheckpoint(f"this run was started otherwise: {'; '.join(told)}. Resume it with its own options")
    if state.fingerprint != dataset.fingerprint:
        raise BadCheckpoint(
            f"this run was started on other data (fingerprint {state.fingerprint}, now {dataset.fingerprint}); "
            "start anew"
        )
    if state.teachers != teachers:
        raise BadCheckpoint(f"{', '.join(config.teacher)} was trained anew since this run began; start this anew, too")


def check_finite(loss: float, epoch: int, config: TrainConfig) -> float:
    """The loss, unless it is no number any more."""
    if not math.isfinite(loss):
        raise TrainingDiverged(
            f"the loss became {loss} in epoch {epoch + 1}; try a lower --learning-rate than {config.learning_rate}"
        )
    return loss


def measure_validation(network: nn.Module, val: Split, epoch: int, config: TrainConfig) -> dict[str, float]:
    """Accuracy (0..1) and negative log-likelihood (nats) on the validation part, of a network that the last step of the
    epoch has not spoilt.
    """
    seen = logits(network, val.images)
    check_finite(float(seen.sum()), epoch, config)
    log_probs = calibration.log_softmax(seen)
    right = log_probs.argmax(axis=1) == val.labels
    nll = -log_probs[np.arange(len(val)), val.labels].mean()
    return {"val_accuracy": float(right.mean()), "val_nll": float(nll)}


def finish(network: nn.Module, dataset: Dataset, config: TrainConfig, run: Run, history: list[Row]) -> Finished:
    """Fit the temperature on validation data, write network and record."""
    place = next(network.parameters()).device
    network = network.cpu().to(memory_format=torch.contiguous_format)
    size = measure(network)
    provenance: dict[str, object] = {
        "data": dataset.name,
        "remark": dataset.remark,
        "fingerprint": dataset.fingerprint,
        "pictures": {"train": len(dataset.train), "val": len(dataset.val)},
        "validation": {key: value for key, value in history[-1].items() if key.startswith("val_")},
        "seconds": sum(row["seconds"] for row in history),
        "parameters": size.parameters,
        "multiply_adds": size.multiply_adds,
        "machine": f"{platform.machine()}, {place.type}, {torch.get_num_threads()} threads",
        "versions": {
            "inkread": version("inkread"),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
    checkpoint = Checkpoint(
        name=dataset.name,
        arch=config.arch,
        alphabet=dataset.alphabet,
        framing=dataset.framing,
        temperature=calibration.fit_temperature(logits(network, dataset.val.images), dataset.val.labels),
        config=config.to_dict(),
        provenance=provenance,
    )
    save(run.model, network, checkpoint)
    run.write_record(
        {"config": config.to_dict(), "temperature": checkpoint.temperature, **provenance, "history": history}
    )
    return Finished(run, checkpoint, history)
