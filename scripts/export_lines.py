"""A trained line network -> the weights that ship: rounded to 8 bits, calibrated on validation lines, exported.

Tells how many characters of the validation lines are wrong before and after rounding.

python scripts/export_lines.py build/lines                   # needs what train_lines.py does
python scripts/export_lines.py build/lines --before 18000    # where it learnt on from weights of 18,000 steps
python scripts/export_lines.py build/lines --average OLD.onnx  # halfway from where it began to where it came (--share)
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import torch
from line_weights import averaged, learning_on
from line_writer import CLASSES, Line, Writer, batch, batches, validation
from train_lines import SIZE, losses, measure, restored

from inkread.alphabet import CHARACTERS
from inkread.interfaces.export_lines import export_lines
from inkread.interfaces.packing import rounded
from inkread.models.line_network import FIRST, STRIDE, LineNetwork

SHIPPED: Final = Path(__file__).parent.parent / "inkread" / "weights" / "lines.onnx"
TEMPERATURES: Final = np.round(np.arange(0.7, 2.01, 0.1), 2)
CALIBRATED_ON: Final = 60  # lines of each validation set
NORMS_ON: Final = 64  # batches that give an averaged network's norms their statistics
NORMS_SEED: Final = 991  # of them
HOPELESS: Final = 20.0  # loss a character; a line that is worse shall not rule


def calibrated(network: LineNetwork, lines: Sequence[Line]) -> float:
    """The temperature under which the true texts of the lines are likeliest."""
    network.eval()
    totals = np.zeros(len(TEMPERATURES))
    with torch.inference_mode():
        for line in lines:
            alone = batch([line])
            logits = network(torch.from_numpy(alone.strips).float() / 255)
            for place, temperature in enumerate(TEMPERATURES):
                _, by_line = losses(logits / float(temperature), alone)
                totals[place] += min(float(by_line), HOPELESS) * len(line.text)
    return float(TEMPERATURES[int(totals.argmin())])


def main() -> None:
    """Read the command line and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--glyphs", type=Path, default=Path("build/line-glyphs.npz"))
    parser.add_argument("--fonts", type=Path, default=Path("build/line-fonts"))
    parser.add_argument("--before", type=int, default=0, help="steps of the weights that the run learnt on from")
    parser.add_argument("--average", type=Path, metavar="WEIGHTS", help="an exported file to meet on the way")
    parser.add_argument("--seed", type=int, default=0, help="that the run learnt with, for that average")
    parser.add_argument("--share", type=float, default=0.5, help="of the run's own weights in that average")
    arguments = parser.parse_args()
    network = LineNetwork(len(CLASSES))
    step = restored(arguments.run / "state.safetensors", network)
    if arguments.average is not None:
        written = list(islice(batches(Writer(arguments.glyphs, arguments.fonts, "train", NORMS_SEED), SIZE), NORMS_ON))
        torch.manual_seed(arguments.seed)  # as `train_lines` does: what the old file lacks begins as it began there
        LineNetwork(len(CLASSES))
        network = averaged(network, learning_on(arguments.average, written), written, arguments.share)
    sets = validation(arguments.glyphs, arguments.fonts)
    lines = [line for part in sets.values() for line in part]
    before, network = measure(network, sets), rounded(network)
    after = measure(network, sets)
    print(f"characters wrong, percent: {before}, rounded: {after}")
    temperature = calibrated(network, [line for part in sets.values() for line in part[:CALIBRATED_ON]])
    details = {
        "name": "lines",
        "alphabet": asdict(CHARACTERS),
        "stride": STRIDE,
        "first": FIRST,
        "temperature": temperature,
        "steps": arguments.before + step,
        "parameters": sum(p.numel() for p in network.parameters()),
        "validation": after,
        "decoding": {},
    }
    difference = export_lines(network, details, arguments.out, [line.strip for line in lines[:64]])
    print(f"temperature {temperature}, step {step}; differs by {difference:.1e}; wrote {arguments.out}")


if __name__ == "__main__":
    main()
