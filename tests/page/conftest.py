"""A server on this machine, and someone who writes on its page, for the tests of the page."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.handwriting import strokes_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

PATIENCE = 20_000  # milliseconds; a busy machine is no failure
READ = """() => [...document.querySelectorAll("#text .line")]
  .map((line) => [...line.querySelectorAll(".letters")].map((word) => word.textContent).join(" ")).join("\\n")"""


@contextmanager
def serving(*flags: str) -> Iterator[str]:
    """The address of `inkread serve`, which runs until it is no more needed."""
    command = [sys.executable, "-m", "inkread", "serve", "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout
            said = server.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert found, f"inkread serve said {said!r}"
            yield found.group()
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def address(browser: Browser) -> Iterator[str]:
    with serving() as address:
        yield address


@dataclass
class Notebook:
    """The page in a browser, someone who writes on it, and what went on behind it."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def write(self, text: str, left: float = 30, top: float = 30, capital: float = 60) -> None:
        """Print a text on the paper with the mouse."""
        paper = self.page.locator("#paper").bounding_box()
        assert paper
        for stroke in strokes_of(text, paper["x"] + left, paper["y"] + top, capital):
            self.page.mouse.move(*stroke[0])
            self.page.mouse.down()
            for place in [*stroke[2:-1:2], stroke[-1]]:  # half of them: each costs a way to the browser and back
                self.page.mouse.move(*place)
            self.page.mouse.up()

    def expect(self, text: str) -> None:
        """Wait until this is what is shown."""
        self.until(f"({READ})()", text)

    def until(self, script: str, value: object = True) -> None:
        """Wait until a script gives this value. Playwright's own way evaluates strings, which the server forbids."""
        end = time.monotonic() + PATIENCE / 1000
        while (found := self.page.evaluate(script)) != value and time.monotonic() < end:
            self.page.wait_for_timeout(25)
        assert found == value


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Notebook]]:
    """Pages, each in a context of its own with the given options; at the end of the test each must be without a
    complaint in its console, and without a request that left this machine.
    """
    books: list[Notebook] = []
    with ExitStack() as contexts:

        def open_page(at: str = address, **options: object) -> Notebook:
            context = browser.new_context(**options)  # type: ignore[arg-type]
            contexts.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            book = Notebook(page, at)
            books.append(book)

            def heard(request: Request) -> None:
                book.requests.append(request.url)

            context.on("request", heard)
            page.on("console", lambda message: book.complaints.append(message.text))
            page.on("pageerror", lambda error: book.complaints.append(str(error)))
            page.goto(at)
            return book

        yield open_page
        for book in books:
            assert [url for url in book.requests if not url.startswith((book.address, "blob:"))] == []
            assert book.complaints == []


@pytest.fixture
def book(opened: Callable[..., Notebook]) -> Notebook:
    return opened()
