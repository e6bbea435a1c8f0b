"""A line as it is cut out of a form or comes from a scanner: in a box, with dark edges, or both."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]

BOXED: Final = 0.6  # share of the pictures with a box; the others, and a third of these, have dark edges
BOTH: Final = 1 / 3
INSET: Final = (2, 14)  # pixels from the picture's edge to the box's line
LINE: Final = (1, 4)  # pixels, its thickness
DARK: Final = (10, 90)  # grey levels of lines and edges
DEEP: Final = (2, 25)  # pixels of a dark edge
EDGED: Final = 0.5  # chance of each edge to be dark


def surrounded(picture: Grey, rng: np.random.Generator) -> tuple[Grey, int, int]:
    """The picture with what is drawn around it, and how far its own pixels moved to the right and down."""
    right = down = 0
    boxed = rng.random() < BOXED
    if boxed:
        inset = int(rng.integers(*INSET))
        picture = np.pad(picture, inset, mode="edge")
        height, width = picture.shape
        level, line = int(rng.integers(*DARK)), int(rng.integers(*LINE))
        cv2.rectangle(picture, (inset // 2, inset // 2), (width - 1 - inset // 2, height - 1 - inset // 2), level, line)
        right = down = inset
    if not boxed or rng.random() < BOTH:
        depths = np.where(rng.random(4) < EDGED, rng.integers(*DEEP, 4), 0)
        left, across, top, below = depths.tolist()
        picture = np.pad(picture, ((top, below), (left, across)), constant_values=int(rng.integers(*DARK)))
        right, down = right + left, down + top
    return np.asarray(picture, np.uint8), right, down
