"""TaskRunner: tasks that wait for each other's handles, at random and with little room."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import pytest
from postlude import (
    BackgroundTask,
    RetryPolicy,
    Succeeded,
    TaskQueue,
    TaskRunner,
    Worker,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Wait = Callable[[], Coroutine[Any, Any, object]]

    from postlude import TaskHandle

pytestmark = pytest.mark.anyio

SOON = RetryPolicy(max_retries=2, initial_delay=0.001, jitter=0)
SEEDS = 24


class Family:
    """A tree of tasks: each makes some others and waits for them, and all for a few that fail."""

    def __init__(self, seed: int, runner: TaskRunner) -> None:
        self.random = random.Random(seed)
        self.runner = runner
        self.handles: list[TaskHandle] = []
        self.shared: list[TaskHandle] = []
        self.attempts: Counter[str] = Counter()

    def plant(self) -> None:
        """Submit what all may wait for, and the first generation."""
        self.shared += [self.submit(f"shared {number}", depth=0) for number in range(2)]
        for number in range(6):
            self.submit(str(number), depth=2)

    def submit(self, name: str, depth: int) -> TaskHandle:
        """Submit one of any kind."""
        kind = self.random.choice([self.in_loop, self.in_thread])
        task = BackgroundTask(kind, name, depth).with_options(retry_policy=SOON)
        if self.random.random() < 0.2:
            task = task.with_options(delay=0.001)
        handle = self.runner.submit(task)
        self.handles.append(handle)
        return handle

    async def in_loop(self, name: str, depth: int) -> str:
        """A task on the event loop."""
        await anyio.lowlevel.checkpoint()
        for wait in self.waits(name, depth):
            await wait()
        return self.done(name)

    def in_thread(self, name: str, depth: int) -> str:
        """A task in a thread."""
        for wait in self.waits(name, depth):
            anyio.from_thread.run(wait)
        return self.done(name)

    def waits(self, name: str, depth: int) -> list[Wait]:
        """Make children, and say how to wait: for one, for all at a time, or not to the end."""
        if not depth:
            return []
        children = [self.submit(f"{name}.{number}", depth - 1) for number in range(2)]
        children += self.random.sample(self.shared, self.random.randint(0, len(self.shared)))

        async def for_all() -> None:
            async with anyio.create_task_group() as group:
                for child in children:
                    group.start_soon(child.wait)

        async def not_to_the_end() -> None:
            with anyio.move_on_after(0.001):
                await children[0].wait()

        if self.random.random() < 0.5:
            return [not_to_the_end, for_all]
        return [not_to_the_end, *(child.wait for child in children)]

    def done(self, name: str) -> str:
        """End, at the first or the second attempt."""
        self.attempts[name] += 1
        if self.attempts[name] == 1 and self.random.random() < 0.3:
            raise OSError("not yet")
        return name


async def test_a_thread_is_lent_through_the_tasks_of_another_runner() -> None:
    waits = anyio.Event()

    def outer() -> object:
        middle = other.submit(BackgroundTask(middle_one))
        anyio.from_thread.run(waits.wait)
        return anyio.from_thread.run(middle.wait)

    async def middle_one() -> None:
        last = runner.submit(BackgroundTask(str, "last"))
        async with anyio.create_task_group() as group:
            group.start_soon(last.wait)
            group.start_soon(last.wait)
            await anyio.wait_all_tasks_blocked()
            waits.set()

    with anyio.fail_after(10):
        async with TaskRunner(max_threads=1) as runner, TaskRunner() as other:
            outcome = await runner.submit(BackgroundTask(outer)).wait()
    assert isinstance(outcome, Succeeded)


async def test_a_long_chain_of_waits_lends_its_thread_to_the_last() -> None:
    length, all_wait = 500, threading.Event()

    def first() -> object:
        all_wait.wait(10)
        return anyio.from_thread.run(head.wait)

    async def link(left: int) -> None:
        following = BackgroundTask(link, left - 1) if left else BackgroundTask(str, "last")
        handle = runner.submit(following)
        if not left:
            all_wait.set()
        await handle.wait()

    with anyio.fail_after(20):
        async with TaskRunner(max_concurrent=2, max_threads=1) as runner:
            waiting = runner.submit(BackgroundTask(first))
            head = runner.submit(BackgroundTask(link, length))
            outcomes = [await waiting.wait(), await head.wait()]
    assert [type(outcome).__name__ for outcome in outcomes] == ["Succeeded", "Succeeded"]


async def test_who_wait_for_each_other_in_a_ring_hold_up_nobody_else() -> None:
    handles: list[TaskHandle] = []
    thread_is_free = threading.Event()

    async def one() -> None:
        runner.submit(BackgroundTask(thread_is_free.wait, 10))
        last = runner.submit(BackgroundTask(str, "last"))
        async with anyio.create_task_group() as group:
            group.start_soon(handles[1].wait)
            group.start_soon(last.wait)
            await anyio.wait_all_tasks_blocked()
            thread_is_free.set()
            await last.wait()
            handles[0].cancel()

    async def other() -> None:
        await handles[0].wait()

    with anyio.fail_after(10):
        async with TaskRunner(max_threads=1) as runner:
            handles += [runner.submit(BackgroundTask(func)) for func in (one, other)]
            outcomes = [await handle.wait() for handle in handles]
    assert [type(outcome).__name__ for outcome in outcomes] == ["Cancelled", "Succeeded"]


async def test_a_guest_that_cancels_its_own_task_ends_alone() -> None:
    async def outer() -> str:
        outcome = await runner.submit(BackgroundTask(reckless)).wait()
        return type(outcome).__name__

    async def reckless() -> None:
        if (task := current_task()) is not None:
            task.cancel()
        await anyio.lowlevel.checkpoint()

    def current_task() -> asyncio.Task[object] | None:
        try:
            return asyncio.current_task()
        except RuntimeError:  # trio's
            return None

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            outcome = await runner.submit(BackgroundTask(outer)).wait()
            ended = await runner.submit(BackgroundTask(str, "still there")).wait()
    assert getattr(outcome, "value", "") in {"Cancelled", "Succeeded"}
    assert isinstance(ended, Succeeded)


async def test_what_is_cancelled_before_it_begins_as_a_guest_never_does() -> None:
    ran: list[str] = []
    met: list[bool] = []

    async def outer() -> None:
        while not any(met):  # trio shuffles who is first
            inner = runner.submit(BackgroundTask(note))
            async with anyio.create_task_group() as group:
                group.start_soon(inner.wait)
                group.start_soon(cancel_at_once, inner)

    async def cancel_at_once(handle: TaskHandle) -> None:
        met.append(handle.status == "running")  # it has its place, and has not begun
        handle.cancel()
        handle.cancel()

    async def note() -> None:
        ran.append("ran")

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            outcome = await runner.submit(BackgroundTask(outer)).wait()
    assert isinstance(outcome, Succeeded)
    assert any(met)
    assert ran == []


async def test_a_guest_ends_with_the_scope_around_its_runner() -> None:
    runner = TaskRunner(max_concurrent=1)

    async def outer() -> None:
        await runner.submit(BackgroundTask(anyio.sleep_forever)).wait()

    async def serve() -> None:
        async with runner:
            runner.submit(BackgroundTask(outer))
            await anyio.sleep_forever()

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(serve)
            await anyio.wait_all_tasks_blocked()
            assert len(runner.pool.jobs) == 2
            group.cancel_scope.cancel()
    assert not runner.pool.jobs


async def test_who_waits_outside_of_the_runners_threads_lends_none() -> None:
    release, waited = anyio.Event(), anyio.Event()

    def outer() -> None:
        anyio.from_thread.run(handle.wait)
        anyio.from_thread.run_sync(waited.set)

    with anyio.fail_after(10):
        async with TaskRunner(max_threads=1) as runner:
            runner.submit(BackgroundTask(lambda: anyio.from_thread.run(release.wait)))
            handle = runner.submit(BackgroundTask(str, "done"))
            async with anyio.create_task_group() as group:
                group.start_soon(BackgroundTask(outer))
                await anyio.wait_all_tasks_blocked()
                assert handle.outcome is None  # the runner's one thread is not free
                release.set()
    assert waited.is_set()


async def test_a_task_waits_for_what_is_in_a_queue_without_a_worker() -> None:
    queue = TaskQueue()
    handle = await queue.put(BackgroundTask(str, "done"))
    seen: list[object] = []

    async def outer() -> None:
        seen.append(await handle.wait())

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            waits = runner.submit(BackgroundTask(outer))
            await anyio.wait_all_tasks_blocked()
            assert waits.status == "running"
            async with anyio.create_task_group() as group:
                group.start_soon(Worker(queue, "late").run)
                await waits.wait()
                await queue.close()
    assert seen == [handle.outcome]


async def test_nobody_is_invited_any_more_when_the_drain_is_over() -> None:
    begun: list[int] = []
    first = anyio.Event()

    def work(number: int) -> None:
        begun.append(number)
        anyio.from_thread.run_sync(first.set)
        time.sleep(0.2)

    async def outer() -> None:
        handles = [runner.submit(BackgroundTask(work, number)) for number in range(20)]
        async with anyio.create_task_group() as group:
            for handle in handles:
                group.start_soon(handle.wait)

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            runner.submit(BackgroundTask(outer))
            await first.wait()
            report = await runner.drain(0)
    assert len(report.unfinished) == 21
    assert len([one for one in report.unfinished if "its thread runs on" in one.reason]) == 1
    assert len(begun) == 1


def test_nothing_of_a_guest_is_left_when_all_of_the_event_loop_is_cancelled() -> None:
    async def child() -> None: ...

    async def outer() -> None:
        handle = runner.submit(BackgroundTask(child))
        asyncio.get_running_loop().call_soon(cancel_all)
        await handle.wait()

    def cancel_all() -> None:
        for task in asyncio.all_tasks():
            task.cancel()

    async def main() -> None:
        async with runner:
            runner.submit(BackgroundTask(outer))
            await anyio.sleep(30)

    async def again() -> None:
        with anyio.fail_after(1):
            async with runner:
                await runner.submit(BackgroundTask(child)).wait()

    runner = TaskRunner(max_concurrent=1, drain_timeout=10)
    begun = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert time.monotonic() - begun < 1
    assert not runner.pool.jobs
    asyncio.run(again())


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_tasks_that_wait_for_each_other_all_end(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "postlude")
    luck = random.Random(seed)
    places, threads = luck.choice([(1, 1), (1, 2), (2, 1), (3, 2)])
    with anyio.fail_after(20):
        async with TaskRunner(max_concurrent=places, max_threads=threads) as runner:
            family = Family(seed, runner)
            family.plant()
            ended = 0
            while ended < len(family.handles):
                if luck.random() < 0.1:
                    family.handles[-1].cancel()
                await family.handles[ended].wait()
                ended += 1
    kinds = Counter(str(handle.status) for handle in family.handles)
    assert kinds.keys() <= {"succeeded", "cancelled"}
    assert kinds["succeeded"] > len(family.handles) / 2
