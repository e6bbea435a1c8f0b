"""`inkread bench scaling`: what training, inference, decoding and reading cost as the work grows."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from rich.console import Console
from rich.progress import Progress

from inkread.errors import BadOption
from inkread.interfaces.bench.asked import listed, recent_load
from inkread.interfaces.bench.growing import Family
from inkread.interfaces.target_file import refuse_file

if TYPE_CHECKING:
    from inkread.interfaces.bench.growing import Curve, Work

REPEATS: Final = 5  # readings of the clock for each size; their median counts
PACKAGES: Final = ("numpy", "onnxruntime", "torch")
FORMATS: Final[tuple[Literal["svg", "png"], ...]] = ("svg", "png")


def scaling(
    *,
    data: Path | None = None,
    curves: str = ",".join(get_args(Family)),
    repeats: int = REPEATS,
    out: Path | None = None,
) -> None:
    """Time training, inference, decoding and reading in growing sizes, and tell by which power their cost grows.

    Parameters
    ----------
    data
        A data folder with MNIST/, letters/ and text/; without it, INKREAD_DATA, or what ships with inkread, in fewer
        pictures.
    curves
        Some of training, inference, decoding, reading, parted by commas.
    repeats
        How often each size is timed; the median counts.
    out
        Write scaling.html, scaling.json and a plot of each kind, SVG and PNG, into this folder.
    """
    from inkread.evaluation import plots
    from inkread.interfaces.bench import scaling as told

    console = Console()
    refuse_file("--out", out)
    wanted = listed(curves, get_args(Family), "curves")
    if repeats < 1:
        raise BadOption(f"repeats must be 1 or more; got {repeats}")
    if out is not None:
        plots.blank_figure()  # says how to get matplotlib before anything takes time
    facts = {"curves": curves, "repeats": str(repeats), **_machine()}
    with tempfile.TemporaryDirectory() as scratch:
        with console.status("Preparing"):
            works = prepared(wanted, data, Path(scratch))
        glyphs = list(dict.fromkeys(work.glyphs for work in works))
        for sentence in glyphs:
            console.print(f"Glyphs: {sentence}.", markup=False, soft_wrap=True)
        found = watched(works, repeats, console)
    facts["glyphs"] = "; ".join(glyphs)
    console.print(told.table(found))
    console.print(f"\n{told.HOW}", markup=False, soft_wrap=True)
    for path in () if out is None else written(out, facts, found):
        console.print(f"Wrote {path}", markup=False, soft_wrap=True)


def _machine() -> dict[str, str]:
    """What the times depend on; the load is that of the last minute, before anything is done."""
    versions = {package: version(package) for package in PACKAGES if find_spec(package)}
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    return {"machine": machine, "OMP_NUM_THREADS": threads, "load before": recent_load(), **versions}


def prepared(families: Sequence[Family], data: Path | None, scratch: Path) -> list[Work]:
    """All works of some families, ready to be done; training writes its files into ``scratch``."""
    from inkread.data import data_folder
    from inkread.interfaces.bench.works import WORKS, Material

    material = Material(data_folder(data), scratch)
    return [work for family in families for work in WORKS[family](material)]


def watched(works: Sequence[Work], repeats: int, console: Console) -> list[Curve]:
    """Everything timed, with a bar that shows how far it is."""
    from inkread.interfaces.bench.growing import measured

    total = (repeats + 1) * sum(len(work.sizes) for work in works)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Timing", total=total)
        return measured(works, repeats, lambda: progress.advance(bar))


def written(folder: Path, facts: Mapping[str, str], curves: Sequence[Curve]) -> list[Path]:
    """The page, the record and the plots on disk; gives their paths."""
    from inkread.evaluation import plots, report
    from inkread.interfaces.bench import scaling as told

    paths = [
        report.write(folder / "scaling.html", told.html(facts, curves)),
        report.write(folder / "scaling.json", told.record(facts, curves)),
    ]
    for family, own in told.families(curves).items():
        drawing = told.figure(own)
        paths += [report.write(folder / f"{family}.{kind}", plots.file(drawing, kind)) for kind in FORMATS]
    return paths
