"""`postlude worker`, as its user types it."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import Message, SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import time

from postlude import SQLiteStore, TaskQueue, Worker, WorkerPool, task


@task
def slow(word):
    print("began", flush=True)
    time.sleep(0.3)
    print(word, flush=True)


store = SQLiteStore("tasks.db")
pool = WorkerPool(Worker(TaskQueue(store=store), "worker-1"))
number = 3
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_lets_what_runs_finish(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "main.py").write_text(PROGRAM)

    async def put() -> None:
        async with SQLiteStore(tmp_path / "tasks.db") as store:
            await store.submit(Message("main.slow", ("done",), id="1", name="main.slow"))

    anyio.run(put)
    command = [sys.executable, "-u", "-m", "postlude", "worker", "main:pool"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "serving with 'worker-1'; stop with Ctrl-C\n"
        assert worker.stdout.readline() == "began\n"
        worker.send_signal(number)
        assert worker.stdout.read().splitlines() == [
            f"{number.name}: no new tasks, waiting for what runs",
            "done",
        ]
        assert worker.wait(10) == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("main", "'main' must be a module and a pool in it, such as main:pool"),
        (".main:pool", "'.main:pool' must be a module and a pool in it, such as main:pool"),
        ("none:pool", "there is no module 'none' here"),
        ("none.sub:pool", "there is no module 'none' here"),
        ("main:none", "module 'main' has no 'none'"),
        ("main:number", "main:number is of type 'int': write pool = WorkerPool("),
    ],
)
def test_what_is_no_pool_is_refused(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "main.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "postlude", "worker", name]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert words in " ".join(ended.stderr.split())


@pytest.mark.parametrize("line", ["import os; os.none", "import none", "1 / 0"])
def test_what_is_wrong_in_the_module_is_shown(tmp_path: Path, line: str) -> None:
    (tmp_path / "main.py").write_text(line)
    command = [sys.executable, "-m", "postlude", "worker", "main:pool"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f'main.py", line 1, in <module>\n    {line}\n' in ended.stderr


def test_a_store_that_cannot_be_used_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PROGRAM)
    (tmp_path / "tasks.db").write_text("buy milk " * 200)
    command = [sys.executable, "-m", "postlude", "worker", "main:pool"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == (
        "Error: 'tasks.db' is no SQLite database: give the store another file\n"
    )


def test_without_its_packages_it_says_what_to_install() -> None:
    program = (
        "import importlib.util as util, sys\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name: None if name == 'rich' else found(name)\n"
        "from postlude.__main__ import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr == ('rich is not installed. Install it with: pip install "postlude[cli]"\n')


def test_its_help_names_the_verbs() -> None:
    command = [sys.executable, "-m", "postlude", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "tasks " in said
    assert "worker " in said
