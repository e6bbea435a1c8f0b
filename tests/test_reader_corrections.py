"""Corrections end to end: what was read is put right where it stands, in lines by the shipped weights and in glyphs."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import inkread
from inkread.alphabet import CHARACTERS, DIGITS, LETTERS
from inkread.corrections import spelling
from inkread.decoding import DecodingOptions
from inkread.errors import BadOption
from inkread.reader import NO_WRITING, TOO_UNSURE, Reader
from inkread.results import Box, Character, Correction, Reading
from tests.test_reader import Hesitant, Nearest, picture_of
from tests.test_reader_lines import Pixels, note, typed


@pytest.fixture(scope="module")
def reader() -> Reader:
    return inkread.load()


def corrected(reader: Reader, picture: Pixels, character: Character, text: str) -> Reading:
    return reader.read(picture, [Correction(character.box, text)])


MESSAGE = "MEET AT NOON\nBY THE BRIDGE"


@pytest.mark.parametrize("angle", [0, 7])
def test_what_a_box_says_is_read_there_and_the_rest_as_before(reader: Reader, angle: float) -> None:
    picture = np.asarray(Image.fromarray(note(MESSAGE, 3)).rotate(angle, expand=True, fillcolor=245))
    before = reader.read(picture)
    for number in (0, 5, 9, 12, len(before.characters) - 1):
        wrong = before.characters[number]
        after = corrected(reader, picture, wrong, "Q")
        texts = [character.text for character in before.characters]
        assert [c.text.upper() for c in after.characters] == [*texts[:number], "Q", *texts[number + 1 :]]
        assert after.characters[number].confidence == pytest.approx(1)
        assert after.characters[number].box == wrong.box
        assert after.characters[number].alternatives[0] == wrong.alternatives[0]
        assert after.raw_text == before.raw_text


def test_case_and_kind_are_as_given_even_where_auto_would_not_expect_them(reader: Reader) -> None:
    picture = note("MEET AT NOON")
    first = reader.read(picture).characters[0]
    assert [corrected(reader, picture, first, text).text[0] for text in "m7?M"] == list("m7?M")


def test_corrections_follow_each_other(reader: Reader) -> None:
    picture = typed("Meet at nine")
    characters = reader.read(picture).characters
    corrections = [Correction(characters[place].box, text) for place, text in ((0, "B"), (6, "t"), (0, "F"), (9, ""))]
    assert reader.read(picture, corrections).text == "Feet at tin"


def test_no_character_at_all_can_be_what_is_right(reader: Reader) -> None:
    picture = note("MEET AT NOON")
    characters = reader.read(picture).characters
    assert corrected(reader, picture, characters[3], "").text == "MEE AT NOON"
    nothing = reader.read(picture, [Correction(character.box, "") for character in characters])
    assert (nothing.text, nothing.lines) == ("", ())
    assert nothing.remark


def test_without_corrections_everything_is_as_before(reader: Reader) -> None:
    picture = note(MESSAGE)
    assert reader.read(picture, []) == reader.read(picture)


def test_a_correction_that_meets_no_ink_is_refused(reader: Reader) -> None:
    ruled = np.full((600, 900), 255, np.uint8)
    ruled[299:302, 40:860] = 90
    assert reader.read(ruled).remark == NO_WRITING
    blank = np.full((90, 90), 255, np.uint8)
    for picture, reads in ((note("NOON"), reader), (blank, reader), (ruled, reader), (note("O"), letters())):
        with pytest.raises(BadOption, match=r"the correction 'A' in the box \(0, 0, 4, 4\) meets no ink; expected"):
            reads.read(picture, [Correction(Box(0, 0, 4, 4), "A")])


def test_what_is_too_unsure_to_be_writing_is_told_where_somebody_says_that_it_is(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = note("NOON")
    first = reader.read(picture).characters[0]
    for step, answer in (("is_hopeless", True), ("those_written", ())):
        with monkeypatch.context() as patch:
            patch.setattr(f"inkread.reader.{step}", lambda _, answer=answer: answer)
            assert reader.read(picture).remark == TOO_UNSURE
            assert corrected(reader, picture, first, "M").text == "MOON"


def test_a_correction_is_a_box_and_a_text() -> None:
    assert Correction((1, 2, 3, 4), "W") == Correction(Box(1, 2, 3, 4), "W")  # type: ignore[arg-type]
    with pytest.raises(BadOption, match=r"box is \(1, 2, 3\); expected left, top, right and bottom in pixels"):
        Correction((1, 2, 3), "W")  # type: ignore[arg-type]
    with pytest.raises(BadOption, match="a correction says None; expected one character, or '' for none"):
        Correction(Box(1, 2, 3, 4), None)  # type: ignore[arg-type]


def test_a_box_beyond_the_picture_is_about_what_of_it_lies_within(reader: Reader) -> None:
    picture = note("NOON")
    first = reader.read(picture).characters[0].box
    far = 10**400
    assert reader.read(picture, [Correction(Box(-far, -far, first.right, far), "M")]).text == "MOON"
    with pytest.raises(BadOption, match="meets no ink"):
        reader.read(picture, [Correction(Box(far, 0, 2 * far, 50), "M")])


def letters() -> Reader:
    return Reader(Nearest())


@pytest.mark.parametrize("text", ["AB", "é", "ß", " "])
def test_a_correction_is_one_character_of_the_alphabet(reader: Reader, text: str) -> None:
    picture = note("NOON")
    box = reader.read(picture).characters[0].box
    for reads in (reader, letters()):
        with pytest.raises(BadOption, match=f"a correction says {text!r}; expected one character of"):
            reads.read(picture, [Correction(box, text)])


def test_alphabets_that_cannot_write_a_correction_are_out() -> None:
    alphabets = (CHARACTERS, LETTERS, DIGITS)
    for texts, left in (
        ("A", [CHARACTERS, LETTERS]),
        ("a", [CHARACTERS]),
        ("7", [CHARACTERS, DIGITS]),
        ("", alphabets),
    ):
        assert spelling([Correction(Box(0, 0, 1, 1), texts)], alphabets) == list(left)
    assert spelling([Correction(Box(0, 0, 1, 1), "a")], [LETTERS]) == [LETTERS]


def test_glyphs_are_corrected_and_language_re_reads_their_neighbours() -> None:
    picture, reader = picture_of("MEET ME").picture, Reader(Hesitant())
    before = reader.read(picture)
    after = corrected(reader, picture, before.characters[1], "f")
    assert (before.text, before.raw_text) == ("MEET ME", "MFFTMF")
    assert after.text[1] == "F"
    assert after.raw_text == before.raw_text
    assert after.characters[1].confidence == 1
    assert after.characters[1].alternatives == before.characters[1].alternatives
    assert corrected(Reader(Nearest()), picture, before.characters[5], "").text == "MEET M"


def test_a_lone_glyph_can_be_corrected_or_taken_away() -> None:
    picture, reader = picture_of("O").picture, letters()
    (only,) = reader.read(picture).characters
    assert corrected(reader, picture, only, "Q").text == "Q"
    assert corrected(reader, picture, only, "").lines == ()


def test_language_re_reads_what_stands_beside_a_glyph_that_is_known() -> None:
    reader = Reader(Hesitant(), DecodingOptions(words=("FFFF",)))
    picture = picture_of("EEEE").picture
    characters = reader.read(picture).characters
    known = [Correction(characters[place].box, "F") for place in (0, 3)]
    assert reader.read(picture, known).text == "FFFF"
