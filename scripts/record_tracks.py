"""What `inkread bench train TRACK --split test` wrote -> records/tracks/TRACK/record.json, for every track given.

inkread bench train digits-99.0 --split test
python scripts/record_tracks.py runs/tracks/digits-99.0
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from record import commit, keep, processor

SEEDS: Final = 10  # that a record of training needs


def flaw(found: dict[str, Any]) -> str:
    """Why a result is no record; empty where it is one."""
    if found["part"] != "test":
        return f"it was measured on the part {found['part']!r}; a record is measured on the test part"
    if len(found["seeds"]) < SEEDS:
        return f"it has {len(found['seeds'])} seeds; a record has at least {SEEDS}"
    return ""


def main() -> None:
    """Read the command line and write the records."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    for folder in parser.parse_args().folders:
        found = json.loads((folder / "track.json").read_text(encoding="utf-8"))
        if why := flaw(found):
            sys.exit(f"{folder} is no record: {why}")
        told = {**found, "processor": processor(), "commit": commit()}
        print(f"wrote {keep('tracks/' + found['track'], told)}")


if __name__ == "__main__":
    main()
