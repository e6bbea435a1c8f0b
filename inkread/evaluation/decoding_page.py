"""What decoding did to messages -> the HTML page that tells it. Measures nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy.typing as npt

from inkread.evaluation import decoding_plots as drawings
from inkread.evaluation import page
from inkread.evaluation.border import GlyphArray, check_glyphs
from inkread.evaluation.decoding_effect import CostChange, DecodingReport, Outcomes
from inkread.evaluation.decoding_examples import DecodedExample, Kind
from inkread.evaluation.decoding_letters import decoded_message
from inkread.evaluation.eye_page import confidence_section
from inkread.evaluation.messages_page import left_out
from inkread.evaluation.page import Html, text
from inkread.evaluation.plots import svg
from inkread.evaluation.subject import Subject, about
from inkread.evaluation.wording import count, counted, percent, with_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAIRS, COSTS = 15, 15  # confused pairs and characters shown
CHAPTERS: dict[Kind, tuple[str, str]] = {
    "mended": (
        "Where language mended",
        "Each picture is a test glyph; below it the text after decoding. A framed blue + is a character that language "
        "changed and got right: struck through is what the eye alone saw, and the numbers say how sure the recogniser "
        "was of that and of what it became.",
    ),
    "broken": (
        "Where language lied",
        "A dashed orange x is a character that the eye had right and language made wrong: the price of mending. Rare "
        "words and names pay it most.",
    ),
    "left": (
        "What neither got right",
        "An orange ! is a character that is wrong before and after; below it, what was written.",
    ),
    "spaces": ("Where only the spaces are wrong", "⌣ stands where a space was lost, | where one was invented."),
    "kept": ("And one that was right all along", ""),
}


def decoding_html(report: DecodingReport, glyphs: npt.ArrayLike, subject: Subject) -> str:
    """The page on decoded messages; ``glyphs`` uint8 (N, 28, 28) are those that the messages were spelt with.

    Raises BadArray for glyphs of another shape or too few.
    """
    pictures = check_glyphs(glyphs, max(max(example.glyphs) for example in report.examples) + 1)
    source = f"read by {subject.model}, glyphs of {subject.data}"
    parts = [
        page.heading("What language does to misread messages", source, _lead(report), subject.remark),
        _tiles(report),
        _outcomes(report.outcomes),
        *_examples(report.examples, pictures),
        *([_spaces(report)] if report.spaces == "none" else []),
        _words(report),
        _over_length(report),
        *([_over_noise(report)] if report.quality else []),
        _costs(report),
        *([_pairs(report)] if report.pairs else []),
        _confidence(report),
        left_out(report.before),
        *about(subject),
    ]
    return page.page(f"inkread: messages read by {subject.model} and decoded", parts)


def _lead(report: DecodingReport) -> str:
    characters = report.outcomes[0]
    wrong, right = characters.mended + characters.left, characters.kept + characters.broken
    before, after = report.before.score.exact, report.after.score.exact
    spaces = " It also had to find every space." if report.spaces == "none" else ""
    return (
        f"Of {counted(wrong, 'misread character')} language mended {count(characters.mended)}; of {count(right)} that "
        f"were right it broke {count(characters.broken)}.{spaces} The eye alone reads {percent(before, 1)} of the "
        f"messages without an error, eye and language together {percent(after, 1)}."
    )


def _tiles(report: DecodingReport) -> Html:
    before, after = report.before, report.after
    first, last = before.score, after.score
    rows = [
        ("exact messages", first.exact, last.exact, 1, last.exact_interval),
        ("character error rate", first.cer, last.cer, 2, last.cer_interval),
        ("word error rate", first.wer, last.wer, 2, last.wer_interval),
        ("characters right", before.character_accuracy, after.character_accuracy, 2,
         after.character_interval),
        ("words right", before.word_accuracy, after.word_accuracy, 2, after.word_interval),
    ]  # fmt: skip
    return page.tiles(
        (name, percent(a, digits), f"{percent(b, digits)} by the eye alone; {with_interval(interval, digits)}")
        for name, b, a, digits, interval in rows
    )


def _outcomes(outcomes: Sequence[Outcomes]) -> Html:
    rows = [
        [text(f"{o.unit}s"), *(_share(n, o.n) for n in (o.kept, o.broken, o.mended, o.left)), text(count(o.replaced))]
        for o in outcomes
    ]
    header = ["", "right, kept", "right, broken", "wrong, mended", "wrong, left", "of these, changed in vain"]
    return page.section(
        "What decoding did",
        "Everything the eye read is either right or wrong, and decoding keeps it or changes it. Words and messages are "
        "judged by their characters, wherever their spaces stand.",
        page.table(header, rows),
    )


def _share(n: int, total: int) -> Html:
    return Html(f"<b>{text(count(n))}</b> <small>{text(percent(n / total))}</small>")


def _examples(examples: Sequence[DecodedExample], pictures: GlyphArray) -> list[Html]:
    """A section for each kind that occurs."""
    sections: list[Html] = []
    for kind, (title, explanation) in CHAPTERS.items():
        shown = [decoded_message(example, pictures) for example in examples if example.kind == kind]
        if shown:
            sections.append(page.section(title, explanation, *shown))
    return sections


def _spaces(report: DecodingReport) -> Html:
    spaces = report.space_count
    found = percent(spaces.found / spaces.written if spaces.written else None)
    return page.section(
        "Spaces from language alone",
        f"The decoder was given no space. Of {counted(spaces.written, 'space')} it found {count(spaces.found)} "
        f"({found}) and invented {count(spaces.invented)}. The eye alone finds none: its text is one long word, which "
        "is why its word error rate is near 100 % here.",
    )


def _words(report: DecodingReport) -> Html:
    before, after = report.before, report.after
    gaps = [100 * (side.word_accuracy - side.expected_word_accuracy) for side in (before, after)]
    drawing = drawings.word_curve(before.word_lengths, after.word_lengths)
    return page.section(
        "Right words: expected and observed",
        "If every character were right with the same chance p, on its own, a word of n characters would be right in "
        f"p^n of all cases. By the eye alone that makes {percent(before.expected_word_accuracy)} of the words; "
        f"{percent(before.word_accuracy)} are right ({round(gaps[0], 2) + 0.0:+.2f} points). After decoding it makes "
        f"{percent(after.expected_word_accuracy)}, and {percent(after.word_accuracy)} are "
        f"({round(gaps[1], 2) + 0.0:+.2f} points). Above zero, errors keep company in few words.",
        page.plot(svg(drawing, "right words over their length, before and after"), "Words by their length."),
    )


def _over_length(report: DecodingReport) -> Html:
    return page.section(
        "Over the length of the message",
        "A longer message has more context, but also more places to go wrong. Bars are 95 % intervals.",
        _two_rates(
            drawings.error_over_length(report.lengths, "cer"), drawings.error_over_length(report.lengths, "wer")
        ),
    )


def _over_noise(report: DecodingReport) -> Html:
    header = ["noise", "character error", "decoded", "word error", "decoded", "exact messages", "decoded"]
    rows = [
        [f"{noise:.2f}", *map(percent, (b.cer, a.cer, b.wer, a.wer, b.exact, a.exact))]
        for noise, b, a in ((q.noise, q.before, q.after) for q in report.quality)
    ]
    return page.section(
        "Over the quality of the recogniser",
        f"{counted(report.quality[0].before.n, 'message')} from the same glyphs, with more and more noise on every "
        "pixel: how bad may the eye be before language can no longer help?",
        _two_rates(drawings.error_over_noise(report.quality, "cer"), drawings.error_over_noise(report.quality, "wer")),
        page.table(header, ([text(cell) for cell in row] for row in rows)),
    )


def _two_rates(characters: Figure, words: Figure) -> Html:
    return page.side_by_side(
        page.plot(svg(characters, "character error before and after decoding"), "Character error."),
        page.plot(svg(words, "word error before and after decoding"), "Word error."),
    )


def _costs(report: DecodingReport) -> Html:
    costly = [cost for cost in report.costs if cost.before.misread or cost.after.misread][:COSTS]
    if not costly:
        return page.section("Which characters cost most words", "None: no character was misread.")
    most = max(max(cost.before.words, cost.after.words) for cost in costly)
    return page.section(
        "Which characters cost most words",
        f"{counted(report.before.wrong_words, 'word')} of {count(report.before.words)} came out wrong by the eye "
        f"alone, {count(report.after.wrong_words)} after decoding.",
        page.table(
            ["", "words spoilt", "", "decoded", "", "misread", "decoded", "written"],
            (_cost(cost, most) for cost in costly),
        ),
    )


def _cost(cost: CostChange, most: int) -> list[Html]:
    before, after = cost.before, cost.after
    words = [
        *(text(count(before.words)), page.bar(before.words / most)),
        *(text(count(after.words)), page.bar(after.words / most, cool=True)),
    ]
    numbers = (text(count(n)) for n in (before.misread, after.misread, before.written))
    return [Html(f"<b>{text(cost.character)}</b>"), *words, *numbers]


def _pairs(report: DecodingReport) -> Html:
    most = max(max(pair.before, pair.after) for pair in report.pairs)
    rows = [
        [
            text(f"{p.written} read as {p.read}"),
            *(text(count(p.before)), page.bar(p.before / most)),
            *(text(count(p.after)), page.bar(p.after / most, cool=True)),
        ]
        for p in report.pairs[:PAIRS]
    ]
    return page.section(
        "Confusions before and after",
        "What stays after decoding is what language cannot tell apart, or what it prefers.",
        page.table(["", "eye alone", "", "decoded", ""], rows),
    )


def _confidence(report: DecodingReport) -> Html:
    before, after = report.trust_before, report.trust_after
    return confidence_section(
        "The decoder gives each message a probability that all of it is right, spaces included; the eye alone gives "
        "the product of its characters' probabilities, and is judged by them. "
        f"The expected calibration error is {percent(before.reliability.expected_error)} "
        f"before and {percent(after.reliability.expected_error)} after decoding. Who refuses the least sure messages "
        "has fewer wrong ones among the rest; the smaller the area below the curve, the better confidence tells right "
        f"from wrong ({percent(after.curve.best_area)} is the least that is possible after decoding).",
        before,
        after,
    )
