"""`python -m proofread test` as its users call it: what it says, and how it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

PROJECT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).with_name("corpus") / "examples"
Ended = dict[str, tuple[int, str]]
COMMAND = [sys.executable, "-m", "proofread", "test"]
HEALTHY = """\
```python title="main.py"
name = "a"
```

```python
from main import name

print(name)
```

```text title="Output"
a
```
"""
TABS = """\
=== "FastAPI"

    ```python title="main.py"
    name = "b"
    ```

=== "Starlette"

    ```python title="main.py"
    name = "c"
    ```

```python
from main import name

print(name)
```

```text title="Output"
b
```
"""
ALIKE = TABS.replace('"c"', '"b"').replace("\nb\n", "\nold\n")
INCLUDES = '```python title="main.py"\n--8<-- "hello.py"\n```\n'
HUNG = "```python\nimport threading\n\nthreading.Event().wait()\n```\n"
LEDGER = '# Proof\n\n<div data-proofread="ledger"></div>\n'
PLAIN = """\
site_name: Tiny
theme: {name: material, font: false}
nav: [Home: index.md, Proof: proof.md]
markdown_extensions: [pymdownx.highlight, pymdownx.superfences, md_in_html]
"""
MUCH = "```python\nfor number in range(200):\n    print(number)\n```\n"
PAGES = {"a.md": HEALTHY, "b.md": TABS}
RUNS: dict[str, tuple[dict[str, str], list[str]]] = {
    "pages": (
        {**PAGES, "c.md": "```bash\nls\n```\n", "d.md": HUNG, "e.md": ALIKE}
        | {"../pyproject.toml": "[tool.proofread]\ntimeout = 5.0\n"},
        ["docs/a.md", "docs/b.md", "docs/c.md", "docs/d.md", "docs/e.md"],
    ),
    "block": (PAGES, ["docs/a.md:6"]),
    "accept": ({"a.md": HEALTHY.replace("\na\n", "\nold\n")}, ["docs/a.md", "--accept"]),
    "no block": (PAGES, ["docs/a.md:4"]),
    "two lines": (PAGES, ["docs/a.md:6", "docs/b.md:4"]),
    "prose": ({"a.md": "Prose.\n"}, ["docs/a.md:1"]),
    "example": ({"a.md": INCLUDES}, ["examples/hello.py:3"]),
    "no page": (PAGES, ["docs/absent.md"]),
    "no Python": ({"a.md": "```python\nx = (1\n```\n"}, ["docs/a.md"]),
    "much": ({"a.md": MUCH}, ["docs/a.md"]),
    "no code": (PAGES, ["docs/other.md"]),
    "outside": ({"../notes.md": "```python\n1 / 0\n```\n"}, ["notes.md"]),
    "nothing": ({}, []),
    "setting": (PAGES | {"../pyproject.toml": "[tool.proofread]\ntimeouts = 3\n"}, ["docs/a.md"]),
}


def project(root: Path, pages: dict[str, str]) -> Path:
    """A small site with the configuration of this one."""
    (root / "docs").mkdir(parents=True)
    shutil.copytree(EXAMPLES, root / "examples")
    shutil.copy(PROJECT / ".constraints.txt", root)
    site = f"INHERIT: {PROJECT / 'mkdocs.yml'}\nnav:\n  - Home: index.md\n"
    site += "" if pages else "markdown_extensions: []\n"  # of which one wants a page
    (root / "mkdocs.yml").write_text(site, encoding="utf-8")
    (root / "pyproject.toml").write_text("[tool.proofread]\ntimeout = 600\n", encoding="utf-8")
    if pages:  # one more than any test names, or each would build the whole site
        pages = {"other.md": "Prose.\n", "glossary.md": "word\n:   Prose.\n", **pages}
    for name, text in pages.items():
        (root / "docs" / name).write_text(text, encoding="utf-8")
    return root


def run(root: Path, arguments: list[str]) -> tuple[int, str]:
    ended = subprocess.run(
        [*COMMAND, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("projects")


@pytest.fixture
def mended(projects: Path) -> Path:
    return projects / "accept" / "docs" / "a.md"


@pytest.fixture(scope="module")
def ended(projects: Path) -> Ended:
    """All commands of `RUNS`: their status and what they said."""
    with ThreadPoolExecutor(3) as pool:
        futures = {
            name: pool.submit(run, project(projects / name, pages), arguments)
            for name, (pages, arguments) in RUNS.items()
        }
    return {name: future.result() for name, future in futures.items()}


def test_a_failure_names_the_place_the_tab_the_difference_and_the_way_back(ended: Ended) -> None:
    status, said = ended["pages"]
    assert status == 1
    assert "docs/b.md:19: output in the tab Starlette\n  │ b\n--- on the page" in said
    assert "-b\n+c" in said
    assert "rerun: proofread test docs/b.md:19" in said


def test_only_the_story_that_fails_fails(ended: Ended) -> None:
    _, said = ended["pages"]
    assert "FAILED docs/b.md::Starlette" in said
    assert "FAILED docs/b.md::FastAPI" not in said
    assert "FAILED docs/a.md" not in said


def test_what_fails_alike_in_several_tabs_is_told_once(ended: Ended) -> None:
    _, said = ended["pages"]
    assert "docs/e.md:19: output in the tabs FastAPI and Starlette\n  │ old\n" in said
    assert "docs/e.md:19: as in the tab FastAPI, above." in said
    # pytest's own summary quotes it once more where the variable CI is set.
    assert said.partition("short test summary")[0].count("-old\n+b") == 1


def test_one_block_replays_what_it_needs_and_says_what_that_was(ended: Ended) -> None:
    status, said = ended["block"]
    assert status == 0, said
    assert "Proven for line 6: python on line 1, python on line 5, output on line 11." in said


def test_one_line_is_proven_at_a_time(ended: Ended) -> None:
    status, said = ended["two lines"]
    assert status == 2
    assert said == "docs/a.md:6 docs/b.md:4: a line is proven alone. Name one page with it.\n"


def test_an_example_is_proven_by_the_pages_that_show_it(ended: Ended) -> None:
    status, said = ended["example"]
    assert status == 2
    ways = "these show it, and prove it:\n  proofread test docs/a.md:2\n"
    assert said == f"examples/hello.py is no page; {ways}"


def test_a_line_without_a_block_is_named(ended: Ended) -> None:
    status, said = ended["no block"]
    assert status == 1
    assert "docs/a.md:4: No code block stands on this line. The nearest, python, is on" in said
    assert "is on lines 1 to 3." in said


def test_a_line_of_a_page_without_blocks_is_named(ended: Ended) -> None:
    status, said = ended["prose"]
    assert status == 1
    assert "docs/a.md:1: No code block stands on this page" in said


def test_what_is_no_python_is_said_so_by_the_lint_as_well(ended: Ended) -> None:
    status, said = ended["no Python"]
    assert status == 1
    assert "docs/a.md:3: invalid-syntax: " in said
    assert "could not run" not in said


def test_a_long_difference_is_cut(ended: Ended) -> None:
    status, said = ended["much"]
    assert status == 1
    assert "lines more" in said
    assert len(said.splitlines()) < 180  # where CI is set, pytest says it twice


def test_a_page_that_is_not_there_is_named(ended: Ended) -> None:
    status, said = ended["no page"]
    assert status not in {0, 1}
    assert "There is no docs/absent.md. The pages are beneath " in said


def test_a_file_that_is_no_page_is_refused(ended: Ended) -> None:
    status, said = ended["outside"]
    assert status == 2
    assert said.startswith("notes.md is no page of this site: those are beneath ")


def test_pages_of_which_nothing_runs_are_no_success(ended: Ended) -> None:
    status, _ = ended["no code"]
    assert status not in {0, 1}


def test_a_site_without_pages_is_refused(ended: Ended) -> None:
    status, said = ended["nothing"]
    assert status == 1
    assert "A reference to 'index.md' is included in the 'nav'" in said


def test_a_refused_page_says_what_to_write(ended: Ended) -> None:
    _, said = ended["pages"]
    assert "docs/c.md:1: ```bash has no role. Write ```console." in said
    assert "rerun: proofread test docs/c.md:1" in said


def test_a_setting_that_does_not_exist_is_named_with_those_that_do(ended: Ended) -> None:
    status, said = ended["setting"]
    assert status != 0
    assert "[tool.proofread] has no 'timeouts'. It has: " in said
    assert "timeout" in said.split("It has: ")[1]


def test_the_project_sets_how_long_a_block_may_take(ended: Ended) -> None:
    _, said = ended["pages"]
    assert "docs/d.md:1: python" in said
    assert "Still running after 5 s." in said


def test_accepting_mends_the_page_and_shows_what_it_changed(ended: Ended, mended: Path) -> None:
    status, said = ended["accept"]
    assert status == 1, "What was accepted is for its writer to read, not yet proven."
    assert "-old" in said
    assert "+a" in said
    assert mended.read_text(encoding="utf-8") == HEALTHY


GATE = [sys.executable, "-m", "proofread", "gate"]


def test_a_built_site_is_held_against_its_receipts_without_a_run(tmp_path: Path) -> None:
    root = project(tmp_path / "project", {})
    for name, text in {"index.md": HEALTHY, "proof.md": LEDGER}.items():
        (root / "docs" / name).write_text(text, encoding="utf-8")
    (root / "mkdocs.yml").write_text(PLAIN, encoding="utf-8")

    def gate(*arguments: str) -> tuple[int, str]:
        ended = subprocess.run(
            [*GATE, *arguments], cwd=root, capture_output=True, text=True, check=False
        )
        return ended.returncode, ended.stdout + ended.stderr

    status, said = gate()
    assert status == 1
    assert "receipts.json does not exist, so nothing is proven: `proofread test` writes" in said
    assert run(root, [])[0] == 0
    status, said = gate()
    assert status == 0, said
    assert said.endswith("  3 blocks in the built site, 3 proven, 0 unproven\n")
    (root / "site").rename(root / "elsewhere")
    (root / "docs" / "index.md").write_text("```python\n1 / 0\n```\n", encoding="utf-8")
    assert gate("elsewhere")[0] == 0, "Nothing runs, and no page is read."
    assert gate()[0] == 1
    built = root / "elsewhere" / "index.html"
    shown = built.read_text(encoding="utf-8").replace("print", "prlnt")
    built.write_text(shown, encoding="utf-8")
    status, said = gate("elsewhere")
    assert status == 1
    assert "nothing vouches for this code. Run `proofread test` again" in said
    built.write_text(shown.replace("prlnt", "print"), encoding="utf-8")
    assert gate("elsewhere")[0] == 0
    copy = root / "elsewhere" / "index.md"
    copy.write_text(copy.read_text(encoding="utf-8").replace("print", "prlnt"), encoding="utf-8")
    status, said = gate("elsewhere")
    assert status == 1
    assert "elsewhere/index.md:5: nothing vouches for this code." in said


# Sections after the first are short; on the second page a block waits for a word of the test.
SEVERAL = f"{HEALTHY}\n## Once more\n\n{HEALTHY}\n## Alone\n\n```python\nx = 1\n```\n"
WAITS = """\
```python
import pathlib
import time

while not pathlib.Path({path!r}).exists():
    time.sleep(0.01)
```
"""


def test_a_page_is_seen_to_be_proven_while_others_still_run(tmp_path: Path) -> None:
    word = tmp_path / "word"
    waits = f"{WAITS.format(path=str(word))}\n```python\nx = 1\n```\n"
    root = project(tmp_path / "project", {"a.md": waits, "b.md": SEVERAL})
    settings = "[tool.proofread]\njobs = 1\ntimeout = 15\n"
    (root / "pyproject.toml").write_text(settings, encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "docs/a.md", "docs/b.md"], cwd=root, stdout=subprocess.PIPE, text=True
    ) as engine:
        assert engine.stdout is not None
        first = engine.stdout.read(1)
        word.touch()
        said = engine.stdout.read()
    assert (first, engine.returncode) == (".", 0), said


# A page that holds on: its server, a block, that block's own child, one in a session of its own and
# one forked twice each call the test, and the line goes dead when they are gone, however that came.
HOLDS = """\
```python title="main.py"
--8<-- "hello.py"
```

```python title="held.py"
import socket

import main

app = main.app
if __name__ != "__main__":
    line = socket.create_connection(("127.0.0.1", {port}))
```

```console
$ uvicorn held:app
```

```python
import socket
import subprocess
import sys

line = socket.create_connection(("127.0.0.1", {port}))
hold = "import socket; socket.create_connection(('127.0.0.1', {port})).recv(1)"
subprocess.Popen([sys.executable, "-c", hold], start_new_session=True)
twice = f"import os; os.fork() and os._exit(0); os.setsid(); {{hold}}"
subprocess.run([sys.executable, "-c", twice], env={{}}, cwd="/")
subprocess.run([sys.executable, "-c", hold])
```
"""
PROCESSES = 5


@contextlib.contextmanager
def started(command: list[str], root: Path, out: IO[str]) -> Generator[subprocess.Popen[bytes]]:
    engine = subprocess.Popen(
        command, cwd=root, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        yield engine
    finally:
        engine.kill()
        engine.wait()


@pytest.fixture
def calls() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        yield listener


def is_over(line: socket.socket) -> bool:
    """Whether the process at the other end has gone, or goes now."""
    line.settimeout(30)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False


@pytest.mark.parametrize("group", [False, True], ids=["alone", "with-its-group"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_engine(
    number: signal.Signals, group: bool, calls: socket.socket, tmp_path: Path
) -> None:
    text = HOLDS.format(port=calls.getsockname()[1])
    root = project(tmp_path / "project", {"a.md": text, "b.md": HEALTHY})
    log = tmp_path / "log"
    with log.open("w") as out, started([*COMMAND, "docs/a.md"], root, out) as engine:
        lines = [calls.accept()[0] for _ in range(PROCESSES)]
        os.kill(-engine.pid if group else engine.pid, number)
        for line in lines:
            with line:
                assert is_over(line), log.read_text()
        assert engine.wait(30) != 0


@pytest.mark.skipif(sys.platform != "linux", reason="Nobody adopts orphans here.")
def test_nothing_outlives_a_warm_parent_that_is_killed(
    calls: socket.socket, tmp_path: Path
) -> None:
    text = HOLDS.format(port=calls.getsockname()[1])
    root = project(tmp_path / "project", {"a.md": text, "b.md": HEALTHY})
    log = tmp_path / "log"
    with log.open("w") as out, started([*COMMAND, "docs/a.md"], root, out) as engine:
        lines = [calls.accept()[0] for _ in range(PROCESSES)]
        tasks = Path(f"/proc/{engine.pid}/task").glob("*/children")
        family = [int(pid) for task in tasks for pid in task.read_text().split()]
        [warm] = [p for p in family if b"_warm" in Path(f"/proc/{p}/cmdline").read_bytes()]
        os.kill(warm, signal.SIGKILL)
        for line in lines:
            with line:
                assert is_over(line), log.read_text()
        assert engine.wait(30) != 0
