"""`inkread bench`: sets that are what they say, engines that are stood in for, figures that are known beforehand."""

from __future__ import annotations

import inspect
import json
import re
import stat
import sys
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from inkread.alphabet import CHARACTERS, LETTERS
from inkread.evaluation.risk import sure_words
from inkread.evaluation.wording import THIN
from inkread.interfaces.bench import sets, texts
from inkread.interfaces.bench.engines import Answer, Engine, NotThere, RapidOcr, in_rows, open_engine
from inkread.interfaces.bench.marks import PATHS, marks
from inkread.interfaces.bench.measure import best, claims, curve, invented, measure, scores
from inkread.interfaces.bench.negatives import KINDS, negatives
from inkread.interfaces.bench.robustness import Borne, Task, borne, by_reader, mnist_c
from inkread.interfaces.bench.sets import Sample, composed, filed, real_pages
from inkread.interfaces.bench.stock import UNSEEN, Stock, open_stock, open_unseen
from inkread.interfaces.bench.targets import best_other, target_of, verdicts
from inkread.interfaces.cli import BENCH_VERBS, COMMANDS
from inkread.interfaces.commands.bench import BenchOptions
from inkread.loading import load
from tests.conftest import Command

SCRIPT = "corpora"
MESSAGES = ("MEET ME AT NOON", "BRING THE KEYS AND DO NOT BE LATE", "CALL HOME")
posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script of the shell")


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """What ships."""
    return open_stock(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def samples(stock: Stock) -> list[Sample]:
    return composed("clean", "capitals", stock, list(MESSAGES), n=3, seed=0)


class Says:
    """An engine that answers what it was told to."""

    version = "1"

    def __init__(self, name: str, answers: dict[str, tuple[str, float]]) -> None:
        self.name = name
        self.answers = answers
        self.seen: list[str] = []

    def suits(self, sample: Sample) -> bool:
        return sample.text in self.answers

    def read(self, sample: Sample) -> Answer:
        self.seen.append(sample.text)
        text, confidence = self.answers[sample.text]
        return Answer(text, tuple((word, confidence) for word in text.split()), 7.0)


def sample(text: str, kind: sets.Kind = "clean", name: str = "clean, capitals", number: int = 0) -> Sample:
    return Sample(kind, name, number, filed(np.full((20, 30), 255, np.uint8)), text)


# Glyphs and texts


@pytest.mark.slow
def test_what_ships_spells_every_text_and_says_what_it_is(stock: Stock) -> None:
    assert "drawn by inkread itself" in stock.remark
    assert "no figures to quote" in stock.remark
    assert stock.spells(CHARACTERS.characters)
    assert not stock.spells("é")
    drawn = stock.draw("A b,1", np.random.default_rng(0))
    assert (drawn.shape, drawn.dtype) == ((4, 28, 28), np.uint8)
    assert any((drawn[0] == glyph).all() for glyph in stock.glyphs["A"])


def test_held_out_letters_come_from_the_data_folder_without_copies_of_those_learnt(
    tmp_path: Path, stock: Stock
) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    small = LETTERS.characters.lower()
    for name, characters in (
        ("nist_sd19_upper", LETTERS.characters), ("nist_sd19_lower_vowels", "aeiou"), ("emnist_lowercase", small),
        ("scanned_62", small), ("omniglot_latin", small), ("emnist_byclass_sample", small),
    ):  # fmt: skip
        images = np.concatenate([stock.glyphs[c][:12] for c in characters])
        split = np.tile(["val"] * 8 + ["train"] * 4, len(characters))
        if name == "emnist_lowercase":  # the first held-out glyph of each letter is one that others learn from
            images[::12] = images[8::12]
        np.savez(letters / name, images=images, labels=np.repeat(list(characters), 12), split=split)
    found = open_stock(tmp_path)
    assert "no shipped weights learnt from" in found.remark
    assert (found.glyphs["A"] == stock.glyphs["A"][:8]).all()
    assert not any((glyph == stock.glyphs["b"][8]).all() for glyph in found.glyphs["b"])


def test_hands_that_nothing_was_learnt_from_come_from_their_own_collections(stock: Stock, tmp_path: Path) -> None:
    assert open_unseen(tmp_path) is None
    (tmp_path / "letters").mkdir()
    empty = np.zeros((1, 28, 28), np.uint8)
    for name, characters in zip(UNSEEN, ("AB7", "Ab"), strict=True):
        images = np.concatenate([*(stock.glyphs[c][:2] for c in characters), empty])
        np.savez(tmp_path / "letters" / name, images=images, labels=[*np.repeat(list(characters), 2), "A"])
    found = open_unseen(tmp_path)
    assert found is not None
    assert (found.glyphs["A"] == np.concatenate([stock.glyphs["A"][:2]] * 2)).all()  # the empty ones are left out
    assert {c: len(found.glyphs[c]) for c in "Bb7"} == {"B": 2, "b": 2, "7": 2}
    assert found.spells("BA, 7b!") and not found.spells("C")


def test_messages_are_held_out_as_the_language_models_texts_are(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    lines = [f"message number {i} do n't wait" for i in range(300)]
    (tmp_path / "text" / "messages.txt").write_text("\n".join(lines), encoding="utf-8")
    joined = [line.replace(" n't", "n't") for line in lines]
    for part in ("val", "test"):
        assert texts.held_out(tmp_path, part) == tuple(line for line in joined if script.part_of(line) == part)
    assert not set(texts.held_out(tmp_path, "val")) & set(texts.held_out(tmp_path, "test"))


def test_lines_and_pages_have_the_lengths_of_notes() -> None:
    spelt = texts.spelt(("Don't be late, call me when you get home tonight or tomorrow morning!", "ok"), "mixed")
    assert spelt == ["Don't be late, call me when you get home tonight or tomorrow morning!"]
    for seed in range(30):
        rng = np.random.default_rng(seed)
        assert texts.LENGTHS[0] <= len(texts.a_line(spelt, rng)) <= texts.LENGTHS[1]
        word = texts.a_word(spelt, rng)
        assert len(word) > 1 and len(word.split()) <= 2 and word in spelt[0]
        page = texts.a_page(spelt, rng).split("\n")
        assert texts.PAGE_LINES[0] <= len(page) <= texts.PAGE_LINES[1]
        assert max(map(len, page)) <= texts.PAGE_WIDTHS[1]
    assert all(part.isdigit() for text in texts.spelt((), "numbers") for part in text.split())


def test_every_mark_can_be_drawn_and_no_two_drawings_are_alike() -> None:
    for mark in PATHS:
        first, second = marks(mark, 2, np.random.default_rng(0))
        assert first.max() > 200
        assert (first != second).any(), mark


# Sets


@pytest.mark.slow
@pytest.mark.parametrize("kind", sets.COMPOSED)
def test_a_set_is_the_same_for_the_same_seed_however_many_are_asked_for(kind: sets.Kind, stock: Stock) -> None:
    few = composed(kind, "capitals", stock, list(MESSAGES), n=1, seed=3)
    more = composed(kind, "capitals", stock, list(MESSAGES), n=2, seed=3)
    assert few[0] == more[0]
    assert few[0].file == more[0].file
    assert composed(kind, "capitals", stock, list(MESSAGES), n=1, seed=4)[0].file != few[0].file
    for one in more:
        assert one.is_page == ("\n" in one.text)
        assert len(one.boxes) == len("".join(one.text.split()))
        height, width = one.picture.shape[:2]
        assert all(0 <= b.left < b.right <= width and 0 <= b.top < b.bottom <= height for b in one.boxes)


def test_clean_letters_do_not_touch_and_some_hard_ones_do(stock: Stock) -> None:
    def touching(kind: sets.Kind) -> int:
        pieces = []
        for one in composed(kind, "capitals", stock, ["HHHHHHHH"], n=12, seed=0):
            neighbours = zip(one.boxes, one.boxes[1:], strict=False)
            pieces.append(sum(after.left < before.right for before, after in neighbours))
        return sum(pieces)

    assert touching("clean") < touching("hard")


def test_forms_have_boxes_or_dark_edges_around_their_lines(stock: Stock) -> None:
    plain = composed("clean", "capitals", stock, list(MESSAGES), n=1, seed=0)[0].picture
    dark = 0
    for one in composed("forms", "capitals", stock, list(MESSAGES), n=12, seed=0):
        picture = one.picture.astype(int)
        text = max(b.bottom for b in one.boxes) - min(b.top for b in one.boxes)
        middles = picture[:, next(b.left for b in one.boxes) - 2]  # a column of paper, but for what is drawn around
        assert picture.ndim == 2 and (picture[one.boxes[0].top : one.boxes[0].bottom].min() < 128) and text > 20
        dark += int((middles < 100).any())
    assert dark >= 6 and plain.min() < 128


def test_words_are_cut_close_to_the_ink_and_some_are_small_or_in_two_tones(stock: Stock) -> None:
    found = composed("words", "capitals", stock, list(MESSAGES), n=24, seed=0)
    for one in found:
        height, width = one.picture.shape
        assert 1 <= len(one.text.split()) <= 2 and len(one.text) > 1
        assert min(b.left for b in one.boxes) <= sets.TIGHT and min(b.top for b in one.boxes) <= sets.TIGHT
        assert width - max(b.right for b in one.boxes) <= sets.TIGHT
        assert height - max(b.bottom for b in one.boxes) <= sets.TIGHT
    small = [one.picture.shape[0] <= sets.FEW_PIXELS[1] for one in found]
    two_tones = [len(np.unique(one.picture)) == 2 for one in found]
    for some in (small, two_tones):
        assert 0.15 * len(found) < sum(some) < 0.65 * len(found)


def test_cropping_leaves_the_text_and_little_more(samples: list[Sample]) -> None:
    from inkread.preprocessing import load as picture_of

    one = samples[0]
    cropped = picture_of(one.cropped)
    lines = max(b.bottom for b in one.boxes) - min(b.top for b in one.boxes)
    assert lines < cropped.height <= min(one.picture.shape[0], 1.6 * lines)
    assert sample("X").cropped == sample("X").file  # no boxes, no cropping


def test_real_pages_come_with_and_without_their_number(tmp_path: Path) -> None:
    pages = np.zeros((3, 100, 100), np.uint8)
    pages[:, 10:20, 10:40] = 255
    pages[:, 90:95, 80:95] = 255
    np.savez(tmp_path / "pages_upper", pages=pages, text=np.array(["GO ON"] * 3), number=np.array(["0064"] * 3))
    plain, numbered = (real_pages(tmp_path, 2, 0, numbered=flag) for flag in (False, True))
    assert [one.text for one in plain] == ["GO ON"] * 2
    assert [one.text for one in numbered] == ["GO ON\n0064"] * 2
    assert plain[0].picture[15, 20] == numbered[0].picture[15, 20] == 0
    assert (plain[0].picture[92, 90], numbered[0].picture[92, 90]) == (255, 0)
    assert real_pages(tmp_path / "nothing", 2, 0, numbered=False) == []


def test_negatives_are_of_every_kind_and_hold_no_text() -> None:
    found = negatives(len(KINDS), 0)
    assert len({one.set for one in found}) == len(KINDS)
    assert {one.text for one in found} == {""}
    assert [one.file for one in found] == [one.file for one in negatives(len(KINDS), 0)]


# Engines

TSV = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    "4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t\n"
    "5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t96.5\tMEET\n"
    '5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t40\t"ME\n'
    "5\t1\t1\t1\t2\t1\t0\t0\t9\t9\t80\tNOON\n"
)


@posix
def test_tesseract_is_asked_through_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, samples: list[Sample]
) -> None:
    program = tmp_path / "tesseract"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> "{tmp_path}/asked"\n[ "$1" = --version ] && echo "tesseract 9.9.9" && exit\n'
        f'cat > /dev/null\ncat "{tmp_path}/answer"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "answer").write_text(TSV)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    ways = open_engine("tesseract", "letters", None)
    assert {way.version for way in ways} == {"9.9.9"}
    answers = [way.read(samples[0]) for way in ways if way.suits(samples[0])]
    assert len(answers) == 4
    assert {answer.text for answer in answers} == {'MEET "ME\nNOON'}
    assert answers[0].words == (("MEET", 0.965), ('"ME', 0.4), ("NOON", 0.8))
    asked = (tmp_path / "asked").read_text()
    assert "--psm 7" in asked
    assert "tessedit_char_whitelist=ABC" in asked
    page = sample("A\nB", "pages", "pages, mixed")
    assert [way.name for way in ways if way.suits(page)] == ["tesseract"]


@pytest.mark.slow
def test_what_is_not_installed_is_skipped_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, inkread: Command, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("INKREAD_RAPIDOCR_PYTHON", raising=False)
    for name in ("tesseract", "rapidocr"):
        with pytest.raises(NotThere, match="not installed"):
            open_engine(name, "letters", None)
    told = inkread("bench", "read", "--engines", "tesseract,rapidocr", "--n", 1, "--kinds", "clean")
    assert told.code == 1
    assert told.out.count("Skipped: ") == 2
    assert "apt-get install tesseract-ocr" in told.out
    assert told.sentence.startswith("inkread: none of the engines")


@pytest.fixture
def rapidocr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Python that has a RapidOCR which always finds the same two boxes."""
    package = tmp_path / "site" / "rapidocr_onnxruntime"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "class RapidOCR:\n"
        "    def __init__(self, **options): pass\n"
        "    def __call__(self, picture, use_det, use_cls, use_rec):\n"
        "        if not use_det: return [['one line', 0.5]], [0.1]\n"
        "        box = lambda x: [[x, 0], [x + 9, 0], [x + 9, 9], [x, 9]]\n"
        "        return [[box(50), 'ME', 0.75], [box(0), 'MEET', 0.9]], [0.1, 0.1, 0.1]\n"
    )
    meta = tmp_path / "site" / "rapidocr_onnxruntime-9.9.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: rapidocr-onnxruntime\nVersion: 9.9\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    return sys.executable


def test_rapidocr_answers_from_a_process_of_its_own(rapidocr: str, samples: list[Sample]) -> None:
    whole, line = open_engine("rapidocr", "letters", rapidocr)
    assert isinstance(whole, RapidOcr)
    assert isinstance(line, RapidOcr)
    try:
        assert whole.version == "9.9"
        answer = whole.read(samples[0])
        assert (answer.text, answer.words) == ("MEET ME", (("MEET", 0.9), ("ME", 0.75)))
        assert line.read(samples[0]).text == "one line"
        assert not line.suits(sample("A\nB", "pages"))
    finally:
        whole.close()
        line.close()


def test_a_python_without_rapidocr_is_told_of() -> None:
    if find_spec("rapidocr_onnxruntime"):
        pytest.skip("this Python has RapidOCR")
    with pytest.raises(NotThere, match="pip install rapidocr-onnxruntime"):
        open_engine("rapidocr", "letters", sys.executable)


def test_boxes_are_sorted_into_rows() -> None:
    def box(x: float, y: float) -> list[list[float]]:
        return [[x, y], [x + 30, y], [x + 30, y + 20], [x, y + 20]]

    boxes = [(box(80, 4), "b", 0.9), (box(0, 60), "c", 0.8), (box(0, 0), "a", 0.7)]
    assert in_rows(boxes) == [[("a", 0.7), ("b", 0.9)], [("c", 0.8)]]


# Figures


def test_figures_are_those_counted_by_hand() -> None:
    own: Engine = Says("inkread", {"MEET ME": ("meet ne", 0.99), "GO": ("GO", 0.6), "NO\nYES": ("NO YES", 0.97)})
    other: Engine = Says("tesseract", {"MEET ME": ("MEETME", 0.5), "GO": ("", 0.5)})
    pictures = [sample("MEET ME"), sample("GO", name="clean, mixed", number=1), sample("NO\nYES", "pages", "pages, x")]
    ticks: list[int] = []
    reads = measure([own, other], pictures, lambda: ticks.append(1))
    assert len(ticks) == len(reads) == 5
    rows = {(row.set, row.engine): row for row in scores(reads, 0)}
    assert set(rows) == {
        ("clean, capitals", "inkread"), ("clean, capitals", "tesseract"), ("clean, mixed", "inkread"),
        ("clean, mixed", "tesseract"), ("pages, x", "inkread"), ("clean, all", "inkread"), ("clean, all", "tesseract"),
    }  # fmt: skip
    first = rows["clean, capitals", "inkread"]
    assert first.folded.cer == pytest.approx(1 / 7)
    assert first.kept.cer == pytest.approx(6 / 7)
    assert first.spaceless == pytest.approx(1 / 6)
    assert rows["clean, capitals", "tesseract"].folded.cer == pytest.approx(1 / 7)
    assert rows["clean, capitals", "tesseract"].spaceless == 0
    assert rows["clean, all", "tesseract"].folded.cer == pytest.approx(3 / 9)
    assert rows["pages, x", "inkread"].folded.exact == 1
    assert first.ms == 7.0
    confidence, right = claims(read for read in reads if read.engine == "inkread")
    assert right.tolist() == [True, False, True, True, True]
    assert sure_words(confidence, right).share == 1 / 4
    assert curve(reads) is not None
    assert curve([]) is None


def test_over_all_sets_an_engine_is_taken_in_the_way_that_suits_it_best_on_each() -> None:
    shown = [sample("MEET ME"), sample("GO", name="clean, mixed")]
    ways: list[Engine] = [
        Says("tesseract", {"MEET ME": ("MEET ME", 0.6), "GO": ("NO", 0.9)}),
        Says("tesseract, cropped", {"MEET ME": ("MEAT", 0.8), "GO": ("GO", 0.7)}),
        Says("tesseract, capitals only", {"MEET ME": ("MEET HE", 0.5)}),  # which does not suit the other set
        Says("rapidocr", {"MEET ME": ("MEET ME", 0.5), "GO": ("CO", 0.5)}),
    ]
    reads = measure(ways, shown, lambda: None)
    rows = {row.engine: row for row in scores(reads, 0) if row.set == "clean, all"}
    assert set(rows) == {"tesseract", "tesseract, cropped", "tesseract, the best way of each", "rapidocr"}
    assert rows["tesseract, the best way of each"].folded.cer == 0
    ((engine, own),) = best(reads)
    assert engine == "tesseract" and [read.text for read in own] == ["MEET ME", "GO"]


def test_engines_are_warm_before_their_time_counts() -> None:
    own = Says("inkread", {"GO": ("GO", 1.0)})
    measure([own], [sample("GO")], lambda: None)
    assert own.seen == ["GO", "GO"]


def test_typographic_quotes_of_an_engine_are_plain_ones() -> None:
    own: Engine = Says("inkread", {"don't": ("don’t", 0.9)})
    (read,) = measure([own], [sample("don't")], lambda: None)
    assert read.text == "don't"
    assert read.words == (("don't", 0.9),)


def test_words_read_where_there_is_no_text_are_counted() -> None:
    own: Engine = Says("inkread", {"": ("GHOST IT", 0.96)})
    empty = [sample("", "negatives", "negatives, wood", number) for number in range(2)]
    rows = invented(measure([own], empty, lambda: None))
    assert [(row.set, row.n, row.pictures, row.words, row.sure, row.sure_pictures) for row in rows] == [
        ("negatives, wood", 2, 2, 4, 4, 2), ("negatives, all", 2, 2, 4, 4, 2),
    ]  # fmt: skip
    assert scores(measure([own], empty, lambda: None), 0) == []


def test_another_engine_without_a_mistake_is_no_division_by_zero() -> None:
    own: Engine = Says("inkread", {"MEET ME": ("MEAT ME", 0.99)})
    other: Engine = Says("tesseract", {"MEET ME": ("MEET ME", 0.5)})
    found = verdicts(scores(measure([own, other], [sample("MEET ME")], lambda: None), 0), None, None)
    (told,) = [one for one in found if one.what.endswith("below the better engine")]
    assert (told.measured, told.reached) == ("above tesseract", False)


def test_targets_are_told_whether_reached_or_missed() -> None:
    own: Engine = Says("inkread", {"MEET ME": ("MEET ME", 0.99)})
    others: list[Engine] = [Says("tesseract", {"MEET ME": ("MEAT ME", 0.5)}), Says("rapidocr", {"MEET ME": ("", 0.5)})]
    rows = scores(measure([own, *others], [sample("MEET ME")], lambda: None), 0)
    best = best_other(rows, "clean, capitals")
    assert best is not None
    assert best.engine == "tesseract"
    found = verdicts(rows, sure_words([0.99], np.array([False])), 0.5)
    assert [verdict.reached for verdict in found] == [True, True, True, True, False, True]
    assert target_of("real pages, small, numbered") == "real pages, small"
    assert target_of("ruled, mixed") is None


def test_glyphs_read_through_the_reader_are_read_one_by_one(digits: object) -> None:
    reader = load("digits")
    glyphs = digits.val.images[:6]  # type: ignore[attr-defined]
    assert by_reader(reader)(glyphs).tolist() == digits.val.labels[:6].tolist()  # type: ignore[attr-defined]


def test_what_is_borne_begins_with_the_glyphs_as_they_are() -> None:
    glyphs = np.zeros((4, 28, 28), np.uint8)
    glyphs[:2, 4:24, 13:15] = 255

    def classify(pictures: np.ndarray) -> np.ndarray:
        return (pictures[:, 14, 14] > 127).astype(np.int64)

    (row,) = borne(Task("bars", glyphs, np.array([1, 1, 0, 0])), classify, ["brightness"], 0)
    assert row.accuracy == (1.0, 1.0, 1.0, 1.0, 1.0, 0.5)  # at the last, the paper is as bright as half the ink
    assert (row.n, row.published) == (4, 5)


# The commands


@pytest.mark.slow
def test_reading_is_measured_and_reported(inkread: Command, tmp_path: Path) -> None:
    told = inkread(
        "bench", "read", "--model", "digits", "--kinds", "clean,negatives", "--writing", "numbers", "--n", 4,
        "--engines", "inkread", "--out", tmp_path,
    )  # fmt: skip
    assert told.code == 0, told.err
    assert "no figures to quote" in told.out
    assert "clean, numbers" in told.out
    assert "cold from the shell" in told.out
    record = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert len(record["pictures"]) == 4 + 2
    assert record["scores"][0]["folded"]["n"] == 4
    assert record["facts"]["seed"] == "0"
    page = (tmp_path / "bench.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "wrong among them" in page


def test_the_mean_over_mnist_c_is_of_digits_whatever_else_was_measured() -> None:
    letters = Borne("letters", "rotate", 9, (1.0, 0.1, 0.1, 0.1, 0.1, 0.1), (), 2)
    digits = [
        Borne("digits", name, 9, (1.0, 0.9, 0.8, 0.7, 0.6, 0.5), (), known) for name, known in (("a", 2), ("b", 4))
    ]
    other = Borne("digits", "c", 9, (0.0,) * 6, (), None)
    said = f"70.0{THIN}% of digits are read right on average over 2 corruptions of MNIST-C."
    assert mnist_c([letters, *digits, other]) == mnist_c([*digits, other, letters]) == said
    assert mnist_c([letters]) == ""


@pytest.mark.slow
def test_robustness_is_measured_and_reported(inkread: Command, tmp_path: Path) -> None:
    told = inkread("bench", "robustness", "--n", 12, "--out", tmp_path)
    assert told.code == 0, told.err
    assert "zigzag" in told.out
    record = json.loads((tmp_path / "robustness.json").read_text(encoding="utf-8"))
    assert {row["task"] for row in record["rows"]} == {"digits", "letters"}
    assert all(len(row["accuracy"]) == 6 for row in record["rows"])
    assert (tmp_path / "robustness.html").read_text(encoding="utf-8").count("<svg") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("read", "--kinds", "clean,dirty"), "--kinds takes some of clean,hard"),
        (("read", "--engines", ","), "--engines takes some of inkread,tesseract,rapidocr"),
        (("read", "--writing", "cursive"), "--writing takes some of capitals,mixed,numbers"),
        (("read", "--n", 0), "must be 1 or more"),
        (("read", "--kinds", "real-pages,strangers", "--engines", "inkread"), "has no glyphs or pages of these kinds"),
        (("robustness", "--tasks", "faces"), "--tasks takes some of digits,letters"),
        (("robustness", "--n", 0), "must be 1 or more"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(arguments: tuple[object, ...], said: str, inkread: Command) -> None:
    told = inkread("bench", *arguments)
    assert told.code == 1
    assert said in told.sentence


@pytest.mark.parametrize(("verb", "summary", "place"), [(verb, *rest) for verb, rest in BENCH_VERBS.items()])
def test_every_option_is_explained(verb: str, summary: str, place: str, inkread: Command) -> None:
    module, name = place.split(":")
    function = getattr(import_module(f"{COMMANDS}.{module}"), name)
    told = inspect.getdoc(function)
    assert told is not None
    assert told.split(maxsplit=1)[0] == summary.split(maxsplit=1)[0]
    shown = inkread("bench", verb, "--help").out
    for parameter in inspect.signature(function).parameters:
        if parameter != "options":
            assert re.search(rf"^{parameter}\n    \S", told, flags=re.MULTILINE), parameter
            assert f"--{parameter.replace('_', '-')}" in shown
    if verb == "read":
        for flag in fields(BenchOptions):
            assert f"--{flag.name.replace('_', '-')}" in shown, flag.name
