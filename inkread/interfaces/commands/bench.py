"""`inkread bench`: how well inkread reads beside other engines, and how it bears what pictures suffer."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Final, get_args

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress

from inkread.errors import BadOption
from inkread.interfaces.bench.asked import listed, recent_load
from inkread.interfaces.bench.engines import ENGINES, Engine, NotThere, RapidOcr, open_engine
from inkread.interfaces.bench.sets import COMPOSED, KINDS, PAGE_KINDS, Sample
from inkread.interfaces.bench.shell import from_shell
from inkread.interfaces.bench.targets import OWN
from inkread.interfaces.bench.texts import Held, Writing
from inkread.interfaces.target_file import refuse_file

if TYPE_CHECKING:
    from inkread.interfaces.bench.measure import Read
    from inkread.interfaces.bench.robustness import Borne
    from inkread.interfaces.bench.told import BenchReport

COLD_RUNS: Final = 5  # starts from the shell; their median counts


@dataclass(frozen=True)
class BenchOptions:
    """What is read, and by whom."""

    kinds: str = "clean,hard,words,strangers,forms,pages,ruled,real-pages,negatives"
    """Sets, parted by commas: clean, hard, words, strangers, forms, pages, ruled, real-pages, negatives."""

    writing: str = "capitals,mixed"
    """How the composed sets are written, parted by commas: capitals, mixed, numbers."""

    n: int = 120
    """Lines and words of each kind, over all ways of writing; a sixth as many pages, half as many negatives."""

    pages: int | None = None
    """Pages of each set; without it, a sixth of --n over all ways of writing."""

    split: Held = "val"
    """The tenth of the messages that is written: val for choosing, test for reporting."""

    seed: int = 0
    """Seed of glyphs, hands, paper and intervals."""

    engines: str = ",".join(ENGINES)
    """Who reads, parted by commas; those that are not installed are skipped."""

    rapidocr_python: Path | None = None
    """A Python that has rapidocr-onnxruntime; without it, the environment's INKREAD_RAPIDOCR_PYTHON, or this one."""

    def __post_init__(self) -> None:
        """Refuse a seed that makes no sense."""
        if self.seed < 0:
            raise BadOption(f"seed is {self.seed}; expected 0 or more")


DEFAULT: Final = BenchOptions()


def read(
    *,
    model: str = "auto",
    data: Path | None = None,
    options: Annotated[BenchOptions, Parameter(name="*")] = DEFAULT,
    out: Path | None = None,
) -> None:
    """Read lines and pages of all kinds, and pictures without text, beside Tesseract and RapidOCR.

    Parameters
    ----------
    model
        auto, characters, letters, digits, an .onnx file or a run's folder.
    data
        A data folder with letters/, text/ and MNIST/; without it, INKREAD_DATA, or what ships with inkread.
    out
        Write bench.html and bench.json into this folder.
    """
    from inkread.evaluation.report import write
    from inkread.interfaces.bench import told

    console = Console()
    refuse_file("--out", out)
    listed(options.engines, ENGINES, "engines")  # before anything takes time
    remark, samples = gather(data, options)
    console.print(f"Glyphs: {remark}.", markup=False, soft_wrap=True)
    load = recent_load()  # before what is measured adds to it
    with ExitStack() as stack:
        engines = opened(options, model, console, stack)
        reads = watched(engines, samples, console)
    cold = cold_start(samples, model) if any(engine.name == OWN for engine in engines) else None
    facts = {
        **{flag.name.replace("_", " "): str(getattr(options, flag.name)) for flag in fields(options)},
        "glyphs": remark, "load": load,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        **{engine.name: engine.version for engine in engines},
    }  # fmt: skip
    report = report_of(reads, facts, cold, options.seed)
    console.print(told.terminal(report))
    if out is None:
        return
    for path in (write(out / "bench.html", told.html(report)), write(out / "bench.json", report.to_dict())):
        console.print(f"Wrote {path}", markup=False, soft_wrap=True)


def gather(data: Path | None, options: BenchOptions) -> tuple[str, list[Sample]]:
    """Where the glyphs come from, in a sentence, and every picture of every set."""
    from inkread.data import data_folder
    from inkread.interfaces.bench.negatives import negatives
    from inkread.interfaces.bench.sets import composed, real_pages
    from inkread.interfaces.bench.stock import open_stock, open_unseen
    from inkread.interfaces.bench.texts import held_out, spelt

    folder = data_folder(data)
    kinds = listed(options.kinds, KINDS, "kinds")
    writings = listed(options.writing, get_args(Writing), "writing")
    if options.n < 1 or (options.pages is not None and options.pages < 1):
        raise BadOption("n and pages must be 1 or more")
    stock, messages = open_stock(folder), held_out(folder, options.split)
    lines = max(1, options.n // len(writings))
    sheets = options.pages or max(1, options.n // 6 // len(writings))
    samples: list[Sample] = []
    for kind in kinds:
        if kind in COMPOSED:
            many = sheets if kind in PAGE_KINDS else lines
            if (hands := open_unseen(folder) if kind == "strangers" else stock) is None:
                continue
            for writing in writings:
                samples += composed(kind, writing, hands, spelt(messages, writing), n=many, seed=options.seed)
        elif kind == "negatives":
            samples += negatives(max(1, options.n // 2), options.seed)
        else:
            for numbered in (False, True):
                samples += real_pages(folder, sheets, options.seed, numbered)
    if not samples:
        raise BadOption(
            f"there is nothing to read: {folder} has no glyphs or pages of these kinds; ask for other --kinds"
        )
    return stock.remark, samples


def opened(options: BenchOptions, model: str, console: Console, stack: ExitStack) -> list[Engine]:
    """Every way to ask every engine that is there; the others are named in a sentence."""
    engines: list[Engine] = []
    python = str(options.rapidocr_python) if options.rapidocr_python else None
    for name in listed(options.engines, ENGINES, "engines"):
        try:
            ways = open_engine(name, model, python)
        except NotThere as missing:
            console.print(f"Skipped: {missing}", markup=False, soft_wrap=True)
            continue
        for way in ways:
            if isinstance(way, RapidOcr):
                stack.callback(way.close)
        engines += ways
    if not engines:
        raise BadOption("none of the engines is installed; --engines inkread always is")
    return engines


def watched(engines: Sequence[Engine], samples: Sequence[Sample], console: Console) -> list[Read]:
    """Everything read, with a bar that shows how far it is."""
    from inkread.interfaces.bench.measure import measure

    total = sum(engine.suits(sample) for engine in engines for sample in samples)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Reading", total=total)
        return measure(engines, samples, lambda: progress.advance(bar))


def cold_start(samples: Sequence[Sample], model: str) -> float | None:
    """Seconds of `inkread read` of a clean line from the shell, the median of several; None without line or answer."""
    line = next((sample for sample in samples if sample.kind == "clean"), None)
    if line is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.png"
        path.write_bytes(line.file)
        taken = from_shell(path, model, COLD_RUNS)
    return median(taken) if taken else None


def report_of(reads: Sequence[Read], facts: dict[str, str], cold: float | None, seed: int) -> BenchReport:
    """All figures of what was read."""
    from inkread.evaluation.risk import sure_words
    from inkread.interfaces.bench.measure import best, claims, curve, invented, scores
    from inkread.interfaces.bench.targets import verdicts
    from inkread.interfaces.bench.told import BenchReport

    rows = scores(reads, seed)
    own = [read for read in reads if read.engine == OWN and read.sample.text]
    sure = sure_words(*claims(own)) if own else None
    written = [read for read in reads if read.sample.text]
    suited = dict(best(written))
    asked = {name: suited.get(name) or [read for read in written if read.engine == name] for name in ENGINES}
    curves = {name: curve(own) for name, own in asked.items()}
    return BenchReport(
        facts=facts,
        rows=rows,
        invented=invented(reads),
        verdicts=verdicts(rows, sure, cold),
        sure=sure,
        curves={name: found for name, found in curves.items() if found},
        cold_seconds=cold,
        reads=reads,
    )


def robustness(
    *,
    data: Path | None = None,
    n: int = 1000,
    tasks: str = "digits,letters",
    through_reader: bool = False,
    seed: int = 0,
    out: Path | None = None,
) -> None:
    """Spoil held-out glyphs in the ways of MNIST-C and some more, and tell how many are still read.

    Parameters
    ----------
    data
        A data folder with letters/ and MNIST/; without it, INKREAD_DATA, or what ships with inkread.
    n
        Glyphs of each task.
    tasks
        digits (every corruption) and letters (those that change shape, size and ink), parted by a comma.
    through_reader
        Read each glyph as a picture, as a user would, instead of giving it to the recogniser as it is; slower.
    seed
        Seed of the choice of glyphs and of every chance.
    out
        Write robustness.html and robustness.json into this folder.
    """
    from inkread.evaluation.report import write
    from inkread.interfaces.bench import robustness as bearing

    console = Console()
    refuse_file("--out", out)
    wanted = listed(tasks, ("digits", "letters"), "tasks")
    if n < 1:
        raise BadOption(f"n must be 1 or more; got {n}")
    if seed < 0:
        raise BadOption(f"seed is {seed}; expected 0 or more")
    with console.status("Spoiling glyphs"):
        remark, rows = _borne(wanted, data, n=n, through_reader=through_reader, seed=seed)
    console.print(f"Glyphs: {remark}.", markup=False, soft_wrap=True)
    console.print(bearing.table(rows))
    if told := bearing.mnist_c(rows):
        console.print(told, markup=False, soft_wrap=True)
    if out is None:
        return
    facts = {"glyphs": remark, "seed": str(seed), "through the reader": "yes" if through_reader else "no"}
    record = {"facts": facts, "n": n, "rows": [row.to_dict() for row in rows]}
    for path in (write(out / "robustness.html", bearing.html(facts, rows)), write(out / "robustness.json", record)):
        console.print(f"Wrote {path}", markup=False, soft_wrap=True)


def _borne(
    tasks: Sequence[str], data: Path | None, *, n: int, through_reader: bool, seed: int
) -> tuple[str, list[Borne]]:
    """Where the glyphs come from, in a sentence, and every task's rows."""
    import numpy as np

    from inkread.alphabet import DIGITS, LETTERS
    from inkread.data import data_folder
    from inkread.evaluation.corruptions import CORRUPTIONS, GEOMETRIC
    from inkread.interfaces.bench.robustness import Glyphs, Task, borne, by_reader, by_recogniser
    from inkread.interfaces.bench.stock import open_stock
    from inkread.loading import load

    stock = open_stock(data_folder(data))
    rows: list[Borne] = []
    for name in tasks:
        alphabet, corruptions = (DIGITS, tuple(CORRUPTIONS)) if name == "digits" else (LETTERS, GEOMETRIC)
        own: list[Glyphs] = [stock.glyphs[character] for character in alphabet]
        images, labels = np.concatenate(own), np.repeat(np.arange(len(own)), [len(glyphs) for glyphs in own])
        chosen = np.random.default_rng(seed).permutation(len(labels))[:n]
        classify = (by_reader if through_reader else by_recogniser)(load(name))
        rows += borne(Task(name, images[chosen], labels[chosen]), classify, corruptions, seed)
    return stock.remark, rows
