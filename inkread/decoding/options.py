"""How much language may say, as one flat frozen record; flags, help and what is stored with a model come from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from inkread.errors import BadOption

if TYPE_CHECKING:
    from inkread.decoding.constraint import Constraint

# What is chosen for a model, on validation messages, and kept in its file.
STORED = ("language_weight", "beam", "length_bonus")


@dataclass(frozen=True)
class DecodingOptions:
    """How log-probabilities become text. The numbers were chosen on validation messages; records/decoding tells how."""

    language_weight: float = 1.0
    """How much the language model counts against the recogniser: 0 is the eye alone, 1 takes it at its word."""

    length_bonus: float = 3.0
    """What each character adds to a reading's score where it is open how many there are (natural logarithm): a language
    model alone prefers short texts. Used for lines that a line network reads."""

    beam: int = 32
    """Ways to read a line that are followed at once: more is slower, and exact in the limit."""

    n_best: int = 5
    """How many hypotheses are told."""

    certain: float = 0.998
    """A character read with at least this probability (0..1) is never changed by language; above 1, any may be."""

    min_confidence: float = 0.0
    """A character less probable than this (0..1) after decoding becomes a ?."""

    lexicon: bool = True
    """Whether the language model's list of words has a say."""

    words: tuple[str, ...] = ()
    """Words of your own, which the language model then knows: names, products, places."""

    keep: tuple[str, ...] = ()
    """Regular expressions (Python's): a word that wholly matches is taken as it was read, such as a licence plate."""

    constraint: Constraint | None = None
    """What the whole text must be: `pattern`, `allowed`, check digits. The likeliest text that fits is the answer."""

    def __post_init__(self) -> None:
        """Refuse values that make no sense, so that decoding need not check them."""
        limits = {
            "language_weight": (0, 100), "length_bonus": (-100, 100), "beam": (1, 100_000), "n_best": (1, 1_000),
            "certain": (0, 2), "min_confidence": (0, 1),
        }  # fmt: skip
        for option, (low, high) in limits.items():
            value = getattr(self, option)
            if not low <= value <= high:
                raise BadOption(f"{option} is {value}; expected {low} to {high:,}")
        for name in ("words", "keep"):
            if isinstance(getattr(self, name), str):
                raise BadOption(f"{name} is the single text {getattr(self, name)!r}; expected several, in a tuple")
        for expression in self.keep:
            try:
                re.compile(expression)
            except re.error as error:
                raise BadOption(f"keep has {expression!r}, which is no regular expression: {error}") from error


def stored_options(details: Mapping[str, object]) -> DecodingOptions:
    """The options that were chosen for a model and stored with it; the defaults for a model without."""
    stored = details.get("decoding")
    if not isinstance(stored, Mapping):
        return DecodingOptions()
    known = {field.name for field in fields(DecodingOptions)} & set(STORED)
    return DecodingOptions(**{name: value for name, value in stored.items() if name in known})
