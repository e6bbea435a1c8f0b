"""Readings of a picture's pages -> one ALTO document (ALTO 4.4, https://www.loc.gov/standards/alto/).

Positions are pixels of the picture. Each word is a String with its confidence (WC), that of its characters in tenths
(CC: 0 is sure, 9 is not) and a Glyph a character, whose Variants are what the eye alone holds possible besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from inkread.interfaces.line_words import signs_of, words_of
from inkread.interfaces.markup import escaped
from inkread.results import Box, Character, Line, Reading, Word, around

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd" \
SCHEMAVERSION="4.4">
 <Description>
  <MeasurementUnit>pixel</MeasurementUnit>
  <sourceImageInformation>
   <fileName>{name}</fileName>
  </sourceImageInformation>
  <Processing ID="OCR_1">
   <processingCategory>contentGeneration</processingCategory>
   <processingStepSettings>model {model}</processingStepSettings>
   <processingSoftware>
    <softwareName>inkread</softwareName>
    <softwareVersion>{version}</softwareVersion>
   </processingSoftware>
  </Processing>
 </Description>
 <Layout>
"""
FOOT = " </Layout>\n</alto>\n"
UNSURE_CC = 9  # CC of a character that is not sure at all


def alto(name: str, readings: Sequence[Reading]) -> str:
    """The document about the picture called ``name``, one Page a reading."""
    from inkread import __version__

    models = ", ".join(dict.fromkeys(reading.model for reading in readings))
    head = HEAD.format(name=escaped(name), model=escaped(models), version=escaped(__version__))
    pages = [part for number, reading in enumerate(readings, 1) for part in page(number, reading)]
    return "".join([head, *pages, FOOT])


def page(number: int, reading: Reading) -> Iterator[str]:
    """One page with one block of all its lines, or none where nothing was read. Numbers begin at 1."""
    size = f'WIDTH="{reading.width}" HEIGHT="{reading.height}"'
    sure = f'PC="{probability(reading.confidence)}"'
    yield f'  <Page ID="page_{number}" PHYSICAL_IMG_NR="{number}" {size} {sure}>\n'
    yield f'   <PrintSpace HPOS="0" VPOS="0" {size}>\n'
    lines = [line for line in reading.lines if words_of(line)]  # a TextLine holds at least one String
    if lines:
        yield f'    <TextBlock ID="block_{number}_1" {place(around([line.box for line in lines]))}>\n'
        for index, line in enumerate(lines, 1):
            yield f'     <TextLine ID="line_{number}_{index}" {place(line.box)}>\n'
            yield from line_content(line, f"{number}_{index}")
            yield "     </TextLine>\n"
        yield "    </TextBlock>\n"
    yield "   </PrintSpace>\n  </Page>\n"


def line_content(line: Line, number: str) -> Iterator[str]:
    """The words of a line, a space between any two."""
    words = words_of(line)
    spaces = [space(left, right) for (_, left), (_, right) in pairwise(words)]
    for index, ((text, word), after) in enumerate(zip(words, [*spaces, ""], strict=True), 1):
        if word is None:
            yield f'      <String ID="string_{number}_{index}" CONTENT="{escaped(text)}"/>\n'
        else:
            yield from word_element(word, f"{number}_{index}")
        yield after


def space(left: Word | None, right: Word | None) -> str:
    """What lies between two words; without a place, where one of them has none."""
    if left is None or right is None:
        return "      <SP/>\n"
    begin, end = left.box.right, max(left.box.right, right.box.left)
    top, bottom = min(left.box.top, right.box.top), max(left.box.bottom, right.box.bottom)
    return f"      <SP {place(Box(begin, top, end, bottom))}/>\n"


def word_element(word: Word, number: str) -> Iterator[str]:
    """One word and its glyphs."""
    signs = signs_of(word)
    doubts = "".join(str(round(UNSURE_CC * (1 - read.confidence)) if read else 0) for _, read in signs)
    sure = f'WC="{probability(word.confidence)}" CC="{doubts}"'
    yield f'      <String ID="string_{number}" {place(word.box)} CONTENT="{escaped(word.text)}" {sure}>\n'
    for index, (sign, read) in enumerate(signs, 1):
        yield from glyph(sign, read, f"glyph_{number}_{index}")
    yield "      </String>\n"


def glyph(sign: str, read: Character | None, name: str) -> Iterator[str]:
    """One character, and what else the eye holds possible; without a place, where a pattern has put it in."""
    if read is None:
        yield f'       <Glyph ID="{name}" CONTENT="{escaped(sign)}"/>\n'
        return
    sure = f'GC="{probability(read.confidence)}"'
    yield f'       <Glyph ID="{name}" {place(read.box)} CONTENT="{escaped(sign)}" {sure}>\n'
    for text, chance in read.alternatives:
        if text != sign:
            yield f'        <Variant CONTENT="{escaped(text)}" VC="{probability(chance)}"/>\n'
    yield "       </Glyph>\n"


def place(box: Box) -> str:
    """A box as ALTO's attributes."""
    return f'HPOS="{box.left}" VPOS="{box.top}" WIDTH="{box.width}" HEIGHT="{box.height}"'


def probability(value: float) -> str:
    """0 to 1, to four digits."""
    return f"{min(1.0, max(0.0, value)):.4f}"
