"""Drawings hold what they were given: numbers, places and names are read back from matplotlib's own objects."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from inkread.alphabet import Alphabet
from inkread.errors import BadArray, BadOption
from inkread.evaluation import calibration, classification, classification_plots, inside_plots, plots, report
from inkread.evaluation.lattice_plot import LINES, WIDEST, lattice_figure
from inkread.evaluation.neighbours import flattened
from inkread.evaluation.occlusion import INK, PAPER, PATCH, covered, importance
from inkread.evaluation.style import AFTER, BEFORE
from inkread.results import Choice, Step, TextLattice

HISTORY = [{"epoch": e, "loss": 2 / e, "val_nll": 1 / e, "val_accuracy": 1 - 0.5 / e} for e in (1, 2, 3)]


def test_the_learning_curve_shows_every_epoch_of_the_log() -> None:
    left, right = plots.learning_curve(HISTORY).axes
    training, validation = (line.get_ydata() for line in left.get_lines())
    assert (training == pytest.approx([2, 1, 2 / 3])) and (validation == pytest.approx([1, 0.5, 1 / 3]))
    assert right.get_lines()[0].get_ydata() == pytest.approx([50, 25, 50 / 3])
    assert left.get_lines()[0].get_linestyle() != left.get_lines()[1].get_linestyle()


def measured() -> tuple[classification.ClassificationReport, np.ndarray]:
    """Five glyphs of three characters; one B is read as C."""
    seen = np.log(np.full((5, 3), 0.1) + 0.7 * np.eye(3)[[0, 1, 2, 2, 0]])
    glyphs = np.zeros((5, 28, 28), np.uint8)
    glyphs[np.arange(5), 3, np.arange(5)] = 255
    return classification.evaluate(seen, np.array([0, 1, 1, 2, 0]), Alphabet("ABC")), glyphs


def test_the_confusion_matrix_holds_the_counts_at_their_places() -> None:
    axes = classification_plots.confusion_matrix(measured()[0]).axes[0]
    numbers = {tuple(reversed(text.get_position())): text.get_text() for text in axes.texts}
    assert numbers == {(0, 0): "2", (1, 1): "1", (1, 2): "1", (2, 2): "1"}
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["A", "B", "C"]
    shades = np.asarray(axes.images[0].get_array())
    assert (shades[2, 0] == 1).all()  # paper where there is nothing
    assert shades[1, 2, 0] > shades[1, 2, 2] and shades[0, 0, 0] < shades[0, 0, 2]  # wrong is warm, right is blue


def test_a_report_is_drawn_as_far_as_there_is_something_to_draw() -> None:
    result, glyphs = measured()
    calibrated = calibration.before_and_after(np.eye(3)[[0, 1, 2, 2, 0]], np.array([0, 1, 1, 2, 0]), 1.0)
    figures = classification_plots.classification_figures(result, glyphs, calibrated)
    assert list(figures) == ["confusion", "reliability", "mistakes"]
    (axes,) = figures["mistakes"].axes
    assert [text.get_text() for text in axes.texts] == ["B→C 80%"]
    assert np.argwhere(np.asarray(axes.images[0].get_array())).tolist() == [[3, 2]]  # the third glyph
    perfect = classification.evaluate(np.log(np.full((3, 3), 0.05) + 0.85 * np.eye(3)), np.arange(3), Alphabet("ABC"))
    assert list(classification_plots.classification_figures(perfect, glyphs[:3], None)) == ["confusion"]


def test_each_drawing_becomes_a_vector_and_a_picture_file_the_same_every_day(tmp_path: Path) -> None:
    paths = report.write_figures(tmp_path / "new", {"one": classification_plots.confusion_matrix(measured()[0])})
    assert [path.name for path in paths] == ["one.svg", "one.png"]
    assert ElementTree.parse(paths[0]).getroot().tag.endswith("svg")
    with Image.open(paths[1]) as picture:
        assert picture.format == "PNG" and picture.getpixel((0, 0))[:3] == (255, 255, 255)  # type: ignore[index]
    again = report.write_figures(tmp_path / "again", {"one": classification_plots.confusion_matrix(measured()[0])})
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


# Where it looks


def test_occlusion_finds_the_only_pixels_that_a_network_looks_at() -> None:
    glyph = np.full((28, 28), 200, np.uint8)
    block = (slice(9, 12), slice(17, 20))
    seen = covered(glyph)[:, *block].mean(axis=(1, 2)) / 255  # a network that takes their mean for a probability
    lost = importance(200 / 255, seen)
    assert lost[10, 18] == lost.max() > 0.3
    near = np.zeros((28, 28), bool)
    near[9 - PATCH + 1 : 12 + PATCH - 1, 17 - PATCH + 1 : 20 + PATCH - 1] = True
    assert lost[~near] == pytest.approx(0)
    assert importance(200 / 255, covered(glyph, INK)[:, *block].mean(axis=(1, 2)) / 255)[10, 18] < 0  # ink helps


def test_every_place_is_covered_once_and_the_glyph_itself_stays_as_it_was() -> None:
    glyph = np.arange(784, dtype=np.uint32).reshape(28, 28).astype(np.uint8) | 1
    copies = covered(glyph, PAPER, patch=27)
    assert len(copies) == 4 and (glyph > 0).all()
    assert [np.argwhere(copy != 0)[0].tolist() for copy in copies] == [[0, 27], [0, 0], [0, 0], [0, 0]]
    assert (covered(glyph, patch=28) == 0).all()
    with pytest.raises(BadOption, match="patch is 29; expected 1 to 28"):
        covered(glyph, patch=29)
    with pytest.raises(BadArray, match="the glyph is float64"):
        covered(np.zeros((28, 28)))
    with pytest.raises(BadArray, match="3,.* probabilities came for 576 places"):
        importance(1.0, [0, 0, 0])


# Inside


def test_every_filter_is_drawn_with_zero_in_the_middle_of_the_scale() -> None:
    filters = np.random.default_rng(0).normal(size=(3, 5, 5)).astype(np.float32)
    figure = inside_plots.filter_sheet(filters)
    drawn = [axes.images[0] for axes in figure.axes if axes.images]
    assert [np.array_equal(image.get_array(), one) for image, one in zip(drawn, filters, strict=True)] == [True] * 3
    assert {image.get_clim() for image in drawn} == {(-np.abs(filters).max(), np.abs(filters).max())}


def test_of_many_filters_the_strongest_are_drawn_and_that_is_said() -> None:
    filters = np.ones((40, 28, 28), np.float32) * np.arange(40, dtype=np.float32)[:, None, None]
    figure = inside_plots.filter_sheet(filters)
    drawn = [float(np.max(axes.images[0].get_array())) for axes in figure.axes if axes.images]
    assert drawn == list(range(8, 40))
    assert figure.get_suptitle() == "32 of 40 filters, those with the largest weights"


def test_the_maps_of_each_block_stand_side_by_side() -> None:
    maps = np.zeros((3, 6, 6), np.float32)
    maps[1, 2, 3] = 4.0
    figure = inside_plots.activation_maps(np.zeros((28, 28), np.uint8), [maps, np.ones((40, 4, 4), np.float32)])
    assert len(figure.axes) == 3
    sheet = np.ma.filled(np.ma.masked_invalid(figure.axes[1].images[0].get_array()), -1)
    assert np.argwhere(sheet == 4).min(axis=0).tolist() == [2 * 2, 14 + 3 * 2]  # the second map, at twice its size
    assert figure.axes[2].get_title(loc="left") == "block 2: 40 maps of 4×4, the strongest 32"
    with pytest.raises(BadArray, match="no layers of convolution"):
        inside_plots.activation_maps(np.zeros((28, 28), np.uint8), [])


def test_what_covering_costs_is_drawn_on_one_scale_for_all_glyphs() -> None:
    maps = [np.full((28, 28), value) for value in (0.1, -0.4)]
    figure = inside_plots.where_it_looks(np.zeros((2, 28, 28), np.uint8) + np.eye(28, dtype=np.uint8) * 255,
                                         ["A 90%", "B 80%"], maps, maps[::-1])  # fmt: skip
    drawn = [axes.images[0] for axes in figure.axes if axes.images]
    assert [float(np.mean(image.get_array())) for image in drawn] == pytest.approx([0.1, -0.4, -0.4, 0.1])
    assert {image.get_clim() for image in drawn} == {(-0.4, 0.4)}
    assert [axes.get_title() for axes in figure.axes[:4]] == ["A 90%", "B 80%", "", ""]


def test_two_planted_clusters_stay_apart_on_the_map() -> None:
    rng = np.random.default_rng(3)
    points = np.concatenate([rng.normal(0, 1, (20, 12)), rng.normal(8, 1, (20, 12))])
    flat = flattened(points)
    nearest = np.linalg.norm(flat[:, None] - flat, axis=2) + 1e9 * np.eye(40)
    assert ((nearest.argmin(axis=1) < 20) == (np.arange(40) < 20)).all()
    assert np.array_equal(flattened(points), flat)
    with pytest.raises(BadArray, match="4 or more points"):
        flattened(points[:3])


def test_the_map_draws_each_glyph_as_its_character_and_rings_what_was_misread() -> None:
    points = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    (axes,) = inside_plots.embedding_map(points, ["A", "$", "A"], np.array([False, True, False])).axes
    assert [(text.get_text(), *text.get_position()) for text in axes.texts] == [
        ("A", 0, 1), ("$", 2, 3), ("A", 4, 5)
    ]  # fmt: skip
    assert axes.texts[0].get_color() == axes.texts[2].get_color() != axes.texts[1].get_color()
    assert np.asarray(axes.collections[0].get_offsets()).tolist() == [[2, 3]]


# The lattice


def meft() -> TextLattice:
    """The eye sees MF, language wants ME."""
    columns = (
        (Choice("M", 0.9, 0.95, True), Choice("", 0.1, 0.05, False)),
        (Choice("E", 0.3, 0.8, True), Choice("F", 0.7, 0.2, False)),
    )
    start = (Step(0, 0, 0.95, 0.04), Step(0, 1, 0.05, 1.0))
    onward = (Step(0, 0, 0.78, 0.5), Step(0, 1, 0.17, 0.0004), Step(1, 0, 0.02, None), Step(1, 1, 0.03, 0.06))
    return TextLattice(columns, (start, onward))


def test_the_lattice_shows_every_choice_what_eye_and_language_give_and_the_best_text_bold() -> None:
    lattice = meft()
    assert (lattice.text, lattice.seen) == ("ME", "MF")
    (axes,) = lattice_figure([lattice]).axes
    written = [text.get_text() for text in axes.texts]
    assert written == ["M", "90 %", "∅", "10 %", "E", "30 %", "F", "70 %", "4.0 %", "100 %", "50 %", "<0.1 %", "6.0 %"]
    looks = {text.get_text(): text for text in axes.texts if text.get_bbox_patch() and len(text.get_text()) == 1}
    assert [name for name, text in looks.items() if text.get_fontweight() == "bold"] == ["M", "E"]
    assert axes.get_title(loc="left") == "the eye alone: MF; eye and language: ME"
    steps = [line for line in axes.get_lines() if len(line.get_xdata()) == 2]  # type: ignore[arg-type]
    best = [np.asarray(line.get_xydata()).tolist() for line in steps if line.get_color() == AFTER]
    assert best == [[[0, 0], [1, 0]], [[1, 0], [2, 0]]]
    assert len(steps) == 6
    dashed = looks["F"].get_bbox_patch()
    assert dashed is not None and dashed.get_linestyle() == "--"
    assert "#{:02x}{:02x}{:02x}".format(*(round(255 * part) for part in dashed.get_edgecolor()[:3])) == BEFORE


def test_a_long_line_goes_on_below_and_of_many_lines_the_first_are_drawn() -> None:
    column, step = (Choice(" ", 1.0, 1.0, True),), (Step(0, 0, 1.0, None),)
    long = TextLattice((column,) * (WIDEST + 2), (step,) * (WIDEST + 2))
    figure = lattice_figure([long])
    spaces = [[text.get_text() for text in axes.texts].count("␣") for axes in figure.axes]
    assert spaces == [WIDEST, 3]  # the last one of the row above stands there again
    assert len(lattice_figure([meft()] * (LINES + 2)).axes) == LINES
    with pytest.raises(BadArray, match="no line to draw"):
        lattice_figure([])
