"""A server that cancels all of the event loop at once, as gunicorn does on Ctrl-C."""

from __future__ import annotations

import asyncio
from itertools import permutations
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import BackgroundTask, TaskQueue, TaskRunner, Worker, WorkerPool

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable

    Records = Callable[[], list[logging.LogRecord]]
    Serve = Callable[[BackgroundTask, BackgroundTask], Awaitable[None]]


async def serve_with_a_runner(first: BackgroundTask, second: BackgroundTask) -> None:
    async with TaskRunner(max_concurrent=1) as runner:
        runner.submit(first)
        runner.submit(second)
        await anyio.sleep_forever()


async def serve_with_a_pool(first: BackgroundTask, second: BackgroundTask) -> None:
    queue = TaskQueue()
    async with WorkerPool(Worker(queue, "worker-1")):
        await queue.put(first)
        await queue.put(second)
        await anyio.sleep_forever()


@pytest.mark.parametrize("serve", [serve_with_a_runner, serve_with_a_pool])
@pytest.mark.parametrize("is_async", [False, True], ids=["def", "async"])
@pytest.mark.parametrize("use_uvloop", [False, True], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_next_task_is_never_started_and_each_is_named(
    records: Records, order: tuple[int, ...], use_uvloop: bool, is_async: bool, serve: Serve
) -> None:
    ran: list[str] = []

    async def run() -> None:
        ran.append("next")

    async def main() -> None:
        following = BackgroundTask(run) if is_async else BackgroundTask(ran.append, "next")
        server = asyncio.ensure_future(serve(BackgroundTask(anyio.sleep_forever), following))
        await anyio.wait_all_tasks_blocked()
        # The application, a worker, and who looks after the workers.
        everything = sorted(asyncio.all_tasks() - {asyncio.current_task()}, key=id)
        assert len(everything) == len(order)
        for place in order:
            everything[place].cancel()
        await asyncio.wait([server])
        assert server.cancelled()

    anyio.run(main, backend="asyncio", backend_options={"use_uvloop": use_uvloop})
    assert ran == []
    said = [record.getMessage() for record in records()]
    assert [line.startswith("task 'sleep_forever' ") for line in said].count(True) == 1
    assert ["was never started" in line for line in said].count(True) == 1
