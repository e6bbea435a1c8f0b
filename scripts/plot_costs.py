"""Records -> records/inference/costs.svg and .png: accuracy on MNIST's test set over time and over parameters.

    python scripts/plot_costs.py

Every record of accuracy on MNIST's test set is a point, of several of an architecture the most accurate, and PyTorch's
example as far as it was trained beside a track. Times are those of the inference record; a network that it lacks stands
in the right half alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, Final, Literal

from record import RECORDS

from inkread.evaluation import plots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

FIGURE: Final = "MNIST test"
PUBLIC: Final = "pytorch-example"
BACKEND: Final = "onnxruntime"
FORMATS: Final[tuple[Literal["svg", "png"], ...]] = ("svg", "png")
SIZE: Final = (10.4, 4.0)  # inches
DOTS: Final = 160  # an inch

WIDE: Final = 300.0  # times from the least cost to the greatest; then powers of ten are marks enough
BESIDE: Final = (  # where a name may stand, in points from its dot, and on which side of it
    ((7, -3), "left"), ((-7, -3), "right"), ((7, 9), "left"), ((-7, 9), "right"), ((7, -16), "left"),
    ((-7, -16), "right"), ((0, 14), "center"), ((0, -22), "center"),
)  # fmt: skip

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Point:
    """A network: accuracy (0..1) and its standard deviation over seeds, microseconds for one glyph, parameters."""

    name: str
    accuracy: float
    std: float | None
    microseconds: float | None
    parameters: int


def points(records: Iterable[Json], inference: Json) -> list[Point]:
    """Every record's network, and PyTorch's example."""
    timed = {network["arch"]: network for network in inference["networks"]}
    best: dict[str, Point] = {}
    for record in records:
        for point in (*ours(record, timed), *theirs(record, timed)):
            if point.name not in best or point.accuracy > best[point.name].accuracy:
                best[point.name] = point
    return list(best.values())


def ours(record: Json, timed: Mapping[str, Json]) -> Iterator[Point]:
    """The network that a record of accuracy on MNIST's test set is about, if it is."""
    figures = [figure for figure in record.get("figures", ()) if figure["name"] == FIGURE]
    if record.get("data") == "mnist" and record.get("part") == "test":  # a track
        figures = [record["accuracy"]]
    for figure in figures:
        arch, together = record["config"]["arch"], record.get("together", 1)
        name = arch if together == 1 else f"{together} x {arch}"
        one = microseconds(timed.get(arch))
        time = None if one is None else one * together
        yield Point(name, figure["mean"], figure["std"], time, record["parameters"])


def theirs(record: Json, timed: Mapping[str, Json]) -> Iterator[Point]:
    """PyTorch's example, as far as it was trained beside a track, if it was."""
    last = [epochs[-1]["accuracy"] for epochs in record.get("example", ())]
    if last and PUBLIC in timed:
        epochs = len(record["example"][0])
        name = f"PyTorch's example, epoch {epochs}"
        yield Point(name, mean(last), None, microseconds(timed[PUBLIC]), timed[PUBLIC]["parameters"])


def microseconds(network: Json | None) -> float | None:
    """The time of one glyph on one core."""
    rows = network["speeds"] if network else ()
    return next((row["one_us"][0] for row in rows if (row["backend"], row["threads"]) == (BACKEND, 1)), None)


def drawing(networks: Sequence[Point]) -> Figure:
    """Two halves with one axis of accuracy: over microseconds, over parameters."""
    figure = plots.blank_figure()
    figure.set_size_inches(SIZE)
    left, right = figure.subplots(1, 2, sharey=True)
    timed = [(point, point.microseconds) for point in networks if point.microseconds is not None]
    sized = [(point, float(point.parameters)) for point in networks]
    half(left, timed, f"microseconds for one glyph, one core, {BACKEND}")
    half(right, sized, "parameters")
    figure.draw_without_rendering()  # so that all is where it will be
    name(left, timed)
    name(right, sized)
    left.set_ylabel(f"{FIGURE}, % right", color=plots.INK)
    return figure


def half(axes: Axes, networks: Sequence[tuple[Point, float]], label: str) -> None:
    """A dot for each network, its spread over seeds as a bar."""
    from matplotlib.ticker import LogLocator

    for point, cost in networks:
        spread = 100 * (point.std or 0.0)
        axes.errorbar(cost, 100 * point.accuracy, spread, color=plots.AFTER, marker="o", markersize=5, capsize=2)
    costs = [cost for _, cost in networks]
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(
        LogLocator(subs=(1,) if max(costs, default=0) > WIDE * min(costs, default=0) else (1, 2, 5))
    )
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.minorticks_off()
    axes.margins(x=0.1, y=0.15)
    axes.set_xlabel(label, color=plots.INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(plots.FAINT)
    axes.tick_params(colors=plots.INK, which="both", length=0)
    axes.grid(color=plots.FAINT, linewidth=0.5)
    axes.set_axisbelow(True)


def name(axes: Axes, networks: Sequence[tuple[Point, float]]) -> None:
    """Each network's name beside its dot, at the first place where it covers no other name and no dot."""
    dots = [axes.transData.transform((cost, 100 * point.accuracy)) for point, cost in networks]
    taken: list[Bbox] = []
    for point, cost in networks:
        for offset, side in BESIDE:
            place = (cost, 100 * point.accuracy)
            text = axes.annotate(point.name, place, offset, textcoords="offset points", ha=side, color=plots.INK)
            box = text.get_window_extent()
            within = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1
            if within and not box.count_overlaps(taken) and not any(box.contains(*dot) for dot in dots):
                break
            if (offset, side) != BESIDE[-1]:
                text.remove()
        taken.append(box)


def read(folder: Path) -> dict[str, Json]:
    """Every record below a folder, by its name."""
    files = sorted(folder.rglob("record.json"))
    return {file.parent.name: json.loads(file.read_text(encoding="utf-8")) for file in files}


def main() -> None:
    """Draw what the records tell."""
    import matplotlib

    records = read(RECORDS)
    figure = drawing(points(records.values(), records["inference"]))
    for kind in FORMATS:
        path = RECORDS / "inference" / f"costs.{kind}"
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        with matplotlib.rc_context({"svg.hashsalt": "inkread"}):  # the same file every day
            figure.savefig(path, format=kind, dpi=DOTS, facecolor="white", metadata=metadata)
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
