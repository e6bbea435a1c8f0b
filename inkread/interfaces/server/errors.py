"""What goes wrong with a request -> a status, and one sentence as JSON: what came, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from inkread.errors import BadArray, BadOption, BadPicture, InkreadError, MissingDependency, PictureTooLarge

ERROR_CODE = "inkread.error"  # where the log finds the code, in a request's scope
CLIENT_GONE = 499  # nginx's: the client hung up; nobody sees the answer, but the log does
# What the rooms below raise of what a request holds, and its code; the first that fits. All else is the server's fault.
CODES: tuple[tuple[type[InkreadError], str], ...] = (
    (PictureTooLarge, "too_many_pixels"),
    (BadPicture, "not_a_picture"),
    (BadOption, "bad_option"),
    (BadArray, "bad_array"),
    (MissingDependency, "unsupported_picture"),
)
SENTENCES = {
    404: "there is nothing at this address; / is the page, /openapi.json tells every address of this server",
    405: "this address does not take {method}; /openapi.json tells what it takes",
    500: "this is a mistake of inkread's own; its log tells more of this request, and the same request may fail again",
}


class Refused(Exception):
    """A request that gets no answer but an error. ``retry_after`` are seconds after which it may be worth another try.

    Not an InkreadError: only the server raises it, and only the server answers it.
    """

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


def add_error_handlers(app: FastAPI) -> None:
    """Let every failure of a request be answered in the one form."""
    app.add_exception_handler(Refused, _refused)
    for kind, _ in CODES:
        app.add_exception_handler(kind, _bad_input)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _client_gone)
    app.add_exception_handler(500, _own_mistake)


def _error(
    request: Request, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The one form of every error."""
    request.scope[ERROR_CODE] = code
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _error(request, error.status, error.code, error.message, headers)


async def _bad_input(request: Request, error: Exception) -> JSONResponse:
    code = next(code for kind, code in CODES if isinstance(error, kind))
    return _error(request, HTTPStatus.UNPROCESSABLE_ENTITY, code, str(error))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    """Of routing: 404 and 405."""
    assert isinstance(error, HTTPException)
    sentence = SENTENCES.get(error.status_code, error.detail).format(method=request.method)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return _error(request, error.status_code, code, sentence, error.headers)


async def _client_gone(request: Request, _failure: Exception) -> JSONResponse:
    return _error(request, CLIENT_GONE, "client_gone", "the client hung up before its answer")


async def _own_mistake(request: Request, _failure: Exception) -> JSONResponse:
    return _error(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", SENTENCES[500])
