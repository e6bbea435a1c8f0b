"""The README and the pages: what they tell to type can be typed, what their Python shows comes out."""

from __future__ import annotations

import ast
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from cyclopts import CycloptsError
from PIL import Image

from inkread.data import strokes
from inkread.interfaces.cli import app
from inkread.interfaces.commands import demo
from tests import pages
from tests.conftest import Command
from tests.pages import GENERATED, PAGES, README, ROOT

SCRIPT = "readme_note"
TUTORIAL = ROOT / "docs" / "tutorial.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LANGUAGES = {"python", "console", "json", "", "nginx"}  # and a file of another program
COMPARED = {"docs/reading.md": 1, "docs/decoding.md": 17}  # values that a page shows, compared with what comes out
WRITTEN = [page for page in PAGES if page != GENERATED]


def name(page: Path) -> str:
    """What a test of a page is called."""
    return page.relative_to(ROOT).as_posix()


each_page = pytest.mark.parametrize("page", WRITTEN, ids=name)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder but for the README's note, without any data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INKREAD_DATA", str(tmp_path / "no-data-here"))
    shutil.copy(ROOT / "docs" / "assets" / "note.png", tmp_path)
    return tmp_path


# What is told to type


@cache
def flags(verb: tuple[str, ...]) -> frozenset[str]:
    """The flags of a verb; of `inkread` itself and of verbs with verbs of their own, those that all have."""
    _, apps, _ = app.parse_commands(list(verb))
    own = apps[-1].assemble_argument_collection() if apps[-1].default_command else []
    return frozenset({"--help", "--version", *(flag for argument in own for flag in argument.names)})


def verb_of(words: list[str]) -> tuple[str, ...]:
    """The words at the beginning that are verbs."""
    found, _, _ = app.parse_commands(words)
    return tuple(found)


@each_page
def test_every_block_is_of_a_kind_that_is_tested(page: Path) -> None:
    assert {block.language for block in pages.blocks(page)} <= LANGUAGES


@each_page
def test_json_of_a_page_is_json(page: Path) -> None:
    for block in pages.blocks(page, "json"):
        json.loads(block.text)


@each_page
def test_every_command_of_a_page_is_understood(page: Path) -> None:
    for words in pages.calls(page):
        try:
            app.parse_args(words)
        except CycloptsError as error:
            pytest.fail(f"inkread {' '.join(words)}: {error}")


@each_page
def test_every_verb_and_flag_that_a_page_mentions_exists(page: Path) -> None:
    for text in pages.outlines(page):
        words = text.split()[1:]
        verb = verb_of(words)
        assert verb or words[0] == words[0].upper(), f"there is no verb in: {text}"  # `inkread VERB --help`
        mentioned = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", text)) - {"--help"}
        known = frozenset().union(flags(verb), *(flags((*verb, part)) for part in parts(verb)))
        assert mentioned <= known, f"{text}: {mentioned - known}"


def parts(verb: tuple[str, ...]) -> Iterator[str]:
    """The verbs below a verb, such as `get` below `data`."""
    _, apps, _ = app.parse_commands(list(verb))
    return (part for part in apps[-1] if verb and not part.startswith("-"))


@each_page
def test_extras_make_targets_and_scripts_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    extras = {extra for found in re.findall(r"inkread\[([\w,]+)\]", text) for extra in found.split(",")}
    assert extras <= set(PROJECT["optional-dependencies"])
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"^(?:\$ |`)make ([\w-]+)|`make ([\w-]+)`", text, flags=re.MULTILINE)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }
    for script in re.findall(r"scripts/[\w.]+\.(?:py|json)", text):
        assert (ROOT / script).is_file(), script


@each_page
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    text = pages.BLOCK.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)#\s]+)", text):
        assert "://" in link or (page.parent / link).exists(), link


# What Python shows


def test_the_picture_of_the_readme_is_the_note_that_its_script_draws(script: ModuleType) -> None:
    drawn = script.note()
    shown = np.asarray(Image.open(ROOT / "docs" / "assets" / "note.png"))
    assert shown.shape == drawn.shape
    assert np.abs(shown.astype(int) - drawn).mean() < 1  # versions of OpenCV and Pillow draw a little differently
    with Image.open(ROOT / "docs" / "assets" / "note-read.png") as read:
        assert read.size == drawn.shape[::-1]


@pytest.mark.usefixtures("here")
def test_the_python_of_the_readme_gives_what_it_shows() -> None:
    names: dict[str, object] = {}
    assert sum(pages.run_block(block, names) for block in pages.blocks(README, "python")) == 2
    assert eval("0 <= reading.words[0].confidence <= 1 and reading.words[0].text == 'Meet'", names)
    assert eval("reading.characters[2].text", names) == "e" != eval("reading.characters[2].alternatives[0].text", names)
    assert eval("reading.characters[2].box.width > 10", names)


@pytest.mark.parametrize(
    "page", ["docs/reading.md", "docs/decoding.md", *(name(card) for card in sorted(ROOT.glob("docs/model-cards/*")))]
)
@pytest.mark.usefixtures("here")
def test_the_python_of_a_page_gives_what_it_shows(page: str) -> None:
    names: dict[str, object] = {}
    compared = sum(pages.run_block(block, names) for block in pages.blocks(ROOT / page, "python"))
    assert compared == COMPARED.get(page, 0)


@pytest.mark.slow
def test_the_python_of_data_and_training_runs(here: Path) -> None:
    rng = np.random.default_rng(0)
    drawn = strokes.letters(20, rng, "AB")
    for number, (image, label) in enumerate(zip(drawn.images, drawn.written, strict=True)):
        (here / "my-letters" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - image).save(here / "my-letters" / label / f"{number}.png")
    parts = np.resize(["train", "val", "test"], len(drawn.images))
    names: dict[str, object] = {"images": drawn.images, "labels": drawn.written, "split": parts}
    for block in pages.blocks(ROOT / "docs" / "data.md", "python"):
        pages.run_block(block, names)
    assert eval("len(dataset.train) > 20 and dataset.alphabet.index('A') == 0", names)
    for block in pages.blocks(ROOT / "docs" / "training.md", "python"):
        pages.run_block(block, {})
    assert (here / "runs" / "mine" / "model.safetensors").is_file()


@each_page
def test_what_a_page_imports_exists(page: Path) -> None:
    for block in pages.blocks(page, "python"):
        for statement in ast.walk(ast.parse(block.text)):
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("inkread"):
                place = ROOT.joinpath(*str(statement.module).split("."))
                file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
                source = file.read_text(encoding="utf-8")  # importing it might take torch, which takes seconds
                assert all(re.search(rf"\b{one.name}\b", source) for one in statement.names), ast.unparse(statement)


# What commands print


@pytest.mark.usefixtures("here")
def test_the_quick_commands_of_the_readme_do_what_they_say(inkread: Command, here: Path) -> None:
    (here / "docs" / "assets").mkdir(parents=True)
    shutil.copy(here / "note.png", here / "docs" / "assets")
    assert "inkread read docs/assets/note.png" in pages.spans(README)
    assert inkread("read", "docs/assets/note.png").out == "Meet at 9 PM,\nroom 12B\n"
    for call in ("data list", "completion zsh", "language show"):
        answer = inkread(*call.split())
        assert (answer.code, answer.err) == (0, "") and answer.out, call


@pytest.mark.slow
def test_the_tutorial_goes_as_it_is_told_and_so_does_the_demo_of_the_readme(
    here: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SMALL_EPOCHS", 2)
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copy(here / "note.png", here / "note.jpg")  # what a reader photographs
    ran = []
    for block in pages.blocks(TUTORIAL, "console"):
        for words, shown in pages.typed(block):
            if words[0] != "inkread" or words[1:3] in (["data", "get"], ["train", "digits"]):
                continue  # what installs, downloads, or takes longer
            answer = inkread(*words[1:])
            assert (answer.code, answer.err) == (0, ""), answer
            assert pages.in_order(shown, answer.out, exactly=words[1] == "read") is None
            ran.append((words[1], answer.out))
    assert [verb for verb, _ in ran] == ["demo", "read", "read", "messages", "train", "evaluate"]
    (readme,) = [shown for block in pages.blocks(README, "console") for w, shown in pages.typed(block) if "demo" in w]
    assert readme[0].startswith("1  Train digits") and readme[-1].startswith("  make notebooks")
    # MNIST is in the README's demo, and other epochs.
    told = [line for line in readme if not line.startswith(("1  Train digits", "epoch", "Training cnn"))]
    assert pages.in_order(told, ran[0][1]) is None
    names: dict[str, object] = {}
    assert sum(pages.run_block(block, names) for block in pages.blocks(TUTORIAL, "python")) == 2


# The measures of these tests


def test_a_page_that_shows_what_does_not_come_is_noticed() -> None:
    printed = "Trained in 3.2 s\n\nfirst\nsecond  5\nthird word\n"
    assert pages.in_order(["Trained in 9.9 s", "…", "second 77", "third …"], printed) is None
    assert pages.in_order(["second 5", "first"], printed) == "first"
    assert pages.in_order(["second 7"], printed, exactly=True) == "second 7"
    assert pages.in_order(["third"], printed) == "third"
    with pytest.raises(AssertionError, match="not '3'"):
        pages.run_block(pages.Block("python", "x = 2\nstr(x)  # '3'   three\n"), {})
    with pytest.raises(AssertionError, match=r"not \(1, 3\)"):
        pages.run_block(pages.Block("python", "(1, 2)  # (1, 3)\n"), {})
    assert pages.run_block(pages.Block("python", "1 + 1  # two\n'a'  # 'a'\n"), {}) == 1
