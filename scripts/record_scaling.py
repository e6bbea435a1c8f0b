"""What `inkread bench scaling` wrote -> records/scaling: every reading of the clock in record.json, and the plots.

inkread bench scaling --out runs/scaling    # on a machine that does nothing else
python scripts/record_scaling.py runs/scaling
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any, Final

from record import commit, keep, processor

COMMAND: Final = "inkread bench scaling --out runs/scaling"
DIGITS: Final = 4  # of a time; more is noise


def rounded(seconds: list[float]) -> list[float]:
    """Times with the digits that mean something."""
    return [float(f"{time:.{DIGITS}g}") for time in seconds]


def summary(bench: dict[str, Any]) -> dict[str, object]:
    """The record of a run of the benchmark."""
    curves = [
        {**curve, "seconds": rounded(curve["seconds"]), "runs": [rounded(taken) for taken in curve["runs"]]}
        for curve in bench["curves"]
    ]
    return {
        "command": COMMAND, "processor": processor(), "commit": commit(), "facts": bench["facts"], "curves": curves,
    }  # fmt: skip


def main() -> None:
    """Read the benchmark's JSON, write the record, and put the plots beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    record = keep("scaling", summary(json.loads((folder / "scaling.json").read_text(encoding="utf-8"))))
    for plot in sorted(folder.glob("*.svg")):
        shutil.copy(plot, record.with_name(plot.name))
    print(f"wrote {record} and the plots beside it")


if __name__ == "__main__":
    main()
