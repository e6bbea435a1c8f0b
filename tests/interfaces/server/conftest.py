"""Servers that are asked in this process, pictures to send, and readers that can be held while they read."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image

from inkread.data import strokes
from inkread.interfaces.server.app import Service, create_app, create_service
from inkread.interfaces.server.options import ServeOptions
from inkread.interfaces.server.readers import Readers
from inkread.preprocessing.compose import ComposeOptions, compose
from inkread.reader import Reader
from inkread.results import Reading

TEXT = "HI"
Serving = Callable[..., TestClient]


def drawn(text: str) -> Image.Image:
    """A picture of a text in capitals."""
    rng = np.random.default_rng(7)
    glyphs = np.concatenate([strokes.letters(1, rng, letter).images for letter in text if not letter.isspace()])
    return Image.fromarray(compose(glyphs, text, rng, ComposeOptions(noise=4, paper=245, ink=40)).picture)


def encoded(image: Image.Image, form: str = "PNG", others: Sequence[Image.Image] = ()) -> bytes:
    """The file of a picture, or of a document of several."""
    content = io.BytesIO()
    image.save(content, form, **({"save_all": True, "append_images": others} if others else {}))
    return content.getvalue()


def error_of(response: Response) -> tuple[int, str, str]:
    """Status, code and sentence of an error, which must be in the one form."""
    body = response.json()
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message"}, body
    assert response.headers["content-type"] == "application/json"
    assert "\n" not in body["error"]["message"]
    return response.status_code, body["error"]["code"], body["error"]["message"]


@pytest.fixture(scope="session")
def note() -> bytes:
    """A picture that says TEXT."""
    return encoded(drawn(TEXT))


@pytest.fixture(scope="session")
def shipped_readers() -> Readers:
    """The readers that ship, each opened once for all tests."""
    return Readers()


@pytest.fixture
def serving(shipped_readers: Readers) -> Iterator[Serving]:
    """A function that gives a client of a server with the given options, and with other readers if they are given."""
    opened: list[TestClient] = []

    def serve(readers: Readers = shipped_readers, **options: object) -> TestClient:
        service = create_service(ServeOptions(**options), readers)  # type: ignore[arg-type]
        client = TestClient(create_app(service), raise_server_exceptions=False)
        client.headers["User-Agent"] = "a test"
        opened.append(client.__enter__())  # one loop for all requests of the client, also from several threads
        return client

    yield serve
    for client in opened:
        service_behind(client).workers.close()
        client.__exit__(None, None, None)


def service_behind(client: TestClient) -> Service:
    """What the requests of a client share."""
    service: Service = client.app._app.state.service  # type: ignore[attr-defined]
    return service


@pytest.fixture
def client(serving: Serving) -> TestClient:
    """A client of a server with the usual options."""
    return serving()


class HeldReader:
    """A reader whose readings last until they are let go; ``begun`` counts them. One may fail instead."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.let_go = threading.Event()
        self.begun = 0
        self.failure = failure

    def read(self, _picture: object, _corrections: object) -> Reading:
        self.begun += 1
        assert self.let_go.wait(10)
        if self.failure is not None:
            raise self.failure
        return Reading((), 1, 1, "held", "held", {"picture": 1.0})

    def readers(self) -> Readers:
        """Readers that give this one for every model."""
        readers = Readers(lambda _model: cast(Reader, self))
        readers.warm = True
        return readers


@pytest.fixture
def held() -> Iterator[HeldReader]:
    """A reader that is let go when the test ends, at the latest."""
    reader = HeldReader()
    yield reader
    reader.let_go.set()
