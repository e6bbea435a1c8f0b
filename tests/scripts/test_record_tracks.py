"""Records of tracks: what was measured on the test part with ten seeds is one, nothing else."""

from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = "record_tracks"


@pytest.fixture(autouse=True)
def _beside_the_other_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


@pytest.mark.parametrize(
    ("part", "seeds", "why"),
    [("test", 10, ""), ("test", 9, "9 seeds; a record has at least 10"), ("val", 10, "measured on the part 'val'")],
)
def test_a_record_is_of_the_test_part_and_of_ten_seeds(script: ModuleType, part: str, seeds: int, why: str) -> None:
    found = script.flaw({"part": part, "seeds": [{}] * seeds})
    assert bool(found) == bool(why) and why in found
