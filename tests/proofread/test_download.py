"""What a reader takes away is what was proven: the files of an example, and what it needs."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import lxml.html
import pytest
from lxml.html import HtmlElement

PROOFREAD = [sys.executable, "-m", "proofread"]
CONFIG = """\
site_name: Tiny
theme: {name: material, font: false}
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
  - md_in_html
  - pymdownx.tabbed: {alternate_style: true}
"""
INSTALL = "```console\n$ pip install --quiet httpx 'click>=8' httpx\n```\n\n"
NEEDED = f"httpx=={version('httpx')}\nclick=={version('click')}\n"
SHOP = '```python title="shop.py"\nimport httpx\n\nPORT = httpx.URL("//a:80").port\n```\n\n'
MAIN = '```python title="main.py"\nfrom shop import PORT\n\nprint(PORT)\n```\n\n'
RUN = '```text title="Output"\n80\n```\n'
TABS = (
    '=== "One"\n\n    ```python title="name.py"\n    NAME = "one"\n    ```\n\n'
    '=== "Two, too"\n\n    ```python title="name.py"\n    NAME = "two"\n    ```\n\n'
)
SAY = (
    '```python title="say.py"\nfrom name import NAME\n\nassert NAME\n```\n\n'
    "```console\n$ python say.py\n```\n"
)
PAGES = {
    "index.md": f"# Tiny\n\n{INSTALL}{SHOP}{MAIN}{RUN}\n## Later\n\n"
    '```json title="more.json"\n{"a": 1}\n```\n',
    "guides/tabs.md": f"# Tabs\n\n{TABS}{SAY}\n## Install\n\n{INSTALL}",
    "bare.md": f"# Bare\n\n{SHOP}",
    "proof.md": '# Proof\n\n<div data-proofread="ledger"></div>\n',
}
READINGS = {"shop.py": 'import httpx\n\nPORT = httpx.URL("//a:80").port\n',
            "main.py": "from shop import PORT\n\nprint(PORT)\n"}  # fmt: skip


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiny")
    for name, text in PAGES.items():
        (root / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "docs" / name).write_text(text, encoding="utf-8")
    (root / "pyproject.toml").touch()
    (root / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    status, said = run(root, "test")
    assert status == 0, said
    return root


@pytest.fixture
def root(proven: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(proven, tmp_path / "tiny")


def run(root: Path, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [*PROOFREAD, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def links(root: Path, name: str) -> dict[str, Path]:
    """By what the links of a page say, the archives that they lead to."""
    page = root / "site" / name
    tree: HtmlElement = lxml.html.document_fromstring(page.read_bytes())
    found = tree.find_class("proof-files")
    return {link.text_content(): (page.parent / link.attrib["href"]).resolve() for link in found}


def inside(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_an_archive_holds_what_its_reader_has_seen_so_far_and_what_to_install(
    proven: Path,
) -> None:
    found = links(proven, "index.html")
    assert [*found] == ["↓ Download 2 files", "↓ Download 3 files"]
    assert inside(found["↓ Download 2 files"]) == {
        **{f"example/{name}": text for name, text in READINGS.items()},
        "example/requirements.txt": NEEDED,
    }
    assert inside(found["↓ Download 3 files"])["example/more.json"] == '{"a": 1}\n'


def test_an_archive_is_run_as_it_comes(proven: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(links(proven, "index.html")["↓ Download 2 files"]) as archive:
        archive.extractall(tmp_path)
    ran = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path / "example",
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "80\n"


def test_each_tab_has_an_archive_of_its_own(proven: Path) -> None:
    found = links(proven, "guides/tabs/index.html")
    assert {said: path.name for said, path in found.items()} == {
        "↓ One": "tabs-one.zip",
        "↓ Two,too": "tabs-two-too.zip",
    }
    assert inside(found["↓ One"])["tabs-one/name.py"] == 'NAME = "one"\n'
    assert inside(found["↓ Two,too"])["tabs-two-too/name.py"] == 'NAME = "two"\n'
    assert inside(found["↓ Two,too"])["tabs-two-too/requirements.txt"] == NEEDED


def test_a_page_that_names_nothing_to_install_offers_nothing(proven: Path) -> None:
    assert links(proven, "bare/index.html") == {}
    assert len([*(proven / "site" / "downloads").rglob("*.zip")]) == 4


def test_a_second_build_makes_the_same_bytes(proven: Path, root: Path) -> None:
    shutil.rmtree(root / "site")
    status, said = run(root, "test")
    assert status == 0, said
    for path in (proven / "site" / "downloads").rglob("*.zip"):
        assert (root / path.relative_to(proven)).read_bytes() == path.read_bytes()


def spoiled(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, own in READINGS.items():
            archive.writestr(f"example/{name}", own)
        archive.writestr("example/requirements.txt", text)
    return made.getvalue()


@pytest.mark.parametrize(
    "content", [spoiled(NEEDED + "spam==1\n"), spoiled(NEEDED[:-1]), b"no archive"]
)
def test_an_archive_with_another_byte_is_refused(root: Path, content: bytes) -> None:
    archive = links(root, "index.html")["↓ Download 2 files"]
    archive.write_bytes(content)
    status, said = run(root, "gate")
    assert status == 1
    assert f"{archive.relative_to(root)}: it holds other files than were proven." in said


def test_an_archive_that_nobody_vouches_for_is_refused(root: Path) -> None:
    added = root / "site" / "downloads" / "more.zip"
    added.write_bytes(spoiled(NEEDED))
    status, said = run(root, "gate")
    assert status == 1
    assert "site/downloads/more.zip: nothing vouches for this archive." in said


def test_a_missing_archive_is_refused(root: Path) -> None:
    archive = links(root, "index.html")["↓ Download 3 files"]
    archive.unlink()
    status, said = run(root, "gate")
    assert status == 1
    assert f"index.md offers its files, but the site has no {archive.parent.parent.name}" in said


def test_the_archives_of_the_gate_are_those_of_the_proof(root: Path) -> None:
    status, said = run(root, "gate")
    assert status == 0, said
