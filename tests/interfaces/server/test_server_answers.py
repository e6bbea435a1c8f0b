"""What the server answers, against the command and the functions that it serves."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

import inkread as package
from inkread.interfaces.server.app import create_app, create_service
from inkread.interfaces.server.openapi import EXAMPLES
from inkread.interfaces.server.options import ServeOptions
from inkread.interfaces.server.readers import Readers
from inkread.interfaces.server.schema import DecodeAnswer, ErrorAnswer, ModelsAnswer, ReadAnswer
from inkread.loading import SHIPPED
from tests.conftest import Command
from tests.interfaces.server.conftest import TEXT, Serving, drawn, encoded, error_of


def without_times(answer: dict[str, object]) -> dict[str, object]:
    assert set(answer.pop("milliseconds")) == {"picture", "layout", "recognition", "decoding"}  # type: ignore[call-overload]
    return answer


# Reading


def test_a_picture_is_read_as_the_command_reads_it(
    client: TestClient, note: bytes, inkread: Command, tmp_path: Path
) -> None:
    (tmp_path / "note.png").write_bytes(note)
    commanded = without_times(json.loads(inkread("read", tmp_path / "note.png", "--json").out))
    raw = client.post("/v1/read", content=note, headers={"Content-Type": "image/png"})
    form = client.post("/v1/read", files={"picture": ("note.png", note)})
    assert (raw.status_code, form.status_code) == (200, 200)
    assert commanded["text"] == TEXT
    assert without_times(form.json()) == commanded | {"picture": "note.png"}
    assert without_times(raw.json()) == commanded | {"picture": "-"}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_the_bytes_tell_what_came_and_not_its_type(client: TestClient, note: bytes, kind: str) -> None:
    assert client.post("/v1/read", content=note, headers={"Content-Type": kind}).json()["text"] == TEXT


def test_options_may_stand_in_the_query_or_in_the_form(client: TestClient, note: bytes) -> None:
    unsure = client.post("/v1/read?min_confidence=1&model=", content=note).json()["text"]
    form = client.post("/v1/read?page=1", files={"picture": note}, data={"min_confidence": "1", "model": ""})
    assert unsure == "??" == form.json()["text"]
    assert client.post("/v1/read?model=letters", content=note).json()["model"] == "letters"


def test_corrections_in_query_or_form_are_obeyed(client: TestClient, note: bytes) -> None:
    second = client.post("/v1/read", content=note).json()["lines"][0]["words"][0]["characters"][1]
    assert second["text"] == "I"
    corrections = json.dumps([{"box": second["box"], "text": "T"}])
    query = client.post("/v1/read", content=note, params={"corrections": corrections}).json()
    form = client.post("/v1/read", files={"picture": note}, data={"corrections": corrections}).json()
    assert query["text"] == form["text"] == "HT"


def test_pictures_that_are_read_at_once_are_read_as_one_after_the_other(serving: Serving) -> None:
    client = serving(concurrency=4)
    texts = ["HI", "NO", "ON", "IT"] * 3
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda text: client.post("/v1/read", content=encoded(drawn(text))).json(), texts)
        assert [answer["text"] for answer in answers] == texts


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
def test_the_page_that_is_asked_for_is_read_as_the_command_reads_it(
    client: TestClient, inkread: Command, tmp_path: Path, form: str
) -> None:
    document = encoded(drawn("HI"), form, [drawn("NO")])
    (tmp_path / "scan").write_bytes(document)
    commanded = [json.loads(line) for line in inkread("read", tmp_path / "scan", "--json").out.splitlines()]
    assert [page["text"] for page in commanded] == ["HI", "NO"]
    for page in commanded:
        answer = client.post(f"/v1/read?page={page['page']}", content=document).json()
        assert without_times(answer) == without_times(page) | {"picture": "-"}
    refused = client.post("/v1/read?page=3", content=document)
    assert error_of(refused) == (422, "bad_option", "page is 3; the picture has fewer pages")


def test_a_page_is_read_though_the_next_one_is_damaged(client: TestClient) -> None:
    document = encoded(drawn("HI"), "TIFF", [drawn("NO")])
    answer = client.post("/v1/read", content=document[:-500]).json()
    assert (answer["text"], answer["page"]) == ("HI", 1)


def test_a_page_is_read_though_the_one_before_it_is_damaged(client: TestClient) -> None:
    document = bytearray(encoded(drawn("HI"), "PDF", [drawn("NO")]))
    at = document.index(b"stream") + 20
    document[at : at + 200] = bytes(200)  # the first page's picture
    answer = client.post("/v1/read?page=2", content=bytes(document)).json()
    assert (answer["text"], answer["page"]) == ("NO", 2)


def test_a_pdf_where_nothing_opens_it_is_refused_with_what_to_install(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert error_of(client.post("/v1/read", content=encoded(drawn("HI"), "PDF"))) == (
        422,
        "unsupported_picture",
        'reading a PDF needs pypdfium2; install it with: pip install "inkread[pdf]"',
    )


def test_a_blank_picture_is_an_answer_and_no_error(client: TestClient) -> None:
    answer = client.post("/v1/read", content=encoded(Image.new("L", (80, 60), 250)))
    assert answer.status_code == 200
    assert (answer.json()["text"], answer.json()["remark"]) == ("", "blank: no ink stands out from the paper")


# Decoding


def test_log_probabilities_are_decoded_as_the_function_decodes_them(client: TestClient) -> None:
    rng = np.random.default_rng(3)
    log_probs = np.log(rng.dirichlet(np.full(26, 0.2), size=7)).round(3)
    gaps = rng.random(6).round(2).tolist()
    asked = {"log_probs": log_probs.tolist(), "gaps": gaps, "options": {"n_best": 3, "language_weight": 0.5}}
    answer = client.post("/v1/decode", json=asked).json()
    options = package.DecodingOptions(n_best=3, language_weight=0.5)
    decoded = package.decode(log_probs, package.LETTERS, options, gaps=gaps)
    assert (answer["text"], answer["raw_text"]) == (decoded.text, decoded.raw_text)
    assert answer["confidence"] == pytest.approx(decoded.confidence)
    assert [h["text"] for h in answer["hypotheses"]] == [h.text for h in decoded.hypotheses]
    assert answer["hypotheses"][0]["score"] == pytest.approx(decoded.hypotheses[0].score)
    assert np.abs(np.array(answer["posteriors"]) - decoded.posteriors).max() < 1e-6


@pytest.mark.parametrize(
    ("alphabet", "columns", "text"), [("digits", 10, "1"), ("characters", 83, "b"), ("AB", 2, "B"), ("ét", 2, "t")]
)
def test_an_alphabet_is_named_or_spelt(client: TestClient, alphabet: str, columns: int, text: str) -> None:
    row = [None, 0.0, *[None] * (columns - 2)]
    answer = client.post(
        "/v1/decode", json={"log_probs": [row], "alphabet": alphabet, "options": {"language_weight": 0}}
    )
    assert answer.json()["text"] == text


def test_what_is_impossible_is_null_in_answers_too(client: TestClient) -> None:
    asked = {"log_probs": [[0, -1], [0, -1]], "alphabet": "AB", "gaps": [1]}
    answer = client.post("/v1/decode", json=asked)
    assert answer.status_code == 200 and answer.json()["text"] == "A A"
    nothing = client.post("/v1/decode", json={"log_probs": [], "alphabet": "AB"}).json()
    assert (nothing["text"], nothing["posteriors"]) == ("", [])


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("log_probs", "bad_json", "the request: invalid JSON"),
        ("{}", "bad_json", "log_probs: field required"),
        ('{"log_probs": 3}', "bad_json", "log_probs is 3: input should be a valid"),
        ('{"log_probs": [["a"]]}', "bad_json", "log_probs.0.0 is 'a': input should be a valid number"),
        ('{"log_probs": [[0]], "alphabt": "A"}', "bad_json", "there is no option 'alphabt'; expected some of"),
        ('{"log_probs": [[0]], "alphabet": "A", "options": {"keep": ["a+"]}}', "bad_json", "no option 'options.keep'"),
        ('{"log_probs": [[0]], "alphabet": "\\ud800"}', "bad_json", "the request: invalid JSON"),
        ('{"log_probs": [[0]], "' + "x" * 1000 + '": 1}', "bad_json", "xxx…'; expected some of"),
        ('{"log_probs": [[0]], "alphabet": "A", "options": {"beam": 100000}}', "bad_json", "options.beam is 100000"),
        ('{"log_probs": [[0]], "alphabet": "A", "options": {"certain": 9}}', "bad_option", "certain is 9.0"),
        ('{"log_probs": [[0]], "alphabet": "AA"}', "bad_option", "'A' came twice"),
        ('{"log_probs": [[0, 0], [0]], "alphabet": "AB"}', "bad_array", "rows of one length"),
        ('{"log_probs": [[0, 0]], "alphabet": "ABC"}', "bad_array", "expected numbers of the shape (T, 3)"),
        ('{"log_probs": [[null]], "alphabet": "A"}', "bad_array", "makes every character impossible"),
        ('{"log_probs": [[NaN]], "alphabet": "A"}', "bad_array", "holds NaN"),
        ('{"log_probs": [[0]], "alphabet": "A", "gaps": [2]}', "bad_json", "gaps.0 is 2"),
        ('{"log_probs": [[0]], "alphabet": "A", "gaps": [0.5]}', "bad_array", "expected (0,)"),
        ('{"log_probs": [' + ",".join(["[0]"] * 3001) + '], "alphabet": "A"}', "bad_json", "log_probs: list should"),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_is_told_in_one_sentence(client: TestClient, body: str, code: str, said: str) -> None:
    status, came, sentence = error_of(client.post("/v1/decode", content=body))
    assert (status, came) == (422, code)
    assert said in sentence
    assert len(sentence) < 300


# What there is


def test_the_models_are_those_that_ship(client: TestClient) -> None:
    models = {model["name"]: model for model in client.get("/v1/models").json()["models"]}
    assert tuple(models) == SHIPPED
    reader = package.load("digits")
    assert models["digits"]["alphabet"] == reader.alphabet.characters
    assert models["digits"]["bytes"] == reader.recogniser.size + reader.line_recogniser.size  # type: ignore[union-attr]


def test_ready_means_that_the_default_model_has_read() -> None:
    readers = Readers()
    client = TestClient(create_app(create_service(ServeOptions(), readers)))
    assert client.get("/healthz").json() == {"status": "ok"}
    assert error_of(client.get("/readyz"))[:2] == (503, "not_ready")
    readers.warm_up()
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.head("/readyz").status_code == client.head("/healthz").status_code == 200


def test_the_page_and_its_files_are_served(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert page.text == client.get("/index.html").text
    assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304


def test_other_addresses_and_methods_are_refused_in_the_one_form(client: TestClient) -> None:
    for address in ("/v1/reed", "/docs", "/redoc", "/../pyproject.toml", "/%2e%2e/server/app.py"):
        assert error_of(client.get(address))[:2] == (404, "not_found"), address
    refused = client.get("/v1/read")
    assert error_of(refused)[:2] == (405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"


# OpenAPI


def every(value: object, key: str) -> list[object]:
    """All that stands under a key, at any depth."""
    if isinstance(value, list):
        return [found for part in value for found in every(part, key)]
    if not isinstance(value, dict):
        return []
    own = [value[key]] if key in value else []
    return own + [found for part in value.values() for found in every(part, key)]


def test_the_description_holds_every_operation_and_nothing_that_is_not_there(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {"/v1/read", "/v1/decode", "/v1/models", "/healthz", "/readyz"}
    schemas = document["components"]["schemas"]
    assert set(every(document, "$ref")) <= {f"#/components/schemas/{name}" for name in schemas}
    names = [parameter["name"] for parameter in document["paths"]["/v1/read"]["post"]["parameters"]]
    assert names == ["model", "min_confidence", "page", "corrections"]
    assert document["info"]["version"] == package.__version__


def test_the_examples_are_true(client: TestClient, note: bytes) -> None:
    read = client.post("/v1/read", files={"picture": ("hi.png", note)}).json()
    decoded = client.post("/v1/decode", json=EXAMPLES["decode_request"]).json()
    assert flat(without_times(read)) == flat(without_times(dict(EXAMPLES["read"])))
    assert flat(decoded) == flat(EXAMPLES["decode"])
    assert client.get("/v1/models").json() == EXAMPLES["models"]


def flat(value: object) -> object:
    """What must be the same whatever weights ship: texts and places, not how sure they are."""
    if isinstance(value, dict):
        return {key: flat(part) for key, part in value.items() if key != "alternatives"}
    if isinstance(value, list):
        return [flat(part) for part in value]
    return None if isinstance(value, float) else value


def test_answers_are_what_the_description_says(client: TestClient, note: bytes) -> None:
    ReadAnswer.model_validate(client.post("/v1/read", content=note).json())
    ReadAnswer.model_validate(EXAMPLES["read"])
    DecodeAnswer.model_validate(client.post("/v1/decode", json=EXAMPLES["decode_request"]).json())
    ModelsAnswer.model_validate(client.get("/v1/models").json())
    ErrorAnswer.model_validate(client.post("/v1/read").json())
