"""Messages that the eye alone reads -> whether its confidence can be trusted, and how it reads worse glyphs.

What decoding changes is left to ``decoding_effect``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt

from inkread.evaluation.alignment import align, units_right
from inkread.evaluation.border import FloatArray
from inkread.evaluation.composition import Composition, read_greedily, scores_of
from inkread.evaluation.confidence import Trust, trust
from inkread.evaluation.text import TextScore, score


@dataclass(frozen=True)
class Quality:
    """All texts, from glyphs with ``noise`` (standard deviation, as a share of full ink)."""

    noise: float
    score: TextScore


@dataclass(frozen=True)
class EyeAlone:
    """``trust`` is about the probability that the recogniser gives all characters of a message together; ``quality``
    has a row for each level of noise, from none upwards.
    """

    trust: Trust
    quality: tuple[Quality, ...] = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Plain dicts, lists and numbers, ready for ``json.dumps``."""
        return {"trust": self.trust.to_dict(), "quality": [asdict(row) for row in self.quality]}


def eye_alone(composition: Composition, log_probs: npt.ArrayLike, quality: Sequence[Quality] = ()) -> EyeAlone:
    """What the eye's confidence in whole messages is worth.

    ``log_probs`` is (N, C), a row for each glyph that the messages draw from; ``quality`` was measured by
    ``eye_quality`` on worse glyphs. Raises BadArray where numbers differ.
    """
    scores = scores_of(composition, log_probs)
    read = align(composition, read_greedily(composition, scores))
    trusted = trust(message_confidence(composition, scores), units_right(read.message, read.wrong)[1])
    return EyeAlone(trusted, tuple(sorted(quality, key=lambda row: row.noise)))


def eye_quality(noise: float, composition: Composition, log_probs: npt.ArrayLike, rng: np.random.Generator) -> Quality:
    """How well the eye reads the messages from glyphs with that much noise; ``rng`` draws the bootstrap."""
    return Quality(noise, score(composition.texts, read_greedily(composition, log_probs), rng))


def message_confidence(composition: Composition, scores: FloatArray) -> FloatArray:
    """The probability that the recogniser gives the likeliest character of each glyph of a message, all together."""
    best = scores.max(axis=1)
    return np.exp([best[message.glyphs].sum() for message in composition.messages]).clip(0.0, 1.0)
