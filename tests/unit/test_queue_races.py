"""A queue when two things happen at the same moment: one of them counts, and nothing is lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import (
    BackgroundTask,
    Cancelled,
    Failed,
    RetryPolicy,
    Succeeded,
    TaskQueue,
    Worker,
    _job,
)
from postlude._clock import VirtualClock
from postlude._waiter import Waiter
from postlude.queue import _queue, _shift

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio


def elsewhere(function: Callable[[], Any]) -> None:
    """Call the function in another thread, while the event loop stands still."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def just_before_the_wait(
    module: Any, function: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Call the function once, in another thread, after all was looked at and before the wait."""

    class Late(Waiter):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            monkeypatch.setattr(module, "Waiter", Waiter)
            elsewhere(function)

    monkeypatch.setattr(module, "Waiter", Late)


async def test_several_wait_for_the_same_task() -> None:
    queue, outcomes = TaskQueue(), list[object]()
    handle = await queue.put(BackgroundTask(str, "done"))

    async def wait() -> None:
        outcomes.append(await handle.wait())

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await queue.close()
        await Worker(queue, "one").run()
    assert outcomes == [handle.outcome] * 2
    handle.cancel()
    assert isinstance(handle.outcome, Succeeded)


async def test_a_task_that_ends_as_somebody_begins_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = TaskQueue()
    handle = await queue.put(BackgroundTask(str))
    just_before_the_wait(_job, handle.cancel, monkeypatch)
    with anyio.fail_after(5):
        assert isinstance(await handle.wait(), Cancelled)


async def test_the_last_task_ends_as_somebody_begins_to_wait_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue = TaskQueue()
    handle = await queue.put(BackgroundTask(str))
    just_before_the_wait(_queue, handle.cancel, monkeypatch)
    with anyio.fail_after(5):
        await queue.join()


async def test_a_task_that_comes_as_a_worker_begins_to_rest_is_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue, log = TaskQueue(), list[str]()

    def put() -> None:
        queue.put_nowait(BackgroundTask(log.append, "late"))

    just_before_the_wait(_shift, put, monkeypatch)
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        with anyio.fail_after(5):
            while not log:
                await anyio.lowlevel.checkpoint()
        await queue.close()
    assert log == ["late"]


async def test_a_task_that_ends_well_when_it_is_cancelled_leaves_its_worker_to_the_next() -> None:
    queue, log = TaskQueue(), list[str]()

    async def careful() -> str:
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            return "saved"
        raise AssertionError

    first = await queue.put(BackgroundTask(careful))
    await queue.put(BackgroundTask(log.append, "next"))
    await queue.close()
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await anyio.wait_all_tasks_blocked()
        elsewhere(first.cancel)
        elsewhere(first.cancel)
    assert isinstance(first.outcome, Succeeded)
    assert log == ["next"]


async def test_a_task_that_fails_when_it_is_cancelled_is_not_tried_again() -> None:
    queue, attempts = TaskQueue(), list[int]()

    async def stubborn() -> None:
        attempts.append(1)
        try:
            await anyio.sleep_forever()
        finally:
            raise OSError("cannot close")

    policy = RetryPolicy(initial_delay=0.001, jitter=0)
    handle = await queue.put(BackgroundTask(stubborn).with_options(retry_policy=policy))
    await queue.close()
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await anyio.wait_all_tasks_blocked()
        handle.cancel()
    assert isinstance(handle.outcome, Failed)
    assert attempts == [1]


class ClockThatIsLookedAt(VirtualClock):
    """Calls a function when the first call that is due looks at the time."""

    def __init__(self) -> None:
        super().__init__()
        self.once: list[Callable[[], object]] = []

    def now(self) -> float:
        while self.once and super().now() >= 1:
            elsewhere(self.once.pop())
        return super().now()


async def test_a_retry_that_is_back_in_line_when_its_cancellation_arrives_never_runs() -> None:
    queue, attempts, gate = TaskQueue(), list[int](), anyio.Event()

    async def fail() -> None:
        attempts.append(1)
        raise OSError("busy")

    policy = RetryPolicy(initial_delay=1, jitter=0)
    with ClockThatIsLookedAt() as clock:
        handle = await queue.put(BackgroundTask(fail).with_options(retry_policy=policy))
        async with anyio.create_task_group() as group:
            group.start_soon(Worker(queue, "one").run)
            await queue.put(BackgroundTask(gate.wait))  # then the worker has no place for it
            await clock.advance(0.5)
            clock.once.append(handle.cancel)  # on its way to the worker, which puts it back
            await clock.advance(1)
            with anyio.fail_after(5):
                assert isinstance(await handle.wait(), Cancelled)
            gate.set()
            await queue.close()
    assert (attempts, clock.once) == ([1], [])


async def test_a_retry_that_two_threads_cancel_ends_once(clock: VirtualClock) -> None:
    queue, attempts = TaskQueue(), list[int]()

    async def fail() -> None:
        attempts.append(1)
        raise OSError("busy")

    policy = RetryPolicy(initial_delay=1, jitter=0)
    handle = await queue.put(BackgroundTask(fail).with_options(retry_policy=policy))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await clock.advance(0.5)
        elsewhere(handle.cancel)
        elsewhere(handle.cancel)
        with anyio.fail_after(5):
            assert isinstance(await handle.wait(), Cancelled)
            await clock.advance(1)
            assert isinstance(await (await queue.put(BackgroundTask(str))).wait(), Succeeded)
        await queue.close()
    assert (attempts, queue.size) == ([1], 0)


async def test_a_closed_queue_with_a_retry_to_come_and_no_rate_left_ends(
    clock: VirtualClock,
) -> None:
    queue, moments = TaskQueue(), list[float]()

    async def flaky() -> None:
        moments.append(clock.now())
        if len(moments) == 1:
            raise OSError("busy")

    policy = RetryPolicy(initial_delay=3, jitter=0)
    await queue.put(BackgroundTask(flaky).with_options(retry_policy=policy))
    await queue.close()
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one", rate=(1, 10.0)).run)
        await clock.advance(20)
    assert moments == [0.0, 10.0]
