"""What training needs to go on after a stop <-> a run's state.safetensors.

A run that was killed and goes on from there walks the very same steps as one that was never stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from inkread.errors import BadCheckpoint, BadOption
from inkread.models.checkpoint import read_tensors, write_tensors
from inkread.run_folder import Row, Run
from inkread.training.config import TrainConfig


@dataclass(frozen=True)
class State:
    """What a run was when an epoch ended; ``fingerprint`` is that of its data, ``teachers`` of each of its teachers."""

    tensors: Mapping[str, Tensor]
    config: TrainConfig
    fingerprint: str
    history: list[Row]
    teachers: tuple[str, ...] = ()


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
    metadata = {
        "config": state.config.to_dict(), "fingerprint": state.fingerprint, "history": list(state.history),
        "teachers": list(state.teachers),
    }  # fmt: skip
    write_tensors(run.state, state.tensors, metadata)


def load_state(run: Run) -> State:
    """Read what `save_state` wrote; raises BadCheckpoint where there is nothing to go on with."""
    if not run.state.exists():
        raise BadCheckpoint(f"there is nothing to resume in {run.folder}; start without --resume")
    tensors, metadata = read_tensors(run.state)
    try:
        config = TrainConfig.from_dict(metadata["config"])
        history, teachers = list(metadata["history"]), tuple(metadata.get("teachers", ()))
        return State(tensors, config, str(metadata["fingerprint"]), history, teachers)
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
