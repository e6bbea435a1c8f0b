"""The bytes of a picture and options -> the JSON that `inkread read --json` prints for one of its pages."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from time import perf_counter

from cv2 import error as OpenCVError

from inkread import preprocessing
from inkread.errors import BadOption, InkreadError
from inkread.interfaces.reading_formats import json_page
from inkread.interfaces.server.errors import Refused
from inkread.interfaces.server.readers import Readers
from inkread.interfaces.server.schema import ReadOptions
from inkread.interfaces.server.uploads import Upload
from inkread.preprocessing import Picture
from inkread.results import Box, Correction, Reading


@dataclass(frozen=True)
class JsonReading:
    """The body of an answer, UTF-8, and what each step of the reading took."""

    content: bytes
    milliseconds: Mapping[str, float]


def read_picture(readers: Readers, upload: Upload, options: ReadOptions, max_pixels: int) -> JsonReading:
    """Read one page. Raises InkreadError for what is no picture, Refused where there is not enough memory."""
    try:
        number, reading = _read(readers, upload.content, options, max_pixels)
    except (MemoryError, OpenCVError) as error:
        if isinstance(error, OpenCVError) and "Insufficient memory" not in str(error):
            raise
        sentence = "there is not enough memory to read this picture now; ask again later, or send a smaller one"
        raise Refused(503, "out_of_memory", sentence) from error
    return JsonReading(f"{json_page(upload.name, number, reading)}\n".encode(), reading.milliseconds)


def _read(readers: Readers, content: bytes, options: ReadOptions, max_pixels: int) -> tuple[int | None, Reading]:
    """The number of the page, if there are more, and what stands on it."""
    begun = perf_counter()
    with closing(preprocessing.pages(content, max_pixels, options.page)) as pages:
        picture = next(pages, None)
        opened = 1000 * (perf_counter() - begun)
        if picture is None:
            raise BadOption(f"page is {options.page}; the picture has fewer pages")
        number = options.page if options.page > 1 or _has_more(pages) else None
    reader = readers(options.model)
    if options.min_confidence is not None:
        reader = reader.with_options(replace(reader.options, min_confidence=options.min_confidence))
    corrections = [Correction(Box(*known.box), known.text) for known in options.corrections or ()]
    reading = reader.read(picture, corrections)
    steps = {**reading.milliseconds, "picture": round(reading.milliseconds["picture"] + opened, 3)}
    return number, replace(reading, milliseconds=steps)


def _has_more(pages: Generator[Picture]) -> bool:
    """Whether there is another page, however damaged it be."""
    try:
        return next(pages, None) is not None
    except InkreadError:
        return True
