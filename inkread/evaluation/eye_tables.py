"""Messages that the eye alone read -> rich tables for the terminal, 80 columns wide. Measures nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from inkread.evaluation.decoding_tables import refusals
from inkread.evaluation.eye_alone import EyeAlone, Quality
from inkread.evaluation.messages import MessagesReport
from inkread.evaluation.subject import Subject
from inkread.evaluation.tables import SOFT, grid, messages
from inkread.evaluation.wording import percent

NOISE = ["noise", "character error", "word error", "exact messages"]


def eye_messages(report: MessagesReport, eye: EyeAlone, subject: Subject) -> Group:
    """Everything on messages, then errors over noise, and what refusing unsure messages saves."""
    noise = [quality(eye.quality)] if eye.quality else []
    error = percent(eye.trust.reliability.expected_error)
    sure = Text(f"Calibration error of a message's confidence: {error}", style=SOFT)
    return Group(messages(report, subject), *noise, refusals(eye.trust.refusals), sure)


def quality(rows: Sequence[Quality]) -> Table:
    """Errors over the noise on the glyphs."""
    return grid("Errors over the noise on the glyphs", NOISE, [noise_cells(row) for row in rows])


def noise_cells(row: Quality) -> list[str]:
    """One level of noise, and what went wrong there."""
    return [f"{row.noise:.2f}", *map(percent, (row.score.cer, row.score.wer, row.score.exact))]
