"""The record of robustness: both runs of the benchmark, and the curves of one."""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = "record_robustness"


def row(task: str, corruption: str, accuracy: list[float], published: int | None) -> dict[str, object]:
    intervals = [[share - 0.01, min(1.0, share + 0.01)] for share in accuracy]
    shown = {"task": task, "corruption": corruption, "n": 100, "published": published}
    return {**shown, "accuracy": accuracy, "intervals": intervals}


GLYPHS = [
    row("digits", "shot_noise", [1.0, 0.98, 0.96, 0.94, 0.92, 0.9], 2),
    row("letters", "rotate", [0.97, 0.96, 0.95, 0.9, 0.8, 0.7], None),
]
PICTURES = [row(str(one["task"]), str(one["corruption"]), [0.5] * 6, one["published"]) for one in GLYPHS]


@pytest.fixture(autouse=True)
def _siblings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


def test_both_runs_become_the_record_its_table_and_its_curves(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, rows in (("glyphs", GLYPHS), ("pictures", PICTURES)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "robustness.json").write_text(json.dumps({"facts": {}, "n": 100, "rows": rows}))
    monkeypatch.setattr(import_module("record"), "RECORDS", tmp_path / "records")
    monkeypatch.setattr(sys, "argv", ["record_robustness.py", str(tmp_path / "glyphs"), str(tmp_path / "pictures")])
    script.main()
    folder = tmp_path / "records" / "robustness"
    assert {path.name for path in folder.iterdir()} == {"record.json", "digits.svg", "letters.svg"}
    found = json.loads((folder / "record.json").read_text())
    assert (found["recogniser"]["rows"], found["reader"]["rows"]) == (GLYPHS, PICTURES)
    assert "shot noise" in (folder / "digits.svg").read_text()
    assert "shot noise" not in (folder / "letters.svg").read_text()

    tables = import_module("readme_tables")
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    assert tables.robustness().splitlines()[2:] == [
        "| digits, shot noise | 100.0 | 98.0 | 94.0 | 90.0 | 50.0 | 50.0 | 50.0 | 50.0 | 96.0, 50.0 |",
        "| letters, rotate | 97.0 | 96.0 | 90.0 | 70.0 | 50.0 | 50.0 | 50.0 | 50.0 |  |",
    ]
