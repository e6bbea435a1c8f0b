"""Log-probabilities and labels -> how well single characters are told apart, and which are not.

Precision, recall and F1 are scikit-learn's; what is added here is intervals, confused pairs and the mistakes
themselves. Knows nothing of networks, pictures or text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isnan

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.errors import BadArray, MissingDependency
from inkread.evaluation.border import FloatArray, IntArray, check_labels, check_log_probs
from inkread.evaluation.calibration import negative_log_likelihood
from inkread.evaluation.intervals import Interval, wilson

TOP = 3  # the right character is among this many likeliest


@dataclass(frozen=True)
class CharacterScore:
    """How one character fared. Rates are 0..1, and None where there is nothing to divide by.

    ``precision``: of the glyphs read as it, the share that were it; ``recall``: of the glyphs that were it
    (``support`` of them), the share read as it.
    """

    character: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    recall_interval: Interval


@dataclass(frozen=True)
class ConfusedPair:
    """One character read as another: how often, the share of the written one's examples, and where (surest first)."""

    written: str
    read: str
    count: int
    share: float
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Mistake:
    """One misread example: what was written and read, how sure (0..1), and the second guess."""

    index: int
    written: str
    read: str
    confidence: float
    runner_up: str
    runner_up_probability: float
    written_probability: float


@dataclass(frozen=True)
class GroupScore:
    """Accuracy within one group, such as kind 'source', name 'scanned_62'."""

    kind: str
    name: str
    n: int
    errors: int
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class ClassificationReport:
    """How well characters were told apart: all rates 0..1, all intervals 95 %, all tuples in the alphabet's order or
    worst first.

    ``confusion`` is int64 (C, C), row = written, column = read. ``balanced_accuracy`` is the mean recall of the
    characters that occur. ``nll`` is in nats an example.
    """

    alphabet: str
    n: int
    errors: int
    accuracy: float
    interval: Interval
    balanced_accuracy: float
    top3_accuracy: float
    nll: float
    characters: tuple[CharacterScore, ...]
    confusion: IntArray = field(repr=False, compare=False)
    pairs: tuple[ConfusedPair, ...] = field(repr=False)
    mistakes: tuple[Mistake, ...] = field(repr=False)
    groups: tuple[GroupScore, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, ready for ``json.dumps``."""
        return {**asdict(self), "confusion": self.confusion.tolist()}


def evaluate(
    log_probs: npt.ArrayLike,
    labels: npt.ArrayLike,
    alphabet: Alphabet,
    groups: Mapping[str, Sequence[str] | npt.NDArray[np.str_]] | None = None,
) -> ClassificationReport:
    """How well ``log_probs`` (N, C) names the characters ``labels`` (N,).

    ``groups`` breaks the accuracy down: a kind of group, such as "source" or "case", to one group name for each
    example. Raises BadArray for NaN, unequal or wrong shapes, rows that do not sum to 1, or no example;
    MissingDependency without scikit-learn.
    """
    scores = check_log_probs(log_probs, len(alphabet))
    written = check_labels(labels, *scores.shape)
    read = scores.argmax(axis=1)  # (N,)
    wrong, n = int((read != written).sum()), len(written)
    characters, confusion = _count(written, read, alphabet)
    found = _describe(scores, written, alphabet)
    recalls = [c.recall for c in characters if c.recall is not None]
    return ClassificationReport(
        alphabet=alphabet.characters,
        n=n,
        errors=wrong,
        accuracy=1 - wrong / n,
        interval=wilson(n - wrong, n),
        balanced_accuracy=sum(recalls) / len(recalls),
        top3_accuracy=top_accuracy(scores, written, TOP),
        nll=negative_log_likelihood(scores, written),
        characters=characters,
        confusion=confusion,
        pairs=_pairs(found, confusion, alphabet),
        mistakes=found,
        groups=_groups(read == written, groups or {}),
    )


def mistakes(log_probs: npt.ArrayLike, labels: npt.ArrayLike) -> IntArray:
    """The indices of the misread examples, the surest mistake first; raises BadArray."""
    scores = check_log_probs(log_probs)
    return _mistakes(scores, check_labels(labels, *scores.shape))


def top_accuracy(log_probs: npt.ArrayLike, labels: npt.ArrayLike, k: int) -> float:
    """The share (0..1) of examples whose label is among the k likeliest; of equals, the one that comes first in the
    alphabet wins.
    """
    scores = check_log_probs(log_probs)
    written = check_labels(labels, *scores.shape)
    own = scores[np.arange(len(written)), written][:, None]  # (N, 1)
    earlier = np.arange(scores.shape[1]) < written[:, None]  # (N, C)
    rank = ((scores > own) | ((scores == own) & earlier)).sum(axis=1)  # (N,) 0 = likeliest
    return float((rank < k).mean())


def _mistakes(scores: FloatArray, written: IntArray) -> IntArray:
    wrong = np.flatnonzero(scores.argmax(axis=1) != written)
    order: IntArray = wrong[np.argsort(-scores[wrong].max(axis=1), kind="stable")]
    return order


def _describe(scores: FloatArray, written: IntArray, alphabet: Alphabet) -> tuple[Mistake, ...]:
    found: list[Mistake] = []
    for index in _mistakes(scores, written):
        row = scores[index]
        order = np.argsort(-row, kind="stable")
        probability = np.exp(row).clip(0.0, 1.0)
        found.append(
            Mistake(
                index=int(index),
                written=alphabet[int(written[index])],
                read=alphabet[int(order[0])],
                confidence=float(probability[order[0]]),
                runner_up=alphabet[int(order[1])],
                runner_up_probability=float(probability[order[1]]),
                written_probability=float(probability[written[index]]),
            )
        )
    return tuple(found)


def _count(written: IntArray, read: IntArray, alphabet: Alphabet) -> tuple[tuple[CharacterScore, ...], IntArray]:
    """Per-character scores in the alphabet's order, and the confusion matrix int64 (C, C)."""
    try:
        from sklearn.metrics import precision_recall_fscore_support
    except ImportError as error:
        raise MissingDependency("scikit-learn", "train", "evaluating a classifier") from error
    classes = np.arange(len(alphabet))
    cells = np.bincount(written * len(alphabet) + read, minlength=len(alphabet) ** 2)
    confusion = cells.reshape(len(alphabet), len(alphabet))  # (C, C)
    # NaN marks "nothing to divide by"; 0 would blame a character that never occurred.
    precision, recall, f1, support = precision_recall_fscore_support(
        written, read, labels=classes, zero_division=np.nan
    )
    characters = tuple(
        CharacterScore(
            character=alphabet[c],
            precision=_number(precision[c]),
            recall=_number(recall[c]),
            f1=_number(f1[c]),
            support=int(support[c]),
            recall_interval=wilson(int(confusion[c, c]), int(support[c])),
        )
        for c in classes.tolist()
    )
    return characters, confusion


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _pairs(found: Sequence[Mistake], confusion: IntArray, alphabet: Alphabet) -> tuple[ConfusedPair, ...]:
    """All pairs that were ever confused, the most frequent first, then by share."""
    places: dict[tuple[str, str], list[int]] = {}
    for mistake in found:
        places.setdefault((mistake.written, mistake.read), []).append(mistake.index)
    support = dict(zip(alphabet, confusion.sum(axis=1).tolist(), strict=True))
    pairs = [ConfusedPair(w, r, len(at), len(at) / support[w], tuple(at)) for (w, r), at in places.items()]
    return tuple(sorted(pairs, key=lambda p: (-p.count, -p.share, p.written, p.read)))


def _groups(
    right: npt.NDArray[np.bool_], groups: Mapping[str, Sequence[str] | npt.NDArray[np.str_]]
) -> tuple[GroupScore, ...]:
    rows: list[GroupScore] = []
    for kind, names in groups.items():
        array = np.asarray(names).astype(str)
        if array.shape != right.shape:
            raise BadArray(
                f"group {kind!r} has the shape {array.shape}; expected one name for each of {len(right)} rows"
            )
        for name in np.unique(array).tolist():
            hits = right[array == name]
            n, good = len(hits), int(hits.sum())
            rows.append(GroupScore(kind, name, n, n - good, good / n, wilson(good, n)))
    return tuple(rows)
