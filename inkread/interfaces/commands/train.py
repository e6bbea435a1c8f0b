"""`inkread train`: shows a training run while it goes on, and leaves a folder that every other verb understands."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from inkread.errors import BadOption, TrainingInterrupted
from inkread.interfaces.data_choice import open_dataset
from inkread.interfaces.missing import RUNS, refuse_misspelt
from inkread.interfaces.target_file import refuse_file
from inkread.training.config import TrainConfig, differing

if TYPE_CHECKING:
    from inkread.data import Dataset
    from inkread.run_folder import Run
    from inkread.training.loop import Finished

DEFAULT = TrainConfig()


def train(
    config: Annotated[TrainConfig, Parameter(name="*")] = DEFAULT,
    *,
    out: Path | None = None,
    resume: bool = False,
    device: str | None = None,
    tensorboard: bool = False,
) -> None:
    """Train a classifier of handwritten characters, or go on with one that is there (--from) on your own glyphs.

    Parameters
    ----------
    out
        The run's folder; without it, a new one in runs/, named after data set and architecture.
    resume
        Go on with the newest run of this name (or the one in --out) after its last whole epoch.
    device
        cpu, cuda or mps; without it, the best that this machine has.
    tensorboard
        Write TensorBoard events into the run's folder, too.
    """
    from inkread.data import names

    console = Console()
    if config.dataset is not None:
        refuse_misspelt(config.dataset, names(), "inkread train")
    if config.start is not None:
        from inkread.interfaces.fine_tuning import named

        config = named(config)
    refuse_file("--out", out)
    run, config = choose_run(config, out, resume)
    try:
        begin(console, config, run, resume=resume, device=device, tensorboard=tensorboard)
    finally:
        if out is None:
            with suppress(OSError):  # they stay where anything was written
                run.folder.rmdir()
                run.folder.parent.rmdir()


def begin(
    console: Console, config: TrainConfig, run: Run, *, resume: bool, device: str | None, tensorboard: bool
) -> None:
    """Train in a folder, a fresh network or one that is there."""
    if config.start is not None:
        fine_tune(console, config, run, resume=resume, device=device, tensorboard=tensorboard)
        return
    assert config.dataset is not None  # `choose_run` fills it
    dataset = open_dataset(config.dataset, config.data)
    if dataset.remark:
        console.print(dataset.remark, markup=False, soft_wrap=True)
    train_run(console, dataset, config, run, resume=resume, device=device, tensorboard=tensorboard)
    console.print(f"Try next: inkread evaluate {quote(str(run.folder))}", markup=False, soft_wrap=True)


def fine_tune(
    console: Console, config: TrainConfig, run: Run, *, resume: bool, device: str | None, tensorboard: bool
) -> None:
    """Train a network further on the user's glyphs, and tell what it reads better and what it forgot."""
    from inkread.interfaces.fine_tuning import compare, open_start, own_glyphs, table
    from inkread.training.fine_tuning import begin, mixed

    assert config.start is not None and config.seed is not None  # it is filled
    start = open_start(config.start)
    own = own_glyphs(config, start.checkpoint)
    told = f"Yours: {own.remark}. Beside them, so that it does not forget: {start.before.name}"
    console.print(f"{told} ({start.before.remark})" if start.before.remark else told, markup=False, soft_wrap=True)
    dataset = mixed(own, start.before, start.network, config.seed)
    if not resume:
        begin(start.network, dataset, config, run)
    finished = train_run(console, dataset, config, run, resume=True, device=device, tensorboard=tensorboard)
    console.print(table(compare(start, own, finished)))
    read = f"Try next: inkread read note.png --model {quote(str(run.folder))}"
    console.print(read, markup=False, soft_wrap=True)


def choose_run(config: TrainConfig, out: Path | None, resume: bool) -> tuple[Run, TrainConfig]:
    """The folder to train in, and the configuration: a resumed run keeps its own where no flag speaks against it."""
    from inkread.run_folder import Run, newest, reserved
    from inkread.training.state import load_state

    filled = config.filled()
    if not resume:
        run = Run(out) if out else reserved(RUNS, filled.stem)
        if run.taken:
            goes_on = "add --resume to go on with it, or " if run.exists else ""
            raise BadOption(f"{run.folder} already holds a run; {goes_on}name another --out")
        return run, filled
    run = Run(out) if out else newest(RUNS, filled.stem)
    return run, agreed(config, load_state(run).config)


def agreed(flags: TrainConfig, saved: TrainConfig) -> TrainConfig:
    """The saved configuration, unless a flag that was given asks for something else."""
    left_out = TrainConfig().to_dict()
    given = {key: asked for key, asked in flags.to_dict().items() if asked != left_out[key]}
    if against := [f"{key} was {kept}, not {asked}" for key, kept, asked in differing(saved.to_dict(), given)]:
        raise BadOption(f"this run was started otherwise ({'; '.join(against)}); resume it without these options")
    return replace(saved, teacher=flags.teacher or saved.teacher)


def train_run(
    console: Console,
    dataset: Dataset,
    config: TrainConfig,
    run: Run,
    *,
    resume: bool = False,
    device: str | None = None,
    tensorboard: bool = False,
) -> Finished:
    """Train with a live display, then write the learning curve and the verified ONNX file; give the finished run."""
    import torch

    from inkread.interfaces.training_display import TrainingDisplay, describe, write_curve
    from inkread.training.loop import Finished
    from inkread.training.loop import train as training

    config = config.filled()
    glyphs = f"{len(dataset.train):,} glyphs of {len(dataset.alphabet)} characters, {len(dataset.val):,} to validate"
    console.print(f"Training {config.arch} on {dataset.name}: {glyphs}", markup=False, soft_wrap=True)
    finished = None
    try:
        with TrainingDisplay(console, run, tensorboard) as display:
            for event in training(dataset, config, run, resume=resume, device=device):
                if isinstance(event, Finished):
                    finished = event
                else:
                    display.show(event)
        assert finished is not None
        write_curve(run, finished.history)
        export_finished(finished, dataset)
    except KeyboardInterrupt as stop:
        raise TrainingInterrupted(
            f"stopped; every finished epoch is kept. Go on with: inkread train --resume --out {quote(str(run.folder))}"
        ) from stop
    except torch.OutOfMemoryError as error:
        raise BadOption(
            f"the memory of the device is too small for --batch-size {config.batch_size}; name a smaller one, or train "
            "with --device cpu"
        ) from error
    console.print(describe(finished), markup=False, soft_wrap=True)
    return finished


def export_finished(finished: Finished, dataset: Dataset) -> None:
    """Write the run's ONNX file, verified against the network that is on disk."""
    from inkread.interfaces.export import check_glyphs, export
    from inkread.models import load

    network, checkpoint = load(finished.run.model)
    export(network, checkpoint, finished.run.onnx, check_glyphs(dataset))
