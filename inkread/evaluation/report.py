"""What was measured -> one self-contained HTML page that tells it, one JSON record that keeps it, and both on disk.

The pages are written in ``classification_page``, ``messages_page`` and ``decoding_page``; here they meet the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inkread.errors import BadOption
from inkread.evaluation.calibration import Calibration
from inkread.evaluation.classification import ClassificationReport
from inkread.evaluation.classification_page import classification_html
from inkread.evaluation.decoding_effect import DecodingReport
from inkread.evaluation.decoding_page import decoding_html
from inkread.evaluation.eye_alone import EyeAlone
from inkread.evaluation.messages import MessagesReport
from inkread.evaluation.messages_page import messages_html
from inkread.evaluation.plots import FORMATS, file
from inkread.evaluation.subject import Size, Speed, Subject
from inkread.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Size",
    "Speed",
    "Subject",
    "classification_html",
    "classification_record",
    "decoding_html",
    "decoding_record",
    "messages_html",
    "messages_record",
    "write",
    "write_figures",
]


def classification_record(
    report: ClassificationReport,
    subject: Subject,
    calibration: Calibration | None = None,
    figures: Sequence[str] = (),
) -> dict[str, object]:
    """All that the page on characters tells, every mistake, and which files hold its drawings, ready for ``write``."""
    measured = calibration.to_dict() if calibration else None
    told = {"subject": subject.to_dict(), "classification": report.to_dict(), "calibration": measured}
    return {**told, "figures": list(figures)}


def messages_record(report: MessagesReport, subject: Subject, eye: EyeAlone | None = None) -> dict[str, object]:
    """All that the page on messages tells, ready for ``write``; ``eye`` is about noise and confidence."""
    told: dict[str, object] = {"subject": subject.to_dict(), "messages": report.to_dict()}
    return {**told, "eye": eye.to_dict()} if eye else told


def decoding_record(report: DecodingReport, subject: Subject) -> dict[str, object]:
    """All that the page on decoded messages tells, ready for ``write``; ``messages`` is what the eye alone read."""
    told = report.to_dict()
    return {"subject": subject.to_dict(), "messages": told.pop("before"), "decoding": told}


def write(path: str | os.PathLike[str], content: str | bytes | Mapping[str, object]) -> Path:
    """Put a page (text), a drawing (bytes) or a record (written as JSON) on disk, whole or not at all; gives the path.

    Folders on the way are made. Raises BadOption where the disk refuses.
    """
    target = Path(path)
    if isinstance(content, Mapping):
        content = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    try:
        write_whole(target, content.encode(errors="backslashreplace") if isinstance(content, str) else content)
    except OSError as error:
        raise BadOption(f"cannot write {target}: {error.strerror or error}; choose another folder") from error
    return target


def write_figures(folder: Path, figures: Mapping[str, Figure]) -> list[Path]:
    """Each drawing as NAME.svg and NAME.png in a folder; gives the paths. Raises BadOption as ``write`` does."""
    return [
        write(folder / f"{name}.{kind}", file(figure, kind)) for name, figure in figures.items() for kind in FORMATS
    ]
