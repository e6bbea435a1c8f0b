"""Readings of a picture's pages -> one hOCR document (hOCR 1.2, http://kba.github.io/hocr-spec/1.2/), as XHTML.

Classes, nesting and properties are those that tesseract writes with ``hocr_char_boxes``, since tools expect them:
x_wconf and x_conf are percent; what a word's characters may be otherwise has no place in it (JSON and ALTO hold that).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inkread.interfaces.line_words import signs_of, words_of
from inkread.interfaces.markup import escaped
from inkread.results import Box, Character, Line, Reading, Word, around

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
    "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
 <head>
  <title>{title}</title>
  <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
  <meta name="ocr-system" content="inkread {version}"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrx_cinfo"/>
  <meta name="ocr-number-of-pages" content="{pages}"/>
 </head>
 <body>
"""
FOOT = " </body>\n</html>\n"


def hocr(name: str, readings: Sequence[Reading]) -> str:
    """The document about the picture called ``name``, one ocr_page a reading."""
    from inkread import __version__

    head = HEAD.format(title=escaped(name), version=escaped(__version__), pages=len(readings))
    pages = [part for number, reading in enumerate(readings, 1) for part in page(name, number, reading)]
    return "".join([head, *pages, FOOT])


def page(name: str, number: int, reading: Reading) -> Iterator[str]:
    """One page: a block with a paragraph with all lines, or nothing where nothing was read. Numbers begin at 1."""
    image = escaped(name.replace('"', "%22"))  # the property stands in quotes and knows no escapes
    size = bbox(Box(0, 0, reading.width, reading.height))
    title = f"image &quot;{image}&quot;; {size}; ppageno {number - 1}"
    yield f'  <div class="ocr_page" id="page_{number}" title="{title}">\n'
    if reading.lines:
        block = bbox(around([line.box for line in reading.lines]))
        yield f'   <div class="ocr_carea" id="block_{number}_1" title="{block}">\n'
        yield f'    <p class="ocr_par" id="par_{number}_1" title="{block}">\n'
        first_word = 1
        for index, line in enumerate(reading.lines, 1):
            yield line_element(line, f"{number}_{index}", f"word_{number}_", first_word)
            first_word += len(line.words)
        yield "    </p>\n   </div>\n"
    yield "  </div>\n"


def line_element(line: Line, number: str, prefix: str, first_word: int) -> str:
    """One line, a word a row; ``first_word`` is the number of its first word on the page."""
    rows = []
    for text, word in words_of(line):
        rows.append(word_element(word, f"{prefix}{first_word}") if word else escaped(text))
        first_word += word is not None
    inside = "".join(f"      {row}\n" for row in rows)
    return f'     <span class="ocr_line" id="line_{number}" title="{bbox(line.box)}">\n{inside}     </span>\n'


def word_element(word: Word, name: str) -> str:
    """One word; no white space inside, or a browser would show its characters apart."""
    inside = "".join(character_element(sign, character) for sign, character in signs_of(word))
    title = f"{bbox(word.box)}; x_wconf {round(100 * word.confidence)}"
    return f'<span class="ocrx_word" id="{name}" title="{title}">{inside}</span>'


def character_element(sign: str, character: Character | None) -> str:
    """One character with its box; bare, where a pattern has put it in."""
    if character is None:
        return escaped(sign)
    title = f"x_bboxes {numbers(character.box)}; x_conf {100 * character.confidence:.2f}"
    return f'<span class="ocrx_cinfo" title="{title}">{escaped(sign)}</span>'


def bbox(box: Box) -> str:
    """A box as hOCR's property."""
    return f"bbox {numbers(box)}"


def numbers(box: Box) -> str:
    """Left, top, right, bottom, the last two outside the box: hOCR and inkread agree."""
    return " ".join(map(str, box))
