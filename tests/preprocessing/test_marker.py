"""marker: a highlighter's bands vanish, coloured ink and coloured paper stay what they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from inkread.preprocessing.grey import LUMINANCE, grey
from inkread.preprocessing.marker import without_marker
from tests.handwriting import LINE, penned

Colours = npt.NDArray[np.uint8]
TEXTS = ("MEET AT NOON", "BY THE OLD BRIDGE", "BRING A LANTERN")
CAPITAL = 30
WHITE, BLACK = (250, 250, 248), (35, 35, 45)
MARKERS = {"green": (130, 240, 100), "blue": (110, 190, 245), "pink": (255, 120, 190), "yellow": (255, 245, 60)}
PENS = {"blue": (40, 60, 160), "red": (200, 40, 40), "green": (30, 110, 60), "orange": (240, 130, 30)}
PAPERS = {"white": WHITE, "yellow": (250, 235, 110), "grey": (190, 190, 188), "pink": (250, 160, 190)}


def written(paper: tuple[int, ...], ink: tuple[int, ...], pen: int = 4) -> Colours:
    """Three lines of capitals, RGB."""
    coverage, _ = penned(TEXTS, CAPITAL, pen)
    drawn = np.array(paper) * (1 - coverage[..., None]) + np.array(ink) * coverage[..., None]
    noise = np.random.default_rng(0).normal(0, 2, (*coverage.shape, 1))
    return np.clip(drawn + noise, 0, 255).astype(np.uint8)


def marked(page: Colours, marker: tuple[int, ...], share: float) -> Colours:
    """The first and the last line under a highlighter, along a share of the page's width."""
    page = page.copy()
    for row in (0, 2):
        top = round((1 + LINE * row) * CAPITAL - 0.25 * CAPITAL)
        band = page[top : top + round(1.5 * CAPITAL), CAPITAL // 2 : round(share * page.shape[1])]
        band[:] = (band * (np.array(marker) / 255)).astype(np.uint8)
    return page


def luminance(page: Colours) -> Colours:
    return np.rint(page.astype(np.float32) @ LUMINANCE).astype(np.uint8)


@pytest.mark.parametrize("share", [0.4, 0.95])
@pytest.mark.parametrize("marker", MARKERS.values(), ids=MARKERS)
def test_a_highlighter_vanishes_and_the_ink_below_it_stays(marker: tuple[int, ...], share: float) -> None:
    page = written(WHITE, BLACK)
    plain, seen = luminance(page).astype(int), grey(marked(page, marker, share)).astype(int)
    assert (seen[plain > 230] > 200).mean() > 0.998  # a sliver between an edge and dense ink may stay
    assert seen[plain < 60].max() < 80


@pytest.mark.parametrize("pen", [4, 9])
@pytest.mark.parametrize("ink", PENS.values(), ids=PENS)
@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_a_coloured_pen_on_any_paper_stays_as_dark_as_it_is(
    paper: tuple[int, ...], ink: tuple[int, ...], pen: int
) -> None:
    page = written(paper, ink, pen)
    assert np.array_equal(without_marker(page, luminance(page)), luminance(page))


def test_red_ink_between_black_ink_stays_as_dark_as_it_is() -> None:
    page = written(WHITE, BLACK)
    red = written(WHITE, PENS["red"])
    middle = slice(round(2.5 * CAPITAL), round(4 * CAPITAL))
    page[middle] = red[middle]
    assert np.array_equal(grey(page), luminance(page))


def test_blue_ink_under_a_blue_highlighter_keeps_its_contrast() -> None:
    page = marked(written(WHITE, PENS["blue"]), MARKERS["blue"], 0.95)
    assert np.array_equal(grey(page), luminance(page))


def test_a_coloured_table_around_a_sheet_stays_as_dark_as_it_is() -> None:
    sheet = written(WHITE, BLACK)
    table = np.full((sheet.shape[0] + 120, sheet.shape[1] + 120, 3), (110, 150, 205), np.uint8)
    table[60:-60, 60:-60] = sheet
    assert np.array_equal(grey(table), luminance(table))


def test_blue_ink_on_paper_in_part_shadow_stays_as_dark_as_it_is() -> None:
    page = written(WHITE, (28, 40, 130), 9)
    page[:, page.shape[1] // 3 :] = (0.45 * page[:, page.shape[1] // 3 :]).astype(np.uint8)
    assert np.array_equal(without_marker(page, luminance(page)), luminance(page))


@pytest.mark.parametrize("paper", [(24, 39, 104), (140, 25, 30)], ids=["blue", "red"])
def test_a_coloured_dark_sheet_on_a_table_part_in_shade_stays_as_dark_as_it_is(paper: tuple[int, ...]) -> None:
    sheet = written(paper, (240, 230, 160))
    table = np.full((sheet.shape[0] + 120, sheet.shape[1] + 120, 3), (96, 74, 58), np.uint8)
    table[60:-60, 60:-60] = sheet
    table[:, table.shape[1] // 5 :] //= 2
    assert np.array_equal(grey(table), luminance(table))


@pytest.mark.parametrize("ink", PENS.values(), ids=PENS)
def test_broad_strokes_of_a_coloured_pen_below_black_ink_stay_as_dark_as_they_are(ink: tuple[int, ...]) -> None:
    page = written(WHITE, BLACK)
    coverage, _ = penned(["HELP"], 6 * CAPITAL, 30)
    drawn = np.array(WHITE) * (1 - coverage[..., None]) + np.array(ink) * coverage[..., None]
    poster = np.full((len(page) + len(drawn), max(page.shape[1], drawn.shape[1]), 3), WHITE, np.uint8)
    poster[: len(page), : page.shape[1]] = page
    poster[len(page) :, : drawn.shape[1]] = drawn
    assert np.array_equal(grey(poster), luminance(poster))
