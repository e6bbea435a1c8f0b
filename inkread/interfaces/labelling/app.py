"""A folder of glyphs -> the application behind the page that corrects it, for one person on this machine.

GET  /glyphs          every glyph, the most doubtful first
GET  /picture?name=   one glyph's picture
POST /relabel         {"name", "character"}: let it count as a character
POST /reject          {"name"}: it is no character
POST /undo            take the last change back
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from PIL import Image
from pydantic import BaseModel, ConfigDict
from starlette.middleware.base import RequestResponseEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware

from inkread import preprocessing
from inkread.interfaces.labelling.glyph_folder import Glyph, GlyphFolder
from inkread.interfaces.labelling.seen import Seen, doubtful_first, look
from inkread.interfaces.server.app import NO_TELEMETRY
from inkread.interfaces.server.errors import Refused, add_error_handlers
from inkread.interfaces.server.observed import SAFE_HEADERS
from inkread.interfaces.server.page import add_page
from inkread.interfaces.server.wording import checked_json
from inkread.recognition import Recogniser

PAGE = Path(__file__).parents[1] / "label_page"
HOSTS = ["127.0.0.1", "localhost"]  # a page from elsewhere that has its name point here is refused
LONGEST_SIDE = 160  # pixels of a picture as it is shown


class Change(BaseModel):
    """A glyph, and the character that it is to be; None where it is to be rejected."""

    model_config = ConfigDict(extra="forbid")
    name: str
    character: str | None = None


async def asked(request: Request) -> Change:
    """What a request wants changed."""
    only_json(request)
    return checked_json(Change, await request.body())


def only_json(request: Request) -> None:
    """Refuse what a form of another site could send: a browser asks us first before it sends JSON, and we refuse."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "not_json", "expected a body of type application/json")


Asked = Annotated[Change, Depends(asked)]


def create_app(folder: GlyphFolder, recognisers: Sequence[Recogniser]) -> FastAPI:
    """The application; every change is made under a lock, in a thread that may wait for it."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry=NO_TELEMETRY)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    add_error_handlers(app)
    add_page(app, PAGE)
    lock = Lock()

    @app.middleware("http")
    async def safely(request: Request, answer: RequestResponseEndpoint) -> Response:
        response = await answer(request)
        for header, value in SAFE_HEADERS.items():
            response.headers.setdefault(header, value)
        return response

    @app.get("/glyphs")
    def glyphs() -> JSONResponse:
        with lock:
            listed = folder.glyphs
            seen = look(folder, listed, recognisers)
        told = [told_glyph(glyph, seen[glyph.name]) for glyph in doubtful_first(listed, seen)]
        return JSONResponse({"folder": folder.folder.resolve().name, "glyphs": told})

    @app.get("/picture")
    def picture(name: str = "") -> Response:
        return Response(small(folder.path(name)), media_type="image/png")

    @app.post("/relabel")
    def relabel(change: Asked) -> JSONResponse:
        with lock:
            return JSONResponse(told_glyph(folder.relabel(change.name, change.character or ""), Seen()))

    @app.post("/reject")
    def reject(change: Asked) -> JSONResponse:
        with lock:
            return JSONResponse(told_glyph(folder.reject(change.name), Seen()))

    @app.post("/undo", dependencies=[Depends(only_json)])
    def undo() -> JSONResponse:
        with lock:
            undone = folder.undo()
        if undone is None:
            return JSONResponse({"was": None, "glyph": None})
        return JSONResponse({"was": undone[0], "glyph": told_glyph(undone[1], Seen())})

    return app


def told_glyph(glyph: Glyph, seen: Seen) -> dict[str, object]:
    """A glyph as plain values."""
    return {
        "name": glyph.name,
        "character": glyph.character,
        "aside": glyph.aside,
        "seen": seen.character,
        "confidence": seen.confidence,
        "probability": seen.probability,
    }


def small(path: Path) -> bytes:
    """A picture as a small PNG, whatever its format, upright and grey."""
    image = Image.fromarray(preprocessing.load(path).pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
