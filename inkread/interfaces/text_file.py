"""A text file that a user names -> its lines, or one sentence about what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from inkread.errors import BadData


def read_lines(path: Path, purpose: str) -> list[str]:
    """The lines of a UTF-8 file that are not empty; ``purpose`` says what each should be. Raises BadData."""
    return [line for _, line in numbered_lines(path, purpose)]


def numbered_lines(path: Path, purpose: str) -> list[tuple[int, str]]:
    """The lines of ``read_lines``, each with its number in the file, from 1."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise BadData(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadData(f"{path} is not UTF-8 text (byte {error.start}); expected {purpose} a line") from error
    found = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise BadData(f"{path} has no text; expected {purpose} a line")
    return found
