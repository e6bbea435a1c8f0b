"""`inkread models`: what networks there are, what they cost, and which weights ship."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table


def models() -> None:
    """List the architectures, what they cost, and the weights that ship."""
    from inkread.alphabet import DIGITS, LETTERS
    from inkread.models.networks import ARCHITECTURES, about, build, measure

    console = Console()
    table = Table(title="Architectures", title_justify="left")
    table.add_column("name", no_wrap=True)
    table.add_column("what it is")
    for heading in ("characters", "parameters", "multiply-adds\na glyph"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in ARCHITECTURES:
        label, summary = name, about(name)
        for alphabet in (DIGITS, LETTERS):
            size = measure(build(name, len(alphabet)))
            table.add_row(label, summary, str(len(alphabet)), f"{size.parameters:,}", f"{size.multiply_adds:,}")
            label = summary = ""
    console.print(table)
    console.print(shipped_weights())


def shipped_weights() -> Table:
    """A table of the weights inside the package."""
    from importlib.resources import files

    from inkread.recognition import SHIPPED, shipped, shipped_lines

    table = Table(title="Weights that ship", title_justify="left")
    for heading in ("name", "architecture", "characters", "framing", "validation accuracy", "KB"):
        table.add_column(heading)
    for name in SHIPPED:
        recogniser = shipped(name)
        provenance = recogniser.details["provenance"]
        assert isinstance(provenance, dict)
        size = len((files("inkread") / "weights" / f"{name}.onnx").read_bytes())
        table.add_row(
            name,
            str(recogniser.details["arch"]),
            str(len(recogniser.alphabet)),
            recogniser.framing,
            f"{provenance['validation']['val_accuracy']:.2%}",
            f"{size / 1000:,.0f}",
        )
    lines = shipped_lines()  # reads whole lines for all alphabets; glyphs alone go to the others
    table.add_row("lines", "line network", str(len(lines.alphabet)), "strips", "", f"{lines.size / 1000:,.0f}")
    return table
