"""muon: steps of one length in all directions, whatever the gradient's."""

from __future__ import annotations

import pytest
import torch

from inkread.models import build
from inkread.training import muon
from inkread.training.muon import Muon, mixing, orthogonal


@pytest.mark.parametrize("shape", [(6, 6), (4, 30), (30, 4)])
@pytest.mark.parametrize(("low", "close"), [(False, 1e-4), (True, 0.02)], ids=["float32", "bfloat16"])
def test_singular_values_come_near_one_and_directions_stay(
    shape: tuple[int, int], low: bool, close: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(muon, "has_fast_bfloat16", lambda _: low)
    torch.manual_seed(0)
    matrix = torch.randn(shape) @ torch.diag(torch.logspace(-1, 1, shape[1]))
    found = orthogonal(matrix)
    assert (found.shape, found.dtype) == (matrix.shape, matrix.dtype)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    turned = left.T @ found @ right.T  # diagonal where directions are the matrix's own
    assert torch.diag(turned).min() > 0.6 and torch.diag(turned).max() < 1.25
    torch.testing.assert_close(turned, torch.diag(torch.diag(turned)), atol=close, rtol=0)


def test_steps_are_as_long_as_the_rate_says_and_go_downhill() -> None:
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(8, 3, 2, 2))
    goal, before = torch.randn(8, 3, 2, 2), weight.detach().clone()
    optimiser = Muon([weight], lr=0.01)
    (1e-3 * (weight - goal).square().sum()).backward()
    optimiser.step()
    length = float((weight.detach() - before).square().mean().sqrt())
    assert length == pytest.approx(0.01 * 0.2, rel=0.3)  # the RMS of AdamW's steps, however small the gradient
    first = float((before - goal).square().sum())
    optimiser.param_groups[0]["lr"] = 0.1
    for _ in range(300):
        optimiser.zero_grad()
        (weight - goal).square().sum().backward()
        optimiser.step()
    assert float((weight.detach() - goal).square().sum()) < 0.01 * first


def test_weights_decay() -> None:
    weight = torch.nn.Parameter(torch.ones(2, 2))
    optimiser = Muon([weight], lr=0.1, weight_decay=0.5)
    weight.grad = torch.zeros(2, 2)
    optimiser.step()
    torch.testing.assert_close(weight.detach(), torch.full((2, 2), 0.95))


def test_steps_that_are_not_turned_are_those_of_sgd() -> None:
    torch.manual_seed(0)
    one, other = (torch.nn.Parameter(torch.ones(3, 2)) for _ in range(2))
    ours = Muon([one], lr=0.1, momentum=0.9, rms=None)
    theirs = torch.optim.SGD([other], lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(5):
        one.grad, other.grad = one.detach() ** 2, other.detach() ** 2
        ours.step()
        theirs.step()
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("arch", "names"),
    [
        ("mlp", ["layers.1.weight", "layers.4.weight"]),
        ("cnn", ["layers.1.0.weight", "layers.2.0.weight"]),
        ("cnn-4k", ["shared.weight"]),
    ],
)
def test_what_mixes_is_all_between_the_pixels_of_a_convolution_and_the_last_layer(arch: str, names: list[str]) -> None:
    network = build(arch, 10)
    mix, others = mixing(network)
    named = dict(network.named_parameters())
    assert [id(weight) for weight in mix] == [id(named[name]) for name in names]
    assert {id(p) for p in mix} | {id(p) for p in others} == {id(p) for p in named.values()}
    assert len(mix) + len(others) == len(named)
