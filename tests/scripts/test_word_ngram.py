"""The 3-gram of words for other decoders: its probabilities sum to 1, and the file says what the model says."""

import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SCRIPT = "word_ngram"
SENTENCES = ["A B C", "A B C D", "B C A", "A B D", "C", "A B C"]
FREQUENCIES = {"E": 2.0, "A": 1.0}


def read_arpa(path: Path) -> dict[tuple[str, ...], tuple[float, float]]:
    """N-gram -> its probability and its backoff, both as the format says."""
    lines = [line.split("\t") for line in path.read_text().splitlines() if "\t" in line]
    return {
        tuple(line[1].split()): (10 ** float(line[0]), 10 ** float(line[2]) if len(line) > 2 else 1.0) for line in lines
    }


def probability(found: dict[tuple[str, ...], tuple[float, float]], context: tuple[str, ...], word: str) -> float:
    """The format's own rule: the longest n-gram that is there, and the backoff of each longer context."""
    if (*context, word) in found:
        return found[(*context, word)][0]
    return found.get(context, (0.0, 1.0))[1] * probability(found, context[1:], word)


def test_what_may_follow_any_context_sums_to_one(script: ModuleType, tmp_path: Path) -> None:
    model = script.estimate(SENTENCES, FREQUENCIES)
    script.write_arpa(model, tmp_path / "words.arpa")
    found = read_arpa(tmp_path / "words.arpa")
    following = [word for word in model.words if word != "<s>"]
    for context in [(), ("<s>",), ("B",), ("<s>", "A"), ("A", "B"), ("B", "C"), ("D", "E")]:
        total = sum(probability(found, context, word) for word in following)
        assert math.isclose(total, 1.0, abs_tol=1e-3), context  # the file has five digits


def test_a_single_word_is_as_likely_as_the_words_it_follows_are_many(script: ModuleType) -> None:
    model = script.estimate(SENTENCES, {})
    # A follows <s> and C; B follows A and <s>; C follows B and <s>; D follows C and B; the end follows C, D and A.
    share = dict(zip(model.words, model.orders[0].probability, strict=True))
    assert share["A"] == pytest.approx(2 / 11, rel=1e-6)
    assert share["</s>"] == pytest.approx(3 / 11, rel=1e-6)
    assert share["<s>"] == 0.0


def test_the_counts_at_the_head_of_the_file_are_those_of_its_parts(script: ModuleType, tmp_path: Path) -> None:
    script.write_arpa(script.estimate(SENTENCES, FREQUENCIES), tmp_path / "words.arpa")
    lines = (tmp_path / "words.arpa").read_text().splitlines()
    sizes = [len(ngram) for ngram in read_arpa(tmp_path / "words.arpa")]
    assert lines[0] == "\\data\\" and lines[-1] == "\\end\\"
    assert lines[1:4] == [f"ngram {n}={count}" for n, count in enumerate(np.bincount(sizes)[1:], 1)]
    assert ("A", "B", "C") in read_arpa(tmp_path / "words.arpa")  # seen three times
    assert ("A", "B", "D") not in read_arpa(tmp_path / "words.arpa")  # once
