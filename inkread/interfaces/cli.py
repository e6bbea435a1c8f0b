"""The command `inkread`: finds the verb, and turns every failure into one sentence. The verbs are in `commands`."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from cyclopts import App, CycloptsError, Group, Parameter
from rich.console import Console

from inkread.errors import BadOption, InkreadError, MissingDependency, TrainingInterrupted
from inkread.interfaces.help_screen import chapter, shown_default, wrong_call

# Package of the extra `train` -> what a user knows it by. Reading needs none of them.
TRAINING_PACKAGES = {
    "jiwer": "jiwer", "matplotlib": "matplotlib", "onnx": "onnx", "onnxscript": "onnxscript", "remotezip": "remotezip",
    "safetensors": "safetensors", "scipy": "SciPy", "sklearn": "scikit-learn", "torch": "PyTorch",
    "torchvision": "torchvision",
}  # fmt: skip

VERBS = {
    "demo": ("Train digits, evaluate, read a message: all in a minute.", "demo:demo"),
    "read": ("Read pictures of hand-printed text.", "read:read"),
    "train": ("Train a classifier of handwritten characters.", "train:train"),
    "evaluate": ("Measure a trained network, and show where it errs.", "evaluate:evaluate"),
    "look": ("Draw what goes on inside a trained network.", "look:look"),
    "messages": ("Spell messages with test glyphs; tell what errors do to them.", "messages:messages"),
    "completion": ("Print a script that lets your shell complete verbs and flags.", "completion:completion"),
    "export": ("Write a trained network as an ONNX file, and verify it.", "export:export_run"),
    "serve": ("Serve reading over HTTP, and a page to try it.", "serve:serve"),
    "export-web": ("Write a page that reads in the browser alone, offline.", "export_web:export_web"),
    "label": ("Correct a folder of glyphs in a page.", "label:label"),
    "models": ("List the architectures, what they cost, and the weights that ship.", "models:models"),
}
DATA_VERBS = {
    "list": ("List the data sets, and which of them are on this machine.", "data:list_datasets"),
    "get": ("Download a data set.", "data:get"),
    "verify": ("Check a data set's files on this machine.", "data:verify"),
}
LANGUAGE_VERBS = {
    "train": ("Learn a language model from texts.", "language:train"),
    "show": ("Show what a language model knows and what it learnt from.", "language:show"),
    "score": ("Score texts: how well a language model expects them.", "language:score"),
}
COLLECT_VERBS = {
    "form": ("Write a form to print, with a box for each character.", "collect:form"),
    "read": ("Read photos of the filled form into a data set.", "collect:read"),
}
BENCH_VERBS = {
    "read": ("Read lines and pages of all kinds, beside Tesseract and RapidOCR.", "bench:read"),
    "train": ("Train the networks of a record again, and tell whether it stands.", "bench_train:train"),
    "robustness": ("Spoil held-out glyphs more and more, and tell how many are still read.", "bench:robustness"),
    "scaling": ("Time training, inference, decoding and reading in growing sizes.", "scaling:scaling"),
    "infer": ("Time networks in every runtime, beside what this machine can do.", "bench_infer:infer"),
}
# What `inkread --help` shows, chapter by chapter. It fits a screen of 80 columns and 24 lines, a line a verb.
CHAPTERS = {
    "Read": ("read", "serve", "export-web"),
    "Train": ("train", "evaluate", "look", "messages", "export", "models"),
    "Your own": ("collect", "label", "data", "language"),
    "More": ("demo", "bench", "completion"),
}
WRONG_CALL = 2  # exit code
STOPPED = 130  # exit code that shells give a command stopped by Ctrl-C
PIPE_CLOSED = 141  # exit code that shells give a command whose reader, such as `head`, has gone: 128 + SIGPIPE
COMMANDS = "inkread.interfaces.commands"


def version() -> str:
    """The installed version."""
    import inkread

    return inkread.__version__


FLAGS = Parameter(negative=(), show_default=shown_default)
app = App(
    name="inkread",
    help="",
    usage="Usage: inkread VERB …   Handwritten pixels in, readable messages out.\nMore: inkread VERB --help",
    version=version,
    default_parameter=FLAGS,
    exit_on_error=False,  # `run` tells errors
    print_error=False,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
data = App(name="data", help="List, download and check data sets.", default_parameter=FLAGS)
language = App(name="language", help="Learn, show and use models of a language.", default_parameter=FLAGS)
bench = App(name="bench", help="Measure reading, beside others and on worse pictures.", default_parameter=FLAGS)
collect = App(
    name="collect", help="Your own handwriting: print a form, fill it in, read it back.", default_parameter=FLAGS
)
HEADINGS = {title: Group.create_ordered(title, help_formatter=chapter) for title in CHAPTERS}
PLACES = {name: (HEADINGS[title], order) for title, names in CHAPTERS.items() for order, name in enumerate(names)}
LAST = (HEADINGS["More"], len(PLACES))
GROUPS = (
    (app, VERBS), (data, DATA_VERBS), (language, LANGUAGE_VERBS), (bench, BENCH_VERBS), (collect, COLLECT_VERBS),
)  # fmt: skip
for group, verbs in GROUPS:
    for verb, (summary, place) in verbs.items():
        heading, order = PLACES.get(verb, LAST) if group is app else (None, None)
        group.command(f"{COMMANDS}.{place}", name=verb, help=summary, group=heading, sort_key=order)
for part in (data, language, bench, collect):
    part.group, part.sort_key = PLACES[part.name[0]]
    app.command(part)
for flag in (*app.help_flags, *app.version_flags):
    app[flag].show = False  # two lines less; the line above the chapters names --help


def main(arguments: list[str] | None = None) -> None:
    """Run one verb and exit: 0 done, 1 a failure in one sentence, 2 a wrong call, 130 Ctrl-C, 141 a closed pipe."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is escaped
    try:
        try:
            run(arguments)
        finally:
            sys.stdout.flush()  # a closed pipe is met here, where it can be answered, and not when Python ends
    except BrokenPipeError:
        hang_up()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # rich met it and would exit with 1
            hang_up()
        raise
    except OSError as error:  # what was printed does not fit where it goes: a full disk
        drop_output()
        if isinstance(error.__context__, SystemExit) and error.__context__.code:
            raise error.__context__ from None  # the verb met it, too, and has said so
        fail(f"cannot write the answer: {error.strerror or error}")


def run(arguments: list[str] | None) -> None:
    """Run one verb and exit; a failure is told in one sentence."""
    try:
        refuse_empty(sys.argv[1:] if arguments is None else arguments)
        result = app(arguments)
        sys.exit(result if isinstance(result, int) else 0)
    except BrokenPipeError:  # an OSError, but no failure: `main` answers it
        raise
    except TrainingInterrupted as stop:
        fail(str(stop), STOPPED)
    except InkreadError as error:
        fail(str(error))
    except CycloptsError as error:
        fail(wrong_call(error), WRONG_CALL)
    except ModuleNotFoundError as error:
        package = TRAINING_PACKAGES.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        fail(str(MissingDependency(package, "train", "this command")))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error))
    except KeyboardInterrupt:
        fail("stopped", STOPPED)


def refuse_empty(arguments: Sequence[str]) -> None:
    """Raise BadOption for an empty argument, mostly a variable that is not set: as a path it is the current folder."""
    expected = "expected a value: is a variable of your shell not set?"
    for before, argument in zip(("inkread", *arguments), arguments, strict=False):
        if not argument:
            raise BadOption(f"the argument after {before} is empty; {expected}")
        if re.fullmatch(r"--[\w-]+=", argument):
            raise BadOption(f"{argument} has nothing behind it; {expected}")


def hang_up() -> NoReturn:
    """Exit without a word: who read our output has seen enough."""
    drop_output()
    sys.exit(PIPE_CLOSED)


def drop_output() -> None:
    """Send what is not written yet nowhere, or Python would fail to write it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(sentence: str, code: int = 1) -> NoReturn:
    """Say what went wrong, on the error channel, and exit."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"inkread: {sentence}", markup=False)
    sys.exit(code)
