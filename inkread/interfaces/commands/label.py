"""`inkread label`: correct a folder of glyphs in a page. What is served is in `interfaces/labelling`."""

from __future__ import annotations

from pathlib import Path

from inkread.errors import MissingDependency
from inkread.interfaces.commands.serve import SERVING_PACKAGES
from inkread.interfaces.server.options import ServeOptions

HOST = "127.0.0.1"  # no other: whoever reaches the page moves files


def label(folder: Path, *, model: str | None = None, port: int = 8766) -> None:
    """Correct a folder of glyphs in a page, until Ctrl-C.

    Parameters
    ----------
    folder
        A folder with a folder a character, as inkread collect writes it.
    model
        What finds the doubtful ones: a run's folder or an .onnx file; without it, the shipped letters and digits.
    port
        Where the page is: http://127.0.0.1:PORT/; 0 takes any that is free.
    """
    ServeOptions(host=HOST, port=port)  # refuses a port that there is not
    from inkread.interfaces.labelling.glyph_folder import GlyphFolder
    from inkread.loading import load_recogniser
    from inkread.recognition import SHIPPED

    glyphs = GlyphFolder(folder)
    recognisers = [load_recogniser(name) for name in ([model] if model else SHIPPED)]
    try:
        import uvicorn

        from inkread.interfaces.labelling.app import create_app
        from inkread.interfaces.server.run import address_of, open_socket
    except ModuleNotFoundError as error:
        package = SERVING_PACKAGES.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        raise MissingDependency(package, "serve", "inkread label") from error
    with open_socket(HOST, port) as listening:
        print(f"Correct {folder} at {address_of(listening)}; stop it with Ctrl-C", flush=True)
        config = uvicorn.Config(create_app(glyphs, recognisers), log_level="warning", access_log=False)
        uvicorn.Server(config).run([listening])
