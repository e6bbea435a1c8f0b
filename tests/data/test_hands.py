"""Hands and written lines: every character where it belongs, the same by the same seed, whatever the style."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import ImageFont

from inkread.data import scribbles
from inkread.data.fonts import FontFile
from inkread.data.hands import Drawn, FontHand, GlyphHand, Proportions, cropped, placed
from inkread.data.made_up_hand import MadeUpHand, Manner
from inkread.data.written_lines import CAPITAL, SKY, Style, any_style, write_line
from inkread.errors import BadData
from inkread.preprocessing import frame


class Blocks:
    """A hand that draws each letter as a block as wide as its number in the alphabet."""

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        if not character.isalpha():
            return None
        width = 4 + 2 * (ord(character.lower()) - ord("a"))
        return Drawn(np.full((40, width), 255, np.uint8), top=1.0, height=1.0, bearing=0.05, advance=width / 40 + 0.1)


class Marks(Blocks):
    """The same with marks, and an F whose bar reaches far to the right above its stem."""

    def draw(self, character: str, rng: np.random.Generator) -> Drawn | None:
        if character == "F":
            ink = np.zeros((40, 60), np.uint8)
            ink[:8] = ink[:, :8] = 255
            return Drawn(ink, 1.0, 1.0, 0.0, 1.6)
        if character.isalpha():
            return super().draw(character, rng)
        return Drawn(
            np.full((8, 8), 255, np.uint8), top=1.0 if character == "'" else 0.2, height=0.2, bearing=0.05, advance=0.3
        )


PLAIN = Style()


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def runs(inked: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize(
    "style", [PLAIN, replace(PLAIN, stretch=1.3), replace(PLAIN, pitch=1.7), replace(PLAIN, slope=0.02, drift=0.05)]
)
def test_middles_tell_where_each_character_stands(style: Style) -> None:
    line = write_line("fig mad", Blocks(), replace(style, spacing=0.4, size_varies=0.0), rng())
    assert line is not None
    found = runs((line.ink > 0.5).any(axis=0))
    letters = [m for m, c in zip(line.middles, line.text, strict=True) if c != " "]
    assert len(found) == len(letters)
    for (left, right), middle in zip(found, letters, strict=True):
        assert abs((left + right) / 2 - middle) <= 4
    space = line.middles[line.text.index(" ")]
    assert found[2][1] <= space <= found[3][0] or style.pitch


def test_letters_touch_when_there_is_no_room_and_stand_apart_when_there_is() -> None:
    tight = write_line("mmmm", Blocks(), replace(PLAIN, spacing=-0.25, spacing_varies=0.0), rng())
    loose = write_line("mmmm", Blocks(), replace(PLAIN, spacing=0.5, spacing_varies=0.0), rng())
    assert tight is not None and loose is not None
    assert len(runs((tight.ink > 0.3).any(axis=0))) == 1
    assert len(runs((loose.ink > 0.3).any(axis=0))) == 4


@pytest.mark.parametrize("text", ["m.m", "m,m", "m'm"])
def test_near_marks_stand_right_beside_the_letter_before_them(text: str) -> None:
    plain = replace(PLAIN, spacing=0.6, spacing_varies=0.0, size_varies=0.0)
    room = {}
    for share in (0.0, 1.0):
        line = write_line(text, Marks(), replace(plain, near_marks=share), rng())
        assert line is not None
        letter, mark, after = runs((line.ink > 0.3).any(axis=0))
        room[share] = (mark[0] - letter[1], after[0] - mark[1])
    assert max(room[1.0]) < 0.3 * CAPITAL < 0.4 * CAPITAL < min(room[0.0])


def test_a_near_mark_stands_under_an_overhang_but_not_far() -> None:
    line = write_line("F.", Marks(), replace(PLAIN, near_marks=1.0, size_varies=0.0), rng())
    assert line is not None
    letter, mark = line.middles
    assert letter < mark < letter + 0.75 * CAPITAL


def test_a_stroke_joins_letters_that_stand_apart() -> None:
    apart = replace(PLAIN, spacing=0.5, spacing_varies=0.0)
    joined = write_line("mmm mm", Blocks(), replace(apart, joined=1.0), rng())
    assert joined is not None
    assert len(runs((joined.ink > 0.3).any(axis=0))) == 2  # words stay apart


def test_letters_lean_and_widen_each_for_itself() -> None:
    plain = replace(PLAIN, spacing=0.5, spacing_varies=0.0, size_varies=0.0, stray=0.0)
    widths = {}
    for name, style in (
        ("alike", plain), ("lean", replace(plain, lean_varies=0.2)), ("wide", replace(plain, width_varies=0.2)),
    ):  # fmt: skip
        line = write_line("mmmmm", Blocks(), style, rng())
        assert line is not None
        widths[name] = np.ptp([right - left for left, right in runs((line.ink > 0.3).any(axis=0))])
    assert widths["alike"] <= 1 < min(widths["lean"], widths["wide"])


def test_ink_is_lost_as_much_as_is_told() -> None:
    def inked(style: Style) -> float:
        line = write_line("mmmm", Blocks(), style, rng())
        assert line is not None
        return float((line.ink > 0.5).sum())

    whole, few, half = (inked(replace(PLAIN, lost=lost)) for lost in (0.0, 0.1, 0.5))
    assert 0.3 * whole < half < 0.75 * whole < few < whole


def test_few_pixels_and_two_tones_leave_steps() -> None:
    def levels(style: Style) -> npt.NDArray[np.float32]:
        line = write_line("fig", Blocks(), replace(style, slant=0.2), rng())
        assert line is not None
        return line.ink

    two = levels(replace(PLAIN, two_tones=0.4))
    assert set(np.unique(two)) == {0.0, 1.0}
    fine, coarse = levels(PLAIN), levels(replace(PLAIN, coarse=10.0))
    assert coarse.shape == fine.shape
    assert np.abs(np.diff(coarse, axis=1)).max() < np.abs(np.diff(fine, axis=1)).max()


def test_the_same_seed_writes_the_same_line() -> None:
    one, other = (write_line("same", Blocks(), any_style(rng(4)), rng(5)) for _ in range(2))
    assert one is not None and other is not None
    np.testing.assert_array_equal(one.ink, other.ink)
    third = write_line("same", Blocks(), any_style(rng(4)), rng(6))
    assert third is not None
    assert third.ink.shape != one.ink.shape or not np.array_equal(third.ink, one.ink)


@pytest.mark.parametrize("seed", range(40))
def test_any_style_writes_ink_from_0_to_1_and_keeps_the_middles_within(seed: int) -> None:
    chance = rng(seed)
    line = write_line("A quick fox", Blocks(), any_style(chance), chance)
    assert line is not None
    assert line.ink.dtype == np.float32
    assert line.ink.min() >= 0 and line.ink.max() <= 1
    assert (line.ink > 0.3).any()
    assert (np.diff(line.middles) > 0).all()
    assert line.middles[0] > 0 and line.middles[-1] < line.ink.shape[1]


def test_styles_vary_in_everything() -> None:
    styles = [any_style(rng(seed)) for seed in range(200)]
    for field in fields(Style):
        assert len({getattr(style, field.name) for style in styles}) > 5, field.name


def test_what_a_hand_cannot_draw_is_not_written() -> None:
    assert write_line("no 7", Blocks(), PLAIN, rng()) is None
    assert write_line(" ", Blocks(), PLAIN, rng()) is None


@pytest.mark.parametrize("seed", range(20))
def test_scribbles_are_ink_of_a_line_s_size(seed: int) -> None:
    ink = scribbles.scribble(rng(seed))
    assert ink.dtype == np.float32 and ink.max() <= 1 and (ink > 0.3).any()
    assert ink.shape[0] <= 3 * CAPITAL


@pytest.mark.parametrize("kind", ["doodle", "signs", "blots", "hatching", "spots", "grain"])
def test_every_kind_of_scribble_is_more_than_a_speck(kind: str) -> None:
    draw = getattr(scribbles, f"_{kind}")
    for seed in range(40):
        ink = draw(200, 60, rng(seed))
        assert ink.shape == (60, 200) and 0 <= ink.min() <= ink.max() <= 1
        assert (ink > 0.3).mean() > 0.02


def test_glyphs_of_real_writers_stand_where_people_write_them() -> None:
    tall, wide = np.full((20, 10), 255, np.uint8), np.full((3, 28), 255, np.uint8)
    hand = GlyphHand({c: [tall] for c in "aghpT"} | {"m": [wide]}, Proportions(low=0.6, rise=1.1, fall=0.3), Blocks())
    drawn = {c: hand.draw(c, rng()) for c in "aghpTmz"}
    edges = {c: (d.top, d.top - d.height) for c, d in drawn.items() if d is not None}
    assert edges["a"] == (0.6, 0.0) and edges["T"] == (1.0, 0.0) and edges["h"] == (1.1, 0.0)
    assert edges["g"] == pytest.approx((0.6, -0.3)) == edges["p"]
    assert edges["m"][0] < 0.6  # a flat stroke is not blown up to the height of an m
    assert drawn["m"] is not None and drawn["m"].advance == pytest.approx(1.6)
    assert drawn["z"] is not None and drawn["z"].ink.shape == (40, 54)  # the other hand's
    assert hand.draw("7", rng()) is None
    assert placed("g", Proportions(equal=True)) == (1.0, 0.0)


def test_cropping_keeps_the_ink_alone() -> None:
    glyph = np.zeros((28, 28), np.uint8)
    glyph[5:9, 10:20] = 200
    ink = cropped(glyph)
    assert ink is not None and ink.shape == (4, 10)
    assert cropped(np.zeros((28, 28), np.uint8)) is None


def test_a_font_s_hand_keeps_sizes_and_places(tmp_path: Path) -> None:
    default = ImageFont.load_default(20)
    assert isinstance(default, ImageFont.FreeTypeFont)
    path = tmp_path / "font.ttf"
    path.write_bytes(default.font_bytes)
    hand = FontHand(FontFile(path, "default", omit="q"))
    high, low, deep, comma = (hand.draw(c, rng()) for c in "Hxp,")
    assert high is not None and low is not None and deep is not None and comma is not None
    assert high.top == pytest.approx(1.0, abs=0.06) and high.height == pytest.approx(1.0, abs=0.06)
    assert low.top < 0.85 and low.top - low.height == pytest.approx(0, abs=0.05)
    assert deep.top - deep.height < -0.15
    assert comma.top < 0.3
    assert hand.draw("q", rng()) is None and hand.draw("\U0010fffe", rng()) is None
    assert hand.draw("H", rng()) is high  # drawn once
    (path.parent / "none.ttf").write_text("no font")
    with pytest.raises(BadData, match="cannot be read as a font"):
        FontHand(FontFile(path.parent / "none.ttf", "none"))


def test_the_sheet_has_room_above_and_below() -> None:
    line = write_line("a", Blocks(), PLAIN, rng())
    assert line is not None
    rows = np.flatnonzero((line.ink > 0.5).any(axis=1))
    assert abs(rows[-1] + 1 - SKY * CAPITAL) <= 4


def test_a_made_up_hand_writes_a_character_alike_and_another_hand_otherwise() -> None:
    def glyph(hand: MadeUpHand, seed: int, character: str) -> npt.NDArray[np.float64]:
        drawn = hand.draw(character, rng(seed))
        assert drawn is not None
        framed = frame(drawn.ink, "emnist").astype(float).ravel()
        return framed / np.linalg.norm(framed)

    one, other = MadeUpHand(1, Manner(habit=8)), MadeUpHand(2, Manner(habit=8))
    own = np.mean([glyph(one, 1, c) @ glyph(one, 2, c) for c in "AKRegk27"])
    foreign = np.mean([glyph(one, 1, c) @ glyph(other, 2, c) for c in "AKRegk27"])
    assert own > 0.75 > foreign + 0.1
    again = MadeUpHand(1, Manner(habit=8))
    assert np.array_equal(glyph(one, 3, "B"), glyph(again, 3, "B"))


def test_a_made_up_hand_leans_as_it_is_told_and_knows_no_signs() -> None:
    def lean(slant: float) -> float:
        drawn = MadeUpHand(3, Manner(slant=slant)).draw("l", rng(1))
        assert drawn is not None
        y, x = np.nonzero(drawn.ink > 128)
        return float(-np.polyfit(y, x, 1)[0])

    assert lean(0.5) > lean(0.0) + 0.3 > lean(-0.5) + 0.6
    assert MadeUpHand(3).draw("?", rng()) is None
