"""Composed messages -> the texts that several ways of decoding read: inkread's own, and public tools.

Public tools run in another process (`rival_decoders`), by an interpreter that has them. Knows nothing of records.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final

import corpora
import numpy as np
import numpy.typing as npt

from inkread.alphabet import LETTERS
from inkread.data import data_folder
from inkread.decoding import DecodingOptions, LanguageModel, decode, greedy, viterbi
from inkread.decoding.border import check_log_probs
from inkread.decoding.decode import spell
from inkread.evaluation.composition import Message, compose_messages
from inkread.evaluation.text import score
from inkread.interfaces.message_decoding import known_gaps
from inkread.recognition import Recogniser

GLYPHS: Final = "nist_sd19_upper"
WORKER: Final = Path(__file__).with_name("rival_decoders.py")

FloatArray = npt.NDArray[np.float64]
Settings = Mapping[str, float]


@dataclass(frozen=True)
class Job:
    """Messages to read from the rows of ``log_probs`` (N, C) that spell them, with their spaces or without."""

    log_probs: FloatArray
    messages: tuple[Message, ...]
    spaced: bool
    settings: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """What was read, the processor's seconds that it took, and the versions of another interpreter's packages."""

    texts: list[str]
    seconds: float
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class System:
    """A way to read messages, and the settings that it may be given."""

    name: str
    read: Callable[[Sequence[Job]], list[Read]]
    settings: tuple[Settings, ...] = ({},)


@dataclass(frozen=True)
class Errors:
    """How far texts lie from what was written.

    ``letters``, ``words``: edits for each one that was written; spaces are no letters. ``exact``: the share of messages
    without any error. ``milliseconds``: for each letter.
    """

    letters: float
    words: float
    exact: float
    milliseconds: float


def held_out_glyphs(recogniser: Recogniser) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """The held-out capitals of NIST SD19 as the recogniser sees them, (N, C), and their classes (N,)."""
    with np.load(data_folder() / "letters" / f"{GLYPHS}.npz") as file:
        held_out = file["split"] == "val"
        images, written = file["images"][held_out], file["labels"][held_out]
    return check_log_probs(recogniser.log_probs(images), LETTERS), LETTERS.encode(written.tolist())


def composed(part: corpora.Part, labels: npt.NDArray[np.int64], draw: int, limit: int | None) -> tuple[Message, ...]:
    """The messages of a part, each letter some glyph of it; ``draw`` is the seed, ``limit`` the number of messages."""
    return compose_messages(corpora.messages(part)[:limit], labels, LETTERS, np.random.default_rng(draw)).messages


def judge(messages: Sequence[Message], read: Read) -> Errors:
    """The errors of one job."""
    written = [message.text for message in messages]
    whole = score(written, read.texts)
    letters = score(without_spaces(written), without_spaces(read.texts))
    return Errors(letters.cer, whole.wer, whole.exact, 1000 * read.seconds / letters.characters)


def without_spaces(texts: Iterable[str]) -> list[str]:
    """The letters of each text."""
    return [text.replace(" ", "") for text in texts]


def choose(system: System, job: Job) -> Settings:
    """The settings with which a job has the fewest wrong letters; without spaces, the fewest wrong words."""
    if len(system.settings) == 1:
        return system.settings[0]
    reads = system.read([Job(job.log_probs, job.messages, job.spaced, settings) for settings in system.settings])
    errors = [judge(job.messages, read) for read in reads]
    rank = [(one.letters, one.words) if job.spaced else (one.words, one.letters) for one in errors]
    return system.settings[rank.index(min(rank))]


def by_eye() -> System:
    """The likeliest character of each row, with the spaces that are known."""

    def read(log_probs: FloatArray, gaps: FloatArray | None, settings: Settings) -> str:
        return spell(*greedy(log_probs, gaps), LETTERS)

    return System("greedy", here(read))


def by_bigram(name: str, bigram: FloatArray) -> System:
    """The likeliest text under a bigram of characters (C+1, C+1), natural logarithms."""

    def read(log_probs: FloatArray, gaps: FloatArray | None, settings: Settings) -> str:
        return spell(*viterbi(log_probs, bigram, settings["weight"], gaps), LETTERS)

    return System(name, here(read), tuple({"weight": weight} for weight in (0.6, 0.8, 1.0, 1.2)))


def by_inkread(language: LanguageModel, options: DecodingOptions) -> System:
    """What `inkread.decode` makes of a message."""

    def read(log_probs: FloatArray, gaps: FloatArray | None, settings: Settings) -> str:
        return decode(log_probs, LETTERS, options, gaps=gaps, language=language).hypotheses[0].text

    return System("inkread", here(read))


def counted_bigram(sentences: Iterable[str]) -> FloatArray:
    """(C+1, C+1) log P(next | last) by counting, one added to each; the space, last, begins and ends a sentence."""
    space = len(LETTERS)
    counts = np.ones((space + 1, space + 1))
    for sentence in sentences:
        words = (np.append(LETTERS.encode(word), space) for word in sentence.split())
        symbols = np.concatenate([[space], *words])
        np.add.at(counts, (symbols[:-1], symbols[1:]), 1)
    logs: FloatArray = np.log(counts / counts.sum(axis=1, keepdims=True))
    return logs


def here(read: Callable[[FloatArray, FloatArray | None, Settings], str]) -> Callable[[Sequence[Job]], list[Read]]:
    """Jobs done in this process, one message after the other; the first is read once before."""

    def run(job: Job) -> Read:
        texts: list[str] = []
        seconds = 0.0
        for message in (job.messages[0], *job.messages):
            log_probs = job.log_probs[message.glyphs]
            gaps = known_gaps(message.text) if job.spaced else None
            started = time.process_time()
            texts.append(read(log_probs, gaps, job.settings))
            seconds += time.process_time() - started if len(texts) > 1 else 0.0
        return Read(texts[1:], seconds)

    return lambda jobs: [run(job) for job in jobs]


def rivals(interpreters: Sequence[str], arpa: Path) -> list[System]:
    """Public tools, each run by the first interpreter that has it; ``arpa`` is a 3-gram of words."""
    distances = tuple({"max_edit_distance": distance} for distance in (0, 1, 2))
    knobs = product((0.3, 0.5, 0.7, 0.9), (-1.0, 0.0, 1.0), (0.0, -3.0, -10.0, -20.0, -40.0))
    beams = tuple(dict(zip(("alpha", "beta", "unk_score_offset"), values, strict=True)) for values in knobs)
    return [
        System("symspellpy", partial(elsewhere, "symspellpy", interpreters, arpa), distances),
        System("pyctcdecode", partial(elsewhere, "pyctcdecode", interpreters, arpa), beams),
    ]


def elsewhere(tool: str, interpreters: Sequence[str], arpa: Path, jobs: Sequence[Job]) -> list[Read]:
    """Jobs done by another process; raises ImportError where no interpreter has the tool."""
    tables = {id(job.log_probs): job.log_probs for job in jobs}
    request = {
        "tool": tool,
        "characters": LETTERS.characters,
        "arpa": str(arpa),
        "tables": [table.tolist() for table in tables.values()],
        "jobs": [
            {"table": list(tables).index(id(job.log_probs)), "settings": job.settings, "messages": spelt(job)}
            for job in jobs
        ],
    }
    for interpreter in interpreters:
        done = subprocess.run(
            [interpreter, WORKER], input=json.dumps(request), stdout=subprocess.PIPE, text=True, check=True
        )
        reply = json.loads(done.stdout)
        if "missing" not in reply:
            return [Read(job["texts"], job["seconds"], reply["versions"]) for job in reply["jobs"]]
    raise ImportError(f"no interpreter has {tool}; give one that has with --with-python")


def spelt(job: Job) -> list[dict[str, object]]:
    """The glyphs of each message, and the rows that a space follows; None where spaces are not told."""
    return [
        {
            "glyphs": message.glyphs.tolist(),
            "spaces": np.flatnonzero(known_gaps(message.text)).tolist() if job.spaced else None,
        }
        for message in job.messages
    ]
