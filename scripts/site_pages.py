"""Pages outside docs/, and links as they are in the repository -> pages of the site, and links within it: mkdocs' hook.

The README, the changelog and the records belong to the site and stay where people look for them. Links to files that
are no pages of the site (code, licences, notebooks) become plain text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = "docs/"
# Of the repository -> of the site.
MOVED: Final = {"README.md": "about.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
RECORDS: Final = "records"
SHOWN: Final = (".md", ".svg", ".png")  # of the records
LINK: Final = re.compile(r"\[([^\[\]]+)\]\(([^()\s#:]+)(#[^()\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies outside docs/."""
    records = {path.relative_to(ROOT).as_posix() for path in (ROOT / RECORDS).rglob("*")}
    for place in sorted(records | set(MOVED)):
        page = site_path(place)
        if page is not None:
            files.append(File.generated(config, page, abs_src_path=str(ROOT / place)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead every link of a page to where its target stands in the site."""
    source = Path(page.file.abs_src_path).relative_to(ROOT).as_posix()
    return LINK.sub(lambda link: led(link, source, page.file.src_uri), markdown)


def led(link: re.Match[str], source: str, page: str) -> str:
    """One link of a repository's file that is a page of the site."""
    text, place, anchor = link[1], link[2], link[3] or ""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), place))
    if not (ROOT / target).exists():  # generated pages, or a mistake: mkdocs tells
        return link[0]
    found = site_path(target)
    if found is None:
        return text
    return f"[{text}]({posixpath.relpath(found, posixpath.dirname(page) or '.')}{anchor})"


def site_path(place: str) -> str | None:
    """Where a file of the repository stands in the site; None if it is no page of it."""
    if place in MOVED:
        return MOVED[place]
    if place.startswith(DOCS) or place == DOCS.rstrip("/"):
        return posixpath.join(place, "README.md").removeprefix(DOCS) if (ROOT / place).is_dir() else place[len(DOCS) :]
    return place if place.endswith(SHOWN) and place.startswith(f"{RECORDS}/") else None
