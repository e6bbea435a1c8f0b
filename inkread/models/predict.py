"""Glyphs, uint8 (N, 28, 28) -> logits (N, C), in batches that fit the cache. Leaves calibration to its callers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

BATCH = 512  # glyphs; larger batches leave the CPU's cache and are slower


def to_input(glyphs: Tensor) -> Tensor:
    """uint8 (N, 28, 28), ink 255 -> float32 (N, 1, 28, 28) in 0..1: what every network eats."""
    return glyphs.unsqueeze(1).float().div_(255)


def logits(network: nn.Module, glyphs: npt.NDArray[np.uint8] | Tensor) -> npt.NDArray[np.float32]:
    """Logits (N, C) of uint8 glyphs (N, 28, 28), upright, ink 255; the network is left in the mode it was in."""
    images = torch.as_tensor(glyphs)
    device = next(network.parameters()).device
    training = network.training
    network.eval()
    with torch.inference_mode():
        parts = [network(to_input(batch.to(device))).float().cpu() for batch in images.split(BATCH)]
    network.train(training)
    return torch.cat(parts).numpy()
