"""Classification against scikit-learn and an example worked by hand."""

import json
import sys

import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.errors import BadArray, MissingDependency
from inkread.evaluation.calibration import log_softmax
from inkread.evaluation.classification import evaluate, mistakes, top_accuracy
from inkread.evaluation.intervals import wilson

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ABC = Alphabet("ABC")


def simulated(n: int = 2000, classes: int = 10) -> tuple[Floats, Ints]:
    rng = np.random.default_rng(11)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(0, 1, (n, classes))
    logits[np.arange(n), labels] += 3
    return log_softmax(logits), labels


def worked_example() -> tuple[Floats, Ints]:
    """A read as A, A as B (sure), A as B (less sure), B as B, C as A."""
    rows = [[0.8, 0.1, 0.1], [0.05, 0.9, 0.05], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.5, 0.1, 0.4]]
    return np.log(np.array(rows)), np.array([0, 0, 0, 1, 2])


def test_every_figure_equals_scikit_learn() -> None:
    log_probs, labels = simulated()
    read = log_probs.argmax(axis=1)
    report = evaluate(log_probs, labels, DIGITS)
    assert report.accuracy == pytest.approx(metrics.accuracy_score(labels, read))
    assert report.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(labels, read))
    assert report.top3_accuracy == pytest.approx(metrics.top_k_accuracy_score(labels, log_probs, k=3))
    assert report.nll == pytest.approx(metrics.log_loss(labels, np.exp(log_probs)))
    assert (report.confusion == metrics.confusion_matrix(labels, read)).all()
    assert [c.precision for c in report.characters] == pytest.approx(
        metrics.precision_score(labels, read, average=None)
    )
    assert [c.recall for c in report.characters] == pytest.approx(metrics.recall_score(labels, read, average=None))
    assert [c.f1 for c in report.characters] == pytest.approx(metrics.f1_score(labels, read, average=None))
    assert [c.support for c in report.characters] == np.bincount(labels).tolist()
    assert report.interval == wilson(report.n - report.errors, report.n)


def test_an_example_worked_by_hand() -> None:
    report = evaluate(*worked_example(), ABC)
    assert (report.n, report.errors, report.accuracy) == (5, 3, 0.4)
    assert report.confusion.tolist() == [[1, 2, 0], [0, 1, 0], [1, 0, 0]]
    a, b, c = report.characters
    assert (a.precision, a.recall, a.support) == (0.5, pytest.approx(1 / 3), 3)
    assert (b.precision, b.recall, b.f1) == (pytest.approx(1 / 3), 1.0, 0.5)
    assert (c.precision, c.recall, c.support) == (None, 0.0, 1)
    assert [(p.written, p.read, p.count, p.share, p.indices) for p in report.pairs] == [
        ("A", "B", 2, pytest.approx(2 / 3), (1, 2)),
        ("C", "A", 1, 1.0, (4,)),
    ]


def test_mistakes_come_with_the_surest_first() -> None:
    log_probs, labels = worked_example()
    assert mistakes(log_probs, labels).tolist() == [1, 2, 4]
    found = evaluate(log_probs, labels, ABC).mistakes
    assert [m.index for m in found] == [1, 2, 4]
    last = found[-1]
    assert (last.written, last.read, last.runner_up) == ("C", "A", "C")
    assert (last.confidence, last.runner_up_probability, last.written_probability) == pytest.approx((0.5, 0.4, 0.4))


def test_mistakes_equal_a_plain_loop() -> None:
    log_probs, labels = simulated()
    wrong = [i for i in range(len(labels)) if log_probs[i].argmax() != labels[i]]
    expected = sorted(wrong, key=lambda i: -log_probs[i].max())
    assert mistakes(log_probs, labels).tolist() == expected
    report = evaluate(log_probs, labels, DIGITS)
    assert sum(p.count for p in report.pairs) == report.errors == len(wrong)
    assert sorted(i for p in report.pairs for i in p.indices) == wrong


def test_a_character_that_never_occurs_is_not_blamed() -> None:
    log_probs = np.log(np.full((3, 3), [0.8, 0.1, 0.1]))
    b = evaluate(log_probs, [0, 0, 0], ABC).characters[1]
    assert (b.precision, b.recall, b.f1, b.support) == (None, None, None, 0)
    assert evaluate(log_probs, [0, 0, 0], ABC).balanced_accuracy == 1.0


def test_of_equally_likely_characters_the_first_is_read_and_ranked_first() -> None:
    flat = np.log(np.full((3, 3), 1 / 3))
    labels = np.array([0, 1, 2])
    assert [top_accuracy(flat, labels, k) for k in (1, 2, 3)] == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert evaluate(flat, labels, ABC).accuracy == pytest.approx(1 / 3)


def test_top_1_is_the_accuracy() -> None:
    log_probs, labels = simulated()
    assert top_accuracy(log_probs, labels, 1) == evaluate(log_probs, labels, DIGITS).accuracy


def test_groups_are_counted_apart_and_add_up() -> None:
    log_probs, labels = simulated()
    right = log_probs.argmax(axis=1) == labels
    case = np.array(["upper", "lower"])[labels % 2]
    report = evaluate(log_probs, labels, DIGITS, groups={"case": case, "source": ["one"] * len(labels)})
    assert [(g.kind, g.name) for g in report.groups] == [("case", "lower"), ("case", "upper"), ("source", "one")]
    assert report.groups[0].accuracy == pytest.approx(right[case == "lower"].mean())
    assert report.groups[0].errors + report.groups[1].errors == report.groups[2].errors == report.errors


def test_the_record_is_json_and_keeps_everything() -> None:
    log_probs, labels = simulated(300)
    report = evaluate(log_probs, labels, DIGITS, groups={"half": ["a", "b"] * 150})
    record = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert record["confusion"] == report.confusion.tolist()
    assert len(record["mistakes"]) == report.errors
    assert record["groups"][0]["name"] == "a"


def test_small_alphabets_have_a_top_3_too() -> None:
    one = evaluate(np.zeros((4, 1)), np.zeros(4, dtype=int), Alphabet("A"))
    assert (one.accuracy, one.top3_accuracy, one.nll) == (1.0, 1.0, 0.0)
    assert evaluate(np.log([[0.4, 0.6]]), [0], Alphabet("AB")).top3_accuracy == 1.0


def test_float32_and_small_integer_labels_are_fine() -> None:
    log_probs, labels = simulated(200)
    plain = evaluate(log_probs, labels, DIGITS)
    assert evaluate(log_probs.astype(np.float32), labels.astype(np.uint8), DIGITS).errors == plain.errors


@pytest.mark.parametrize(
    ("log_probs", "labels", "sentence"),
    [
        (np.log(np.full((2, 10), 0.1)), [0, 0], "10 columns, but the alphabet has 26"),
        (np.zeros((2, 26)), [0, 0], "natural logarithms of probabilities"),
        (np.full((2, 26), np.nan), [0, 0], "NaN or infinity in 2 of 2 rows"),
        (np.log(np.full((2, 26), 1 / 26)), [0], "1 labels came with 2 rows"),
        (np.log(np.full((2, 26), 1 / 26)), [1, 26], "0..25; got 1..26"),
        (np.log(np.full((2, 26), 1 / 26)), [True, False], "whole numbers"),
        (np.zeros((0, 26)), np.zeros(0, dtype=int), "at least one row"),
    ],
)
def test_bad_arrays_are_told_in_a_sentence(log_probs: Floats, labels: object, sentence: str) -> None:
    with pytest.raises(BadArray, match=sentence):
        evaluate(log_probs, labels, LETTERS)  # type: ignore[arg-type]


def test_a_group_of_another_length_is_refused() -> None:
    log_probs, labels = worked_example()
    with pytest.raises(BadArray, match="group 'case' has the shape \\(2,\\)"):
        evaluate(log_probs, labels, ABC, groups={"case": ["upper", "lower"]})


def test_without_scikit_learn_the_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    with pytest.raises(MissingDependency, match=r'scikit-learn; install it with: pip install "inkread\[train\]"'):
        evaluate(*worked_example(), ABC)
