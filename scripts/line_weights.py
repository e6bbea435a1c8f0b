"""The line weights that ship -> a network that can learn on: norms, which the file has multiplied in, are rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
from line_writer import CLASSES, Batch
from torch import nn

from inkread.interfaces.packing import unpacked
from inkread.models.line_network import LineNetwork

NEAR_IDENTITY: Final = 0.1  # what a norm multiplies with where a residual convolution is new


def learning_on(path: Path, batches: Sequence[Batch]) -> LineNetwork:
    """The network of an exported file; its norms take mean and variance from ``batches`` and change nothing.

    Convolutions that the file lacks, because the network has grown since, begin near identity. Raises KeyError where
    the file holds another network.
    """
    stored = {name: torch.from_numpy(array) for name, array in unpacked(path.read_bytes()).items()}
    waiting = sorted((name.removesuffix(".weight") for name in stored if name.endswith(".weight")), key=_place)
    network = LineNetwork(len(CLASSES))
    norms: list[nn.BatchNorm2d] = []
    with torch.no_grad():
        convolution = ""
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                known = bool(waiting) and stored[f"{waiting[0]}.weight"].shape == module.weight.shape
                convolution = waiting.pop(0) if known else ""
                if known:
                    module.weight.copy_(stored[f"{convolution}.weight"])
                if known and module.bias is not None:
                    module.bias.copy_(stored[f"{convolution}.bias"])
            elif isinstance(module, nn.BatchNorm2d) and convolution:
                module.bias.copy_(stored[f"{convolution}.weight_bias"])
                module.running_var.fill_(1 - module.eps)  # type: ignore[union-attr]
                norms.append(module)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, NEAR_IDENTITY)
        if waiting:
            raise KeyError(f"{path} holds another network: {', '.join(waiting)} fit no convolution of this one")
        _rebuild(network, norms, batches)
    return network


def _place(name: str) -> tuple[int, list[int]]:
    """Where a convolution stands: those of the strip come first, then those along the line, the head last."""
    _, part, *rest = name.split(".")
    inner = [int(step) if step.isdigit() else step == "mix" for step in rest]
    return ("strip", "line", "head").index(part), inner


def averaged(one: LineNetwork, other: LineNetwork, batches: Sequence[Batch], share: float = 0.5) -> LineNetwork:
    """The network between two of which one has learnt on from the other, so much of the first; norms are measured anew.

    Source: Wortsman et al. 2022 (weights of networks that share a beginning may be averaged).
    """
    halfway = LineNetwork(len(CLASSES))
    theirs = other.state_dict()
    halfway.load_state_dict(
        {
            name: torch.lerp(mine, theirs[name], 1 - share) if mine.is_floating_point() else mine
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
