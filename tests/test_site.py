"""The site: built without a warning, of pages in and outside docs/, and without a request to the internet."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import inkread
from inkread import data, decoding, models, preprocessing, recognition
from tests.pages import ROOT

SCRIPT = "site_pages"
ASKED = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"?(https?:|//)")


@pytest.mark.slow
def test_the_site_is_built_without_warnings_and_needs_no_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    pages = {page: page.read_text(encoding="utf-8") for page in (tmp_path / "site").rglob("*.html")}
    assert len(pages) > 40
    for page, text in pages.items():
        assert not ASKED.search(text), page
    styles = [style.read_text(encoding="utf-8") for style in (tmp_path / "site").rglob("*.css")]
    assert styles and not any(re.search(r"url\(.?https?:|@import", style) for style in styles)
    for package in (inkread, data, decoding, models, preprocessing, recognition):
        page = pages[tmp_path / "site" / "reference" / "api" / f"{package.__name__.split('.')[-1]}.html"]
        functions = [name for name in package.__all__ if inspect.isroutine(getattr(package, name))]
        classes = [name for name in package.__all__ if inspect.isclass(getattr(package, name))]
        told = re.findall(rf'id="{package.__name__}\.([\w.]+)"', page)
        assert set(functions + classes) <= {name.split(".")[-1] for name in told}, package
    assert 'href="records/LOG.html"' in pages[tmp_path / "site" / "training.html"]
    assert (tmp_path / "site" / "search" / "search_index.js").stat().st_size > 100_000


def test_every_page_that_the_site_shows_is_there_and_every_room_has_one() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = re.findall(r"[\w/.-]+\.md", text)
    assert len(pages) == len(set(pages)) > 40
    moved = {"about.md": "README.md", "changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
    for page in pages:
        place = moved.get(page, page if page.startswith("records/") else f"docs/{page}")
        assert (ROOT / place).is_file(), page
    rooms = {path.parent.name for path in (ROOT / "inkread").glob("*/__init__.py")} - {"interfaces"}
    assert {f"reference/api/{room}.md" for room in rooms} <= set(pages)


@pytest.mark.parametrize(
    ("link", "source", "page", "led"),
    [
        ("[log](../records/LOG.md)", "docs/training.md", "training.md", "[log](records/LOG.md)"),
        ("[log](../../records/LOG.md)", "docs/model-cards/a.md", "model-cards/a.md", "[log](../records/LOG.md)"),
        ("[a](architecture.md#the-floors)", "docs/data.md", "data.md", "[a](architecture.md#the-floors)"),
        ("[docs](docs/README.md)", "README.md", "about.md", "[docs](README.md)"),
        ("[docs](docs/)", "README.md", "about.md", "[docs](README.md)"),
        ("![note](docs/assets/note.png)", "README.md", "about.md", "![note](assets/note.png)"),
        ("[card](../docs/model-cards/letters.md#recipe)", "records/README.md", "records/README.md",
         "[card](../model-cards/letters.md#recipe)"),
        ("[start](../README.md)", "docs/README.md", "README.md", "[start](about.md)"),
        ("[lines.py](../inkread/decoding/lines.py)", "docs/decoding.md", "decoding.md", "lines.py"),
        ("[NOTICE](NOTICE)", "README.md", "about.md", "NOTICE"),
        ("[there](https://example.org/x.md)", "README.md", "about.md", "[there](https://example.org/x.md)"),
        ("[nowhere](nowhere.md)", "docs/data.md", "data.md", "[nowhere](nowhere.md)"),
    ],
)  # fmt: skip
def test_links_of_the_repository_become_links_of_the_site(
    script: ModuleType, link: str, source: str, page: str, led: str
) -> None:
    assert script.LINK.sub(lambda found: script.led(found, source, page), link) == led


def test_the_citation_names_this_version_and_licence() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{cited["version"]}"' in project and f'license = "{cited["license"]}"' in project
    assert {"cff-version", "message", "title", "authors"} <= set(cited)  # what the format asks for
    assert cited["authors"] == [{"name": "The inkread authors"}]
