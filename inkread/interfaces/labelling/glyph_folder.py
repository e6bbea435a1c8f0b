"""A folder with a folder a character -> its glyphs, which may be moved to another character, set aside, and back again.

Nothing is ever deleted or overwritten. Each move is written down before it is made, so that it can be undone, also by
the next start. Only files that were listed can be moved or opened, whatever a request names.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from inkread.data.folders import DOUBTFUL, PARTS, REJECTED, character_of, folder_name
from inkread.errors import BadData, BadOption
from inkread.nearest import SUFFIXES

JOURNAL: Final = ".label-journal.jsonl"
ASIDE: Final = (DOUBTFUL, REJECTED)


@dataclass(frozen=True)
class Glyph:
    """One picture of a folder.

    Attributes:
        name: its path within the folder, with forward slashes.
        character: what it counts as, or would count as where it is set aside.
        aside: the folder it is set aside in, 'doubtful' or 'rejected'; None where it counts.
    """

    name: str
    character: str
    aside: str | None


class GlyphFolder:
    """The glyphs of a folder and the moves that were made. Raises BadData for a folder of another layout."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise BadData(
                f"{folder} is no folder; expected one with a folder a character, as inkread collect writes it"
            )
        self.folder = folder
        self._glyphs = {glyph.name: glyph for glyph in _listed(folder)}
        if not self._glyphs:
            raise BadData(
                f"{folder} holds no glyphs; expected a folder a character with pictures inside: A/1.png, b/2.png"
            )
        self._journal = _read(folder / JOURNAL)

    @property
    def glyphs(self) -> list[Glyph]:
        """All of them, by name."""
        return [self._glyphs[name] for name in sorted(self._glyphs)]

    def path(self, name: str) -> Path:
        """Where a listed glyph lies. Raises BadOption for any other name."""
        if name not in self._glyphs:
            raise BadOption(f"there is no glyph {name!r} in this folder; load the page again")
        return self.folder / name

    def relabel(self, name: str, character: str) -> Glyph:
        """Let a glyph count as a character; raises BadOption for what is no single character that can be seen."""
        if len(character) != 1 or not character.isprintable() or character.isspace():
            raise BadOption(f"{character!r} is no character to write; expected one, such as A or ?")
        self.path(name)
        part = _part(name)
        home = self.folder / part / self._home(part, character)
        return self._move(name, (home / PurePosixPath(name).name).relative_to(self.folder).as_posix())

    def reject(self, name: str) -> Glyph:
        """Set a glyph aside that is no character."""
        self.path(name)
        kept = name.removeprefix(f"{DOUBTFUL}/")
        return self._glyphs[name] if name.startswith(f"{REJECTED}/") else self._move(name, f"{REJECTED}/{kept}")

    def undo(self) -> tuple[str, Glyph] | None:
        """Take the last move back: the name it had until now, and the glyph; None where there is nothing to undo."""
        while self._journal:
            came, went = self._journal[-1]
            if went in self._glyphs and not (self.folder / came).exists():
                return went, self._moved(went, came, undoing=True)
            self._write(went, came, undoing=True)  # somebody else has moved it since
        return None

    def _home(self, part: str, character: str) -> str:
        """The folder of a character: the one that is there, whatever its spelling, or a new one."""
        place = self.folder / part
        there = sorted(sub.name for sub in place.iterdir() if sub.is_dir() and character_of(sub.name) == character)
        return there[0] if there else folder_name(character)

    def _move(self, name: str, target: str) -> Glyph:
        if target == name:
            return self._glyphs[name]
        wanted, number = PurePosixPath(target), 1
        while (self.folder / target).exists():
            number += 1
            target = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}").as_posix()
        return self._moved(name, target)

    def _moved(self, name: str, target: str, undoing: bool = False) -> Glyph:
        if not (self.folder / name).exists():
            raise BadOption(f"{name} is no longer in the folder; load the page again")
        try:
            self._write(name, target, undoing)
            (self.folder / target).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).rename(self.folder / target)
        except OSError as error:
            raise BadOption(f"{name} cannot be moved to {target}: {error.strerror}; nothing was changed") from error
        del self._glyphs[name]
        moved = _glyph(PurePosixPath(target))
        assert moved is not None  # it was made so
        self._glyphs[target] = moved
        return moved

    def _write(self, came: str, went: str, undoing: bool = False) -> None:
        """Write a move down, on the disk before it is made."""
        line = json.dumps({"from": came, "to": went, "undoes": undoing}, ensure_ascii=False)
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        if undoing:
            self._journal.pop()
        else:
            self._journal.append((came, went))


def _read(journal: Path) -> list[tuple[str, str]]:
    """The moves that were not undone, the last one last; a line that was cut off by a crash does not count."""
    moves: list[tuple[str, str]] = []
    if not journal.exists():
        return moves
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
            move = (str(entry["from"]), str(entry["to"]))
        except (ValueError, KeyError, TypeError):
            continue
        if entry.get("undoes"):
            moves = moves[:-1]
        else:
            moves.append(move)
    return moves


def _listed(folder: Path) -> list[Glyph]:
    """Every picture in a folder of a character.

    Passed over are links, which could lead anywhere, and names that are no Unicode, which no page can ask for.
    """
    found = []
    for place, inner, names in os.walk(folder, followlinks=False):
        inner[:] = sorted(name for name in inner if _is_open(place, name))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES and _is_open(place, name):
                found.append(_glyph(PurePosixPath(path.relative_to(folder).as_posix())))
    return [glyph for glyph in found if glyph is not None]


def _is_open(place: str, name: str) -> bool:
    """Whether a file or folder is looked at."""
    told = name.encode(errors="replace").decode() == name
    return told and not name.startswith(".") and not Path(place, name).is_symlink()


def _glyph(name: PurePosixPath) -> Glyph | None:
    """What a path within the folder means; None for what lies in no character's folder."""
    folders = list(name.parts[:-1])
    aside = folders.pop(0) if folders and folders[0] in ASIDE else None
    if folders and folders[0].lower() in PARTS and len(folders) > 1:
        folders.pop(0)
    character = character_of(folders[0]) if folders else None
    return None if character is None else Glyph(name.as_posix(), character, aside)


def _part(name: str) -> str:
    """'train', 'val' or 'test', as a glyph's folders call it; '' where there are no parts."""
    folders = [part for part in PurePosixPath(name).parts[:-1] if part not in ASIDE]
    return folders[0] if len(folders) > 1 and folders[0].lower() in PARTS else ""
