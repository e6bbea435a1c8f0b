"""What `inkread bench read` wrote -> records/reading/record.json: every figure, no picture and no text.

inkread bench read --split test --n 120 --pages 12 --out runs/bench    # beside Tesseract and RapidOCR, where they are
python scripts/record_reading.py runs/bench
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from record import commit, keep, processor

from inkread.recognition import shipped_lines

COMMAND: Final = "inkread bench read --split test --n 120 --pages 12 --out runs/bench"
PLACE: Final = "rapidocr python"  # a path of the machine
CURVE: Final = 20  # points of the curve of risk over coverage that are kept
ACCEPTED: Final = (0.25, 0.5, 0.75, 0.9, 0.95, 1.0)  # shares of the words, the surest first, whose risk is told


def scores(row: dict[str, Any]) -> dict[str, object]:
    """One engine on one set."""
    folded = row["folded"]
    return {
        "set": row["set"], "engine": row["engine"], "n": row["n"], "cer": folded["cer"],
        "cer_interval": folded["cer_interval"], "cer_case_kept": row["kept"]["cer"],
        "cer_without_spaces": row["spaceless"], "wer": folded["wer"], "exact": folded["exact"], "ms": row["ms"],
        "slow_ms": row["slow_ms"],
    }  # fmt: skip


def thinned(curve: dict[str, list[float]]) -> dict[str, list[float]]:
    """Some points of a curve, the last among them."""
    length = min((len(values) for values in curve.values() if isinstance(values, list)), default=0)
    kept = sorted({round(place * (length - 1) / (CURVE - 1)) for place in range(CURVE)}) if length else []
    return {name: [values[place] for place in kept] for name, values in curve.items() if isinstance(values, list)}


def accepted(curve: dict[str, list[float]]) -> dict[str, float]:
    """Of the surest words, by the share that is accepted, how many are wrong; equally sure ones count evenly."""
    coverage = np.array([0.0, *curve["coverage"]])
    wrong = coverage * np.array([0.0, *curve["risk"]])
    return {str(share): float(np.interp(share, coverage, wrong)) / share for share in ACCEPTED}


def summary(bench: dict[str, Any]) -> dict[str, object]:
    """The record of a run of the benchmark."""
    details = shipped_lines().details
    return {
        "command": COMMAND,
        "processor": processor(),
        "commit": commit(),
        "facts": {name: fact for name, fact in bench["facts"].items() if name != PLACE},
        "weights": {name: details[name] for name in ("steps", "parameters", "temperature", "decoding")},
        "scores": [scores(row) for row in bench["scores"]],
        "sure_words": bench["sure"],
        "invented": bench["invented"],
        "targets": bench["verdicts"],
        "cold_seconds": bench["cold_seconds"],
        "risk_accepted": {name: accepted(curve) for name, curve in bench["curves"].items()},
        "risk_over_coverage": {name: thinned(curve) for name, curve in bench["curves"].items()},
    }


def main() -> None:
    """Read the benchmark's JSON and write the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    bench = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    print(f"wrote {keep('reading', summary(bench))}")


if __name__ == "__main__":
    main()
