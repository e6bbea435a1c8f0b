"""The load on a server: what clients count where answers fail and connections break."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = "bench_server"


@pytest.fixture(autouse=True)
def _beside_the_other_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


class Moody(BaseHTTPRequestHandler):
    """Answers a request, refuses the next, and hangs up on the third."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Moody.asked += 1
        if Moody.asked % 3 == 0:
            self.close_connection = True
            return
        self.send_response(200 if Moody.asked % 3 == 1 else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def place() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Moody) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_connection_that_breaks_is_a_request_that_failed_and_the_client_goes_on(
    script: ModuleType, place: str
) -> None:
    taken: list[float] = []
    failed: list[None] = []
    script.client(place, b"picture", time.perf_counter() + 0.5, taken, failed)
    assert len(taken) > 3
    assert len(failed) == pytest.approx(2 * len(taken), abs=2)
