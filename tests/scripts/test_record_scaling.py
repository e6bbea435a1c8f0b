"""The record of scaling: the figures of the benchmark with fewer digits, and its plots."""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = "record_scaling"
CURVE = {
    "family": "reading", "name": "letters of 40 pixels", "unit": "lines", "sizes": [1, 2, 32],
    "seconds": [0.028123456, 0.0457, 0.581], "runs": [[0.028123456], [0.0457], [0.581]],
    "slope": {"value": 0.891, "error": 0.0333, "n": 3}, "larger_slope": {"value": 0.951, "error": 0.05, "n": 3},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _siblings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


def test_figures_and_plots_of_a_run_become_the_record(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench, records = tmp_path / "bench", tmp_path / "records"
    bench.mkdir()
    (bench / "scaling.json").write_text(json.dumps({"facts": {"repeats": "1"}, "curves": [CURVE]}))
    (bench / "reading.svg").write_text("<svg/>")
    (bench / "reading.png").write_bytes(b"PNG")
    monkeypatch.setattr(import_module("record"), "RECORDS", records)
    monkeypatch.setattr(sys, "argv", ["record_scaling.py", str(bench)])
    script.main()
    assert "record.json" in capsys.readouterr().out
    assert {path.name for path in (records / "scaling").iterdir()} == {"record.json", "reading.svg"}
    record = json.loads((records / "scaling" / "record.json").read_text())
    assert record["curves"] == [
        {**CURVE, "seconds": [0.02812, 0.0457, 0.581], "runs": [[0.02812], [0.0457], [0.581]]},
    ]
    assert record["facts"] == {"repeats": "1"}


def test_the_table_tells_sizes_times_and_both_slopes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = import_module("readme_tables")
    (tmp_path / "records" / "scaling").mkdir(parents=True)
    (tmp_path / "records" / "scaling" / "record.json").write_text(json.dumps({"curves": [CURVE]}))
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    assert tables.scaling().splitlines()[2] == (
        "| reading, letters of 40 pixels | 1 to 32 lines | 28.1 ms to 581 ms | 0.89 ± 0.03 | 0.95 ± 0.05 |"
    )
