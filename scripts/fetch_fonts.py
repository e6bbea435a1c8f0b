"""Fetch the open handwriting fonts that inkread's letters learn from, and, if asked, write the letters with them.

    python scripts/fetch_fonts.py fonts/                              # 26 families, 1 MB kept of one npm install
    python scripts/fetch_fonts.py fonts/ --render letters.npz         # and 39,000 glyphs, in about five minutes
    python scripts/fetch_fonts.py hands/ --list scripts/line_fonts.json     # 118 families for lines of notes

The families, their pinned versions and their licences are in `fonts.json` beside this file, or in another list, which
is copied into the folder as `fonts.json` for `inkread.data.fonts.read_folder`. In `line_fonts.json`, ``capitals`` marks
a family whose small letters are drawn as capitals, and ``omit`` may name digits and signs too. A licence other than the
listed one, or a package without its licence, stops everything. Needs npm. The archive holds ``images`` uint8 (N, 28,
28), ``labels`` '<U1' (the case kept) and ``split``, 'train' or 'val'; no family of fonts is in both parts.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from string import ascii_letters
from typing import Final, TypedDict

import numpy as np

from inkread.data.fonts import MANIFEST, FontFile, read_folder, render
from inkread.data.splits import Split
from inkread.errors import BadData, DownloadFailed, InkreadError
from inkread.files import write_whole

LISTED: Final = Path(__file__).with_name("fonts.json")
OPEN_LICENCES: Final = ("OFL-1.1", "Apache-2.0", "UFL-1.0")
WEIGHTS: Final = (300, 400, 700)  # of each family, where it has them
NPM_MINUTES: Final = 10  # after which an install that still runs is given up

RARE: Final = "jqxyz"  # small letters that the open collections of handwriting hardly hold
TRAIN_EACH: Final = 600
RARE_EACH: Final = 1500
VALIDATE_EACH: Final = 60
SEED: Final = 2017


class Family(TypedDict):
    """One entry of a list, less its optional ``omit`` and ``capitals``."""

    family: str
    version: str
    licence: str
    split: str


def fetch(out: Path, listing: Path = LISTED) -> int:
    """Put the listed fonts, their licences and the list into a folder; the number of font files.

    Raises DownloadFailed when npm cannot, BadData when a package is not what the list says; nothing is written then.
    """
    listed = json.loads(listing.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        packages = _installed(listed["families"], listed["package"], Path(scratch))
        chosen = [_chosen(entry, package) for entry, package in zip(listed["families"], packages, strict=True)]
        out.mkdir(parents=True, exist_ok=True)
        for entry, package, files in zip(listed["families"], packages, chosen, strict=True):
            shutil.copyfile(package / "LICENSE", out / f"{entry['family']}-LICENSE")
            for weight, file in files.items():
                shutil.copyfile(file, out / f"{entry['family']}-{weight}.woff2")
        shutil.copyfile(listing, out / MANIFEST)
    return sum(len(files) for files in chosen)


def _installed(families: Sequence[Family], package: str, scratch: Path) -> list[Path]:
    """Each family's package, unpacked by one run of npm; none of their scripts is run."""
    npm = shutil.which("npm")
    if npm is None:
        raise DownloadFailed("npm is not on this machine; the fonts are npm packages: install Node.js, then try again")
    (scratch / "package.json").write_text('{"private": true}', encoding="utf-8")
    names = [package.format(family=entry["family"]) for entry in families]
    wanted = [f"{name}@{entry['version']}" for name, entry in zip(names, families, strict=True)]
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *wanted]
    try:
        done = subprocess.run(
            command, cwd=scratch, capture_output=True, text=True, timeout=60 * NPM_MINUTES, check=False
        )
    except subprocess.TimeoutExpired:
        raise DownloadFailed(f"npm did not finish within {NPM_MINUTES} minutes; try again later") from None
    if done.returncode:
        raise DownloadFailed(f"npm could not install the fonts (exit status {done.returncode}):\n{done.stderr.strip()}")
    return [scratch / "node_modules" / name for name in names]


def _chosen(entry: Family, package: Path) -> dict[int, Path]:
    """The files of one family by weight, once its version and licence are as listed."""
    found = json.loads((package / "package.json").read_text(encoding="utf-8"))
    for key, told in (("version", entry["version"]), ("license", entry["licence"])):
        if found.get(key) != told:
            raise BadData(f"{entry['family']} has {key} {found.get(key)!r}; the list says {told!r}: look at it anew")
    if entry["licence"] not in OPEN_LICENCES or not (package / "LICENSE").is_file():
        raise BadData(f"{entry['family']} comes without an open licence; expected one of {', '.join(OPEN_LICENCES)}")
    files = {weight: package / "files" / f"{entry['family']}-latin-{weight}-normal.woff2" for weight in WEIGHTS}
    chosen = {weight: file for weight, file in files.items() if file.is_file()}
    if not chosen:
        raise BadData(f"{entry['family']} has no Latin font of weight {', '.join(map(str, WEIGHTS))}; leave it out")
    return chosen


def written(fonts: Sequence[FontFile], often: int, rare: int, seed: int) -> Split:
    """Every letter in both cases so often, the rare small ones as often as ``rare`` says."""
    rng = np.random.default_rng(seed)
    usual = render(fonts, "".join(c for c in ascii_letters if c not in RARE), often, rng)
    return joined(usual, render(fonts, RARE, rare, rng))


def joined(one: Split, other: Split) -> Split:
    """Two splits of which both know what was written."""
    assert one.written is not None and other.written is not None
    return Split(
        np.concatenate([one.images, other.images]),
        np.concatenate([one.labels, other.labels]),
        np.concatenate([one.written, other.written]),
    )


def save(train: Split, val: Split, path: Path) -> None:
    """Both parts in one archive, which appears under its name when it is whole."""
    both = joined(train, val)
    assert both.written is not None
    split = np.repeat(["train", "val"], [len(train), len(val)])
    content = io.BytesIO()
    np.savez_compressed(content, images=both.images, labels=both.written, split=split)
    write_whole(path, content.getvalue())


def main() -> int:
    """Run it; 0 when all went well, else 1 with one sentence."""
    parser = argparse.ArgumentParser(description="Fetch open handwriting fonts, and write letters with them.")
    parser.add_argument("out", type=Path, help="folder for the fonts")
    parser.add_argument("--list", type=Path, default=LISTED, metavar="JSON", help="of families (default: fonts.json)")
    parser.add_argument("--render", type=Path, metavar="NPZ", help="also write the letters to this archive")
    parser.add_argument("--seed", type=int, default=SEED, help="of the writing (default: %(default)s)")
    options = parser.parse_args()
    try:
        print(f"{fetch(options.out, options.list)} fonts in {options.out}")
        if options.render:
            train_fonts, val_fonts = read_folder(options.out)
            train = written(train_fonts, TRAIN_EACH, RARE_EACH, options.seed)
            val = written(val_fonts, VALIDATE_EACH, VALIDATE_EACH, options.seed + 1)
            save(train, val, options.render)
            print(f"{len(train):,} glyphs to train with and {len(val):,} to validate with in {options.render}")
    except (InkreadError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
