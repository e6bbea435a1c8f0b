"""`inkread data`: what data sets there are, which are on this machine, getting and checking them."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

MARKS = {"ok": "ok", "missing": "missing", "damaged": "DAMAGED"}


def list_datasets(*, root: Path | None = None) -> None:
    """List the data sets, and which of them are on this machine.

    Parameters
    ----------
    root
        The data folder; without it, the folder that INKREAD_DATA names, else one among your caches.
    """
    from inkread.data import CATALOGUE, data_folder

    folder = data_folder(root)
    table = Table(title=f"Data sets; data folder: {folder}", title_justify="left")
    for heading in ("name", "what it is", "train", "test", "characters", "download", "here", "licence"):
        table.add_column(heading, justify="right" if heading in ("train", "test", "download") else "left")
    for entry in CATALOGUE.values():
        here = sum((folder / entry.folder / file.name).is_file() for file in entry.files)
        state = "yes" if here == len(entry.files) else f"{here} of {len(entry.files)} files" if here else "no"
        size = f"{entry.download_bytes / 1e6:,.0f} MB"
        table.add_row(
            entry.name, entry.summary, f"{entry.train:,}", f"{entry.test:,}", str(len(entry.alphabet)), size, state,
            entry.licence,
        )  # fmt: skip
    console = Console()
    console.print(table)
    console.print(
        "Your own: a folder with one folder a character, or an .npz file with images and labels:\n"
        "  inkread train FOLDER · inkread train letters --data mine.npz --data yours.npz",
        markup=False,
    )


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
    from inkread.data import data_folder
    from inkread.data import get as fetch

    console = Console()
    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, console=console) as bar:
        tasks: dict[str, int] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(bar.task_ids[tasks[what]], completed=done, total=total)

        paths = fetch(name, data_folder(root), url=url, progress=show)
    for path in paths:
        console.print(f"have {path}", markup=False)


def verify(name: str, *, root: Path | None = None) -> int:
    """Check a data set's files on this machine: there, whole, and with the right checksum where one is known.

    Parameters
    ----------
    name
        A name of `inkread data list`.
    root
        The data folder; without it, the folder that INKREAD_DATA names, else one among your caches.
    """
    from inkread.data import data_folder
    from inkread.data import verify as check

    states = check(name, data_folder(root))
    for state in states:
        Console(soft_wrap=True).print(f"{MARKS[state.state]:8} {state.path}: {state.detail}", markup=False)
    return 0 if all(state.state == "ok" for state in states) else 1
