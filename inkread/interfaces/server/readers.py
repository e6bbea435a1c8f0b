"""The name of a model -> the one Reader that all requests for it share, opened when it is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import cv2
import numpy as np

from inkread import recognition
from inkread.alphabet import CHARACTERS
from inkread.loading import ALPHABETS, SHIPPED, load
from inkread.reader import Reader

DEFAULT_MODEL = "auto"
WEIGHTS = files("inkread") / "weights"


class Readers:
    """``open_reader`` is inkread's ``load``; a test may bring another. A Reader may be used by many threads at once."""

    def __init__(self, open_reader: Callable[[str], Reader] = load) -> None:
        self._open = open_reader
        self._opened: dict[str, Reader] = {}
        self._lock = threading.Lock()
        self.warm = False

    def __call__(self, model: str) -> Reader:
        """The reader of a model that ships."""
        with self._lock:  # or two first requests would open it twice
            if model not in self._opened:
                self._opened[model] = self._open(model)
            return self._opened[model]

    def warm_up(self) -> None:
        """Read a word with the default model, so that the first request finds weights and language in memory."""
        paper = np.full((80, 200), 255, np.uint8)
        cv2.putText(paper, "ready", (20, 55), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 0, 3)
        self(DEFAULT_MODEL).read(paper)
        self.warm = True


@cache
def shipped_models() -> list[dict[str, object]]:
    """What a request may ask for: its name, the characters it tells apart, and the bytes of its networks' files."""
    return [
        {"name": name, "alphabet": ALPHABETS.get(name, CHARACTERS).characters, "bytes": _bytes(name)}
        for name in SHIPPED
    ]


def _bytes(model: str) -> int:
    """All models read lines with one network; some have another for single glyphs."""
    networks = ("lines", model) if model in recognition.SHIPPED else ("lines",)
    return sum(len((WEIGHTS / f"{name}.onnx").read_bytes()) for name in networks)
