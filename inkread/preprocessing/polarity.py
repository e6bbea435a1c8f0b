"""Grey pixels -> whether the ink is lighter than the paper. Knows strokes and borders, not letters.

Sources: Serra, "Image analysis and mathematical morphology" (1982): the top hats; Otsu (1979) for the two sides.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Ink = npt.NDArray[np.float32]
Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
_Level = TypeVar("_Level", bound=np.generic)
_Pixel = TypeVar("_Pixel", np.uint8, np.float32)

SMALL_PIXELS = 65_536  # the paper's level and the polarity are found on a picture reduced to this
SURROUNDINGS = 1 / 3  # of the picture's shorter side, standard deviation; wider than any stroke
SOFT = 10.0  # pixels, a standard deviation that no finer grid is needed for
DARKEST = 5.0  # grey levels; what a camera's black is, so that its noise weighs little on a log scale
TINY = 40  # pixels of the shorter side; so small a picture is lit evenly, and any stroke on it is broad
SQUARES = (3, 5, 9, 17, 33, 65)  # pixels of the reduced picture; what such a square does not fit into is narrow
SHADE = 0.3  # natural logarithm; what stands out less from its surroundings is shade on a sheet, which is light
BROAD = 1 / 8  # of the picture's shorter side; only a cutting around a few letters has strokes so broad
EDGES = 1 / 10  # of the picture's shorter side; nearer to its edges a margin or a band may look like a stroke
OUTDONE = 15.0  # times what the strokes are ahead by, what squares four times as wide may find on the other side
ONE_SIDED = 0.2  # of what is narrow on both sides, how much more of it is on the strokes'; noise is on both alike
GROWTH = 1.6  # times what is narrow, that may be so for a square twice as wide: strokes have no wider ones behind them
GROUND = 0.15  # of the picture, the dark that light writing is on; less is a box with print in it
SPAN = 0.9  # of the picture's sides; a piece of ink that reaches so far fills the picture
STRAIGHT = 0.27  # of the border; a letter such as E may take so much more than half
WIDEST = 1.5  # heights, the width of one character
STRAY = 0.1  # of the pixels of a row that are not as the others, in one that runs along a margin
THINLY = 0.15  # of the pixels; what covers less is ink


class _Narrow(NamedTuple):
    """How much of a picture is narrow, dark and light: squares of the contrast, summed over the ``whole`` of it and
    over its ``inner`` part, away from the edges.
    """

    whole: tuple[float, float]
    inner: tuple[float, float]


def is_light_on_dark(grey: Grey) -> bool:
    """Whether the ink is lighter than the paper.

    Writing is narrow, and the gaps around it are wider: that tells, whatever lies around the paper, for a desk, a card
    on it and the edge of a shadow are wider than either. Where strokes are too broad for that, because a picture is cut
    close around a few letters, its border tells: most of it is paper.
    """
    small = reduced(grey)
    if min(small.shape) <= TINY:
        seen = small.astype(np.float32)
        return _by_border(seen > middle(seen))
    by_strokes = _by_strokes(small)
    if by_strokes is not None:
        return by_strokes and float((small <= middle(small.astype(np.float32))).mean()) >= GROUND
    even = _evened(small)
    light = even > middle(even)
    return _stands_out(even, light) and _by_border(light)


def _by_strokes(small: Grey) -> bool | None:
    """Whether the narrow strokes of a picture are light; None where there are none, or as many on both sides.

    A square that is wider than the strokes finds them all, one twice as wide hardly more. What grows on with the square
    are the corners and notches of broad strokes; what is little beside that on the other side are cracks in them.
    """
    broad = sum(size <= BROAD * min(small.shape) for size in SQUARES[:-2])
    found = [_narrow(small, size) for size in SQUARES[: broad + 2]]
    for now, then, later in zip(found, found[1:], found[2:], strict=False):
        light = int(now.inner[1] > now.inner[0])
        ahead = abs(now.inner[1] - now.inner[0])
        plain = ahead > ONE_SIDED * sum(now.inner) and later.inner[1 - light] < OUTDONE * ahead
        if plain and then.whole[light] < GROWTH * now.whole[light]:
            return bool(light)
    return None


def _narrow(small: Grey, size: int) -> _Narrow:
    """What a square of so many pixels does not fit into.

    Closing fills what is dark and narrow, opening removes what is light and narrow; along straight edges neither does
    anything, however strong the edge is (Serra, "Image analysis and mathematical morphology", 1982: the top hats).
    """
    square = np.ones((size, size), np.uint8)
    dark = cv2.subtract(cv2.morphologyEx(small, cv2.MORPH_CLOSE, square), small)
    light = cv2.subtract(small, cv2.morphologyEx(small, cv2.MORPH_OPEN, square))
    rim = max(size, round(EDGES * min(small.shape)))
    inner = np.s_[rim:-rim, rim:-rim]
    return _Narrow((_energy(dark), _energy(light)), (_energy(dark[inner]), _energy(light[inner])))


def _energy(contrast: cv2.typing.MatLike) -> float:
    """The sum of the squares; 0 of no pixels."""
    return float(cv2.norm(contrast, cv2.NORM_L2SQR)) if contrast.size else 0.0


def _stands_out(even: Ink, light: Mask) -> bool:
    """Whether the two sides of an evened picture are ink and paper, not what shade and grain leave of a blank sheet."""
    return bool(light.any()) and float(even[light].mean() - even[~light].mean()) > SHADE


def _by_border(light: Mask) -> bool:
    """Whether the light side of a picture is its ink.

    Paper has most of the border, however close to the ink a picture is cut: strokes reach it at their ends alone. One
    character may have most of it where straight strokes run along the edges, but then it spans the picture. A scanner
    may have seen more than the paper: what runs along the edges is not looked at, unless it is most of the picture.
    """
    share = float(light.mean())
    if not share:  # one level all over
        return False
    edges = [float(edge.mean()) for edge in (light[0], light[-1], light[:, 0], light[:, -1])]
    thinly = not THINLY <= share <= 1 - THINLY
    if thinly or (share < 0.5 and max(edges) < STRAY) or (share > 0.5 and min(edges) > 1 - STRAY):
        return share < 0.5
    inner = _within(_within(light).T).T
    height, width = inner.shape
    spared = STRAIGHT * (int(_spans(inner)) - int(_spans(~inner))) if width < WIDEST * height else 0.0
    return float(border(inner).mean()) < 0.5 + spared


def _within(light: Mask) -> Mask:
    """Without the rows at the top and at the bottom that are of one side only, at most a quarter each."""
    rows = light.mean(axis=1)
    quarter = len(rows) // 4
    top, bottom = _uniform(rows[:quarter]), _uniform(rows[::-1][:quarter])
    return light[top : len(rows) - bottom]


def _uniform(rows: npt.NDArray[np.float64]) -> int:
    """How many of the first rows are light, or dark, nearly all along; of each its share of light."""
    alike = rows > 1 - STRAY if rows.size and rows[0] > 0.5 else rows < STRAY
    return len(rows) if alike.all() else int(np.argmin(alike))


def _spans(mask: Mask) -> bool:
    """Whether one piece of the mask reaches from side to side both ways, or nearly so."""
    height, width = mask.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    wide, tall = stats[1:, cv2.CC_STAT_WIDTH] >= SPAN * width, stats[1:, cv2.CC_STAT_HEIGHT] >= SPAN * height
    return bool((wide & tall).any())


def border(pixels: npt.NDArray[_Level]) -> npt.NDArray[_Level]:
    """The outermost pixels, one after the other."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _evened(small: Grey) -> Ink:
    """How far the pixels are from their surroundings, on a log scale: shade weighs like light."""
    logs = np.log(small.astype(np.float32) + DARKEST)
    spread = min(small.shape) * SURROUNDINGS
    height, width = small.shape
    coarse = max(1, int(spread / SOFT))  # so wide a blur needs no fine pixels
    size = (max(1, width // coarse), max(1, height // coarse))
    reduced = cv2.resize(logs, size, interpolation=cv2.INTER_AREA).reshape(size[::-1])
    soft = cv2.GaussianBlur(reduced, (0, 0), max(spread / coarse, 0.1), borderType=cv2.BORDER_REFLECT)
    surroundings = cv2.resize(soft.reshape(size[::-1]), (width, height), interpolation=cv2.INTER_LINEAR)
    even: Ink = logs - surroundings.reshape(small.shape)
    return even


def reduced(pixels: npt.NDArray[_Pixel]) -> npt.NDArray[_Pixel]:
    """The picture (H, W) with at most SMALL_PIXELS pixels, each the mean of those it stands for."""
    height, width = pixels.shape
    scale = (SMALL_PIXELS / (height * width)) ** 0.5
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small: npt.NDArray[_Pixel] = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(pixels.dtype, copy=False)
    return small


def middle(even: Ink) -> float:
    """Otsu's level between the two sides of a picture."""
    low, high = float(even.min()), float(even.max())
    if high - low < 1e-6:
        return high
    levels = np.rint((even - low) * (255 / (high - low))).astype(np.uint8)
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return low + (float(level) + 0.5) * (high - low) / 255
