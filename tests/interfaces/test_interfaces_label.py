"""`inkread label`: files move where a person says, every move comes back, and nothing leaves the folder."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, AsyncClient, Response
from PIL import Image

from inkread import recognition
from inkread.data import Dataset, folders
from inkread.errors import BadData, BadOption, MissingDependency
from inkread.interfaces.commands import label as verb
from inkread.interfaces.labelling.app import create_app
from inkread.interfaces.labelling.glyph_folder import JOURNAL, Glyph, GlyphFolder
from inkread.interfaces.labelling.seen import Seen, look
from tests.conftest import ENVIRONMENT, Command

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def mine(tmp_path: Path, digits: Dataset) -> Path:
    """Two 3, two 8 and a ?; a 7 among the 8; a 5 that is set aside."""
    folder = tmp_path / "mine"
    for name, digit in {
        "3/a.png": 3, "3/b.png": 3, "8/a.png": 8, "8/b.png": 8, "8/seven.png": 7, "U+003F/q.png": 2,
        "doubtful/5/d.png": 5,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        sure = recognition.shipped("digits").log_probs(digits.val.images).argmax(axis=1) == digits.val.labels
        glyph = digits.val.images[sure & (digits.val.labels == digit)]["ab".find(name[-5]) % 2]
        Image.fromarray(np.pad(255 - glyph, 8, constant_values=255)).save(folder / name)
    return folder


@pytest.fixture
def client(mine: Path) -> TestClient:
    app = create_app(GlyphFolder(mine), [recognition.shipped("digits")])
    return TestClient(app, base_url="http://127.0.0.1:8766", raise_server_exceptions=False)


def files(folder: Path) -> dict[str, bytes]:
    """Every picture of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.png")}


def error_of(response: Response) -> str:
    assert set(response.json()) == {"error"}
    return str(response.json()["error"]["message"])


# What the page is told


def test_the_most_doubtful_come_first_with_what_is_seen(client: TestClient) -> None:
    told = client.get("/glyphs").json()
    assert told["folder"] == "mine"
    names = [glyph["name"] for glyph in told["glyphs"]]
    assert names[:2] == ["doubtful/5/d.png", "8/seven.png"] and len(names) == 7
    seven = told["glyphs"][1]
    assert (seven["character"], seven["seen"]) == ("8", "7") and seven["probability"] < 0.01 < seven["confidence"]
    question = told["glyphs"][names.index("U+003F/q.png")]
    assert (question["character"], question["seen"], question["probability"]) == ("?", None, None)


def test_pictures_are_shown_while_the_folder_is_looked_at_and_a_change_waits(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, shown = Event(), Event()

    def slowly(*arguments: object) -> dict[str, Seen]:
        looking.set()
        assert shown.wait(10)
        return look(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("inkread.interfaces.labelling.app.look", slowly)
    app = create_app(GlyphFolder(mine), [recognition.shipped("digits")])

    async def ask() -> list[Response]:
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8766") as client:
            listing = asyncio.create_task(client.get("/glyphs"))
            await asyncio.to_thread(looking.wait, 10)
            moving = asyncio.create_task(client.post("/reject", json={"name": "8/seven.png"}))
            await asyncio.sleep(0.1)
            picture = await client.get("/picture", params={"name": "8/seven.png"})
            assert not moving.done()
            shown.set()
            return [picture, await listing, await moving]

    answers = asyncio.run(ask())
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "8/seven.png" in [glyph["name"] for glyph in answers[1].json()["glyphs"]]


def test_a_picture_is_shown_as_it_is(client: TestClient, mine: Path) -> None:
    answer = client.get("/picture", params={"name": "3/a.png"})
    assert answer.headers["content-type"] == "image/png"
    (mine / "shown.png").write_bytes(answer.content)
    assert np.array_equal(np.asarray(Image.open(mine / "shown.png")), np.asarray(Image.open(mine / "3" / "a.png")))


def test_what_cannot_be_read_comes_first_too(client: TestClient, mine: Path) -> None:
    (mine / "3" / "a.png").write_bytes(b"no picture")
    names = [glyph["name"] for glyph in client.get("/glyphs").json()["glyphs"]]
    assert names[:2] == ["doubtful/5/d.png", "3/a.png"]


# What a person does


def test_a_glyph_moves_to_the_folder_of_its_character(client: TestClient, mine: Path) -> None:
    before = files(mine)
    moved = client.post("/relabel", json={"name": "8/seven.png", "character": "7"}).json()
    assert (moved["name"], moved["character"], moved["aside"]) == ("7/seven.png", "7", None)
    kept = client.post("/relabel", json={"name": "doubtful/5/d.png", "character": "5"}).json()
    assert kept["name"] == "5/d.png"
    twice = client.post("/relabel", json={"name": "3/a.png", "character": "8"}).json()
    assert twice["name"] == "8/a-2.png"  # that one is there already
    sign = client.post("/relabel", json={"name": "3/b.png", "character": "?"}).json()
    assert sign["name"] == "U+003F/b.png"
    assert sorted(files(mine).values()) == sorted(before.values())
    assert set(folders.characters(mine)) == set("578?")


def test_what_is_no_character_is_rejected_and_not_read(client: TestClient, mine: Path) -> None:
    moved = client.post("/reject", json={"name": "8/seven.png"}).json()
    assert (moved["name"], moved["aside"]) == ("rejected/8/seven.png", "rejected")
    assert client.post("/reject", json={"name": "rejected/8/seven.png"}).json() == moved
    assert client.post("/reject", json={"name": "doubtful/5/d.png"}).json()["name"] == "rejected/5/d.png"
    assert len(files(mine)) == 7 and set(folders.characters(mine)) == set("38?")


def test_everything_can_be_undone_also_after_a_new_start(client: TestClient, mine: Path) -> None:
    before = files(mine)
    client.post("/relabel", json={"name": "8/seven.png", "character": "7"})
    client.post("/reject", json={"name": "7/seven.png"})
    client.post("/relabel", json={"name": "3/a.png", "character": "8"})
    assert client.post("/undo", json={}).json()["glyph"]["name"] == "3/a.png"
    again = GlyphFolder(mine)
    assert again.undo() == ("rejected/7/seven.png", Glyph("7/seven.png", "7", None))
    assert again.undo() == ("7/seven.png", Glyph("8/seven.png", "8", None))
    assert again.undo() is None
    assert files(mine) == before


def test_what_somebody_else_has_moved_since_is_left_alone(client: TestClient, mine: Path) -> None:
    client.post("/relabel", json={"name": "3/a.png", "character": "8"})
    client.post("/relabel", json={"name": "8/seven.png", "character": "7"})
    (mine / "7" / "seven.png").rename(mine / "elsewhere.png")
    assert GlyphFolder(mine).undo() is not None  # of 3/a.png
    assert files(mine)["3/a.png"] and files(mine)["elsewhere.png"]


def test_what_has_gone_meanwhile_is_told_and_no_move_is_written_down(client: TestClient, mine: Path) -> None:
    (mine / "3" / "a.png").unlink()
    answer = client.post("/reject", json={"name": "3/a.png"})
    assert error_of(answer) == "3/a.png is no longer in the folder; load the page again"
    assert not (mine / JOURNAL).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode elsewhere")
def test_a_name_that_is_no_unicode_closes_nothing(mine: Path) -> None:
    odd = mine / "3" / os.fsdecode(b"\xe9.png")
    odd.write_bytes((mine / "3" / "a.png").read_bytes())
    client = TestClient(create_app(GlyphFolder(mine), []), base_url="http://127.0.0.1:8766")
    assert len(client.get("/glyphs").json()["glyphs"]) == 7


def test_a_pdf_among_the_glyphs_closes_nothing(mine: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (mine / "3" / "a.png").with_suffix(".pdf").write_bytes(b"%PDF-1.4")
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    client = TestClient(create_app(GlyphFolder(mine), [recognition.shipped("digits")]), base_url="http://127.0.0.1:1")
    assert "3/a.pdf" in [glyph["name"] for glyph in client.get("/glyphs").json()["glyphs"]]


def test_parts_stay_what_they_are(tmp_path: Path, mine: Path) -> None:
    for part in ("train", "test"):
        shutil.copytree(mine, tmp_path / "parts" / part, ignore=shutil.ignore_patterns("doubtful"))
    glyphs = GlyphFolder(tmp_path / "parts")
    assert glyphs.relabel("test/8/seven.png", "7").name == "test/7/seven.png"
    assert glyphs.reject("train/3/a.png").name == "rejected/train/3/a.png"
    assert glyphs.relabel("rejected/train/3/a.png", "3").name == "train/3/a.png"


def test_a_folder_that_is_there_is_used_whatever_its_spelling(mine: Path) -> None:
    (mine / "B_upper").mkdir()
    glyphs = GlyphFolder(mine)
    assert glyphs.relabel("8/a.png", "B").name == "B_upper/a.png"
    assert glyphs.relabel("8/b.png", "b").name == "lower_b/b.png"


# What it refuses


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/passwd", "3/../../secret.png", "..%2Fsecret.png", "", "3", "3/"]
)
def test_nothing_outside_is_opened_or_moved(client: TestClient, mine: Path, name: str) -> None:
    (mine.parent / "secret.png").write_bytes(b"secret")
    for answer in (
        client.get("/picture", params={"name": name}),
        client.post("/relabel", json={"name": name, "character": "8"}),
        client.post("/reject", json={"name": name}),
    ):
        assert answer.status_code == 422 and "there is no glyph" in error_of(answer)
    assert (mine.parent / "secret.png").read_bytes() == b"secret" and len(files(mine)) == 7


@pytest.mark.parametrize("character", ["", "ab", " ", "\n", "\x00", "../x"])
def test_what_is_no_character_names_no_folder(client: TestClient, mine: Path, character: str) -> None:
    answer = client.post("/relabel", json={"name": "3/a.png", "character": character})
    assert answer.status_code == 422 and "is no character to write" in error_of(answer)
    assert len(files(mine)) == 7


@pytest.mark.parametrize("character", ["/", ".", "\\", ":", "~"])
def test_a_sign_that_means_something_in_a_path_is_spelt_out(mine: Path, character: str) -> None:
    moved = GlyphFolder(mine).relabel("3/a.png", character)
    assert moved.name == f"U+{ord(character):04X}/a.png" and (mine / moved.name).is_file()


def test_links_are_passed_over(mine: Path) -> None:
    (mine.parent / "other").mkdir()
    shutil.copy(mine / "3" / "a.png", mine.parent / "other" / "x.png")
    (mine / "3" / "link.png").symlink_to(mine.parent / "other" / "x.png")
    (mine / "4").symlink_to(mine.parent / "other")
    assert not [glyph for glyph in GlyphFolder(mine).glyphs if "link" in glyph.name or glyph.name.startswith("4/")]


def test_pages_from_elsewhere_are_refused(client: TestClient, mine: Path) -> None:
    body = json.dumps({"name": "3/a.png", "character": "8"})
    form = client.post("/relabel", content=body, headers={"Content-Type": "text/plain"})
    assert form.status_code == 415  # a browser sends this from any page without asking
    assert client.post("/undo", content="{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.get("/glyphs", headers={"Host": "evil.example"}).status_code == 400
    assert len(files(mine)) == 7 and (mine / "3" / "a.png").exists()
    assert "default-src 'self'" in client.get("/").headers["content-security-policy"]


def test_only_this_machine_is_served() -> None:
    assert verb.HOST == "127.0.0.1"


@pytest.mark.parametrize("port", [70_000, -1])
def test_a_port_that_there_is_not_is_refused(mine: Path, inkread: Command, port: int) -> None:
    assert f"port is {port}; expected 0 to 65,535" in inkread("label", mine, f"--port={port}").sentence


def test_folders_of_another_layout_are_told(tmp_path: Path, inkread: Command) -> None:
    with pytest.raises(BadData, match="is no folder"):
        GlyphFolder(tmp_path / "none")
    (tmp_path / "photos").mkdir()
    Image.new("L", (9, 9)).save(tmp_path / "photos" / "1.png")
    assert "holds no glyphs; expected a folder a character" in inkread("label", tmp_path).sentence


def test_without_fastapi_it_says_what_to_install(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingDependency, match=r'uvicorn; install it with: pip install "inkread\[serve\]"'):
        verb.label(mine)


def test_a_journal_that_a_crash_cut_off_is_read_as_far_as_it_goes(mine: Path) -> None:
    GlyphFolder(mine).relabel("3/a.png", "8")
    with (mine / JOURNAL).open("a") as file:
        file.write('{"from": "3/b.png", "to": "8/')
    undone = GlyphFolder(mine).undo()
    assert undone is not None and undone[1].name == "3/a.png"
    with pytest.raises(BadOption, match="there is no glyph"):
        GlyphFolder(mine).path("8/a-2.png")


# In a browser


@pytest.fixture
def address(mine: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "inkread", "label", str(mine), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as server:
        try:
            assert server.stdout
            found = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
            assert found
            yield found.group()
        finally:
            server.terminate()


@pytest.mark.slow
@pytest.mark.browser
def test_a_person_corrects_with_the_keyboard_alone(browser: Browser, address: str, mine: Path) -> None:
    before = files(mine)
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.wait_for_selector(".glyph:focus")
    assert page.evaluate("document.activeElement.dataset.name") == "doubtful/5/d.png"

    def press(keys: str, counts: str) -> None:
        for key in keys.split():
            page.keyboard.press(key)
        page.get_by_text(counts, exact=True).wait_for(timeout=20_000)

    press("Enter", "7 glyphs, 0 set aside, 0 rejected")  # the 5 is one
    press("7 Delete", "6 glyphs, 0 set aside, 1 rejected")  # the seven is one; what comes next is none
    assert {"5/d.png", "7/seven.png"} <= set(files(mine)) and len(list((mine / "rejected").rglob("*.png"))) == 1
    press("Control+z", "7 glyphs, 0 set aside, 0 rejected")
    press("Control+z Control+z", "6 glyphs, 1 set aside, 0 rejected")
    assert page.evaluate("document.activeElement.dataset.name") == "doubtful/5/d.png"
    press("ArrowRight ArrowLeft Shift+Enter", "7 glyphs, 0 set aside, 0 rejected")
    press("Control+z", "6 glyphs, 1 set aside, 0 rejected")
    page.close()
    assert files(mine) == before and not complaints
