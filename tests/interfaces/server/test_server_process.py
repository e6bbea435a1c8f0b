"""`inkread serve` as a process of its own: how it starts, how it stops, and what it says when it cannot start."""

import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inkread.interfaces.commands.serve import SERVING_PACKAGES
from inkread.interfaces.server import errors
from inkread.interfaces.server.options import ServeOptions
from inkread.interfaces.server.run import address_of, is_local, open_socket
from tests.conftest import ENVIRONMENT, Command
from tests.interfaces.server.conftest import TEXT

ROOT = Path(__file__).parents[3]
# A server whose readings last as long as the time limit says, and longer.
SLOW_SERVER = """
import sys, time
from inkread.interfaces.server.options import ServeOptions
from inkread.interfaces.server.readers import Readers
from inkread.interfaces.server.run import address_of, open_socket, run
from inkread.results import Reading

class SlowReader:
    def read(self, picture, corrections):
        time.sleep(float(sys.argv[1]))
        return Reading((), 1, 1, "slow", "slow", {"picture": 1.0})

readers = Readers(lambda model: SlowReader())
readers.warm = True
options = ServeOptions(port=0, timeout=float(sys.argv[2]), concurrency=1)
listening = open_socket(options.host, options.port)
print("at", address_of(listening), flush=True)
run(options, listening, readers)
"""
WITHOUT_PACKAGES = """
import contextlib, sys
from inkread.interfaces.cli import main
from inkread.interfaces.server import options
for package in sys.argv[1:]:
    sys.modules[package] = None
    with contextlib.suppress(SystemExit):
        main(["serve", "--port", "0"])
    for name in [name for name in sys.modules if name == package or name.startswith("inkread.interfaces.server.")]:
        if name != options.__name__:
            del sys.modules[name]
"""
DOT = b"P5 1 1 255 a"


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server and its host and port. It is killed at the end, if it has not ended by itself."""
    started = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT | environment,
    )
    try:
        assert started.stdout is not None
        address = re.search(r"http://(127\.0\.0\.1:\d+)/", started.stdout.readline())
        assert address is not None
        yield started, address[1]
    finally:
        started.kill()
        started.communicate()


def ask(place: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(place, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# Starting


def test_an_address_that_is_taken_is_told_in_one_sentence(inkread: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = inkread("serve", "--port", port)
    assert (answer.code, answer.out) == (1, "")
    assert answer.sentence == (
        f"inkread: cannot listen at 127.0.0.1 port {port}: Address already in use; name another --host or --port, or "
        "stop what listens there"
    )


@pytest.mark.parametrize(
    ("host", "address", "local"),
    [("127.0.0.1", "127.0.0.1", True), ("localhost", r"(127.0.0.1|\[::1\])", True), ("0.0.0.0", "127.0.0.1", False)],
)
def test_the_address_is_one_that_a_browser_opens(host: str, address: str, local: bool) -> None:
    with open_socket(host, 0) as listening:
        assert re.fullmatch(rf"http://{address}:{listening.getsockname()[1]}/", address_of(listening))
        assert is_local(listening) == local


def test_no_part_of_an_answer_waits_for_the_client_to_acknowledge_the_part_before() -> None:
    with open_socket("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--queue", -1), "queue is -1; expected 0 to 10,000"),
        (("--host", "no such host"), "cannot listen at no such host port 8000"),
        (("--host", "127.0..1"), "127.0..1 is no address (label empty or too long); name another --host, such as 127."),
        (("--api-key", ""), "the argument after --api-key is empty"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_sentence(inkread: Command, flags: tuple[object, ...], said: str) -> None:
    answer = inkread("serve", *flags)
    assert answer.code == 1
    assert said in answer.sentence


def test_a_missing_package_of_the_serving_extra_is_one_sentence() -> None:
    names = {
        package: name for package, name in SERVING_PACKAGES.items() if package != "pydantic"
    }  # cyclopts asks for it
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PACKAGES, *names],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    assert done.stderr.splitlines() == [
        f'inkread: inkread serve needs {name}; install it with: pip install "inkread[serve]"' for name in names.values()
    ]
    assert (done.returncode, done.stdout) == (0, "")


def test_every_package_of_the_serving_extra_is_known_by_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = {re.split(r"[<>=]", requirement)[0] for requirement in project["optional-dependencies"]["serve"]}
    assert {package.replace("_", "-") for package in SERVING_PACKAGES} == extra


def test_the_documentation_holds_every_error_every_metric_and_every_limit(client: TestClient) -> None:
    page = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    source = "".join(file.read_text(encoding="utf-8") for file in Path(errors.__file__).parent.glob("*.py"))
    codes = {*re.findall(r'Refused\(\s*\d+, "(\w+)"', source), *(code for _, code in errors.CODES)}
    assert len(codes) > 15
    metrics = set(re.findall(r"^# TYPE (inkread_\w+?)(?:_created)? ", client.get("/metrics").text, flags=re.MULTILINE))
    limits = {f"--{field.name.replace('_', '-')}" for field in fields(ServeOptions)} - {"--host", "--port"}
    for name in codes | metrics | limits:
        assert name in page, name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = (ROOT / "deploy" / "inkread.service").read_text(encoding="utf-8")
    (tmp_path / "inkread.service").write_text(unit.replace("/opt/inkread/bin/inkread", "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "inkread.service"], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


# Running and stopping


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop_and_exits_with_0(told: signal.Signals, note: bytes) -> None:
    with process("-m", "inkread", "serve", "--port", "0") as (server, place):
        assert ask(place, "GET", "/readyz")[0] == 200
        status, body = ask(place, "POST", "/v1/read", note)
        assert (status, json.loads(body)["text"]) == (200, TEXT)
        status, body = ask(place, "POST", "/v1/read", bytes(30_000_000))  # the client hears it, though it sends on
        assert (status, json.loads(body)["error"]["code"]) == (413, "picture_too_large")
        server.send_signal(told)
        _, errors = server.communicate(timeout=10)
        assert server.returncode == 0
    lines = [json.loads(line) for line in errors.splitlines()]  # uvicorn's own among them
    assert [line["status"] for line in lines if line.get("event") == "request"] == [200, 200, 413]
    assert f'"{TEXT}"' not in errors


@pytest.mark.slow
def test_the_key_in_the_environment_is_asked_for() -> None:
    with process("-m", "inkread", "serve", "--port", "0", INKREAD_API_KEY="open sesame") as (_, place):
        status, body = ask(place, "GET", "/v1/models")
        assert (status, json.loads(body)["error"]["code"]) == (401, "no_key")
        assert ask(place, "GET", "/v1/models", **{"X-API-Key": "open sesam"})[0] == 401
        assert ask(place, "GET", "/v1/models", **{"X-API-Key": "open sesame"})[0] == 200


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_says_so_and_finishes_what_it_began() -> None:
    with process("-c", SLOW_SERVER, "1.5", "20") as (server, place), ThreadPoolExecutor() as threads:
        running = threads.submit(ask, place, "POST", "/v1/read", DOT)
        while b"inkread_in_flight 1.0" not in ask(place, "GET", "/metrics")[1]:
            time.sleep(0.02)
        server.send_signal(signal.SIGTERM)
        until = time.monotonic() + 1
        while ask(place, "GET", "/readyz")[0] != 503:
            assert time.monotonic() < until
        status, body = ask(place, "POST", "/v1/read", DOT)
        assert (status, json.loads(body)["error"]["code"]) == (503, "stopping")
        assert running.result()[0] == 200
        assert server.wait(5) == 0
        with pytest.raises(ConnectionRefusedError):
            ask(place, "GET", "/readyz")


@pytest.mark.slow
def test_a_reading_that_nobody_waits_for_does_not_keep_a_server_from_stopping() -> None:
    with process("-c", SLOW_SERVER, "60", "0.2") as (server, place):
        assert ask(place, "POST", "/v1/read", DOT)[0] == 503
        server.send_signal(signal.SIGTERM)
        assert server.wait(5) == 0


@pytest.mark.slow
def test_a_server_that_is_told_twice_stops_at_once() -> None:
    with process("-c", SLOW_SERVER, "60", "60") as (server, place), ThreadPoolExecutor() as threads:
        threads.submit(ask, place, "POST", "/v1/read", DOT)
        while b"inkread_in_flight 1.0" not in ask(place, "GET", "/metrics")[1]:
            time.sleep(0.02)
        server.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert server.poll() is None
        server.send_signal(signal.SIGINT)
        assert server.wait(5) == 0
