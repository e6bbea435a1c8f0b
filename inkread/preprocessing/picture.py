"""Any picture, or the pages of a document -> grey pixels as a person sees them. Where the ink is, and whether the paper
is light, is left to `binarise`.

Pillow decodes, PDFium (optional) draws the pages of a PDF, `grey` makes bytes and greys of what they give; this file
turns the right way up, and says in one sentence what is wrong with a file that is no picture.
"""

from __future__ import annotations

import io
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from inkread.errors import BadArray, BadOption, BadPicture, MissingDependency, PictureTooLarge
from inkread.nearest import nearest_file
from inkread.preprocessing.grey import FULL_SCALES, grey, scaled_floats, to_bytes

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAX_PIXELS = 80_000_000  # of a picture; more than the 64 million of today's phones, less than fills a small machine
MAX_SIDE = 65_535  # pixels, JPEG's own limit; lines are looked for step by step along a side
WORKING_PIXELS = (
    8_000_000  # larger pictures are reduced to this: letters on a page of 8 megapixels are still 30 pixels tall
)
MAX_BYTES = 1_000_000_000  # of a file that is held in memory whole: a PDF, or what comes through a pipe
MAX_PAGES = 100  # of one document; more is better cut up than waited for
PDF_START = b"%PDF-"
PDFIUM = threading.RLock()  # PDFium must not be called by two threads at once, not even about two documents: it crashes
PDF_SCALE = 200 / 72  # dots by PDF's points: at 200 dots an inch, small handwriting (3 mm) is 24 pixels tall
EXPECTED_PAGES = f"expected at most {MAX_PAGES}: cut the document up"
KIND = 254  # TIFF's tag NewSubfileType
NO_PAGE = 0b101  # its bits that mark a smaller copy of another page, or a mask
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM")  # JPEG brings MPO, which many phones write as .jpg
EXPECTED_PATH = "expected the path of a picture"
EXPECTED = "expected PNG, JPEG, TIFF, WebP, BMP, GIF or PDF"
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
        quarters: quarter turns clockwise by which the pixels were turned since, 0 to 3.
    """

    pixels: npt.NDArray[np.uint8]
    width: int
    height: int
    quarters: int = 0

    @property
    def scale(self) -> tuple[float, float]:
        """Original pixels per pixel here, along the original's x and y; 1 unless the picture was reduced."""
        height, width = np.rot90(self.pixels, self.quarters).shape
        return self.width / width, self.height / height

    @property
    def to_original(self) -> npt.NDArray[np.float64]:
        """float64 (3, 3), from (x, y, 1) of the pixels here to the original's, which may be more and not turned."""
        sides = np.rot90(self.pixels, self.quarters).shape
        turns = np.diag([*self.scale, 1.0])
        for quarter in range(self.quarters):  # back by a quarter: what was x is y, counted from the foot
            turns = turns @ np.array([[0, 1, 0], [-1, 0, sides[quarter % 2]], [0, 0, 1]])
        return turns

    def turned(self, quarters: int) -> Picture:
        """The same picture, turned clockwise by so many quarters more; its original stays what it is."""
        pixels = np.ascontiguousarray(np.rot90(self.pixels, -quarters))
        return replace(self, pixels=pixels, quarters=(self.quarters + quarters) % 4)


Source: TypeAlias = str | os.PathLike[str] | bytes | Image.Image | npt.NDArray[np.generic] | Picture


@dataclass(frozen=True)
class _Wanted:
    """What of a source is opened: the first page or all of them, none with more pixels."""

    whole: bool
    max_pixels: int = MAX_PIXELS
    first: int = 1


def load(source: Source) -> Picture:
    """Open a picture: a path, the bytes of a file, a PIL image, or an array; one that is open stays as it is. Of a
    document, the first page.

    Args:
        source: an array is (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA; bool, float 0..1, or integers (0..255,
            or up to
            16 bits: white is then the least of 255, 1023, 4095, 16383 and 65535 that holds the largest value).

    Raises:
        BadPicture: no such file, not a picture, damaged, empty or (PictureTooLarge) too large. BadArray: an array of
            another shape, type or range. MissingDependency: a PDF, and no pypdfium2.
    """
    with closing(_opened(source, _Wanted(whole=False))) as opened:
        return next(opened)


def pages(source: Source, max_pixels: int = MAX_PIXELS, first: int = 1) -> Generator[Picture]:
    """Open every page of a TIFF or PDF, each in its turn. Any other source is one page; of an animation, the first.

    Args:
        source: as for ``load``.
        max_pixels: a page with more is refused before it is decoded; more than MAX_PIXELS is always too many. A page of
            a PDF has as many as it is drawn with, at most WORKING_PIXELS.
        first: the page to begin with, from 1; those before it are not decoded.

    Raises:
        BadPicture, BadArray, MissingDependency: as ``load``, when the page's turn comes; BadPicture at the first for a
            document of more than MAX_PAGES pages. BadOption: ``first`` below 1.
    """
    if first < 1:
        raise BadOption(f"first is {first}; expected 1, the first page, or more")
    return _opened(source, _Wanted(whole=True, max_pixels=min(max_pixels, MAX_PIXELS), first=first))


def _opened(source: Source, wanted: _Wanted) -> Generator[Picture]:
    """The pages of a source that are wanted."""
    if isinstance(source, Picture | np.ndarray) and wanted.first > 1:
        return
    if isinstance(source, Picture):
        yield source
    elif isinstance(source, np.ndarray):
        yield _from_array(source, "the array", wanted.max_pixels)
    elif isinstance(source, Image.Image):
        yield from _from_image(source, "the PIL image", wanted)
    elif isinstance(source, bytes | bytearray | memoryview):
        yield from _from_stream(io.BytesIO(source), "the data", wanted)
    elif isinstance(source, str | os.PathLike):
        yield from _from_path(Path(source), wanted)
    else:
        raise BadPicture(f"got {type(source).__name__}; expected a path, the bytes of a file, a PIL image or an array")


def _from_path(path: Path, wanted: _Wanted) -> Iterator[Picture]:
    try:
        if path.is_dir():
            raise BadPicture(f"{path} is a folder; expected one picture file")
        if not path.exists():
            near = nearest_file(path)
            raise BadPicture(f"{path} does not exist; {f'did you mean {near}?' if near else EXPECTED_PATH}")
        if not path.is_file():
            raise BadPicture(f"{path} is not a regular file; expected one picture file")
        stream = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise BadPicture(f"{str(path)!r} cannot be opened ({_reason(error)}); {EXPECTED_PATH}") from error
    with stream:
        yield from _from_stream(stream, str(path), wanted)


def _from_stream(stream: BinaryIO, name: str, wanted: _Wanted) -> Iterator[Picture]:
    start = stream.read(16)
    if not start:
        raise BadPicture(f"{name} is empty (0 bytes); {EXPECTED}")
    stream.seek(0)
    if start.lstrip(b"\xef\xbb\xbf \r\n").startswith(PDF_START):
        yield from _from_pdf(stream, name, wanted)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata and of large pictures; the size is checked below
        try:
            image = Image.open(stream, formats=FORMATS)
        except UnidentifiedImageError as error:
            if start[4:8] == b"ftyp":  # what HEIC and AVIF begin with
                raise BadPicture(
                    f"{name} is a HEIC or AVIF picture, or a film; {EXPECTED}: export it as JPEG"
                ) from error
            shown = start[:4].hex(" ")
            raise BadPicture(f"{name} is not a picture (first bytes: {shown}); {EXPECTED}") from error
        except Image.DecompressionBombError as error:
            raise PictureTooLarge(f"{name} has far too many pixels; expected at most {wanted.max_pixels:,}") from error
        except DECODING_ERRORS as error:
            raise BadPicture(f"{name} is damaged ({_reason(error)}); expected a whole picture file") from error
    yield from _from_image(image, name, wanted)


def _from_image(image: Image.Image, name: str, wanted: _Wanted) -> Iterator[Picture]:
    """The frame that an image stands at, or every page of a TIFF."""
    if image.format != "TIFF" or not wanted.whole:
        if wanted.first == 1:
            yield _frame(image, name, wanted.max_pixels)
        return
    stood = image.tell()
    try:
        if _turned(image, MAX_PAGES, name):
            raise BadPicture(f"{name} has more than {MAX_PAGES} pages; {EXPECTED_PAGES}")
        found = 0
        for number in range(MAX_PAGES):
            page = f"page {number + 1} of {name}" if number else name
            if not _turned(image, number, page):
                break
            if not number or not int(getattr(image, "tag_v2", {}).get(KIND, 0)) & NO_PAGE:
                found += 1
                if found >= wanted.first:
                    yield _frame(image, page, wanted.max_pixels)
    finally:
        with suppress(*DECODING_ERRORS):
            image.seek(stood)


def _turned(image: Image.Image, number: int, name: str) -> bool:
    """Whether there is such a page (from 0), which the image then stands at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image.seek(number)
        except EOFError:
            return False
        except DECODING_ERRORS as error:
            raise BadPicture(f"{name} is damaged ({_reason(error)}); expected a whole picture file") from error
    return True


def _frame(image: Image.Image, name: str, max_pixels: int) -> Picture:
    _check_size(image.width, image.height, name, max_pixels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image.load()
            pixels = _pixels(_upright(image))
        except DECODING_ERRORS as error:
            raise BadPicture(f"{name} is damaged ({_reason(error)}); expected a whole picture file") from error
    return _from_array(pixels, name)


def _from_pdf(stream: BinaryIO, name: str, wanted: _Wanted) -> Iterator[Picture]:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise PictureTooLarge(f"{name} is a PDF of more than {MAX_BYTES:,} bytes; cut the document up")
    with _pdf_document(content, name) as document:
        with PDFIUM:
            count = len(document)
        if wanted.whole and count > MAX_PAGES:
            raise BadPicture(f"{name} has {count:,} pages; {EXPECTED_PAGES}")
        if not count:
            raise BadPicture(f"{name} is a PDF without pages; expected at least one")
        for number in range(wanted.first - 1, count if wanted.whole else 1):
            page = f"page {number + 1} of {name}"
            yield _from_array(_drawn(document, number, page), page)


@contextmanager
def _pdf_document(content: bytes, name: str) -> Iterator[PdfDocument]:
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingDependency("pypdfium2", "pdf", "reading a PDF") from error
    try:
        with PDFIUM:
            document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise BadPicture(f"{name} is locked with a password; expected a PDF that opens without one") from error
        raise BadPicture(f"{name} is damaged ({_reason(error)}); expected a whole PDF") from error
    try:
        yield document
    finally:
        with PDFIUM:
            document.close()


def _drawn(document: PdfDocument, number: int, name: str) -> npt.NDArray[np.uint8]:
    """One page of a PDF on white paper, uint8 (H, W, 3), at PDF_SCALE or what WORKING_PIXELS allow."""
    from pypdfium2 import PdfiumError

    try:
        with PDFIUM, closing(document[number]) as page:
            width, height = page.get_size()
            scale = min(PDF_SCALE, (WORKING_PIXELS / max(width * height, 1)) ** 0.5)
            drawn = page.render(scale=scale, rev_byteorder=True)
            return np.array(drawn.to_numpy()[:, :, :3])
    except (PdfiumError, *DECODING_ERRORS) as error:
        raise BadPicture(f"{name} is damaged ({_reason(error)}); expected a whole PDF") from error


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera's EXIF orientation says; unreadable EXIF says nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except DECODING_ERRORS:
        return image


def _pixels(image: Image.Image) -> npt.NDArray[np.generic]:
    """PIL's many modes -> an array that ``_from_array`` takes."""
    if image.mode == "F":
        return scaled_floats(np.asarray(image))
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


def _check_size(width: int, height: int, name: str, max_pixels: int = MAX_PIXELS) -> None:
    if width < 1 or height < 1:
        raise BadPicture(f"{name} is {width} x {height} pixels; expected at least one pixel")
    if width * height > max_pixels:
        raise PictureTooLarge(
            f"{name} is {width:,} x {height:,} pixels; expected at most {max_pixels:,}: make it smaller or cut it up"
        )
    if max(width, height) > MAX_SIDE:
        raise PictureTooLarge(
            f"{name} is {width:,} x {height:,} pixels; expected sides of at most {MAX_SIDE:,}: cut it up"
        )


def _from_array(array: npt.NDArray[np.generic], name: str, max_pixels: int = MAX_PIXELS) -> Picture:
    expected = "expected shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise BadArray(f"{name} has shape {array.shape}; {expected}")
    height, width = array.shape[:2]
    _check_size(width, height, name, max_pixels)
    pixels = _reduced(to_bytes(array, name))
    return Picture(np.ascontiguousarray(grey(pixels)), width, height)


def _reduced(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A very large picture brought to WORKING_PIXELS, each pixel the mean of those it stands for."""
    height, width = pixels.shape[:2]
    scale = (WORKING_PIXELS / (height * width)) ** 0.5
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _reason(error: BaseException) -> str:
    """The first line of an exception, or its kind where it says nothing."""
    lines = str(getattr(error, "strerror", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
