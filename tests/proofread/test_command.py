"""`python -m proofread test` as its users call it: what it says, and how it ends."""

from __future__ import annotations

import contextlib
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
HUNG = "```python\nimport threading\n\nthreading.Event().wait()\n```\n"
PAGES = {"a.md": HEALTHY, "b.md": TABS}
RUNS: dict[str, tuple[dict[str, str], list[str]]] = {
    "pages": (
        {**PAGES, "c.md": "```bash\nls\n```\n", "d.md": HUNG}
        | {"../pyproject.toml": "[tool.proofread]\ntimeout = 5.0\n"},
        ["docs/a.md", "docs/b.md", "docs/c.md", "docs/d.md"],
    ),
    "block": (PAGES, ["docs/a.md:6"]),
    "accept": ({"a.md": HEALTHY.replace("\na\n", "\nold\n")}, ["docs/a.md", "--accept"]),
    "no block": (PAGES, ["docs/a.md:4"]),
    "no page": (PAGES, ["docs/absent.md"]),
    "no code": (PAGES, ["docs/other.md"]),
    "outside": ({"../notes.md": "```python\n1 / 0\n```\n"}, ["notes.md"]),
    "nothing": ({}, []),
    "setting": (PAGES | {"../pyproject.toml": "[tool.proofread]\ntimeouts = 3\n"}, ["docs/a.md"]),
}


def project(root: Path, pages: dict[str, str]) -> Path:
    """A small site with the configuration of this one."""
    (root / "docs").mkdir(parents=True)
    shutil.copytree(EXAMPLES, root / "examples")
    site = f"INHERIT: {PROJECT / 'mkdocs.yml'}\nnav:\n  - Home: index.md\n"
    (root / "mkdocs.yml").write_text(site, encoding="utf-8")
    (root / "pyproject.toml").write_text("[tool.proofread]\ntimeout = 600\n", encoding="utf-8")
    if pages:  # one more than any test names, or each would build the whole site
        pages = {"other.md": "Prose.\n", **pages}
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


def test_one_block_replays_what_it_needs(ended: Ended) -> None:
    assert ended["block"][0] == 0, ended["block"]


def test_a_line_without_a_block_is_named(ended: Ended) -> None:
    status, said = ended["no block"]
    assert status == 1
    assert "docs/a.md:4: No code block stands on this line." in said


def test_a_page_that_is_not_there_is_named(ended: Ended) -> None:
    status, said = ended["no page"]
    assert status not in {0, 1}
    assert "file or directory not found: docs/absent.md" in said


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
    assert "The site holds no code block" in said


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


# A page that holds on: its server, a block and that block's own child each call the test, and the
# line goes dead when they are gone, however that came.
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
subprocess.run([sys.executable, "-c", hold])
```
"""
PROCESSES = 3


@contextlib.contextmanager
def started(command: list[str], root: Path, out: IO[str]) -> Generator[subprocess.Popen[bytes]]:
    engine = subprocess.Popen(command, cwd=root, stdout=out, stderr=subprocess.STDOUT)
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_engine(
    number: signal.Signals, calls: socket.socket, tmp_path: Path
) -> None:
    text = HOLDS.format(port=calls.getsockname()[1])
    root = project(tmp_path / "project", {"a.md": text, "b.md": HEALTHY})
    log = tmp_path / "log"
    with log.open("w") as out, started([*COMMAND, "docs/a.md"], root, out) as engine:
        lines = [calls.accept()[0] for _ in range(PROCESSES)]
        engine.send_signal(number)
        for line in lines:
            with line:
                line.settimeout(30)
                assert line.recv(1) == b"", log.read_text()
        assert engine.wait(30) != 0
