"""`make docs` builds without a warning, names everything that is public, and asks no other host."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dfwidgets as df
from tests.helpers import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    place = tmp_path_factory.mktemp("site")
    build = ["-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", str(place / "trees")]
    command = [sys.executable, *build, "-c", "docs", ".", str(place / "html")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place / "html"


@pytest.mark.model  # for its time; nothing is asked of a model
def test_every_public_name_has_its_place_and_every_lesson_a_page(site):
    page = (site / "docs" / "api.html").read_text()
    named = set(re.findall(r'id="dfwidgets\.(\w+)"', page))
    assert set(df.__all__) <= named
    front = (site / "docs" / "index.html").read_text()
    for lesson in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        assert f"../notebooks/{lesson.stem}.html" in front
    for name in ("workshop", "serve", "api"):
        assert f'href="{name}.html"' in front


@pytest.mark.model
def test_pages_load_nothing_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        text = page.read_text()
        assert not re.findall(r'<(?:script|img|iframe)[^>]*src="(?:https?:)?//', text), page
        assert not re.findall(r'<link[^>]*href="(?:https?:)?//', text), page
    for style in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text()), style
