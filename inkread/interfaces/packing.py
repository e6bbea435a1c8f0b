"""Weights in 8 bits: a file of a quarter of the size, which runs at full speed.

Each output channel of a weight is kept as int8 and one float32 step. `rounded` brings a network onto such steps, and
`packed` stores them: the graph multiplies them out, ONNX Runtime does so once, when it opens the file, and from then on
all is computed in float32 as before.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

LARGE: Final = 1024  # numbers; smaller weights are not worth it, and biases and norms need their digits
INT8: Final = "int8"  # what the parts of a stored weight are called behind its name
STEP: Final = "step"
LEVELS: Final = 127  # steps of either sign

Weight = npt.NDArray[np.float32]
_Network = TypeVar("_Network", bound=nn.Module)


def rounded(network: _Network) -> _Network:
    """A copy of a network whose large weights, (out, ...), are whole steps of their output channel's largest / 127."""
    network = deepcopy(network)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.ndim > 1 and weight.numel() >= LARGE:
                whole, step = _whole(weight.numpy())
                weight.copy_(torch.from_numpy(whole * step))
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
        whole, step = _whole(weight)
        names = [f"{tensor.name}.{part}" for part in (INT8, "steps", STEP)]
        stored.append(numpy_helper.from_array(whole.astype(np.int8), names[0]))
        stored.append(numpy_helper.from_array(step, names[2]))
        nodes.append(onnx.helper.make_node("Cast", names[:1], names[1:2], to=onnx.TensorProto.FLOAT))
        nodes.append(onnx.helper.make_node("Mul", names[1:], [tensor.name]))
    nodes += model.graph.node
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(stored)
    model.graph.node.extend(nodes)
    smaller: bytes = model.SerializeToString()
    return smaller


def unpacked(content: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """What a file that `packed` wrote holds, by name, its weights in 8 bits multiplied out."""
    import onnx
    from onnx import numpy_helper

    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load_from_string(content).graph.initializer}
    weights = [name.removesuffix(f".{INT8}") for name in stored if name.endswith(f".{INT8}")]
    multiplied = {name: stored[f"{name}.{INT8}"].astype(np.float32) * stored[f"{name}.{STEP}"] for name in weights}
    return {name: array.copy() for name, array in (stored | multiplied).items()}


def _whole(weight: Weight) -> tuple[Weight, Weight]:
    """A weight (out, ...) in whole steps, -LEVELS .. LEVELS, and the step of each output channel, (out, 1, ...)."""
    largest = np.abs(weight).max(axis=tuple(range(1, weight.ndim)), keepdims=True)
    step = (np.where(largest > 0, largest, 1) / np.float32(LEVELS)).astype(np.float32)
    whole: Weight = np.rint(weight / step)
    return whole, step
