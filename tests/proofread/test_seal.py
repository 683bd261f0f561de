"""A site that was published stands while nothing it was made of has changed, nor the site."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from proofread._config import Site, read_site
from proofread._seal import Seal

CONFIG = "site_name: Tiny\nsite_url: !ENV [SEAL_URL, '']\ntheme: mkdocs\nnav: [Home: a.md]\n"
PROOF = [sys.executable, "-m", "proofread", "test"]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.delenv("SEAL_URL", raising=False)
    files = {
        "mkdocs.yml": CONFIG,
        "pyproject.toml": "",
        "docs/a.md": "Prose.\n",
        "docs/looks/own.css": "p {}\n",
        "notes/included.md": "Included.\n",
        "site/a/index.html": "<p>Prose.</p>\n",
        "build/receipts.json": "{}\n",
        ".cache/any": "1\n",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    with contextlib.chdir(tmp_path):
        return read_site(tmp_path)


def test_what_was_published_stands(site: Site) -> None:
    assert not Seal(site).holds(), "Nothing was published."
    Seal(site).put()
    assert Seal(site).holds()


CHANGES: dict[str, Callable[[Site], object]] = {
    "a page": lambda site: (site.docs / "a.md").write_text("Other prose.\n"),
    "a new page": lambda site: (site.docs / "b.md").write_text("More.\n"),
    "a page that is gone": lambda site: (site.docs / "a.md").rename(site.docs / "b.md"),
    "a style sheet": lambda site: (site.docs / "looks" / "own.css").write_text("a {}\n"),
    "what a page includes": lambda site: (site.root / "notes" / "included.md").write_text("B\n"),
    "a setting": lambda site: (site.root / "mkdocs.yml").write_text(f"{CONFIG}copyright: 1\n"),
    "the site": lambda site: (site.output / "a" / "index.html").write_text("<p>Other.</p>\n"),
    "a file in the site": lambda site: (site.output / "b.html").touch(),
    "a file that left the site": lambda site: (site.output / "a" / "index.html").unlink(),
    "the site that is gone": lambda site: site.output.rename(site.root / "elsewhere"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_falls_with(change: str, site: Site) -> None:
    Seal(site).put()
    CHANGES[change](site)
    assert not Seal(site).holds()


def test_it_falls_with_a_variable_that_the_settings_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    Seal(site).put()
    monkeypatch.setenv("SEAL_UNRELATED", "1")
    assert Seal(site).holds()
    monkeypatch.setenv("SEAL_URL", "https://docs.example/")
    assert not Seal(site).holds()


@pytest.mark.parametrize("name", ["build/receipts.json", ".cache/any"])
def test_it_stands_whatever_a_run_leaves_behind(name: str, site: Site) -> None:
    Seal(site).put()
    (site.root / name).write_text("2\n")
    assert Seal(site).holds()


def test_what_was_built_while_a_page_changed_is_not_sealed(site: Site) -> None:
    Seal(site).put()
    seal = Seal(site)
    text = (site.docs / "a.md").read_text()
    (site.docs / "a.md").write_text("Other prose.\n")
    seal.put()
    (site.docs / "a.md").write_text(text)
    assert not Seal(site).holds()


def test_a_site_is_built_once_and_again_when_somebody_altered_it(tmp_path: Path) -> None:
    page = '# Home\n\n```python\nprint(1)\n```\n\n```text title="Output"\n1\n```\n'
    settings = (
        "site_name: Tiny\ntheme: {name: material, font: false}\n"
        "nav: [Home: index.md, Proof: proof.md]\n"
        "markdown_extensions: [pymdownx.highlight, pymdownx.superfences, md_in_html]\n"
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(page)
    (tmp_path / "docs" / "proof.md").write_text('# Proof\n\n<div data-proofread="ledger"></div>\n')
    (tmp_path / "mkdocs.yml").write_text(settings)
    (tmp_path / "pyproject.toml").touch()
    home = tmp_path / "site" / "index.html"

    def proven(*flags: str, stands: bool = False) -> int:
        """Which file the home page is after a run, which may find that nothing has changed."""
        said = subprocess.run([*PROOF, *flags], cwd=tmp_path, check=True, capture_output=True)
        assert b"2 blocks in the built site, 2 proven, 0 unproven" in said.stdout
        assert (b"Nothing has changed since the site was published." in said.stdout) == stands
        return home.stat().st_ino

    first = proven()
    assert proven(stands=True) == first
    (tmp_path / "build" / "receipts.json").unlink()
    assert proven() == first, "Its receipts are written anew."
    assert proven("--fresh") != first, "What ran anew has other receipts."
    home.write_text(home.read_text().replace("print", "prlnt"))
    altered = home.stat().st_ino
    assert proven() != altered
    assert "prlnt" not in home.read_text()
    (tmp_path / "site" / "404.html").unlink()
    proven()
    assert (tmp_path / "site" / "404.html").exists()
