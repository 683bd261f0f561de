"""What is deployed is what was proven, and no address that was given away leads nowhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """\
site_name: Tiny
use_directory_urls: false
theme: {name: material, font: false}
markdown_extensions: [pymdownx.highlight, pymdownx.superfences, md_in_html]
"""
PAGES = {
    "index.md": '# Tiny\n\n```python\nprint("one")\n```\n\n```text title="Output"\none\n```\n',
    "guides/say.md": "# Say it\n",
    "proof.md": '# Proof\n\n<div data-proofread="ledger"></div>\n',
}


def run(root: Path, *command: str) -> tuple[int, str]:
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout


def proofread(root: Path, *arguments: str) -> tuple[int, str]:
    return run(root, sys.executable, "-m", "proofread", *arguments)


def prove(root: Path) -> None:
    status, said = proofread(root, "test")
    assert status == 0, said


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    for name, value in (("user.name", "Writer"), ("user.email", "writer@tiny.example")):
        git(tmp_path, "config", name, value)
    git(tmp_path, "add", "docs", "mkdocs.yml", "pyproject.toml")
    git(tmp_path, "commit", "--quiet", "--message=Begin")
    prove(tmp_path)
    return tmp_path


def test_versions_stand_side_by_side_as_they_were_proven(root: Path) -> None:
    status, said = proofread(root, "deploy", "0.1", "latest")
    assert status == 0, said
    first = (root / "site" / "index.html").read_text(encoding="utf-8")
    assert git(root, "show", "gh-pages:0.1/index.html") == first
    (root / "docs" / "guides" / "say.md").write_text("# Say more\n", encoding="utf-8")
    prove(root)
    status, said = proofread(root, "deploy", "0.2", "latest")
    assert status == 0, said
    assert "Say it" in git(root, "show", "gh-pages:0.1/guides/say.html")
    assert "Say more" in git(root, "show", "gh-pages:0.2/guides/say.html")
    assert git(root, "show", "gh-pages:latest") == "0.2"  # a link
    assert "latest/" in git(root, "show", "gh-pages:index.html")
    versions = json.loads(git(root, "show", "gh-pages:versions.json"))
    told = [(version["version"], version["aliases"]) for version in versions]
    assert told == [("0.2", ["latest"]), ("0.1", [])]
    assert git(root, "branch", "--show-current") == "main\n"


def test_a_site_that_was_not_proven_is_not_deployed(root: Path) -> None:
    page = root / "site" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("one", "two"), encoding="utf-8")
    status, said = proofread(root, "deploy", "0.1")
    assert status == 1
    assert "Not deployed: the site that was built is not the one that was proven." in said
    assert "gh-pages" not in git(root, "branch", "--all")


def test_a_page_that_has_moved_must_say_where_to(root: Path) -> None:
    status, said = proofread(root, "deploy", "0.1", "latest")
    assert status == 0, said
    (root / "docs" / "guides" / "say.md").rename(root / "docs" / "speak.md")
    prove(root)
    status, said = proofread(root, "deploy", "0.2", "latest")
    assert status == 1
    assert "latest/guides/say.html would lead nowhere: keep the page, or say in mkdocs.yml" in said
    moved = "plugins: [redirects: {redirect_maps: {guides/say.md: speak.md}}]\n"
    (root / "mkdocs.yml").write_text(CONFIG + moved, encoding="utf-8")
    prove(root)
    status, said = proofread(root, "deploy", "0.2", "latest")
    assert status == 0, said
    assert "../speak.html" in git(root, "show", "gh-pages:0.2/guides/say.html")
