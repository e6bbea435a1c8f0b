"""Any text -> the same in XML: what hOCR and ALTO share."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no way to hold these
ENTITIES = {'"': "&quot;", "'": "&#39;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def escaped(text: str) -> str:
    """Text for an element or an attribute; what XML cannot hold, as in odd names of files, is written as in Python.

    >>> escaped("R&D <1>")
    'R&amp;D &lt;1&gt;'
    """
    return escape(NOT_XML.sub(lambda found: printable(found[0]), text), ENTITIES)


def printable(text: str) -> str:
    r"""Text on one line: line breaks, controls and bytes that are no characters are written as in Python.

    >>> print(printable("two\nlines"))
    two\nlines
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
