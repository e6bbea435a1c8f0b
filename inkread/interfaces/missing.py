"""A picture, a run or a data set that is not there -> one sentence that ends with the command to type next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from shlex import quote

from inkread.errors import BadCheckpoint, BadOption
from inkread.nearest import SUFFIXES, nearest, nearest_file
from inkread.run_folder import EXPORTED, NETWORK

RUNS = Path("runs")
SHOWN = 3  # names in one sentence


def is_missing(path: Path) -> bool:
    """Whether nothing is there; what cannot be looked at is not missing."""
    try:
        return not path.exists()
    except OSError:
        return False


def no_such_picture(path: Path) -> str:
    """What to say of a picture that does not exist: the one that was meant, or which there are."""
    near = nearest_file(path)
    if near is not None:
        return f"{path} does not exist; did you mean {near.name}? Try: inkread read {quote(str(near))}"
    folder = path.parent
    if not folder.is_dir():
        return f"{path} does not exist, nor does the folder {folder}; try: inkread read PATH/OF/A/PICTURE"
    try:
        there = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    except OSError as error:
        return f"{path} does not exist, and {folder} cannot be opened to see what does: {error.strerror}"
    if not there:
        return f"{path} does not exist, and {folder.resolve()} holds no picture; try: inkread read PATH/OF/A/PICTURE"
    return f"{path} does not exist; there {listed(there)}; try: inkread read {quote(str(there[0]))}"


def refuse_missing_run(run: str, shipped: Sequence[str], command: str) -> None:
    """Raise BadCheckpoint for a run that does not exist; ``command`` is what was typed, up to the run."""
    if run in shipped or Path(run).exists():
        return
    names = f"one of {', '.join(shipped)}, an .onnx file or " if shipped else ""
    sentence = f"{run} does not exist; expected {names}a run's folder"
    runs = existing_runs()
    called = {name: name for name in shipped} | {name: str(run) for run in runs for name in (run.name, str(run))}
    near = nearest(run, called)
    if near is not None:
        raise BadCheckpoint(f"{sentence}; did you mean {called[near]}? Try: {command} {quote(called[near])}")
    if runs:
        raise BadCheckpoint(f"{sentence}; there {listed(runs)}; try: {command} {quote(str(runs[0]))}")
    raise BadCheckpoint(f"{sentence}; make a run with: inkread train digits")


def refuse_misspelt(name: str, names: Collection[str], command: str) -> None:
    """Raise BadOption for a name that is none of ``names`` but near to one; ``command`` is what was typed before it."""
    if name in names or Path(name).exists():
        return
    if parts := [one for one in names if one.startswith(f"{name.lower()}-")]:
        raise BadOption(f"{name} has parts: {', '.join(parts)}. Try: {command} {parts[0]}")
    near = nearest(name, names)
    if near is not None:
        raise BadOption(f"there is no data set {name!r}; did you mean {near}? Try: {command} {near}")


def existing_runs() -> list[Path]:
    """The folders of finished runs in runs/ and one level deeper, the newest first."""
    found = {
        file.parent for name in (EXPORTED, NETWORK) for depth in ("*", "*/*") for file in RUNS.glob(f"{depth}/{name}")
    }
    return sorted(found, key=lambda folder: -folder.stat().st_mtime)


def listed(paths: Sequence[Path]) -> str:
    """The first few, in words."""
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return f"{'is' if len(paths) == 1 else 'are'} {', '.join(map(str, paths[:SHOWN]))}{more}"
