"""Records and true examples -> the description of this server in OpenAPI, for people and for makers of clients.

The server reads the bodies of requests itself, to count them while they come. FastAPI thus knows nothing of them, and
this file tells it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import cast

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

import inkread
from inkread.interfaces.server.readers import shipped_models
from inkread.interfaces.server.schema import (
    DecodeAnswer,
    DecodeRequest,
    ErrorAnswer,
    ModelsAnswer,
    ReadAnswer,
    ReadOptions,
)

Json = dict[str, object]

SCHEMAS = "#/components/schemas/"
# True answers; a test asks for them again.
EXAMPLES = cast(dict[str, Json], json.loads((files(__package__) / "examples.json").read_text(encoding="utf-8")))
EXAMPLES["models"] = {"models": shipped_models()}
REFUSALS = {
    401: "the key is missing or wrong, where the server has one",
    413: "the request has too many bytes",
    422: "what came is no picture, has too many pixels, or an option makes no sense",
    429: "all that the server takes at once is taken; Retry-After tells when to ask again",
    503: "there was no answer in time, or the server is stopping",
}
KEYS: Json = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def openapi(routes: Sequence[BaseRoute]) -> Json:
    """The whole document."""
    document = get_openapi(
        title="inkread",
        version=inkread.__version__,
        summary="Handwritten pixels in, readable messages out.",
        routes=routes,
    )
    models = (ReadOptions, ReadAnswer, DecodeRequest, DecodeAnswer, ModelsAnswer, ErrorAnswer)
    kinds = [(model, "validation") for model in models]
    _, schemas = models_json_schema(kinds, ref_template=SCHEMAS + "{model}")  # type: ignore[arg-type]
    document["components"] = {"schemas": schemas["$defs"], "securitySchemes": KEYS}
    return document


def _answers(model: type[BaseModel], example: str, *refusals: int) -> Json:
    """What an operation answers: its record, and errors."""
    told = {str(status): _content(REFUSALS[status], ErrorAnswer) for status in refusals}
    return {"200": _content("done", model, EXAMPLES[example]), **told}


def _content(description: str, model: type[BaseModel], example: Json | None = None) -> Json:
    json_content: Json = {"schema": {"$ref": SCHEMAS + model.__name__}}
    return {
        "description": description,
        "content": {"application/json": json_content | ({"example": example} if example else {})},
    }


def _parameters(options: type[BaseModel]) -> list[Json]:
    """The options as parameters of the query."""
    properties = cast(dict[str, Json], options.model_json_schema(ref_template=SCHEMAS + "{model}")["properties"])
    return [
        {"name": name, "in": "query", "required": False, "description": schema.pop("description"), "schema": schema}
        for name, schema in properties.items()
    ]


def _form(options: type[BaseModel]) -> Json:
    """The picture and the options as fields of a form."""
    picture: Json = {"type": "string", "format": "binary"}
    fields = cast(Json, options.model_json_schema(ref_template=SCHEMAS + "{model}")["properties"])
    return {"type": "object", "required": ["picture"], "properties": {"picture": picture, **fields}}


BYTES: Json = {"schema": {"type": "string", "format": "binary"}}
SECURITY: list[Json] = [{}, {"bearer": []}, {"header": []}]  # {}: where the server has no key
READ: Json = {
    "parameters": _parameters(ReadOptions),
    "requestBody": {
        "required": True,
        "description": "PNG, JPEG, TIFF, WebP, BMP, GIF or PDF: as it is, or in the field picture of a form",
        "content": {
            "multipart/form-data": {"schema": _form(ReadOptions)},
            **dict.fromkeys(("image/*", "application/pdf", "application/octet-stream"), BYTES),
        },
    },
    "responses": _answers(ReadAnswer, "read", 401, 413, 422, 429, 503),
    "security": SECURITY,
}
DECODE: Json = {
    "requestBody": {"required": True} | _content("log-probabilities", DecodeRequest, EXAMPLES["decode_request"]),
    "responses": _answers(DecodeAnswer, "decode", 401, 413, 422, 429, 503),
    "security": SECURITY,
}
MODELS: Json = {"responses": _answers(ModelsAnswer, "models", 401), "security": SECURITY}
