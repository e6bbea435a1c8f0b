"""The flags by which language decodes -> options, or one sentence about the first that none would hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from inkread.alphabet import Alphabet
from inkread.errors import BadOption
from inkread.interfaces.reading_lists import own_words

if TYPE_CHECKING:
    from inkread.decoding import DecodingOptions


@dataclass(frozen=True)
class LanguageFlags:
    """What language may say. What is left out is as it was chosen for the model."""

    language: Path | None = None
    """A language model of inkread language train; without it, the English that ships for the characters."""

    language_weight: float | None = None
    """How much language counts against the eye (0..5), 0 is the eye alone; without it, as chosen for the model."""

    words: Path | None = None
    """A text file with words of your own, one a line: names, products, places."""

    keep: tuple[str, ...] = ()
    """A word that this regular expression matches wholly is taken as it was read; may be repeated."""

    no_lexicon: bool = False
    """Leave out the language's own list of words; --words still counts."""

    beam: int | None = None
    """Ways to read a text that are followed at once, more is slower and misses less; without it, as chosen for the
    model."""

    @property
    def spoken(self) -> dict[str, object]:
        """What says something to a language, by its flag."""
        return {"--language": self.language, "--words": self.words, "--no-lexicon": self.no_lexicon}

    @property
    def given(self) -> dict[str, object]:
        """All of them, by their flags."""
        searched = {"--language-weight": self.language_weight, "--keep": self.keep, "--beam": self.beam is not None}
        return {**self.spoken, **searched}

    def refuse_without_weight(self, others: Mapping[str, object]) -> None:
        """Raise BadOption for the first flag, one of these or of the ``others``, that is set beside a weight of 0."""
        if self.language_weight == 0:
            refuse_beside({**self.spoken, **others}, "--language-weight 0", "no language is asked")

    def changes(self, alphabet: Alphabet) -> dict[str, object]:
        """The options of decoding that are asked for, None where they are not. Raises BadData for a list of words."""
        return {
            "language_weight": self.language_weight,
            "words": own_words(self.words, alphabet) if self.words else None,
            "keep": self.keep or None,
            "lexicon": False if self.no_lexicon else None,
            "beam": self.beam,
        }


AS_STORED = LanguageFlags()


def changed(options: DecodingOptions, changes: Mapping[str, object]) -> DecodingOptions:
    """The options with each change that is not None."""
    given = {name: value for name, value in changes.items() if value is not None}
    return replace(options, **given)  # type: ignore[arg-type]


def refuse_unheard(asked: Mapping[str, object], alphabet: Alphabet) -> None:
    """Raise BadOption for the first flag that is set (to anything but nothing) where there is no language."""
    for flag in _set(asked):
        raise BadOption(
            f"{flag} speaks to a language model, and none ships for {alphabet.characters}; name one that inkread "
            f"language train made with --language, or leave {flag} out"
        )


def refuse_beside(asked: Mapping[str, object], other: str, why: str) -> None:
    """Raise BadOption for the first flag that is set, since another one leaves it nothing to say."""
    for flag in _set(asked):
        raise BadOption(f"{flag} has no say beside {other}: {why}; leave one of them out")


def _set(asked: Mapping[str, object]) -> list[str]:
    return [flag for flag, value in asked.items() if value]
