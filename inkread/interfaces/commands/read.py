"""`inkread read`: pictures -> text, JSON, or the picture with its reading drawn over it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from inkread.errors import BadOption, BadPicture
from inkread.interfaces.text_file import read_lines

if TYPE_CHECKING:
    from inkread.reader import Reader
    from inkread.results import Reading


@dataclass(frozen=True)
class Flags:
    """How what the eye saw becomes text. What is left out is as it was chosen for the model."""

    language: Path | None = None
    """A language model of inkread language train; without it, English for letters."""

    language_weight: float | None = None
    """How much language counts against the eye; 0 is the eye alone."""

    words: Path | None = None
    """A text file with words of your own, one a line: names, products, places."""

    keep: tuple[str, ...] = ()
    """A word that this regular expression matches wholly is taken as it was read; may be repeated."""

    pattern: str | None = None
    """Each line must match this regular expression; the likeliest text that does is the answer."""

    allowed: Path | None = None
    """Each line must be one of the lines of this text file; the likeliest one is the answer."""

    min_confidence: float | None = None
    """A character less probable than this (0..1) is written as a ?."""


def read(
    *pictures: Path,
    model: str = "letters",
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    overlay: Path | None = None,
    decoding: Annotated[Flags | None, Parameter(name="*")] = None,
) -> int:
    """Read pictures of hand-printed text.

    Parameters
    ----------
    pictures
        Picture files: PNG, JPEG, TIFF, WebP, BMP or GIF.
    model
        letters, digits, an .onnx file or a run's folder.
    as_json
        Print lines, characters, boxes, alternatives and confidences as JSON, one object a picture.
    overlay
        Write the picture with boxes and reading drawn over it to this file; for one picture.
    """
    from inkread.reader import load

    if not pictures:
        raise BadOption("name at least one picture: inkread read note.jpg")
    if overlay and len(pictures) > 1:
        raise BadOption(f"--overlay takes one picture; got {len(pictures)}")
    reader = decoding_with(load(model), decoding or Flags())
    failed = 0
    for path in pictures:
        try:
            reading = reader.read(path)
        except (BadPicture, BadOption) as error:  # one bad file, or one that does not fit, never stops the rest
            failed += 1
            print(f"inkread: {error}", file=sys.stderr)
            continue
        show(path, reading, as_json, named=len(pictures) > 1)
        if overlay:
            from inkread.interfaces.overlay import overlay as draw

            draw(path, reading, overlay)
    return 1 if failed else 0


def decoding_with(reader: Reader, flags: Flags) -> Reader:
    """The reader with what the flags ask for."""
    from inkread.decoding import allowed, both, load_language, pattern
    from inkread.reader import Reader

    must = [pattern(flags.pattern)] if flags.pattern is not None else []
    may = [allowed(read_lines(flags.allowed, "one allowed text"))] if flags.allowed else []
    changes: dict[str, object] = {
        "language_weight": flags.language_weight,
        "min_confidence": flags.min_confidence,
        "words": tuple(read_lines(flags.words, "one word")) if flags.words else None,
        "keep": flags.keep or None,
        "constraint": both(*must, *may) if must and may else (must or may or [None])[0],
    }
    given = {name: value for name, value in changes.items() if value is not None}
    language = load_language(flags.language) if flags.language else None
    return Reader(reader.recogniser, replace(reader.options, **given), language)  # type: ignore[arg-type]


def show(path: Path, reading: Reading, as_json: bool, named: bool) -> None:
    """Print one reading; remarks go to the error channel, so that the text alone can be piped on."""
    if as_json:
        print(json.dumps({"picture": str(path), **reading.to_dict()}, ensure_ascii=False))
        return
    if named:
        print(f"== {path}")
    if reading.text:
        print(reading.text)
    if reading.remark:
        print(f"inkread: {path}: {reading.remark}", file=sys.stderr)
