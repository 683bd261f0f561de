"""Where the time goes in the rows whose goals are hard: the modules that take most of it."""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    SQLiteStore,
    TaskMonitor,
    TaskQueue,
    TaskRunner,
    Worker,
    subscribe,
)
from tests.benchmarks.building import on_the_loop
from tests.benchmarks.importing import BASE, NAMES
from tests.benchmarks.inline import in_a_thread
from tests.benchmarks.proving import proof_shares
from tests.benchmarks.served import postlude as application
from tests.benchmarks.storing import LONE, through
from tests.benchmarks.storing import nothing as nothing_stored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

MOST = 8
COUNT = 4_000
Share = tuple[str, float]
SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1:8000"), (b"accept", b"*/*")],
    "client": ("127.0.0.1", 50_000),
    "server": ("127.0.0.1", 8000),
}


async def nothing() -> None:
    """Nothing."""


def profiles() -> dict[str, list[Share]]:
    """By row: modules, and the share of the event loop's thread that each takes itself."""
    subjects: dict[str, Callable[[cProfile.Profile], Awaitable[None]]] = {
        "S1": _built,
        "S3": lambda profile: _group(profile, nothing),
        "S3m": _listened_to,
        "S4": lambda profile: _group(profile, in_a_thread),
        "S5": _in_a_thread,
        "S8": lambda profile: _requests(profile, "/async"),
        "S9": lambda profile: _requests(profile, "/def"),
        "S14": _delayed,
        "S16": _queued,
        "S17": _stored,
        "S18": _stored_alone,
    }
    shares = {key: _shares(subject) for key, subject in subjects.items()}
    return {**shares, "S19b": _imported(), "S20": proof_shares()}


def _shares(subject: Callable[[cProfile.Profile], Awaitable[None]]) -> list[Share]:
    profile = cProfile.Profile(time.thread_time)
    uvloop.run(_awaited(subject, profile))
    stats: dict[tuple[str, int, str], tuple[Any, ...]] = vars(pstats.Stats(profile))["stats"]
    took: Counter[str] = Counter()
    for (file, _, _), numbers in stats.items():
        took[_module(Path(file))] += numbers[2]
    return _most(took)


def _most(took: Counter[str]) -> list[Share]:
    whole = took.total()
    return [(name, round(time / whole, 3)) for name, time in took.most_common(MOST)]


async def _awaited(
    subject: Callable[[cProfile.Profile], Awaitable[None]], profile: cProfile.Profile
) -> None:
    await subject(profile)


def _module(file: Path) -> str:
    if not file.suffix:
        return "Python itself, in C"
    package = next((part for part in ("postlude", "starlette") if part in file.parts), None)
    if package is None:
        return "all else"
    return f"{package}.{file.stem}" if package == "postlude" else package


async def _built(profile: cProfile.Profile) -> None:
    with profile:
        tasks = [BackgroundTask(on_the_loop, 1, 2) for _ in range(COUNT)]
    await BackgroundTasks(tasks)()  # or each would say that it was never run


async def _in_a_thread(profile: cProfile.Profile) -> None:
    task = BackgroundTask(in_a_thread)
    with profile:
        for _ in range(COUNT):
            await task()


async def _group(profile: cProfile.Profile, func: Callable[[], object]) -> None:
    tasks = BackgroundTasks([BackgroundTask(func)] * 100)
    with profile:
        for _ in range(COUNT // 100):
            await tasks()


async def _listened_to(profile: cProfile.Profile) -> None:
    with subscribe(TaskMonitor()):
        await _group(profile, nothing)


async def _requests(profile: cProfile.Profile, path: str) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        pass

    scope = {**SCOPE, "path": path, "raw_path": path.encode()}
    async with application.runner:
        with profile:
            for number in range(COUNT):
                await application(dict(scope), receive, send)
                if number % 4 == 3:  # as many as a server reads in one turn of its loop
                    await asyncio.sleep(0)
        await application.runner.drain()


async def _delayed(profile: cProfile.Profile) -> None:
    async with TaskRunner(drain_timeout=0) as runner:
        task = BackgroundTask(nothing).with_options(delay=3600)
        with profile:
            handles = [runner.submit(task) for _ in range(COUNT)]
        for handle in handles:
            handle.cancel()


async def _queued(profile: cProfile.Profile) -> None:
    queue = TaskQueue(COUNT)
    workers = [asyncio.create_task(Worker(queue, f"w{n}").run()) for n in range(4)]
    await asyncio.sleep(0)
    with profile:
        for _ in range(COUNT):
            await queue.put(BackgroundTask(nothing))
        await queue.join()
    await queue.close()
    await asyncio.gather(*workers)


async def _stored(profile: cProfile.Profile) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with SQLiteStore(Path(directory, "tasks.db")) as store:
            with profile:
                await through(store)


async def _stored_alone(profile: cProfile.Profile) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with SQLiteStore(Path(directory, "tasks.db")) as store:
            queue = TaskQueue(COUNT, store=store)
            with profile:
                for _ in range(LONE):
                    await queue.put(BackgroundTask(nothing_stored))


def _imported() -> list[Share]:
    """By package, what the names of ours import on top of what a server has imported anyway."""
    known = {module for module, _ in _import_times(BASE)}
    took: Counter[str] = Counter()
    for module, microseconds in _import_times(f"{BASE}\n{NAMES}"):
        if module not in known:
            top = module.partition(".")[0]
            name = "Python's own" if top in sys.stdlib_module_names else top
            took[module if top == "postlude" else name] += microseconds
    return _most(took)


def _import_times(code: str) -> list[tuple[str, int]]:
    command = [sys.executable, "-X", "importtime", "-c", code]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    lines = [line.removeprefix("import time:").split("|") for line in said.splitlines()[1:]]
    return [(module.strip(), int(own)) for own, _, module in lines]
