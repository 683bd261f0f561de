"""`def` tasks in a runner: no worker waits for them, and nothing of it shows."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Cancelled,
    Failed,
    Succeeded,
    TaskQueue,
    TaskRunner,
    Worker,
    WorkerPool,
)
from postlude._errand import Errand
from postlude._job import Job
from postlude._threads import Threads
from postlude._work import Work, abandoned_threads
from postlude._worker import Worker as Thread

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from postlude import Outcome, TaskHandle

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def test_no_more_run_at_a_time_than_may() -> None:
    active: list[int] = []
    most: list[int] = []
    release = threading.Event()

    def work() -> None:
        active.append(1)
        most.append(len(active))
        release.wait(0.002)
        active.pop()

    async def work_async() -> None:
        active.append(1)
        most.append(len(active))
        await anyio.sleep(0.002)
        active.pop()

    async with TaskRunner(max_concurrent=4) as runner:
        for number in range(60):
            runner.submit(BackgroundTask(work if number % 3 else work_async))
    assert len(most) == 60
    assert 2 <= max(most) <= 4


async def test_a_runner_has_as_many_threads_as_it_was_given() -> None:
    seen: set[int] = set()
    both = threading.Barrier(2)

    def work() -> None:
        both.wait(10)
        seen.add(threading.get_ident())

    async with TaskRunner(max_threads=2) as runner:
        for _ in range(20):
            runner.submit(BackgroundTask(work))
    assert len(seen) == 2


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), ("4", TypeError), (True, TypeError)])
def test_a_number_of_threads_that_makes_no_sense_is_refused(
    value: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match="max_threads="):
        TaskRunner(max_threads=value)


async def test_an_awaitable_that_it_returned_is_awaited_and_can_be_cancelled() -> None:
    async def answer() -> str:
        await anyio.lowlevel.checkpoint()
        return "answer"

    async with TaskRunner() as runner:
        first = await runner.submit(BackgroundTask(lambda: answer())).wait()
        forever = runner.submit(BackgroundTask(lambda: anyio.sleep_forever()))
        await anyio.sleep(0.05)
        forever.cancel()
        second = await forever.wait()
    assert isinstance(first, Succeeded)
    assert first.value == "answer"
    assert isinstance(second, Cancelled)
    assert second.reason == "its handle was told to cancel"


async def test_a_failure_is_that_of_the_function(records: Records) -> None:
    async with TaskRunner() as runner:
        outcomes = [
            await runner.submit(BackgroundTask(function)).wait()
            for function in (lambda: 1 / 0, sys.exit)
        ]
    errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
    assert [type(error) for error in errors] == [ZeroDivisionError, SystemExit]
    assert len([record for record in records() if record.levelname == "ERROR"]) == 2


async def test_cancelled_while_it_runs_its_thread_is_left_and_hears_of_it() -> None:
    begun, release = threading.Event(), threading.Event()
    heard: list[BaseException] = []

    def work() -> None:
        begun.set()
        release.wait(10)
        try:
            anyio.from_thread.check_cancelled()
        except BaseException as error:
            heard.append(error)

    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(work))
        await anyio.to_thread.run_sync(begun.wait, 10)
        handle.cancel()
        with anyio.fail_after(5):
            assert isinstance(await handle.wait(), Cancelled)
        assert abandoned_threads() == 1
        await anyio.wait_all_tasks_blocked()
        release.set()
        while abandoned_threads():
            await anyio.lowlevel.checkpoint()
    assert isinstance(heard[0], anyio.get_cancelled_exc_class())


async def test_cancelled_before_it_has_a_thread_it_never_runs() -> None:
    begun, release = threading.Event(), threading.Event()
    seen: list[str] = []

    def hold() -> None:
        begun.set()
        release.wait(10)

    async with TaskRunner(max_threads=1) as runner:
        runner.submit(BackgroundTask(hold))
        late = runner.submit(BackgroundTask(seen.append, "late"))
        await anyio.to_thread.run_sync(begun.wait, 10)
        late.cancel()
        assert isinstance(await late.wait(), Cancelled)
        release.set()
    assert seen == []


async def test_what_it_calls_on_the_event_loop_is_cancelled_with_it() -> None:
    ended = anyio.Event()
    begun = anyio.Event()

    async def forever() -> None:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    if anyio.get_cancelled_exc_class().__module__.startswith("trio"):
        return  # trio lets it go on, and cancels it when the event loop ends
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(lambda: anyio.from_thread.run(forever)))
        await begun.wait()
        handle.cancel()
        with anyio.fail_after(5):
            await ended.wait()


async def test_what_it_returned_is_cancelled_with_all_that_is_around_the_runner(
    records: Records,
) -> None:
    begun = anyio.Event()

    async def forever() -> None:
        begun.set()
        await anyio.sleep_forever()

    handles: list[TaskHandle] = []
    with anyio.CancelScope() as scope:
        async with TaskRunner() as runner:
            handles.append(runner.submit(BackgroundTask(lambda: forever())))
            await begun.wait()
            scope.cancel()
            await anyio.sleep_forever()
    (handle,) = handles
    assert isinstance(handle.outcome, Cancelled)
    assert handle.outcome.reason.startswith("it was interrupted by ")
    assert [handle.id in record.getMessage() for record in records()].count(True) == 1


async def test_a_group_keeps_its_order() -> None:
    seen: list[int] = []
    tasks = BackgroundTasks()
    for number in range(50):
        tasks.add_task(seen.append, number)
    async with TaskRunner() as runner:
        await runner.submit(BackgroundTask(tasks)).wait()
    assert seen == list(range(50))


async def test_a_failure_of_what_it_returned_is_the_tasks_own(records: Records) -> None:
    async def fails() -> None:
        raise OSError("disk full")

    async with TaskRunner() as runner:
        outcome = await runner.submit(BackgroundTask(lambda: fails())).wait()
    assert isinstance(outcome, Failed)
    assert str(outcome.error) == "disk full"
    assert len([record for record in records() if record.levelname == "ERROR"]) == 1


class WatchedThreads(Threads):
    """Says when work is done, before the event loop knows."""

    def __init__(self) -> None:
        super().__init__(1)
        self.is_done = threading.Event()

    def finish(self, work: Work, worker: Thread) -> Work | None:
        following = super().finish(work, worker)
        self.is_done.set()
        return following


class Away:
    """An errand whose surroundings are the test: nothing begins by itself."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self.to_begin: list[tuple[Any, ...]] = []
        self.is_back = anyio.Event()
        self.ended: list[Job] = []
        self.threads = WatchedThreads()
        self.job = Job(BackgroundTask(function))
        self.errand = Errand(self.job, self.threads, self._begin, self.ended.append)

    def _begin(self, *call: Any) -> None:
        self.to_begin.append(call)
        self.is_back.set()

    def cancel(self) -> None:
        """As a pool does."""
        self.job.reason = "a test"
        self.errand.cancel()


async def test_cancelled_before_what_it_returned_was_begun_that_never_ends_well() -> None:
    seen: list[str] = []

    async def answer() -> None:
        seen.append("begun")
        await anyio.lowlevel.checkpoint()
        seen.append("went on")

    away = Away(lambda: answer())
    with anyio.fail_after(5):
        await away.is_back.wait()
    away.cancel()
    assert away.ended == []
    ((function, *args),) = away.to_begin
    await function(*args)
    assert seen == ["begun"]
    assert away.ended == [away.job]
    assert not isinstance(away.job.outcome, Succeeded)
    away.threads.close()


async def test_cancelled_when_its_thread_is_done_but_not_yet_heard_of_it_ends_once() -> None:
    begun, release = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        release.wait(10)

    away = Away(work)
    await anyio.to_thread.run_sync(begun.wait, 10)
    release.set()
    away.threads.is_done.wait(10)  # the event loop hears of nothing meanwhile
    away.cancel()
    assert away.ended == [away.job]
    await anyio.wait_all_tasks_blocked()
    assert away.ended == [away.job]
    assert abandoned_threads() == 0
    away.threads.close()


@pytest.mark.parametrize("limits", [{"max_threads": 2}, {"max_concurrent": 2}])
@pytest.mark.parametrize("seconds", [None, 60])
@pytest.mark.parametrize("is_async", [False, True])
async def test_tasks_that_each_wait_for_another_one_do_not_wait_for_ever(
    limits: dict[str, Any], seconds: float | None, is_async: bool
) -> None:
    everyone = threading.Barrier(2)

    def outer() -> str:
        everyone.wait(10)  # now every thread, or place, is taken
        inner = BackgroundTask(answer if is_async else innermost).with_options(timeout=seconds)
        outcome = anyio.from_thread.run(runner.submit(inner).wait)
        assert isinstance(outcome, Succeeded)
        return str(outcome.value)

    async def answer() -> str:
        return await anyio.to_thread.run_sync(innermost)

    def innermost() -> str:
        outcome = anyio.from_thread.run(runner.submit(BackgroundTask(str, "innermost")).wait)
        assert isinstance(outcome, Succeeded)
        return str(outcome.value)

    with anyio.fail_after(10):
        async with TaskRunner(**limits) as runner:
            task = BackgroundTask(outer).with_options(timeout=seconds)
            handles = [runner.submit(task) for _ in range(6)]
            outcomes = [await handle.wait() for handle in handles]
    assert {getattr(outcome, "value", outcome) for outcome in outcomes} == {"innermost"}


async def test_what_is_waited_for_has_the_thread_and_nobody_else_has() -> None:
    active: list[str] = []
    most: list[int] = []

    def outer() -> None:
        note("outer")
        inner = runner.submit(BackgroundTask(note, "inner"))
        anyio.from_thread.run(inner.wait)
        note("outer")

    def note(name: str) -> None:
        active.append(name)
        most.append(len(active))
        assert active.pop() == name

    with anyio.fail_after(10):
        async with TaskRunner(max_threads=1) as runner:
            handles = [runner.submit(BackgroundTask(outer)) for _ in range(20)]
            for handle in handles:
                await handle.wait()
    assert len(most) == 60
    assert max(most) == 1


async def test_two_that_are_waited_for_may_wait_for_each_other_in_one_thread() -> None:
    def outer() -> None:
        anyio.from_thread.run(wait_for_both)

    async def wait_for_both() -> None:
        handles.append(runner.submit(BackgroundTask(middle)))
        handles.append(runner.submit(BackgroundTask(str, "last")))
        async with anyio.create_task_group() as group:
            for handle in handles:
                group.start_soon(handle.wait)

    def middle() -> Outcome:
        return anyio.from_thread.run(handles[1].wait)

    handles: list[TaskHandle] = []
    with anyio.fail_after(10):
        async with TaskRunner(max_threads=1) as runner:
            await runner.submit(BackgroundTask(outer)).wait()
    outcome = handles[0].outcome
    assert isinstance(outcome, Succeeded)
    assert outcome.value == handles[1].outcome


@pytest.mark.parametrize("is_early", [False, True])
async def test_a_thread_is_lent_to_what_is_waited_for_by_what_it_waits_for(is_early: bool) -> None:
    def outer() -> Outcome:
        if is_early:  # then it is waited for when it waits already
            while last not in has:
                time.sleep(0.001)
        return anyio.from_thread.run(between.wait)

    async def middle() -> Outcome:
        if not is_early:
            await anyio.sleep(0.02)
        handle = runner.submit(BackgroundTask(last))
        has.append(last)
        return await handle.wait()

    def last() -> str:
        return "last"

    has: list[object] = []
    with anyio.fail_after(10):
        async with TaskRunner(max_threads=1) as runner:
            handle = runner.submit(BackgroundTask(outer))
            between = runner.submit(BackgroundTask(middle))
            outcome = await handle.wait()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == between.outcome


async def test_tasks_that_wait_for_each_other_are_ended_by_the_drain() -> None:
    async def wait_for(number: int) -> None:
        begun.append(number)
        await handles[number].wait()

    def outer() -> None:
        anyio.from_thread.run(handles[0].wait)

    begun: list[int] = []
    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1, max_threads=1) as runner:
            handles = [runner.submit(BackgroundTask(wait_for, number)) for number in (1, 0)]
            handles.append(runner.submit(BackgroundTask(outer)))
            await anyio.wait_all_tasks_blocked()
            report = await runner.drain(0)
    assert begun == [1, 0]
    assert len(report.unfinished) == 3


async def test_a_thread_that_waits_for_nothing_is_not_lent() -> None:
    running: list[str] = []
    most: list[int] = []

    def outer() -> None:
        running.append("outer")
        handles.append(runner.submit(BackgroundTask(middle)))
        time.sleep(0.05)
        running.remove("outer")

    async def middle() -> None:
        await runner.submit(BackgroundTask(last)).wait()

    def last() -> None:
        running.append("last")
        most.append(len(running))
        running.remove("last")

    handles: list[TaskHandle] = []
    with anyio.fail_after(10):
        async with TaskRunner(max_threads=1) as runner:
            await runner.submit(BackgroundTask(outer)).wait()
            await handles[0].wait()
    assert most == [1]


async def test_tasks_of_a_queue_lend_their_threads_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("postlude._threads.MAX_THREADS", 2)
    everyone = threading.Barrier(2)

    def outer() -> Outcome:
        everyone.wait(10)
        inner = queue.put_nowait(BackgroundTask(str, "inner"))
        time.sleep(0.02)  # it is in line for a thread
        return anyio.from_thread.run(inner.wait)

    queue = TaskQueue()
    with anyio.fail_after(10):
        async with WorkerPool(Worker(queue, "one", concurrency=8)):
            handles = [await queue.put(BackgroundTask(outer)) for _ in range(2)]
            outcomes = [await handle.wait() for handle in handles]
    assert [type(getattr(outcome, "value", outcome)) for outcome in outcomes] == [Succeeded] * 2
