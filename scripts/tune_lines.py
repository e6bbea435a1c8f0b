"""The shipped line network and composed validation pictures -> how language and eye are weighed; with --write, stored.

    python scripts/tune_lines.py            # needs INKREAD_DATA; prints what each choice comes to
    python scripts/tune_lines.py --write    # and writes the best into inkread/weights/lines.onnx

Pictures and messages are of the validation parts. Each is laid out and recognised once; only decoding is repeated. The
best has the fewest wrong characters, case ignored, over all sets alike, with the smallest beam that reads as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from readme_tables import table
from tune_decoding import with_decoding

from inkread import preprocessing
from inkread.alphabet import CHARACTERS, LETTERS, Alphabet
from inkread.data import data_folder
from inkread.decoding import DecodingOptions, decode_lines
from inkread.dots import counted
from inkread.evaluation.text import score
from inkread.files import write_whole
from inkread.interfaces.bench.sets import Sample, composed
from inkread.interfaces.bench.stock import open_stock
from inkread.interfaces.bench.texts import held_out, spelt
from inkread.marks import doubted
from inkread.preprocessing import Strip
from inkread.recognition import LineRecogniser

WEIGHTS: Final = Path(__file__).parent.parent / "inkread" / "weights" / "lines.onnx"
LANGUAGE_WEIGHTS: Final = (0.6, 0.7, 0.8, 1.0)
BONUSES: Final = (2.0, 2.5, 3.0, 4.0)
BEAMS: Final = (8, 16, 32, 64)
ALIKE: Final = 0.0005  # of all characters; beams that differ by less read as well
SEED: Final = 77  # of pictures that no record shows
SETS: Final = tuple(product(("clean", "hard", "words"), ("capitals", "mixed")))


@dataclass(frozen=True)
class Seen:
    """The strips of a picture's lines, their frames, and what stands there."""

    text: str
    strips: list[Strip]
    frames: list[npt.NDArray[np.float32]]


def seen(network: LineRecogniser, sample: Sample) -> Seen:
    """One picture, laid out and recognised."""
    page = preprocessing.lines(preprocessing.sheet(preprocessing.load(sample.file)).ink)
    strips = [preprocessing.strip(line) for line in page.lines]
    frames = zip(network.frames([strip.pixels for strip in strips]), strips, strict=True)
    return Seen(sample.text, strips, [doubted(*one, CHARACTERS, network.first, network.stride) for one in frames])


def wrong(network: LineRecogniser, pictures: Sequence[Seen], alphabet: Alphabet, options: DecodingOptions) -> float:
    """The share of characters wrong under some options, case ignored."""
    texts = []
    for one in pictures:
        lines = decode_lines(one.frames, CHARACTERS, options, alphabet=alphabet)
        read = [counted(*line, network.first, network.stride).text for line in zip(lines, one.strips, strict=True)]
        texts.append("\n".join(text for text in read if text).upper())
    return score([one.text.upper() for one in pictures], texts).cer


def trials(errors: Callable[[DecodingOptions], list[float]]) -> dict[DecodingOptions, list[float]]:
    """What each weight and bonus come to, and the best of them with each beam."""
    every = (
        DecodingOptions(language_weight=one, length_bonus=more) for one, more in product(LANGUAGE_WEIGHTS, BONUSES)
    )
    tried = {options: errors(options) for options in every}
    best = min(tried, key=lambda options: float(np.mean(tried[options])))
    return tried | {options: errors(options) for beam in BEAMS if (options := replace(best, beam=beam)) not in tried}


def main() -> None:
    """Read the command line, try all choices, print the table and store the best."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--each", type=int, default=100, help="pictures of each set")
    parser.add_argument("--write", action="store_true", help="store the best with the weights")
    arguments = parser.parse_args()
    network = LineRecogniser(arguments.weights)
    stock, messages = open_stock(data_folder()), held_out(data_folder(), "val")
    sets: Mapping[str, tuple[Alphabet, list[Seen]]] = {
        f"{kind} {writing}": (
            LETTERS if writing == "capitals" else CHARACTERS,
            [
                seen(network, sample)
                for sample in composed(kind, writing, stock, spelt(messages, writing), n=arguments.each, seed=SEED)
            ],
        )
        for kind, writing in SETS
    }
    tried = trials(
        lambda options: [wrong(network, pictures, alphabet, options) for alphabet, pictures in sets.values()]
    )
    means = {options: float(np.mean(told)) for options, told in tried.items()}
    best = min(means, key=means.__getitem__)
    worst = means[best] + ALIKE
    best = next(options for beam in BEAMS if means[options := replace(best, beam=beam)] < worst)
    chosen = {name: getattr(best, name) for name in ("language_weight", "length_bonus", "beam")}
    rows = [
        [f"{o.language_weight:g}", f"{o.length_bonus:g}", str(o.beam), *(f"{100 * one:.2f} %" for one in told)]
        for o, told in tried.items()
    ]
    print(table(["language_weight", "length_bonus", "beam", *sets], rows))
    print(f"best: {chosen}, {100 * means[best]:.2f} % on average")
    if arguments.write:
        write_whole(arguments.weights, with_decoding(arguments.weights.read_bytes(), chosen))
        print(f"wrote {arguments.weights.name}")


if __name__ == "__main__":
    main()
