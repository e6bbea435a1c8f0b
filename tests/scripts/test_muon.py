"""muon: steps of one length in all directions, whatever the gradient's."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch

SCRIPT = "muon"


@pytest.mark.parametrize("shape", [(6, 6), (4, 30), (30, 4)])
def test_singular_values_come_near_one_and_directions_stay(script: ModuleType, shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(shape) @ torch.diag(torch.logspace(-1, 1, shape[1]))
    found = script.orthogonal(matrix)
    assert found.shape == matrix.shape
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    turned = left.T @ found @ right.T  # diagonal where directions are the matrix's own
    assert torch.diag(turned).min() > 0.6 and torch.diag(turned).max() < 1.25
    torch.testing.assert_close(turned, torch.diag(torch.diag(turned)), atol=1e-4, rtol=0)


def test_steps_are_as_long_as_the_rate_says_and_go_downhill(script: ModuleType) -> None:
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(8, 3, 2, 2))
    goal, before = torch.randn(8, 3, 2, 2), weight.detach().clone()
    optimiser = script.Muon([weight], lr=0.01)
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


def test_weights_decay(script: ModuleType) -> None:
    weight = torch.nn.Parameter(torch.ones(2, 2))
    optimiser = script.Muon([weight], lr=0.1, weight_decay=0.5)
    weight.grad = torch.zeros(2, 2)
    optimiser.step()
    torch.testing.assert_close(weight.detach(), torch.full((2, 2), 0.95))
