"""What the eye alone did over noise, and what its confidence is worth -> sections of the page on messages."""

from __future__ import annotations

from collections.abc import Sequence

from inkread.evaluation import decoding_plots as drawings
from inkread.evaluation import page
from inkread.evaluation.confidence import Trust
from inkread.evaluation.decoding_tables import refusal_cells
from inkread.evaluation.eye_alone import EyeAlone, Quality
from inkread.evaluation.page import Html, text
from inkread.evaluation.plots import svg
from inkread.evaluation.wording import counted, percent

REFUSALS = ["wrong at most", "accepted", "messages", "wrong among them", "confidence from"]


def eye_sections(eye: EyeAlone) -> list[Html]:
    """The sections that there is something to say in."""
    return [*([_over_noise(eye.quality)] if eye.quality else []), _confidence(eye.trust)]


def _over_noise(rows: Sequence[Quality]) -> Html:
    cells = [[f"{row.noise:.2f}", *map(percent, (row.score.cer, row.score.wer, row.score.exact))] for row in rows]
    curves = [
        page.plot(svg(drawings.eye_over_noise(rows, rate), f"{name} over noise"), f"{name.capitalize()}.")
        for rate, name in (("cer", "character error"), ("wer", "word error"))
    ]
    return page.section(
        "Over the quality of the recogniser",
        f"{counted(rows[0].score.n, 'message')} from the same glyphs, with more and more noise on every pixel.",
        page.side_by_side(*curves),
        page.table(
            ["noise", "character error", "word error", "exact messages"],
            ([text(cell) for cell in row] for row in cells),
        ),
    )


def _confidence(trusted: Trust) -> Html:
    sure = svg(drawings.confidence_diagram(trusted), "confidence of a message against how often it was right")
    risk = svg(drawings.risk_curve(trusted.curve), "wrong messages among the accepted over their share")
    return page.section(
        "How sure a message is, and what to refuse",
        "How sure the eye is of a message is the product of its characters' probabilities. The expected calibration "
        f"error is {percent(trusted.reliability.expected_error)}. Who refuses the least sure messages has fewer wrong "
        "ones among the rest; the smaller the area below the curve, the better confidence tells right from wrong "
        f"({percent(trusted.curve.best_area)} is the least that is possible).",
        page.side_by_side(
            page.plot(sure, "How sure, and how often right: a dot is a tenth of the messages."),
            page.plot(risk, "Refusing unsure messages: from the surest alone (left) to all (right)."),
        ),
        page.table(REFUSALS, ([text(cell) for cell in refusal_cells(row)] for row in trusted.refusals)),
    )
