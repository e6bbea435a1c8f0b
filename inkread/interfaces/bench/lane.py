"""One backend in a process of its own: requests on standard input -> seconds on standard output, a JSON object a line.

    python -m inkread.interfaces.bench.lane BACKEND FILE THREADS GLYPHS.npy

The first answer comes after the first glyph was read, with the memory that this took at most. Then a request is
{"glyphs": n, "calls": k}, for the seconds of each call with n glyphs, or {"read": FILE.npy}, for the classes of glyphs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from inkread.errors import InkreadError
from inkread.interfaces.bench.backends import BACKENDS, Glyphs, Run
from inkread.interfaces.bench.products import PRODUCTS

WARM: Final = 10  # of the calls that count, one in so many is made before them: other lanes have had the caches


def answer(run: Run, glyphs: Glyphs, request: dict[str, Any]) -> dict[str, Any]:
    """One answer to one request."""
    if "read" in request:
        return {"classes": run(np.load(request["read"])).argmax(axis=1).tolist()}
    return {"seconds": seconds(lambda: run(glyphs[: request["glyphs"]]), request["calls"])}


def seconds(call: Callable[[], object], calls: int) -> list[float]:
    """How long each of so many calls takes, after some to warm up."""
    for _ in range(1 + calls // WARM):
        call()
    taken = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return taken


def most_memory() -> int | None:
    """The most bytes of memory that this process had so far; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # what `getrusage` says on Linux has the memory of the parent process in it
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return 1024 * int(fields["VmHWM"].removesuffix("kB"))
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def opened(backend: str, file: str, threads: int) -> Run:
    """A backend's function; a matrix product counts as one that has no use for glyphs."""
    if backend in PRODUCTS:
        product = PRODUCTS[backend](threads)
        return lambda _: product()  # type: ignore[return-value]
    return BACKENDS[backend].open(Path(file), threads)


def main(arguments: list[str]) -> None:
    """Answer until the input ends."""
    backend, file, threads, place = arguments
    out, sys.stdout = sys.stdout, sys.stderr  # nothing that a library prints gets between the answers
    glyphs = np.load(place)
    try:
        run = opened(backend, file, int(threads))
        run(glyphs[:1])
    except InkreadError as error:
        print(json.dumps({"missing": str(error)}), file=out, flush=True)
        return
    print(json.dumps({"memory": most_memory()}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(run, glyphs, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
