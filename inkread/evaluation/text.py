"""What was written and what was read, as strings -> character and word error rates and exact messages.

The edit distances are jiwer's (Levenshtein 1966; Morris, Maier and Green 2004 for the word rates). Knows nothing of
glyphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from inkread.errors import BadArray, MissingDependency
from inkread.evaluation.border import IntArray
from inkread.evaluation.intervals import Interval, bootstrap_rate, wilson

if TYPE_CHECKING:
    from jiwer import AlignmentChunk

FEWEST = 10  # texts; drawn again from fewer, their rates lie too close together


@dataclass(frozen=True)
class TextScore:
    """How far ``n`` texts that were read lie from those that were written.

    ``cer`` and ``wer``: edits (substitutions, insertions, deletions) for each character or word that was written;
    spaces are characters; above 1 where more was inserted than written. ``exact``: the share of texts without any
    error. The counts of edits are characters; ``word_errors`` are edits of words. Intervals are 95 %:
    ``exact_interval`` Wilson, the others by bootstrap over texts: None where no generator was given, and where the
    texts are too few or too much alike to tell.
    """

    n: int
    characters: int
    words: int
    cer: float
    wer: float
    exact: float
    exact_count: int
    substitutions: int
    insertions: int
    deletions: int
    word_errors: int
    exact_interval: Interval
    cer_interval: Interval | None = None
    wer_interval: Interval | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists and numbers, ready for ``json.dumps``."""
        return asdict(self)


def score(references: Sequence[str], hypotheses: Sequence[str], rng: np.random.Generator | None = None) -> TextScore:
    """Compare each reference (what was written) with its hypothesis (what was read).

    White space counts as single spaces between words, none at the ends. An empty reference counts as a text: whatever
    was read for it is inserted, and nothing read for it is exact. With ``rng`` the error rates get bootstrap
    intervals. Raises BadArray for unequal numbers, no text at all, or references that are all empty (no rate exists);
    MissingDependency without jiwer.
    """
    written, read = _tidy(references), _tidy(hypotheses)
    if len(written) != len(read):
        raise BadArray(f"{len(written)} references came with {len(read)} hypotheses; expected one for each")
    if not any(written):
        raise BadArray("there is no text to compare with: give at least one reference that is not empty")
    characters, words = _edits(written, read)  # (N, 4) each
    exact = sum(w == r for w, r in zip(written, read, strict=True))
    return TextScore(
        n=len(written),
        characters=int(characters[:, 3].sum()),
        words=int(words[:, 3].sum()),
        cer=float(characters[:, :3].sum() / characters[:, 3].sum()),
        wer=float(words[:, :3].sum() / words[:, 3].sum()),
        exact=exact / len(written),
        exact_count=exact,
        substitutions=int(characters[:, 0].sum()),
        insertions=int(characters[:, 1].sum()),
        deletions=int(characters[:, 2].sum()),
        word_errors=int(words[:, :3].sum()),
        exact_interval=wilson(exact, len(written)),
        cer_interval=_interval(characters, rng),
        wer_interval=_interval(words, rng),
    )


def _interval(edits: IntArray, rng: np.random.Generator | None) -> Interval | None:
    """Of the rate that edits (N, 4) make. One text, or texts that all err alike, would give an interval of no width."""
    if rng is None or len(edits) < FEWEST:
        return None
    interval = bootstrap_rate(edits[:, :3].sum(axis=1), edits[:, 3], rng)
    return interval if interval.low < interval.high else None


def _tidy(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise BadArray(f"expected a list of texts; got the single text {texts[:40]!r}: put it into a list")
    return [" ".join(text.split()) for text in texts]


def _edits(written: list[str], read: list[str]) -> tuple[IntArray, IntArray]:
    """Substitutions, insertions, deletions and length of each text: int64 (N, 4), for characters and for words."""
    try:
        import jiwer
    except ImportError as error:
        raise MissingDependency("jiwer", "train", "comparing texts") from error
    split = jiwer.Compose([jiwer.ReduceToListOfListOfChars()])  # jiwer's own default would strip the texts again
    characters = jiwer.process_characters(written, read, reference_transform=split, hypothesis_transform=split)
    words = jiwer.process_words(written, read)
    return (
        np.array([_counts(a, r) for a, r in zip(characters.alignments, characters.references, strict=True)]),
        np.array([_counts(a, r) for a, r in zip(words.alignments, words.references, strict=True)]),
    )


def _counts(alignment: Iterable[AlignmentChunk], reference: Sequence[str]) -> tuple[int, int, int, int]:
    substitutions = insertions = deletions = 0
    for chunk in alignment:
        if chunk.type == "substitute":
            substitutions += chunk.ref_end_idx - chunk.ref_start_idx
        elif chunk.type == "insert":
            insertions += chunk.hyp_end_idx - chunk.hyp_start_idx
        elif chunk.type == "delete":
            deletions += chunk.ref_end_idx - chunk.ref_start_idx
    return substitutions, insertions, deletions, len(reference)
