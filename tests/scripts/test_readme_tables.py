"""The tables of the README: what a record comes to in Markdown, and pages that are stale."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = "readme_tables"
ACCURACIES = {"mean": 0.99344, "std": 0.00027, "target": 0.992, "name": "MNIST test", "glyphs": 10_000}
DIGITS = {
    "figures": [ACCURACIES],
    "seconds": {"mean": 11.67, "std": 1.11, "target": 12.0},
    "config": {"arch": "cnn", "epochs": 4},
    "parameters": 37_786,
    "multiply_adds": 281_344,
    "seeds": 5,
}
LETTERS = {
    "seeds": 2,
    "figures": [
        {"name": "capitals", "glyphs": 1234, "mean": 0.9, "std": 0.0, "target": 0.983},
        {"name": "small", "glyphs": 56, "mean": 0.5, "std": 0.01, "target": None},
    ],
}
PAGE = "Before.\n\n<!-- table: letters -->\nold\n<!-- end -->\n\nAfter.\n"
LETTERS_TABLE = (
    "| letters, one class for both cases | glyphs | accuracy, 2 seeds | target |\n"
    "| --- | ---: | ---: | ---: |\n"
    "| capitals | 1,234 | 90.00 ± 0.00 % | 98.30 %, not reached |\n"
)


@pytest.fixture
def root(tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with records, and two pages with stale tables."""
    records = {"letters": LETTERS} | dict.fromkeys(("digits-mlp", "digits-cnn", "digits-cnn-accurate"), DIGITS)
    for name, record in records.items():
        (tmp_path / "records" / name).mkdir(parents=True)
        (tmp_path / "records" / name / "record.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "README.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "records" / "letters" / "README.md").write_text(PAGE.replace("letters", "letters-all"))
    (tmp_path / "records" / "README.md").write_text("no table here\n")
    monkeypatch.setattr(script, "ROOT", tmp_path)
    return tmp_path


def run(script: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["readme_tables.py", *arguments])
    script.main()


def test_a_table_has_its_first_column_to_the_left_and_the_others_to_the_right(script: ModuleType) -> None:
    found = script.table(["name", "n", "share"], [["a", "1", "2 %"], ["b", "3", "4 %"]])
    assert found == "| name | n | share |\n| --- | ---: | ---: |\n| a | 1 | 2 % |\n| b | 3 | 4 % |\n"


def test_a_heading_tells_how_many_seeds_all_rows_have(script: ModuleType) -> None:
    assert script.common([5, 5, 5]) == 5
    with pytest.raises(ValueError, match="too many values"):
        script.common([5, 5, 4])


def test_mean_and_spread_are_told_in_percent_with_two_digits(script: ModuleType) -> None:
    assert script.percent({"mean": 0.99344, "std": 0.00027}) == "99.34 ± 0.03 %"
    assert script.percent({"mean": 1.0, "std": 0.0}) == "100.00 ± 0.00 %"


@pytest.mark.parametrize(
    ("mean", "wanted", "told"),
    [
        (0.992, 0.992, "99.20 %, reached"),
        (0.9919, 0.992, "99.20 %, not reached"),
        (0.5, None, ""),
    ],
)
def test_a_target_is_reached_or_not_or_not_there(
    script: ModuleType, mean: float, wanted: float | None, told: str
) -> None:
    assert script.target({"mean": mean, "target": wanted}) == told


@pytest.mark.usefixtures("root")
def test_every_record_becomes_its_table(script: ModuleType) -> None:
    line = "| `cnn` | 4 | 99.34 ± 0.03 % | 99.20 %, reached | 11.7 ± 1.1 s | 37,786 | 281,344 |\n"
    assert script.digits().count(line) == 3
    assert script.letters() == LETTERS_TABLE  # only what has a target
    assert script.letters_all().splitlines()[2:] == [
        "| capitals | 1,234 | 90.00 ± 0.00 % |",
        "| small | 56 | 50.00 ± 1.00 % |",
    ]


def test_no_time_is_told_where_none_was_claimed(root: Path, script: ModuleType) -> None:
    untimed = {**DIGITS, "seconds": {**DIGITS["seconds"], "target": None}}  # type: ignore[dict-item]
    (root / "records" / "digits-mlp" / "record.json").write_text(json.dumps(untimed))
    assert [row.split(" | ")[4] for row in script.digits().splitlines()[2:]] == ["not timed"] + ["11.7 ± 1.1 s"] * 2


@pytest.mark.usefixtures("root")
def test_a_page_gets_its_tables_anew_and_keeps_the_rest(script: ModuleType) -> None:
    new = script.renewed(PAGE + PAGE)
    assert new == PAGE.replace("old\n", LETTERS_TABLE) * 2
    assert script.renewed(new) == new
    assert script.renewed("no table\n") == "no table\n"
    with pytest.raises(KeyError, match="nobody"):
        script.renewed("<!-- table: nobody -->\n<!-- end -->")


def test_a_stale_page_is_named_and_left_as_it_is_until_it_is_to_be_written(
    root: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = r"^stale tables in README\.md, records/letters/README\.md; write them anew with: make records$"
    with pytest.raises(SystemExit, match=stale):
        run(script, monkeypatch, "--check")
    assert (root / "README.md").read_text(encoding="utf-8") == PAGE
    run(script, monkeypatch)
    assert (root / "README.md").read_text(encoding="utf-8") == PAGE.replace("old\n", LETTERS_TABLE)
    run(script, monkeypatch, "--check")
    (root / "records" / "letters" / "record.json").write_text(json.dumps({**LETTERS, "seeds": 3}))
    with pytest.raises(SystemExit, match="stale tables in README"):
        run(script, monkeypatch, "--check")
