"""Held-out glyphs and texts -> named sets of pictures with what stands on them, equal for equal seeds.

Each picture depends on its set, its number and the seed alone: more pictures never change the first ones.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, get_args
from zlib import crc32

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from inkread.errors import BadData
from inkread.interfaces.bench.stock import Stock
from inkread.interfaces.bench.surrounds import surrounded
from inkread.interfaces.bench.texts import Writing, a_line, a_page, a_word
from inkread.preprocessing.compose import ComposeOptions, Written, write
from inkread.preprocessing.paper import Colour, PaperOptions, Photo, photograph
from inkread.preprocessing.pen import Hand
from inkread.results import Box

Kind = Literal["clean", "hard", "words", "strangers", "forms", "pages", "ruled", "real-pages", "negatives"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
COMPOSED: Final = ("clean", "hard", "words", "strangers", "forms", "pages", "ruled")
PAGE_KINDS: Final = ("pages", "ruled", "real-pages", "negatives")

PAPERS: Final[tuple[Colour, ...]] = (
    (250, 249, 246), (244, 240, 228), (236, 228, 205), (228, 232, 238), (240, 226, 222), (205, 196, 178),
    (252, 243, 170),
)  # fmt: skip
INKS: Final[tuple[Colour, ...]] = ((22, 22, 26), (25, 35, 95), (28, 40, 130), (120, 24, 30), (70, 70, 74), (16, 70, 50))
CORNER: Final = (0.7, 0.85)  # of width and height: what lies right of and below it is a real page's number
RIM: Final = 0.25  # of a line's height, paper left around a line that is cropped
TIGHT: Final = 5  # pixels of paper that a word is cut out with, at most
FEW_PIXELS: Final = (13, 24)  # a word's height in small pictures
SMALL: Final = 0.4  # share of the words that come in few pixels
TWO_TONES: Final = 0.4  # share of the words in black and white alone
REAL_PAGES: Final = ("pages_upper", "pages_lower")


@dataclass(frozen=True)
class Sample:
    """One picture of a set: the bytes of its file, what stands on it (lines parted by newlines), and where.

    ``boxes``: of each glyph in the text's order, in the picture's pixels; empty where unknown.
    """

    kind: Kind
    set: str
    number: int
    file: bytes = field(repr=False)
    text: str
    boxes: tuple[Box, ...] = field(default=(), repr=False)

    @property
    def picture(self) -> npt.NDArray[np.uint8]:
        """The pixels, uint8 (H, W, 3) or (H, W)."""
        return np.asarray(Image.open(io.BytesIO(self.file)))

    @property
    def is_page(self) -> bool:
        """Whether it may hold several lines."""
        return self.kind in PAGE_KINDS

    @property
    def cropped(self) -> bytes:
        """The file of the picture without most of the paper around its text, as some engines like it best."""
        if not self.boxes:
            return self.file
        left, top, right, bottom = zip(*self.boxes, strict=True)
        rim = round(RIM * (max(bottom) - min(top)))
        rows, columns = (
            slice(max(0, min(top) - rim), max(bottom) + rim),
            slice(max(0, min(left) - rim), max(right) + rim),
        )
        return filed(np.ascontiguousarray(self.picture[rows, columns]))


def composed(kind: Kind, writing: Writing, stock: Stock, texts: list[str], *, n: int, seed: int) -> list[Sample]:
    """``n`` pictures of one kind and one way of writing, from texts that ``texts.spelt`` gave for it.

    Raises BadData where no text can be spelt with the glyphs.
    """
    usable = [text for text in texts if stock.spells(text)]
    if not usable:
        raise BadData(f"none of {len(texts)} texts can be spelt with the glyphs there are")
    name = f"{kind}, {writing}"
    samples = []
    for number in range(n):
        rng = chance(seed, name, number)
        text = (a_word if kind == "words" else a_page if kind in PAGE_KINDS else a_line)(usable, rng)
        how, paper = STYLES[kind](rng)
        photo, file = developed(write(stock.draw(text, rng), text, rng, how), rng, paper)
        boxes = photo.boxes
        if kind == "words":
            file, boxes = cut_out(photo, rng)
        elif kind == "forms":
            file, boxes = framed(photo, rng)
        samples.append(Sample(kind, name, number, file, text, boxes))
    return samples


def cut_out(photo: Photo, rng: np.random.Generator) -> tuple[bytes, tuple[Box, ...]]:
    """The words of a photo as forms and memos hold them: cut close to the ink, some small, some in two tones."""
    picture = np.asarray(Image.fromarray(photo.picture).convert("L"))
    boxes = np.array([(box.left, box.top, box.right, box.bottom) for box in photo.boxes])
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    rims = rng.integers(0, TIGHT + 1, 4)
    left, top = max(0, left - rims[0]), max(0, top - rims[1])
    picture = picture[top : bottom + rims[2], left : right + rims[3]]
    scale = min(1.0, rng.uniform(*FEW_PIXELS) / len(picture)) if rng.random() < SMALL else 1.0
    height, width = (max(1, round(side * scale)) for side in picture.shape)
    picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    if rng.random() < TWO_TONES:
        _, picture = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    moved = (boxes - [left, top, left, top]) * scale
    edges = np.concatenate([np.floor(moved[:, :2]), np.ceil(moved[:, 2:])], axis=1)
    within = np.minimum(edges, [width - 1, height - 1, width, height]).astype(int)
    return filed(np.asarray(picture, np.uint8)), tuple(Box(*sides) for sides in within.tolist())


def framed(photo: Photo, rng: np.random.Generator) -> tuple[bytes, tuple[Box, ...]]:
    """The line of a photo in the box of a form, or with the dark edges of a scan."""
    picture, right, down = surrounded(np.array(Image.fromarray(photo.picture).convert("L")), rng)
    moved = [Box(b.left + right, b.top + down, b.right + right, b.bottom + down) for b in photo.boxes]
    return filed(picture), tuple(moved)


def chance(seed: int, name: str, number: int) -> np.random.Generator:
    """The generator of one picture of one set."""
    return np.random.default_rng([seed, crc32(name.encode()), number])


def developed(written: Written, rng: np.random.Generator, paper: PaperOptions) -> tuple[Photo, bytes]:
    """A written text as a photo and as a file: JPEG at the paper's quality, PNG without one."""
    photo = photograph(written.coverage, written.boxes, rng, replace(paper, jpeg=None))
    return photo, filed(photo.picture, paper.jpeg)


def filed(picture: npt.NDArray[np.uint8], jpeg: int | None = None) -> bytes:
    """Pixels as the bytes of a PNG or, with a quality, of a JPEG."""
    buffer = io.BytesIO()
    image = Image.fromarray(picture)
    if jpeg is None:
        image.save(buffer, "PNG", compress_level=1)
    else:
        image.save(buffer, "JPEG", quality=jpeg)
    return buffer.getvalue()


def clean(rng: np.random.Generator) -> tuple[ComposeOptions, PaperOptions]:
    """A tidy hand on white paper, scanned: letters do not touch."""
    hand = Hand(
        low=rng.uniform(0.56, 0.7), size=rng.uniform(0, 0.06), slant=rng.normal(0.06, 0.1), slant_jitter=0.03,
        turn=rng.uniform(0, 1.5), drift=rng.uniform(0, 0.03), spacing_jitter=rng.uniform(0.005, 0.02),
        pen=rng.uniform(0.06, 0.12),
    )  # fmt: skip
    options = ComposeOptions(
        height=int(rng.integers(34, 65)), spacing=rng.uniform(0.08, 0.18), space=rng.uniform(0.45, 0.85),
        jitter=rng.uniform(0, 0.02), margin=rng.uniform(0.5, 1.0), hand=hand,
    )  # fmt: skip
    grey = int(rng.integers(238, 256))
    dark = int(rng.integers(0, 70))
    paper = PaperOptions(
        (grey, grey, grey), (dark, dark, dark), blur=rng.uniform(0.3, 0.6), noise=rng.uniform(0, 3), texture=1.0
    )
    return options, paper


def hard(rng: np.random.Generator) -> tuple[ComposeOptions, PaperOptions]:
    """A hasty hand whose letters touch and overlap, on a photo: skewed, unevenly lit, compressed."""
    touching = rng.random() < 0.6
    hand = Hand(
        low=rng.uniform(0.5, 0.72), size=rng.uniform(0.03, 0.1), stretch=rng.uniform(0.03, 0.1),
        slant=rng.normal(0.1, 0.16), slant_jitter=rng.uniform(0.02, 0.06), turn=rng.uniform(0.5, 3),
        drift=rng.uniform(0, 0.1), spacing_jitter=rng.uniform(0.015, 0.035), pen=rng.uniform(0.06, 0.14),
    )  # fmt: skip
    options = ComposeOptions(
        height=int(rng.integers(28, 61)), spacing=rng.uniform(-0.04, 0.03) if touching else rng.uniform(0.04, 0.14),
        space=rng.uniform(0.4, 0.75), jitter=rng.uniform(0, 0.05), margin=rng.uniform(0.4, 1.4), hand=hand,
    )  # fmt: skip
    return options, _photographed(rng, skew=6.0, shade=(0.3, 0.65), jpeg=(45, 80))


def words(rng: np.random.Generator) -> tuple[ComposeOptions, PaperOptions]:
    """A tidy hand or a hasty one on white paper, scanned."""
    options, paper = clean(rng)
    return (hard(rng)[0] if rng.random() < 0.5 else options), paper


def pages(rng: np.random.Generator) -> tuple[ComposeOptions, PaperOptions]:
    """Several lines on a sheet, photographed: some letters touch, some sheets lie on a table at an angle."""
    hand = Hand(
        low=rng.uniform(0.54, 0.7), size=rng.uniform(0.02, 0.08), slant=rng.normal(0.08, 0.12),
        turn=rng.uniform(0.3, 2), drift=rng.uniform(0, 0.08), spacing_jitter=rng.uniform(0.01, 0.03),
        pen=rng.uniform(0.06, 0.12),
    )  # fmt: skip
    options = ComposeOptions(
        height=int(rng.integers(30, 49)), spacing=rng.uniform(0.0, 0.14), space=rng.uniform(0.45, 0.8),
        leading=rng.uniform(1.6, 2.3), jitter=rng.uniform(0, 0.03), margin=rng.uniform(0.8, 2.0), hand=hand,
    )  # fmt: skip
    paper = _photographed(rng, skew=3.0, shade=(0.1, 0.5), jpeg=(60, 93))
    return options, replace(paper, perspective=rng.uniform(0.02, 0.07) if rng.random() < 0.3 else 0.0)


def ruled(rng: np.random.Generator) -> tuple[ComposeOptions, PaperOptions]:
    """Pages on ruled or squared paper."""
    options, paper = pages(rng)
    ruling: Literal["lines", "squares"] = "lines" if rng.random() < 0.6 else "squares"
    pitch = options.leading * options.height * (1.0 if ruling == "lines" else 0.5)
    return options, replace(paper, ruling=ruling, rule_pitch=pitch, rule=rng.uniform(0.25, 0.6))


def _photographed(
    rng: np.random.Generator, skew: float, shade: tuple[float, float], jpeg: tuple[int, int]
) -> PaperOptions:
    kinds: tuple[Literal["gradient", "vignette", "shadow"], ...] = ("gradient", "vignette", "shadow")
    return PaperOptions(
        paper=PAPERS[int(rng.integers(len(PAPERS)))],
        ink=INKS[int(rng.integers(len(INKS)))],
        light_on_dark=bool(rng.random() < 0.08),
        texture=rng.uniform(0.5, 5),
        light=kinds[int(rng.integers(3))],
        shade=rng.uniform(*shade),
        skew=rng.uniform(-skew, skew),
        blur=rng.uniform(0.4, 1.2),
        noise=rng.uniform(1, 7),
        jpeg=int(rng.integers(jpeg[0], jpeg[1] + 1)),
    )


STYLES: Final[dict[str, Callable[[np.random.Generator], tuple[ComposeOptions, PaperOptions]]]] = {
    "clean": clean, "hard": hard, "words": words, "strangers": words, "forms": clean, "pages": pages, "ruled": ruled,
}  # fmt: skip


def real_pages(folder: Path, n: int, seed: int, numbered: bool) -> list[Sample]:
    """``n`` of each file of pages that strangers filled with EMNIST letters, as dark ink on white paper.

    ``numbered``: with the number at the bottom right as a last line; else without it. None where the folder has none.
    """
    samples = []
    for name in REAL_PAGES:
        if not (folder / f"{name}.npz").is_file():
            continue
        with np.load(folder / f"{name}.npz") as file:
            pictures, texts, numbers = file["pages"], file["text"].tolist(), file["number"].tolist()
        chosen = chance(seed, name, 0).permutation(len(pictures))[:n]
        label = f"real pages, {'capitals' if name.endswith('upper') else 'small'}" + (", numbered" if numbered else "")
        for number in sorted(chosen.tolist()):
            picture = pictures[number].copy()
            if not numbered:
                picture[round(CORNER[1] * picture.shape[0]) :, round(CORNER[0] * picture.shape[1]) :] = 0
            text = f"{texts[number]}\n{numbers[number]}" if numbered else texts[number]
            samples.append(Sample("real-pages", label, number, filed(255 - picture), text))
    return samples
