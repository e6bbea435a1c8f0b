"""Arrays from outside -> arrays that this room trusts, or a sentence that says what is wrong with them.

Checked once, at the border; the rest of the room computes without asking again.
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.errors import BadArray, BadOption

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

IMPOSSIBLE = -1e100  # a logarithm below it counts as -infinity, so that the sum of many rows never overflows


def is_whole(number: object) -> bool:
    """Whether something is a whole number; True and False are none."""
    return isinstance(number, Integral) and not isinstance(number, bool)


def check_texts(name: str, given: object) -> tuple[str, ...]:
    """Texts in whatever holds them -> a tuple of them; raises BadOption, also for a single text."""
    if isinstance(given, str):
        raise BadOption(f"{name} is the single text {given!r:.60}; expected several, in a tuple")
    texts = tuple(given) if isinstance(given, Iterable) else (given,)
    wrong = [text for text in texts if not isinstance(text, str)]
    if wrong:
        raise BadOption(f"{name} holds {wrong[0]!r:.60}; expected texts, in a tuple")
    return texts


def check_columns(log_probs: FloatArray, columns: int, where: str) -> None:
    """Refuse rows that have not a column for each character ``where`` there are so many; raises BadArray."""
    if log_probs.ndim != 2 or log_probs.shape[1] != columns:
        raise BadArray(f"log_probs has the shape {log_probs.shape}; expected (T, {columns}), as {where}")


def check_log_probs(log_probs: npt.ArrayLike, alphabet: Alphabet) -> FloatArray:
    """Any array -> float64 (T, C), natural logarithms of probabilities that sum to 1 in each row.

    A constant added to a row changes nothing: rows are normalised here. ``-inf`` stands for an impossible character.
    Raises BadArray for another shape, NaN, +inf or a row in which nothing is possible,
    BadOption for an alphabet that is none, or that holds a space.
    """
    if not isinstance(alphabet, Alphabet):
        raise BadOption(f"the alphabet is {alphabet!r:.60}; expected inkread.LETTERS or another Alphabet(characters)")
    if any(character.isspace() for character in alphabet):
        raise BadOption(
            f"the alphabet {alphabet.characters!r} holds a space; expected what is seen: gaps tell of spaces"
        )
    try:
        given = np.asarray(log_probs)
    except ValueError as error:  # rows of different lengths
        raise BadArray(f"log_probs must be an array with rows of one length: {error}") from error
    if given.ndim != 2 or given.shape[1] != len(alphabet) or given.dtype.kind not in "iuf":
        raise BadArray(
            f"log_probs is {given.dtype} {given.shape}; expected numbers of the shape (T, {len(alphabet)}), a column "
            "for each character of the alphabet"
        )
    with np.errstate(over="ignore"):  # of numbers longer than 64 bits
        array = given.astype(np.float64)
    for name, bad in (("NaN", np.isnan(array)), ("+infinity", np.isposinf(array))):
        if bad.any():
            raise BadArray(f"log_probs holds {name}, first in row {int(np.flatnonzero(bad.any(axis=1))[0])}")
    if not len(array):
        return array
    top = array.max(axis=1, keepdims=True)
    if np.isneginf(top).any():
        raise BadArray(f"row {int(top.argmin())} of log_probs makes every character impossible (all are -infinity)")
    with np.errstate(over="ignore"):
        array -= top  # first, so that rows of any size keep their precision
    array[array < IMPOSSIBLE] = -np.inf
    normalised: FloatArray = array - np.log(np.exp(array).sum(axis=1, keepdims=True))
    return normalised


def check_gaps(gaps: npt.ArrayLike | None, rows: int) -> FloatArray | None:
    """Probabilities (T-1,) that a space follows each character but the last; raises BadArray. None: unknown."""
    if gaps is None:
        return None
    try:
        array = np.asarray(gaps)
    except ValueError as error:
        raise BadArray(f"gaps must be one row of numbers, not rows of more than one length: {error}") from error
    expected = max(rows - 1, 0)
    if array.shape != (expected,) or (array.size and array.dtype.kind not in "biuf"):
        raise BadArray(f"gaps is {array.dtype} {array.shape}; expected ({expected},): one between each two characters")
    probabilities: FloatArray = array.astype(np.float64)
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise BadArray("gaps must be probabilities between 0 and 1")
    return probabilities
