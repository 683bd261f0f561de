"""Brokers and workers of pages: on every system's way to start them, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from proofread import _brokers, _workers
from proofread._model import Page
from proofread._run import run_section
from proofread._sandbox import Sandbox
from proofread._service import as_run, as_shown
from proofread._settings import ConfigError, Limits, read_settings
from proofread._story import stories

PROJECT = Path(__file__).parents[2]
Collect = Callable[[Path], Page]
RQ = """
```python title="tasks.py"
def send_mail(name: str) -> None:
    print(f"mailing {name}")
```

```console
$ redis-server
$ rq worker high
```

```python title="order.py"
from redis import Redis
from rq import Queue
from tasks import send_mail

Queue("high", connection=Redis()).enqueue(send_mail, "ada")
```

```text title="Worker log"
... high: tasks.send_mail('ada') (...)
mailing ada
...
... result is kept for 500 seconds
```
"""


def told(
    text: str, path: Path, collect: Collect, sandbox: Sandbox, **workers: Mapping[str, Any]
) -> list[str]:
    """What is wrong with a page of one section."""
    path.write_text(text, encoding="utf-8")
    [story] = stories(collect(path))
    [section] = story.sections()
    root, kinds = path.with_suffix(""), _workers.all_kinds(workers)
    results = run_section(section, sandbox, root, Limits(log=4), workers=kinds)
    return [problem for result in results for problem in result.problems]


def test_they_start_where_no_process_can_be_forked(tmp_path: Path, collect: Collect) -> None:
    with Sandbox(fork=False) as spawning:
        assert told(RQ, tmp_path / "page.md", collect, spawning) == []


def test_the_scheduler_of_a_worker_is_its_own_affair(
    tmp_path: Path, collect: Collect, sandbox: Sandbox
) -> None:
    scheduling = RQ.replace("rq worker high", "rq worker --with-scheduler high low")
    assert told(scheduling, tmp_path / "page.md", collect, sandbox) == []


def test_a_worker_of_the_project_says_what_it_says_of_itself(
    tmp_path: Path, collect: Collect, sandbox: Sandbox
) -> None:
    quiet = {"ready": "Listening on", "chatter": [r"\S+ (Worker|\*\*\*) .*"]}
    [found] = told(RQ.replace("... high", "... low"), tmp_path / "bad.md", collect, sandbox)
    assert "-... low: tasks.send_mail('ada') (...)" in found
    shown = RQ.replace("... high: tasks.send_mail('ada') (...)\n", "").replace(
        "...\n... result is kept for 500 seconds", "... Successfully completed ..."
    )
    assert told(shown, tmp_path / "good.md", collect, sandbox, rq=quiet) == []


def test_a_worker_that_hides_nothing_shows_all_its_lines(
    tmp_path: Path, collect: Collect, sandbox: Sandbox
) -> None:
    open_hearted = {"ready": "Listening on"}
    text = "```console\n$ redis-server\n$ rq worker high\n```\n"
    [found] = told(text, tmp_path / "page.md", collect, sandbox, rq=open_hearted)
    assert "*** Listening on high..." in found


@pytest.mark.parametrize("says", ["[]", "{chatter = []}", '{ready = "x", hidden = []}'])
def test_a_worker_without_a_sign_of_being_up_is_refused(says: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.proofread.workers]\nmine = {says}\n")
    with pytest.raises(ConfigError, match=r"workers\.mine\] = .*: write `ready`"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("page", "run"),
    [
        ("redis://localhost:6379/0", "redis://localhost:10001/0"),
        ("Redis(port=6379)", "Redis(port=10001)"),
        ("--port 6379", "--port 10001"),
        ("ORDER = 163790", "ORDER = 163790"),
        ("price = 6379.50", "price = 6379.50"),
        ("id_6379", "id_6379"),
    ],
)
def test_a_port_of_a_broker_is_replaced_where_it_is_one(page: str, run: str) -> None:
    assert as_run(page, {6379: 10001}) == run
    assert as_shown(run, {6379: 10001}) == page


def test_a_broker_on_a_port_of_its_own_is_found_there() -> None:
    argv = ["redis-server", "--port", "6380", "--appendonly", "yes"]
    assert _brokers.shown_port(argv) == 6380
    program, *options = _brokers.on_port(argv, 10001)
    assert program == _brokers.found("redis-server")
    assert options == ["--appendonly", "yes", "--bind", "127.0.0.1", "--port", "10001"]


ENGINE = """
import sys, tempfile
from pathlib import Path
from proofread._sandbox import Sandbox
from proofread._settings import Limits
from proofread._stage import Stage

with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
    stage = Stage(sandbox, Path(folder), Limits(), shown=[6379, 5432, 4222])
    stage.lay_out(["initdb", "-D", "data"])
    for argv in (["redis-server"], ["nats-server", "-js"], ["postgres", "-D", "data"]):
        problem = stage.open_broker(argv, name=argv[0])
        assert problem is None, problem
        print(stage.broker(argv[0]).process.pid, flush=True)
    input()
"""


def test_brokers_end_when_the_engine_is_killed(temporary: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ENGINE)],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as engine:
        assert engine.stdout
        pids = [int(engine.stdout.readline()) for _ in range(3)]
        assert all(map(_is_alive, pids))
        os.killpg(engine.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    rooms = "proofread-broker-*"
    while (any(map(_is_alive, pids)) or [*temporary.glob(rooms)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(_is_alive, pids))
    assert not [*temporary.glob(rooms)]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A directory that others may enter: PostgreSQL does not run as root."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
