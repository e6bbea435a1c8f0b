"""`inkread completion`: the script that lets a shell complete verbs and flags."""

from __future__ import annotations

import sys
from typing import Literal

Shell = Literal["bash", "zsh", "fish", "powershell"]


def completion(shell: Shell) -> None:
    """Print a script that lets your shell complete verbs and flags.

    Parameters
    ----------
    shell
        bash, zsh, fish or powershell. Where its script belongs is told in docs/tutorial.md.
    """
    from inkread.interfaces.cli import app

    sys.stdout.write(app.generate_completion(shell=shell))
