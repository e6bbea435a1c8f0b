"""Glyphs (N, 1, 28, 28), float 0..1, ink high -> logits (N, C). Three sizes for any alphabet, smallest idea first.

What training does with them is left to `training`. Sources: batch normalisation, Ioffe and Szegedy 2015; stacked 3x3
convolutions, Simonyan and Zisserman 2014; strided first layer without padding, because a framed glyph has a margin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inkread.errors import BadOption

GLYPH_SHAPE = (1, 28, 28)


class Mlp(nn.Module):
    """Two hidden layers and nothing that knows of pictures: the plain network that teaching begins with."""

    def __init__(self, classes: int, hidden: tuple[int, int] = (384, 192)) -> None:
        super().__init__()
        first, second = hidden
        self.layers = nn.Sequential(
            nn.Flatten(),  # (N, 784)
            nn.Linear(28 * 28, first),
            nn.BatchNorm1d(first),
            nn.ReLU(),
            nn.Linear(first, second),
            nn.BatchNorm1d(second),
            nn.ReLU(),
            nn.Linear(second, classes),
        )

    def forward(self, glyphs: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> logits (N, C)."""
        return self.layers(glyphs)


def block(convolution: nn.Conv2d, pool: int = 1) -> nn.Module:
    """Convolution, pooling, normalisation, ReLU. Pooling comes first: the two that follow then see fewer pixels."""
    return nn.Sequential(
        convolution,
        nn.MaxPool2d(pool) if pool > 1 else nn.Identity(),
        nn.BatchNorm2d(convolution.out_channels),
        nn.ReLU(inplace=True),
    )


class Cnn(nn.Module):
    """Small and fast: 0.3 million multiply-adds, learns MNIST in seconds."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            block(nn.Conv2d(1, 16, 5, stride=2, bias=False), pool=2),  # (N, 16, 6, 6)
            block(nn.Conv2d(16, 48, 3, bias=False)),  # (N, 48, 4, 4)
            block(nn.Conv2d(48, 64, 3, bias=False)),  # (N, 64, 2, 2)
            nn.Flatten(),  # (N, 256)
            nn.Linear(256, classes),
        )

    def forward(self, glyphs: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> logits (N, C)."""
        return self.layers(glyphs)


class CnnAccurate(nn.Module):
    """The best for its cost: four layers of convolution, 8 million multiply-adds, below 2 MB."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            block(nn.Conv2d(1, 32, 5, stride=2, bias=False)),  # (N, 32, 12, 12)
            block(nn.Conv2d(32, 64, 3, padding=1, bias=False), pool=2),  # (N, 64, 6, 6)
            block(nn.Conv2d(64, 128, 3, padding=1, bias=False)),  # (N, 128, 6, 6)
            block(nn.Conv2d(128, 128, 3, bias=False)),  # (N, 128, 4, 4)
            nn.Flatten(),  # (N, 2048)
            nn.Dropout(0.3),
            nn.Linear(2048, classes),
        )

    def forward(self, glyphs: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> logits (N, C)."""
        return self.layers(glyphs)


ARCHITECTURES: dict[str, Callable[[int], nn.Module]] = {"mlp": Mlp, "cnn": Cnn, "cnn-accurate": CnnAccurate}


def build(arch: str, classes: int) -> nn.Module:
    """A fresh network with random weights (torch's global generator) for ``classes`` characters."""
    if arch not in ARCHITECTURES:
        raise BadOption(f"there is no architecture {arch!r}; choose one of: {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[arch](classes)


@dataclass(frozen=True)
class NetworkSize:
    """How large a network is: trained numbers, and multiply-adds that one glyph costs."""

    parameters: int
    multiply_adds: int


def measure(network: nn.Module) -> NetworkSize:
    """Count parameters, and the multiply-adds of convolutions and linear layers for one glyph."""
    counted: list[int] = []

    def count(layer: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        per_output = layer.get_parameter("weight")[0].numel()  # products that make one output value
        counted.append(per_output * output[0].numel())

    weighted = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(count) for layer in weighted]
    training = network.training
    device = next(network.parameters()).device
    with torch.inference_mode():
        network.eval()(torch.zeros(1, *GLYPH_SHAPE, device=device))
    network.train(training)
    for hook in hooks:
        hook.remove()
    return NetworkSize(sum(p.numel() for p in network.parameters()), sum(counted))
