"""The command line as it is -> docs/reference/commands.md; with --check, fail where that is stale.

python scripts/command_reference.py            # write it anew
python scripts/command_reference.py --check    # exit 1 if it is stale
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from inkread.interfaces.cli import CHAPTERS, app

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "commands.md"
HEAD: Final = """\
# Commands

Every verb and every flag, written by `scripts/command_reference.py` from the command line itself. `inkread VERB --help`
shows the same. Exit codes are in [conventions](../conventions.md#errors-and-exit-codes).

"""


def reference() -> str:
    """The page: what cyclopts tells of every verb, below a head of our own instead of its title and contents."""
    told = app.generate_docs(max_heading_level=3)
    return HEAD + told[told.index(f"**{next(iter(CHAPTERS))}**") :].rstrip() + "\n"


def main() -> None:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        PAGE.write_text(reference(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != reference():
        sys.exit(f"stale: {PAGE}; write it anew with: make docs")


if __name__ == "__main__":
    main()
