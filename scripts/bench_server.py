"""Ask `inkread serve` to read one line, by more and more clients at once -> records/serving/record.json.

    python scripts/bench_server.py

Server and clients share this machine. A figure counts only from a machine that does nothing else.
"""

from __future__ import annotations

import http.client
import io
import re
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from PIL import Image
from record import commit, keep, processor

from inkread.data import strokes
from inkread.preprocessing.compose import ComposeOptions, compose

TEXT: Final = "MEET AT NOON"
CLIENTS: Final = (1, 2, 4, 8)
SECONDS: Final = 6.0  # for each number of clients
WARM: Final = 10  # requests before time is taken


@dataclass(frozen=True)
class Load:
    """What so many clients, each with one request at a time, got in SECONDS; milliseconds from request to answer."""

    clients: int
    requests_a_second: float
    median_ms: float
    p95_ms: float
    failed: int


def picture() -> bytes:
    """One line of capitals, drawn by inkread itself."""
    rng = np.random.default_rng(7)
    glyphs = np.concatenate([strokes.letters(1, rng, letter).images for letter in TEXT if not letter.isspace()])
    content = io.BytesIO()
    Image.fromarray(compose(glyphs, TEXT, rng, ComposeOptions(noise=4, paper=245, ink=40)).picture).save(content, "PNG")
    return content.getvalue()


def ask(connection: http.client.HTTPConnection, body: bytes) -> bool:
    """Whether one request was answered with a reading."""
    connection.request("POST", "/v1/read", body)
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


def client(place: str, body: bytes, until: float, taken: list[float], failed: list[None]) -> None:
    """Ask again and again over one connection, and note what each answer took, in milliseconds.

    A request whose connection broke has failed; the next one connects anew.
    """
    connection = http.client.HTTPConnection(place)
    while (begun := time.perf_counter()) < until:
        try:
            answered = ask(connection, body)
        except (OSError, http.client.HTTPException):
            connection.close()
            answered = False
        if answered:
            taken.append(1000 * (time.perf_counter() - begun))
        else:
            failed.append(None)
    connection.close()


def load(place: str, body: bytes, clients: int) -> Load:
    """Let so many clients ask at once."""
    taken: list[float] = []
    failed: list[None] = []
    begun = time.perf_counter()
    arguments = (place, body, begun + SECONDS, taken, failed)
    threads = [threading.Thread(target=client, args=arguments) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(taken) / (time.perf_counter() - begun)
    return Load(clients, rate, float(np.median(taken)), float(np.percentile(taken, 95)), len(failed))


def main() -> None:
    """Start a server, measure, stop it, and write the record."""
    command = [sys.executable, "-m", "inkread", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        found = re.search(r"http://([^/]+)/", server.stdout.readline())
        assert found is not None, "the server did not start"
        body = picture()
        connection = http.client.HTTPConnection(found[1])
        assert all(ask(connection, body) for _ in range(WARM))
        connection.close()
        loads = [load(found[1], body, clients) for clients in CLIENTS]
    finally:
        server.terminate()
        server.wait()
    record: dict[str, object] = {
        "command": "python scripts/bench_server.py",
        "processor": processor(),
        "commit": commit(),
        "text": TEXT,
        "seconds_each": SECONDS,
        "loads": [asdict(each) for each in loads],
    }
    print(keep("serving", record).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
