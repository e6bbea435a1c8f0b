"""`inkread serve`: reading over HTTP, and the page to try it. What is served is in `interfaces/server`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from inkread.errors import MissingDependency
from inkread.interfaces.server.options import ServeOptions

DEFAULT = ServeOptions()
# Package of the extra `serve` -> what a user knows it by.
SERVING_PACKAGES = {
    "fastapi": "FastAPI", "prometheus_client": "prometheus-client", "pydantic": "pydantic",
    "python_multipart": "python-multipart", "uvicorn": "uvicorn",
}  # fmt: skip


def serve(*, options: Annotated[ServeOptions, Parameter(name="*")] = DEFAULT) -> None:
    """Serve reading over HTTP, and a page to try it, until Ctrl-C or SIGTERM."""
    try:
        from inkread.interfaces.server.readers import Readers
        from inkread.interfaces.server.run import address_of, is_local, open_socket, run
    except ModuleNotFoundError as error:
        package = SERVING_PACKAGES.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        raise MissingDependency(package, "serve", "inkread serve") from error
    with open_socket(options.host, options.port) as listening:
        readers = Readers()
        readers.warm_up()
        print(f"inkread reads at {address_of(listening)}; stop it with Ctrl-C", flush=True)
        if options.api_key is None and not is_local(listening):
            print("Everyone who reaches this machine may use it; INKREAD_API_KEY=… asks for a key", flush=True)
        run(options, listening, readers)
