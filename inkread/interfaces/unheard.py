"""Flags that speak to a language model where none is asked -> one sentence, so that none goes unheard."""

from __future__ import annotations

from collections.abc import Mapping

from inkread.alphabet import Alphabet
from inkread.errors import BadOption


def refuse_unheard(asked: Mapping[str, object], alphabet: Alphabet) -> None:
    """Raise BadOption for the first flag that is set (to anything but nothing) where there is no language."""
    for flag in _set(asked):
        raise BadOption(
            f"{flag} speaks to a language model, and none ships for {alphabet.characters}; name one that inkread "
            f"language train made with --language, or leave {flag} out"
        )


def refuse_without_weight(asked: Mapping[str, object], language_weight: float | None) -> None:
    """Raise BadOption for the first flag that is set beside a weight of 0."""
    if language_weight == 0:
        refuse_beside(asked, "--language-weight 0", "no language is asked")


def refuse_beside(asked: Mapping[str, object], other: str, why: str) -> None:
    """Raise BadOption for the first flag that is set, since another one leaves it nothing to say."""
    for flag in _set(asked):
        raise BadOption(f"{flag} has no say beside {other}: {why}; leave one of them out")


def _set(asked: Mapping[str, object]) -> list[str]:
    return [flag for flag, value in asked.items() if value]
