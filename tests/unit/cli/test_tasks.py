"""`postlude tasks`, as its user types it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import BackgroundTask, SQLiteStore, TaskQueue, Worker, task
from postlude.cli._drawing import age

if TYPE_CHECKING:
    from pathlib import Path

    from postlude._clock import VirtualClock


@task(name="emails.welcome")
def welcome(to: str) -> str:
    if to == "nobody":
        raise ValueError("no such address")
    return f"sent to {to}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one task that succeeded, one that failed, and one that waits."""
    path = tmp_path / "tasks.db"

    async def fill() -> None:
        async with SQLiteStore(path) as store:
            queue = TaskQueue(store=store)
            for to in ("ada", "nobody"):
                await queue.put(BackgroundTask(welcome, to).with_options(task_id=f"id-{to}"))
            await queue.close()
            await Worker(queue, "worker-1").run()
            await put(store, "id-late")

    anyio.run(fill)
    return path


async def put(store: SQLiteStore, task_id: str) -> None:
    built = BackgroundTask(welcome, "bob").with_options(
        task_id=task_id, engine=store, queue="later", delay=3600
    )
    await built.submit()


def postlude(path: Path, *arguments: str | bytes, status: int = 0, columns: int = 200) -> str:
    command = [sys.executable, "-m", "postlude", "tasks", "--store", str(path), *arguments]
    environment = {**os.environ, "COLUMNS": str(columns), "TZ": "UTC"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == status, ended.stderr
    return ended.stdout + ended.stderr


def test_list_has_a_line_for_each_the_newest_first(path: Path) -> None:
    lines = postlude(path, "list").splitlines()
    assert lines[1].split() == ["id", "status", "attempts", "age", "queue", "task", "error"]
    rows = [line.split() for line in lines[3:] if line.strip()]
    assert [(row[0], row[1]) for row in rows] == [
        ("id-late", "pending"),
        ("id-nobody", "failed"),
        ("id-ada", "succeeded"),
    ]
    assert lines[4].rstrip().endswith("ValueError: no such address")


def test_list_can_be_narrowed(path: Path) -> None:
    assert "id-nobody" in postlude(path, "list", "--status", "failed")
    assert "id-ada" not in postlude(path, "list", "--status", "failed")
    assert "id-ada" not in postlude(path, "list", "--queue", "later")
    assert "id-nobody" not in postlude(path, "list", "--limit", "1")
    assert postlude(path, "list", "--queue", "none") == "no such tasks\n"


def test_show_says_all_but_the_arguments(path: Path) -> None:
    said = postlude(path, "show", "id-nobody")
    facts = dict(line.split(maxsplit=1) for line in said.splitlines())
    assert facts["status"].strip() == "failed"
    assert facts["error"].strip() == "ValueError: no such address"
    assert facts["attempts"].strip() == "1"
    assert facts["worker"].strip() == "worker-1"
    assert "args" not in facts
    assert '"sent to ada"' in postlude(path, "show", "id-ada")
    assert '["nobody"]' in postlude(path, "show", "id-nobody", "--arguments")


def test_show_says_that_nobody_knows_an_id(path: Path) -> None:
    assert f"Error: no task 'x' in {str(path)!r}" in postlude(path, "show", "x", status=1)


def test_retry_lets_a_dead_letter_wait_again(path: Path) -> None:
    assert postlude(path, "retry", "id-nobody") == "retried: 1\n"
    assert "pending" in postlude(path, "show", "id-nobody")
    assert postlude(path, "retry", "--all") == "retried: 0\n"


def test_discard_deletes_it(path: Path) -> None:
    assert postlude(path, "discard", "--all", "--yes") == "discarded: 1\n"
    assert "no task 'id-nobody'" in postlude(path, "show", "id-nobody", status=1)


def test_discard_of_all_asks_first(path: Path) -> None:
    assert "delete all dead letters? [y/N]" in postlude(path, "discard", "--all", status=1)
    assert "failed" in postlude(path, "show", "id-nobody")


def test_what_is_no_dead_letter_is_left_alone(path: Path) -> None:
    said = f"Error: no dead letter 'id-ada' in {str(path)!r}: its status is succeeded"
    assert said in postlude(path, "retry", "id-ada", status=1)
    assert "name the tasks, or write --all" in postlude(path, "retry", status=2)
    assert "name the tasks, or write --all" in postlude(path, "retry", "x", "--all", status=2)


def test_another_queues_letters_are_left_alone(path: Path) -> None:
    assert postlude(path, "retry", "--all", "--queue", "later") == "retried: 0\n"
    said = f"no dead letter 'id-nobody' in queue 'later' of {str(path)!r}: its status is failed"
    assert said in postlude(path, "retry", "id-nobody", "--queue", "later", status=1)


def test_watch_has_a_line_whenever_something_changed(path: Path) -> None:
    command = [sys.executable, "-m", "postlude", "tasks", "--store", str(path), "watch"]
    watch = subprocess.Popen(
        [*command, "--interval", "0.05"], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert watch.stdout is not None
    with watch, watch.stdout:
        assert watch.stdout.readline() == "1 pending  1 succeeded  1 failed\n"

        async def put_another() -> None:
            async with SQLiteStore(path) as store:
                await put(store, "id-more")

        anyio.run(put_another)
        assert watch.stdout.readline() == "2 pending  1 succeeded  1 failed\n"
        watch.terminate()


def test_watch_until_done_ends_when_nothing_is_left(path: Path) -> None:
    said = postlude(path, "watch", "--queue", "default", "--until-done")
    assert said == "1 succeeded  1 failed\n"
    assert postlude(path, "watch", "--queue", "none", "--until-done") == "no tasks\n"


def test_watch_in_a_terminal_keeps_its_place(path: Path) -> None:
    pty = pytest.importorskip("pty")
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "postlude", "tasks", "--store", str(path), "watch"]
    with subprocess.Popen(
        [*command, "--queue", "default", "--until-done"],
        stdout=its,
        env={**os.environ, "TERM": "xterm"},
    ) as watch:
        os.close(its)
        shown = b""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                shown += os.read(ours, 10_000)
            except OSError:
                break
        assert watch.wait(10) == 0
    os.close(ours)
    assert b"1 succeeded" in shown
    assert "━".encode() in shown


def test_a_list_hides_nothing_where_there_is_little_room(path: Path) -> None:
    task_id = "id-" + "x" * 100

    async def fill() -> None:
        async with SQLiteStore(path) as store:
            await put(store, task_id)

    anyio.run(fill)
    said = postlude(path, "list", columns=40)
    assert [line.split()[:3] for line in said.splitlines() if task_id in line] == [
        [task_id, "pending", "0"]
    ]
    assert [line.split()[-1] for line in said.splitlines() if task_id in line] == ["emails.welcome"]


def test_what_a_task_is_called_does_nothing_to_the_terminal(path: Path) -> None:
    async def fill() -> None:
        async with SQLiteStore(path) as store:
            await put(store, "id-\x1b[2J")

    anyio.run(fill)
    for said in (postlude(path, "list"), postlude(path, "show", "id-\x1b[2J")):
        assert "\x1b" not in said
        assert r"id-\x1b[2J" in said


def test_an_id_that_is_no_text_is_not_known(path: Path) -> None:
    said = postlude(path, "show", b"\xff", status=1)
    assert said == f"Error: no task '\\udcff' in {str(path)!r}\n"
    assert postlude(path, "list", "--queue", b"\xff") == "no such tasks\n"


def test_discard_asks_only_for_what_it_can_do_and_says_of_which_queue(path: Path) -> None:
    said = postlude(path, "discard", "--all", "id-nobody", status=2)
    assert "name the tasks, or write --all" in said
    assert "delete" not in said
    missing = path.with_name("none.db")
    assert postlude(missing, "discard", "--all", status=1).startswith("Error: there is no file")
    said = postlude(path, "discard", "--all", "--queue", "later", status=1)
    assert said.startswith("delete all dead letters of queue 'later'? [y/N]:")


@pytest.mark.parametrize("interval", ["nan", "inf", "0"])
def test_an_interval_is_one_that_can_be_waited_for(path: Path, interval: str) -> None:
    said = postlude(path, "watch", "--until-done", "--interval", interval, status=2)
    assert "Invalid value for '--interval'" in said


def test_a_name_that_can_be_no_files_is_told(tmp_path: Path) -> None:
    said = postlude(tmp_path / ("x" * 300), "list", status=1)
    assert said.endswith("' cannot be read: File name too long\n")


def test_watch_ends_with_the_key_that_it_names(path: Path) -> None:
    command = [sys.executable, "-u", "-m", "postlude", "tasks", "--store", str(path), "watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as watch:
        assert watch.stdout is not None
        assert watch.stdout.readline() == "1 pending  1 succeeded  1 failed\n"
        watch.send_signal(signal.SIGINT)
        assert watch.stdout.read() == ""
        assert watch.wait(10) == 0


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    said = postlude(tmp_path / "none.db", "list", status=1)
    assert "there is no file" in said
    assert "give the store's with --store, or POSTLUDE_STORE" in said
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_store_is_said_to_be_none(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("buy milk " * 200)
    assert "is no SQLite database" in postlude(other, "list", status=1)
    assert other.read_text().startswith("buy milk")


def test_the_store_may_be_named_by_the_environment(path: Path) -> None:
    command = [sys.executable, "-m", "postlude", "tasks", "list"]
    environment = {**os.environ, "POSTLUDE_STORE": str(path), "COLUMNS": "200"}
    said = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert "id-ada" in said.stdout


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7300, "2 h"), (200_000, "2 d"), (-5, "0 s")],
)
def test_an_age_is_in_its_largest_unit(clock: VirtualClock, seconds: int, words: str) -> None:
    assert age(clock.utcnow() - timedelta(seconds=seconds)) == words
    assert age(None) == ""
