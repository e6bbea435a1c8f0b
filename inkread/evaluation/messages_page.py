"""What was measured on messages -> the HTML page that tells it. Measures nothing itself."""

from __future__ import annotations

import numpy.typing as npt

from inkread.evaluation import page, plots
from inkread.evaluation.border import GlyphArray, check_glyphs
from inkread.evaluation.eye_alone import EyeAlone
from inkread.evaluation.eye_page import eye_sections
from inkread.evaluation.messages import LetterCost, MessageExample, MessagesReport
from inkread.evaluation.page import Html, text
from inkread.evaluation.subject import Subject, about
from inkread.evaluation.wording import count, counted, percent, percent_interval, with_interval

PAIRS = 12  # most confused pairs shown
COSTS = 15  # characters shown by the words that they cost


def messages_html(report: MessagesReport, glyphs: npt.ArrayLike, subject: Subject, eye: EyeAlone | None = None) -> str:
    """The page on messages; ``glyphs`` uint8 (N, 28, 28) are those that the messages were spelt with, ``eye`` tells of
    noise and confidence.

    Raises BadArray for glyphs of another shape or too few.
    """
    last = max(max(example.glyphs) for example in report.examples)
    pictures = check_glyphs(glyphs, last + 1)
    lead = (
        f"{percent(report.character_accuracy, 1)} of the characters are right, {percent(report.word_accuracy, 1)} of "
        f"the words, and {percent(report.score.exact, 1)} of the messages: {count(report.score.exact_count)} of "
        f"{count(report.score.n)} came through without an error."
    )
    source = f"read by {subject.model}, glyphs of {subject.data}"
    parts = [
        page.heading("What reading errors do to messages", source, lead, subject.remark),
        _messages_tiles(report),
        page.section(
            "Messages as they were written and read",
            "Each picture is a test glyph; below it what was read. Marked ones were misread: struck through is what "
            "was meant, and the number is how sure the recogniser was.",
            *(_example(example, pictures) for example in report.examples),
        ),
        _lengths(report),
        _costs(report),
        *([_message_pairs(report)] if report.pairs else []),
        *(eye_sections(eye) if eye else []),
        left_out(report),
        *about(subject),
    ]
    return page.page(f"inkread: messages read by {subject.model}", parts)


def _messages_tiles(report: MessagesReport) -> Html:
    score = report.score
    misread = f"{count(report.character_errors)} of {count(report.characters)} glyphs misread"
    by_chance = f"{percent(report.expected_word_accuracy)} if errors fell by chance"
    return page.tiles(
        [
            ("exact messages", percent(score.exact, 1), f"95 % interval {percent_interval(score.exact_interval, 1)}"),
            ("character error rate", percent(score.cer), with_interval(score.cer_interval)),
            ("word error rate", percent(score.wer), with_interval(score.wer_interval)),
            ("characters right", percent(report.character_accuracy), misread),
            ("words right", percent(report.word_accuracy), by_chance),
        ]
    )


def _example(example: MessageExample, pictures: GlyphArray) -> Html:
    read = zip("".join(example.reading.split()), example.glyphs, example.probabilities, strict=True)
    words = [[_letter(written, *next(read), pictures) for written in word] for word in example.text.split()]
    pieces = "".join(f'<div class="word">{"".join(letters)}</div>' for letters in words)
    return Html(f'<div class="message"><div class="words">{pieces}</div></div>')


def _letter(written: str, read: str, glyph: int, probability: float | None, pictures: GlyphArray) -> str:
    sure = percent(probability, 0)
    picture = page.glyph(pictures[glyph], f"glyph {glyph}: written {written}, read {read}, {sure} sure")
    if written == read:
        return f'<div class="letter">{picture}{text(read)}</div>'
    below = f"<b>{text(read)}</b><s>{text(written)}</s><small>{text(sure)}</small>"
    return f'<div class="letter wrong">{picture}{below}</div>'


def _lengths(report: MessagesReport) -> Html:
    by_word = plots.svg(plots.length_curve(report.word_lengths, "word"), "right words over their length")
    by_message = plots.svg(plots.length_curve(report.message_lengths, "message"), "right messages over their length")
    right, points = report.character_accuracy, 100 * (report.word_accuracy - report.expected_word_accuracy)
    return page.section(
        "Why a few wrong characters spoil many words",
        f"If each character is right with a chance of {percent(right, 1)}, a word of five comes out right in "
        f"{percent(right**5, 1)} of all cases and a message of forty in {percent(right**40, 1)}. Of the words here, "
        f"{percent(report.expected_word_accuracy)} should be right; {percent(report.word_accuracy)} are "
        f"({round(points, 2) + 0.0:+.2f} points).",
        page.side_by_side(
            page.plot(by_word, "Words by their length."),
            page.plot(by_message, "Messages by their number of characters."),
        ),
    )


def _costs(report: MessagesReport) -> Html:
    costly = [cost for cost in report.letters if cost.misread][:COSTS]
    if not costly:
        return page.section("Which characters cost most words", "None: no character was misread.")
    most = costly[0].words
    return page.section(
        "Which characters cost most words",
        f"{counted(report.wrong_words, 'word')} of {count(report.words)} came out wrong. What is often written may "
        "cost more than what is often misread.",
        page.table(
            ["", "words spoilt", "", "as their only fault", "misread", "written", "error rate"],
            (_cost(cost, most) for cost in costly),
        ),
    )


def _cost(cost: LetterCost, most: int) -> list[Html]:
    numbers = [count(cost.alone), count(cost.misread), count(cost.written), percent(cost.misread / cost.written, 1)]
    head = [Html(f"<b>{text(cost.character)}</b>"), text(count(cost.words)), page.bar(cost.words / most)]
    return [*head, *map(text, numbers)]


def _message_pairs(report: MessagesReport) -> Html:
    rows = [
        [text(f"{pair.written} read as {pair.read}"), text(count(pair.count)), text(count(pair.words))]
        for pair in report.pairs[:PAIRS]
    ]
    return page.section(
        "Confusions that reached the text",
        "The pairs that were confused most often in these messages.",
        page.table(["", "times", "words touched"], rows),
    )


def left_out(report: MessagesReport) -> Html:
    """How much was counted, and what could not be spelt."""
    spelt = [counted(report.score.n, "message"), counted(report.words, "word"), counted(report.characters, "character")]
    sentences = [", ".join(spelt) + "."]
    if report.dropped:
        missing = f"{counted(report.dropped, 'character')} of the texts outside the alphabet"
        sentences.append(f"{missing} {_was(report.dropped)} dropped.")
    if report.empty:
        sentences.append(f"{counted(report.empty, 'text')} had no usable character and {_was(report.empty)} left out.")
    if report.unspelt:
        missing = f"there is no glyph of {' '.join(report.without_glyph)}"
        sentences.append(f"{counted(report.unspelt, 'text')} could not be spelt: {missing}.")
    return page.section("What was counted", "", page.note(" ".join(sentences)))


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
