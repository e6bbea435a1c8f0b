"""Values from outside -> a checked record, or one sentence that says which value is wrong and what would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from inkread.interfaces.server.errors import Refused

SHOWN = 60  # characters

Record = TypeVar("Record", bound=BaseModel)


def checked(kind: type[Record], values: Mapping[str, object]) -> Record:
    """The record of these values. Raises Refused."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise Refused(422, "bad_option", sentence(kind, error)) from error


def checked_json(kind: type[Record], content: bytes) -> Record:
    """The record that this JSON holds. Raises Refused."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise Refused(422, "bad_json", sentence(kind, error)) from error


def sentence(kind: type[BaseModel], error: ValidationError) -> str:
    """The first thing that is wrong; who mends it is told the next."""
    first = error.errors(include_url=False, include_context=False)[0]
    place = shortened(".".join(str(part) for part in first["loc"]))
    if first["type"] == "extra_forbidden":
        known = f"; expected some of {', '.join(kind.model_fields)}" if len(first["loc"]) == 1 else ""
        return f"there is no option {place!r}{known}"
    said = first["msg"][:1].lower() + first["msg"][1:]
    if first["type"] == "missing" or not place:
        return f"{place or 'the request'}: {said}"
    came = first["input"]
    if not isinstance(came, str | int | float | None):  # a list may be as long as the request
        return f"{place}: {said}"
    shown = shortened(came) if isinstance(came, str) else came
    return f"{place} is {shown!r}: {said}"


def shortened(text: str) -> str:
    """As much of a text from outside as a sentence repeats."""
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
