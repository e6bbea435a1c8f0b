"""Any picture -> grey pixels as a person sees them. Where the ink is, and whether the paper is light, is left to
`binarise`.

Pillow decodes; this file turns the right way up, lays transparency on paper, scales deep greys to 8 bits, keeps
coloured ink visible in grey, and says in one sentence what is wrong with a file that is no picture.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from inkread.errors import BadArray, BadPicture

Source: TypeAlias = str | os.PathLike[str] | bytes | Image.Image | npt.NDArray[np.generic]

MAX_PIXELS = 80_000_000  # of a picture; more than the 64 million of today's phones, less than fills a small machine
WORKING_PIXELS = (
    8_000_000  # larger pictures are reduced to this: letters on a page of 8 megapixels are still 30 pixels tall
)
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM")  # JPEG brings MPO, which many phones write as .jpg
EXPECTED = "expected PNG, JPEG, TIFF, WebP, BMP or GIF"
FULL_SCALES = (255, 1023, 4095, 16383, 65535)  # white in 8, 10, 12, 14 and 16 bits
LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # red, green, blue; ITU-R BT.601
VISIBLE = 32  # of 255; more transparent pixels show nothing
PLAIN = 48  # grey levels; pixels that differ by less are one colour
FAINT = 80  # grey levels; below this spread another channel may show the ink better
# What Pillow raises for damaged files, by format and version.
DECODING_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError,
    RuntimeError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture as it is seen: the right way up, grey, paper light or dark.

    Attributes:
        pixels: uint8 (H, W), at most WORKING_PIXELS of them.
        width, height: of the original, right way up, in pixels.
    """

    pixels: npt.NDArray[np.uint8]
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """Original pixels per pixel here, along x and along y; 1 unless the picture was reduced."""
        height, width = self.pixels.shape
        return self.width / width, self.height / height


def load(source: Source) -> Picture:
    """Open a picture: a path, the bytes of a file, a PIL image, or an array.

    Args:
        source: an array is (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA; bool, float 0..1, or integers (0..255,
            or up to
            16 bits: white is then the least of 255, 1023, 4095, 16383 and 65535 that holds the largest value).

    Raises:
        BadPicture: no such file, not a picture, damaged, empty or too large. BadArray: an array of another shape, type
            or range.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, "the array")
    if isinstance(source, Image.Image):
        return _from_image(source, "the PIL image")
    if isinstance(source, bytes | bytearray | memoryview):
        return _from_stream(io.BytesIO(source), "the data")
    if isinstance(source, str | os.PathLike):
        return _from_path(Path(source))
    raise BadPicture(f"got {type(source).__name__}; expected a path, the bytes of a file, a PIL image or an array")


def _from_path(path: Path) -> Picture:
    try:
        if path.is_dir():
            raise BadPicture(f"{path} is a folder; expected one picture file")
        if not path.exists():
            raise BadPicture(f"{path} does not exist; expected the path of a picture")
        if not path.is_file():
            raise BadPicture(f"{path} is not a regular file; expected one picture file")
        stream = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise BadPicture(
            f"{str(path)!r} cannot be opened ({_reason(error)}); expected the path of a picture"
        ) from error
    with stream:
        return _from_stream(stream, str(path))


def _from_stream(stream: BinaryIO, name: str) -> Picture:
    start = stream.read(4)
    if not start:
        raise BadPicture(f"{name} is empty (0 bytes); {EXPECTED}")
    stream.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata and of large pictures; the size is checked below
        try:
            image = Image.open(stream, formats=FORMATS)
        except UnidentifiedImageError as error:
            shown = start.hex(" ")
            raise BadPicture(f"{name} is not a picture (first bytes: {shown}); {EXPECTED}") from error
        except Image.DecompressionBombError as error:
            raise BadPicture(f"{name} has far too many pixels; expected at most {MAX_PIXELS:,}") from error
        except DECODING_ERRORS as error:
            raise BadPicture(f"{name} is damaged ({_reason(error)}); expected a whole picture file") from error
        return _from_image(image, name)


def _from_image(image: Image.Image, name: str) -> Picture:
    _check_size(image.width, image.height, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image.load()
            pixels = _pixels(_upright(image))
        except DECODING_ERRORS as error:
            raise BadPicture(f"{name} is damaged ({_reason(error)}); expected a whole picture file") from error
    return _from_array(pixels, name)


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera's EXIF orientation says; unreadable EXIF says nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except DECODING_ERRORS:
        return image


def _pixels(image: Image.Image) -> npt.NDArray[np.generic]:
    """PIL's many modes -> an array that ``_from_array`` takes."""
    if image.mode == "F":
        return _scaled_floats(np.asarray(image))
    if image.mode.startswith("I"):  # 16 or 32 bits of grey
        deep: npt.NDArray[np.uint16] = np.clip(np.array(image), 0, FULL_SCALES[-1]).astype(np.uint16, copy=False)
        return deep
    if image.mode == "LAB":
        return np.array(image.getchannel(0), dtype=np.uint8)
    if "transparency" in image.info or image.mode in ("RGBA", "RGBa", "LA", "La", "PA"):
        return np.asarray(_unmultiplied(image).convert("RGBA"))
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _unmultiplied(image: Image.Image) -> Image.Image:
    """Pillow converts premultiplied colours only to their plain counterparts."""
    return image.convert({"RGBa": "RGBA", "La": "LA"}.get(image.mode, image.mode))


def _scaled_floats(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """A float picture file, 0..1 or 0..255 or 16 bits, to 0..1."""
    finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    highest = float(finite.max())
    full = 1.0 if highest <= 1 else float(_full_scale(highest))
    return np.clip(finite / full, 0, 1)


def _full_scale(highest: float) -> int:
    return next((full for full in FULL_SCALES if highest <= full), FULL_SCALES[-1])


def _check_size(width: int, height: int, name: str) -> None:
    if width < 1 or height < 1:
        raise BadPicture(f"{name} is {width} x {height} pixels; expected at least one pixel")
    if width * height > MAX_PIXELS:
        raise BadPicture(
            f"{name} is {width:,} x {height:,} pixels; expected at most {MAX_PIXELS:,}: make it smaller or cut it up"
        )


def _from_array(array: npt.NDArray[np.generic], name: str) -> Picture:
    expected = "expected shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise BadArray(f"{name} has shape {array.shape}; {expected}")
    height, width = array.shape[:2]
    _check_size(width, height, name)
    pixels = _reduced(_to_bytes(array, name))
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim == 3:
        colours = pixels if pixels.shape[2] == 3 else _on_paper(pixels)
        pixels = _grey(colours)
    return Picture(np.ascontiguousarray(pixels), width, height)


def _to_bytes(array: npt.NDArray[np.generic], name: str) -> npt.NDArray[np.uint8]:
    """Any accepted array as uint8 0..255, its shape kept."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise BadArray(f"{name} holds {array.dtype}; expected integers 0..255 or 0..65535, floats 0..1 or bool")
    low, high = float(array.min()), float(array.max())
    if np.issubdtype(array.dtype, np.floating):
        if not (low >= 0 and high <= 1):  # also false for NaN
            raise BadArray(f"{name} holds values from {low:g} to {high:g}; expected floats 0..1 (divide 0..255 by 255)")
        return np.rint(array.astype(np.float32) * 255).astype(np.uint8)
    if low < 0 or high > FULL_SCALES[-1]:
        raise BadArray(f"{name} holds values from {low:g} to {high:g}; expected integers 0..255 or 0..65535")
    if high <= 1:  # a mask kept as integers
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint8:
        return np.asarray(array, dtype=np.uint8)
    scaled: npt.NDArray[np.float32] = array.astype(np.float32) * np.float32(255 / _full_scale(high))
    return np.asarray(np.rint(scaled), dtype=np.uint8)


def _reduced(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A very large picture brought to WORKING_PIXELS, each pixel the mean of those it stands for."""
    height, width = pixels.shape[:2]
    scale = (WORKING_PIXELS / (height * width)) ** 0.5
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _on_paper(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGBA (H, W, 4) -> RGB (H, W, 3), laid on a paper on which the visible pixels can be seen."""
    alpha = pixels[:, :, 3:].astype(np.float32) / 255
    paper = _paper_behind(_luminance(pixels[:, :, :3]), pixels[:, :, 3])
    return np.rint(pixels[:, :, :3] * alpha + paper * (1 - alpha)).astype(np.uint8)


def _paper_behind(grey: npt.NDArray[np.float32], alpha: npt.NDArray[np.uint8]) -> float:
    """How light (0..255) the paper under a transparent picture is: white, unless the ink itself is light.

    Where most of the picture is opaque and holds both paper and ink, the paper goes on under the holes.
    """
    shown = grey[alpha > VISIBLE]
    if not shown.size:
        return 255.0
    low, middle, high = (float(level) for level in np.percentile(shown, [5, 50, 95]))
    if shown.size > grey.size / 2 and high - low > PLAIN:
        return middle
    return 0.0 if middle > 127 else 255.0


def _luminance(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return colours.astype(np.float32) @ LUMINANCE


def _grey(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGB -> grey (H, W): luminance, or the channel in which faint ink (yellow on white, red on green) stands out."""
    grey = np.rint(_luminance(colours)).astype(np.uint8)
    spread = _spread(grey)
    if spread >= FAINT:
        return grey
    spreads = [_spread(colours[:, :, channel]) for channel in range(3)]
    best = int(np.argmax(spreads))
    return colours[:, :, best] if spreads[best] > max(2 * spread, PLAIN) else grey


def _spread(grey: npt.NDArray[np.uint8]) -> float:
    """Grey levels between the darkest and the lightest pixels, outliers left out."""
    low, high = np.percentile(grey, [0.2, 99.8])
    return float(high - low)


def _reason(error: BaseException) -> str:
    """The first line of an exception, or its kind where it says nothing."""
    lines = str(getattr(error, "strerror", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
