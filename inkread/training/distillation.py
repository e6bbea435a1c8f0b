"""Networks that teach: what they say of a glyph is learnt in place of its label (Hinton, Vinyals and Dean 2015).

A label says that a glyph is a 4; a teacher says that it might be a 9, too, and of a spoilt one that nobody can tell.
Few parameters learn more from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inkread.data import Dataset
from inkread.errors import BadCheckpoint, BadOption
from inkread.models import load
from inkread.run_folder import network_file


@dataclass(frozen=True)
class Teachers:
    """Finished networks, each with what calibrates it, and what softens both their answers and the learner's."""

    networks: Sequence[tuple[nn.Module, float]]
    temperature: float

    @torch.no_grad()
    def say(self, glyphs: Tensor) -> Tensor:
        """Glyphs (N, 1, 28, 28), float 0..1 -> mean of the teachers' calibrated probabilities, softened (N, C)."""
        said = [
            (network(glyphs).float() / (calibration * self.temperature)).softmax(dim=1)
            for network, calibration in self.networks
        ]
        return torch.stack(said).mean(dim=0)

    def loss(self, logits: Tensor, glyphs: Tensor, label_smoothing: float) -> Tensor:
        """How far a learner's logits (N, C) are from what is said of the glyphs; gradients are as large as labels'."""
        softened = F.cross_entropy(logits / self.temperature, self.say(glyphs), label_smoothing=label_smoothing)
        return softened * self.temperature**2


def open_teachers(names: Sequence[str], temperature: float, dataset: Dataset, place: torch.device) -> Teachers:
    """The networks of finished runs, named by folder or by model.safetensors, on a device.

    Raises BadCheckpoint where there is none, BadOption for one that knows other characters or another framing than the
    data set has.
    """
    return Teachers([_opened(name, dataset, place) for name in names], temperature)


def fingerprints(names: Sequence[str]) -> tuple[str, ...]:
    """What tells the networks of these runs from any others: a hash of each file."""
    return tuple(blake2b(network_file(Path(name)).read_bytes(), digest_size=8).hexdigest() for name in names)


def _opened(name: str, dataset: Dataset, place: torch.device) -> tuple[nn.Module, float]:
    model = network_file(Path(name))
    if not model.is_file():
        raise BadCheckpoint(f"{name} cannot teach: there is no {model}; expected the folder of a finished run")
    network, checkpoint = load(model)
    if (checkpoint.alphabet, checkpoint.framing) != (dataset.alphabet, dataset.framing):
        raise BadOption(
            f"the teacher {name} reads {checkpoint.alphabet.characters}, framed as {checkpoint.framing}; expected one "
            f"that reads {dataset.alphabet.characters}, framed as {dataset.framing}, as {dataset.name} has it"
        )
    return network.to(place).to(memory_format=torch.channels_last), checkpoint.temperature
