"""What the server tells of itself: a line in the log, numbers, headers; and that none holds what a client sent."""

import gc
import json
import logging
import re
import sys
import time

import pytest
from fastapi.testclient import TestClient
from opentelemetry import trace

from inkread.interfaces.server.logs import REQUESTS, JsonLines
from tests.interfaces.server.conftest import HeldReader, Serving, service_behind

LINES = JsonLines()
SECRET = "xyzzy"  # stands wherever a client may put something


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(LINES.format(record)) for record in caplog.records]


def test_each_request_is_one_line_that_tells_no_content(
    client: TestClient, note: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, REQUESTS):
        client.post("/v1/read", files={"picture": (f"{SECRET}.png", note)}, headers={"X-Request-ID": "my-1"})
        client.get(f"/{SECRET}?{SECRET}={SECRET}")
        client.request(SECRET.upper(), "/v1/read", headers={"Cookie": SECRET, "X-Request-ID": f"{SECRET} {SECRET}"})
    read, unknown, odd = lines(caplog)
    assert " ".join(read) == "time level event method route status ms bytes answer_bytes request_id"
    assert (read["method"], read["route"], read["status"], read["request_id"]) == ("POST", "/v1/read", 200, "my-1")
    assert isinstance(read["bytes"], int) and len(note) < read["bytes"] < len(note) + 500
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(read["time"]))
    assert (unknown["route"], unknown["status"], unknown["error"]) == ("other", 404, "not_found")
    assert (odd["method"], odd["route"], odd["status"]) == ("other", "/v1/read", 405)
    for line in (read, unknown, odd):
        assert SECRET not in json.dumps(line).lower() and "HI" not in json.dumps(line)


def test_a_mistake_of_our_own_is_logged_by_where_it_happened() -> None:
    try:
        raise RuntimeError(SECRET)
    except RuntimeError:
        record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 1, "went wrong\n", None, sys.exc_info())
    line = json.loads(LINES.format(record))
    assert (line["logger"], line["level"], line["message"]) == ("uvicorn", "error", "went wrong")
    assert line["exception"] == "RuntimeError" and "test_server_watching.py" in line["where"][0]
    assert SECRET not in json.dumps(line)


def test_what_asyncio_tells_of_an_exception_is_left_out() -> None:
    text = f"Future exception was never retrieved\nfuture: <Future finished exception=BadPicture({SECRET!r})>"
    line = json.loads(LINES.format(logging.LogRecord("asyncio", logging.ERROR, "", 1, text, None, None)))
    assert (line["logger"], line["message"]) == ("asyncio", "Future exception was never retrieved")
    assert SECRET not in json.dumps(line)


def test_late_work_that_fails_is_not_logged(
    serving: Serving, held: HeldReader, caplog: pytest.LogCaptureFixture
) -> None:
    held.failure = RuntimeError(SECRET)
    client = serving(held.readers(), concurrency=1, timeout=0.05)
    assert client.post("/v1/read", content=b"P5 1 1 255 a").status_code == 503
    held.let_go.set()
    while service_behind(client).workers.overdue:
        time.sleep(0.002)
    client.get("/healthz")  # the loop has gone round
    gc.collect()
    assert SECRET not in caplog.text


def numbers(client: TestClient) -> dict[str, float]:
    rows = [row.rsplit(" ", 1) for row in client.get("/metrics").text.splitlines() if not row.startswith("#")]
    return {name: float(value) for name, value in rows}


def test_the_metrics_count_requests_by_route_and_status_and_nothing_that_a_client_made_up(
    client: TestClient, note: bytes
) -> None:
    for _ in range(3):
        client.post("/v1/read", content=note)
    client.post("/v1/read", content=b"no picture")
    for number in range(5):
        client.get(f"/{SECRET}{number}")
    client.request(SECRET, "/v1/read")
    counted = numbers(client)
    assert counted['inkread_requests_total{method="POST",route="/v1/read",status="200"}'] == 3
    assert counted['inkread_requests_total{method="POST",route="/v1/read",status="422"}'] == 1
    assert counted['inkread_requests_total{method="GET",route="other",status="404"}'] == 5
    assert counted['inkread_requests_total{method="other",route="/v1/read",status="405"}'] == 1
    assert counted['inkread_request_seconds_count{route="/v1/read"}'] == 5
    for step in ("picture", "layout", "recognition", "decoding"):
        assert counted[f'inkread_reading_seconds_count{{step="{step}"}}'] == 3
    assert SECRET not in client.get("/metrics").text


def test_the_metrics_tell_what_runs_and_what_waits(serving: Serving) -> None:
    client = serving()
    workers = service_behind(client).workers
    workers.asking, workers.running, workers.overdue = 5, 3, 1
    counted = numbers(client)
    assert counted["inkread_in_flight"] == 3
    assert counted["inkread_queue_length"] == 3
    assert counted["inkread_overdue"] == 1


def test_two_servers_in_one_process_count_apart(serving: Serving) -> None:
    first, second = serving(), serving()
    first.get("/healthz")
    name = 'inkread_requests_total{method="GET",route="/healthz",status="200"}'
    assert numbers(first)[name] == 1 and name not in numbers(second)


@pytest.mark.parametrize(
    ("method", "address", "status", "kept"),
    [("GET", "/", 200, "no-cache"), ("GET", "/v1/models", 200, "no-store"), ("POST", "/v1/read", 422, "no-store"),
     ("GET", "/nothing", 404, "no-store"), ("GET", "/openapi.json", 200, "no-store")],
)  # fmt: skip
def test_every_answer_has_strict_headers(client: TestClient, method: str, address: str, status: int, kept: str) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"].startswith("default-src 'self'; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == kept
    assert "permissions-policy" not in answer.headers  # the page uses the camera
    assert "server" not in answer.headers
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_the_answer_to_a_mistake_of_our_own_has_them_too(serving: Serving) -> None:
    reader = HeldReader(RuntimeError())
    reader.let_go.set()
    answer = serving(reader.readers()).post("/v1/read", content=b"P5 1 1 255 a", headers={"X-Request-ID": "mine"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    assert answer.headers["cache-control"] == "no-store"


def test_no_telemetry_of_the_framework_sees_a_request(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Provider(trace.TracerProvider):
        def get_tracer(self, *_: object, **__: object) -> trace.Tracer:
            seen.append("a tracer was asked for")
            return trace.NoOpTracer()

    monkeypatch.setattr(trace, "get_tracer_provider", Provider)
    serving().get(f"/v1/models?text={SECRET}")
    assert seen == []
