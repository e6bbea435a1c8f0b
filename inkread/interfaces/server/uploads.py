"""The body of a request -> a picture's bytes and the fields beside it, in memory alone, never more than is taken."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

import python_multipart  # noqa: F401 (Starlette's parser would miss it only when the first form comes)
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from inkread.interfaces.server.errors import Refused

PICTURE_FIELD = "picture"
UNNAMED = "-"  # what `inkread read` calls a picture that came without a name
MOST_FIELDS = 8  # of a form, beside the picture: more than there are options


@dataclass(frozen=True)
class Upload:
    """A picture as it came: its file's name, its bytes, and the fields of its form."""

    name: str
    content: bytes = field(repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body. Raises Refused for more than ``max_bytes``."""
    return b"".join([chunk async for chunk in _limited(request, max_bytes)])


async def read_upload(request: Request, max_bytes: int) -> Upload:
    """The picture of a form, or of a body of any other type: clients name many types, the bytes tell the truth.

    Raises Refused for more than ``max_bytes`` and for a form without a picture.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return Upload(UNNAMED, await read_body(request, max_bytes))
    parser = MultiPartParser(request.headers, _limited(request, max_bytes), max_files=1, max_fields=MOST_FIELDS)
    parser.spool_max_size = max_bytes + 1  # or a picture above 1 MB would be written to the disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Refused(422, "bad_form", f"the form cannot be read: {error.message}") from error
    try:
        return await _of_form(form)
    finally:
        await form.close()


async def _of_form(form: FormData) -> Upload:
    picture = form.get(PICTURE_FIELD)
    if not isinstance(picture, UploadFile):
        came = ", ".join(repr(name) for name in form) or "nothing"
        raise Refused(422, "no_picture", f"the form holds {came}; expected a file in the field '{PICTURE_FIELD}'")
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return Upload(picture.filename or UNNAMED, await picture.read(), fields)


async def _limited(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The chunks of a body. What its head says of its length is believed only where that refuses it sooner."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > max_bytes:
        raise _too_large(f"{int(told) / 1e6:,.1f} MB", max_bytes)
    came = 0
    async for chunk in request.stream():
        came += len(chunk)
        if came > max_bytes:
            raise _too_large(f"more than {max_bytes / 1e6:g} MB", max_bytes)
        yield chunk


def _too_large(came: str, max_bytes: int) -> Refused:
    expected = f"expected at most {max_bytes / 1e6:g} MB: make the picture smaller, or send less at once"
    return Refused(413, "picture_too_large", f"the request has {came}; {expected}")
