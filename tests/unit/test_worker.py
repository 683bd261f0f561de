"""Worker: it takes what it serves, so much at a time and so often, and holds nothing back."""

from __future__ import annotations

import gc
import logging
import time
import weakref
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    Cancelled,
    Failed,
    RetryPolicy,
    TaskQueue,
    TaskStatus,
    Worker,
)
from postlude._clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def nothing() -> None: ...


def put(queue: TaskQueue, kind: str, function: Any, *args: Any) -> Any:
    return queue.put_nowait({"type": kind, "function": function, "args": args})


async def test_a_worker_takes_only_its_types_and_the_rest_stays_and_is_seen() -> None:
    queue, log = TaskQueue(), list[str]()
    for kind in ("image", "email", "video", "image"):
        put(queue, kind, log.append, kind)
    await queue.close()
    with anyio.fail_after(10):
        await Worker(queue, "images", types={"image"}).run()
    assert log == ["image", "image"]
    assert queue.waiting == {"email": 1, "video": 1}
    await Worker(queue, "mail", types=["email", "other"]).run()
    assert queue.waiting == {"video": 1}


async def test_priority_and_order_hold_across_the_types_of_one_worker() -> None:
    queue, log = TaskQueue(), list[str]()
    for name, kind, priority in [
        ("a1", "a", 0),
        ("b1", "b", 0),
        ("c1", "c", 99),
        ("b2", "b", 5),
        ("a2", "a", 5),
    ]:
        queue.put_nowait({"type": kind, "function": log.append, "args": [name]}, priority)
    await queue.close()
    await Worker(queue, "two", types={"a", "b"}).run()
    assert log == ["b2", "a2", "a1", "b1"]


async def test_a_type_that_nobody_serves_is_warned_of_once(records: Records) -> None:
    queue = TaskQueue()
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "images", types={"image"}).run)
        await anyio.wait_all_tasks_blocked()
        for kind in ("image", "video", "video"):
            put(queue, kind, nothing)
        await queue.close()
    (record,) = records()
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "no worker serves type 'video' now: its tasks wait in queue 'default'"
    )


async def test_many_workers_share_the_work_none_idle_and_no_task_twice() -> None:
    queue, ran, taken = TaskQueue(), Counter[int](), Counter[str]()

    async def work(number: int) -> None:
        ran[number] += 1
        taken[anyio.get_current_task().name or ""] += 1
        await anyio.lowlevel.checkpoint()

    async def run(name: str) -> None:
        await Worker(queue, name).run()

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(run, f"worker-{number}")
        for number in range(500):
            await queue.put(BackgroundTask(work, number))
        await queue.close()
    assert ran == Counter(range(500))


async def test_all_workers_are_busy_at_once_and_only_with_what_they_serve() -> None:
    queue = TaskQueue()
    busy: list[str] = []
    all_busy = anyio.Event()

    async def work(kind: str) -> None:
        busy.append(kind)
        if len(busy) == 5:
            all_busy.set()
        await all_busy.wait()

    async with anyio.create_task_group() as group:
        for name in ("image-1", "image-2", "image-3"):
            group.start_soon(Worker(queue, name, types={"image"}).run)
        for name in ("mail-1", "mail-2"):
            group.start_soon(Worker(queue, name, types={"mail"}).run)
        await anyio.wait_all_tasks_blocked()
        for _ in range(3):
            put(queue, "image", work, "image")
            put(queue, "mail", work, "mail")
        with anyio.fail_after(10):
            await all_busy.wait()
        assert Counter(busy[:5]) == {"image": 3, "mail": 2}
        await queue.close()
    assert Counter(busy) == {"image": 3, "mail": 3}


@pytest.mark.parametrize("in_thread", [False, True])
async def test_exactly_so_many_run_at_a_time(in_thread: bool) -> None:
    queue, running, most, full = TaskQueue(), list[int](), list[int](), anyio.Event()

    async def work_async() -> None:
        running.append(1)
        most.append(len(running))
        if len(running) == 3:
            full.set()
        await full.wait()
        running.pop()

    def work() -> None:
        anyio.from_thread.run(work_async)

    for _ in range(9):
        await queue.put(BackgroundTask(work if in_thread else work_async))
    await queue.close()
    with anyio.fail_after(10):
        await Worker(queue, "three", concurrency=3).run()
    assert max(most) == 3


async def test_a_worker_that_was_cancelled_while_it_rested_is_not_woken_in_anothers_place() -> None:
    queue, scope = TaskQueue(), anyio.CancelScope()

    async def run_first() -> None:
        with scope:
            await Worker(queue, "first").run()

    async with anyio.create_task_group() as group:
        group.start_soon(run_first)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(Worker(queue, "second").run)
        await anyio.wait_all_tasks_blocked()
        scope.cancel()
        await anyio.wait_all_tasks_blocked()
        await queue.put(BackgroundTask(nothing))
        with anyio.fail_after(10):
            await queue.join()
        await queue.close()


async def test_what_has_ended_keeps_nothing_of_the_callers() -> None:
    class Picture: ...

    async def show(picture: Picture) -> None: ...

    queue = TaskQueue()
    picture = Picture()
    gone = weakref.ref(picture)
    handle = await queue.put(BackgroundTask(show, picture))
    del picture
    await queue.close()
    await Worker(queue, "one").run()
    gc.collect()
    assert handle.status is TaskStatus.SUCCEEDED
    assert gone() is None


async def test_a_task_that_waits_for_its_retry_occupies_no_slot(clock: VirtualClock) -> None:
    queue, log = TaskQueue(), list[tuple[str, float]]()

    async def flaky() -> None:
        log.append(("flaky", clock.now()))
        if len(log) == 1:
            raise OSError("busy")

    async def steady() -> None:
        log.append(("steady", clock.now()))

    policy = RetryPolicy(max_retries=2, initial_delay=5.0, jitter=0.0)
    handle = await queue.put(BackgroundTask(flaky).with_options(retry_policy=policy))
    await queue.put(BackgroundTask(steady))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await clock.advance(1)
        assert handle.status is TaskStatus.RETRYING
        await queue.close()
        await clock.advance(10)
    assert log == [("flaky", 0.0), ("steady", 0.0), ("flaky", 5.0)]
    assert handle.outcome is not None
    assert handle.outcome.attempts == 2


async def test_a_task_with_a_delay_starts_then_and_holds_up_nobody(clock: VirtualClock) -> None:
    queue, log = TaskQueue(), list[tuple[str, float]]()

    async def note(name: str) -> None:
        log.append((name, clock.now()))

    await queue.put(BackgroundTask(note, "late").with_options(delay=30))
    await queue.put(BackgroundTask(note, "now"))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await clock.advance(10)
        await queue.close()
        await clock.advance(30)
    assert log == [("now", 0.0), ("late", 30.0)]


async def test_a_failure_is_logged_once_and_its_worker_goes_on(records: Records) -> None:
    queue, log = TaskQueue(), list[str]()

    async def fail() -> None:
        raise ValueError("bad")

    handle = await queue.put(BackgroundTask(fail))
    await queue.put(BackgroundTask(log.append, "after"))
    await queue.close()
    await Worker(queue, "one").run()
    assert isinstance(handle.outcome, Failed)
    assert isinstance(handle.outcome.error, ValueError)
    assert log == ["after"]
    (record,) = records()
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None


async def test_a_running_task_is_cancelled_by_its_handle_and_the_next_one_runs(
    records: Records,
) -> None:
    queue, log = TaskQueue(), list[str]()
    handle = await queue.put(BackgroundTask(anyio.sleep_forever))
    await queue.put(BackgroundTask(log.append, "next"))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await anyio.wait_all_tasks_blocked()
        await anyio.to_thread.run_sync(handle.cancel)
        with anyio.fail_after(10):
            await handle.wait()
        await queue.close()
    outcome = handle.outcome
    assert isinstance(outcome, Cancelled)
    assert outcome.reason == "its handle was told to cancel"
    assert log == ["next"]
    assert records() == []


async def test_a_task_between_attempts_is_cancelled(clock: VirtualClock) -> None:
    queue = TaskQueue()

    async def fail() -> None:
        raise ValueError("bad")

    policy = RetryPolicy(max_retries=2, initial_delay=60.0)
    handle = await queue.put(BackgroundTask(fail).with_options(retry_policy=policy))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await clock.advance(1)
        await queue.close()
        handle.cancel()
        with anyio.fail_after(10):
            await handle.wait()
    outcome = handle.outcome
    assert isinstance(outcome, Cancelled)
    assert outcome.attempts == 1


async def test_a_worker_that_is_cancelled_reports_what_ran_and_gives_back_the_rest(
    clock: VirtualClock, records: Records
) -> None:
    queue, log = TaskQueue(), list[str]()

    async def flaky() -> None:
        log.append("flaky")
        if len(log) == 1:
            raise OSError("busy")

    policy = RetryPolicy(max_retries=1, initial_delay=60.0, jitter=0.0)
    retried = await queue.put(BackgroundTask(flaky).with_options(retry_policy=policy))
    running = await queue.put(BackgroundTask(anyio.sleep_forever).with_options(task_id="run-1"))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        await clock.advance(1)
        group.cancel_scope.cancel()
    assert isinstance(running.outcome, Cancelled)
    assert running.outcome.reason == "worker 'one' was stopped"
    lost = [record.getMessage() for record in records() if record.levelno == logging.ERROR]
    assert lost == [
        "task 'sleep_forever' (id run-1) was lost on attempt 1 after 1.000 s: "
        "worker 'one' was stopped"
    ]
    assert retried.status is TaskStatus.RETRYING
    assert queue.size == 1
    await queue.close()
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "two").run)
        await clock.advance(10)
        assert log == ["flaky"]  # the wait is kept
        await clock.advance(60)
    assert log == ["flaky", "flaky"]


async def test_a_worker_runs_once_at_a_time_and_again_later() -> None:
    queue = TaskQueue(name="jobs")
    worker = Worker(queue, "one", types={"b", "a"})
    async with anyio.create_task_group() as group:
        group.start_soon(worker.run)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(RuntimeError, match="worker 'one' runs already"):
            await worker.run()
        await queue.close()
    await worker.run()
    assert repr(worker) == "<Worker 'one': a, b of queue 'jobs'>"
    assert repr(Worker(queue, "two")) == "<Worker 'two': all types of queue 'jobs'>"


async def test_a_row_of_tasks_that_never_wait_lets_others_run() -> None:
    queue, done = TaskQueue(2000), list[int]()

    async def block() -> None:
        time.sleep(0.001)  # noqa: ASYNC251  (the event loop is what it is to hold)
        done.append(1)

    for _ in range(1000):
        queue.put_nowait(BackgroundTask(block))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "one").run)
        while not done:
            await anyio.lowlevel.checkpoint()
        assert len(done) < 500
        group.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"concurrency": 0}, ValueError, "concurrency=0 must be 1 or more"),
        ({"concurrency": "2"}, TypeError, "concurrency='2' must be a whole number"),
        ({"types": "email"}, TypeError, "is one string: write types={'email'}"),
        ({"types": 5}, TypeError, "types=5 must be a set or list of strings"),
        ({"types": [1]}, TypeError, "must be a set or list of strings"),
        ({"types": []}, ValueError, "types= is empty"),
        ({"rate": 10}, TypeError, "rate=10 must be a pair"),
        ({"rate": (1.5, 1)}, TypeError, "must be a whole number and seconds or a timedelta"),
        ({"rate": (1, "s")}, TypeError, "must be a whole number and seconds or a timedelta"),
        ({"rate": (0, 1)}, ValueError, "at least one start in more than 0 seconds"),
        ({"rate": (1, 10**400)}, ValueError, "at least one start in more than 0 seconds"),
        ({"rate": (10**20, 1)}, ValueError, "at least one start in more than 0 seconds"),
        ({"rate": (1, 0.0)}, ValueError, "at least one start in more than 0 seconds"),
        ({"rate": (1, timedelta(0))}, ValueError, "at least one start"),
        ({"name": ""}, ValueError, "name='' is empty"),
        ({"queue": "emails"}, TypeError, "needs a TaskQueue, got an object of type 'str'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    settings: dict[str, Any] = {"queue": TaskQueue(), "name": "one", **arguments}
    with pytest.raises(error, match=words):
        Worker(**settings)
