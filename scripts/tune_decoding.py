"""The shipped letters and validation messages -> how much language may say; with --write, stored with the weights.

    python scripts/tune_decoding.py            # needs INKREAD_DATA; prints what each choice comes to
    python scripts/tune_decoding.py --write    # and writes the best into inkread/weights/letters.onnx

The best has the fewest wrong letters with spaces known; of equals, the smaller beam, then the fewer wrong words. Of
``certain`` and of the lexicon's weight only the effect is told: they are settings of the code, not of these weights.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from decoding_systems import Errors, FloatArray, Job, by_inkread, composed, held_out_glyphs, judge
from readme_tables import table

from inkread.alphabet import LETTERS
from inkread.decoding import DecodingOptions, LanguageModel, shipped_language
from inkread.evaluation.composition import Message
from inkread.files import write_whole
from inkread.recognition import Recogniser
from inkread.recognition.recogniser import METADATA_KEY

WEIGHTS: Final = Path(__file__).parent.parent / "inkread" / "weights" / "letters.onnx"
LANGUAGE_WEIGHTS: Final = (0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4)
BEAMS: Final = (16, 32, 64)
CERTAIN: Final = (0.9, 0.99, 0.998, 0.9995, 2.0)  # the last: language may change any letter
LEXICON_WEIGHTS: Final = (0.0, 0.2, 0.35, 0.5)


@dataclass(frozen=True)
class Trial:
    """What options come to with spaces known, the mean over all draws."""

    options: DecodingOptions
    known: Errors


def errors_of(
    options: DecodingOptions,
    language: LanguageModel,
    glyphs: FloatArray,
    draws: Sequence[tuple[Message, ...]],
    spaced: bool,
) -> Errors:
    """The mean errors over all draws."""
    reads = by_inkread(language, options).read([Job(glyphs, messages, spaced) for messages in draws])
    each = [asdict(judge(messages, read)) for messages, read in zip(draws, reads, strict=True)]
    return Errors(**{name: float(np.mean([one[name] for one in each])) for name in each[0]})


def best(trials: Sequence[Trial]) -> Trial:
    """The fewest wrong letters; of equals, the smaller beam, then the fewer wrong words."""
    return min(trials, key=lambda trial: (trial.known.letters, trial.options.beam, trial.known.words))


def row(names: Sequence[str], errors: Errors) -> list[str]:
    """A line of a table."""
    shares = [f"{100 * share:.3f} %" for share in (errors.letters, errors.words)]
    return [*names, *shares, f"{100 * errors.exact:.1f} %", f"{errors.milliseconds:.3f}"]


def effects(
    options: DecodingOptions, language: LanguageModel, glyphs: FloatArray, draws: Sequence[tuple[Message, ...]]
) -> Iterator[list[str]]:
    """What other beams, values of ``certain`` and weights of the lexicon come to, spaces known and unknown."""
    for spaces, spaced in (("known", True), ("unknown", False)):
        for beam in BEAMS:
            errors = errors_of(replace(options, beam=beam), language, glyphs, draws, spaced)
            yield row([f"spaces {spaces}, beam {beam}"], errors)
        for certain in CERTAIN:
            errors = errors_of(replace(options, certain=certain), language, glyphs, draws, spaced)
            yield row([f"spaces {spaces}, certain {certain:g}"], errors)
        for weight in LEXICON_WEIGHTS:
            weighed = replace(language, lexicons=tuple((lexicon, weight) for lexicon, _ in language.lexicons))
            yield row([f"spaces {spaces}, lexicon {weight:g}"], errors_of(options, weighed, glyphs, draws, spaced))


def with_decoding(content: bytes, chosen: Mapping[str, float]) -> bytes:
    """The bytes of inkread's ONNX file with these options in its metadata; nothing else of it changes."""
    model = onnx.load_model_from_string(content)
    (entry,) = (entry for entry in model.metadata_props if entry.key == METADATA_KEY)
    entry.value = json.dumps({**json.loads(entry.value), "decoding": dict(chosen)})
    changed: bytes = model.SerializeToString()
    return changed


def main() -> None:
    """Read the command line, try all choices, print the tables and store the best."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--messages", type=int, help="only the first ones")
    parser.add_argument("--write", action="store_true", help="store the best with the weights")
    arguments = parser.parse_args()
    glyphs, labels = held_out_glyphs(Recogniser(arguments.weights))
    language = shipped_language(LETTERS)
    assert language is not None  # ships for this alphabet
    draws = [composed("val", labels, draw, arguments.messages) for draw in range(arguments.draws)]
    grid = [DecodingOptions(language_weight=weight, beam=beam) for weight, beam in product(LANGUAGE_WEIGHTS, BEAMS)]
    trials = [Trial(options, errors_of(options, language, glyphs, draws, True)) for options in grid]
    header = ["wrong letters", "wrong words", "exact messages", "ms a letter"]
    rows = [row([f"{t.options.language_weight:g}", str(t.options.beam)], t.known) for t in trials]
    print(table(["language_weight", "beam", *header], rows))
    options = best(trials).options
    chosen = {"language_weight": options.language_weight, "beam": options.beam}
    print(f"best: {chosen}\n")
    print(table(["with the best", *header], list(effects(options, language, glyphs, draws))))
    if arguments.write:
        write_whole(arguments.weights, with_decoding(arguments.weights.read_bytes(), chosen))
        print(f"wrote {arguments.weights.name}")


if __name__ == "__main__":
    main()
