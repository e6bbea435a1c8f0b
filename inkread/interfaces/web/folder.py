"""Networks, the page and onnxruntime-web -> a folder that reads in any browser, from any static host, offline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Literal

from inkread import __version__
from inkread.errors import BadOption
from inkread.files import write_whole
from inkread.interfaces.web.check import Agreement, check_glyphs, check_lines
from inkread.interfaces.web.models import with_framing, with_strip
from inkread.interfaces.web.runtime import PACKAGE
from inkread.loading import model_file
from inkread.recognition import SHIPPED, LineRecogniser, Recogniser
from inkread.recognition.recogniser import read

MARK = "models.json"  # tells the page what there is to read with, and the next export whose folder it is
MAKER = "inkread export-web"
LINES = "characters"  # the name of the line network that ships
ALL = (LINES, "letters", "digits")
LABELS = {LINES: "A line", "letters": "A letter", "digits": "A digit"}
OWN = ("index.html", "alone.css", "app.js", "result.js", "worker.js", "reading.js", "best_path.js")
SHARED = ("style.css", "reading.css", "icon.svg", "canvas.js", "confidence.js", "element.js")  # with the server's page


@dataclass(frozen=True)
class Model:
    """A network as the page offers it: its file frames by itself, and agrees with Python as ``agreement`` says."""

    name: str
    kind: Literal["glyph", "line"]
    label: str
    alphabet: Sequence[str]
    content: bytes
    agreement: Agreement

    @property
    def file(self) -> str:
        """Where it lies in the folder."""
        return f"models/{self.name}.onnx"


def model(name: str) -> Model:
    """A network that ships, or the one of a run's folder or of an .onnx file, with the framing inside, checked.

    Raises BadCheckpoint for no such network and ExportMismatch where it does not read as in Python.
    """
    if name == LINES:
        return _line_model(_shipped("lines"))
    content = _shipped(name) if name in SHIPPED else read(model_file(Path(name), ALL))
    network = Recogniser(content)
    framing = with_framing(content, network.framing, network.details)
    label = LABELS.get(name, f"A character, by {network.name}")
    agreement = check_glyphs(framing, network)
    return Model(_file_name(network.name), "glyph", label, list(network.alphabet), framing, agreement)


def _line_model(content: bytes) -> Model:
    network = LineRecogniser(content)
    laying = with_strip(content, network.stride, network.details)
    return Model(LINES, "line", LABELS[LINES], list(network.alphabet), laying, check_lines(laying, network))


def _shipped(name: str) -> bytes:
    return (files("inkread") / "weights" / f"{name}.onnx").read_bytes()


def _file_name(name: str) -> str:
    """A name that is the same in a file system and in an address."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)


def check_free(folder: Path) -> None:
    """Raises BadOption where a folder holds anything that is not of this verb's making."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadOption(f"{folder} is a file; expected a new folder, an empty one, or one that {MAKER} made")
    if any(folder.iterdir()) and not _is_ours(folder / MARK):
        raise BadOption(f"{folder} holds other files; expected a new folder, an empty one, or one that {MAKER} made")


def _is_ours(mark: Path) -> bool:
    try:
        told = json.loads(mark.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and str(told.get("made_by", "")).startswith(MAKER)


def write_folder(folder: Path, models: Sequence[Model], runtime: Mapping[str, bytes]) -> int:
    """Write all files, take models of an earlier export away, and give the bytes written.

    Raises BadOption as ``check_free`` does, and for two models of one name.
    """
    check_free(folder)
    names = [one.name for one in models]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadOption(
            f"two models are called {twice!r}; the page tells models apart by name: write a folder for each"
        )
    content = {MARK: _mark(models), "LICENSES.txt": _licences()}
    interfaces = files("inkread") / "interfaces"
    content |= {name: (interfaces / "web" / "site" / name).read_bytes() for name in OWN}
    content |= {name: (interfaces / "page" / name).read_bytes() for name in SHARED}
    content |= {f"onnxruntime-web/{name}": file for name, file in runtime.items()}
    content |= {one.file: one.content for one in models}
    for name, file in content.items():  # the mark first: what follows may be cut short, and begun again
        write_whole(folder / name, file)
    for old in (folder / "models").glob("*.onnx"):
        if f"models/{old.name}" not in content:
            old.unlink()
    return sum(map(len, content.values()))


def _mark(models: Sequence[Model]) -> bytes:
    told = [
        {"name": one.name, "kind": one.kind, "label": one.label, "file": one.file, "alphabet": list(one.alphabet)}
        for one in models
    ]
    return json.dumps({"made_by": f"{MAKER} {__version__}", "models": told}, indent=1).encode()


def _licences() -> bytes:
    """The terms of everything in the folder."""
    own = distribution("inkread").read_text("licenses/LICENSE") or "Apache License 2.0"
    runtime = files("onnxruntime")
    parts = {
        "inkread: this page and its networks": own,
        f"{PACKAGE}, the files in onnxruntime-web/": (runtime / "LICENSE").read_text("utf-8"),
        "What ONNX Runtime is made of": (runtime / "ThirdPartyNotices.txt").read_text("utf-8"),
    }
    ruled = [f"{title}\n{'=' * len(title)}\n\n{text.strip()}\n" for title, text in parts.items()]
    return "\n\n".join(ruled).encode()
