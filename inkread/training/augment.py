"""A batch of glyphs -> the same glyphs as other hands might have written them. Whole batches at once, on tensors.

Affine and elastic changes make one sampling grid, so a batch is interpolated once (Simard, Steinkraus and Platt 2003).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from inkread.training.config import TrainConfig

SIDE = 28  # pixels of a glyph's side
ELASTIC_NODES = 6  # nodes of the coarse displacement field a side; more nodes bend shorter stretches of a stroke


def warp(glyphs: Tensor, config: TrainConfig, generator: Generator) -> Tensor:
    """Glyphs (N, 1, 28, 28), float 0..1, shifted, rotated, scaled, sheared, bent, thickened or thinned at random.

    The amounts are ``config.shift`` (pixels), ``rotate`` (degrees), ``scale`` (natural logarithm of the factor of width
    and of height), ``shear`` (ratio), ``elastic`` (pixels, standard deviation) and ``stroke`` (0..1: how far towards
    the darkest or lightest neighbour); each but ``elastic`` is the largest change, drawn evenly on both sides of none.
    ``generator`` lives on the CPU: every device sees the same draws.
    """
    if config.geometric:
        grid = sampling_grid(len(glyphs), config, generator).to(glyphs.device)
        glyphs = F.grid_sample(glyphs, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    if config.stroke:
        glyphs = change_stroke(glyphs, config.stroke * evenly(len(glyphs), generator).to(glyphs.device))
    return glyphs


def evenly(n: int, generator: Generator) -> Tensor:
    """n numbers drawn evenly from -1..1, shaped (n, 1, 1) to meet rows and columns of pixels."""
    return torch.rand(n, 1, 1, generator=generator) * 2 - 1


def sampling_grid(n: int, config: TrainConfig, generator: Generator) -> Tensor:
    """Where each pixel of n warped glyphs is taken from, (n, 28, 28, 2), in grid_sample's coordinates -1..1."""
    pixel = 2 / SIDE
    angle = evenly(n, generator) * math.radians(config.rotate)
    width, height = ((evenly(n, generator) * config.scale).exp() for _ in range(2))
    slant = evenly(n, generator) * config.shear
    right, down = (evenly(n, generator) * config.shift * pixel for _ in range(2))
    axis = (torch.arange(SIDE) + 0.5) * pixel - 1
    x, y = axis.view(1, 1, SIDE), axis.view(1, SIDE, 1)
    # Written out instead of F.affine_grid: its batched product of 784 x 3 by 3 x 2 matrices costs four times as much.
    from_x = (angle.cos() * x + (slant - angle.sin()) * y) * width + right
    from_y = (angle.sin() * x + angle.cos() * y) * height + down
    grid = torch.stack([from_x, from_y], dim=-1)  # (n, 28, 28, 2)
    if config.elastic:
        nodes = torch.randn(n, 2, ELASTIC_NODES, ELASTIC_NODES, generator=generator) * (config.elastic * pixel)
        grid = grid + F.interpolate(nodes, (SIDE, SIDE), mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
    return grid


def change_stroke(glyphs: Tensor, amount: Tensor) -> Tensor:
    """Thicken (amount > 0) or thin (< 0) the strokes: a step from each pixel to its darkest or lightest neighbour."""
    amount = amount.unsqueeze(1)  # (N, 1, 1, 1)
    thick = F.max_pool2d(glyphs, 3, stride=1, padding=1)
    thin = -F.max_pool2d(-glyphs, 3, stride=1, padding=1)
    return glyphs + amount.clamp(min=0) * (thick - glyphs) - amount.clamp(max=0) * (thin - glyphs)
