"""A language model's file: the same model comes back, and damage anywhere or another file is told in a sentence."""

from __future__ import annotations

import io
import json
import time
import weakref
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inkread.alphabet import FOLDED_CHARACTERS, LETTERS, Alphabet
from inkread.decoding import load_language, shipped_language
from inkread.decoding.decode import shipped_content
from inkread.decoding.language import COARSE
from inkread.errors import BadCheckpoint, BadOption
from tests.decoding.every_text import random_language
from tests.decoding.test_language import KINDS, reachable


@pytest.mark.parametrize("kind", ["with its lexicon", "without", "with own words alone"])
def test_a_saved_model_comes_back_the_same(kind: str, tmp_path: Path) -> None:
    language = KINDS[kind]
    language.save(tmp_path / "new folder" / "my.lm")
    content = (tmp_path / "new folder" / "my.lm").read_bytes()
    for back in (load_language(tmp_path / "new folder" / "my.lm"), load_language(content)):
        states = reachable(language)
        assert (back.alphabet, back.about) == (language.alphabet, language.about)
        assert reachable(back).tolist() == states.tolist()
        assert (back.log_probs(states) == language.log_probs(states)).all()


@pytest.mark.parametrize("alphabet", [LETTERS, FOLDED_CHARACTERS])
def test_the_languages_that_ship_are_of_the_alphabets_that_they_ship_for(alphabet: Alphabet) -> None:
    language = shipped_language(alphabet)
    assert language is not None
    assert language.alphabet == alphabet
    assert language.log_prob("MEET AT NOON") > language.log_prob("MEET AT NQON")


@pytest.mark.parametrize("alphabet", [LETTERS, FOLDED_CHARACTERS])
def test_the_languages_that_ship_are_small_and_are_loaded_in_moments(alphabet: Alphabet) -> None:
    content = shipped_content(alphabet)
    assert len(content) <= 6_000_000
    seconds = []
    for _ in range(7):
        started = time.process_time()
        load_language(content)
        seconds.append(time.process_time() - started)
    assert min(seconds) < 0.08


@pytest.mark.parametrize("alphabet", [LETTERS, FOLDED_CHARACTERS])
def test_the_probabilities_of_the_languages_that_ship_sum_to_one(alphabet: Alphabet) -> None:
    language = shipped_language(alphabet)
    assert language is not None
    chance = np.random.default_rng(1)
    (lexicon, _), contexts = language.lexicons[0], len(language.contexts.children)
    within = np.append(np.flatnonzero(lexicon.children), lexicon.nodes)  # of words, or of none
    states = chance.integers(contexts, size=500) + contexts * chance.choice(within, 500)
    written = np.full(500, language.start)
    for _ in range(30):  # texts that the language makes up
        log_probs = language.log_probs(written)
        written = language.step(written, (log_probs + chance.gumbel(size=log_probs.shape)).argmax(axis=1))
        np.testing.assert_allclose(np.exp(language.log_probs(written)).sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(np.exp(language.log_probs(states)).sum(axis=1), 1.0, atol=1e-5)


def test_an_alphabet_without_a_language_is_not_remembered() -> None:
    alphabet = Alphabet("XYZ7")  # a server is asked for any, by anyone
    assert shipped_language(alphabet) is None
    kept = weakref.ref(alphabet)
    del alphabet
    assert kept() is None


def test_names_come_back(tmp_path: Path) -> None:
    names = {"MCKAY": "McKay", "OSLO": "Oslo", "TV": "TV"}
    replace(KINDS["without"], names=names).save(tmp_path / "my.lm")
    assert load_language(tmp_path / "my.lm").names == names


def test_a_compact_file_is_shorter_and_says_nearly_the_same(tmp_path: Path) -> None:
    language = random_language(1, 6)
    for name, compact in (("whole.lm", False), ("compact.lm", True)):
        language.save(tmp_path / name, compact=compact)
    assert (tmp_path / "compact.lm").stat().st_size < (tmp_path / "whole.lm").stat().st_size
    back = load_language(tmp_path / "compact.lm")
    assert (back.contexts.chances % COARSE == 0)[back.contexts.chances < 255].all()
    states = reachable(language)
    assert np.abs(back.log_probs(states) - language.log_probs(states)).max() < 2 * np.log(2) / 8
    back.save(tmp_path / "again.lm", compact=True)
    assert (tmp_path / "again.lm").read_bytes() == (tmp_path / "compact.lm").read_bytes()


def test_a_model_with_a_lexicon_and_own_words_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="own words cannot be saved"):
        KINDS["with own words"].save(tmp_path / "my.lm")
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"cannot read the language model .*no\.lm: No such file"):
        load_language(tmp_path / "no.lm")
    with pytest.raises(BadCheckpoint, match="cannot read the language model"):
        load_language(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("language") / "small.lm"
    random_language(5, context=2).save(path)
    return path.read_bytes()


def test_a_file_that_ends_early_is_refused(whole: bytes) -> None:
    for length in range(0, len(whole), 37):
        with pytest.raises(BadCheckpoint, match="not a whole language model of inkread"):
            load_language(whole[:length])


@pytest.mark.parametrize("flip", [0x01, 0x20, 0xFF])
def test_a_byte_that_changed_on_disk_is_refused_or_without_effect(flip: int, whole: bytes) -> None:
    intact = load_language(whole)
    states = reachable(intact)
    for place in range(flip % 5, len(whole), 5):
        damaged = bytearray(whole)
        damaged[place] ^= flip
        try:
            language = load_language(bytes(damaged))
        except BadCheckpoint:
            continue
        assert (language.log_probs(states) == intact.log_probs(states)).all()


def changed(whole: bytes, **arrays: object) -> bytes:
    """The same file, well formed, with other arrays."""
    buffer = io.BytesIO()
    with np.load(io.BytesIO(whole)) as file:
        np.savez(buffer, **{**dict(file), **{name: np.asarray(array) for name, array in arrays.items()}})
    return buffer.getvalue()


def described(**about: object) -> npt.NDArray[np.uint8]:
    default = {"format": "inkread language model 1", "alphabet": {"characters": "ABC"}, "about": "", **about}
    return np.frombuffer(json.dumps(default).encode(), np.uint8)


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, "A" * 1000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MEET AT NOON",
        b"\x93NUMPY\x01\x00",
        zipped("text.txt"),
        zipped("about.npy"),
    ],
)
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadCheckpoint, match=r"these bytes is not a whole language model of inkread \(.+\); make one"):
        load_language(content)


ROOT = np.zeros(1, np.uint8)


@pytest.mark.parametrize(
    "arrays",
    [
        {"about": described(format="inkread language model 9")},
        {"about": described(alphabet={"characters": "ABCD"})},
        {"about": described(alphabet={"characters": ""})},
        {"about": described(alphabet={"letters": "ABC"})},
        {"about": described(alphabet=None)},
        {"about": described(lexicon_weight="much")},
        {"about": np.frombuffer(b"[1, 2]", np.uint8)},
        {"about": np.frombuffer(b"\xff{", np.uint8)},
        {"depths": [1, 2]},
        {"depths": 5},
        {"depths": ["a"]},
        {"context_children": ROOT},
        {"context_symbols": ROOT},
        {"context_chances": ROOT},
        {"context_chances": np.zeros((3, 4))},
        {"lexicon_children": ROOT},
        {"lexicon_symbols": ROOT},
        {"lexicon_chances": ROOT},
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(arrays: dict[str, object], whole: bytes) -> None:
    with pytest.raises(BadCheckpoint, match="not a whole language model of inkread"):
        load_language(changed(whole, **arrays))


def test_a_symbol_beyond_the_alphabet_is_refused(whole: bytes) -> None:
    with np.load(io.BytesIO(whole)) as file:
        symbols = file["context_symbols"].copy()
    symbols[-1] = 200
    with pytest.raises(BadCheckpoint, match="context tree does not fit together"):
        load_language(changed(whole, context_symbols=symbols))
