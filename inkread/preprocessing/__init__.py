"""Any picture -> lines of glyphs in 28x28 frames. Knows ink, not letters; needs NumPy, Pillow and OpenCV.

The verbs in the order of the work: ``load`` a picture, find its ``ink``, its ``lines``, their ``glyphs``, and ``frame``
each. ``compose`` goes the other way.
"""

from inkread.preprocessing.binarise import ink, is_blank, threshold
from inkread.preprocessing.compose import Composed, ComposeOptions, compose
from inkread.preprocessing.frame import FRAMINGS, Framing, frame, frame_picture, is_framed
from inkread.preprocessing.layout import InkLine, Page, Piece, lines
from inkread.preprocessing.picture import Picture, Source, load
from inkread.preprocessing.segment import GlyphLine, glyphs, space_probabilities

__all__ = [
    "FRAMINGS",
    "ComposeOptions",
    "Composed",
    "Framing",
    "GlyphLine",
    "InkLine",
    "Page",
    "Picture",
    "Piece",
    "Source",
    "compose",
    "frame",
    "frame_picture",
    "glyphs",
    "ink",
    "is_blank",
    "is_framed",
    "lines",
    "load",
    "space_probabilities",
    "threshold",
]
