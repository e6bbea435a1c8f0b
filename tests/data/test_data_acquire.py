from __future__ import annotations

import contextlib
import dataclasses
import gzip
import os
import socket
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from inkread.data import acquire, catalogue, load, transfer
from inkread.errors import BadOption, ChecksumMismatch, DownloadFailed, MissingDependency

TRAIN_IMAGES = "emnist-letters-train-images-idx3-ubyte"
MEMBER = f"gzip/{TRAIN_IMAGES}.gz"


def raw_folder(root: Path, name: str = "EMNIST") -> Path:
    return root / name / "raw"


def left_behind(root: Path) -> list[str]:
    """Files that are neither data nor the record of checksums."""
    return sorted(path.name for path in root.rglob("*") if path.suffix in (".part", ".unpacking"))


def corrupted(archive: bytes, member: bytes) -> bytes:
    """The archive with 20 bytes in the middle of a stored member overwritten; its directory stays."""
    place = archive.index(member) + len(member) // 2
    return archive[:place] + bytes(20) + archive[place + 20 :]


# What should happen


def test_emnist_letters_come_by_ranges_upright_and_counted_from_a(emnist, tmp_path):
    acquire.get("emnist-letters", tmp_path)
    dataset = load("emnist-letters", tmp_path)
    labels = np.concatenate([dataset.train.labels, dataset.val.labels])
    assert dataset.alphabet.characters == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert set(dataset.alphabet.decode(labels)) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert (labels.min(), labels.max()) == (0, 25)
    assert len(labels) == 26 * 6
    assert len(dataset.test) == 26 * 2
    for glyph in (
        dataset.train.images[0],
        dataset.test.images[-1],
    ):  # an L: ink at the left and at the bottom, none top right
        assert glyph[3:25, 6:9].min() > 150
        assert glyph[22:25, 6:22].min() > 150
        assert glyph[:20, 12:].max() == 0
    assert emnist.server.sent < len(emnist.archive) / 4  # the members wanted and the directory, not the archive


def test_files_that_came_are_the_files_that_were_packed(emnist, tmp_path):
    for path in acquire.get("emnist-letters", tmp_path):
        assert path.read_bytes() == gzip.decompress(emnist.members[f"gzip/{path.name}.gz"])
    assert left_behind(tmp_path) == []


def test_members_that_the_archive_compresses_once_more_come_too(emnist, packed, tmp_path):
    emnist.server.files["/gzip.zip"] = packed(emnist.members, zipfile.ZIP_DEFLATED)
    acquire.get("letters", tmp_path)
    assert [state.state for state in acquire.verify("letters", tmp_path)] == ["ok"] * 4


def test_what_is_there_is_not_fetched_again(emnist, tmp_path):
    acquire.get("emnist-letters", tmp_path)
    before = len(emnist.server.requests)
    acquire.get("emnist-letters", tmp_path)
    assert len(emnist.server.requests) == before


def test_mnist_comes_whole_and_loads(mnist, tmp_path):
    paths = acquire.get("mnist", tmp_path)
    assert {path.name: path.read_bytes() for path in paths} == mnist
    assert left_behind(tmp_path) == []
    assert load("mnist", tmp_path).train.labels[0] == 7


def test_progress_grows_to_the_whole_of_each_file(emnist, tmp_path):
    told: dict[str, list[tuple[int, int]]] = {}
    acquire.get("letters", tmp_path, progress=lambda name, done, total: told.setdefault(name, []).append((done, total)))
    assert sorted(told) == sorted(Path(name).name for name in emnist.members)
    for steps in told.values():
        done = [step for step, _ in steps]
        assert done == sorted(done)
        assert steps[-1][0] == steps[-1][1] > 0


def test_a_server_without_ranges_gives_the_whole_archive_and_it_is_kept(emnist, tmp_path):
    emnist.server.ranges = False
    acquire.get("emnist-letters", tmp_path)
    assert (raw_folder(tmp_path) / "gzip.zip").read_bytes() == emnist.archive
    assert len(load("letters", tmp_path).test) == 52
    before = len(emnist.server.requests)
    (raw_folder(tmp_path) / TRAIN_IMAGES).unlink()
    acquire.get("emnist-letters", tmp_path)  # from the archive that was kept
    assert len(emnist.server.requests) == before


def test_an_archive_that_the_user_put_there_is_used(emnist, tmp_path):
    raw_folder(tmp_path).mkdir(parents=True)
    (raw_folder(tmp_path) / "gzip.zip").write_bytes(emnist.archive)
    acquire.get("emnist-letters", tmp_path)
    assert emnist.server.requests == []
    assert [state.state for state in acquire.verify("emnist-letters", tmp_path)] == ["ok"] * 4


def test_the_next_mirror_is_tried(mnist, server, tmp_path, monkeypatch):
    entry = dataclasses.replace(catalogue.find("mnist"), sources=(f"{server.url}/gone/", f"{server.url}/mnist/"))
    monkeypatch.setitem(catalogue.CATALOGUE, "mnist", entry)
    acquire.get("mnist", tmp_path)
    assert [state.state for state in acquire.verify("mnist", tmp_path)] == ["ok"] * 4


def test_when_all_mirrors_fail_each_reason_is_told(mnist, server, tmp_path, monkeypatch):
    entry = dataclasses.replace(catalogue.find("mnist"), sources=(f"{server.url}/a", f"{server.url}/b"))
    monkeypatch.setitem(catalogue.CATALOGUE, "mnist", entry)
    server.status["/b/train-images-idx3-ubyte.gz"] = 503
    with pytest.raises(DownloadFailed, match=r"none of its 2 addresses: .*/a/.*404.*/b/.*503"):
        acquire.get("mnist", tmp_path)


def test_a_server_that_cannot_count_ranges_from_the_end_will_do(emnist, tmp_path):
    emnist.server.suffixes = False
    acquire.get("emnist-letters", tmp_path)
    assert [state.state for state in acquire.verify("emnist-letters", tmp_path)] == ["ok"] * 4
    assert not (raw_folder(tmp_path) / "gzip.zip").exists()


def test_a_server_that_does_not_tell_lengths_will_do(mnist, server, tmp_path):
    server.lengths = False
    told = []
    acquire.get("mnist", tmp_path, progress=lambda name, done, total: told.append(total))
    assert [state.state for state in acquire.verify("mnist", tmp_path)] == ["ok"] * 4
    assert set(told) == {0}


# Breaks, and going on after them


def test_a_connection_cut_midway_is_continued_by_itself(emnist, tmp_path):
    emnist.server.cuts = [70_000, 2_000, 7_000, 1_200]  # the first whole, for the directory
    acquire.get("emnist-letters", tmp_path)
    assert (raw_folder(tmp_path) / TRAIN_IMAGES).read_bytes() == gzip.decompress(emnist.members[MEMBER])
    spans = [asked for _, asked, _ in emnist.server.requests]
    assert len(set(spans)) == len(spans)  # each request asked for other bytes: nothing came twice
    starts = [int(asked.split("=")[1].split("-")[0]) for asked in spans[2:6]]
    assert np.diff(starts).tolist() == [2_000, 7_000, 1_200]


def test_a_directory_cut_midway_is_asked_for_again(emnist, tmp_path):
    emnist.server.cuts = [5_000]
    acquire.get("emnist-letters", tmp_path)
    assert [state.state for state in acquire.verify("emnist-letters", tmp_path)] == ["ok"] * 4


def test_a_download_that_broke_off_goes_on_where_it_stopped(emnist, tmp_path):
    acquire.get("emnist-letters", tmp_path)
    (raw_folder(tmp_path) / TRAIN_IMAGES).unlink()
    emnist.server.always_cut = 0
    emnist.server.cuts = [70_000, 9_000]  # the directory whole
    with pytest.raises(DownloadFailed, match=r"connection ended after 9,000 of .* are kept.*again"):
        acquire.get("emnist-letters", tmp_path)
    assert not (raw_folder(tmp_path) / TRAIN_IMAGES).exists()
    state = acquire.verify("emnist-letters", tmp_path)[0]
    assert (state.state, state.detail.startswith("9,000 bytes")) == ("missing", True)
    emnist.server.always_cut = None
    before = emnist.server.sent
    acquire.get("emnist-letters", tmp_path)
    directory = 64 * 1024
    assert emnist.server.sent - before < len(emnist.members[MEMBER]) - 9_000 + directory + 500
    assert (raw_folder(tmp_path) / TRAIN_IMAGES).read_bytes() == gzip.decompress(emnist.members[MEMBER])


def test_mnist_too_goes_on_where_it_stopped(mnist, server, tmp_path):
    server.always_cut, server.cuts = 0, [100_000]
    with pytest.raises(DownloadFailed, match="100,000 bytes"):
        acquire.get("mnist", tmp_path)
    server.always_cut = None
    acquire.get("mnist", tmp_path)
    assert (raw_folder(tmp_path, "MNIST") / "train-images-idx3-ubyte").read_bytes() == mnist["train-images-idx3-ubyte"]
    assert ("/mnist/train-images-idx3-ubyte.gz", "bytes=100000-") in [
        (path, asked) for path, asked, _ in server.requests
    ]


def test_a_whole_archive_that_broke_off_starts_anew_where_the_server_knows_no_ranges(emnist, tmp_path):
    emnist.server.ranges = False
    emnist.server.cuts = [len(emnist.archive), 300_000]  # the first answer is the question whether there are ranges
    acquire.get("emnist-letters", tmp_path)
    assert [state.state for state in acquire.verify("emnist-letters", tmp_path)] == ["ok"] * 4


def test_a_file_that_had_come_whole_when_the_program_died_is_not_fetched_again(mnist, server, tmp_path):
    part = raw_folder(tmp_path, "MNIST") / "train-images-idx3-ubyte.gz.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(server.files["/mnist/train-images-idx3-ubyte.gz"])
    acquire.get("mnist", tmp_path)
    assert not any(count for path, _, count in server.requests if "train-images" in path)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    "rest", [b"\x1f\x8b" + bytes(5_000), b"\x1f\x8b" + bytes(10_000_000)], ids=["short", "too long"]
)
def test_a_rest_of_something_else_is_replaced(mnist, server, tmp_path, rest):
    part = raw_folder(tmp_path, "MNIST") / "train-images-idx3-ubyte.gz.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(rest)
    acquire.get("mnist", tmp_path)
    assert [state.state for state in acquire.verify("mnist", tmp_path)] == ["ok"] * 4
    assert left_behind(tmp_path) == []


def test_a_part_of_an_older_archive_is_not_continued(emnist, tmp_path):
    stale = raw_folder(tmp_path) / f"{TRAIN_IMAGES}.00c0ffee.part"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"PK\x03\x04 of another archive")
    acquire.get("emnist-letters", tmp_path)
    assert left_behind(tmp_path) == []
    assert (raw_folder(tmp_path) / TRAIN_IMAGES).read_bytes() == gzip.decompress(emnist.members[MEMBER])


# Servers that refuse or lie


def test_wrong_bytes_never_become_a_file(emnist, tmp_path):
    emnist.server.files["/gzip.zip"] = corrupted(emnist.archive, emnist.members[MEMBER])
    with pytest.raises(ChecksumMismatch, match=f"{TRAIN_IMAGES} came damaged.*thrown away"):
        acquire.get("emnist-letters", tmp_path)
    assert not (raw_folder(tmp_path) / TRAIN_IMAGES).exists()
    assert left_behind(tmp_path) == []


def test_wrong_bytes_of_mnist_never_become_a_file(mnist, server, tmp_path):
    other = gzip.compress(bytes(1000), mtime=0)  # a perfect gzip file, only not the one promised
    server.files["/mnist/t10k-labels-idx1-ubyte.gz"] = other
    with pytest.raises(ChecksumMismatch, match=r"t10k-labels-idx1-ubyte.gz came with md5 .*; expected"):
        acquire.get("mnist", tmp_path)
    assert not (raw_folder(tmp_path, "MNIST") / "t10k-labels-idx1-ubyte").exists()
    assert left_behind(tmp_path) == []
    assert [state.state for state in acquire.verify("mnist", tmp_path)] == ["ok", "ok", "ok", "missing"]


def test_a_whole_archive_with_another_checksum_is_thrown_away(emnist, tmp_path):
    emnist.server.ranges = False
    emnist.server.files["/gzip.zip"] = corrupted(emnist.archive, emnist.members[MEMBER])
    with pytest.raises(ChecksumMismatch, match=r"came with md5 .*; expected"):
        acquire.get("emnist-letters", tmp_path)
    assert list(raw_folder(tmp_path).iterdir()) == []


def spoilt(archive: bytes, member: bytes) -> bytes:
    """The archive with a byte in which gunzip sees at once that it cannot be."""
    place = archive.index(member) + 10  # after gzip's header, where the first block tells its kind
    return archive[:place] + b"\xff" + archive[place + 1 :]


def locked(archive: bytes, _: bytes) -> bytes:
    """The archive whose directory says, by one bit, that the member is encrypted."""
    place = archive.rindex(MEMBER.encode()) - 46 + 8  # of the entry's header, the flags
    return archive[:place] + bytes([archive[place] | 1]) + archive[place + 1 :]


@pytest.mark.parametrize("block", [1_000, 1 << 20])  # bytes; small: damage comes to light before the checksum does
@pytest.mark.parametrize("damage", [corrupted, spoilt, locked, lambda *_: b"not a zip"])
def test_a_damaged_archive_on_disk_is_named_and_left_alone(emnist, tmp_path, monkeypatch, damage, block):
    monkeypatch.setattr(acquire, "BLOCK", block)
    archive = raw_folder(tmp_path) / "gzip.zip"
    archive.parent.mkdir(parents=True)
    damaged = damage(emnist.archive, emnist.members[MEMBER])
    archive.write_bytes(damaged)
    with pytest.raises(ChecksumMismatch, match=r"gzip\.zip is damaged or not EMNIST's archive .*; delete it and run"):
        acquire.get("emnist-letters", tmp_path)
    assert archive.read_bytes() == damaged
    assert [path.name for path in archive.parent.iterdir()] == ["gzip.zip"]


@pytest.mark.parametrize("ranges", [True, False])
def test_an_archive_cut_short_on_the_server_is_no_archive(emnist, tmp_path, ranges):
    emnist.server.ranges = ranges
    emnist.server.files["/gzip.zip"] = emnist.archive[:-5_000]
    with pytest.raises((DownloadFailed, ChecksumMismatch), match=r"directory of .* cannot be read|came with md5"):
        acquire.get("emnist-letters", tmp_path)
    assert not (raw_folder(tmp_path) / TRAIN_IMAGES).exists()


def test_an_archive_without_the_members_is_not_emnist(emnist, packed, tmp_path):
    emnist.server.files["/gzip.zip"] = packed({"readme.txt": b"hello"})
    with pytest.raises(DownloadFailed, match=f"has no {MEMBER}"):
        acquire.get("emnist-letters", tmp_path)


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/zip"])
def test_a_web_page_is_not_taken_for_an_archive(emnist, tmp_path, kind, ranges):
    emnist.server.ranges = ranges
    emnist.server.files["/gzip.zip"] = b"\n<!DOCTYPE html><html>Please log in</html>" + b" " * 5000
    emnist.server.types["/gzip.zip"] = kind
    with pytest.raises(DownloadFailed, match=r"answered with a web page \(HTML\), not with a zip archive"):
        acquire.get("emnist-letters", tmp_path)
    assert not raw_folder(tmp_path).exists() or list(raw_folder(tmp_path).iterdir()) == []


def test_a_moved_file_that_leads_to_a_web_page_is_told(mnist, server, tmp_path):
    server.redirects["/mnist/train-images-idx3-ubyte.gz"] = f"{server.url}/home"
    server.files["/home"] = b"<html>Welcome</html>"
    server.types["/home"] = "text/html"
    with pytest.raises(DownloadFailed, match=r"web page \(HTML\), not with a gzip file"):
        acquire.get("mnist", tmp_path)


def test_a_web_page_does_not_cost_what_came_before(mnist, server, tmp_path):
    part = raw_folder(tmp_path, "MNIST") / "train-images-idx3-ubyte.gz.part"
    part.parent.mkdir(parents=True)
    begun = server.files["/mnist/train-images-idx3-ubyte.gz"][:50_000]
    part.write_bytes(begun)
    server.ranges = False
    whole, server.files["/mnist/train-images-idx3-ubyte.gz"] = (
        server.files["/mnist/train-images-idx3-ubyte.gz"],
        b"<html>",
    )
    with pytest.raises(DownloadFailed, match="web page"):
        acquire.get("mnist", tmp_path)
    assert part.read_bytes() == begun
    server.ranges, server.files["/mnist/train-images-idx3-ubyte.gz"] = True, whole
    acquire.get("mnist", tmp_path)
    assert [state.state for state in acquire.verify("mnist", tmp_path)] == ["ok"] * 4


def test_something_that_is_neither_is_told_by_its_first_bytes(emnist, tmp_path):
    emnist.server.files["/gzip.zip"] = b"Rar!" + bytes(5000)
    with pytest.raises(
        DownloadFailed, match=r"is not a zip archive \(first bytes: 52 61 72 21; expected 50 4b 03 04\)"
    ):
        acquire.get("emnist-letters", tmp_path)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (404, "does not exist on the server"),
        (403, "not open to everybody"),
        (500, "answered HTTP 500"),
        (429, "HTTP 429"),
    ],
)
def test_a_refusal_is_one_sentence(emnist, mnist, tmp_path, code, told):
    emnist.server.status["/gzip.zip"] = code
    emnist.server.status["/mnist/train-images-idx3-ubyte.gz"] = code
    for name in ("emnist-letters", "mnist"):
        with pytest.raises(DownloadFailed, match=told) as caught:
            acquire.get(name, tmp_path)
        assert "\n" not in str(caught.value)


def test_a_dead_server_is_one_sentence(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("emnist-letters", "mnist"):
        with pytest.raises(DownloadFailed, match=r"cannot be reached \(Connection refused\)|cannot be reached"):
            acquire.get(name, tmp_path, url=f"http://127.0.0.1:{port}/gzip.zip")


def test_a_server_that_hangs_up_without_a_word_is_one_sentence(tmp_path):
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            with contextlib.suppress(OSError):  # the listener is closed when the test has seen enough
                for _ in range(transfer.ATTEMPTS + 1):
                    listener.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(DownloadFailed, match="connection broke"):
            acquire.get("mnist", tmp_path, url=f"http://127.0.0.1:{listener.getsockname()[1]}/mnist")


def test_a_silent_server_is_given_up(mnist, server, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "PATIENCE_S", 0.05)
    server.stall = 0.5
    with pytest.raises(DownloadFailed, match=r"sent nothing for 0.05 seconds"):
        acquire.get("mnist", tmp_path)


def test_a_silent_server_is_given_up_before_the_directory_comes(emnist, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "PATIENCE_S", 0.05)
    emnist.server.stall = 0.5
    with pytest.raises(DownloadFailed, match=r"sent nothing for 0\.05 seconds"):
        acquire.get("emnist-letters", tmp_path)


def test_a_crawling_server_is_given_up_and_what_came_is_kept(mnist, server, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "PATIENCE_S", 0.4)
    monkeypatch.setattr(transfer, "CRAWL", 1_000_000)
    monkeypatch.setattr(transfer, "ATTEMPTS", 0)
    server.drip = 0.005
    with pytest.raises(DownloadFailed, match=r"sent only \d+ bytes in"):
        acquire.get("mnist", tmp_path)
    assert left_behind(tmp_path) == ["train-images-idx3-ubyte.gz.part"]


def test_a_server_that_sends_another_span_is_not_believed(emnist, tmp_path):
    emnist.server.shift = 7
    with pytest.raises((DownloadFailed, ChecksumMismatch)):
        acquire.get("emnist-letters", tmp_path)
    assert not (raw_folder(tmp_path) / TRAIN_IMAGES).exists()


@pytest.mark.parametrize(
    "url", ["gzip.zip", "ftp://127.0.0.1/gzip.zip", "file:///etc/hostname", "", "http://[", "http://127.0.0.1/größe/"]
)
def test_an_address_that_is_none_is_told(tmp_path, url):
    for name in ("emnist-letters", "mnist"):
        with pytest.raises(DownloadFailed, match="is not a web address"):
            acquire.get(name, tmp_path, url=url)


# Disks that refuse


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_one_sentence(mnist, server, tmp_path):
    raw = raw_folder(tmp_path, "MNIST")
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte.gz.part").symlink_to("/dev/full")
    with pytest.raises(DownloadFailed, match=r"the disk is full: .* has no room for train-images-idx3-ubyte.gz.part"):
        acquire.get("mnist", tmp_path)
    assert [state.state for state in acquire.verify("mnist", tmp_path)] == ["missing"] * 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_disk_that_fills_up_while_unpacking_keeps_what_came(mnist, server, tmp_path):
    raw = raw_folder(tmp_path, "MNIST")
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte.unpacking").symlink_to("/dev/full")
    with pytest.raises(DownloadFailed, match="the disk is full"):
        acquire.get("mnist", tmp_path)
    assert left_behind(tmp_path) == ["train-images-idx3-ubyte.gz.part"]
    acquire.get("mnist", tmp_path)
    assert len([path for path, _, count in server.requests if "train-images" in path and count]) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_permission_is_one_sentence(mnist, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DownloadFailed, match="cannot be written to"):
        acquire.get("mnist", tmp_path)


def test_a_file_where_the_folder_should_be_is_one_sentence(mnist, emnist, tmp_path):
    (tmp_path / "MNIST").write_text("in the way")
    (tmp_path / "EMNIST").write_text("in the way")
    for name in ("mnist", "letters"):
        with pytest.raises(DownloadFailed, match="cannot be written"):
            acquire.get(name, tmp_path)


# Nothing good is overwritten


def test_a_failed_download_leaves_good_files_alone(mnist, server, tmp_path):
    acquire.get("mnist", tmp_path)
    raw = raw_folder(tmp_path, "MNIST")
    before = {path: path.stat().st_mtime_ns for path in raw.iterdir() if "train-labels" not in path.name}
    (raw / "train-labels-idx1-ubyte").write_bytes(b"damaged")
    server.files["/mnist/train-labels-idx1-ubyte.gz"] = b"<html>no</html>"
    with pytest.raises(DownloadFailed):
        acquire.get("mnist", tmp_path)
    assert (raw / "train-labels-idx1-ubyte").read_bytes() == b"damaged"  # replaced only by something that is whole
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_damaged_file_is_replaced_by_a_whole_one(mnist, tmp_path):
    acquire.get("mnist", tmp_path)
    path = raw_folder(tmp_path, "MNIST") / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-10])
    acquire.get("mnist", tmp_path)
    assert path.read_bytes() == mnist["train-images-idx3-ubyte"]


# Verifying


def test_verify_tells_missing_damaged_and_whole_files_apart(emnist, tmp_path):
    assert {state.state for state in acquire.verify("emnist-letters", tmp_path)} == {"missing"}
    acquire.get("emnist-letters", tmp_path)
    images, labels, test_images, _ = acquire.get("emnist-letters", tmp_path)
    flipped = bytearray(images.read_bytes())
    flipped[5000] ^= 1
    images.write_bytes(flipped)  # as long as before, and one bit is wrong
    labels.write_bytes(labels.read_bytes()[:-3])
    test_images.unlink()
    states = acquire.verify("emnist-letters", tmp_path)
    assert [state.state for state in states] == ["damaged", "damaged", "missing", "ok"]
    assert "CRC-32" in states[0].detail
    assert "cut short" in states[1].detail
    acquire.get("emnist-letters", tmp_path)
    assert {state.state for state in acquire.verify("emnist-letters", tmp_path)} == {"ok"}


def test_files_of_emnist_from_elsewhere_are_checked_by_their_header(emnist, tmp_path):
    acquire.get("emnist-letters", tmp_path)
    (raw_folder(tmp_path) / acquire.CHECKSUMS).unlink()
    states = acquire.verify("emnist-letters", tmp_path)
    assert {state.state for state in states} == {"ok"}
    assert states[0].detail == "156 pictures; as long as its header says, and no checksum is known"


def test_a_spoilt_record_of_checksums_is_ignored(emnist, tmp_path):
    acquire.get("emnist-letters", tmp_path)
    for spoilt in ("{", '["a"]', '{"emnist-letters-train-images-idx3-ubyte": 7}', '{"a": "not hexadecimal"}'):
        (raw_folder(tmp_path) / acquire.CHECKSUMS).write_text(spoilt)
        assert {state.state for state in acquire.verify("emnist-letters", tmp_path)} == {"ok"}


@pytest.mark.skipif("INKREAD_DATA" not in os.environ, reason="needs the data folder INKREAD_DATA")
def test_real_mnist_has_the_checksums_of_the_catalogue():
    states = acquire.verify("mnist", Path(os.environ["INKREAD_DATA"]))
    assert (states[0].state, states[0].detail) == ("ok", "60,000 pictures; md5 as it should be")
    assert {state.state for state in states} == {"ok"}


# Names and dependencies


def test_an_unknown_name_lists_the_known_ones(tmp_path):
    for call in (acquire.get, acquire.verify):
        with pytest.raises(BadOption, match=r"'emnist' is not in the catalogue; it has mnist, emnist-letters"):
            call("emnist", tmp_path)


def test_without_remotezip_the_install_command_is_told(emnist, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "remotezip", None)
    with pytest.raises(MissingDependency, match=r'pip install "inkread\[train\]"'):
        acquire.get("emnist-letters", tmp_path)


def test_mnist_needs_no_remotezip(mnist, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "remotezip", None)
    assert len(acquire.get("mnist", tmp_path)) == 4
