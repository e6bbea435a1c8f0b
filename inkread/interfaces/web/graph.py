"""Python arithmetic -> the nodes of an ONNX graph: each operation on a ``Tensor`` writes one node down.

So that what happens to a picture before a network can be written as functions, as it is in `preprocessing`, and still
run wherever ONNX does. The words it is written with are in `operators`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inkread.errors import BadCheckpoint, MissingDependency

if TYPE_CHECKING:
    import onnx

OPSET = 18  # that of the networks which ship, so that both fit into one file
IR_VERSION = 10  # theirs, too
DType = type[np.generic]


class Graph:
    """The nodes written down so far. Branches and loops are blocks within it, which see what stands around them."""

    def __init__(self) -> None:
        try:
            import onnx
        except ImportError as error:
            raise MissingDependency("onnx", "train", "writing a graph") from error
        self._onnx = onnx
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[str, bytes, tuple[int, ...]], onnx.TensorProto] = {}
        self._weights: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def input(self, name: str, dtype: DType, shape: Sequence[str | int]) -> Tensor:
        """What whoever runs the graph gives it."""
        self._inputs.append(self._onnx.helper.make_tensor_value_info(name, self.kind(dtype), shape))
        return Tensor(self, name, dtype)

    def constant(self, value: npt.ArrayLike, dtype: DType) -> Tensor:
        """A number or an array that is known beforehand."""
        array = np.asarray(value, dtype)
        key = (array.dtype.str, array.tobytes(), array.shape)
        if key not in self._constants:
            self._constants[key] = self._onnx.numpy_helper.from_array(array, f"constant_{len(self._constants)}")
        return Tensor(self, self._constants[key].name, dtype)

    def write(
        self, operator: str, inputs: Sequence[Tensor | None], dtypes: Sequence[DType], attributes: Mapping[str, Any]
    ) -> list[Tensor]:
        """One node; a Tensor for each of ``dtypes``, which are those of its outputs."""
        outputs = [self._new(dtype) for dtype in dtypes]
        names = ["" if put is None else put.name for put in inputs]
        node = self._onnx.helper.make_node(operator, names, [put.name for put in outputs], **attributes)
        self._nodes.append(node)
        return outputs

    def either(self, condition: Tensor, then: Callable[[], Tensor], otherwise: Callable[[], Tensor]) -> Tensor:
        """What ``then`` gives where the condition, a lone bool, holds; else what ``otherwise`` gives, and only that."""
        branches = []
        for name, branch in (("then", then), ("otherwise", otherwise)):
            with self._block() as nodes:
                given = branch()
                given = self.write("Identity", [given], [given.dtype], {})[0]
            branches.append(self._onnx.helper.make_graph(nodes, name, [], [self._about(given)]))
        attributes = {"then_branch": branches[0], "else_branch": branches[1]}
        return self.write("If", [condition], [given.dtype], attributes)[0]

    def repeat(
        self,
        going: Tensor,
        state: Sequence[Tensor],
        body: Callable[[list[Tensor]], tuple[Tensor, Sequence[Tensor]]],
    ) -> list[Tensor]:
        """While ``going`` holds: from the state, whether to go on, and the next state. Gives the last state."""
        number, go = self._new(np.int64), self._new(np.bool_)
        before = [self._new(one.dtype) for one in state]
        with self._block() as nodes:
            go_on, after = body(before)
            ends = [self.write("Identity", [one], [one.dtype], {})[0] for one in (go_on, *after)]
        inputs = [self._about(number, []), self._about(go, []), *map(self._about, before)]
        block = self._onnx.helper.make_graph(nodes, "body", inputs, [self._about(one) for one in ends])
        return self.write("Loop", [None, going, *state], [one.dtype for one in state], {"body": block})

    def join(self, network: bytes, given: Tensor) -> Tensor:
        """A whole network of one input and one float32 output, as a part of this graph.

        Raises BadCheckpoint for a network of another opset.
        """
        model = self._onnx.load_from_string(network)
        opsets = [opset.version for opset in model.opset_import if not opset.domain]
        if opsets != [OPSET]:
            raise BadCheckpoint(f"the network is written for ONNX opset {opsets}, expected {OPSET}; export it again")
        names = {"": "", model.graph.input[0].name: given.name}
        for weights in model.graph.initializer:
            names[weights.name] = weights.name = f"network_{weights.name}"
            self._weights.append(weights)
        for node in model.graph.node:
            names |= {name: f"network_{name}" for name in node.output if name}
            node.input[:] = [names[name] for name in node.input]
            node.output[:] = [names[name] for name in node.output]
            self._nodes.append(node)
        return Tensor(self, names[model.graph.output[0].name], np.float32)

    def output(self, name: str, put: Tensor, shape: Sequence[str | int]) -> None:
        """What whoever runs the graph gets."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [put.name], [name]))
        self._outputs.append(self._onnx.helper.make_tensor_value_info(name, self.kind(put.dtype), shape))

    def content(self, metadata: Mapping[str, str]) -> bytes:
        """All of it as the bytes of an ONNX file, with what it says of itself."""
        helper = self._onnx.helper
        weights = [*self._constants.values(), *self._weights]
        graph = helper.make_graph(self._nodes, "inkread", self._inputs, self._outputs, weights)
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=opsets)
        helper.set_model_props(model, dict(metadata))
        content: bytes = model.SerializeToString()
        return content

    def kind(self, dtype: DType) -> int:
        """ONNX's number for a type."""
        return int(self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def _new(self, dtype: DType) -> Tensor:
        self._count += 1
        return Tensor(self, f"value_{self._count}", dtype)

    def _about(self, one: Tensor, shape: Sequence[int] | None = None) -> onnx.ValueInfoProto:
        return self._onnx.helper.make_tensor_value_info(one.name, self.kind(one.dtype), shape)

    @contextmanager
    def _block(self) -> Iterator[list[Any]]:
        outer, self._nodes = self._nodes, []
        try:
            yield self._nodes
        finally:
            self._nodes = outer


Number = float | int | bool


@dataclass(frozen=True, eq=False)
class Tensor:
    """An array that will be there when the graph runs: NumPy's arithmetic, NumPy's broadcasting."""

    graph: Graph
    name: str
    dtype: DType

    def apply(
        self,
        operator: str,
        *inputs: Tensor | Number,
        dtype: DType | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Tensor:
        """One node on this and on more; bare numbers take this one's type, and so does what comes out unless told."""
        puts = [one if isinstance(one, Tensor) else self.graph.constant(one, self.dtype) for one in inputs]
        return self.graph.write(operator, [self, *puts], [dtype or self.dtype], attributes or {})[0]

    def to(self, dtype: DType) -> Tensor:
        """The same in another type; floats lose what is behind the point."""
        if dtype is self.dtype:
            return self
        return self.apply("Cast", dtype=dtype, attributes={"to": self.graph.kind(dtype)})

    def __add__(self, other: Tensor | Number) -> Tensor:
        return self.apply("Add", other)

    def __sub__(self, other: Tensor | Number) -> Tensor:
        return self.apply("Sub", other)

    def __rsub__(self, other: Number) -> Tensor:
        return self.graph.constant(other, self.dtype) - self

    def __mul__(self, other: Tensor | Number) -> Tensor:
        return self.apply("Mul", other)

    def __truediv__(self, other: Tensor | Number) -> Tensor:
        return self.apply("Div", other)

    def __floordiv__(self, other: Tensor | Number) -> Tensor:
        """Of whole numbers from 0 on alone: ONNX rounds towards 0."""
        return self.apply("Div", other)

    def __rtruediv__(self, other: Number) -> Tensor:
        return self.graph.constant(other, self.dtype) / self

    def __matmul__(self, other: Tensor) -> Tensor:
        return self.apply("MatMul", other)

    def __neg__(self) -> Tensor:
        return self.apply("Neg")

    def __gt__(self, other: Tensor | Number) -> Tensor:
        return self.apply("Greater", other, dtype=np.bool_)

    def __lt__(self, other: Tensor | Number) -> Tensor:
        return self.apply("Less", other, dtype=np.bool_)

    def __ge__(self, other: Tensor | Number) -> Tensor:
        return self.apply("GreaterOrEqual", other, dtype=np.bool_)

    def __le__(self, other: Tensor | Number) -> Tensor:
        return self.apply("LessOrEqual", other, dtype=np.bool_)

    def __and__(self, other: Tensor) -> Tensor:
        return self.apply("And", other)

    def __invert__(self) -> Tensor:
        return self.apply("Not")

    __radd__ = __add__
    __rmul__ = __mul__
