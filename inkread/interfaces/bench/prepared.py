"""A model's name -> the files that every backend opens, and the glyphs that they are asked about. Times nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from inkread.alphabet import DIGITS
from inkread.errors import BadCheckpoint, MissingDependency
from inkread.interfaces.bench.backends import FLOAT32, INT8, WEIGHTS, Glyphs
from inkread.interfaces.bench.int8 import quantise
from inkread.interfaces.data_choice import Part, choose, open_dataset, open_measured
from inkread.recognition import SHIPPED
from inkread.run_folder import Run

if TYPE_CHECKING:
    from torch import nn

    from inkread.data import Dataset, Split
    from inkread.models import Checkpoint

PUBLIC: Final = "pytorch-example"  # the network of `public_example`
TIMED, READ = "timed.npy", "read.npy"


@dataclass(frozen=True, eq=False)
class Prepared:
    """A network as files in a ``folder``: those of the backends, glyphs to time (TIMED) and glyphs to read (READ).

    Attributes:
        name: as the user called it.
        arch: its architecture.
        trained: whether it is; an architecture's name means a fresh network, good for times alone.
        parameters: trained numbers.
        multiply_adds: of one glyph.
        split: the glyphs that it reads, and their labels.
        described: what these glyphs are, in words.
        remarks: what the user has to know, in sentences.
    """

    name: str
    arch: str
    trained: bool
    parameters: int
    multiply_adds: int
    folder: Path
    split: Split
    described: str
    remarks: tuple[str, ...]


def prepare(name: str, folder: Path, part: Part, data: Sequence[str], batch: int) -> Prepared:
    """Write a network's files: shipped, a run's folder, an .onnx file, or an architecture's name for a fresh one."""
    from inkread.models import ARCHITECTURES

    folder.mkdir(parents=True)
    return (fresh if name in (*ARCHITECTURES, PUBLIC) else trained)(name, folder, part, data, batch)


def trained(name: str, folder: Path, part: Part, data: Sequence[str], batch: int) -> Prepared:
    """A trained network. PyTorch gets its checkpoint, or a network built anew from the exported file."""
    measured = open_measured(name, part, data)
    details = measured.recogniser.details
    provenance = cast("dict[str, int]", details["provenance"])
    write(folder, onnx_bytes(name), measured.dataset, measured.split, batch)
    remarks = [measured.dataset.remark] if measured.dataset.remark else []
    try:
        write_weights(folder, checkpoint_beside(name))
    except (BadCheckpoint, MissingDependency) as error:
        remarks.append(f"{name}: PyTorch is left out: {error}")
    return Prepared(
        name, str(details["arch"]), True, provenance["parameters"], provenance["multiply_adds"],
        folder, measured.split, measured.described, tuple(remarks),
    )  # fmt: skip


def fresh(name: str, folder: Path, part: Part, data: Sequence[str], batch: int) -> Prepared:
    """A network as it is before training, for digits: as fast as a trained one, and right by chance alone."""
    from inkread.interfaces.bench.public_example import Net
    from inkread.interfaces.export import to_onnx
    from inkread.models import Checkpoint, build, measure, save

    dataset = open_dataset("digits", data)
    network = Net() if name == PUBLIC else build(name, len(DIGITS))
    size = measure(network)
    checkpoint = Checkpoint(name, name, DIGITS, dataset.framing, provenance=asdict(size))
    if name != PUBLIC:  # no checkpoint is opened as a network of others
        save(folder / WEIGHTS, network, checkpoint)
    split = choose(dataset, part)
    write(folder, to_onnx(network, checkpoint), dataset, split, batch)
    return Prepared(
        name, name, False, size.parameters, size.multiply_adds,
        folder, split, "nothing", (f"{name} is a fresh network, without accuracy.",),
    )  # fmt: skip


def write(folder: Path, content: bytes, dataset: Dataset, split: Split, batch: int) -> None:
    """The exported network, the same in 8-bit integers, and the glyphs."""
    (folder / FLOAT32).write_bytes(content)
    quantise(folder / FLOAT32, folder / INT8, dataset.train.images)
    timed: Glyphs = np.resize(split.images, (batch, *split.images.shape[1:]))
    np.save(folder / TIMED, timed)
    np.save(folder / READ, split.images)


def onnx_bytes(name: str) -> bytes:
    """The exported file of a name that `reader.load_recogniser` has opened."""
    if name in SHIPPED:
        return (files("inkread") / "weights" / f"{name}.onnx").read_bytes()
    return exported(Path(name)).read_bytes()


def exported(path: Path) -> Path:
    """The .onnx file that a path means."""
    return path if path.suffix == ".onnx" else Run.around(path).onnx


def checkpoint_beside(name: str) -> Path | None:
    """The checkpoint of the run that a name means; None where the exported file is all there is."""
    if name in SHIPPED:
        return None
    beside = exported(Path(name)).with_suffix(".safetensors")
    return beside if beside.is_file() else None


def write_weights(folder: Path, checkpoint: Path | None) -> None:
    """The network as PyTorch opens it, from a checkpoint or else from the exported file, where it says the same.

    Raises BadCheckpoint where it cannot be built, or says something else.
    """
    from inkread.interfaces.export import TOLERANCE, largest_difference
    from inkread.models import load, save

    content = (folder / FLOAT32).read_bytes()
    found: tuple[nn.Module, Checkpoint]
    if checkpoint is None:
        from inkread.interfaces.rebuilt import rebuilt

        found = rebuilt(content)
    else:
        found = load(checkpoint)
    difference = largest_difference(content, found[0], found[1].temperature, np.load(folder / TIMED))
    if not difference <= TOLERANCE:
        raise BadCheckpoint(
            f"the weights say something else than the exported file, by {difference:.2g} in a log-probability; "
            "export it again with: inkread export RUN"
        )
    save(folder / WEIGHTS, *found)
