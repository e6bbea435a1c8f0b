"""One training run as a folder: which file holds what, and how training goes on after a stop.

runs/digits-cnn/
  model.safetensors   the trained network (written at the end)
  model.onnx          the same, for reading without torch (written by `inkread train` and `inkread export`)
  state.safetensors   weights, optimiser and history after the last whole epoch
  log.jsonl           one row an epoch
  record.json         configuration, figures, machine
  curve.svg           the learning curve
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from inkread.errors import BadCheckpoint, BadOption
from inkread.files import write_whole
from inkread.models.checkpoint import read_tensors, write_tensors
from inkread.training.config import TrainConfig

Row = Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """The folder of one training run."""

    folder: Path

    @property
    def model(self) -> Path:
        """The trained network."""
        return self.folder / "model.safetensors"

    @property
    def onnx(self) -> Path:
        """The trained network for reading."""
        return self.folder / "model.onnx"

    @property
    def state(self) -> Path:
        """Everything that training needs to go on."""
        return self.folder / "state.safetensors"

    @property
    def log(self) -> Path:
        """One row an epoch, JSON lines."""
        return self.folder / "log.jsonl"

    @property
    def record(self) -> Path:
        """Configuration, figures and machine, JSON."""
        return self.folder / "record.json"

    @property
    def curve(self) -> Path:
        """The learning curve, SVG."""
        return self.folder / "curve.svg"

    @property
    def exists(self) -> bool:
        """Whether training has been started here."""
        return self.state.exists() or self.model.exists()

    def sweep(self) -> None:
        """Remove what a training that was killed here had half written; `inkread.files` names it."""
        for partial in self.folder.glob(".*.part"):
            partial.unlink(missing_ok=True)

    def write_log(self, history: Sequence[Row]) -> None:
        """Write the whole log anew: a run that was killed leaves no half row and no epoch twice."""
        write_whole(self.log, "".join(json.dumps(row) + "\n" for row in history).encode())

    def write_record(self, record: Mapping[str, object]) -> None:
        """Write configuration, figures and machine."""
        write_whole(self.record, (json.dumps(record, indent=2) + "\n").encode())


@dataclass(frozen=True)
class State:
    """What a run was when an epoch ended."""

    tensors: Mapping[str, Tensor]
    config: TrainConfig
    fingerprint: str
    history: list[Row]


@dataclass(frozen=True)
class Learner:
    """What learns: a network, its optimiser, and the moving average of its weights where one is kept."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    average: AveragedModel | None = None

    @property
    def learnt(self) -> nn.Module:
        """The network that is measured and kept: the average, if there is one."""
        return self.network if self.average is None else self.average.module

    def step(self, loss: Tensor) -> None:
        """Go down the slope of a loss; the average follows."""
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.network)


def capture(learner: Learner) -> dict[str, Tensor]:
    """Weights, averaged weights and optimiser as named tensors; `restore` puts them back."""
    tensors = {f"network.{name}": tensor for name, tensor in learner.network.state_dict().items()}
    if learner.average is not None:
        tensors |= {f"average.{name}": tensor for name, tensor in learner.average.state_dict().items()}
    for index, slots in learner.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{slot}": value for slot, value in slots.items() if value is not None}
    return tensors


def save_state(run: Run, state: State) -> None:
    """Write everything that training needs to go on, whole or not at all."""
    metadata = {"config": state.config.to_dict(), "fingerprint": state.fingerprint, "history": list(state.history)}
    write_tensors(run.state, state.tensors, metadata)


def load_state(run: Run) -> State:
    """Read what `save_state` wrote; raises BadCheckpoint where there is nothing to go on with."""
    if not run.state.exists():
        raise BadCheckpoint(f"there is nothing to resume in {run.folder}; start without --resume")
    tensors, metadata = read_tensors(run.state)
    try:
        config = TrainConfig.from_dict(metadata["config"])
        return State(tensors, config, str(metadata["fingerprint"]), list(metadata["history"]))
    except (KeyError, TypeError, BadOption) as error:
        raise BadCheckpoint(f"{run.state} is not the state of a training run ({error})") from error


def restore(state: State, learner: Learner) -> None:
    """Put weights, averaged weights and optimiser back as they were when the state was saved."""
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}}
    for name, tensor in state.tensors.items():
        room, _, rest = name.partition(".")
        parts[room][rest] = tensor
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in parts["optimizer"].items():
        index, _, slot = name.partition(".")
        slots.setdefault(int(index), {})[slot] = tensor
    learner.network.load_state_dict(parts["network"])
    if learner.average is not None:
        learner.average.load_state_dict(parts["average"])
    optimizer = learner.optimizer
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})


def newest(folder: Path, stem: str) -> Run:
    """The run that was started last under a name: ``stem``, or ``stem-2``, ``stem-3``… where there are several."""
    runs = numbered(folder, stem)
    if not runs:
        raise BadCheckpoint(f"there is no run to resume at {folder / stem}; start one without --resume")
    return runs[max(runs)]


def fresh(folder: Path, stem: str) -> Run:
    """The folder for a new run of a name: numbered after all that are there, so that the newest has the last number."""
    number = max(numbered(folder, stem), default=0) + 1
    return Run(folder / (stem if number == 1 else f"{stem}-{number}"))


def numbered(folder: Path, stem: str) -> dict[int, Run]:
    """The runs of a name that are there, by number: ``stem`` is 1. Some may have been deleted."""
    name = re.compile(re.escape(stem) + r"(?:-([2-9]|[1-9]\d+))?")
    places = [(place, name.fullmatch(place.name)) for place in folder.iterdir()] if folder.is_dir() else []
    runs = {int(match[1] or 1): Run(place) for place, match in places if match}
    return {number: run for number, run in runs.items() if run.exists}
