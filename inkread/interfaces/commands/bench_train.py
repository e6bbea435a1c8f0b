"""`inkread bench train`: re-runs a record, one training a seed, and tells whether its target is reached."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter
from rich.console import Console

from inkread.errors import BadOption
from inkread.evaluation.wording import percent
from inkread.interfaces.bench import tracks
from inkread.interfaces.bench.tracks import Track, find
from inkread.interfaces.data_choice import choose, open_dataset
from inkread.interfaces.target_file import refuse_file

if TYPE_CHECKING:
    from inkread.data import Dataset
    from inkread.interfaces.bench.public_example import Epoch
    from inkread.interfaces.bench.seeds import Outcome

RESULT: Final = "track.json"  # what a track's folder holds beside its runs


@dataclass(frozen=True)
class TrackOptions:
    """Which runs, and what they are measured on."""

    seeds: str = "0-9"
    """Which seeds, such as 0-9 or 0,3,5-7; those that are trained already are taken as they are."""

    split: Literal["val", "test"] = "val"
    """val for choosing, test for a record."""

    data: tuple[str, ...] = ()
    """Folders and .npz files in place of the track's data set; may be repeated."""

    example: int = 1
    """How many seeds of the public example are timed beside a track that is compared with it; 0 leaves it out."""


DEFAULT: Final = TrackOptions()


def train(
    track: str | None = None,
    *,
    options: Annotated[TrackOptions, Parameter(name="*")] = DEFAULT,
    out: Path = Path("runs") / "tracks",
) -> None:
    """Train the networks of a record, one a seed, and tell whether it stands; without a name, list the records.

    Parameters
    ----------
    track
        The record's name, such as digits-99.0.
    out
        Where runs and results are kept, a folder a track.
    """
    console = Console()
    if track is None:
        console.print(listed())
        return
    from inkread.evaluation.report import write

    refuse_file("--out", out)
    found, folder = find(track), out / track
    if found.data and not options.data:
        raise BadOption(
            f"the track {track} needs its glyphs: name them with --data (records/tracks/README.md says which)"
        )
    dataset = open_dataset(str(found.config.dataset), options.data)
    if dataset.remark:
        console.print(dataset.remark, markup=False, soft_wrap=True)
    mnist = example_data(found, options)
    outcome = run_track(found, dataset, out / (found.of or track), options, console)
    example = [] if mnist is None else timed_example(found, mnist, options, console)
    console.print(told(track, outcome, options.split, example))
    write(folder / RESULT, record(track, dataset, outcome, options, example))
    console.print(f"Wrote {folder / RESULT}", markup=False, soft_wrap=True)


def run_track(track: Track, dataset: Dataset, folder: Path, options: TrackOptions, console: Console) -> Outcome:
    """Train what is missing, with a line that shows how far it is, and measure all."""
    from inkread.interfaces.bench.seeds import measured, parsed, trained
    from inkread.interfaces.training_display import figures
    from inkread.training.loop import Progress

    folders = {seed: folder / str(seed) for seed in parsed(options.seeds)}
    for seed, place in folders.items():
        with console.status(f"seed {seed}") as status:
            for event in trained(track, dataset, place, seed):
                if isinstance(event, Progress):
                    status.update(f"seed {seed}  epoch {event.epoch}  {figures(event)}")
    return measured(track, list(folders.values()), choose(dataset, options.split), dataset.alphabet)


def example_data(track: Track, options: TrackOptions) -> Path | None:
    """The data folder that the public example reads MNIST in; None where it is not to be timed.

    Raises BadOption where --data names no such folder, DataMissing where MNIST is not in it.
    """
    if track.faster is None or not options.example:
        return None
    from inkread.data import data_folder, load
    from inkread.data.datasets import is_data_folder

    folder = Path(options.data[0]) if options.data else data_folder(None)
    if options.data and not (len(options.data) == 1 and is_data_folder(folder)):
        raise BadOption(
            f"--data is {', '.join(options.data)}; PyTorch's example, which is timed beside this track, reads a data "
            "folder with MNIST alone: name one, or add --example 0"
        )
    load("mnist", root=folder)
    return folder


def timed_example(track: Track, mnist: Path, options: TrackOptions, console: Console) -> list[list[Epoch]]:
    """The public example's epochs until it reaches the track's target, for each of its seeds."""
    from inkread.interfaces.bench.public_example import until

    with console.status("PyTorch's example, for comparison: some minutes"):
        return [until(track.target, mnist, seed) for seed in range(options.example)]


def ratio(example: list[list[Epoch]], outcome: Outcome) -> float | None:
    """How many times longer the public example trains, by the medians; None where it was not timed."""
    if not example:
        return None
    return median(epochs[-1].seconds for epochs in example) / median(seed.seconds for seed in outcome.seeds)


def verdict(track: Track, outcome: Outcome, faster: float | None) -> str:
    """Whether the claim stands; ``faster`` is how many times longer the public example trains, where it was timed."""
    if outcome.accuracy.mean < track.target:
        return "not reached"
    if lacking := _lacking(track, outcome, faster):
        return f"accurate enough, but {lacking}"
    if track.aim is not None and outcome.accuracy.mean >= track.aim:
        return "reached, and the aim, too"
    return "reached"


def _lacking(track: Track, outcome: Outcome, faster: float | None) -> str:
    """What an accurate outcome lacks of all that its track claims; empty where that is nothing."""
    if track.parameters is not None and outcome.parameters > track.parameters:
        return "too large"
    if track.seconds is not None and outcome.seconds.mean > track.seconds:
        return "too slow"
    if track.faster is not None and faster is None:
        return "PyTorch's example was not timed beside it"
    if track.faster is not None and faster is not None and faster < track.faster:
        return f"not {track.faster:.0f} times as fast as PyTorch's example"
    return ""


def listed() -> object:
    """Every track, for the terminal."""
    from inkread.evaluation import tables

    rows = [
        [name, track.claim, f"{percent(track.target)}" + (f" in {track.seconds:.0f} s" if track.seconds else "")]
        for name, track in tracks.TRACKS.items()
    ]
    return tables.grid("Tracks of inkread bench train", ["track", "claim", "target"], rows, left=2)


def told(name: str, outcome: Outcome, part: str, example: list[list[Epoch]]) -> object:
    """What came out, for the terminal."""
    from inkread.evaluation import tables

    track, faster = find(name), ratio(example, outcome)
    limit = "" if track.parameters is None else f" (at most {track.parameters:,})"
    rows = [
        ["target", percent(track.target) + (f" in {track.seconds:.0f} s" if track.seconds else "")],
        [f"accuracy, {part}", spread(outcome.accuracy.mean, outcome.accuracy.std, outcome.accuracy.n)],
        ["seconds of training", f"{outcome.seconds.mean:.2f}" + _plus_minus(outcome.seconds.std)],
        ["chance if only the target were true", "–" if outcome.p is None else f"{outcome.p:.2g}"],
        ["parameters", f"{outcome.parameters:,}{limit}"],
        ["multiply-adds a glyph", f"{outcome.multiply_adds:,}"],
        ["", verdict(track, outcome, faster)],
    ]
    if outcome.alike is not None:
        alike = " and ".join(track.alike)
        rows.insert(2, [f"{alike} as one", spread(outcome.alike.mean, outcome.alike.std, outcome.alike.n)])
    if example:
        last = [epochs[-1] for epochs in example]
        seconds = median(epoch.seconds for epoch in last)
        reached = f"{seconds:.0f} s to {percent(median(epoch.accuracy for epoch in last))}"
        rows.insert(
            -1,
            ["PyTorch's example", f"{reached}, {faster:.0f} times as long ({track.faster:.0f} asked)"],
        )
    return tables.grid(f"{name}: {track.claim}", ["", ""], rows)


def spread(mean: float, std: float | None, n: int) -> str:
    """An accuracy over several seeds."""
    return f"{percent(mean)}" + ("" if std is None else f" ± {100 * std:.3f} points") + f" ({n} seed{'s' * (n > 1)})"


def _plus_minus(std: float | None) -> str:
    return "" if std is None else f" ± {std:.2f}"


def command(name: str, options: TrackOptions) -> str:
    """What to type for the same result: the part, and every flag that is not left as it is."""
    words = ["inkread", "bench", "train", name]
    for source in options.data:
        words += ["--data", source]
    words += ["--split", options.split]
    if options.seeds != DEFAULT.seeds:
        words += ["--seeds", options.seeds]
    if options.example != DEFAULT.example:
        words += ["--example", str(options.example)]
    return shlex.join(words)


def record(
    name: str, dataset: Dataset, outcome: Outcome, options: TrackOptions, example: list[list[Epoch]]
) -> Mapping[str, object]:
    """Everything that was claimed and found, ready for JSON."""
    import torch

    track = find(name)
    faster = ratio(example, outcome)
    said = verdict(track, outcome, faster)
    return {
        "track": name,
        "claim": track.claim,
        "command": command(name, options),
        "part": options.split,
        "target": track.target,
        "aim": track.aim,
        "target_seconds": track.seconds,
        "parameters_allowed": track.parameters,
        "target_ratio": track.faster,
        "reached": said.startswith("reached"),
        "verdict": said,
        "counted_as_one": track.alike,
        **outcome.to_dict(),
        "config": track.config.filled().to_dict(),
        "together": track.networks,
        "teacher": track.teacher.filled().to_dict() if track.teacher else None,
        "data": dataset.name,
        "fingerprint": dataset.fingerprint,
        "example": [[epoch.to_dict() for epoch in epochs] for epochs in example],
        "ratio": faster,
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
