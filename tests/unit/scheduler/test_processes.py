"""A schedule in two real processes that share a file."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

import anyio
from postlude import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

    from postlude.queue._sqlite_lists import StoredTask

BEAT = """
import asyncio
import os
import sys
from pathlib import Path

from postlude import BackgroundScheduler, SQLiteStore, TaskQueue, Worker, WorkerPool, task

store = SQLiteStore("tasks.db")
pool = WorkerPool(Worker(TaskQueue(store=store), "worker-1"))


@task(name="beat")
async def beat() -> None:
    with Path("ledger").open("a") as ledger:
        print(os.getpid(), file=ledger)


async def main() -> None:
    scheduler = BackgroundScheduler(store=store)
    handle = scheduler.add_recurring_task(beat, interval=0.2, overlap="allow")
    async with store, pool, scheduler:
        print("up", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for _ in range(5):
            print(handle.next_run.timestamp())
            await handle.wait()


asyncio.run(main())
"""


def test_two_processes_on_one_file_fire_each_moment_once(tmp_path: Path) -> None:
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", BEAT],
                    cwd=tmp_path,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        for process in processes:
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        moments = [process.communicate(timeout=60)[0].split() for process in processes]
        assert [process.returncode for process in processes] == [0, 0]
    shared = set(moments[0]) & set(moments[1])
    assert len(shared) >= 2, moments
    beats = (tmp_path / "ledger").read_text().split()
    assert {int(beat) for beat in beats} <= {process.pid for process in processes}
    put = anyio.run(stored, tmp_path / "tasks.db")
    assert len(beats) == sum(one.status == "succeeded" for one in put)
    times = [one.task_id.removeprefix("beat ") for one in put]
    assert len({datetime.fromisoformat(time) for time in times}) == len(times)


async def stored(path: Path) -> list[StoredTask]:
    async with SQLiteStore(path) as store:
        return await store.tasks(limit=1_000_000)
