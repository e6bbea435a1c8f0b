"""Readings as text, JSON, hOCR and ALTO: parsed by what knows nothing of inkread, they say what the Reading says."""

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import pytest

from inkread.errors import BadOption
from inkread.interfaces.alto import alto
from inkread.interfaces.hocr import hocr
from inkread.interfaces.line_words import signs_of, words_of
from inkread.interfaces.reading_formats import FORMATS, chosen_format, form_of, json_file, json_lines, ranked_text, text
from inkread.results import Alternative, Box, Character, Line, Reading, Word

XHTML = "{http://www.w3.org/1999/xhtml}"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


def word(said: str, left: int, top: int, confidence: float = 0.9, read: str | None = None) -> Word:
    """A word whose characters are 10 wide, 12 apart and 20 tall; ``read``: those that were read, where they differ."""
    characters = tuple(
        Character(
            sign, confidence, Box(left + 12 * i, top, left + 12 * i + 10, top + 20),
            (Alternative(sign, 0.7), Alternative("Z", 0.25), Alternative("&", 0.05)),
        )
        for i, sign in enumerate(said if read is None else read)
    )  # fmt: skip
    return Word(said, confidence, Box(left, top, characters[-1].box.right, top + 20), characters)


def line(said: str, *words: Word) -> Line:
    box = Box(words[0].box.left, words[0].box.top, words[-1].box.right, words[0].box.bottom)
    return Line(said, said.replace(" ", ""), words, box, 0.8)


FIRST = Reading(
    (line("R&D <1>", word("R&D", 10, 5), word("<1>", 60, 5, 0.35)), line('"A"', word('"A"', 12, 40))),
    200, 80, "letters", milliseconds={"recognition": 1.5},
)  # fmt: skip
SECOND = Reading((line("TWO", word("TWO", 20, 20)),), 300, 90, "letters")
BLANK = Reading((), 70, 50, "letters", "blank: no ink stands out from the paper")
NAME = 'scans/R&D "final" <2>.png'


def properties(element: ET.Element) -> dict[str, str]:
    """hOCR's title as names and values."""
    return dict(part.strip().split(" ", 1) for part in element.attrib["title"].split(";"))


def of_class(root: ET.Element, kind: str) -> list[ET.Element]:
    return [element for element in root.iter() if element.get("class") == kind]


def box_of(numbers: str) -> Box:
    return Box(*map(int, numbers.split()))


# hOCR


def test_hocr_holds_every_word_and_character_with_its_place_and_confidence() -> None:
    root = ET.fromstring(hocr(NAME, [FIRST]))
    assert root.tag == f"{XHTML}html"
    assert [properties(e)["bbox"] for e in of_class(root, "ocr_page")] == ["0 0 200 80"]
    assert [box_of(properties(e)["bbox"]) for e in of_class(root, "ocr_line")] == [line.box for line in FIRST.lines]
    words = of_class(root, "ocrx_word")
    assert ["".join(e.itertext()) for e in words] == [word.text for word in FIRST.words]
    assert [box_of(properties(e)["bbox"]) for e in words] == [word.box for word in FIRST.words]
    assert [int(properties(e)["x_wconf"]) for e in words] == [90, 35, 90]
    characters = of_class(root, "ocrx_cinfo")
    assert [e.text for e in characters] == [character.text for character in FIRST.characters]
    assert [box_of(properties(e)["x_bboxes"]) for e in characters] == [c.box for c in FIRST.characters]
    assert [float(properties(e)["x_conf"]) for e in characters] == [100 * c.confidence for c in FIRST.characters]


def test_hocr_reads_as_the_text_where_all_tags_are_taken_away() -> None:
    root = ET.fromstring(hocr(NAME, [FIRST]))
    assert [" ".join("".join(e.itertext()).split()) for e in of_class(root, "ocr_line")] == ["R&D <1>", '"A"']


def test_hocr_nests_as_tesseract_does_and_names_what_it_holds() -> None:
    root = ET.fromstring(hocr(NAME, [FIRST, SECOND]))
    parents = {child: parent for parent in root.iter() for child in parent}
    for kind, outer in (
        ("ocr_carea", "ocr_page"), ("ocr_par", "ocr_carea"), ("ocr_line", "ocr_par"), ("ocrx_word", "ocr_line"),
        ("ocrx_cinfo", "ocrx_word"),
    ):  # fmt: skip
        assert of_class(root, kind) and all(parents[e].get("class") == outer for e in of_class(root, kind))
    meta = {e.get("name"): e.get("content", "") for e in root.iter(f"{XHTML}meta")}
    assert meta["ocr-system"].startswith("inkread ") and meta["ocr-number-of-pages"] == "2"
    assert set(meta["ocr-capabilities"].split()) == {e.get("class") for e in root.iter() if e.get("class")}
    ids = Counter(e.get("id") for e in root.iter() if e.get("id"))
    assert max(ids.values()) == 1
    assert {"page_1", "page_2", "line_1_2", "word_1_3", "word_2_1"} <= set(ids)


def test_hocr_numbers_its_pages_from_0_and_names_the_picture_in_quotes() -> None:
    titles = [e.attrib["title"] for e in of_class(ET.fromstring(hocr(NAME, [FIRST, SECOND])), "ocr_page")]
    assert titles == [
        'image "scans/R&D %22final%22 <2>.png"; bbox 0 0 200 80; ppageno 0',
        'image "scans/R&D %22final%22 <2>.png"; bbox 0 0 300 90; ppageno 1',
    ]


def test_a_blank_page_is_an_empty_page_of_hocr_and_alto() -> None:
    assert not of_class(ET.fromstring(hocr("blank.png", [BLANK])), "ocr_line")
    page = ET.fromstring(alto("blank.png", [BLANK])).find(f".//{ALTO}Page")
    assert page is not None and page.attrib["WIDTH"] == "70" and not list(page[0])


@pytest.mark.parametrize("render", [hocr, alto])
def test_a_name_that_xml_cannot_hold_is_written_as_python_would(render) -> None:
    told = "".join(ET.tostring(ET.fromstring(render("a\x07\udce9\nb.png", [FIRST])), "unicode"))
    assert r"a\x07\udce9" in told


# ALTO

# What the schema allows (alto-4-4.xsd): children in order, attributes that must be, attributes that may be besides.
PLACED = {"HPOS", "VPOS", "WIDTH", "HEIGHT"}
SCHEMA = {
    "alto": ("(Description )?(Styles )?(Tags )?(ReadingOrder )?Layout ", set(), {"SCHEMAVERSION"}),
    "Description": ("MeasurementUnit (sourceImageInformation )?(OCRProcessing )*(Processing )*", set(), set()),
    "MeasurementUnit": ("", set(), set()),
    "sourceImageInformation": ("(fileName )?(fileIdentifier )*(documentIdentifier )*", set(), set()),
    "fileName": ("", set(), set()),
    "Processing": (
        "(processingCategory )?(processingDateTime )?(processingAgency )?(processingStepDescription )*"
        "(processingStepSettings )?(processingSoftware )?",
        {"ID"}, set(),
    ),
    "processingCategory": ("", set(), set()),
    "processingStepSettings": ("", set(), set()),
    "processingSoftware": (
        "(softwareCreator )?(softwareName )?(softwareVersion )?(applicationDescription )?", set(), set(),
    ),
    "softwareName": ("", set(), set()),
    "softwareVersion": ("", set(), set()),
    "Layout": ("(Page )+", set(), {"STYLEREFS"}),
    "Page": (
        "(TopMargin )?(LeftMargin )?(RightMargin )?(BottomMargin )?(PrintSpace )?", {"ID", "PHYSICAL_IMG_NR"},
        {"HEIGHT", "WIDTH", "PC", "ACCURACY", "LANG", "ROTATION"},
    ),
    "PrintSpace": ("(Shape )?((TextBlock|Illustration|GraphicalElement|ComposedBlock) )*", set(), {"ID"} | PLACED),
    "TextBlock": ("(Shape )?(TextLine )*", {"ID"}, PLACED | {"LANG", "ROTATION"}),
    "TextLine": ("(Shape )?(String (SP )?)+(HYP )?", set(), {"ID", "BASELINE", "LANG"} | PLACED),
    "String": ("(Shape )?(ALTERNATIVE )*(Glyph )*", {"CONTENT"}, {"ID", "WC", "CC", "LANG", "STYLE"} | PLACED),
    "SP": ("", set(), {"ID"} | PLACED),
    "Glyph": ("(Shape )?(Variant )*", {"CONTENT"}, {"ID", "GC"} | PLACED),
    "Variant": ("", set(), {"CONTENT", "VC"}),
}  # fmt: skip


def check_schema(element: ET.Element) -> None:
    name = element.tag.removeprefix(ALTO)
    children, must, may = SCHEMA[name]
    assert re.fullmatch(children, "".join(f"{child.tag.removeprefix(ALTO)} " for child in element)), name
    given = {key for key in element.attrib if not key.startswith("{")}
    assert must <= given <= must | may, (name, given)
    for key in given & {"WC", "GC", "VC", "PC"}:
        assert 0 <= float(element.attrib[key]) <= 1
    assert name != "Glyph" or len(element.attrib["CONTENT"]) == 1
    assert name != "Variant" or len(element.attrib["CONTENT"]) <= 3
    for child in element:
        check_schema(child)


def alto_box(element: ET.Element) -> Box:
    left, top, width, height = (int(element.attrib[key]) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return Box(left, top, left + width, top + height)


@pytest.mark.parametrize("readings", [[FIRST], [FIRST, SECOND, BLANK], [BLANK]])
def test_alto_keeps_the_rules_of_its_schema(readings: list[Reading]) -> None:
    root = ET.fromstring(alto(NAME, readings))
    check_schema(root)
    ids = Counter(e.attrib["ID"] for e in root.iter() if "ID" in e.attrib)
    assert max(ids.values()) == 1
    assert root.findtext(f".//{ALTO}MeasurementUnit") == "pixel"
    assert root.findtext(f".//{ALTO}fileName") == NAME
    pages = list(root.iter(f"{ALTO}Page"))
    assert [(p.attrib["WIDTH"], p.attrib["PHYSICAL_IMG_NR"]) for p in pages] == [
        (str(reading.width), str(number)) for number, reading in enumerate(readings, 1)
    ]


def test_alto_holds_every_word_and_glyph_with_its_place_and_confidence() -> None:
    root = ET.fromstring(alto(NAME, [FIRST]))
    assert [alto_box(e) for e in root.iter(f"{ALTO}TextLine")] == [line.box for line in FIRST.lines]
    strings = list(root.iter(f"{ALTO}String"))
    assert [e.attrib["CONTENT"] for e in strings] == [word.text for word in FIRST.words]
    assert [alto_box(e) for e in strings] == [word.box for word in FIRST.words]
    assert [float(e.attrib["WC"]) for e in strings] == [word.confidence for word in FIRST.words]
    assert [e.attrib["CC"] for e in strings] == ["111", "666", "111"]  # 0 is sure, 9 is not
    glyphs = list(root.iter(f"{ALTO}Glyph"))
    assert [e.attrib["CONTENT"] for e in glyphs] == [character.text for character in FIRST.characters]
    assert [alto_box(e) for e in glyphs] == [character.box for character in FIRST.characters]
    assert [(e.attrib["CONTENT"], float(e.attrib["VC"])) for e in glyphs[0]] == [("Z", 0.25), ("&", 0.05)]
    assert [(e.attrib["CONTENT"], float(e.attrib["VC"])) for e in glyphs[1]] == [("Z", 0.25)]  # it is itself an &


def test_alto_fills_the_room_between_two_words_with_a_space() -> None:
    (space,) = ET.fromstring(alto(NAME, [FIRST])).iter(f"{ALTO}SP")
    left, right = FIRST.lines[0].words
    assert alto_box(space) == Box(left.box.right, 5, right.box.left, 25)


# What a pattern puts in has no place


def test_signs_that_a_pattern_put_in_stand_among_those_that_were_read() -> None:
    dated = line("ON 12/3 - ?4", word("ON", 0, 0), word("12/3", 40, 0, read="123"), word("?4", 120, 0, read="74"))
    assert [(said, own and own.text) for said, own in words_of(dated)] == [
        ("ON", "ON"), ("12/3", "12/3"), ("-", None), ("?4", "?4"),
    ]  # fmt: skip
    assert [(sign, read and read.text) for sign, read in signs_of(dated.words[1])] == [
        ("1", "1"), ("2", "2"), ("/", None), ("3", "3"),
    ]  # fmt: skip
    assert [(sign, read and read.text) for sign, read in signs_of(dated.words[2])] == [("?", "7"), ("4", "4")]
    reading = Reading((dated,), 200, 40, "letters")
    (row,) = of_class(ET.fromstring(hocr("n.png", [reading])), "ocr_line")
    assert " ".join("".join(row.itertext()).split()) == "ON 12/3 - ?4"
    root = ET.fromstring(alto("n.png", [reading]))
    check_schema(root)
    assert [e.attrib["CONTENT"] for e in root.iter(f"{ALTO}String")] == ["ON", "12/3", "-", "?4"]
    assert [e.attrib.get("CC") for e in root.iter(f"{ALTO}String")] == ["11", "1101", None, "11"]
    unsure = [e for e in root.iter(f"{ALTO}Glyph") if e.attrib["CONTENT"] == "?"]
    assert [e.attrib["CONTENT"] for e in unsure[0]] == ["7", "Z", "&"]  # what it may be is still told


def test_words_that_do_not_fit_their_line_are_all_told() -> None:
    odd = line("SOMETHING ELSE", word("AB", 0, 0), word("CD", 40, 0))
    assert [said for said, _ in words_of(odd)] == ["AB", "CD"]


# Text and JSON


def test_a_form_feed_parts_the_pages_of_a_text() -> None:
    assert text("n.tif", [FIRST, SECOND]) == 'R&D <1>\n"A"\n\fTWO\n'
    assert text("n.tif", [FIRST, BLANK, SECOND]).split("\f") == ['R&D <1>\n"A"\n', "", "TWO\n"]
    assert text("n.png", [BLANK]) == ""


def test_other_texts_stand_below_their_line_page_by_page() -> None:
    others = (Alternative("TWIN", 0.2), Alternative("TOO", 0.004))
    doubtful = replace(SECOND, lines=(replace(SECOND.lines[0], alternatives=others),))
    below = "TWO\n   20.0 %  TWIN\n    0.4 %  TOO\n"
    assert ranked_text("n.tif", [FIRST, BLANK, doubtful]) == 'R&D <1>\n"A"\n\f\f' + below
    assert form_of("text", ranked=True).printed is ranked_text
    assert form_of("json", ranked=True) is FORMATS["json"]
    assert json.loads(json_lines("n.png", [doubtful]))["lines"][0]["alternatives"] == [["TWIN", 0.2], ["TOO", 0.004]]


def test_json_numbers_pages_where_there_are_more_than_one() -> None:
    (one,) = (json.loads(row) for row in json_lines("n.png", [FIRST]).splitlines())
    assert one == {"picture": "n.png", **json.loads(json.dumps(FIRST.to_dict()))}
    assert one["milliseconds"] == {"recognition": 1.5}
    two = [json.loads(row) for row in json_lines("n.tif", [FIRST, SECOND]).splitlines()]
    assert [(page["picture"], page["page"], page["text"]) for page in two] == [
        ("n.tif", 1, FIRST.text), ("n.tif", 2, "TWO"),
    ]  # fmt: skip


def test_a_json_file_is_one_value_however_many_pages_it_tells_of() -> None:
    assert json.loads(json_file("n.png", [FIRST])) == json.loads(json_lines("n.png", [FIRST]))
    assert [page["page"] for page in json.loads(json_file("n.tif", [FIRST, SECOND]))] == [1, 2]


def test_json_gives_a_name_back_that_is_no_utf8() -> None:
    told = json_lines("caf\udce9\n.png", [FIRST])
    assert json.loads(told.encode("utf-8"))["picture"] == "caf\udce9\n.png"


def test_json_is_short_for_its_format_and_contradicts_others() -> None:
    assert [chosen_format(None, False), chosen_format(None, True), chosen_format("json", True)] == [
        "text", "json", "json",
    ]  # fmt: skip
    with pytest.raises(BadOption, match="--json and --format hocr contradict each other"):
        chosen_format("hocr", True)
