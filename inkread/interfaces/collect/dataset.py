"""Sheets -> a folder with a folder a character, which `inkread train --data` reads, and a record of every box.

mine/
  upper_A/s1-p1-r01b01.png   sheet 1, page 1, row 1, box 1: dark ink on white paper
  doubtful/upper_B/…         set aside: no training sees it before it is moved
  doubtful.html              what these are, and why
  index.json                 every box: character, place on the photo, file, probability, doubt
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from inkread.data.folders import DOUBTFUL, folder_name
from inkread.errors import BadData, BadOption
from inkread.files import LOCK, alone, write_whole
from inkread.interfaces.collect.contact_sheet import Doubted, doubtful_html
from inkread.interfaces.collect.doubts import Collected
from inkread.interfaces.collect.layout import FormBox
from inkread.interfaces.collect.reading import Sheet
from inkread.interfaces.target_file import refuse_file

INDEX: Final = "index.json"
PAGE: Final = "doubtful.html"
FORMAT: Final = 1  # raised when an older inkread could not understand the index

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """The folder to write to, whether to add to it, and the record of the sheets that are in it already."""

    folder: Path
    add: bool
    sheets: tuple[Entry, ...] = ()


def open_target(folder: Path, add: bool) -> Target:
    """Raises BadOption where something would be overwritten, BadData where there is nothing to add to."""
    refuse_file("--out", folder)
    if not add:
        if folder.exists() and any(file.name != LOCK for file in folder.iterdir()):
            added = ", or add to what was collected there with --add" if (folder / INDEX).exists() else ""
            if not added and _numbers(folder):
                added = f"; it holds glyphs of a run that did not end, for there is no {INDEX}: they can be removed"
            raise BadOption(f"{folder} is not empty, and nothing is overwritten; name another --out{added}")
        return Target(folder, add)
    try:
        record = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise BadData(f"{folder / INDEX} was written by another version of inkread; name another --out")
        return Target(folder, add, tuple(record["sheets"]))
    except FileNotFoundError as error:
        raise BadOption(f"there is nothing to add to: {folder / INDEX} does not exist; leave --add out") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadData(f"{folder / INDEX} is not the record of a collected folder; name another --out") from error


def write(target: Target, sheets: Sequence[Sheet]) -> None:
    """Write glyphs, record and contact sheet, and hold the folder meanwhile: of two readings the second adds to what
    the first has written.

    Raises BadOption for a photo that is in the folder already, and as `open_target`, for what is there by now.
    """
    if not target.add:
        target.folder.mkdir(parents=True, exist_ok=True)
    with alone(target.folder):
        _write(open_target(target.folder, target.add), sheets)


def _write(target: Target, sheets: Sequence[Sheet]) -> None:
    """The record last but for the page, so that it never tells of what is not there."""
    known = {entry["digest"]: entry for entry in target.sheets}
    for sheet in sheets:
        if sheet.digest in known:
            raise BadOption(f"{sheet.name} was read into {target.folder} before, as {known[sheet.digest]['photo']}")
    records = list(target.sheets)
    numbers = itertools.count(1 + max([len(records), *_numbers(target.folder)]))
    for number, sheet in zip(numbers, sheets, strict=False):
        for glyph in sheet.glyphs:
            write_whole(target.folder / _file(number, sheet, glyph), _png(glyph))
        records.append(_record(number, sheet))
    content = {"format": FORMAT, "sheets": records}
    write_whole(target.folder / INDEX, (json.dumps(content) + "\n").encode())
    if doubted := _doubted(target.folder, records):
        page = doubtful_html(target.folder.resolve().name, doubted)
        write_whole(target.folder / PAGE, page.encode(errors="backslashreplace"))


def _numbers(folder: Path) -> list[int]:
    """The numbers of the sheets whose glyphs lie in the folder, be they recorded or of a run that did not end."""
    named = (re.fullmatch(r"s(\d+)-p\d+-r\d+b\d+(-\d+)?", path.stem) for path in folder.rglob("s*-p*.png"))
    return [int(found[1]) for found in named if found]


def _file(number: int, sheet: Sheet, glyph: Collected) -> str:
    """A glyph's file within the folder, with forward slashes."""
    box = glyph.cut.box
    aside = f"{DOUBTFUL}/" if glyph.doubt else ""
    name = f"s{number}-p{sheet.page.page}-r{box.row + 1:02}b{box.column + 1:02}.png"
    return f"{aside}{folder_name(glyph.character)}/{name}"


def _png(glyph: Collected) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(glyph.picture).save(buffer, "PNG")
    return buffer.getvalue()


def _record(number: int, sheet: Sheet) -> Entry:
    """A sheet as plain values."""
    glyphs = {(glyph.cut.box.row, glyph.cut.box.column): glyph for glyph in sheet.glyphs}
    boxes = []
    for box in sheet.page.boxes:
        glyph = glyphs.get((box.row, box.column))
        boxes.append(
            {
                "character": box.character,
                "row": box.row + 1,
                "box": box.column + 1,
                "corners": _corners(sheet, box),
                "file": _file(number, sheet, glyph) if glyph else None,
                "probability": None if glyph is None or glyph.probability is None else round(glyph.probability, 4),
                "doubt": glyph.doubt if glyph else None,
            }
        )
    form = sheet.page.form
    return {
        "photo": sheet.name,
        "digest": sheet.digest,
        "alphabet": form.alphabet,
        "repeats": form.repeats,
        "page": sheet.page.page,
        "pages": form.pages,
        "boxes": boxes,
    }


def _corners(sheet: Sheet, box: FormBox) -> list[list[float]]:
    """The corners of a box in the photo's pixels, clockwise from the box's own upper left."""
    corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    seen = cv2.perspectiveTransform(np.array([corners]), sheet.to_photo)[0]
    return [[round(float(x), 1), round(float(y), 1)] for x, y in seen]


def _doubted(folder: Path, records: Sequence[Entry]) -> list[Doubted]:
    """What is set aside and still there."""
    boxes = [(record, box) for record in records for box in record["boxes"] if box["doubt"]]
    return [
        Doubted(
            character=str(box["character"]),
            doubt=str(box["doubt"]),
            place=f"{Path(record['photo']).name}, row {box['row']}, box {box['box']}",
            file=str(box["file"]),
            picture=np.asarray(Image.open(folder / box["file"]).convert("L")),
        )
        for record, box in boxes
        if (folder / box["file"]).is_file()
    ]
