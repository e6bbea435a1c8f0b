"""Modules of the page that are used alone, in a browser but without the page."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from jiwer import process_characters

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def blank(browser: Browser, address: str) -> Page:
    """A page of this server's with nothing on it; of other addresses modules may not be loaded."""
    page = browser.new_page(device_scale_factor=2)
    page.goto(f"{address}canvas.js")
    return page


def test_the_drawing_surface_works_without_page_and_server(blank: Page) -> None:
    requests: list[str] = []
    blank.on("request", lambda request: requests.append(request.url))
    blank.evaluate(
        """async () => {
          const canvas = document.createElement("canvas");
          Object.assign(canvas.style, { position: "fixed", inset: 0, width: "200px", height: "100px" });
          document.body.replaceChildren(canvas);
          const { drawingSurface } = await import("./canvas.js");
          window.heard = [];
          window.surface = drawingSurface(canvas, { onChange: (kind) => heard.push(kind) });
        }"""
    )
    assert blank.evaluate("[surface.isEmpty(), surface.canUndo()]") == [True, False]
    blank.mouse.move(20, 50)
    blank.mouse.down()
    blank.mouse.move(180, 50, steps=8)
    blank.mouse.up()
    blank.mouse.click(100, 20)
    ink = pixels(blank)
    assert ink.shape == (100, 200)  # CSS pixels, whatever the screen's density
    assert ink[50, 20:180].min() == 255 and ink[20, 100] == 255
    assert ink[70:].max() == 0 and ink[:, :15].max() == 0
    assert 3 <= (ink[:, 60] > 127).sum() <= 6  # as thick as a felt pen
    size = blank.evaluate("surface.toBlob().then(createImageBitmap).then(({ width, height }) => [width, height])")
    assert size == [200, 100]
    blank.evaluate("surface.clear(); surface.undo(); surface.undo()")
    assert pixels(blank)[20, 100] == 0 and pixels(blank)[50, 100] == 255
    blank.evaluate("surface.undo(); surface.undo()")
    assert blank.evaluate("[surface.isEmpty(), heard]") == [
        True,
        ["stroke", "stroke", "clear", "undo", "undo", "undo"],
    ]
    assert [url for url in requests if not url.endswith("/canvas.js")] == []


def pixels(page: Page) -> np.ndarray:
    flat, width, height = page.evaluate(
        "(({ data, width, height }) => [Array.from(data), width, height])(surface.pixels())"
    )
    return np.array(flat).reshape(height, width)


def test_differences_are_as_few_as_can_be(blank: Page) -> None:
    chance = random.Random(0)
    pairs = [["".join(chance.choices("AB ", k=chance.randrange(7))) for _ in "12"] for _ in range(200)]
    marks = blank.evaluate(
        """async (pairs) => {
          const { differences } = await import("./difference.js");
          return pairs.map(([first, second]) => differences([...first], [...second]));
        }""",
        pairs,
    )
    for (first, second), (here, there) in zip(pairs, marks, strict=True):
        same = [character for character, marked in zip(first, here, strict=True) if not marked]
        assert same == [character for character, marked in zip(second, there, strict=True) if not marked]
        if first:
            seen = process_characters(f"x{first}x", f"x{second}x")  # jiwer strips spaces at the ends
            changes = seen.substitutions + seen.deletions + seen.insertions
            assert max(sum(here), sum(there)) <= changes <= sum(here) + sum(there)


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (1, "sure, 100 %"),
        (0.9999, "sure, > 99 %"),
        (0.95, "sure, 95 %"),
        (0.83, "likely, 83 %"),
        (0.947, "likely, 94 %"),
        (0.1, "unsure, 10 %"),
    ],
)
def test_probabilities_become_words(blank: Page, probability: float, said: str) -> None:
    saying = "async (p) => (await import('./confidence.js')).inWords(p)"
    assert blank.evaluate(saying, probability) == said
