"""The page in a browser: writing, pictures, corrections, and everyone's ways to use it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.page.conftest import READ, Notebook, serving
from tests.test_reader_lines import note

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Notebook]
SOON = 1000  # milliseconds after a stroke from which a tap is no dot any more


def png(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def choose(book: Notebook, content: bytes, name: str = "note.png", kind: str = "image/png") -> None:
    book.page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": content})


def say(book: Notebook, number: int, text: str) -> None:
    """Say what stands where a character was read."""
    book.page.locator(".character").nth(number).click()
    book.page.fill("#card-other", text)
    book.page.keyboard.press("Enter")


MORE = note("MORE BACK SOON", 50)  # with a P for its R, English makes HOPE of it


# Writing


def test_what_is_written_is_read_while_it_is_written(book: Notebook) -> None:
    book.write("HELLO")
    book.expect("HELLO")
    book.write("42", left=400)
    book.expect("HELLO 42")
    page = book.page
    assert page.inner_text("#raw").strip() == "HELLO 42"
    assert page.locator("#boxes-layer rect").count() == 7
    assert page.locator(".word small").all_inner_texts()[0].startswith(("sure", "likely", "unsure"))
    assert page.inner_text("#confidence").endswith("%")
    assert not page.is_visible("#hint")
    took = page.evaluate("performance.getEntriesByName('inkread: change to text').map(entry => entry.duration)")
    assert 20 <= min(took) < 1000  # the debounce is part of it; figures are in docs/page.md


def test_large_letters_are_read_as_well(book: Notebook) -> None:
    book.page.set_viewport_size({"width": 1280, "height": 900})
    book.write("HELLO", capital=130)
    book.expect("HELLO")


def test_boxes_lie_on_the_ink_and_can_be_hidden(book: Notebook) -> None:
    book.write("NOON", top=70)
    book.expect("NOON")
    paper = book.page.locator("#paper").bounding_box()
    assert paper
    for rectangle in book.page.locator("#boxes-layer rect").all():
        box = rectangle.bounding_box()
        assert box and 60 < box["y"] - paper["y"] < 80 and 50 < box["height"] < 75
    book.page.click("#boxes-button")
    assert book.page.locator("#boxes-layer rect").first.is_hidden()


def test_strokes_are_taken_back_one_by_one_and_all_at_once(book: Notebook) -> None:
    book.write("HAT")
    book.expect("HAT")
    for _ in range(2):
        book.page.keyboard.press("Control+z")  # the two strokes of the T
    book.expect("HA")
    book.page.click("#clear-button")
    book.expect("")
    assert book.page.is_visible("#hint") and book.page.is_disabled("#copy-button")
    book.page.click("#undo-button")
    book.expect("HA")


def test_a_tap_is_a_dot_while_one_writes_and_opens_a_character_later(book: Notebook) -> None:
    page = book.page
    book.write("TON")
    book.expect("TON")
    box = page.locator("#boxes-layer rect").nth(1).bounding_box()
    assert box
    page.wait_for_timeout(SOON)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.inner_text("#card-said").startswith("“O”")
    page.keyboard.press("Escape")
    book.write("I", left=300)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert not page.is_visible("#card")


@pytest.mark.parametrize(("model", "text"), [("letters", "SO"), ("digits", "50")])
def test_what_stands_there_can_be_said(book: Notebook, model: str, text: str) -> None:
    book.write("SO")
    book.page.check(f"[value={model}]", force=True)
    book.expect(text)


def test_a_finger_writes_and_two_fingers_do_not(opened: Open) -> None:
    book = opened(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    session = book.page.context.new_cdp_session(book.page)
    paper = book.page.locator("#paper").bounding_box()
    assert paper

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": paper["x"] + x, "y": paper["y"] + y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (60, 40))
    for y in range(45, 110, 5):
        touch("touchMove", (60, y))
    touch("touchEnd")
    book.until("!document.getElementById('undo-button').disabled")
    assert book.page.evaluate("window.scrollY") == 0
    book.page.click("#undo-button")
    touch("touchStart", (60, 40), (200, 40))
    for step in range(0, 60, 6):
        touch("touchMove", (60 - step, 40), (200 + step, 40))
    touch("touchEnd")
    assert book.page.is_disabled("#undo-button")


# Pictures


@pytest.mark.parametrize("way", ["choose", "paste", "drop"])
def test_a_picture_is_read_however_it_comes(book: Notebook, way: str) -> None:
    content = png(note("MEET AT NOON\nBY THE BRIDGE"))
    if way == "choose":
        choose(book, content)
    else:
        book.page.evaluate(
            """([way, content]) => {
              const data = new DataTransfer();
              const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
              data.items.add(new File([bytes], "note.png", { type: "image/png" }));
              const told = { bubbles: true, cancelable: true };
              document.body.dispatchEvent(way === "drop"
                ? new DragEvent("drop", { ...told, dataTransfer: data })
                : new ClipboardEvent("paste", { ...told, clipboardData: data }));
            }""",
            [way, base64.b64encode(content).decode()],
        )
    book.expect("MEET AT NOON\nBY THE BRIDGE")
    book.page.click("#clear-button")
    book.expect("")
    book.page.click("#undo-button")
    book.expect("MEET AT NOON\nBY THE BRIDGE")


@pytest.mark.parametrize("below", [0, 1500])
def test_boxes_of_a_picture_lie_where_its_letters_are_shown(book: Notebook, below: int) -> None:
    content = np.pad(note("MEET ME", 4), ((0, below), (0, 0)), mode="edge")
    height, width = content.shape
    choose(book, png(content))
    book.expect("MEET ME")
    shown = book.page.locator("#photo").bounding_box()
    assert shown
    scale = min(shown["width"] / width, shown["height"] / height)
    left = shown["x"] + (shown["width"] - scale * width) / 2
    for rectangle in book.page.locator("#boxes-layer rect").all():
        box = rectangle.bounding_box()
        assert box
        rows = slice(*(int((y - shown["y"]) / scale) for y in (box["y"], box["y"] + box["height"])))
        columns = slice(*(int((x - left) / scale) for x in (box["x"], box["x"] + box["width"])))
        assert (content[rows, columns] < 120).mean() > 0.08
    book.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert book.page.inner_text("#card-said").startswith("“E”")


def test_boxes_stay_on_the_ink_when_the_window_changes(book: Notebook) -> None:
    book.write("NO")
    book.expect("NO")
    before = [rectangle.bounding_box() for rectangle in book.page.locator("#boxes-layer rect").all()]
    paper = book.page.locator("#paper").bounding_box()
    book.page.set_viewport_size({"width": 700, "height": 500})
    moved = book.page.locator("#paper").bounding_box()
    assert paper and moved and moved["height"] < paper["height"]
    for old, rectangle in zip(before, book.page.locator("#boxes-layer rect").all(), strict=True):
        box = rectangle.bounding_box()
        assert old and box and box["width"] == pytest.approx(old["width"], abs=1)
        assert box["x"] - moved["x"] == pytest.approx(old["x"] - paper["x"], abs=1)


def test_a_picture_that_browsers_cannot_show_is_read_with_its_boxes(book: Notebook) -> None:
    file = io.BytesIO()
    pages = [Image.fromarray(note(text)) for text in ("MEET AT NOON", "BY THE BRIDGE")]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    choose(book, file.getvalue(), "note.tif", "image/tiff")
    book.expect("MEET AT NOON")
    assert book.page.inner_text("#remark") == "This file has several pages; the first was read."
    assert book.page.locator("#boxes-layer rect").count() == 10


def test_what_is_no_picture_and_what_is_blank_are_told_in_sentences(book: Notebook) -> None:
    choose(book, b"Hello", "note.txt", "text/plain")
    book.page.wait_for_selector("#notice:not([hidden])")
    assert "is not a picture" in book.page.inner_text("#notice")
    assert book.page.inner_text("#notice").endswith((".", "GIF", "PDF"))
    choose(book, png(np.full((80, 90), 255, np.uint8)))
    book.page.wait_for_selector("#remark:has-text('Blank: no ink')")
    assert not book.page.is_visible("#notice")
    book.complaints.clear()  # the browser's own line about a status of 422


def test_a_reader_that_is_gone_is_told(book: Notebook) -> None:
    book.page.route("**/v1/read", lambda route: route.abort())
    book.write("A")
    book.page.wait_for_selector("#notice:has-text('Is inkread serve still running?')")
    book.page.unroute("**/v1/read")
    book.write("T", left=200)
    book.expect("AT")
    assert not book.page.is_visible("#notice")
    book.complaints.clear()  # the browser's own


def test_a_server_with_a_key_is_told_it(opened: Open) -> None:
    with serving("--api-key", "sesame") as address:
        book = opened(address)
        book.write("NO")
        book.page.fill("[name=key]", "сезам")  # which no header can hold
        book.page.keyboard.press("Enter")
        book.page.wait_for_selector("#notice:has-text('it has letters that no key has')")
        book.page.fill("[name=key]", "sesame")
        book.page.keyboard.press("Enter")
        book.expect("NO")
        assert not book.page.is_visible("#key")
        book.complaints.clear()  # the browser's own line about a status of 401


def test_a_camera_takes_a_picture(opened: Open) -> None:
    book = opened(permissions=["camera"])
    book.page.click("#camera-button")
    book.until("document.querySelector('video').videoWidth > 0")
    book.page.click("text=Take the picture")
    book.page.wait_for_selector("#photo:not([hidden])")
    assert book.page.evaluate("document.querySelector('video').srcObject") is None
    book.until("document.getElementById('took').textContent !== ''")


def test_a_camera_that_is_opened_twice_runs_once(opened: Open) -> None:
    book = opened(permissions=["camera"])
    book.page.evaluate(
        """() => {
          window.asked = 0;
          const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = (wanted) => (window.asked++, real(wanted));
          document.getElementById("camera-button").click();
          document.getElementById("camera-button").click();
        }"""
    )
    book.until("document.querySelector('video').videoWidth > 0")
    assert book.page.evaluate("window.asked") == 1


@pytest.mark.parametrize("takeaway", ["", "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"])
def test_without_a_camera_everything_else_works(book: Notebook, takeaway: str) -> None:
    book.page.evaluate(takeaway)
    book.page.click("#camera-button")
    book.page.wait_for_selector("#notice:not([hidden])")
    assert "hoose a picture" in book.page.inner_text("#notice")
    book.write("NO")
    book.expect("NO")


# Corrections


def test_a_chosen_alternative_is_read_and_its_neighbours_anew(book: Notebook) -> None:
    page = book.page
    choose(book, png(MORE))
    book.expect("MORE BACK SOON")
    page.locator(".character").nth(2).click()
    rows = page.locator("#card li button")
    assert rows.count() == 3
    assert rows.first.get_attribute("data-text") == "R"
    assert all(text.endswith("%") for text in page.locator("#card .share").all_inner_texts())
    page.click("#card li button[data-text=P]")
    book.expect("HOPE BACK SOON")
    assert page.inner_text("#raw").strip() == "MORE BACK SOON"
    corrected = page.locator(".character.corrected")
    assert corrected.get_attribute("aria-label") == "P, as you said"
    changed = page.locator(".character.changed").first
    assert changed.get_attribute("aria-label").endswith("by language; the eye saw M")
    assert page.locator("#raw mark").all_inner_texts()[0] == "M"
    page.locator(".character").nth(2).click()
    page.click("text=Take back")
    book.expect("MORE BACK SOON")
    page.click("#undo-button")  # also that can be taken back
    book.expect("HOPE BACK SOON")
    page.click("#undo-button")
    book.expect("MORE BACK SOON")


def test_something_else_or_nothing_can_be_what_stands_there(book: Notebook) -> None:
    choose(book, png(note("MEET AT NOON")))
    book.expect("MEET AT NOON")
    say(book, 0, "f")
    book.expect("fEET AT NOON")
    book.page.locator(".character").nth(9).click()
    book.page.click("text=No character here")
    book.expect("fEET AT NOO")


def test_a_correction_that_cannot_be_is_refused_and_the_rest_goes_on(book: Notebook) -> None:
    book.write("HAT")
    book.expect("HAT")
    say(book, 1, "é")
    book.page.wait_for_selector("#notice:not([hidden])")
    assert "é" in book.page.inner_text("#notice")
    book.expect("HAT")
    assert book.page.locator("#boxes-layer rect").count() == 3
    say(book, 0, "C")
    book.expect("CAT")
    book.page.check("[name=model][value=digits]", force=True)  # where no C can stand
    book.page.wait_for_selector("#notice:not([hidden])")
    book.write("1", left=300)
    book.until("document.querySelectorAll('#boxes-layer rect').length === 4")
    assert all(label[0].isdigit() for label in book.page.locator(".character").all_inner_texts())
    book.complaints.clear()  # the browser's own lines about a status of 422


def test_the_sheet_of_a_picture_that_browsers_cannot_show_keeps_its_shape(book: Notebook) -> None:
    file = io.BytesIO()
    Image.fromarray(note("MEET AT NOON")).save(file, "TIFF")
    choose(book, file.getvalue(), "note.tif", "image/tiff")
    book.expect("MEET AT NOON")
    shape = "[document.getElementById('photo').width, document.getElementById('photo').height]"
    before = book.page.evaluate(shape)
    book.page.route("**/v1/read", lambda route: route.abort())
    book.page.locator(".character").nth(0).click()
    book.page.click("#card li button >> nth=1")
    book.page.wait_for_selector("#notice:not([hidden])")
    assert book.page.evaluate(shape) == before
    book.complaints.clear()  # the browser's own


def test_the_last_stroke_is_taken_back_also_after_a_model_was_chosen(book: Notebook) -> None:
    book.write("NO")
    book.expect("NO")
    book.page.check("[name=model][value=letters]", force=True)
    book.expect("NO")
    book.page.keyboard.press("Control+z")
    book.page.keyboard.press("Control+z")
    book.until(f"({READ})() !== 'NO'")


def test_corrections_of_written_ink_stay_while_one_writes_on(book: Notebook) -> None:
    book.write("HAT")
    book.expect("HAT")
    say(book, 0, "C")
    book.expect("CAT")
    book.write("NAP", left=300)
    book.expect("CAT NAP")


# Everyone


def test_the_keyboard_alone_reaches_and_corrects_every_character(book: Notebook) -> None:
    page = book.page
    choose(book, png(MORE))
    book.expect("MORE BACK SOON")
    page.focus("#boxes-button")
    page.keyboard.press("Tab")
    spoken = []
    for _ in range(13):
        spoken.append(page.evaluate("document.activeElement.getAttribute('aria-label')")[0])
        page.keyboard.press("ArrowRight")
    assert "".join(spoken) == "MOREBACKSOONN"  # the last one is the end
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.dataset.text") != "P":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    book.expect("HOPE BACK SOON")
    book.until("document.activeElement.getAttribute('aria-label')", "P, as you said")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "P, as you said"


def test_what_was_read_is_spoken_once_it_is_settled(book: Notebook) -> None:
    book.write("NO")
    book.expect("NO")
    book.page.wait_for_selector("#spoken:has-text('Reads as NO')", state="attached")
    assert book.page.get_attribute("#spoken", "aria-live") == "polite"


def test_every_control_has_a_name_and_every_name_a_control(book: Notebook) -> None:
    choose(book, png(note("NO")))
    book.expect("NO")
    book.page.locator(".character").first.click()
    nameless = book.page.evaluate(
        """() => [...document.querySelectorAll("button, input, a, dialog, [role=dialog], canvas[role], section")]
          .filter((one) => !(one.getAttribute("aria-label") || one.getAttribute("aria-labelledby")
            || one.textContent.trim() || one.closest("label")?.textContent.trim()
            || document.querySelector(`label[for="${one.id}"]`)))
          .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    ids = book.page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    named = book.page.evaluate(
        "[...document.querySelectorAll('[aria-labelledby]')].map((one) => one.getAttribute('aria-labelledby'))"
    )
    assert set(named) <= set(ids)
    assert book.page.get_attribute("html", "lang") == "en"


def contrast(page: Page, front: str, back: str) -> float:
    """The contrast ratio of two of the page's colours, by WCAG 2.2."""
    channels = page.evaluate(
        """(names) => names.map((name) => {
          const probe = document.createElement("i");
          probe.style.color = `var(--${name})`;
          document.body.append(probe);
          const [red, green, blue] = getComputedStyle(probe).color.match(/[0-9.]+/g).map(Number);
          probe.remove();
          return [red, green, blue];
        })""",
        [front, back],
    )
    linear = np.array(channels) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    low, high = sorted((linear @ [0.2126, 0.7152, 0.0722]).tolist())
    return float((high + 0.05) / (low + 0.05))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_from_their_ground(opened: Open, scheme: str) -> None:
    page = opened(color_scheme=scheme).page
    for front in ("ink", "soft", "sure", "likely", "unsure", "corrected", "accent"):
        for back in ("ground", "sheet"):
            assert contrast(page, front, back) >= 4.5, (front, back)
    for front, back in (("ink", "changed"), ("ink", "warning"), ("on-accent", "accent")):
        assert contrast(page, front, back) >= 4.5, (front, back)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(19, 21, 26)") == (scheme == "dark")


@pytest.mark.parametrize("width", [320, 360, 768])
def test_a_small_window_never_scrolls_sideways(opened: Open, width: int) -> None:
    book = opened(viewport={"width": width, "height": 740})
    choose(book, png(note("MEET AT NOON\nBY THE OLD BRIDGE")))
    book.expect("MEET AT NOON\nBY THE OLD BRIDGE")
    book.page.locator(".character").nth(7).click()
    card = book.page.locator("#card").bounding_box()
    assert card and card["x"] >= 0 and card["x"] + card["width"] <= width and card["y"] + card["height"] <= 740
    assert book.page.evaluate("document.documentElement.scrollWidth") <= width
    for button in book.page.locator("main button:visible").all():
        box = button.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width


def test_the_text_is_copied_and_the_answer_saved(opened: Open, tmp_path: Path) -> None:
    book = opened(permissions=["clipboard-read", "clipboard-write"])
    choose(book, png(note("MEET AT NOON")), "my note.png")
    book.expect("MEET AT NOON")
    book.page.click("#copy-button")
    book.page.wait_for_selector("text=Copied")
    assert book.page.evaluate("navigator.clipboard.readText()") == "MEET AT NOON"
    with book.page.expect_download() as download:
        book.page.click("#download-button")
    download.value.save_as(tmp_path / "saved.json")
    saved = json.loads((tmp_path / "saved.json").read_text(encoding="utf-8"))
    assert (saved["text"], saved["picture"]) == ("MEET AT NOON", "my note.png")


def test_the_page_says_what_it_does_with_pictures(book: Notebook) -> None:
    assert "Nothing is kept." in book.page.inner_text("footer")
