"""Framing and strips as ONNX graphs: the same pixels as Python's own, part by part and as a whole."""

from __future__ import annotations

import builtins
import json
import math
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from inkread.data import Dataset, strokes
from inkread.errors import BadCheckpoint, ExportMismatch, MissingDependency
from inkread.interfaces.web import check, framing, line_strip, models, resizing
from inkread.interfaces.web import strokes as stroke_graphs
from inkread.interfaces.web.graph import Graph, Tensor
from inkread.preprocessing import FRAMINGS, Framing, binarise, frame
from inkread.recognition import shipped, shipped_lines
from inkread.recognition.recogniser import open_session

own_frame = import_module("inkread.preprocessing.frame")  # the package's `frame` and `strip` are the functions
own_strip = import_module("inkread.preprocessing.strip")

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]
NUMBER, GREY, MASK, PIXELS = (
    np.array(1),
    np.zeros((2, 2), np.float32),
    np.zeros((2, 2), bool),
    np.zeros((2, 2), np.uint8),
)


class Runs:
    """A part of a graph, made once, to be run on many arrays of the types of ``like``."""

    def __init__(self, part: Callable[..., Tensor], *like: Array) -> None:
        graph = Graph()
        puts = [
            graph.input(f"x{n}", one.dtype.type, [f"x{n}_{axis}" for axis in range(one.ndim)])
            for n, one in enumerate(like)
        ]
        graph.output("y", part(*puts), None)
        self._session = open_session(graph.content({}), "the graph")

    def __call__(self, *arrays: Array) -> Array:
        return self._session.run(None, {f"x{n}": one for n, one in enumerate(arrays)})[0]


def apart(one: Array, other: Array) -> float:
    """The largest difference; pytest.approx takes long for as many numbers."""
    assert one.shape == other.shape
    return float(np.abs(one - other).max())


def weights_of(name: str) -> bytes:
    return (files("inkread") / "weights" / f"{name}.onnx").read_bytes()


def pillow(grey: Array, height: int, width: int) -> Array:
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC))


def opencv(way: int) -> Callable[[Array, int, int], Array]:
    return lambda grey, height, width: cv2.resize(grey, (width, height), interpolation=way).reshape(height, width)


SMALLER = [
    ((512, 300), (20, 12)),
    ((48, 48), (24, 24)),
    ((300, 401), (199, 263)),
    ((28, 20), (28, 20)),
    ((2, 9), (1, 3)),
]
LARGER = [((9, 5), (20, 11)), ((1, 1), (4, 3)), ((24, 17), (40, 31))]


@pytest.mark.parametrize(
    ("weights", "own", "sizes"),
    [
        (resizing.bicubic, pillow, SMALLER + LARGER),
        (resizing.area, opencv(cv2.INTER_AREA), SMALLER),
        (resizing.linear, opencv(cv2.INTER_LINEAR), SMALLER + LARGER),
    ],
)
def test_two_matrices_resize_as_pillow_and_opencv_do(weights: resizing.Weights, own: Any, sizes: Any) -> None:
    resized = Runs(lambda grey, height, width: resizing.resized(grey, height, width, weights), GREY, NUMBER, NUMBER)
    for old, new in sizes:
        grey = np.random.default_rng(0).random(old).astype(np.float32)
        assert apart(resized(grey, *map(np.array, new)), own(grey, *new)) < 2e-6


def blots(seed: int) -> npt.NDArray[np.bool_]:
    """A mask of some pieces of any form and size, at least one pixel."""
    rng = np.random.default_rng(seed)
    noise = rng.random(rng.integers(1, 70, 2)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.3, 6)).reshape(noise.shape)
    return soft >= np.quantile(soft, rng.uniform(0.05, 0.95))


def test_stroke_widths_and_pieces_are_those_of_opencv() -> None:
    width, pieces = Runs(stroke_graphs.stroke_width, MASK), Runs(stroke_graphs.pieces, MASK)
    for seed in range(15):
        mask = blots(seed)
        assert width(mask) == pytest.approx(binarise.stroke_width(mask), rel=1e-5)
        assert pieces(mask) == cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0] - 1


def test_a_spiral_is_one_piece_and_a_grid_of_dots_many() -> None:
    pieces = Runs(stroke_graphs.pieces, MASK)
    turn = np.linspace(0, 12 * math.pi, 4000)
    spiral = np.zeros((90, 90), bool)
    spiral[(45 + turn * np.sin(turn)).astype(int), (45 + turn * np.cos(turn)).astype(int)] = True
    assert pieces(spiral) == 1
    dots = np.zeros((60, 60), bool)
    dots[::2, ::2] = True
    assert pieces(dots) == 900


@pytest.mark.parametrize("by", [-4.2, -1.0, -0.3, 0.2, 1.0, 3.7])
def test_outlines_move_as_in_python(by: float) -> None:
    grown = Runs(stroke_graphs.grown, MASK, np.array(by))
    for seed in range(6):
        assert apart(grown(blots(seed), np.array(by)), own_frame._grown(blots(seed), by)) < 1e-5


@pytest.fixture(scope="module")
def frames() -> dict[Framing, Runs]:
    return {way: Runs(lambda ink, way=way: framing.frame(ink, way), PIXELS) for way in FRAMINGS}


def letters() -> Iterator[Pixels]:
    """Letters as large drawings, with strokes of many widths, none of them a frame yet."""
    rng = np.random.default_rng(5)
    for place, letter in enumerate("AiLOTWjgMX"):
        glyph = strokes.letters(1, rng, letter).images[0]
        yield np.pad(check.drawn(glyph, 40 + 23 * place, (-2, 0, 4, 12)[place % 4]), place)


@pytest.mark.parametrize("way", FRAMINGS)
def test_a_graph_frames_as_python_does(way: Framing, frames: dict[Framing, Runs]) -> None:
    pictures = [*check.glyph_pictures(20), *letters()]
    assert max(check.farthest(frames[way](picture), frame(picture, way)) for picture in pictures) <= 1


@pytest.mark.parametrize("way", FRAMINGS)
def test_frames_pass_unchanged(way: Framing, frames: dict[Framing, Runs], digits: Dataset) -> None:
    for digit in digits.train.images[:20]:
        once = frame(digit, way)
        assert (frames[way](once) == once).all()


@pytest.mark.parametrize("way", FRAMINGS)
def test_hairlines_markers_and_very_large_ink_are_framed_alike(way: Framing, frames: dict[Framing, Runs]) -> None:
    places = np.arange(90)
    off = np.abs(places[:, None] - places[None, :])
    hairline, marker = (off < 1).astype(np.uint8) * 255, ((off < 25) | (off[::-1] < 25)).astype(np.uint8) * 255
    large = np.kron(check.drawn(next(letters()), 80, 0), np.ones((9, 9), np.uint8))
    assert max(large.shape) > own_frame.WORKING_SIDE
    for picture in (hairline, marker, marker.T[:, ::-1].copy(), large):
        assert check.farthest(frames[way](picture), frame(picture, way)) <= 1


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)), st.sampled_from(FRAMINGS))
@settings(max_examples=40)
def test_any_ink_at_all_is_framed_alike(frames: dict[Framing, Runs], ink: Pixels, way: Framing) -> None:
    if ink.any():
        assert check.farthest(frames[way](ink), frame(ink, way)) <= check.CLOSE


@pytest.fixture(scope="module")
def strips() -> Runs:
    return Runs(line_strip.strip, PIXELS)


@pytest.mark.parametrize("slope", [0.0, 0.05, -0.1])
@pytest.mark.parametrize("height", [8, 26, 60, 150])
def test_a_graph_lays_a_line_as_python_does(strips: Runs, height: int, slope: float) -> None:
    pixels = next(check.line_pictures(1))
    turn = np.array([[1, 0, 5], [slope, 1, 40.0]])
    size = (pixels.shape[1] + 10, pixels.shape[0] + 80)
    sloping = cv2.resize(
        cv2.warpAffine(pixels, turn, size), None, fx=height / 60, fy=height / 60, interpolation=cv2.INTER_AREA
    )
    ink = sloping.astype(np.float32) / 255
    level = binarise.threshold(ink)
    rows, columns = np.flatnonzero((ink > level).any(axis=1)), np.flatnonzero((ink > level).any(axis=0))
    around = np.pad(ink, 2)[rows[0] : rows[-1] + 5, columns[0] : columns[-1] + 5]
    laid = own_strip.drawn(around, own_strip.extent(around)).pixels
    assert check.farthest(strips(sloping), laid) <= 1


def test_otsus_level_is_opencvs() -> None:
    level = Runs(line_strip.threshold, GREY)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        ink = np.clip(rng.normal(0, rng.uniform(0.1, 0.5), (40, 50)) + rng.integers(0, 2, (40, 50)), 0, 1).astype(
            np.float32
        )
        assert level(ink) == pytest.approx(binarise.threshold(ink), abs=1e-6)


@pytest.fixture(scope="module")
def digits_file() -> bytes:
    network = shipped("digits")
    return models.with_framing(weights_of("digits"), network.framing, network.details)


def test_a_network_behind_its_framing_says_what_it_says_of_frames(digits_file: bytes, digits: Dataset) -> None:
    runner, network = check.Runner(digits_file), shipped("digits")
    for digit in digits.val.images[:5]:
        seen, log_probs = runner.read(digit)
        assert apart(log_probs, network.log_probs(seen[None])[0]) < 1e-5


def test_the_file_is_a_whole_onnx_file_and_says_what_the_networks_file_says(digits_file: bytes) -> None:
    model = onnx.load_from_string(digits_file)
    onnx.checker.check_model(model, full_check=True)
    assert [put.name for put in model.graph.input] == ["pixels"]
    assert [put.name for put in model.graph.output] == ["frame", "log_probs"]
    (entry,) = model.metadata_props
    assert json.loads(entry.value) == shipped("digits").details


def test_a_file_of_glyphs_is_checked_against_python(monkeypatch: pytest.MonkeyPatch, digits_file: bytes) -> None:
    monkeypatch.setattr(check, "GLYPHS", 12)
    agreement = check.check_glyphs(digits_file, shipped("digits"))
    assert (agreement.pictures, agreement.same) == (12, 12)
    assert agreement.apart <= 1


def test_a_file_that_frames_another_way_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "GLYPHS", 6)
    network = shipped("digits")
    wrong = models.with_framing(weights_of("digits"), "emnist", network.details)
    with pytest.raises(
        ExportMismatch, match=r"of 6 pictures only \d are framed and read as in Python, expected 99\.5%"
    ):
        check.check_glyphs(wrong, network)


def test_lines_are_read_as_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LINES", 4)
    network = shipped_lines()
    file = models.with_strip(weights_of("lines"), network.stride, network.details)
    agreement = check.check_lines(file, network)
    assert (agreement.pictures, agreement.same) == (4, 4)
    pixels = next(check.line_pictures(1))
    seen, frames = check.Runner(file).read(pixels)
    assert apart(frames, network.frames([seen])[0]) < 1e-4


def test_a_network_of_another_opset_is_refused() -> None:
    network = onnx.load_from_string(weights_of("digits"))
    network.opset_import[0].version = 17
    with pytest.raises(BadCheckpoint, match=r"ONNX opset \[17\], expected 18; export it again"):
        models.with_framing(network.SerializeToString(), "mnist", {})


def test_without_onnx_the_command_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *others: Any, **named: Any) -> Any:
        if name == "onnx":
            raise ImportError(name)
        return whole(name, *others, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        MissingDependency, match=r'writing a graph needs onnx; install it with: pip install "inkread\[train\]"'
    ):
        Graph()
