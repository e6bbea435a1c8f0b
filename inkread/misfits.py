"""Lines decoded one by one under a constraint -> those that fit it, and a remark on those that cannot.

One line that does not fit, such as a heading above a column of numbers, costs no other line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from inkread.alphabet import Alphabet
from inkread.decoding import DecodedLine, DecodingOptions, Mark, decode_lines, seen_characters
from inkread.errors import Misfit, UnknownCharacter
from inkread.protocols import LogProbs

SHOWN = 3  # lines in one sentence

Seen = TypeVar("Seen")
Said = TypeVar("Said")


def constrained_lines(
    frames: Sequence[LogProbs],
    read: Alphabet,
    alphabets: Sequence[Alphabet],
    marks: Sequence[Sequence[Mark]],
    options: DecodingOptions,
) -> tuple[list[DecodedLine | None], dict[int, str]]:
    """What the frames of each line say, None where they say nothing or cannot fit; and why each misfit is one.

    Arguments are those of ``decode_lines``, but ``alphabets`` are tried one after another: what fits in none of them is
    a misfit of the last. Lines in which the eye sees no character are not counted.
    """

    def decoded_in(alphabet: Alphabet, line: int) -> DecodedLine:
        return decode_lines([frames[line]], read, options, alphabet=alphabet, marks=[marks[line]])[0]

    def decoded(line: int) -> DecodedLine:
        for alphabet in alphabets[:-1]:
            with suppress(Misfit, UnknownCharacter):
                return decoded_in(alphabet, line)
        return decoded_in(alphabets[-1], line)

    written = [line for line, given in enumerate(marks) if given or seen_characters(frames[line], read)]
    said, misfits = those_that_fit(written, decoded)
    told = dict(zip(written, said, strict=True))
    return [told.get(line) for line in range(len(frames))], misfits


def those_that_fit(lines: Iterable[Seen], decoded: Callable[[Seen], Said]) -> tuple[list[Said | None], dict[int, str]]:
    """What each line says, None for a misfit; and why each misfit is one, by its number from 1."""
    said: list[Said | None] = []
    misfits: dict[int, str] = {}
    for number, line in enumerate(lines, 1):
        try:
            said.append(decoded(line))
        except Misfit as error:
            said.append(None)
            misfits[number] = str(error)
    return said, misfits


def remark_on(misfits: Mapping[int, str]) -> str:
    """A remark on the lines that fit nothing; none where there is none.

    >>> remark_on({2: "no text of 4 characters fits the pattern 'X'"})
    "line 2 is left out: no text of 4 characters fits the pattern 'X'"
    """
    told = [f"line {number} is left out: {why}" for number, why in misfits.items()]
    more = f"; and so on, {len(told)} lines in all" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more
