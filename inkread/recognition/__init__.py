"""Framed glyphs or strips of lines -> calibrated log-probabilities, by ONNX Runtime.

Knows nothing of language, pictures or torch.
"""

from inkread.recognition.line_recogniser import LineRecogniser, shipped_lines
from inkread.recognition.recogniser import SHIPPED, Recogniser, shipped

__all__ = ["SHIPPED", "LineRecogniser", "Recogniser", "shipped", "shipped_lines"]
