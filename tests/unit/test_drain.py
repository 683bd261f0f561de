"""The end of a runner: what gets time, what is cut off, and that it is said."""

from __future__ import annotations

import logging
import os
import signal
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import (
    BackgroundTask,
    Cancelled,
    RetryPolicy,
    TaskHandle,
    TaskQueue,
    TaskRunner,
    TaskStatus,
    Worker,
    WorkerPool,
)
from postlude._drain import drain
from postlude._signals import Vigil

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude import DrainReport
    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


def messages(records: Records) -> list[str]:
    return [f"{record.levelname} {record.getMessage()}" for record in records()]


async def test_what_runs_and_what_waits_finishes(records: Records) -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        await anyio.lowlevel.checkpoint()
        done.append(number)

    async with TaskRunner(max_concurrent=2) as runner:
        for number in range(10):
            runner.submit(BackgroundTask(work, number))
        report = await runner.drain()
    assert sorted(done) == list(range(10))
    assert (report.finished, report.unfinished, report.abandoned_threads) == (10, (), 0)
    assert [line.partition(" in ")[0] for line in messages(records)] == [
        "INFO the runner was drained"
    ]


async def test_leaving_the_block_drains(clock: VirtualClock) -> None:
    runner = TaskRunner()
    async with anyio.create_task_group() as group, runner:
        task = BackgroundTask(clock.sleep, 5).with_options(task_id="five")
        runner.submit(task)
        group.start_soon(clock.advance, 5)
    handle = runner.get("five")
    assert handle is not None
    assert handle.status is TaskStatus.SUCCEEDED


async def test_what_does_not_finish_in_time_is_cut_off_and_reported(
    clock: VirtualClock, records: Records
) -> None:
    cleaned: list[str] = []

    async def long() -> None:
        try:
            await clock.sleep(100)
        finally:
            cleaned.append("long")

    async def fail() -> None:
        raise ConnectionError("down")

    runner = TaskRunner(max_concurrent=1, drain_timeout=timedelta(seconds=30))
    reports: list[DrainReport] = []

    async def drain() -> None:
        reports.append(await runner.drain())

    async with runner:
        policy = RetryPolicy(initial_delay=100, max_delay=100, jitter=0)
        retrying = runner.submit(BackgroundTask(fail).with_options(retry_policy=policy))
        running = runner.submit(BackgroundTask(long))
        waiting = runner.submit(BackgroundTask(cleaned.append, "never").with_options(name="late"))
        async with anyio.create_task_group() as group:
            group.start_soon(drain)
            await clock.advance(29.9)
            assert reports == []
            await clock.advance(0.2)
    (report,) = reports
    assert cleaned == ["long"]
    assert report.finished == 0
    assert report.unfinished == (retrying.outcome, running.outcome, waiting.outcome)
    over = "the drain timeout of 30 s was over"
    late = "it was not due before the end of the drain"
    assert [outcome.reason for outcome in report.unfinished] == [late, over, over]
    lost = "was lost on attempt 1 after 30.000 s:"
    assert messages(records)[1:] == [
        f"ERROR task 'fail' (id {retrying.id}) {lost} {late}",
        f"ERROR task 'long' (id {running.id}) {lost} {over}",
        f"ERROR task 'late' (id {waiting.id}) was never started: {over}",
        "WARNING the runner was drained in 30.000 s: 0 tasks finished, 3 did not",
    ]


async def test_a_thread_that_cannot_be_stopped_is_reported(records: Records) -> None:
    release = threading.Event()
    async with TaskRunner() as runner:
        runner.submit(BackgroundTask(release.wait, 10))
        await anyio.wait_all_tasks_blocked()
        report = await runner.drain(timeout=0.05)
        release.set()
    (outcome,) = report.unfinished
    assert report.abandoned_threads == 1
    assert outcome.reason == "the drain timeout of 0.05 s was over; its thread runs on"
    assert messages(records)[-1].endswith("0 tasks finished, 1 did not, 1 thread runs on")


async def test_a_task_that_ends_well_when_it_is_cancelled_has_finished() -> None:
    async def careful() -> str:
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            return "saved"
        raise AssertionError

    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(careful))
        await anyio.wait_all_tasks_blocked()
        report = await runner.drain(0)
    assert (report.finished, report.unfinished) == (1, ())
    assert handle.status is TaskStatus.SUCCEEDED


async def test_a_task_that_does_not_end_when_it_is_cancelled_is_reported_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("postlude._drain.GRACE", 0.01)
    gate = anyio.Event()

    async def stubborn() -> None:
        with anyio.CancelScope(shield=True):
            await gate.wait()

    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(stubborn))
        await anyio.wait_all_tasks_blocked()
        report = await runner.drain(0)
        assert isinstance(await handle.wait(), Cancelled)
        gate.set()
    (outcome,) = report.unfinished
    assert outcome.reason.endswith("; it goes on")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_drain_at_once(number: signal.Signals) -> None:
    seen: list[int] = []
    before = signal.signal(number, lambda number, _: seen.append(number))
    reports: list[DrainReport] = []
    try:
        async with TaskRunner(drain_timeout=60) as runner:
            runner.submit(BackgroundTask(anyio.sleep_forever))

            async def drain() -> None:
                reports.append(await runner.drain())

            with anyio.fail_after(10):
                async with anyio.create_task_group() as group:
                    group.start_soon(drain)
                    await anyio.wait_all_tasks_blocked()
                    os.kill(os.getpid(), number)
                    signal.raise_signal(number)  # one is enough
        (outcome,) = reports[0].unfinished
        assert outcome.reason == f"{number.name} ended the drain"
        assert seen == [number] * 2
    finally:
        signal.signal(number, before)


async def test_a_drain_that_is_cancelled_reports_what_it_leaves(records: Records) -> None:
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(anyio.sleep_forever))
        with anyio.move_on_after(0.02) as scope:
            await runner.drain()
        assert scope.cancelled_caught
    assert isinstance(handle.outcome, Cancelled)
    assert handle.outcome.reason == "the drain itself was cancelled"
    assert [record.levelname for record in records()] == ["ERROR", "WARNING"]


async def test_a_block_that_is_cancelled_loses_nothing_without_a_word(records: Records) -> None:
    runner = TaskRunner(max_concurrent=1)
    with anyio.move_on_after(0.02):
        async with runner:
            for name in ("running", "waiting"):
                task = BackgroundTask(anyio.sleep_forever)
                runner.submit(task.with_options(name=name, task_id=name))
            await anyio.sleep_forever()
    texts = messages(records)
    for name in ("running", "waiting"):
        handle = runner.get(name)
        assert handle is not None
        assert handle.status is TaskStatus.CANCELLED
        assert any(f"task '{name}' (id {name}) was" in text for text in texts)


@pytest.mark.parametrize("kind", ["runner", "pool"])
async def test_a_block_that_ends_during_a_drain_waits_for_the_same_tasks(
    kind: str, clock: VirtualClock, records: Records
) -> None:
    queue = TaskQueue()
    runner = TaskRunner(max_concurrent=1) if kind == "runner" else WorkerPool(Worker(queue, "one"))
    handles: list[TaskHandle] = []

    async def run() -> None:
        async with runner:
            for _ in range(3):
                task = BackgroundTask(clock.sleep, 1)
                is_queued = isinstance(runner, WorkerPool)
                handles.append(await queue.put(task) if is_queued else await task.submit())
            group.start_soon(runner.drain)
            await anyio.wait_all_tasks_blocked()

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        await clock.advance(10)
    assert [handle.status for handle in handles] == [TaskStatus.SUCCEEDED] * 3
    assert {record.levelname for record in records()} == {"INFO"}


async def test_two_drains_report_each_task_once(records: Records) -> None:
    async with TaskRunner() as runner:
        runner.submit(BackgroundTask(anyio.sleep_forever))
        async with anyio.create_task_group() as group:
            group.start_soon(runner.drain, 0.01)
            group.start_soon(runner.drain, 0.01)
    assert [record.levelname for record in records()].count("ERROR") == 1


async def test_what_was_reported_as_lost_stays_lost(
    monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    monkeypatch.setattr("postlude._drain.GRACE", 0.01)
    gate = anyio.Event()

    async def stubborn(*, fails: bool) -> None:
        with anyio.CancelScope(shield=True):
            await gate.wait()
        if fails:
            raise ValueError("late")

    policy = RetryPolicy(max_retries=1)
    failures: list[object] = []
    async with TaskRunner(on_error=failures.append) as runner:
        handles = [
            runner.submit(BackgroundTask(stubborn, fails=False)),
            runner.submit(BackgroundTask(stubborn, fails=True)),
            runner.submit(BackgroundTask(stubborn, fails=True).with_options(retry_policy=policy)),
        ]
        await anyio.wait_all_tasks_blocked()
        report = await runner.drain(0)
        outcomes = [handle.outcome for handle in handles]
        assert list(report.unfinished) == outcomes
        gate.set()
    assert [handle.outcome for handle in handles] == outcomes
    assert failures == []
    assert not any("next attempt" in text for text in messages(records))


async def test_a_runner_that_was_never_started_has_nothing_to_drain() -> None:
    assert (await TaskRunner().drain()).unfinished == ()


async def test_a_second_drain_finds_nothing() -> None:
    async with TaskRunner() as runner:
        runner.submit(BackgroundTask(anyio.lowlevel.checkpoint))
        assert (await runner.drain()).finished == 1
        assert (await runner.drain()).finished == 0


async def test_a_wrong_timeout_is_refused() -> None:
    async with TaskRunner() as runner:
        with pytest.raises(ValueError, match="timeout=-1 must be 0 seconds or more"):
            await runner.drain(-1)


@pytest.mark.parametrize(("count", "tasks"), [(1, "1 task"), (2, "2 tasks")])
async def test_a_worker_that_waits_for_long_says_how_to_end_that(
    count: int, tasks: str, clock: VirtualClock, records: Records
) -> None:
    async with TaskRunner() as runner:
        for _ in range(count):
            runner.submit(BackgroundTask(clock.sleep, 10))
        async with anyio.create_task_group() as group:
            group.start_soon(drain, runner.pool, 30.0, Vigil(is_worker=True))
            await clock.advance(1.9)
            assert messages(records) == []
            await clock.advance(10)
    assert messages(records)[0] == (
        f"WARNING the runner waits up to 28 s more for {tasks}. To end that at once, signal this "
        f"worker itself (kill -INT {os.getpid()}): the main process of its server may keep a "
        "second signal to itself"
    )


def runner_or_pool(kind: str, queue: TaskQueue) -> TaskRunner | WorkerPool:
    return TaskRunner() if kind == "runner" else WorkerPool(Worker(queue, "one"))


@pytest.mark.parametrize("kind", ["runner", "pool"])
@pytest.mark.parametrize("option", [{"delay": 20}, {"retry_policy": RetryPolicy(5, 20, jitter=0)}])
async def test_an_end_that_waits_for_a_virtual_clock_that_nobody_moves_says_what_to_write(
    kind: str, option: dict[str, Any], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postlude._drain.STILL", 0.02)

    async def fail() -> None:
        raise ConnectionError("down")

    queue, handles = TaskQueue(), list[TaskHandle]()

    async def leave() -> None:
        async with runner_or_pool(kind, queue) as owner:
            await clock.advance(3)
            task = BackgroundTask(fail).with_options(**option)
            is_runner = isinstance(owner, TaskRunner)
            handles.append(await (task.submit() if is_runner else queue.put(task)))
            await anyio.wait_all_tasks_blocked()

    message = r"1 task on a VirtualClock that stands still at 3 s: .*`await clock.advance\(20\)`"
    with anyio.fail_after(10), pytest.raises(RuntimeError, match=message):
        await leave()
    assert isinstance(handles[0].outcome, Cancelled)
    assert handles[0].outcome.reason == "its VirtualClock stood still at 3 s"


@pytest.mark.parametrize("kind", ["runner", "pool"])
async def test_the_error_of_a_block_is_not_hidden_by_a_clock_that_nobody_moves(
    kind: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    monkeypatch.setattr("postlude._drain.STILL", 0.02)
    queue = TaskQueue()

    async def leave() -> None:
        async with runner_or_pool(kind, queue) as owner:
            task = BackgroundTask(len, "four").with_options(delay=1)
            await (task.submit() if isinstance(owner, TaskRunner) else queue.put(task))
            raise ValueError("the test's own")

    with anyio.fail_after(10), pytest.raises(ValueError, match="the test's own"):
        await leave()
    assert any("'len'" in text and "stood still at 0 s" in text for text in messages(records))


async def test_a_virtual_clock_may_stand_still_while_a_task_runs_or_be_moved_later(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postlude._drain.STILL", 0.02)

    handles: list[TaskHandle] = []

    async def work() -> None:
        for _ in range(5):  # a time in which nothing but the real clock moves
            await anyio.sleep(0.01)

    async def move() -> None:
        for _ in range(30):
            await anyio.sleep(0.005)
            await clock.advance(1)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group, TaskRunner() as runner:
            handles.append(runner.submit(BackgroundTask(work)))
            handles.append(runner.submit(BackgroundTask(work).with_options(delay=5)))
            group.start_soon(move)
    assert [handle.status for handle in handles] == [TaskStatus.SUCCEEDED] * 2


async def test_a_virtual_clock_that_stood_still_while_a_task_ran_may_be_moved_after_it(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postlude._drain.STILL", 0.2)
    attempts: list[float] = []

    async def work() -> None:
        attempts.append(clock.now())
        await anyio.sleep(0.19 if len(attempts) == 1 else 0)
        if len(attempts) == 1:
            raise OSError("not yet")

    async def move() -> None:
        for _ in range(1000):
            if attempts and handles[0].status is TaskStatus.RETRYING:
                break
            await anyio.sleep(0.005)
        await anyio.sleep(0.05)
        await clock.advance(5)

    handles: list[TaskHandle] = []
    policy = RetryPolicy(1, 5, jitter=0)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group, TaskRunner() as runner:
            handles.append(runner.submit(BackgroundTask(work).with_options(retry_policy=policy)))
            group.start_soon(move)
            await anyio.wait_all_tasks_blocked()
    assert attempts == [0, 5]


async def test_what_waits_for_a_rate_on_a_virtual_clock_is_not_told_to_wait_no_time(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postlude._drain.STILL", 0.02)
    queue = TaskQueue()

    async def leave() -> None:
        async with WorkerPool(Worker(queue, "one", rate=(1, 10.0))):
            for _ in range(2):
                await queue.put(BackgroundTask(str, "now"))

    with anyio.fail_after(10), pytest.raises(RuntimeError, match=r"clock.advance\(\.\.\.\)"):
        await leave()
