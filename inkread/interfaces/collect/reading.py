"""Photos of filled forms -> sheets: which page each shows, and the glyphs in its boxes. Writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inkread import preprocessing
from inkread.errors import BadOption, BlankPicture
from inkread.interfaces.collect.boxes import cut
from inkread.interfaces.collect.doubts import Collected, judge
from inkread.interfaces.collect.layout import FormPage
from inkread.interfaces.collect.marks import Homography, flatten
from inkread.preprocessing import Picture

DIGEST_BYTES = 8  # of a photo's hash: the same photo is not to be counted twice


@dataclass(frozen=True)
class Sheet:
    """One filled page.

    Attributes:
        name: the photo's.
        digest: hexadecimal hash of its pixels.
        page: which page of which form.
        glyphs: of the boxes that are not empty.
        to_photo: from (x, y, 1) in mm of the paper to the photo's pixels.
    """

    name: str
    digest: str
    page: FormPage
    glyphs: tuple[Collected, ...]
    to_photo: Homography

    @property
    def empty(self) -> int:
        """How many boxes hold nothing."""
        return len(self.page.boxes) - len(self.glyphs)

    @property
    def doubtful(self) -> tuple[Collected, ...]:
        """The glyphs that a person should look at."""
        return tuple(glyph for glyph in self.glyphs if glyph.doubt)


def read_photos(photos: Sequence[Path]) -> list[Sheet]:
    """Read all photos and the pages of documents, in any order.

    Raises BadPicture for a photo that cannot be used, BlankPicture for an empty form, BadOption for a page that comes
    twice.
    """
    sheets: list[Sheet] = []
    for name, picture in _pictures(photos):
        sheet = read_photo(picture, name)
        for other in sheets:
            if other.page == sheet.page:
                raise BadOption(
                    f"{other.name} and {sheet.name} both show {sheet.page}; name one photo of each sheet, and read a "
                    "second filled form into the same folder with --add"
                )
        sheets.append(sheet)
    return sheets


def _pictures(photos: Sequence[Path]) -> Iterator[tuple[str, Picture]]:
    """Every photo and every page of a document, with what to call it."""
    for path in photos:
        for number, picture in enumerate(preprocessing.pages(path)):
            yield (f"{path}, picture {number + 1}" if number else str(path)), picture


def read_photo(picture: Picture, name: str) -> Sheet:
    """One photo of one page."""
    flat = flatten(picture.pixels, name)
    glyphs = judge(cut(flat))
    if not glyphs:
        raise BlankPicture(f"{name} shows {flat.page}, and all its boxes are empty; fill it in, then photograph it")
    digest = hashlib.blake2b(picture.pixels.tobytes(), digest_size=DIGEST_BYTES).hexdigest()
    return Sheet(name, digest, flat.page, tuple(glyphs), flat.to_picture)


def missing(sheets: Sequence[Sheet]) -> list[FormPage]:
    """The pages of the forms begun that are not among the sheets."""
    here = [sheet.page for sheet in sheets]
    forms = dict.fromkeys(page.form for page in here)
    wanted = [FormPage(form, number) for form in forms for number in range(1, form.pages + 1)]
    return [page for page in wanted if page not in here]
