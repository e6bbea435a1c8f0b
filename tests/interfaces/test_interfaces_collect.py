"""`inkread collect`: what is printed is found again on photos, each box under its character, and doubts are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from inkread import recognition
from inkread.alphabet import CHARACTERS, DIGITS
from inkread.data import Dataset, folders
from inkread.data.hands import Drawn, cropped
from inkread.data.made_up_hand import MadeUpHand
from inkread.errors import BadOption, BadPicture, BlankPicture, MissingDependency
from inkread.interfaces.collect import boxes, dataset, layout, marks
from inkread.interfaces.collect.drawing import to_pdf, to_pixels
from inkread.interfaces.collect.filling import fill
from inkread.interfaces.collect.layout import CODES, Form, FormPage
from inkread.interfaces.collect.reading import Sheet, read_photo
from inkread.preprocessing import Picture, frame, frame_picture, load
from inkread.preprocessing.paper import PaperOptions, photograph
from tests.conftest import ENVIRONMENT, Command

Grey = npt.NDArray[np.uint8]

ONCE = FormPage(Form("digits", 1), 1)
COARSE = 100  # dots an inch, half of what a phone sees: quick
PHOTO = PaperOptions(
    paper=(236, 230, 220), texture=3, light="shadow", shade=0.5, skew=6, perspective=0.12, blur=0.7, noise=4, jpeg=70
)


class Copies:
    """A hand that copies glyphs: of each character those that it is given, in their order; it may skip or mix up."""

    def __init__(self, glyphs: dict[str, list[Grey]], instead: dict[str, str] | None = None) -> None:
        self._glyphs = {character: iter(list(pool)) for character, pool in glyphs.items()}
        self._instead = instead or {}

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        wanted = self._instead.get(character, character)
        if wanted not in self._glyphs:
            return None
        ink = cropped(next(self._glyphs[wanted]))
        assert ink is not None
        return Drawn(ink, 1.0, 1.0, 0.0, ink.shape[1] / ink.shape[0])


class Printed:
    """A made-up hand, and a printed font for the signs."""

    def __init__(self, seed: int) -> None:
        self._hand, self._font = MadeUpHand(seed), ImageFont.load_default(48)

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        if drawn := self._hand.draw(character, rng):
            return drawn
        left, top, right, bottom = (round(edge) for edge in self._font.getbbox(character, anchor="ls"))
        canvas = Image.new("L", (right - left + 8, bottom - top + 8))
        ImageDraw.Draw(canvas).text((4 - left, 4 - top), character, fill=255, font=self._font, anchor="ls")
        ink = cropped(np.asarray(canvas))
        capital = -self._font.getbbox("H", anchor="ls")[1]
        assert ink is not None
        return Drawn(ink, -top / capital, ink.shape[0] / capital, 0.0, ink.shape[1] / capital)


def known_digits(digits: Dataset, count: int) -> dict[str, list[Grey]]:
    """MNIST's digits that the shipped network is sure of, so that no test depends on a doubtful one."""
    images, labels = digits.train.images[:1200], digits.train.labels[:1200]
    sure = recognition.shipped("digits").log_probs(images)[np.arange(len(labels)), labels] > np.log(0.99)
    return {DIGITS[label]: list(images[sure & (labels == label)][:count]) for label in range(10)}


def shot(coverage: npt.NDArray[np.float32], seed: int = 0, options: PaperOptions = PHOTO) -> Grey:
    """A photo of a filled page, grey."""
    picture = photograph(coverage, (), np.random.default_rng(seed), options).picture
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def read(grey: Grey, name: str = "photo.jpg") -> Sheet:
    return read_photo(Picture(np.ascontiguousarray(grey), grey.shape[1], grey.shape[0]), name)


@pytest.fixture(scope="module")
def pools(digits: Dataset) -> dict[str, list[Grey]]:
    return known_digits(digits, 2)


@pytest.fixture(scope="module")
def photo(pools: dict[str, list[Grey]]) -> Grey:
    """The page of ten digits, each once, filled with MNIST's and photographed."""
    return shot(fill(ONCE, Copies(pools), np.random.default_rng(1), COARSE))


@pytest.fixture(scope="module")
def flawed(pools: dict[str, list[Grey]]) -> Grey:
    """The same page with an 8 in the box of 3, nothing in 4, a dot in 5, and a stroke across the box of 6."""
    second = {character: pool[1:] for character, pool in pools.items() if character not in "45"}
    coverage = fill(ONCE, Copies({**second, "8": pools["8"]}, instead={"3": "8"}), np.random.default_rng(2), COARSE)
    scale = coverage.shape[0] / layout.PAPER[1]
    dot, crossed = ONCE.boxes[5], ONCE.boxes[6]
    cv2.circle(coverage, (round((dot.left + 6) * scale), round((dot.top + 7) * scale)), 1, 1.0, -1)
    ends = [(round(x * scale), round((crossed.top + 7) * scale)) for x in (crossed.left, crossed.right)]
    cv2.line(coverage, *ends, 1.0, 2)
    return shot(coverage, 3)


@pytest.fixture
def page(tmp_path: Path, photo: Grey) -> Path:
    path = tmp_path / "page.png"
    Image.fromarray(photo).save(path, compress_level=0)
    return path


@pytest.fixture
def flawed_page(tmp_path: Path, flawed: Grey) -> Path:
    path = tmp_path / "flawed.png"
    Image.fromarray(flawed).save(path, compress_level=0)
    return path


# What is printed


@pytest.mark.parametrize("alphabet", ["letters", "digits", "characters"])
def test_a_form_asks_for_every_character_as_often_as_told(alphabet: layout.FormAlphabet) -> None:
    form = Form(alphabet, 3)
    asked = [box.character for page in range(1, form.pages + 1) for box in form.boxes(page)]
    assert sorted(asked) == sorted(layout.SHOWN[alphabet] * 3)
    assert alphabet != "characters" or set(asked) == set(CHARACTERS)


def test_boxes_and_marks_lie_on_the_paper_and_apart() -> None:
    page = np.zeros((297 * 4, 210 * 4), int)
    places = [(box.left, box.top, box.right, box.bottom) for box in Form("letters", 10).boxes(1)]
    places += [(x, y, x + layout.MARK, y + layout.MARK) for x, y in layout.mark_places()]
    assert len(places) == layout.EACH_PAGE + 4
    for left, top, right, bottom in places:
        assert 8 <= left < right <= 202 and 8 <= top < bottom <= 289  # mm that every printer prints
        page[round(top * 4) : round(bottom * 4), round(left * 4) : round(right * 4)] += 1
    assert page.max() == 1


def test_the_codes_of_forms_that_were_printed_stay_what_they_are() -> None:
    assert (CODES[0], CODES[13]) == (FormPage(Form("letters", 1), 1), FormPage(Form("letters", 7), 3))
    assert (CODES[25], CODES[35], CODES[71]) == (
        FormPage(Form("digits", 1), 1), FormPage(Form("characters", 1), 1), FormPage(Form("characters", 10), 6),
    )  # fmt: skip
    assert len(CODES) == len(set(CODES)) == 72
    assert marks.mark_number(len(CODES) - 1, 3) < len(marks.DICTIONARY.bytesList)


def test_a_form_is_a_pdf_of_its_pages_the_same_each_time(tmp_path: Path, inkread: Command) -> None:
    answer = inkread("collect", "form", tmp_path / "form.pdf", "--alphabet", "digits", "--repeats", 1)
    assert answer.code == 0 and "1 page, 10 boxes" in answer.out
    content = (tmp_path / "form.pdf").read_bytes()
    assert content == to_pdf(Form("digits", 1))
    with (
        closing(pypdfium2.PdfDocument(content)) as pdf,
        closing(pdf[0]) as sheet,
        closing(sheet.get_textpage()) as text,
    ):
        assert len(pdf) == 1
        assert [round(side / 72 * 25.4) for side in sheet.get_size()] == [210, 297]
        assert "page 1 of 1 of the form of digits, once" in text.get_text_range()  # text, not pixels
    drawn = load(content).pixels
    assert marks.flatten(drawn, "form.pdf").page == ONCE


def test_what_is_printed_comes_back_where_it_was(photo: Grey) -> None:
    flat = marks.flatten(photo, "photo.jpg")
    for box in ONCE.boxes:  # a side of a box is dark along its length, the paper beside it is not
        x, y = round(box.left * marks.SCALE), round(box.top * marks.SCALE)
        side = flat.grey[y + 20 : y + 120, x - 12 : x + 13].astype(float).mean(axis=0)
        assert abs(int(side.argmin()) - 12) <= 3 and side.min() < side[[0, -1]].min() - 5


# What is read


def test_every_box_comes_back_under_its_character(photo: Grey, pools: dict[str, list[Grey]]) -> None:
    sheet = read(np.rot90(photo, 3))
    assert sheet.page == ONCE and not sheet.doubtful and not sheet.empty
    for glyph in sheet.glyphs:
        original, found = (frame(ink, "mnist").astype(float) for ink in (pools[glyph.character][0], glyph.cut.ink))
        alike = (original * found).sum() / np.linalg.norm(original) / np.linalg.norm(found)
        assert alike > 0.75  # another glyph of MNIST, of the same digit, has 0.5 on average


def test_a_photo_may_be_turned_anyhow(photo: Grey) -> None:
    upright = marks.flatten(photo, "photo.jpg").grey.astype(float)
    for turn in (1, 2):
        turned = marks.flatten(np.ascontiguousarray(np.rot90(photo, turn)), "photo.jpg").grey.astype(float)
        assert np.abs(upright - turned).mean() < 2


def test_a_thumb_on_one_corner_and_a_curled_sheet_do_no_harm(photo: Grey) -> None:
    hidden = photo.copy()
    corner = cv2.perspectiveTransform(np.array([[[194.0, 16.0]]]), marks.flatten(photo, "photo.jpg").to_picture)[0, 0]
    cv2.circle(hidden, (round(corner[0]), round(corner[1])), 60, 120, -1)
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]].astype(np.float32)
    bent = y + np.float32(4.5) * np.sin(np.pi * x / photo.shape[1]).astype(np.float32)  # more than a millimetre
    curled = cv2.remap(hidden, x, bent, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
    sheet = read(curled)
    assert len(sheet.glyphs) == 10 and not sheet.doubtful


def test_an_empty_box_stays_out_and_what_is_wrong_is_doubted(flawed: Grey) -> None:
    sheet = read(flawed)
    doubts = {glyph.character: glyph.doubt for glyph in sheet.doubtful}
    assert sheet.empty == 1 and "4" not in [glyph.character for glyph in sheet.glyphs]
    assert set(doubts) == {"3", "5", "6"}
    assert str(doubts["3"]).startswith("it looks like 8 (")
    assert doubts["5"] == "there is hardly any ink"
    assert doubts["6"] == "it touches the edge of its box"


def fails(kind: type[Exception], grey: Grey, sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        read(grey)


@pytest.mark.slow
def test_what_is_no_form_is_told_in_a_sentence(photo: Grey) -> None:
    height, _ = photo.shape
    fails(BadPicture, np.full((400, 300), 220, np.uint8), "photo.jpg shows no form: none of the square marks")
    fails(BadPicture, photo[: height // 2], "shows half a form: .* only top left and top right is seen; photograph the")
    fails(
        BlankPicture, to_pixels(ONCE, 80), "shows page 1 of 1 of the form of digits, once, and all its boxes are empty"
    )
    other = to_pixels(FormPage(Form("digits", 2), 1), 80)
    both = np.hstack([to_pixels(ONCE, 80), other])
    fails(BadPicture, both, "shows marks of 2 different pages; photograph each page by itself")


def test_a_form_with_a_side_cut_off_is_half_a_form() -> None:
    page = to_pixels(ONCE, 80)
    height, width = page.shape
    cut = page[:, : round(width * 196 / 210)].copy()  # through the marks on the right: they are gone
    cut[round(height * 0.9) :] = 255
    fails(BadPicture, cut, r"of its four marks in the corners only top left is seen")
    cut = page[: round(height * 290 / 297)].copy()
    cut[round(height * 0.8) :, width // 2 :] = 255  # three marks are enough ...
    assert marks.flatten(cut, "photo.jpg").page == ONCE
    tilted = cut[:, round(width * 9 / 210) :]
    assert marks.flatten(tilted, "photo.jpg").page == ONCE


def test_a_page_of_a_later_inkread_is_told() -> None:
    page = np.full((700, 500), 255, np.uint8)
    for corner, (y, x) in enumerate([(40, 40), (40, 400), (600, 400), (600, 40)]):
        number = marks.mark_number(len(CODES) + 5, corner)
        page[y : y + 64, x : x + 64] = cv2.aruco.generateImageMarker(marks.DICTIONARY, number, 64)
    fails(BadPicture, page, "a form that this inkread does not know")


# What is written


def test_a_photo_becomes_a_data_set_that_loads(page: Path, tmp_path: Path, inkread: Command) -> None:
    answer = inkread("collect", "read", page, "--out", tmp_path / "mine")
    assert answer.code == 0 and "10 good, 0 doubtful, 0 empty" in answer.out
    assert f"Try next: inkread train --from digits --data {tmp_path / 'mine'}" in answer.out
    labelled, left_out = folders.read(tmp_path / "mine", "mnist", DIGITS)
    assert "".join(labelled.written) == DIGITS.characters and not left_out
    read_as = recognition.shipped("digits").log_probs(labelled.images).argmax(axis=1)
    assert DIGITS.decode(read_as) == DIGITS.characters
    (sheet,) = json.loads((tmp_path / "mine" / "index.json").read_text())["sheets"]
    assert (sheet["alphabet"], sheet["repeats"], sheet["page"], sheet["pages"]) == ("digits", 1, 1, 1)
    for box in sheet["boxes"]:
        assert (tmp_path / "mine" / box["file"]).is_file() and box["probability"] > 0.9 and box["doubt"] is None


def test_the_index_tells_where_on_the_photo_a_box_is(page: Path, photo: Grey, tmp_path: Path, inkread: Command) -> None:
    inkread("collect", "read", page, "--out", tmp_path / "mine")
    (sheet,) = json.loads((tmp_path / "mine" / "index.json").read_text())["sheets"]
    corners = np.array(sheet["boxes"][8]["corners"], np.float32)
    upright = np.array([(0, 0), (60, 0), (60, 70), (0, 70)], np.float32)
    seen = cv2.warpPerspective(photo, cv2.getPerspectiveTransform(corners, upright), (60, 70))[5:-5, 5:-5]
    glyph = frame_picture(seen.astype(np.uint8, copy=False), "mnist")
    assert DIGITS.decode(recognition.shipped("digits").log_probs(glyph[None]).argmax(axis=1)) == "8"


def test_doubtful_glyphs_are_kept_apart_and_shown(flawed_page: Path, tmp_path: Path, inkread: Command) -> None:
    answer = inkread("collect", "read", flawed_page, "--out", tmp_path / "mine")
    assert "6 good, 3 doubtful, 1 empty" in answer.out and "row 1, box 4, 3: it looks like 8 (" in answer.out
    assert sorted(path.parent.name for path in (tmp_path / "mine" / "doubtful").rglob("*.png")) == ["3", "5", "6"]
    labelled, _ = folders.read(tmp_path / "mine", "mnist", DIGITS)
    assert "".join(labelled.written) == "012789"
    page = (tmp_path / "mine" / "doubtful.html").read_text()
    assert "3 glyphs set aside" in page and "it looks like 8 (" in page and "flawed.png, row 1, box 4" in page


@pytest.mark.slow
def test_nothing_is_overwritten_and_a_second_form_may_be_added(
    page: Path, flawed_page: Path, tmp_path: Path, inkread: Command
) -> None:
    mine = tmp_path / "mine"
    inkread("collect", "read", page, "--out", mine)
    before = sorted(mine.rglob("*"))
    assert "mine is not empty, and nothing is overwritten" in inkread("collect", "read", page, "--out", mine).sentence
    again = inkread("collect", "read", page, "--out", mine, "--add").sentence
    assert "page.png was read into" in again and sorted(mine.rglob("*")) == before
    assert inkread("collect", "read", flawed_page, "--out", mine, "--add").code == 0
    assert len(list(mine.rglob("*.png"))) == 19 and set(before) < set(mine.rglob("*"))
    nothing = inkread("collect", "read", page, "--out", tmp_path / "new", "--add").sentence
    assert "there is nothing to add to" in nothing and not (tmp_path / "new").exists()
    index = (mine / "index.json").read_bytes()
    (mine / "index.json").unlink()  # as a reading that was killed leaves it
    stopped = inkread("collect", "read", page, "--out", mine).sentence
    assert "mine is not empty, and nothing is overwritten; name another --out" in stopped and "--add" not in stopped
    assert "it holds glyphs of a run that did not end" in stopped
    (mine / "index.json").write_bytes(index)
    left = mine / "7" / "s3-p1-r01b01.png"  # as adding that was killed leaves it
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"mine")
    added = tmp_path / "added.png"
    Image.fromarray(np.asarray(Image.open(page)) ^ 1).save(added)  # another photo of the same page
    assert inkread("collect", "read", added, "--out", mine, "--add").code == 0
    assert left.read_bytes() == b"mine" and list(mine.rglob("s4-p1-*.png")) and not list(mine.rglob("s5-*"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode elsewhere")
def test_a_photo_whose_name_is_no_unicode_is_collected(page: Path, tmp_path: Path, inkread: Command) -> None:
    photo = tmp_path / os.fsdecode(b"scan\xe9.png")
    photo.write_bytes(page.read_bytes())
    assert inkread("collect", "read", photo, "--out", tmp_path / "mine").code == 0
    (sheet,) = json.loads((tmp_path / "mine" / "index.json").read_text(encoding="utf-8"))["sheets"]
    assert sheet["photo"].endswith(os.fsdecode(b"scan\xe9.png"))


def test_one_bad_photo_and_nothing_is_written(page: Path, tmp_path: Path, inkread: Command) -> None:
    Image.new("L", (300, 400), 230).save(tmp_path / "wall.png")
    answer = inkread("collect", "read", page, tmp_path / "wall.png", "--out", tmp_path / "mine")
    assert answer.code == 1 and "wall.png shows no form" in answer.sentence
    assert not (tmp_path / "mine").exists()
    twice = inkread("collect", "read", page, page, "--out", tmp_path / "mine")
    assert "both show page 1 of 1 of the form of digits, once" in twice.sentence


def empty_sheet(name: str) -> Sheet:
    return Sheet(name, digest=name, page=ONCE, glyphs=(), to_photo=np.eye(3))


def collected(folder: Path) -> list[str]:
    return [sheet["photo"] for sheet in json.loads((folder / "index.json").read_text(encoding="utf-8"))["sheets"]]


def test_of_two_readings_into_one_folder_at_once_no_sheet_is_lost(tmp_path: Path) -> None:
    dataset.write(dataset.open_target(tmp_path, add=False), [empty_sheet("first")])
    targets = [dataset.open_target(tmp_path, add=True) for _ in range(2)]
    for target, name in zip(targets, ("second", "third"), strict=True):
        dataset.write(target, [empty_sheet(name)])
    assert collected(tmp_path) == ["first", "second", "third"]


def test_of_two_readings_into_one_new_folder_the_second_is_refused(tmp_path: Path) -> None:
    targets = [dataset.open_target(tmp_path / "mine", add=False) for _ in range(2)]
    dataset.write(targets[0], [empty_sheet("first")])
    with pytest.raises(BadOption, match="mine is not empty, .* add to what was collected there with --add"):
        dataset.write(targets[1], [empty_sheet("second")])
    assert collected(tmp_path / "mine") == ["first"]


def test_calls_that_make_no_sense_are_told(tmp_path: Path, inkread: Command) -> None:
    (tmp_path / "form.pdf").write_bytes(b"mine")
    assert "form.pdf exists" in inkread("collect", "form", tmp_path / "form.pdf").sentence
    assert "does not end in .pdf" in inkread("collect", "form", tmp_path / "form.docx").sentence
    assert "expected 1 to 10" in inkread("collect", "form", tmp_path / "new.pdf", "--repeats", 11).sentence
    assert "name at least one photo" in inkread("collect", "read", "--out", tmp_path / "mine").sentence
    (tmp_path / "index.json").write_text('{"format": 1}')
    damaged = inkread("collect", "read", tmp_path / "form.pdf", "--out", tmp_path, "--add").sentence
    assert "index.json is not the record of a collected folder" in damaged
    with pytest.raises(BadOption, match="there is no form of 'runes'"):
        Form("runes")  # type: ignore[arg-type]


def test_without_matplotlib_a_form_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_pdf", None)
    with pytest.raises(MissingDependency, match=r'matplotlib; install it with: pip install "inkread\[train\]"'):
        to_pdf(Form("digits", 1))


# All of it


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_forms_filled_by_many_hands_nearly_every_box_comes_back(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    page = FormPage(Form("characters", 4), seed)
    coverage = fill(page, Printed(seed), rng)
    light = ("gradient", "vignette", "shadow")[seed % 3]
    options = replace(
        PHOTO, light=light, skew=20 * seed - 40, ink=[(20, 20, 24), (40, 50, 120), (100, 100, 104)][seed - 1]
    )
    sheet = read(np.rot90(shot(coverage, seed, options), seed))
    assert sheet.page == page and not sheet.empty
    assert not [glyph for glyph in sheet.glyphs if glyph.doubt and not glyph.doubt.startswith("it looks")]
    assert len(sheet.glyphs) - len(sheet.doubtful) >= 0.97 * len(page.boxes)


@pytest.mark.slow
def test_photos_are_read_without_torch_and_without_matplotlib(page: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from inkread.interfaces.commands.collect import read; from pathlib import Path;"
        f"read(Path({str(page)!r}), out=Path({str(tmp_path / 'mine')!r}));"
        "print(sorted({'torch', 'torchvision', 'sklearn', 'matplotlib', 'onnx'} & sys.modules.keys()))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    assert answer.stdout.splitlines()[-1] == "[]"


def flat_page(without: int | None = None) -> marks.FlatPage:
    """A page of a sheet that curls by 0.6 mm, with a ring in each box; the lines of one box may be missing."""
    grey = np.full((2970, 2100), 255, np.uint8)
    for number, box in enumerate(ONCE.boxes):
        left, top, right, bottom = (round(edge * marks.SCALE) for edge in (box.left, box.top, box.right, box.bottom))
        if number != without:
            cv2.rectangle(grey, (left + 6, top - 6), (right + 6, bottom - 6), 120, 2)
        cv2.circle(grey, ((left + right) // 2 + 6, (top + bottom) // 2 - 6), 30, 0, 8)
    return marks.FlatPage(ONCE, grey, np.eye(3))


@pytest.mark.parametrize("number", [0, 4, 9])
def test_a_box_whose_lines_are_missing_is_cut_where_its_neighbours_say(number: int) -> None:
    for whole, one in zip(boxes.cut(flat_page()), boxes.cut(flat_page(number)), strict=True):
        assert whole.ink.shape == one.ink.shape
        assert np.abs(whole.ink - one.ink).max() < 0.05
        assert one.size == whole.size == pytest.approx(6.8, abs=0.2)
        assert not one.touching


def test_where_no_line_is_seen_nothing_moves() -> None:
    bare = marks.FlatPage(ONCE, np.full((2970, 2100), 255, np.uint8), np.eye(3))
    assert all(cut.size == 0 for cut in boxes.cut(bare))
