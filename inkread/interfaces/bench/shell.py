"""A picture -> how long `inkread read` takes from the shell's prompt to its answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def from_shell(picture: Path, model: str, runs: int) -> list[float] | None:
    """Seconds of each of so many calls; None where one of them has no answer.

    With the byte code that an installed package has: the first call, which is not counted, writes it.
    """
    taken = []
    command = [sys.executable, "-m", "inkread", "read", str(picture), "--model", model]
    for _ in range(runs + 1):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False, env=installed())
        taken.append(time.perf_counter() - started)
        if done.returncode:
            return None
    return taken[1:]


def installed() -> dict[str, str]:
    """The environment, in which Python keeps byte code, as pip makes it of an installed package."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
