"""`inkread collect`: print a form with a box for each character, and read the filled form back into a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console

from inkread.errors import BadOption
from inkread.files import write_whole
from inkread.interfaces.collect.layout import DEFAULT_REPEATS, Form, FormAlphabet

if TYPE_CHECKING:
    from inkread.interfaces.collect.reading import Sheet

LISTED = 12  # doubtful boxes of a sheet that are told; all of them are on the page


def form(file: Path, *, alphabet: FormAlphabet = "letters", repeats: int = DEFAULT_REPEATS) -> None:
    """Write a form to print and fill by hand, as a PDF of A4 pages.

    Parameters
    ----------
    file
        The PDF to write, such as form.pdf.
    alphabet
        letters (capitals and small ones), digits, or characters: both, and punctuation.
    repeats
        How often each character is to be written, 1 to 10.
    """
    from inkread.interfaces.collect.drawing import to_pdf

    if file.suffix.lower() != ".pdf":
        raise BadOption(f"{file} does not end in .pdf; name the form such as {file.with_suffix('.pdf')}")
    if file.exists():
        raise BadOption(f"{file} exists, and nothing is overwritten; name another file")
    wanted = Form(alphabet, repeats)
    write_whole(file, to_pdf(wanted))
    sheets = "1 page" if wanted.pages == 1 else f"{wanted.pages} pages"
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"Wrote {file}: {sheets}, {sum(len(wanted.boxes(n + 1)) for n in range(wanted.pages))} boxes")
    console.print("Print it, fill it in, photograph each page, then: inkread collect read PHOTO … --out mine/")


def read(*photos: Path, out: Path, add: bool = False) -> None:
    """Read photos or scans of filled forms into a data set.

    Parameters
    ----------
    photos
        Photos, or a PDF or TIFF of scanned pages; in any order, turned anyhow.
    out
        The folder to write: a folder a character, doubtful glyphs apart. It must be new or empty.
    add
        Add to a folder that holds other sheets already.
    """
    from inkread.interfaces.collect import dataset
    from inkread.interfaces.collect.reading import missing, read_photos

    if not photos:
        raise BadOption("name at least one photo: inkread collect read page1.jpg page2.jpg --out mine/")
    console = Console(soft_wrap=True, highlight=False, markup=False)
    target = dataset.open_target(out, add)
    with console.status("Reading"):
        sheets = read_photos(photos)
        dataset.write(target, sheets)
    tell_sheets(console, sheets)
    for page in missing(sheets):
        console.print(f"Not among the pictures: {page}; add it later with --add")
    tell_result(console, sheets, out)


def tell_sheets(console: Console, sheets: Sequence[Sheet]) -> None:
    """Each sheet, what is in its boxes, and what is doubtful."""
    for sheet in sheets:
        kept = len(sheet.glyphs) - len(sheet.doubtful)
        counts = f"{kept} good, {len(sheet.doubtful)} doubtful, {sheet.empty} empty"
        console.print(f"{sheet.name}: {sheet.page}; {counts}")
        for glyph in sheet.doubtful[:LISTED]:
            box = glyph.cut.box
            console.print(f"  row {box.row + 1}, box {box.column + 1}, {glyph.character}: {glyph.doubt}")
        if len(sheet.doubtful) > LISTED:
            console.print(f"  and {len(sheet.doubtful) - LISTED} more")
    numbers = [sheet.page.page for sheet in sheets]
    if len({sheet.page.form for sheet in sheets}) == 1 and numbers != sorted(numbers):
        came = ", ".join(map(str, numbers))
        console.print(f"The pages came in the order {came}; their marks tell which is which, so nothing is mixed up")


def tell_result(console: Console, sheets: Sequence[Sheet], out: Path) -> None:
    """What was written, and what to do with it."""
    good = [glyph for sheet in sheets for glyph in sheet.glyphs if not glyph.doubt]
    doubtful = sum(len(sheet.doubtful) for sheet in sheets)
    console.print(f"Wrote {len(good)} glyphs of {len({glyph.character for glyph in good})} characters to {out}")
    if doubtful:
        console.print(f"{doubtful} doubtful ones are set aside: look at {out / 'doubtful.html'}")
        console.print(f"Decide on them with: inkread label {quote(str(out))}")
    start = "digits" if all(sheet.page.form.alphabet == "digits" for sheet in sheets) else "letters"
    console.print(f"Try next: inkread train --from {start} --data {quote(str(out))}")
