"""Handwriting on the page -> how long it takes from the pen's leaving the paper to the text, on this machine.

    PYTHONPATH=. python scripts/time_page.py

Writes a line stroke by stroke in headless Chromium, at a hand's pace, against `inkread serve`. The figures are the
page's own: from the stroke's end, its debounce included, to the text in the document.
"""

from __future__ import annotations

import shutil
from itertools import pairwise
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from tests.handwriting import strokes_of
from tests.page.conftest import serving

TEXT = "HELLO 42 MEET ME"
PACE = 350  # milliseconds from stroke to stroke
WINDOW = {"width": 1200, "height": 800}
ENTRIES = "performance.getEntriesByName('inkread: change to text').map((entry) => entry.duration)"
REQUESTS = "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/v1/read'))"


def write(page: Page, text: str) -> None:
    """Print a text with the mouse, resting between strokes."""
    paper = page.locator("#paper").bounding_box()
    assert paper
    for stroke in strokes_of(text, paper["x"] + 30, paper["y"] + 30, capital=50):
        page.mouse.move(*stroke[0])
        page.mouse.down()
        for place, following in pairwise(stroke):
            if place != following:
                page.mouse.move(*following)
        page.mouse.up()
        page.wait_for_timeout(PACE)


def main() -> None:
    """Write, and print what it took."""
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW)
        page.goto(address)
        write(page, TEXT)
        took = page.evaluate(ENTRIES)
        asked = page.evaluate(f"{REQUESTS}.map((entry) => entry.responseEnd - entry.startTime)")
        browser.close()
    slow = quantiles(took, n=10)[-1]
    print(f"{len(took)} strokes: from pen-up to text {median(took):.0f} ms (median), {slow:.0f} ms (9 of 10 within)")
    print(f"of that, the server's answer: {median(asked):.0f} ms (median)")


if __name__ == "__main__":
    main()
