"""One execution: threads, context, time limit, retries, log, outcome."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import re
import sys
import threading
import traceback
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import BackgroundTask, Failed, RetryPolicy, Succeeded, TimedOut
from postlude._work import abandoned_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude import Outcome
    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")


async def fails() -> None:
    raise ValueError("no such user")


def fails_in_thread() -> None:
    raise ValueError("no such user")


async def test_a_def_runs_in_another_thread() -> None:
    outcome = await BackgroundTask(threading.get_ident).run()
    assert isinstance(outcome, Succeeded)
    assert outcome.value != threading.get_ident()


async def test_tasks_leave_the_threads_of_sync_endpoints_alone() -> None:
    everyone = anyio.to_thread.current_default_thread_limiter()
    outcome = await BackgroundTask(lambda: everyone.borrowed_tokens).run()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == 0


@pytest.mark.parametrize("function", [fails, fails_in_thread])
@pytest.mark.parametrize("way", ["call", "run"])
async def test_a_failure_is_logged_once_and_not_raised(
    function: Callable[[], Any], way: str, records: Records
) -> None:
    task = BackgroundTask(function)
    if way == "call":
        assert await task() is None  # type: ignore[func-returns-value]
    else:
        outcome = await task.run()
        assert isinstance(outcome, Failed)
        assert repr(outcome.error) == "ValueError('no such user')"
    (record,) = records()
    assert record.levelno == logging.ERROR
    assert f"task {function.__name__!r} (id " in record.getMessage()
    assert re.search(r"failed on attempt 1 after \d+\.\d{3} s", record.getMessage())


async def test_the_record_carries_its_facts_as_fields(records: Records) -> None:
    outcome = await BackgroundTask(fails).with_options(name="greet", task_id="t-1").run()
    fields = vars(records()[0])
    assert (fields["task_name"], fields["task_id"], fields["attempt"]) == ("greet", "t-1", 1)
    assert fields["duration"] == pytest.approx(outcome.duration, abs=0.5)
    assert "'greet' (id t-1)" in records()[0].getMessage()


@pytest.mark.parametrize("function", [fails, fails_in_thread])
async def test_the_logged_traceback_begins_in_the_function(
    function: Callable[[], Any], records: Records
) -> None:
    await BackgroundTask(function)()
    details = records()[0].exc_info
    assert details is not None
    assert [frame.name for frame in traceback.extract_tb(details[2])] == [function.__name__]


async def test_arguments_are_never_logged(records: Records) -> None:
    async def login(password: str, *, token: str) -> None:
        raise ValueError("rejected")

    task = BackgroundTask(login, "hunter2", token="s3cret").with_options(
        retry_policy=RetryPolicy(1, initial_delay=0.0)
    )
    await task()
    texts = [logging.Formatter().format(record) for record in records()] + [repr(task), str(task)]
    assert len(texts) == 4
    assert not any("hunter2" in text or "s3cret" in text for text in texts)


async def test_a_success_leaves_no_record(records: Records) -> None:
    await BackgroundTask(anyio.sleep, 0)()
    await BackgroundTask(print)()
    assert records() == []


async def test_each_execution_has_an_id_of_its_own() -> None:
    task = BackgroundTask(anyio.sleep, 0)
    first, second = await task.run(), await task.run()
    assert first.task_id != second.task_id


async def test_retries_come_after_their_delays_and_are_logged(
    clock: VirtualClock, records: Records
) -> None:
    moments: list[float] = []

    async def flaky() -> str:
        moments.append(clock.now())
        if len(moments) < 3:
            raise OSError("busy")
        return "done"

    task = BackgroundTask(flaky).with_options(retry_policy=RetryPolicy(jitter=0.0))
    outcomes: list[Outcome] = []
    async with anyio.create_task_group() as group:

        async def run() -> None:
            outcomes.append(await task.run())

        group.start_soon(run)
        await clock.advance(10)
    (outcome,) = outcomes
    assert isinstance(outcome, Succeeded)
    assert (moments, outcome.attempts, outcome.duration) == ([0.0, 1.0, 3.0], 3, 3.0)
    assert [record.levelno for record in records()] == [logging.WARNING] * 2
    assert "failed on attempt 1 of 4 (OSError: busy), next attempt in 1.00 s" in (
        records()[0].getMessage()
    )


async def test_exhausted_retries_end_in_one_error(records: Records) -> None:
    policy = RetryPolicy(max_retries=2, initial_delay=0.0)
    outcome = await BackgroundTask(fails).with_options(retry_policy=policy).run()
    assert isinstance(outcome, Failed)
    assert outcome.attempts == 3
    levels = [record.levelname for record in records()]
    assert levels == ["WARNING", "WARNING", "ERROR"]
    assert "on attempt 3" in records()[-1].getMessage()


async def test_a_time_limit_cancels_an_async_task(records: Records) -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("cleaned up")

    outcome = await BackgroundTask(forever).with_options(timeout=timedelta(seconds=0.02)).run()
    assert isinstance(outcome, TimedOut)
    assert (outcome.timeout, outcome.attempts, ended) == (0.02, 1, ["cleaned up"])
    (record,) = records()
    assert "timed out on attempt 1" in record.getMessage()
    assert "its limit is 0.02 s per attempt" in record.getMessage()


async def test_a_time_limit_abandons_the_thread_of_a_def() -> None:
    release = threading.Event()
    outcome = await BackgroundTask(release.wait, 10).with_options(timeout=0.5).run()
    assert isinstance(outcome, TimedOut)
    assert abandoned_threads() == 1
    release.set()


async def test_abandoned_threads_do_not_use_up_the_slots() -> None:
    release = threading.Event()
    async with anyio.create_task_group() as group:
        for _ in range(45):
            group.start_soon(BackgroundTask(release.wait, 10).with_options(timeout=0.3))
    with anyio.fail_after(5):
        assert isinstance(await BackgroundTask(int).run(), Succeeded)
    release.set()


async def test_a_task_that_is_late_is_tried_again_like_a_timeout_error() -> None:
    policy = RetryPolicy(max_retries=1, initial_delay=0.0, retry_on=TimeoutError)
    task = BackgroundTask(anyio.sleep_forever).with_options(timeout=0.01, retry_policy=policy)
    outcome = await task.run()
    assert isinstance(outcome, TimedOut)
    assert outcome.attempts == 2


async def test_a_timeout_error_of_its_own_is_a_failure() -> None:
    async def asks() -> None:
        raise TimeoutError("the server did not answer")

    outcome = await BackgroundTask(asks).with_options(timeout=60).run()
    assert isinstance(outcome, Failed)


@pytest.mark.parametrize("in_thread", [False, True])
async def test_context_is_that_of_the_creation(in_thread: bool) -> None:
    async def read() -> str:
        await anyio.lowlevel.checkpoint()
        return request_id.get()

    request_id.set("r1")
    task = BackgroundTask(lambda: request_id.get()) if in_thread else BackgroundTask(read)
    request_id.set("r2")
    outcome = await task.run()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == "r1"


@pytest.mark.parametrize("in_thread", [False, True])
async def test_an_attempt_changes_the_context_of_nobody_else(in_thread: bool) -> None:
    seen: list[str] = []

    def change() -> None:
        seen.append(request_id.get())
        request_id.set("changed")

    async def change_async() -> None:
        change()
        await anyio.lowlevel.checkpoint()
        seen.append(request_id.get())

    request_id.set("mine")
    task = BackgroundTask(change if in_thread else change_async)
    await task()
    await task.run()
    assert request_id.get() == "mine"
    assert seen == (["mine"] * 2 if in_thread else ["mine", "changed"] * 2)


async def test_a_log_filter_finds_the_context_of_the_task(records: Records) -> None:
    found: list[str] = []

    def look(record: logging.LogRecord) -> bool:
        found.append(request_id.get())
        return bool(record.msg)

    request_id.set("r7")
    task = BackgroundTask(fails)
    request_id.set("other")
    logger = logging.getLogger("postlude")
    logger.addFilter(look)
    try:
        await task()
    finally:
        logger.removeFilter(look)
    assert found == ["r7"]
    assert len(records()) == 1


@pytest.mark.parametrize("limit", [None, 60.0])
async def test_cancellation_from_outside_goes_through(
    limit: float | None, records: Records
) -> None:
    task = BackgroundTask(anyio.sleep_forever).with_options(timeout=limit)
    with anyio.move_on_after(0.02) as scope:
        await task()
        pytest.fail("the cancellation was swallowed")
    assert scope.cancelled_caught
    (record,) = records()
    assert record.levelno == logging.WARNING
    assert "'sleep_forever'" in record.getMessage()
    assert "was interrupted on attempt 1" in record.getMessage()


async def test_cancellation_does_not_wait_for_a_thread() -> None:
    release = threading.Event()
    with anyio.move_on_after(0.02) as scope:
        await BackgroundTask(release.wait, 10)()
    assert scope.cancelled_caught
    release.set()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_native_cancellation_goes_through() -> None:
    running = asyncio.create_task(BackgroundTask(anyio.sleep_forever)())
    await anyio.wait_all_tasks_blocked()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_awaiting_something_cancelled_is_a_failure_of_the_task() -> None:
    async def waits() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    outcome = await BackgroundTask(waits).run()
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, asyncio.CancelledError)


async def test_an_exit_in_a_thread_is_a_failure_of_the_task(records: Records) -> None:
    outcome = await BackgroundTask(sys.exit, 3).run()
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, SystemExit)
    assert len(records()) == 1


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("way", ["call", "run"])
def test_an_exit_on_the_event_loop_goes_through(
    error: type[BaseException], way: str, records: Records
) -> None:
    async def ends() -> None:
        raise error

    task = BackgroundTask(ends)
    with pytest.raises(error):
        anyio.run(task if way == "call" else task.run)
    assert f"by {error.__name__}" in records()[0].getMessage()


async def test_a_blocked_thread_leaves_the_event_loop_free() -> None:
    release = threading.Event()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(BackgroundTask(release.wait, 10))
            await anyio.wait_all_tasks_blocked()
            release.set()


@pytest.mark.parametrize("in_thread", [False, True])
async def test_an_attempt_leaves_nothing_in_the_context_for_the_next(
    in_thread: bool, clock: VirtualClock
) -> None:
    found: list[str] = []

    def note() -> None:
        found.append(request_id.get())
        request_id.set(f"attempt {len(found)}")
        if len(found) < 3:
            raise ConnectionError

    async def note_here() -> None:
        note()

    policy = RetryPolicy(max_retries=2, initial_delay=1.0, jitter=0)
    task = BackgroundTask(note if in_thread else note_here).with_options(retry_policy=policy)
    async with anyio.create_task_group() as group:
        group.start_soon(task.run)
        while len(found) < 3:
            await clock.advance(1)
            await anyio.sleep(0.001)  # a thread is not the clock's
    assert found == ["none"] * 3


async def test_a_time_limit_is_logged_as_an_error(records: Records) -> None:
    await BackgroundTask(anyio.sleep_forever).with_options(timeout=0.01).run()
    assert [record.levelno for record in records()] == [logging.ERROR]


async def test_retries_of_many_do_not_all_come_at_one_moment(clock: VirtualClock) -> None:
    began: list[float] = []

    async def fail_at() -> None:
        began.append(clock.now())
        raise ConnectionError

    policy = RetryPolicy(max_retries=1, initial_delay=10.0, jitter=0.5)
    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(BackgroundTask(fail_at).with_options(retry_policy=policy).run)
        await clock.advance(20)
    assert len(began) == 16
    assert len(set(began[8:])) > 1
    assert all(5 <= moment <= 15 for moment in began[8:])
