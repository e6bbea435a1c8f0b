"""`inkread demo`: the whole story in a minute. It only calls the other verbs, and says what they are called."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from inkread.errors import BadOption
from inkread.interfaces.target_file import refuse_file

MESSAGE = "MEET AT NOON\nBY THE OLD BRIDGE"
MESSAGE_SEED = 7
SMALL, SMALL_EPOCHS = 20_000, 20  # glyphs; a set below that, such as the sample that ships, is seen more often


def demo(*, out: Path = Path("runs") / "demo") -> None:
    """Train digits, evaluate on the test set, read a picture of a message: the whole story in a minute.

    Parameters
    ----------
    out
        The folder for all that the demo writes; an earlier demo's files there are replaced.
    """
    from inkread.interfaces.commands import evaluate
    from inkread.interfaces.commands.train import train_run
    from inkread.interfaces.data_choice import Measured, choose, open_dataset
    from inkread.recognition import Recogniser
    from inkread.run_folder import Run
    from inkread.training.config import TrainConfig

    console = Console()
    refuse_file("--out", out)
    run, picture = Run(out / "digits-cnn"), out / "message.png"
    if run.taken and not picture.exists():
        raise BadOption(f"{run.folder} holds a run that is not of an earlier demo; name another folder with --out")
    write_message(picture)  # first of all: it marks the folder as a demo's
    dataset = open_dataset("digits", ())
    small = len(dataset.train) <= SMALL
    config = TrainConfig(epochs=SMALL_EPOCHS) if small else TrainConfig()
    often = f" --epochs {SMALL_EPOCHS}" if small else ""
    heading(console, "1  Train digits", f"inkread train digits --out {run.folder}{often}")
    if dataset.remark:
        console.print(dataset.remark, markup=False, soft_wrap=True)
    run.state.unlink(missing_ok=True)
    train_run(console, dataset, config, run)

    heading(console, "2  Evaluate on the test set", f"inkread evaluate {run.folder} --split test --report {out}")
    recogniser = Recogniser(run.onnx)
    written = evaluate.report_on(console, Measured(recogniser, dataset, choose(dataset, "test"), "test"), out)

    heading(console, "3  Read a picture of a message", f"inkread read {picture}")
    overlaid = out / "message-read.png"
    read_message(console, picture, overlaid)

    heading(console, "Files", "")
    for path in (run.model, run.onnx, run.curve, *written, picture, overlaid):
        console.print(f"  {path}", markup=False, soft_wrap=True)
    heading(console, "Try next", "")
    for line in (
        f"open {out / 'report.html'}             where it errs, with pictures of its mistakes",
        f"inkread messages {run.folder}    what its errors do to messages",
        "inkread read YOUR-OWN.jpg --overlay seen.png",
        "inkread train letters                the same for letters",
        "make notebooks                       the story, step by step",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def heading(console: Console, title: str, command: str) -> None:
    """A step's title, and the command that does the same."""
    console.print(f"\n[bold]{title}[/bold]" + (f"   [dim]{command}[/dim]" if command else ""), soft_wrap=True)


def write_message(path: Path) -> None:
    """A picture of a message, hand-drawn by inkread itself: no two letters of it are the same."""
    import io

    import numpy as np
    from PIL import Image

    from inkread.data import strokes
    from inkread.files import write_whole
    from inkread.preprocessing.compose import ComposeOptions, compose

    rng = np.random.default_rng(MESSAGE_SEED)
    glyphs = np.concatenate([strokes.letters(1, rng, letter).images for letter in MESSAGE if not letter.isspace()])
    composed = compose(glyphs, MESSAGE, rng, ComposeOptions(noise=4, paper=245, ink=40))
    content = io.BytesIO()
    Image.fromarray(composed.picture).save(content, "PNG")
    write_whole(path, content.getvalue())


def read_message(console: Console, path: Path, overlaid: Path) -> None:
    """Read the picture as `inkread read` does, and say what was seen."""
    from inkread.interfaces.overlay import overlay
    from inkread.loading import load

    reading = load().read(path)
    overlay(path, reading, overlaid)
    for label, text in (("written", MESSAGE), ("eye alone", reading.raw_text), ("decoded", reading.text)):
        console.print(f"  {label:12} {text.replace(chr(10), ' / ')}", markup=False, highlight=False)
    console.print(f"  {'confidence':12} {reading.confidence:.0%} that every letter and space is right", highlight=False)
