"""`python -m proofread mutate`, called by a project whose pages notice some changes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SITE = """\
site_name: Tiny
theme: {name: material, font: false}
plugins:
  - autorefs
  - mkdocstrings:
      handlers: {python: {paths: [src], options: {filters: public, show_source: false}}}
markdown_extensions: [pymdownx.highlight, pymdownx.superfences, pymdownx.tabbed]
"""
SETTINGS = """\
[tool.proofread]
package = "src/tiny_mutated"
survivors = "survivors.toml"
preload = ["tiny_mutated"]
"""
PACKAGE = '''\
"""Greets."""

import decimal


def greet(name: str, *, loud: bool = False, mark: str = "!") -> str:
    """Greet somebody."""
    if not name:
        raise ValueError("nobody is there")
    text = f"hello {name}{mark}"
    return text.upper() if loud else text


def part(name: str) -> str:
    """Take leave of somebody."""
    return f"good-bye {name}"
'''
REFERENCE = "# Reference\n\n::: tiny_mutated.greet\n\n::: tiny_mutated.part\n"
GUIDE = """\
# Greet

```python title="main.py"
from tiny_mutated import greet

print(greet("ada"))
print(greet("ada", loud=True))
```

```text title="Output"
hello ada!
HELLO ADA!
```

```console
$ python main.py
hello ada!
HELLO ADA!
```
"""
REASONS = """\
"greet: mark renamed" = "One mark is as good as the other."
"greet: mark ignored" = "One mark is as good as the other."
"greet: raise ValueError swallowed" = "It is said in words."
"part: name dropped" = "Nobody leaves."
"part" = "Nobody leaves."
"""


def project(root: Path, *, guide: str = GUIDE, reasons: str = "") -> Path:
    for name, text in {
        "docs/guide.md": guide,
        "docs/reference.md": REFERENCE,
        "mkdocs.yml": SITE,
        "pyproject.toml": SETTINGS,
        "src/tiny_mutated/__init__.py": PACKAGE,
        "survivors.toml": reasons,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def mutate(root: Path, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "proofread", "mutate", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def said(tiny: Path) -> str:
    status, said = mutate(tiny)
    assert status == 1, said
    return said


def rows(said: str) -> dict[str, list[int]]:
    found = re.findall(r"^([a-z ]+?) +(\d+) +(\d+) +(\d+)$", said, re.MULTILINE)
    return {kind: [int(number) for number in numbers] for kind, *numbers in found}


def test_each_kind_of_change_is_counted_with_those_that_a_block_notices(said: str) -> None:
    assert rows(said) == {
        "dropped": [2, 1, 1],
        "renamed": [2, 1, 1],
        "ignored": [2, 1, 1],
        "default": [2, 2, 0],
        "swallowed": [1, 0, 1],
        "all": [9, 5, 4],
    }


def test_what_no_block_notices_is_listed_with_the_pages_that_should(said: str) -> None:
    passed = "1 section came by; tell of it on docs/reference.md, or docs/guide.md\n"
    away = "no sections came by; tell of it on docs/reference.md"
    assert f"  greet: mark renamed\n      {passed}" in said
    assert f"  greet: mark ignored\n      {passed}" in said
    assert f"  greet: raise ValueError swallowed\n      {away}, or docs/guide.md\n" in said
    assert f"  part: name dropped\n      {away}\n" in said
    assert "loud" not in said


def test_a_name_that_no_block_uses_is_listed_with_its_page(said: str) -> None:
    assert "No block uses:\n  part  (docs/reference.md)\n" in said
    assert "  greet  (" not in said


def test_the_package_itself_stays_as_it_is(tiny: Path, said: str) -> None:
    assert (tiny / "src/tiny_mutated/__init__.py").read_text(encoding="utf-8") == PACKAGE


def test_only_what_is_named_is_changed(tiny: Path, said: str) -> None:
    status, named = mutate(tiny, "part")
    assert status == 1
    assert rows(named)["all"] == [1, 0, 1]
    assert "  greet" not in named


def test_only_what_survived_is_changed_again(tiny: Path, said: str) -> None:
    status, again = mutate(tiny, "greet", "--again")
    assert status == 1
    assert rows(again)["all"] == [3, 0, 3]


def test_what_is_explained_may_survive(tmp_path: Path) -> None:
    status, said = mutate(project(tmp_path, reasons=REASONS))
    assert status == 0, said
    assert "Explained in survivors.toml: 4.\n" in said
    assert "No block notices" not in said
    assert "No block uses" not in said


def test_a_name_that_no_block_uses_needs_a_reason_of_its_own(tmp_path: Path) -> None:
    status, said = mutate(project(tmp_path, reasons=REASONS.replace('"part" =', '"greet" =')))
    assert status == 1
    assert "No block notices" not in said
    assert "No block uses:\n  part  (docs/reference.md)\n" in said
    assert "  greet: a block notices it by now. Delete its reason.\n" in said


def test_an_explanation_of_what_is_noticed_or_gone_is_refused(tmp_path: Path) -> None:
    gone = f'{REASONS}"greet: loud renamed" = "Why not."\n"greet: face dropped" = "No face."\n'
    status, said = mutate(project(tmp_path, reasons=gone))
    assert status == 1
    assert "  greet: loud renamed: a block notices it by now. Delete its reason.\n" in said
    assert "  greet: face dropped: nothing is changed so any more. Delete its reason" in said
    assert "part: name dropped:" not in said


def test_an_explanation_without_a_reason_is_refused(tmp_path: Path) -> None:
    status, said = mutate(project(tmp_path, reasons='"greet: mark renamed" = " "\n'))
    assert status == 2
    assert "survivors.toml: 'greet: mark renamed' has no reason: write" in said


def test_a_page_that_does_not_pass_by_itself_notices_nothing(tmp_path: Path) -> None:
    wrong = GUIDE.replace("HELLO ADA!\n```\n\n```console", "HELLO EVE!\n```\n\n```console")
    assert wrong != GUIDE
    status, said = mutate(project(tmp_path, guide=wrong))
    assert status == 2
    assert "These do not pass with nothing changed:" in said
    assert "-HELLO EVE!\n+HELLO ADA!" in said


def test_without_a_package_it_says_what_to_write(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "pyproject.toml").write_text("[tool.proofread]\n", encoding="utf-8")
    status, said = mutate(root)
    assert status == 2
    assert "[tool.proofread] package = '': write the folder of the package that" in said


FITFUL = """\
# Greet

```python
import pathlib

from tiny_mutated import greet

again = pathlib.Path.cwd().parent.name.endswith("-again")
loud = greet("ada", loud=True)
assert again or (greet("ada"), loud) == ("hello ada!", "HELLO ADA!")
```
"""


def test_a_survivor_with_a_reason_must_be_noticed_twice(tmp_path: Path) -> None:
    """A busy machine fails a section, too; this one fails only when it is told the first time."""
    root = project(tmp_path, guide=FITFUL, reasons='"greet: loud ignored" = "Nobody is deaf."\n')
    status, said = mutate(root, "greet: loud ")
    assert {**rows(said)} == {"renamed": [1, 1, 0], "ignored": [1, 0, 1], "all": [2, 1, 1]}
    assert "Explained in survivors.toml: 1." in said
    assert status == 0
