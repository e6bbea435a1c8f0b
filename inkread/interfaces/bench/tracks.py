"""The records that `inkread bench train` re-runs: what each trains, and what it has to reach. Trains nothing itself.

A recipe is chosen on validation data (records/LOG.md tells how); the test part is opened when a record is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from inkread.errors import BadOption
from inkread.training.config import TrainConfig


@dataclass(frozen=True)
class Track:
    """One claim: a recipe, and what the mean over its seeds has to reach.

    Attributes:
        claim: what is claimed, in a sentence.
        config: the recipe; the seed is set for each run.
        target: accuracy (0..1) that the mean has to reach.
        aim: accuracy that would be better still.
        seconds: of training that the mean may take; None: time is not claimed.
        parameters: that the network may have.
        faster: how many times longer the public example, which is then timed beside it, has to train.
        networks: how many read each glyph together, their probabilities averaged.
        of: the track whose runs are measured; None: its own.
        teacher: the recipe of the network that teaches, the same for every seed; None: labels do.
        alike: characters that a second figure counts as one.
        data: whether the glyphs must be named with --data, because no data set of the catalogue has them.
    """

    claim: str
    config: TrainConfig
    target: float
    aim: float | None = None
    seconds: float | None = None
    parameters: int | None = None
    faster: float | None = None
    networks: int = 1
    of: str | None = None
    teacher: TrainConfig | None = None
    alike: str = ""
    data: bool = False


ONE: Final = TrainConfig(
    "mnist", arch="cnn-medium", epochs=20, learning_rate=0.1, batch_size=128, shift=2.0, rotate=10.0, scale=0.12,
    shear=0.12, elastic=0.5, stroke=0.3, plain_epochs=1, averaging=0.999,
)  # fmt: skip

TEACHER: Final = replace(  # labels that are smoothed make a worse teacher (records/LOG.md)
    ONE, seed=0, optimizer="muon", learning_rate=0.05, weight_decay=1e-4, label_smoothing=0.0
)

TRACKS: Final[Mapping[str, Track]] = {
    "digits-99.0": Track(
        "seconds of training to 99.0 % of MNIST's test digits",
        TrainConfig("mnist", arch="cnn", epochs=2, plain_epochs=2),
        target=0.99, seconds=4.0, faster=60,
    ),
    "digits-99.5": Track(
        "seconds of training to 99.5 %",
        TrainConfig("mnist", arch="cnn-medium"),
        target=0.995, seconds=45.0,
    ),
    "digits-one": Track("one network, each glyph read once", ONE, target=0.9972, aim=0.998),
    "digits-any": Track(
        "any size: five networks", ONE, target=0.998, aim=0.9987, networks=5, of="digits-one"
    ),
    "digits-1k": Track(
        "at most 1,000 parameters, taught by a larger network", TrainConfig("mnist", arch="cnn-1k"),
        target=0.989, parameters=1_000, teacher=TEACHER,
    ),
    "digits-4k": Track("at most 4,000", TrainConfig("mnist", arch="cnn-4k"), target=0.9945, parameters=4_000),
    "digits-10k": Track(
        "at most 10,000, taught by a larger network", TrainConfig("mnist", arch="cnn-10k"),
        target=0.996, parameters=10_000, teacher=TEACHER,
    ),
    "digits-mlp": Track(
        "no convolution", TrainConfig("mnist", arch="mlp", epochs=24, averaging=0.999), target=0.989, aim=0.992
    ),
    "letters-capitals": Track(
        "NIST's capitals",
        TrainConfig("letters", arch="cnn-accurate", epochs=20, averaging=0.999),
        target=0.988, aim=0.992, data=True,
    ),
    "letters-emnist": Track(
        "EMNIST's test letters A to M, both cases, unlike any glyph of NIST SD19 that is here",
        TrainConfig(
            "letters", arch="cnn-accurate", optimizer="muon", learning_rate=0.05, weight_decay=1e-4, averaging=0.999,
            plain_epochs=0,
        ),
        target=0.945, aim=0.955, alike="IL", data=True,
    ),
}  # fmt: skip


def find(name: str) -> Track:
    """A track by its name."""
    if name not in TRACKS:
        raise BadOption(f"there is no track {name!r}; choose one of: {', '.join(TRACKS)}")
    return TRACKS[name]
