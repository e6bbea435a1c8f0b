"""The data folder, or what ships -> what `inkread bench scaling` does in growing sizes. Times nothing itself.

Every size holds the smaller ones: the first pictures, the first characters of a message, the first lines of a page.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from inkread.data import Dataset, Split, load
from inkread.decoding import decode, stored_options
from inkread.interfaces.bench.growing import Family, Work
from inkread.interfaces.bench.sets import chance, developed, filed
from inkread.interfaces.bench.stock import Stock, open_stock
from inkread.interfaces.bench.texts import Writing, held_out, spelt
from inkread.loading import load as load_reader
from inkread.preprocessing.compose import ComposeOptions, write
from inkread.preprocessing.paper import PaperOptions, Photo
from inkread.preprocessing.pen import Hand
from inkread.reader import GEOMETRY_MAY_ERR
from inkread.recognition import SHIPPED, shipped

TWELFTHS: Final = (1, 2, 4, 8, 12)  # of all pictures: 5,000 to 60,000 of MNIST's
BATCHES: Final = (1, 4, 16, 64, 256, 1024, 4096)  # glyphs
LENGTHS: Final = (10, 20, 40, 80, 160, 320, 640)  # characters of a message, spaces not counted
BEAMS: Final = (8, 16, 32, 64, 128, 256)  # ways to read a message that are followed at once
BEAM_LENGTH: Final = 80  # characters of the messages that are decoded with each beam
MESSAGES: Final = 8  # of each length; one may need a second search where another needs none
LINES: Final = (1, 2, 4, 8, 16, 32)  # of a page
LINE_LENGTHS: Final = (20, 28)  # characters: much the same work each
MEGAPIXELS: Final = (0.5, 1, 2, 4, 8, 16)  # of one page
ENLARGED_LINES: Final = 8  # of that page
HEIGHT, LARGE = 40, 80  # pixels, height of a capital on a page of lines, and on the page that is then resized
HOW: Final = ComposeOptions(height=HEIGHT, spacing=0.12, space=0.6, leading=1.8, margin=1.0, hand=Hand())
PAPER: Final = PaperOptions(texture=1, blur=0.5, noise=2)
JPEG: Final = 90  # quality of the pages' files
SEED: Final = 0

LogProbs = npt.NDArray[np.float32]
Gaps = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Material:
    """What works are done with. ``folder``: the data; ``scratch``: a folder where training may write."""

    folder: Path
    scratch: Path

    @cached_property
    def digits(self) -> Dataset:
        """MNIST, or the digits that ship."""
        return load("digits", self.folder)

    @property
    def said(self) -> str:
        """What the digits are."""
        return self.digits.remark or "MNIST"

    @cached_property
    def stock(self) -> Stock:
        """Held-out glyphs of all characters."""
        return open_stock(self.folder)

    def texts(self, writing: Writing) -> list[str]:
        """Held-out messages in one way of writing."""
        return [text for text in spelt(held_out(self.folder, "val"), writing) if self.stock.spells(text)]


def training(material: Material) -> list[Work]:
    """An epoch of `inkread train digits`, from pictures to checkpoint: a twelfth of the pictures validates."""
    from inkread.run_folder import Run
    from inkread.training.config import TrainConfig
    from inkread.training.device import choose_device
    from inkread.training.loop import train

    dataset = material.digits
    pictures = len(dataset.train) + len(dataset.val)
    parts = {pictures * share // 12: _part(dataset, share / 12) for share in TWELFTHS}
    config, run = TrainConfig(epochs=1).filled(), Run(material.scratch)

    def epoch(size: float) -> None:
        for _ in train(parts[int(size)], config, run):
            pass

    device = choose_device().type
    name = f"{config.arch}, one epoch" + ("" if device == "cpu" else f", {device}")
    return [Work("training", name, "pictures", tuple(parts), epoch, glyphs=material.said)]


def _part(dataset: Dataset, share: float) -> Dataset:
    """The first of the pictures, in training and validation alike."""

    def first(split: Split) -> Split:
        return split.take(np.arange(round(share * len(split))))

    return replace(dataset, train=first(dataset.train), val=first(dataset.val))


def inference(material: Material) -> list[Work]:
    """Framed glyphs -> log-probabilities, by each network of glyphs that ships."""
    return [_batches(name, material) for name in SHIPPED]


def _batches(name: str, material: Material) -> Work:
    recogniser = shipped(name)
    label = f"{name} ({recogniser.details['arch']})"
    glyphs = np.resize(material.digits.train.images, (max(BATCHES), 28, 28))

    def recognised(size: float) -> LogProbs:
        return recogniser.log_probs(glyphs[: int(size)])

    return Work("inference", label, "glyphs", BATCHES, recognised, glyphs=material.said)


def decoding(material: Material) -> list[Work]:
    """Log-probabilities of letters -> text, over the length of messages, and over the beam at one length."""
    recogniser = shipped("letters")
    options = stored_options(recogniser.details)
    messages = [_message(material, number) for number in range(MESSAGES)]
    seen = [(recogniser.log_probs(glyphs), gaps) for glyphs, gaps in messages]

    def decoded(length: int, beam: int) -> None:
        for log_probs, gaps in seen:
            own = replace(options, beam=beam)
            decode(log_probs[:length], recogniser.alphabet, own, gaps=gaps[: length - 1])

    longer, wider = f"beam {options.beam}", f"{BEAM_LENGTH} characters"
    glyphs = material.stock.remark
    return [
        Work("decoding", longer, "characters", LENGTHS, lambda n: decoded(int(n), options.beam), MESSAGES, glyphs),
        Work("decoding", wider, "ways followed", BEAMS, lambda n: decoded(BEAM_LENGTH, int(n)), MESSAGES, glyphs),
    ]


def _message(material: Material, number: int) -> tuple[npt.NDArray[np.uint8], Gaps]:
    """Held-out messages one after another, as glyphs (T, 28, 28) and the probabilities (T-1,) of the gaps."""
    rng = chance(SEED, "decoding", number)
    texts, text = material.texts("capitals"), ""
    while len(text) - text.count(" ") < max(*LENGTHS, BEAM_LENGTH):
        text = f"{text} {texts[int(rng.integers(len(texts)))]}".strip()
    spaced = [after == " " for before, after in pairwise(text) if before != " "]
    return material.stock.draw(text, rng), np.where(spaced, 1 - GEOMETRY_MAY_ERR, GEOMETRY_MAY_ERR)


def reading(material: Material) -> list[Work]:
    """JPEG files of pages -> readings: more lines of one size, and one page in more and more pixels."""
    reader = load_reader()
    pages = {lines: filed(_page(material, lines, HEIGHT).picture, JPEG) for lines in LINES}
    large = _page(material, ENLARGED_LINES, LARGE).picture
    scans = {megapixels: filed(_resized(large, megapixels), JPEG) for megapixels in MEGAPIXELS}
    longer, larger, glyphs = f"letters of {HEIGHT} pixels", f"{ENLARGED_LINES} lines", material.stock.remark
    return [
        Work("reading", longer, "lines", LINES, lambda size: reader.read(pages[int(size)]), glyphs=glyphs),
        Work("reading", larger, "megapixels", MEGAPIXELS, lambda size: reader.read(scans[size]), glyphs=glyphs),
    ]


def _page(material: Material, lines: int, height: int) -> Photo:
    """A scan of the first lines of a note, capitals ``height`` pixels tall."""
    rng = chance(SEED, "reading", height)
    rows = [row for text in material.texts("mixed") for row in textwrap.wrap(text, LINE_LENGTHS[1])]
    whole = [row for row in rows if len(row) >= LINE_LENGTHS[0]]
    written = rng.choice(whole, max(*LINES, ENLARGED_LINES))
    glyphs, text = material.stock.draw("".join(written), rng), "\n".join(written[:lines])
    own = write(glyphs[: len("".join(text.split()))], text, rng, replace(HOW, height=height))
    return developed(own, rng, PAPER)[0]


def _resized(picture: npt.NDArray[np.uint8], megapixels: float) -> npt.NDArray[np.uint8]:
    height, width = picture.shape[:2]
    factor = (1e6 * megapixels / (height * width)) ** 0.5
    size = round(factor * width), round(factor * height)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


WORKS: Final[Mapping[Family, Callable[[Material], list[Work]]]] = {
    "training": training, "inference": inference, "decoding": decoding, "reading": reading,
}  # fmt: skip
