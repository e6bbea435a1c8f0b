"""An address, or a span of bytes behind it -> a partial file on disk that grows until it is whole.

What is already there is continued, never fetched twice; every way in which a server, a connection or a disk can refuse
ends in one sentence (DownloadFailed). Checksums and what the bytes mean are left to `acquire`.
"""

from __future__ import annotations

import errno
import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from inkread.errors import DownloadFailed

Progress = Callable[[str, int, int], None]
"""Called with a file's name, its bytes so far and its bytes in all (0 where the server does not tell)."""

CHUNK: Final = 1 << 18  # bytes asked of the connection at once
PATIENCE_S = 30.0  # seconds: how long a server may send nothing, or next to nothing
CRAWL = 1000  # bytes per second: a slower server counts as stalled
ATTEMPTS: Final = 3  # connections in a row that bring nothing before giving up
USER_AGENT: Final = "inkread (data sets; one file at a time)"
PARTIAL: Final = 206  # HTTP: here is the span that you asked for
UNSATISFIABLE: Final = 416  # HTTP: the file has no such span


class NoRangesError(Exception):
    """The server sends whole files only. Never leaves this room."""


class DiskRefused(DownloadFailed):
    """The disk, not the server: trying another address is no use."""


class _BrokenError(Exception):
    """The connection ended early; what came is on disk."""


@dataclass(frozen=True)
class Span:
    """Bytes to fetch: ``length`` of them from ``first`` on; all when ``length`` is None.

    They open with ``magic``, which tells an archive from a web page, and ``kind`` says what they are: 'a gzip file'.
    """

    url: str
    name: str
    kind: str
    magic: bytes
    first: int = 0
    length: int | None = None


def fetch(span: Span, part: Path, progress: Progress | None = None) -> None:
    """Bring a span of bytes to the file ``part``, continuing what it already has.

    Raises DownloadFailed; ``part`` then keeps what came and a later call goes on from there. Raises NoRangesError where
    a part of a file is wanted and the server knows whole ones only.
    """
    with writing(part):
        part.parent.mkdir(parents=True, exist_ok=True)
    barren = 0
    while True:
        before = _size(part)
        try:
            _continue(span, part, progress)
            return
        except _BrokenError as broken:
            barren = 0 if _size(part) > before else barren + 1
            if barren >= ATTEMPTS:
                raise DownloadFailed(
                    f"{span.url}: {broken}; {_size(part):,} bytes of {span.name} are kept. "
                    "Run the same command again to go on from there"
                ) from broken


def total_size(url: str, kind: str, magic: bytes) -> int:
    """The bytes behind an address that answers range requests; raises NoRangesError or DownloadFailed."""
    try:
        with _opened(url, f"bytes=0-{len(magic) - 1}") as answer:
            _must_open_with(magic, kind, url, answer, _read(answer.read, len(magic)))
            if answer.status != PARTIAL:
                raise NoRangesError
            return _span_sent(answer, url)[1]
    except _BrokenError as broken:
        raise DownloadFailed(f"{url}: {broken}; check the connection and run the same command again") from broken


def _continue(span: Span, part: Path, progress: Progress | None) -> None:
    """One connection: fetch what is missing; raises _BrokenError when it ends early."""
    have = _size(part)
    if span.length is not None and have > span.length:
        have = 0  # left over from something else
    if span.length is not None and have == span.length:
        return
    last = "" if span.length is None else span.first + span.length - 1
    wanted = f"bytes={span.first + have}-{last}" if have or span.length is not None else None
    with _opened(span.url, wanted, have) as answer:
        if answer.status == UNSATISFIABLE:  # only when continuing a whole file: nothing is missing, or it has changed
            _settle(answer, part, have)
            return
        if answer.status != PARTIAL:
            if span.length is not None:
                raise NoRangesError
            have = 0
        elif (start := _span_sent(answer, span.url)[0]) != span.first + have:
            raise DownloadFailed(
                f"{span.url} sent bytes from {start:,} on; expected {span.first + have:,}. Try another address (--url)"
            )
        _pour(span, answer, part, have, progress)


def _settle(answer: http.client.HTTPResponse, part: Path, have: int) -> None:
    """Nothing follows the bytes at hand: they are the whole file, or something else, which is dropped to begin anew."""
    total = re.search(r"/(\d+)$", answer.headers.get("Content-Range", ""))
    if total is None or int(total[1]) != have:
        part.unlink()
        raise _BrokenError("the file on the server is not the one that was begun")


def _pour(span: Span, answer: http.client.HTTPResponse, part: Path, have: int, progress: Progress | None) -> None:
    """Write what the connection brings behind the first ``have`` bytes of the file."""
    coming = answer.headers.get("Content-Length")
    total = span.length or (have + int(coming) if coming else 0)  # 0: the server does not tell
    opening = b"" if have else _read(answer.read, len(span.magic))
    if not have:  # before the file is opened: a web page must not cost what an earlier call brought
        _must_open_with(span.magic, span.kind, span.url, answer, opening)
    with writing(part), part.open("ab" if have else "wb") as file:
        have += file.write(opening)
        for chunk in _chunks(answer):
            have += file.write(chunk)
            if progress is not None:
                progress(span.name, have, total)
    if total and have < total:
        raise _BrokenError(f"the connection ended after {have:,} of {total:,} bytes")
    if total and have > total:
        raise DownloadFailed(
            f"{span.url} sent more than the {total:,} bytes that it promised; try another address (--url)"
        )


def _chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """What comes, as it comes; raises _BrokenError for a connection that stalls, crawls or breaks."""
    since, came = time.monotonic(), 0
    while True:
        chunk = _read(answer.read1, CHUNK)
        if not chunk:
            return
        yield chunk
        came += len(chunk)
        if (waited := time.monotonic() - since) > PATIENCE_S:
            if came < CRAWL * waited:
                raise _BrokenError(f"the server sent only {came:,} bytes in {waited:.0f} seconds")
            since, came = time.monotonic(), 0


@contextmanager
def _opened(url: str, span: str | None, have: int = 0) -> Iterator[http.client.HTTPResponse]:
    """The server's answer, status 200, 206, or 416 when bytes are at hand already; all others become sentences."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"} | ({"Range": span} if span else {})
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            raise DownloadFailed(f"{url!r} is not a web address; expected one that begins with https:// or http://")
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE_S)
    except urllib.error.HTTPError as error:
        if error.code != UNSATISFIABLE or not have:
            error.close()
            raise DownloadFailed(_refusal(url, error.code, error.reason)) from None
        answer = error
    except TimeoutError:
        raise _BrokenError(f"the server did not answer within {PATIENCE_S:g} seconds") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _BrokenError(f"the server did not answer within {PATIENCE_S:g} seconds") from None
        raise DownloadFailed(
            f"{url} cannot be reached ({_reason(error.reason)}); check the address and the connection"
        ) from None
    except http.client.InvalidURL as error:
        raise DownloadFailed(f"{url!r} is not a web address ({error})") from None
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(f"the connection broke ({_reason(error)})") from None
    except ValueError as error:
        raise DownloadFailed(f"{url!r} is not a web address ({error}); write ö as %C3%B6, and so on") from None
    with answer:
        yield answer


def _refusal(url: str, code: int, reason: str) -> str:
    if code in (404, 410):
        return f"{url} does not exist on the server (HTTP {code}); try another address (--url)"
    if code in (401, 403, 407):
        return f"{url} is not open to everybody (HTTP {code} {reason}); check the proxy, or try another address (--url)"
    return f"{url}: the server answered HTTP {code} {reason}; try again later, or another address (--url)"


def _read(reading: Callable[[int], bytes], count: int) -> bytes:
    try:
        return reading(count)
    except TimeoutError:
        raise _BrokenError(f"the server sent nothing for {PATIENCE_S:g} seconds") from None
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(f"the connection broke ({_reason(error)})") from None


def _must_open_with(magic: bytes, kind: str, url: str, answer: http.client.HTTPResponse, opening: bytes) -> None:
    if opening.startswith(magic):
        return
    if "html" in answer.headers.get("Content-Type", "") or opening.lstrip().startswith(b"<"):
        raise DownloadFailed(
            f"{url} answered with a web page (HTML), not with {kind}: the file has moved, or a proxy or a login page "
            "stands "
            "in between; open the address in a browser, or try another (--url)"
        )
    if len(opening) < len(magic):
        raise _BrokenError("the connection ended before the first bytes")
    raise DownloadFailed(
        f"{url} is not {kind} (first bytes: {opening.hex(' ')}; expected {magic.hex(' ')}); try another address (--url)"
    )


def _span_sent(answer: http.client.HTTPResponse, url: str) -> tuple[int, int]:
    """First byte and size of the whole file, from the header Content-Range."""
    told = answer.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", told.strip())
    if match is None:
        raise DownloadFailed(
            f"{url} told the span {told!r}; expected one such as 'bytes 0-99/1000'. Try another address (--url)"
        )
    return int(match[1]), int(match[2])


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what a disk refuses, while ``path`` is written, into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskRefused(
                f"the disk is full: {path.parent} has no room for {path.name}; free some and run the same command again"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise DiskRefused(
                f"{path.parent} cannot be written to ({_reason(error)}); choose another folder (--root)"
            ) from error
        raise DiskRefused(f"{path} cannot be written ({_reason(error)}); choose another folder (--root)") from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: object) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)) or type(error).__name__
