"""The folder of `inkread export-web` in a browser: the same numbers as in Python, and a drawing is read offline."""

from __future__ import annotations

import base64
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from inkread.data import Dataset
from inkread.interfaces.web import check, folder
from inkread.interfaces.web.runtime import runtime_files
from inkread.preprocessing import frame
from inkread.preprocessing.strip import HEIGHT
from inkread.recognition import shipped, shipped_lines
from tests.page.conftest import Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GLYPHS = 100
APART = 1e-4  # log-probabilities of browser and Python, relative to their size where that is above 1, as an export's

Pixels = npt.NDArray[np.uint8]

READ_ALL = """async ([name, pictures]) => {
    const { read, run } = await import("./reading.js");
    const { models } = await (await fetch("models.json")).json();
    const model = models.find((one) => one.name === name);
    const answers = [];
    for (const { data, width, height } of pictures) {
        const pixels = { data: Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0)), width, height };
        const outputs = await run(model, pixels);
        const { characters, seen } = await read(model, pixels);
        const said = (outputs.log_probs ?? outputs.frames).data;
        answers.push({ seen: [...seen.data], said: [...said], text: characters.map(({ text }) => text).join("") });
    }
    return answers;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """A static host that keeps no log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the folder is served, below another one as on many hosts."""
    if shutil.which("npm") is None:
        pytest.skip(
            "there is no npm on this machine to fetch onnxruntime-web with; the page of export-web was not tested"
        )
    root = tmp_path_factory.mktemp("host")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "GLYPHS", 8)
        patch.setattr(check, "LINES", 2)
        folder.write_folder(root / "below" / "here", [folder.model(name) for name in folder.ALL], runtime_files())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/below/here/"
        server.shutdown()
        thread.join()


@pytest.fixture
def book(opened: Callable[..., Notebook], site: str) -> Notebook:
    """The page, ready to be written on."""
    return ready(opened(site))


def ready(book: Notebook) -> Notebook:
    book.page.get_by_text("Nothing is written yet").wait_for()
    return book


@dataclass(frozen=True)
class Answer:
    """What the browser's network saw of a picture, what it said, and what is shown of that."""

    seen: Pixels
    said: npt.NDArray[np.float32]
    text: str


def read_all(page: Page, name: str, pictures: list[Pixels]) -> list[Answer]:
    """Pictures uint8 (H, W), ink high, read by a network in the browser."""
    sent = [
        {"data": base64.b64encode(one.tobytes()).decode(), "width": one.shape[1], "height": one.shape[0]}
        for one in pictures
    ]
    answers = page.evaluate(READ_ALL, [name, sent])
    return [Answer(np.array(a["seen"], np.uint8), np.array(a["said"], np.float32), a["text"]) for a in answers]


@pytest.mark.parametrize("name", ["digits", "letters"])
def test_100_glyphs_get_the_same_log_probs_as_in_python(book: Notebook, name: str, digits: Dataset) -> None:
    network = shipped(name)
    drawn = list(check.glyph_pictures(GLYPHS // 2))
    pictures = [*drawn, *digits.val.images[: GLYPHS - len(drawn)]]
    framed = np.stack([frame(picture, network.framing) for picture in pictures])
    expected = network.log_probs(framed)
    for glyph, log_probs, answer in zip(framed, expected, read_all(book.page, name, pictures), strict=True):
        seen = answer.seen.reshape(28, 28)
        assert check.farthest(seen, glyph) <= 1
        assert np.abs(answer.said - network.log_probs(seen[None])[0]).max() < APART
        if (seen == glyph).all():
            assert np.abs(answer.said - log_probs).max() < APART
        assert answer.text == network.alphabet[int(log_probs.argmax())]


def test_lines_are_read_as_pythons_best_path_reads_them(book: Notebook) -> None:
    network = shipped_lines()
    for answer in read_all(book.page, "characters", list(check.line_pictures(5))):
        frames = network.frames([answer.seen.reshape(HEIGHT, -1)])[0]
        apart = np.abs(answer.said - frames.ravel()) / np.maximum(1, np.abs(frames.ravel()))
        assert apart.max() < APART
        columns = [*network.alphabet, " "]
        assert answer.text == "".join(columns[column] for column in check.best_path(frames)).strip()
        assert len(answer.text) > 1


def test_a_drawn_digit_is_read_and_cleared_and_brought_back(book: Notebook) -> None:
    page = book.page
    page.get_by_label("A digit").check()
    book.write("7", capital=120)
    page.get_by_text("Reads as 7: ").wait_for()
    assert page.inner_text("#text").strip() == "7"
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Nothing is written yet").wait_for()
    assert page.inner_text("#text") == ""
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Reads as 7: ").wait_for()


def test_a_written_line_is_read_without_network(book: Notebook) -> None:
    book.page.wait_for_load_state("networkidle")
    book.page.context.set_offline(True)
    for name in ("A digit", "A letter"):  # all that may be chosen is there
        book.page.get_by_label(name).check()
        book.page.get_by_text("Nothing is written yet").wait_for()
    book.page.get_by_label("A line").check()
    book.write("TEA 42")
    book.page.get_by_text("Reads as TEA 42: ").wait_for()
    assert book.page.inner_text("#text").strip() == "TEA 42"  # as it is copied, too
    assert book.page.locator("#text .character").count() == 5
    assert book.page.inner_text("#confidence").startswith(("sure", "likely", "unsure"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(opened: Callable[..., Notebook], site: str, scheme: str) -> None:
    page = ready(opened(site, viewport={"width": 360, "height": 640}, color_scheme=scheme, has_touch=True)).page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    red, green, blue = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (red + green + blue > 380) == (scheme == "light")


def test_a_file_that_is_missing_is_told(opened: Callable[..., Notebook], site: str) -> None:
    book = opened(site)
    book.page.route("**/digits.onnx", lambda route: route.abort())
    book.page.reload()
    ready(book)
    book.page.get_by_label("A digit").check()
    book.page.get_by_text("This cannot be read: ").wait_for()
    book.page.unroute("**/digits.onnx")
    book.page.get_by_label("A letter").check()
    book.page.get_by_text("Nothing is written yet").wait_for()
    book.complaints.clear()
