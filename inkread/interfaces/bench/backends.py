"""A network's file -> a function that reads glyphs with it, one way for each runtime. Measures nothing.

Every function takes uint8 glyphs (N, 28, 28) and gives calibrated log_probs (N, C). Large batches go in runs of CHUNK
glyphs, whatever the runtime: what lies between two layers then stays in a core's cache. Each runtime is imported when a
file is opened, so that opening one loads no other.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from inkread.errors import BadOption, MissingDependency

Glyphs = npt.NDArray[np.uint8]
LogProbs = npt.NDArray[np.float32]
Run = Callable[[Glyphs], LogProbs]

CHUNK: Final = 256  # glyphs a run, as in `recognition`
FLOAT32, INT8, WEIGHTS = "float32.onnx", "int8.onnx", "model.safetensors"
COMPILERS: Final = ("g++", "clang++", "c++", "cl")
LOG_ERRORS_ONLY: Final = 3


@dataclass(frozen=True)
class Backend:
    """One way to run a network: the name of the ``file`` that ``open`` takes, with how many threads it may use.

    ``threaded``: only worth asking with more than one thread, because with one it is the same as another.
    """

    name: str
    file: str
    open: Callable[[Path, int], Run]
    threaded: bool = False


def chunked(run: Run, workers: int = 1) -> Run:
    """The same function for batches of any size: runs of CHUNK glyphs, spread over so many threads of our own."""
    pool = ThreadPoolExecutor(workers) if workers > 1 else None

    def whole(glyphs: Glyphs) -> LogProbs:
        if len(glyphs) <= CHUNK:
            return run(glyphs)
        chunks = [glyphs[start : start + CHUNK] for start in range(0, len(glyphs), CHUNK)]
        return np.concatenate(list(pool.map(run, chunks) if pool else map(run, chunks)))

    return whole


def open_onnxruntime(path: Path, threads: int) -> Run:
    """As inkread does: one core a run, chunks spread over threads of our own."""
    return chunked(_session(path, 1), threads)


def open_onnxruntime_threads(path: Path, threads: int) -> Run:
    """ONNX Runtime's own threads, which split the work inside each layer."""
    return chunked(_session(path, threads))


def _session(path: Path, threads: int) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = LOG_ERRORS_ONLY
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda glyphs: cast(LogProbs, session.run(None, {"glyphs": glyphs})[0])


def open_openvino(path: Path, threads: int) -> Run:
    """OpenVINO, tuned for latency, its threads inside each layer."""
    try:
        import openvino
    except ImportError as error:
        raise MissingDependency("openvino", "openvino", "this backend") from error

    core = openvino.Core()
    # It would round to bfloat16 of itself where the processor has that.
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(core.read_model(path), "CPU", options).create_infer_request()
    return chunked(lambda glyphs: cast(LogProbs, request.infer({0: glyphs})[0]))


def open_torch(path: Path, threads: int) -> Run:
    """Eager PyTorch: the network as it is trained, operator by operator."""
    return chunked(_torch(path, threads, compiled=False))


def open_compiled(path: Path, threads: int) -> Run:
    """PyTorch's compiler, one program for each size of batch."""
    if not any(map(shutil.which, COMPILERS)):
        raise BadOption(f"torch.compile needs a C++ compiler, and none of {', '.join(COMPILERS)} is on the PATH")
    return chunked(_torch(path, threads, compiled=True))


def _torch(path: Path, threads: int, compiled: bool) -> Run:
    import torch

    from inkread.models import load
    from inkread.models.predict import to_input

    torch.set_num_threads(threads)
    network, checkpoint = load(path)

    def log_probs(glyphs: torch.Tensor) -> torch.Tensor:  # as `interfaces.export` has it in the graph
        logits: torch.Tensor = network(to_input(glyphs)) / checkpoint.temperature
        return logits.log_softmax(dim=1)

    call = torch.compile(log_probs, dynamic=False) if compiled else log_probs

    def run(glyphs: Glyphs) -> LogProbs:
        with torch.inference_mode():
            return cast(LogProbs, call(torch.from_numpy(glyphs)).numpy())

    return run


BACKENDS: Final[Mapping[str, Backend]] = {
    backend.name: backend
    for backend in (
        Backend("onnxruntime", FLOAT32, open_onnxruntime),
        Backend("onnxruntime threads", FLOAT32, open_onnxruntime_threads, threaded=True),
        Backend("onnxruntime int8", INT8, open_onnxruntime),
        Backend("openvino", FLOAT32, open_openvino),
        Backend("openvino int8", INT8, open_openvino),
        Backend("torch", WEIGHTS, open_torch),
        Backend("torch.compile", WEIGHTS, open_compiled),
    )
}
