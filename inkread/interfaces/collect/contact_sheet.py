"""Glyphs that were set aside -> one HTML page to look at them, grouped by what is doubted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

import numpy as np
import numpy.typing as npt

from inkread.evaluation import page
from inkread.evaluation.page import Html
from inkread.evaluation.wording import counted


@dataclass(frozen=True)
class Doubted:
    """A glyph that was set aside: what it should be, why it is doubted, where it stood, its file and its picture,
    uint8 (H, W), dark ink on white paper.
    """

    character: str
    doubt: str
    place: str
    file: str
    picture: npt.NDArray[np.uint8] = field(repr=False)


def doubtful_html(folder: str, doubted: Sequence[Doubted]) -> str:
    """The page on a folder's doubtful glyphs; there must be one."""
    lead = f"{counted(len(doubted), 'glyph')} set aside. Nothing learns from them until you have decided."
    remark = (
        f"Decide with: inkread label {folder}. By hand: move a picture from doubtful/ into the folder of its "
        "character, or delete it."
    )
    ordered = sorted(doubted, key=_kind)
    sections = [_section(kind, list(group)) for kind, group in groupby(ordered, key=_kind)]
    return page.page(
        f"inkread: doubtful glyphs of {folder}", [page.heading("Look twice", folder, lead, remark), *sections]
    )


def _kind(one: Doubted) -> str:
    """What is doubted, without what it looks like."""
    return "it looks like another character" if one.doubt.startswith("it looks like") else one.doubt


def _section(kind: str, doubted: Sequence[Doubted]) -> Html:
    return page.section(
        kind[0].upper() + kind[1:], "", Html(f'<div class="glyphs">{"".join(map(_figure, doubted))}</div>')
    )


def _figure(one: Doubted) -> Html:
    """A glyph and what to know of it."""
    picture = page.glyph(np.subtract(255, one.picture, dtype=np.uint8), f"{one.file}: {one.doubt}")
    told = f"<b>{escape(one.character)}</b> {escape(one.doubt)}<br>{escape(one.place)}"
    return Html(f"<figure>{picture}<figcaption>{told}</figcaption></figure>")
