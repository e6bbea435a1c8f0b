"""What the shipped letters learn from: paper is found, fonts fill up and no more, copies are known again."""

from types import ModuleType

import numpy as np
import pytest

SCRIPT = "letters_data"


def part(labels: str, split: str) -> dict[str, np.ndarray]:
    names = {"t": "train", "v": "val"}
    return {"labels": np.array(list(labels)), "split": np.array([names[letter] for letter in split])}


def test_a_rest_of_grey_paper_is_found_and_grey_edges_of_ink_are_not(script: ModuleType) -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[0, :7] = 70  # a quarter of the frame
    images[1, :6] = 70  # 21 %
    images[2] = 255
    assert script.has_paper(images).tolist() == [True, False, False]


def test_fonts_fill_up_what_handwriting_leaves_and_keep_their_validation_part(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "FILL_UP_TO", 4)
    monkeypatch.setattr(script, "FONTS_AT_LEAST", 1)
    written = [part("AAAAA", "ttttt"), part("BBB", "tvv")]
    fonts = part("AAABBBBBABa", "ttttttttvvt")
    kept = script.filled_up(written, fonts)
    # A is there five times: one of the fonts; B once: three; a not at all: the only one. And both held out.
    assert sorted(kept["labels"][kept["split"] == "train"]) == ["A", "B", "B", "B", "a"]
    assert sorted(kept["labels"][kept["split"] == "val"]) == ["A", "B"]
    assert capsys.readouterr().out == "fonts fill up with 5 glyphs\n"


def test_a_held_out_glyph_is_known_again_in_either_case_of_its_letter(script: ModuleType) -> None:
    rng = np.random.default_rng(0)
    glyphs = rng.integers(0, 256, (3, 28, 28), dtype=np.uint8)
    found = script.copies_of({"images": glyphs, "labels": np.array(["a", "B", "C"])}, glyphs[:2], np.array(["A", "C"]))
    assert found.tolist() == [True, False, False]  # the second picture is held out as another letter
