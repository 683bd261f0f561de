"""What is killed: a producer, and workers of one store."""

from __future__ import annotations

import os
import random
import signal
import sys
import time

import anyio
from postlude import BackgroundTask, SQLiteStore, TaskQueue, Worker, WorkerPool, task

LEASE = 1.5
# They are killed so often that three in a row may well meet the same innocent task.
store = SQLiteStore("tasks.db", lease=LEASE, max_crashes=5)
queue = TaskQueue(1_000_000, store=store)
pool = WorkerPool(Worker(queue, f"worker-{os.getpid()}", concurrency=4))


def note(word: str, name: str) -> None:
    """Add a line in one write, which other processes' lines cannot come into."""
    line = f"{time.monotonic():.6f} {word} {name} {os.getpid()}\n"
    ledger = os.open("ledger.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(ledger, line.encode())
    os.close(ledger)


@task(name="work.def")
def work(name: str, seconds: float) -> None:
    note("begins", name)
    time.sleep(seconds)
    note("ends", name)


@task(name="work.async")
async def work_async(name: str, seconds: float) -> None:
    note("begins", name)
    await anyio.sleep(seconds)
    note("ends", name)


@task(name="work.poison")
def poison(name: str) -> None:
    note("begins", name)
    os.kill(os.getpid(), signal.SIGKILL)


async def put_for_ever(prefix: str) -> None:
    """Put tasks, a few at a time, and note each that was confirmed."""

    async def put_some(lane: int) -> None:
        for number in range(1_000_000):
            name = f"{prefix}-{lane}-{number}"
            function = random.choice((work, work_async))
            await queue.put(BackgroundTask(function, name, random.uniform(0, 0.02)))
            note("confirmed", name)
            await anyio.sleep(0.01)

    async with anyio.create_task_group() as group:
        for lane in range(3):
            group.start_soon(put_some, lane)


async def put_poison(name: str) -> None:
    await queue.put(BackgroundTask(poison, name))
    note("confirmed", name)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["produce", prefix]:
            anyio.run(put_for_ever, prefix)
        case ["poison", name]:
            anyio.run(put_poison, name)
        case _:
            sys.exit("produce PREFIX, or poison NAME")
