"""Lanes: processes that run one backend each, opened and asked here. What is asked is left to `inference`.

A process of its own gives every backend its own threads and caches, and a start and a memory that can be measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from inkread.interfaces.bench.engines import NotThere
from inkread.interfaces.bench.shell import installed

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # each library reads its own
COMPILED: Final = "TORCHINDUCTOR_CACHE_DIR"  # where torch.compile keeps its programs


class Lane:
    """A backend in a process of its own, ready to be asked.

    ``file`` is what it opens, ``glyphs`` an .npy file of glyphs to time. Attributes: ``started``, the seconds from the
    start of the process to its first answer, and ``memory``, the most bytes it had by then (None: the system does not
    tell). Raises NotThere, in a sentence, for a backend that does not run here.
    """

    def __init__(self, backend: str, file: Path, threads: int, glyphs: Path) -> None:
        self.backend, self.threads = backend, threads
        command = [sys.executable, "-m", "inkread.interfaces.bench.lane", backend, str(file), str(threads), str(glyphs)]
        environment = {**installed(), **dict.fromkeys(THREADS, str(threads)), COMPILED: str(file.parent / "compiled")}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (`close` closes it)
        started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=environment
        )
        try:
            first = self._answer()
            self.started = time.perf_counter() - started
            if "missing" in first:
                raise NotThere(f"{backend}: {first['missing']}")
        except NotThere:
            self.close()
            raise
        self.memory: int | None = first["memory"]

    def seconds(self, glyphs: int, calls: int) -> list[float]:
        """How long each of so many calls with so many glyphs takes."""
        return [float(second) for second in self._ask({"glyphs": glyphs, "calls": calls})["seconds"]]

    def classes(self, glyphs: Path) -> npt.NDArray[np.int64]:
        """The likeliest class of each glyph of an .npy file: (N,)."""
        return np.array(self._ask({"read": str(glyphs)})["classes"], np.int64)

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]  # both were opened
        self._process.wait()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None  # opened as a pipe
        with suppress(BrokenPipeError):  # then there is no answer either
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # opened as a pipe
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            said = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            raise NotThere(f"{self.backend} ended without an answer: {said[-1] if said else 'it said nothing'}")
        answer: dict[str, Any] = json.loads(line)
        return answer
