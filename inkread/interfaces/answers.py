"""The readings of each picture -> what was asked for: printed, or as files, and drawn over the picture."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkread.errors import BadOption
from inkread.files import write_whole
from inkread.interfaces.markup import printable
from inkread.interfaces.output_places import PictureFiles, in_folder, overlay_files
from inkread.interfaces.picture_list import NamedPicture
from inkread.interfaces.reading_formats import FORMATS, Format, FormatName, form_of
from inkread.results import Reading


@dataclass(frozen=True)
class Wanted:
    """What is to be made of the pictures: the flags of ``inkread read`` that speak of its answers; ``lists`` are the
    files that it reads beside the pictures, ``ranked`` says whether other texts of each line are asked for.
    """

    format: FormatName
    output: Path | None
    overlay: Path | None
    unsure_below: float | None
    lists: tuple[Path, ...] = ()
    ranked: bool = False


@dataclass(frozen=True)
class Answers:
    """Where the answer about each of ``pictures`` goes: its file, or the output; and its overlay, if one is wanted."""

    pictures: list[NamedPicture]
    form: Format
    files: PictureFiles | None
    overlays: PictureFiles | None
    unsure_below: float | None

    def show(self, index: int, readings: Sequence[Reading]) -> None:
        """Print what was read in the picture at ``index``, unless there are files; say what no answer holds."""
        picture = self.pictures[index]
        if not self.files:
            if len(self.pictures) > 1 and self.form.is_text:
                print(f"== {printable(picture.name)}")
            print(self.form.printed(picture.name, readings), end="")
        tell_remarks(picture, readings, failures_only=self.form is FORMATS["json"])  # it has remarks of its own

    def write(self, index: int, readings: Sequence[Reading]) -> bool:
        """Write the files about the picture at ``index`` that are wanted; True. Raises OSError where one cannot be."""
        picture = self.pictures[index]
        if self.files:
            write_whole(self.files.files[index], self.form.filed(picture.name, readings).encode("utf-8"))
        if self.overlays:
            self._draw(picture, self.overlays.pages(index, len(readings)), readings)
        return True

    def _draw(self, picture: NamedPicture, targets: Sequence[Path], readings: Sequence[Reading]) -> None:
        from inkread.interfaces.overlay import UNSURE_BELOW, overlay_pages

        below = UNSURE_BELOW if self.unsure_below is None else self.unsure_below
        overlay_pages(picture.source, readings, targets, below)


def plan_answers(pictures: list[NamedPicture], wanted: Wanted) -> Answers:
    """Decide where every answer goes, before anything is read. Raises BadOption for what cannot be."""
    form = form_of(wanted.format, wanted.ranked)
    folder = wanted.output
    files = in_folder("--output", folder, pictures, form.suffix, wanted.lists) if folder else None
    if form.document and not files and len(pictures) > 1:
        raise BadOption(f"{wanted.format} is one document a picture; for {len(pictures)} name a folder: --output read/")
    overlays = overlay_files(wanted.overlay, pictures) if wanted.overlay else None
    return Answers(pictures, form, files, overlays, wanted.unsure_below)


def tell_of_numbered(answers: Answers) -> None:
    """Say which pictures have an answer of another name than theirs, since that one was taken."""
    for written in filter(None, (answers.files, answers.overlays)):
        for file, picture in zip(written.files, answers.pictures, strict=True):
            if file in written.places.numbered:
                tell(f"{spoken(picture)}: written to {file}, since another file has the name without the number")


def tell_remarks(picture: NamedPicture, readings: Sequence[Reading], failures_only: bool) -> None:
    """Say of each page what the reader remarks, such as that it is blank; or only where a line could not be read."""
    for number, reading in enumerate(readings, 1):
        if reading.remark and (reading.misfits or not failures_only):
            page = f", page {number}" if len(readings) > 1 else ""
            tell(f"{spoken(picture)}{page}: {reading.remark}")


def open_output(form: Format) -> None:
    """Let the standard output take every character of data, as UTF-8; of text, `cli.main` lets it."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not form.is_text:
        sys.stdout.reconfigure(encoding="utf-8")


def spoken(picture: NamedPicture) -> str:
    """What a sentence calls a picture."""
    return "standard input" if isinstance(picture.source, bytes) else picture.name


def tell(sentence: str) -> None:
    """Say one sentence on the error channel, on one line."""
    print(f"inkread: {printable(sentence)}", file=sys.stderr)
