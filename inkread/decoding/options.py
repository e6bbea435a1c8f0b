"""How much language may say, as one flat frozen record; flags, help and what is stored with a model come from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import TYPE_CHECKING

from inkread.decoding.border import check_texts, is_whole
from inkread.decoding.pattern import pattern
from inkread.errors import BadOption

if TYPE_CHECKING:
    from inkread.decoding.constraint import Constraint

# What is chosen for a model, on validation messages, and kept in its file.
STORED = ("language_weight", "beam", "length_bonus")
# The least and the most that makes sense; where these are whole numbers, so is the option.
LIMITS = {
    "language_weight": (0.0, 5.0), "length_bonus": (-100.0, 100.0), "beam": (1, 100_000), "n_best": (1, 1_000),
    "certain": (0.0, 2.0), "min_confidence": (0.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class DecodingOptions:
    """How log-probabilities become text. The numbers were chosen on validation messages; records/decoding tells how."""

    language_weight: float = 1.0
    """How much the language model counts against the recogniser (0..5): 0 is the eye alone, 1 takes it at its word.
    From 2 on clean notes lose words that are not usual, above 5 whole lines."""

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
    """Regular expressions, those of `pattern`: a word that wholly matches is taken as it was read, such as a licence
    plate."""

    constraint: Constraint | None = None
    """What the whole text must be: `pattern`, `allowed`, check digits. The likeliest text that fits is the answer."""

    def __post_init__(self) -> None:
        """Refuse values that make no sense, so that decoding need not check them; several texts become a tuple."""
        for option, (low, high) in LIMITS.items():
            value = getattr(self, option)
            whole = isinstance(low, int)
            if not (is_whole(value) if whole else isinstance(value, Real) and not isinstance(value, bool)):
                number = "a whole number" if whole else "a number"
                raise BadOption(f"{option} is {value!r}; expected {number}, {low:g} to {high:,g}")
            if not low <= value <= high:
                raise BadOption(f"{option} is {value}; expected {low:g} to {high:,g}")
        for name in ("words", "keep"):
            object.__setattr__(self, name, check_texts(name, getattr(self, name)))
        for expression in self.keep:
            try:
                pattern(expression)
            except BadOption as error:
                raise BadOption(f"keep: {error}") from error


def checked_options(options: DecodingOptions | None) -> DecodingOptions:
    """The options, or the defaults; raises BadOption for anything else."""
    if options is not None and not isinstance(options, DecodingOptions):
        raise BadOption(
            f"options are {options!r:.60}; expected inkread.DecodingOptions, such as DecodingOptions(beam=8)"
        )
    return options or DecodingOptions()


def stored_options(details: Mapping[str, object]) -> DecodingOptions:
    """The options that were chosen for a model and stored with it; the defaults for a model without."""
    stored = details.get("decoding")
    if not isinstance(stored, Mapping):
        return DecodingOptions()
    known = {field.name for field in fields(DecodingOptions)} & set(STORED)
    return DecodingOptions(**{name: value for name, value in stored.items() if name in known})
