"""onnxruntime-web for a page: from npm, a file or a folder, and what is said where there is none."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from inkread.errors import BadOption, ChecksumMismatch, DownloadFailed
from inkread.interfaces.web import runtime
from inkread.interfaces.web.runtime import FILES, VERSION, runtime_files

CONTENT = {name: f"what {name} holds".encode() for name in FILES}
WANTED = {target: CONTENT[name] for name, target in FILES.items()}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The folder of a package that looks like onnxruntime-web."""
    folder = tmp_path / "node_modules" / "onnxruntime-web"
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "package.json").write_text(json.dumps({"version": VERSION}))
    return folder


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as npm packs it, its integrity the expected one."""
    path = tmp_path / "packed" / f"onnxruntime-web-{VERSION}.tgz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as archive:
        for name, content in CONTENT.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    monkeypatch.setattr(runtime, "INTEGRITY", f"sha512-{digest}")
    return path


def npm_that(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An npm of one line of Python, alone on the path."""
    folder.mkdir()
    (folder / "npm").write_text(f"#!{sys.executable}\nimport shutil, sys\n{program}\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_the_files_come_from_a_folder_and_from_a_packed_file(package: Path, packed: Path) -> None:
    assert runtime_files(package) == WANTED
    assert runtime_files(packed) == WANTED


def test_npm_is_asked_for_the_pinned_version_and_runs_no_script_of_it(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    program = f"open({str(asked)!r}, 'w').write(' '.join(sys.argv[1:])); shutil.copy({str(packed)!r}, sys.argv[-1])"
    npm_that(program, tmp_path / "bin", monkeypatch)
    assert runtime_files() == WANTED
    assert asked.read_text().startswith(f"pack onnxruntime-web@{VERSION} --prefer-offline --ignore-scripts ")


def test_without_npm_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sentence = (
        r"needs onnxruntime-web@.* no npm to fetch it; install Node\.js.* or give .* --onnxruntime-web node_modules"
    )
    with pytest.raises(DownloadFailed, match=sentence):
        runtime_files()


def test_what_npm_says_of_a_failure_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm_that("print('npm error code ENOTFOUND', file=sys.stderr); sys.exit(1)", tmp_path / "bin", monkeypatch)
    with pytest.raises(
        DownloadFailed, match=r"cannot fetch .* \(npm error code ENOTFOUND\); connect to the network, or"
    ):
        runtime_files()


def test_other_bytes_than_were_published_are_refused(packed: Path) -> None:
    packed.write_bytes(packed.read_bytes() + b"\0")
    with pytest.raises(ChecksumMismatch, match=r"onnxruntime-web-.*tgz is not onnxruntime-web@.* as published"):
        runtime_files(packed)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda folder: (folder / "package.json").write_text('{"version": "1.0.0"}'),
            "holds version 1.0.0 .* expected",
        ),
        (lambda folder: (folder / "package.json").unlink(), "is not the folder of .* npm install onnxruntime-web@"),
        (lambda folder: (folder / "package.json").write_text("[]"), "is not the folder of"),
        (lambda folder: (folder / next(iter(FILES))).unlink(), "is not the folder of .*No such file"),
    ],
)
def test_a_folder_that_is_another_is_named(package: Path, spoil: object, sentence: str) -> None:
    spoil(package)
    with pytest.raises(BadOption, match=sentence):
        runtime_files(package)


def test_a_place_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match=r"nowhere does not exist; expected the folder or the \.tgz file"):
        runtime_files(tmp_path / "nowhere")
