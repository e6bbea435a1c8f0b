"""`inkread read`: pictures -> text, JSON, or the picture with its reading drawn over it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from inkread.errors import BadOption, BadPicture

if TYPE_CHECKING:
    from inkread.results import Reading


def read(
    *pictures: Path,
    model: str = "letters",
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    overlay: Path | None = None,
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
    reader = load(model)
    failed = 0
    for path in pictures:
        try:
            reading = reader.read(path)
        except BadPicture as error:  # one bad file never stops the rest
            failed += 1
            print(f"inkread: {error}", file=sys.stderr)
            continue
        show(path, reading, as_json, named=len(pictures) > 1)
        if overlay:
            from inkread.interfaces.overlay import overlay as draw

            draw(path, reading, overlay)
    return 1 if failed else 0


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
