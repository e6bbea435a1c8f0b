"""Words that were read, each with how sure it is -> which are right, and how often the sure ones are wrong.

Which words are right follows from the alignment of what was read with what was written (Levenshtein over words, by
jiwer). The curve over all thresholds is that of `confidence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, MissingDependency
from inkread.evaluation.border import BoolArray, check_claims
from inkread.evaluation.intervals import Interval, wilson

SURE = 0.95  # confidence from which on a word counts as surely read


@dataclass(frozen=True)
class SureWords:
    """Of ``n`` words, ``sure`` had a confidence of at least ``threshold``; ``wrong`` of these are wrong.

    ``share`` is wrong / sure, None where no word was sure; ``interval`` 95 % (Wilson).
    """

    n: int
    threshold: float
    sure: int
    wrong: int
    share: float | None
    interval: Interval

    def to_dict(self) -> dict[str, object]:
        """Plain numbers, ready for ``json.dumps``."""
        return asdict(self)


def words_right(reference: str, words: Sequence[str]) -> BoolArray:
    """Which of the words that were read, in reading order, are words of the reference in their place: bool (V,).

    Case counts; fold both before if it shall not. Raises BadArray for words with spaces or without characters,
    MissingDependency without jiwer.

    >>> words_right("MEET AT NOON", ["MEET", "A", "AT", "NOUN"]).tolist()
    [True, False, True, False]
    """
    if odd := [word for word in words if word.split() != [word]]:
        raise BadArray(f"{odd[0]!r} is not one word; expected words without spaces, one or more characters each")
    right = np.zeros(len(words), np.bool_)
    if not words or not reference.split():
        return right
    try:
        import jiwer
    except ImportError as error:
        raise MissingDependency("jiwer", "train", "comparing texts") from error
    aligned = jiwer.process_words(" ".join(reference.split()), " ".join(words))
    for chunk in aligned.alignments[0]:
        if chunk.type == "equal":
            right[chunk.hyp_start_idx : chunk.hyp_end_idx] = True
    return right


def sure_words(confidence: npt.ArrayLike, right: npt.ArrayLike, threshold: float = SURE) -> SureWords:
    """How often words are wrong that are at least so sure; ``confidence`` (V,) in 0..1, ``right`` bool (V,).

    No word at all is allowed. Raises BadArray for other arrays.

    >>> sure_words([0.99, 0.97, 0.5], np.array([True, False, False])).share
    0.5
    """
    if not np.size(confidence) and not np.size(right):
        return SureWords(0, threshold, 0, 0, None, wilson(0, 0))
    claims, hits = check_claims(confidence, right)
    sure = claims >= threshold
    wrong = int((sure & ~hits).sum())
    total = int(sure.sum())
    return SureWords(len(claims), threshold, total, wrong, wrong / total if total else None, wilson(wrong, total))
