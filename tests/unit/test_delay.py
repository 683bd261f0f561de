"""with_options(delay=): a task starts that long after it was handed over, in nobody's way."""

from __future__ import annotations

import logging
import random
import threading
import tracemalloc
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Cancelled,
    DrainReport,
    QueueFull,
    RetryPolicy,
    Succeeded,
    TaskRunner,
    TaskStatus,
)
from postlude._lane import GroupLane

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


class Diary:
    """When what began."""

    def __init__(self, clock: VirtualClock) -> None:
        self.lines: list[tuple[str, float]] = []
        self._clock = clock

    def task(self, name: str, *, lasts: float = 0, **options: Any) -> BackgroundTask:
        return BackgroundTask(self._note, name, lasts).with_options(name=name, **options)

    async def _note(self, name: str, lasts: float) -> None:
        self.lines.append((name, self._clock.now()))
        if lasts:
            await self._clock.sleep(lasts)


@pytest.fixture
def diary(clock: VirtualClock) -> Diary:
    return Diary(clock)


async def test_a_runner_starts_it_when_it_is_due(clock: VirtualClock, diary: Diary) -> None:
    async with TaskRunner() as runner:
        later = runner.submit(diary.task("later", delay=timedelta(minutes=1)))
        soon = runner.submit(diary.task("soon", delay=2))
        await clock.advance(1.9)
        assert (later.status, soon.status) == (TaskStatus.PENDING, TaskStatus.PENDING)
        assert diary.lines == []
        await clock.advance(100)
        assert diary.lines == [("soon", 2.0), ("later", 60.0)]
        assert soon.outcome is not None
        assert soon.outcome.duration == 0.0


async def test_it_holds_no_place_and_does_not_count_as_waiting(
    clock: VirtualClock, diary: Diary
) -> None:
    async with TaskRunner(max_concurrent=1, max_pending=1) as runner:
        for number in range(5):
            runner.submit(diary.task(f"late {number}", delay=10))
        runner.submit(diary.task("now"))
        with pytest.raises(QueueFull):
            runner.submit(diary.task("too many"))
        runner.submit(diary.task("one more", delay=11))
        await clock.advance(20)
    assert diary.lines == [
        ("now", 0.0),
        *[(f"late {number}", 10.0) for number in range(5)],
        ("one more", 11.0),
    ]


async def test_submit_waits_for_no_room(clock: VirtualClock, diary: Diary) -> None:
    async with TaskRunner(max_concurrent=1, max_pending=1, on_full="wait") as runner:
        runner.submit(diary.task("running", lasts=5))
        await clock.advance(1)
        runner.submit(diary.task("in line"))
        with anyio.fail_after(10):
            handle = await diary.task("late", delay=1).submit()
        assert handle.status is TaskStatus.PENDING
        await clock.advance(10)
    assert diary.lines == [("running", 0.0), ("in line", 5.0), ("late", 5.0)]


async def test_it_is_handed_over_from_another_thread(clock: VirtualClock, diary: Diary) -> None:
    async with TaskRunner() as runner:
        handle = await anyio.to_thread.run_sync(runner.submit, diary.task("late", delay=3))
        await clock.advance(3)
        assert handle.status is TaskStatus.SUCCEEDED
    assert diary.lines == [("late", 3.0)]


@pytest.mark.parametrize("in_thread", [False, True])
async def test_cancelled_before_it_starts_it_never_does(
    in_thread: bool, clock: VirtualClock, diary: Diary
) -> None:
    async with TaskRunner() as runner:
        handle = runner.submit(diary.task("late", delay=3))
        if in_thread:
            await anyio.to_thread.run_sync(handle.cancel)
        else:
            handle.cancel()
        with anyio.fail_after(10):
            outcome = await handle.wait()
        await clock.advance(10)
    assert isinstance(outcome, Cancelled)
    assert (outcome.attempts, diary.lines) == (0, [])


@pytest.mark.parametrize("limit", [1, 2, None])
@pytest.mark.parametrize("supervised", [False, True])
async def test_in_a_group_it_lets_its_siblings_pass(
    limit: int | None, supervised: bool, clock: VirtualClock, diary: Diary
) -> None:
    tasks = BackgroundTasks(max_concurrent=limit)
    for name, options in [
        ("first", {"lasts": 1.0}),
        ("late", {"delay": 5}),
        ("retried", {"retry_policy": RetryPolicy()}),
        ("soon", {"delay": 2}),
        ("last", {}),
    ]:
        tasks.add(diary.task(name, **options))  # type: ignore[arg-type]
    async with anyio.create_task_group() as scope:
        scope.start_soon(partial(run_group, tasks, supervised=supervised))
        await clock.advance(20)
    began = dict(diary.lines)
    assert [name for name, _ in diary.lines if name not in ("soon", "late")] == [
        "first",
        "retried",
        "last",
    ]
    assert (began["soon"], began["late"]) == (2.0, 5.0)
    assert began["last"] <= 1.0


async def run_group(tasks: BackgroundTasks, *, supervised: bool) -> None:
    if not supervised:
        await tasks()
        return
    async with TaskRunner() as runner:
        tasks.used = True
        GroupLane(runner.pool, tasks).notice()


async def test_outcomes_stand_in_the_order_added(clock: VirtualClock, diary: Diary) -> None:
    for limit in (1, 3):
        tasks = BackgroundTasks(
            [diary.task("a", delay=2), diary.task("b", delay=1), diary.task("c")],
            max_concurrent=limit,
        )
        async with anyio.create_task_group() as group:
            group.start_soon(clock.advance, 5)
            assert [outcome.name for outcome in await tasks.run_all()] == ["a", "b", "c"]
    assert [name for name, _ in diary.lines] == ["c", "b", "a"] * 2


async def test_a_delay_counts_from_the_call_of_the_group(clock: VirtualClock, diary: Diary) -> None:
    tasks = BackgroundTasks([diary.task("long", lasts=10), diary.task("late", delay=4)])

    async def grow() -> None:
        await clock.sleep(9)
        tasks.add(diary.task("added", delay=4))

    async with anyio.create_task_group() as group:
        group.start_soon(tasks)
        group.start_soon(grow)
        await clock.advance(20)
    assert diary.lines == [("long", 0.0), ("late", 10.0), ("added", 14.0)]


@pytest.mark.parametrize("limit", [1, 2, None])
async def test_a_group_that_a_runner_has_counts_from_when_it_was_added(
    limit: int | None, clock: VirtualClock, diary: Diary
) -> None:
    tasks = BackgroundTasks(
        [diary.task("long", lasts=10), diary.task("last", lasts=1)], max_concurrent=limit
    )
    async with TaskRunner(max_concurrent=10) as runner:
        tasks.used = True
        GroupLane(runner.pool, tasks).notice()
        await clock.advance(0.5)
        tasks.add(diary.task("added", delay=4))
        await clock.advance(20)
    assert dict(diary.lines)["added"] == (4.5 if limit != 1 else 10.0)


async def test_a_pipeline_keeps_its_order(clock: VirtualClock, diary: Diary) -> None:
    tasks = BackgroundTasks(
        [diary.task("charge", lasts=1), diary.task("ship", delay=5), diary.task("thank")]
    )
    async with anyio.create_task_group() as group:
        group.start_soon(partial(tasks, continue_on_error=False))
        await clock.advance(20)
    assert diary.lines == [("charge", 0.0), ("ship", 6.0), ("thank", 6.0)]


@pytest.mark.parametrize("call", ["__call__", "run"])
async def test_attached_alone_it_waits_where_it_is(
    call: str, clock: VirtualClock, diary: Diary
) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(getattr(diary.task("late", delay=3), call))
        await clock.advance(5)
    assert diary.lines == [("late", 3.0)]


async def test_each_call_waits_anew_and_retries_wait_their_own_time(clock: VirtualClock) -> None:
    moments: list[float] = []

    async def fail_once() -> None:
        moments.append(clock.now())
        if len(moments) % 2:
            raise OSError("busy")

    policy = RetryPolicy(initial_delay=1, jitter=0)
    task = BackgroundTask(fail_once).with_options(delay=3, retry_policy=policy)
    async with anyio.create_task_group() as group:
        group.start_soon(clock.advance, 20)
        await task()
        await task()
    assert moments == [3.0, 4.0, 7.0, 8.0]


@pytest.mark.parametrize("limit", [None, 1, 2])
async def test_cancelled_from_outside_while_it_waits_it_is_logged(
    limit: int | None, clock: VirtualClock, diary: Diary, records: Records
) -> None:
    late = diary.task("late", delay=3, task_id="l-1")
    async with anyio.create_task_group() as group:
        group.start_soon(late if limit is None else BackgroundTasks([late], max_concurrent=limit))
        await clock.advance(1)
        group.cancel_scope.cancel()
    (record,) = records()
    assert record.getMessage().startswith(
        "task 'late' (id l-1) was interrupted before it was due by Cancel"
    )
    assert diary.lines == []


async def test_a_drain_runs_what_is_due_in_time_and_does_not_wait_for_the_rest(
    clock: VirtualClock, diary: Diary, records: Records
) -> None:
    reports: list[DrainReport] = []
    async with TaskRunner() as runner:
        due = runner.submit(diary.task("due", delay=20))
        late = runner.submit(diary.task("reminder", delay=3600, task_id="r-1"))

        async def drain() -> None:
            reports.append(await runner.drain(timeout=30))

        async with anyio.create_task_group() as group:
            group.start_soon(drain)
            await clock.advance(19)
            assert reports == []
            await clock.advance(1)
    (report,) = reports
    assert report.duration == 20.0
    assert isinstance(due.outcome, Succeeded)
    assert report.unfinished == (late.outcome,)
    assert [record.getMessage() for record in records()] == [
        "task 'reminder' (id r-1) was never started: it was not due before the end of the drain",
        "the runner was drained in 20.000 s: 1 task finished, 1 did not",
    ]


async def test_a_drain_does_not_wait_for_a_retry_that_comes_too_late(clock: VirtualClock) -> None:
    async def fail() -> None:
        await clock.sleep(5)
        raise OSError("down")

    policy = RetryPolicy(initial_delay=50, jitter=0)
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(fail).with_options(retry_policy=policy))
        async with anyio.create_task_group() as group:
            group.start_soon(clock.advance, 5)
            report = await runner.drain(timeout=30)
            assert report.duration == 5.0
            assert report.unfinished == (handle.outcome,)


async def test_a_hundred_thousand_are_no_problem(clock: VirtualClock) -> None:
    ran: list[int] = []

    async def note(number: int) -> None:
        ran.append(number)

    async with TaskRunner() as runner:
        for number in range(100_000):
            runner.submit(BackgroundTask(note, number).with_options(delay=1000 - number // 5000))
        assert ran == []
        await clock.advance(990)
        assert len(ran) == 50_000
        await clock.advance(10)
    assert len(ran) == 100_000
    assert ran[:2] == [95_000, 95_001]


async def test_cancelled_ones_leave_no_memory(clock: VirtualClock) -> None:
    async with TaskRunner() as runner:
        task = BackgroundTask(threading.Event).with_options(delay=1e6)

        def add_and_cancel(count: int) -> None:
            for _ in range(count):
                runner.submit(task).cancel()

        add_and_cancel(3000)  # as many as the runner remembers, and more
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        add_and_cancel(3000)
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    assert after - before < 3000 * 400  # the history's thousand are replaced, not added to


@pytest.mark.parametrize(
    ("delay", "error", "message"),
    [
        (0, ValueError, "delay=0 must be more than 0 seconds; leave it out to start at once"),
        (-1.5, ValueError, "delay=-1.5 must be more than 0 seconds"),
        (timedelta(), ValueError, "delay=0.0 must be more than 0 seconds"),
        (float("nan"), ValueError, "delay=nan must be more than 0 seconds"),
        (float("inf"), ValueError, "delay=inf must be more than 0 seconds"),
        ("5", TypeError, "delay='5' must be seconds or a timedelta, such as delay=5.0"),
        (True, TypeError, "delay=True must be seconds"),
    ],
)
def test_a_bad_delay_is_refused(delay: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message.replace(".", r"\.")):
        BackgroundTask(print).with_options(delay=delay)


async def leave_gaps_in_memory() -> None:
    numbers = random.Random(1)

    async def some_steps() -> None:
        for _ in range(numbers.randrange(20)):
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        for _ in range(60):
            group.start_soon(BackgroundTask(some_steps).run)


@pytest.mark.parametrize("limit", [1, 3, None])
@pytest.mark.parametrize("kind", ["delay", "retry"])
async def test_what_is_due_at_one_moment_begins_in_the_order_it_was_added(
    kind: str, limit: int | None, clock: VirtualClock
) -> None:
    begun: list[int] = []

    async def work(number: int) -> None:
        if kind == "retry" and number not in failed:
            failed.add(number)
            raise ConnectionError
        begun.append(number)

    failed: set[int] = set()
    await leave_gaps_in_memory()  # new objects do not lie in order from here on
    policy = RetryPolicy(max_retries=1, initial_delay=2.0, jitter=0)
    late: dict[str, Any] = {"delay": 2.0} if kind == "delay" else {"retry_policy": policy}
    tasks = [BackgroundTask(work, number).with_options(**late) for number in range(12)]
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(BackgroundTasks(tasks, max_concurrent=limit))
            await clock.advance(3)
    assert begun == list(range(12))


async def test_a_retry_gives_its_place_to_the_next_and_takes_one_when_it_comes_back(
    clock: VirtualClock,
) -> None:
    """Two of them fail at once: with two places, the third and fourth need not wait for them."""
    at_work: list[int] = []
    most, begun = [0], list[int]()

    async def work(number: int) -> None:
        begun.append(number)
        at_work.append(number)
        most[0] = max(most[0], len(at_work))
        try:
            await clock.sleep(1)
            if number < 2 and begun.count(number) == 1:
                raise ConnectionError
        finally:
            at_work.remove(number)

    policy = RetryPolicy(max_retries=1, initial_delay=2.5, jitter=0)
    tasks = [BackgroundTask(work, n).with_options(retry_policy=policy) for n in range(8)]
    async with anyio.create_task_group() as group:
        group.start_soon(BackgroundTasks(tasks, max_concurrent=2))
        await clock.advance(1.5)
        assert begun == [0, 1, 2, 3]
        await clock.advance(20)
    assert begun[:6] == [0, 1, 2, 3, 4, 5]
    assert sorted(begun) == [0, 0, 1, 1, 2, 3, 4, 5, 6, 7]
    assert most == [2]
