"""What several rooms' tests share: real digits that ship with inkread, one small trained run, the command line, and
Debian's Chromium without a window.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: networks this small gain nothing from more

import dataclasses
import gc
import importlib.util
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest
from _pytest.doctest import DoctestModule

from inkread.data import Dataset, load

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Command = Callable[..., "Answer"]
SCRIPTS = Path(__file__).parents[1] / "scripts"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}  # for runs in another process

hypothesis.settings.register_profile("inkread", deadline=None)  # a machine that is busy is no defect of ours
hypothesis.settings.load_profile("inkread")


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line of the error channel; a traceback, or two lines, is a failure."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """What torch and the tests are made of lives to the end: the garbage collector never looks through it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Tests have no examples in their docstrings: each of their files is looked through once, not twice."""
    return [found for found in (yield) if not isinstance(found, DoctestModule)]


@pytest.fixture(autouse=True)
def _no_data_folder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own data folder never changes a test's result (the tests of `data` look after theirs themselves)."""
    if request.path.parent.name in ("models", "training", "recognition", "interfaces"):
        folder: Path = request.getfixturevalue("tmp_path")  # asked for here: most tests need none
        monkeypatch.setenv("INKREAD_DATA", str(folder / "no-data-here"))


@pytest.fixture
def inkread(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run one verb in this process."""
    from inkread.interfaces.cli import main

    def command(*arguments: object) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        return Answer(int(stop.value.code or 0), *capsys.readouterr())

    return command


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; the test is skipped, and says so, where there is none."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine; the page was not tested (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason='no Playwright; pip install "inkread[browser]"')
    with sync_api.sync_playwright() as playwright:
        flags = ["--no-sandbox", "--use-fake-device-for-media-stream"]
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=flags)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """The 5,000 MNIST digits inside the package."""
    return load("sample-digits")


@pytest.fixture(scope="session")
def few_digits(digits: Dataset) -> Dataset:
    """80 digits to train with, 64 for validation: an epoch of a fraction of a second."""
    train, val = digits.train.take(np.arange(80)), digits.val.take(np.arange(64))
    return dataclasses.replace(digits, name="few", train=train, val=val, test=None, fingerprint="feedfacefeedface")


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished `inkread train sample-digits` of two epochs: right about nine times in ten."""
    from inkread.interfaces.cli import main

    folder = tmp_path_factory.mktemp("runs") / "digits-cnn"
    with pytest.raises(SystemExit) as stop:
        main(["train", "sample-digits", "--epochs", "2", "--batch-size", "64", "--out", str(folder)])
    assert not stop.value.code
    return folder


@pytest.fixture
def script(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The script that the test's module names as SCRIPT, loaded anew: the scripts are no package."""
    name = f"script_{request.module.SCRIPT}"
    place = importlib.util.spec_from_file_location(name, SCRIPTS / f"{request.module.SCRIPT}.py")
    assert place is not None and place.loader is not None
    loaded = importlib.util.module_from_spec(place)
    sys.modules[name] = loaded  # dataclasses look their module up
    try:
        place.loader.exec_module(loaded)
        yield loaded
    finally:
        del sys.modules[name]
