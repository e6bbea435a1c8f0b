"""Options and readers -> the application that answers requests. What it answers with is made in the files beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, partial
from typing import cast

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig

from inkread.interfaces.server.access import require_key
from inkread.interfaces.server.decoding import decode_json
from inkread.interfaces.server.errors import Refused, add_error_handlers
from inkread.interfaces.server.limits import Workers
from inkread.interfaces.server.metrics import PROMETHEUS, Metrics
from inkread.interfaces.server.observed import Observed
from inkread.interfaces.server.openapi import DECODE, MODELS, READ, openapi
from inkread.interfaces.server.options import ServeOptions
from inkread.interfaces.server.page import add_page
from inkread.interfaces.server.readers import Readers, shipped_models
from inkread.interfaces.server.reading import read_picture
from inkread.interfaces.server.schema import ReadOptions
from inkread.interfaces.server.uploads import read_body, read_upload
from inkread.interfaces.server.wording import checked

JSON = "application/json"
# FastAPI would hand queries, corrections among them, to any OpenTelemetry that it finds installed.
NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


@dataclass(frozen=True)
class Service:
    """What the requests of one server share."""

    options: ServeOptions
    readers: Readers
    workers: Workers
    metrics: Metrics


open_routes = APIRouter()
routes = APIRouter(dependencies=[Depends(require_key)])


def create_service(options: ServeOptions, readers: Readers | None = None) -> Service:
    """A server's parts. Whoever runs it warms the readers up."""
    workers = Workers(options.at_once, options.queue, options.timeout)
    return Service(options, readers or Readers(), workers, Metrics(workers))


def create_app(service: Service) -> Observed:
    """The application, as ASGI wants one."""
    app = FastAPI(
        openapi_url=None,  # it is one of our own routes
        docs_url=None,  # Swagger's page would load its parts from other people's servers
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )
    app.state.service = service
    add_error_handlers(app)
    app.include_router(open_routes)
    app.include_router(routes)
    add_page(app)
    return Observed(app, service.metrics)


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    return cast(Service, request.app.state.service)


@routes.post("/v1/read", openapi_extra=READ)
async def read(request: Request) -> Response:
    """Read a picture of hand-printed text."""
    service = service_of(request)
    until = service.workers.deadline()
    with service.workers.place():
        upload = await service.workers.arriving(read_upload(request, service.options.max_bytes), until)
        options = checked(ReadOptions, given({**request.query_params, **upload.fields}))
        work = partial(read_picture, service.readers, upload, options, service.options.max_pixels)
        answer = await service.workers.run(work, until, hung_up(request))
    service.metrics.read(answer.milliseconds)
    return Response(answer.content, media_type=JSON)


@routes.post("/v1/decode", openapi_extra=DECODE)
async def decode(request: Request) -> Response:
    """Turn log-probabilities of characters into the text that was meant."""
    service = service_of(request)
    until = service.workers.deadline()
    with service.workers.place():
        body = await service.workers.arriving(read_body(request, service.options.max_bytes), until)
        content = await service.workers.run(partial(decode_json, body), until, hung_up(request))
    return Response(content, media_type=JSON)


@routes.get("/v1/models", openapi_extra=MODELS)
async def models() -> JSONResponse:
    """What may be named as a model."""
    return JSONResponse({"models": shipped_models()})


@routes.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """The numbers of this server, for Prometheus."""
    return Response(service_of(request).metrics.text(), media_type=PROMETHEUS)


@open_routes.get("/openapi.json", include_in_schema=False)
async def description() -> Response:
    """What this server answers, as OpenAPI."""
    return Response(_description(), media_type=JSON)


@open_routes.head("/healthz", include_in_schema=False)
@open_routes.get("/healthz")
async def healthz() -> JSONResponse:
    """Whether the server runs at all."""
    return JSONResponse({"status": "ok"})


@open_routes.head("/readyz", include_in_schema=False)
@open_routes.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Whether it is worth sending a picture now."""
    service = service_of(request)
    if service.workers.stopping:
        raise Refused(503, "stopping", "the server is stopping: it finishes what it began and takes nothing new")
    if not service.readers.warm:
        raise Refused(503, "not_ready", "the server is starting: its networks are not open yet; ask again in a second")
    if service.workers.stuck:
        raise Refused(503, "overdue", "every thread still works on a picture whose time has passed; ask again later")
    return JSONResponse({"status": "ready"})


@cache
def _description() -> bytes:
    return json.dumps(openapi([*routes.routes, *open_routes.routes])).encode()


def given(values: dict[str, str]) -> dict[str, str]:
    """The options that were given: a form sends a field that was left empty, too."""
    return {name: value for name, value in values.items() if value}


async def hung_up(request: Request) -> None:
    """Wait until the client has gone. Only for requests whose body has come: what else it sends is thrown away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
