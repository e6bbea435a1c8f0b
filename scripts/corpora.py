"""The texts of the data folder -> what the language models learn from, and the messages that measure them.

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

LISTING: Final = re.compile(r"(?:spoken|written)/\S+ ")  # MASC begins with a list of its own files
MISREAD: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]+")  # UTF-8 that was once taken for Latin-1
LOST: Final = re.compile(r"\? [a-z]")  # movie_reviews has a ? where a letter had an accent
CLOSING: Final = re.compile(r" (?=[.,!?;:)\]%](?:\W|$)|'(?: |$))")
OPENING: Final = re.compile(r"(?<=[(\[$#]) | (?=- ?\))")
QUOTED: Final = re.compile(r'(^| )" ?([^"]*?) ?"(?= |$|[.,!?;:)])')
APART: Final = re.compile(r" ?[’'] (?=(?:s|t|re|ve|ll|d|m)\b)")
DOTS: Final = re.compile(r"\.(?: \.)+")

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


def general_as_written(names: tuple[str, ...] = GENERAL) -> list[str]:
    """The same passages with their capitals, digits and punctuation, which join words as people write them."""
    return [passage for name in names for passage in as_written(name)]


def as_written(name: str) -> list[str]:
    """The passages of one general text, whole ones alone, as they were before tokenisers and wrong encodings."""
    lines = read(name)
    if name == "movie_reviews":
        return [detokenised(line) for line in lines if not LOST.search(line)]
    if name == "masc":
        return [detokenised(repaired(line)) for line in lines if not LISTING.match(line)]
    return [repaired(line) for line in lines]


def repaired(line: str) -> str:
    """A line in which UTF-8 is UTF-8 again where it was taken for Latin-1."""
    return MISREAD.sub(lambda found: found[0].encode("latin-1").decode("utf-8", errors="replace"), line)


def detokenised(line: str) -> str:
    """A line in which tokenisers put spaces around punctuation, as somebody wrote it.

    >>> detokenised('" well , ( he said ) it is $ 5 . . . " : - )')
    '"well, (he said) it is $5..." :-)'
    """
    line = line.replace("``", '"').replace("''", '"').replace("`", "'")
    line = APART.sub("'", line)
    line = DOTS.sub(lambda found: found[0].replace(" ", ""), line)
    line = QUOTED.sub(r'\1"\2"', line)
    line = OPENING.sub("", line)
    return CLOSING.sub("", line).replace(":-)", " :-)").replace("  ", " ")


def messages(part: Part) -> list[str]:
    """The short messages of one part."""
    return [line for line in read(MESSAGES) if part_of(line) == part]


def part_of(line: str) -> Part:
    """The part that a message belongs to, now and for ever."""
    tenth = int(hashlib.sha256(line.encode()).hexdigest(), 16) % 10
    return "test" if tenth == 0 else "val" if tenth == 1 else "train"
