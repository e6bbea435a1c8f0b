"""The notebooks: executed as a reader without data would execute them, and what every one of them promises."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

HERE = Path(__file__).parents[1]
NOTEBOOKS = sorted((HERE / "notebooks").glob("*.ipynb"))
CELL_SECONDS = 300  # a cell that takes longer hangs; on a busy machine the longest takes half a minute
DATA = Path(os.environ.get("INKREAD_DATA", "no-data")).resolve()
real_letters = pytest.mark.skipif(
    not (DATA / "letters" / "nist_sd19_upper.npz").is_file(), reason="needs NIST SD19 in the data folder INKREAD_DATA"
)

State = dict[str, float]


def code(notebook: nbformat.NotebookNode) -> str:
    """All code cells as one program, without IPython's magics."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return "\n".join(line for cell in cells for line in cell.splitlines() if not line.startswith("%"))


def definitions(program: str) -> set[str]:
    """The names of all functions, methods and classes that a program defines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(ast.parse(program)) if isinstance(node, kinds)}


@cache  # of 1 s: every notebook is compared with the same package
def defined_in_the_package() -> set[str]:
    """The names of all functions, methods and classes of inkread."""
    files = (HERE / "inkread").rglob("*.py")
    return set().union(*(definitions(file.read_text(encoding="utf-8")) for file in files))


@pytest.fixture
def executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., State]:
    """Executes a notebook without any data folder, then evaluates expressions on what it leaves behind."""
    monkeypatch.setenv("INKREAD_DATA", str(tmp_path / "no-data"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def execute(name: str, **expressions: str) -> State:
        notebook = nbformat.read(HERE / "notebooks" / f"{name}.ipynb", as_version=4)
        asked = ", ".join(f"{key}=float({expression})" for key, expression in expressions.items())
        notebook.cells.append(nbformat.v4.new_code_cell(f"import json\nprint(json.dumps(dict({asked})))"))
        place = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", resources=place).execute()
        outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        assert not [output.text for output in outputs if output.get("name") == "stderr"]  # no warnings
        state: State = json.loads(outputs[-1].text)
        return state

    return execute


@pytest.mark.slow
def test_averages_name_digits_and_three_silent_mistakes_cost_most_of_the_accuracy(executed):
    state = executed(
        "1_look_at_the_data",
        averages="report.accuracy",
        letters="upright.accuracy",
        shapes="right.mean()",
        upright="on_their_feet.accuracy",
        sideways="on_their_side.accuracy",
        from_one="(read == from_one).mean()",
        own_frame="(likeness(some.images, mean_digits).argmax(axis=1) == some.labels).mean()",
        other_frame="(likeness(reframed, mean_digits).argmax(axis=1) == some.labels).mean()",
        leaked="leaked.mean()",
        shared="shared.sum()",
    )
    assert 0.75 < state["averages"] < 0.9
    assert 0.5 < state["letters"] < state["shapes"] - 0.05
    assert state["upright"] > 0.92 and state["sideways"] < 0.3 and state["from_one"] < 0.05
    assert state["other_frame"] < state["own_frame"] - 0.15
    assert state["leaked"] > 0.8 and state["shared"] == 0


@pytest.mark.slow
def test_both_networks_learn_the_sample_and_the_convolutions_bear_a_shift_better(executed):
    state = executed(
        "2_digits_in_ten_seconds",
        mlp="reports['mlp'].accuracy",
        cnn="reports['cnn'].accuracy",
        mlp_moved="kept['mlp'][4]",
        cnn_moved="kept['cnn'][4]",
        same_maps="F.cosine_similarity(maps[0].flatten(1), moved_back.flatten(1)).mean()",
        cnn_framed="shares[2]",
    )
    assert state["mlp"] > 0.95 and state["cnn"] > 0.97
    assert state["mlp_moved"] < state["cnn_moved"] - 0.1
    assert state["same_maps"] > 0.98
    assert state["cnn_framed"] > 0.96


@pytest.mark.slow
def test_letters_are_read_their_confidence_is_honest_and_messages_break_as_letters_multiply(executed):
    state = executed(
        "3_letters_and_a_message",
        accuracy="report.accuracy",
        top3="report.top3_accuracy",
        calibration_error="calibrated.after.expected_error",
        mistakes="effect.character_errors",
        words="effect.word_accuracy",
        expected_words="effect.expected_word_accuracy",
        read_in_picture="1 - score.cer",
        faults_shown="marks.count('^')",
    )
    assert state["accuracy"] > 0.92 and state["top3"] > 0.97
    assert state["calibration_error"] < 0.05
    assert state["mistakes"] > 0 and state["faults_shown"] > 0  # or the notebook has nothing to show
    assert state["words"] == pytest.approx(state["expected_words"], abs=0.08)
    assert state["read_in_picture"] > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("letters", ["drawn", pytest.param("real", marks=real_letters)])
def test_language_mends_messages_spoils_a_name_and_a_code_and_a_date_is_read_as_a_date(executed, monkeypatch, letters):
    if letters == "real":
        monkeypatch.setenv("INKREAD_DATA", str(DATA))
    state = executed(
        "4_from_letters_to_a_message",
        before="report.before.word_accuracy",
        after="report.after.word_accuracy",
        faults="faults[hard]",
        date="fits.text[2] == fits.text[5] == '/'",
        bigram="wrong[1] / wrong[0]",
        all_before="wrong[2] / wrong[1]",
        cards="right[1] - right[0]",
        spoilt="all(is_spoilt(text, draw) for text, draw in draws.items())",
        mended="all(decoding.decode(seen_in(text, draw, NOISE), LETTERS, ways['own word'], gaps=known_gaps(text)).text"
        " == text for text, draw in draws.items())",
        real="nist.is_file()",
    )
    assert state["after"] > state["before"] + 0.05
    assert state["faults"] > 0 and state["date"]
    assert state["bigram"] < 1 and state["all_before"] < 0.5  # one letter of memory helps, eight and words help more
    assert state["spoilt"] and state["mended"]  # what the eye read, language spoilt, and an own word saves
    assert state["cards"] > 5 and state["real"] == (letters == "real")


@pytest.mark.slow
def test_a_hand_is_collected_read_badly_learnt_and_read_well_and_eight_letters_alone_spoil_it(executed):
    state = executed(
        "5_your_own_handwriting",
        boxes="sum(len(sheet.page.boxes) for sheet in sheets)",
        good="sum(len(sheet.glyphs) - len(sheet.doubtful) for sheet in sheets)",
        before="before.accuracy",
        few_letters="lost",
        after="share_right(tuned, images, labels)",
        held_out="share_right(tuned, *parts['this hand, held out'])",
        known_before="share_right(start.network, *parts['other letters'])",
        known_after="share_right(tuned, *parts['other letters'])",
        spoilt="share_right(narrow, images[missing], labels[missing])",
        kept="share_right(kept, images[missing], labels[missing])",
    )
    assert state["boxes"] == 208 and state["good"] > 0.93 * state["boxes"]
    assert state["before"] < 0.88 and state["few_letters"] > 0.6  # or there is nothing to learn, and nothing to tell
    assert state["after"] > 0.97 and state["held_out"] > 0.93
    assert state["known_after"] > state["known_before"] - 0.02
    assert state["spoilt"] < 0.6 and state["kept"] > 0.85


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestEveryNotebook:
    def test_is_whole_and_committed_without_outputs(self, path):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        for cell in notebook.cells:
            assert cell.cell_type in ("markdown", "code")
            assert not cell.get("outputs") and cell.get("execution_count") is None

    def test_opens_with_its_title_and_ends_in_words(self, path):
        cells = nbformat.read(path, as_version=4).cells
        assert cells[0].source.startswith(f"# {path.stem[0]} · ")
        assert cells[-1].cell_type == "markdown"

    def test_defines_nothing_that_the_package_has(self, path):
        assert not definitions(code(nbformat.read(path, as_version=4))) & defined_in_the_package()

    def test_links_lead_to_files_that_exist(self, path):
        cells = nbformat.read(path, as_version=4).cells
        words = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        links = [link for link in re.findall(r"\]\(([^)]+)\)", words) if "://" not in link]
        assert all((path.parent / link).exists() for link in links)


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 5
