"""holes: what a sheet was punched with goes, and no dot, bullet or letter."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import load, sheet
from inkread.preprocessing.holes import without_holes
from tests.handwriting import penned

CAPITAL = 40


def punched(pen, hole, radius, at=((60, 70), (60, 230))):
    """Lines of text beside holes, which are drawn as circles (share of the radius, thickness, -1 a disc)."""
    writing = np.pad(penned(["Meet at noon", "by the old", "bridge"], CAPITAL, pen)[0], ((0, 0), (130, 0)))
    drawn = np.zeros(writing.shape, np.uint8)
    for middle in at:
        for share, thickness in hole:
            cv2.circle(drawn, middle, round(share * radius), 255, thickness, cv2.LINE_AA)
    return np.maximum(writing, drawn.astype(np.float32) / 255), writing


DISC, RIMMED, RING = [(1, -1)], [(1, 3), (0.75, -1)], [(1, 4)]


@pytest.mark.parametrize("pen", [3, 5, 8])
@pytest.mark.parametrize("hole", [DISC, RIMMED, RING], ids=["disc", "rimmed", "ring"])
def test_punched_holes_in_the_margin_go_and_the_writing_stays(pen, hole):
    ink, writing = punched(pen, hole, 36)
    assert np.array_equal(without_holes(ink), writing)


def test_a_row_of_holes_above_the_writing_goes():
    writing = np.pad(penned(["Meet at noon", "by the old"], CAPITAL, 4)[0], ((80, 0), (0, 0)))
    drawn = np.zeros(writing.shape, np.uint8)
    for across in (100, 300):
        cv2.circle(drawn, (across, 42), 26, 255, -1, cv2.LINE_AA)
    assert np.array_equal(without_holes(np.maximum(writing, drawn.astype(np.float32) / 255)), writing)


@pytest.mark.parametrize("hole, radius, at", [
    (DISC, 6, ((60, 70), (60, 130))),
    (DISC, 20, ((142, 60),)),
    (RING, 24, ((60, 70),)),
    (RING, 15, ((60, 70), (60, 230))),
], ids=["small bullets", "beside a letter", "one ring", "two small rings"])  # fmt: skip
def test_what_is_small_or_near_or_may_be_a_letter_stays(hole, radius, at):
    ink, _ = punched(5, hole, radius, at)
    assert without_holes(ink) is ink


@pytest.mark.parametrize("pen", [3, 8, 12])
@pytest.mark.parametrize("text", ["O ok no i", "o a e o", "O O O O O", "0 0 0 0", "Q 8 e 6"])
@pytest.mark.parametrize("step", [1, 3])
def test_writing_without_holes_keeps_every_pixel(pen, text, step):
    ink = np.ascontiguousarray(penned([text, text], CAPITAL, pen)[0][::step, ::step])
    assert without_holes(ink) is ink


def test_a_disc_without_writing_stays():
    drawn = np.zeros((200, 200), np.float32)
    cv2.circle(drawn, (100, 100), 50, 1.0, -1)
    assert without_holes(drawn) is drawn


def test_a_sheet_has_no_holes():
    ink, writing = punched(4, DISC, 30)
    found = sheet(load(np.rint(245 - 220 * ink).astype(np.uint8))).ink
    assert not found[:, :110].any()
    assert (found[writing > 0.5] > 0.4).mean() > 0.98
