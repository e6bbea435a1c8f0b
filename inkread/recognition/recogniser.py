"""Framed glyphs, uint8 (T, 28, 28) -> calibrated log_probs, float32 (T, C): an ONNX file and the promises it carries.

The graph itself scales the pixels, divides by the temperature and normalises: whoever runs it, here, in a browser or in
C++, gets the same calibrated numbers. It is written by `interfaces.export`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import onnxruntime

from inkread.alphabet import Alphabet
from inkread.errors import BadArray, BadCheckpoint, BadOption
from inkread.preprocessing.frame import Framing

METADATA_KEY = "inkread"  # the one entry of the graph's metadata; its value is JSON
SHIPPED = ("digits", "letters")  # weights inside the package
CHUNK = 256  # glyphs a run: what lies between two layers then stays in a core's cache
LOG_ERRORS_ONLY = 3  # ONNX Runtime's severity; its warnings are about machines, not about the user's picture


class Recogniser:
    """A network that reads framed glyphs. ``source`` is the path or the bytes of an ONNX file of `inkread export`.

    Attributes: ``name``; ``alphabet`` (the columns of ``log_probs``); ``framing`` (how glyphs must be framed);
    ``details`` (everything the file says of itself: arch, temperature, data, validation figures).
    Raises BadCheckpoint for a file that is missing, damaged or not inkread's.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes) -> None:
        self._session, self.details, self.size, label = opened(source)
        try:
            self.name = str(self.details["name"])
            self.alphabet = Alphabet(**cast("dict[str, object]", self.details["alphabet"]))  # type: ignore[arg-type]
            self.framing = cast(Framing, self.details["framing"])
        except (KeyError, TypeError, BadOption) as error:
            raise BadCheckpoint(f"{label} lacks a part of inkread's metadata ({error}); export it again") from error
        if self.framing not in ("mnist", "emnist"):
            raise BadCheckpoint(f"{label} wants the framing {self.framing!r}; this inkread knows mnist and emnist")
        columns = self._session.get_outputs()[0].shape[-1]
        if columns != len(self.alphabet):
            raise BadCheckpoint(f"{label} gives {columns} columns for {len(self.alphabet)} characters; export it again")

    def log_probs(self, glyphs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Natural-log probabilities (T, C), each row summing to 1 as probabilities, columns in alphabet order.

        ``glyphs``: uint8 (T, 28, 28), upright, ink 255 on paper 0, framed as ``self.framing`` says. One core reads a
        line; larger batches are spread over all cores. Raises BadArray for another shape or type.
        """
        glyphs = np.asarray(glyphs)
        if glyphs.ndim != 3 or glyphs.shape[1:] != (28, 28) or glyphs.dtype != np.uint8:
            raise BadArray(f"glyphs are {glyphs.dtype} {glyphs.shape}; expected uint8 (T, 28, 28), ink 255 on paper 0")
        if len(glyphs) == 0:
            return np.zeros((0, len(self.alphabet)), np.float32)
        if len(glyphs) <= CHUNK:
            return self._run(glyphs)
        chunks = [glyphs[start : start + CHUNK] for start in range(0, len(glyphs), CHUNK)]
        return np.concatenate(list(self._cores.map(self._run, chunks)))

    def _run(self, glyphs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return cast("npt.NDArray[np.float32]", self._session.run(None, {"glyphs": glyphs})[0])

    @cached_property
    def _cores(self) -> ThreadPoolExecutor:
        # Chunks on threads of ours, one core each, instead of ONNX Runtime's threads inside each layer: layers this
        # small gain nothing from being split, and its waiting threads would keep the other core busy.
        return ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="inkread")

    def __repr__(self) -> str:
        return f"Recogniser({self.name!r}, {len(self.alphabet)} characters, framing {self.framing!r})"


def opened(
    source: str | os.PathLike[str] | bytes,
    cores: int = 1,
) -> tuple[onnxruntime.InferenceSession, Mapping[str, object], int, str]:
    """The session of a file or of its bytes, what it says of itself, its size in bytes, and what to call it."""
    content = source if isinstance(source, bytes) else read(Path(source))
    label = "these bytes" if isinstance(source, bytes) else str(source)
    session = open_session(content, label, cores)
    return session, read_details(session, label), len(content), label


def read(path: Path) -> bytes:
    """The bytes of a file of weights."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCheckpoint(f"cannot read the weights {path}: {error.strerror or error}") from error


def open_session(content: bytes, label: str, cores: int = 1) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session whose runs use so many cores; none waits for work by turning in circles."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.inter_op_num_threads = 1
    options.log_severity_level = LOG_ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except onnx_errors() as error:
        raise BadCheckpoint(f"{label} is not a whole ONNX file; export it again with inkread export") from error


def onnx_errors() -> tuple[type[Exception], ...]:
    """The exceptions that opening a file may raise; those of ONNX Runtime share no root of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument, state.Fail, state.NotImplemented)
    return (RuntimeError, ValueError, *own)


def read_details(session: onnxruntime.InferenceSession, label: str) -> Mapping[str, object]:
    """What `interfaces.export` wrote into the file of its own making."""
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise BadCheckpoint(f"{label} is an ONNX file, but not one of inkread's; make one with inkread export")
    try:
        return cast("Mapping[str, object]", json.loads(text))
    except ValueError as error:
        raise BadCheckpoint(f"{label} lacks a part of inkread's metadata ({error}); export it again") from error


@cache  # all readers in a process share them: they hold no state of their own
def shipped(name: str) -> Recogniser:
    """The recogniser 'digits' or 'letters' whose weights are part of the package."""
    if name not in SHIPPED:
        raise BadCheckpoint(f"there are no shipped weights {name!r}; choose one of: {', '.join(SHIPPED)}")
    return Recogniser((files("inkread") / "weights" / f"{name}.onnx").read_bytes())
