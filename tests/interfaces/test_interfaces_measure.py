"""`evaluate`, `messages`, `models` and `data`: what they print and write against a count of one's own."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inkread.alphabet import Alphabet
from inkread.data import CATALOGUE, Dataset, FileState, load, names
from inkread.errors import BadData
from inkread.evaluation import report as files
from inkread.interfaces import data_choice
from inkread.interfaces.commands import evaluate as verb
from inkread.interfaces.text_file import read_lines
from inkread.loading import load_recogniser
from inkread.models import ARCHITECTURES, Checkpoint, build, measure
from inkread.recognition import Recogniser
from inkread.run_folder import Run
from tests.conftest import Answer, Command

WRITE_FIGURES = files.write_figures


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed is not what is tested here."""
    monkeypatch.setattr(verb, "TIMED_BATCH", 512)
    monkeypatch.setattr(verb, "TIMED_ALONE", 20)
    monkeypatch.setattr(verb, "REPEATS", 1)
    monkeypatch.setattr(files, "write_figures", lambda *_: [])  # a test of its own waits for these


def wrote(answer: Answer) -> list[Path]:
    """The files that the last lines name, one a line however long."""
    return [Path(line.removeprefix("Wrote ")) for line in answer.out.splitlines() if line.startswith("Wrote ")]


@pytest.mark.parametrize("split", ["val", "test", "all"])
def test_evaluate_counts_right_glyphs_as_one_would_by_hand(
    tmp_path: Path, digits_run: Path, digits: Dataset, inkread: Command, split: str
) -> None:
    answer = inkread("evaluate", digits_run, "--split", split, "--report", tmp_path / "report")
    assert (answer.code, answer.err) == (0, "")
    assert wrote(answer) == [tmp_path / "report" / name for name in ("report.html", "report.json", "figures")]
    parts = {"val": [digits.val], "test": [digits.test], "all": [digits.train, digits.val, digits.test]}[split]
    recogniser = Recogniser(digits_run / "model.onnx")
    right = total = 0
    for part in parts:
        assert part is not None
        right += int((recogniser.log_probs(part.images).argmax(axis=1) == part.labels).sum())
        total += len(part)
    report = (tmp_path / "report" / "report.json").read_text()
    told = json.loads(report)["classification"]
    assert told["accuracy"] == pytest.approx(right / total)
    assert (f"of which it learnt from {len(digits.train):,}" in report) == (split == "all")
    assert re.search(rf"accuracy +{100 * right / total:.2f}\s%", answer.out)
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "<!doctype html>" in page[:50].lower() and "http://" not in page.replace("http://www.w3.org", "")


def test_the_drawings_of_a_report_are_files_that_its_record_names(
    tmp_path: Path, digits_run: Path, monkeypatch: pytest.MonkeyPatch, inkread: Command
) -> None:
    monkeypatch.setattr(files, "write_figures", WRITE_FIGURES)
    inkread("evaluate", digits_run, "--report", tmp_path)
    named = json.loads((tmp_path / "report.json").read_text())["figures"]
    kinds = ("svg", "png")
    assert named == [f"figures/{name}.{kind}" for name in ("confusion", "reliability", "mistakes") for kind in kinds]
    assert {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "figures").iterdir()} == set(named)


def test_evaluate_agrees_with_the_record_of_the_training(tmp_path: Path, digits_run: Path, inkread: Command) -> None:
    inkread("evaluate", digits_run, "--report", tmp_path)
    record = json.loads(Run(digits_run).record.read_text())
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["classification"]["accuracy"] == pytest.approx(record["validation"]["val_accuracy"])
    assert report["subject"]["size"]["parameters"] == record["parameters"]
    assert report["calibration"]["temperature"] == pytest.approx(record["temperature"])


def test_evaluate_without_a_report_writes_nothing(
    tmp_path: Path, digits_run: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert inkread("evaluate", digits_run).code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_weights_are_measured_by_name_on_what_ships(inkread: Command) -> None:
    answer = inkread("evaluate", "digits", "--split", "test")
    assert answer.code == 0
    assert "the sample that ships with inkread" in answer.out  # it says clearly that it does so


@pytest.fixture
def npz(tmp_path: Path, digits: Dataset) -> Path:
    """Test digits as a file of the user's own."""
    assert digits.test is not None
    path = tmp_path / "mine.npz"
    images, labels = digits.test.images[:600], digits.test.labels[:600]
    np.savez(path, images=images, labels=np.array(list("0123456789"))[labels])
    return path


def test_evaluate_takes_other_data(npz: Path, digits_run: Path, inkread: Command) -> None:
    answer = inkread("evaluate", digits_run, "--data", npz, "--split", "all")
    assert answer.code == 0
    assert "600 glyphs" in answer.out


def test_data_of_another_alphabet_is_refused_by_name(tmp_path: Path, npz: Path, inkread: Command) -> None:
    answer = inkread("evaluate", "letters", "--data", npz, "--split", "all")
    assert answer.code == 1
    assert "mine.npz shows nothing of the alphabet 'ABC" in answer.sentence


@pytest.mark.parametrize("learnt", [{"dataset": "digits", "data": ["gone"]}, {"dataset": "gone", "data": []}])
def test_training_data_that_were_moved_are_told_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learnt: dict[str, object]
) -> None:
    monkeypatch.chdir(tmp_path)
    network = load_recogniser("digits")
    with pytest.raises(
        BadData,
        match=rf"what {network.name} learnt from cannot be opened here \(.*gone.*name other glyphs with --data$",
    ):
        data_choice.open_for(network, learnt, (), elsewhere=False)


def test_a_recogniser_and_data_of_other_framing_are_refused(digits_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    from inkread.data import load

    other = dataclasses.replace(load("sample-digits"), framing="emnist")
    monkeypatch.setattr(data_choice, "open_dataset", lambda *_: other)
    with pytest.raises(BadData, match="framed the mnist way, but .* framed the emnist way; name other --data"):
        data_choice.open_measured(str(digits_run), "val", ())


def saved(path: Path, labels: list[str], **more: object) -> Path:
    """Glyphs of these characters, all different."""
    images = np.random.default_rng(len(labels)).integers(0, 256, (len(labels), 28, 28), dtype=np.uint8)
    np.savez(path, images=images, labels=np.array(labels), **more)  # type: ignore[arg-type]
    return path


def test_named_data_stand_in_for_what_a_network_learnt_from(tmp_path: Path) -> None:
    learnt, strangers = (
        saved(tmp_path / "mine.npz", list("Aab") * 40),
        saved(tmp_path / "strangers.npz", list("ab") * 30),
    )
    network = Checkpoint("mine", "cnn", Alphabet("Aab"), "emnist")
    for place in (learnt, tmp_path / "moved.npz"):
        config = {"dataset": str(place), "data": []}
        dataset = data_choice.open_for(network, config, [str(strangers)], elsewhere=False)
        assert len(data_choice.choose(dataset, "all")) == 60
        assert (dataset.name, dataset.alphabet, dataset.framing) == ("strangers", Alphabet("Aab"), "emnist")


def test_glyphs_of_a_test_part_alone_are_measured_where_no_part_is_asked_for(tmp_path: Path) -> None:
    glyphs = saved(tmp_path / "t.npz", list("0123456789") * 3, split=np.full(30, "test"))
    measured = data_choice.open_measured("digits", None, [str(glyphs)])
    assert (measured.part, len(measured.split)) == ("test", 30)


def test_few_glyphs_of_ones_own_are_measured_though_none_is_for_validation(tmp_path: Path, digits: Dataset) -> None:
    labels = np.array(list("0123456789"))
    np.savez(tmp_path / "many.npz", images=digits.train.images[:100], labels=labels[digits.train.labels[:100]])
    learnt = load("digits", sources=[tmp_path / "many.npz"]).train  # none of these falls into the validation part
    np.savez(tmp_path / "few.npz", images=learnt.images[:10], labels=labels[learnt.labels[:10]])
    assert len(data_choice.open_measured("digits", "all", [str(tmp_path / "few.npz")]).split) == 10
    with pytest.raises(BadData, match="has no val part here"):
        data_choice.open_measured("digits", "val", [str(tmp_path / "few.npz")])


def test_a_part_that_is_not_there_is_said(digits: Dataset) -> None:
    import dataclasses

    with pytest.raises(BadData, match="has no test part here; measure its other part with --split"):
        data_choice.choose(dataclasses.replace(digits, test=None), "test")


@pytest.mark.slow
def test_messages_writes_a_page_and_a_record_that_follow_from_the_seed(
    tmp_path: Path, digits_run: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkread.interfaces.commands.messages.OWN_MESSAGES", 20)
    answer = inkread("messages", digits_run, "--report", tmp_path / "out", "--seed", "3")
    assert (answer.code, answer.err) == (0, "")
    assert wrote(answer) == [tmp_path / "out" / "messages.html", tmp_path / "out" / "messages.json"]
    told = json.loads((tmp_path / "out" / "messages.json").read_text())["messages"]
    assert 0 < told["score"]["cer"] < 0.5
    again = inkread("messages", digits_run, "--report", tmp_path / "again", "--seed", "3")
    assert again.code == 0
    assert json.loads((tmp_path / "again" / "messages.json").read_text())["messages"] == told
    inkread("messages", digits_run, "--report", tmp_path / "other", "--seed", "4")
    assert json.loads((tmp_path / "other" / "messages.json").read_text())["messages"] != told


def test_messages_of_ones_own_are_spelt(tmp_path: Path, inkread: Command) -> None:
    (tmp_path / "texts.txt").write_text("\ufeff2024 01\n\n31337\n", encoding="utf-8")
    answer = inkread("messages", "digits", "--texts", tmp_path / "texts.txt", "--report", tmp_path)
    assert answer.code == 0
    page = (tmp_path / "messages.html").read_text(encoding="utf-8")
    assert "2 messages, 3 words, 11 characters" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no text; expected one message a line"),
        (b"\n \n", "has no text"),
        (b"ab\xff", r"not UTF-8 text \(byte 2\)"),
    ],
)
def test_a_file_without_texts_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "texts.txt").write_bytes(content)
    with pytest.raises(BadData, match=said):
        read_lines(tmp_path / "texts.txt", "one message")


def test_a_text_outside_the_alphabet_is_one_sentence(tmp_path: Path, inkread: Command) -> None:
    (tmp_path / "texts.txt").write_text("call me\n")
    answer = inkread("messages", "digits", "--texts", tmp_path / "texts.txt")
    assert answer.code == 1
    assert "alphabet" in answer.sentence or "0123456789" in answer.sentence


def test_models_lists_every_architecture_with_its_cost_and_what_ships(inkread: Command) -> None:
    answer = inkread("models")
    assert (answer.code, answer.err) == (0, "")
    for arch in ARCHITECTURES:
        for classes in (10, 26):
            size = measure(build(arch, classes))
            assert f"{size.parameters:,}" in answer.out and f"{size.multiply_adds:,}" in answer.out
    for name in ("digits", "letters"):
        assert name in answer.out


def test_data_list_tells_what_there_is_and_what_is_here(tmp_path: Path, inkread: Command) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for number, name in enumerate(("train-images-idx3-ubyte", "train-labels-idx1-ubyte"), start=1):
        (raw / name).write_bytes(bytes(4))
        assert f"{number} of 4" in " ".join(inkread("data", "list", "--root", tmp_path).out.split())
    answer = inkread("data", "list", "--root", tmp_path)
    assert (answer.code, answer.err) == (0, "")
    assert "inkread train FOLDER" in answer.out
    assert set(names()) <= set(re.findall(r"[\w-]+", answer.out))  # whatever train takes


@pytest.mark.parametrize(("columns", "lines_each"), [(80, 2), (120, 1)])
def test_data_list_fits_its_screen_with_every_word_whole(
    tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch, columns: int, lines_each: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = inkread("data", "list", "--root", tmp_path).out.splitlines()
    assert max(map(len, lines[1:])) <= columns  # the first names the data folder, however long
    for entry in CATALOGUE.values():
        (at,) = (number for number, line in enumerate(lines) if line.startswith(f"{entry.name} "))
        told = " ".join(" ".join(lines[at : at + lines_each]).split())
        megabytes = f"{entry.download_bytes / 1e6:.0f} MB"
        assert (
            told == f"{entry.name} {entry.train:,} {entry.test:,} {len(entry.alphabet)} {megabytes} no {entry.summary}"
        )
        assert lines.count(f"  {entry.licence}") == 1


def test_data_get_shows_a_bar_for_each_file_and_says_what_it_has(
    tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(name: str, root: Path, *, url: str | None, progress: Callable[[str, int, int], None]) -> list[Path]:
        for what in ("images", "labels"):
            for done in (0, 500_000, 1_000_000):
                progress(what, done, 1_000_000)
        return [root / name]

    monkeypatch.setattr("inkread.data.get", fetch)
    answer = inkread("data", "get", "mnist", "--root", tmp_path)
    assert (answer.code, answer.err) == (0, "")
    assert [line.split()[0] for line in answer.out.splitlines() if "1.0/1.0 MB" in line] == ["images", "labels"]
    assert answer.out.splitlines()[-1] == f"have {tmp_path / 'mnist'}"


def test_data_get_of_what_is_here_says_so_and_nothing_else(
    tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkread.data.get", lambda name, root, **_: [root / name])
    assert inkread("data", "get", "mnist", "--root", tmp_path).out == f"have {tmp_path / 'mnist'}\n"


@pytest.mark.parametrize(("states", "code"), [("ok", 0), ("ok missing", 1), ("damaged ok", 1)])
def test_data_verify_says_of_each_file_how_it_is(
    tmp_path: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch, states: str, code: int
) -> None:
    found = [FileState(tmp_path / f"{state}.idx", state, f"told of {state}") for state in states.split()]  # type: ignore[arg-type]
    monkeypatch.setattr("inkread.data.verify", lambda *_: found)
    answer = inkread("data", "verify", "mnist", "--root", tmp_path)
    assert (answer.code, answer.err) == (code, "")
    for line, state in zip(answer.out.splitlines(), found, strict=True):
        assert state.state.lower() in line.lower() and str(state.path) in line and state.detail in line


def test_data_verify_of_nothing_fails(tmp_path: Path, inkread: Command) -> None:
    answer = inkread("data", "verify", "mnist", "--root", tmp_path)
    assert answer.code == 1
    assert len([line for line in answer.out.splitlines() if line.startswith("missing")]) == 4
