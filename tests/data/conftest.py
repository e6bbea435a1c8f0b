"""A web server on this machine that can misbehave, and data sets in MNIST's and EMNIST's formats, written by hand."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import re
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from inkread.data import catalogue, transfer

CUT_ABOVE = 1000  # bytes; shorter answers always come whole


class Server:
    """Serves ``files``, and misbehaves as it is told. ``requests`` are (path, Range header, body bytes sent)."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.status: dict[str, int] = {}
        self.redirects: dict[str, str] = {}
        self.ranges = True
        self.suffixes = True  # whether ranges may count from the end
        self.lengths = True  # whether the length of a body is told
        self.cuts: list[int] = []  # the next answers of more than CUT_ABOVE bytes end after so many
        self.always_cut: int | None = None
        self.stall: float = 0.0  # seconds of silence before each body
        self.drip: float = 0.0  # seconds between single bytes
        self.shift = 0  # bytes by which spans are wrong
        self.requests: list[tuple[str, str | None, int]] = []
        self.url = ""

    @property
    def sent(self) -> int:
        return sum(count for _, _, count in self.requests)

    def span(self, asked: str | None, size: int) -> tuple[int, int] | None:
        """First and last byte asked for; None for the whole, -1 for a span that this server does not understand."""
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", asked or "")
        if match is None or not self.ranges:
            return None
        if not match[1]:
            return (max(0, size - int(match[2])), size - 1) if self.suffixes else (-1, -1)
        return int(match[1]), min(size - 1, int(match[2])) if match[2] else size - 1

    def cut(self, body: bytes) -> bytes:
        """What is sent of a body before the connection ends."""
        if len(body) <= CUT_ABOVE:
            return body
        return body[: self.cuts.pop(0)] if self.cuts else body[: self.always_cut]


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            whole = server.files.get(self.path, b"")
            span = server.span(asked, len(whole))
            if (target := server.redirects.get(self.path)) is not None:
                self.answer(302, {"Location": target})
            elif (code := server.status.get(self.path)) or self.path not in server.files:
                server.requests.append((self.path, asked, 0))
                self.answer(code or 404, {"Content-Length": "0"})
            elif span is None:
                self.send_body(200, whole, {})
            elif span[0] < 0:
                self.answer(501, {"Content-Length": "0"})
            elif span[0] >= len(whole):
                self.send_body(416, b"", {"Content-Range": f"bytes */{len(whole)}"})
            else:
                told = f"bytes {span[0] + server.shift}-{span[1] + server.shift}/{len(whole)}"
                self.send_body(206, whole[span[0] : span[1] + 1], {"Content-Range": told})

        def answer(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def send_body(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            headers["Content-Type"] = server.types.get(self.path, "application/octet-stream")
            if server.lengths:
                headers["Content-Length"] = str(len(body))
            self.answer(status, headers)
            if self.command == "HEAD":
                return
            body = server.cut(body)
            server.requests.append((self.path, self.headers.get("Range"), len(body)))
            try:
                time.sleep(server.stall)
                for piece in (body[i : i + 1] for i in range(len(body))) if server.drip else [body]:
                    self.wfile.write(piece)
                    time.sleep(server.drip)
            except OSError:
                pass  # the client gave up

    return Handler


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(transfer, "PATIENCE_S", 5.0)
    state = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(state)) as http:
        http.daemon_threads = True
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield state
        http.shutdown()
        thread.join()


def idx_file(values: np.ndarray) -> bytes:
    """An array in IDX format, by the book: magic, big-endian sizes, bytes."""
    sizes = b"".join(struct.pack(">I", side) for side in values.shape)
    return bytes([0, 0, 8, values.ndim]) + sizes + values.astype(np.uint8).tobytes()


def letter_pictures(count: int, rng: np.random.Generator) -> np.ndarray:
    """Upright pictures (count, 28, 28), each an L with noise in its ink: a stem at the left, a foot at the bottom."""
    pictures = np.zeros((count, 28, 28), np.uint8)
    pictures[:, 3:25, 6:9] = 255
    pictures[:, 22:25, 6:22] = 255
    return pictures - rng.integers(0, 60, pictures.shape).astype(np.uint8) * (pictures > 0)


def emnist_files(rng: np.random.Generator, each: int = 6) -> dict[str, bytes]:
    """EMNIST Letters in EMNIST's own format: pictures transposed, labels 1..26; member name -> gzip bytes."""
    files = {}
    for part, times in (("train", each), ("test", 2)):
        labels = np.tile(np.arange(1, 27), times)
        pictures = letter_pictures(len(labels), rng)
        for kind, values in (("images-idx3", pictures.transpose(0, 2, 1)), ("labels-idx1", labels)):
            files[f"gzip/emnist-letters-{part}-{kind}-ubyte.gz"] = gzip.compress(idx_file(values), mtime=0)
    return files


def archive_of(files: dict[str, bytes], method: int = zipfile.ZIP_STORED, ballast: int = 400_000) -> bytes:
    """A zip archive of the files with other members before and after, as gzip.zip has."""
    stream = io.BytesIO()
    noise = np.random.default_rng(5).bytes(ballast)
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("gzip/emnist-byclass-train-images-idx3-ubyte.gz", noise)
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("gzip/emnist-mnist-train-images-idx3-ubyte.gz", noise)
    return stream.getvalue()


@pytest.fixture
def packed() -> Callable[..., bytes]:
    return archive_of


@dataclasses.dataclass
class EmnistServer:
    """A server with a small EMNIST archive at ``url``; ``members`` are what the Letters members hold."""

    server: Server
    url: str
    archive: bytes
    members: dict[str, bytes]


@pytest.fixture
def emnist(server: Server, monkeypatch: pytest.MonkeyPatch) -> EmnistServer:
    members = emnist_files(np.random.default_rng(0))
    archive = archive_of(members)
    server.files["/gzip.zip"] = archive
    entry = catalogue.find("emnist-letters")
    small = dataclasses.replace(
        entry, archive_md5=hashlib.md5(archive).hexdigest(), sources=(f"{server.url}/gzip.zip",)
    )
    monkeypatch.setitem(catalogue.CATALOGUE, "emnist-letters", small)
    return EmnistServer(server, f"{server.url}/gzip.zip", archive, members)


def mnist_arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A tiny MNIST: file name -> array. The first training picture is a 7 that no other looks like."""
    train, test = rng.integers(0, 256, (600, 28, 28)), rng.integers(0, 256, (50, 28, 28))
    train[0] = 0
    train[0, 4:7, 5:22] = 255  # a bar at the top
    return {
        "train-images-idx3-ubyte": train.astype(np.uint8),
        "train-labels-idx1-ubyte": np.concatenate([[7], rng.integers(0, 10, 599)]).astype(np.uint8),
        "t10k-images-idx3-ubyte": test.astype(np.uint8),
        "t10k-labels-idx1-ubyte": rng.integers(0, 10, 50).astype(np.uint8),
    }


@pytest.fixture
def mnist(server: Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Serves a tiny MNIST below /mnist/, and tells the catalogue its checksums; file name -> raw bytes."""
    raw = {name: idx_file(values) for name, values in mnist_arrays(np.random.default_rng(1)).items()}
    files = []
    for name, content in raw.items():
        member = gzip.compress(content, mtime=0)
        server.files[f"/mnist/{name}.gz"] = member
        md5 = [hashlib.md5(data).hexdigest() for data in (content, member)]
        files.append(catalogue.DataFile(name, f"{name}.gz", *md5))
    entry = dataclasses.replace(catalogue.find("mnist"), files=tuple(files), sources=(f"{server.url}/mnist/",))
    monkeypatch.setitem(catalogue.CATALOGUE, "mnist", entry)
    return raw


@pytest.fixture
def mnist_folder(tmp_path: Path) -> Path:
    """A data folder with a tiny MNIST, as torchvision lays it out."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, values in mnist_arrays(np.random.default_rng(1)).items():
        (raw / name).write_bytes(idx_file(values))
    return tmp_path / "data"
