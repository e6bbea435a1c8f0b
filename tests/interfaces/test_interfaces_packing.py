"""Weights in 8 bits: whole steps of each output channel, a file that is smaller and computes the same."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from inkread.interfaces.packing import LARGE, LEVELS, packed, rounded, unpacked


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.Linear(32, 4))  # the second has few weights


def file(weight: np.ndarray) -> bytes:
    """An ONNX file that multiplies its input (1, in) by a weight (out, in) transposed."""
    node = helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)
    sizes = [("x", [1, weight.shape[1]]), ("y", [1, weight.shape[0]])]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in sizes)
    graph = helper.make_graph([node], "g", [x], [y], [numpy_helper.from_array(weight, "w")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def run(content: bytes, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def test_large_weights_are_rounded_to_steps_of_their_channel_and_the_rest_is_left(network: nn.Sequential) -> None:
    large, small = network[0].weight, network[1].weight
    assert large.numel() >= LARGE > small.numel()
    copy = rounded(network)
    step = large.detach().abs().amax(dim=1, keepdim=True) / LEVELS
    steps = copy[0].weight.detach() / step
    torch.testing.assert_close(steps, steps.round(), atol=1e-4, rtol=0)
    assert ((copy[0].weight - large).abs() <= 0.501 * step).all() and not torch.equal(copy[0].weight, large)
    assert torch.equal(copy[1].weight, small) and torch.equal(copy[0].bias, network[0].bias)


def test_rounding_twice_is_rounding_once(network: nn.Sequential) -> None:
    once = rounded(network)
    torch.testing.assert_close(rounded(once)[0].weight, once[0].weight)


def test_a_packed_file_is_a_quarter_and_computes_what_the_rounded_weights_do() -> None:
    torch.manual_seed(1)
    network = rounded(nn.Linear(256, 128, bias=False))
    network.weight.data[5] = 0  # a channel without any weight has no step of its own
    weight = network.weight.detach().numpy()
    whole, small = file(weight), packed(file(weight))
    assert len(small) < 0.28 * len(whole)
    x = np.random.default_rng(0).standard_normal((1, 256)).astype(np.float32)
    np.testing.assert_allclose(run(small, x), run(whole, x), atol=1e-5)
    assert {tensor.data_type for tensor in onnx.load_from_string(small).graph.initializer} == {
        TensorProto.INT8, TensorProto.FLOAT,
    }  # fmt: skip
    (name,) = unpacked(whole)
    np.testing.assert_allclose(unpacked(small)[name], weight, atol=1e-6)


def test_a_file_without_large_weights_is_left_as_it_is() -> None:
    content = file(np.ones((4, 8), np.float32))
    assert packed(content) == content
