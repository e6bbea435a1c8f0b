"""A network and what it needs to be understood <-> one safetensors file. Nothing is ever unpickled.

The file carries weights, architecture, alphabet, framing, temperature, the training configuration and where it all
comes from. It is written to a second file and moved into place: the one on disk is always whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor, nn

from inkread.alphabet import Alphabet
from inkread.errors import BadCheckpoint, BadOption
from inkread.files import write_whole
from inkread.models.networks import ARCHITECTURES, build

if TYPE_CHECKING:
    from inkread.preprocessing.frame import Framing

KEY = "inkread"  # the one entry of the file's metadata; its value is JSON
FORMAT = 1  # raised when an older reader could not understand the file


@dataclass(frozen=True)
class Checkpoint:
    """All that a network's weights do not say themselves."""

    name: str
    arch: str
    alphabet: Alphabet
    framing: Framing
    temperature: float = 1.0
    config: Mapping[str, object] = field(default_factory=dict)
    provenance: Mapping[str, object] = field(default_factory=dict)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, object]) -> None:
    """Named tensors and JSON-ready metadata -> a safetensors file, whole or not at all."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_whole(path, serialise(plain, {KEY: json.dumps({"format": FORMAT, **metadata})}))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """A file of `write_tensors` -> tensors and metadata; raises BadCheckpoint for anything else."""
    if not path.is_file():
        raise BadCheckpoint(f"there is no checkpoint at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = json.loads((file.metadata() or {}).get(KEY, "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, ValueError) as error:
        raise BadCheckpoint(f"{path} is not a whole safetensors file ({error})") from error
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise BadCheckpoint(f"{path} was not written by this version of inkread; train again or update inkread")
    return tensors, metadata


def save(path: Path, network: nn.Module, checkpoint: Checkpoint) -> None:
    """Write a network's weights and its description as one whole file."""
    write_tensors(path, network.state_dict(), asdict(checkpoint))


def load(path: Path) -> tuple[nn.Module, Checkpoint]:
    """Read a file of `save`: the network in evaluation mode on the CPU, and its description."""
    tensors, metadata = read_tensors(path)
    try:
        alphabet = Alphabet(**metadata.pop("alphabet"))
        metadata.pop("format")
        checkpoint = Checkpoint(alphabet=alphabet, **metadata)
        if checkpoint.arch not in ARCHITECTURES:
            raise BadCheckpoint(f"{path} holds the architecture {checkpoint.arch!r}, which this inkread does not know")
        network = build(checkpoint.arch, len(alphabet))
        network.load_state_dict(tensors)
    except (KeyError, TypeError, RuntimeError, BadOption) as error:
        raise BadCheckpoint(f"{path} is not a checkpoint of a recogniser ({error})") from error
    return network.eval(), checkpoint
