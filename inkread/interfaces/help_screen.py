"""Chapters of verbs, defaults and wrong calls -> what the terminal shows of them. Knows no verb; `cli` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts import CycloptsError
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

VERB_WIDTH = 13  # columns of a verb, the spaces around it included; the longest have ten letters


def chapter(console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
    """A heading and a line a verb. A box would take two lines more, and `inkread --help` has to fit one screen."""
    from rich.table import Table
    from rich.text import Text

    verbs = Table.grid()
    verbs.add_column(style="cyan", min_width=VERB_WIDTH, no_wrap=True)
    verbs.add_column()
    for entry in panel.entries:
        verbs.add_row(f"  {entry.names[0]} ", entry.description)
    console.print(Text(str(panel.title), style="bold"), verbs, sep="\n")


def shown_default(value: object) -> str | None:
    """What the help tells of a default: nothing where it says nothing."""
    return None if value is None or value is False or value == () else str(value)


def wrong_call(error: CycloptsError) -> str:
    """What is wrong with a call, and the command to type next."""
    from cyclopts import UnusedCliTokensError

    said = str(error).rstrip()
    if isinstance(error, UnusedCliTokensError):
        extra = error.unused_tokens or []
        said = f"{', '.join(extra)} {'is one argument' if len(extra) == 1 else 'are arguments'} too many."
    return f"{said} Try: {' '.join(('inkread', *(error.command_chain or ())))} --help"
