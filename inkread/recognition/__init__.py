"""Framed glyphs -> calibrated log-probabilities, by ONNX Runtime. Knows nothing of language, pictures or torch."""

from inkread.recognition.recogniser import SHIPPED, Recogniser, shipped

__all__ = ["SHIPPED", "Recogniser", "shipped"]
