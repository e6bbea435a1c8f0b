"""A data set's name -> its files on disk, fetched, checked and whole; and a check of what is there.

A file takes its final name only after its checksum, its compression's own checksum and its header all agree; until then
it is a ``.part`` file that the next call continues. EMNIST's parts are cut out of its one archive by HTTP range
requests, so that Letters cost 36 MB and not 562; a server that knows no ranges gives the whole archive, which is kept
for EMNIST's other parts. How bytes travel is left to `transfer`, what exists to `catalogue`.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from inkread.data import catalogue, idx, transfer
from inkread.data.catalogue import DataFile, Entry
from inkread.data.transfer import DiskRefused, NoRangesError, Progress, Span
from inkread.errors import BadData, ChecksumMismatch, DownloadFailed, MissingDependency

GZIP: Final = b"\x1f\x8b"  # how a gzip file opens
ZIP: Final = b"PK\x03\x04"  # how a zip archive, and each member within, opens
LOCAL_HEADER: Final = 30  # bytes before a zip member's name
GZIP_STREAM: Final = 31  # zlib's window bits for a gzip file with its own checksum
BLOCK: Final = 1 << 20  # bytes read from disk at once
ARCHIVE: Final = "gzip.zip"  # where torchvision, too, keeps the whole archive
# What zipfile and zlib raise for damaged archives, by the place of the damage.
ARCHIVE_ERRORS: Final = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, RuntimeError)
CHECKSUMS: Final = "inkread-checksums.json"  # CRC-32 of each file of EMNIST as it came: nobody publishes them


@dataclass(frozen=True)
class FileState:
    """What ``verify`` found of one file: whether it is whole, and in ``detail`` how that is known or what is wrong."""

    path: Path
    state: Literal["ok", "missing", "damaged"]
    detail: str


@dataclass(frozen=True)
class _Member:
    """Where a member lies in a zip archive: from its local header to the next member, and what it must come to."""

    first: int
    length: int
    packed: int
    method: int
    crc: int


def get(name: str, root: Path, *, url: str | None = None, progress: Progress | None = None) -> list[Path]:
    """Fetch what is missing or damaged of a data set into the data folder ``root``; the paths of all its files.

    ``url`` replaces the catalogue's addresses: for EMNIST that of the archive, for MNIST that of a folder with its four
    files. Raises DownloadFailed or ChecksumMismatch, after which the same call goes on with what came; BadOption for an
    unknown name; MissingDependency where remotezip is needed and not installed.
    """
    entry = catalogue.find(name)
    bring = _bring_files if entry.archive_md5 is None else _bring_members
    failures = []
    for source in entry.sources if url is None else (url,):
        wanted = [file for file in entry.files if _state(_path(entry, file, root), file).state != "ok"]
        try:
            bring(entry, wanted, root, source, progress)
            return [_path(entry, file, root) for file in entry.files]
        except DiskRefused:  # another server would not help
            raise
        except (DownloadFailed, ChecksumMismatch) as failure:
            failures.append(failure)
    if len(failures) == 1:
        raise failures[0]
    raise DownloadFailed(
        f"{entry.title} came from none of its {len(failures)} addresses: {' | '.join(map(str, failures))}"
    )


def verify(name: str, root: Path) -> list[FileState]:
    """Check each file of a data set in the data folder ``root``: present, whole, its checksum right if known."""
    entry = catalogue.find(name)
    return [_state(_path(entry, file, root), file) for file in entry.files]


def _path(entry: Entry, file: DataFile, root: Path) -> Path:
    return Path(root) / entry.folder / file.name


def _state(path: Path, file: DataFile) -> FileState:
    if not path.is_file():
        begun = sum(part.stat().st_size for part in path.parent.glob(f"{file.name}*.part"))
        return FileState(
            path, "missing", f"{begun:,} bytes of it came; get it again to go on" if begun else "not there"
        )
    try:
        dimensions = idx.shape(path)
    except BadData as error:
        return FileState(path, "damaged", str(error))
    holds = f"{dimensions[0]:,} {'pictures' if len(dimensions) == 3 else 'labels'}"
    if file.md5 is not None:
        good, how = _md5(path) == file.md5, "md5"
    elif (known := _known_checksums(path.parent).get(file.name)) is not None:
        good, how = _crc(path) == known, "CRC-32"
    else:
        return FileState(path, "ok", f"{holds}; as long as its header says, and no checksum is known")
    if good:
        return FileState(path, "ok", f"{holds}; {how} as it should be")
    return FileState(path, "damaged", f"its {how} is not what it should be; get it again")


# MNIST: four compressed files, each with a public checksum


def _bring_files(entry: Entry, wanted: Sequence[DataFile], root: Path, source: str, progress: Progress | None) -> None:
    for file in wanted:
        target = _path(entry, file, root)
        part = target.with_name(f"{file.member}.part")
        span = Span(f"{source.rstrip('/')}/{file.member}", file.member, "a gzip file", GZIP)
        _fetch_checked(span, part, partial(_unpack_file, part, file, target), progress)


def _unpack_file(part: Path, file: DataFile, target: Path) -> None:
    if file.member_md5 is not None and (md5 := _md5(part)) != file.member_md5:
        raise ChecksumMismatch(
            f"{file.member} came with md5 {md5}; expected {file.member_md5}. It was thrown away; run the same "
            "command again"
        )
    _unpack_fetched(_blocks(part), target)


def _fetch_checked(span: Span, part: Path, unpack: Callable[[], None], progress: Progress | None) -> None:
    """Fetch and unpack. Bytes that fail their checksum are thrown away, and fetched anew if some were old."""
    continued = part.exists()
    transfer.fetch(span, part, progress)
    try:
        unpack()
    except ChecksumMismatch:
        part.unlink()
        if not continued:
            raise
        _fetch_checked(span, part, unpack, progress)
        return
    part.unlink(missing_ok=True)


# EMNIST: members of one zip archive, whose directory has the checksum of each


def _bring_members(
    entry: Entry, wanted: Sequence[DataFile], root: Path, source: str, progress: Progress | None
) -> None:
    archive = Path(root) / entry.folder / ARCHIVE
    if not wanted:
        return
    if not archive.exists():
        try:
            _bring_spans(entry, wanted, root, source, progress)
        except NoRangesError:
            _bring_archive(entry, archive, source, progress)
    if archive.exists():
        _unpack_archive(entry, wanted, root, archive)
    for file in wanted:
        for part in archive.parent.glob(f"{file.name}.*.part"):  # begun before the archive at the address was replaced
            part.unlink()


def _bring_spans(entry: Entry, wanted: Sequence[DataFile], root: Path, source: str, progress: Progress | None) -> None:
    """Each member by its bytes within the archive; raises NoRangesError where the server sends whole files only."""
    directory = _directory(source)
    if absent := [file.member for file in wanted if file.member not in directory]:
        raise DownloadFailed(
            f"the archive {source} has no {', '.join(absent)}; expected EMNIST's gzip.zip. Try another address (--url)"
        )
    for file in wanted:
        target, member = _path(entry, file, root), directory[file.member]
        # The checksum in the name: continued only while the archive promises the same bytes.
        part = target.with_name(f"{file.name}.{member.crc:08x}.part")
        span = Span(source, Path(file.member).name, "a member of a zip archive", ZIP, member.first, member.length)
        _fetch_checked(span, part, partial(_unpack_member, part, member, target), progress)


def _directory(source: str) -> dict[str, _Member]:
    """Where each member lies, from the archive's last bytes."""
    transfer.total_size(source, "a zip archive", ZIP)  # raises what is wrong with the address in one sentence
    try:
        import remotezip
        import urllib3
    except ModuleNotFoundError as error:
        raise MissingDependency("remotezip", "train", "fetching a part of EMNIST") from error
    headers = {"User-Agent": transfer.USER_AGENT}
    answers: list[remotezip.requests.Response] = []  # remotezip leaves those open that it refuses
    for by_suffix in (True, False, False):  # some servers know ranges, but not those that count from the end
        try:
            with remotezip.requests.Session() as session:
                session.hooks["response"].append(lambda answer, **_: answers.append(answer))
                with remotezip.RemoteZip(
                    source,
                    session=session,
                    timeout=transfer.PATIENCE_S,
                    headers=headers,
                    support_suffix_range=by_suffix,
                ) as archive:
                    return _members(archive)
        except (remotezip.RemoteZipError, urllib3.exceptions.HTTPError, zipfile.BadZipFile, OSError) as error:
            failure = error
        finally:
            for answer in answers:
                answer.close()
    if isinstance(failure, remotezip.RangeNotSupported):
        raise NoRangesError from failure
    raise DownloadFailed(
        f"the directory of {source} cannot be read ({failure}); run the same command again"
    ) from failure


def _members(archive: zipfile.ZipFile) -> dict[str, _Member]:
    """Every member by its name; each reaches up to where the next one, or the directory, begins."""
    members = archive.infolist()
    ends = sorted([*(member.header_offset for member in members), archive.start_dir])
    return {
        member.filename: _Member(
            first=member.header_offset,
            length=ends[ends.index(member.header_offset) + 1] - member.header_offset,
            packed=member.compress_size,
            method=member.compress_type,
            crc=member.CRC,
        )
        for member in members
    }


def _bring_archive(entry: Entry, archive: Path, source: str, progress: Progress | None) -> None:
    part = archive.with_name(f"{ARCHIVE}.part")

    def accept() -> None:
        if (md5 := _md5(part)) != entry.archive_md5:
            raise ChecksumMismatch(
                f"{source} came with md5 {md5}; expected {entry.archive_md5}. It was thrown away; run the same "
                "command again"
            )
        part.replace(archive)

    _fetch_checked(Span(source, ARCHIVE, "a zip archive", ZIP), part, accept, progress)


def _unpack_archive(entry: Entry, wanted: Sequence[DataFile], root: Path, archive: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as members:
            for file in wanted:
                with members.open(file.member) as member:
                    _unpack(iter(partial(member.read, BLOCK), b""), _path(entry, file, root))
    except ARCHIVE_ERRORS as error:
        reason = str(error) or "it ends too soon"
        raise ChecksumMismatch(
            f"{archive} is damaged or not EMNIST's archive ({reason}); delete it and run the same command again"
        ) from error


def _unpack_member(part: Path, member: _Member, target: Path) -> None:
    _unpack_fetched(_member_bytes(part, member), target, member.crc)


def _member_bytes(part: Path, member: _Member) -> Iterator[bytes]:
    """What a member holds, block by block, from its bytes in the archive (local header first)."""
    if member.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadData(f"{part.name} is packed by zip method {member.method}; expected 0 (stored) or 8 (deflated)")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    with part.open("rb") as file:
        name, extra = struct.unpack("<HH", file.read(LOCAL_HEADER)[-4:])
        file.seek(name + extra, os.SEEK_CUR)
        left = member.packed
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block if member.method == zipfile.ZIP_STORED else inflate.decompress(block)


# both


def _unpack_fetched(blocks: Iterator[bytes], target: Path, crc: int | None = None) -> None:
    """Unpack what came; raises ChecksumMismatch, after which it is thrown away."""
    try:
        _unpack(blocks, target, crc)
    except zlib.error as error:
        raise ChecksumMismatch(
            f"{target.name} came damaged ({error}) and was thrown away; run the same command again"
        ) from error


def _unpack(blocks: Iterator[bytes], target: Path, crc: int | None = None) -> None:
    """Blocks of a gzip file of CRC-32 ``crc`` -> the IDX file ``target``, named so only when all of it is right.

    Raises zlib.error for damaged ones.
    """
    unfinished = target.with_name(f"{target.name}.unpacking")
    gunzip = zlib.decompressobj(GZIP_STREAM)
    packed_crc = raw_crc = 0
    try:
        with transfer.writing(unfinished), unfinished.open("wb") as file:
            for block in blocks:
                packed_crc = zlib.crc32(block, packed_crc)
                raw = gunzip.decompress(block)
                raw_crc = zlib.crc32(raw, raw_crc)
                file.write(raw)
        if not gunzip.eof or (crc is not None and packed_crc != crc):
            raise zlib.error("cut short" if not gunzip.eof else "another checksum than promised")
        idx.shape(unfinished)
        _remember(target, raw_crc)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _known_checksums(folder: Path) -> dict[str, str]:
    try:
        known = json.loads((folder / CHECKSUMS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: crc for name, crc in known.items() if isinstance(crc, str)} if isinstance(known, dict) else {}


def _remember(target: Path, crc: int) -> None:
    """Keep the CRC-32 of a file that came whole, for ``verify``."""
    known = _known_checksums(target.parent) | {target.name: f"{crc:08x}"}
    text = json.dumps(dict(sorted(known.items())), indent=1)
    kept = target.with_name(CHECKSUMS)
    with transfer.writing(kept):
        kept.with_suffix(".unpacking").write_text(text, "utf-8")
        kept.with_suffix(".unpacking").replace(kept)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, BLOCK), b"")


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()


def _crc(path: Path) -> str:
    crc = 0
    for block in _blocks(path):
        crc = zlib.crc32(block, crc)
    return f"{crc:08x}"
