"""`inkread read`: pictures -> text, JSON, hOCR, ALTO, or the picture with its reading drawn over it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, TypeVar

from cyclopts import Parameter

from inkread.errors import BadOption, InkreadError
from inkread.interfaces.answers import Answers, Wanted, open_output, plan_answers, spoken, tell, tell_of_numbered
from inkread.interfaces.language_flags import AS_STORED, LanguageFlags, changed, refuse_beside, refuse_unheard
from inkread.interfaces.many_pictures import in_order, progress
from inkread.interfaces.missing import is_missing, no_such_picture, refuse_missing_run
from inkread.interfaces.output_places import key
from inkread.interfaces.picture_list import STANDARD_INPUT, NamedPicture, PictureList, list_pictures
from inkread.interfaces.reading_formats import FormatName, chosen_format
from inkread.interfaces.reading_lists import allowed_texts

if TYPE_CHECKING:
    from inkread.reader import Reader
    from inkread.results import Reading

DEFAULT_MODEL = "auto"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Flags:
    """How what the eye saw becomes text. What is left out is as it was chosen for the model."""

    said: Annotated[LanguageFlags, Parameter(name="*")] = AS_STORED

    pattern: str | None = None
    """Each line must match this regular expression; the likeliest text that does is the answer."""

    allowed: Path | None = None
    """Each line must be one of the lines of this text file; the likeliest one is the answer."""

    min_confidence: float | None = None
    """A character less probable than this (0..1) is written as a ?."""

    n_best: int | None = None
    """Tell the best N texts of each line: in text the others below it with their probabilities, in JSON as its
    alternatives (5 where nothing is said)."""

    def refuse_unheard(self) -> None:
        """Raise BadOption for a flag that another one leaves nothing to say."""
        self.said.refuse_without_weight({})
        constraint = "--pattern" if self.pattern is not None else "--allowed" if self.allowed else None
        if constraint:
            why = "the text that fits is searched exactly, by what the eye saw"
            refuse_beside(self.said.given, constraint, why)

    @property
    def lists(self) -> tuple[Path, ...]:
        """The files that are read beside the pictures."""
        return tuple(file for file in (self.said.language, self.said.words, self.allowed) if file is not None)


def read(
    *pictures: Path,
    model: str = DEFAULT_MODEL,
    format: FormatName | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    stdin: Annotated[bool, Parameter(name=STANDARD_INPUT)] = False,
    output: Path | None = None,
    overlay: Path | None = None,
    lattice: Path | None = None,
    recursive: bool = False,
    decoding: Annotated[Flags | None, Parameter(name="*")] = None,
) -> int:
    """Read pictures of hand-printed text.

    Parameters
    ----------
    pictures
        Picture files (PNG, JPEG, TIFF, WebP, BMP, GIF or PDF), or folders of them.
    stdin
        Read a picture from standard input, before the files.
    model
        auto, characters, letters, digits, an .onnx file or a run's folder.
    format
        text (the default), json, hocr or alto.
    as_json
        Short for --format json: lines, words, characters, boxes, alternatives and confidences, one object a page.
    output
        Write one file a picture to this folder instead of printing: note.txt, note.json, note.hocr or note.xml.
    overlay
        Write the picture with boxes and reading drawn over it to this file; for several pictures, to this folder.
    lattice
        Draw what each of the first six lines may say, by the eye and by language, to this file: .svg or .png.
    recursive
        Open the folders in a folder, too.
    """
    from inkread.loading import SHIPPED, load

    if not pictures and not stdin:
        raise BadOption("name at least one picture: inkread read note.jpg")
    refuse_missing_run(model, SHIPPED, " ".join(("inkread read", *map(quote, map(str, pictures)), "--model")))
    flags = decoding or Flags()
    form = chosen_format(format, as_json)
    wanted = Wanted(form, output, overlay, flags.min_confidence, flags.lists, flags.n_best is not None)
    listed = list_pictures(pictures, recursive, stdin)
    answers = plan_answers(listed.pictures, wanted)
    if lattice:
        check_lattice(lattice, listed.pictures)
    reader = decoding_with(load(model), flags)
    for sentence in (*listed.failures, *listed.remarks):
        tell(sentence)
    tell_of_numbered(answers)
    open_output(answers.form)
    code = read_all(reader, listed, answers)
    if lattice and not code:
        draw_lattice(reader, listed.pictures[0], lattice)
    return code


def read_all(reader: Reader, listed: PictureList, answers: Answers) -> int:
    """Read what is listed, answer each in order, and return the exit code: one bad file never stops the rest."""
    failed = bool(listed.failures)
    with progress(len(listed.pictures), printing=answers.files is None) as advance, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of odd files: threads would undo each other's filters
        for index, (picture, work) in enumerate(in_order(partial(read_pages, reader), listed.pictures)):
            readings = attempt(picture, work)
            if readings is not None:
                answers.show(index, readings)  # what fails here is the output, which no other picture would mend
            failed |= readings is None or any(page.misfits for page in readings)
            failed |= readings is None or not attempt(picture, partial(answers.write, index, readings))
            advance()
    return 1 if failed else 0


def check_lattice(target: Path, pictures: list[NamedPicture]) -> None:
    """Refuse a file of another kind and several pictures before anything is read. Raises BadOption."""
    if target.suffix.lower() not in (".svg", ".png"):
        raise BadOption(f"--lattice is {target}; expected a name that ends in .svg or .png")
    if len(pictures) != 1:
        raise BadOption(f"--lattice takes one picture; got {len(pictures)}")
    source = pictures[0].source
    if isinstance(source, Path) and key(source) == key(target):
        raise BadOption(f"--lattice is {target}, the picture itself; expected another name")


def draw_lattice(reader: Reader, picture: NamedPicture, target: Path) -> None:
    """Write what the lines of a picture's first page may say."""
    from inkread.evaluation import plots, report
    from inkread.evaluation.lattice_plot import lattice_figure

    lattices = reader.lattices(picture.source)
    if lattices:
        report.write(target, plots.file(lattice_figure(lattices), "svg" if target.suffix.lower() == ".svg" else "png"))
    else:
        tell(f"{spoken(picture)}: there is no line whose lattice could be drawn")


def attempt(picture: NamedPicture, step: Callable[[], Result]) -> Result | None:
    """What a step of work on a picture gives; None after saying why it failed."""
    from cv2 import error as OpenCVError

    try:
        return step()
    except (InkreadError, OSError, MemoryError, OpenCVError) as error:
        tell(failure(picture, error))
        return None


def read_pages(reader: Reader, picture: NamedPicture) -> list[Reading]:
    """What stands on each page of a picture."""
    return list(reader.read_pages(picture.source))


def failure(picture: NamedPicture, error: Exception) -> str:
    """What went wrong with a picture, in one sentence that names it."""
    if isinstance(picture.source, Path) and is_missing(picture.source):
        return no_such_picture(picture.source)
    if isinstance(error, MemoryError) or "Insufficient memory" in str(error):  # OpenCV has an error of its own
        return f"{spoken(picture)}: there is not enough memory to read it"
    sentence = str(error)
    if isinstance(error, OSError) and error.strerror:
        sentence = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return sentence if spoken(picture) in sentence else f"{spoken(picture)}: {sentence}"


def has_language(reader: Reader) -> bool:
    """Whether a language ships for what a reader reads; lines are searched with both cases of a letter as one."""
    from inkread.decoding import shipped_language

    lines = reader.line_recogniser is not None
    return shipped_language(reader.alphabet.folded() if lines else reader.alphabet) is not None


def decoding_with(reader: Reader, flags: Flags) -> Reader:
    """The reader with what the flags ask for."""
    from inkread.decoding import allowed, both, load_language, pattern

    if flags == Flags():
        return reader
    flags.refuse_unheard()
    said = flags.said
    must = [pattern(flags.pattern)] if flags.pattern is not None else []
    may = [allowed(allowed_texts(flags.allowed, reader.alphabet))] if flags.allowed else []
    language = load_language(said.language) if said.language else None
    if language is None and not has_language(reader):
        refuse_unheard({**said.spoken, "--language-weight": said.language_weight}, reader.alphabet)
    known = language.alphabet if language is not None else reader.alphabet
    if 0 < sum(character in known for character in reader.alphabet) < len(reader.alphabet):
        tell(f"{said.language} knows only {known.characters}: whatever else is written is read as one of these")
    changes: dict[str, object] = {
        **said.changes(known),
        "min_confidence": flags.min_confidence,
        "constraint": both(*must, *may) if must and may else (must or may or [None])[0],
        "n_best": flags.n_best,
    }
    return reader.with_options(changed(reader.options, changes), language)
