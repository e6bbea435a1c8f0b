"""The first mistakes that a newcomer makes: each answer is one sentence, and ends with a command that can be typed."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import inkread as package
from inkread import errors
from inkread.interfaces.cli import app
from inkread.nearest import nearest, nearest_file
from tests.conftest import Command


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder holds two pictures, folders without any, and two runs, runs/letters-cnn the newer one."""
    monkeypatch.chdir(tmp_path)
    for name in ("note.png", "my list.jpg"):
        Image.fromarray(np.full((40, 60), 250, np.uint8)).save(tmp_path / name)
    (tmp_path / "note.txt").write_text("no picture")
    for folder in ("empty", "scans/monday", "runs/digits-cnn", "runs/demo/letters-cnn"):
        (tmp_path / folder).mkdir(parents=True)
    for age, run in ((100, "digits-cnn"), (50, "demo/letters-cnn")):
        (tmp_path / "runs" / run / "model.onnx").write_bytes(b"weights")
        os.utime(tmp_path / "runs" / run, (1_000_000 - age,) * 2)
    return tmp_path


@pytest.mark.parametrize(
    ("call", "said", "next_command"),
    [
        ("read nite.png", "did you mean note.png", "inkread read note.png"),
        ("read NOTE.jpg", "did you mean note.png", "inkread read note.png"),
        ("read my-list.jpg", "did you mean my list.jpg", "inkread read 'my list.jpg'"),
        ("read xyz.gif", "there are my list.jpg, note.png", "inkread read 'my list.jpg'"),
        ("read empty/xyz.gif", "empty holds no picture", "inkread read PATH/OF/A/PICTURE"),
        ("read nowhere/xyz.gif", "nor does the folder nowhere", "inkread read PATH/OF/A/PICTURE"),
        ("read empty", "empty is a folder without pictures", "inkread read PATH/OF/A/PICTURE"),
        ("read scans", "for those in the folders in it (1)", "inkread read scans --recursive"),
        ("read note.png --model digit", "did you mean digits", "inkread read note.png --model digits"),
        ("evaluate digits-cn", "did you mean runs/digits-cnn", "inkread evaluate runs/digits-cnn"),
        ("evaluate runs/leters-cnn", "did you mean runs/demo/letters-cnn", "inkread evaluate runs/demo/letters-cnn"),
        (
            "evaluate xyz",
            "there are runs/demo/letters-cnn, runs/digits-cnn",
            "inkread evaluate runs/demo/letters-cnn",
        ),
        ("messages lettres", "did you mean letters", "inkread messages letters"),
        ("look runs/digits-cn", "did you mean runs/digits-cnn", "inkread look runs/digits-cnn"),
        ("look none.onnx", "none.onnx does not exist", "inkread look runs/demo/letters-cnn"),
        ("export xyz", "expected a run's folder", "inkread export runs/demo/letters-cnn"),
        ("data get mnits", "did you mean mnist", "inkread data get mnist"),
        ("data verify emnist-leters", "did you mean emnist-letters", "inkread data verify emnist-letters"),
        ("data get emnist", "emnist has parts: emnist-letters, emnist-balanced", "inkread data get emnist-letters"),
        ("train EMNIST", "EMNIST has parts: emnist-letters, emnist-balanced", "inkread train emnist-letters"),
        ("data get sample-digits", "sample-digits ships with inkread", "inkread train sample-digits"),
        ("data verify synthetic-letters", "ships with inkread", "inkread train synthetic-letters"),
        ("data get xyz", "it has mnist, emnist-letters", "inkread data list"),
        ("train digts", "did you mean digits", "inkread train digits"),
        ("train xyz", "the data sets are digits, letters", "inkread data list"),
        ("read", "name at least one picture", "inkread read note.jpg"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_not_there_is_answered_with_the_next_command(
    call: str, said: str, next_command: str, inkread: Command
) -> None:
    answer = inkread(*call.split())
    assert answer.code == 1 and answer.out == ""
    assert said in answer.sentence
    assert answer.sentence.endswith(f": {next_command}"), answer.sentence
    app.parse_args(shlex.split(next_command)[1:])  # raises where the command line does not know it


@pytest.mark.parametrize("call", ["messages digits", "bench read", "bench robustness"])
def test_a_seed_below_zero_is_answered_in_one_sentence(call: str, inkread: Command) -> None:
    answer = inkread(*call.split(), "--seed", "-1")
    assert answer.code == 1 and answer.out == ""
    assert answer.sentence == "inkread: seed is -1; expected 0 or more"


@pytest.mark.parametrize(
    ("call", "said", "next_command"),
    [
        ("raed note.png", 'Did you mean "read"', "inkread --help"),
        ("read note.png --modle x", "Did you mean --model?", "inkread read --help"),
        ("data gte mnist", 'Did you mean "get"', "inkread data --help"),
        ("data get", "requires an argument", "inkread data get --help"),
        ("train --arch resnet", '"cnn-accurate"', "inkread train --help"),
    ],
)
def test_a_wrong_call_is_one_sentence_that_names_the_help(
    call: str, said: str, next_command: str, inkread: Command
) -> None:
    answer = inkread(*call.split())
    assert answer.code == 2 and answer.out == ""
    assert said in answer.sentence and answer.sentence.endswith(f"Try: {next_command}")
    assert inkread(*next_command.split()[1:]).code == 0


def test_without_any_run_evaluate_says_how_to_make_one(
    tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert inkread("evaluate", "xyz").sentence.endswith("; make a run with: inkread train digits")


def test_a_run_that_is_not_exported_yet_names_the_export(here: Path, inkread: Command) -> None:
    run = here / "runs" / "digits-cnn"
    (run / "model.onnx").rename(run / "model.safetensors")
    answer = inkread("read", "note.png", "--model", "runs/digits-cnn")
    assert answer.sentence.endswith("make it with: inkread export runs/digits-cnn runs/digits-cnn/model.onnx")


def test_python_asks_for_the_nearest_file_too(here: Path) -> None:
    with pytest.raises(errors.BadPicture, match=re.escape(f"did you mean {here / 'note.png'}?")):
        package.load("digits").read(here / "notes.png")
    Path("notex.py").touch()
    assert nearest_file(here / "notex.jpg") == here / "note.png"  # no program is a picture
    assert nearest_file(here / "xyz.gif") is None and nearest_file(here / "nowhere" / "note.png") is None


def test_a_name_far_from_all_others_is_near_to_none() -> None:
    names = ["mnist", "emnist-letters", "Digits"]
    assert [nearest(name, names) for name in ("mnits", "digit", "EMNIST-LETTERS", "resnet", "")] == [
        "mnist", "Digits", "emnist-letters", None, None,
    ]  # fmt: skip
