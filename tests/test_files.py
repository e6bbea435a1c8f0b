"""Files are written whole or not at all, and leave nothing behind where they are not."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from inkread.files import alone, files_in, half_written, write_whole


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
    with pytest.raises(OSError, match="No space left") as refused:
        write_whole(path, b"new")
    assert refused.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_stopping_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_write_one_file_at_once_each_writes_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, contents = tmp_path / "file", [b"second, and longer"]
    fsync = os.fsync

    def between(file: int) -> None:
        fsync(file)
        if contents:
            write_whole(path, contents.pop())
            assert path.read_bytes() == b"second, and longer"

    monkeypatch.setattr(os, "fsync", between)
    write_whole(path, b"first")
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_file_may_have_the_longest_name_and_is_as_open_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    path = tmp_path / ("n" * 255)
    write_whole(path, b"content")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_what_is_refused_is_told_of_the_file_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "folder" / "within").mkdir(parents=True)
    with pytest.raises(OSError, match="folder") as refused:
        write_whole(tmp_path / "folder", b"content")
    assert refused.value.filename == str(tmp_path / "folder")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_what_was_half_written_is_told_from_the_files_of_others(tmp_path: Path) -> None:
    for name in (".0123456789abcdef.part", ".movie.part", "0123456789abcdef.part", ".0123456789abcdef.part.txt"):
        (tmp_path / name).touch()
    assert [file.name for file in half_written(tmp_path)] == [".0123456789abcdef.part"]


def test_a_folder_that_cannot_be_opened_is_not_passed_over(tmp_path: Path) -> None:
    write_whole(tmp_path / "b" / "2", b"")
    write_whole(tmp_path / "1", b"")
    assert files_in(tmp_path) == [tmp_path / "1", tmp_path / "b" / "2"]
    with pytest.raises(NotADirectoryError):
        files_in(tmp_path / "1")


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    entered = threading.Event()

    def enter() -> None:
        with alone(tmp_path):
            entered.set()

    other = threading.Thread(target=enter)
    with alone(tmp_path):
        other.start()
        assert not entered.wait(0.2)
    assert entered.wait(10)
    other.join()
