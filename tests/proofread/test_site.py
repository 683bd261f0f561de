"""A whole site: which of its files are pages, and what keeps it from being published."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "proofread", "test"]
CONFIG = """\
site_name: Tiny
theme: {name: material, font: false}
exclude_docs: "drafts/"
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
  - md_in_html
  - pymdownx.tabbed: {alternate_style: true}
  - pymdownx.snippets: {base_path: [examples]}
"""
RIGHT = '# Right\n\n```python\nprint(1)\n```\n\n```text title="Output"\n1\n```\n'
WRONG = RIGHT.replace('"\n1', '"\n2')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("docs", "examples"):
        (tmp_path / name).mkdir()
    write(tmp_path, "mkdocs.yml", CONFIG)
    write(tmp_path, "pyproject.toml", "")
    write(tmp_path, "docs/index.md", RIGHT)
    write(tmp_path, "docs/proof.md", '# Proof\n\n<div data-proofread="ledger"></div>\n')
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def prove(root: Path, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [*COMMAND, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("folder", ["build", "dist", "venv"])
def test_a_page_is_proven_whatever_its_folder_is_called(root: Path, folder: str) -> None:
    write(root, f"docs/{folder}/page.md", WRONG)
    status, said = prove(root)
    assert status == 1
    assert f"docs/{folder}/page.md:7" in said
    assert not (root / "site").exists()


def test_what_is_not_built_is_no_page(root: Path) -> None:
    (root / "docs" / ".#index.md").symlink_to("nowhere")  # an editor's lock
    for name in ("drafts/later.md", ".hidden.md"):
        write(root, f"docs/{name}", WRONG)
    status, said = prove(root)
    assert status == 0, said
    built = {path.relative_to(root / "site").as_posix() for path in (root / "site").rglob("*.md")}
    assert built == {"index.md", "proof.md"}


def test_what_looks_like_a_test_beside_the_pages_is_not_run(root: Path) -> None:
    write(root, "docs/shop/test_shop.py", "raise SystemExit('collected')\n")
    write(root, "docs/conftest.py", "raise SystemExit('imported')\n")
    status, said = prove(root)
    assert status == 0, said


def test_a_folder_stands_for_the_pages_beneath_it(root: Path) -> None:
    for name in ("build/one.md", "build/more/two.md"):
        write(root, f"docs/{name}", RIGHT)
    status, said = prove(root, "docs/build")
    assert status == 0, said
    assert "2 pages, 4 blocks" in said
    (root / "docs" / "empty").mkdir()
    status, said = prove(root, "docs/empty")
    assert status == 2
    assert "There is no page beneath docs/empty." in said


def test_code_that_was_not_collected_is_refused_by_the_name_of_its_page(root: Path) -> None:
    write(root, "docs/quiet.md", "# Quiet\n\nHere is `a = 1`.\n")
    config = CONFIG + "hooks: [hook.py]\n"
    write(root, "mkdocs.yml", config)
    code = "<pre><code>a = 2</code></pre>"
    hook = f"def on_page_content(html, **_):\n    return html + {code!r} * ('Quiet' in html)\n"
    write(root, "hook.py", hook)
    status, said = prove(root)
    assert status == 1
    assert "docs/quiet.md: quiet/index.html:" in said


def test_the_markdown_of_a_page_is_what_was_proven(root: Path) -> None:
    page = root / "docs" / "index.md"
    # The hook stands for a writer who saves while the site is built.
    write(root, "mkdocs.yml", CONFIG + "hooks: [hook.py]\n")
    hook = (
        "import pathlib\n\n\ndef on_post_build(**_):\n"
        f"    pathlib.Path({str(page)!r}).write_text('Never run: `x`\\n')\n"
    )
    write(root, "hook.py", hook)
    status, said = prove(root)
    assert status == 0, said
    assert (root / "site" / "index.md").read_text(encoding="utf-8") == RIGHT


def test_a_site_is_not_published_when_what_it_includes_changed_meanwhile(root: Path) -> None:
    write(root, "examples/shop.py", "print(1)\n")
    write(root, "mkdocs.yml", CONFIG + "hooks: [hook.py]\n")
    included = root / "examples" / "shop.py"
    hook = (
        "import pathlib\n\n\ndef on_post_build(**_):\n"
        f"    pathlib.Path({str(included)!r}).write_text('print(2)\\n')\n"
    )
    write(root, "hook.py", hook)
    status, said = prove(root)
    assert status == 1
    assert "what pages import or include has changed" in said
    assert not (root / "site").exists()


def test_links_that_lead_nowhere_and_pages_without_a_way_to_them_are_named(root: Path) -> None:
    write(root, "docs/index.md", f"{RIGHT}\n[gone](gone.md), [there](proof.md#nowhere)\n")
    write(root, "docs/lonely.md", "# Lonely\n")
    validation = "validation: {anchors: warn, omitted_files: warn}\n"
    write(root, "mkdocs.yml", CONFIG + validation + "nav: [Home: index.md, Proof: proof.md]\n")
    status, said = prove(root)
    assert status == 1
    assert "The site does not build:" in said
    assert "'gone.md'" in said
    assert "'proof.md#nowhere'" in said
    assert "lonely.md" in said
    assert "INFO" not in said
    assert not (root / "site").exists()


TABS = """\
=== "Quick"

    ```python title="name.py"
    import pathlib
    import time

    while not pathlib.Path({begin!r}).exists():
        time.sleep(0.01)
    name = "quick"
    ```

=== "Slow"

    ```python title="name.py"
    import pathlib
    import time

    while not pathlib.Path({go!r}).exists():
        time.sleep(0.01)
    name = "slow"
    ```

```python
from name import name

print(name)
```

```text title="Output"
old
```
"""


def test_what_was_interrupted_is_not_accepted(root: Path) -> None:
    begin = root / "begin"
    text = TABS.format(begin=str(begin), go=str(root / "go"))
    write(root, "docs/tabs.md", text)
    temporary = root / "tmp"
    temporary.mkdir()
    proving = subprocess.Popen(
        [*COMMAND, "docs/tabs.md", "--accept"],
        cwd=root,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with proving:
        # The quick tab comes to its output, and the slow one never will.
        for rooms in (2, 1):
            while len(list(temporary.glob("proofread-*/*/page"))) != rooms:
                assert proving.poll() is None
                time.sleep(0.01)
            begin.touch()
        proving.send_signal(signal.SIGTERM)
        said, _ = proving.communicate()
    assert proving.returncode == 2, said
    assert "rewritten" not in said
    assert (root / "docs" / "tabs.md").read_text(encoding="utf-8") == text
    assert not list((root / "build").glob("draft-*"))


CHECK = """\
import pathlib
import sys

site, receipts = map(pathlib.Path, sys.argv[1:])
assert '"page": "index.md"' in receipts.read_text()
words = pathlib.Path("words.txt").read_text()
print("looked for", words)
sys.exit(words not in (site / "index.html").read_text())
"""


def test_a_check_of_the_project_may_keep_a_site_from_being_published(root: Path) -> None:
    write(root, "check.py", CHECK)
    write(root, "pyproject.toml", '[tool.proofread]\nchecks = ["python check.py"]\n')
    write(root, "words.txt", "Wrong")
    status, said = prove(root)
    assert status == 1
    assert "looked for Wrong" in said
    assert not (root / "site").exists()
    write(root, "words.txt", "Right")
    status, said = prove(root)
    assert status == 0, said
    assert " 0 unproven\nlooked for Right\n" in said


def test_a_check_that_objects_without_a_word_is_named(root: Path) -> None:
    write(root, "pyproject.toml", """[tool.proofread]\nchecks = ["python -c 'exit(3)'"]\n""")
    status, said = prove(root)
    assert status == 1
    assert "`python -c 'exit(3)'` ended with status 3." in said
