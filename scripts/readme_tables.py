"""Records -> the tables of README.md and of the model cards; with --check, fail where they are stale.

    python scripts/readme_tables.py            # write them anew
    python scripts/readme_tables.py --check    # exit 1 and say which file is stale

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; NAME is a function below.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = (
    "README.md",
    "docs/beside.md",
    "docs/server.md",
    "docs/model-cards/*.md",
    "records/README.md",
    "records/*/README.md",
)
MARK: Final = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Json = Mapping[str, Any]
SPOILT: Final = (1, 3, 5)  # strengths of a corruption that are shown


def record(name: str) -> Json:
    """What was measured for a record."""
    found: Json = json.loads((ROOT / "records" / name / "record.json").read_text(encoding="utf-8"))
    return found


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left and the others to the right."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def percent(figure: Json) -> str:
    """Mean and standard deviation over seeds, in percent."""
    return f"{100 * figure['mean']:.2f} ± {100 * figure['std']:.2f} %"


def over(found: Json) -> str:
    """The heading of a column of accuracies: over how many seeds they are."""
    return f"accuracy, {found['seeds']} seeds"


def common(counts: Iterable[int]) -> int:
    """How many seeds each row of a table has; raises ValueError where rows differ, which its heading could not say."""
    (count,) = set(counts)
    return count


def target(figure: Json) -> str:
    """What was to be reached, and whether it was."""
    if figure["target"] is None:
        return ""
    reached = "reached" if figure["mean"] >= figure["target"] else "not reached"
    return f"{100 * figure['target']:.2f} %, {reached}"


def digits() -> str:
    """Every digits record in a line."""
    records = [record(name) for name in ("digits-mlp", "digits-cnn", "digits-cnn-accurate")]
    rows = []
    for found in records:
        figure, seconds = found["figures"][0], found["seconds"]
        # Only where time is claimed did the machine do nothing else.
        time = f"{seconds['mean']:.1f} ± {seconds['std']:.1f} s" if seconds["target"] else "not timed"
        config = found["config"]
        rows.append(
            [
                f"`{config['arch']}`",
                str(config["epochs"]),
                percent(figure),
                target(figure),
                time,
                f"{found['parameters']:,}",
                f"{found['multiply_adds']:,}",
            ]
        )
    test = f"MNIST test, {common(found['seeds'] for found in records)} seeds"
    return table(["network", "epochs", test, "target", "training", "parameters", "multiply-adds"], rows)


def tracks() -> str:
    """Every track of `inkread bench train`: what is claimed, what it came to, and which are still open."""
    from inkread.interfaces.bench.tracks import TRACKS

    rows, seeds = [], []
    for name, track in TRACKS.items():
        goal = f"{100 * track.target:.2f} %" + (f" in {track.seconds:.0f} s" if track.seconds else "")
        if not (ROOT / "records" / "tracks" / name / "record.json").exists():
            rows.append([f"`{name}`", track.claim, goal, "not run yet", "", "", ""])
            continue
        found = record(f"tracks/{name}")
        if (found["claim"], found["target"]) != (track.claim, track.target):
            raise SystemExit(f"records/tracks/{name} is of another claim ({found['claim']}); record the track anew")
        seeds.append(len(found["seeds"]))
        mean, seconds = found["accuracy"], found["seconds"]
        reached = f"{100 * mean['mean']:.3f} ± {100 * mean['std']:.3f} %, {found['verdict']}"
        if track.faster and found["ratio"]:
            reached += f", {found['ratio']:.0f} times as fast as PyTorch's example ({track.faster:.0f} asked)"
        if track.alike and found["alike"]:
            one = found["alike"]
            reached += f"; {' and '.join(track.alike)} as one: {100 * one['mean']:.3f} ± {100 * one['std']:.3f} %"
        # Only where time is claimed did the machine do nothing else.
        time = f"{seconds['mean']:.2f} ± {seconds['std']:.2f} s" if track.seconds else "not timed"
        chance = "" if found["p"] is None else f"{found['p']:.2g}"  # runs that share networks have none
        rows.append([f"`{name}`", track.claim, goal, reached, chance, time, f"{found['parameters']:,}"])
    return table(["track", "claim", "target", f"{common(seeds)} seeds, test", "chance", "training", "parameters"], rows)


def letters() -> str:
    """The figures on letters that have a target."""
    found = record("letters")
    rows = [[f["name"], f"{f['glyphs']:,}", percent(f), target(f)] for f in found["figures"] if f["target"]]
    return table(["letters, one class for both cases", "glyphs", over(found), "target"], rows)


def letters_all() -> str:
    """Every figure on letters, source by source and case by case."""
    found = record("letters")
    rows = [[f["name"], f"{f['glyphs']:,}", percent(f)] for f in found["figures"]]
    return table(["held-out part", "glyphs", over(found)], rows)


def inference() -> str:
    """Speed of the shipped weights in ONNX Runtime."""
    from inference_tables import shipped  # which takes `table` from here

    return shipped(record("inference"))


def inference_all() -> str:
    """Speed and cost of every network in every runtime."""
    from inference_tables import tables

    return tables(record("inference"))


def decoding() -> str:
    """What decoding comes to beside the eye alone and public tools."""
    from decoding_tables import summary  # which takes `table` from here

    return summary(record("decoding"))


def decoding_all() -> str:
    """Every figure of decoding."""
    from decoding_tables import tables

    return tables(record("decoding"))


def engines(found: Json) -> list[str]:
    """Who was asked, inkread first; Tesseract and RapidOCR in several ways count as one each."""
    names = dict.fromkeys(row["engine"].split(",")[0].split(" (")[0] for row in found["scores"])
    return sorted(names, key=lambda name: (name != "inkread", name))


def reading() -> str:
    """Character errors of every set beside the best way of asking each other engine."""
    found = record("reading")
    names = engines(found)
    rows = []
    for name in dict.fromkeys(row["set"] for row in found["scores"]):
        of_set = [row for row in found["scores"] if row["set"] == name]
        cells = []
        for engine in names:
            ways = [row for row in of_set if row["engine"].startswith(engine)]
            cells.append(f"{100 * min(row['cer'] for row in ways):.2f} %" if ways else "")
        own = next(row for row in of_set if row["engine"] == "inkread")
        cells.insert(1, f"{100 * own['exact']:.0f} %")
        rows.append([name, str(own["n"]), *cells])
    header = ["pictures", "n", "**inkread**", "exact", *names[1:]]
    return table(header, rows)


def reading_targets() -> str:
    """What was to be reached in reading, and whether it was."""
    rows = [
        [row["what"], row["target"], row["measured"], "reached" if row["reached"] else "not reached"]
        for row in record("reading")["targets"]
    ]
    return table(["", "target", "measured", ""], rows)


def reading_risk() -> str:
    """How many of the words that are accepted are wrong, when the surest are accepted first."""
    engines = record("reading")["risk_accepted"]
    shares = next(iter(engines.values()))
    rows = [
        [f"{100 * float(share):.0f} %", *(f"{100 * found[share]:.1f} %" for found in engines.values())]
        for share in shares
    ]
    return table(["of the words, the surest first", *(f"{engine}: wrong" for engine in engines)], rows)


def reading_invented() -> str:
    """What is read where nothing is written."""
    found = record("reading")["invented"]
    names = dict.fromkeys(row["engine"] for row in found)
    rows = []
    for name in dict.fromkeys(row["set"] for row in found):
        of_set = {row["engine"]: row for row in found if row["set"] == name}
        cells = [f"{of_set[engine]['pictures']}, {of_set[engine]['sure_pictures']}" for engine in names]
        rows.append([name.removeprefix("negatives, "), str(of_set["inkread"]["n"]), *cells])
    return table(["pictures of", "n", *names], rows)


def robustness() -> str:
    """What is read of spoilt glyphs: by the networks of single glyphs, and as pictures."""
    found = record("robustness")
    as_pictures = {(row["task"], row["corruption"]): row["accuracy"] for row in found["reader"]["rows"]}
    rows = []
    for row in found["recogniser"]["rows"]:
        read, at = as_pictures[row["task"], row["corruption"]], row["published"]
        shown = [
            *(row["accuracy"][strength] for strength in (0, *SPOILT)),
            *(read[strength] for strength in (0, *SPOILT)),
        ]
        cells = [f"{100 * share:.1f}" for share in shown]
        known = "" if at is None else f"{100 * row['accuracy'][at]:.1f}, {100 * read[at]:.1f}"
        rows.append([f"{row['task']}, {row['corruption'].replace('_', ' ')}", *cells, known])
    strengths = ("as they are", *map(str, SPOILT))
    header = [*(f"glyphs: {name}" for name in strengths), *(f"pictures: {name}" for name in strengths)]
    return table(["percent read right", *header, "at MNIST-C's strength: both"], rows)


def scaling() -> str:
    """By which power each cost grows."""
    from inkread.evaluation.wording import THIN, duration

    rows = []
    for row in record("scaling")["curves"]:
        (first, *_, last), (least, *_, most) = row["sizes"], row["seconds"]
        slopes = [f"{row[name]['value']:.2f} ± {row[name]['error']:.2f}" for name in ("slope", "larger_slope")]
        sizes, time = f"{first:,} to {last:,} {row['unit']}", f"{duration(least)} to {duration(most)}"
        rows.append([f"{row['family']}, {row['name']}", sizes, time.replace(THIN, " "), *slopes])
    return table(["the work", "its sizes", "time", "slope", "slope, larger half"], rows)


def serving() -> str:
    """What so many clients at once get from the server."""
    rows = [
        [
            str(load["clients"]),
            f"{load['requests_a_second']:.0f}",
            f"{load['median_ms']:.0f} ms",
            f"{load['p95_ms']:.0f} ms",
            str(load["failed"]),
        ]
        for load in record("serving")["loads"]
    ]
    return table(["clients", "answers a second", "median", "19 of 20 within", "failed"], rows)


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "digits": digits, "tracks": tracks, "letters": letters, "letters-all": letters_all, "inference": inference,
    "inference-all": inference_all,
    "decoding": decoding, "decoding-all": decoding_all, "reading": reading, "reading-targets": reading_targets,
    "reading-risk": reading_risk, "reading-invented": reading_invented, "robustness": robustness, "scaling": scaling,
    "serving": serving,
}  # fmt: skip


def renewed(page: str) -> str:
    """The page with every table written anew."""
    return MARK.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], page)


def main() -> None:
    """Write or check all pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for path in (path for page in PAGES for path in sorted(ROOT.glob(page))):
        old = path.read_text(encoding="utf-8")
        new = renewed(old)
        if new != old and check:
            stale.append(path.relative_to(ROOT))
        elif new != old:
            path.write_text(new, encoding="utf-8")
    if stale:
        sys.exit(f"stale tables in {', '.join(map(str, stale))}; write them anew with: make records")


if __name__ == "__main__":
    main()
