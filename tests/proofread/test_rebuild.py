"""`python -m proofread rebuild`: a site by another generator shows what was proven, or is refused.

The other generator of these tests is MkDocs once more, with or without a mistake of its own;
`nox -s zensical` is the same with a real other one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

PROVE = [sys.executable, "-m", "proofread", "test"]
REBUILD = [sys.executable, "-m", "proofread", "rebuild", "--"]
MKDOCS = (sys.executable, "-m", "mkdocs", "build", "--quiet")
CONFIG = """\
site_name: Tiny
theme: {name: material, font: false}
nav: [Home: index.md, More: guides/more.md, Proof: proof.md]
markdown_extensions:
  - toc
  - pymdownx.highlight
  - pymdownx.superfences
  - md_in_html
  - proofread._facts: {lock: .constraints.txt}
extra: {words: !relative $docs_dir/guides/more.md}
"""
PAGE = """\
# Home

It goes [on](guides/more.md#later).

```python
print("begun")
print("ended")
```

```text title="Output"
begun
ended
```

```timeline
work   "begun" -> "ended"
```
"""
MORE = "# More\n\n## Later\n\n```python\nx = 1\n```\n\nWith pytest {{ version.pytest }}.\n"
LEDGER = '# Proof\n\n<div data-proofread="ledger"></div>\n'
FILES = {
    "mkdocs.yml": CONFIG,
    "pyproject.toml": "",
    # Hidden, so not where the other generator looks.
    ".constraints.txt": f"pytest=={version('pytest')}\n",
    "docs/index.md": PAGE,
    "docs/guides/more.md": MORE,
    "docs/proof.md": LEDGER,
    # Builds as MkDocs does, and then replaces one text in one file, or deletes the file.
    "mistaken.py": f"""\
import pathlib
import subprocess
import sys

subprocess.run({[*MKDOCS]!r}, check=True)
name, old, new = sys.argv[1:]
file = pathlib.Path("site", name)
text = file.read_text(encoding="utf-8")
assert old in text
file.write_text(text.replace(old, new), encoding="utf-8") if old else file.unlink()
""",
}


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project whose site was proven and published."""
    root = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    ended = subprocess.run(PROVE, cwd=root, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return root


def rebuild(root: Path, *command: str) -> tuple[int, str]:
    ended = subprocess.run(
        [*REBUILD, *command], cwd=root, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def mistaken(root: Path, name: str, old: str, new: str) -> str:
    """What is said of a generator with this mistake."""
    status, said = rebuild(root, sys.executable, "mistaken.py", name, old, new)
    assert status == 1, said
    assert said.endswith("The site in build/rebuilt/site is not the one that was proven.\n")
    return said


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_site_by_another_generator_is_the_one_that_was_proven(proven: Path) -> None:
    before = contents(proven / "site") | contents(proven / "docs")
    status, said = rebuild(proven, *MKDOCS)
    assert status == 0, said
    assert "  4 blocks in the built site, 4 proven, 0 unproven\n" in said
    assert said.endswith("is the one that was proven: block by block, page by page.\n")
    assert contents(proven / "site") | contents(proven / "docs") == before


def test_it_gets_the_figures_the_marks_the_ledger_and_the_markdown(proven: Path) -> None:
    assert rebuild(proven, *MKDOCS)[0] == 0
    built = proven / "build" / "rebuilt" / "site"
    for name in ("index.html", "proof/index.html", "guides/more.md", "llms.txt"):
        assert (built / name).read_bytes() == (proven / "site" / name).read_bytes()


def test_a_byte_of_a_block_is_missed_and_shown(proven: Path) -> None:
    said = mistaken(proven, "guides/more/index.html", ">1</span>", ">2</span>")
    assert "docs/guides/more.md: guides/more/index.html:" in said
    assert "'x = 2': nothing vouches for this code." in said
    assert "docs/guides/more.md:5: This python block of guides/more.md has a receipt, but" in said
    assert "guides/more/index.html:\n  -x = 1\n  +x = 2\n" in said


def test_a_page_that_is_lost_is_named_with_each_of_its_blocks(proven: Path) -> None:
    said = mistaken(proven, "guides/more/index.html", "", "")
    assert "docs/guides/more.md:5: This python block of guides/more.md has a receipt, but" in said
    assert "guides/more/index.html: not built." in said


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("index.html", "It goes", "It runs", "index.html:\n  -It goes\n  +It runs\n"),
        ("index.html", "guides/more/#later", "proof/", "-href guides/more/#later\n  +href proof/"),
        ("guides/more/index.html", ' id="later"', ' id="late"', "-anchor later\n  +anchor late"),
    ],
    ids=["prose", "link", "anchor"],
)
def test_what_a_reader_finds_differently_is_named(
    name: str, old: str, new: str, told: str, proven: Path
) -> None:
    assert told in mistaken(proven, name, old, new)


def test_another_spelling_of_the_same_address_is_no_difference(proven: Path) -> None:
    spelled = ("index.html", 'href="guides/more/#later"', 'href="./guides/more/index.html#later"')
    status, said = rebuild(proven, sys.executable, "mistaken.py", *spelled)
    assert status == 0, said


def test_it_reads_no_tag_that_only_mkdocs_knows(proven: Path) -> None:
    assert rebuild(proven, *MKDOCS)[0] == 0
    read = (proven / "build" / "rebuilt" / "mkdocs.yml").read_text(encoding="utf-8")
    assert read == CONFIG.replace("!relative $docs_dir/", "docs/")


def test_a_page_that_was_written_since_is_no_part_of_the_proof(
    proven: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    shutil.copytree(proven, root, symlinks=True)
    (root / "docs" / "guides" / "more.md").write_text(MORE.replace("1", "3"), encoding="utf-8")
    status, said = rebuild(root, *MKDOCS)
    assert status == 1
    assert "'x = 3': nothing vouches for this code. Run `proofread test` again" in said


def test_a_generator_that_fails_says_why(proven: Path) -> None:
    status, said = rebuild(proven, *MKDOCS, "-f", "absent.yml")
    assert status == 1
    assert "absent.yml" in said
    assert said.endswith("-f absent.yml` ended with status 2.\n")


def test_a_generator_that_is_not_there_is_named(proven: Path) -> None:
    status, said = rebuild(proven, "absent-generator", "build")
    assert status == 1
    assert said.startswith("No program 'absent-generator' here: install it, or write")


def test_a_generator_that_builds_nothing_is_told(proven: Path) -> None:
    status, said = rebuild(proven, sys.executable, "-c", "")
    assert status == 1
    site = os.path.join("build", "rebuilt", "site")
    assert said.endswith(f"made no {proven / site}.\n")


def test_without_a_proof_there_is_nothing_to_hold_it_against(proven: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(proven, root, symlinks=True)
    shutil.rmtree(root / "site")
    status, said = rebuild(root, *MKDOCS)
    assert (status, "site does not exist, so there is nothing to compare" in said) == (1, True)
    (root / "build" / "receipts.json").unlink()
    status, said = rebuild(root, *MKDOCS)
    assert (status, "so nothing is proven: `proofread test` writes it." in said) == (1, True)


def test_a_command_is_asked_for(proven: Path) -> None:
    status, said = rebuild(proven)
    assert status == 2
    assert "the following arguments are required: COMMAND" in said
