"""What `inkread bench infer` wrote -> records/inference/record.json. Several runs become one record, in their order.

    inkread bench infer --model digits --out runs/infer-digits
    inkread bench infer --model mlp --backends onnxruntime --out runs/infer-sizes
    python scripts/record_inference.py runs/infer-digits runs/infer-sizes

A figure counts only from a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from record import commit, keep, processor

COMMAND: Final = "python scripts/record_inference.py"  # records/inference/README.md has those that come before

Json = Mapping[str, Any]


def microseconds(timing: Json) -> list[float]:
    """The median and the ends of the middle half of the rounds."""
    return [round(1e6 * timing[name], 2) for name in ("median", "low", "high")]


def speed(row: Json) -> dict[str, object]:
    """How fast one backend runs a network."""
    return {
        "backend": row["backend"], "threads": row["threads"], "one_us": microseconds(row["one"]),
        "line_us": microseconds(row["line"]), "batch_us": microseconds(row["batch"]), "batch": row["glyphs"],
        "per_second": row["per_second"], "share_of_peak": row["share"], "least_us": 1e6 * row["least"],
    }  # fmt: skip


def cost(row: Json) -> dict[str, object]:
    """What one backend costs, and what it reads."""
    return {
        "backend": row["backend"], "start_seconds": row["starts"]["median"], "first_start_seconds": row["first_start"],
        "memory": row["memory"], "file": row["file"], "n": row["n"], "accuracy": row["accuracy"],
    }  # fmt: skip


def network(found: Json) -> dict[str, object]:
    """One network in all backends."""
    known = ("name", "arch", "trained", "parameters", "multiply_adds", "read", "remarks")
    return {
        **{name: found[name] for name in known},
        "speeds": [speed(row) for row in found["speeds"]],
        "costs": [cost(row) for row in found["costs"]],
        "operators": found["operators"],
        "products": found["products"],
    }


def summary(runs: Sequence[Json]) -> dict[str, object]:
    """The record of some runs of the benchmark; how long the shell waits is told by the first."""
    return {
        "command": COMMAND,
        "processor": processor(),
        "commit": commit(),
        "facts": [run["facts"] for run in runs],
        "shell_to_answer_seconds": runs[0]["shell_to_answer_seconds"],
        "targets": [verdict for run in runs for verdict in run["verdicts"]],
        "networks": [network(found) for run in runs for found in run["networks"]],
    }


def main() -> None:
    """Read the benchmark's JSON and write the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    folders = parser.parse_args().folders
    runs = [json.loads((folder / "infer.json").read_text(encoding="utf-8")) for folder in folders]
    print(f"wrote {keep('inference', summary(runs))}")


if __name__ == "__main__":
    main()
