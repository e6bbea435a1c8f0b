"""Glyphs (N, 1, 28, 28), float 0..1, ink high -> logits (N, C). Several sizes for any alphabet, smallest idea first.

What training does with them is left to `training`. Sources: batch normalisation, Ioffe and Szegedy 2015; stacked 3x3
convolutions, Simonyan and Zisserman 2014; strided first layer without padding, because a framed glyph has a margin; one
convolution used several times, Jastrzebski et al. 2018, each time with a normalisation of its own; pooling that blurs,
Zhang 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
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


def block(convolution: nn.Conv2d, pool: nn.Module | None = None) -> nn.Module:
    """Convolution, pooling, normalisation, ReLU. Pooling comes first: the two that follow then see fewer pixels."""
    return nn.Sequential(
        convolution,
        pool or nn.Identity(),
        nn.BatchNorm2d(convolution.out_channels),
        nn.ReLU(inplace=True),
    )


class Cnn(nn.Module):
    """Small and fast: 0.3 million multiply-adds, learns MNIST in seconds."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            block(nn.Conv2d(1, 16, 5, stride=2, bias=False), nn.MaxPool2d(2)),  # (N, 16, 6, 6)
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

    def __init__(self, classes: int, channels: tuple[int, int, int] = (32, 64, 128), dropout: float = 0.3) -> None:
        super().__init__()
        a, b, c = channels  # the last two layers have the same
        self.layers = nn.Sequential(
            block(nn.Conv2d(1, a, 5, stride=2, bias=False)),  # (N, a, 12, 12)
            block(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.MaxPool2d(2)),  # (N, b, 6, 6)
            block(nn.Conv2d(b, c, 3, padding=1, bias=False)),  # (N, c, 6, 6)
            block(nn.Conv2d(c, c, 3, bias=False)),  # (N, c, 4, 4)
            nn.Flatten(),  # (N, 16 * c)
            *([nn.Dropout(dropout)] if dropout else []),  # a layer has a number, which checkpoints know it by
            nn.Linear(16 * c, classes),
        )

    def forward(self, glyphs: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> logits (N, C)."""
        return self.layers(glyphs)


def cnn_medium(classes: int) -> CnnAccurate:
    """Between the two: four layers of convolution, 4.4 million multiply-adds, accurate in half a minute of training."""
    return CnnAccurate(classes, (24, 48, 96), dropout=0)


class CnnShared(nn.Module):
    """As few parameters as will do: one convolution is used three times at each of two sizes, twice at a third.

    Each use has a normalisation of its own and adds to what was there before. A filter a channel then looks at the last
    3x3 pixels, and a linear layer at what they say.
    """

    USES = (3, 3, 2)

    def __init__(self, classes: int, channels: int) -> None:
        super().__init__()
        overlapping = nn.MaxPool2d(3, stride=2, padding=1)
        self.first = block(nn.Conv2d(1, channels, 3, bias=False), overlapping)  # (N, channels, 13, 13)
        self.shared = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(sum(self.USES)))
        self.last = nn.Sequential(
            nn.Conv2d(channels, channels, 3, groups=channels, bias=False),  # (N, channels, 1, 1)
            nn.BatchNorm2d(channels),
            nn.Flatten(),
            nn.Linear(channels, classes),
        )

    def forward(self, glyphs: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> logits (N, C)."""
        x = self.first(glyphs)
        large, middle, _ = self.USES
        for use, norm in enumerate(self.norms):
            if use in (large, large + middle):
                x = halved(x)  # (N, channels, 6, 6), then (N, channels, 3, 3)
            x = x + F.relu(norm(self.shared(x)))
        return self.last(x)


def halved(x: Tensor) -> Tensor:
    """(N, K, H, W) -> (N, K, H // 2, W // 2): the largest of every 2x2, blurred before every second is dropped.

    What a glyph moved by a pixel then leaves is nearly the same.
    """
    largest = F.max_pool2d(x, 2, stride=1)
    return F.avg_pool2d(largest, 3, stride=2, padding=1, count_include_pad=False)


ARCHITECTURES: dict[str, Callable[[int], nn.Module]] = {
    "mlp": Mlp,
    "cnn": Cnn,
    "cnn-medium": cnn_medium,
    "cnn-accurate": CnnAccurate,
    "cnn-1k": partial(CnnShared, channels=8),
    "cnn-4k": partial(CnnShared, channels=18),
    "cnn-10k": partial(CnnShared, channels=30),
}


def build(arch: str, classes: int) -> nn.Module:
    """A fresh network with random weights (torch's global generator) for ``classes`` characters."""
    if arch not in ARCHITECTURES:
        raise BadOption(f"there is no architecture {arch!r}; choose one of: {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[arch](classes)


def about(arch: str) -> str:
    """What an architecture is, in a few words: what its docstring says before the colon."""
    made = ARCHITECTURES[arch]
    return (made.func if isinstance(made, partial) else made).__doc__.partition(":")[0]


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
