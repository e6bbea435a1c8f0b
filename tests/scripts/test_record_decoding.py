"""The record of decoding: errors against counts by hand, frames against CTC's own rule, settings, tables, and what is
stored with the weights."""

import json
import statistics
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import pytest

from inkread.alphabet import LETTERS
from inkread.decoding import DecodingOptions, stored_options
from inkread.evaluation.composition import Message
from inkread.recognition import shipped
from inkread.recognition.recogniser import METADATA_KEY
from inkread.results import Box, Line, Reading

SCRIPT = "record_decoding"
PERFECT = np.log(np.where(np.eye(26), 1.0, 1e-9))
FIGURES = {"letters": 0.002, "words": 0.01, "exact": 0.92, "milliseconds": 0.3}


@pytest.fixture(autouse=True)
def _siblings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")


@pytest.fixture
def systems() -> ModuleType:
    return import_module("decoding_systems")


@pytest.fixture
def told() -> ModuleType:
    return import_module("decoding_tables")


@pytest.fixture
def tune() -> ModuleType:
    return import_module("tune_decoding")


@pytest.fixture
def rival() -> ModuleType:
    return import_module("rival_decoders")


def message(text: str) -> Message:
    return Message(text, LETTERS.encode(text.replace(" ", "")))


def record(**changed: float) -> dict[str, object]:
    """A record of greedy and inkread, and of nothing else."""
    rows = []
    for spaces in ("known", "none", "none, perfect letters"):
        for system, letters in (("inkread", 0.002), ("greedy", 0.02)):
            mean = {**FIGURES, "letters": letters, **(changed if system == "inkread" else {})}
            spread = dict.fromkeys(FIGURES, 0.001)
            rows.append({"system": system, "spaces": spaces, "settings": {"w": 0.5}, "mean": mean, "std": spread})
    stage = {"words_wrong": 3, "words": 0.03}
    page = {"name": "pages_lower", "pages": 2, "words": 100, "before": stage, "after": {"words_wrong": 0, "words": 0.0}}
    return {
        "draws": 5, "messages": 2, "words": 1234, "letters": 5, "glyphs": 6, "glyphs_wrong": 0.024,
        "systems": rows, "missing": ["no interpreter has x"], "startup": {"whole": 0.2}, "pages": [page],
    }  # fmt: skip


def test_errors_are_those_that_one_counts_by_hand(systems: ModuleType) -> None:
    written = [message("AB CD"), message("MEET ME")]
    found = systems.judge(written, systems.Read(["AB XD", "MEET ME"], seconds=0.005))
    assert found == systems.Errors(letters=1 / 10, words=1 / 4, exact=1 / 2, milliseconds=0.5)
    without = systems.judge(written, systems.Read(["ABCD", "MEET ME"], seconds=0.0))
    assert (without.letters, without.words) == (0.0, 2 / 4)  # a space is no letter, but words run together


@pytest.mark.parametrize(("spaced", "chosen"), [(True, {"w": 2}), (False, {"w": 1})])
def test_settings_are_chosen_by_letters_where_spaces_are_known_and_else_by_words(
    systems: ModuleType, spaced: bool, chosen: dict[str, float]
) -> None:
    reads = {1: "AB XX", 2: "ABCD", 3: "QQQQ"}  # two letters wrong, one word; no letter, both words
    system = systems.System(
        "x",
        lambda jobs: [systems.Read([reads[int(job.settings["w"])]], 0.0) for job in jobs],
        tuple({"w": w} for w in reads),
    )
    assert systems.choose(system, systems.Job(PERFECT, (message("AB CD"),), spaced)) == chosen


def test_a_system_without_a_choice_is_not_asked(systems: ModuleType) -> None:
    system = systems.System("x", lambda jobs: pytest.fail("nothing to choose"))
    assert systems.choose(system, systems.Job(PERFECT, (message("A"),), True)) == {}


@pytest.mark.parametrize(("spaced", "texts"), [(True, ["ME TOO", "I"]), (False, ["METOO", "I"])])
def test_messages_are_read_with_their_spaces_or_without(systems: ModuleType, spaced: bool, texts: list[str]) -> None:
    def read(log_probs: np.ndarray, gaps: np.ndarray | None, settings: dict[str, float]) -> str:
        assert settings == {"w": 3}
        letters = LETTERS.decode(log_probs.argmax(axis=1))
        spaces = [] if gaps is None else [" " if gap else "" for gap in gaps]
        return "".join(map("".join, zip(letters, [*spaces, *[""] * len(letters)], strict=False)))

    (found,) = systems.here(read)([systems.Job(PERFECT, (message("ME TOO"), message("I")), spaced, {"w": 3})])
    assert found.texts == texts and found.seconds >= 0


def test_another_process_gets_each_table_once_and_answers_every_job(
    systems: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import json, sys\n"
        "asked = json.load(sys.stdin)\n"
        "jobs = [{'texts': [str(m) for m in job['messages']], 'seconds': job['table']} for job in asked['jobs']]\n"
        "print(json.dumps({'versions': {asked['tool']: str(len(asked['tables']))}, 'jobs': jobs}))\n"
    )
    monkeypatch.setattr(systems, "WORKER", worker)
    other = PERFECT.copy()
    jobs = [systems.Job(table, (message("A BB"),), spaced) for table, spaced in ((PERFECT, True), (other, False))]
    found = systems.elsewhere("tool", [sys.executable], tmp_path, [*jobs, jobs[0]])
    assert [read.seconds for read in found] == [0, 1, 0]
    assert found[0].versions == {"tool": "2"}
    assert found[0].texts == [str({"glyphs": [0, 1, 1], "spaces": [0]})]
    assert found[1].texts == [str({"glyphs": [0, 1, 1], "spaces": None})]


def test_a_tool_that_no_interpreter_has_is_named(
    systems: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text('import sys; sys.stdin.read(); print(\'{"missing": "no module"}\')')
    monkeypatch.setattr(systems, "WORKER", worker)
    with pytest.raises(ImportError, match=r"^no interpreter has tool; give one that has with --with-python$"):
        systems.elsewhere("tool", [sys.executable] * 2, tmp_path, [systems.Job(PERFECT, (message("A"),), True)])


def test_a_counted_bigram_is_counted_with_one_added(systems: ModuleType) -> None:
    bigram = np.exp(systems.counted_bigram(["AB A", "B"]))
    a, b, space = 0, 1, 26
    assert np.allclose(bigram.sum(axis=1), 1)
    assert bigram[space, a] == pytest.approx((2 + 1) / (3 + 27))  # a space, then A A B
    assert bigram[space, b] == pytest.approx((1 + 1) / (3 + 27))
    assert bigram[b, space] == pytest.approx((2 + 1) / (2 + 27))


def test_a_bigram_mends_what_the_eye_misreads(systems: ModuleType) -> None:
    seen = np.full((1, 26), 0.001)
    seen[0, LETTERS.encode("VU")] = 0.5, 0.4
    log_probs = np.log(np.concatenate([np.exp(PERFECT), seen]))
    job = systems.Job(log_probs, (Message("QUIT", np.array([16, 26, 8, 19])),), True, {"weight": 1.0})
    assert systems.by_eye().read([job])[0].texts == ["QVIT"]
    assert systems.by_bigram("x", systems.counted_bigram(["QUIT"])).read([job])[0].texts == ["QUIT"]


@pytest.mark.parametrize("text", ["HELLO", "WE ALL SELL", "A", "AA A"])
def test_frames_collapse_to_the_text_as_ctc_does_it(rival: ModuleType, systems: ModuleType, text: str) -> None:
    (told,) = systems.spelt(systems.Job(PERFECT, (message(text),), True))
    frames = rival.as_frames((PERFECT[told["glyphs"]], told["spaces"]))
    symbols = [*LETTERS.characters, " ", ""]
    best = [symbols[i] for i in frames.argmax(axis=1)]
    assert "".join(symbol for symbol, _ in groupby(best)) == text  # repeated symbols are one, then blanks go
    assert rival.likeliest((PERFECT[told["glyphs"]], told["spaces"]), LETTERS.characters) == text


def test_where_spaces_are_unknown_a_frame_says_nothing_of_them(rival: ModuleType) -> None:
    frames = rival.as_frames((PERFECT[[0, 1]], None))
    assert np.exp(frames[1]).tolist() == pytest.approx([0.0] * 26 + [0.5, 0.5], abs=1e-9)


def test_a_job_is_read_message_by_message_after_one_to_warm_up(rival: ModuleType) -> None:
    asked: list[int] = []

    def read(one: tuple[np.ndarray, list[int] | None]) -> Callable[[], str]:
        asked.append(len(one[0]))
        return lambda: "X" * len(one[0])

    messages = [{"glyphs": [0, 1], "spaces": None}, {"glyphs": [2], "spaces": []}]
    found = rival.run({"messages": messages}, PERFECT, read)
    assert (found["texts"], asked) == (["XX", "X"], [2, 2, 1]) and found["seconds"] >= 0


def test_figures_over_draws_are_those_of_pythons_statistics(script: ModuleType, systems: ModuleType) -> None:
    shares = [0.1, 0.2, 0.4]
    found = script.over_draws([systems.Errors(share, 0.0, 1.0, 2 * share) for share in shares])
    assert found["mean"]["letters"] == pytest.approx(statistics.mean(shares))
    assert found["std"]["letters"] == pytest.approx(statistics.stdev(shares))
    assert [draw["milliseconds"] for draw in found["draws"]] == [0.2, 0.4, 0.8]
    assert script.over_draws([systems.Errors(0.1, 0.0, 1.0, 0.2)])["std"]["letters"] is None


def test_every_part_of_a_system_is_measured_with_the_settings_chosen_for_it(
    script: ModuleType, systems: ModuleType
) -> None:
    def read(jobs: list[object]) -> list[object]:
        return [systems.Read([m.text for m in job.messages], 0.0) for job in jobs]  # type: ignore[attr-defined]

    messages = (message("ME TOO"),)
    known, none, best = script.measured(systems.System("x", read, ({"w": 1}, {"w": 2})), PERFECT, messages, [messages])
    assert [row["spaces"] for row in (known, none, best)] == ["known", "none", "none, perfect letters"]
    assert [row["settings"] for row in (known, none, best)] == [{"w": 1}] * 3  # of equals the first
    assert known["mean"]["exact"] == 1.0 and len(known["draws"]) == len(best["draws"]) == 1


def test_the_number_in_a_pages_corner_is_no_text(script: ModuleType) -> None:
    boxes = [Box(24, 22, 580, 46), Box(500, 60, 560, 84), Box(24, 554, 90, 578), Box(470, 554, 575, 578)]
    lines = tuple(Line(str(i), str(i), (), box, 1.0) for i, box in enumerate(boxes))
    assert [line.text for line in script.text_lines(Reading(lines, 600, 600, "x"))] == ["0", "1", "2"]


def test_every_system_is_there_and_the_others_learn_from_the_same_texts(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    english = {"the": 0.05, "meet": 0.001}
    wordfreq = ModuleType("wordfreq")
    wordfreq.top_n_list = lambda _, n: list(english)[:n]  # type: ignore[attr-defined]
    wordfreq.word_frequency = lambda word, _: english[word]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wordfreq", wordfreq)
    monkeypatch.setattr(script.corpora, "general", lambda: ["The bridge is by the river."])
    monkeypatch.setattr(script.corpora, "messages", lambda part: {"train": ["Meet me at noon"]}[part])
    systems = script.systems_for(shipped("letters"), (), tmp_path / "words.arpa")
    names = [system.name for system in systems]
    assert (names[0], names[-1]) == ("greedy", "inkread") and {"viterbi", "viterbi, counted"} < set(names)
    arpa = (tmp_path / "words.arpa").read_text()
    assert all(f"\t{word}" in arpa for word in ("THE", "MEET", "NOON", "BRIDGE"))


def test_a_start_is_timed_part_by_part(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "STARTS", 1)
    found = script.startup()
    parts = [found[name] for name in ("import", "language", "first_message")]
    assert all(0 < part < 60 for part in parts)
    assert found["whole"] == pytest.approx(sum(parts)) and len(found["all"]) == 1


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({}, "| wrong letters: greedy / inkread | 10.00x | ≥ 5x, reached |"),
        ({"letters": 0.005}, "| wrong letters: greedy / inkread | 4.00x | ≥ 5x, not reached |"),
        ({"letters": 0.004}, "| wrong letters | 0.40 % | ≤ 0.4 %, reached |"),
        ({"exact": 0.89}, "| exact messages | 89.00 % | ≥ 90 %, not reached |"),
        ({"milliseconds": 0.51}, "| time for a letter, spaces known | 0.51 ms | ≤ 0.5 ms, not reached |"),
    ],
)
def test_a_target_is_reached_or_not(told: ModuleType, changed: dict[str, float], line: str) -> None:
    assert line in told.targets(record(**changed)).splitlines()


def test_the_tables_name_every_system_once_a_part_and_what_is_missing(told: ModuleType) -> None:
    found = told.tables(record())
    assert found.count("| **inkread** | 0.20 ± 0.10 % | 1.00 ± 0.10 % | 92.0 ± 0.1 % | 0.300 ± 0.001 | w 0.5 |") == 3
    assert "| 2 pages in small letters | 100 | 3 (3.00 %) | 0 (0.00 %) |" in found
    assert "Left out: no interpreter has x.\n" in found
    assert "2 messages, 1,234 words, 5 letters; 5 draws from 6 glyphs, of which the eye misreads 2.40 %." in found


def test_the_summary_tells_every_system_once_with_and_without_spaces(told: ModuleType) -> None:
    lines = told.summary(record()).splitlines()
    shown = [line.split(" | ") for line in lines[2:]]
    names = {row["system"] for row in record()["systems"]} - {"viterbi"}
    assert {cells[0].removeprefix("| ") for cells in shown} == {told.NAMES[name] for name in names}
    assert [cells[1] for cells in shown] == ["2.00 ± 0.10 %", "0.20 ± 0.10 %"]


def test_of_equal_choices_the_smaller_beam_wins_and_then_the_fewer_wrong_words(
    tune: ModuleType, systems: ModuleType
) -> None:
    def trial(letters: float, words: float, beam: int) -> object:
        return tune.Trial(DecodingOptions(beam=beam), systems.Errors(letters, words, 1.0, 0.1))

    worse, wide, narrow, narrow_best = trial(0.2, 0, 8), trial(0.1, 0, 64), trial(0.1, 0.5, 32), trial(0.1, 0.4, 32)
    assert tune.best([worse, wide, narrow, narrow_best]) is narrow_best


def test_what_is_stored_with_the_weights_is_read_again_and_changes_nothing_else(tune: ModuleType) -> None:
    node = onnx.helper.make_node("Identity", ["glyphs"], ["log_probs"])
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("glyphs", "log_probs")]
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "tiny", ends[:1], ends[1:]))
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps({"name": "tiny"}), "other": "kept"})
    before = model.SerializeToString()
    chosen = {"language_weight": 0.8, "beam": 16}
    once = tune.with_decoding(before, {"language_weight": 9.0, "beam": 1})
    after = onnx.load_model_from_string(tune.with_decoding(once, chosen))
    details = json.loads(after.metadata_props[0].value)
    assert details == {"name": "tiny", "decoding": chosen}
    assert stored_options(details) == DecodingOptions(language_weight=0.8, beam=16)
    after.metadata_props[0].value = json.dumps({"name": "tiny"})
    assert after.SerializeToString() == before
