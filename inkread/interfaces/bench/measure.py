"""Pictures and engines -> what each read, and how far that is from what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import median
from typing import Final

import numpy as np

from inkread.alphabet import CHARACTERS
from inkread.evaluation.confidence import RiskCoverage, risk_coverage
from inkread.evaluation.risk import SURE, SureWords, sure_words, words_right
from inkread.evaluation.text import TextScore, score
from inkread.interfaces.bench.engines import Answer, Engine
from inkread.interfaces.bench.sets import Sample
from inkread.spelling import normalise

SLOW: Final = 0.9  # the quantile of times that is told beside the median


@dataclass(frozen=True)
class Read:
    """One picture as one engine read it, brought into the alphabet: typographic quotes and dashes are plain ones."""

    engine: str
    sample: Sample
    text: str
    words: tuple[tuple[str, float], ...]
    ms: float

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for ``json.dumps``."""
        sample = self.sample
        return {
            "engine": self.engine, "set": sample.set, "number": sample.number, "reference": sample.text,
            "hypothesis": self.text, "words": [list(word) for word in self.words], "ms": round(self.ms, 2),
        }  # fmt: skip


@dataclass(frozen=True)
class SetScore:
    """How one engine read one set, or all sets of a kind.

    ``kept``: case as written; ``folded``: case ignored; ``spaceless``: character error with case and spaces ignored.
    ``ms`` is the median of milliseconds a picture, ``slow_ms`` their 90th percentile. ``sure``: of words, case ignored.
    """

    set: str
    engine: str
    n: int
    kept: TextScore = field(repr=False)
    folded: TextScore = field(repr=False)
    spaceless: float
    ms: float
    slow_ms: float
    sure: SureWords = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Plain dicts and numbers, ready for ``json.dumps``."""
        return asdict(self)


@dataclass(frozen=True)
class Invented:
    """What an engine read where there is no text: in how many of ``n`` pictures, and how many words it was sure of."""

    set: str
    engine: str
    n: int
    pictures: int
    words: int
    sure: int
    sure_pictures: int

    def to_dict(self) -> dict[str, object]:
        """Plain numbers, ready for ``json.dumps``."""
        return asdict(self)


def measure(engines: Sequence[Engine], samples: Sequence[Sample], tick: Callable[[], None]) -> list[Read]:
    """Every picture read by every engine that it suits, each engine warm; ``tick`` is called after each picture."""
    reads = []
    for engine in engines:
        own = [sample for sample in samples if engine.suits(sample)]
        if own:
            engine.read(own[0])
        for sample in own:
            reads.append(_read(engine.name, sample, engine.read(sample)))
            tick()
    return reads


def _read(engine: str, sample: Sample, answer: Answer) -> Read:
    lines = [normalise(line, CHARACTERS)[0] for line in answer.text.split("\n")]
    words = [(part, confidence) for word, confidence in answer.words for part in normalise(word, CHARACTERS)[0].split()]
    return Read(engine, sample, "\n".join(lines), tuple(words), answer.ms)


def scores(reads: Sequence[Read], seed: int) -> list[SetScore]:
    """A row for each set and engine, and for each kind of several sets one over all of them.

    Where an engine was asked in several ways, the best of each set are one more way over all.
    """
    sets: dict[str, list[Read]] = {}
    for read in reads:
        if read.sample.text:
            sets.setdefault(read.sample.set, []).append(read)
    rows = [_score(name, own, seed) for name, group in sets.items() for own in _by_engine(group)]
    for kind in dict.fromkeys(read.sample.kind for read in reads):
        names = [name for name, group in sets.items() if group[0].sample.kind == kind]
        whole = [read for name in names for read in sets[name]]
        pictures = len({(read.sample.set, read.sample.number) for read in whole})
        if len(names) > 1:  # a way of asking that suits some of the sets only has no row over all
            ways = [own for own in _by_engine(whole) if len(own) == pictures]
            ways += [
                [replace(read, engine=f"{name}, the best way of each") for read in own] for name, own in best(whole)
            ]
            rows += [_score(f"{kind}, all", own, seed) for own in ways]
    return rows


def best(reads: Sequence[Read]) -> list[tuple[str, list[Read]]]:
    """Each engine that was asked in several ways, and what it read in the way that suits it best on each set."""
    found: dict[str, list[Read]] = {}
    several = set()
    sets = dict.fromkeys(read.sample.set for read in reads)
    for of_set in ([read for read in reads if read.sample.set == name] for name in sets):
        ways: dict[str, list[list[Read]]] = {}
        for own in _by_engine(of_set):
            ways.setdefault(own[0].engine.partition(",")[0], []).append(own)
        for engine, asked in ways.items():
            if len(asked) > 1:
                several.add(engine)
            found.setdefault(engine, []).extend(min(asked, key=_mistakes))
    return [(engine, own) for engine, own in found.items() if engine in several]


def _mistakes(reads: Iterable[Read]) -> float:
    return score(*_folded(reads)).cer


def _folded(reads: Iterable[Read]) -> tuple[list[str], list[str]]:
    """What was written and what was read, case ignored."""
    texts = [(one.sample.text.upper(), one.text.upper()) for one in reads]
    return [written for written, _ in texts], [read for _, read in texts]


def _by_engine(reads: Iterable[Read]) -> list[list[Read]]:
    groups: dict[str, list[Read]] = {}
    for read in reads:
        groups.setdefault(read.engine, []).append(read)
    return list(groups.values())


def _score(name: str, reads: Sequence[Read], seed: int) -> SetScore:
    written, read = [r.sample.text for r in reads], [r.text for r in reads]
    folded = _folded(reads)
    joined = [["".join(text.split()) for text in side] for side in folded]
    times = [r.ms for r in reads]
    return SetScore(
        set=name,
        engine=reads[0].engine,
        n=len(reads),
        kept=score(written, read, np.random.default_rng(seed)),
        folded=score(*folded, np.random.default_rng(seed)),
        spaceless=score(joined[0], joined[1]).cer,
        ms=median(times),
        slow_ms=float(np.quantile(times, SLOW)),
        sure=sure_words(*claims(reads)),
    )


def claims(reads: Iterable[Read]) -> tuple[list[float], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Every word that was read: how sure it was, and whether it is right, case ignored."""
    confidence: list[float] = []
    right = [np.zeros(0, np.bool_)]
    for read in reads:
        confidence += [sure for _, sure in read.words]
        right.append(words_right(read.sample.text.upper(), [word.upper() for word, _ in read.words]))
    return confidence, np.concatenate(right)


def curve(reads: Iterable[Read]) -> RiskCoverage | None:
    """Coverage against risk of the words of all pictures with text; None where no word was read."""
    confidence, right = claims(read for read in reads if read.sample.text)
    return risk_coverage(confidence, right) if confidence else None


def invented(reads: Sequence[Read]) -> list[Invented]:
    """A row for each kind of picture without text and each engine, and one over all of them."""
    empty = [read for read in reads if not read.sample.text]
    rows = []
    for name in (*dict.fromkeys(read.sample.set for read in empty), "negatives, all"):
        group = [read for read in empty if name in (read.sample.set, "negatives, all")]
        rows += [_invented(name, own) for own in _by_engine(group)]
    return rows


def _invented(name: str, reads: Sequence[Read]) -> Invented:
    sure = [sum(confidence >= SURE for _, confidence in read.words) for read in reads]
    return Invented(
        set=name,
        engine=reads[0].engine,
        n=len(reads),
        pictures=sum(bool(read.text.strip()) for read in reads),
        words=sum(len(read.words) for read in reads),
        sure=sum(sure),
        sure_pictures=sum(count > 0 for count in sure),
    )
