"""`inkread read`: text on the output, remarks on the error channel, JSON that says it all, a picture that shows it."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import inkread as package
from inkread.data import Dataset
from inkread.decoding import DecodingOptions, LanguageModel
from inkread.errors import BadOption
from inkread.interfaces.overlay import SURE, UNSURE, overlay
from inkread.preprocessing import compose, pages
from inkread.reader import Reader
from inkread.recognition import shipped
from inkread.results import Box, Character, Line, Reading, Word
from tests.conftest import ENVIRONMENT, Command
from tests.handwriting import penned

MESSAGE = "31 4159\n2653"


@pytest.fixture(scope="module")
def written(digits: Dataset) -> npt.NDArray[np.uint8]:
    """A picture of MESSAGE in the clearest of the shipped digits."""
    assert digits.test is not None
    log_probs = shipped("digits").log_probs(digits.test.images)
    best = [
        int(np.argmax(np.where(digits.test.labels == int(c), log_probs[:, int(c)], -np.inf)))
        for c in MESSAGE if not c.isspace()
    ]  # fmt: skip
    return compose(digits.test.images[best], MESSAGE, np.random.default_rng(0)).picture


@pytest.fixture
def note(tmp_path: Path, written: npt.NDArray[np.uint8]) -> Path:
    path = tmp_path / "note.png"
    Image.fromarray(written).save(path)
    return path


def test_the_text_alone_goes_to_the_output(note: Path, inkread: Command) -> None:
    answer = inkread("read", note, "--model", "digits")
    assert (answer.code, answer.out, answer.err) == (0, MESSAGE + "\n", "")


def test_reading_from_the_shell_needs_no_torch(note: Path) -> None:
    program = (
        "import contextlib, sys\nfrom inkread.interfaces.cli import main\n"
        f"with contextlib.suppress(SystemExit): main(['read', {str(note)!r}, '--overlay', {str(note) + '.png'!r}])\n"
        "heavy = {'torch', 'torchvision', 'sklearn', 'matplotlib', 'safetensors', 'onnx', 'fastapi', 'uvicorn'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=ENVIRONMENT, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert Path(f"{note}.png").exists()


def test_json_is_all_that_the_reader_knows(note: Path, inkread: Command) -> None:
    answer = inkread("read", note, "--model", "digits", "--json")
    assert answer.out.count("\n") == 1
    expected = package.load("digits").read(note).to_dict()
    told = json.loads(answer.out)
    assert set(told.pop("milliseconds")) == set(expected.pop("milliseconds"))  # it never takes the same time twice
    assert told == json.loads(json.dumps({"picture": str(note), **expected}))
    assert told["text"] == MESSAGE
    characters = [character for word in told["lines"][0]["words"] for character in word["characters"]]
    assert [character["text"] for character in characters] == list("314159")
    assert characters[0]["alternatives"][0][0] == "3"


def test_one_bad_picture_never_stops_the_rest(tmp_path: Path, note: Path, inkread: Command) -> None:
    (tmp_path / "bad.png").write_text("hello")
    blank = tmp_path / "blank.png"
    Image.fromarray(np.full((50, 50), 255, np.uint8)).save(blank)
    missing = tmp_path / "missing.png"
    answer = inkread("read", note, tmp_path / "bad.png", missing, blank, note, "--model", "digits")
    assert answer.code == 1
    assert answer.out == f"== {note}\n{MESSAGE}\n== {blank}\n== {note}\n{MESSAGE}\n"
    said = answer.err.splitlines()
    assert [line.startswith(f"inkread: {path}") for line, path in zip(said, ("", "", blank), strict=True)]
    assert "is not a picture" in said[0] and "missing.png does not exist" in said[1] and "blank" in said[2]
    as_json = inkread("read", note, tmp_path / "bad.png", blank, "--model", "digits", "--json")
    assert as_json.code == 1
    assert [json.loads(line)["picture"] for line in as_json.out.splitlines()] == [str(note), str(blank)]


def test_a_blank_picture_is_no_failure_and_says_why_there_is_no_text(tmp_path: Path, inkread: Command) -> None:
    Image.fromarray(np.full((50, 70), 255, np.uint8)).save(tmp_path / "blank.png")
    answer = inkread("read", tmp_path / "blank.png")
    assert (answer.code, answer.out) == (0, "")
    assert answer.sentence == f"inkread: {tmp_path / 'blank.png'}: blank: no ink stands out from the paper"
    told = json.loads(inkread("read", tmp_path / "blank.png", "--json").out)
    assert (told["text"], told["lines"], told["width"], told["height"]) == ("", [], 70, 50)
    assert told["remark"].startswith("blank")


@pytest.mark.parametrize("model", ["folder", "onnx", "safetensors"])
def test_a_run_reads_by_its_folder_or_by_either_of_its_files(
    note: Path, digits_run: Path, inkread: Command, model: str
) -> None:
    named = {"folder": digits_run, "onnx": digits_run / "model.onnx", "safetensors": digits_run / "model.safetensors"}
    answer = inkread("read", note, "--model", named[model])
    assert answer.code == 0
    right = sum(a == b for a, b in zip(answer.out.split(), MESSAGE.split(), strict=False))
    assert len(answer.out.replace(" ", "").replace("\n", "")) == 10
    assert right >= 1  # two epochs on a sample


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_the_overlay_has_the_size_of_the_original_and_boxes_on_it(
    tmp_path: Path, note: Path, inkread: Command, suffix: str
) -> None:
    target = tmp_path / "new folder" / f"seen.{suffix}"
    assert inkread("read", note, "--model", "digits", "--overlay", target).code == 0
    with Image.open(note) as before, Image.open(target) as after:
        assert after.format == {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}[suffix]
        assert after.size == before.size
        grey, drawn = np.asarray(before.convert("RGB"), int), np.asarray(after.convert("RGB"), int)
    changed = (np.abs(grey - drawn).max(axis=2) > 60).mean()
    assert 0.001 < changed < 0.2


def test_the_overlay_stands_as_the_photo_is_looked_at(
    tmp_path: Path, written: npt.NDArray[np.uint8], inkread: Command
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned right by a quarter
    Image.fromarray(np.rot90(written)).save(tmp_path / "photo.jpg", exif=exif, quality=95)
    answer = inkread("read", tmp_path / "photo.jpg", "--model", "digits", "--overlay", tmp_path / "seen.png")
    assert answer.out == MESSAGE + "\n"
    with Image.open(tmp_path / "seen.png") as seen:
        assert seen.size == written.shape[::-1]


def test_each_line_becomes_what_the_pattern_wants(note: Path, inkread: Command) -> None:
    answer = inkread("read", note, "--model", "digits", "--pattern", r"\d+-\d{2}")
    assert answer.out == "3141-59\n26-53\n"


def test_each_line_is_one_of_those_allowed(note: Path, tmp_path: Path, inkread: Command) -> None:
    (tmp_path / "list.txt").write_text("314160\n314158\n2653\n123\n")
    answer = inkread("read", note, "--model", "digits", "--allowed", tmp_path / "list.txt", "--json")
    assert json.loads(answer.out)["text"] in ("314158\n2653", "314160\n2653")


@pytest.mark.parametrize("flag", ["--words", "--allowed"])
def test_no_answer_replaces_a_list_that_is_read(note: Path, inkread: Command, flag: str) -> None:
    mine = note.with_suffix(".txt")
    mine.write_text("314159\n2653\n")
    model = "characters" if flag == "--words" else "digits"
    answer = inkread("read", note, "--model", model, "--output", note.parent, flag, mine)
    assert f"{note}: written to {note.with_name('note-2.txt')}, since another file" in answer.sentence
    assert (answer.code, mine.read_text()) == (0, "314159\n2653\n")


def test_what_cannot_fit_the_pattern_is_said_and_does_not_stop_the_rest(note: Path, inkread: Command) -> None:
    answer = inkread("read", note, note, "--model", "digits", "--pattern", r"\d")
    assert (answer.code, answer.out) == (1, f"== {note}\n== {note}\n")
    assert answer.err.count("line 1 is left out: no text of 6 characters fits the pattern") == 2


def test_a_line_that_cannot_fit_costs_no_other_line_and_no_other_page(
    note: Path, written: npt.NDArray[np.uint8], tmp_path: Path, inkread: Command
) -> None:
    pages, answers = tmp_path / "pages.tif", tmp_path / "answers"
    sheets = [Image.fromarray(written), Image.fromarray(written)]
    sheets[0].save(pages, save_all=True, append_images=sheets[1:])
    flags = ("--model", "digits", "--pattern", r"\d{4}")
    answer = inkread("read", pages, note, *flags)
    assert (answer.code, answer.out) == (1, f"== {pages}\n2653\n\f2653\n== {note}\n2653\n")
    told = "line 1 is left out: no text of 6 characters fits the pattern"
    where = [f"{pages}, page 1", f"{pages}, page 2", note]
    assert [line.partition(f": {told}")[0] for line in answer.err.splitlines()] == [f"inkread: {one}" for one in where]
    assert inkread("read", note, *flags, "--output", answers).code == 1
    assert (answers / "note.txt").read_text() == "2653\n"
    as_json = inkread("read", note, *flags, "--json")
    page = json.loads(as_json.out)
    assert (as_json.code, page["text"], page["misfits"]) == (1, "2653", [1])
    assert told in page["remark"] and told in as_json.sentence


@pytest.mark.parametrize(
    "wrong",
    [
        ("--words", "Żubr", "'Żubr' has 'Ż', which is never read; expected characters of abc"),
        ("--words", "Old Bridge", "'Old Bridge' has a space; expected one word a line: write Old and Bridge on two"),
        ("--words", "Zaphod\t3", "has a tab; expected one word alone: frequencies are for the --words of inkread"),
        ("--allowed", "5 – Ż", "'5 – Ż' has 'Ż', which is never read"),
    ],
)
def test_a_line_of_a_list_that_is_never_read_is_told_once_before_anything_is_read(
    note: Path, tmp_path: Path, inkread: Command, wrong: tuple[str, str, str]
) -> None:
    flag, line, sentence = wrong
    (tmp_path / "list.txt").write_text(f"good\n\n{line}\n", encoding="utf-8")
    answer = inkread("read", note, note, flag, tmp_path / "list.txt")
    assert (answer.code, answer.out) == (1, "")
    assert f"{tmp_path / 'list.txt'}, line 3: " in answer.sentence and sentence in answer.sentence


def test_a_list_for_digits_holds_no_letters(note: Path, tmp_path: Path, inkread: Command) -> None:
    (tmp_path / "list.txt").write_text("Room")
    answer = inkread("read", note, "--model", "digits", "--allowed", tmp_path / "list.txt")
    assert "line 1: 'Room' has 'R', which is never read; expected characters of 0123456789" in answer.sentence


def test_a_confidence_is_obeyed_and_words_that_are_not_there_are_told(
    note: Path, tmp_path: Path, inkread: Command
) -> None:
    answer = inkread("read", note, "--model", "digits", "--min-confidence", "1")
    assert set(answer.out) <= set("?0123456789 \n")
    assert "?" in answer.out
    missing = inkread("read", note, "--words", tmp_path / "none.txt")
    assert (missing.code, missing.out) == (1, "")
    assert missing.err.startswith("inkread: cannot read ")


@pytest.mark.parametrize("flags", [("--words", "numbers.txt"), ("--language-weight", "0.5"), ("--no-lexicon",)])
def test_what_speaks_to_a_language_is_refused_where_there_is_none(
    note: Path, inkread: Command, flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(note.parent)
    Path("numbers.txt").write_text("2653\n")
    answer = inkread("read", note, "--model", "digits", *flags)
    assert (answer.code, answer.out) == (1, "")
    assert answer.sentence.startswith(f"inkread: {flags[0]} speaks to a language model, and none ships for 0123456789;")
    assert inkread("read", note, "--model", "digits", "--language-weight", "0").code == 0  # the eye alone is the eye
    assert inkread("read", note, "--model", "characters", *flags).code == 0


@pytest.mark.parametrize(
    ("flags", "beside"),
    [
        (("--words", "list.txt"), ("--pattern", ".*")),
        (("--language-weight", 0.5), ("--pattern", ".*")),
        (("--keep", "x"), ("--allowed", "list.txt")),
        (("--beam", 8), ("--allowed", "list.txt")),
        (("--no-lexicon",), ("--pattern", ".*")),
        (("--words", "list.txt"), ("--language-weight", 0)),
        (("--no-lexicon",), ("--language-weight", 0)),
    ],
)
def test_a_flag_that_another_leaves_nothing_to_say_is_refused(
    note: Path, inkread: Command, flags: tuple[object, ...], beside: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(note.parent)
    Path("list.txt").write_text("noon\n")
    answer = inkread("read", note, *flags, *beside)
    other = "--language-weight 0" if beside[0] == "--language-weight" else beside[0]
    assert (answer.code, answer.out) == (1, "")
    assert answer.sentence.startswith(f"inkread: {flags[0]} has no say beside {other}: ")
    assert inkread("read", note, *flags).code == 0


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A note whose lines may say several things."""
    path = tmp_path / "doubtful.png"
    ink, _ = penned(["Meet me at noon", "by the oak"], 60, 5)
    lighter = np.random.default_rng(0).random(ink.shape) < 0.25  # a pen that skips
    Image.fromarray(np.rint(255 * (1 - np.pad(np.where(lighter, 0, ink), 40))).astype(np.uint8)).save(path)
    return path


@pytest.mark.slow
def test_the_best_texts_of_each_line_stand_below_it(doubtful: Path, inkread: Command) -> None:
    lines = package.load().read(doubtful).lines
    assert all(len(line.alternatives) == 4 for line in lines)
    answer = inkread("read", doubtful, "--n-best", 3)
    expected = [
        row
        for line in lines
        for row in (line.text, *(f"  {100 * p:5.1f} %  {other}" for other, p in line.alternatives[:2]))
    ]
    assert (answer.code, answer.err, answer.out.splitlines()) == (0, "", expected)
    assert inkread("read", doubtful, "--n-best", 1).out == inkread("read", doubtful).out
    told = json.loads(inkread("read", doubtful, "--n-best", 2, "--json").out)["lines"]
    assert [line["alternatives"] for line in told] == [[list(line.alternatives[0])] for line in lines]
    filed = inkread("read", doubtful, "--n-best", 3, "--output", doubtful.parent / "read")
    assert filed.code == 0
    assert (doubtful.parent / "read" / "doubtful.txt").read_text("utf-8").splitlines() == expected


def test_a_form_without_room_for_other_texts_is_refused(note: Path, inkread: Command) -> None:
    answer = inkread("read", note, "--n-best", 2, "--format", "hocr")
    assert (answer.code, answer.out) == (1, "")
    assert "--n-best is told in text and JSON; hocr has one text a line" in answer.sentence


def test_what_is_asked_of_the_decoder_reaches_it(
    note: Path, tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[DecodingOptions] = []
    with_options = Reader.with_options

    def spy(self: Reader, options: DecodingOptions, language: LanguageModel | None = None) -> Reader:
        asked.append(options)
        return with_options(self, options, language)

    monkeypatch.setattr(Reader, "with_options", spy)
    assert inkread("read", note, "--beam", 3, "--no-lexicon").code == 0
    assert inkread("read", note, "--n-best", 7).code == 0
    (tmp_path / "words.txt").write_text("Zorkino\nr2d2\n")
    words, keep = ("--words", tmp_path / "words.txt"), ("--keep", r"\d{4}", "--keep", "x+")
    assert inkread("read", note, *words, *keep, "--language-weight", 0.25).code == 0
    stored = package.load().options
    assert asked == [
        replace(stored, beam=3, lexicon=False),
        replace(stored, n_best=7),
        replace(stored, words=("Zorkino", "r2d2"), keep=(r"\d{4}", "x+"), language_weight=0.25),
    ]


@pytest.mark.parametrize(
    ("flag", "value", "sentence"),
    [
        ("--beam", 0, "beam is 0; expected 1 to 100,000"),
        ("--n-best", 1001, "n_best is 1001; expected 1 to 1,000"),
        ("--n-best", "many", "Invalid value for --n-best: unable to convert"),
    ],
)
def test_a_number_that_makes_no_sense_is_one_sentence(
    note: Path, inkread: Command, flag: str, value: object, sentence: str
) -> None:
    answer = inkread("read", note, flag, value)
    assert answer.code in (1, 2) and answer.out == ""
    assert sentence in answer.sentence


def reading_of(confidence: float, box: Box) -> Reading:
    character = Character("7", confidence, box, ())
    return Reading((Line("7", "7", (Word("7", confidence, box, (character,)),), box, confidence),), 60, 40, "test")


def drawn(tmp_path: Path, reading: Reading, **options: float) -> npt.NDArray[np.uint8]:
    """An empty sheet with the reading drawn over it."""
    Image.new("L", (60, 60), 255).save(tmp_path / "p.png")
    overlay(tmp_path / "p.png", reading, tmp_path / "o.png", **options)
    with Image.open(tmp_path / "o.png") as picture:
        return np.asarray(picture)


def test_boxes_are_half_open_and_green_where_it_is_sure(tmp_path: Path) -> None:
    pixels = drawn(tmp_path, reading_of(1.0, Box(20, 25, 30, 38)))
    box = (pixels == SURE).all(axis=2)
    assert box[25, 20:30].all() and box[37, 20:30].all() and box[25:38, 20].all() and box[25:38, 29].all()
    assert not box[:, 30:].any() and not box[38:].any()
    assert (pixels[26:37, 21:29] == 255).all()


def test_what_is_unsure_is_red_dashed_and_labelled(tmp_path: Path) -> None:
    pixels = drawn(tmp_path, reading_of(0.0, Box(20, 25, 30, 38)))
    red = (pixels == UNSURE).all(axis=2)
    assert red[25, 20:30].tolist() == red[37, 20:30].tolist() == [True] * 3 + [False] * 3 + [True] * 4
    assert 0 < red[25:38, 20].sum() < 13  # dashed down the sides, too
    assert 0 < red[39, 20:30].sum() < 10 and not red[39, 30:].any()  # a dashed line below the word
    assert (pixels[41:] != 255).any()  # and how sure it is
    plain = drawn(tmp_path, reading_of(0.0, Box(20, 25, 30, 38)), unsure_below=0.0)
    assert (plain[25, 20:30] == UNSURE).all() and (plain[39:] == 255).all()
    assert (pixels[:24, 27:45] != 255).sum() > (plain[:24, 27:45] != 255).sum()  # a ? after the 7


def test_an_unsure_word_at_the_edge_stays_on_the_picture(tmp_path: Path) -> None:
    pixels = drawn(tmp_path, reading_of(0.2, Box(0, 0, 60, 60)))
    assert pixels.shape == (60, 60, 3) and (pixels[45:58, 3:20] != 255).any()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "I;16", "P", "CMYK", "1"])
def test_an_overlay_shows_the_ink_of_every_kind_of_picture(tmp_path: Path, mode: str) -> None:
    sheet = np.full((60, 80), 255, np.uint8)
    sheet[40:50, 50:60] = 0
    path = tmp_path / "p.tif"
    if mode in ("RGBA", "LA"):  # black ink on nothing
        Image.fromarray(np.dstack([np.zeros_like(sheet)] * (3 if mode == "RGBA" else 1) + [255 - sheet])).save(path)
    elif mode == "I;16":  # 12 bits of 16
        Image.fromarray(sheet.astype(np.uint16) * 16).save(path)
    else:
        Image.fromarray(sheet).convert(mode).save(path)
    overlay(path, reading_of(1.0, Box(5, 20, 15, 35)), tmp_path / "o.png")
    with Image.open(tmp_path / "o.png") as seen:
        grey = np.asarray(seen.convert("L"), int)
    assert grey[55:, 65:].min() > 220 and grey[42:48, 52:58].max() < 60


def test_a_pdf_is_overlaid_as_it_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    Image.new("L", (200, 100), 255).save(tmp_path / "p.pdf", resolution=72)
    (page,) = pages(tmp_path / "p.pdf")
    overlay(tmp_path / "p.pdf", reading_of(1.0, Box(20, 25, 30, 38)), tmp_path / "o.png")
    with Image.open(tmp_path / "o.png") as seen:
        assert seen.size == (page.width, page.height) and seen.getpixel((20, 25)) == SURE


def test_one_threshold_rules_text_json_and_overlay(note: Path, tmp_path: Path, inkread: Command) -> None:
    usual, asked = tmp_path / "usual.png", tmp_path / "asked.png"
    assert inkread("read", note, "--model", "digits", "--overlay", usual).code == 0
    flags = ("--model", "digits", "--min-confidence", "1", "--json", "--overlay", asked)
    told = json.loads(inkread("read", note, *flags).out)
    words = [word for line in told["lines"] for word in line["words"]]
    unsure = [character["confidence"] < 1 for word in words for character in word["characters"]]
    assert any(unsure) and [sign == "?" for word in words for sign in word["text"]] == unsure
    assert told["text"] == "\n".join(line["text"] for line in told["lines"]) and "?" in told["text"]
    assert all(character["text"].isdigit() for word in words for character in word["characters"])  # the best guess
    assert usual.read_bytes() != asked.read_bytes()


def test_hocr_and_alto_say_where_every_digit_stands(note: Path, inkread: Command) -> None:
    reading = package.load("digits").read(note)
    root = ET.fromstring(inkread("read", note, "--model", "digits", "--format", "hocr").out)
    words = [e for e in root.iter() if e.get("class") == "ocrx_word"]
    assert ["".join(e.itertext()) for e in words] == MESSAGE.split()
    assert [e.attrib["title"].split("; ")[0] for e in words] == [
        f"bbox {' '.join(map(str, word.box))}" for word in reading.words
    ]
    root = ET.fromstring(inkread("read", note, "--model", "digits", "--format", "alto").out)
    strings = [e for e in root.iter() if e.tag.endswith("}String")]
    assert [e.attrib["CONTENT"] for e in strings] == MESSAGE.split()
    assert [float(e.attrib["HPOS"]) for e in strings] == [word.box.left for word in reading.words]


@pytest.mark.parametrize("name", ["seen.gif", "seen", "seen.pdf"])
def test_an_overlay_of_another_kind_is_refused_by_name(tmp_path: Path, note: Path, name: str) -> None:
    with pytest.raises(
        BadOption, match=f"--overlay is .*{name}; expected a name that ends in .jpg, .jpeg, .png, .webp"
    ):
        overlay(note, reading_of(1, Box(0, 0, 5, 5)), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_an_overlay_where_nothing_can_be_written_is_one_sentence(note: Path, inkread: Command) -> None:
    answer = inkread("read", note, "--model", "digits", "--overlay", note / "seen.png")
    assert answer.code == 1
    assert str(note) in answer.sentence


def test_what_a_format_cannot_hold_is_one_sentence(tmp_path: Path) -> None:
    Image.new("L", (16_400, 20), 255).save(tmp_path / "roll.png")
    with pytest.raises(BadOption, match=r"seen\.webp cannot hold 16400 x 20 pixels \(.*\); name a \.png"):
        overlay(tmp_path / "roll.png", reading_of(1.0, Box(5, 2, 9, 15)), tmp_path / "seen.webp")
    assert not (tmp_path / "seen.webp").exists()
