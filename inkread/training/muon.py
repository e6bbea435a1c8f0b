"""Muon: steps that turn every direction of a hidden layer's weights alike; plain momentum for all other parameters.

PyTorch's own takes matrices alone and computes in bfloat16 always, thirty times slower where the processor has none.
Source: Jordan et al. 2024; the length of a step does not depend on the matrix's shape, as in Liu et al. 2025.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import torch
from torch import Tensor, nn

from inkread.training.device import has_fast_bfloat16

COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)  # of the polynomial that brings singular values near 1
ROUNDS: Final = 5  # of it
LIKE_ADAMW: Final = 0.2  # root mean square of a step at rate 1 that makes AdamW's rates fit
LIKE_SGD: Final = 0.04  # that makes SGD's rates fit, for the networks of glyphs


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised; a convolution's weight (out, in, h, w) is a matrix (out, in * h * w).

    ``rms`` is the root mean square of a step's entries at rate 1; in a group where it is None, steps are the momentum's
    own, as SGD's are.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter] | Iterable[dict[str, Any]],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        rms: float | None = LIKE_ADAMW,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "rms": rms})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:
        """One step along the gradients that ``backward`` left; there is no closure."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                gradient = weight.grad
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(gradient)
                state["momentum"].mul_(group["momentum"]).add_(gradient)
                step = gradient.add(state["momentum"], alpha=group["momentum"])  # Nesterov's
                if group["rms"] is not None:
                    matrix = step.flatten(1)
                    step = (orthogonal(matrix) * (group["rms"] * max(matrix.shape) ** 0.5)).reshape(weight.shape)
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(step, alpha=-group["lr"])


def mixing(network: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The weights that mix channels or units, the last layer's left out, and all other parameters."""
    mix = [weight for weight in network.parameters() if weight.ndim > 1 and weight.shape[1] > 1][:-1]
    chosen = set(map(id, mix))
    return mix, [other for other in network.parameters() if id(other) not in chosen]


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix (m, n) -> nearly the orthogonal one nearest to it: its singular values lie between 0.7 and 1.2.

    Computed in bfloat16 where that is fast (the result differs by one percent).
    """
    a, b, c = COEFFICIENTS
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    found = wide / (wide.norm() + 1e-7)
    found = found.bfloat16() if has_fast_bfloat16(matrix.device) else found
    for _ in range(ROUNDS):
        gram = found @ found.T
        found = torch.addmm(found, torch.addmm(gram, gram, gram, beta=b, alpha=c), found, beta=a)
    return (found.T if matrix.shape[0] > matrix.shape[1] else found).to(matrix.dtype)
