"""A picture -> how long `inkread read` takes from the shell's prompt to its answer."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path


def from_shell(picture: Path, model: str, runs: int) -> list[float] | None:
    """Seconds of each of so many calls; None where one of them has no answer."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        command = [sys.executable, "-m", "inkread", "read", str(picture), "--model", model]
        done = subprocess.run(command, capture_output=True, check=False)
        taken.append(time.perf_counter() - started)
        if done.returncode:
            return None
    return taken
