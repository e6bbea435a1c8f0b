"""Messages spelt with glyphs, and log-probabilities of these -> how they are read: by the eye alone, and decoded.

The one place where `inkread messages` meets the decoder; evaluation sees the texts only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.evaluation.composition import Composition, read_greedily
from inkread.evaluation.decoding_effect import Readings, Spaces
from inkread.interfaces.language_flags import LanguageFlags, changed, refuse_unheard

if TYPE_CHECKING:
    from inkread.decoding import DecodingOptions, LanguageModel
    from inkread.recognition import Recogniser
    from inkread.results import Decoded


@dataclass(frozen=True)
class Decoder:
    """A language and how much it may say about the messages of one alphabet."""

    alphabet: Alphabet
    language: LanguageModel
    options: DecodingOptions

    def decode(self, log_probs: npt.NDArray[np.float32], gaps: npt.NDArray[np.float64] | None) -> Decoded:
        """One message: log-probabilities (T, C), and the probability (T-1,) of a space after each character or None."""
        from inkread import decoding

        return decoding.decode(log_probs, self.alphabet, self.options, gaps=gaps, language=self.language)

    @property
    def settings(self) -> dict[str, object]:
        """The options that are set, for the reader of a report."""
        told = {**asdict(self.options), "words": len(self.options.words) or None}  # not thousands
        return {name: value for name, value in told.items() if value not in (None, ())}


def open_decoder(
    recogniser: Recogniser, language_file: Path | None = None, language_weight: float | None = None
) -> Decoder | None:
    """The decoder that suits a recogniser; None where no language model fits its alphabet.

    ``language_file`` takes the place of the language that ships, ``language_weight`` of the one that is stored with the
    recogniser. Raises BadOption, or BadCheckpoint for a file that holds no language.
    """
    from inkread import decoding

    shipped = decoding.shipped_language
    language = decoding.load_language(language_file) if language_file else shipped(recogniser.alphabet)
    if language is None:
        return None
    options = decoding.stored_options(recogniser.details)
    if language_weight is not None:
        options = replace(options, language_weight=language_weight)
    return Decoder(recogniser.alphabet, language, options)


def decoder_asked(recogniser: Recogniser, flags: LanguageFlags, spaces: Spaces = "known") -> Decoder | None:
    """The decoder that the flags ask for; None where no language model fits and nothing asks for one.

    Raises what ``open_decoder`` does, BadData for a list of words, BadOption for a flag that no language would hear.
    """
    decoder = open_decoder(recogniser, flags.language)
    if decoder is None:
        refuse_unheard({"--spaces none": spaces == "none", **flags.given}, recogniser.alphabet)
        return None
    flags.refuse_without_weight({"--beam": flags.beam is not None})
    return replace(decoder, options=changed(decoder.options, flags.changes(recogniser.alphabet)))


def read_messages(
    composition: Composition, log_probs: npt.NDArray[np.float32], decoder: Decoder, spaces: Spaces = "known"
) -> Readings:
    """Each message by the eye alone and decoded; ``log_probs`` (N, C) has a row for each glyph. Raises BadArray."""
    raw = read_greedily(composition, log_probs)
    decoded = [
        decoder.decode(log_probs[message.glyphs], known_gaps(message.text) if spaces == "known" else None)
        for message in composition.messages
    ]
    return Readings(
        raw=raw if spaces == "known" else tuple(text.replace(" ", "") for text in raw),
        decoded=tuple(one.text for one in decoded),
        confidence=tuple(one.confidence for one in decoded),
        spaces=spaces,
    )


def known_gaps(text: str) -> npt.NDArray[np.float64]:
    """Where spaces stand in a text: (T-1,) for its T other characters, 1.0 where a space follows, else 0.0.

    >>> known_gaps("ME TOO")
    array([0., 1., 0., 0.])
    """
    words = text.split()
    gaps = np.zeros(max(0, sum(map(len, words)) - 1))
    gaps[np.cumsum([len(word) for word in words])[:-1] - 1] = 1.0
    return gaps
