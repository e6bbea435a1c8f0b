"""Weights in 8 bits: a file of a quarter of the size, which runs at full speed.

Each output channel of a weight is kept as int8 and one float32 step. `rounded` brings a network onto such steps, and
`packed` stores them: the graph multiplies them out, ONNX Runtime does so once, when it opens the file, and from then on
all is computed in float32 as before.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Final, TypeVar

import numpy as np
import torch
from torch import nn

LARGE: Final = 1024  # numbers; smaller weights are not worth it, and biases and norms need their digits
LEVELS: Final = 127  # steps of either sign

_Network = TypeVar("_Network", bound=nn.Module)


def rounded(network: _Network) -> _Network:
    """A copy of a network whose large weights, (out, ...), are whole steps of their output channel's largest / 127."""
    network = deepcopy(network)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.ndim > 1 and weight.numel() >= LARGE:
                largest = weight.abs().amax(dim=tuple(range(1, weight.ndim)), keepdim=True)
                step = torch.where(largest > 0, largest, torch.ones_like(largest)) / LEVELS
                weight.copy_((weight / step).round() * step)
    return network


def packed(content: bytes) -> bytes:
    """An ONNX file with its large weights as int8 and steps. Exact for a network that is `rounded`.

    Norms that the exporter has multiplied into a weight change its steps, not how many there are.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(content)
    stored, nodes = [], []
    for tensor in model.graph.initializer:
        weight = numpy_helper.to_array(tensor)
        if weight.dtype != np.float32 or weight.ndim < 2 or weight.size < LARGE:
            stored.append(tensor)
            continue
        largest = np.abs(weight).max(axis=tuple(range(1, weight.ndim)), keepdims=True)
        step = np.where(largest > 0, largest, np.float32(1)) / np.float32(LEVELS)
        names = [f"{tensor.name}.{part}" for part in ("int8", "steps", "step")]
        stored.append(numpy_helper.from_array(np.rint(weight / step).astype(np.int8), names[0]))
        stored.append(numpy_helper.from_array(step, names[2]))
        nodes.append(onnx.helper.make_node("Cast", names[:1], names[1:2], to=onnx.TensorProto.FLOAT))
        nodes.append(onnx.helper.make_node("Mul", names[1:], [tensor.name]))
    nodes += model.graph.node
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(stored)
    model.graph.node.extend(nodes)
    whole: bytes = model.SerializeToString()
    return whole
