"""What `inkread bench robustness` wrote -> records/robustness: every share in record.json, and the curves.

inkread bench robustness --out runs/robustness
inkread bench robustness --through-reader --n 200 --out runs/robustness-read
python scripts/record_robustness.py runs/robustness runs/robustness-read
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

from record import commit, keep

from inkread.evaluation import plots
from inkread.evaluation.intervals import Interval
from inkread.interfaces.bench.robustness import Borne, curves

COMMANDS: Final = {
    "recogniser": "inkread bench robustness --out runs/robustness",
    "reader": "inkread bench robustness --through-reader --n 200 --out runs/robustness-read",
}


def borne(row: dict[str, Any]) -> Borne:
    """One corruption, as it was measured."""
    intervals = tuple(Interval(*ends) for ends in row["intervals"])
    return Borne(**{**row, "accuracy": tuple(row["accuracy"]), "intervals": intervals})


def main() -> None:
    """Read both JSON files, write the record, and draw the recogniser's curves beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recogniser", type=Path)
    parser.add_argument("reader", type=Path)
    arguments = parser.parse_args()
    found: dict[str, Any] = {}
    for way, command in COMMANDS.items():
        content = (getattr(arguments, way) / "robustness.json").read_text(encoding="utf-8")
        found[way] = {"command": command, **json.loads(content)}
    record = keep("robustness", {"commit": commit(), **found})
    for task in ("digits", "letters"):
        rows = [borne(row) for row in found["recogniser"]["rows"] if row["task"] == task]
        record.with_name(f"{task}.svg").write_bytes(plots.file(curves(rows), "svg"))
    print(f"wrote {record} and the curves beside it")


if __name__ == "__main__":
    main()
