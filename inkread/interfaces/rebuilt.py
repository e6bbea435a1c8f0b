"""An exported ONNX file -> the PyTorch network that it came from, where the file alone is at hand.

The export folds a normalisation into the layer before it where nothing stands between them. Such a normalisation comes
back as one that only adds the folded bias. Whether the whole is the same network is for callers to check.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import onnx
import torch
from google.protobuf.message import DecodeError  # what onnx, which depends on it, raises
from onnx import numpy_helper
from torch import Tensor, nn

from inkread.alphabet import Alphabet
from inkread.errors import BadCheckpoint, BadOption
from inkread.models import Checkpoint, build
from inkread.recognition.recogniser import METADATA_KEY

PREFIX = "network."  # of a weight's name, by `interfaces.export`
FOLDED = ".weight_bias"  # what the export calls a bias that it made


def rebuilt(content: bytes, label: str = "the file") -> tuple[nn.Module, Checkpoint]:
    """The network, in evaluation mode, and its description; ``label`` is what to call the file.

    Raises BadCheckpoint for what is no ONNX file or not one of a network of single glyphs by inkread, and for an
    architecture that this inkread does not know, or that does not fit the weights.
    """
    try:
        model = onnx.load_from_string(content)
    except DecodeError as error:
        raise BadCheckpoint(f"{label} is not a whole ONNX file; export it again with inkread export") from error
    text = {entry.key: entry.value for entry in model.metadata_props}.get(METADATA_KEY)
    if text is None:
        raise BadCheckpoint(f"{label} is an ONNX file, but not one of inkread's; make one with inkread export")
    checkpoint = described(text, label)
    stored = {
        tensor.name.removeprefix(PREFIX): torch.from_numpy(numpy_helper.to_array(tensor).copy())
        for tensor in model.graph.initializer
    }
    try:
        network = build(checkpoint.arch, len(checkpoint.alphabet))
        network.load_state_dict(weights(network, stored))
    except (BadOption, RuntimeError) as error:
        raise BadCheckpoint(f"the weights of {label} make no network of PyTorch ({error})") from error
    return network.eval(), checkpoint


def described(text: str, label: str) -> Checkpoint:
    """What an exported file says of itself, as a checkpoint has it; raises BadCheckpoint where a part is missing."""
    try:
        details = json.loads(text)
        if missing := [name for name in ("name", "arch", "alphabet", "framing") if name not in details]:
            raise BadCheckpoint(
                f"{label} holds no network of single glyphs (it has no {', '.join(missing)}); "
                "expected one that inkread export made of a run"
            )
        known = {name: details[name] for name in Checkpoint.__dataclass_fields__ if name in details}
        alphabet = Alphabet(**known.pop("alphabet"))
        return Checkpoint(alphabet=alphabet, **known)
    except (ValueError, TypeError, BadOption) as error:
        raise BadCheckpoint(f"{label} lacks a part of inkread's metadata ({error}); export it again") from error


def weights(network: nn.Module, stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The network's state, as far as the file has it, with normalisations that were folded as such that add a bias."""
    state = {name: stored[name] for name in network.state_dict() if name in stored}
    before = ""
    for name, layer in network.named_modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and f"{name}.running_var" not in stored:
            nothing = torch.zeros(layer.num_features)
            state[f"{name}.running_mean"] = nothing
            state[f"{name}.running_var"] = nothing + 1
            state[f"{name}.weight"] = torch.sqrt(nothing + 1 + layer.eps)
            state[f"{name}.bias"] = stored.get(before + FOLDED, nothing)
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            state[f"{name}.num_batches_tracked"] = torch.tensor(0)
        if isinstance(layer, nn.Conv2d | nn.Linear):
            before = name
    return state
