"""`inkread messages`: what character errors do to real messages, spelt with glyphs that the network never saw.

Where there is a language model for the alphabet, the messages are decoded as well: the effect before and after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import numpy.typing as npt
from cyclopts import Parameter
from rich.console import Console

from inkread.errors import BadOption
from inkread.evaluation.decoding_effect import Spaces
from inkread.interfaces.data_choice import Measured, Part, open_measured
from inkread.interfaces.language_flags import AS_STORED, LanguageFlags
from inkread.interfaces.message_decoding import Decoder, decoder_asked, read_messages
from inkread.interfaces.missing import refuse_missing_run
from inkread.interfaces.target_file import refuse_file
from inkread.interfaces.text_file import read_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

    from inkread.evaluation.composition import Composition
    from inkread.evaluation.decoding_effect import DecodingReport
    from inkread.evaluation.report import Subject

    Told = tuple[RenderableType, Callable[[], tuple[str, dict[str, object]]]]  # tables; page and record if wanted

OWN_MESSAGES = 200  # messages where no file of texts is given
NOISY_MESSAGES = 100  # messages read again at each level of noise: enough for a curve, and no long wait


@dataclass(frozen=True)
class MessageOptions:
    """What messages are spelt and read, and how."""

    texts: Path | None = None
    """A UTF-8 file with one message a line; without it, messages that ship with inkread."""

    seed: int = 0
    """Seed of the draws of glyphs and noise."""

    spaces: Spaces = "known"
    """known: the decoder is told where spaces stand; none: it has to find them."""

    noise: Annotated[bool, Parameter(negative="--no-noise")] = True
    """Also read the messages from glyphs with noise, level by level."""

    def __post_init__(self) -> None:
        """Refuse a seed that makes no sense."""
        if self.seed < 0:
            raise BadOption(f"seed is {self.seed}; expected 0 or more")


DEFAULT = MessageOptions()


def messages(
    run: str,
    *,
    split: Part | None = None,
    data: tuple[str, ...] = (),
    options: Annotated[MessageOptions, Parameter(name="*")] = DEFAULT,
    decoding: Annotated[LanguageFlags, Parameter(name="*")] = AS_STORED,
    report: Path | None = None,
) -> None:
    """Spell messages with test glyphs, read and decode them, and tell what the errors did to the text.

    Parameters
    ----------
    run
        A run's folder, an .onnx file, or the shipped 'digits' or 'letters'.
    split
        The glyphs to spell with: val, test or all; without it, the test part if there is one, else val.
    data
        Take glyphs from these instead of the data set that the network was trained on; may be repeated.
    report
        Write messages.html and messages.json into this folder.
    """
    from inkread.recognition import SHIPPED  # ONNX Runtime, which the help of the verb need not wait for

    console = Console()
    refuse_file("--report", report)
    refuse_missing_run(run, SHIPPED, "inkread messages")
    measured = open_measured(run, split, data)
    decoder = decoder_asked(measured.recogniser, decoding, options.spaces)
    if measured.dataset.remark:
        console.print(measured.dataset.remark, markup=False, soft_wrap=True)
    for path in report_on(console, measured, decoder, options, report):
        console.print(f"Wrote {path}", markup=False, soft_wrap=True)


def report_on(
    console: Console, measured: Measured, decoder: Decoder | None, options: MessageOptions, folder: Path | None
) -> list[Path]:
    """Print the tables, write the report where a folder is given; give the files written."""
    from inkread.evaluation import messages as effects
    from inkread.evaluation import report

    recogniser = measured.recogniser
    draw, *chances = (np.random.default_rng(part) for part in np.random.SeedSequence(options.seed).spawn(3))
    own = partial(effects.own_messages, recogniser.alphabet, draw, OWN_MESSAGES)
    texts = read_lines(options.texts, "one message") if options.texts else own()
    composition = effects.compose_messages(texts, measured.split.labels, recogniser.alphabet, draw)
    subject = subject_of(measured, {**decoder.settings, "spaces": options.spaces} if decoder else {})
    if decoder is None:
        known = recogniser.alphabet.characters
        remark = f"No language model fits the alphabet {known}: messages stay as the eye read them."
        console.print(remark, markup=False, soft_wrap=True)
        with console.status("Reading"):
            table, page_and_record = raw_told(measured, composition, subject, options, chances)
    else:
        with console.status("Decoding"):
            told = decoded_effect(measured, composition, decoder, options, chances)
        table, page_and_record = decoding_told(told, measured, subject)
    console.print(table)
    if folder is None:
        return []
    page, record = page_and_record()
    return [report.write(folder / "messages.html", page), report.write(folder / "messages.json", record)]


def subject_of(measured: Measured, decoding: dict[str, object]) -> Subject:
    """What is measured, in the reader's words."""
    from inkread.evaluation.report import Subject

    recogniser = measured.recogniser
    model = f"{recogniser.name} ({recogniser.details['arch']})"
    return Subject(model, measured.described, measured.dataset.remark, decoding=decoding)


def raw_told(
    measured: Measured,
    composition: Composition,
    subject: Subject,
    options: MessageOptions,
    chances: Sequence[np.random.Generator],
) -> Told:
    """What the eye's errors did, where nothing is decoded: as tables, page and record.

    Of ``chances`` the first draws examples and intervals, the second noise.
    """
    from inkread.evaluation import eye_tables, report
    from inkread.evaluation import messages as effects
    from inkread.evaluation.eye_alone import eye_alone, eye_quality

    log_probs = measured.recogniser.log_probs(measured.split.images)
    readings = effects.read_greedily(composition, log_probs)
    told = effects.effect(composition, readings, log_probs, chances[0])
    levels = by_noise(measured, composition, log_probs, options, chances[1])
    eye = eye_alone(composition, log_probs, [eye_quality(*one, chances[0]) for one in levels])
    return eye_tables.eye_messages(told, eye, subject), lambda: (
        report.messages_html(told, measured.split.images, subject, eye),
        report.messages_record(told, subject, eye),
    )


def decoding_told(told: DecodingReport, measured: Measured, subject: Subject) -> Told:
    """What decoding did, as tables, page and record."""
    from inkread.evaluation import decoding_tables, report

    return decoding_tables.decoding(told, subject), lambda: (
        report.decoding_html(told, measured.split.images, subject),
        report.decoding_record(told, subject),
    )


def decoded_effect(
    measured: Measured,
    composition: Composition,
    decoder: Decoder,
    options: MessageOptions,
    chances: Sequence[np.random.Generator],
) -> DecodingReport:
    """What decoding did to the messages; of ``chances`` the first draws examples and intervals, the second noise."""
    from inkread.evaluation.decoding_effect import decoding_effect, quality_change

    log_probs = measured.recogniser.log_probs(measured.split.images)
    readings = read_messages(composition, log_probs, decoder, options.spaces)
    quality = [
        quality_change(level, few, read_messages(few, seen, decoder, options.spaces), chances[0])
        for level, few, seen in by_noise(measured, composition, log_probs, options, chances[1])
    ]
    return decoding_effect(composition, readings, log_probs, chances[0], quality)


def by_noise(
    measured: Measured,
    composition: Composition,
    log_probs: npt.NDArray[np.float32],
    options: MessageOptions,
    rng: np.random.Generator,
) -> Iterator[tuple[float, Composition, npt.NDArray[np.float32]]]:
    """The first messages from glyphs with more and more noise, none at first: its level, they, and the glyphs'
    log-probabilities (N, C); nothing where no noise is asked for.
    """
    from inkread.evaluation.noise import NOISE_LEVELS, add_noise

    if options.noise:
        few = replace(composition, messages=composition.messages[:NOISY_MESSAGES])
        yield 0.0, few, log_probs
        for level in NOISE_LEVELS:
            yield level, few, measured.recogniser.log_probs(add_noise(measured.split.images, level, rng))
