"""An IDX file's header -> what the file holds, and whether it is whole. The pictures themselves are read by
torchvision.

IDX, MNIST's format: two zero bytes, a type (8 is uint8), the number of dimensions, each dimension as a big-endian
uint32, the values. Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section "File
formats".
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Final

from inkread.errors import BadData

UINT8: Final = 8  # IDX's code for unsigned bytes
MAX_DIMENSIONS: Final = 3  # pictures have three, labels one


def shape(path: Path) -> tuple[int, ...]:
    """The dimensions that a file promises; raises BadData for one that is no IDX file, or not of that length."""
    try:
        with path.open("rb") as file:
            head = file.read(4 + 4 * MAX_DIMENSIONS)
        size = path.stat().st_size
    except OSError as error:
        raise BadData(f"{path} cannot be read ({error.strerror}); expected an IDX file") from error
    if len(head) < 4 or head[:3] != bytes((0, 0, UINT8)) or not 1 <= head[3] <= MAX_DIMENSIONS:
        start = head[:4].hex(" ") or "none, it is empty"
        raise BadData(f"{path.name} is not an IDX file (first bytes: {start}; expected 00 00 08 and 01 to 03)")
    if f"idx{head[3]}" not in path.name:
        raise BadData(
            f"{path.name} has {head[3]} dimensions; expected as many as its name says: 3 of pictures, 1 of labels"
        )
    header = 4 + 4 * head[3]
    if len(head) < header:
        raise BadData(f"{path.name} is cut short within its header, after {len(head)} bytes")
    dimensions = struct.unpack(f">{head[3]}I", head[4:header])
    promised = header + math.prod(dimensions)
    if size != promised:
        word = "cut short" if size < promised else "too long"
        raise BadData(f"{path.name} is {word}: it has {size:,} bytes and its header promises {promised:,}")
    return dimensions
