"""The photo of a form -> which page it shows, and that page laid flat, 10 pixels a mm. Reads marks, not writing.

The marks are AprilTags (Olson 2011) of the family 36h11, found by OpenCV: any two of them differ in 11 cells, so that
one is hardly ever taken for another or seen where there is none. Each says its page's code and its corner, so a photo
may be turned anyhow, and one corner may lie under a thumb.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.errors import BadPicture
from inkread.interfaces.collect.layout import BOX, CODES, MARK, PAPER, FormPage, mark_places

DICTIONARY: Final = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_APRILTAG_36h11)
CORNERS: Final = ("top left", "top right", "bottom right", "bottom left")
ENOUGH: Final = 3  # marks: with fewer a bent sheet is laid flat badly, and half of it may be missing
SCALE: Final = 10  # pixels a millimetre of the page laid flat: as fine as phones see a page, a pen's dot is 5 pixels
WHOLE: Final = "photograph the whole sheet, with all four corners, from above"

Grey = npt.NDArray[np.uint8]
Homography = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FlatPage:
    """A page as it was printed.

    Attributes:
        page: which one it is.
        grey: uint8 (2970, 2100), SCALE pixels a mm.
        to_picture: float64 (3, 3), from (x, y, 1) in mm of the paper to the picture's pixels.
    """

    page: FormPage
    grey: Grey
    to_picture: Homography


def mark_number(code: int, corner: int) -> int:
    """The number of the mark of a page's code in a corner, clockwise from the upper left."""
    return len(CORNERS) * code + corner


def flatten(grey: Grey, name: str) -> FlatPage:
    """Find the marks of one page and lay it flat.

    Args:
        grey: uint8 (H, W), as seen, turned anyhow.
        name: what errors call the picture.

    Raises:
        BadPicture: no marks, too few, those of several pages, or boxes that lie outside the picture.
    """
    page, found = _one_page(_marks(grey), name)
    if len(found) < ENOUGH:
        seen = " and ".join(CORNERS[corner] for corner in sorted(found))
        raise BadPicture(f"{name} shows half a form: of its four marks in the corners only {seen} is seen; {WHOLE}")
    to_picture = _homography(found)
    outside = _outside(page, to_picture, grey.shape)
    if outside:
        raise BadPicture(f"{name} shows half a form: {outside} of its {len(page.boxes)} boxes are cut off; {WHOLE}")
    to_millimetres = np.diag([1 / SCALE, 1 / SCALE, 1.0]) @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    size = (round(PAPER[0] * SCALE), round(PAPER[1] * SCALE))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(grey, to_picture @ to_millimetres, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return FlatPage(page, flat.astype(np.uint8, copy=False), to_picture)


def _marks(grey: Grey) -> dict[int, npt.NDArray[np.float64]]:
    """The corners (4, 2) of each mark in the picture's pixels, by number, clockwise from the mark's own upper left."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    corners, numbers, _ = cv2.aruco.ArucoDetector(DICTIONARY, parameters).detectMarkers(grey)
    if numbers is None:
        return {}
    found = zip(numbers.ravel().tolist(), corners, strict=True)
    return {int(number): np.asarray(seen, np.float64).reshape(4, 2) for number, seen in found}


def _one_page(
    marks: dict[int, npt.NDArray[np.float64]], name: str
) -> tuple[FormPage, dict[int, npt.NDArray[np.float64]]]:
    """The page that the marks belong to, and the marks by corner."""
    codes = sorted({number // len(CORNERS) for number in marks})
    if not codes:
        raise BadPicture(
            f"{name} shows no form: none of the square marks in its corners is seen; expected a sharp photo of a page "
            "of `inkread collect form`"
        )
    if len(codes) > 1:
        raise BadPicture(f"{name} shows marks of {len(codes)} different pages; photograph each page by itself")
    if codes[0] >= len(CODES):
        raise BadPicture(f"{name} shows a form that this inkread does not know; print it again or update inkread")
    return CODES[codes[0]], {number % len(CORNERS): corners for number, corners in marks.items()}


def _homography(found: dict[int, npt.NDArray[np.float64]]) -> Homography:
    """From mm of the paper to the picture's pixels, by least squares over all corners of the marks."""
    square = np.array([(0, 0), (MARK, 0), (MARK, MARK), (0, MARK)])
    printed = np.concatenate([square + mark_places()[corner] for corner in found])
    matrix, _ = cv2.findHomography(printed, np.concatenate(list(found.values())))
    return np.asarray(matrix, np.float64)


def _outside(page: FormPage, to_picture: Homography, shape: tuple[int, ...]) -> int:
    """How many boxes are not wholly in the picture."""
    corners = np.array([(box.left, box.top) for box in page.boxes])[:, None] + np.array(
        [(0, 0), (BOX[0], 0), BOX, (0, BOX[1])]
    )
    seen = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), to_picture).reshape(-1, 4, 2)
    within = (seen >= 0) & (seen <= (shape[1] - 1, shape[0] - 1))
    return int((~within.all(axis=(1, 2))).sum())
