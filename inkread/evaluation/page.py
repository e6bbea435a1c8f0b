"""Pieces of text, numbers and pictures -> one HTML page that needs nothing else: no script, no font, no request.

The building bricks of ``report``; what they say is decided there. Every brick escapes what it is given; what is HTML
already has the type ``Html``, so that mypy sees to it that nothing is forgotten.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from typing import NewType

import numpy as np
from PIL import Image

from inkread.evaluation.border import GlyphArray

Html = NewType("Html", str)

CSS = """
:root { color-scheme: light dark; --paper: #fbfaf6; --card: #fff; --ink: #23262b; --soft: #646a73; --line: #ddd8cc;
  --warm: #b84e14; --cool: #1f5fa8; --bad: 190, 62, 20; --good: 31, 95, 168; }
@media (prefers-color-scheme: dark) { :root { --paper: #15171b; --card: #1d2025; --ink: #e6e4de; --soft: #9aa0a8;
  --line: #383c44; --warm: #f0955c; --cool: #79b0ea; --bad: 240, 130, 70; --good: 100, 160, 230; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 1.1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%; }
h1, h2, .lead { font-family: Georgia, "Iowan Old Style", "Palatino Linotype", "DejaVu Serif", serif; font-weight: 600;
  line-height: 1.25; text-wrap: balance; }
h1 { font-size: clamp(1.6rem, 5vw, 2.3rem); margin: 0; }
h2 { font-size: 1.4rem; margin: 3rem 0 .4rem; padding-top: 1.1rem; border-top: 1px solid var(--line); }
.lead { font-size: 1.2rem; font-weight: 400; line-height: 1.5; margin: 1.2rem 0; text-wrap: pretty; }
.kicker, .note, figcaption, th { color: var(--soft); }
.kicker { margin: .2rem 0 0; } .note, p { max-width: 44rem; } .note { font-size: .9rem; }
.remark { border-left: 3px solid var(--warm); padding: .3rem .9rem; margin: 1rem 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.2rem, 1fr)); gap: .7rem; margin: 1.5rem 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem .95rem; }
.tile b { display: block; font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
.tile span { display: block; font-size: .82rem; color: var(--soft); line-height: 1.4; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.plain td, .plain th { padding: .26rem .8rem .26rem 0; text-align: right; font-weight: 400; white-space: nowrap; }
.plain th { font-size: .82rem; vertical-align: bottom; border-bottom: 1px solid var(--line); }
.plain td:first-child, .plain th:first-child { text-align: left; }
.plain.named :is(td, th):nth-child(2) { text-align: left; }
.plain tbody tr + tr td { border-top: 1px solid var(--line); }
.facts td:last-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.facts td:first-child { color: var(--soft); }
.bar { display: inline-block; vertical-align: middle; width: 6.5rem; height: .55rem; border-radius: .3rem;
  background: var(--line); overflow: hidden; } .bar i { display: block; height: 100%; background: var(--warm); }
.bar.cool i { background: var(--cool); }
.matrix { font-size: .72rem; line-height: 1; margin-top: .6rem; }
.matrix td, .matrix th { width: 1.8rem; min-width: 1.8rem; height: 1.8rem; padding: 0; text-align: center;
  font-weight: 400; border: 1px solid var(--paper); }
.matrix td { background: rgba(128, 128, 128, .07); } .matrix th:first-child { position: sticky; left: 0;
  background: var(--paper); } .matrix td.right { background: rgba(var(--good), var(--a)); }
.matrix td.wrong { background: rgba(var(--bad), var(--a)); } .matrix td:hover { outline: 2px solid var(--ink); }
.pair { display: grid; grid-template-columns: 9.5rem 1fr; gap: .4rem 1.2rem; padding: .9rem 0;
  border-top: 1px solid var(--line); } .pair:first-of-type { border-top: 0; }
.pair h3 { margin: 0; font-size: 1.15rem; } .pair p { margin: 0; font-size: .85rem; color: var(--soft); }
@media (max-width: 34rem) { .pair { grid-template-columns: 1fr; } }
.glyphs { display: flex; flex-wrap: wrap; gap: .6rem; }
figure { margin: 0; } .glyphs figure { width: 4.4rem; }
figcaption { font-size: .8rem; line-height: 1.35; margin-top: .2rem; }
.glyph { display: block; width: 4.4rem; height: 4.4rem; image-rendering: pixelated; border-radius: .3rem;
  border: 1px solid var(--line); background: #fff; }
.message { padding: 1rem 0; border-top: 1px solid var(--line); } .message:first-of-type { border-top: 0; }
.words { display: flex; flex-wrap: wrap; gap: .5rem 1.15rem; }
.word { display: flex; flex-wrap: wrap; gap: .12rem; }
.letter { width: 2rem; text-align: center; font-size: .95rem; line-height: 1.35; border-radius: .25rem; }
.letter .glyph { width: 2rem; height: 2rem; border-color: transparent; }
.letter s { font-size: .8rem; color: var(--soft); display: block; }
.letter small { font-size: .68rem; white-space: nowrap; }
.letter.wrong { background: rgba(var(--bad), .18); box-shadow: 0 0 0 1px rgb(var(--bad)); }
.letter.wrong b { color: var(--warm); } figcaption b { color: var(--ink); margin-right: .15rem; }
.letter :is(s, small) { display: block; } .letter b i { font-style: normal; font-size: .8em; margin-left: .1em; }
.letter.mended { background: rgba(var(--good), .16); box-shadow: 0 0 0 1px rgb(var(--good)); }
.letter.mended b { color: var(--cool); }
.letter:is(.broken, .changed) { background: rgba(var(--bad), .18); outline: 2px dashed rgb(var(--bad)); }
.letter:is(.broken, .changed) b { color: var(--warm); } .gap { color: var(--warm); font-weight: 600; }
.letter:is(.mended, .broken, .changed) { width: 3.6rem; }
.letter:is(.mended, .broken, .changed) .glyph { margin: auto; }
.plot { max-width: 36rem; margin: 1rem 0; } .plot svg { display: block; width: 100%; height: auto;
  stroke-linejoin: round; font-family: inherit; }
.side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem 2rem; }
@media (prefers-color-scheme: dark) { .glyph { filter: invert(.88); border-color: #d4d4d4; } }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; }
  .pair, .message { break-inside: avoid; } }
"""


def page(title: str, parts: Iterable[Html]) -> Html:
    """A whole page from its parts, top to bottom."""
    body = "\n".join(parts)
    return Html(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def text(value: object) -> Html:
    """Anything as text."""
    return Html(escape(str(value)))


def heading(title: str, kicker: str, lead: str, remark: str) -> Html:
    """The head of the page: what this is, of what, the one sentence that matters, and a remark ('': none)."""
    warning = f'\n<p class="remark">{escape(remark)}</p>' if remark else ""
    return Html(
        f'<header>\n<h1>{escape(title)}</h1>\n<p class="kicker">{escape(kicker)}</p>\n'
        f'<p class="lead">{escape(lead)}</p>{warning}\n</header>'
    )


def section(title: str, explanation: str, *parts: Html) -> Html:
    """A headline, a sentence that says how to read what follows, and what follows."""
    note = f"<p>{escape(explanation)}</p>\n" if explanation else ""
    return Html(f"<section>\n<h2>{escape(title)}</h2>\n{note}" + "\n".join(parts) + "\n</section>")


def note(sentence: str) -> Html:
    """A remark in small print."""
    return Html(f'<p class="note">{escape(sentence)}</p>')


def tiles(rows: Iterable[tuple[str, str, str]]) -> Html:
    """Headline figures: what, the figure, and what belongs to it, such as its interval."""
    cells = (
        f'<div class="tile"><span>{escape(what)}</span><b>{escape(figure)}</b><span>{escape(detail)}</span></div>'
        for what, figure, detail in rows
    )
    return Html('<div class="tiles">' + "\n".join(cells) + "</div>")


def table(header: Sequence[str], rows: Iterable[Sequence[Html]], named: bool = False) -> Html:
    """A table of figures: the first column (with ``named`` the first two) to the left, the others to the right."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    kind = "plain named" if named else "plain"
    content = f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>"
    return Html(f'<div class="scroll"><table class="{kind}">{content}</table></div>')


def facts(rows: Iterable[tuple[str, str]]) -> Html:
    """Names and values, one a line."""
    body = "\n".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows)
    return Html(f'<div class="scroll"><table class="plain facts"><tbody>{body}</tbody></table></div>')


def bar(share: float, cool: bool = False) -> Html:
    """A share (0..1) as a bar, in the warm or the cool colour."""
    kind = "bar cool" if cool else "bar"
    return Html(f'<span class="{kind}"><i style="width:{100 * share:.1f}%"></i></span>')


def plot(drawing: str, caption: str) -> Html:
    """A drawing from ``plots.svg`` with its caption."""
    return Html(f'<figure class="plot">{drawing}<figcaption>{escape(caption)}</figcaption></figure>')


def side_by_side(*parts: Html) -> Html:
    """Parts beside one another where there is room, else below."""
    return Html('<div class="side">' + "\n".join(parts) + "</div>")


def glyph(pixels: GlyphArray, description: str) -> Html:
    """One glyph, uint8 (28, 28) with ink 255 on 0, as a picture of dark ink on white paper."""
    buffer = BytesIO()
    # 16 greys: half the bytes of 256, and no eye sees the difference.
    levels = Image.fromarray((15 - np.round(pixels / 17)).astype(np.uint8))
    levels.putpalette([17 * level for level in range(16) for _ in "rgb"])
    levels.save(buffer, format="PNG", bits=4, optimize=True)
    code = b64encode(buffer.getvalue()).decode("ascii")
    label = escape(description)
    return Html(f'<img class="glyph" alt="{label}" title="{label}" src="data:image/png;base64,{code}">')
