"""Shell completion: the scripts know every verb, and bash completes with its own."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from inkread.interfaces.cli import BENCH_VERBS, VERBS
from tests.conftest import Command

ASK = """
source /dev/stdin
complete -p inkread
COMP_WORDS=({words}) COMP_CWORD={last}
_inkread
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_script_of_every_shell_knows_the_verbs_and_their_flags(shell: str, inkread: Command) -> None:
    answer = inkread("completion", shell)
    assert (answer.code, answer.err) == (0, "")
    for word in (*VERBS, "data", "verify", *BENCH_VERBS, "recursive", "learning-rate", "cnn-accurate"):
        assert word in answer.out, word


def test_an_unknown_shell_is_told_which_there_are(inkread: Command) -> None:
    answer = inkread("completion", "tcsh")
    assert answer.code == 2 and '"bash", "zsh", "fish", "powershell"' in answer.sentence


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash on this machine")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("inkread ev", {"evaluate"}),
        ("inkread data ", {"list", "get", "verify"}),
        ("inkread read --re", {"--recursive"}),
        ("inkread train --arch cnn-m", {"cnn-medium"}),
        ("inkread evaluate --split t", {"test"}),
    ],
)
def test_bash_completes_what_was_begun(typed: str, offered: set[str], inkread: Command) -> None:
    words = typed.split(" ")
    program = ASK.format(words=" ".join(f"'{word}'" for word in words), last=len(words) - 1)
    done = subprocess.run(
        ["bash", "--norc", "-c", program], input=inkread("completion", "bash").out, capture_output=True, text=True,
        timeout=30, check=True,
    )  # fmt: skip
    registered, *answers = done.stdout.splitlines()
    assert registered == "complete -F _inkread inkread" and done.stderr == ""
    assert set(answers) == offered
