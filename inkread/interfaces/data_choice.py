"""The user's words for data and models -> loaded glyphs and a loaded recogniser. Shared by the verbs that measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Literal, cast

from inkread.alphabet import DIGITS, LETTERS
from inkread.errors import BadCheckpoint, BadData, BadOption, DataMissing
from inkread.run_folder import network_file

if TYPE_CHECKING:
    from torch import nn

    from inkread.data import Dataset, Split
    from inkread.models import Checkpoint
    from inkread.recognition import Recogniser

Part = Literal["val", "test", "all"]
Config = Mapping[str, object]
TASK_OF = {(DIGITS, "mnist"): "digits", (LETTERS, "emnist"): "letters"}  # by alphabet and framing


def open_dataset(name: str, data: Sequence[str]) -> Dataset:
    """A data set by name, from --data where that was given, else from the data folder (INKREAD_DATA)."""
    from inkread.data import load

    return load(name, sources=[Path(place) for place in data])


def choose(dataset: Dataset, part: Part) -> Split:
    """The part of a data set that is to be measured; 'all' is for sources that no network was trained on."""
    from inkread.data.splits import join

    if part == "all":
        return join([split for split in (dataset.train, dataset.val, dataset.test) if split is not None])
    split = dataset.val if part == "val" else dataset.test
    if split is None or not len(split):
        raise BadData(
            f"{dataset.name} has no {part} part here; measure its other part with --split, or name other --data"
        )
    return split


@dataclass(frozen=True)
class Measured:
    """A recogniser, and the glyphs that it is measured on; ``learnt`` of them it learnt from."""

    recogniser: Recogniser
    dataset: Dataset
    split: Split
    part: Part
    learnt: int = 0

    @property
    def described(self) -> str:
        """What the glyphs are, in the reader's words."""
        told = f"{self.dataset.name}, {self.part} part, {len(self.split):,} glyphs"
        return f"{told}, of which it learnt from {self.learnt:,}" if self.learnt else told


def open_measured(run: str, part: Part | None, data: Sequence[str]) -> Measured:
    """A run's folder, an .onnx file or a shipped name, and the glyphs to measure it on.

    These are of the data set that it was trained on, or of --data; both must have its alphabet and framing. Where no
    part is asked for, they are of the test part if there is one, else of the validation part.
    """
    from inkread.loading import load_recogniser
    from inkread.recognition import SHIPPED

    recogniser = load_recogniser(run)
    dataset = open_for(recogniser, cast("Config", recogniser.details["config"]), data, elsewhere=run in SHIPPED)
    if (dataset.alphabet, dataset.framing) != (recogniser.alphabet, recogniser.framing):
        raise BadData(
            f"{recogniser.name} reads {recogniser.alphabet.characters} framed the {recogniser.framing} way, but "
            f"{dataset.name} has {dataset.alphabet.characters} framed the {dataset.framing} way; name other --data"
        )
    part = part or ("val" if dataset.test is None else "test")
    learnt = len(dataset.train) if part == "all" and not data else 0
    return Measured(recogniser, dataset, choose(dataset, part), part, learnt)


def open_for(network: Recogniser | Checkpoint, config: Config, data: Sequence[str], *, elsewhere: bool) -> Dataset:
    """Glyphs for a network: those of --data alone, or those that it was trained on.

    Where it was made ``elsewhere``, the places that it learnt from need not be here; then the data set of that name is
    what a user means. Raises BadData where they are not where they were.
    """
    from inkread.data import load_for, names

    if not data:
        places = cast("list[str]", config["data"])
        try:
            return open_dataset(str(config["dataset"]), [p for p in places if not elsewhere or Path(p).exists()])
        except DataMissing:  # which says how to get it
            raise
        except (BadData, BadOption) as error:
            raise BadData(
                f"what {network.name} learnt from cannot be opened here ({error}); name other glyphs with --data"
            ) from error
    name = TASK_OF.get((network.alphabet, network.framing), str(config["dataset"]))
    if name in names():
        return open_dataset(name, data)
    sources = [Path(place) for place in data]
    return load_for(network.alphabet, network.framing, sources, " + ".join(source.stem for source in sources))


def open_any_network(run: Path) -> tuple[nn.Module, Checkpoint]:
    """The network of a shipped name, an .onnx file or whatever `open_network` takes; raises BadCheckpoint."""
    from inkread.recognition import SHIPPED

    shipped = str(run) in SHIPPED
    if shipped or (run.suffix == ".onnx" and run.is_file()):
        from inkread.interfaces.rebuilt import rebuilt

        file = (files("inkread") / "weights" / f"{run}.onnx") if shipped else run
        return rebuilt(file.read_bytes(), str(run))
    return open_network(run)


def open_network(run: Path) -> tuple[nn.Module, Checkpoint]:
    """The network of a run's folder, or of its model.safetensors, in evaluation mode, and its description.

    Raises BadCheckpoint, also for exported networks: their weights are no network of PyTorch any more.
    """
    from inkread.models import load
    from inkread.recognition import SHIPPED

    if str(run) in SHIPPED or run.suffix == ".onnx":
        raise BadCheckpoint(
            f"{run} is an exported network; expected a run's folder, which holds the network that was trained: "
            "make one with inkread train"
        )
    model = network_file(run)
    if run.is_dir() and not model.exists():
        raise BadCheckpoint(
            f"{run} has no {model.name}: it is no run's folder, or its training has not ended; go on with: "
            f"inkread train --resume --out {quote(str(run))}"
        )
    return load(model)
