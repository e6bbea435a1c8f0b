"""What the server refuses, and that refusing costs it nothing: bytes, pixels, time, places, keys, options."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import cv2
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image
from starlette.requests import ClientDisconnect
from starlette.types import Message, Scope

from inkread.errors import BadOption
from inkread.interfaces.server.app import create_app, create_service
from inkread.interfaces.server.limits import Workers
from inkread.interfaces.server.options import ServeOptions
from inkread.preprocessing.picture import MAX_PIXELS
from tests.interfaces.server.conftest import HeldReader, Serving, drawn, encoded, error_of, service_behind

DOT = encoded(Image.new("L", (8, 8), 200))  # the smallest picture


def eventually(true: Callable[[], object]) -> None:
    """Wait until something is so; ten seconds at most."""
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.002)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def asking(threads: ThreadPoolExecutor, client: TestClient, content: bytes = DOT) -> Future[Response]:
    return threads.submit(client.post, "/v1/read", content=content)


def ask(receive: Callable[[], Awaitable[Message]], headers: dict[str, str], **options: object) -> tuple[int, bytes]:
    """One request to /v1/read, as ASGI speaks: the server calls ``receive`` for each part of the body that it takes."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    encoded_headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {
        "type": "http", "method": "POST", "path": "/v1/read", "raw_path": b"/v1/read", "query_string": b"",
        "headers": encoded_headers, "scheme": "http", "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    app = create_app(create_service(ServeOptions(**options)))  # type: ignore[arg-type]
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


# Bytes


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "5"}, {"Content-Length": "x"}])
@pytest.mark.parametrize("kind", ["image/png", "multipart/form-data; boundary=cut"])
def test_an_endless_body_is_refused_as_soon_as_it_is_too_long_whatever_its_head_says(
    headers: dict[str, str], kind: str
) -> None:
    head = b'--cut\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n'
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": head if taken == 1 else bytes(10_000), "more_body": True}

    status, body = ask(receive, {"Content-Type": kind, **headers}, max_megabytes=0.1)
    assert (status, b"picture_too_large" in body) == (413, True)
    assert taken == 11


def test_a_body_that_says_it_is_too_long_is_refused_unseen() -> None:
    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    status, body = ask(receive, {"Content-Length": "20000001"})
    assert status == 413
    assert b"the request has 20.0 MB; expected at most 20 MB: make the picture smaller" in body


def test_a_body_of_the_largest_size_is_taken(serving: Serving) -> None:
    client = serving(max_megabytes=0.1)
    assert error_of(client.post("/v1/read", content=bytes(100_000)))[1] == "not_a_picture"
    assert error_of(client.post("/v1/read", content=bytes(100_001)))[:2] == (413, "picture_too_large")
    assert error_of(client.post("/v1/decode", content=bytes(100_001)))[:2] == (413, "picture_too_large")


def test_a_picture_in_a_form_never_touches_the_disk(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def rollover(_file: object) -> None:
        raise AssertionError("written to the disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rollover)
    picture = encoded(Image.new("L", (1500, 1000), 250), "BMP")
    assert len(picture) > 1_500_000
    assert client.post("/v1/read", files={"picture": ("blank.bmp", picture)}).json()["remark"].startswith("blank")


# Pictures and options


@pytest.mark.parametrize(
    ("query", "content", "code", "said"),
    [
        ("", b"hello", "not_a_picture", "first bytes: 68 65 6c 6c"),
        ("", b"", "not_a_picture", "empty"),
        ("", DOT[:-30], "not_a_picture", "damaged"),
        ("model=/etc/passwd", DOT, "bad_option", "model is '/etc/passwd': input should be 'auto', 'characters'"),
        ("min_confidence=2", DOT, "bad_option", "min_confidence is '2': input should be less than or equal to 1"),
        ("min_confidence=nan", DOT, "bad_option", "min_confidence is 'nan'"),
        ("page=0", DOT, "bad_option", "page is '0'"),
        ("modle=auto", DOT, "bad_option", "there is no option 'modle'; expected some of model, min_confidence"),
        ("page=" + "9" * 5000, DOT, "bad_option", "page is '99"),
        ("corrections=A", DOT, "bad_option", "corrections is 'A': invalid JSON"),
        ('corrections=[{"box":[1,2,3],"text":"A"}]', DOT, "bad_option", "corrections.0.box"),
        ('corrections=[{"box":[1,2,3,4],"text":"A"}]', DOT, "bad_option", "no ink"),
    ],
)
def test_a_bad_request_is_told_in_one_sentence(
    client: TestClient, query: str, content: bytes, code: str, said: str
) -> None:
    status, came, sentence = error_of(client.post(f"/v1/read?{query}", content=content))
    assert (status, came) == (422, code)
    assert said in sentence and len(sentence) < 300


def test_a_picture_of_too_many_pixels_is_refused_with_both_numbers(serving: Serving) -> None:
    client = serving(max_megapixels=0.01)
    status, code, sentence = error_of(client.post("/v1/read", content=encoded(Image.new("L", (200, 100), 200))))
    assert (status, code) == (422, "too_many_pixels")
    assert "200 x 100 pixels; expected at most 10,000" in sentence
    assert client.post("/v1/read", content=encoded(Image.new("L", (100, 100), 200))).status_code == 200


def test_forms_without_one_picture_are_told_what_is_missing(client: TestClient) -> None:
    def refused(**form: object) -> tuple[int, str, str]:
        return error_of(client.post("/v1/read", **form))  # type: ignore[arg-type]

    assert refused(files={"image": DOT}) == (
        422,
        "no_picture",
        "the form holds 'image'; expected a file in the field 'picture'",
    )
    assert refused(files={"page": (None, "1")})[2].startswith("the form holds 'page'; expected a file")
    assert refused(files={"picture": (None, "words")})[:2] == (422, "no_picture")
    assert "Too many files" in refused(files=[("picture", DOT), ("picture", DOT)])[2]
    head = {"Content-Type": "multipart/form-data"}
    assert refused(content=b"x", headers=head)[:2] == (422, "bad_form")
    assert refused(content=b"x", headers={"Content-Type": "multipart/form-data; boundary=y"})[0] == 422


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"port": 70_000}, "port is 70000; expected 0 to 65,535"),
        ({"max_megapixels": 81}, "max_megapixels is 81; expected 0.001 to 80"),
        ({"timeout": 0}, "timeout is 0; expected 0.01 to 3,600"),
        ({"concurrency": 0}, "concurrency is 0; expected 1 to 256"),
        ({"queue": -1}, "queue is -1; expected 0 to 10,000"),
        ({"max_megabytes": float("nan")}, "max_megabytes is nan"),
        ({"api_key": ""}, "the API key is empty"),
        ({"api_key": "secret\n"}, "spaces around it"),
        ({"api_key": "Schlüssel"}, "no header can hold"),
    ],
)
def test_limits_that_make_no_sense_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(BadOption, match=said):
        ServeOptions(**options)  # type: ignore[arg-type]


def test_the_largest_limit_of_pixels_is_that_of_reading_itself() -> None:
    assert ServeOptions(max_megapixels=80).max_pixels == MAX_PIXELS


# Keys


def test_a_server_with_a_key_asks_for_it_and_says_how(serving: Serving, note: bytes) -> None:
    client = serving(api_key="open sesame")
    for address in ("/v1/models", "/metrics"):
        missing = client.get(address)
        assert error_of(missing) == (
            401, "no_key", "this server asks for a key; send it as Authorization: Bearer KEY or X-API-Key: KEY"
        )  # fmt: skip
        assert missing.headers["www-authenticate"] == "Bearer"
    for name, value in (
        ("Authorization", "Bearer open sesame"),
        ("authorization", "bearer open sesame"),
        ("X-API-Key", "open sesame"),
    ):
        assert client.post("/v1/read", content=note, headers={name: value}).status_code == 200, (name, value)
    for value in ("open", "open sesame ", "open sesamé", ""):
        sent = client.post("/v1/read", content=note, headers={"X-API-Key": value.encode()})
        assert error_of(sent)[:2] == (401, "wrong_key"), value
    for address in ("/", "/healthz", "/openapi.json"):
        assert client.get(address).status_code == 200


def test_a_wrong_key_is_refused_before_the_picture_is_taken() -> None:
    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    assert ask(receive, {"X-API-Key": "wrong"}, api_key="right")[0] == 401


# Places and time


def test_who_finds_every_place_taken_is_told_to_come_back(
    serving: Serving, held: HeldReader, threads: ThreadPoolExecutor
) -> None:
    client = serving(held.readers(), concurrency=1, queue=1)
    workers = service_behind(client).workers
    first, second = asking(threads, client), asking(threads, client)
    eventually(lambda: workers.running == 1 and workers.asking == 2)
    refused = client.post("/v1/read", content=DOT)
    assert error_of(refused)[:2] == (429, "too_many_requests")
    assert int(refused.headers["retry-after"]) > 0
    assert (held.begun, workers.waiting) == (1, 1)
    held.let_go.set()
    assert (first.result().status_code, second.result().status_code) == (200, 200)
    assert client.post("/v1/read", content=DOT).status_code == 200


def test_as_many_pictures_are_read_at_once_as_was_said(
    serving: Serving, held: HeldReader, threads: ThreadPoolExecutor
) -> None:
    client = serving(held.readers(), concurrency=3, queue=4)
    answers = [asking(threads, client) for _ in range(5)]
    eventually(lambda: held.begun == 3 and service_behind(client).workers.waiting == 2)
    held.let_go.set()
    assert [answer.result().status_code for answer in answers] == [200] * 5


def test_a_reading_whose_time_has_passed_keeps_its_thread_until_it_ends(serving: Serving, held: HeldReader) -> None:
    client = serving(held.readers(), concurrency=1, queue=1, timeout=0.05)
    workers = service_behind(client).workers
    late = client.post("/v1/read", content=DOT)
    assert error_of(late)[:2] == (503, "too_slow") and "retry-after" in late.headers
    assert (workers.running, workers.overdue, workers.asking) == (1, 1, 0)
    assert error_of(client.get("/readyz"))[:2] == (503, "overdue")
    # The thread is taken: who comes now waits, and is never begun when its time passes, too.
    assert error_of(client.post("/v1/read", content=DOT))[:2] == (503, "too_slow")
    assert (held.begun, workers.overdue) == (1, 1)
    held.let_go.set()
    eventually(lambda: workers.running == workers.overdue == 0)
    assert client.get("/readyz").status_code == 200
    assert client.post("/v1/read", content=DOT).status_code == 200
    assert held.begun == 2


def test_overdue_readings_take_places_too(serving: Serving, held: HeldReader, threads: ThreadPoolExecutor) -> None:
    client = serving(held.readers(), concurrency=1, queue=0, timeout=0.05)
    assert client.post("/v1/read", content=DOT).status_code == 503
    assert error_of(client.post("/v1/read", content=DOT))[:2] == (429, "too_many_requests")


def test_an_upload_that_does_not_end_is_given_up() -> None:
    async def receive() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    status, body = ask(receive, {}, timeout=0.05)
    assert status == 503
    assert b"had not arrived whole after 0.05 seconds" in body


def test_work_whose_client_has_gone_while_it_waited_is_never_begun() -> None:
    begun: list[str] = []

    async def gone() -> None:
        await asyncio.sleep(0.01)

    async def story() -> None:
        workers = Workers(concurrency=1, queue=1, timeout=5)
        first_may_end = threading.Event()
        never = asyncio.get_running_loop().create_future()
        first = asyncio.ensure_future(workers.run(partial(first_may_end.wait, 10), workers.deadline(), never))
        await asyncio.sleep(0)
        with pytest.raises(ClientDisconnect):
            await workers.run(partial(begun.append, "second"), workers.deadline(), gone())
        assert workers.overdue == 0
        first_may_end.set()
        assert await first
        assert workers.running == workers.overdue == 0

    asyncio.run(story())
    assert begun == []


def test_a_client_that_hangs_up_frees_its_place_and_is_logged_as_gone(caplog: pytest.LogCaptureFixture) -> None:
    parts: list[Message] = [
        {"type": "http.request", "body": encoded(drawn("HI")), "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    with caplog.at_level("INFO", "inkread.requests"):
        assert ask(receive, {})[0] == 499
    assert [record.fields["error"] for record in caplog.records if hasattr(record, "fields")] == ["client_gone"]


def test_a_server_that_is_stopping_takes_nothing_new_and_finishes_what_runs(
    serving: Serving, held: HeldReader, threads: ThreadPoolExecutor
) -> None:
    client = serving(held.readers(), concurrency=1, queue=4)
    workers = service_behind(client).workers
    running, waiting = asking(threads, client), asking(threads, client)
    eventually(lambda: workers.asking == 2 and held.begun == 1)
    workers.stopping = True
    assert error_of(client.post("/v1/read", content=DOT))[:2] == (503, "stopping")
    assert error_of(client.get("/readyz"))[:2] == (503, "stopping")
    assert client.get("/healthz").status_code == 200
    held.let_go.set()
    assert (running.result().status_code, waiting.result().status_code) == (200, 200)
    assert workers.asking == 0


# What goes wrong inside


@pytest.mark.parametrize(
    "error", [MemoryError(), cv2.error("Insufficient memory: Failed to allocate 8000000000 bytes")]
)
def test_too_little_memory_is_told_and_passes(serving: Serving, error: Exception) -> None:
    reader = HeldReader(error)
    reader.let_go.set()
    client = serving(reader.readers())
    assert error_of(client.post("/v1/read", content=DOT))[:2] == (503, "out_of_memory")


@pytest.mark.parametrize("kind", [RuntimeError, cv2.error])
def test_a_mistake_of_our_own_is_an_error_in_the_one_form(serving: Serving, kind: type[Exception]) -> None:
    reader = HeldReader(kind("MEET AT NOON"))
    reader.let_go.set()
    client = serving(reader.readers())
    status, code, sentence = error_of(client.post("/v1/read", content=DOT))
    assert (status, code) == (500, "internal_error")
    assert "MEET AT NOON" not in sentence
    assert service_behind(client).workers.asking == 0
