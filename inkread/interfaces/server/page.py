"""The files of the page in the package -> addresses from / on. What stands on the page is its own affair."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.staticfiles import StaticFiles

PAGE = Path(__file__).parents[1] / "page"
INDEX = "index.html"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def add_page(app: FastAPI, folder: Path = PAGE) -> None:
    """One address a file, and / for index.html. A mount at / would take every address, and hide what is a 405."""
    for suffix, kind in TYPES.items():
        mimetypes.add_type(kind, suffix)  # Windows has these from its registry, where programs change them
    files = StaticFiles(directory=folder)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        app.add_route(f"/{name}", _answering(files, name), methods=["GET"], include_in_schema=False)
    app.add_route("/", _answering(files, INDEX), methods=["GET"], include_in_schema=False)


def _answering(files: StaticFiles, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def page_file(request: Request) -> Response:
        answer = await files.get_response(name, request.scope)
        answer.headers["Cache-Control"] = "no-cache"  # to be kept, but asked for again: another version may have come
        return answer

    return page_file
