"""Worker: how many tasks it starts in a window of time."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import (
    BackgroundTask,
    TaskQueue,
    Worker,
)
from postlude._clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def nothing() -> None: ...


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_rate_bounds_every_window_of_time(clock: VirtualClock, concurrency: int) -> None:
    queue, starts = TaskQueue(), list[float]()

    async def start() -> None:
        starts.append(clock.now())

    for _ in range(10):
        await queue.put(BackgroundTask(start))
    worker = Worker(queue, "slow", concurrency=concurrency, rate=(3, timedelta(seconds=2)))
    async with anyio.create_task_group() as group:
        group.start_soon(worker.run)
        await clock.advance(0.5)
        await queue.close()
        await clock.advance(20)
    assert starts == [0.0] * 3 + [2.0] * 3 + [4.0] * 3 + [6.0]


async def test_a_rate_begins_anew_on_another_clock() -> None:
    queue = TaskQueue()
    worker = Worker(queue, "slow", rate=(1, 10.0))
    for later in (100, 0):
        with VirtualClock() as clock:
            async with anyio.create_task_group() as group:
                group.start_soon(worker.run)
                await clock.advance(later)
                handle = await queue.put(BackgroundTask(nothing))
                await clock.advance(1)
                assert handle.outcome is not None
                group.cancel_scope.cancel()


async def test_a_rate_is_a_sliding_window_and_not_one_per_second(clock: VirtualClock) -> None:
    queue, starts = TaskQueue(), list[float]()

    async def start() -> None:
        starts.append(clock.now())

    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "slow", rate=(2, 1.0)).run)
        await clock.advance(0.9)
        for _ in range(2):
            await queue.put(BackgroundTask(start))
        await clock.advance(0.2)
        for _ in range(3):
            await queue.put(BackgroundTask(start))
        await clock.advance(5)
        await queue.close()
    assert starts == pytest.approx([0.9, 0.9, 1.9, 1.9, 2.9])


async def test_a_worker_that_must_wait_for_its_rate_leaves_the_work_to_others(
    clock: VirtualClock,
) -> None:
    queue, log = TaskQueue(), list[int]()

    async def note(number: int) -> None:
        log.append(number)

    slow = Worker(queue, "slow", rate=(1, 3600.0))
    async with anyio.create_task_group() as group:
        group.start_soon(slow.run)
        await queue.put(BackgroundTask(note, 0))
        await clock.advance(1)
        assert log == [0]
        await queue.put(BackgroundTask(note, 0))
        await clock.advance(1)
        assert log == [0]
        group.start_soon(Worker(queue, "quick").run)
        await anyio.wait_all_tasks_blocked()
        for number in (1, 2, 3):
            await queue.put(BackgroundTask(note, number))
            await queue.put(BackgroundTask(note, number))
            with anyio.fail_after(10):
                await queue.join()
        with anyio.fail_after(10):
            await queue.close()  # and the slow one does not wait for its hour
    assert log == [0, 0, 1, 1, 2, 2, 3, 3]
    assert clock.now() < 3600


async def test_who_is_woken_and_must_wait_for_its_rate_wakes_another(clock: VirtualClock) -> None:
    queue, log = TaskQueue(), list[int]()

    async def note(number: int) -> None:
        log.append(number)

    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "slow", concurrency=2, rate=(1, 3600.0)).run)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(Worker(queue, "quick").run)
        await anyio.wait_all_tasks_blocked()
        queue.put_nowait(BackgroundTask(note, 1))
        queue.put_nowait(BackgroundTask(note, 2))  # wakes the second slot of the slow one
        with anyio.fail_after(10):
            await queue.join()
        await queue.close()
    assert sorted(log) == [1, 2]
