"""`inkread export-web`: a folder that is whole, asks nothing of other hosts, and overwrites nothing of others."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from inkread.errors import BadOption
from inkread.interfaces.web import check, folder
from inkread.interfaces.web.check import Agreement
from inkread.interfaces.web.folder import Model
from inkread.interfaces.web.runtime import FILES, VERSION
from tests.conftest import Command


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder that looks like onnxruntime-web."""
    place = tmp_path / "onnxruntime-web"
    (place / "dist").mkdir(parents=True)
    for name in FILES:
        (place / name).write_bytes(b"export {};")
    (place / "package.json").write_text(json.dumps({"version": VERSION}))
    return place


@pytest.fixture(autouse=True)
def _few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "GLYPHS", 4)


def unread(name: str) -> Model:
    """A model as the folder holds it, without a network in it."""
    return Model(name, "glyph", "A digit", "0123456789", b"a graph", Agreement(4, 4, 0))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder as it is written, but for what ONNX Runtime and the network hold."""
    folder.write_folder(tmp_path / "site", [unread("digits")], dict.fromkeys(FILES.values(), b"export {};"))
    return tmp_path / "site"


def test_the_command_tells_what_was_checked_the_size_and_how_to_open_it(
    tmp_path: Path, package: Path, inkread: Command
) -> None:
    answer = inkread("export-web", tmp_path / "site", "--model", "digits", "--onnxruntime-web", package)
    size = sum(path.stat().st_size for path in (tmp_path / "site").rglob("*") if path.is_file())
    assert answer.out.splitlines() == [
        "digits: 4 of 4 pictures are framed and read as in Python",
        f"Wrote {tmp_path / 'site'} ({size / 1e6:.1f} MB), for any static host. To see it here:",
        f"  python -m http.server --bind 127.0.0.1 --directory {tmp_path / 'site'}",
        "and open http://127.0.0.1:8000/ in a browser",
    ]


def test_every_file_that_the_page_names_is_there_and_all_are_in_the_folder(written: Path) -> None:
    named = set(re.findall(r'(?:src|href)="([^"#:]+)"', (written / "index.html").read_text()))
    for script in written.glob("*.js"):
        named |= set(re.findall(r'(?:from|new Worker\(|new URL\(|fetch\()\s*"(?:\./)?([^"]+)"', script.read_text()))
    assert {"app.js", "style.css", "worker.js", "reading.js", "models.json", "canvas.js", "LICENSES.txt"} <= named
    assert [name for name in named if not (written / name).is_file()] == []


def test_no_page_file_names_another_host_and_the_policy_forbids_them(written: Path) -> None:
    for path in [*written.glob("*.js"), *written.glob("*.css"), *written.glob("*.html")]:
        text = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.M)
        assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text) == []
    policy = re.search(r'Content-Security-Policy"\s+content="([^"]+)"', (written / "index.html").read_text())
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';")
    assert "http" not in policy[1]
    assert "'unsafe-inline'" not in policy[1]


def test_models_are_told_with_their_alphabets(written: Path) -> None:
    (told,) = json.loads((written / "models.json").read_text())["models"]
    assert told == {
        "name": "digits", "kind": "glyph", "label": "A digit", "file": "models/digits.onnx",
        "alphabet": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    }  # fmt: skip


def test_the_licences_of_everything_lie_in_the_folder(written: Path) -> None:
    text = (written / "LICENSES.txt").read_text()
    assert "Apache License" in text
    assert "Copyright (c) Microsoft Corporation" in text
    assert "Permission is hereby granted, free of charge" in text
    assert f"onnxruntime-web@{VERSION}" in text


def test_a_folder_of_its_own_is_written_anew_without_the_models_of_before(written: Path) -> None:
    folder.write_folder(written, [unread("mine")], {})
    assert [path.name for path in (written / "models").iterdir()] == ["mine.onnx"]


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="two models are called 'mine'; .* a folder for each"):
        folder.write_folder(tmp_path / "site", [unread("mine"), unread("mine")], {})
    assert not (tmp_path / "site").exists()


def test_a_folder_with_other_files_is_left_as_it_is(tmp_path: Path, package: Path, inkread: Command) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "models.json").write_text("[]")
    answer = inkread("export-web", tmp_path / "mine", "--onnxruntime-web", package)
    assert answer.code == 1
    assert answer.sentence.endswith(
        "holds other files; expected a new folder, an empty one, or one that inkread export-web made"
    )
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["models.json"]
    answer = inkread("export-web", package / "package.json", "--onnxruntime-web", package)
    assert "package.json is a file; expected a new folder" in answer.sentence


def test_an_unknown_model_is_named_with_those_that_exist(tmp_path: Path, package: Path, inkread: Command) -> None:
    answer = inkread("export-web", tmp_path / "site", "--model", "cats", "--onnxruntime-web", package)
    assert answer.sentence == (
        "inkread: cats does not exist; expected one of characters, letters, digits, an .onnx file or a run's folder"
    )
    assert not (tmp_path / "site").exists()


def test_a_network_of_ones_own_is_offered_under_its_name(
    tmp_path: Path, package: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "run"
    own.mkdir()
    (own / "model.onnx").write_bytes((files("inkread") / "weights" / "digits.onnx").read_bytes())
    assert inkread("export-web", tmp_path / "site", "--model", own, "--onnxruntime-web", package).code == 0
    (told,) = json.loads((tmp_path / "site" / "models.json").read_text())["models"]
    assert told["label"].startswith("A character, by ")
    assert (tmp_path / "site" / told["file"]).is_file()


@pytest.mark.parametrize(("name", "file"), [("digits", "digits"), ("a b/../c", "a-b----c"), ("Ünder.1", "-nder-1")])
def test_a_file_name_is_safe_in_folders_and_addresses(name: str, file: str) -> None:
    assert folder._file_name(name) == file
