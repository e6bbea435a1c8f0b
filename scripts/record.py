"""Train one record's networks, one a seed, and measure each on what the record is about -> records/NAME/record.json.

    python scripts/record.py digits-cnn                  # trains what is missing in runs/, then measures
    python scripts/record.py letters --runs elsewhere/   # `make letters-data` gathers what it learns from

Runs that are there are taken as they are, if they have the record's recipe; one that was stopped goes on. How recipes
were chosen, and where test pictures had a say in it, is told in records/LOG.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from letter_tracks import NEAR
from letters_data import TEST

from inkread.data import data_folder, load
from inkread.evaluation.intervals import mean_std
from inkread.interfaces.cli import app
from inkread.recognition import Recogniser
from inkread.training.config import TrainConfig, differing

ROOT: Final = Path(__file__).resolve().parent.parent
RECORDS: Final = ROOT / "records"
LETTERS_DATA: Final = Path("build") / "letters.npz"
UNSEEN: Final = ("chars74k_pen", "drawn_stylus", "scanned_capitals_a", "scanned_capitals_b", "mouse_lowercase")

Glyphs = tuple[npt.NDArray[np.uint8], npt.NDArray[np.str_]]


@dataclass(frozen=True)
class Figure:
    """What one part of the data came to: share right (0..1) for each seed."""

    name: str
    glyphs: int
    seeds: list[float]
    mean: float
    std: float | None
    target: float | None = None


@dataclass(frozen=True)
class Record:
    """How a record is trained, what it is measured on, and what it has to reach (0..1; seconds)."""

    arguments: tuple[str, ...]
    measure: Callable[[Recogniser], Iterator[tuple[str, npt.NDArray[np.bool_]]]]
    targets: dict[str, float]
    seconds: float | None = None
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


def digits_right(recogniser: Recogniser) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Which digits of MNIST's test set are read rightly."""
    test = load("mnist").test
    assert test is not None
    yield "MNIST test", recogniser.log_probs(test.images).argmax(axis=1) == test.labels


def letters_right(recogniser: Recogniser) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Which letters of each held-out part are read rightly, source by source and case by case."""
    for name, (images, written) in letter_parts():
        read = recogniser.log_probs(images).argmax(axis=1)
        labels = recogniser.alphabet.encode(written.tolist())
        right = read == labels
        if name == TEST:
            yield "EMNIST Letters test A..M, similarity below 0.95", right
            i_or_l = [recogniser.alphabet.index(letter) for letter in "IL"]
            either = np.isin(read, i_or_l) & np.isin(labels, i_or_l)
            yield "EMNIST Letters test A..M, I and L counted as one", right | either
            continue
        for case, of_case in (("capitals", np.char.isupper(written)), ("small", np.char.islower(written))):
            if of_case.any():
                yield f"{name}, {case}", right[of_case]


def letter_parts() -> Iterator[tuple[str, Glyphs]]:
    """Held-out parts of what the letters learn from, then collections that they never saw."""
    with np.load(ROOT / LETTERS_DATA) as file:
        held_out = file["split"] == "val"
        images, written, source = (file[key][held_out] for key in ("images", "labels", "source"))
    for name in dict.fromkeys(source.tolist()):
        yield name, (images[source == name], written[source == name])
    for name in (TEST, *UNSEEN):
        with np.load(data_folder() / "letters" / f"{name}.npz") as file:
            counted = np.char.isalpha(file["labels"])
            if name == TEST:
                counted &= file["nearest_nist_cosine"] < NEAR
            yield name, (file["images"][counted], file["labels"][counted].astype("<U1"))


ALL: Final = {
    "digits-mlp": Record(("digits", "--arch", "mlp"), digits_right, {"MNIST test": 0.986}),
    "digits-cnn": Record(("digits", "--arch", "cnn"), digits_right, {"MNIST test": 0.992}, seconds=12.0),
    "digits-cnn-accurate": Record(("digits", "--arch", "cnn-accurate"), digits_right, {"MNIST test": 0.9965}),
    "letters": Record(
        ("letters", "--data", str(LETTERS_DATA), "--arch", "cnn-accurate", "--epochs", "14", "--plain-epochs", "4"),
        letters_right,
        {"nist_sd19_upper, capitals": 0.983, "EMNIST Letters test A..M, similarity below 0.95": 0.935},
    ),
}


def trained(record: Record, folder: Path, seed: int) -> dict[str, Any]:
    """The run's own record, after training it or going on with it where that is needed.

    Stops where the run was trained with another recipe: what it reads would be claimed for one that it does not have.
    """
    if not (folder / "model.onnx").exists():
        command = [
            sys.executable,
            "-m",
            "inkread",
            "train",
            *record.arguments,
            "--seed",
            str(seed),
            "--out",
            str(folder),
        ]
        subprocess.run(
            [*command, *(["--resume"] if (folder / "state.safetensors").exists() else [])], check=True, cwd=ROOT
        )
    found: dict[str, Any] = json.loads((folder / "record.json").read_text())
    if odd := differing(found["config"], recipe(record, seed).to_dict()):
        told = "; ".join(f"{name} {old}, not {wanted}" for name, old, wanted in odd)
        sys.exit(f"{folder} holds a run that was trained otherwise ({told}); move it away or name other --runs")
    return found


def recipe(record: Record, seed: int) -> TrainConfig:
    """The configuration that `inkread train` makes of a record's flags."""
    _, bound, _ = app.parse_args(["train", *record.arguments, "--seed", str(seed)])
    config: TrainConfig = bound.arguments["config"]
    return config.filled()


def measure(name: str, record: Record, runs: Path) -> dict[str, object]:
    """Train and measure all seeds of a record; stops where they were not trained on the same data."""
    folders = [runs / f"{name}-{seed}" for seed in record.seeds]
    trainings = [trained(record, folder, seed) for seed, folder in zip(record.seeds, folders, strict=True)]
    if len(fingerprints := {training["fingerprint"] for training in trainings}) > 1:
        sys.exit(f"the runs of {name} learnt from different data ({', '.join(sorted(fingerprints))}); train them anew")
    right: dict[str, list[npt.NDArray[np.bool_]]] = {}
    for folder in folders:
        for part, hits in record.measure(Recogniser(folder / "model.onnx")):
            right.setdefault(part, []).append(hits)
    seconds = mean_std([float(training["seconds"]) for training in trainings])
    return {
        "name": name,
        "command": f"python scripts/record.py {name}",
        "train": " ".join(("inkread", "train", *record.arguments, "--seed", "SEED")),
        "seeds": len(record.seeds),
        "figures": [asdict(figure(part, hits, record)) for part, hits in right.items()],
        "seconds": {"mean": seconds.mean, "std": seconds.std, "target": record.seconds},
        "parameters": trainings[0]["parameters"],
        "multiply_adds": trainings[0]["multiply_adds"],
        "onnx_bytes": (folders[0] / "model.onnx").stat().st_size,
        "validation": [training["validation"] for training in trainings],
        "fingerprint": trainings[0]["fingerprint"],
        "config": trainings[0]["config"],
        "machine": trainings[0]["machine"],
        "processor": processor(),
        "versions": trainings[0]["versions"],
        "commit": commit(),
    }


def figure(part: str, hits: list[npt.NDArray[np.bool_]], record: Record) -> Figure:
    """Mean and standard deviation over the seeds."""
    seeds = [float(of_seed.mean()) for of_seed in hits]
    spread = mean_std(seeds)
    return Figure(part, len(hits[0]), seeds, spread.mean, spread.std, record.targets.get(part))


def keep(name: str, result: dict[str, object]) -> Path:
    """Write a record; give its file."""
    target = RECORDS / name / "record.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return target


def commit() -> str:
    """The short name of the commit that was measured."""
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return git.stdout.strip()


def processor() -> str:
    """The processor's name and the number of its cores that this machine has."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def main() -> None:
    """Read the command line and write the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=ALL)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs")
    arguments = parser.parse_args()
    result = measure(arguments.name, ALL[arguments.name], arguments.runs)
    print(f"wrote {keep(arguments.name, result).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
