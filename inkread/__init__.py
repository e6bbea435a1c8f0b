"""Handwritten pixels in, readable messages out.

>>> import inkread
>>> inkread.LETTERS.decode([7, 8])
'HI'

``inkread.load("letters").read("note.jpg").text`` is the whole of it; the names below are loaded when they are first
used, so that ``import inkread`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkread.alphabet import CHARACTERS, DIGITS, LETTERS, Alphabet
    from inkread.decoding import DecodingOptions, LanguageModel, decode, load_language
    from inkread.errors import InkreadError
    from inkread.loading import load
    from inkread.reader import Reader
    from inkread.results import Box, Character, Correction, Decoded, Hypothesis, Line, Reading, Word

    __version__: str

_HOMES = {
    "CHARACTERS": "inkread.alphabet",
    "DIGITS": "inkread.alphabet",
    "LETTERS": "inkread.alphabet",
    "Alphabet": "inkread.alphabet",
    "Box": "inkread.results",
    "Character": "inkread.results",
    "Correction": "inkread.results",
    "Decoded": "inkread.results",
    "DecodingOptions": "inkread.decoding",
    "Hypothesis": "inkread.results",
    "InkreadError": "inkread.errors",
    "LanguageModel": "inkread.decoding",
    "Line": "inkread.results",
    "Reader": "inkread.reader",
    "Reading": "inkread.results",
    "Word": "inkread.results",
    "decode": "inkread.decoding",
    "load": "inkread.loading",
    "load_language": "inkread.decoding",
}

__all__ = [
    "CHARACTERS",
    "DIGITS",
    "LETTERS",
    "Alphabet",
    "Box",
    "Character",
    "Correction",
    "Decoded",
    "DecodingOptions",
    "Hypothesis",
    "InkreadError",
    "LanguageModel",
    "Line",
    "Reader",
    "Reading",
    "Word",
    "__version__",
    "decode",
    "load",
    "load_language",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home when it is first used (PEP 562)."""
    if name == "__version__":
        value: object = _version()
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'inkread' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # e-mail parsing: 40 ms that reading need not wait

    try:
        return version("inkread")
    except PackageNotFoundError:  # run from a source folder that was never installed
        return "0+unknown"
