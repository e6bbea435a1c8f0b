"""A track -> its runs, one a seed, and what they come to: mean, spread, and how sure it is that the target is reached.

Runs that are there are taken as they are; one that was stopped goes on, unless its time is claimed. What is shown
while they train is left to the verb.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.data import Dataset, Split
from inkread.errors import BadOption
from inkread.evaluation.calibration import log_softmax
from inkread.evaluation.intervals import MeanStd, mean_std, p_above
from inkread.interfaces.bench.tracks import Track
from inkread.models import load, logits
from inkread.run_folder import Run
from inkread.training.config import TrainConfig, differing
from inkread.training.loop import Finished, Progress
from inkread.training.loop import train as training


@dataclass(frozen=True)
class Seed:
    """What one run came to: accuracies (0..1) and seconds of training.

    Of networks that read together, ``seed`` is the first one's, ``seconds`` are those of all, and nobody has measured
    ``validation``.
    """

    seed: int
    accuracy: float
    alike: float | None
    validation: float | None
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """A track's runs, and what their mean accuracy says of its target.

    ``p`` is None for a single run, and where runs share networks: they are not independent.
    ``machine`` is what the runs were trained on.
    """

    glyphs: int
    seeds: list[Seed]
    accuracy: MeanStd
    alike: MeanStd | None
    seconds: MeanStd
    p: float | None
    parameters: int
    multiply_adds: int
    machine: str

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for ``json.dumps``."""
        return asdict(self)


def parsed(seeds: str) -> tuple[int, ...]:
    """The seeds of a list such as ``0-9`` or ``0,3,5-7``; raises BadOption for anything else.

    >>> parsed("0,3,5-7")
    (0, 3, 5, 6, 7)
    """
    pieces = [re.fullmatch(r"(\d+)(?:-(\d+))?", piece.strip()) for piece in seeds.split(",")]
    found = [n for piece in pieces if piece for n in range(int(piece[1]), int(piece[2] or piece[1]) + 1)]
    if not all(pieces) or not found or len(set(found)) < len(found):
        raise BadOption(f"seeds are {seeds!r}; expected each once, as numbers and ranges such as 0-9 or 0,3,5-7")
    return tuple(found)


def trained(track: Track, dataset: Dataset, folder: Path, seed: int) -> Iterator[Progress | Finished]:
    """Train a track's run of one seed in a folder; its teacher, where it has one, is trained beside it before.

    Nothing is yielded where that has been done; raises BadOption where it has been done with another recipe or on other
    data.
    """
    config = replace(track.config, seed=seed)
    if track.teacher is not None:
        teacher = folder.parent / "teacher"
        yield from _finished(track.teacher, dataset, Run(teacher))
        config = replace(config, teacher=(str(teacher),))
    yield from _finished(config, dataset, Run(folder), timed=track.seconds is not None)


def _finished(config: TrainConfig, dataset: Dataset, run: Run, *, timed: bool = False) -> Iterator[Progress | Finished]:
    """Train a run, or what is left of it; one that is timed is begun anew: an interrupted run's time tells nothing."""
    if run.record.exists():  # it is written last
        _check_same(run, config, dataset)
        return
    goes_on = run.state.exists() and not timed
    if run.exists and not goes_on:
        shutil.rmtree(run.folder)
    yield from training(dataset, config, run, resume=goes_on)


def _check_same(run: Run, config: TrainConfig, dataset: Dataset) -> None:
    """Refuse a run that is not the track's: its accuracy would be claimed for a recipe that it does not have."""
    record = json.loads(run.record.read_text(encoding="utf-8"))
    odd = differing(record["config"], config.filled().to_dict())
    if record["fingerprint"] != dataset.fingerprint:
        odd.append(("data", record["fingerprint"], dataset.fingerprint))
    if odd:
        told = "; ".join(f"{name} {old}, not {wanted}" for name, old, wanted in odd)
        raise BadOption(
            f"{run.folder} holds a run that was trained otherwise ({told}); move it away or name another --out"
        )


def measured(track: Track, folders: Sequence[Path], split: Split, alphabet: Alphabet) -> Outcome:
    """Read glyphs with every run's network or, as the track says, with several runs' together: its own and the next.

    Raises BadOption where there are fewer runs than networks that read together.
    """
    together = track.networks
    if len(folders) < together:
        raise BadOption(f"{together} networks read together on this track; expected as many seeds, got {len(folders)}")
    records: list[dict[str, Any]] = [json.loads(Run(folder).record.read_text(encoding="utf-8")) for folder in folders]
    alike = [alphabet.index(character) for character in track.alike]
    read = [np.exp(log_softmax(logits(load(Run(folder).model)[0], split.images))) for folder in folders]
    rounds = [[(number + step) % len(read) for step in range(together)] for number in range(len(read))]
    seeds = [
        _seed(
            [records[number] for number in group],
            np.sum([read[number] for number in group], axis=0).argmax(axis=1),
            split,
            alike,
        )
        for group in rounds
    ]
    accuracies = [seed.accuracy for seed in seeds]
    return Outcome(
        glyphs=len(split),
        seeds=seeds,
        accuracy=mean_std(accuracies),
        alike=mean_std([seed.alike for seed in seeds if seed.alike is not None]) if alike else None,
        seconds=mean_std([seed.seconds for seed in seeds]),
        p=p_above(accuracies, track.target) if len(seeds) > 1 and together == 1 else None,
        parameters=int(records[0]["parameters"]) * together,
        multiply_adds=int(records[0]["multiply_adds"]) * together,
        machine="; ".join(sorted({str(record["machine"]) for record in records})),
    )


def _seed(records: Sequence[dict[str, Any]], guesses: npt.NDArray[np.intp], split: Split, alike: Sequence[int]) -> Seed:
    """What the networks of some runs guess together."""
    right = guesses == split.labels
    either = right | (np.isin(guesses, alike) & np.isin(split.labels, alike))
    return Seed(
        seed=int(records[0]["config"]["seed"]),
        accuracy=float(right.mean()),
        alike=float(either.mean()) if alike else None,
        validation=float(records[0]["validation"]["val_accuracy"]) if len(records) == 1 else None,
        seconds=sum(float(record["seconds"]) for record in records),
    )
