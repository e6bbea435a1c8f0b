"""A request -> nothing, or 401 where the server has a key and the request has not."""

from __future__ import annotations

import hmac

from fastapi import Request

from inkread.interfaces.server.errors import Refused

SCHEME = "bearer "


async def require_key(request: Request) -> None:
    """Refuse who does not send the key; before the body of the request is read."""
    key = request.app.state.service.options.api_key
    if key is None:
        return
    sent = _sent(request)
    if sent is None:
        raise Refused(
            401, "no_key", "this server asks for a key; send it as Authorization: Bearer KEY or X-API-Key: KEY"
        )
    # In a time that does not tell how many characters are right. Headers come as Latin-1, whatever the client meant.
    if not hmac.compare_digest(sent.encode("latin-1"), key.encode()):
        raise Refused(401, "wrong_key", "the key is not the one that this server was started with; ask who runs it")


def _sent(request: Request) -> str | None:
    """The key that came, if any did."""
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith(SCHEME):
        return authorization[len(SCHEME) :].strip()
    return request.headers.get("x-api-key")
