"""TaskHandle: it can be waited for from anywhere, and its answer is for good."""

from __future__ import annotations

import threading

import anyio
import anyio.to_thread
import pytest
from postlude import BackgroundTask, Outcome, TaskRunner

pytestmark = pytest.mark.anyio


async def test_a_wait_on_another_event_loop_ends_with_the_task() -> None:
    go, waiting = anyio.Event(), threading.Event()
    outcomes: list[Outcome] = []

    def wait_elsewhere() -> None:
        async def wait() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(note)
                await anyio.wait_all_tasks_blocked()
                waiting.set()

        async def note() -> None:
            # Without a limit: its timer would wake the event loop.
            outcomes.append(await handle.wait())

        anyio.run(wait)

    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(go.wait))
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.to_thread.run_sync, wait_elsewhere)
                await anyio.to_thread.run_sync(waiting.wait, 10)
                go.set()
    assert outcomes == [handle.outcome]


async def test_a_wait_that_is_cancelled_leaves_nothing_behind() -> None:
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(anyio.sleep_forever))
        for _ in range(100):
            with anyio.move_on_after(0):
                await handle.wait()
        with anyio.move_on_after(0.01):
            await handle.wait()
        job = runner.pool.history.get(handle.id)
        assert job is not None
        assert not job.watchers
        handle.cancel()
        await handle.wait()
