"""Augmentation against torch's affine grid, OpenCV's dilation, and properties that hold for any draw."""

import inspect
import math
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from inkread.data import Dataset
from inkread.models.predict import to_input
from inkread.training import augment
from inkread.training.config import TrainConfig

STILL = {"shift": 0.0, "rotate": 0.0, "scale": 0.0, "shear": 0.0, "elastic": 0.0, "stroke": 0.0}


def only(**amounts: float) -> TrainConfig:
    return TrainConfig(**{**STILL, **amounts})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def glyphs(digits: Dataset) -> Tensor:
    return to_input(torch.from_numpy(digits.train.images[:64].copy()))


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def draws(monkeypatch: pytest.MonkeyPatch, *values: float) -> None:
    """Make the next draws these, in the order of angle, width, height, slant, right, down (and stroke)."""
    left = list(values)
    monkeypatch.setattr(augment, "evenly", lambda n, _: torch.full((n, 1, 1), left.pop(0) if left else 0.0))


def test_no_amounts_change_nothing(glyphs: Tensor) -> None:
    assert torch.equal(augment.warp(glyphs, only(), seeded()), glyphs)


def test_the_grid_of_no_change_is_the_identity(glyphs: Tensor) -> None:
    grid = augment.sampling_grid(len(glyphs), only(), seeded())
    back = F.grid_sample(glyphs, grid, align_corners=False)
    assert torch.allclose(back, glyphs, atol=1e-5)


def test_the_same_draws_warp_alike_and_others_differently(glyphs: Tensor) -> None:
    config = only(shift=2, rotate=10, scale=0.1, shear=0.1, elastic=0.5, stroke=0.5)
    once, again = (augment.warp(glyphs, config, seeded(5)) for _ in range(2))
    assert torch.equal(once, again)
    assert not torch.equal(once, augment.warp(glyphs, config, seeded(6)))


def test_warping_draws_from_its_generator_alone(glyphs: Tensor) -> None:
    config = only(shift=2, elastic=0.5, stroke=0.5)
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    once = augment.warp(glyphs, config, seeded(5))
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(2)
    assert torch.equal(augment.warp(glyphs, config, seeded(5)), once)


def test_each_glyph_of_a_batch_is_warped_in_its_own_way(glyphs: Tensor) -> None:
    same = glyphs[:1].expand(32, -1, -1, -1)
    warped = augment.warp(same, only(shift=3, rotate=10), seeded())
    assert len({row.numpy().tobytes() for row in warped}) == 32


@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, 1), (1, -1), (-1, 1)])
def test_a_shift_by_whole_pixels_moves_pixels_and_changes_none(
    monkeypatch: pytest.MonkeyPatch, glyphs: Tensor, right: int, down: int
) -> None:
    padded = F.pad(glyphs[:, :, 6:22, 6:22], (6, 6, 6, 6))  # ink stays within the frame
    draws(monkeypatch, 0, 0, 0, 0, right, down)
    moved = augment.warp(padded, only(shift=3), seeded())
    expected = torch.roll(padded, (-3 * down, -3 * right), dims=(2, 3))
    assert torch.allclose(moved, expected, atol=1e-4)


def test_ink_that_leaves_the_frame_is_gone_and_paper_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    draws(monkeypatch, 0, 0, 0, 0, 1, 0)
    moved = augment.warp(torch.ones(1, 1, 28, 28), only(shift=14), seeded())[0, 0]
    assert torch.allclose(moved[:, :14], torch.ones(28, 14), atol=1e-4)
    assert torch.allclose(moved[:, 15:], torch.zeros(28, 13), atol=1e-4)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_quarter_turn_is_a_quarter_turn(monkeypatch: pytest.MonkeyPatch, glyphs: Tensor, sign: int) -> None:
    draws(monkeypatch, sign)
    turned = augment.warp(glyphs, only(rotate=90), seeded())
    assert torch.allclose(turned, torch.rot90(glyphs, sign, dims=(2, 3)), atol=1e-4)


def test_the_grid_is_that_of_torchs_own_affine_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    config = only(rotate=30, scale=0.2, shear=0.3, shift=4)
    for values in np.random.default_rng(0).uniform(-1, 1, (20, 6)):
        draws(monkeypatch, *values)
        turn, width, height, slant, right, down = values
        cos, sin = math.cos(turn * math.pi / 6), math.sin(turn * math.pi / 6)
        across, up = math.exp(width * 0.2), math.exp(height * 0.2)
        matrix = torch.tensor(
            [
                [cos * across, (slant * 0.3 - sin) * across, right * 4 * 2 / 28],
                [sin * up, cos * up, down * 4 * 2 / 28],
            ]
        )
        expected = F.affine_grid(matrix[None].float(), [1, 1, 28, 28], align_corners=False)
        assert torch.allclose(augment.sampling_grid(1, config, seeded()), expected, atol=1e-5)


@pytest.mark.parametrize("amount", [0.05, 0.1, 0.3])
def test_scale_changes_width_and_height_by_the_factors_that_its_help_names(
    monkeypatch: pytest.MonkeyPatch, amount: float
) -> None:
    square = torch.zeros(1, 1, 28, 28)
    square[..., 8:20, 8:20] = 1
    for across, up in ((-1, -1), (1, 1), (-1, 1), (1, -1)):
        draws(monkeypatch, 0, across, up)
        scaled = augment.warp(square, only(scale=amount), seeded())[0, 0]
        assert float(scaled[14].sum()) / 12 == pytest.approx(math.exp(-across * amount), abs=0.02)
        assert float(scaled[:, 14].sum()) / 12 == pytest.approx(math.exp(-up * amount), abs=0.02)
    for told in (Path(inspect.getfile(TrainConfig)), Path(__file__).parents[2] / "docs" / "training.md"):
        assert (
            "width and height each change by a factor from exp(-scale) to exp(scale); 0.1 is about 10 %"
            in told.read_text(encoding="utf-8")
        )
    assert max(abs(1 - math.exp(sign * 0.1)) for sign in (-1, 1)) == pytest.approx(0.1, abs=0.01)


def test_small_turns_and_slants_keep_the_ink_that_there_is(glyphs: Tensor) -> None:
    warped = augment.warp(glyphs, only(rotate=15, shear=0.15, shift=1), seeded())
    assert torch.allclose(warped.sum(dim=(1, 2, 3)), glyphs.sum(dim=(1, 2, 3)), rtol=0.05)


def test_turns_go_both_ways_alike() -> None:
    slanted = torch.zeros(2000, 1, 28, 28)
    slanted[..., 13:15, 4:24] = 1  # a bar; what its turn does to the upper right, the other turn does to the lower
    warped = augment.warp(slanted, only(rotate=20), seeded())
    upper, lower = warped[..., :13, 18:].sum(dim=(1, 2, 3)), warped[..., 15:, 18:].sum(dim=(1, 2, 3))
    assert float((upper > lower).float().mean()) == pytest.approx(0.5, abs=0.05)
    assert float(upper.mean()) == pytest.approx(float(lower.mean()), rel=0.1)


def test_draws_are_even_from_minus_one_to_one() -> None:
    drawn = augment.evenly(20_000, seeded())
    assert drawn.shape == (20_000, 1, 1)
    counts = torch.histc(drawn, 10, -1, 1)
    assert counts.sum() == 20_000
    assert torch.allclose(counts, torch.full((10,), 2000.0), rtol=0.1)


def test_elastic_bends_by_about_its_amount_smoothly_and_nothing_on_average() -> None:
    still = augment.sampling_grid(1, only(), seeded())
    moved = (augment.sampling_grid(500, only(elastic=1.5), seeded()) - still) * 14  # pixels
    assert float(moved.mean()) == pytest.approx(0, abs=0.02)
    assert 0.5 < float(moved.std()) / 1.5 <= 1.05  # between the nodes it is less than at the nodes
    steps = (moved[:, :, 1:] - moved[:, :, :-1]).abs().mean()
    assert steps < 0.35 * moved.abs().mean()  # neighbours move together


@pytest.fixture(scope="module")
def neighbours(glyphs: Tensor) -> tuple[Tensor, Tensor]:
    """The darkest and the lightest of each pixel and its eight neighbours, by OpenCV."""
    kernel = np.ones((3, 3), np.uint8)
    found = [[operation(glyph[0].numpy(), kernel) for glyph in glyphs] for operation in (cv2.dilate, cv2.erode)]
    dark, light = (torch.from_numpy(np.stack(pictures))[:, None] for pictures in found)
    return dark, light


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_strokes_go_that_far_towards_their_darkest_or_lightest_neighbour(
    monkeypatch: pytest.MonkeyPatch, glyphs: Tensor, neighbours: tuple[Tensor, Tensor], amount: float
) -> None:
    for sign, goal in zip((1, -1), neighbours, strict=True):
        draws(monkeypatch, sign)
        found = augment.warp(glyphs, only(stroke=amount), seeded())
        assert torch.allclose(found, glyphs + amount * (goal - glyphs), atol=1e-6)


def test_thick_is_never_lighter_and_thin_never_darker(glyphs: Tensor) -> None:
    def changed(amount: float) -> Tensor:
        return augment.change_stroke(glyphs, torch.full((len(glyphs), 1, 1), amount))

    steps = [changed(amount) for amount in (-1, -0.5, 0, 0.5, 1)]
    assert torch.equal(steps[2], glyphs)
    for thinner, thicker in pairwise(steps):
        assert (thinner <= thicker + 1e-6).all()
        assert thinner.sum() < thicker.sum()


@pytest.mark.parametrize("seed", range(5))
def test_pixels_stay_between_paper_and_ink(glyphs: Tensor, seed: int) -> None:
    wild = only(shift=5, rotate=90, scale=0.5, shear=0.5, elastic=2, stroke=1)
    warped = augment.warp(glyphs, wild, seeded(seed))
    assert warped.shape == glyphs.shape
    assert warped.dtype == torch.float32
    assert torch.allclose(warped, warped.clamp(0, 1), atol=1e-6)
