"""WorkerPool: workers live with the application, and at its end nothing is lost without a word."""

from __future__ import annotations

import inspect
import logging
import signal
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    Cancelled,
    QueueClosed,
    RetryPolicy,
    Succeeded,
    TaskQueue,
    TaskRunner,
    Worker,
    WorkerPool,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude import DrainReport
    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def nothing() -> None: ...


def messages(records: Records, level: int) -> list[str]:
    return [record.getMessage() for record in records() if record.levelno == level]


async def test_what_was_put_is_done_before_the_block_ends() -> None:
    queue, log = TaskQueue(), list[int]()
    async with WorkerPool(Worker(queue, "one"), Worker(queue, "two", concurrency=2)):
        for number in range(50):
            await queue.put(BackgroundTask(log.append, number))
    assert sorted(log) == list(range(50))
    with pytest.raises(QueueClosed):
        queue.put_nowait(BackgroundTask(nothing))


async def test_it_opens_its_queues_again_when_it_is_opened_again() -> None:
    queue = TaskQueue()
    pool = WorkerPool(Worker(queue, "one"))
    for _ in range(2):
        async with pool.lifespan(None):
            handle = await queue.put(BackgroundTask(len, "four"))
            assert isinstance(await handle.wait(), Succeeded)


async def test_one_that_is_opened_twice_goes_on_as_if_nobody_had_tried() -> None:
    queue = TaskQueue()
    pool = WorkerPool(Worker(queue, "one"))
    async with pool:
        handle = await queue.put(BackgroundTask(anyio.sleep, 0.05))
        with pytest.raises(RuntimeError, match="worker 'one' runs already"):
            await pool.__aenter__()
    assert isinstance(handle.outcome, Succeeded)
    async with pool:
        assert isinstance(await (await queue.put(BackgroundTask(len, "four"))).wait(), Succeeded)


async def test_the_drain_ends_at_its_limit_and_names_what_did_not_finish(
    clock: VirtualClock, records: Records
) -> None:
    queue = TaskQueue()
    pool = WorkerPool(Worker(queue, "one"), Worker(queue, "two"), drain_timeout=30)

    async def run() -> None:
        async with pool:
            for number in (1, 2, 3):
                task = BackgroundTask(anyio.sleep_forever).with_options(task_id=f"task-{number}")
                await queue.put(task)
            await queue.put(BackgroundTask(clock.sleep, 10).with_options(task_id="never"))

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        await clock.advance(29)
        assert messages(records, logging.ERROR) == []
        await clock.advance(2)
    reason = "the drain timeout of 30 s was over"
    assert messages(records, logging.ERROR) == [
        f"task 'sleep_forever' (id task-1) was lost on attempt 1 after 30.000 s: {reason}",
        f"task 'sleep_forever' (id task-2) was lost on attempt 1 after 30.000 s: {reason}",
        f"task 'sleep_forever' (id task-3) was never started: {reason}",
        f"task 'VirtualClock.sleep' (id never) was never started: {reason}",
    ]
    (summary,) = messages(records, logging.WARNING)
    assert summary == "the worker pool was drained in 30.000 s: 0 tasks finished, 4 did not"
    assert queue.size == 0


async def test_a_type_that_nobody_serves_is_reported_and_not_waited_for(records: Records) -> None:
    queue = TaskQueue()
    handle = queue.put_nowait({"type": "video", "function": nothing})
    with anyio.fail_after(10):
        async with WorkerPool(Worker(queue, "images", types={"image"})) as pool:
            put = await queue.put({"type": "image", "function": nothing})
            report = await pool.drain()
    assert isinstance(put.outcome, Succeeded)
    assert report.finished == 1
    assert [outcome.reason for outcome in report.unfinished] == [
        "no worker serves its type 'video'"
    ]
    assert isinstance(handle.outcome, Cancelled)
    assert messages(records, logging.ERROR) == [
        f"task 'nothing' (id {handle.id}) was never started: no worker serves its type 'video'"
    ]


async def test_what_a_worker_outside_the_pool_serves_is_left_to_it() -> None:
    queue, go = TaskQueue(), anyio.Event()
    running = await queue.put({"type": "video", "function": go.wait})
    waiting = await queue.put({"type": "video", "function": nothing})
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "outside", types={"video"}).run)
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(10):
            async with WorkerPool(Worker(queue, "images", types={"image"})):
                pass
        assert running.outcome is None
        go.set()
    assert isinstance(running.outcome, Succeeded)
    assert isinstance(waiting.outcome, Succeeded)


async def test_who_waited_on_an_event_loop_that_has_ended_disturbs_no_worker() -> None:
    queue, go = TaskQueue(), anyio.Event()

    def wait_elsewhere() -> None:
        async def wait() -> None:
            for waits in (handle.wait, queue.join):
                with anyio.move_on_after(0.01):
                    await waits()

        anyio.run(wait)

    with anyio.fail_after(10):
        async with WorkerPool(Worker(queue, "worker-1")):
            handle = await queue.put(BackgroundTask(go.wait))
            await anyio.to_thread.run_sync(wait_elsewhere)
            go.set()
            assert isinstance(await handle.wait(), Succeeded)
            assert isinstance(await (await queue.put(BackgroundTask(nothing))).wait(), Succeeded)


async def test_a_retry_that_is_due_too_late_is_not_waited_for(clock: VirtualClock) -> None:
    queue = TaskQueue()

    async def fail() -> None:
        raise OSError("busy")

    policy = RetryPolicy(max_retries=1, initial_delay=3600.0, max_delay=3600.0, jitter=0.0)
    async with WorkerPool(Worker(queue, "one"), drain_timeout=30) as pool:
        await queue.put(BackgroundTask(fail).with_options(retry_policy=policy))
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(10):
            report = await pool.drain()
    assert [outcome.reason for outcome in report.unfinished] == [
        "it was not due before the end of the drain"
    ]


async def test_its_lifespan_serves_a_framework_that_calls_methods_itself() -> None:
    pool = WorkerPool(Worker(TaskQueue(), "one"))
    for lifespan in (pool.lifespan, TaskRunner().lifespan):
        assert not inspect.ismethod(lifespan)
        async with lifespan(object()):
            pass


async def test_a_signal_ends_its_drain() -> None:
    queue, handled = TaskQueue(), list[int]()
    kept = signal.signal(signal.SIGTERM, lambda number, _: handled.append(number))
    reports: list[DrainReport] = []

    async def drain() -> None:
        reports.append(await pool.drain())

    try:
        async with WorkerPool(Worker(queue, "one")) as pool, anyio.create_task_group() as group:
            await queue.put(BackgroundTask(anyio.sleep_forever))
            group.start_soon(drain)
            await anyio.wait_all_tasks_blocked()
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, kept)
    ((lost,),) = [report.unfinished for report in reports]
    assert (lost.reason, handled) == ("SIGTERM ended the drain", [signal.SIGTERM])


async def test_several_queues_are_drained_together(clock: VirtualClock) -> None:
    first, second = TaskQueue(name="first"), TaskQueue(name="second")
    pool = WorkerPool(Worker(first, "one"), Worker(second, "two"))

    async def run() -> None:
        async with pool:
            await first.put(BackgroundTask(clock.sleep, 20))
            await second.put(BackgroundTask(clock.sleep, 20))

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        await clock.advance(20.5)
        assert pool.finished == 2


async def test_a_pool_that_cannot_start_leaves_no_worker_behind() -> None:
    queue = TaskQueue()
    one, two = Worker(queue, "one"), Worker(queue, "two")
    async with anyio.create_task_group() as group:
        group.start_soon(two.run)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(RuntimeError, match="worker 'two' runs already"):
            async with WorkerPool(one, two):
                pass
        await queue.close()
    with anyio.fail_after(10):
        await one.run()


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ([], {}, TypeError, "a pool needs workers"),
        (["one"], {}, TypeError, "takes Worker objects, got an object of type 'str'"),
        ([Worker(TaskQueue(), "one")] * 2, {}, ValueError, "given twice"),
        ([Worker(TaskQueue(), "one")], {"drain_timeout": -1}, ValueError, "drain_timeout=-1"),
    ],
)
def test_what_is_no_pool_is_refused(
    arguments: Any, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        WorkerPool(*arguments, **options)


def test_its_repr_names_its_workers() -> None:
    queue = TaskQueue()
    assert repr(WorkerPool(Worker(queue, "a"), Worker(queue, "b"))) == "<WorkerPool: 'a', 'b'>"
