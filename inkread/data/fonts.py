"""Open handwriting fonts -> labelled glyphs as people might have written and a scanner might have seen them.

A font is one hand that never varies: here each glyph is warped, slanted, redrawn with another pen, scanned at another
size and framed like EMNIST. How far all of that varies was measured on the scans of NIST SD19 (constants below). Which
fonts to fetch is `scripts/fonts.json`; training on the glyphs is left to others.

Elastic warps: Simard et al., "Best practices for convolutional neural networks applied to visual document analysis"
(2003).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inkread.alphabet import LETTERS, Alphabet
from inkread.data.splits import Split
from inkread.errors import BadData, BadOption, DataMissing
from inkread.preprocessing.binarise import stroke_width
from inkread.preprocessing.frame import frame

MANIFEST: Final = "fonts.json"

CAPITAL: Final = 80  # pixels, height of an H on the drawing board
BOARD: Final = 256  # pixels, side of the drawing board: room for the widest W and the longest descender
ROOM: Final = 24  # pixels around a warped glyph: room for the thickest pen and for specks
PAPER: Final = 4  # pixels of paper around a scanned glyph, so that a scan of 28x28 is never taken for a frame
ALLOWED_SIZES: Final = (8, 512)  # pixels of font size in which an H of CAPITAL pixels is sought

ROTATION: Final = (4.0, 10.0)  # degrees: standard deviation, most
SLANT: Final = (0.15, 0.20)  # rightwards by upwards: mean, standard deviation (NIST's capitals and lower-case t)
ASPECT: Final = 0.12  # standard deviation of log(width / height)
BENDS: Final = (
    (5, 0.035),
    (14, 0.008),
)  # elastic warp: points a side of the random grid, standard deviation by capital height
PRESSURE: Final = (
    9,
    0.08,
)  # the pen's width along a stroke: points a side of the random grid, standard deviation by its width

SCANNED_CAPITAL: Final = (42.0, 0.30)  # pixels of NIST's scan: median, standard deviation of the logarithm
SCANNED_SMALL: Final = (50.0, 0.26)  # the same for the H of a hand's small letters, which NIST's writers wrote larger
SCANNED_LIMITS: Final = (22.0, 96.0)  # pixels; 1st and 99.5th percentile
PEN: Final = (5.6, 0.21)  # pixels of NIST's scan: median, standard deviation of the logarithm
PEN_LIMITS: Final = (0.055, 0.27)  # pen width by the longer side of the glyph: 1st and 99th percentile
EDGE_NOISE: Final = 0.10  # of full ink; how ragged the scanner's threshold leaves an edge

FILLED: Final = 0.06  # share of glyphs whose thick pen may close a loop; the others keep their loops and gaps
DOT_LOST: Final = 0.15  # share of i and j without their dot: NIST's forms lost many
BROKEN: Final = 0.03  # share of glyphs with a gap in a stroke
SPECKED: Final = 0.02  # share of glyphs with a speck beside the strokes

ABSENT: Final = "\U0010fffd"  # no font draws it: what comes out is the drawing for characters that it lacks

TALL, LOW = "bdhkl", "acemnorsuvwxz"  # small letters with and without an ascender
ASCENDERS: Final = (
    1.15  # height of the tall by the low; below it the small letters are capitals (handwriting: above 1.25)
)
TELLING: Final = "ABDEGHNQR"  # letters whose small form is no small copy of the capital
SAME_SHAPE: Final = 0.93  # cosine above which two blurred shapes are the same drawing (small by capital: up to 0.91)
SHAPE_SIDE: Final = 24  # pixels; shapes are compared at this size

Ink = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FontFile:
    """One font. ``family`` names the hand, whose weights are several files; ``omit`` is what it draws unreadably."""

    path: Path
    family: str
    omit: str = ""


def read_folder(folder: Path) -> tuple[tuple[FontFile, ...], tuple[FontFile, ...]]:
    """The fonts that ``scripts/fetch_fonts.py`` put into a folder: those to train with, those to validate with.

    No family is in both. Raises DataMissing where the folder, its manifest or the fonts of a part are not there,
    BadData for a manifest that is none.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise DataMissing(f"{folder} holds no {MANIFEST}; fetch the fonts with: python scripts/fetch_fonts.py {folder}")
    parts: dict[str, list[FontFile]] = {"train": [], "val": []}
    try:
        for entry in json.loads(manifest.read_text(encoding="utf-8"))["families"]:
            for path in sorted(folder.glob(f"{entry['family']}-[0-9]*.woff2")):
                parts[entry["split"]].append(FontFile(path, entry["family"], entry.get("omit", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise BadData(f"{manifest} is not a list of font families ({error!r}); fetch the fonts again") from None
    if not parts["train"] or not parts["val"]:
        raise DataMissing(
            f"{folder} holds {MANIFEST} but not its fonts; fetch them with: python scripts/fetch_fonts.py {folder}"
        )
    return tuple(parts["train"]), tuple(parts["val"])


def render(
    font_files: Sequence[FontFile],
    characters: str,
    per_character: int,
    rng: np.random.Generator,
    *,
    alphabet: Alphabet = LETTERS,
) -> Split:
    """Write each of the characters so many times, every family of fonts equally often.

    Characters that a font lacks, that it draws in the shape of the capital or that its ``omit`` names are written with
    the other fonts. Same fonts, same numbers, same generator: the same glyphs.

    Returns:
        A split of ``len(characters) * per_character`` glyphs in EMNIST framing, in the order of ``characters``.

    Raises:
        BadOption: no fonts, no characters, a negative count. UnknownCharacter: one outside the alphabet.
        BadData: a file that is no font, or a character that no font draws.
    """
    if not font_files or not characters or per_character < 0:
        raise BadOption(
            f"got {len(font_files)} fonts, {len(characters)} characters and {per_character} glyphs of each; "
            "expected at least one font, one character and no negative number"
        )
    labels = alphabet.encode(characters)
    hands = _hands([_Hand(font) for font in font_files])
    images = np.empty((len(characters) * per_character, 28, 28), np.uint8)
    for place, character in enumerate(characters):
        writers = [able for hand in hands if (able := [font for font in hand if font.draws(character)])]
        if not writers:
            raise BadData(
                f"none of the {len(font_files)} fonts draws {character!r}; leave it out, or add a font that does"
            )
        for copy in range(per_character):
            hand = writers[copy % len(writers)]
            font = hand[int(rng.integers(len(hand)))]
            images[place * per_character + copy] = write(font.shape(character), character, rng)
    return Split(images, np.repeat(labels, per_character), np.repeat(np.array(list(characters), "<U1"), per_character))


def write(shape: Ink, character: str, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """One clean shape (BOARD, BOARD) of a font, 0..1, its H CAPITAL pixels tall -> one glyph, uint8 (28, 28)."""
    median, spread = SCANNED_SMALL if character.islower() else SCANNED_CAPITAL
    scanned = float(
        np.clip(median * np.exp(spread * rng.normal()), *SCANNED_LIMITS)
    )  # pixels an H would have in the scan
    pen = PEN[0] * float(np.exp(PEN[1] * rng.normal())) * CAPITAL / scanned  # pixels of the board
    mask = np.pad(_cropped(_warped(shape, rng) > 0.5), ROOM)
    if character in "ij" and rng.random() < DOT_LOST:
        mask = _largest_piece(mask)
    mask = _redrawn(mask, pen, rng)
    if rng.random() < BROKEN:
        mask &= ~_blot(mask, 0.35 * pen, rng)
    if rng.random() < SPECKED:
        mask |= _blot(~mask, 0.25 * pen, rng)
    return frame(_scanned(mask, scanned / CAPITAL, rng), "emnist")


class _Hand:
    """An open font at the size in which its H is CAPITAL pixels tall; shapes are drawn once and kept."""

    def __init__(self, font: FontFile) -> None:
        self.family = font.family
        self._font = opened(font.path)
        self._shapes: dict[str, Ink] = {}
        self._absent = self.shape(ABSENT).tobytes()  # what it draws for a character that it lacks
        self._omit = set(font.omit) | self._capitals_for_small()

    def shape(self, character: str) -> Ink:
        """The character in the middle of the board, float32 (BOARD, BOARD), 0..1."""
        if character not in self._shapes:
            self._shapes[character] = _drawn(self._font, character)
        return self._shapes[character]

    def draws(self, character: str) -> bool:
        if character in self._omit:
            return False
        shape = self.shape(character)
        return bool(shape.max() > 0.5) and shape.tobytes() != self._absent

    def _capitals_for_small(self) -> set[str]:
        """Small letters drawn as capitals: all where none rises above others, else the telling ones that look it."""
        tall, low = (float(np.median([_height(self.shape(c)) for c in letters])) for letters in (TALL, LOW))
        if tall < ASCENDERS * low:
            return set(ascii_lowercase)
        return {c.lower() for c in TELLING if same_shape(self.shape(c.lower()), self.shape(c))}


def _hands(fonts: Sequence[_Hand]) -> list[list[_Hand]]:
    """The fonts of each family together, in the order they came."""
    families: dict[str, list[_Hand]] = {}
    for font in fonts:
        families.setdefault(font.family, []).append(font)
    return list(families.values())


def same_shape(one: Ink, other: Ink) -> bool:
    """Whether two shapes are the same drawing, whatever their sizes; blank ones are like nothing."""
    if float(one.max()) < 0.5 or float(other.max()) < 0.5:
        return False
    a, b = _comparable(one), _comparable(other)
    ratio = np.log(a[1] / b[1])
    return bool((a[0] * b[0]).sum() > SAME_SHAPE and abs(ratio) < 0.3)


def _height(shape: Ink) -> int:
    """Pixels from the highest to the lowest ink; 0 when blank."""
    rows = np.flatnonzero((shape > 0.5).any(axis=1))
    return int(rows[-1] - rows[0]) + 1 if len(rows) else 0


def _cropped(mask: Mask) -> Mask:
    """The box of the ink; there must be some."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _comparable(shape: Ink) -> tuple[Ink, float]:
    """The shape's box at a common size, blurred, of length 1; and width by height."""
    box = _cropped(shape > 0.5).astype(np.float32)
    small = cv2.resize(box, (SHAPE_SIDE, SHAPE_SIDE), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32)
    unit: Ink = (soft / np.linalg.norm(soft)).astype(np.float32)
    return unit, box.shape[1] / box.shape[0]


def opened(path: Path, capital: int = CAPITAL) -> ImageFont.FreeTypeFont:
    """The font at the size in which its H is nearest to so many pixels; raises BadData for a file that is no font."""
    try:
        font = ImageFont.truetype(str(path), capital, layout_engine=ImageFont.Layout.BASIC)
        _, top, _, bottom = font.getbbox("H")
        size = round(capital * capital / max(bottom - top, 1))
        return font.font_variant(size=int(np.clip(size, *ALLOWED_SIZES)))
    except OSError as error:
        raise BadData(
            f"{path} cannot be read as a font ({error}); expected TrueType, OpenType, WOFF or WOFF2"
        ) from None


def _drawn(font: ImageFont.FreeTypeFont, character: str) -> Ink:
    left, top, right, bottom = font.getbbox(character)
    board = Image.new("L", (BOARD, BOARD), 0)
    corner = ((BOARD - left - right) / 2, (BOARD - top - bottom) / 2)
    ImageDraw.Draw(board).text(corner, character, fill=255, font=font)
    drawn: Ink = np.asarray(board, np.float32) / np.float32(255)
    return drawn


def _field(points: int, shape: tuple[int, ...], rng: np.random.Generator) -> Ink:
    """A smooth random field of a shape (H, W), standard deviation near 1 at the points of a coarse grid."""
    grid = rng.standard_normal((points, points), dtype=np.float32)
    return cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _warped(shape: Ink, rng: np.random.Generator) -> Ink:
    """Slanted, stretched, turned and bent about the middle of the board."""
    angle = np.deg2rad(np.clip(ROTATION[0] * rng.normal(), -ROTATION[1], ROTATION[1]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1.0, -(SLANT[0] + SLANT[1] * rng.normal())], [0.0, 1.0]])  # y grows downwards
    stretch = np.exp(ASPECT * rng.normal() / 2)
    back = np.linalg.inv(turn @ slant @ np.diag([stretch, 1 / stretch])).astype(np.float32)  # from where ink shall be
    places = np.arange(BOARD, dtype=np.float32) - (BOARD - 1) / 2
    x = back[0, 0] * places + back[0, 1] * places[:, None] + (BOARD - 1) / 2
    y = back[1, 0] * places + back[1, 1] * places[:, None] + (BOARD - 1) / 2
    for points, amount in BENDS:
        x += amount * CAPITAL * _field(points, x.shape, rng)
        y += amount * CAPITAL * _field(points, y.shape, rng)
    return cv2.remap(shape, x, y, cv2.INTER_LINEAR).astype(np.float32)


def _redrawn(mask: Mask, pen: float, rng: np.random.Generator) -> Mask:
    """The same strokes with a pen of about so many pixels, which mostly neither closes a loop nor tears a stroke."""
    longer = max(np.ptp(np.flatnonzero(mask.any(axis=axis))) + 1 for axis in (0, 1))
    pen = float(np.clip(pen, PEN_LIMITS[0] * longer, PEN_LIMITS[1] * longer))
    depth = _depth(mask) + PRESSURE[1] * pen * _field(PRESSURE[0], mask.shape, rng)
    careless = rng.random() < FILLED
    outwards = (pen - stroke_width(mask)) / 2
    for _ in range(4):
        redrawn: Mask = depth > -outwards
        pieces, loops = _pieces(redrawn), _pieces(~redrawn)
        if pieces == _pieces(mask) and (careless or loops == _pieces(~mask)):
            return redrawn
        outwards /= 2
    return mask


def _depth(mask: Mask) -> Ink:
    """Pixels from the outline, positive inside."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.where(mask, inside - 0.5, 0.5 - outside).astype(np.float32)


def _pieces(mask: Mask) -> int:
    return int(cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[0])


def _largest_piece(mask: Mask) -> Mask:
    _, places, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return np.asarray(places == largest)


def _blot(where: Mask, radius: float, rng: np.random.Generator) -> Mask:
    """A disc around a random pixel of ``where``."""
    rows, columns = np.nonzero(where)
    place = int(rng.integers(len(rows)))
    y, x = np.ogrid[: where.shape[0], : where.shape[1]]
    return np.asarray((y - rows[place]) ** 2 + (x - columns[place]) ** 2 <= radius**2)


def _scanned(mask: Mask, scale: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The board as a scanner gives it: reduced, two levels, edges a little ragged; uint8 0 or 255."""
    box = _cropped(mask).astype(np.float32)
    height, width = (max(1, round(side * scale)) for side in box.shape)
    small = cv2.resize(box, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    noisy = small + EDGE_NOISE * rng.standard_normal(small.shape, dtype=np.float32)
    ink = noisy > min(0.5, float(noisy.max()) / 2)
    return np.pad(ink.astype(np.uint8) * 255, PAPER)
