"""Teachers: what they say is learnt in place of labels; those that cannot teach are refused with a sentence."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inkread.alphabet import LETTERS
from inkread.data import Dataset
from inkread.errors import BadCheckpoint, BadOption
from inkread.models import load, logits
from inkread.models.checkpoint import read_tensors
from inkread.run_folder import Run
from inkread.training.config import TrainConfig
from inkread.training.distillation import Teachers, open_teachers
from inkread.training.loop import Finished, Progress, train

CPU = torch.device("cpu")
TEACHER = TrainConfig("few", arch="cnn", epochs=8, batch_size=20, learning_rate=0.05)


class Says(nn.Module):
    """Always the same logits."""

    def __init__(self, said: Tensor) -> None:
        super().__init__()
        self.said = said

    def forward(self, glyphs: Tensor) -> Tensor:
        return self.said


def finished(dataset: Dataset, config: TrainConfig, folder: Path, *, resume: bool = False) -> Run:
    *_, end = train(dataset, config, Run(folder), resume=resume, device="cpu")
    assert isinstance(end, Finished)
    return end.run


@pytest.fixture(scope="module")
def teacher(few_digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished(few_digits, TEACHER, tmp_path_factory.mktemp("teacher")).folder


def test_several_teachers_say_the_mean_of_what_each_says_calibrated_and_softened() -> None:
    generator = torch.Generator().manual_seed(4)
    one, other = (torch.randn(6, 10, generator=generator) * 5 for _ in range(2))
    said = Teachers([(Says(one), 1.0), (Says(other), 0.5)], temperature=3.0).say(torch.zeros(6, 1, 28, 28))
    expected = ((one.double() / 3).softmax(dim=1) + (other.double() / 1.5).softmax(dim=1)) / 2
    assert torch.allclose(said.double(), expected, atol=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 2.0, 5.0])
def test_the_slope_is_how_far_the_learner_is_from_what_is_said(temperature: float) -> None:
    """Hinton's: each logit is pulled by the difference of softened probabilities, times the temperature."""
    generator = torch.Generator().manual_seed(5)
    said, learner = (torch.randn(4, 10, generator=generator) * 3 for _ in range(2))
    learner.requires_grad_()
    teachers = Teachers([(Says(said), 1.0)], temperature)
    teachers.loss(learner, torch.zeros(4, 1, 28, 28), label_smoothing=0.0).backward()
    with torch.no_grad():
        apart = (learner / temperature).softmax(dim=1) - (said / temperature).softmax(dim=1)
    assert learner.grad is not None
    assert torch.allclose(learner.grad, apart * temperature / 4, atol=1e-6)


def test_labels_have_no_say_where_a_teacher_speaks(few_digits: Dataset, teacher: Path, tmp_path: Path) -> None:
    part = few_digits.train
    wrong = dataclasses.replace(few_digits, train=dataclasses.replace(part, labels=(part.labels + 1) % 10))
    config = dataclasses.replace(TEACHER, teacher=(str(teacher),), seed=7)
    learnt, _ = load(finished(wrong, config, tmp_path / "learner").model)
    taught, _ = load(Run(teacher).model)
    said = logits(taught, part.images).argmax(axis=1)
    assert np.mean(logits(learnt, part.images).argmax(axis=1) == said) > 0.9
    assert np.mean(said == part.labels) > 0.9


def test_a_taught_run_that_stops_ends_with_the_same_bits(few_digits: Dataset, teacher: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(TEACHER, teacher=(str(teacher / "model.safetensors"),), epochs=2, elastic=0.5)
    whole = finished(few_digits, config, tmp_path / "whole")
    events = train(few_digits, config, Run(tmp_path / "stopped"), device="cpu")
    next(event for event in events if isinstance(event, Progress) and event.epoch_ends)
    events.close()  # type: ignore[attr-defined]
    resumed = finished(few_digits, config, tmp_path / "stopped", resume=True)
    before, after = (read_tensors(run.model)[0] for run in (whole, resumed))
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


@pytest.mark.parametrize(("name", "missing"), [("nobody", "nobody"), ("", "model.safetensors")])
def test_a_teacher_that_is_not_there_is_named(few_digits: Dataset, tmp_path: Path, name: str, missing: str) -> None:
    with pytest.raises(BadCheckpoint, match=rf"cannot teach: there is no .*{missing}; expected the folder of a finish"):
        open_teachers([str(tmp_path / name)], 2.0, few_digits, CPU)


def test_a_teacher_of_other_characters_is_refused(few_digits: Dataset, teacher: Path) -> None:
    letters = dataclasses.replace(few_digits, name="notes", alphabet=LETTERS, framing="emnist")
    with pytest.raises(BadOption, match=r"reads 0123456789, framed as mnist; expected one that reads ABC.*, as notes"):
        open_teachers([str(teacher)], 2.0, letters, CPU)


def test_a_run_whose_teacher_was_trained_anew_is_not_resumed(
    few_digits: Dataset, teacher: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "teacher.safetensors"
    copy.write_bytes(Run(teacher).model.read_bytes())
    config = dataclasses.replace(TEACHER, teacher=(str(copy),), epochs=2)
    events = train(few_digits, config, Run(tmp_path / "stopped"), device="cpu")
    next(event for event in events if isinstance(event, Progress) and event.epoch_ends)
    events.close()  # type: ignore[attr-defined]
    other = finished(few_digits, dataclasses.replace(TEACHER, seed=5, epochs=1), tmp_path / "other")
    copy.write_bytes(other.model.read_bytes())
    with pytest.raises(BadCheckpoint, match=r"teacher\.safetensors was trained anew since this run began; start this"):
        finished(few_digits, config, tmp_path / "stopped", resume=True)
