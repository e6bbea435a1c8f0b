"""The line weights that ship -> a network that can learn on: norms, which the file has multiplied in, are rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from line_writer import CLASSES, Batch
from torch import nn

from inkread.interfaces.packing import unpacked
from inkread.models.line_network import LineNetwork


def learning_on(path: Path, batches: Sequence[Batch]) -> LineNetwork:
    """The network of an exported file; its norms take mean and variance from ``batches`` and change nothing.

    Raises KeyError where the file holds another network.
    """
    stored = {name: torch.from_numpy(array) for name, array in unpacked(path.read_bytes()).items()}
    network = LineNetwork(len(CLASSES))
    norms: list[nn.BatchNorm2d] = []
    with torch.no_grad():
        convolution = ""
        for name, module in network.named_modules():
            if isinstance(module, nn.Conv2d):
                convolution = f"network.{name}"
                module.weight.copy_(stored[f"{convolution}.weight"])
                if module.bias is not None:
                    module.bias.copy_(stored[f"{convolution}.bias"])
            elif isinstance(module, nn.BatchNorm2d):
                module.bias.copy_(stored[f"{convolution}.weight_bias"])
                module.running_var.fill_(1 - module.eps)  # type: ignore[union-attr]
                norms.append(module)
        _rebuild(network, norms, batches)
    return network


def averaged(one: LineNetwork, other: LineNetwork, batches: Sequence[Batch]) -> LineNetwork:
    """The network halfway between two of which one has learnt on from the other; norms are measured anew.

    Source: Wortsman et al. 2022 (weights of networks that share a beginning may be averaged).
    """
    halfway = LineNetwork(len(CLASSES))
    theirs = other.state_dict()
    halfway.load_state_dict(
        {
            name: torch.lerp(mine, theirs[name], 0.5) if mine.is_floating_point() else mine
            for name, mine in one.state_dict().items()
        }
    )
    for norm in halfway.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over all batches
    halfway.train()
    with torch.no_grad():
        for lines in batches:
            halfway(torch.as_tensor(lines.strips).float() / 255)
    return halfway.eval()


def _rebuild(network: LineNetwork, norms: Sequence[nn.BatchNorm2d], batches: Sequence[Batch]) -> None:
    """Give norms that only add a bias the statistics of what they see, and take them back in weight and bias."""
    moments = {norm: torch.zeros(3, norm.num_features, dtype=torch.float64) for norm in norms}

    def note(norm: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        seen = inputs[0].double().transpose(0, 1).flatten(1)  # (channels, places)
        moments[norm] += torch.stack([torch.full_like(seen[:, 0], seen.shape[1]), seen.sum(1), seen.square().sum(1)])

    handles = [norm.register_forward_pre_hook(note) for norm in norms]
    network.eval()
    for lines in batches:
        network(torch.as_tensor(lines.strips).float() / 255)
    for handle in handles:
        handle.remove()
    for norm in norms:
        places, total, squares = moments[norm]
        mean = total / places
        variance = squares / places - mean.square()
        norm.running_mean.copy_(mean)  # type: ignore[union-attr]
        norm.running_var.copy_(variance)  # type: ignore[union-attr]
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.add_(mean)
    network.train()
