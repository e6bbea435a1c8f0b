"""labelled: pieces that are numbered once serve every step that looks at the same ink."""

import cv2
import numpy as np

from inkread.preprocessing.boxes import without_boxes
from inkread.preprocessing.holes import without_holes
from inkread.preprocessing.labelled import labelled
from tests.handwriting import penned


def test_pieces_that_touch_at_a_corner_are_one():
    ink = np.zeros((5, 7), np.float32)
    ink[1, 1] = ink[2, 2] = ink[4, 5:] = 1
    pieces = labelled(ink)
    assert pieces.stats[1:].tolist() == [[1, 1, 2, 2, 2], [5, 4, 2, 1, 2]]
    assert np.array_equal(pieces.labels > 0, pieces.mask)


def test_steps_that_are_given_the_pieces_find_what_they_find_alone():
    writing, _ = penned(["Meet at noon"], 40, 4)
    boxed = cv2.rectangle(writing.copy(), (4, 4), (writing.shape[1] - 5, writing.shape[0] - 5), 1.0, 2)
    for ink in (writing, boxed):
        for step in (without_boxes, without_holes):
            assert np.array_equal(step(ink, labelled(ink)), step(ink))
