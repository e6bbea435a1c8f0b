"""`inkread look`: what goes on inside a trained network, drawn: one page, and each drawing as SVG and PNG."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from rich.console import Console

from inkread.errors import BadData, BadOption, BadPicture
from inkread.interfaces.missing import refuse_missing_run
from inkread.interfaces.target_file import refuse_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import nn

    from inkread.data import Split
    from inkread.models import Checkpoint

Glyphs = npt.NDArray[np.uint8]

MOST_GLYPHS = 600  # on the map: more would hide each other
PAGE = "index.html"
TITLE = "inkread: inside"  # what the page is called, and then the network; a page of another title is somebody else's
DRAWINGS = ("learning", "filters", "activations", "where", "map")
LOOKED_AT = 8  # glyphs whose important places are drawn


@dataclass(frozen=True)
class Drawn:
    """One drawing of the page."""

    name: str
    title: str
    note: str
    figure: Figure


def look(run: Path, *, out: Path | None = None, glyph: Path | None = None, data: tuple[str, ...] = ()) -> None:
    """Draw what goes on inside a trained network.

    Parameters
    ----------
    run
        A run's folder, an .onnx file, or the shipped digits or letters.
    out
        The folder for index.html and the drawings, each as SVG and PNG; look in the run's folder when left out.
    glyph
        A picture of one character to look at; glyphs of the validation part when left out.
    data
        Take glyphs from these instead of the data set that the run was trained on: the data folder, folders or .npz
        files; may be repeated.
    """
    from inkread.evaluation import report
    from inkread.interfaces.data_choice import choose, open_any_network, open_for
    from inkread.recognition import SHIPPED

    refuse_missing_run(str(run), SHIPPED, "inkread look")
    folder = run if run.is_dir() and str(run) not in SHIPPED else None
    target = out or (folder or run.parent) / "look"
    refuse_foreign_page(target)
    network, checkpoint = open_any_network(run)
    picture = None if glyph is None else framed(glyph, checkpoint)
    dataset = open_for(checkpoint, checkpoint.config, data, elsewhere=True)
    if dataset.alphabet != checkpoint.alphabet:
        raise BadData(
            f"{checkpoint.name} reads {checkpoint.alphabet.characters}, but {dataset.name} has "
            f"{dataset.alphabet.characters}; name other --data"
        )
    drawn = [*(learning(folder) if folder else []), *inside(network, checkpoint, choose(dataset, "val"), picture)]
    written = report.write(target / PAGE, html(drawn, checkpoint, dataset.name))
    report.write_figures(target, {one.name: one.figure for one in drawn})
    Console().print(f"Wrote {written} and {len(drawn)} drawings beside it", markup=False, soft_wrap=True)


def refuse_foreign_page(folder: Path) -> None:
    """Raise BadOption where the drawings would take the place of files that inkread look did not write.

    Its page is the mark: where that lies, the drawings beside it are its own, too.
    """
    from inkread.evaluation.plots import FORMATS

    refuse_file("--out", folder)
    page = folder / PAGE
    if page.is_file() and f"<title>{TITLE} ".encode() in page.read_bytes():
        return
    files = [page, *(folder / f"{name}.{kind}" for name in DRAWINGS for kind in FORMATS)]
    if foreign := [file.name for file in files if file.exists()]:
        raise BadOption(
            f"{folder} holds {foreign[0]}, which inkread look did not write; name a new or empty folder with --out"
        )


def framed(path: Path, checkpoint: Checkpoint) -> Glyphs:
    """The one character of a picture, as the network wants it; raises BadPicture where there is none, or several."""
    from inkread import preprocessing

    ink = preprocessing.sheet(preprocessing.load(path)).ink
    if preprocessing.is_framed(ink, checkpoint.framing):
        return np.rint(255 * ink).astype(np.uint8)
    lines = [] if preprocessing.is_blank(ink) else preprocessing.lines(ink).lines
    inks = [one for line in lines for one in preprocessing.glyphs(line).inks]
    if len(inks) != 1:
        raise BadPicture(f"{path} holds {len(inks)} characters; expected one")
    return preprocessing.frame(inks[0], checkpoint.framing)


def learning(folder: Path) -> list[Drawn]:
    """The learning curve, where the run's folder has a log."""
    import json

    from inkread.evaluation.plots import learning_curve
    from inkread.run_folder import Run

    log = Run(folder).log
    history = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    if not history:
        return []
    note = "One point an epoch. The loss of training is that of glyphs that were moved, turned and thickened by chance."
    return [Drawn("learning", "How it learnt", note, learning_curve(history))]


def inside(network: nn.Module, checkpoint: Checkpoint, split: Split, picture: Glyphs | None) -> list[Drawn]:
    """Every drawing of the network itself; ``picture`` takes the place of the glyphs that are looked at."""
    from inkread.evaluation import inside_plots as plots
    from inkread.evaluation.neighbours import FEWEST
    from inkread.models import inside as models

    shown = picture[None] if picture is not None else examples(split)
    drawn = [Drawn("filters", "What it looks for first", FILTERS, plots.filter_sheet(models.first_filters(network)))]
    one = shown[len(shown) // 2]
    if blocks := models.activations(network, one):
        drawn.append(Drawn("activations", "What each block finds in a glyph", MAPS, plots.activation_maps(one, blocks)))
    drawn.append(Drawn("where", "Where it looks", WHERE, looked(network, checkpoint, shown)))
    if len(split) >= FEWEST:
        drawn.append(Drawn("map", "Which glyphs look alike to it", MAP, mapped(network, checkpoint, split)))
    return drawn


def examples(split: Split) -> Glyphs:
    """The first glyph of some characters, spread over the alphabet."""
    known = np.unique(split.labels)
    some = known[np.unique(np.linspace(0, len(known) - 1, LOOKED_AT).astype(int))]
    firsts = [int(np.flatnonzero(split.labels == label)[0]) for label in some]
    return split.images[firsts]


def looked(network: nn.Module, checkpoint: Checkpoint, glyphs: Glyphs) -> Figure:
    """Which places of each glyph the character depends on that the network reads there."""
    from inkread.evaluation.inside_plots import where_it_looks
    from inkread.evaluation.occlusion import INK, PAPER, covered, importance

    maps: dict[int, list[npt.NDArray[np.float64]]] = {PAPER: [], INK: []}
    titles = []
    for glyph in glyphs:
        whole = probabilities(network, checkpoint, glyph[None])[0]
        read = int(whole.argmax())
        titles.append(f"{checkpoint.alphabet[read]}: {whole[read]:.0%}")
        for value, found in maps.items():
            left = probabilities(network, checkpoint, covered(glyph, value))[:, read]
            found.append(importance(float(whole[read]), left))
    return where_it_looks(glyphs, titles, maps[PAPER], maps[INK])


def mapped(network: nn.Module, checkpoint: Checkpoint, split: Split) -> Figure:
    """The glyphs as the last layer sees them, flattened to a page."""
    from inkread.evaluation.inside_plots import embedding_map
    from inkread.evaluation.neighbours import flattened
    from inkread.models.inside import embeddings

    some = split.take(np.random.default_rng(0).permutation(len(split))[:MOST_GLYPHS])
    wrong = probabilities(network, checkpoint, some.images).argmax(axis=1) != some.labels
    characters = [checkpoint.alphabet[label] for label in some.labels.tolist()]
    return embedding_map(flattened(embeddings(network, some.images)), characters, wrong)


def probabilities(network: nn.Module, checkpoint: Checkpoint, glyphs: Glyphs) -> npt.NDArray[np.float64]:
    """Calibrated probabilities (N, C)."""
    from inkread.evaluation.calibration import log_softmax
    from inkread.models import logits

    found: npt.NDArray[np.float64] = np.exp(log_softmax(logits(network, glyphs) / checkpoint.temperature))
    return found


def html(drawn: list[Drawn], checkpoint: Checkpoint, data: str) -> str:
    """The page with all drawings."""
    from inkread.evaluation import page, plots

    lead = f"The network {checkpoint.arch}, trained on {checkpoint.config['dataset']}, seen from inside."
    parts = [page.heading(f"Inside {checkpoint.name}", f"inkread look, glyphs of {data}", lead, "")]
    for one in drawn:
        drawing = page.plot(plots.svg(one.figure, one.title), f"{one.name}.svg and {one.name}.png hold it for print.")
        parts.append(page.section(one.title, one.note, drawing))
    return page.page(f"{TITLE} {checkpoint.name}", parts)


FILTERS = (
    "The weights of the first layer, all on one scale. Vermillion: ink there speaks for the feature; blue, dashed "
    "where there is room: ink there speaks against it. Edges and strokes of one direction are what most look for."
)
MAPS = (
    "The glyph, and below it the maps that each block makes of it: dark where a feature was found, each block on a "
    "scale of its own. Later blocks see less of where and more of what."
)
WHERE = (
    "A square of 5 pixels is papered over, or inked over, at every place in turn. Vermillion: that costs the character "
    "so much of its probability; blue: it gains. The line is the outline of the glyph; above it stands what is read."
)
MAP = (
    "Glyphs of the validation part as the last layer sees them, laid on a page by t-SNE so that neighbours stay "
    "neighbours; distances between far groups mean nothing. A ring: read as something else."
)
