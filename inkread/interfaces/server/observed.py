"""An application -> the same, each request with a name, a line in the log, its share of the metrics, safe headers."""

from __future__ import annotations

import re
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkread.interfaces.server.errors import CLIENT_GONE, ERROR_CODE
from inkread.interfaces.server.logs import log_request, request_id
from inkread.interfaces.server.metrics import Metrics

ID_HEADER = "X-Request-ID"
ID_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")  # a client's own name for its request; others are replaced
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OTHER = "other"  # what is counted for every address and method that the server does not know
# The page loads nothing from elsewhere; it may show pictures that it made itself, and use the camera.
SAFE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # but for files of the page, which say so themselves
}


class Observed:
    """Stands around the whole application, so that the answer to a mistake of our own passes here, too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        request_id.set(exchange.id)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            exchange.end(self._metrics)


class _Exchange:
    """One request and its answer, as they pass by."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._begun = perf_counter()
        self._status = CLIENT_GONE  # unless an answer begins
        self._received = self._sent = 0
        named = Headers(scope=scope).get(ID_HEADER, "")
        self.id = named if ID_FORM.fullmatch(named) else uuid4().hex

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[ID_HEADER] = self.id
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        self._sent += len(message.get("body", b""))
        await self._send(message)

    def end(self, metrics: Metrics) -> None:
        route = getattr(self._scope.get("route"), "path", OTHER)
        method = self._scope["method"] if self._scope["method"] in METHODS else OTHER
        seconds = perf_counter() - self._begun
        metrics.answered(route, method, self._status, seconds)
        error = self._scope.get(ERROR_CODE)
        log_request(
            {
                "event": "request",
                "method": method,
                "route": route,
                "status": self._status,
                **({"error": error} if error else {}),
                "ms": round(1000 * seconds, 1),
                "bytes": self._received,
                "answer_bytes": self._sent,
                "request_id": self.id,
            }
        )
