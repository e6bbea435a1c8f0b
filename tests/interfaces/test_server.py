"""The server, asked in this process: what it answers, and how it refuses."""

import io
import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image

from inkread.data import strokes
from inkread.interfaces.server.app import create_app
from inkread.interfaces.server.options import ServeOptions
from inkread.interfaces.server.readers import Readers
from inkread.preprocessing.compose import ComposeOptions, compose
from inkread.reader import Reader
from inkread.reader import load as load_reader
from tests.conftest import Command

Client = Callable[..., TestClient]
TEXT = "MEET AT NOON"


def png(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


@pytest.fixture(scope="module")
def note() -> bytes:
    """A picture that says TEXT."""
    rng = np.random.default_rng(7)
    glyphs = np.concatenate([strokes.letters(1, rng, letter).images for letter in TEXT if not letter.isspace()])
    return png(compose(glyphs, TEXT, rng, ComposeOptions(noise=4, paper=245, ink=40)).picture)


@pytest.fixture(scope="module")
def readers() -> Readers:
    """The readers that ship, each opened once for all tests."""
    return Readers()


@pytest.fixture
def serving(readers: Readers) -> Iterator[Client]:
    """Clients of servers with the given options."""
    opened: list[TestClient] = []

    def serve(**options: object) -> TestClient:
        client = TestClient(create_app(ServeOptions(**options), readers), raise_server_exceptions=False)  # type: ignore[arg-type]
        opened.append(client.__enter__())
        return client

    yield serve
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serving: Client) -> TestClient:
    return serving()


def error_of(response: Response) -> tuple[int, str, str]:
    """Status, code and sentence of an error in the one form."""
    body = response.json()
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message"}, body
    assert response.headers["content-type"] == "application/json"
    return response.status_code, body["error"]["code"], body["error"]["message"]


# Reading


def without_times(answer: dict[str, object]) -> dict[str, object]:
    assert set(answer.pop("milliseconds")) == {"picture", "layout", "recognition", "decoding"}  # type: ignore[call-overload]
    return answer


def test_a_picture_is_read_as_the_command_reads_it(
    client: TestClient, note: bytes, inkread: Command, tmp_path: object
) -> None:
    (tmp_path / "note.png").write_bytes(note)  # type: ignore[operator]
    commanded = json.loads(inkread("read", tmp_path / "note.png", "--json").out)  # type: ignore[operator]
    raw = client.post("/v1/read", content=note, headers={"Content-Type": "image/png"})
    form = client.post("/v1/read", files={"picture": ("note.png", note)})
    assert (raw.status_code, form.status_code) == (200, 200)
    assert form.json()["text"] == TEXT
    commanded["picture"] = "note.png"
    assert without_times(form.json()) == without_times(commanded)
    commanded["picture"] = "-"
    assert without_times(raw.json()) == commanded


def test_options_may_stand_in_the_query_or_in_the_form(client: TestClient, note: bytes) -> None:
    unsure = client.post("/v1/read?min_confidence=1", content=note).json()["text"]
    assert (
        unsure != TEXT
        and unsure
        == client.post("/v1/read", files={"picture": note}, data={"min_confidence": "1", "model": ""}).json()["text"]
    )
    assert client.post("/v1/read?model=letters", content=note).json()["model"] == "letters"


@pytest.mark.parametrize(
    ("query", "content", "code", "said"),
    [
        ("", b"hello", "not_a_picture", "first bytes: 68 65 6c 6c"),
        ("", b"", "not_a_picture", "empty"),
        ("model=/etc/passwd", b"", "bad_option", "model is '/etc/passwd'"),
        ("min_confidence=2", b"", "bad_option", "min_confidence is '2'"),
        ("page=0", b"", "bad_option", "page is '0'"),
        ("modle=auto", b"", "bad_option", "there is no option 'modle'; expected some of model"),
        ("corrections=A", b"", "bad_option", "corrections is 'A'"),
        ('corrections=[{"box":[1,2,3],"text":"A"}]', b"", "bad_option", "corrections.0.box"),
    ],
)
def test_bad_requests_are_told_in_one_sentence(
    client: TestClient, query: str, content: bytes, code: str, said: str
) -> None:
    status, came, sentence = error_of(client.post(f"/v1/read?{query}", content=content))
    assert (status, came) == (422, code)
    assert said in sentence and "\n" not in sentence


def test_other_addresses_and_methods_are_refused_in_the_same_form(client: TestClient) -> None:
    assert error_of(client.get("/v1/reed"))[:2] == (404, "not_found")
    refused = client.get("/v1/read")
    assert error_of(refused)[:2] == (405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"


def test_the_page_and_its_files_are_served(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert page.text == client.get("/index.html").text
    again = client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304


def test_the_models_are_those_that_ship(client: TestClient) -> None:
    models = {model["name"]: model for model in client.get("/v1/models").json()["models"]}
    assert list(models) == ["auto", "characters", "letters", "digits"]
    reader: Reader = load_reader("digits")
    assert models["digits"]["alphabet"] == reader.alphabet.characters
    assert models["digits"]["bytes"] == reader.recogniser.size + reader.line_recogniser.size  # type: ignore[union-attr]


def test_ready_means_that_the_default_model_has_read() -> None:
    readers = Readers()
    client = TestClient(create_app(ServeOptions(), readers))
    assert client.get("/healthz").status_code == 200
    assert error_of(client.get("/readyz"))[:2] == (503, "not_ready")
    readers.warm_up()
    assert client.get("/readyz").json() == {"status": "ready"}
