"""What the eye alone did over noise, and what its confidence is worth -> sections of the page on messages."""

from __future__ import annotations

from collections.abc import Sequence

from inkread.evaluation import decoding_plots as drawings
from inkread.evaluation import page
from inkread.evaluation.confidence import Trust
from inkread.evaluation.decoding_tables import refusal_cells
from inkread.evaluation.eye_alone import EyeAlone, Quality
from inkread.evaluation.eye_tables import NOISE, noise_cells
from inkread.evaluation.page import Html, text
from inkread.evaluation.plots import svg
from inkread.evaluation.wording import counted, percent

REFUSALS = ["wrong at most", "accepted", "messages", "wrong among them", "confidence from"]


def eye_sections(eye: EyeAlone) -> list[Html]:
    """The sections that there is something to say in."""
    return [*([_over_noise(eye.quality)] if eye.quality else []), _confidence(eye.trust)]


def _over_noise(rows: Sequence[Quality]) -> Html:
    curves = [
        page.plot(svg(drawings.eye_over_noise(rows, rate), f"{name} over noise"), f"{name.capitalize()}.")
        for rate, name in (("cer", "character error"), ("wer", "word error"))
    ]
    return page.section(
        "Over the quality of the recogniser",
        f"{counted(rows[0].score.n, 'message')} from the same glyphs, with more and more noise on every pixel.",
        page.side_by_side(*curves),
        page.table(NOISE, ([text(cell) for cell in noise_cells(row)] for row in rows)),
    )


def _confidence(trusted: Trust) -> Html:
    return confidence_section(
        "How sure the eye is of a message is the product of its characters' probabilities. The expected calibration "
        f"error is {percent(trusted.reliability.expected_error)}. Who refuses the least sure messages has fewer wrong "
        "ones among the rest; the smaller the area below the curve, the better confidence tells right from wrong "
        f"({percent(trusted.curve.best_area)} is the least that is possible).",
        trusted,
    )


def confidence_section(said: str, before: Trust, after: Trust | None = None) -> Html:
    """What confidence is worth before and after decoding, or to the eye alone: in words, drawings and refusals."""
    sure = svg(drawings.confidence_diagram(before, after), "confidence of a message against how often it was right")
    curves = drawings.risk_curve(before.curve, after.curve if after else None)
    return page.section(
        "How sure a message is, and what to refuse",
        said,
        page.side_by_side(
            page.plot(sure, "How sure, and how often right: a dot is a tenth of the messages."),
            page.plot(
                svg(curves, "wrong messages among the accepted over their share"),
                "Refusing unsure messages: from the surest alone (left) to all (right).",
            ),
        ),
        page.table(REFUSALS, ([text(cell) for cell in refusal_cells(row)] for row in (after or before).refusals)),
    )
