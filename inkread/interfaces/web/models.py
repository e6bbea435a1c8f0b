"""A network of glyphs or of lines -> one ONNX file that takes raw pixels: wherever it runs, it frames as Python does.

    glyphs   pixels uint8 (H, W) -> frame uint8 (28, 28), log_probs float32 (C,)
    lines    pixels uint8 (H, W) -> strip uint8 (40, V), frames float32 (F, C + 2)

Ink is high, paper 0, and there must be some ink. What such a file says of itself is what the network's file says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from inkread.interfaces.web import operators as op
from inkread.interfaces.web.framing import frame
from inkread.interfaces.web.graph import Graph
from inkread.interfaces.web.line_strip import strip
from inkread.preprocessing import Framing
from inkread.preprocessing.frame import SIDE
from inkread.preprocessing.strip import HEIGHT
from inkread.recognition.line_recogniser import WIDTHS
from inkread.recognition.recogniser import METADATA_KEY


def with_framing(network: bytes, framing: Framing, details: Mapping[str, object]) -> bytes:
    """The file of a network of glyphs behind ``preprocessing.frame``."""
    graph = Graph()
    framed = frame(graph.input("pixels", np.uint8, ["H", "W"]), framing)
    log_probs = graph.join(network, op.reshaped(framed, 1, SIDE, SIDE))  # (1, C)
    graph.output("frame", framed, [SIDE, SIDE])
    graph.output("log_probs", op.reshaped(log_probs, -1), ["C"])
    return graph.content({METADATA_KEY: json.dumps(details)})


def with_strip(network: bytes, stride: int, details: Mapping[str, object]) -> bytes:
    """The file of a line network behind ``preprocessing.strip``; its frames are those that the strip holds."""
    graph = Graph()
    laid = strip(graph.input("pixels", np.uint8, ["H", "W"]))
    width = op.size(laid, 1)
    lacking = (WIDTHS - 1) - op.modulo(width + (WIDTHS - 1), graph.constant(WIDTHS, np.int64))
    log_probs = graph.join(network, op.reshaped(op.padded(laid, [0, 0], [0, lacking]), 1, HEIGHT, -1))  # (1, F', C + 2)
    held = (width + (stride - 1)) // stride
    frames = op.window(op.squeezed(log_probs), [0], [held])
    graph.output("strip", laid, [HEIGHT, "V"])
    graph.output("frames", frames, ["F", "C"])
    return graph.content({METADATA_KEY: json.dumps(details)})
