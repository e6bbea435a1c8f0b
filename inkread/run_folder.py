"""One training run as a folder: which file holds what. Training writes them, reading needs no torch to find them.

runs/digits-cnn/
  model.safetensors   the trained network (written at the end)
  model.onnx          the same, for reading without torch (written by `inkread train` and `inkread export`)
  state.safetensors   weights, optimiser and history after the last whole epoch
  log.jsonl           one row an epoch
  record.json         configuration, figures, machine
  curve.svg           the learning curve
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from inkread.errors import BadCheckpoint
from inkread.files import half_written, write_whole

Row = Mapping[str, float]

NETWORK, EXPORTED = "model.safetensors", "model.onnx"  # either makes a folder a run that can be measured


@dataclass(frozen=True)
class Run:
    """The folder of one training run."""

    folder: Path

    @classmethod
    def around(cls, path: Path) -> Run:
        """The run that a path means: a folder, or a file in it."""
        return cls(path if path.is_dir() else path.parent)

    @property
    def model(self) -> Path:
        """The trained network."""
        return self.folder / NETWORK

    @property
    def onnx(self) -> Path:
        """The trained network for reading."""
        return self.folder / EXPORTED

    @property
    def state(self) -> Path:
        """Everything that training needs to go on."""
        return self.folder / "state.safetensors"

    @property
    def log(self) -> Path:
        """One row an epoch, JSON lines."""
        return self.folder / "log.jsonl"

    @property
    def record(self) -> Path:
        """Configuration, figures and machine, JSON."""
        return self.folder / "record.json"

    @property
    def curve(self) -> Path:
        """The learning curve, SVG."""
        return self.folder / "curve.svg"

    @property
    def exists(self) -> bool:
        """Whether training has been started here."""
        return self.state.exists() or self.model.exists()

    @property
    def taken(self) -> bool:
        """Whether a new run would overwrite one: of some, nothing is there but the network for reading."""
        return self.exists or self.onnx.exists()

    def sweep(self) -> None:
        """Remove what a training that was killed here had half written."""
        for partial in half_written(self.folder):
            partial.unlink(missing_ok=True)

    def write_log(self, history: Sequence[Row]) -> None:
        """Write the whole log anew: a run that was killed leaves no half row and no epoch twice."""
        write_whole(self.log, "".join(json.dumps(row) + "\n" for row in history).encode())

    def write_record(self, record: Mapping[str, object]) -> None:
        """Write configuration, figures and machine."""
        write_whole(self.record, (json.dumps(record, indent=2) + "\n").encode())


def network_file(path: Path) -> Path:
    """The network that a path means: that of a run's folder, or the file itself."""
    return Run(path).model if path.is_dir() else path


def newest(folder: Path, stem: str) -> Run:
    """The run that was started last under a name: ``stem``, or ``stem-2``, ``stem-3``… where there are several."""
    runs = {number: run for number, run in numbered(folder, stem).items() if run.exists}
    if not runs:
        raise BadCheckpoint(f"there is no run to resume at {folder / stem}; start one without --resume")
    return runs[max(runs)]


def reserved(folder: Path, stem: str) -> Run:
    """A new folder for a run of a name: numbered after all that are there, so that the newest has the last number.

    It is made at once: of two trainings that begin together each has its own.
    """
    for number in itertools.count(max(numbered(folder, stem), default=0) + 1):
        place = folder / (stem if number == 1 else f"{stem}-{number}")
        with suppress(FileExistsError):
            place.mkdir(parents=True)
            return Run(place)
    raise AssertionError("numbers do not end")


def numbered(folder: Path, stem: str) -> dict[int, Run]:
    """The runs of a name that are there, by number: ``stem`` is 1. Some may have been deleted."""
    name = re.compile(re.escape(stem) + r"(?:-([2-9]|[1-9]\d+))?")
    places = [(place, name.fullmatch(place.name)) for place in folder.iterdir()] if folder.is_dir() else []
    runs = {int(match[1] or 1): Run(place) for place, match in places if match}
    return {number: run for number, run in runs.items() if run.taken}
