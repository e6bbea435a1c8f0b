"""An exported network -> the same in 8-bit integers, and where both spend their time. Needs ONNX Runtime and onnx.

Static quantisation: the layers' weights, channel by channel, and the range of what lies between layers, as glyphs to
learn from showed it. Source: Jacob et al. 2018.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from inkread.interfaces.bench.backends import LOG_ERRORS_ONLY

CALIBRATION: Final = 1024  # glyphs of the training part that show the ranges
BATCH: Final = 64  # of these at once
QUANTISED: Final = ["Conv", "Gemm", "MatMul", "Relu"]  # for others the change to integers and back does not pay
PROFILED: Final = 40  # runs
INSTRUCTIONS: Final = ("avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm")  # whole products of 8-bit integers

Glyphs = npt.NDArray[np.uint8]


def quantise(source: Path, target: Path, learnt: Glyphs) -> None:
    """Write the network of an .onnx file in 8-bit integers; ``learnt`` are glyphs that it was trained on."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    onnxruntime.set_default_logger_severity(LOG_ERRORS_ONLY)
    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.ERROR)  # it warns of what was just done
    try:
        with tempfile.TemporaryDirectory() as folder:
            prepared = Path(folder) / "prepared.onnx"
            quant_pre_process(source, prepared, skip_symbolic_shape=True)  # which loads SymPy, and finds no more
            quantization.quantize_static(
                prepared, target, reader(learnt), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
                activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
                op_types_to_quantize=QUANTISED, nodes_to_exclude=narrow_layers(prepared),
            )  # fmt: skip
    finally:
        root.setLevel(level)


def narrow_layers(path: Path) -> list[str]:
    """The convolutions whose sums run over one channel, such as that of the pixels, by their nodes' names.

    They stay in float32: each sum has so few products that 8-bit integers take four times as long.
    """
    graph = onnx.load(path).graph
    channels = {tensor.name: tensor.dims[1] for tensor in graph.initializer if len(tensor.dims) > 1}
    return [node.name for node in graph.node if node.op_type == "Conv" and channels.get(node.input[1]) == 1]


def reader(glyphs: Glyphs) -> Any:
    """Glyphs from the whole of what was learnt, in the form that ONNX Runtime asks for."""
    from onnxruntime.quantization import CalibrationDataReader

    chosen = glyphs[:: max(1, len(glyphs) // CALIBRATION)][:CALIBRATION]
    batches = iter([{"glyphs": chosen[start : start + BATCH]} for start in range(0, len(chosen), BATCH)])

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def get_next(self) -> dict[str, Glyphs] | None:
            return next(batches, None)

    return Reader()


def operator_shares(path: Path, glyphs: Glyphs) -> dict[str, float]:
    """Which share of the time (0..1) each operator of an .onnx file takes on one core, the largest first."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        for _ in range(PROFILED):
            session.run(None, {"glyphs": glyphs})
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    taken: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            taken[event["name"], event["args"]["op_name"]].append(event["dur"])
    times: defaultdict[str, float] = defaultdict(float)
    for (_, operator), microseconds in taken.items():
        times[operator] += median(microseconds)
    whole = sum(times.values())
    return {operator: times[operator] / whole for operator in sorted(times, key=lambda name: -times[name])}


def integer_instructions() -> Iterator[str]:
    """What this processor has for products of 8-bit integers, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    words = set(info.read_text(encoding="utf-8", errors="replace").split()) if info.exists() else set()
    yield from (name for name in INSTRUCTIONS if name in words)
