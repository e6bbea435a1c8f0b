"""The name of weights, an .onnx file or a run -> a Reader, or a network of single glyphs. `reader` does the reading."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inkread.alphabet import CHARACTERS, DIGITS, LETTERS
from inkread.decoding import DecodingOptions, LanguageModel, stored_options
from inkread.errors import BadCheckpoint
from inkread.reader import Reader
from inkread.run_folder import EXPORTED, Run

if TYPE_CHECKING:
    from inkread import recognition

SHIPPED = ("auto", "characters", "letters", "digits")  # weights inside the package
ALPHABETS = {"characters": CHARACTERS, "letters": LETTERS, "digits": DIGITS}


def load(
    name_or_path: str | os.PathLike[str] = "auto",
    options: DecodingOptions | None = None,
    language: LanguageModel | None = None,
) -> Reader:
    """A reader with the weights that ship, or with your own.

    Args:
        name_or_path: ``"auto"``, which finds out what stands there; ``"characters"`` (letters in both cases, digits,
            punctuation), ``"letters"`` (A to Z, both cases one) or ``"digits"``, when you know; an .onnx file that
            inkread wrote, a run's folder, or a checkpoint with model.onnx beside it.
        options: how much language may say; those that were chosen for the weights when left out.
        language: a model of the language; the one that ships for the alphabet, if there is one, when left out.

    Raises:
        BadCheckpoint: no such weights, or weights that are not exported yet. BadOption: options or a language of
            another type, such as the path of a language.
    """
    from inkread import recognition  # ONNX Runtime: 0.1 s that those who never read need not wait

    name = str(name_or_path)
    if not isinstance(name_or_path, str | os.PathLike):
        expected = f"one of {', '.join(SHIPPED)}, an .onnx file or a run's folder"
        raise BadCheckpoint(f"the weights are {type(name_or_path).__name__} {name!r:.40}; expected {expected}")
    if name not in SHIPPED:
        own = recognition.Recogniser(model_file(Path(name_or_path), SHIPPED))
        return Reader(own, options or stored_options(own.details), language)
    lines = recognition.shipped_lines()
    glyphs = recognition.shipped(name) if name in recognition.SHIPPED else None
    return Reader(
        glyphs,
        options or stored_options(lines.details),
        language,
        line_recogniser=lines,
        alphabets=(CHARACTERS, LETTERS, DIGITS) if name == "auto" else (ALPHABETS[name],),
        name=name,
    )


def load_recogniser(name_or_path: str | os.PathLike[str]) -> recognition.Recogniser:
    """A network for single glyphs: ``"digits"``, ``"letters"``, or your own as in ``load``; raises BadCheckpoint."""
    from inkread import recognition

    name = str(name_or_path)
    if name in recognition.SHIPPED:
        return recognition.shipped(name)
    if name in SHIPPED:
        raise BadCheckpoint(
            f"{name!r} reads lines, not single glyphs; expected one of {', '.join(recognition.SHIPPED)}, an .onnx file "
            "or a run's folder"
        )
    return recognition.Recogniser(model_file(Path(name_or_path), recognition.SHIPPED))


def model_file(path: Path, shipped: Sequence[str]) -> Path:
    """The .onnx file that a path means."""
    if path.suffix == ".onnx" and path.is_file():
        return path
    if not path.exists():
        raise BadCheckpoint(
            f"{path} does not exist; expected one of {', '.join(shipped)}, an .onnx file or a run's folder"
        )
    run = Run.around(path)
    if run.onnx.is_file() and (path.is_dir() or path.suffix == ".safetensors"):
        return run.onnx
    if run.state.is_file() and not run.model.is_file():
        raise BadCheckpoint(
            f"{run.folder} is a training that has not ended; go on with: inkread train --resume --out {run.folder}"
        )
    if path.suffix == ".safetensors" or (path.is_dir() and any(path.glob("*.safetensors"))):
        raise BadCheckpoint(
            f"{path} has no {EXPORTED} beside its weights; make it with: inkread export {run.folder} {run.onnx}"
        )
    raise BadCheckpoint(f"{path} holds no weights; expected an .onnx file, or a run's folder with {EXPORTED} in it")
