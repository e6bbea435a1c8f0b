"""An alphabet and a number of repeats -> where every box and mark of the form's pages lies, in millimetres of A4.

Drawing it and finding it on a photo are left to `drawing` and `marks`: both ask here, so that they agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from string import ascii_lowercase, ascii_uppercase
from typing import Final, Literal, get_args

from inkread.alphabet import DIGITS, PUNCTUATION
from inkread.errors import BadOption

FormAlphabet = Literal["letters", "digits", "characters"]

PAPER: Final = (210.0, 297.0)  # mm, width and height of A4
MARK: Final = 12.0  # mm, side of a corner's mark: 35 pixels on a photo of 640
MARK_EDGE: Final = 10.0  # mm from the paper's edge to a mark: no printer leaves a wider rim
COLUMNS: Final = 12  # boxes of a row
ROWS: Final = 12
BOX: Final = (12.0, 14.0)  # mm, width and height of a box
PITCH: Final = (15.5, 19.6)  # mm from box to box: the printed character stands between
FIRST: Final = (13.75, 31.5)  # mm, the upper left corner of the first box
EACH_PAGE: Final = COLUMNS * ROWS
DEFAULT_REPEATS: Final = 5  # a quarter of an hour for the letters, and enough to learn a hand from
MOST_REPEATS: Final = 10
LETTERS: Final = ascii_uppercase + ascii_lowercase
SHOWN: Final[dict[FormAlphabet, str]] = {
    "letters": LETTERS,
    "digits": DIGITS.characters,
    "characters": LETTERS + DIGITS.characters + PUNCTUATION,
}

Point = tuple[float, float]


@dataclass(frozen=True)
class FormBox:
    """One box of a page: the character to write, where it stands in the grid, and its corners in mm of the paper."""

    character: str
    row: int
    column: int
    left: float
    top: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + BOX[0]

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + BOX[1]


@dataclass(frozen=True)
class Form:
    """Every character of an alphabet ``repeats`` times: all of them once, then all again, as hands vary over a page."""

    alphabet: FormAlphabet
    repeats: int = DEFAULT_REPEATS

    def __post_init__(self) -> None:
        if self.alphabet not in SHOWN:
            raise BadOption(f"there is no form of {self.alphabet!r}; choose one of: {', '.join(SHOWN)}")
        if not 1 <= self.repeats <= MOST_REPEATS:
            raise BadOption(f"repeats is {self.repeats}; expected 1 to {MOST_REPEATS}")

    @property
    def pages(self) -> int:
        """How many sheets it takes."""
        return ceil(len(SHOWN[self.alphabet]) * self.repeats / EACH_PAGE)

    def boxes(self, page: int) -> tuple[FormBox, ...]:
        """The boxes of one page, counted from 1, row by row."""
        characters = SHOWN[self.alphabet] * self.repeats
        shown = characters[(page - 1) * EACH_PAGE : page * EACH_PAGE]
        return tuple(placed(character, *divmod(number, COLUMNS)) for number, character in enumerate(shown))


def placed(character: str, row: int, column: int) -> FormBox:
    """The box at a place of the grid."""
    return FormBox(character, row, column, FIRST[0] + column * PITCH[0], FIRST[1] + row * PITCH[1])


@dataclass(frozen=True)
class FormPage:
    """One page of a form, counted from 1: what the marks in its corners say."""

    form: Form
    page: int

    @property
    def boxes(self) -> tuple[FormBox, ...]:
        """Its boxes."""
        return self.form.boxes(self.page)

    def __str__(self) -> str:
        times = "once" if self.form.repeats == 1 else f"{self.form.repeats} times"
        return f"page {self.page} of {self.form.pages} of the form of {self.form.alphabet}, {times}"


def mark_places() -> tuple[Point, Point, Point, Point]:
    """The upper left corners of the four marks in mm, clockwise from the page's upper left."""
    far_x, far_y = PAPER[0] - MARK_EDGE - MARK, PAPER[1] - MARK_EDGE - MARK
    return (MARK_EDGE, MARK_EDGE), (far_x, MARK_EDGE), (far_x, far_y), (MARK_EDGE, far_y)


def _every_page() -> Iterator[FormPage]:
    for alphabet in get_args(FormAlphabet):
        for repeats in range(1, MOST_REPEATS + 1):
            form = Form(alphabet, repeats)
            yield from (FormPage(form, page) for page in range(1, form.pages + 1))


# The code of a page is its place here, and printed on paper: another form or another place of a box needs codes of its
# own, behind these.
CODES: Final = tuple(_every_page())
