"""Messages as the eye alone read them and as they were decoded -> what decoding did to characters, words and messages.

Who decodes, and how, is left to others: this takes both texts, character for character, and how sure the decoder was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray
from inkread.evaluation.alignment import Aligned, align, units_right
from inkread.evaluation.border import BoolArray
from inkread.evaluation.composition import Composition, scores_of, space_places
from inkread.evaluation.confidence import Trust, trust
from inkread.evaluation.decoding_examples import DecodedExample, choose_examples
from inkread.evaluation.eye_alone import message_confidence
from inkread.evaluation.messages import MESSAGE_LENGTHS, LetterCost, MessagesReport, by_length, effect
from inkread.evaluation.text import TextScore, score

Spaces = Literal["known", "none"]


@dataclass(frozen=True)
class Readings:
    """Each of N messages as it was read: by the eye alone, after decoding, and how sure the decoder is (0..1).

    Both texts have a character for each glyph. With ``spaces`` known they were given to the decoder; with none, the
    eye's text has no space at all, and those of the decoded one come from language.
    """

    raw: tuple[str, ...]
    decoded: tuple[str, ...]
    confidence: tuple[float, ...]
    spaces: Spaces = "known"


@dataclass(frozen=True)
class Outcomes:
    """What decoding did to each character, word or message (``unit``), judged by its characters alone.

    ``kept``: right before and after; ``broken``: right, then wrong; ``mended``: wrong, then right; ``left``: wrong
    before and after, ``replaced`` of them with another wrong reading than before.
    """

    unit: str
    kept: int
    broken: int
    mended: int
    left: int
    replaced: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.kept + self.broken + self.mended + self.left


@dataclass(frozen=True)
class CostChange:
    """What one character cost before and after decoding."""

    character: str
    before: LetterCost
    after: LetterCost


@dataclass(frozen=True)
class PairChange:
    """How often one character came out as another, before and after decoding."""

    written: str
    read: str
    before: int
    after: int


@dataclass(frozen=True)
class LengthChange:
    """Texts of ``low`` to ``high`` characters without spaces (None: any longer), before and after decoding."""

    low: int
    high: int | None
    before: TextScore
    after: TextScore


@dataclass(frozen=True)
class QualityChange:
    """All texts, from glyphs with ``noise`` (standard deviation, as a share of full ink), before and after decoding."""

    noise: float
    before: TextScore
    after: TextScore


@dataclass(frozen=True)
class SpaceCount:
    """Spaces between words: of ``written`` ones ``found`` were found again, and ``invented`` stand where none was."""

    written: int
    found: int
    invented: int


@dataclass(frozen=True)
class DecodingReport:
    """What decoding did to messages. ``before`` and ``after`` tell of either reading alone, the rest compares them.

    ``trust_before`` is about the probability that the recogniser alone gives all its characters, ``trust_after`` about
    that which the decoder gives its text.
    """

    before: MessagesReport
    after: MessagesReport
    spaces: Spaces
    outcomes: tuple[Outcomes, ...]
    space_count: SpaceCount
    costs: tuple[CostChange, ...] = field(repr=False)
    pairs: tuple[PairChange, ...] = field(repr=False)
    lengths: tuple[LengthChange, ...] = field(repr=False)
    quality: tuple[QualityChange, ...] = field(repr=False)
    trust_before: Trust = field(repr=False)
    trust_after: Trust = field(repr=False)
    examples: tuple[DecodedExample, ...] = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, ready for ``json.dumps``."""
        trusts = {"trust_before": self.trust_before.to_dict(), "trust_after": self.trust_after.to_dict()}
        return {**asdict(self), **trusts}


def decoding_effect(
    composition: Composition,
    readings: Readings,
    log_probs: npt.ArrayLike,
    rng: np.random.Generator,
    quality: Sequence[QualityChange] = (),
) -> DecodingReport:
    """What decoding did to the messages' text.

    ``log_probs`` is (N, C), a row for each glyph that the messages draw from; ``rng`` draws the bootstrap and the
    examples; ``quality`` was measured by ``quality_change`` on worse glyphs. Raises BadArray where numbers differ.
    """
    scores = scores_of(composition, log_probs)
    raw, decoded = align(composition, readings.raw), align(composition, readings.decoded)
    if len(readings.confidence) != len(readings.decoded):
        raise BadArray(f"{len(readings.decoded)} readings came with {len(readings.confidence)} confidences")
    before, after = (effect(composition, texts, scores, rng) for texts in (readings.raw, readings.decoded))
    pairs = zip(composition.texts, readings.decoded, strict=True)
    exact = np.array([text == " ".join(read.split()) for text, read in pairs])
    return DecodingReport(
        before=before,
        after=after,
        spaces=readings.spaces,
        outcomes=_outcomes(raw, decoded),
        space_count=_count_spaces(composition.texts, readings.decoded),
        costs=_cost_changes(before, after),
        pairs=_pair_changes(before, after),
        lengths=_length_changes(composition, readings, rng),
        quality=tuple(sorted(quality, key=lambda change: change.noise)),
        trust_before=trust(message_confidence(composition, scores), units_right(raw.message, raw.wrong)[1]),
        trust_after=trust(readings.confidence, exact),
        examples=choose_examples(composition, readings.raw, readings.decoded, scores, rng),
    )


def quality_change(
    noise: float, composition: Composition, readings: Readings, rng: np.random.Generator
) -> QualityChange:
    """How well the messages are read from glyphs with that much noise; ``rng`` draws the bootstrap. Raises BadArray."""
    before, after = (score(composition.texts, texts, rng) for texts in (readings.raw, readings.decoded))
    return QualityChange(noise, before, after)


def _outcomes(raw: Aligned, decoded: Aligned) -> tuple[Outcomes, ...]:
    changed = raw.read != decoded.read
    rows = [_outcome("character", ~raw.wrong, ~decoded.wrong, changed)]
    for unit, members in (("word", raw.word), ("message", raw.message)):
        before, after = (units_right(members, side.wrong)[1] for side in (raw, decoded))
        rows.append(_outcome(unit, before, after, np.bincount(members, weights=changed) > 0))
    return tuple(rows)


def _outcome(unit: str, before: BoolArray, after: BoolArray, changed: BoolArray) -> Outcomes:
    masks = (before & after, before & ~after, ~before & after, ~before & ~after, ~before & ~after & changed)
    return Outcomes(unit, *(int(mask.sum()) for mask in masks))


def _count_spaces(texts: Sequence[str], readings: Sequence[str]) -> SpaceCount:
    written, read = ([space_places(text) for text in side] for side in (texts, readings))
    found = sum(len(w & r) for w, r in zip(written, read, strict=True))
    return SpaceCount(sum(map(len, written)), found, sum(map(len, read)) - found)


def _cost_changes(before: MessagesReport, after: MessagesReport) -> tuple[CostChange, ...]:
    """The characters that occur, those that spoilt most words before and after together first."""
    later = {cost.character: cost for cost in after.letters}
    rows = [CostChange(cost.character, cost, later[cost.character]) for cost in before.letters]
    return tuple(sorted(rows, key=lambda r: (-(r.before.words + r.after.words), r.character)))


def _pair_changes(before: MessagesReport, after: MessagesReport) -> tuple[PairChange, ...]:
    """The pairs that were confused before or after, the most frequent first."""
    earlier, later = ({(p.written, p.read): p.count for p in side.pairs} for side in (before, after))
    rows = [PairChange(*pair, earlier.get(pair, 0), later.get(pair, 0)) for pair in {**earlier, **later}]
    return tuple(sorted(rows, key=lambda r: (-(r.before + r.after), r.written, r.read)))


def _length_changes(composition: Composition, readings: Readings, rng: np.random.Generator) -> tuple[LengthChange, ...]:
    lengths = np.array([len(message.glyphs) for message in composition.messages])
    rows: list[LengthChange] = []
    for low, high, members in by_length(lengths, MESSAGE_LENGTHS):
        here = np.flatnonzero(members).tolist()
        sides = (composition.texts, readings.raw, readings.decoded)
        texts, raw, decoded = ([side[i] for i in here] for side in sides)
        rows.append(LengthChange(low, high, score(texts, raw, rng), score(texts, decoded, rng)))
    return tuple(rows)
