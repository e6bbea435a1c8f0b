"""The texts of the data folder -> what the language model learns from, and the messages that measure it.

Messages are split by a hash of their line: a tenth chooses settings, a tenth is reported, the rest may be learnt from.
"""

from __future__ import annotations

import hashlib
import re
import sys
from typing import Final, Literal

from inkread.data import data_folder

GENERAL: Final = ("movie_reviews", "masc", "state_union", "inaugural")
MESSAGES: Final = "messages"
SPLIT_OFF: Final = re.compile(r" (?=(?:'s|'re|'ve|'ll|'d|'m|n't)\b)", re.IGNORECASE)  # "do n't": as tokenisers write

Part = Literal["train", "val", "test"]


def read(name: str) -> list[str]:
    """The passages of one text, as they were written."""
    path = data_folder() / "text" / f"{name}.txt"
    if not path.is_file():
        sys.exit(f"{path} is missing; set INKREAD_DATA to a data folder with the texts in its folder text/")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [SPLIT_OFF.sub("", line) for line in lines]


def general() -> list[str]:
    """The passages of everything but the messages."""
    return [passage for name in GENERAL for passage in read(name)]


def messages(part: Part) -> list[str]:
    """The short messages of one part."""
    return [line for line in read(MESSAGES) if part_of(line) == part]


def part_of(line: str) -> Part:
    """The part that a message belongs to, now and for ever."""
    tenth = int(hashlib.sha256(line.encode()).hexdigest(), 16) % 10
    return "test" if tenth == 0 else "val" if tenth == 1 else "train"
