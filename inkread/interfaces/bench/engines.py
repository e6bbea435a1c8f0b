"""Engines that read pictures, each behind the same verb: the bytes of a file -> a text, its words and how long it took.

Tesseract is asked through its command, RapidOCR through a process of a Python that has it. Each has several ways to be
asked; which of them count is the caller's choice.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from inkread.errors import BadOption, InkreadError

if TYPE_CHECKING:
    from inkread.interfaces.bench.sets import Sample

ENGINES: Final = ("inkread", "tesseract", "rapidocr")
RAPIDOCR_PYTHON: Final = "INKREAD_RAPIDOCR_PYTHON"
WORKER: Final = Path(__file__).with_name("rapidocr_worker.py")
SAME_ROW: Final = 0.5  # of a box's height; boxes whose middles are nearer stand in one row
CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LINE_MODE, PAGE_MODE = 7, 6  # of Tesseract's page segmentation: a single line, a uniform block of text
PATIENCE: Final = 300  # seconds for one picture; who needs longer has read nothing


class NotThere(InkreadError):
    """An engine that is not installed."""


@dataclass(frozen=True)
class Answer:
    """What was read: lines parted by newlines, each word with its confidence (0..1), and the milliseconds it took."""

    text: str
    words: tuple[tuple[str, float], ...]
    ms: float


class Engine(Protocol):
    """Whoever reads."""

    @property
    def name(self) -> str:
        """What tables call it."""

    @property
    def version(self) -> str:
        """Which one answered."""

    def suits(self, sample: Sample) -> bool:
        """Whether this way of asking makes sense for the picture."""

    def read(self, sample: Sample) -> Answer:
        """Read one picture."""


class Inkread:
    """This package, in this process, warm."""

    name = "inkread"

    def __init__(self, model: str) -> None:
        from inkread import __version__
        from inkread.loading import load

        self.version = f"{__version__}, {model}"
        self._reader = load(model)

    def suits(self, sample: Sample) -> bool:
        """Any picture."""
        return True

    def read(self, sample: Sample) -> Answer:
        """Read one picture."""
        started = time.perf_counter()
        reading = self._reader.read(sample.file)
        taken = 1000 * (time.perf_counter() - started)
        return Answer(reading.text, tuple((word.text, word.confidence) for word in reading.words), taken)


@dataclass(frozen=True)
class Tesseract:
    """The command ``tesseract``; the time includes its start, as whoever calls the command has to wait for it."""

    program: str
    version: str
    line_mode: int = LINE_MODE
    whitelist: bool = False
    crop: bool = False

    @property
    def name(self) -> str:
        """With the way it is asked."""
        if self.whitelist:
            return "tesseract, capitals only"
        return "tesseract" if not self.crop and self.line_mode == LINE_MODE else self._way

    @property
    def _way(self) -> str:
        return "tesseract, cropped" if self.crop else f"tesseract, psm {self.line_mode}"

    def suits(self, sample: Sample) -> bool:
        """A whitelist of capitals makes sense for capitals, cropping and another mode for lines."""
        if self.whitelist:
            return "capitals" in sample.set and "numbered" not in sample.set
        return self.name == "tesseract" or not sample.is_page

    def read(self, sample: Sample) -> Answer:
        """Read one picture."""
        mode = PAGE_MODE if sample.is_page else self.line_mode
        only = ["-c", f"tessedit_char_whitelist={CAPITALS} "] if self.whitelist else []
        command = [self.program, "stdin", "stdout", "-l", "eng", "--psm", str(mode), *only, "tsv"]
        file = sample.cropped if self.crop else sample.file
        started = time.perf_counter()
        try:
            done = subprocess.run(command, input=file, capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return Answer("", (), 1000.0 * PATIENCE)
        taken = 1000 * (time.perf_counter() - started)
        return Answer(*_from_tsv(done.stdout.decode("utf-8", "replace")), taken)


def _from_tsv(table: str) -> tuple[str, tuple[tuple[str, float], ...]]:
    """Tesseract's table of words -> text and words."""
    lines: dict[tuple[str, ...], list[str]] = {}
    words = []
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row.get("level") == "5" and (text := (row.get("text") or "").strip()):
            lines.setdefault((row["block_num"], row["par_num"], row["line_num"]), []).append(text)
            words.append((text, min(1.0, max(0.0, float(row["conf"]) / 100))))
    return "\n".join(" ".join(line) for line in lines.values()), tuple(words)


class RapidOcr:
    """RapidOCR in another process; the time is that of reading alone, warm."""

    def __init__(self, python: str, whole: bool) -> None:
        self._whole = whole
        self._process = subprocess.Popen(
            [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            self.version = str(self._answer()["version"])
        except NotThere:
            self.close()
            raise

    @property
    def name(self) -> str:
        """With the way it is asked."""
        return "rapidocr" if self._whole else "rapidocr, one line"

    def suits(self, sample: Sample) -> bool:
        """Taking the picture as one line makes sense for lines; it is cropped for that."""
        return self._whole or not sample.is_page

    def read(self, sample: Sample) -> Answer:
        """Read one picture."""
        file = sample.file if self._whole else sample.cropped
        request = {"file": base64.b64encode(file).decode("ascii"), "whole": self._whole}
        assert self._process.stdin is not None  # opened as a pipe
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        found = self._answer()
        rows = in_rows(found["boxes"])
        words = tuple((word, score) for row in rows for text, score in row for word in text.split())
        return Answer("\n".join(" ".join(text for text, _ in row) for row in rows), words, 1000 * found["seconds"])

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # opened as a pipe
        line = self._process.stdout.readline()
        if not line:
            raise NotThere("RapidOCR's process ended without an answer; try: pip install rapidocr-onnxruntime")
        answer: dict[str, Any] = json.loads(line)
        return answer


def in_rows(boxes: Sequence[Sequence[Any]]) -> list[list[tuple[str, float]]]:
    """Boxes (four corners, text, score) -> rows from top to bottom, each from left to right."""
    placed = []
    for corners, text, score in boxes:
        xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
        placed.append(((min(ys) + max(ys)) / 2, max(ys) - min(ys), min(xs), str(text), float(score)))
    rows: list[list[tuple[float, float, float, str, float]]] = []
    for box in sorted(placed):
        if rows and box[0] - rows[-1][-1][0] < SAME_ROW * max(rows[-1][-1][1], 1):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [[(text, score) for _, _, _, text, score in sorted(row, key=lambda b: b[2])] for row in rows]


def open_engine(name: str, model: str, rapidocr_python: str | None) -> list[Engine]:
    """The ways to ask one engine. Raises NotThere, in a sentence, where it is not installed; BadOption for others."""
    if name == "inkread":
        return [Inkread(model)]
    if name == "tesseract":
        return _tesseracts()
    if name == "rapidocr":
        return _rapidocrs(rapidocr_python or os.environ.get(RAPIDOCR_PYTHON))
    raise BadOption(f"{name!r} is no engine; expected some of {', '.join(ENGINES)}")


def _tesseracts() -> list[Engine]:
    program = shutil.which("tesseract")
    if program is None:
        raise NotThere("Tesseract is not installed; on Debian: apt-get install tesseract-ocr")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = (told.stdout or told.stderr).split("\n")[0].removeprefix("tesseract ").strip()
    return [
        Tesseract(program, version),
        Tesseract(program, version, PAGE_MODE),
        Tesseract(program, version, crop=True),
        Tesseract(program, version, whitelist=True),
    ]


def _rapidocrs(python: str | None) -> list[Engine]:
    if python is None and find_spec("rapidocr_onnxruntime") is None:
        raise NotThere(
            "RapidOCR is not installed; pip install rapidocr-onnxruntime into an environment of its own, and name its "
            f"Python: {RAPIDOCR_PYTHON}=/path/to/env/bin/python"
        )
    return [RapidOcr(python or sys.executable, whole) for whole in (True, False)]
