"""How `inkread serve` serves, as one flat frozen record: the flags of the command and the limits of the server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from inkread.errors import BadOption
from inkread.preprocessing.picture import MAX_PIXELS

MOST_MEGAPIXELS = MAX_PIXELS // 1_000_000  # what reading itself takes


@dataclass(frozen=True)
class ServeOptions:
    """Where the server listens and what it takes."""

    host: str = "127.0.0.1"
    """The address to listen at; 0.0.0.0 for every network of this machine."""

    port: int = 8000
    """The port to listen at; 0 takes a free one."""

    max_megabytes: float = 20.0
    """The largest request, in millions of bytes."""

    max_megapixels: float = 50.0
    """The largest picture, in millions of pixels. While it is decoded it takes some 20 bytes for each."""

    timeout: float = 30.0
    """Seconds from a request's arrival to its answer; who is not done by then is refused."""

    concurrency: int | None = None
    """Pictures that are read at once; without it, one for each core."""

    queue: int = 16
    """Requests that may wait for their turn; who comes after that is refused."""

    api_key: Annotated[str | None, Parameter(env_var="INKREAD_API_KEY")] = None
    """What a client must send as Authorization: Bearer KEY or X-API-Key: KEY. The environment hides it from ps."""

    def __post_init__(self) -> None:
        """Refuse values that make no sense, before anything is opened."""
        limits = {
            "port": (0, 65_535), "max_megabytes": (0.001, 1_000), "max_megapixels": (0.001, MOST_MEGAPIXELS),
            "timeout": (0.01, 3_600), "concurrency": (1, 256), "queue": (0, 10_000),
        }  # fmt: skip
        for option, (low, high) in limits.items():
            value = getattr(self, option)
            if value is not None and not low <= value <= high:
                raise BadOption(f"{option} is {value}; expected {low:g} to {high:,}")
        key = self.api_key
        if key is not None and (not key or key != key.strip()):  # no header could bring it
            raise BadOption(
                "the API key is empty or has spaces around it; give another, or leave --api-key and INKREAD_API_KEY out"
            )
        if key is not None and not (key.isascii() and key.isprintable()):
            raise BadOption(
                "the API key has a character that no header can hold; expected letters A to Z, digits, signs"
            )

    @property
    def at_once(self) -> int:
        """Pictures that are read at once."""
        return self.concurrency or os.cpu_count() or 1

    @property
    def max_bytes(self) -> int:
        """The largest request body, in bytes."""
        return round(self.max_megabytes * 1_000_000)

    @property
    def max_pixels(self) -> int:
        """The largest picture, in pixels."""
        return round(self.max_megapixels * 1_000_000)
