"""What a project has found out by running it is run again when it holds no more, and only then."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import pytest

from proofread.experiments import Trial, digest, read_record, used_lines, write_record

PROJECT = Path(__file__).parents[2]
PAGE = """\
---
experiment: coin
---

=== "Fair"

    ```text title="Seen"
    heads
    ```

=== "Loaded"

    ```text title="Seen"
    heads
    ```
"""
# It notes what it was asked for, and finds whatever the file of the coin says.
TOSS = """\
import sys
from dataclasses import replace
from pathlib import Path
from platform import python_version

from proofread.experiments import digest, read_record, write_record

to, *asked = sys.argv[2:]
with open("asked.txt", "a") as log:
    print(*asked, file=log)
side = Path("coin.txt").read_text().strip()
if side == "edge":
    raise RuntimeError("it stands on its edge")
kept = read_record(Path("record/coin.json"))
here = Path.cwd()
record = Path(to, "coin.json")
came = {
    name: replace(kept[name], value=side, python=python_version(), versions={},
                  sha256=digest(kept[name].sources, here))
    for name in [cell.partition(":")[2] for cell in asked]
}
write_record(record, {**read_record(record), **came})
"""
SETTINGS = f"""\
[tool.proofread]
sources = []
experiments = "record"
experiment = "{sys.executable} toss.py"
experiment_keep = "toss --keep"
"""


def trial(root: Path, **other: Any) -> Trial:
    """One whose result depends on the file of the coin, and on nothing else."""
    sources = ("coin.txt",)
    made = Trial("heads", ("heads",), python_version(), {}, sources, digest(sources, root))
    return replace(made, **other)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A site with one page, about an experiment with two subjects, which hold."""
    (tmp_path / "docs").mkdir()
    shutil.copy(PROJECT / ".constraints.txt", tmp_path)
    site = f"INHERIT: {PROJECT / 'mkdocs.yml'}\nnav:\n  - Home: index.md\n"
    files = {"mkdocs.yml": site, "pyproject.toml": SETTINGS, "docs/coin.md": PAGE,
             "toss.py": TOSS, "coin.txt": "heads\n",
             "docs/glossary.md": "word\n:   Prose.\n"}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    keep(tmp_path)
    return tmp_path


def keep(root: Path, **other: Any) -> None:
    trials = {"Fair": trial(root), "Loaded": trial(root, **other)}
    write_record(root / "record" / "coin.json", trials)


def prove(root: Path, page: str = "docs/coin.md") -> tuple[int, str]:
    command = [sys.executable, "-m", "proofread", "test", page]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def asked(root: Path) -> list[str]:
    """What was run, one line for each run."""
    log = root / "asked.txt"
    return log.read_text().splitlines() if log.exists() else []


def test_what_holds_is_not_run(project: Path) -> None:
    status, said = prove(project)
    assert status == 0, said
    assert "Seen 2" in said
    assert asked(project) == []


def test_what_has_changed_is_run_once_and_nothing_else(project: Path) -> None:
    keep(project, sha256="that of another coin")
    status, said = prove(project)
    assert status == 0, said
    assert "Run again, because what decides them has changed: 1 trial." in said
    assert "`toss --keep` notes what came." in said
    assert prove(project)[0] == 0
    assert asked(project) == ["coin:Loaded"]


@pytest.mark.parametrize("where", ["docs/coin.md", "docs/coin.md:8"])
def test_another_value_is_told_with_the_old_one_and_with_what_has_changed(
    project: Path, where: str
) -> None:
    keep(project, python="3.1.0")
    (project / "coin.txt").write_text("tails\n")
    status, said = prove(project, where)
    assert status == 1
    assert "The experiment 'coin' with Loaded comes to another value:" in said
    assert "kept: 'heads' (on , Python 3.1.0)" in said
    assert f"came: 'tails' (on , Python {python_version()})" in said
    assert f"changed: Python 3.1.0, now {python_version()}; its sources" in said
    assert "then keep the new value: toss --keep" in said
    assert prove(project)[0] == 1, "nothing was kept"


def test_what_does_not_run_any_more_is_refused(project: Path) -> None:
    (project / "coin.txt").write_text("edge\n")
    status, said = prove(project)
    assert status == 1
    assert "The experiment 'coin' with Fair does not run any more. Changed: its sources." in said
    assert "RuntimeError: it stands on its edge" in said


def test_a_page_about_an_experiment_without_a_record_is_refused(project: Path) -> None:
    (project / "record" / "coin.json").unlink()
    status, said = prove(project)
    assert status == 1
    assert "docs/coin.md:1: The experiment 'coin' has no record" in said
    assert "`toss --keep` writes it." in said


def test_a_trial_holds_while_versions_python_and_sources_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "coin.txt").write_text("heads\n")
    held = trial(tmp_path)
    assert held.changes(tmp_path) == []
    newer = replace(held, versions={"pytest": version("pytest"), "anyio": "0.1", "no-such": "1"})
    now = version("anyio")
    assert newer.changes(tmp_path) == [f"anyio 0.1, now {now}", "no-such 1, now not installed"]
    patch = replace(held, python=f"{python_version().rpartition('.')[0]}.99")
    assert patch.changes(tmp_path) == []
    (tmp_path / "coin.txt").unlink()
    assert held.changes(tmp_path) == ["its sources"]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    kept = {"Fair": trial(tmp_path), "Loaded": trial(tmp_path, value="tails")}
    write_record(tmp_path / "record" / "coin.json", kept, question="Which side?")
    assert read_record(tmp_path / "record" / "coin.json") == kept
    assert read_record(tmp_path / "none.json") == {}


FILE = """\
import coin
# --8<-- [start:one]
coin.one()
# --8<-- [end:one]
# --8<-- [start:two]
coin.two()
# --8<-- [end:two]
coin.end()
"""


@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("app.py", "import one two end"),
        ("app.py:one", "import one end"),
        ("app.py:one,two", "import one two end"),
        ("app.py:", "import end"),
    ],
)
def test_sections_that_are_not_named_decide_nothing(source: str, used: str) -> None:
    words = [line.strip("()").replace("coin.", "").split()[0] for line in used_lines(source, FILE)]
    assert " ".join(words) == used


def test_all_files_of_a_folder_decide(tmp_path: Path) -> None:
    file = tmp_path / "src" / "inner" / "coin.py"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    before = digest(["src"], tmp_path)
    file.write_text("another")
    assert digest(["src"], tmp_path) != before


CODE = '''"""A coin."""

SIDES = ("heads", "tails")
"""What it shows."""


class Coin:
    """It has two sides."""

    def toss(self, times: int = 1) -> str:
        """Throw it."""
        # It is fair.
        return SIDES[times % 2] if times > 0 else "edge"


async def toss() -> None:
    """Throw another."""
    print("heads")
'''


def digest_of(text: str, folder: Path, *, name: str = "coin.py", source: str = "src") -> str:
    """That of the code, changed so."""
    file = folder / "src" / "inner" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    # A file system may not tell two moments apart that are this close.
    moment = file.stat().st_mtime_ns + next(_MOMENTS)
    os.utime(file, ns=(moment, moment))
    return digest([source], folder)


_MOMENTS = itertools.count(1_000_000_000, 1_000_000_000)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A coin."""', '"""A penny."""'),
        ('"""A coin."""', ""),
        ('"""What it shows."""', '"""Its sides."""'),
        ('"""It has two sides."""', '"""It has\n    two sides."""'),
        ('"""Throw it."""', '"""Throw it up."""'),
        ('"""Throw another."""', '"""Throw one more."""'),
        ("# It is fair.", "# It is not."),
        ("        # It is fair.\n", "\n\n"),
        ('print("heads")', 'print(\n        "heads"\n    )'),
    ],
)
def test_what_the_code_of_a_folder_says_of_itself_decides_nothing(
    old: str, new: str, tmp_path: Path
) -> None:
    assert old in CODE
    before = digest_of(CODE, tmp_path)
    assert digest_of(CODE.replace(old, new), tmp_path) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("times: int = 1", "times: int = 2"),
        ("times > 0", "times >= 0"),
        ("times > 0", "times > 1"),
        ('"edge"', '"side"'),
        ('print("heads")', 'print("tails")'),
        ("def toss(self", "def throw(self"),
        ("async def", "def"),
        ("class Coin:", "class Coin(str):"),
    ],
)
def test_what_the_code_of_a_folder_does_decides(old: str, new: str, tmp_path: Path) -> None:
    assert old in CODE
    before = digest_of(CODE, tmp_path)
    assert digest_of(CODE.replace(old, new), tmp_path) != before


@pytest.mark.parametrize(
    ("name", "source"), [("coin.txt", "src"), ("coin.py", "src/inner/coin.py")]
)
def test_every_word_decides_of_what_is_no_code_and_of_what_pages_show(
    name: str, source: str, tmp_path: Path
) -> None:
    before = digest_of(CODE, tmp_path, name=name, source=source)
    changed = CODE.replace("# It is fair.", "# It is not.")
    assert digest_of(changed, tmp_path, name=name, source=source) != before


def test_every_word_decides_of_code_that_cannot_be_read(tmp_path: Path) -> None:
    before = digest_of("def toss(:  # it is fair", tmp_path)
    assert digest_of("def toss(:  # it is not", tmp_path) != before
