"""A language model against slow truths: strings searched by force, the chain rule, its own file damaged anywhere."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inkread.alphabet import LETTERS, Alphabet
from inkread.decoding import LanguageModel, load_language
from inkread.decoding.language import OWN_WORDS_WEIGHT, Contexts
from inkread.decoding.lexicon import PROBABILITIES
from inkread.errors import BadCheckpoint, BadOption, UnknownCharacter
from tests.decoding.every_text import ABC, MEETING, SPACE, five_sentences, random_language

String = tuple[int, ...]


@pytest.fixture(name="meeting", scope="module")
def _meeting() -> LanguageModel:
    return five_sentences()


def reachable(language: LanguageModel) -> npt.NDArray[np.int64]:
    """Every state that any text can lead to."""
    seen, new = {language.start}, {language.start}
    while new:
        states = np.repeat(np.array(sorted(new)), len(language.alphabet) + 1)
        symbols = np.tile(np.arange(len(language.alphabet) + 1), len(new))
        new = set(language.step(states, symbols).tolist()) - seen
        seen |= new
    return np.array(sorted(seen))


def strings_of(contexts: Contexts) -> list[String]:
    """What each kept context is, walked from the root."""
    strings: list[String] = [()]
    symbols = iter(contexts.symbols.tolist())
    for node, children in enumerate(contexts.children.tolist()):
        strings += [(*strings[node], next(symbols)) for _ in range(children)]
    return strings


KINDS = {
    "with its lexicon": random_language(1),
    "without": random_language(1).without_lexicon(),
    "with own words": random_language(2).with_words(["CAB", "A", "BBB"]),
    "with own words alone": random_language(2).without_lexicon().with_words(["CAB"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_sum_to_1_in_every_state(kind: str) -> None:
    states = reachable(KINDS[kind])
    assert len(states) > 20
    chances = np.exp(KINDS[kind].log_probs(states))
    assert (chances > 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("context", [1, 2, 5])
def test_after_each_symbol_the_longest_kept_suffix_is_the_context(context: int) -> None:
    for seed in range(4):
        contexts = random_language(seed, context).contexts
        strings = strings_of(contexts)
        for node, string in enumerate(strings):
            for symbol in range(SPACE + 1):
                written = (*string, symbol)
                longest = next(i for i in range(len(written) + 1) if written[i:] in strings)
                assert strings[int(contexts.next[node, symbol])] == written[longest:]


def test_a_message_begins_after_two_spaces() -> None:
    language = random_language(3, context=4).without_lexicon()
    assert strings_of(language.contexts)[language.start] == (SPACE, SPACE)


def test_lexicon_and_contexts_are_blended_as_long_as_a_word_may_go_on() -> None:
    both, alone = random_language(1), random_language(1).without_lexicon()
    (lexicon, weight), *_ = both.lexicons
    for text in ("", "A", "AB", "C AB", "BC CCC", "AAAAAA"):
        states = [np.array([language.start]) for language in (both, alone)]
        node = 0
        for symbol in both.encode(text):
            states = [
                language.step(state, np.array([symbol])) for language, state in zip((both, alone), states, strict=True)
            ]
            node = int(lexicon.next[node, symbol])
        blended, ngram = np.exp(both.log_probs(states[0])[0]), np.exp(alone.log_probs(states[1])[0])
        share = weight if node < lexicon.nodes else 0.0
        np.testing.assert_allclose(blended, (1 - share) * ngram + share * lexicon.probabilities[node], rtol=1e-5)


def test_the_probability_of_a_text_is_the_chain_of_its_symbols() -> None:
    for language in KINDS.values():
        for text in ("A", "ABBA", "CAB ABBA A", "B B B"):
            state, total = language.start, 0.0
            for letter in text + " ":
                symbol = SPACE if letter == " " else ABC.index(letter)
                total += float(language.log_probs(np.array([state]))[0, symbol])
                state = int(language.step(np.array([state]), np.array([symbol]))[0])
            assert language.log_prob(text) == pytest.approx(total)
        assert language.log_prob("") == 0.0


def test_all_texts_of_one_word_and_no_more_share_what_the_spaces_leave() -> None:
    language = KINDS["with own words"]
    words = [a + b for a in ("", *ABC) for b in ("", *ABC)]
    chances = {word: np.exp(language.log_prob(word)) for word in set(words) - {""}}
    assert sum(chances.values()) < 1.0  # longer words have the rest


def test_the_bigram_is_what_the_contexts_say_after_one_symbol() -> None:
    language = random_language(4, context=3).without_lexicon()
    strings = strings_of(language.contexts)
    for last in range(SPACE + 1):
        state = np.array([strings.index((last,))])
        np.testing.assert_allclose(language.bigram()[last], language.log_probs(state)[0], atol=1e-5)


def test_a_word_of_ones_own_becomes_likelier(meeting: LanguageModel) -> None:
    own = meeting.with_words([" OMANTE ", "tonno"])
    assert own.log_prob("OMANTE") > meeting.log_prob("OMANTE") + 3
    assert own.log_prob("TONNO") > meeting.log_prob("TONNO") + 3
    begin = np.exp(own.log_probs(np.array([own.start]))[0, MEETING.index("O")])
    before = np.exp(meeting.log_probs(np.array([meeting.start]))[0, MEETING.index("O")])
    assert begin == pytest.approx((1 - OWN_WORDS_WEIGHT) * before + OWN_WORDS_WEIGHT * 0.5, rel=1e-4)


@pytest.mark.parametrize("word", ["ZOO", "AT NOON", "MEET!", "NÖ"])
def test_a_word_that_cannot_be_spelt_is_refused_by_name(word: str, meeting: LanguageModel) -> None:
    with pytest.raises(UnknownCharacter, match=f"the word '{word}' has characters outside the alphabet 'AEMNOT'"):
        meeting.with_words(["TOM", word])


def test_a_text_with_other_characters_is_refused(meeting: LanguageModel) -> None:
    with pytest.raises(UnknownCharacter, match="'Z'"):
        meeting.log_prob("MEET ZOE")


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
        np.savez(buffer, **{**dict(file), **{name: np.asarray(array) for name, array in arrays.items()}})  # type: ignore[arg-type]
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


def test_the_quantised_rows_stand_for_what_the_model_says() -> None:
    language = random_language(6).without_lexicon()
    rows = PROBABILITIES[language.contexts.chances]
    normalised = rows / rows.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.exp(language.log_probs(np.arange(len(rows)))), normalised, rtol=1e-5)
    assert LETTERS != language.alphabet == Alphabet("ABC")
