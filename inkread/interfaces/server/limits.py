"""Work -> its results: so much at once, so much waiting, each piece within its time. Knows nothing of pictures."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from starlette.requests import ClientDisconnect

from inkread.interfaces.server.errors import Refused

RETRY_AFTER = 2  # seconds; a page takes about one

Result = TypeVar("Result")


class Workers:
    """Threads that work for requests, and the places before them. ONNX Runtime, OpenCV and Pillow let go of Python's
    lock, so that threads use several cores.

    A thread cannot be killed. Work whose time has passed is answered with 503, but goes on and keeps its thread, and
    its place counts as taken until it ends: otherwise ever more of it would run beside what is still in time, and
    all would be late. Work that still waits when its time has passed, or whose client has gone, never begins.

    Attributes: ``running``, work that is done right now; ``overdue``, the part of it that nobody waits for any more;
    ``asking``, requests that have a place and no answer yet; ``stopping``, whether new ones are refused.
    """

    def __init__(self, concurrency: int, queue: int, timeout: float) -> None:
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="inkread-request")
        self._lock = threading.Lock()
        self.concurrency, self.queue, self.timeout = concurrency, queue, timeout
        self.running = self.overdue = self.asking = 0
        self.stopping = False

    @property
    def waiting(self) -> int:
        """Requests that have a place, but no thread yet: they wait, or their picture is still on its way."""
        return max(self.asking + self.overdue - self.running, 0)

    @property
    def stuck(self) -> bool:
        """Whether every thread does work that nobody waits for: new work would only wait."""
        return self.overdue >= self.concurrency

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place while a request is answered, its upload included: so many bodies at most are in memory."""
        with self._lock:
            if self.stopping:
                raise Refused(503, "stopping", "the server is stopping; ask again when it is back", RETRY_AFTER)
            if self.asking + self.overdue >= self.concurrency + self.queue:
                raise Refused(429, "too_many_requests", self._full(), RETRY_AFTER)
            self.asking += 1
        try:
            yield
        finally:
            self._add(asking=-1)

    def deadline(self) -> float:
        """When the time of a request that arrives now has passed, by the loop's clock."""
        return asyncio.get_running_loop().time() + self.timeout

    async def arriving(self, body: Awaitable[Result], until: float) -> Result:
        """What a request sends. Raises Refused when it is not all here in time: places are not for waiting clients."""
        try:
            async with asyncio.timeout_at(until):
                return await body
        except TimeoutError as error:
            sentence = f"the request had not arrived whole after {self.timeout:g} seconds; send it again, or less of it"
            raise Refused(503, "too_slow", sentence, RETRY_AFTER) from error

    async def run(self, work: Callable[[], Result], until: float, gone: Awaitable[None]) -> Result:
        """What the work gives. ``until`` is when its time has passed, by the loop's clock; ``gone`` ends when nobody
        waits for it any more. Raises Refused, ClientDisconnect, and what the work raises."""
        task = self._threads.submit(self._counted, work)
        answer, hung_up = asyncio.wrap_future(task), asyncio.ensure_future(gone)
        either: set[asyncio.Future[Result] | asyncio.Future[None]] = {answer, hung_up}
        left = until - asyncio.get_running_loop().time()
        try:
            await asyncio.wait(either, timeout=max(left, 0), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            if hung_up.done():
                raise ClientDisconnect
            raise Refused(503, "too_slow", self._late(), RETRY_AFTER)
        finally:
            hung_up.cancel()
            never_begun = task.cancel()
            answer.cancel()  # or what late work raises would be logged, sentence and all
            if not never_begun and not task.done():
                self._add(overdue=1)
                task.add_done_callback(lambda _: self._add(overdue=-1))

    def close(self) -> None:
        """Let no new work begin; what runs ends in its own time."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _counted(self, work: Callable[[], Result]) -> Result:
        self._add(running=1)
        try:
            return work()
        finally:
            self._add(running=-1)

    def _add(self, **changes: int) -> None:
        with self._lock:
            for name, change in changes.items():
                setattr(self, name, getattr(self, name) + change)

    def _full(self) -> str:
        return (
            f"{self.concurrency} requests are worked on and {self.queue} wait, which is all that this server takes; "
            f"ask again in {RETRY_AFTER} seconds"
        )

    def _late(self) -> str:
        return (
            f"no answer within {self.timeout:g} seconds; ask again when the server has less to do, or send a smaller "
            "or simpler picture"
        )
