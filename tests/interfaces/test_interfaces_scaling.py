"""`inkread bench scaling`: what is timed grows as it says, and the figures are those of a clock known beforehand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from PIL import Image

from inkread.data import Dataset
from inkread.decoding import DecodingOptions
from inkread.evaluation import plots
from inkread.interfaces.bench import growing, stock, works
from inkread.interfaces.bench import scaling as told
from inkread.interfaces.bench.growing import Curve, Work, measured
from inkread.interfaces.bench.works import Material
from inkread.run_folder import Run
from inkread.training import loop
from inkread.training.config import TrainConfig
from tests.conftest import Command


class Clock:
    """A clock that goes on when it is told to, and a list of what was done."""

    def __init__(self) -> None:
        self.now = 0.0
        self.done: list[tuple[str, float]] = []

    def __call__(self) -> float:
        return self.now

    def work(self, name: str, sizes: tuple[float, ...], power: float, times: int = 1) -> Work:
        """Work that takes 0.06 · size ** power seconds each time, so that one call is long enough."""

        def do(size: float) -> None:
            self.done.append((name, size))
            self.now += 0.06 * size**power * times

        return Work("training", name, "pictures", sizes, do, times)


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Material:
    """What ships, with few glyphs of each character."""
    monkeypatch.setattr(stock, "DRAWN_EACH", 1)
    monkeypatch.setattr(stock, "MARKS_EACH", 1)
    return Material(tmp_path / "no-data-here", tmp_path)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that take no time."""
    for name, sizes in (
        ("BATCHES", (1, 3, 9)), ("LENGTHS", (4, 8, 12)), ("BEAMS", (2, 4, 8)), ("BEAM_LENGTH", 6), ("MESSAGES", 2),
        ("LINES", (1, 2, 3)), ("ENLARGED_LINES", 2), ("MEGAPIXELS", (0.1, 0.2, 0.4)), ("LARGE", 40),
    ):  # fmt: skip
        monkeypatch.setattr(works, name, sizes)
    monkeypatch.setattr(growing, "LONG_ENOUGH", 0.0)


# The clock


def test_each_repeat_passes_over_all_sizes_the_smallest_first() -> None:
    clock, ticks = Clock(), []
    both = [clock.work("one", (1, 2, 4), 1.0), clock.work("other", (1, 3, 9), 1.0)]
    measured(both, 2, lambda: ticks.append(1), clock)
    once = [("one", 1), ("one", 2), ("one", 4), ("other", 1), ("other", 3), ("other", 9)]
    assert clock.done == 3 * once  # the first to warm up
    assert len(ticks) == 3 * len(once)


def test_slopes_are_the_powers_that_were_put_in() -> None:
    clock = Clock()
    both = [clock.work("squared", (1, 2, 4, 8), 2.0), clock.work("of eight", (1, 2, 4, 8), 0.5, times=8)]
    squared, root = measured(both, 3, lambda: None, clock)
    assert squared.seconds == pytest.approx((0.06, 0.24, 0.96, 3.84))
    assert squared.slope.value == pytest.approx(2)
    assert root.seconds[0] == pytest.approx(0.06)  # of one of the eight
    assert root.larger_slope.value == pytest.approx(0.5)
    assert all(len(taken) == 3 for taken in root.runs)


def test_short_work_is_done_several_times_for_one_reading_of_the_clock() -> None:
    clock = Clock()
    quick = clock.work("quick", (0.01, 0.02, 0.1), 1.0)
    (curve,) = measured([quick], 1, lambda: None, clock)
    assert curve.seconds == pytest.approx((0.0006, 0.0012, 0.006))
    warm = [clock.done.count(("quick", size)) / 2 for size in quick.sizes]
    assert warm == sorted(warm, reverse=True)
    assert all(many * seconds >= growing.LONG_ENOUGH for many, seconds in zip(warm, curve.seconds, strict=True))


def test_one_slow_repeat_does_not_move_the_median() -> None:
    curve = Curve("reading", "pages", "lines", (1, 2, 4), ((1, 1, 50), (2, 2, 2), (4, 90, 4)))
    assert curve.seconds == (1, 2, 4)
    assert curve.slope.value == pytest.approx(1)


# What is timed


def test_training_sees_more_and_more_of_the_same_pictures(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Dataset] = []

    def train(dataset: Dataset, config: TrainConfig, run: Run) -> Iterator[None]:
        assert (config.arch, config.epochs, run.folder) == ("cnn", 1, material.scratch)
        seen.append(dataset)
        yield

    monkeypatch.setattr(loop, "train", train)
    (work,) = works.training(material)
    assert work.sizes == (333, 666, 1333, 2666, 4000)  # the sample's; of MNIST they are 5,000 to 60,000
    for size in work.sizes:
        work.do(size)
    for size, dataset in zip(work.sizes, seen, strict=True):
        assert len(dataset.train) + len(dataset.val) == pytest.approx(size, abs=1)
        assert len(dataset.val) / size == pytest.approx(1 / 12, rel=0.2)
        assert (seen[-1].train.images[: len(dataset.train)] == dataset.train.images).all()
    assert "the sample that ships" in work.glyphs


@pytest.mark.usefixtures("_small")
def test_batches_are_as_large_as_they_say(material: Material) -> None:
    both = works.inference(material)
    assert [work.name for work in both] == ["digits (cnn)", "letters (cnn-accurate)"]
    for work, classes in zip(both, (10, 26), strict=True):
        answers = [np.asarray(work.do(size)) for size in work.sizes]
        assert [answer.shape for answer in answers] == [(size, classes) for size in (1, 3, 9)]


@pytest.mark.usefixtures("_small")
def test_messages_grow_in_length_or_in_the_ways_that_are_followed(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def decode(log_probs: np.ndarray, alphabet: object, options: DecodingOptions, gaps: np.ndarray) -> None:
        assert len(gaps) == len(log_probs) - 1
        seen.append((len(log_probs), options.beam))

    monkeypatch.setattr(works, "decode", decode)
    longer, wider = works.decoding(material)
    for work in (longer, wider):
        for size in work.sizes:
            work.do(size)
    assert seen[:6] == [(4, 16), (4, 16), (8, 16), (8, 16), (12, 16), (12, 16)]
    assert seen[6:] == [(6, 2), (6, 2), (6, 4), (6, 4), (6, 8), (6, 8)]
    assert longer.times == wider.times == 2


def test_gaps_are_likely_where_the_text_has_spaces(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Material, "texts", lambda _self, _writing: ["I AM"])
    monkeypatch.setattr(works, "LENGTHS", (1, 2, 5))
    monkeypatch.setattr(works, "BEAM_LENGTH", 5)
    glyphs, gaps = works._message(material, 0)
    assert len(glyphs) == 6
    assert (gaps > 0.5).tolist() == [True, False, True, True, False]


@pytest.mark.usefixtures("_small")
def test_pages_have_as_many_lines_or_pixels_as_they_say(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    class Sees:
        def read(self, file: bytes) -> Image.Image:
            return Image.open(BytesIO(file))

    monkeypatch.setattr(works, "load_reader", Sees)
    longer, larger = works.reading(material)
    pages = [page for size in longer.sizes if isinstance(page := longer.do(size), Image.Image)]
    margins = 2 * works.HOW.margin * works.HEIGHT
    lines = [(page.height - margins) / (works.HOW.leading * works.HEIGHT) for page in pages]
    assert lines == pytest.approx([1, 2, 3], abs=0.4)
    first = [np.asarray(page.convert("L"))[:90, :400] < 128 for page in pages]
    assert (first[0] != first[2]).mean() < 0.01  # the same first line, but for the paper's noise
    scans = [scan for size in larger.sizes if isinstance(scan := larger.do(size), Image.Image)]
    assert [scan.width * scan.height / 1e6 for scan in scans] == pytest.approx([0.1, 0.2, 0.4], rel=0.01)
    assert {scan.format for scan in (*pages, *scans)} == {"JPEG"}


# What is told

CURVES = [
    Curve("inference", "digits", "glyphs", (1, 4, 1_024), ((1e-5,) * 3, (3e-5, 2e-5, 4e-5), (6e-3,) * 3)),
    Curve("inference", "letters", "glyphs", (1, 4, 1_024), ((1e-4,) * 3, (4e-4,) * 3, (0.1024,) * 3)),
]


def test_a_figure_shows_the_whole_and_what_each_one_costs() -> None:
    whole, each = told.figure(CURVES).axes
    assert (whole.get_xscale(), whole.get_yscale(), each.get_ylabel()) == ("log", "log", "time for each glyph")
    assert [tick.get_text() for tick in whole.get_xticklabels()] == ["1", "4", "1,024"]
    digits, letters = (np.asarray(each.containers[number].lines[0].get_ydata()) for number in (0, 1))
    assert digits == pytest.approx([1e-5, 3e-5 / 4, 6e-3 / 1024])
    assert letters == pytest.approx([1e-4] * 3)
    proportion = np.asarray(whole.get_lines()[-1].get_ydata())
    assert proportion[1] / proportion[0] == pytest.approx(1024)
    legend = whole.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][2] == "letters: slope 1.00 ± 0.00"


def test_a_figure_of_two_units_has_a_panel_for_each_and_never_shows_less_than_a_decade() -> None:
    panels = told.figure([replace(CURVES[0], unit="ways followed"), CURVES[1]]).axes
    assert [panel.get_xlabel() for panel in panels] == ["ways followed", "glyphs"]
    _, each = told.figure([replace(CURVES[1], runs=((1e-4,), (4.2e-4,), (0.1024,)))]).axes
    low, high = each.get_ylim()
    assert low < 1e-4 < high  # of each glyph: much the same for every size
    assert high / low == pytest.approx(10)


def test_a_drawing_of_the_same_figures_is_the_same_file() -> None:
    first, second = (plots.file(told.figure(CURVES), "svg") for _ in range(2))
    assert first == second
    assert b"<dc:date>" not in first


# The command


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_scaling_is_measured_and_reported(inkread: Command, tmp_path: Path) -> None:
    answer = inkread("bench", "scaling", "--curves", "inference", "--repeats", 3, "--out", tmp_path)
    assert answer.code == 0, answer.err
    assert "the sample that ships with inkread" in answer.out
    record = json.loads((tmp_path / "scaling.json").read_text(encoding="utf-8"))
    assert [curve["sizes"] for curve in record["curves"]] == [[1, 3, 9]] * 2
    for curve in record["curves"]:
        assert curve["seconds"] == [median(taken) for taken in curve["runs"]]
        fitted = np.polyfit(np.log(curve["sizes"]), np.log(curve["seconds"]), 1)[0]
        assert curve["slope"]["value"] == pytest.approx(fitted)
        assert re.search(rf"{curve['slope']['value']:.2f} ± {curve['slope']['error']:.2f}", answer.out)
    assert record["facts"]["repeats"] == "3"
    page = (tmp_path / "scaling.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 1
    assert "slope" in page
    drawing = (tmp_path / "inference.svg").read_bytes()
    assert drawing.startswith(b"<?xml")
    assert f"slope {record['curves'][0]['slope']['value']:.2f}".encode() in drawing
    assert (tmp_path / "inference.png").read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "training.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--curves", "inference,cooking"), "--curves takes some of training,inference,decoding,reading"),
        (("--curves", ","), "got ','"),
        (("--repeats", 0), "repeats must be 1 or more; got 0"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(arguments: tuple[object, ...], said: str, inkread: Command) -> None:
    answer = inkread("bench", "scaling", *arguments)
    assert answer.code == 1
    assert said in answer.sentence


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_every_curve_is_drawn_from_what_ships(inkread: Command, tmp_path: Path) -> None:
    answer = inkread("bench", "scaling", "--repeats", 1, "--out", tmp_path)
    assert answer.code == 0, answer.err
    record = json.loads((tmp_path / "scaling.json").read_text(encoding="utf-8"))
    assert [curve["family"] for curve in record["curves"]] == [
        "training", "inference", "inference", "decoding", "decoding", "reading", "reading",
    ]  # fmt: skip
    assert record["curves"][0]["sizes"][-1] == 4000
    assert record["curves"][0]["slope"]["value"] > 0  # fourteen steps take longer than one
    assert {path.name for path in tmp_path.iterdir()} >= {
        f"{family}.{kind}" for family in works.WORKS for kind in ("svg", "png")
    }
