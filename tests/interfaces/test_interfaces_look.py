"""`inkread look` and `inkread read --lattice`: the files that they write, and what they refuse."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from inkread.alphabet import DIGITS
from inkread.data import Dataset, strokes
from inkread.errors import BadOption, BadPicture
from inkread.evaluation.lattice_plot import lattice_figure
from inkread.interfaces.commands import look as verb
from inkread.interfaces.data_choice import open_any_network
from inkread.loading import load, load_recogniser
from inkread.models import Checkpoint, logits
from inkread.preprocessing.compose import compose
from inkread.reader import Reader
from inkread.results import Choice, TextLattice
from tests.conftest import Command


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.slow
def test_a_run_is_drawn_from_inside(
    digits_run: Path, tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch, inkread: Command
) -> None:
    monkeypatch.setattr(verb, "MOST_GLYPHS", 40)
    glyph = tmp_path / "glyph.png"
    Image.fromarray(255 - np.pad(digits.val.images[0], 30)).save(glyph)
    answer = inkread("look", digits_run, "--glyph", glyph, "--out", tmp_path / "seen")
    assert (answer.code, answer.err) == (0, "")
    names = ("learning", "filters", "activations", "where", "map")
    kinds = ("svg", "png")
    assert files(tmp_path / "seen") == {"index.html", *(f"{name}.{kind}" for name in names for kind in kinds)}
    page = (tmp_path / "seen" / "index.html").read_text("utf-8")
    assert page.count("<svg") == 5 and "How it learnt" in page and "http" not in page


@pytest.mark.parametrize("name", ["index.html", "map.png"])
def test_a_file_that_somebody_else_wrote_is_not_drawn_over(tmp_path: Path, inkread: Command, name: str) -> None:
    mine = tmp_path / name
    mine.write_text("mine")
    sentence = inkread("look", "digits", "--out", tmp_path).sentence
    assert f"{tmp_path} holds {name}, which inkread look did not write; name a new or empty folder" in sentence
    assert (mine.read_text(), files(tmp_path)) == ("mine", {name})
    assert f"--out is {mine}, which is a file; expected a folder" in inkread("look", "digits", "--out", mine).sentence


def test_a_folder_that_has_the_name_of_weights_that_ship_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inkread: Command
) -> None:
    (tmp_path / "digits" / "0").mkdir(parents=True)
    (tmp_path / "look").mkdir()
    (tmp_path / "look" / "map.png").touch()  # so that nothing needs to be drawn
    monkeypatch.chdir(tmp_path)
    assert "look holds map.png, which inkread look did not write" in inkread("look", "digits").sentence


def test_of_three_glyphs_no_map_is_drawn(digits: Dataset) -> None:
    network, checkpoint = open_any_network(Path("digits"))
    drawn = verb.inside(network, checkpoint, digits.val.take(np.arange(3)), None)
    assert [one.name for one in drawn] == ["filters", "activations", "where"]


def test_what_look_drew_may_be_drawn_again(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        verb.html([], Checkpoint("digits", "cnn", DIGITS, "mnist", config={"dataset": "digits"}), "digits")
    )
    (tmp_path / "map.png").touch()
    verb.refuse_foreign_page(tmp_path)


def test_the_glyph_of_a_picture_is_framed_as_the_network_wants_it(tmp_path: Path, digits: Dataset) -> None:
    checkpoint = Checkpoint("digits", "cnn", DIGITS, "mnist")
    path = tmp_path / "glyph.png"
    glyph = digits.val.images[0]
    for picture in (glyph, 255 - np.pad(glyph, 30)):  # as the data set has it, and as a person draws it
        Image.fromarray(picture).save(path)
        framed = verb.framed(path, checkpoint)
        assert (framed.shape, framed.dtype) == ((28, 28), np.uint8)
        assert np.abs(framed.astype(int) - glyph).mean() < 8  # a shift by one pixel makes 20
    Image.fromarray(np.full((60, 60), 255, np.uint8)).save(path)
    with pytest.raises(BadPicture, match="holds 0 characters; expected one"):
        verb.framed(path, checkpoint)


def test_the_weights_that_ship_are_looked_at_as_the_run_they_came_from(digits: Dataset) -> None:
    network, checkpoint = open_any_network(Path("digits"))
    glyphs = digits.val
    assert checkpoint.arch == "cnn"
    assert (logits(network, glyphs.images).argmax(axis=1) == glyphs.labels).mean() > 0.98


def test_a_file_that_is_not_there_is_refused_in_a_sentence(inkread: Command) -> None:
    answer = inkread("look", "some.onnx")
    assert answer.code == 1
    assert "an .onnx file or a run's folder" in answer.sentence


def test_a_folder_without_a_network_is_refused_in_a_sentence(tmp_path: Path, inkread: Command) -> None:
    assert "has no model.safetensors" in inkread("look", tmp_path).sentence


# The lattice of a picture


@pytest.fixture
def note(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    glyphs = np.concatenate([strokes.letters(1, rng, letter).images for letter in "MEET"])
    path = tmp_path / "note.png"
    Image.fromarray(compose(glyphs, "MEET", rng).picture).save(path)
    return path


def test_a_picture_is_read_and_its_lattice_drawn(note: Path, inkread: Command) -> None:
    target = note.with_name("lattice.svg")
    answer = inkread("read", note, "--lattice", target)
    assert (answer.code, answer.out, answer.err) == (0, "MEET\n", "")
    texts = [element.text for element in ElementTree.parse(target).iter() if element.tag.endswith("text")]
    assert [text for text in texts if text in list("MET")] == list("MEET")
    assert files(note.parent) == {"note.png", "lattice.svg"}


def test_a_line_with_two_dollars_is_no_formula(tmp_path: Path) -> None:
    columns = tuple((Choice(text, 0.9, 0.9, chosen=True),) for text in ("$5", "10%", "#$"))
    lattice = TextLattice(columns, ((), (), ()))
    figure = lattice_figure([lattice])
    figure.savefig(tmp_path / "a.svg")
    assert figure.axes[0].get_title(loc="left").count("$") == 4


def test_a_lattice_goes_to_one_drawing_of_one_picture(note: Path, tmp_path: Path, inkread: Command) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(note.read_bytes())
    assert (
        "expected a name that ends in .svg or .png" in inkread("read", note, "--lattice", tmp_path / "a.txt").sentence
    )
    assert "takes one picture; got 2" in inkread("read", note, other, "--lattice", tmp_path / "a.svg").sentence
    assert "the picture itself" in inkread("read", note, "--lattice", note).sentence
    assert files(tmp_path) == {"note.png", "other.png"}


def test_a_picture_without_lines_has_no_lattice_and_a_reader_of_glyphs_none_to_draw() -> None:
    assert load("auto").lattices(np.full((40, 60), 255, np.uint8)) == ()
    with pytest.raises(BadOption, match="reads single glyphs"):
        Reader(load_recogniser("digits")).lattices(np.full((40, 60), 255, np.uint8))
