"""A trained network -> what goes on inside it, as arrays: its first filters, its maps of a glyph, where it sees glyphs.

Works for every architecture of ``networks``, by what its layers are and not by what they are called. Drawing is left to
others. Source: Zeiler and Fergus 2014 (looking at filters and maps).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inkread.models.predict import BATCH, to_input

FloatArray = npt.NDArray[np.float32]


def first_filters(network: nn.Module) -> FloatArray:
    """The weights (K, h, w) of each of the K features that look at the glyph itself; positive: ink speaks for it."""
    first = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear))
    weights = first.weight.detach().cpu()
    side = weights.shape[-1] if isinstance(first, nn.Conv2d) else round(weights.shape[1] ** 0.5)
    return weights.reshape(len(weights), side, side).numpy()


def activations(network: nn.Module, glyph: npt.NDArray[np.uint8]) -> list[FloatArray]:
    """For each block, first to last, the maps (K, h, w) that it makes of one glyph, uint8 (28, 28): all 0 or above.

    A block ends in a normalisation and a ReLU. A network without maps, such as mlp, has none.
    """
    found: list[FloatArray] = []

    def keep(_: nn.Module, __: tuple[Tensor, ...], output: Tensor) -> None:
        if output.shape[-1] > 1:
            found.append(output[0].clamp(min=0).cpu().numpy())  # what the ReLU that follows leaves

    hooks = [layer.register_forward_hook(keep) for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    _run(network, torch.from_numpy(glyph[None]))
    for hook in hooks:
        hook.remove()
    return found


def embeddings(network: nn.Module, glyphs: npt.NDArray[np.uint8]) -> FloatArray:
    """(N, D) what the last layer sees of N glyphs, uint8 (N, 28, 28): alike glyphs lie near each other."""
    found: list[FloatArray] = []
    last = [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
    hook = last.register_forward_pre_hook(lambda _, inputs: found.append(inputs[0].cpu().numpy()))
    for batch in torch.from_numpy(glyphs).split(BATCH):
        _run(network, batch)
    hook.remove()
    return np.concatenate(found)


def _run(network: nn.Module, glyphs: Tensor) -> None:
    training, device = network.training, next(network.parameters()).device
    network.eval()
    with torch.inference_mode():
        network(to_input(glyphs.to(device)))
    network.train(training)
