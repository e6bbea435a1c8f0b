"""A writer's own glyphs and what a network learnt before -> one data set that teaches the hand without forgetting.

Both come in equal numbers, so that the writer's few glyphs are seen often and the many others still hold the network.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from torch import nn

from inkread.data import Dataset, Split
from inkread.data.splits import fingerprint, join
from inkread.errors import BadData
from inkread.models import logits
from inkread.run_folder import Run
from inkread.training.config import TrainConfig
from inkread.training.loop import make_average, make_optimizer, steps_of
from inkread.training.state import Learner, State, capture, save_state

PART: Final = 1_024  # glyphs of each side in an epoch
VALIDATED: Final = 2_000  # glyphs learnt before that the temperature is fitted on, beside all that the writer held out


def mixed(own: Dataset, before: Dataset, network: nn.Module, seed: int) -> Dataset:
    """The data set to train a network further with: ``own`` glyphs over and over, and some of those learnt ``before``.

    These are labelled with what the network reads, right or wrong: what is asked of them is that nothing changes.
    Both have the network's alphabet and framing. The same seed gives the same glyphs. Raises BadData for no own glyphs.
    """
    if not len(own.train):
        raise BadData(f"{own.name} has nothing to learn from that the network's alphabet knows")
    rng = np.random.default_rng(seed)
    again = np.resize(rng.permutation(len(own.train)), max(PART, len(own.train)))
    known = drawn(before.train, len(again), rng)
    known = replace(known, labels=logits(network, known.images).argmax(axis=1).astype(np.int64))
    train = join([own.train.take(again), known])
    val = join([own.val, drawn(before.val, VALIDATED, rng)])
    return replace(own, train=train, val=val, test=None, fingerprint=fingerprint((train, val, None)))


def drawn(split: Split, count: int, rng: np.random.Generator) -> Split:
    """So many glyphs by chance, or all where there are fewer."""
    return split.take(np.sort(rng.permutation(len(split))[:count]))


def begin(network: nn.Module, dataset: Dataset, config: TrainConfig, run: Run) -> None:
    """Lay the first state of a run whose weights are those of ``network``: training goes on from it as from a stop."""
    config = config.filled()
    _, steps = steps_of(config, len(dataset.train))
    learner = Learner(network, make_optimizer(network, config), make_average(network, config, config.epochs * steps))
    save_state(run, State(capture(learner), config, dataset.fingerprint, []))


def held_out(dataset: Dataset) -> Split:
    """A writer's glyphs that nothing was learnt from: validation and test part."""
    return join([dataset.val, *([dataset.test] if dataset.test is not None else [])])
