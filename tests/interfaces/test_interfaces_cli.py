"""The command line: every verb is documented and quick to explain itself, and every failure is one sentence."""

import dataclasses
import inspect
import os
import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import inkread as package
from inkread import errors
from inkread.interfaces import cli
from inkread.interfaces.cli import BENCH_VERBS, COMMANDS, DATA_VERBS, LANGUAGE_VERBS, TRAINING_PACKAGES, VERBS
from inkread.interfaces.commands.messages import MessageOptions
from inkread.interfaces.commands.read import Flags
from inkread.interfaces.language_flags import LanguageFlags
from inkread.interfaces.server.options import ServeOptions
from inkread.training.config import TrainConfig
from tests.conftest import ENVIRONMENT, Command

EVERY_VERB = [
    *((verb, *rest) for verb, rest in VERBS.items()),
    *((f"data {verb}", *rest) for verb, rest in DATA_VERBS.items()),
    *((f"language {verb}", *rest) for verb, rest in LANGUAGE_VERBS.items()),
    *((f"bench {verb}", *rest) for verb, rest in BENCH_VERBS.items()),
]
HEAVY = {
    "fastapi",
    "uvicorn",
    "torch",
    "torchvision",
    "onnx",
    "sklearn",
    "matplotlib",
    "jiwer",
    "safetensors",
    "onnxruntime",
}
PROGRAM = """
import contextlib, io, sys
from inkread.interfaces.cli import main
for verb in {verbs!r}:
    with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
        main([*verb.split(), "--help"])
    assert "Usage: inkread " + verb in shown.getvalue(), shown.getvalue()
print(sorted({heavy!r} & sys.modules.keys()))
"""


def run_program(program: str, *, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], stdout=stdout, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
        timeout=60, check=False,
    )  # fmt: skip


def function_of(place: str) -> object:
    module, _, name = place.partition(":")
    return getattr(import_module(f"{COMMANDS}.{module}"), name)


# Help


@pytest.mark.slow
def test_the_help_of_every_verb_needs_none_of_the_heavy_packages() -> None:
    verbs = ["", *(verb for verb, *_ in EVERY_VERB)]
    done = run_program(PROGRAM.format(verbs=[verb for verb in verbs if verb], heavy=HEAVY))
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("[]", "", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="os.wait4 is POSIX's")
def test_help_is_shown_in_less_than_a_second_of_processor_time() -> None:
    assert min(_seconds_of_help() for _ in range(3)) < 1.0  # 0.3 s on an idle machine; what else runs only adds to it


def _seconds_of_help() -> float:
    """Of the processor, for a process that shows the help of a verb."""
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-m", "inkread", "train", "--help"], ENVIRONMENT,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )  # fmt: skip
    _, status, usage = os.wait4(process, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime


def test_the_verbs_are_those_of_the_readme(inkread: Command) -> None:
    shown = inkread("--help")
    assert shown.code == 0
    for verb, (summary, _) in VERBS.items():
        assert re.search(rf"^  {verb} +{summary[:30]}", shown.out, flags=re.MULTILINE), verb
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for verb in (*VERBS, "data list"):
        assert f"inkread {verb}" in readme, verb


def test_the_help_fits_a_screen_and_is_what_a_call_without_a_verb_shows(
    inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = inkread("--help")
    assert inkread() == shown and (shown.code, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert len(lines) < 24  # and the next prompt
    told = [line.split()[0] for line in lines if line.startswith("  ")]  # one line each, or a word of a summary is here
    assert sorted(told) == sorted([*VERBS, "collect", "data", "language", "bench"])
    assert told == [name for names in cli.CHAPTERS.values() for name in names]
    assert [line for line in lines[2:] if line and not line.startswith("  ")] == list(cli.CHAPTERS)


@pytest.mark.parametrize(("verb", "summary", "place"), EVERY_VERB)
def test_every_verb_and_every_option_is_explained(verb: str, summary: str, place: str, inkread: Command) -> None:
    function = function_of(place)
    told = inspect.getdoc(function)
    assert told is not None
    assert told.split(maxsplit=1)[0] == summary.split(maxsplit=1)[0]
    shown = " ".join(inkread(*verb.split(), "--help").out.split())
    for name in inspect.signature(function).parameters:  # type: ignore[arg-type]
        if name in ("config", "decoding", "options"):  # records of flags, each explained where it stands
            continue
        explained = re.search(rf"^{name}\n    (\S.*)", told, flags=re.MULTILINE)
        assert explained, f"{verb} says nothing of {name}"
        assert explained[1].split()[0] in shown


@pytest.mark.parametrize(
    ("verb", "flags"),
    [
        ("read", Flags),
        ("read", LanguageFlags),
        ("messages", MessageOptions),
        ("messages", LanguageFlags),
        ("serve", ServeOptions),
    ],
)
def test_the_flags_of_a_record_are_explained_one_by_one(verb: str, flags: type, inkread: Command) -> None:
    shown = inkread(verb, "--help").out
    for flag in dataclasses.fields(flags):
        if flag.name == "said":  # a record of its own
            continue
        assert f"--{flag.name.replace('_', '-')}" in shown, flag.name


def test_the_options_of_training_are_those_of_its_configuration(inkread: Command) -> None:
    shown = inkread("train", "--help").out
    flags = {"start": "from"}  # `from` is a word of Python's own
    for option in TrainConfig().to_dict():
        name = flags.get(option, option)
        assert name.upper() in shown if name == "dataset" else f"--{name.replace('_', '-')}" in shown, name
    assert "--no-resume" not in shown and "--empty-data" not in shown


def test_the_version_is_the_packages(inkread: Command) -> None:
    assert inkread("--version").out.strip() == package.__version__


# Wrong calls


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("raed note.png", 'Did you mean "read"'), ("data verfiy mnist", 'Did you mean "verify"'),
        ("read note.png --jsno", "Did you mean --json"), ("train --epoch 3", "Did you mean --epochs"),
        ("train --epochs many", "--epochs"), ("train --arch resnet", '"mlp", "cnn"'),
        ("evaluate digits --split trian", '"val", "test", "all"'), ("evaluate", "requires an argument"),
        ("train digits letters", "letters is one argument too many. Try: inkread train --help"),
        ("data verify", "requires an argument"),
    ],
)  # fmt: skip
def test_a_misspelt_call_is_answered_with_what_would_do(arguments: str, said: str, inkread: Command) -> None:
    answer = inkread(*arguments.split())
    assert answer.code == 2
    assert said in answer.sentence
    assert "Traceback" not in answer.err and answer.out == ""


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder holds text.png, which is text; blank.png, blank; and an empty folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "folder").mkdir()
    Image.fromarray(np.full((60, 80), 250, np.uint8)).save(tmp_path / "blank.png")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("read", "name at least one picture: inkread read note.jpg"),
        ("read none.png", "none.png does not exist"),
        ("read text.png", r"text.png is not a picture \(first bytes: 68 65 6c 6c\); expected PNG, JPEG"),
        ("read folder", "folder is a folder"),
        ("read blank.png --model none", "none does not exist; expected one of auto, characters"),
        ("read blank.png --model text.png", "text.png holds no weights; expected an .onnx file"),
        ("read blank.png --model folder", "folder holds no weights"),
        ("read blank.png blank.png --overlay seen.png", "--overlay takes one picture; got 2"),
        ("evaluate none", "none does not exist; expected one of digits, letters"),
        ("evaluate folder", "folder holds no weights"),
        ("evaluate digits --data none.npz", "none.npz does not exist"),
        ("evaluate digits --data text.png", "text.png is neither a folder nor an .npz file"),
        ("messages none", "none does not exist"),
        ("messages digits --data none", "none does not exist"),
        ("export none", "none does not exist; expected a run's folder"),
        ("export folder", "folder has no model.safetensors.* go on with: inkread train --resume --out folder"),
        ("export text.png", "text.png is not a whole safetensors file"),
        ("train nobody", "'nobody' is neither a data set nor a folder"),
        ("train folder", "folder"),
        ("train digits --data none.npz", "none.npz does not exist"),
        ("train digits --epochs 0", "epochs is 0; expected 1 to 10000"),
        ("train digits --learning-rate -1", "learning_rate is -1"),
        ("train --resume", "there is no run to resume at runs/digits-cnn; start one without --resume"),
        ("train --resume --out folder", "there is nothing to resume in folder; start without --resume"),
        ("train mnist", "MNIST is not in .*; get it with: inkread data get mnist"),
        ("data verify nobody", "'nobody' is not in the catalogue; it has mnist"),
        ("data get nobody", "'nobody' is not in the catalogue; it has mnist"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_sentence(
    pictures: Path, arguments: str, said: str, inkread: Command
) -> None:
    answer = inkread(*arguments.split())
    assert answer.code == 1
    assert answer.sentence.startswith("inkread: ")
    assert re.search(said, answer.sentence), answer.sentence
    assert answer.out == ""
    assert {path.name for path in pictures.iterdir()} == {"text.png", "folder", "blank.png"}  # nothing was written


def test_a_dead_server_is_one_sentence(tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    answer = inkread("data", "get", "mnist", "--root", tmp_path, "--url", "http://127.0.0.1:1/")
    assert answer.code == 1
    assert "127.0.0.1" in answer.sentence
    assert answer.out == ""
    assert not list(tmp_path.rglob("*ubyte"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "--data", ""), "the argument after --data is empty"),
        (("evaluate", "digits", "--data="), "--data= has nothing behind it"),
        (("read", ""), "the argument after read is empty"),
        (("read", "blank.png", "--output", ""), "the argument after --output is empty"),
        (("",), "the argument after inkread is empty"),
    ],
)
def test_an_empty_argument_is_not_the_current_folder(
    pictures: Path, arguments: tuple[str, ...], said: str, inkread: Command
) -> None:
    answer = inkread(*arguments)
    assert (answer.code, answer.out) == (1, "")
    assert answer.sentence == f"inkread: {said}; expected a value: is a variable of your shell not set?"
    assert {path.name for path in pictures.iterdir()} == {"text.png", "folder", "blank.png"}


# How `main` ends


def raising(error: BaseException) -> object:
    def verb(*_: object) -> None:
        raise error

    return verb


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (errors.BadData("the [bold]data[/bold] is bad"), 1, "inkread: the [bold]data[/bold] is bad"),
        (OSError(28, "No space left on device", "runs/x"), 1, "inkread: runs/x: No space left on device"),
        (PermissionError(13, "Permission denied", "runs/x"), 1, "inkread: runs/x: Permission denied"),
        (KeyboardInterrupt(), 130, "inkread: stopped"),
        (
            ModuleNotFoundError("No module named 'sklearn.metrics'", name="sklearn.metrics"),
            1,
            'inkread: this command needs scikit-learn; install it with: pip install "inkread[train]"',
        ),
    ],
)
def test_each_failure_has_its_sentence_and_code(
    inkread: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    monkeypatch.setattr("inkread.interfaces.commands.models.models", raising(error))
    app = cli.App(result_action="return_value", suppress_keyboard_interrupt=False)
    app.command(raising(error), name="models")  # type: ignore[arg-type]
    monkeypatch.setattr(cli, "app", app)
    answer = inkread("models")
    assert (answer.code, answer.sentence, answer.out) == (code, said, "")


def test_every_error_of_inkread_is_caught_at_the_root() -> None:
    found = [error for error in vars(errors).values() if inspect.isclass(error) and error is not errors.InkreadError]
    assert len(found) > 10
    assert all(issubclass(error, errors.InkreadError) for error in found)


def test_a_mistake_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["models"])
    monkeypatch.setattr(cli, "app", raising(ModuleNotFoundError("No module named 'tpyo'", name="tpyo")))
    with pytest.raises(ModuleNotFoundError):
        cli.main(["models"])


def test_ctrl_c_reaches_the_sentence_through_the_command_line_itself(
    inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkread.models.networks.measure", raising(KeyboardInterrupt()))
    answer = inkread("models")
    assert (answer.code, answer.sentence) == (130, "inkread: stopped")


@pytest.mark.parametrize(
    ("module", "verb", "name"),
    [
        ("torch", "train digits", "PyTorch"),
        pytest.param("sklearn", "evaluate digits", "scikit-learn", marks=pytest.mark.slow),
    ],
)
def test_a_missing_package_of_the_training_extra_is_one_sentence(module: str, verb: str, name: str) -> None:
    program = (
        f"import sys; sys.modules[{module!r}] = None\nfrom inkread.interfaces.cli import main; main({verb.split()!r})"
    )
    done = run_program(program)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert re.fullmatch(rf'inkread: .* needs {name}; install it with: pip install "inkread\[train\]"', last)
    assert "Traceback" not in done.stderr


def test_every_package_of_the_training_extra_is_known_by_name() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = {re.split(r"[<>=]", requirement)[0] for requirement in project["optional-dependencies"]["train"]}
    assert set(TRAINING_PACKAGES) == {"sklearn" if name == "scikit-learn" else name for name in extra}


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param("models", "", marks=pytest.mark.slow),  # it imports torch
        ("data list", ""), ("--help", ""), ("train --help", ""), ("--version", ""),
        ("read blank.png --json", ""), ("read blank.png none.png --json", "inkread: none.png does not exist"),
    ],
)  # fmt: skip
def test_a_reader_that_has_seen_enough_ends_a_command_as_it_ends_any_other(
    pictures: Path, call: str, said: str
) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # as `| true` does
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inkread", *call.split()], stdout=writing, stderr=subprocess.PIPE, text=True,
            env=ENVIRONMENT | {"PYTHONUNBUFFERED": ""}, cwd=pictures, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert done.returncode == 128 + signal.SIGPIPE
    assert done.stderr.startswith(said) and done.stderr.count("\n") == bool(said), done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("call", [pytest.param("models", marks=pytest.mark.slow), "data list", "--version"])
def test_a_full_disk_is_told_in_one_sentence(call: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "inkread", *call.split()], stdout=full, stderr=subprocess.PIPE, text=True,
            env=ENVIRONMENT | {"PYTHONUNBUFFERED": ""}, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "No space left on device" in done.stderr


def test_the_exit_codes_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE) == ["0", "1", "2", "130", "141"]
    assert (cli.STOPPED, cli.PIPE_CLOSED) == (128 + signal.SIGINT, 141)
