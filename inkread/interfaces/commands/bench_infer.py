"""`inkread bench infer`: how fast networks answer in every runtime, beside what this machine can do, and their cost."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress

from inkread.errors import BadOption
from inkread.interfaces.bench.asked import listed, recent_load
from inkread.interfaces.bench.backends import BACKENDS
from inkread.interfaces.target_file import refuse_file

if TYPE_CHECKING:
    from inkread.interfaces.bench.inference import Found, Timing, Wanted
    from inkread.interfaces.bench.prepared import Prepared

PACKAGES: Final = ("onnxruntime", "openvino", "torch", "numpy")
SHELL_RUNS: Final = 15


@dataclass(frozen=True)
class InferOptions:
    """What is timed, and how often."""

    backends: str = ",".join(BACKENDS)
    """Who runs the networks, parted by commas; those that are not installed are skipped."""

    threads: str = "1,2"
    """Numbers of threads, parted by commas."""

    rounds: int = 15
    """How often all are asked in turn; medians over the rounds count."""

    starts: int = 5
    """How often each backend is started anew."""

    batch: int = 1024
    """Glyphs of a batch."""

    split: Literal["val", "test"] = "val"
    """The glyphs that are read: val for choosing, test for reporting."""


DEFAULT: Final = InferOptions()


def infer(
    *,
    model: tuple[str, ...] = ("digits", "letters"),
    data: tuple[str, ...] = (),
    options: Annotated[InferOptions, Parameter(name="*")] = DEFAULT,
    out: Path | None = None,
) -> None:
    """Time networks in ONNX Runtime, OpenVINO and PyTorch, beside what this machine can do, and tell what they cost.

    Parameters
    ----------
    model
        The shipped 'digits' or 'letters', a run's folder, an .onnx file, or an architecture's name (pytorch-example:
        that of PyTorch's MNIST example) for a fresh network, good for times alone; may be repeated.
    data
        Read these instead of the data set that a network was trained on: the data folder, folders or .npz files; may be
        repeated.
    out
        Write infer.html and infer.json into this folder.
    """
    from inkread.evaluation.report import write
    from inkread.interfaces.bench import inference_told as told
    from inkread.interfaces.bench.inference_targets import verdicts
    from inkread.interfaces.bench.prepared import prepare

    console = Console()
    refuse_file("--out", out)
    wanted = asked(options)
    facts = dict(machine(options))
    with tempfile.TemporaryDirectory() as scratch:
        files = partial(prepare, part=options.split, data=data, batch=options.batch)
        networks = measured(model, files, wanted, Path(scratch), console)
        shell = from_prompt(Path(scratch), console)
    found = [result for _, result in networks]
    targets = verdicts([row for one in found for row in one.speeds], [row for one in found for row in one.costs])
    report = told.InferenceReport(facts, networks, targets, shell)
    console.print(told.terminal(report))
    console.print(told.HOW, soft_wrap=True)
    if shell:
        console.print(f"From the shell to the answer of inkread read: {shell.median:.2f} s.", highlight=False)
    if out is None:
        return
    for path in (write(out / "infer.html", told.html(report)), write(out / "infer.json", report.to_dict())):
        console.print(f"Wrote {path}", markup=False, soft_wrap=True)


def asked(options: InferOptions) -> Wanted:
    """The options, checked."""
    from inkread.interfaces.bench.inference import Wanted

    backends = listed(options.backends, BACKENDS, "backends")
    threads = [part.strip() for part in options.threads.split(",") if part.strip()]
    if not threads or not all(part.isdecimal() and int(part) for part in threads):
        raise BadOption(f"--threads takes numbers from 1, parted by commas; got {options.threads!r}")
    if min(options.rounds, options.starts, options.batch) < 1:
        raise BadOption("rounds, starts and batch must be 1 or more")
    return Wanted(tuple(backends), sorted(set(map(int, threads))), options.rounds, options.starts, options.batch)


def machine(options: InferOptions) -> Iterator[tuple[str, str]]:
    """What the times depend on; the load is that of the last minute, before anything is done."""
    from inkread.interfaces.bench.int8 import integer_instructions

    for flag in fields(options):
        yield flag.name, str(getattr(options, flag.name))
    yield "machine", f"{os.cpu_count()} cores, {platform.machine()}"
    yield "products of 8-bit integers", ", ".join(integer_instructions()) or "unknown"
    yield "load before", recent_load()
    for package in PACKAGES:
        if find_spec(package):
            yield package, version(package)


def measured(
    models: Sequence[str], files: Callable[[str, Path], Prepared], wanted: Wanted, scratch: Path, console: Console
) -> list[tuple[Prepared, Found]]:
    """Every network, prepared and timed one after the other, with a bar that shows how far it is."""
    from inkread.interfaces.bench.inference import measure, steps

    found = []
    for number, name in enumerate(dict.fromkeys(models)):
        with console.status(f"Preparing {name}"):
            network = files(name, scratch / str(number))
        for remark in network.remarks:
            console.print(remark, markup=False, soft_wrap=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task(f"Timing {name}", total=steps(wanted))
            result = measure(network, wanted, partial(progress.advance, bar))
        for sentence in result.skipped:
            console.print(f"Skipped: {sentence}", markup=False, soft_wrap=True)
        found.append((network, result))
    return found


def from_prompt(scratch: Path, console: Console) -> Timing | None:
    """Seconds of `inkread read` of two lines of text, from the shell's prompt to the answer."""
    from inkread.interfaces.bench.inference import timing
    from inkread.interfaces.bench.shell import from_shell
    from inkread.interfaces.commands.demo import write_message

    picture = scratch / "message.png"
    write_message(picture)
    with console.status("Reading from the shell"):
        taken = from_shell(picture, "auto", SHELL_RUNS)
    return timing(taken) if taken else None
