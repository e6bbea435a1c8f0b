"""Messages as JSON -> what a public tool reads of them, and in how many seconds, as JSON.

    PYTHON scripts/rival_decoders.py < request.json > reply.json

`record_decoding` runs this, with the interpreter of an environment that has the tool: none of them is needed by
inkread. It stands alone, imports nothing of inkread, and runs with any NumPy.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

IMPOSSIBLE: Final = -100.0  # logarithm
LIKELY_ENOUGH: Final = -8.0  # logarithm: less likely characters are skipped; 12 of 26 above -10, and three times slower
EDIT_DISTANCE: Final = 2  # the largest that is looked up

FloatArray = npt.NDArray[np.float64]
Message = tuple[FloatArray, list[int] | None]  # log-probabilities (T, C); the rows that a space follows
Read = Callable[[Message], Callable[[], str]]  # prepares a message; what comes back is timed


def symspell(request: dict[str, Any]) -> Callable[[dict[str, Any]], Read]:
    """The likeliest letters, corrected word by word; without spaces, cut into words and corrected."""
    from symspellpy import SymSpell, Verbosity

    words = SymSpell(max_dictionary_edit_distance=EDIT_DISTANCE)
    words.load_dictionary(str(files("symspellpy") / "frequency_dictionary_en_82_765.txt"), 0, 1)

    def with_settings(settings: dict[str, Any]) -> Read:
        distance = settings["max_edit_distance"]

        def correct(word: str) -> str:
            found = words.lookup(word, Verbosity.TOP, max_edit_distance=distance, include_unknown=True)
            return str(found[0].term)

        def read(message: Message) -> Callable[[], str]:
            text = likeliest(message, request["characters"]).lower()
            if message[1] is None:
                return lambda: str(words.word_segmentation(text, max_edit_distance=distance).corrected_string).upper()
            return lambda: " ".join(correct(word) for word in text.split()).upper()

        return read

    return with_settings


def pyctcdecode(request: dict[str, Any]) -> Callable[[dict[str, Any]], Read]:
    """A beam over characters with a 3-gram of words, asked by kenlm."""
    import kenlm  # noqa: F401 (without it the decoder would know no language)
    from pyctcdecode import build_ctcdecoder

    logging.disable(logging.WARNING)
    decoder = build_ctcdecoder([*request["characters"], " ", ""], request["arpa"])

    def with_settings(settings: dict[str, Any]) -> Read:
        def read(message: Message) -> Callable[[], str]:
            frames = as_frames(message)

            def timed() -> str:
                decoder.reset_params(**settings)
                return str(decoder.decode(frames, token_min_logp=LIKELY_ENOUGH))

            return timed

        return read

    return with_settings


def likeliest(message: Message, characters: str) -> str:
    """The likeliest character of each row, with the spaces that are known."""
    log_probs, spaces = message
    letters = [characters[i] for i in log_probs.argmax(axis=1)]
    for row in spaces or ():
        letters[row] += " "
    return "".join(letters)


def as_frames(message: Message) -> FloatArray:
    """Rows of characters -> frames (2T-1, C+2) for CTC: between two characters stands a space or the blank.

    Where spaces are unknown both are equally likely. The last two columns are the space and the blank.
    """
    log_probs, spaces = message
    rows, classes = log_probs.shape
    frames = np.full((2 * rows - 1, classes + 2), IMPOSSIBLE)
    frames[::2, :classes] = np.maximum(log_probs, IMPOSSIBLE)
    if spaces is None:
        frames[1::2, classes:] = np.log(0.5)
    else:
        apart = np.isin(np.arange(rows - 1), spaces)
        frames[1::2][apart, classes] = 0.0
        frames[1::2][~apart, classes + 1] = 0.0
    return frames


TOOLS: Final = {"symspellpy": (symspell, ("symspellpy",)), "pyctcdecode": (pyctcdecode, ("pyctcdecode", "kenlm"))}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run every job of a request; what is not installed is told as ``missing``."""
    make, packages = TOOLS[request["tool"]]
    try:
        with_settings = make(request)
    except ImportError as error:
        return {"missing": str(error)}
    tables = [np.array(table) for table in request["tables"]]
    jobs = [run(job, tables[job["table"]], with_settings(job["settings"])) for job in request["jobs"]]
    return {"versions": {name: version(name) for name in packages}, "jobs": jobs}


def run(job: dict[str, Any], table: FloatArray, read: Read) -> dict[str, Any]:
    """The texts of one job, and the processor's seconds that reading took; the first message is read once before."""
    texts: list[str] = []
    seconds = 0.0
    messages = [(table[message["glyphs"]], message["spaces"]) for message in job["messages"]]
    read(messages[0])()
    for message in messages:
        timed = read(message)
        started = time.process_time()
        texts.append(timed())
        seconds += time.process_time() - started
    return {"texts": texts, "seconds": seconds}


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
