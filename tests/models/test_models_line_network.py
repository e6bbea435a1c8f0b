"""The line network: a frame every two pixels, each about its own place, whatever the strip's width."""

from __future__ import annotations

import pytest
import torch

from inkread.models.line_network import FIRST, PAIR, STRIDE, LineNetwork


@pytest.fixture(scope="module")
def network() -> LineNetwork:
    torch.manual_seed(0)
    return LineNetwork(5, channels=(8, 8, 8, 8), width=16, blocks=1).eval()


@pytest.mark.parametrize("width", [16, 64, 400])
def test_there_is_a_frame_every_two_pixels_with_a_class_for_the_blank(network: LineNetwork, width: int) -> None:
    with torch.no_grad():
        assert network(torch.rand(3, 1, 40, width)).shape == (3, width // STRIDE, 6)


def test_moving_the_ink_by_a_place_moves_the_frames_by_a_pair(network: LineNetwork) -> None:
    strip = torch.zeros(1, 1, 40, 320)
    strip[..., 150:170] = torch.rand(1, 1, 40, 20)
    with torch.no_grad():
        frames, moved = network(strip)[0], network(strip.roll(PAIR * STRIDE, dims=3))[0]
    torch.testing.assert_close(moved[62:120], frames[60:118])


def test_a_frame_is_centred_at_its_own_pixels(network: LineNetwork) -> None:
    """The gradient of one frame by the strip is about as far to the left as to the right of its place."""
    strip = torch.full((1, 1, 40, 400), 0.5, requires_grad=True)
    network(strip)[0, 50].square().sum().backward()
    assert strip.grad is not None
    touched = strip.grad.abs().sum(dim=(0, 1, 2)).nonzero().flatten()
    assert abs((int(touched[0]) + int(touched[-1])) / 2 - (FIRST + 50 * STRIDE)) <= 2


def test_the_network_that_ships_is_as_small_as_the_docs_say() -> None:
    parameters = sum(parameter.numel() for parameter in LineNetwork(84).parameters())
    assert parameters == 1_741_546
