"""The command reference: every verb once, the same for every terminal, and stale when the command line has changed."""

import re
import sys
from types import ModuleType

import pytest

from inkread.interfaces import cli
from tests.pages import GENERATED

SCRIPT = "command_reference"


def test_the_reference_is_that_of_the_command_line_whatever_the_terminal(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    page = script.reference()
    assert page == GENERATED.read_text(encoding="utf-8"), "write it anew with: make docs"
    groups = {
        "collect": cli.COLLECT_VERBS, "data": cli.DATA_VERBS, "language": cli.LANGUAGE_VERBS, "bench": cli.BENCH_VERBS,
    }  # fmt: skip
    told = re.findall(r"^##+ inkread (.*)", page, flags=re.MULTILINE)
    assert sorted(told) == sorted(
        [*cli.VERBS, *groups, *(f"{group} {verb}" for group in groups for verb in groups[group])]
    )
    for verb in cli.VERBS:
        assert f"(#inkread-{verb})" in page


def test_a_stale_page_fails_the_check_and_is_written_anew(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(script, "PAGE", tmp_path / "commands.md")
    monkeypatch.setattr(script, "reference", lambda: "as it is\n")
    for there in (None, "as it was\n"):
        if there is not None:
            script.PAGE.write_text(there)
        monkeypatch.setattr(sys, "argv", ["command_reference.py", "--check"])
        with pytest.raises(SystemExit, match=r"^stale: .*commands\.md; write it anew with: make docs$"):
            script.main()
    monkeypatch.setattr(sys, "argv", ["command_reference.py"])
    script.main()
    monkeypatch.setattr(sys, "argv", ["command_reference.py", "--check"])
    script.main()
    assert script.PAGE.read_text() == "as it is\n"
