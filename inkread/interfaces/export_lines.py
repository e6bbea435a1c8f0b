"""A trained line network -> an ONNX file that reads strips without torch, its weights in 8 bits.

The file is proven, on lines, to read as the network whose weights are rounded does; what rounding costs is for the
caller to measure (`packing.rounded`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inkread.errors import BadArray, ExportMismatch
from inkread.files import write_whole
from inkread.interfaces.export import TOLERANCE, graph
from inkread.interfaces.packing import packed, rounded
from inkread.recognition import LineRecogniser
from inkread.recognition.line_recogniser import WIDTHS, widened

MINIMUM_LINES = 32  # some thousand frames; fewer prove little


class CalibratedLines(nn.Module):
    """The line network with everything around it: scaling before, temperature and normalisation after."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, strips: Tensor) -> Tensor:
        """uint8 (N, 40, W) -> log_probs (N, W / STRIDE, C + 2), STRIDE that of `line_network`."""
        log_probs: Tensor = (self.network(strips[:, None].float() / 255) / self.temperature).log_softmax(dim=2)
        return log_probs


def export_lines(
    network: nn.Module, details: Mapping[str, object], path: Path, strips: Sequence[npt.NDArray[np.uint8]]
) -> float:
    """Write ``path`` and give the largest difference to the rounded network on ``strips``, uint8 (40, W) each.

    ``details`` are what the file says of itself: name, alphabet, stride, first, temperature and where it comes from.
    Raises ExportMismatch, and writes nothing, beyond 1e-4 relative to max(1, size) of a log-probability.
    """
    if len(strips) < MINIMUM_LINES:
        raise BadArray(f"an export is verified on at least {MINIMUM_LINES} lines; got {len(strips)}")
    module = CalibratedLines(rounded(network), float(str(details["temperature"])))
    example = torch.zeros(1, strips[0].shape[0], 64, dtype=torch.uint8)
    content = packed(graph(module, example, "strips", {2: WIDTHS * torch.export.Dim("W", max=4096)}, details))
    exported = LineRecogniser(content).frames(strips)
    difference = max(_difference(module, pixels, frames) for pixels, frames in zip(strips, exported, strict=True))
    if not difference <= TOLERANCE:
        raise ExportMismatch(
            f"the exported line network differs from the rounded one by {difference:.2g} in a log-probability "
            f"(relative to its size above 1); expected at most {TOLERANCE:g}. Nothing was written"
        )
    write_whole(path, content)
    return difference


def _difference(module: CalibratedLines, pixels: npt.NDArray[np.uint8], frames: npt.NDArray[np.float32]) -> float:
    with torch.no_grad():
        original = module(torch.from_numpy(widened(pixels)))[0].numpy()[: len(frames)]
    return float((np.abs(original - frames) / np.maximum(1, np.abs(original))).max())
