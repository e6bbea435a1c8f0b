"""`inkread messages` where a language model fits: a stand-in for the decoder, whose every answer is known."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from inkread import decoding
from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.errors import BadData, BadOption
from inkread.evaluation.noise import NOISE_LEVELS
from inkread.interfaces.commands import messages as verb
from inkread.interfaces.language_flags import LanguageFlags
from inkread.interfaces.message_decoding import decoder_asked, known_gaps, open_decoder
from inkread.loading import load
from inkread.recognition import Recogniser
from tests.conftest import Command


@dataclass(frozen=True)
class Answered:
    """As much of a decoder's answer as the command looks at."""

    text: str
    confidence: float


Calls = list[tuple[object, object]]  # the gaps and the language weight of each call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """A decoder of digits that reads as the eye does, but takes every 7 for a 1, and is 90 % sure."""
    seen: Calls = []

    def decode(
        log_probs: np.ndarray,
        alphabet: Alphabet,
        options: decoding.DecodingOptions,
        *,
        gaps: np.ndarray | None,
        language: object,
    ) -> Answered:
        assert (alphabet, language) == (DIGITS, "a language")
        seen.append((gaps, options.language_weight))
        raw = alphabet.decode(log_probs.argmax(axis=1))
        spaces = np.zeros(len(raw)) if gaps is None else np.append(gaps, 0.0)
        text = "".join(c + " " * int(space) for c, space in zip(raw.replace("7", "1"), spaces, strict=True))
        return Answered(text, 0.9)

    monkeypatch.setattr(decoding, "decode", decode)
    monkeypatch.setattr(decoding, "shipped_language", lambda alphabet: "a language" if alphabet == DIGITS else None)
    monkeypatch.setattr(verb, "OWN_MESSAGES", 20)
    monkeypatch.setattr(verb, "NOISY_MESSAGES", 5)
    return seen


@pytest.fixture
def told(tmp_path: Path, digits_run: Path, inkread: Command) -> Callable[..., dict[str, object]]:
    """Run the command and give its record."""

    def run(*flags: object) -> dict[str, object]:
        answer = inkread("messages", digits_run, "--report", tmp_path / "out", *flags)
        assert (answer.code, answer.err) == (0, "")
        record: dict[str, object] = json.loads((tmp_path / "out" / "messages.json").read_text("utf-8"))
        return record

    return run


def test_what_the_decoder_did_is_counted_as_one_would_by_hand(
    tmp_path: Path, digits_run: Path, calls: Calls, told: Callable[..., dict[str, dict]]
) -> None:
    (tmp_path / "texts.txt").write_text("171 2024\n77\n305 117\n")
    record = told("--texts", tmp_path / "texts.txt", "--no-noise")["decoding"]
    sevens = next(cost for cost in record["costs"] if cost["character"] == "7")
    assert sevens["after"]["misread"] == sevens["after"]["written"] == 4
    assert record["after"]["score"]["exact"] == 0
    assert len(calls) == 3
    assert [np.asarray(gaps).tolist() for gaps, _ in calls] == [[0, 0, 1, 0, 0, 0], [0], [0, 0, 1, 0, 0]]
    assert record["trust_after"]["curve"]["threshold"] == [0.9]
    page = (tmp_path / "out" / "messages.html").read_text("utf-8")
    assert "What language does to misread messages" in page


def test_without_spaces_the_decoder_is_told_nothing_of_them(calls: Calls, told: Callable[..., dict[str, dict]]) -> None:
    record = told("--spaces", "none", "--no-noise")["decoding"]
    assert all(gaps is None for gaps, _ in calls)
    assert record["spaces"] == "none"
    assert record["space_count"]["found"] == 0 < record["space_count"]["written"]


@pytest.mark.slow
def test_noise_is_added_level_by_level_and_follows_from_the_seed(
    calls: Calls, told: Callable[..., dict[str, dict]]
) -> None:
    quality = told("--seed", 3)["decoding"]["quality"]
    assert [point["noise"] for point in quality] == [0.0, *NOISE_LEVELS]
    assert len(calls) == 20 + 5 * (1 + len(NOISE_LEVELS))
    assert quality[-1]["before"]["cer"] > quality[0]["before"]["cer"]
    assert all(point["before"]["n"] == 5 for point in quality)
    assert told("--seed", 3)["decoding"]["quality"] == quality
    assert told("--no-noise")["decoding"]["quality"] == []


@pytest.mark.slow
def test_the_weight_of_language_is_the_stored_one_unless_said_otherwise(
    digits_run: Path, calls: Calls, told: Callable[..., dict[str, dict]]
) -> None:
    stored = decoding.stored_options(Recogniser(digits_run / "model.onnx").details).language_weight
    told("--no-noise")
    assert {weight for _, weight in calls} == {stored}
    calls.clear()
    record = told("--no-noise", "--language-weight", 0.25)
    assert {weight for _, weight in calls} == {0.25}
    assert record["subject"]["decoding"]["language_weight"] == 0.25


def test_a_weight_that_makes_no_sense_is_one_sentence(digits_run: Path, calls: Calls, inkread: Command) -> None:
    answer = inkread("messages", digits_run, "--language-weight", -1)
    assert answer.code == 1
    assert "language_weight is -1" in answer.sentence


def test_the_tables_show_before_and_after(digits_run: Path, calls: Calls, inkread: Command) -> None:
    answer = inkread("messages", digits_run, "--no-noise")
    assert answer.code == 0
    assert "eye alone" in answer.out and "right, broken" in answer.out and "broken by language" in answer.out


@pytest.mark.slow
def test_where_no_language_fits_the_eye_alone_is_told_with_noise_and_confidence(
    digits_run: Path, tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "NOISY_MESSAGES", 30)
    folder = tmp_path / "out"
    answer = inkread("messages", digits_run, "--report", folder)
    assert answer.code == 0
    told = json.loads((folder / "messages.json").read_text("utf-8"))["eye"]
    assert [row["noise"] for row in told["quality"]] == [0.0, *NOISE_LEVELS]
    assert {row["score"]["n"] for row in told["quality"]} == {30}
    assert told["quality"][-1]["score"]["cer"] > told["quality"][0]["score"]["cer"]
    assert told["trust"]["curve"]["n"] == 200
    page = (folder / "messages.html").read_text("utf-8")
    assert "Over the quality of the recogniser" in page and "How sure a message is, and what to refuse" in page
    assert "Errors over the noise on the glyphs" in answer.out and "Refusing unsure messages" in answer.out
    quiet = inkread("messages", digits_run, "--report", folder, "--no-noise")
    again = json.loads((folder / "messages.json").read_text("utf-8"))["eye"]
    assert (again["quality"], again["trust"]) == ([], told["trust"])
    assert "Over the quality" not in (folder / "messages.html").read_text("utf-8")
    assert "Errors over the noise" not in quiet.out
    assert "No language model fits the alphabet 0123456789: messages stay as the eye read them." in answer.out
    assert "right, broken" not in answer.out


@pytest.mark.parametrize(
    "flags",
    [
        ("--spaces none",), ("--language-weight", 0.5), ("--words", "words.txt"), ("--keep", "12"), ("--no-lexicon",),
        ("--beam", 8),
    ],
)  # fmt: skip
def test_what_speaks_to_a_language_is_refused_where_none_fits(
    digits_run: Path, inkread: Command, flags: tuple[object, ...]
) -> None:
    asked = [part for flag in flags for part in str(flag).split()]
    answer = inkread("messages", digits_run, "--no-noise", *asked)
    assert (answer.code, answer.out) == (1, "")
    assert answer.sentence.startswith(f"inkread: {flags[0]} speaks to a language model, and none ships for 0123456789;")
    assert "inkread language train" in answer.sentence


def test_digits_are_decoded_with_a_language_of_digits(digits_run: Path, tmp_path: Path, inkread: Command) -> None:
    (tmp_path / "years.txt").write_text("\n".join(f"{year} {year + 1}" for year in range(1900, 2024)) * 3)
    (tmp_path / "texts.txt").write_text("1955 1956\n2001 2002\n")
    language = tmp_path / "years.lm"
    learnt = inkread("language", "train", tmp_path / "years.txt", "--alphabet", "digits", "--out", language)
    assert learnt.code == 0
    flags = ("--texts", tmp_path / "texts.txt", "--language", language, "--spaces", "none", "--beam", 8)
    answer = inkread("messages", digits_run, "--no-noise", *flags)
    assert answer.code == 0 and "spaces found" in answer.out


def test_the_flags_reach_the_decoder_and_the_report(tmp_path: Path) -> None:
    recogniser = load("letters").recogniser
    assert isinstance(recogniser, Recogniser)
    words = tmp_path / "words.txt"
    words.write_text("Zaphod\nArthur\n")
    stored = open_decoder(recogniser)
    asked = decoder_asked(recogniser, LanguageFlags(words=words, keep=("X+",), no_lexicon=True, beam=3))
    assert stored is not None and asked is not None
    expected = replace(stored.options, words=("Zaphod", "Arthur"), keep=("X+",), lexicon=False, beam=3)
    assert asked.options == expected
    told = {"words": 2, "keep": ("X+",), "lexicon": False, "beam": 3}
    assert told.items() <= asked.settings.items() and "words" not in stored.settings
    assert decoder_asked(recogniser, LanguageFlags()) == stored
    with pytest.raises(BadOption, match="--beam has no say beside --language-weight 0: no language is asked"):
        decoder_asked(recogniser, LanguageFlags(language_weight=0.0, beam=3))
    words.write_text("two words")
    with pytest.raises(BadData, match="has a space"):
        decoder_asked(recogniser, LanguageFlags(words=words))


def test_letters_have_a_decoder() -> None:
    recogniser = load("letters").recogniser
    assert isinstance(recogniser, Recogniser)
    decoder = open_decoder(recogniser, language_weight=0.5)
    assert decoder is not None
    assert (decoder.alphabet, decoder.options.language_weight) == (LETTERS, 0.5)
    assert decoder.settings["language_weight"] == 0.5
    assert "constraint" not in decoder.settings


@pytest.mark.parametrize(
    ("text", "gaps"), [("A", []), ("A B", [1]), ("MEET AT", [0, 0, 0, 1, 0]), ("A B C", [1, 1]), ("AB", [0])]
)
def test_known_gaps_are_ones_where_a_space_follows(text: str, gaps: list[float]) -> None:
    assert known_gaps(text).tolist() == gaps
    assert known_gaps(text).dtype == np.float64
