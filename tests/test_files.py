"""Files are written whole or not at all, and leave nothing behind where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inkread.files import write_whole


def test_a_file_and_its_folders_are_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "new" / "file", b"content")
    assert (tmp_path / "new" / "file").read_bytes() == b"content"


def test_a_disk_that_refuses_keeps_the_old_content_and_gets_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
