"""`inkread export-web`: a folder that reads in the browser alone, from any static host, offline."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console


def export_web(folder: Path, *, model: tuple[str, ...] = (), onnxruntime_web: Path | None = None) -> None:
    """Write a page that reads what is drawn on it, in the browser alone: no server, no network.

    Parameters
    ----------
    folder
        The folder to write: new, empty, or one that this verb made.
    model
        What reads: characters (a line of writing), letters or digits (one at a time), or a run's folder; may be
        repeated. All that ship when left out.
    onnxruntime_web
        The folder or the .tgz file of the npm package onnxruntime-web; without it, npm fetches the package.
    """
    from inkread.interfaces.web import folder as web
    from inkread.interfaces.web.runtime import runtime_files

    console = Console(soft_wrap=True, highlight=False)
    web.check_free(folder)
    runtime = runtime_files(onnxruntime_web)
    models = []
    for name in dict.fromkeys(model or web.ALL):
        models.append(web.model(name))
        agreed = models[-1].agreement
        console.print(
            f"{models[-1].name}: {agreed.same} of {agreed.pictures} pictures are framed and read as in Python",
            markup=False,
        )
    size = web.write_folder(folder, models, runtime)
    console.print(f"Wrote {folder} ({size / 1e6:.1f} MB), for any static host. To see it here:", markup=False)
    console.print(f"  python -m http.server --bind 127.0.0.1 --directory {folder}", markup=False)
    console.print("and open http://127.0.0.1:8000/ in a browser", markup=False)
