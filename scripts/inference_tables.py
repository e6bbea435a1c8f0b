"""What `record_inference` kept -> the tables of records/inference/README.md and of the README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from readme_tables import table

from inkread.interfaces.bench.inference import LINE

OWN: Final = "onnxruntime"  # float32, as inkread runs it
SHIPPED: Final = ("digits", "letters")
KINDS: Final = {"float32.onnx": "float32", "int8.onnx": "int8"}
LARGEST: Final = 6  # operators that are told apart

Json = Mapping[str, Any]


def shipped(record: Json) -> str:
    """The shipped weights as inkread runs them, a line each, and how long the shell waits."""
    rows = []
    for network in record["networks"]:
        if network["name"] not in SHIPPED:
            continue
        one, most = (chosen(row for row in network["speeds"] if row["backend"] == OWN) for chosen in (least, widest))
        file = next(row["file"] for row in network["costs"] if row["backend"] == OWN)
        rows.append(
            [
                f"`{network['name']}` ({network['arch']})",
                microseconds(one["one_us"][0]),
                microseconds(one["line_us"][0]),
                f"{most['per_second']:,.0f}",
                share(most),
                f"{file / 1000:,.0f} KB",
            ]
        )
    header = ["shipped weights", "one glyph", f"a line of {LINE}", "glyphs a second", "of the peak", "file"]
    shell = record["shell_to_answer_seconds"]["median"]
    told = f"`inkread read` of two lines of text, from the shell to the answer: {shell:.2f} s (median)."
    return f"{table(header, rows)}\n{told}\n"


def least(rows: Iterator[Json]) -> Json:
    """The row with the fewest threads."""
    return min(rows, key=lambda row: row["threads"])


def widest(rows: Iterator[Json]) -> Json:
    """The row with the most threads."""
    return max(rows, key=lambda row: row["threads"])


def tables(record: Json) -> str:
    """Targets, then every network in every runtime: speed, cost, and where the time goes."""
    parts = [table(["", "target", "measured", ""], [target(row) for row in record["targets"]])]
    for network in record["networks"]:
        size = f"{network['parameters']:,} parameters, {network['multiply_adds']:,} multiply-adds"
        parts.append(f"**`{network['name']}`** ({network['arch']}): {size} a glyph.\n")
        header = ["", "threads", "one glyph", f"a line of {LINE}", "glyphs a second", "of the peak"]
        parts.append(table(header, [speed(row) for row in network["speeds"]]))
        parts.append(table(["", "start", "first start", "memory", "file", "right"], costs(network)))
        parts.append(table(["time goes to", *KINDS.values()], operators(network)))
    return "\n".join(parts)


def target(row: Json) -> list[str]:
    """What was to be reached, and whether it was."""
    return [row["what"], row["target"], row["measured"], "reached" if row["reached"] else "not reached"]


def speed(row: Json) -> list[str]:
    """One backend with one number of threads: medians, and the middle half of the rounds."""
    slow, fast = (1e6 * row["batch"] / row["batch_us"][place] for place in (2, 1))
    return [
        row["backend"],
        str(row["threads"]),
        spread(row["one_us"]),
        spread(row["line_us"]),
        f"{row['per_second']:,.0f} ({slow:,.0f} to {fast:,.0f})",
        share(row),
    ]


def costs(network: Json) -> list[list[str]]:
    """What each backend of a network costs, and what it reads."""
    return [
        [
            row["backend"],
            f"{row['start_seconds']:.2f} s",
            f"{row['first_start_seconds']:.2f} s",
            "" if row["memory"] is None else f"{row['memory'] / 1e6:,.0f} MB",
            f"{row['file'] / 1000:,.0f} KB",
            "" if row["accuracy"] is None else f"{100 * row['accuracy']:.2f} % of {row['n']:,}",
        ]
        for row in network["costs"]
    ]


def operators(network: Json) -> list[list[str]]:
    """Which share of the time the largest operators take, in float32 and in 8-bit integers; the rest in one line."""
    found = network["operators"]
    summed = {name: sum(found[kind].get(name, 0) for kind in KINDS) for kind in KINDS for name in found[kind]}
    names = sorted(summed, key=lambda name: -summed[name])[:LARGEST]
    rows = [[name, *(f"{100 * found[kind].get(name, 0):.0f} %" for kind in KINDS)] for name in names]
    rest = [100 * sum(time for name, time in found[kind].items() if name not in names) for kind in KINDS]
    return [*rows, ["others", *(f"{percent:.0f} %" for percent in rest)]]


def spread(times: Sequence[float]) -> str:
    """A median and the middle half."""
    return f"{microseconds(times[0])} ({number(times[1])} to {number(times[2])})"


def microseconds(time: float) -> str:
    """A time with its unit."""
    return f"{number(time)} µs"


def number(time: float) -> str:
    """Microseconds, with a digit after the point below 100."""
    return f"{time:.1f}" if time < 100 else f"{time:,.0f}"


def share(row: Json) -> str:
    """Which share of the measured peak is reached in batches."""
    return f"{100 * row['share_of_peak']:.0f} %"
