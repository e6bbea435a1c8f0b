"""Pictures without any text that the alphabet knows: whatever is read in them, and surely, is invented."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inkread.interfaces.bench.sets import Sample, chance, filed
from inkread.preprocessing.paper import PaperOptions, light, table, texture

Grey = npt.NDArray[np.float32]

SIZES: Final = (240, 640)  # pixels, width and height
FONT_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
CJK_FONTS: Final = ("*CJK*", "*wqy*", "*DroidSansFallback*", "*uming*", "*ukai*", "*ipag*", "*VL-Gothic*")
DIRECTIONS: Final = ((0.6, 0.02), (0.02, 0.6), (0.3, 0.4), (-0.3, 0.4))  # of strokes that look like characters
CJK: Final = (
    "的一是不了人我在有他这中大来上国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能"
)


def negatives(n: int, seed: int) -> list[Sample]:
    """``n`` pictures without text, each kind as often as every other."""
    samples = []
    for number in range(n):
        name, draw = KINDS[number % len(KINDS)]
        rng = chance(seed, f"negatives, {name}", number)
        picture = np.clip(np.rint(draw(_size(rng), rng)), 0, 255).astype(np.uint8)
        samples.append(Sample("negatives", f"negatives, {name}", number, filed(picture, 85), ""))
    return samples


def _size(rng: np.random.Generator) -> tuple[int, int]:
    rows, columns = rng.integers(*SIZES, 2).tolist()
    return rows, columns


def _paper(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Plain paper under uneven light: float32 (H, W)."""
    shade = light(shape, ("gradient", "vignette", "shadow")[int(rng.integers(3))], rng.uniform(0, 0.5), rng)
    return (np.float32(rng.uniform(215, 252)) + texture(shape, rng.uniform(1, 5), rng)) * shade


def smudges(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Soft dark blots, as of fingers and coffee."""
    blots = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 9))):
        centre = rng.integers(0, (shape[1], shape[0]))
        axes = rng.integers(5, 60, 2)
        angle, dark = float(rng.uniform(0, 180)), float(rng.uniform(0.2, 0.8))
        cv2.ellipse(blots, centre.tolist(), axes.tolist(), angle, 0, 360, dark, -1)
    soft = cv2.GaussianBlur(blots, (0, 0), float(rng.uniform(2, 12)))
    return _paper(shape, rng) * (1 - np.asarray(soft, np.float32))


def scribbles(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """A pen that wanders and says nothing."""
    ink = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        steps = rng.normal(0, 1, (int(rng.integers(40, 300)), 2))
        for _ in range(2):
            steps = np.cumsum(steps, axis=0) * 0.6 - np.cumsum(steps, axis=0).mean(axis=0) * 0.6
        span = np.ptp(steps, axis=0).max()
        path = steps / max(span, 1e-6) * rng.uniform(0.3, 0.9) * min(shape)
        path += np.array(shape[::-1]) * rng.uniform(0.3, 0.7)
        points = np.rint(path * 16).astype(np.int32)
        cv2.polylines(ink, [points], False, 1.0, int(rng.integers(1, 5)), cv2.LINE_AA, 4)
    return _paper(shape, rng) * (1 - 0.85 * ink)


def zigzags(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Rows of up and down strokes, as children write before they can."""
    ink = np.zeros(shape, np.float32)
    for y in range(int(shape[0] * 0.2), int(shape[0] * 0.9), int(rng.integers(50, 110))):
        x = np.arange(shape[1] * 0.1, shape[1] * 0.9, rng.uniform(5, 14))
        height = rng.uniform(6, 20) * np.where(np.arange(len(x)) % 2, 1, -1) * rng.uniform(0.4, 1.4, len(x))
        points = np.rint(np.column_stack([x + rng.normal(0, 2, len(x)), y + height]) * 16).astype(np.int32)
        cv2.polylines(ink, [points], False, 1.0, int(rng.integers(1, 4)), cv2.LINE_AA, 4)
    return _paper(shape, rng) * (1 - 0.85 * ink)


def wood(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """The grain of a table."""
    tone = float(rng.uniform(60, 200))
    grain = table(shape, PaperOptions().table, rng)[..., 0]
    return np.asarray(tone + (grain - grain.mean()) * rng.uniform(1, 5), np.float32)


def clouds(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Noise with the spectrum of photographs: power falls with the square of frequency (Field 1987)."""
    spectrum = np.fft.rfft2(rng.standard_normal(shape))
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :])
    frequency[0, 0] = 1
    noise = np.fft.irfft2(spectrum / frequency ** rng.uniform(0.8, 1.6), shape)
    return np.asarray(128 + noise / noise.std() * rng.uniform(20, 60), np.float32)


def gravel(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Sharp-edged spots of all sizes."""
    noise = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), float(rng.uniform(1.5, 6)))
    return np.asarray(np.where(noise > rng.uniform(-0.5, 1) * noise.std(), 225, 50), np.float32)


def gratings(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Stripes, even or sharp, in any direction; now and then crossed."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    waves = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 3))):
        angle, period = rng.uniform(0, np.pi), rng.uniform(6, 50)
        waves += np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period).astype(np.float32)
    if rng.random() < 0.5:
        waves = np.sign(waves)
    return np.asarray(135 + 90 * waves / max(1.0, float(np.abs(waves).max())), np.float32)


def foreign(shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    """Rows of Chinese characters where a font has them, else of strokes in squares that look like them."""
    size = int(rng.integers(26, 60))
    font = _cjk_font()
    canvas = Image.new("L", (shape[1], shape[0]), 0)
    ink = np.zeros(shape, np.float32)
    pen = ImageDraw.Draw(canvas)
    for y in range(size // 2, shape[0] - size, int(size * 1.4)):
        for x in range(size // 2, shape[1] - size, int(size * 1.08)):
            if font:
                character = CJK[int(rng.integers(len(CJK)))]
                pen.text((x, y), character, fill=255, font=ImageFont.truetype(str(font), size))
            else:
                _strokes(ink, (x, y), size, rng)
    ink = np.maximum(ink, np.asarray(canvas, np.float32) / np.float32(255))
    return np.asarray(_paper(shape, rng) * (1 - 0.88 * ink), np.float32)


def _strokes(ink: Grey, corner: tuple[int, int], size: int, rng: np.random.Generator) -> None:
    """A character of no script: strokes across, down and slanting within a square."""
    for _ in range(int(rng.integers(5, 12))):
        begin = rng.uniform(0, 1, 2)
        step = np.array(DIRECTIONS[int(rng.integers(4))]) * rng.uniform(0.5, 1.4)
        ends = np.clip(np.stack([begin, begin + step]), 0, 0.95) * size + np.array(corner)
        cv2.polylines(ink, [np.rint(ends * 16).astype(np.int32)], False, 1.0, max(1, size // 16), cv2.LINE_AA, 4)


@cache
def _cjk_font() -> Path | None:
    found = (path for folder in FONT_FOLDERS for name in CJK_FONTS for path in sorted(folder.rglob(name)))
    return next((path for path in found if path.suffix.lower() in (".ttf", ".ttc", ".otf")), None)


KINDS: Final[tuple[tuple[str, Callable[[tuple[int, int], np.random.Generator], Grey]], ...]] = (
    ("smudges", smudges), ("scribbles", scribbles), ("zigzags", zigzags), ("wood", wood), ("clouds", clouds),
    ("gravel", gravel), ("gratings", gratings), ("foreign script", foreign),
)  # fmt: skip
