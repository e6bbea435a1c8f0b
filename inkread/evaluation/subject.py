"""What a report is about: a model, some data, how fast, how large, how trained; and how a page tells that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from math import isfinite

import numpy as np

from inkread.evaluation import page
from inkread.evaluation.page import Html
from inkread.evaluation.wording import ABSENT, byte_size, count


@dataclass(frozen=True)
class Speed:
    """How fast one machine recognises: images/s in batches, ms for one image alone, and what machine that was."""

    images_per_second: float
    milliseconds_per_image: float
    hardware: str = ""


@dataclass(frozen=True)
class Size:
    """How large a network is: parameters, multiply-adds for one image, bytes on disk (None: not stored)."""

    parameters: int
    multiply_adds: int
    bytes: int | None = None


@dataclass(frozen=True)
class Subject:
    """What the report is about: the model's and the data's names, a remark for the reader, speed, size, how it was
    trained (``provenance``), and how what it read was decoded (``decoding``).
    """

    model: str
    data: str
    remark: str = ""
    speed: Speed | None = None
    size: Size | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)
    decoding: Mapping[str, object] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, ready for ``json.dumps``; other values of the mappings as text."""
        mappings = {"provenance": _plain(self.provenance), "decoding": _plain(self.decoding)}
        return {**asdict(replace(self, provenance={}, decoding={})), **mappings}


def _plain(value: object) -> object:
    """A value that JSON can hold: numbers that are not finite become None, what JSON does not know becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def cost_tiles(subject: Subject) -> list[tuple[str, str, str]]:
    """Speed and size as headline figures, as far as they are known."""
    rows: list[tuple[str, str, str]] = []
    if subject.speed:
        alone = f"{subject.speed.milliseconds_per_image:.3g} ms for one alone"
        rows.append(("speed", f"{subject.speed.images_per_second:,.0f}/s", f"images in batches; {alone}"))
    if subject.size:
        rows.append(
            ("parameters", count(subject.size.parameters), f"{count(subject.size.multiply_adds)} multiply-adds")
        )
    return rows


def about(subject: Subject) -> Iterator[Html]:
    """The sections on speed, size, decoding and provenance, as far as they are known."""
    rows: list[tuple[str, str]] = []
    if subject.speed:
        rows.append(("images a second, in batches", f"{subject.speed.images_per_second:,.0f}"))
        rows.append(("milliseconds for one image alone", f"{subject.speed.milliseconds_per_image:.3g}"))
        if subject.speed.hardware:
            rows.append(("measured on", subject.speed.hardware))
    if subject.size:
        rows.append(("parameters", count(subject.size.parameters)))
        rows.append(("multiply-adds an image", count(subject.size.multiply_adds)))
        if subject.size.bytes is not None:
            rows.append(("size on disk", byte_size(subject.size.bytes)))
    if rows:
        yield page.section("Speed and size", "", page.facts(rows))
    if subject.decoding:
        yield page.section("How it was decoded", "", page.facts(_flatten(subject.decoding)))
    if subject.provenance:
        yield page.section("Where the model comes from", "", page.facts(_flatten(subject.provenance)))


def _flatten(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            yield f"{prefix}{key}", ", ".join(str(part) for part in value) or ABSENT
        elif value != "":
            shown = f"{value:.6g}" if isinstance(value, float) else str(value)
            yield f"{prefix}{key}".replace("_", " "), ABSENT if value is None else shown
