"""Reports of a training run -> a live line on the terminal, a learning curve, TensorBoard events."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from inkread.errors import MissingDependency
from inkread.files import write_whole

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

    from inkread.run_folder import Row, Run
    from inkread.training.loop import Finished
    from inkread.training.loop import Progress as Report


class TrainingDisplay:
    """A live line: epoch, bar, loss, validation accuracy, images a second, time left. A context manager.

    Where the output is a file and not a terminal, one line an epoch is printed instead.
    """

    def __init__(self, console: Console, run: Run, tensorboard: bool) -> None:
        self._console = console
        self._writer = open_tensorboard(run) if tensorboard else None
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"), BarColumn(bar_width=24), TaskProgressColumn(),
            TextColumn("{task.fields[figures]}"), console=console,
        )  # fmt: skip
        self._task = self._bar.add_task("training", total=None, epoch=1, figures="")

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()
        if self._writer:
            self._writer.close()

    def show(self, report: Report) -> None:
        """Show one report of `training.loop.train`."""
        self._bar.update(
            self._task, completed=report.step, total=report.steps, epoch=report.epoch, figures=figures(report)
        )
        if report.epoch_ends:
            if not self._console.is_terminal:
                self._console.print(
                    f"epoch {report.epoch:>3}  {report.step / report.steps:>4.0%}  {figures(report)}", markup=False
                )
            if self._writer:
                write_events(self._writer, report)


def figures(report: Report) -> str:
    """The measured part of the live line."""
    accuracy = f"{report.val_accuracy:.2%}" if report.val_accuracy is not None else "–"
    return (
        f"loss {report.loss:.4f}  validation {accuracy}  {report.images_per_second:,.0f} images/s  "
        f"{clock(report.seconds_left)} left"
    )


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, 0:07; hours where there are any, 1:00:07."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def open_tensorboard(run: Run) -> SummaryWriter:
    """A writer of TensorBoard events in the run's folder."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingDependency("tensorboard", "tensorboard", "--tensorboard") from error
    return SummaryWriter(str(run.folder / "tensorboard"))


def write_events(writer: SummaryWriter, report: Report) -> None:
    """One epoch's figures."""
    writer.add_scalar("train/loss", report.loss, report.epoch)
    writer.add_scalar("train/images_per_second", report.images_per_second, report.epoch)
    if report.val_accuracy is not None:
        writer.add_scalar("val/accuracy", report.val_accuracy, report.epoch)


def write_curve(run: Run, history: list[Row]) -> None:
    """Draw loss and validation error over epochs as an SVG file."""
    from inkread.evaluation.plots import file, learning_curve

    write_whole(run.curve, file(learning_curve(history), "svg"))


def describe(finished: Finished) -> str:
    """What was reached and what was written."""
    last = finished.history[-1]
    seconds = sum(row["seconds"] for row in finished.history)
    run = finished.run
    return (
        f"Trained {finished.checkpoint.arch} in {seconds:.1f} s: {last['val_accuracy']:.2%} of validation right, "
        f"temperature {finished.checkpoint.temperature:.2f}\n"
        f"Wrote {run.model} · {run.onnx.name} · {run.record.name} · {run.log.name} · {run.curve.name}"
    )
