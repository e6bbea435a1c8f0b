"""sheet, outline and rules: what was done to a drawn page is undone, and boxes find their way back to it."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import ink, is_blank, lines, load, picture, sheet
from inkread.preprocessing.outline import in_rows, outlines
from inkread.preprocessing.rules import without_rules
from inkread.preprocessing.sheet import Part, Sheet, skew
from inkread.results import Box
from tests.handwriting import penned

TEXT = ("Bring the old maps", "and a sharp knife", "to the house by the", "river before noon")


def outline(grey):
    """The corners of the one sheet that is seen; None where there is none, or several are."""
    found = outlines(grey)
    return found[0] if len(found) == 1 else None


def warped(pixels, matrix, size, paper):
    """Seen through a homography of pixel corners: OpenCV's own is of the pixels' middles."""
    middle = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    return cv2.warpPerspective(
        pixels, middle @ matrix @ np.linalg.inv(middle), size, flags=cv2.INTER_LINEAR, borderValue=paper
    )


def turned(shape, degrees):
    """The homography that turns a page down to the right on a canvas that holds all of it, and that canvas's size."""
    height, width = shape
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    x, y, _ = turn @ np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]])
    shift = np.array([[1, 0, -x.min()], [0, 1, -y.min()], [0, 0, 1]])
    return shift @ turn, (int(np.ceil(np.ptp(x))), int(np.ceil(np.ptp(y))))


def true_boxes(owner, matrix, size):
    """The box of each line's pixels after a homography."""
    boxes = []
    for number in range(1, owner.max() + 1):
        y, x = np.nonzero(owner == number)
        corners = np.stack([np.concatenate([x, x + 1]), np.concatenate([y, y + 1]), np.ones(2 * len(x))])
        u, v, w = matrix @ corners
        boxes.append(Box(int((u / w).min()), int((v / w).min()), int((u / w).max()) + 1, int((v / w).max()) + 1))
    return [Box(max(b.left, 0), max(b.top, 0), min(b.right, size[0]), min(b.bottom, size[1])) for b in boxes]


def overlap(a, b):
    across, down = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    shared = max(across, 0) * max(down, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)


def ruled(coverage, kind, level):
    """Rules on a page, 0..1: (with them, the rules alone). Letters stand on some and are crossed by others."""
    height, width = coverage.shape
    rules = np.zeros((height, width), np.float32)
    for top in range(34, height, 45 if kind == "squared" else 68):
        cv2.line(rules, (0, top), (width - 1, top + 3), level, 2)
    for left in range(20, width, 45) if kind == "squared" else ():
        cv2.line(rules, (left, 0), (left + 2, height - 1), level, 2)
    return np.maximum(coverage, rules), rules


def photo(coverage, corners, size, table, paper=0.9):
    """A sheet with these corners on a table, lit from one side, with grain."""
    height, width = coverage.shape
    upright = np.float32([(0, 0), (width, 0), (width, height), (0, height)])
    matrix = cv2.getPerspectiveTransform(upright, np.float32(corners))
    seen = warped(paper * (1 - 0.75 * coverage).astype(np.float32), matrix, size, table)
    light = np.linspace(1, 0.7, size[0])
    grain = np.random.default_rng(0).normal(0, 0.012, seen.shape)
    return ((seen * light + grain).clip(0, 1) * 255).astype(np.uint8), matrix


CORNERS = ((110, 60), (905, 105), (960, 700), (50, 660))


@pytest.fixture(scope="module")
def page(typed):
    coverage, owner = typed(TEXT, size=44)
    return coverage, owner


def test_a_clean_picture_keeps_every_pixel(page):
    grey = ((1 - page[0]) * 255).astype(np.uint8)
    laid = sheet(load(grey))
    assert np.array_equal(laid.ink, ink(grey))
    assert np.array_equal(laid.parts[0].to_original, np.eye(3))
    assert laid.original(Box(3, 4, 50, 60)) == Box(3, 4, 50, 60)


@pytest.mark.parametrize("letter", "AEHTli-")
def test_a_small_framed_glyph_passes_untouched(draw, letter):
    glyph = cv2.resize(draw(letter, size=60), (28, 28), interpolation=cv2.INTER_AREA)
    assert np.array_equal(sheet(load(glyph)).ink, ink(glyph))


@pytest.mark.parametrize("degrees", [-9, -3, 1.5, 4, 10])
def test_a_page_laid_askew_is_levelled_and_its_lines_found_in_the_original(page, degrees):
    coverage, owner = page
    matrix, size = turned(coverage.shape, degrees)
    grey = (255 * (1 - warped(coverage, matrix, size, 0))).astype(np.uint8)
    assert skew(ink(grey)) == pytest.approx(degrees, abs=0.4)
    laid = sheet(load(grey))
    found = lines(laid.ink).lines
    truth = true_boxes(owner, matrix, size)
    assert len(found) == len(truth)
    assert min(overlap(laid.original(line.box), box) for line, box in zip(found, truth, strict=True)) > 0.75
    across, down = laid.parts[0].to_original[:2, 0]
    assert np.degrees(np.arctan2(down, across)) == pytest.approx(degrees, abs=0.4)


def test_lines_that_stand_aside_by_turns_do_not_turn_the_page(typed):
    coverage, _ = typed(
        ("One for the", "two to go", "three or so", "ready and", "to go now", "cat go"), indents=(0, 220) * 3
    )
    assert skew(coverage) == pytest.approx(0, abs=0.4)


@pytest.mark.parametrize("word", ["a", "ox", "Hi", "I", "..."])
def test_so_little_ink_tells_no_skew(typed, word):
    assert skew(typed((word,), size=60)[0]) == 0


@pytest.mark.parametrize("table", [0.15, 0.5])
def test_a_page_on_a_table_is_rectified_and_its_lines_found_in_the_photo(page, table):
    coverage, owner = page
    grey, matrix = photo(coverage, CORNERS, (1000, 760), table)
    seen = outline(grey)
    assert seen is not None
    assert np.abs(seen - CORNERS).max() < 8  # pixels, of a page 800 wide
    laid = sheet(load(grey))
    found = lines(laid.ink).lines
    truth = true_boxes(owner, matrix, (1000, 760))
    assert len(found) == len(truth)
    assert min(overlap(laid.original(line.box), box) for line, box in zip(found, truth, strict=True)) > 0.7


def test_a_grey_page_on_a_light_table_is_seen_too(page):
    seen = outline(photo(page[0], CORNERS, (1000, 760), table=0.95, paper=0.6)[0])
    assert seen is not None
    assert np.abs(seen - CORNERS).max() < 12


def test_a_dark_card_on_a_wide_light_table_is_seen_too(page):
    card = 35 + 190 * cv2.resize(page[0], (500, 400), interpolation=cv2.INTER_AREA)
    table = np.full((760, 1000), 215, np.uint8)
    table[180:580, 250:750] = card
    seen = outline(table)
    assert seen is not None
    assert np.abs(seen - [(250, 180), (750, 180), (750, 580), (250, 580)]).max() < 8


@pytest.mark.parametrize("field", [190, 60])
def test_a_shaded_box_on_a_page_is_no_sheet_where_there_is_writing_beside_it(page, field):
    lines = cv2.resize(page[0], (500, 400), interpolation=cv2.INTER_AREA)
    sheet = np.full((760, 1000), 245, np.uint8)
    ink = 255 if field < 100 else 20
    sheet[300:700, 250:750] = field + (ink - field) * lines
    assert outline(sheet) is not None
    sheet[60:160, 250:750] = 245 - 225 * lines[:100]
    assert outline(sheet) is None


@pytest.mark.parametrize("written", [1, 2])
@pytest.mark.parametrize("table", [60, 200])
def test_of_two_sheets_on_a_table_those_with_writing_are_kept(page, table, written):
    text = cv2.resize(page[0], (400, 400), interpolation=cv2.INTER_AREA)
    picture = np.full((600, 1000), table, np.uint8)
    for number, left in enumerate((50, 550)):
        picture[100:500, left : left + 400] = 245 - 220 * (text if number < written else 0)
    assert len(outlines(picture)) == written
    laid = sheet(load(picture))
    found = lines(laid.ink).lines
    assert len(found) == len(TEXT) * written
    assert all(laid.original(line.box).right < 480 for line in found[: len(TEXT)])  # those of the left sheet first


def test_a_sheet_with_a_single_word_beside_a_full_one_is_kept_and_a_grainy_bare_one_is_not(page):
    text = cv2.resize(page[0], (400, 400), interpolation=cv2.INTER_AREA)
    picture = np.full((600, 1000), 60, np.uint8)
    picture[100:500, 50:450] = 245 - 220 * text
    picture[100:500, 550:950] = 245 - np.random.default_rng(1).integers(0, 30, (400, 400))
    assert len(outlines(picture)) == 1
    picture[250:320, 600:700] = 245 - 220 * text[20:90, 20:120]
    assert len(outlines(picture)) == 2


@pytest.mark.parametrize("deep", [12, 24])
def test_a_torn_sheet_on_a_dark_table_is_laid_straight_and_the_tear_is_no_writing(page, deep):
    grey, _ = photo(np.pad(page[0], 40), CORNERS, (1000, 760), table=0.15)
    chance = np.random.default_rng(deep)
    edge = [(110 + 795 * share, 60 + 45 * share + chance.uniform(0, deep)) for share in np.linspace(0, 1, 40)]
    torn = cv2.fillPoly(grey.copy(), [np.rint([(100, 30), *edge, (930, 60)]).astype(np.int32)], 40)
    laid = sheet(load(torn))
    assert laid.ink.shape[0] < 700  # the table is not part of it
    assert len(lines(laid.ink).lines) == len(TEXT)


def test_a_slip_beside_a_large_sheet_is_read_after_it(page):
    picture = np.full((800, 1200), 60, np.uint8)
    picture[60:740, 60:800] = 245
    picture[100:500, 100:500] = 245 - 220 * cv2.resize(page[0], (400, 400), interpolation=cv2.INTER_AREA)
    picture[300:460, 860:1160] = 245 - 220 * page[0][60:220, 60:360]
    laid = sheet(load(picture))
    assert len(laid.parts) == 2
    found = lines(laid.ink).lines
    assert {laid.original(line.box).left > 830 for line in found[: len(TEXT)]} == {False}
    assert {laid.original(line.box).left > 830 for line in found[len(TEXT) :]} == {True}


def test_notes_on_a_table_are_levelled_each_on_its_own_and_laid_row_by_row():
    table, words, boxes = np.full((1000, 1400), 60, np.float32), ["One at noon", "Two by ten", "Three or so"], []
    places = [((60, 90), (560, 60), (580, 360), (80, 400)), ((760, 50), (1290, 100), (1260, 420), (740, 370))]
    for word, corners in zip(words, [*places, ((90, 560), (620, 590), (600, 900), (70, 870))], strict=True):
        coverage, owner = penned([word, word[::-1].lower()], 50, 5)
        grey, matrix = photo(coverage, np.array(corners, np.float64), (1400, 1000), 0)
        table = np.where(cv2.fillConvexPoly(np.zeros((1000, 1400)), np.array(corners), 1) > 0, grey, table)
        boxes += true_boxes(owner, matrix, (1400, 1000))
    laid = sheet(load(table.astype(np.uint8)))
    found = [line.box for line in lines(laid.ink).lines]
    assert len(laid.parts) == 3
    assert len(found) == len(boxes)
    for box, true in zip(found, boxes, strict=True):
        assert overlap(laid.original(box), true) > 0.7
        left, top = laid.corners(laid.original(box)).min(axis=0)
        right, bottom = laid.corners(laid.original(box)).max(axis=0)
        assert left < box.left + 8 and right > box.right - 8 and top < box.top + 8 and bottom > box.bottom - 8


def test_slips_below_each_other_beside_a_tall_sheet_are_read_from_the_top():
    corners = [np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], float) for x, y, w, h in (
        (640, 500, 200, 150), (40, 60, 500, 900), (660, 80, 200, 150), (620, 280, 200, 150), (60, 1000, 300, 100)
    )]  # fmt: skip
    assert [int(sheet[0, 1]) for sheet in in_rows(corners)] == [60, 80, 280, 500, 1000]


def test_all_of_many_notes_on_a_table_are_kept(page):
    picture = np.full((900, 1200), 60, np.uint8)
    for number in range(6):
        top, left = 80 + 420 * (number // 3), 60 + 380 * (number % 3)
        picture[top : top + 220, left : left + 300] = 245 - 220 * page[0][60:280, 60:360]
    assert len(outlines(picture)) == 6


@pytest.mark.parametrize("strokes", [
    [(0, 0, 300, 50), (125, 50, 175, 360)],  # a T
    [(0, 0, 50, 360), (250, 0, 300, 360), (50, 155, 250, 205)],  # an H
])  # fmt: skip
def test_the_paper_between_the_strokes_of_a_letter_that_is_cut_close_is_no_sheet(strokes):
    letter = np.full((364, 304), 245, np.uint8)
    for left, top, right, bottom in strokes:
        letter[top + 2 : bottom + 2, left + 2 : right + 2] = 20
    assert not is_blank(sheet(load(letter)).ink)


@pytest.mark.parametrize("part", [0.3, 0.5, 0.7])
def test_a_page_on_a_table_is_seen_where_a_shadow_falls_on_a_part_of_it(page, part):
    grey = photo(page[0], CORNERS, (1000, 760), table=0.15)[0]
    grey[:, : round(1000 * part)] = (grey[:, : round(1000 * part)] * 0.55).astype(np.uint8)
    seen = outline(grey)
    assert seen is not None
    assert np.abs(seen - CORNERS).max() < 12


def test_where_no_page_lies_on_a_table_there_is_no_outline(page):
    light = ((1 - page[0]) * 230).astype(np.uint8)
    framed = light.copy()
    cv2.rectangle(framed, (20, 20), (framed.shape[1] - 20, framed.shape[0] - 20), 0, 4)  # drawn with a pen
    shaded = (light * np.linspace(0.5, 1, light.shape[1])).astype(np.uint8)
    half = light.copy()
    half[:, : light.shape[1] // 2] //= 2  # a hard shadow
    bar = np.full((400, 300), 255, np.uint8)
    bar[40:360, 110:190] = 0  # a fat l
    for grey in (light, framed, shaded, half, bar, np.full((300, 300), 200, np.uint8)):
        assert outline(grey) is None


@pytest.mark.parametrize("corners", [
    [(60, 80), (1140, 140), (1120, 340), (50, 280)],  # a strip
    [(700, 500), (1120, 520), (1110, 640), (690, 620)],  # a slip
], ids=["strip", "slip"])  # fmt: skip
@pytest.mark.parametrize("table", [0.05, 0.3])
def test_a_line_on_a_slip_or_a_strip_of_paper_is_found(corners, table):
    coverage, owner = penned(["We meet at the old bridge"], 60, 5)
    corners = np.array(corners, np.float64)
    grey, matrix = photo(coverage, corners, (1200, 900), table)
    laid = sheet(load(grey))
    (line,) = lines(laid.ink).lines
    (truth,) = true_boxes(owner, matrix, (1200, 900))
    assert overlap(laid.original(line.box), truth) > 0.7


def test_a_thick_light_stroke_on_dark_is_ink_and_no_strip_of_paper():
    bar = np.zeros((400, 300), np.uint8)
    bar[40:360, 110:190] = 255
    assert sheet(load(bar)).ink[200, 150] == 1


def test_a_blank_page_on_a_table_is_blank():
    grey, _ = photo(np.zeros((500, 700), np.float32), CORNERS, (1000, 760), table=0.15)
    assert is_blank(sheet(load(grey)).ink)


@pytest.mark.parametrize(("kind", "level", "kept", "left"), [
    ("ruled", 1.0, 0.95, 0.2), ("ruled", 0.4, 0.99, 0.05), ("squared", 1.0, 0.92, 0.2), ("squared", 0.4, 0.99, 0.1)
])  # fmt: skip
def test_rules_go_and_the_letters_that_they_cross_stay(page, kind, level, kept, left):
    coverage, owner = page
    drawn, rules = ruled(coverage, kind, level)
    cleaned = without_rules(drawn.astype(np.float32))
    letters, bare = coverage > 0.6, (rules > 0.2) & (cv2.dilate(coverage, np.ones((5, 5))) < 0.1)
    assert (cleaned[letters] > 0.4).mean() > kept
    assert (cleaned[bare] > 0.1).mean() < left
    found = lines(cleaned).lines
    truth = true_boxes(owner, np.eye(3), coverage.shape[::-1])
    assert len(found) == len(truth)
    assert min(overlap(line.box, box) for line, box in zip(found, truth, strict=True)) > 0.7


def test_ruled_paper_photographed_askew_in_a_shadow_gives_its_lines(page):
    coverage, owner = page
    drawn, _ = ruled(coverage, "ruled", 0.5)
    matrix, size = turned(coverage.shape, 5)
    seen = 0.9 * (1 - 0.7 * warped(drawn.astype(np.float32), matrix, size, 0)) * np.linspace(0.55, 1, size[0])
    laid = sheet(load((seen * 255).astype(np.uint8)))
    truth = true_boxes(owner, matrix, size)
    found = [line for line in lines(laid.ink).lines if len(line.pieces) > 3]  # the paper's corners may leave marks
    assert len(found) == len(truth)
    assert min(overlap(laid.original(line.box), box) for line, box in zip(found, truth, strict=True)) > 0.6


@pytest.mark.parametrize("text", ["T", "E", "H", "L", "TTTT TTTT", "EEE FFF", "A - B - C", "====", "---- ----"])
def test_strokes_of_letters_are_no_rules(typed, text):
    coverage, _ = typed((text,), size=90)
    assert without_rules(coverage) is coverage


@pytest.mark.parametrize(("texts", "capital"), [
    (("THE FEE FREE", "THE TEE FEET", "HERE THE FEET"), 40),
    (("I left the key under the mat", "I fed the bird and the fish", "Lock the door behind the kids"), 50),
])  # fmt: skip
def test_strokes_in_line_with_each_other_are_no_rules(texts, capital):
    """Bars of one line of text, and stems above one another: many and long, but white between words and lines."""
    coverage, _ = penned(texts, capital, pen=4)
    assert without_rules(coverage) is coverage


def test_dashed_rules_go(page):
    coverage, _ = page
    rules = ruled(np.zeros_like(coverage), "ruled", 0.6)[1]
    rules[:, np.arange(rules.shape[1]) % 20 >= 14] = 0
    cleaned = without_rules(np.maximum(coverage, rules))
    bare = (rules > 0.2) & (cv2.dilate(coverage, np.ones((5, 5))) < 0.1)
    assert (cleaned[coverage > 0.6] > 0.4).mean() > 0.98
    assert (cleaned[bare] > 0.1).mean() < 0.1


def test_ruled_paper_without_writing_is_blank():
    _, rules = ruled(np.zeros((500, 700), np.float32), "ruled", 1.0)
    assert is_blank(without_rules(rules))


def test_a_box_is_kept_within_the_original_and_never_empty():
    half = Sheet(np.zeros((50, 50), np.float32), (Part(Box(0, 0, 50, 50), np.diag([2.0, 2.0, 1.0])),), 99, 99)
    assert half.original(Box(0, 0, 50, 50)) == Box(0, 0, 99, 99)
    assert half.original(Box(49, 49, 50, 50)) == Box(98, 98, 99, 99)
    assert half.original_polygon(Box(1, 2, 3, 4)) == ((2, 4), (6, 4), (6, 8), (2, 8))
    outside = half.original(Box(200, 200, 210, 210))
    assert outside == Box(98, 98, 99, 99)


def test_boxes_of_a_reduced_picture_are_in_the_originals_pixels(page, monkeypatch):
    coverage, owner = page
    monkeypatch.setattr(picture, "WORKING_PIXELS", coverage.size // 3)
    laid = sheet(load(((1 - coverage) * 255).astype(np.uint8)))
    truth = true_boxes(owner, np.eye(3), coverage.shape[::-1])
    found = lines(laid.ink).lines
    assert min(overlap(laid.original(line.box), box) for line, box in zip(found, truth, strict=True)) > 0.85


@pytest.mark.parametrize("shape", [(16, 30_000), (40, 60_000)])
def test_a_line_in_a_picture_far_longer_than_tall_is_no_failure(shape):
    thin = np.zeros(shape, np.float32)
    thin[shape[0] // 2 : shape[0] // 2 + 2, 500:-500] = 1
    assert without_rules(thin).shape == shape
