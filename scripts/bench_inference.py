"""Time the shipped weights: one glyph alone, batches, `inkread read` from the shell -> records/inference/record.json.

    python scripts/bench_inference.py

Medians on this machine, after a warm-up. A figure counts only from a machine that does nothing else.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from record import commit, keep, processor

from inkread.data import load
from inkread.interfaces.commands.demo import write_message
from inkread.interfaces.commands.evaluate import measure_speed
from inkread.recognition import SHIPPED, shipped

STARTS: Final = 15  # calls from the shell


def from_shell(picture: Path) -> list[float]:
    """Seconds from the shell's prompt to the answer, for each call."""
    taken = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run([Path(sys.executable).with_name("inkread"), "read", picture], check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return taken


def main() -> None:
    """Measure and write the record."""
    glyphs = load("sample-digits").train.images
    networks = []
    for name in SHIPPED:
        recogniser = shipped(name)
        speed = measure_speed(recogniser, glyphs)
        networks.append(
            {
                "name": name,
                "arch": recogniser.details["arch"],
                "alone_us": 1000 * speed.milliseconds_per_image,
                "per_second": speed.images_per_second,
                "kilobytes": recogniser.size / 1000,
                "hardware": speed.hardware,
            }
        )
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "message.png"
        write_message(picture)
        starts = from_shell(picture)
    record: dict[str, object] = {
        "command": "python scripts/bench_inference.py",
        "processor": processor(),
        "commit": commit(),
        "networks": networks,
        "shell_to_answer_seconds": {"median": median(starts), "all": starts},
    }
    print(keep("inference", record).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
