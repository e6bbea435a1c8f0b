"""What the terminal shows, as text."""

import io

import numpy as np
import pytest
from rich.console import Console, RenderableType

from inkread.alphabet import LETTERS, Alphabet
from inkread.evaluation import calibration, classification, messages, tables, wording
from inkread.evaluation.messages import MessageExample
from inkread.evaluation.subject import Size, Speed, Subject

SUBJECT = Subject("letters", "test glyphs", speed=Speed(81_234.5, 0.0431), size=Size(50_890, 50_240, 204_800))


def shown(what: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(what)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.replace("\u202f", " ")


def simulated(classes: int = 26, strength: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, classes, 1500)
    logits = rng.normal(0, 1, (1500, classes))
    logits[np.arange(1500), labels] += strength
    return logits * 2, labels


def test_the_tables_on_characters_fit_a_terminal_and_tell_the_figures() -> None:
    logits, labels = simulated()
    measured = calibration.before_and_after(logits, labels, calibration.fit_temperature(logits, labels))
    result = classification.evaluate(
        calibration.log_softmax(logits), labels, LETTERS, groups={"source": ["scanned_62"] * 1500}
    )
    text = shown(tables.classification(result, SUBJECT, measured))
    assert f"accuracy {100 * result.accuracy:.2f} %" in " ".join(text.split())
    assert f"95 % interval {100 * result.interval.low:.2f} to {100 * result.interval.high:.2f} %" in text
    assert f"{100 * measured.before.expected_error:.2f} % before temperature {measured.temperature:.3f}" in text
    assert "81,234" in text
    assert "scanned_62" in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_tables_on_messages_fit_a_terminal_and_tell_the_figures() -> None:
    logits, labels = simulated()
    log_probs = calibration.log_softmax(logits)
    rng = np.random.default_rng(0)
    composition = messages.compose_messages(messages.PLAIN_MESSAGES, labels, LETTERS, rng)
    result = messages.effect(composition, messages.read_greedily(composition, log_probs), log_probs, rng)
    text = shown(tables.messages(result, SUBJECT))
    assert f"{result.score.exact_count} of {result.score.n}" in text
    assert f"{100 * result.score.cer:.2f} %" in text
    assert "…" not in text
    assert text.count("written  ") == 4
    assert max(map(len, text.splitlines())) <= 80


def test_a_fault_is_marked_below_the_letter() -> None:
    example = MessageExample("MEET AT NOON", "MEFT ATNOQN", tuple(range(10)), (0.9,) * 10)
    assert shown(tables.examples([example])[0]).splitlines()[1:] == [
        "  written  MEET AT NOON",
        "  read     MEFT AT NOQN",
        "             ^       ^",
    ]


def test_long_messages_are_cut_between_words_and_stay_below_one_another() -> None:
    text = " ".join(["NOON"] * 30)
    reading = text[:70] + "X" + text[71:]
    example = MessageExample(text, reading, tuple(range(120)), (0.9,) * 120)
    lines = shown(tables.examples([example])[0]).splitlines()
    assert " ".join(line[11:] for line in lines if "written" in line) == text
    assert " ".join(line[11:] for line in lines if "read  " in line) == reading
    mark = next(i for i, line in enumerate(lines) if "^" in line)
    assert lines[mark - 1][lines[mark].index("^")] == "X"
    assert max(map(len, lines)) <= 80


def test_names_are_never_taken_for_markup() -> None:
    logits, labels = simulated(4)
    result = classification.evaluate(
        calibration.log_softmax(logits), labels, Alphabet("[]/b"), groups={"[red]": ["[/bold]"] * 1500}
    )
    text = shown(tables.classification(result, Subject("[bold]", "[link=x]")))
    for name in ("[bold]", "[link=x]", "[red]", "[/bold]"):
        assert name in text


def test_a_perfect_model_has_tables_too() -> None:
    logits, labels = simulated(strength=60)
    log_probs = calibration.log_softmax(logits)
    rng = np.random.default_rng(0)
    assert "100.00 %" in shown(tables.classification(classification.evaluate(log_probs, labels, LETTERS), SUBJECT))
    composition = messages.compose_messages(["NO"], labels, LETTERS, rng)
    result = messages.effect(composition, ["NO"], log_probs, rng)
    assert "exact messages" in shown(tables.messages(result, Subject("m", "d")))


@pytest.mark.parametrize(
    ("size", "written"), [(999, "999 bytes"), (204_800, "205 kB"), (1_234_567, "1.23 MB"), (2_000_000_000, "2 GB")]
)
def test_sizes_are_written_in_the_unit_that_suits(size: int, written: str) -> None:
    assert wording.byte_size(size).replace("\u202f", " ") == written
