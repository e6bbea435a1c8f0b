"""A trained network -> an ONNX file that reads without torch, proven equal to the original on real glyphs.

The graph takes uint8 glyphs and gives calibrated log-probabilities, so that nothing of the recipe is left outside.
"""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inkread.data import Dataset
from inkread.data import load as load_data
from inkread.data.datasets import SAMPLE
from inkread.errors import BadArray, ExportMismatch, MissingDependency
from inkread.files import write_whole
from inkread.models import Checkpoint, logits
from inkread.models.predict import to_input
from inkread.recognition import Recogniser
from inkread.recognition.recogniser import METADATA_KEY

OPSET = 18  # the oldest that torch's exporter writes without converting, so that older runtimes can read it too
TOLERANCE = 1e-4  # largest difference of a log-probability, relative to its size where that is above 1
MINIMUM_GLYPHS = 256  # fewer prove little


class Calibrated(nn.Module):
    """The network with everything around it: scaling before, temperature and normalisation after."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, glyphs: Tensor) -> Tensor:
        """uint8 (T, 28, 28) -> log_probs (T, C)."""
        log_probs: Tensor = (self.network(to_input(glyphs)) / self.temperature).log_softmax(dim=1)
        return log_probs


def export(network: nn.Module, checkpoint: Checkpoint, path: Path, glyphs: npt.NDArray[np.uint8]) -> float:
    """Write ``path`` and give the largest difference to the original on ``glyphs``, uint8 (N >= 256, 28, 28).

    Raises ExportMismatch, and writes nothing, beyond 1e-4.
    """
    if len(glyphs) < MINIMUM_GLYPHS:
        raise BadArray(f"an export is verified on at least {MINIMUM_GLYPHS} glyphs; got {len(glyphs)}")
    content = to_onnx(network, checkpoint)
    difference = largest_difference(content, network, checkpoint.temperature, glyphs)
    if not difference <= TOLERANCE:
        raise ExportMismatch(
            f"the exported network differs from the original by {difference:.2g} in a log-probability "
            f"(relative to its size above 1); expected at most {TOLERANCE:g}. Nothing was written"
        )
    write_whole(path, content)
    return difference


def check_glyphs(dataset: Dataset) -> npt.NDArray[np.uint8]:
    """Glyphs to verify an export on: those held out, of the training part what that lacks, then digits that ship."""
    glyphs = np.concatenate([dataset.val.images, dataset.train.images])[: 2 * MINIMUM_GLYPHS]
    if len(glyphs) < MINIMUM_GLYPHS:
        glyphs = np.concatenate([glyphs, load_data(SAMPLE).train.images[:MINIMUM_GLYPHS]])
    return glyphs


def to_onnx(network: nn.Module, checkpoint: Checkpoint) -> bytes:
    """The calibrated network as the bytes of an ONNX file, with inkread's metadata inside."""
    calibrated = Calibrated(network, checkpoint.temperature)
    example = torch.zeros(2, 28, 28, dtype=torch.uint8)
    return graph(calibrated, example, "glyphs", {0: torch.export.Dim("T")}, asdict(checkpoint))


def graph(
    module: nn.Module, example: Tensor, name: str, dynamic: dict[int, object], details: Mapping[str, object]
) -> bytes:
    """A module as the bytes of an ONNX file: its one input's ``name``, which sizes are open, inkread's metadata."""
    try:
        import onnx
        import onnxscript  # noqa: F401 (torch's exporter needs it)
    except ImportError as error:
        raise MissingDependency("onnx and onnxscript", "train", "exporting a network") from error
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own making, about torch's own code
        program = torch.onnx.export(
            module.eval(),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[name],
            output_names=["log_probs"],
            dynamic_shapes=(dynamic,),
            verbose=False,
        )
    assert program is not None  # None only where the deprecated exporter writes to a file itself
    model = program.model_proto
    for node in model.graph.node:  # torch's notes of where a node came from: half of a small file
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.metadata_props[:], model.graph.value_info[:]
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(details)})
    buffer = io.BytesIO()
    onnx.save(model, buffer)
    return buffer.getvalue()


def largest_difference(content: bytes, network: nn.Module, temperature: float, glyphs: npt.NDArray[np.uint8]) -> float:
    """The largest difference between exported and original log_probs, relative to max(1, size)."""
    original = torch.from_numpy(logits(network, glyphs) / temperature).log_softmax(dim=1).numpy()
    exported = Recogniser(content).log_probs(glyphs)
    return float((np.abs(exported - original) / np.maximum(1, np.abs(original))).max())
