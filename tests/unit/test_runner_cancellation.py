"""TaskRunner: what a handle cancels, from any thread and in any state."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    Cancelled,
    Failed,
    RetryPolicy,
    Succeeded,
    TaskQueue,
    TaskRetried,
    TaskRunner,
    TaskStatus,
    Worker,
    WorkerPool,
    subscribe,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def nothing() -> None: ...


async def fail() -> None:
    raise ValueError("bad")


async def test_a_handle_can_be_cancelled_from_another_thread() -> None:
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(anyio.sleep_forever))
        await anyio.wait_all_tasks_blocked()
        await anyio.to_thread.run_sync(handle.cancel)
        with anyio.fail_after(10):
            assert isinstance(await handle.wait(), Cancelled)


async def test_a_running_task_is_cancelled_and_its_worker_goes_on(records: Records) -> None:
    ended = anyio.Event()

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with TaskRunner(max_concurrent=1) as runner:
        handle = runner.submit(BackgroundTask(work))
        await anyio.wait_all_tasks_blocked()
        assert handle.status is TaskStatus.RUNNING
        handle.cancel()
        outcome = await handle.wait()
        assert ended.is_set()
        after = await runner.submit(BackgroundTask(nothing)).wait()
        handle.cancel()
    assert isinstance(outcome, Cancelled)
    assert (outcome.reason, outcome.attempts) == ("its handle was told to cancel", 1)
    assert str(handle.status) == "cancelled"
    assert isinstance(after, Succeeded)
    assert records() == []


async def test_a_waiting_task_that_is_cancelled_never_runs_and_makes_room() -> None:
    ran: list[str] = []
    gate = anyio.Event()
    async with TaskRunner(max_concurrent=1, max_pending=1) as runner:
        runner.submit(BackgroundTask(gate.wait))
        await anyio.wait_all_tasks_blocked()
        waiting = runner.submit(BackgroundTask(ran.append, "waiting"))
        assert waiting.status is TaskStatus.PENDING
        waiting.cancel()
        assert await waiting.wait() == waiting.outcome
        runner.submit(BackgroundTask(ran.append, "next"))
        gate.set()
    assert ran == ["next"]


async def test_a_task_between_attempts_is_cancelled(clock: VirtualClock) -> None:
    policy = RetryPolicy(initial_delay=10)
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(fail).with_options(retry_policy=policy))
        await anyio.wait_all_tasks_blocked()
        handle.cancel()
        outcome = await handle.wait()
        await clock.advance(20)
    assert isinstance(outcome, Cancelled)
    assert (outcome.attempts, handle.outcome) == (1, outcome)


@pytest.mark.parametrize("where", ["runner", "worker"])
async def test_a_task_that_is_cancelled_as_its_retry_is_announced_is_not_tried_again(
    where: str,
) -> None:
    def cancel(event: object) -> None:
        if isinstance(event, TaskRetried):
            handle.cancel()

    task = BackgroundTask(fail).with_options(retry_policy=RetryPolicy(initial_delay=60))
    queue = TaskQueue()
    async with TaskRunner() as runner, WorkerPool(Worker(queue, "one")):
        with subscribe(cancel):
            handle = await queue.put(task) if where == "worker" else runner.submit(task)
            with anyio.fail_after(10):
                assert isinstance(await handle.wait(), Cancelled)


async def test_a_task_that_fails_instead_of_ending_is_not_tried_again_once_cancelled() -> None:
    async def stubborn() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise ValueError("no")

    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(stubborn).with_options(retry_policy=RetryPolicy()))
        await anyio.wait_all_tasks_blocked()
        handle.cancel()
        assert isinstance(await handle.wait(), Failed)
