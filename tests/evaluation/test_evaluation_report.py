"""The page and its parts, read back as a browser or a machine would."""

import base64
import io
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from inkread.alphabet import LETTERS, Alphabet
from inkread.errors import BadArray, BadOption, MissingDependency
from inkread.evaluation import calibration, classification, messages, page, plots, report

HOSTILE = '<script>alert("x")</script>&\'"'
VOID = {"meta", "img", "br", "use", "path", "rect"}  # elements that need no end tag
Glyphs = npt.NDArray[np.uint8]


class Reader(HTMLParser):
    """Checks that every element ends where it should, and keeps texts, ids and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


def simulated(n: int, classes: int, strength: float = 3.0) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(0, 1, (n, classes))
    logits[np.arange(n), labels] += strength
    return logits * 2, labels


def glyphs(n: int) -> Glyphs:
    return np.random.default_rng(4).integers(0, 256, (n, 28, 28), dtype=np.uint8)


def subject(name: str = "letters", remark: str = "") -> report.Subject:
    return report.Subject(
        model=name,
        data=f"{name} data",
        remark=remark,
        speed=report.Speed(81_234.5, 0.0431, f"{name} cores"),
        size=report.Size(parameters=50_890, multiply_adds=50_240, bytes=204_800),
        provenance={"config": {"arch": name, "seeds": [0, 1]}, "notes": None, "loss": float("nan"), "at": Path("a")},
    )


def characters_page(alphabet: Alphabet = LETTERS, named: str = "letters", strength: float = 3.0) -> str:
    logits, labels = simulated(400, len(alphabet), strength)
    measured = calibration.before_and_after(logits, labels, calibration.fit_temperature(logits, labels))
    log_probs = calibration.log_softmax(logits, measured.temperature)
    result = classification.evaluate(log_probs, labels, alphabet, groups={named: [named] * 400})
    return report.classification_html(result, glyphs(400), subject(named, named), measured)


def messages_report(strength: float = 3.0, alphabet: Alphabet = LETTERS) -> messages.MessagesReport:
    logits, labels = simulated(1000, len(alphabet), strength)
    log_probs = calibration.log_softmax(logits)
    texts = messages.PLAIN_MESSAGES if alphabet is LETTERS else [alphabet.characters]
    composition = messages.compose_messages([*texts, "1!"], labels, alphabet, np.random.default_rng(0))
    readings = messages.read_greedily(composition, log_probs)
    return messages.effect(composition, readings, log_probs, np.random.default_rng(0))


@pytest.fixture(scope="module")
def both_pages() -> dict[str, str]:
    result = messages_report()
    return {"characters": characters_page(), "messages": report.messages_html(result, glyphs(1000), subject())}


@pytest.mark.parametrize("name", ["characters", "messages"])
def test_a_page_is_whole_and_asks_nothing_of_the_network(both_pages: dict[str, str], name: str) -> None:
    html = both_pages[name]
    read = Reader(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(read.tags)
    assert all(value.startswith("data:image/png;base64,") for value in read.values("src"))
    assert all(value.startswith("#") for value in read.values("href"))
    assert "http" not in html
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert not [name for name, _ in read.attributes if name.startswith("on")]


@pytest.mark.parametrize("name", ["characters", "messages"])
def test_a_page_suits_phones_dark_rooms_and_screen_readers(both_pages: dict[str, str], name: str) -> None:
    read = Reader(both_pages[name])
    assert "width=device-width, initial-scale=1" in read.values("content")
    assert "prefers-color-scheme: dark" in both_pages[name]
    assert len([tag for tag in read.tags if tag == "img"]) == len(read.values("alt")) > 20
    assert all(read.values("alt"))
    assert len(both_pages[name]) < 1_000_000


@pytest.mark.parametrize("name", ["characters", "messages"])
def test_what_a_drawing_refers_to_is_in_the_page(both_pages: dict[str, str], name: str) -> None:
    html, read = both_pages[name], Reader(both_pages[name])
    wanted = {value[1:] for value in read.values("href")} | set(re.findall(r"url\(#(\w+)\)", html))
    assert wanted <= set(read.values("id"))
    assert wanted
    assert not set(re.findall(r"#[0-9a-f]{6}\b", html[html.index("</style>") :])) & set(plots.ROLES)


def test_the_page_on_characters_tells_all_that_was_measured(both_pages: dict[str, str]) -> None:
    logits, labels = simulated(400, 26)
    result = classification.evaluate(calibration.log_softmax(logits), labels, LETTERS)
    text = Reader(both_pages["characters"]).text.replace("\u202f", " ")
    assert (
        f"Of 400 handwritten characters, {400 - result.errors} were read right: {100 * result.accuracy:.2f} %." in text
    )
    assert f"95 % interval {100 * result.interval.low:.2f} to {100 * result.interval.high:.2f} %" in text
    assert f"{result.pairs[0].written} read as {result.pairs[0].read}" in text
    assert f"{100 * result.top3_accuracy:.2f} %" in text
    for word in (
        "before temperature scaling",
        "81,234/s",
        "0.0431 ms",
        "50,890",
        "50,240",
        "205 kB",
        "config.seeds 0, 1",
    ):
        assert word in text


def test_the_page_on_messages_tells_all_that_was_measured(both_pages: dict[str, str]) -> None:
    result = messages_report()
    text = Reader(both_pages["messages"]).text.replace("\u202f", " ")
    score = result.score
    assert f"{score.exact_count} of {score.n} came through without an error" in text
    assert f"character error rate {100 * score.cer:.2f} %" in text
    assert f"word error rate {100 * score.wer:.2f} %" in text
    assert f"{result.pairs[0].written} read as {result.pairs[0].read} {result.pairs[0].count}" in text
    assert "2 characters of the texts outside the alphabet were dropped." in text
    assert "1 text had no usable character and was left out." in text


def test_each_wrong_character_of_a_message_is_marked(both_pages: dict[str, str]) -> None:
    wrong = sum(w != r for e in messages_report().examples for w, r in zip(e.text, e.reading, strict=True))
    assert both_pages["messages"].count('class="letter wrong"') == wrong > 9


def test_hostile_names_stay_text() -> None:
    characters = characters_page(Alphabet("<>&\"'$"), HOSTILE)
    composed = report.messages_html(messages_report(1.0, Alphabet("<>&\"'$")), glyphs(1000), subject(HOSTILE, HOSTILE))
    for html in (characters, composed):
        read = Reader(html)
        assert "script" not in read.tags
        assert read.text.count(HOSTILE) >= 4
        assert not [name for name, _ in read.attributes if name.startswith("on")]


def test_a_perfect_model_has_a_page_too() -> None:
    assert "No mistake at all." in Reader(characters_page(strength=40)).text
    html = report.messages_html(messages_report(40), glyphs(1000), report.Subject("letters", "data"))
    assert "None: no character was misread." in Reader(html).text


def test_a_hopeless_model_has_a_page_too() -> None:
    labels = np.zeros(30, dtype=int)
    log_probs = calibration.log_softmax(np.tile([0.0, 9.0, 0.0], (30, 1)))
    result = classification.evaluate(log_probs, labels, Alphabet("ABC"))
    html = report.classification_html(result, glyphs(30), report.Subject("abc", "data"))
    assert "0 were read right" in Reader(html).text


def test_the_page_is_the_same_each_time(both_pages: dict[str, str]) -> None:
    assert characters_page() == both_pages["characters"]


def test_a_picture_of_a_glyph_shows_dark_ink_on_white_paper() -> None:
    pixels = glyphs(1)[0]
    code = re.search(r"base64,([^\"]+)", page.glyph(pixels, "a"))
    assert code
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(code[1]))).convert("L"))
    assert np.abs(shown.astype(int) - (255 - pixels.astype(int))).max() <= 8  # half a step of 16 greys


@pytest.mark.parametrize(
    ("pictures", "sentence"),
    [
        (np.zeros((399, 28, 28), np.uint8), "399 glyphs came, but the report speaks of glyph number 399"),
        (np.zeros((400, 28, 28), np.float32), "must be uint8"),
        (np.zeros((400, 784), np.uint8), "of the shape"),
    ],
)
def test_glyphs_that_do_not_fit_are_refused(pictures: Glyphs, sentence: str) -> None:
    logits, labels = simulated(400, 26)
    result = classification.evaluate(calibration.log_softmax(logits), labels, LETTERS)
    with pytest.raises(BadArray, match=sentence):
        report.classification_html(result, pictures, subject())
    with pytest.raises(BadArray, match=r"must be uint8|glyphs came"):
        report.messages_html(messages_report(), pictures[:5], subject())


def test_records_are_json_that_keeps_the_figures(tmp_path: Path) -> None:
    logits, labels = simulated(400, 26)
    result = classification.evaluate(calibration.log_softmax(logits), labels, LETTERS)
    measured = calibration.before_and_after(logits, labels, 2.0)
    written = report.write(
        tmp_path / "new" / "report.json", report.classification_record(result, subject("é"), measured)
    )
    kept = json.loads(written.read_text("utf-8"))
    assert kept["classification"]["accuracy"] == result.accuracy
    assert kept["calibration"]["temperature"] == 2.0
    assert kept["subject"]["provenance"] == {
        "config": {"arch": "é", "seeds": [0, 1]}, "notes": None, "loss": None, "at": "a"
    }  # fmt: skip
    said = report.messages_record(messages_report(), subject())
    assert json.loads(report.write(tmp_path / "m.json", said).read_text("utf-8")) == json.loads(json.dumps(said))


def test_writing_replaces_the_old_report_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    report.write(target, "old")
    assert report.write(os.fspath(target), "new ä") == target
    assert target.read_bytes() == "new ä".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadOption, match=r"cannot write .*report\.html: .+; choose another folder"):
        report.write(tmp_path / "file" / "report.html", "text")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadOption, match=r"cannot write .*folder: "):
        report.write(tmp_path / "folder", "text")
    assert (tmp_path / "file").read_text() == "in the way"


def test_without_matplotlib_the_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependency, match=r'matplotlib; install it with: pip install "inkread\[train\]"'):
        characters_page()


def test_drawing_needs_no_pyplot_and_leaves_the_settings_of_matplotlib_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib

    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # importing it would raise

    def settings() -> dict[str, object]:
        return {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != "backend"}

    before = settings()
    plots.svg(plots.length_curve(messages_report().word_lengths, "word"), "words")
    assert settings() == before
