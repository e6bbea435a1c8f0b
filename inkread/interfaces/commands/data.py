"""`inkread data`: what data sets there are, which are on this machine, getting and checking them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from inkread.errors import BadOption
from inkread.interfaces.missing import refuse_misspelt

if TYPE_CHECKING:
    from inkread.data.catalogue import Entry

MARKS = {"ok": "ok", "missing": "missing", "damaged": "DAMAGED"}
ROW = "{:16}{:>8}{:>9}{:>12}{:>10}  {:6}"  # 63 wide
WIDE = 120  # columns of a terminal from which on a data set and what it is fit into one line


def list_datasets(*, root: Path | None = None) -> None:
    """List the data sets, and which of them are on this machine.

    Parameters
    ----------
    root
        The data folder; without it, the folder that INKREAD_DATA names, else one among your caches.
    """
    from inkread.data import CATALOGUE, data_folder
    from inkread.data.catalogue import TASKS

    console = Console(soft_wrap=True, highlight=False, markup=False)
    folder = data_folder(root)
    wide = console.width >= WIDE
    console.print(f"Data sets; data folder: {folder}\n")
    console.print(ROW.format("name", "train", "test", "characters", "download", "here").rstrip(), style="bold")
    for entry in CATALOGUE.values():
        line = described(entry, folder)
        console.print(f"{line}  {entry.summary}" if wide else f"{line.rstrip()}\n  {entry.summary}")
    console.print(f"\n{', '.join(TASKS)} mean {', '.join(TASKS.values())}.")
    console.print("Inside inkread: sample-digits (5,000 of MNIST), synthetic-letters (drawn by it).")
    console.print(f"\n{licences(list(CATALOGUE.values()))}\n")
    console.print("Your own: a folder with one folder a character, or an .npz file:")
    console.print("  inkread train FOLDER · inkread train letters --data mine.npz --data yours.npz")


def described(entry: Entry, folder: Path) -> str:
    """A data set's name, its figures, and how many of its files are in the data folder, in columns."""
    here = sum((folder / entry.folder / file.name).is_file() for file in entry.files)
    state = "yes" if here == len(entry.files) else f"{here} of {len(entry.files)}" if here else "no"
    size = f"{entry.download_bytes / 1e6:,.0f} MB"
    return ROW.format(entry.name, f"{entry.train:,}", f"{entry.test:,}", len(entry.alphabet), size, state)


def licences(entries: list[Entry]) -> str:
    """Each licence once, under the collections that have it: the first words of their titles."""
    collections: dict[str, dict[str, None]] = {}
    for entry in entries:
        collections.setdefault(entry.licence, {})[entry.title.split()[0]] = None
    return "\n".join(f"Licence of {', '.join(names)}:\n  {licence}" for licence, names in collections.items())


def get(name: str, *, root: Path | None = None, url: str | None = None) -> None:
    """Download a data set; a download that broke off goes on where it stopped.

    Parameters
    ----------
    name
        A name of `inkread data list`.
    root
        The data folder; without it, the folder that INKREAD_DATA names, else one among your caches.
    url
        Another address: of EMNIST's archive, or of the folder with MNIST's four files.
    """
    from inkread.data import CATALOGUE, TASKS, data_folder
    from inkread.data import get as fetch

    refuse_shipped(name)
    refuse_misspelt(name, (*CATALOGUE, *TASKS), "inkread data get")
    console = Console()
    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    bar = Progress(*columns, console=console)
    tasks: dict[str, int] = {}
    with ExitStack() as showing:

        def show(what: str, done: int, total: int) -> None:
            if not tasks:  # a bar that has nothing to show would still print an empty line
                showing.enter_context(bar)
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(bar.task_ids[tasks[what]], completed=done, total=total)

        paths = fetch(name, data_folder(root), url=url, progress=show)
    for path in paths:
        console.print(f"have {path}", markup=False, soft_wrap=True)


def verify(name: str, *, root: Path | None = None) -> int:
    """Check a data set's files on this machine: there, whole, and with the right checksum where one is known.

    Parameters
    ----------
    name
        A name of `inkread data list`.
    root
        The data folder; without it, the folder that INKREAD_DATA names, else one among your caches.
    """
    from inkread.data import CATALOGUE, TASKS, data_folder
    from inkread.data import verify as check

    refuse_shipped(name)
    refuse_misspelt(name, (*CATALOGUE, *TASKS), "inkread data verify")
    states = check(name, data_folder(root))
    for state in states:
        Console(soft_wrap=True).print(f"{MARKS[state.state]:8} {state.path}: {state.detail}", markup=False)
    return 0 if all(state.state == "ok" for state in states) else 1


def refuse_shipped(name: str) -> None:
    """Raise BadOption for a data set that is inside inkread, where there is nothing to get or to check."""
    from inkread.data.datasets import SAMPLE, SYNTHETIC

    if name in (SAMPLE, SYNTHETIC):
        raise BadOption(f"{name} ships with inkread; use it: inkread train {name}")
