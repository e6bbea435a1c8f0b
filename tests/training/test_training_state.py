"""The state of a run: it comes back to the last bit, and anything else is refused with a sentence."""

from pathlib import Path

import pytest
import torch

from inkread.alphabet import DIGITS
from inkread.errors import BadCheckpoint
from inkread.models import Checkpoint, build, save
from inkread.models.checkpoint import read_tensors, write_tensors
from inkread.run_folder import Run
from inkread.training.config import TrainConfig
from inkread.training.loop import make_optimizer
from inkread.training.state import Learner, State, capture, load_state, restore, save_state

HISTORY = [{"epoch": 1, "loss": 0.1 + 0.2, "val_accuracy": 1 / 3}, {"epoch": 2, "loss": 1e-300, "val_accuracy": 1.0}]


def trained(config: TrainConfig, steps: int) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """A network and its optimiser after some steps on noise."""
    torch.manual_seed(0)
    config = config.filled()
    network = build(config.arch, 10).to(memory_format=torch.channels_last)
    optimizer = make_optimizer(network, config)
    for _ in range(steps):
        optimizer.zero_grad()
        network(torch.rand(8, 1, 28, 28)).square().mean().backward()
        optimizer.step()
    return network, optimizer


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("name", ["sgd", "adamw", "muon"])
@pytest.mark.parametrize("arch", ["mlp", "cnn", "cnn-accurate"])
def test_a_state_comes_back_to_the_last_bit(tmp_path: Path, arch: str, name: str, steps: int) -> None:
    config = TrainConfig(arch=arch, optimizer=name, data=("a", "b")).filled()  # type: ignore[arg-type]
    network, optimizer = trained(config, steps)
    save_state(Run(tmp_path), State(capture(Learner(network, optimizer)), config, "cafe", list(HISTORY)))
    state = load_state(Run(tmp_path))
    assert (state.config, state.fingerprint, state.history) == (config, "cafe", HISTORY)

    other, fresh_optimizer = trained(config, 1 if steps else 0)
    restore(state, Learner(other, fresh_optimizer))
    for key, tensor in network.state_dict().items():
        assert torch.equal(other.state_dict()[key], tensor)
    expected, found = optimizer.state_dict(), fresh_optimizer.state_dict()
    assert found["param_groups"] == expected["param_groups"]
    assert found["state"].keys() == expected["state"].keys()
    for index, slots in expected["state"].items():
        assert found["state"][index].keys() == slots.keys()
        assert all(torch.equal(found["state"][index][slot], value) for slot, value in slots.items())


def begin(run: Run) -> Run:
    network, optimizer = trained(TrainConfig(), 0)
    save_state(run, State(capture(Learner(network, optimizer)), TrainConfig(), "cafe", []))
    return run


def test_a_missing_state_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="there is nothing to resume in .*; start without --resume"):
        load_state(Run(tmp_path))


def test_a_network_is_no_state(tmp_path: Path) -> None:
    save(Run(tmp_path).state, build("mlp", 10), Checkpoint("digits", "mlp", DIGITS, "mnist"))
    with pytest.raises(BadCheckpoint, match="is not the state of a training run"):
        load_state(Run(tmp_path))


@pytest.mark.parametrize(
    "changes", [{"config": {"mixup": 1}}, {"config": 3}, {"history": 3}, {"history": None}], ids=str
)
def test_a_state_of_another_form_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    run = begin(Run(tmp_path))
    tensors, metadata = read_tensors(run.state)
    changed = {key: value for key, value in {**metadata, **changes}.items() if value is not None}
    write_tensors(run.state, tensors, changed)
    with pytest.raises(BadCheckpoint, match="is not the state of a training run"):
        load_state(run)
