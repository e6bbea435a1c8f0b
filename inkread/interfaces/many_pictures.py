"""Work on many pictures: several at once, answers in the order of the pictures, a bar that shows how far it is."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

AT_ONCE = min(4, os.cpu_count() or 1)  # pictures; a photo takes 0.3 GB, and Python's own part is one core's work
AHEAD = 2  # pictures for each thread that may be read, or wait, while an earlier one is not done
FEW = 3  # pictures; who waits for so few needs no bar

Picture = TypeVar("Picture")
Answer = TypeVar("Answer")


def in_order(
    work: Callable[[Picture], Answer], pictures: Sequence[Picture], at_once: int = AT_ONCE
) -> Iterator[tuple[Picture, Callable[[], Answer]]]:
    """Each picture, and a function that gives its answer or raises what the work raised. Ends early when closed.

    Two threads read photos of 11 megapixels 1.7 times as fast as one (ONNX Runtime, OpenCV and Pillow let go of
    Python's lock), and small clean pictures as fast as one. At most AHEAD a thread are kept, however many there are.
    """
    if len(pictures) == 1 or at_once == 1:
        yield from ((picture, partial(work, picture)) for picture in pictures)
        return
    waiting = deque[tuple[Picture, Callable[[], Answer]]]()
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="inkread-picture")
    try:
        for picture in pictures:
            waiting.append((picture, pool.submit(work, picture).result))
            if len(waiting) >= AHEAD * at_once:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def progress(total: int, printing: bool) -> Iterator[Callable[[], None]]:
    """A function to call after each picture: it moves a bar on the error channel, if a person is watching.

    Where the answers are ``printing`` on the same terminal they show how far it is, and a bar would mix with them.
    """
    watched = sys.stderr.isatty() and not (printing and sys.stdout.isatty())
    if total <= FEW or not watched:
        yield lambda: None
        return
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda: bar.advance(task)
