"""Reading by lines, end to end with the shipped weights: what users write, and what is no writing."""

from __future__ import annotations

import io
import re

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from jiwer import cer
from PIL import Image, ImageDraw, ImageFont

import inkread
from inkread.alphabet import CHARACTERS, DIGITS, LETTERS
from inkread.data import strokes
from inkread.decoding import DecodingOptions, allowed, pattern, train_language
from inkread.errors import BadOption
from inkread.interfaces.bench.negatives import negatives
from inkread.preprocessing.compose import Composed, ComposeOptions, compose
from inkread.reader import BLANK, NOTHING_READABLE, TOO_SMALL, TOO_UNSURE, Reader
from inkread.results import Box
from tests.handwriting import penned
from tests.preprocessing.test_segment import overlap

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return inkread.load()


def composed(text: str, seed: int = 7) -> Composed:
    """A message in letters that inkread draws itself; the line network never learnt from these."""
    rng = np.random.default_rng(seed)
    glyphs = np.concatenate([strokes.letters(1, rng, letter).images for letter in text if not letter.isspace()])
    return compose(glyphs, text, rng, ComposeOptions(noise=4, paper=245, ink=40))


def note(text: str, seed: int = 7) -> Pixels:
    """Its picture alone."""
    return composed(text, seed).picture


def sloping(message: Composed, angle: float) -> tuple[Pixels, list[Box]]:
    """A message's picture turned counterclockwise by some degrees, and the boxes around its characters there."""
    turned = np.asarray(
        Image.fromarray(message.picture).rotate(angle, expand=True, fillcolor=245, resample=Image.Resampling.BICUBIC)
    )
    middle, new_middle = (np.array([shape[1], shape[0]]) / 2 for shape in (message.picture.shape, turned.shape))
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    boxes = []
    for left, top, right, bottom in message.boxes:
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) - middle
        moved = corners @ np.array([[cos, -sin], [sin, cos]]) + new_middle
        boxes.append(Box(*np.rint([*moved.min(axis=0), *moved.max(axis=0)]).astype(int).tolist()))
    return turned, boxes


def typed(text: str, size: int = 48) -> Pixels:
    """A line in the font that Pillow ships: plain letters, digits and punctuation."""
    font = ImageFont.load_default(size)
    image = Image.new("L", (int(font.getlength(text)) + 2 * size, 3 * size), 255)
    ImageDraw.Draw(image).text((size, size), text, fill=20, font=font)
    return np.asarray(image)


MESSAGE = "MEET AT NOON\nBY THE OLD BRIDGE"


def test_a_list_may_hold_letters_although_digits_alone_are_seen(reader: Reader) -> None:
    digits = typed("101 5512")
    for choices, text in ((["101 5512", "1O3A"], "101 5512"), (["10I 5SI2", "X"], "10I 5SI2")):
        reading = reader.with_options(DecodingOptions(constraint=allowed(choices))).read(digits)
        assert (reading.text, reading.misfits) == (text, ())
    plate = reader.with_options(DecodingOptions(constraint=pattern(r"[A-Z]{2}\d{4}"))).read(typed("501234"))
    assert plate.text.endswith("1234") and plate.text[:2].isalpha() and plate.misfits == ()


def test_a_note_is_read_with_its_words_where_they_stand(reader: Reader) -> None:
    message = composed(MESSAGE)
    reading = reader.read(message.picture)
    assert reading.text == MESSAGE
    assert min(overlap(one.box, box) for one, box in zip(reading.characters, message.boxes, strict=True)) > 0.6
    assert [word.text for word in reading.words] == MESSAGE.split()
    assert (reading.model, reading.remark) == ("auto", "")
    first, second = (line.box for line in reading.lines)
    assert first.bottom <= second.top + 5
    for line in reading.lines:
        assert 0 < line.confidence <= 1
        for before, after in zip(line.words, line.words[1:], strict=False):
            assert before.box.right <= after.box.left + 3
        for word in line.words:
            assert "".join(character.text for character in word.characters) == word.text
            assert line.confidence - 1e-6 <= word.confidence <= 1
            for character in word.characters:
                assert word.box.left <= character.box.left < character.box.right <= word.box.right
                assert len(character.alternatives) == 3
    assert set(reading.milliseconds) == {"picture", "layout", "recognition", "decoding"}


@pytest.mark.parametrize("angle", [-8, -3, 4, 9])
def test_boxes_lie_on_the_letters_of_a_turned_picture(reader: Reader, angle: float) -> None:
    turned, boxes = sloping(composed(MESSAGE, 3), angle)
    reading = reader.read(turned)
    assert reading.text == MESSAGE
    assert min(overlap(one.box, box) for one, box in zip(reading.characters, boxes, strict=True)) > 0.6


def test_mixed_characters_are_read_with_case_and_punctuation(reader: Reader) -> None:
    texts = [
        "Meet at 9 PM, room 12B", "Call Tom at 5 PM.", "Mum may come on Monday", "Please mail me a memo",
        "Bring 3 eggs and milk", "We leave at 7:45 sharp", "Don't forget the keys!", "Is Anna coming, too?",
        "Flight LH 404, gate B27", "Pay $15 to the baker", "Room 5 (second floor)", "Your dog ate my lunch",
        "Two tickets for Friday", "Fix the lamp, please.", "See you in the garden", "The old bridge at noon",
    ]  # fmt: skip
    told = [(text, reader.read(typed(text, size)).text) for text in texts for size in (32, 48, 80)]
    written, read = zip(*told, strict=True)
    assert cer(list(written), list(read)) <= 0.02


def test_digits_alone_are_told_to_be_digits() -> None:
    reading = inkread.load("auto").read(typed("5071 0018"))
    assert reading.text.replace(" ", "") == "50710018"
    assert inkread.load("digits").read(typed("5071 0018")).text.replace(" ", "") == "50710018"


@pytest.mark.slow
def test_two_digits_that_nearly_touch_are_no_lone_digit() -> None:
    digits = inkread.load("digits")
    wrong = []
    for text in [f"{number:02d}" for number in range(100)]:
        coverage, _ = penned((text,), 60, 5)
        if digits.read(255 - np.rint(coverage * 235).astype(np.uint8)).text != text:
            wrong.append(text)
    assert len(wrong) <= 2, wrong


def test_every_alphabet_is_of_its_own_characters() -> None:
    picture = typed("Noon 10")
    for name, alphabet, text in (
        ("characters", CHARACTERS, "Noon 10"),
        ("letters", LETTERS, "NOON [A-Z]{2}"),
        ("digits", DIGITS, r"\d{4} 10"),
    ):
        reader = inkread.load(name)
        assert reader.alphabet == alphabet
        assert re.fullmatch(text, reader.read(picture).text), name


def scribbles(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    image = Image.new("L", (500, 300), 250)
    draw = ImageDraw.Draw(image)
    points = np.cumsum(rng.normal(0, 45, (60, 2)), axis=0) % (480, 280) + 10
    draw.line([tuple(point) for point in points.tolist()], fill=30, width=3)
    return np.asarray(image)


@pytest.mark.slow
def test_dashes_in_the_grain_of_wood_are_no_writing(reader: Reader) -> None:
    wood = [one.file for one in negatives(60, 5) if one.set == "negatives, wood" and one.number in {3, 11}]
    assert [reader.read(picture).text for picture in wood] == ["", ""]


@pytest.mark.parametrize("seed", range(6))
def test_scribbles_are_never_read_with_confidence(reader: Reader, seed: int) -> None:
    reading = reader.read(scribbles(seed))
    assert all(word.confidence < 0.95 for word in reading.words if len(word.text) > 1)
    if not reading.lines:
        assert reading.remark in (NOTHING_READABLE, TOO_UNSURE) or "nothing to read" in reading.remark


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_a_scrawl_below_a_note_is_left_out_and_told(reader: Reader, seed: int) -> None:
    text = "MEET AT NOON\nBY THE OLD BRIDGE\nBRING NO BREAD"
    page = np.pad(note(text), ((0, 150), (0, 0)), constant_values=245)
    chance = np.random.default_rng(seed)
    zigzag = [60 + np.cumsum(chance.uniform(-6, 14, 30)), len(page) - 90 + chance.uniform(-40, 40, 30)]
    cv2.polylines(page, [np.stack(zigzag, axis=1).astype(np.int32)], isClosed=False, color=(40,), thickness=3)
    reading = reader.read(page)
    assert reading.text == text
    assert reading.remark == "left out as too unsure to be writing: 1 of 4 lines"


@pytest.mark.parametrize(("most", "remark"), [(2, "only the first 2 of 3 lines were read"), (3, "")])
def test_of_too_many_lines_the_first_are_read_and_the_rest_told(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, most: int, remark: str
) -> None:
    for room in ("seeing", "reader"):
        monkeypatch.setattr(f"inkread.{room}.MAX_LINES", most)
    text = "MEET AT NOON\nBY THE OLD BRIDGE\nBRING NO BREAD"
    reading = reader.read(note(text))
    assert (reading.text.splitlines(), reading.remark) == (text.splitlines()[:most], remark)


@pytest.mark.parametrize(
    ("most", "remark"), [(22, "left out as too many to be writing: the smallest 2 pieces of ink"), (24, "")]
)
def test_pieces_that_are_too_many_are_told(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, most: int, remark: str
) -> None:
    monkeypatch.setattr("inkread.preprocessing.pieces.MAX_PIECES", most)
    reading = reader.read(note(MESSAGE))  # each of its 24 letters is one piece
    assert (len(reading.characters), reading.remark) == (most, remark)


def test_pages_are_read_one_by_one(reader: Reader) -> None:
    first, second = (Image.fromarray(note(text)) for text in ("MEET AT NOON", "BY THE BRIDGE"))
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=[second])
    assert [reading.text for reading in reader.read_pages(file.getvalue())] == ["MEET AT NOON", "BY THE BRIDGE"]
    assert reader.read(file.getvalue()).text == "MEET AT NOON"


def test_a_language_of_letters_makes_auto_read_letters() -> None:
    language = train_language(["MEET AT NOON BY THE OLD BRIDGE"] * 20, LETTERS)
    reader = inkread.load("auto", language=language)
    assert reader.read(note(MESSAGE)).text == MESSAGE
    with pytest.raises(BadOption, match="the language model is for the alphabet"):
        inkread.load("digits", language=language).read(typed("1234 5678"))


def test_own_words_that_letters_cannot_spell_keep_auto_from_letters() -> None:
    reader = inkread.load("auto", DecodingOptions(words=("R2D2",)))
    assert reader.read(note("MEET AT NOON")).text == "MEET AT NOON"


def test_a_reader_of_lines_alone_refuses_glyphs(reader: Reader) -> None:
    with pytest.raises(BadOption, match="reads lines, not single glyphs"):
        reader.recognise(np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(BadOption, match="needs a recogniser"):
        Reader(None)
    assert repr(reader).startswith("Reader('auto'")


def test_other_options_keep_the_networks(reader: Reader) -> None:
    eye = reader.with_options(DecodingOptions(language_weight=0))
    assert eye.line_recogniser is reader.line_recogniser
    assert (eye.name, eye.alphabets) == (reader.name, reader.alphabets)
    assert cer(MESSAGE, eye.read(note(MESSAGE)).text) < 0.3


@pytest.mark.parametrize("density", [0.02, 0.1, 0.3])
def test_noise_is_refused_however_much_there_is_of_it(reader: Reader, density: float) -> None:
    noise = (np.random.default_rng(0).random((900, 1200)) < density).astype(np.uint8) * np.uint8(255)
    reading = reader.read(noise)
    assert not reading.lines
    assert reading.remark


@pytest.mark.slow
def test_the_grain_of_wood_is_no_text_and_worth_no_warning(reader: Reader) -> None:
    wood = [one for one in negatives(28, 0) if one.set == "negatives, wood"]
    assert len(wood) == 4
    assert not any(reader.read(one.file).text for one in wood)


@pytest.mark.parametrize("height", [4, 5, 9])
def test_writing_of_too_few_pixels_is_told_from_a_blank_sheet(reader: Reader, height: int) -> None:
    specks = np.full((height, 6 * height), 250, np.uint8)
    specks[1:3, 2 :: max(4, height)] = 60
    assert reader.read(specks).remark == TOO_SMALL
    assert reader.read(np.full((height, 40), 250, np.uint8)).remark == BLANK
    dusty = np.full((300, 400), 250, np.uint8)
    dusty[::40, ::40] = 60
    assert reader.read(dusty).remark == BLANK
