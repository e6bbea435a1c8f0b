"""Bytes -> a file on disk, whole or not at all. Knows nothing of what the bytes mean."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

PARTIAL = re.compile(r"\.[0-9a-f]{16}\.part")  # what a file is called before it is whole
LOCK = ".lock"  # the file in a folder that `alone` holds


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that, whatever happens, its old or its new content is there, never a part of it.

    Folders on the way are made. Of several that write the same file at once, the last one's content stays. Raises
    OSError, about ``path``, where the disk refuses; the old content is then still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{token_hex(8)}.part")  # nobody else's, and short: names have at most 255 bytes
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException as error:  # Ctrl-C, too, leaves nothing behind
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):  # of a full disk, too, which names no file
            error.filename = str(path)
        raise


def half_written(folder: Path) -> Iterator[Path]:
    """What `write_whole` has left in a folder where it was killed."""
    return (file for file in folder.glob(".*.part") if PARTIAL.fullmatch(file.name))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder that exists: who else asks for it, in this process or in another, waits.

    What is held is let go with the process, however that ends. The lock's file stays: if it were removed, one who waits
    for it and one who comes later would hold two files.
    """
    with (folder / LOCK).open("ab") as file:
        _lock(file)
        yield  # closing the file lets go


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        """Wait for the file as long as it takes; the system itself gives up after ten seconds."""
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            except OSError as error:
                if error.errno != errno.EDEADLOCK:
                    raise
            else:
                return
else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        """Wait for the file as long as it takes."""
        fcntl.flock(file, fcntl.LOCK_EX)


def files_in(folder: Path) -> list[Path]:
    """All files in a folder and in those within it, sorted; raises OSError for one that cannot be opened."""

    def refuse(error: OSError) -> None:
        raise error

    return sorted(Path(place, name) for place, _, names in os.walk(folder, onerror=refuse) for name in names)
