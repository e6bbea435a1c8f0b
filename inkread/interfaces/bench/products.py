"""Matrix products: the most multiply-adds a second that this machine was seen to do, which networks are held against.

Two libraries multiply, and the faster one counts: which that is differs from machine to machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

SIDE: Final = 512  # of the square matrices: large enough to be efficient, small enough for a core's cache
MULTIPLY_ADDS: Final = SIDE**3

Product = Callable[[], object]


def open_numpy(threads: int) -> Product:
    """NumPy's product of two float32 matrices; its library takes the number of threads from the environment."""
    left, right = matrices()
    out = np.empty_like(left)
    return lambda: np.matmul(left, right, out=out)


def open_onnxruntime(threads: int) -> Product:
    """ONNX Runtime's product with a matrix that it knows beforehand, as it knows a layer's weights."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    left, right = matrices()
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [SIDE, SIDE]) for name in ("left", "product")]
    node = helper.make_node("MatMul", ["left", "right"], ["product"])
    graph = helper.make_graph([node], "product", ends[:1], ends[1:], [numpy_helper.from_array(right, "right")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"left": left})


def matrices() -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float32]], ...]:
    """Two float32 matrices without zeros."""
    rng = np.random.default_rng(0)
    return tuple(rng.uniform(0.5, 1.0, (SIDE, SIDE)).astype(np.float32) for _ in range(2))


PRODUCTS: Final[Mapping[str, Callable[[int], Product]]] = {
    "product by numpy": open_numpy,
    "product by onnxruntime": open_onnxruntime,
}
