"""Wheel and sdist: they hold what they should, and the wheel reads a picture in an environment without torch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.pages import ROOT

MIB = 1 << 20
LEFT_OUT = ("__pycache__",)
FORBIDDEN = {"torch", "torchvision", "onnx", "scikit-learn", "matplotlib"}  # of the extra `train`


def run(*command: object, cwd: Path = ROOT, **environment: str) -> str:
    """What a command prints; it has to succeed, and nothing of this environment helps it."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, kind: str, folder: Path) -> Path:
    """Build the project in a folder of its sources without network: hatchling is here."""
    run(sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", folder, cwd=source)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as they are published, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    archive = build(ROOT, "sdist", folder / "built")
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the published sources give."""
    return build(sdist, "wheel", tmp_path_factory.mktemp("wheel") / "built")


def files_below(folder: Path) -> set[str]:
    """Files of a folder of sources, relative to the repository."""
    found = (path for path in folder.rglob("*") if path.is_file() and not set(LEFT_OUT) & set(path.parts))
    return {path.relative_to(ROOT).as_posix() for path in found}


def needed(name: str) -> set[str]:
    """The distributions that one needs to run, without its extras, itself included."""
    found: set[str] = set()
    wanted = [name]
    while wanted:
        one = wanted.pop()
        if one.lower() in found:
            continue
        found.add(one.lower())
        requirements = [Requirement(line) for line in distribution(one).requires or []]
        wanted += [r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def link_needed(library: Path) -> None:
    """Let a folder hold what inkread needs to run, and nothing else of this environment."""
    for name in needed("inkread") - {"inkread"}:
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or [] if file.parts[0] not in ("..", *LEFT_OUT)}:
            if not (library / top).exists():
                (library / top).symlink_to(str(found.locate_file(top)))


@pytest.mark.slow
def test_sources_and_wheel_hold_what_they_should(sdist: Path, wheel: Path) -> None:
    package = files_below(ROOT / "inkread")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        (metadata,) = (packed.read(name).decode() for name in names if name.endswith("METADATA"))
        (entry_points,) = (packed.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    described = {name for name in names if ".dist-info/" in name}
    assert names - described == package
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in described}
    assert {
        "inkread/weights/lines.onnx",
        "inkread/data/samples/digits.npz",
        "inkread/interfaces/page/index.html",
    } <= names
    assert "inkread = inkread.interfaces.cli:main" in entry_points
    assert "License-Expression: Apache-2.0" in metadata and "# inkread" in metadata
    plain = {Requirement(line.split(": ", 1)[1]) for line in metadata.splitlines() if line.startswith("Requires-Dist")}
    assert not FORBIDDEN & {requirement.name for requirement in plain if requirement.marker is None}
    assert wheel.stat().st_size < 20 * MIB

    held = {path.relative_to(sdist).as_posix() for path in sdist.rglob("*") if path.is_file()}
    assert package | files_below(ROOT / "tests") | files_below(ROOT / "docs") <= held
    assert {"README.md", "Makefile", "mkdocs.yml", "CITATION.cff", "records/LOG.md", "deploy/Dockerfile"} <= held
    assert not [name for name in held if name.startswith(("build/", "runs/", "dist/", ".git/", ".ci/"))]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there that not everybody has")
def test_the_wheel_reads_a_picture_where_there_is_no_torch(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    library = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    link_needed(library)
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel)
    shutil.copy(ROOT / "docs" / "assets" / "note.png", tmp_path)
    inkread = tmp_path / "venv" / "bin" / "inkread"

    assert run(inkread, "read", "note.png", cwd=tmp_path) == "Meet at 9 PM,\nroom 12B\n"
    assert run(inkread, "--version", cwd=tmp_path) == f"{distribution('inkread').version}\n"
    where = "import inkread, importlib.util as u; print(inkread.__file__, u.find_spec('torch'))"
    assert run(python, "-c", where, cwd=tmp_path).split() == [str(library / "inkread" / "__init__.py"), "None"]
    for call in (["train", "digits"], ["evaluate", "digits"], ["models"]):
        done = subprocess.run([inkread, *call], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.endswith('install it with: pip install "inkread[train]"\n')
