"""What happens -> one line of JSON each, on the error channel. Nothing that was sent or read stands in it."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

REQUESTS = "inkread.requests"  # the logger of a line for each request
FIELDS = "fields"  # what such a line holds, as an attribute of its record
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class JsonLines(logging.Formatter):
    """A record of any logger, uvicorn's and Python's own among them, as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object. Of an exception its kind and where it happened, not its sentence, which may quote a text."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": time.replace("+00:00", "Z"), "level": record.levelname.lower()}
        fields = getattr(record, FIELDS, None)
        said = record.getMessage().strip().partition("\n")[0]  # asyncio tells exceptions on the next lines
        name = record.name.removesuffix(".error")  # uvicorn's, which tells all, not errors alone
        line |= fields if isinstance(fields, Mapping) else {"logger": name, "message": said}
        if (current := request_id.get()) is not None:
            line.setdefault("request_id", current)
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=False)


def log_request(fields: Mapping[str, object]) -> None:
    """One line about a request that has been answered."""
    logging.getLogger(REQUESTS).info("", extra={FIELDS: fields})


# For `logging.config.dictConfig`: every logger of the process, at its root.
LOG_CONFIG: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["lines"]},
    "loggers": {
        REQUESTS: {"level": "INFO"},
        "uvicorn": {"level": "INFO"},
        "python_multipart": {"level": "CRITICAL"},  # it would tell bytes of bad forms
    },
}
