"""Glyphs -> the same glyphs as something went wrong with them, in five strengths: what a recogniser has to bear.

The fifteen of MNIST-C (Mu and Gilmer, MNIST-C: a robustness benchmark for computer vision, 2019), with the strengths
that its authors published and, where they have only one, four more around it; then rotation by a few degrees, size,
contrast, blur and the thickness of the ink. Every function takes pictures float32 (N, H, W) in 0..1, ink high, a
strength of 1 to 5 and a generator, and gives pictures of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, BadOption
from inkread.evaluation.border import GlyphArray

Pictures = npt.NDArray[np.float32]
Matrices = npt.NDArray[np.float64]
Effect = Callable[[Pictures, int, np.random.Generator], Pictures]

STRENGTHS: Final = (1, 2, 3, 4, 5)
SHOTS: Final = (60, 25, 12, 5, 3)  # photons for full ink
IMPULSES: Final = (0.03, 0.06, 0.09, 0.17, 0.27)  # share of pixels
GLASS: Final = ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2))  # sigma, farthest swap, rounds
MOTION: Final = ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))  # reach and sigma in pixels
ANGLES: Final = (0.2, 0.4, 0.6, 0.8, 1.0)  # radians, of shear and rotate
SMALLER: Final = (0.9, 0.8, 0.7, 0.6, 0.5)
BRIGHTER: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
STRIPES: Final = (3, 5, 7, 9, 11)  # pixels of 28 at either side; published: 7
FOG: Final = ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))  # thickness, decay of the plasma
SPATTER: Final = ((0.65, 0.3, 4.0, 0.69, 0.6), (0.65, 0.3, 3.0, 0.68, 0.6), (0.65, 0.3, 2.0, 0.68, 0.5),
                  (0.65, 0.3, 1.0, 0.65, 1.5), (0.67, 0.4, 1.0, 0.65, 1.5))  # fmt: skip
MUD: Final = 63 / 255
LINES: Final = ((1, 0.33), (1, 0.67), (1, 1.0), (2, 1.0), (3, 1.0))  # how many, how opaque; published: one, opaque
LINE_REACH: Final = 2.3  # pixels, from the middle of a line to where it has faded
CANNY: Final = (25.5, 51.0)  # skimage's thresholds of 0.1 and 0.2 for pixels of 0..255
DEGREES: Final = (5, 10, 15, 20, 30)
LARGER: Final = (1.1, 1.2, 1.3, 1.4, 1.6)
CONTRASTS: Final = (0.4, 0.3, 0.2, 0.1, 0.05)
BLURS: Final = (0.5, 1.0, 1.5, 2.0, 3.0)  # pixels
THICKER: Final = (0.25, 0.5, 0.75, 1.0, 1.5)  # pixels, on each side of a stroke
THINNER: Final = (0.2, 0.4, 0.6, 0.8, 1.0)  # the same; MNIST's strokes are three pixels wide
FINE: Final = 8  # times that pictures are enlarged to move the edge of a stroke by parts of a pixel
PLASMA: Final = 256  # pixels, side of the map that fog is cut from


@dataclass(frozen=True)
class Corruption:
    """One way to spoil pictures; ``published``: the strength that MNIST-C's data set has; None: it has no such."""

    effect: Effect
    published: int | None = None


def corrupt(glyphs: npt.ArrayLike, name: str, strength: int, rng: np.random.Generator) -> GlyphArray:
    """Glyphs uint8 (N, H, W), ink 255 on 0, spoilt by name; 0 leaves them as they are, 5 is the strongest.

    Raises BadOption for an unknown name or strength, BadArray for other arrays.
    """
    if name not in CORRUPTIONS or strength not in (0, *STRENGTHS):
        raise BadOption(
            f"expected one of {', '.join(CORRUPTIONS)} with a strength of 0 to 5; got {name!r}, {strength!r}"
        )
    array = np.asarray(glyphs)
    if array.dtype != np.uint8 or array.ndim != 3:
        raise BadArray(f"glyphs must be uint8 of the shape (N, H, W), ink 255 on 0; got {array.dtype} {array.shape}")
    pictures: GlyphArray = array
    if not strength or not pictures.size:
        return pictures.copy()
    spoilt = CORRUPTIONS[name].effect(pictures.astype(np.float32) / np.float32(255), strength, rng)
    return np.rint(np.clip(spoilt, 0, 1) * 255).astype(np.uint8)


def shot_noise(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Few photons: ink is counted, not measured."""
    photons = SHOTS[strength - 1]
    return (rng.poisson(pictures * photons) / photons).astype(np.float32)


def impulse_noise(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Some pixels are full ink or none."""
    chance = rng.random(pictures.shape)
    share = IMPULSES[strength - 1]
    return np.where(chance < share / 2, np.float32(1), np.where(chance < share, np.float32(0), pictures))


def glass_blur(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Seen through frosted glass: neighbouring pixels change places, between two blurs."""
    sigma, reach, rounds = GLASS[strength - 1]
    shuffled = _blurred_down(pictures, sigma)
    count, height, width = pictures.shape
    every = np.arange(count)
    for _ in range(rounds):
        for y in range(height - reach, reach, -1):
            for x in range(width - reach, reach, -1):
                swaps = rng.random(count) < 0.5
                dy, dx = np.where(swaps, rng.integers(-reach, reach, (2, count)), 0)
                here = shuffled[:, y, x].copy()
                shuffled[:, y, x] = shuffled[every, y + dy, x + dx]
                shuffled[every, y + dy, x + dx] = here
    return _blurred_down(shuffled, sigma)


def motion_blur(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """The camera moved in one direction, at up to 45 degrees."""
    reach, sigma = MOTION[strength - 1]
    steps = np.arange(2 * reach + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    moved = np.zeros_like(pictures)
    angles = np.deg2rad(rng.uniform(-45, 45, len(pictures)))
    for step, weight in zip(steps, weights / weights.sum(), strict=True):
        shifts: Matrices = np.stack([step * np.cos(angles), step * np.sin(angles)], axis=1)
        moved += np.float32(weight) * _mapped(pictures, _unturned(len(pictures)), shifts)
    return moved


def shear(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Slanted to either side."""
    angle = ANGLES[strength - 1] * _sides(rng, len(pictures))
    zero = np.zeros_like(angle)
    return _mapped(pictures, _matrices(1 + zero, -np.sin(angle), zero, np.cos(angle)))


def scale(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Smaller in its frame."""
    del rng
    return _zoomed(pictures, SMALLER[strength - 1])


def larger(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Larger in its frame, over its edges."""
    del rng
    return _zoomed(pictures, LARGER[strength - 1])


def rotate(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Turned far to either side: by 0.2 radians (11 degrees) and more."""
    return _turned(pictures, ANGLES[strength - 1] * _sides(rng, len(pictures)))


def rotation(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Turned by a few degrees to either side."""
    return _turned(pictures, np.deg2rad(DEGREES[strength - 1]) * _sides(rng, len(pictures)))


def brightness(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Everything brighter, paper and ink."""
    del rng
    return pictures + np.float32(BRIGHTER[strength - 1])


def translate(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Moved aside and up or down by as many pixels as its strength."""
    shifts = strength * np.stack([_sides(rng, len(pictures)), _sides(rng, len(pictures))], axis=1)
    return _mapped(pictures, _unturned(len(pictures)), shifts)


def stripe(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Paper and ink change places at both sides."""
    del rng
    width = round(STRIPES[strength - 1] * pictures.shape[2] / 28)
    striped = pictures.copy()
    striped[:, :, :width] = 1 - striped[:, :, :width]
    striped[:, :, -width:] = 1 - striped[:, :, -width:]
    return striped


def fog(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Clouds before the picture; each picture has another window of a plasma, a large one the same clouds again."""
    thick, decay = FOG[strength - 1]
    _, height, width = pictures.shape
    across, down = max(1, PLASMA // width), max(1, PLASMA // height)
    rows, columns = np.ix_(np.arange(height) % PLASMA, np.arange(width) % PLASMA)  # a plasma has no edges
    clouds = np.empty_like(pictures)
    for start in range(0, len(pictures), across * down):
        plasma = _plasma(decay, rng)
        for place in range(min(across * down, len(pictures) - start)):
            y, x = place // across * height, place % across * width
            clouds[start + place] = plasma[y + rows, x + columns]
    brightest = pictures.max(axis=(1, 2), keepdims=True)
    return _pictures((pictures + thick * clouds) * brightest / (brightest + thick))


def spatter(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Splashes of mud hide what is below them."""
    mean, spread, size, level, soft = SPATTER[strength - 1]
    liquid = _blurred(rng.normal(mean, spread, pictures.shape).astype(np.float32), size)
    mud = _blurred((liquid > level).astype(np.float32), soft)
    mud[mud < 0.8] = 0
    return pictures * (1 - mud) + np.float32(MUD) * mud


def dotted_line(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """A dotted line from the left to the right edge."""
    count, opaque = LINES[strength - 1]
    _, height, width = pictures.shape
    columns = np.arange(width)
    drawn = pictures.copy()
    for number in range(len(drawn)):
        for _ in range(count):
            begin, end = rng.integers(0, height - 1, 2)
            line = _line(height, columns, begin + (end - begin) * columns / (width - 1))
            drawn[number] += np.float32(opaque) * line * (columns // 2 % 2)
    return drawn


def zigzag(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """A zigzag line from the left to the right, two pixels up and down."""
    count, opaque = LINES[strength - 1]
    _, height, width = pictures.shape
    columns = np.arange(width)
    inside = (columns >= 2) & (columns <= width - 3)
    drawn = pictures.copy()
    for number in range(len(drawn)):
        for _ in range(count):
            begin = rng.integers(0, height - 1)
            slope = rng.integers(-5, 5) / (width - 5)
            wave = 2 - np.abs((columns - 2 + 2) % 8 - 4)  # up and down by 2 in 8 pixels
            rows = begin + slope * (columns - 2) + wave
            drawn[number] += np.float32(opaque) * _line(height, columns, rows) * inside
    return drawn


def canny_edges(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """The edges of strokes instead of strokes (Canny 1986); below strength 5 mixed with the picture."""
    del rng
    share = strength / STRENGTHS[-1]
    smooth = np.rint(_blurred(pictures, 1.0) * 255).astype(np.uint8)
    edges = np.stack([cv2.Canny(picture, *CANNY, L2gradient=True) for picture in smooth]) / 255
    return _pictures((1 - share) * pictures + share * edges)


def contrast(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Ink and paper nearly alike."""
    del rng
    mean = pictures.mean(axis=(1, 2), keepdims=True)
    return _pictures((pictures - mean) * CONTRASTS[strength - 1] + mean)


def blur(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """Out of focus."""
    del rng
    return _blurred(pictures, BLURS[strength - 1])


def thicker(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """A thicker pen."""
    del rng
    return _penned(pictures, cv2.dilate, THICKER[strength - 1])


def thinner(pictures: Pictures, strength: int, rng: np.random.Generator) -> Pictures:
    """A thinner pen, whose strokes may break."""
    del rng
    return _penned(pictures, cv2.erode, THINNER[strength - 1])


def _pictures(values: npt.NDArray[np.floating]) -> Pictures:
    return np.asarray(values, np.float32)


def _blurred(pictures: Pictures, sigma: float) -> Pictures:
    return np.stack([np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32) for picture in pictures])


def _blurred_down(pictures: Pictures, sigma: float) -> Pictures:
    """Blurred along columns alone: so are MNIST-C's, whose code took the columns of a grey picture for colours."""
    size = (1, 2 * int(np.ceil(4 * sigma)) + 1)
    return np.stack([np.asarray(cv2.GaussianBlur(p, size, sigma, sigmaY=sigma), np.float32) for p in pictures])


def _penned(pictures: Pictures, change: Callable[..., cv2.typing.MatLike], reach: float) -> Pictures:
    side = 2 * round(reach * FINE) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    height, width = pictures.shape[1:]
    fine = (cv2.resize(picture, (width * FINE, height * FINE), interpolation=cv2.INTER_CUBIC) for picture in pictures)
    small = [cv2.resize(change(one, kernel), (width, height), interpolation=cv2.INTER_AREA) for one in fine]
    return np.stack(small).astype(np.float32)


def _sides(rng: np.random.Generator, count: int) -> Matrices:
    """To the left or to the right: -1 or 1 for each picture."""
    return np.asarray(rng.integers(0, 2, count) * 2.0 - 1, np.float64)


def _turned(pictures: Pictures, angle: Matrices) -> Pictures:
    return _mapped(pictures, _matrices(np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)))


def _zoomed(pictures: Pictures, factor: float) -> Pictures:
    return _mapped(pictures, np.broadcast_to(np.eye(2) / factor, (len(pictures), 2, 2)))


def _unturned(count: int) -> Matrices:
    return np.broadcast_to(np.eye(2), (count, 2, 2))


def _matrices(*parts: Matrices) -> Matrices:
    """Four arrays (N,) as matrices (N, 2, 2), row by row."""
    return np.stack(parts, axis=1).reshape(-1, 2, 2)


def _mapped(pictures: Pictures, matrices: Matrices, shifts: Matrices | None = None) -> Pictures:
    """Each picture drawn anew: a pixel comes from where its matrix (from the middle) and shift (in pixels) point."""
    middle = np.array([(pictures.shape[2] - 1) / 2, (pictures.shape[1] - 1) / 2])
    moves = middle - matrices @ middle + (0 if shifts is None else shifts)  # (N, 2)
    size = (pictures.shape[2], pictures.shape[1])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = [
        cv2.warpAffine(picture, np.column_stack([matrix, move]), size, flags=flags)
        for picture, matrix, move in zip(pictures, matrices, moves, strict=True)
    ]
    return np.stack(drawn).astype(np.float32)


def _line(height: int, columns: npt.NDArray[np.int64], rows: Matrices) -> Pictures:
    """A line that passes each column at a row: float32 (H, W), fading with the distance up and down."""
    away = np.abs(np.arange(height)[:, None] - rows[columns][None, :])
    return _pictures(np.clip(np.log(np.clip(1 - away / LINE_REACH, 1e-10, 1)) + 1, 0, 1))


def _plasma(decay: float, rng: np.random.Generator) -> Pictures:
    """Clouds by midpoint displacement on a torus (Fournier, Fussell and Carpenter 1982), 0..1, (PLASMA, PLASMA)."""
    heights = np.zeros((1, 1))
    rough = 1.0
    while len(heights) < PLASMA:
        side = len(heights)
        finer = np.zeros((2 * side, 2 * side))
        finer[::2, ::2] = heights
        around = heights + np.roll(heights, -1, 0) + np.roll(heights, -1, 1) + np.roll(heights, (-1, -1), (0, 1))
        middles = around / 4 + rng.uniform(-rough, rough, (side, side))
        finer[1::2, 1::2] = middles
        across = heights + np.roll(heights, -1, 1) + middles + np.roll(middles, 1, 0)
        finer[::2, 1::2] = across / 4 + rng.uniform(-rough, rough, (side, side))
        down = heights + np.roll(heights, -1, 0) + middles + np.roll(middles, 1, 1)
        finer[1::2, ::2] = down / 4 + rng.uniform(-rough, rough, (side, side))
        heights, rough = finer, rough / decay
    heights -= heights.min()
    return _pictures(heights / heights.max())


CORRUPTIONS: Final[dict[str, Corruption]] = {
    "shot_noise": Corruption(shot_noise, 5), "impulse_noise": Corruption(impulse_noise, 4),
    "glass_blur": Corruption(glass_blur, 1), "motion_blur": Corruption(motion_blur, 1), "shear": Corruption(shear, 2),
    "scale": Corruption(scale, 3), "rotate": Corruption(rotate, 2), "brightness": Corruption(brightness, 5),
    "translate": Corruption(translate, 3), "stripe": Corruption(stripe, 3), "fog": Corruption(fog, 5),
    "spatter": Corruption(spatter, 4), "dotted_line": Corruption(dotted_line, 3), "zigzag": Corruption(zigzag, 3),
    "canny_edges": Corruption(canny_edges, 5), "rotation": Corruption(rotation), "larger": Corruption(larger),
    "contrast": Corruption(contrast), "blur": Corruption(blur), "thicker": Corruption(thicker),
    "thinner": Corruption(thinner),
}  # fmt: skip
GEOMETRIC: Final = (
    "shear",
    "scale",
    "rotate",
    "translate",
    "rotation",
    "larger",
    "thicker",
    "thinner",
    "blur",
    "contrast",
)
