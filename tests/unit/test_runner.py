"""TaskRunner: what is handed over runs, in order, so many at a time, and can be asked about."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
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
    Failed,
    RetryPolicy,
    RunnerClosed,
    Succeeded,
    TaskRunner,
    TaskStatus,
    TimedOut,
)
from postlude._soon import caller_of_this_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude import TaskHandle
    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def nothing() -> None: ...


async def fail() -> None:
    raise ValueError("bad")


async def test_a_task_runs_without_anyone_waiting_for_it() -> None:
    ran = anyio.Event()

    async def work() -> None:
        ran.set()

    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(work))
        assert not ran.is_set()
        with anyio.fail_after(10):
            await ran.wait()
        outcome = await handle.wait()
    assert isinstance(outcome, Succeeded)
    assert (handle.id, handle.name, handle.outcome) == (outcome.task_id, outcome.name, outcome)


async def test_tasks_start_in_the_order_given() -> None:
    started: list[int] = []

    async def start(number: int) -> None:
        started.append(number)
        await anyio.lowlevel.checkpoint()

    async with TaskRunner(max_concurrent=7) as runner:
        handles = [runner.submit(BackgroundTask(start, number)) for number in range(50)]
        for handle in handles:
            await handle.wait()
    assert started == list(range(50))


@pytest.mark.parametrize("in_thread", [False, True])
async def test_exactly_so_many_run_at_a_time(in_thread: bool) -> None:
    running = most = 0
    lock = threading.Lock()
    full = anyio.Event()

    def enter() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 5:
                anyio.from_thread.run_sync(full.set) if in_thread else full.set()

    def leave() -> None:
        nonlocal running
        with lock:
            running -= 1

    async def work_async() -> None:
        enter()
        await full.wait()
        leave()

    def work() -> None:
        enter()
        anyio.from_thread.run(full.wait)
        leave()

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=5) as runner:
            for _ in range(20):
                runner.submit(BackgroundTask(work if in_thread else work_async))
    assert most == 5


async def test_workers_outlive_their_jobs() -> None:
    seen: set[int] = set()

    async def work() -> None:
        seen.add(anyio.get_current_task().id)

    async with TaskRunner() as runner:
        for _ in range(20):
            await runner.submit(BackgroundTask(work)).wait()
    assert len(seen) == 1


async def test_a_row_of_tasks_that_never_wait_lets_others_run() -> None:
    async def block() -> None:
        time.sleep(0.001)  # noqa: ASYNC251  (the event loop is what it is to hold)

    async with TaskRunner(max_concurrent=1) as runner:
        handles = [runner.submit(BackgroundTask(block)) for _ in range(1000)]
        while handles[0].outcome is None:
            await anyio.lowlevel.checkpoint()
        assert handles[-1].status is TaskStatus.PENDING
        for handle in handles:
            handle.cancel()


async def test_a_task_that_waits_for_its_retry_holds_no_place(
    clock: VirtualClock, records: Records
) -> None:
    log: list[str] = []

    async def flaky() -> None:
        log.append("flaky")
        if len(log) == 1:
            raise ConnectionError

    async with TaskRunner(max_concurrent=1) as runner:
        policy = RetryPolicy(initial_delay=10, jitter=0)
        first = runner.submit(BackgroundTask(flaky).with_options(retry_policy=policy))
        second = runner.submit(BackgroundTask(log.append, "second"))
        await second.wait()
        assert first.status is TaskStatus.RETRYING
        await clock.advance(10)
        outcome = await first.wait()
    assert log == ["flaky", "second", "flaky"]
    assert isinstance(outcome, Succeeded)
    assert (outcome.attempts, outcome.duration) == (2, 10)
    assert [record.levelname for record in records()] == ["WARNING"]


@pytest.mark.parametrize(
    ("function", "kind", "status"),
    [
        (nothing, Succeeded, TaskStatus.SUCCEEDED),
        (fail, Failed, TaskStatus.FAILED),
        (anyio.sleep_forever, TimedOut, TaskStatus.TIMED_OUT),
    ],
)
async def test_every_end_has_its_outcome_and_its_status(
    function: Callable[[], Any], kind: type, status: TaskStatus
) -> None:
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(function).with_options(timeout=0.05))
        assert isinstance(await handle.wait(), kind)
        assert handle.status is status
        assert handle.status == status.value


async def test_a_failure_is_logged_once_and_the_runner_goes_on(records: Records) -> None:
    async with TaskRunner(max_concurrent=1) as runner:
        runner.submit(BackgroundTask(fail))
        after = runner.submit(BackgroundTask(nothing))
        assert isinstance(await after.wait(), Succeeded)
    (record,) = records()
    assert record.levelname == "ERROR"
    assert record.exc_info is not None


@pytest.mark.parametrize("error", [KeyError("hook"), asyncio.CancelledError()])
async def test_on_error_gets_the_outcome_and_may_fail_itself(
    error: BaseException, records: Records
) -> None:
    seen: list[Failed | TimedOut] = []

    def hook(outcome: Failed | TimedOut) -> None:
        seen.append(outcome)
        raise error

    async with TaskRunner(on_error=hook) as runner:
        handle = runner.submit(BackgroundTask(fail))
        await runner.submit(BackgroundTask(nothing)).wait()
        await handle.wait()
    assert seen == [handle.outcome]
    assert [record.getMessage() for record in records()][1:] == [
        f"the on_error hook failed on task 'fail' (id {handle.id})"
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_on_error_may_end_the_program(
    error: type[BaseException], anyio_backend: tuple[str, dict[str, Any]]
) -> None:
    def end(outcome: Failed | TimedOut) -> None:
        raise error

    async def main() -> None:
        async with TaskRunner(on_error=end) as runner:
            await runner.submit(BackgroundTask(fail)).wait()

    with pytest.raises(BaseException) as caught:  # noqa: PT011  (on trio it is in groups)
        anyio.run(main, backend=anyio_backend[0], backend_options=anyio_backend[1])
    ended: Any = caught.value
    while hasattr(ended, "exceptions"):
        (ended,) = ended.exceptions
    assert isinstance(ended, error)


async def test_a_task_sees_the_context_it_was_made_in() -> None:
    user = contextvars.ContextVar("user", default="nobody")
    seen: list[str] = []

    def look() -> None:
        seen.append(user.get())
        user.set("changed")

    async with TaskRunner() as runner:
        user.set("ada")
        task = BackgroundTask(look)
        user.set("bob")
        for _ in range(2):
            await runner.submit(task).wait()
    assert seen == ["ada", "ada"]


async def test_submit_takes_tasks_from_any_thread() -> None:
    handles: list[TaskHandle] = []

    def submit() -> None:
        handles.extend(runner.submit(BackgroundTask(nothing)) for _ in range(100))

    with anyio.fail_after(10):
        async with TaskRunner() as runner, anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(anyio.to_thread.run_sync, submit)
    assert len(handles) == 400
    assert {handle.status for handle in handles} == {TaskStatus.SUCCEEDED}


async def test_submit_takes_tasks_from_a_callback_of_the_event_loop() -> None:
    async with TaskRunner() as runner:
        handles: list[TaskHandle] = []
        call_soon = caller_of_this_loop()
        call_soon(lambda: handles.append(runner.submit(BackgroundTask(nothing))))
        call_soon(lambda: handles.append(runner.submit(BackgroundTask(nothing))))
        await anyio.wait_all_tasks_blocked()
    assert [handle.status for handle in handles] == [TaskStatus.SUCCEEDED] * 2


async def test_a_task_submits_itself_to_the_runner_opened_last() -> None:
    async with TaskRunner() as outer:
        async with TaskRunner() as inner:
            handle = await BackgroundTask(nothing).submit()
            assert inner.get(handle.id) is not None
            assert outer.get(handle.id) is None
        handle = await BackgroundTask(nothing).submit()
        assert outer.get(handle.id) is not None
    with pytest.raises(RunnerClosed, match="no runner is open in this event loop"):
        await BackgroundTask(nothing).submit()


async def test_a_runner_that_is_not_open_refuses() -> None:
    runner = TaskRunner()
    with pytest.raises(RunnerClosed, match="it was never started"):
        runner.submit(BackgroundTask(nothing))
    async with runner:
        await runner.drain()
        with pytest.raises(RunnerClosed, match="it is shutting down"):
            runner.submit(BackgroundTask(nothing))


async def test_a_runner_can_be_opened_again_and_within_itself() -> None:
    runner = TaskRunner()
    for _ in range(2):
        async with runner:
            async with runner.lifespan(None):
                pass
            assert isinstance(await runner.submit(BackgroundTask(nothing)).wait(), Succeeded)


async def test_what_it_is_called_says_whether_it_is_open_and_how_much_it_has() -> None:
    runner = TaskRunner()
    assert repr(runner) == "<TaskRunner: closed, 0 tasks>"
    async with runner:
        handle = runner.submit(BackgroundTask(anyio.sleep_forever))
        assert repr(runner) == "<TaskRunner: open, 1 tasks>"
        handle.cancel()


async def test_an_error_in_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(KeyError):
        async with TaskRunner():
            raise KeyError


async def test_the_last_thousand_that_ended_are_known() -> None:
    async with TaskRunner() as runner:
        handles = [runner.submit(BackgroundTask(nothing)) for _ in range(1001)]
        for handle in handles:
            await handle.wait()
        assert runner.get(handles[0].id) is None
        known = runner.get(handles[1].id)
        assert known is not None
        assert (known.status, known.name) == (TaskStatus.SUCCEEDED, "nothing")
        assert runner.get("made up") is None


async def test_a_task_that_ended_keeps_no_arguments_alive() -> None:
    class Upload: ...

    async def work(upload: Upload) -> None: ...

    def living() -> int:
        gc.collect()
        return sum(isinstance(each, Upload) for each in gc.get_objects())

    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(work, Upload()))
        await handle.wait()
        await anyio.wait_all_tasks_blocked()
        assert living() == 0
        assert runner.get(handle.id) is not None


async def test_a_submitted_task_counts_as_run(records: Records) -> None:
    async with TaskRunner() as runner:
        await runner.submit(BackgroundTask(nothing)).wait()
        await (await BackgroundTask(nothing).submit()).wait()
        gc.collect()
    assert records() == []


async def test_what_cannot_be_submitted_is_refused_with_advice() -> None:
    async with TaskRunner() as runner:
        with pytest.raises(TypeError, match=r"got an object of type 'function': write submit\(Ba"):
            runner.submit(nothing)  # type: ignore[arg-type]
        group = BackgroundTasks()
        group.used = True
        with pytest.raises(TypeError, match="got an object of type 'BackgroundTasks'"):
            runner.submit(group)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_concurrent": 0}, ValueError, "max_concurrent=0 must be 1 or more"),
        ({"max_concurrent": None}, TypeError, "max_concurrent=None must be a whole number"),
        ({"max_pending": -1}, ValueError, "max_pending=-1 must be 1 or more"),
        ({"drain_timeout": 10**400}, ValueError, "must be 0 seconds or more"),
        ({"drain_timeout": -1}, ValueError, "drain_timeout=-1 must be 0 seconds or more"),
        ({"drain_timeout": "1"}, TypeError, "drain_timeout='1' must be seconds or a timedelta"),
        ({"on_full": "drop"}, ValueError, "on_full='drop' must be 'raise' or 'wait'"),
        ({"on_error": fail}, TypeError, "must be a plain function, got an `async def`: nothing"),
        ({"on_error": 3}, TypeError, "on_error= must be a function of one outcome"),
    ],
)
def test_wrong_options_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        TaskRunner(**options)


async def test_leaving_the_block_waits_no_longer_than_drain_timeout(records: Records) -> None:
    began = time.monotonic()
    with anyio.fail_after(20):
        async with TaskRunner(drain_timeout=0.1) as runner:
            handle = runner.submit(BackgroundTask(anyio.sleep_forever))
            await anyio.wait_all_tasks_blocked()
    assert 0.1 <= time.monotonic() - began < 10
    assert "the drain timeout of 0.1 s was over" in getattr(handle.outcome, "reason", "")
    assert any("was lost on attempt 1" in record.getMessage() for record in records())


async def test_on_error_hears_of_a_time_limit() -> None:
    heard: list[object] = []
    async with TaskRunner(on_error=heard.append) as runner:
        late = BackgroundTask(anyio.sleep_forever).with_options(timeout=0.01)
        outcome = await runner.submit(late).wait()
    assert isinstance(outcome, TimedOut)
    assert heard == [outcome]
