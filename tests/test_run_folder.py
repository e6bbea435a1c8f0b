"""A run's folder: its files are whole, its names are never taken twice."""

import json
from pathlib import Path

import pytest

from inkread import run_folder
from inkread.alphabet import DIGITS
from inkread.errors import BadCheckpoint
from inkread.models import Checkpoint, build, save
from inkread.run_folder import Run, newest, reserved
from inkread.training.config import TrainConfig

HISTORY = [{"epoch": 1, "loss": 0.1 + 0.2, "val_accuracy": 1 / 3}, {"epoch": 2, "loss": 1e-300, "val_accuracy": 1.0}]


def test_the_files_of_a_run_have_the_names_that_its_docstring_promises() -> None:
    run = Run(Path("runs/digits-cnn"))
    paths = (run.model, run.onnx, run.state, run.log, run.record, run.curve)
    names = ["model.safetensors", "model.onnx", "state.safetensors", "log.jsonl", "record.json", "curve.svg"]
    assert [path.name for path in paths] == names
    assert run_folder.__doc__ is not None
    assert all(name in run_folder.__doc__ for name in names)
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
    run.folder.mkdir(parents=True, exist_ok=True)
    run.state.write_bytes(b"whatever training keeps")
    return run


def test_a_new_run_takes_the_first_free_name_and_resume_means_the_last_one_taken(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"there is no run to resume at .*digits-cnn; start one without --resume"):
        newest(tmp_path, "digits-cnn")
    assert reserved(tmp_path / "none", "digits-cnn").folder == tmp_path / "none" / "digits-cnn"
    for number in range(1, 4):
        run = begin(reserved(tmp_path, "digits-cnn"))
        assert run.folder.name == ("digits-cnn" if number == 1 else f"digits-cnn-{number}")
        assert newest(tmp_path, "digits-cnn") == run
    assert reserved(tmp_path, "letters-mlp").folder == tmp_path / "letters-mlp"


def test_two_trainings_that_begin_together_have_a_folder_each(tmp_path: Path) -> None:
    first, second = (reserved(tmp_path, "digits-cnn").folder for _ in range(2))
    assert (first.name, second.name) == ("digits-cnn", "digits-cnn-2")
    assert first.is_dir() and second.is_dir()


def test_runs_that_were_deleted_leave_the_order_of_the_others(tmp_path: Path) -> None:
    for number in (2, 9, 10):
        begin(Run(tmp_path / f"a.b-cnn-{number}"))
    assert newest(tmp_path, "a.b-cnn").folder.name == "a.b-cnn-10"
    assert (
        reserved(tmp_path, "a.b-cnn").folder.name == "a.b-cnn-11"
    )  # not the free name: it would look older than it is
    (tmp_path / "a.b-cnn-10" / "state.safetensors").unlink()
    assert newest(tmp_path, "a.b-cnn").folder.name == "a.b-cnn-9"


def test_names_that_only_look_alike_are_other_runs(tmp_path: Path) -> None:
    begin(Run(tmp_path / "digits-cnn"))
    for name in ("digits-cnn-accurate", "digits-cnn-1", "digits-cnn-02", "digits-cnn-2-old", "my-digits-cnn-3"):
        begin(Run(tmp_path / name))
    assert newest(tmp_path, "digits-cnn").folder.name == "digits-cnn"
    assert reserved(tmp_path, "digits-cnn").folder.name == "digits-cnn-2"


def test_a_folder_without_weights_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "digits-cnn").mkdir()
    assert not Run(tmp_path / "digits-cnn").exists
    assert reserved(tmp_path, "digits-cnn").folder == tmp_path / "digits-cnn-2"  # the other may be another training's
    description = Checkpoint("digits", "mlp", DIGITS, "mnist")
    save(Run(tmp_path / "digits-cnn").model, build("mlp", 10), description)  # a network copied from elsewhere
    assert Run(tmp_path / "digits-cnn").exists


def test_a_folder_with_the_network_for_reading_alone_is_never_taken_again_and_not_resumed(tmp_path: Path) -> None:
    begin(Run(tmp_path / "digits-cnn"))
    sent = Run(tmp_path / "digits-cnn-2")
    sent.folder.mkdir()
    sent.onnx.write_bytes(b"what a colleague sent")
    assert sent.taken and not sent.exists
    assert reserved(tmp_path, "digits-cnn").folder.name == "digits-cnn-3"
    assert newest(tmp_path, "digits-cnn").folder.name == "digits-cnn"
