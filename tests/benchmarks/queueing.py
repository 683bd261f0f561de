"""S16: no-op jobs through a queue in memory: put, worker, outcome."""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import uvloop
from postlude import BackgroundTask, TaskQueue, Worker
from taskiq import InMemoryBroker
from tests.benchmarks.rows import OURS, Goal, Row, in_turns_async, ratios

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

# Libraries without types.
AsyncIOScheduler: Any = import_module("apscheduler.schedulers.asyncio").AsyncIOScheduler
MemoryHuey: Any = import_module("huey").MemoryHuey

BARE = "asyncio.Queue, 4 bare workers"
WORKERS = 4
JOBS = 2_000
# The others take longer for one.
FEWER = 200


async def nothing() -> None:
    """Nothing."""


def rows(quick: bool) -> Iterator[Row]:
    """Measure it."""
    contenders: dict[str, Callable[[], Awaitable[float]]] = {
        BARE: _bare,
        "huey, in memory": _huey,
        "taskiq, in memory": _taskiq,
        "APScheduler 3": _apscheduler,
        OURS: _ours,
    }
    rates = uvloop.run(in_turns_async(contenders, 5 if quick else 9))
    work = "no-op jobs/s through a queue in memory: put, worker, outcome"
    yield Row("S16", work, BARE, Goal(0.4, at_least=True), ratios(BARE, rates))


async def _bare() -> float:
    queue: asyncio.Queue[Any] = asyncio.Queue()

    async def work() -> None:
        while True:
            job = await queue.get()
            await job()
            queue.task_done()

    workers = [asyncio.create_task(work()) for _ in range(WORKERS)]
    began = time.process_time()
    for _ in range(JOBS):
        await queue.put(nothing)
    await queue.join()
    took = time.process_time() - began
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return JOBS / took


async def _ours() -> float:
    queue = TaskQueue(JOBS)
    workers = [asyncio.create_task(Worker(queue, f"w{n}").run()) for n in range(WORKERS)]
    await asyncio.sleep(0)
    began = time.process_time()
    for _ in range(JOBS):
        await queue.put(BackgroundTask(nothing))
    await queue.join()
    took = time.process_time() - began
    await queue.close()
    await asyncio.gather(*workers)
    return JOBS / took


async def _huey() -> float:
    huey = MemoryHuey(immediate=False)
    job = huey.task()(_nothing_sync)
    began = time.process_time()
    for _ in range(FEWER):
        job()
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
    return FEWER / (time.process_time() - began)


async def _taskiq() -> float:
    broker = InMemoryBroker()
    job: Any = broker.register_task(nothing, task_name="nothing")
    await broker.startup()
    began = time.process_time()
    for _ in range(FEWER):
        await job.kiq()
    await broker.wait_all()
    took = time.process_time() - began
    await broker.shutdown()
    return FEWER / took


async def _apscheduler() -> float:
    left, done = FEWER, asyncio.Event()

    async def job() -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    scheduler = AsyncIOScheduler()
    scheduler.start()
    began = time.process_time()
    for _ in range(FEWER):
        scheduler.add_job(job, misfire_grace_time=None)
    await done.wait()
    took = time.process_time() - began
    scheduler.shutdown(wait=False)
    return FEWER / took


def _nothing_sync() -> None:
    """Nothing."""
