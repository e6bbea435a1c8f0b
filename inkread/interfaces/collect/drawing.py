"""A form's pages -> drawings in millimetres, and those -> a PDF to print. Where everything lies is left to `layout`.

matplotlib draws them: it is there for learning curves already, writes text and lines as vectors, and gives the same
drawing as pixels, which tests and notebooks fill by themselves.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from inkread.errors import MissingDependency
from inkread.interfaces.collect.layout import BOX, CODES, MARK, PAPER, Form, FormBox, FormPage, mark_places
from inkread.interfaces.collect.marks import DICTIONARY, mark_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MM_PER_INCH: Final = 25.4
LINE: Final = 0.25  # mm, width of a box's lines
LINE_GREY: Final = "0.62"  # paler than any pen, dark enough for a photo to show
CELLS: Final = 8  # of a mark's side: six of its pattern, one of border on each side
SIGNS: Final = {
    ".": "full stop", ",": "comma", "-": "hyphen", "'": "apostrophe", ":": "colon", ";": "semicolon", "/": "slash",
}  # fmt: skip
SIZES: Final = {"title": 11.0, "text": 8.0, "character": 8.5, "name": 4.5}  # points


def to_pdf(form: Form) -> bytes:
    """All pages of a form as a PDF; the same form gives the same bytes."""
    try:
        from matplotlib.backends.backend_pdf import PdfPages
    except ImportError as error:
        raise MissingDependency("matplotlib", "train", "drawing a form") from error
    buffer = io.BytesIO()
    title = f"inkread: a form of {form.alphabet}"
    with PdfPages(buffer, metadata={"Title": title, "CreationDate": None}) as pdf:
        for number in range(1, form.pages + 1):
            pdf.savefig(draw(FormPage(form, number)))
    return buffer.getvalue()


def to_pixels(page: FormPage, dots_per_inch: int = 150) -> npt.NDArray[np.uint8]:
    """One page as grey pixels, uint8 (H, W), paper 255."""
    buffer = io.BytesIO()
    draw(page).savefig(buffer, format="png", dpi=dots_per_inch)
    return np.asarray(Image.open(buffer).convert("L"))


def draw(page: FormPage) -> Figure:
    """One page as a drawing of the size of its paper."""
    try:
        from matplotlib.collections import PatchCollection
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle
    except ImportError as error:
        raise MissingDependency("matplotlib", "train", "drawing a form") from error
    figure = Figure(figsize=(PAPER[0] / MM_PER_INCH, PAPER[1] / MM_PER_INCH), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, PAPER[0]), ylim=(PAPER[1], 0))
    axes.set_axis_off()
    frames = [Rectangle((box.left, box.top), *BOX) for box in page.boxes]
    width = LINE / MM_PER_INCH * 72  # points
    axes.add_collection(PatchCollection(frames, facecolor="none", edgecolor=LINE_GREY, linewidth=width))
    for box in page.boxes:
        _name(axes, box)
    for corner, place in enumerate(mark_places()):
        _mark(axes, mark_number(CODES.index(page), corner), place)
    _words(axes, page)
    return figure


def _name(axes: Axes, box: FormBox) -> None:
    """What to write, above its box: the character, and what it is called."""
    axes.text(box.left + 0.2, box.top - 1.1, box.character, size=SIZES["character"], family="DejaVu Sans Mono")
    axes.text(box.left + 2.8, box.top - 1.1, name(box.character), size=SIZES["name"], color="0.35")


def name(character: str) -> str:
    """A character in words, where it could be taken for another; else ''.

    >>> name("O"), name("0"), name("o"), name(","), name("%")
    ('capital', 'digit', 'small', 'comma', '')
    """
    if character.isalpha():
        return "capital" if character.isupper() else "small"
    return "digit" if character.isdigit() else SIGNS.get(character, "")


def _mark(axes: Axes, number: int, place: tuple[float, float]) -> None:
    """A mark: a black square, and white cells on it, each run of them one rectangle."""
    from matplotlib.patches import Rectangle

    cells = cv2.aruco.generateImageMarker(DICTIONARY, number, CELLS) > 0
    side = MARK / CELLS
    axes.add_patch(Rectangle(place, MARK, MARK, facecolor="black", linewidth=0))
    for row, line in enumerate(cells):
        edges = np.flatnonzero(np.diff(line, prepend=False, append=False))
        for start, stop in edges.reshape(-1, 2):
            corner = (place[0] + start * side, place[1] + row * side)
            axes.add_patch(Rectangle(corner, (stop - start) * side, side, facecolor="white", linewidth=0))


def _words(axes: Axes, page: FormPage) -> None:
    """What the form is and how to fill it, between the upper marks; which page it is, between the lower ones."""
    middle = PAPER[0] / 2
    lines = (
        ("title", 13.5, "Your handwriting for inkread"),
        ("text", 18.5, "Write the character above each box into it, with a dark pen, as you always write."),
        ("text", 22.5, "Stay off the lines. Leave a box empty where you slip. Photograph the whole page, corners too."),
        ("text", PAPER[1] - 15, f"{page}"),
    )
    for kind, y, words in lines:
        axes.text(middle, y, words, size=SIZES[kind], ha="center", family="DejaVu Sans")
