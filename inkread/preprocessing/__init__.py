"""Any picture -> lines of glyphs in 28x28 frames. Knows ink, not letters; needs NumPy, Pillow and OpenCV.

The verbs in the order of the work: ``load`` a picture (or all its ``pages``), lay its ``sheet`` straight, find its
``lines``, their ``glyphs``, and ``frame`` each. ``compose`` goes the other way.
"""

from inkread.preprocessing.binarise import ink, is_blank, is_speckled, threshold
from inkread.preprocessing.compose import Composed, ComposeOptions, compose
from inkread.preprocessing.frame import FRAMINGS, Framing, frame, frame_picture, is_framed
from inkread.preprocessing.layout import InkLine, Page, lines
from inkread.preprocessing.picture import Picture, Source, load, pages
from inkread.preprocessing.pieces import Piece
from inkread.preprocessing.segment import GlyphLine, glyphs, space_probabilities
from inkread.preprocessing.sheet import Sheet, sheet
from inkread.preprocessing.strip import Strip, cells, strip

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
    "Sheet",
    "Source",
    "Strip",
    "cells",
    "compose",
    "frame",
    "frame_picture",
    "glyphs",
    "ink",
    "is_blank",
    "is_framed",
    "is_speckled",
    "lines",
    "load",
    "pages",
    "sheet",
    "space_probabilities",
    "strip",
    "threshold",
]
