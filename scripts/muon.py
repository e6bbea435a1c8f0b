"""Muon: steps whose matrices turn every direction alike, for the weights of hidden layers.

PyTorch's own takes matrices alone and computes in bfloat16, thirty times slower where the processor has none. Source:
Jordan et al. 2024, with the size of a step as in Liu et al. 2025, so that AdamW's rates fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import torch

COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)  # of the polynomial that brings singular values near 1
ROUNDS: Final = 5  # of it
RMS: Final = 0.2  # of a step at rate 1, as AdamW's steps have it


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; a convolution's weight (out, in, h, w) is a matrix (out, in * h * w)."""

    def __init__(
        self, params: Iterable[torch.nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step along the gradients that ``backward`` left; there is no closure."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                gradient = weight.grad.flatten(1)
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(gradient)
                state["momentum"].lerp_(gradient, 1 - group["momentum"])
                ahead = gradient.lerp(state["momentum"], group["momentum"])  # Nesterov's
                step = orthogonal(ahead) * (RMS * max(gradient.shape) ** 0.5)
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(step.reshape(weight.shape), alpha=-group["lr"])


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """A matrix (m, n) -> nearly the orthogonal one nearest to it: its singular values lie between 0.7 and 1.2."""
    a, b, c = COEFFICIENTS
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    found = wide / (wide.norm() + 1e-7)
    for _ in range(ROUNDS):
        gram = found @ found.T
        found = torch.addmm(found, torch.addmm(gram, gram, gram, beta=b, alpha=c), found, beta=a)
    return found.T if matrix.shape[0] > matrix.shape[1] else found
