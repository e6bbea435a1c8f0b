"""A network that is there and a writer's own glyphs -> what training needs to go on with it, and what that changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from rich.table import Table
from torch import nn

from inkread.alphabet import DIGITS, LETTERS
from inkread.data import Dataset, Split, load, load_for
from inkread.data.datasets import SAMPLE, SYNTHETIC
from inkread.errors import BadCheckpoint, BadData, BadOption, DataMissing
from inkread.interfaces.data_choice import open_any_network
from inkread.interfaces.export import TOLERANCE, check_glyphs, largest_difference
from inkread.models import Checkpoint, logits
from inkread.models import load as load_checkpoint
from inkread.recognition import SHIPPED
from inkread.run_folder import network_file
from inkread.training import fine_tuning
from inkread.training.config import TrainConfig

if TYPE_CHECKING:
    from inkread.training.loop import Finished

COMPARED: Final = 5_000  # validation glyphs learnt before that are read before and after


@dataclass(frozen=True)
class Start:
    """A network to train further: ``network`` in evaluation mode, its description, and the data that it learnt from or
    what stands in for it.
    """

    network: nn.Module
    checkpoint: Checkpoint
    before: Dataset


def open_network(name: str) -> tuple[nn.Module, Checkpoint]:
    """A network by its name: 'digits', 'letters', a run's folder, a checkpoint or an .onnx file; else BadCheckpoint."""
    path = Path(name)
    if name in SHIPPED or network_file(path).is_file():
        return open_any_network(path)
    raise BadCheckpoint(
        f"--from is {name!r}; expected {' or '.join(SHIPPED)}, the folder of a finished run, or an exported .onnx file"
    )


def named(config: TrainConfig) -> TrainConfig:
    """The configuration with what the network to start from decides: architecture and data set.

    Raises BadOption for options that speak against it.
    """
    assert config.start is not None
    if not config.data:
        raise BadOption(
            f"--from {config.start} needs glyphs to learn; name yours: inkread train --from {config.start} --data mine/"
        )
    _, checkpoint = open_network(config.start)
    decided = {"arch": checkpoint.arch, "dataset": str(checkpoint.config["dataset"])}
    for option, value in decided.items():
        asked = getattr(config, option)
        if asked not in (None, value):
            raise BadOption(f"--from {config.start} decides the {option}: {value}; leave {asked} out")
    return replace(config, **decided)  # type: ignore[arg-type]


def open_start(name: str) -> Start:
    """The network, checked where it was rebuilt from an ONNX file, and what it learnt before."""
    network, checkpoint = open_network(name)
    before = learnt_before(checkpoint)
    if name in SHIPPED or name.endswith(".onnx"):
        content = ((files("inkread") / "weights" / f"{name}.onnx") if name in SHIPPED else Path(name)).read_bytes()
        difference = largest_difference(content, network, checkpoint.temperature, check_glyphs(before))
        if not difference <= TOLERANCE:
            raise BadCheckpoint(
                f"{name} cannot be trained further: rebuilt from its ONNX file it differs by {difference:.2g} in a "
                "log-probability; name the folder of its run"
            )
    return Start(network, checkpoint, before)


def learnt_before(checkpoint: Checkpoint) -> Dataset:
    """The data set that a network was trained on, where that is on this machine; else what ships in its place."""
    name, places = str(checkpoint.config["dataset"]), cast("list[str]", checkpoint.config["data"])
    if checkpoint.config.get("start"):
        places = []  # those of another hand: most of what it knows it learnt before them
    shipped = {DIGITS: SAMPLE, LETTERS: SYNTHETIC}.get(checkpoint.alphabet)
    try:
        dataset = load(name, sources=[Path(place) for place in places if Path(place).exists()])
    except (BadData, BadOption, DataMissing):
        if shipped is None:
            raise
        dataset = load(shipped)
    if (dataset.alphabet, dataset.framing) != (checkpoint.alphabet, checkpoint.framing):
        raise BadData(
            f"the network knows {checkpoint.alphabet.characters}, but {name}, which it learnt from, now shows "
            f"{dataset.alphabet.characters}; expected the same data, or it would forget"
        )
    return dataset


def own_glyphs(config: TrainConfig, checkpoint: Checkpoint) -> Dataset:
    """The writer's glyphs, for the network's alphabet."""
    return load_for(checkpoint.alphabet, checkpoint.framing, [Path(place) for place in config.data], config.stem)


@dataclass(frozen=True)
class Compared:
    """How many of some glyphs were read right before and after."""

    glyphs: str
    count: int
    before: int
    after: int


def compare(start: Start, own: Dataset, finished: Finished) -> list[Compared]:
    """What fine-tuning changed: on the writer's held-out glyphs, and on those that the network learnt before.

    It is also added to the run's record.
    """
    tuned, _ = load_checkpoint(finished.run.model)
    known = start.before.val.take(np.arange(min(COMPARED, len(start.before.val))))
    parts = {"your glyphs, held out": fine_tuning.held_out(own), f"{start.before.name}, validation part": known}
    rows = [
        Compared(name, len(part), right(start.network, part), right(tuned, part))
        for name, part in parts.items()
        if part
    ]
    record = json.loads(finished.run.record.read_text(encoding="utf-8"))
    finished.run.write_record({**record, "compared": [asdict(row) for row in rows]})
    return rows


def right(network: nn.Module, part: Split) -> int:
    """How many glyphs a network reads right."""
    return int((logits(network, part.images).argmax(axis=1) == part.labels).sum())


def table(rows: list[Compared]) -> Table:
    """What fine-tuning changed, as a table."""
    shown = Table(box=None, pad_edge=False)
    for heading in ("read right", "glyphs", "before", "after"):
        shown.add_column(heading, justify="left" if heading == "read right" else "right")
    for row in rows:
        shares = (f"{row.before / row.count:.1%}", f"{row.after / row.count:.1%}")
        shown.add_row(row.glyphs, f"{row.count:,}", *shares)
    return shown
