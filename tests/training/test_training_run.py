"""A run's folder: its state comes back to the last bit, its files are whole, its names are never taken twice."""

import json
from pathlib import Path

import pytest
import torch

from inkread.alphabet import DIGITS
from inkread.errors import BadCheckpoint
from inkread.models import Checkpoint, build, save
from inkread.models.checkpoint import read_tensors, write_tensors
from inkread.training.config import TrainConfig
from inkread.training.loop import make_optimizer
from inkread.training.run import Learner, Run, State, capture, fresh, load_state, newest, restore, save_state

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


def test_the_files_of_a_run_have_the_names_that_its_docstring_promises() -> None:
    run = Run(Path("runs/digits-cnn"))
    paths = (run.model, run.onnx, run.state, run.log, run.record, run.curve)
    names = ["model.safetensors", "model.onnx", "state.safetensors", "log.jsonl", "record.json", "curve.svg"]
    assert [path.name for path in paths] == names
    from inkread.training import run as module

    assert module.__doc__ is not None
    assert all(name in module.__doc__ for name in names)
    assert {path.parent for path in paths} == {run.folder}


def test_the_log_is_written_anew_and_whole(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.log.write_text('{"epoch": 1}\n{"epo')  # half a row of another program
    run.write_log(HISTORY)
    assert [json.loads(line) for line in run.log.read_text().splitlines()] == HISTORY
    run.write_log([])
    assert run.log.read_text() == ""


def test_the_record_is_json_for_people_and_machines(tmp_path: Path) -> None:
    Run(tmp_path).write_record({"config": TrainConfig().to_dict(), "history": HISTORY})
    text = Run(tmp_path).record.read_text()
    assert json.loads(text) == {"config": TrainConfig().to_dict(), "history": HISTORY}
    assert text.count("\n") > 10 and text.endswith("\n")


def begin(run: Run) -> Run:
    network, optimizer = trained(TrainConfig(), 0)
    save_state(run, State(capture(Learner(network, optimizer)), TrainConfig(), "cafe", []))
    return run


def test_a_new_run_takes_the_first_free_name_and_resume_means_the_last_one_taken(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"there is no run to resume at .*digits-cnn; start one without --resume"):
        newest(tmp_path, "digits-cnn")
    assert fresh(tmp_path / "none", "digits-cnn").folder == tmp_path / "none" / "digits-cnn"
    for number in range(1, 4):
        run = begin(fresh(tmp_path, "digits-cnn"))
        assert run.folder.name == ("digits-cnn" if number == 1 else f"digits-cnn-{number}")
        assert newest(tmp_path, "digits-cnn") == run
    assert fresh(tmp_path, "letters-mlp").folder == tmp_path / "letters-mlp"


def test_runs_that_were_deleted_leave_the_order_of_the_others(tmp_path: Path) -> None:
    for number in (2, 9, 10):
        begin(Run(tmp_path / f"a.b-cnn-{number}"))
    assert newest(tmp_path, "a.b-cnn").folder.name == "a.b-cnn-10"
    assert fresh(tmp_path, "a.b-cnn").folder.name == "a.b-cnn-11"  # not the free name: it would look older than it is
    (tmp_path / "a.b-cnn-10" / "state.safetensors").unlink()
    assert newest(tmp_path, "a.b-cnn").folder.name == "a.b-cnn-9"


def test_names_that_only_look_alike_are_other_runs(tmp_path: Path) -> None:
    begin(Run(tmp_path / "digits-cnn"))
    for name in ("digits-cnn-accurate", "digits-cnn-1", "digits-cnn-02", "digits-cnn-2-old", "my-digits-cnn-3"):
        begin(Run(tmp_path / name))
    assert newest(tmp_path, "digits-cnn").folder.name == "digits-cnn"
    assert fresh(tmp_path, "digits-cnn").folder.name == "digits-cnn-2"


def test_a_folder_without_weights_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "digits-cnn").mkdir()
    assert not Run(tmp_path / "digits-cnn").exists
    assert fresh(tmp_path, "digits-cnn").folder == tmp_path / "digits-cnn"
    description = Checkpoint("digits", "mlp", DIGITS, "mnist")
    save(Run(tmp_path / "digits-cnn").model, build("mlp", 10), description)  # a network copied from elsewhere
    assert Run(tmp_path / "digits-cnn").exists


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
