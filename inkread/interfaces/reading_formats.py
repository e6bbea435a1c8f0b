"""Readings of a picture's pages -> text, JSON, hOCR or ALTO, as it is printed and as a file holds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from inkread.errors import BadOption
from inkread.interfaces.alto import alto
from inkread.interfaces.hocr import hocr
from inkread.results import Line, Reading

FormatName: TypeAlias = Literal["text", "json", "hocr", "alto"]
Render: TypeAlias = Callable[[str, Sequence[Reading]], str]
NEW_PAGE = "\f"  # what tesseract writes between the pages of a text, and readers of its texts split at


@dataclass(frozen=True)
class Format:
    """One form of the answer. A document stands alone: two of them on one output are no document."""

    suffix: str
    printed: Render
    filed: Render
    document: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is what people read, and no data."""
        return self.suffix == ".txt"


def text(_name: str, readings: Sequence[Reading]) -> str:
    """The text, each line ended; a form feed between two pages."""
    return NEW_PAGE.join(f"{reading.text}\n" if reading.text else "" for reading in readings)


def ranked_text(_name: str, readings: Sequence[Reading]) -> str:
    """The text, and below each line what else it may say, each with its probability."""
    return NEW_PAGE.join("".join(map(_ranked, reading.lines)) for reading in readings)


def _ranked(line: Line) -> str:
    others = "".join(f"  {100 * other.probability:5.1f} %  {other.text}\n" for other in line.alternatives)
    return f"{line.text}\n{others}"


def json_lines(name: str, readings: Sequence[Reading]) -> str:
    """One object a page, each on a line of its own."""
    return "".join(f"{page}\n" for page in json_pages(name, readings))


def json_file(name: str, readings: Sequence[Reading]) -> str:
    """The object, or a list of them where there are more pages than one: a file holds one JSON value."""
    pages = json_pages(name, readings)
    return f"{pages[0]}\n" if len(pages) == 1 else "[" + ",\n".join(pages) + "]\n"


def json_pages(name: str, readings: Sequence[Reading]) -> list[str]:
    """One JSON object a page, which tells its number, from 1, where there are more than one."""
    several = len(readings) > 1
    return [json_page(name, number if several else None, reading) for number, reading in enumerate(readings, 1)]


def json_page(name: str, number: int | None, reading: Reading) -> str:
    """The JSON object of one page; ``number``, from 1, where there are more pages."""
    return one_line({"picture": name, **({} if number is None else {"page": number}), **reading.to_dict()})


def one_line(value: Mapping[str, object]) -> str:
    """JSON, characters as they are; a file's name that is no UTF-8 is escaped, and ``json.loads`` gives it back."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")


FORMATS: Mapping[FormatName, Format] = {
    "text": Format(".txt", text, text),
    "json": Format(".json", json_lines, json_file),
    "hocr": Format(".hocr", hocr, hocr, document=True),
    "alto": Format(".xml", alto, alto, document=True),
}


RANKED = Format(".txt", ranked_text, ranked_text)


def form_of(name: FormatName, ranked: bool) -> Format:
    """The form of the answer; ``ranked``: each line's other texts are asked for. Raises BadOption where it has none."""
    if ranked and FORMATS[name].document:
        raise BadOption(f"--n-best is told in text and JSON; {name} has one text a line: leave --n-best out")
    return RANKED if ranked and name == "text" else FORMATS[name]


def chosen_format(name: FormatName | None, as_json: bool) -> FormatName:
    """What ``--format`` and its short form ``--json`` say together. Raises BadOption where they disagree."""
    if as_json and name not in (None, "json"):
        raise BadOption(f"--json and --format {name} contradict each other; leave one of them out")
    return "json" if as_json else name or "text"
