"""What `record_decoding` measured -> the tables of records/decoding/README.md and of the README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from readme_tables import table

NAMES: Final = {
    "greedy": "the eye alone (greedy)",
    "viterbi": "Viterbi, the model's own bigram",
    "viterbi, counted": "Viterbi, bigram counted in the same texts",
    "symspellpy": "symspellpy on the greedy text",
    "pyctcdecode": "pyctcdecode, word 3-gram",
    "inkread": "**inkread**",
}
PAGES: Final = {"pages_lower": "small letters", "pages_upper": "capitals"}

Json = Mapping[str, Any]


def summary(record: Json) -> str:
    """Every system in a line: spaces known, and the words where they are not."""
    known, none = ({row["system"]: row for row in record["systems"] if row["spaces"] == s} for s in ("known", "none"))
    rows = [
        [
            NAMES[system],
            spread(row, "letters", 100, " %"),
            spread(row, "words", 100, " %"),
            spread(row, "exact", 100, " %", 1),
            spread(none[system], "words", 100, " %", 1),
            f"{row['mean']['milliseconds']:.2f}",
        ]
        for system, row in sorted(known.items(), key=lambda item: list(NAMES).index(item[0]))
        if system != "viterbi"  # the weaker of the two bigrams
    ]
    heads = ("wrong letters", "wrong words", "exact messages", "wrong words, spaces unknown", "ms a letter")
    return table([f"{record['messages']:,} real messages, {record['draws']} draws of glyphs", *heads], rows)


def tables(record: Json) -> str:
    """All figures in Markdown."""
    told = f"{record['messages']:,} messages, {record['words']:,} words, {record['letters']:,} letters"
    glyphs = f"{record['glyphs']:,} glyphs, of which the eye misreads {100 * record['glyphs_wrong']:.2f} %"
    parts = [
        f"{told}; {record['draws']} draws from {glyphs}. Mean ± standard deviation over the draws.\n",
        targets(record),
        "Spaces known:\n",
        systems(record, "known"),
        "Spaces unknown (the eye alone puts none):\n",
        systems(record, "none"),
        "Spaces unknown, every letter read rightly and surely; what is wrong here is about spaces:\n",
        systems(record, "none, perfect letters"),
        "Pages, words wrong:\n",
        pages(record),
        *(f"Left out: {reason}.\n" for reason in record["missing"]),
    ]
    return "\n".join(parts)


def targets(record: Json) -> str:
    """What was to be reached, and whether it was."""
    rows = []
    for what, value, limit, unit, lower_is_better in figures(record):
        reached = value <= limit if lower_is_better else value >= limit
        sign = "≤" if lower_is_better else "≥"
        rows.append([what, f"{value:.2f}{unit}", f"{sign} {limit:g}{unit}, {'' if reached else 'not '}reached"])
    return table(["inkread", "measured", "target"], rows)


def figures(record: Json) -> Iterator[tuple[str, float, float, str, bool]]:
    """What, its value, what it has to reach, the unit, and whether lower is better."""
    known, none = (of(record, "inkread", spaces)["mean"] for spaces in ("known", "none"))
    eye = of(record, "greedy", "known")["mean"]
    yield "wrong letters: greedy / inkread", eye["letters"] / max(known["letters"], 1e-9), 5, "x", False
    yield "wrong letters", 100 * known["letters"], 0.4, " %", True
    yield "wrong words", 100 * known["words"], 1.3, " %", True
    yield "exact messages", 100 * known["exact"], 90, " %", False
    yield "wrong words, spaces unknown", 100 * none["words"], 5, " %", True
    yield "time for a letter, spaces known", known["milliseconds"], 0.5, " ms", True
    yield "time for a letter, spaces unknown", none["milliseconds"], 0.5, " ms", True
    yield "start: import, language, first message", record["startup"]["whole"], 0.15, " s", True


def of(record: Json, system: str, spaces: str) -> Json:
    """The figures of one system."""
    found: Json = next(row for row in record["systems"] if (row["system"], row["spaces"]) == (system, spaces))
    return found


def systems(record: Json, spaces: str) -> str:
    """Every system in a line."""
    rows = [
        [
            NAMES[row["system"]],
            spread(row, "letters", 100, " %"),
            spread(row, "words", 100, " %"),
            spread(row, "exact", 100, " %", 1),
            spread(row, "milliseconds", 1, "", 3),
            ", ".join(f"{name} {value:g}" for name, value in row["settings"].items()),
        ]
        for row in sorted(record["systems"], key=lambda row: list(NAMES).index(row["system"]))
        if row["spaces"] == spaces
    ]
    return table(["", "wrong letters", "wrong words", "exact messages", "ms a letter", "settings"], rows)


def spread(row: Json, name: str, factor: float, unit: str, digits: int = 2) -> str:
    """Mean and standard deviation; the mean alone where there is one draw."""
    mean, std = f"{factor * row['mean'][name]:.{digits}f}", row["std"][name]
    return f"{mean}{unit}" if std is None else f"{mean} ± {factor * std:.{digits}f}{unit}"


def pages(record: Json) -> str:
    """Words wrong on the pages before and after decoding."""
    rows = []
    for page in record["pages"]:
        told = [f"{page[stage]['words_wrong']} ({100 * page[stage]['words']:.2f} %)" for stage in ("before", "after")]
        rows.append([f"{page['pages']} pages in {PAGES[page['name']]}", f"{page['words']:,}", *told])
    return table(["", "words", "the eye alone", "inkread"], rows)
