"""layout: every line of a drawn page is found whole and alone, in reading order. Each pixel's true line is known."""

import cv2
import numpy as np
import pytest

from inkread.preprocessing import lines
from inkread.preprocessing.pieces import RIM
from tests.handwriting import penned


def drawn_lines(page, shape):
    """The number of the found line, from 1, at each pixel that one of its pieces inks."""
    canvas = np.zeros(shape, np.int64)
    for number, line in enumerate(page.lines, start=1):
        for piece in line.pieces:
            y, x = np.nonzero(piece.ink > 0.5)
            canvas[y + piece.box.top - RIM, x + piece.box.left - RIM] = number
    return canvas


def shares(coverage, owner):
    """For each true line, in order: the found line that holds most of it, how much of it, and how pure that is."""
    found = drawn_lines(lines(coverage), coverage.shape)
    table = np.zeros((owner.max() + 1, found.max() + 1))
    inked = coverage > 0.6
    np.add.at(table, (owner[inked], found[inked]), 1)
    best = table[1:, 1:].argmax(axis=1) + 1
    held = table[np.arange(1, len(table)), best]
    return best.tolist(), held / table[1:].sum(axis=1), held / table[1:, best].sum(axis=0)


def assert_found(coverage, owner, whole=0.99):
    best, held, pure = shares(coverage, owner)
    assert best == list(range(1, owner.max() + 1))
    assert held.min() > whole
    assert pure.min() > whole


PAGES = {
    "well separated": (("Dear all", "come to dinner", "on Friday"), {}),
    "tight": (("jolly good guy", "fly by the tall", "pylon, judge"), {"pitch": 1.05}),
    "short lines": (("We are", "a", "band of happy people", "I", "ok"), {}),
    "indented": (
        ("First the title", "then text that runs", "on and on", "and a new one"),
        {"indents": (120, 60, 0, 60)},
    ),
    "signs": (('"Stop!" - it\'s', "no, wait: now.", "a; b... c?"), {}),
    "capitals": (("EFFECTIVE TEST", "THE ELITE FEET"), {"pitch": 1.1}),
    "one letter": (("g",), {}),
    "small": (("jolly good guy", "fly by the tall"), {"size": 18}),
}


@pytest.mark.parametrize("name", PAGES)
def test_lines_are_found_whole_alone_and_in_order(typed, name):
    texts, how = PAGES[name]
    assert_found(*typed(texts, **how))


@pytest.mark.parametrize("slope", [-0.03, 0.03])
def test_a_slight_slope_does_no_harm(typed, slope):
    coverage, owner = typed(("The quick brown fox", "jumps over the lazy", "dog and runs away"), size=36)
    height, width = coverage.shape
    shear = np.float32([[1, 0, 0], [slope, 1, max(0, -slope * width)]])
    size = (width, height + int(abs(slope) * width) + 1)
    moved = cv2.warpAffine(owner.astype(np.float32), shear, size, flags=cv2.INTER_NEAREST).astype(np.int64)
    assert_found((moved > 0).astype(np.float32), moved)


def test_letters_that_touch_those_of_the_next_line_are_cut_between(typed):
    coverage, owner = typed(("many happy days", "in the tall halls", "of my old family"), size=40, pitch=1.5)
    rows = [np.flatnonzero((owner == number).any(axis=1)) for number in (1, 2, 3)]
    for upper, lower, places in ((0, 1, (80, 190, 290)), (1, 2, (110, 240))):
        for x in places:  # a thin tail from the body of one letter to the body of the letter below
            top, bottom = int(np.median(rows[upper])), int(np.median(rows[lower]))
            coverage[top:bottom, x : x + 3] = 1
    assert_found(coverage, owner, whole=0.96)


def test_words_far_apart_stay_on_one_line(typed):
    left, _ = typed(("left",), size=40)
    coverage = np.zeros((left.shape[0], 1000), np.float32)
    coverage[:, : left.shape[1]] = left
    coverage[:, -left.shape[1] :] = left
    assert len(lines(coverage).lines) == 1


def columns(typed, left, right, gap):
    """Two pages side by side; the right one's lines are numbered on."""
    (a, own_a), (b, own_b) = typed(left, margin=20), typed(right, margin=20)
    height, width = max(len(a), len(b)), a.shape[1] + gap + b.shape[1]
    coverage, owner = np.zeros((height, width), np.float32), np.zeros((height, width), np.int64)
    coverage[: len(a), : a.shape[1]], owner[: len(a), : a.shape[1]] = a, own_a
    coverage[: len(b), -b.shape[1] :], owner[: len(b), -b.shape[1] :] = b, np.where(own_b, own_b + own_a.max(), 0)
    return coverage, owner


def test_the_left_of_two_columns_is_read_first(typed):
    left, right = (
        ("first the left", "column is read", "from its top", "to its foot"),
        ("then the right", "one too", "all of it"),
    )
    assert_found(*columns(typed, left, right, gap=90))


def test_a_title_above_two_columns_comes_first(typed):
    coverage, owner = columns(
        typed, ("first the left", "column is read", "down"), ("then the right", "one is", "read"), 90
    )
    title, own = typed(("a title across both columns",), margin=20)
    width = max(title.shape[1], coverage.shape[1])
    pad = [np.pad(array, ((0, 0), (0, width - array.shape[1]))) for array in (title, coverage, own, owner)]
    assert_found(np.vstack(pad[:2]), np.vstack([pad[2], np.where(pad[3], pad[3] + 1, 0)]))


@pytest.mark.parametrize("leading", [66, 72, 80])
def test_a_comma_close_above_the_next_line_stays_with_its_own(leading):
    coverage = np.zeros((220, 520), np.float32)
    for number in range(10):
        for row, begin in ((40, 40), (40 + leading, 32)):
            left = begin + 44 * number
            coverage[row : row + 50, left : left + 8] = coverage[row : row + 50, left + 22 : left + 30] = 1  # an H
            coverage[row + 20 : row + 28, left : left + 30] = 1
    coverage[84:100, 204:211] = 1  # after the fourth letter, over the fifth
    upper, lower = lines(coverage).lines
    assert (len(upper.pieces), len(lower.pieces)) == (11, 10)


def test_small_print_in_the_right_column_is_read_there(typed):
    left, right = (
        ("We came by boat", "and took a path", "up to the hill", "for lunch."),
        ("In the evening", "there was music", "", "till dawn."),
    )
    coverage, _ = columns(typed, left, right, gap=90)
    small, _ = typed(("a caption in small print here",), size=14)
    ink = np.flatnonzero((coverage[:, -400:] > 0.5).any(axis=1))
    gap = int(ink[np.argmax(np.diff(ink))]) + 12
    coverage[gap : gap + small.shape[0], -small.shape[1] - 20 : -20] = np.maximum(
        coverage[gap : gap + small.shape[0], -small.shape[1] - 20 : -20], small
    )
    heights = [max(piece.box.bottom - piece.box.top for piece in line.pieces) for line in lines(coverage).lines]
    assert len(heights) == 8 and int(np.argmin(heights)) == 6


@pytest.mark.parametrize("count", [2, 3])
def test_two_columns_whose_rows_are_not_level_are_read_one_after_the_other(typed, count):
    texts = ("Meet at noon", "by the old", "bridge, Tom")[:count]
    (left, left_owner), (right, right_owner) = typed(texts), typed(texts)
    half = int(0.8 * 40)  # half of the way from line to line
    page = np.hstack([np.pad(left, ((0, half), (0, 100))), np.pad(right, ((half, 0), (0, 0)))])
    owner = np.hstack(
        [
            np.pad(left_owner, ((0, half), (0, 100))),
            np.pad(np.where(right_owner > 0, right_owner + count, 0), ((half, 0), (0, 0))),
        ]
    )
    assert_found(page, owner)


def test_small_lines_in_a_column_beside_large_ones_are_read_after_them(typed):
    (left, left_owner), (right, right_owner) = (
        typed(("Meet at noon", "by the old", "bridge, Tom", "and then", "go home"), size=40),
        typed(("call me", "no tea", "or milk", "today"), size=28),
    )
    low = left.shape[0] - right.shape[0]
    page = np.hstack([np.pad(left, ((0, 0), (0, 80))), np.pad(right, ((0, low), (0, 0)))])
    owner = np.hstack([np.pad(left_owner, ((0, 0), (0, 80))), np.pad(right_owner, ((0, low), (0, 0)))])
    owner[:, left.shape[1] + 80 :] += np.where(owner[:, left.shape[1] + 80 :] > 0, 5, 0)
    assert_found(page, owner)


def test_a_verse_whose_every_second_line_stands_on_the_right_is_read_line_by_line(typed):
    texts = ("One for the road", "two for the show", "three to get", "ready and four", "to go now", "cat go")
    assert_found(*typed(texts, indents=(0, 480, 0, 480, 0, 480)))


def test_a_fine_line_far_to_the_right_of_bold_ones_is_lost_to_none_of_them(typed):
    bold, owner = penned(["ELEVEN", "TWELVE", "THIRTEEN"], 40, 9)
    fine, fine_owner = penned(["call", "home"], 36, 2)
    drop = 18  # the second fine line is a quarter of a letter below the second bold one
    page, lines_of = np.pad(bold, ((0, 20), (0, 700))), np.pad(owner, ((0, 20), (0, 700)))
    place = (slice(drop - 14, drop - 14 + fine.shape[0]), slice(page.shape[1] - fine.shape[1], None))
    page[place] = np.maximum(page[place], fine)
    found = lines(page).lines
    kept = sum(piece.area for line in found for piece in line.pieces if piece.box.left > page.shape[1] - fine.shape[1])
    assert kept > 0.95 * (fine > 0.5).sum()
    assert all(line.box.height < 80 for line in found)
    assert lines_of.max() == 3 and fine_owner.max() == 2


def test_what_is_far_from_all_lines_makes_none_of_them_taller(typed):
    page, owner = typed(("Meet at noon", "by the old", "bridge, Tom"))
    page, owner = np.pad(page, ((80, 80), (0, 0))), np.pad(owner, ((80, 80), (0, 0)))
    for left in (60, 130, 220):
        page[8:38, left : left + 2] = page[-38:-8, left + 9 : left + 11] = 1.0
    found = [line for line in lines(page).lines if len(line.pieces) > 3]
    assert len(found) == 3
    assert max(line.box.height for line in found) < 60


@pytest.mark.parametrize("gap", [0.9, 1.4])
def test_a_small_word_put_in_above_each_line_is_a_line_of_its_own(typed, gap):
    rows, owners, number = [], [], 0
    for text, word in (("chair paid eggs", "book"), ("bread water stop", "red"), ("call no stop", "Tom")):
        line, own = typed((text,), size=44, margin=12)
        above, upper = typed((word,), size=30, margin=2)
        for ink, marks in ((above, upper), (line, own)):
            number += 1
            aside = (0, 0) if ink is line else (200, 700 - 200 - ink.shape[1])
            width = (aside, (0, 700 - ink.shape[1]))[ink is line]
            rows.append(np.pad(ink, ((0, 0), width)))
            owners.append(np.where(np.pad(marks, ((0, 0), width)) > 0, number, 0))
        rows.append(np.zeros((int(gap * 30), 700), np.float32))
        owners.append(np.zeros(rows[-1].shape, np.int64))
    assert_found(np.vstack(rows), np.vstack(owners))


def test_a_barcode_below_the_lines_goes(typed):
    page, owner = typed(("Meet at noon", "by the old", "bridge, Tom"))
    page, owner = np.pad(page, ((0, 160), (0, 300))), np.pad(owner, ((0, 160), (0, 300)))
    chance, left = np.random.default_rng(2), 60
    while left < 560:
        width = int(chance.integers(2, 9))
        page[-150:-20, left : left + width] = 1.0
        left += width + int(chance.integers(2, 9))
    assert len(lines(page).lines) == owner.max()
    assert not lines(page[-160:]).lines  # nor is there a line where it is all


def test_digits_that_stand_apart_beside_joined_words_are_no_leaders():
    words, _ = penned(["minimum"], 20, 2, gap=-0.05)
    ink = np.zeros((200, 700), np.float32)
    for top in (20, 60):
        ink[top : top + words.shape[0], 20 : 20 + words.shape[1]] = words
    for number, digit in enumerate("0585632694"):
        glyph = penned([digit], 20, 2)[0][14:, 14:]
        ink[120 : 120 + glyph.shape[0], 20 + 48 * number :][:, : glyph.shape[1]] = glyph
    kept = sum(piece.area for line in lines(ink).lines for piece in line.pieces if piece.box.top > 110)
    assert kept > 0.95 * (ink[110:] > 0.5).sum()


@pytest.mark.parametrize("text", ["IIII IIII IIII", "ill will till lilli", "11111111111111"])
def test_many_upright_letters_are_no_barcode(text):
    ink, _ = penned([text], 60, 5)
    assert sum(piece.area for piece in lines(ink).lines[0].pieces) > 0.95 * (ink > 0.5).sum()


def test_a_double_line_beside_the_margin_is_no_letter(typed):
    page, owner = typed(("Meet at noon", "by the old", "bridge, Tom", "and then", "go home"))
    page, owner = np.pad(page, ((0, 0), (60, 0))), np.pad(owner, ((0, 0), (60, 0)))
    for left in (24, 34):
        page[:, left : left + 3] = 1.0
    page[::60, 22:38] = 1.0  # what is left of ruled lines joins the two
    assert_found(page, owner)


def test_a_single_line_beside_another_is_read_across(typed):
    coverage, _ = columns(typed, ("Name: Ann",), ("Age: ten",), gap=150)
    assert len(lines(coverage).lines) == 1


def test_a_heading_twice_as_large_is_one_line(typed):
    title, _ = typed(("BIG HELLO",), size=80)
    text, own = typed(("and here the small", "text goes on below", "in three lines"), size=32)
    width = max(title.shape[1], text.shape[1])
    pad = [np.pad(array, ((0, 0), (0, width - array.shape[1]))) for array in (title, text, own)]
    owner = np.vstack([(pad[0] > 0.5).astype(np.int64), np.where(pad[2], pad[2] + 1, 0)])
    assert_found(np.vstack(pad[:2]), owner)


def test_joined_words_are_not_taken_for_rules(typed):
    coverage, owner = typed(("minimum rule", "summer winner"), size=36)
    for number in (1, 2):
        y, x = np.nonzero(owner == number)
        base = int(np.bincount(y).argmax())
        across = np.arange(x.min(), x.max())
        height = np.rint(base - 6 + 6 * np.cos(across / 3)).astype(int)  # one stroke joins all letters of a line
        for row in range(-1, 2):
            coverage[height + row, across], owner[height + row, across] = 1, number
    assert_found(coverage, owner)


def test_dust_between_lines_is_dropped_and_an_i_keeps_its_dot(typed):
    coverage, owner = typed(("if i win it", "is it this"), size=40, pitch=3)
    clean = sum(len(line.pieces) for line in lines(coverage).lines)
    middle = (np.flatnonzero((owner == 1).any(axis=1))[-1] + np.flatnonzero((owner == 2).any(axis=1))[0]) // 2
    coverage[middle : middle + 4, 100:104] = 1  # as large as a dot, far from every line
    coverage[5:6, 5:6] = 1
    found = lines(coverage)
    assert sum(len(line.pieces) for line in found.lines) == clean
    assert_found(coverage, owner)


@pytest.mark.parametrize("character", list("ABESZaegs2358&%"))
def test_a_lone_character_is_one_line_however_its_strokes_run(typed, character):
    coverage, _ = typed((character,), size=80)
    assert len(lines(coverage).lines) == 1


@pytest.mark.parametrize("gap", [0.22, 0.05], ids=["apart", "touching"])
@pytest.mark.parametrize(("capital", "pen"), [(40, 1), (40, 4), (90, 2), (130, 4), (200, 3), (200, 14)])
@pytest.mark.parametrize("texts", [("Meet me at noon",), ("Please bring bread", "and some warm milk", "Thank you")])
def test_lines_are_found_however_thin_the_pen_is_for_its_letters(texts, capital, pen, gap):
    assert_found(*penned(texts, capital, pen, gap))


@pytest.mark.parametrize(("capital", "pen"), [(56, 4), (90, 2), (130, 6)])
@pytest.mark.parametrize("text", ["Turn over soon", "To a summer moon", "I will come soon"])
def test_the_bar_of_a_tall_first_letter_is_no_line_of_its_own(text, capital, pen):
    assert_found(*penned((text,), capital, pen, gap=0.22))


def below(upper, lower, gap):
    """Two pages one below the other, ``gap`` pixels between their margins; the lower one's lines are numbered on."""
    (a, own_a), (b, own_b) = upper, lower
    width = max(a.shape[1], b.shape[1])
    between = np.zeros((gap, width), np.float32)
    wide = [np.pad(array, ((0, 0), (0, width - array.shape[1]))) for array in (a, b, own_a, own_b)]
    owner = np.vstack([wide[2], between.astype(np.int64), np.where(wide[3], wide[3] + own_a.max(), 0)])
    return np.vstack([wide[0], between, wide[1]]), owner


@pytest.mark.parametrize("ratio", [1.3, 1.7, 2.1])
@pytest.mark.parametrize("pen", [2, 4])
@pytest.mark.parametrize("heading", ["TO DO", "NOTES", "SHOPPING LIST"])
def test_capitals_above_small_letters_are_one_line_however_thin_their_strokes(heading, pen, ratio):
    capital = 30
    body = penned(("some rice and a", "sour cream can", "no onions now"), capital, pen)
    assert_found(*below(penned((heading,), round(ratio * capital), pen), body, 0))


@pytest.mark.parametrize(("capital", "pen"), [(40, 3), (30, 3), (22, 2)])
@pytest.mark.parametrize("text", ["only today at 5", "Tom"])
def test_far_smaller_writing_below_a_heading_is_a_line_of_its_own(text, capital, pen):
    assert_found(*below(penned(("Hello all",), 120, 9), penned((text,), capital, pen), 0))


@pytest.mark.parametrize("capital", [20, 30, 42])
@pytest.mark.parametrize("pen", [16, 30])
def test_a_thin_pen_below_a_bold_heading_loses_no_letter_and_no_stop(typed, capital, pen):
    heading = penned(("SALE",), 180, pen)
    body = typed(("Chairs, a table.", "Open until 6 p.m."), size=round(1.4 * capital))
    assert_found(*below(heading, body, 0), whole=0.999)


def test_dust_beside_a_heading_and_below_it_is_no_full_stop():
    coverage, _ = below(penned(("SALE",), 180, 20), penned(("not today",), 30, 2), 60)
    wide = np.pad(coverage, ((0, 60), (0, 900)))
    for place in range(5):
        cv2.circle(wide, (wide.shape[1] - 60 - 30 * place, 150 + 20 * place), 5, 1.0, -1)
    cv2.circle(wide, (wide.shape[1] - 200, wide.shape[0] - 40), 5, 1.0, -1)
    found = lines(wide).lines
    assert len(found) == 2
    assert max(line.box.right for line in found) <= coverage.shape[1]


@pytest.mark.parametrize("letter", "YVLX")
def test_a_bold_letter_far_larger_than_the_rest_is_no_ruled_line(typed, letter):
    assert_found(*below(penned((letter,), 180, 30), typed(("jolly good guy", "fly by the tall"), size=28), 0))


def test_far_smaller_writing_stands_in_order(typed):
    first = below(penned(("SALE",), 120, 9), penned(("only a mile on", "and in our town"), 32, 3), 0)
    assert_found(*below(first, penned(("NOW",), 120, 9), 0))


def test_a_small_word_beside_a_large_one_stays_on_its_line():
    large, _ = penned(("SALE",), 120, 9)
    small, _ = penned(("now",), 36, 3)
    coverage = np.hstack([large[:, :-100], np.zeros((len(large), small.shape[1]), np.float32)])
    coverage[180 : 180 + len(small), -small.shape[1] :] = small
    assert len(lines(coverage).lines) == 1


@pytest.mark.parametrize("kind", ["dots", "hairs", "dashes"])
def test_dust_below_a_heading_is_no_line(kind):
    coverage, owner = below(penned(("Hello all",), 120, 9), penned(("l",), 30, 1), 100)
    coverage[owner > 1] = 0
    chance = np.random.default_rng(7)
    for left in range(150, 500, 25):
        row = len(coverage) - 90 + int(chance.integers(0, 9))
        if kind == "dots":
            cv2.circle(coverage, (left, row), int(chance.integers(2, 7)), 1.0, -1)
        elif kind == "dashes":
            cv2.line(coverage, (left, row), (left + 14, row), 1.0, 3)
        else:
            bent = np.cumsum([(left, row), *chance.integers(-9, 10, (2, 2))], axis=0).astype(np.int32)
            cv2.polylines(coverage, [bent], isClosed=False, color=1.0, thickness=2)
    assert len(lines(coverage).lines) == 1


TABLES = {
    "a ledger": (("Rent", "Power", "Phone", "Total"), ("850.00", "64.20", "19.99", "934.19")),
    "long names": (("Buy new paint", "Mend the roof", "Call the bank"), ("9:30", "11:00", "2:15")),
    "an empty cell": (("Milk", "", "Eggs", "Tea"), ("2", "3", "12", "1")),
    "three columns": (("Item", "Milk", "Eggs"), ("Qty     Price", "2          3.50", "12        4.20")),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_row_by_row(typed, name):
    left, right = TABLES[name]
    coverage, owner = columns(typed, left, right, gap=120)
    assert_found(coverage, np.where(owner > len(left), owner - len(left), owner))


def test_columns_of_prose_are_read_one_after_the_other_though_their_lines_stand_level(typed):
    left, right = (
        ("We came by boat", "and took a path", "up to the hill", "for lunch."),
        ("In the evening", "there was music", "and we danced", "till dawn."),
    )
    assert_found(*columns(typed, left, right, gap=90))


@pytest.mark.parametrize("tilt", [-6, 0, 6])
@pytest.mark.parametrize("pen", [3, 8])
def test_a_lone_equals_sign_is_one_line(pen, tilt):
    coverage = np.zeros((160, 160), np.float32)
    for row in (70, 92):
        cv2.line(coverage, (50, row), (110, row + tilt), 1.0, pen)
    assert [len(line.pieces) for line in lines(coverage).lines] == [2]


def test_a_lone_colon_is_one_line():
    coverage = np.zeros((240, 160), np.float32)
    for row in (70, 105):
        cv2.circle(coverage, (80, row), 5, 1.0, -1)
    assert [len(line.pieces) for line in lines(coverage).lines] == [2]


@pytest.mark.parametrize("width", [100, 200])
def test_a_long_blurred_word_is_no_ruled_line(typed, width):
    """A dense word: of each column about half is ink, in one stroke or two."""
    word = np.zeros((13, width), np.float32)
    word[2:7] = 1
    word[6:12, ::8], word[10:12, 1::8], word[10:12, 2::8], word[10:12, 3::8] = 1, 1, 1, 1
    coverage, _ = typed(("jolly good guy",), size=18)
    page = np.zeros((coverage.shape[0] + 60, max(coverage.shape[1], width + 60)), np.float32)
    page[: coverage.shape[0], : coverage.shape[1]] = coverage
    page[coverage.shape[0] + 20 : coverage.shape[0] + 33, 30 : 30 + width] = word
    found = drawn_lines(lines(page), page.shape)
    assert (found[coverage.shape[0] + 22, 40 : 20 + width] > 0).all()
