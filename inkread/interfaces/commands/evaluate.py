"""`inkread evaluate`: how good a trained network is, and where it errs."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
from rich.console import Console

from inkread.interfaces.data_choice import Measured, Part, open_measured
from inkread.interfaces.missing import refuse_missing_run
from inkread.interfaces.target_file import refuse_file

if TYPE_CHECKING:
    from inkread.evaluation.report import Speed, Subject
    from inkread.recognition import Recogniser

TIMED_BATCH = 8_192  # glyphs; enough to keep every core busy for a tenth of a second
REPEATS = 5
TIMED_ALONE = 500  # single glyphs; their median is quoted


def evaluate(run: str, *, split: Part = "val", data: tuple[str, ...] = (), report: Path | None = None) -> None:
    """Measure a trained network, and show where it errs.

    Parameters
    ----------
    run
        A run's folder, an .onnx file, or the shipped 'digits' or 'letters'.
    split
        val: the validation part of the training data; test: the test part; all: everything of --data, for data that the
        network was not trained on.
    data
        Measure on these instead of the data set that it was trained on: the data folder, folders or .npz files; may be
        repeated.
    report
        Write report.html and report.json into this folder, and the drawings as SVG and PNG into its folder figures.
    """
    from inkread.recognition import SHIPPED  # ONNX Runtime, which the help of the verb need not wait for

    console = Console()
    refuse_file("--report", report)
    refuse_missing_run(run, SHIPPED, "inkread evaluate")
    measured = open_measured(run, split, data)
    if measured.dataset.remark:
        console.print(measured.dataset.remark, markup=False, soft_wrap=True)
    for path in report_on(console, measured, report):
        console.print(f"Wrote {path}", markup=False, soft_wrap=True)


def report_on(console: Console, measured: Measured, folder: Path | None) -> list[Path]:
    """Print the tables, write the report where a folder is given; give the files written."""
    from inkread.evaluation import calibration, classification, report, tables
    from inkread.evaluation.classification_plots import classification_figures

    recogniser, split = measured.recogniser, measured.split
    log_probs = recogniser.log_probs(split.images)
    result = classification.evaluate(log_probs, split.labels, recogniser.alphabet, groups(measured))
    temperature = float(cast(float, recogniser.details["temperature"]))
    # Logits up to a constant a row, which no probability depends on.
    calibrated = calibration.before_and_after(log_probs * temperature, split.labels, temperature)
    subject = describe(measured)
    console.print(tables.classification(result, subject, calibrated))
    if folder is None:
        console.print("All characters, the confusion matrix and pictures of the mistakes: add --report FOLDER")
        return []
    page = report.classification_html(result, split.images, subject, calibrated)
    figures = classification_figures(result, split.images, calibrated)
    drawn = report.write_figures(folder / "figures", figures)
    names = [path.relative_to(folder).as_posix() for path in drawn]
    record = report.classification_record(result, subject, calibrated, names)
    return [
        report.write(folder / "report.html", page),
        report.write(folder / "report.json", record),
        folder / "figures",
    ]


def groups(measured: Measured) -> dict[str, npt.NDArray[np.str_]] | None:
    """Capitals and small letters apart, where both are one class and the source tells them."""
    written = measured.split.written
    if written is None or not measured.recogniser.alphabet.fold_case:
        return None
    return {"case": np.select([np.char.isupper(written), np.char.islower(written)], ["capital", "small"], "unknown")}


def describe(measured: Measured) -> Subject:
    """What the report says of the network, the data and the machine."""
    from inkread.evaluation.report import Size, Subject

    details = measured.recogniser.details
    provenance = cast("dict[str, object]", details["provenance"])
    size = Size(
        int(cast(int, provenance["parameters"])),
        int(cast(int, provenance["multiply_adds"])),
        measured.recogniser.size,
    )
    return Subject(
        model=f"{measured.recogniser.name} ({details['arch']})",
        data=measured.described,
        remark=measured.dataset.remark,
        speed=measure_speed(measured.recogniser, measured.split.images),
        size=size,
        provenance=provenance,
    )


def measure_speed(recogniser: Recogniser, glyphs: npt.NDArray[np.uint8]) -> Speed:
    """Medians over several runs, after one to warm up, on all cores of this machine."""
    from inkread.evaluation.report import Speed

    batch = np.resize(glyphs, (TIMED_BATCH, *glyphs.shape[1:]))
    together = seconds(recogniser, [batch] * (REPEATS + 1))[1:]
    alone = seconds(recogniser, [batch[i : i + 1] for i in range(TIMED_ALONE)])
    hardware = f"{os.cpu_count()} cores, {platform.machine()}, ONNX Runtime"
    return Speed(TIMED_BATCH / median(together), 1000 * median(alone), hardware)


def seconds(recogniser: Recogniser, batches: list[npt.NDArray[np.uint8]]) -> list[float]:
    """How long each batch takes."""
    taken = []
    for batch in batches:
        started = time.perf_counter()
        recogniser.log_probs(batch)
        taken.append(time.perf_counter() - started)
    return taken
