"""Strips: one height for every line, level, and a way back to the ink that they come from."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from inkread.errors import BadArray
from inkread.preprocessing import cells, lines, strip
from inkread.preprocessing.layout import InkLine
from inkread.preprocessing.strip import BODY, HEIGHT, INKED, MARGIN, drawn, extent, moved

Typed = Callable[..., tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]]


def only_line(page: npt.NDArray[np.float32]) -> InkLine:
    (line,) = lines(page).lines
    return line


@pytest.mark.parametrize("size", [14, 40, 120])
def test_a_line_of_any_size_fills_the_strip_alike(typed: Typed, size: int) -> None:
    page, _ = typed(("Hamburgefonts",), size=size)
    laid = strip(only_line(page))
    assert laid.pixels.dtype == np.uint8
    assert laid.pixels.shape[0] == HEIGHT
    rows = np.flatnonzero((laid.pixels > 128).any(axis=1))
    assert abs(rows[-1] + 1 - rows[0] - BODY) <= 3
    assert abs((rows[-1] + 1 + rows[0]) / 2 - HEIGHT / 2) <= 2
    columns = np.flatnonzero((laid.pixels > 128).any(axis=0))
    assert columns[0] >= MARGIN - 1
    assert laid.pixels.shape[1] - columns[-1] - 1 >= MARGIN - 1


@pytest.mark.parametrize("slope", [0.0, 0.05, -0.1])
def test_a_sloping_line_is_laid_level_and_boxes_find_their_way_back(typed: Typed, slope: float) -> None:
    page, _ = typed(("mmmmmmmm mmmmmmmm mmmmmmmm",), size=30)
    height, width = page.shape
    turn = np.array([[1, 0, 0], [slope, 1, max(0, -slope) * width]])
    sloping = cv2.warpAffine(page, turn, (width, height + int(abs(slope) * width))).astype(np.float32)
    laid = drawn(sloping, extent(sloping))
    inked = laid.pixels > 128
    rows = np.flatnonzero(inked.any(axis=1))
    assert rows[-1] + 1 - rows[0] <= BODY + 4
    columns = np.flatnonzero(inked.any(axis=0))
    for part in (columns[:40], columns[-40:]):
        own = np.flatnonzero(inked[:, part].any(axis=1))
        box = laid.box(part[0], part[-1] + 1, own[0], own[-1] + 1)
        truth = np.argwhere(sloping[:, box.left : box.right] > 0.5)[:, 0]
        assert abs(box.top - truth.min()) <= 3
        assert abs(box.bottom - 1 - truth.max()) <= 3


def test_a_speck_far_below_does_not_make_the_letters_small(typed: Typed) -> None:
    page, _ = typed(("mmmmmmmmmmmmmmmm",), size=30)
    specked = np.pad(page, ((0, 60), (0, 0)))
    specked[-5:-3, 100:102] = 1
    plain, with_speck = extent(page), extent(specked)
    assert with_speck.bottom - with_speck.top == pytest.approx(plain.bottom - plain.top, abs=1)


def test_cells_hug_each_letter_and_are_told_in_the_ink_s_pixels(typed: Typed) -> None:
    page, _ = typed(("H O M E",), size=40)
    line = only_line(page)
    laid = strip(line)
    _, _, stats, _ = cv2.connectedComponentsWithStats((page > 0.5).astype(np.uint8))
    truth = sorted(tuple(stat[:4]) for stat in stats[1:])
    scale = laid.to_ink[0, 0]
    middles = np.array([(left + width / 2 - laid.to_ink[0, 2]) / scale for left, _, width, _ in truth])
    for box, (left, top, width, height) in zip(cells(laid, middles), truth, strict=True):
        assert np.abs(np.array(box) - (left, top, left + width, top + height)).max() <= 3


def test_cells_part_letters_that_touch_where_the_ink_is_thin() -> None:
    ink = np.zeros((60, 160), np.float32)
    ink[10:50, 20:60] = 1
    ink[28:32, 60:90] = 1  # a thin bridge
    ink[10:50, 90:140] = 1
    laid = drawn(ink, extent(ink))
    scale = 1 / laid.to_ink[0, 0]
    left, right = cells(laid, np.array([40, 115]) * scale + MARGIN)
    assert 58 <= left.right <= 92 and 58 <= right.left <= 92
    assert left.right <= right.left + 1


def test_a_cell_without_ink_is_a_column_of_the_strip() -> None:
    ink = np.zeros((60, 300), np.float32)
    ink[10:50, 10:30] = 1
    laid = drawn(ink, extent(ink))
    empty = cells(laid, np.array([30.0, laid.pixels.shape[1] - 10.0]))[1]
    assert empty.width > 0 and empty.height > 0


def test_a_line_without_ink_is_refused() -> None:
    with pytest.raises(BadArray, match="without ink"):
        extent(np.zeros((10, 10), np.float32))


def test_moving_an_extent_scales_and_shifts_it() -> None:
    ink = np.zeros((60, 40), np.float32)
    ink[20:40, 10:30] = 1
    plain = extent(ink)
    larger = moved(plain, 0.0, 1.25)
    assert larger.bottom - larger.top == pytest.approx((plain.bottom - plain.top) / 1.25)
    higher = moved(plain, 0.1, 1.0)
    assert higher.top - plain.top == pytest.approx(0.1 * (plain.bottom - plain.top))


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 30_000)])
def test_lines_of_any_shape_become_strips(shape: tuple[int, int]) -> None:
    ink = np.ones(shape, np.float32)
    laid = drawn(ink, extent(ink))
    assert laid.pixels.shape[0] == HEIGHT
    assert laid.pixels.shape[1] <= 12_100
    assert (laid.pixels > INKED).any()
