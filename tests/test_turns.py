"""turns: pages on their heads or sides are read turned, boxes stay where the ink is, all others are left alone."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import inkread
from inkread.interfaces.alto import alto
from inkread.interfaces.bench.negatives import negatives
from inkread.interfaces.hocr import hocr
from inkread.interfaces.overlay import overlay
from inkread.preprocessing import Picture, load, sheet
from inkread.reader import Reader
from inkread.results import Box, Correction
from inkread.turns import ENOUGH, TOLD, quarters_to_turn, remark_on_turn
from tests.handwriting import penned
from tests.preprocessing.test_segment import overlap
from tests.test_reader_lines import Pixels, composed, note, sloping, typed

MESSAGE = "MEET AT NOON\nBY THE OLD BRIDGE"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return inkread.load()


def lying(picture: Pixels, quarters: int) -> Pixels:
    """A picture that must be turned clockwise by so many quarters to be read."""
    return np.ascontiguousarray(np.rot90(picture, quarters))


def back(box: Box, quarters: int, width: int, height: int) -> Box:
    """A box of the upright picture (its width, its height) in the lying one."""
    for _ in range(quarters):  # counterclockwise, as np.rot90 does
        box, width, height = Box(box.top, width - box.right, box.bottom, width - box.left), height, width
    return box


@pytest.mark.parametrize("quarters", TOLD)
def test_a_page_that_lies_is_read_turned_and_its_boxes_lie_on_its_ink(reader: Reader, quarters: int) -> None:
    upright = note(MESSAGE)
    height, width = upright.shape
    before, after = reader.read(upright), reader.read(lying(upright, quarters))
    assert after.text == before.text == MESSAGE
    assert (before.remark, after.remark) == ("", remark_on_turn(quarters))
    assert (after.width, after.height) == lying(upright, quarters).shape[::-1]
    for expected, got in zip(before.characters, after.characters, strict=True):
        assert np.abs(np.subtract(back(expected.box, quarters, width, height), got.box)).max() <= 3


def test_a_lying_page_that_slopes_and_is_reduced_keeps_its_boxes(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkread.preprocessing.picture.WORKING_PIXELS", 60_000)
    picture, boxes = sloping(composed(MESSAGE, 3), 175)
    reading = reader.read(picture)
    assert reading.text == MESSAGE
    assert min(overlap(one.box, box) for one, box in zip(reading.characters, boxes, strict=True)) > 0.5


def test_every_form_of_the_answer_has_the_boxes_of_the_picture_as_it_lies(reader: Reader, tmp_path: Path) -> None:
    picture = lying(note(MESSAGE), 1)
    reading = reader.read(picture)
    boxes = [tuple(word.box) for word in reading.words]
    tree = ElementTree.fromstring(hocr("note.png", [reading]))
    titles = [one.get("title", "") for one in tree.iter() if one.get("class") == "ocrx_word"]
    assert [tuple(map(int, title.split(";")[0].split()[1:])) for title in titles] == boxes
    strings = [one for one in ElementTree.fromstring(alto("note.png", [reading])).iter() if one.tag.endswith("}String")]
    assert [tuple(int(one.get(side, "")) for side in ("HPOS", "VPOS", "WIDTH", "HEIGHT")) for one in strings] == [
        (left, top, right - left, bottom - top) for left, top, right, bottom in boxes
    ]
    Image.fromarray(picture).save(tmp_path / "note.png")
    overlay(tmp_path / "note.png", reading, tmp_path / "seen.png")
    seen = Image.open(tmp_path / "seen.png")
    assert seen.size == picture.shape[::-1]
    for character in reading.characters:  # its outline is drawn in colours
        red, green, blue = np.asarray(seen)[
            (character.box.top + character.box.bottom) // 2, character.box.left
        ].tolist()
        assert not red == green == blue


@pytest.mark.slow
@pytest.mark.parametrize("quarters", TOLD)
def test_a_correction_is_obeyed_where_its_box_is_on_a_page_that_lies(reader: Reader, quarters: int) -> None:
    picture = lying(note(MESSAGE), quarters)
    before = reader.read(picture)
    for number in (0, 6, len(before.characters) - 1):
        wrong = before.characters[number]
        after = reader.read(picture, [Correction(wrong.box, "Q")])
        texts = [character.text for character in before.characters]
        assert [one.text.upper() for one in after.characters] == [*texts[:number], "Q", *texts[number + 1 :]]
        assert after.characters[number].box == wrong.box


def test_what_a_lying_page_may_say_is_laid_open_as_it_is_read(reader: Reader) -> None:
    lattices = reader.lattices(lying(note("BY THE OLD BRIDGE"), 2))
    assert [lattice.text for lattice in lattices] == ["BY THE OLD BRIDGE"]


@pytest.mark.parametrize("quarters", [0, *TOLD])
@pytest.mark.parametrize("text", ["NOON", "69", "96", "OXO", "SOS", "6", "9", "1001", "pod", "hn", "ZOZ", "8068"])
def test_few_characters_are_never_turned(reader: Reader, text: str, quarters: int) -> None:
    assert "turned" not in reader.read(lying(typed(text), quarters)).remark


@pytest.mark.slow
def test_upright_pens_and_fonts_are_never_turned(reader: Reader) -> None:
    texts = ("SWIMS AT NOON", "9966 8811 0690", "xoxo sees us", "HELLO WORLD", "60196 1108")
    for text in texts:
        for pen in (2, 5, 9):
            coverage, _ = penned((text,), 40, pen)
            assert "turned" not in reader.read(255 - np.rint(coverage * 235).astype(np.uint8)).remark, (text, pen)
        assert "turned" not in reader.read(typed(text)).remark


@pytest.mark.slow
def test_no_drawing_becomes_text_by_turning(reader: Reader) -> None:
    assert not [one.set for one in negatives(40, 5) if "turned" in reader.read(one.file).remark]


class Counting:
    """A network that counts what it is asked."""

    def __init__(self, reader: Reader) -> None:
        assert reader.line_recogniser is not None
        self._network = reader.line_recogniser
        self.alphabet, self.stride, self.first = self._network.alphabet, self._network.stride, self._network.first
        self.asked = 0

    def frames(self, strips: list[Pixels]) -> list[np.ndarray]:
        self.asked += 1
        return self._network.frames(strips)


def test_a_sure_page_is_looked_at_once(reader: Reader) -> None:
    network = Counting(reader)
    Reader(None, line_recogniser=network).read(note(MESSAGE))
    assert network.asked == 1


def test_a_page_is_turned_for_enough_characters_alone(reader: Reader) -> None:
    network = reader.line_recogniser
    assert network is not None
    for text in ("HARVEST", "HARVE"):
        ink = sheet(load(lying(note(text), 2))).ink
        turned = quarters_to_turn(ink, [], network)
        assert turned == (2 if len(text) >= ENOUGH else 0)


def test_a_turned_picture_knows_its_original() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    whole = Picture(pixels, 8, 6)
    for quarters in range(4):
        turned = whole.turned(quarters)
        assert turned.scale == (2, 2)
        for (row, column), value in np.ndenumerate(turned.pixels):
            x, y, _ = turned.to_original @ (column + 0.5, row + 0.5, 1)
            assert pixels[int(y // 2), int(x // 2)] == value
    assert np.array_equal(whole.turned(1).turned(3).pixels, pixels)
    assert whole.turned(3).turned(2).quarters == 1
