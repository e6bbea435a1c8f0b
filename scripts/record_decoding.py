"""What decoding makes of held-out messages, against the eye alone and public tools -> records/decoding/record.json.

    python scripts/record_decoding.py --with-python ENV1/bin/python --with-python ENV2/bin/python
    python scripts/record_decoding.py --draws 2 --messages 20 --out try    # a quick look

Needs INKREAD_DATA. A tool that no interpreter has (symspellpy; pyctcdecode with kenlm) is left out, and the record says
so. inkread's own settings are stored with its weights (`tune_decoding`); those of the others are chosen here, on the
validation messages.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

import corpora
import numpy as np
from build_language import WORDS, frequencies
from decoding_systems import (
    Errors,
    FloatArray,
    Job,
    System,
    by_bigram,
    by_eye,
    by_inkread,
    choose,
    composed,
    counted_bigram,
    held_out_glyphs,
    judge,
    rivals,
    without_spaces,
)
from decoding_tables import tables
from record import RECORDS, commit, processor
from word_ngram import estimate, write_arpa

from inkread.alphabet import LETTERS
from inkread.data import data_folder
from inkread.decoding import shipped_language, stored_options
from inkread.evaluation.composition import Message
from inkread.evaluation.intervals import mean_std
from inkread.evaluation.text import score
from inkread.interfaces.bench.sets import CORNER
from inkread.interfaces.bench.shell import installed
from inkread.reader import Reader
from inkread.recognition import Recogniser, shipped
from inkread.results import Line, Reading
from inkread.spelling import normalise

NEARER: Final = 4  # how often the others read the short messages; the general texts once
CERTAIN: Final = 1e-30  # probability of the other letters where letters are perfect
STARTS: Final = 9  # fresh processes
START: Final = """
import time
times = [time.perf_counter()]
import inkread.decoding as decoding
from inkread.alphabet import LETTERS
times.append(time.perf_counter())
decoding.shipped_language(LETTERS)
times.append(time.perf_counter())
import numpy as np
decoding.decode(np.log(np.full((4, 26), 0.01) + 0.74 * np.eye(26)[LETTERS.encode("MEET")]), LETTERS)
times.append(time.perf_counter())
print(*(after - before for before, after in zip(times, times[1:])))
"""
PAGES: Final = ("pages_lower", "pages_upper")


def measured(
    system: System, glyphs: FloatArray, chosen_on: tuple[Message, ...], draws: Sequence[tuple[Message, ...]]
) -> list[dict[str, object]]:
    """One system with spaces known, without, and without on perfect letters, over all draws."""
    perfect = np.log(np.where(np.eye(len(LETTERS)), 1.0, CERTAIN))
    letters = tuple(Message(m.text, LETTERS.encode(m.text.replace(" ", ""))) for m in draws[0])
    settings = {spaced: choose(system, Job(glyphs, chosen_on, spaced)) for spaced in (True, False)}
    jobs = [Job(glyphs, messages, spaced, settings[spaced]) for spaced in (True, False) for messages in draws]
    jobs.append(Job(perfect, letters, False, settings[False]))
    reads = system.read(jobs)
    errors = [judge(job.messages, read) for job, read in zip(jobs, reads, strict=True)]
    known, none, best = errors[: len(draws)], errors[len(draws) : -1], errors[-1:]
    parts = (("known", known, True), ("none", none, False), ("none, perfect letters", best, False))
    return [
        {"system": system.name, "spaces": spaces, "settings": dict(settings[spaced]), **over_draws(of_part)}
        | {"versions": dict(reads[0].versions)}
        for spaces, of_part, spaced in parts
    ]


def over_draws(errors: Sequence[Errors]) -> dict[str, object]:
    """Every draw's figures, and for each figure the mean and the sample standard deviation."""
    each = [asdict(one) for one in errors]
    spreads = {name: mean_std([one[name] for one in each]) for name in each[0]}
    return {
        "draws": each,
        "mean": {name: spread.mean for name, spread in spreads.items()},
        "std": {name: spread.std for name, spread in spreads.items()},
    }


def startup() -> dict[str, object]:
    """Seconds until the first message is decoded, in fresh processes: median of each part and of the whole.

    With the byte code that an installed package has: the first process, which is not counted, writes it.
    """
    runs = []
    for _ in range(STARTS + 1):
        done = subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True, env=installed()
        )
        runs.append([float(seconds) for seconds in done.stdout.split()])
    del runs[0]
    parts = zip(("import", "language", "first_message"), zip(*runs, strict=True), strict=True)
    whole = [sum(run) for run in runs]
    return {name: median(times) for name, times in parts} | {"whole": median(whole), "all": whole}


def pages(name: str, recogniser: Recogniser, limit: int | None) -> dict[str, object]:
    """Pages that others composed of EMNIST letters, read by the eye alone and decoded; their numbers are left out."""
    options = stored_options(recogniser.details)
    eye, both = Reader(recogniser, replace(options, language_weight=0.0)), Reader(recogniser, options)
    with np.load(data_folder() / f"{name}.npz") as file:
        pictures, written = file["pages"][:limit], file["text"][:limit].tolist()
    references = [normalise(text, LETTERS)[0] for text in written]
    found: dict[str, object] = {"name": name, "pages": len(pictures)}
    for stage, reader in (("before", eye), ("after", both)):
        texts = [" ".join(line.text for line in text_lines(reader.read(picture))) for picture in pictures]
        result = score(references, texts, np.random.default_rng(0))
        found |= {"words": result.words, "letters": sum(map(len, without_spaces(references)))}
        found[stage] = {
            "words_wrong": result.word_errors,
            "words": result.wer,
            "words_interval": result.wer_interval,
            "letters": score(without_spaces(references), without_spaces(texts)).cer,
            "exact": result.exact,
        }
    return found


def text_lines(reading: Reading) -> Iterator[Line]:
    """The lines of a page but for the number in its bottom right corner."""
    for line in reading.lines:
        if line.box.left < CORNER[0] * reading.width or line.box.top < CORNER[1] * reading.height:
            yield line


def learnt_from() -> list[str]:
    """The texts that the shipped language learnt from, as the alphabet writes them, for the others to learn from."""
    texts = [*corpora.general(), *NEARER * corpora.messages("train")]
    return [normalise(text, LETTERS)[0] for text in texts]


def systems_for(recogniser: Recogniser, interpreters: Sequence[str], arpa: Path) -> list[System]:
    """Everything that is compared; ``arpa`` is where a 3-gram of words is to be written."""
    language = shipped_language(LETTERS)
    assert language is not None  # ships for this alphabet
    sentences = learnt_from()
    write_arpa(estimate(sentences, frequencies(corpora.messages("train"), LETTERS, WORDS)), arpa)
    return [
        by_eye(),
        by_bigram("viterbi", language.bigram()),
        by_bigram("viterbi, counted", counted_bigram(sentences)),
        *rivals([sys.executable, *interpreters], arpa),
        by_inkread(language, stored_options(recogniser.details)),
    ]


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Every figure of the record."""
    recogniser = shipped("letters")
    options = stored_options(recogniser.details)
    glyphs, labels = held_out_glyphs(recogniser)
    chosen_on = composed("val", labels, 0, arguments.messages)
    draws = [composed("test", labels, draw, arguments.messages) for draw in range(arguments.draws)]
    systems, missing = [], []
    with tempfile.TemporaryDirectory() as folder:
        for system in systems_for(recogniser, arguments.with_python, Path(folder) / "words.arpa"):
            try:
                systems += measured(system, glyphs, chosen_on, draws)
            except ImportError as error:
                missing.append(str(error))
                print(f"left out: {error}")
    return {
        "command": "python scripts/record_decoding.py --with-python PYTHON",
        "draws": len(draws),
        "messages": len(draws[0]),
        "letters": sum(len(message.glyphs) for message in draws[0]),
        "words": sum(len(message.text.split()) for message in draws[0]),
        "glyphs": len(labels),
        "glyphs_wrong": float((glyphs.argmax(axis=1) != labels).mean()),
        "weights": recogniser.name,
        "options": {name: getattr(options, name) for name in ("language_weight", "beam", "certain")},
        "systems": systems,
        "missing": missing,
        "startup": startup(),
        "pages": [pages(name, recogniser, arguments.pages) for name in PAGES],
        "processor": processor(),
        "load": os.getloadavg()[0],
        "versions": {name: version(name) for name in ("numpy", "onnxruntime", "jiwer")},
        "commit": commit(),
    }


def main() -> None:
    """Read the command line, measure, and write the record; its tables are written by make records."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--messages", type=int, help="only the first ones")
    parser.add_argument("--pages", type=int, help="only the first ones of each file")
    parser.add_argument("--with-python", action="append", default=[], help="an interpreter that has public tools")
    parser.add_argument("--out", type=Path, default=RECORDS / "decoding", help="the record's folder")
    arguments = parser.parse_args()
    record = measure(arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(tables(record))


if __name__ == "__main__":
    main()
