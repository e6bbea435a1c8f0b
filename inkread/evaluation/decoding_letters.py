"""One message before and after decoding -> its glyphs in HTML, with a mark on each character that language touched.

Shapes and words tell what colours tell: + mended, x broken, ! left wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from inkread.evaluation import page
from inkread.evaluation.border import GlyphArray
from inkread.evaluation.composition import space_places
from inkread.evaluation.decoding_examples import DecodedExample
from inkread.evaluation.page import Html, text
from inkread.evaluation.wording import THIN, percent

UNIT = f"{THIN}%"  # said once where two figures stand side by side
SIGNS = {"mended": "+", "broken": "x", "wrong": "!", "changed": "!"}


def decoded_message(example: DecodedExample, pictures: GlyphArray) -> Html:
    """The glyphs of a message word by word as it was written; ``pictures`` uint8 (N, 28, 28) hold all glyphs."""
    letters = _letters(example, pictures)
    lost, invented = _spaces(example)
    place, words = 0, []
    for word in example.text.split():
        pieces: list[str] = []
        for i in range(place, place + len(word)):
            between = '<span class="gap">|</span>' if i in invented else ""
            pieces.append(between + next(letters))
        join = '<span class="gap">⌣</span>' if place in lost else ""
        words.append(f'{join}<div class="word">{"".join(pieces)}</div>')
        place += len(word)
    return Html(f'<div class="message"><div class="words">{"".join(words)}</div></div>')


def _letters(example: DecodedExample, pictures: GlyphArray) -> Iterator[str]:
    """Each glyph with its character below it."""
    decoded = "".join(example.decoded.split())
    written = "".join(example.text.split())
    sure = zip(example.raw_probabilities, example.probabilities, strict=True)
    rows = zip(written, example.raw, decoded, example.glyphs, sure, strict=True)
    for wanted, raw, read, glyph, (raw_sure, read_sure) in rows:
        saw, became = percent(raw_sure, 0), percent(read_sure, 0)
        told = f"glyph {glyph}: written {wanted}, the eye saw {raw} ({saw} sure), decoded {read} ({became})"
        picture = page.glyph(pictures[glyph], told)
        kind = _outcome(wanted, raw, read)
        if kind == "kept":
            yield f'<div class="letter">{picture}{text(read)}</div>'
            continue
        changed = f"<s>{text(raw)}</s><small>{text(saw.rstrip(UNIT))} → {text(became)}</small>" if raw != read else ""
        meant = f"<small>for {text(wanted)}</small>" if read != wanted else ""
        yield f'<div class="letter {kind}">{picture}<b>{text(read)}<i>{SIGNS[kind]}</i></b>{changed}{meant}</div>'


def _outcome(written: str, raw: str, decoded: str) -> str:
    """kept, mended, broken, changed (from wrong to wrong) or wrong."""
    if decoded == written:
        return "kept" if raw == written else "mended"
    return "broken" if raw == written else "wrong" if raw == decoded else "changed"


def _spaces(example: DecodedExample) -> tuple[set[int], set[int]]:
    """Before which characters a space was lost, and before which one was invented."""
    written, read = space_places(example.text), space_places(example.decoded)
    return written - read, read - written
