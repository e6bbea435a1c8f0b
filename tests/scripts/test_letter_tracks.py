"""The glyphs of the tracks of letters: which are trained with, chosen on and reported, on glyphs made for the test."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from inkread.data import hashes

SCRIPT = "letter_tracks"


@pytest.fixture(autouse=True)
def _beside_the_other_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


@pytest.fixture
def letters() -> dict[str, np.ndarray]:
    """600 different pictures: capitals and small letters of NIST, EMNIST and fonts, some of them twice."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (600, 28, 28), dtype=np.uint8)
    labels = rng.choice(list("ABNabn"), 600)
    sources = rng.choice(["nist_sd19_upper", "emnist_lowercase", "fonts"], 600)
    whole = {"images": images, "labels": labels, "split": rng.choice(["train", "val"], 600), "source": sources}
    return {key: np.concatenate([value, value[:50]]) for key, value in whole.items()}


def test_what_is_there_twice_is_kept_once_and_in_order(script: ModuleType, letters: dict[str, np.ndarray]) -> None:
    kept = script.once(letters)
    assert np.array_equal(kept["images"], letters["images"][:600])


def test_capitals_are_chosen_and_reported_on_two_halves_of_nists_held_out_ones(
    script: ModuleType, letters: dict[str, np.ndarray]
) -> None:
    once = script.once(letters)
    found = script.capitals(once)
    assert set(found["labels"]) == {"A", "B", "N"}
    held_out = (once["split"] == "val") & np.char.isupper(once["labels"]) & (once["source"] == "nist_sd19_upper")
    parts = {name: found["images"][found["split"] == name] for name in ("train", "val", "test")}
    assert len(parts["val"]) + len(parts["test"]) == held_out.sum()
    assert min(len(part) for part in parts.values()) > 10
    seen = [set(hashes(part).tolist()) for part in parts.values()]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert len(parts["train"]) == (np.char.isupper(once["labels"]) & (once["split"] == "train")).sum()


def test_emnist_is_chosen_on_glyphs_of_the_test_kind_that_no_glyph_of_nist_is_like(
    script: ModuleType, letters: dict[str, np.ndarray]
) -> None:
    once = script.once(letters)
    own = np.flatnonzero((once["source"] == "emnist_lowercase") & (once["split"] == "val") & (once["labels"] == "a"))
    nist = np.flatnonzero((once["source"] == "nist_sd19_upper") & (once["labels"] == "A"))
    once["images"][own[0]] = once["images"][nist[0]]  # the same scan in the other collection
    test = {key: value[:3] for key, value in once.items()} | {"split": np.full(3, "test")}
    twice = {key: np.concatenate([value, value[once["split"] == "train"]]) for key, value in once.items()}
    found = script.emnist(twice, test)
    chosen = {image.tobytes() for image in found["images"][found["split"] == "val"]}
    assert once["images"][own[0]].tobytes() not in chosen
    assert all(once["images"][place].tobytes() in chosen for place in own[1:])
    assert set(np.char.upper(found["labels"][found["split"] == "val"])) == {"A", "B"}  # N is not among A to M
    assert np.array_equal(found["images"][found["split"] == "test"], test["images"])
    assert (found["split"] == "train").sum() == 2 * (once["split"] == "train").sum()  # handwriting is there twice
