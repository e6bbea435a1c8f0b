"""Strips of lines (N, 1, 40, W) -> logits of frames (N, F, C + 1): which character stands at each place, or none.

The last class is the blank: no character here. Frames follow each other every STRIDE pixels, near enough to tell the
strokes of an ll or an I' apart; the convolutions look at every fourth pixel alone, and each of their places speaks for
two frames. Small on purpose: a line of 25 characters costs some 450 million multiply-adds. Sources: Graves et al. 2006
(the blank); Shi, Bai and Yao 2015 (convolutions that fold a line's height away), without their recurrent layers: a
network that sees a few characters to each side knows shapes and sizes, and leaves language to the decoder.
"""

from __future__ import annotations

import torch
from torch import nn

STRIDE = 2  # pixels of the strip from frame to frame
FIRST = 0  # pixel that the first frame is centred at
PAIR = 2  # frames that one place of the convolutions speaks for
REACH = 9  # places that a block looks at


class LineNetwork(nn.Module):
    """Convolutions over the strip, then over its frames.

    Args:
        classes: characters of the alphabet, space included, blank not.
        channels: of the convolutions over the strip; the last two have the same.
        width: channels of a place.
        blocks: residual convolutions along the line.
    """

    def __init__(
        self, classes: int, channels: tuple[int, int, int, int] = (32, 64, 112, 176), width: int = 320, blocks: int = 6
    ) -> None:
        super().__init__()
        a, b, c, d = channels
        self.strip = nn.Sequential(
            *_normed(nn.Conv2d(1, a, 5, stride=2, padding=2, bias=False)),  # (N, a, 20, W/2)
            *_normed(nn.Conv2d(a, b, 3, padding=1, bias=False)),
            nn.MaxPool2d(2),  # (N, b, 10, W/4)
            *_normed(nn.Conv2d(b, c, 3, padding=1, bias=False)),
            Again(c),
            Again(c),
            nn.MaxPool2d((2, 1)),  # (N, c, 5, W/4)
            *_normed(nn.Conv2d(c, d, 3, padding=1, bias=False)),
            Again(d),
            *_normed(nn.Conv2d(d, width, (5, 1), bias=False)),  # (N, width, 1, W/4)
        )
        self.line = nn.Sequential(*(Along(width) for _ in range(blocks)))
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(width, PAIR * (classes + 1), 1))

    def forward(self, strips: torch.Tensor) -> torch.Tensor:
        """Strips float32 (N, 1, 40, W), ink 1 on 0, W a multiple of PAIR * STRIDE -> logits (N, W / STRIDE, C + 1)."""
        pairs = self.head(self.line(self.strip(strips))).squeeze(2).transpose(1, 2)  # (N, F / 2, 2 * (C + 1))
        return pairs.reshape(pairs.shape[0], -1, pairs.shape[2] // PAIR)


class Again(nn.Module):
    """A residual convolution over the strip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.look = nn.Sequential(*_normed(nn.Conv2d(channels, channels, 3, padding=1, bias=False)))

    def forward(self, strip: torch.Tensor) -> torch.Tensor:
        """A strip (N, channels, H, W) -> the same shape."""
        seen: torch.Tensor = self.look(strip)
        return strip + seen


class Along(nn.Module):
    """A residual block along the line: each channel looks around, then all are mixed."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.around = nn.Conv2d(width, width, (1, REACH), padding=(0, REACH // 2), groups=width, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.mix = nn.Conv2d(width, width, 1)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """Frames (N, width, 1, F) -> the same shape."""
        mixed: torch.Tensor = torch.relu(self.mix(self.norm(self.around(frames))))
        return frames + mixed


def _normed(convolution: nn.Conv2d) -> tuple[nn.Module, ...]:
    return convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU(inplace=True)
