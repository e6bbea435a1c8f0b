"""reader: whole pictures to text, with a recogniser that compares glyphs with printed letters instead of a network."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw, ImageFont

import inkread
from inkread.alphabet import LETTERS, Alphabet
from inkread.decoding import DecodingOptions, NgramOptions, allowed, pattern, train_language
from inkread.errors import BadArray, BadCheckpoint, BadOption, BadPicture
from inkread.loading import load
from inkread.preprocessing import ComposeOptions, Framing, compose, frame
from inkread.reader import Reader


def template(letter):
    """A printed letter in its EMNIST frame."""
    canvas = Image.new("L", (120, 120))
    ImageDraw.Draw(canvas).text((30, 20), letter, fill=255, font=ImageFont.load_default(60))
    return frame(np.asarray(canvas), "emnist")


TEMPLATES = np.stack([template(letter) for letter in LETTERS])


@dataclass(frozen=True)
class Nearest:
    """The nearest printed letter, its distance turned into a probability."""

    alphabet: Alphabet = LETTERS
    framing: Framing = "emnist"
    name: str = "nearest"

    def log_probs(self, glyphs):
        flat, known = (array.reshape(len(array), -1) / 255.0 for array in (glyphs, TEMPLATES))
        logits = -((flat[:, None] - known[None]) ** 2).sum(axis=2) / 4
        peaks = logits.max(axis=1, keepdims=True)
        return (logits - peaks - np.log(np.exp(logits - peaks).sum(axis=1, keepdims=True))).astype(np.float32)


@pytest.fixture(scope="module")
def reader():
    return Reader(Nearest())


def picture_of(text, **options):
    glyphs = np.stack([TEMPLATES[LETTERS.index(letter)] for letter in text if not letter.isspace()])
    return compose(glyphs, text, np.random.default_rng(0), ComposeOptions(**options))


@pytest.mark.parametrize("text", ["MEET ME AT NOON", "X", "HELP\nSEND MORE TEA", "JUST IN TIME"])
@pytest.mark.parametrize("options", [{}, {"light_on_dark": True}, {"height": 100, "noise": 6, "paper": 220, "ink": 60}])
def test_a_written_message_is_read(reader, text, options):
    composed = picture_of(text, **options)
    reading = reader.read(composed.picture)
    assert reading.text == text
    assert reading.raw_text == text.replace(" ", "")
    assert reading.remark == ""
    assert (reading.width, reading.height) == composed.picture.shape[::-1]
    assert reading.model == "nearest"
    for character, box in zip(reading.characters, composed.boxes, strict=True):
        assert max(abs(a - b) for a, b in zip(character.box, box, strict=True)) <= 3


def test_every_kind_of_source_gives_the_same_reading(reader, tmp_path):
    picture = picture_of("HELLO YOU").picture
    path = tmp_path / "note.png"
    Image.fromarray(picture).save(path)
    readings = [reader.read(source) for source in (picture, path, str(path), path.read_bytes(), Image.open(path))]
    assert {reading.text for reading in readings} == {"HELLO YOU"}
    assert len({json.dumps({**reading.to_dict(), "milliseconds": {}}) for reading in readings}) == 1


def test_characters_carry_three_alternatives_best_first():
    eye_alone = Reader(Nearest(), DecodingOptions(language_weight=0))
    for character in eye_alone.read(picture_of("OQC").picture).characters:
        chances = [alternative.probability for alternative in character.alternatives]
        assert len(chances) == 3
        assert chances == sorted(chances, reverse=True)
        assert character.text == character.alternatives[0].text
        assert character.confidence == pytest.approx(chances[0], rel=1e-6)
        assert 0 <= sum(chances) <= 1 + 1e-6


@dataclass(frozen=True)
class Hesitant(Nearest):
    """Takes each E for an F, a little sooner than for an E."""

    def log_probs(self, glyphs):
        chances = np.exp(super().log_probs(glyphs))
        e, f = LETTERS.index("E"), LETTERS.index("F")
        both = chances[:, e] + chances[:, f]
        chances[:, f], chances[:, e] = 0.55 * both, 0.45 * both
        return np.log(chances)


def test_text_is_what_eye_and_language_agree_on_and_raw_text_what_the_eye_saw():
    picture = picture_of("MEET ME THERE").picture
    reading = Reader(Hesitant()).read(picture)
    assert reading.text == "MEET ME THERE"
    assert reading.raw_text == "MFFTMFTHFRF"
    first_e = reading.characters[1]
    assert (first_e.text, first_e.alternatives[0].text) == ("E", "F")
    assert first_e.confidence > 0.9
    assert 0.5 < reading.lines[0].confidence == reading.confidence < 1
    eye_alone = Reader(Hesitant(), DecodingOptions(language_weight=0)).read(picture)
    assert eye_alone.text == "MFFT MF THFRF"
    assert eye_alone.confidence < 0.1


def test_a_constraint_rules_what_is_read():
    picture = picture_of("MEET").picture
    assert Reader(Hesitant(), DecodingOptions(constraint=pattern("M[A-E]+T"))).read(picture).text == "MEET"
    assert Reader(Hesitant(), DecodingOptions(constraint=allowed(["FEET", "NEXT"]))).read(picture).text == "FEET"


def test_a_line_that_cannot_fit_is_left_out_and_told():
    five = Reader(Hesitant(), DecodingOptions(constraint=pattern("[A-Z]{5}")))
    reading = five.read(picture_of("MEET\nHELLO\nNOON").picture)
    assert (reading.text, reading.misfits) == ("HFLLO", (1, 3))  # the eye alone, where the pattern leaves it open
    assert "line 1 is left out: no text of 4 characters fits" in reading.remark and "line 3" in reading.remark
    reading = five.read(picture_of("MEET").picture)
    assert (reading.text, reading.misfits) == ("", (1,))
    with pytest.raises(BadOption, match="too complex"):  # not a matter of the line
        Reader(Hesitant(), DecodingOptions(constraint=pattern("[AB]*A[AB]{60}"))).read(picture_of("ABBABA" * 4).picture)


def test_a_question_mark_that_a_constraint_puts_in_is_no_character():
    asked = DecodingOptions(constraint=pattern(r"ME\? \?E[A-Z]"))
    reading = Reader(Hesitant(), asked).read(picture_of("MEET").picture)
    assert reading.text == "ME? ?ET"
    assert [(word.text, len(word.characters)) for word in reading.words] == [("ME?", 2), ("?ET", 2)]


def test_a_language_of_ones_own_is_the_one_that_speaks():
    words = ["MFFT MF THFRF", "MFFT MF"] * 40
    odd = train_language(words, LETTERS, options=NgramOptions(context=4, contexts=2_000))
    assert Reader(Hesitant(), language=odd).read(picture_of("MEET ME").picture).text == "MFFT MF"


def test_boxes_are_those_of_the_original_when_the_picture_was_reduced(reader, monkeypatch):
    composed = picture_of("BOX", height=150)
    monkeypatch.setattr(inkread.preprocessing.picture, "WORKING_PIXELS", composed.picture.size // 4)
    reading = reader.read(composed.picture)
    assert reading.text == "BOX"
    for character, box in zip(reading.characters, composed.boxes, strict=True):
        assert max(abs(a - b) for a, b in zip(character.box, box, strict=True)) <= 6
    assert reading.lines[0].box.right <= reading.width


def test_a_photo_held_sideways_reads_the_same(reader):
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    Image.fromarray(np.rot90(picture_of("TURN ME").picture)).save(stream, "JPEG", quality=95, exif=exif)
    assert reader.read(stream.getvalue()).text == "TURN ME"


@pytest.mark.parametrize("level", [0, 100, 255])
def test_a_blank_picture_says_so(reader, level):
    reading = reader.read(np.full((80, 200), level, np.uint8))
    assert reading.lines == ()
    assert reading.text == ""
    assert reading.remark.startswith("blank:")
    assert "blank" in repr(reading)


def test_ruled_lines_alone_are_nothing_to_read(reader):
    sheet = np.full((300, 600), 255, np.uint8)
    sheet[50::60] = sheet[51::60] = 90
    reading = reader.read(sheet)
    assert reading.text == ""
    assert reading.remark


def test_gravel_is_read_in_part_and_the_remark_tells(reader, monkeypatch):
    monkeypatch.setattr("inkread.assembly.MAX_GLYPHS", 50)
    rng = np.random.default_rng(0)
    stones = np.kron(rng.random((40, 60)) < 0.2, np.ones((8, 8), bool))
    reading = reader.read(np.where(stones, 30, 230).astype(np.uint8))
    assert len(reading.characters) == 50
    assert "only 50 of" in reading.remark


@pytest.mark.parametrize("letter", "AIJKQ")
@pytest.mark.parametrize("invert", [False, True])
def test_a_glyph_of_a_data_set_is_one_character_as_it_stands(reader, letter, invert):
    glyph = TEMPLATES[LETTERS.index(letter)]
    reading = reader.read(255 - glyph if invert else glyph)
    assert reading.text == letter
    assert reading.characters[0].box == (0, 0, 28, 28)


def test_what_cannot_be_decoded_is_a_bad_picture(reader, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("Hello")
    with pytest.raises(BadPicture, match="is not a picture"):
        reader.read(note)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)), st.integers(1, 8))
@settings(max_examples=40)
def test_reading_never_fails_on_a_decodable_picture(pixels, times):
    reading = Reader(Nearest()).read(np.kron(pixels, np.ones((times, times), np.uint8)))
    assert reading.remark or reading.text
    assert len(reading.raw_text.replace("\n", "")) == len(reading.characters)


def test_glyphs_of_another_shape_are_refused_and_none_give_none(reader):
    with pytest.raises(BadArray, match=r"expected framed glyphs, uint8 of shape \(T, 28, 28\)"):
        reader.recognise(np.zeros((1, 1, 28, 28), np.uint8))
    assert reader.recognise(np.zeros((0, 28, 28), np.uint8)).shape == (0, 26)
    assert reader.recognise(TEMPLATES).argmax(axis=1).tolist() == list(range(26))


def test_what_a_reader_is_made_of_has_its_type(reader):
    for wrong in (3, None, b"letters"):
        with pytest.raises(BadCheckpoint, match=f"the weights are {type(wrong).__name__} .*; expected one of auto"):
            load(wrong)
    with pytest.raises(BadOption, match=r"language is 'a.lm'; expected what inkread.load_language makes"):
        load("letters", language="a.lm")
    with pytest.raises(BadOption, match=r"options are {'beam': 3}; expected inkread.DecodingOptions"):
        reader.with_options({"beam": 3})
    with pytest.raises(BadArray, match="got a list; expected framed glyphs"):
        reader.recognise([[0]])


def test_loading_says_what_is_missing(tmp_path):
    with pytest.raises(BadCheckpoint, match="does not exist; expected one of auto, characters, letters, digits"):
        load(tmp_path / "none.onnx")
    run = tmp_path / "run"
    run.mkdir()
    with pytest.raises(BadCheckpoint, match="holds no weights"):
        load(run)
    weights = run / "best.safetensors"
    weights.touch()
    for path in (run, weights):
        with pytest.raises(BadCheckpoint, match=r"no model\.onnx beside its weights; make it with: inkread export"):
            load(path)
    (run / "state.safetensors").touch()
    with pytest.raises(BadCheckpoint, match=r"has not ended; go on with: inkread train --resume --out .*run$"):
        load(run)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(BadCheckpoint, match="holds no weights"):
        load(tmp_path / "notes.txt")


def test_the_public_names_are_these_and_each_loads():
    assert sorted(inkread.__all__) == [
        *("Alphabet", "Box", "CHARACTERS", "Character", "Correction", "DIGITS", "Decoded", "DecodingOptions"),
        *("Hypothesis", "InkreadError", "LETTERS", "LanguageModel", "Line", "Reader", "Reading", "Word"),
        *("__version__", "decode", "load", "load_language"),
    ]
    for name in inkread.__all__:
        assert getattr(inkread, name) is not None
        assert name in dir(inkread)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = inkread.nothing


def test_importing_stays_lean():
    code = (
        "import sys, inkread; assert 'numpy' not in sys.modules, 'numpy';"
        "inkread.load; inkread.preprocessing;"
        "heavy = {'torch', 'torchvision', 'onnxruntime', 'sklearn', 'matplotlib'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
