"""The shipped line network and composed validation pictures -> how language and eye are weighed; with --write, stored.

    python scripts/tune_lines.py            # needs INKREAD_DATA; prints what each choice comes to
    python scripts/tune_lines.py --write    # and writes the best into inkread/weights/lines.onnx

Pictures and messages are of the validation parts. Each is laid out and recognised once; only decoding is repeated. The
best has the fewest wrong characters, case ignored, over all sets alike.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from inkread.evaluation.text import score
from inkread.files import write_whole
from inkread.interfaces.bench.sets import Sample, composed
from inkread.interfaces.bench.stock import open_stock
from inkread.interfaces.bench.texts import held_out, spelt
from inkread.recognition import LineRecogniser

WEIGHTS: Final = Path(__file__).parent.parent / "inkread" / "weights" / "lines.onnx"
LANGUAGE_WEIGHTS: Final = (0.6, 0.8, 1.0, 1.2)
BONUSES: Final = (2.0, 3.0, 4.0, 5.0, 6.0)
SEED: Final = 77  # of pictures that no record shows
SETS: Final = (("clean", "capitals"), ("clean", "mixed"), ("hard", "capitals"), ("hard", "mixed"))


@dataclass(frozen=True)
class Seen:
    """The frames of a picture's lines, and what stands there."""

    text: str
    frames: list[npt.NDArray[np.float32]]


def seen(network: LineRecogniser, sample: Sample) -> Seen:
    """One picture, laid out and recognised."""
    page = preprocessing.lines(preprocessing.sheet(preprocessing.load(sample.file)).ink)
    return Seen(sample.text, network.frames([preprocessing.strip(line).pixels for line in page.lines]))


def wrong(pictures: Sequence[Seen], alphabet: Alphabet, options: DecodingOptions) -> float:
    """The share of characters wrong under some options, case ignored."""
    read = [decode_lines(one.frames, CHARACTERS, options, alphabet=alphabet) for one in pictures]
    texts = ["\n".join(line.text for line in lines if line.text).upper() for lines in read]
    return score([one.text.upper() for one in pictures], texts).cer


def main() -> None:
    """Read the command line, try all choices, print the table and store the best."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--each", type=int, default=60, help="pictures of each set")
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
    rows, best = [], (np.inf, {})
    for weight, bonus in product(LANGUAGE_WEIGHTS, BONUSES):
        chosen = {"language_weight": weight, "length_bonus": bonus}
        errors = [wrong(pictures, alphabet, DecodingOptions(**chosen)) for alphabet, pictures in sets.values()]
        rows.append([f"{weight:g}", f"{bonus:g}", *(f"{100 * error:.2f} %" for error in errors)])
        best = min(best, (float(np.mean(errors)), chosen), key=lambda one: one[0])
    print(table(["language_weight", "length_bonus", *sets], rows))
    print(f"best: {best[1]}, {100 * best[0]:.2f} % on average")
    if arguments.write:
        write_whole(arguments.weights, with_decoding(arguments.weights.read_bytes(), best[1]))
        print(f"wrote {arguments.weights.name}")


if __name__ == "__main__":
    main()
