"""Folders that a verb is to write into: a file in the way is told before any work."""

from pathlib import Path

import pytest

from inkread.errors import BadOption
from inkread.interfaces.target_file import refuse_file
from tests.conftest import Command

VERBS = (
    "train digits --out", "demo --out", "look digits --out", "bench read --out", "bench robustness --out",
    "bench infer --out", "bench scaling --out", "bench train digits-1k --out", "evaluate digits --report",
    "messages letters --report",
)  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_where_a_folder_is_asked_for_is_told_before_any_work(
    inkread: Command, tmp_path: Path, verb: str
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    shown = inkread(*verb.split(), there)
    assert shown.code == 1
    flag = verb.rsplit(maxsplit=1)[-1]
    assert shown.err == f"inkread: {flag} is {there}, which is a file; expected a folder\n"
    assert "Training" not in shown.out and there.read_text() == "mine"


def test_a_folder_that_would_lie_in_a_file_is_told_with_the_file(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(BadOption, match=r"--out is .*there/a/b, which cannot be made: .*there is a file, not a folder"):
        refuse_file("--out", there / "a" / "b")


def test_folders_there_and_new_and_none_pass(tmp_path: Path) -> None:
    for folder in (None, tmp_path, tmp_path / "new" / "newer", Path("new")):
        refuse_file("--out", folder)
