"""`inkread messages`: what character errors do to real messages, spelt with glyphs that the network never saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console

from inkread.errors import BadData
from inkread.interfaces.data_choice import Measured, Part, open_measured

OWN_MESSAGES = 200  # messages where no file of texts is given


def messages(
    run: str,
    *,
    texts: Path | None = None,
    split: Part | None = None,
    data: tuple[str, ...] = (),
    seed: int = 0,
    report: Path | None = None,
) -> None:
    """Spell messages with test glyphs, read each glyph, and tell what the errors did to the text.

    Parameters
    ----------
    run
        A run's folder, an .onnx file, or the shipped 'digits' or 'letters'.
    texts
        A UTF-8 file with one message a line; without it, messages that ship with inkread.
    split
        The glyphs to spell with: val, test or all; without it, the test part if there is one, else val.
    data
        Take glyphs from these instead of the data set that the network was trained on; may be repeated.
    seed
        Seed of the draw of glyphs.
    report
        Write messages.html and messages.json into this folder.
    """
    console = Console()
    measured = open_glyphs(run, split, data)
    if measured.dataset.remark:
        console.print(measured.dataset.remark, markup=False, soft_wrap=True)
    for path in report_on(console, measured, texts, seed, report):
        console.print(f"Wrote {path}", markup=False, soft_wrap=True)


def open_glyphs(run: str, split: Part | None, data: tuple[str, ...]) -> Measured:
    """The recogniser and the glyphs: of the test part if there is one and no other was asked for."""
    measured = open_measured(run, split or "val", data)
    if split is None and measured.dataset.test is not None:
        return Measured(measured.recogniser, measured.dataset, measured.dataset.test, "test")
    return measured


def report_on(console: Console, measured: Measured, texts: Path | None, seed: int, folder: Path | None) -> list[Path]:
    """Print the tables, write the report where a folder is given; give the files written."""
    from inkread.evaluation import messages as effects
    from inkread.evaluation import report, tables

    recogniser, split = measured.recogniser, measured.split
    draw, choice = (np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(2))
    wanted = read_texts(texts) if texts else effects.own_messages(recogniser.alphabet, draw, OWN_MESSAGES)
    composition = effects.compose_messages(wanted, split.labels, recogniser.alphabet, draw)
    log_probs = recogniser.log_probs(split.images)
    result = effects.effect(composition, effects.read_greedily(composition, log_probs), log_probs, choice)
    subject = report.Subject(
        model=f"{recogniser.name} ({recogniser.details['arch']})",
        data=measured.described,
        remark=measured.dataset.remark,
    )
    console.print(tables.messages(result, subject))
    if folder is None:
        return []
    page = report.messages_html(result, split.images, subject)
    record = report.messages_record(result, subject)
    return [report.write(folder / "messages.html", page), report.write(folder / "messages.json", record)]


def read_texts(path: Path) -> list[str]:
    """The lines of a UTF-8 file that are not empty."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise BadData(f"cannot read the texts {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadData(f"{path} is not UTF-8 text (byte {error.start}); expected one message a line") from error
    found = [line for line in lines if line.strip()]
    if not found:
        raise BadData(f"{path} has no text; expected one message a line")
    return found
