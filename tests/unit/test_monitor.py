"""TaskMonitor: exact counts, close percentiles, a window that moves, and always the same memory."""

from __future__ import annotations

import contextlib
import gc
import json
import random
import sys
import threading
import time
from datetime import timedelta
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Cancelled,
    Health,
    RetryPolicy,
    Succeeded,
    TaskEnded,
    TaskMonitor,
    TaskRetried,
    TaskRunner,
    TaskStarted,
    TaskSubmitted,
    subscribe,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postlude import Observer, TaskEvent
    from postlude._clock import VirtualClock


@pytest.fixture
def monitor() -> Iterator[TaskMonitor]:
    """A monitor that hears of every task."""
    monitor = TaskMonitor()
    with subscribe(monitor):
        yield monitor


async def nothing() -> None: ...


def blocking() -> None: ...


async def fail() -> None:
    raise ValueError("bad")


def end(monitor: TaskMonitor, *, failed: int = 0, of: int = 100) -> None:
    for number in range(of):
        if number < failed:
            monitor.task_failed("work", 1.0)
        else:
            monitor.task_completed("work", 1.0)


@pytest.mark.anyio
@pytest.mark.parametrize("function", [nothing, blocking])
@pytest.mark.parametrize("supervised", [False, True])
async def test_tasks_are_counted_without_a_change_to_them(
    function: Callable[[], Any], supervised: bool
) -> None:
    monitor = TaskMonitor()
    tasks = [BackgroundTask(one) for one in (function, fail, function)]
    if supervised:
        async with TaskRunner(monitor=monitor) as runner:
            for task in tasks:
                await runner.submit(task).wait()
    else:
        with subscribe(monitor):
            await BackgroundTasks(tasks)()
    assert (monitor.total_tasks, monitor.completed_tasks, monitor.failed_tasks) == (3, 2, 1)
    stats = monitor.get_task_stats()
    assert stats.keys() == {function.__name__, "fail"}
    assert stats[function.__name__]["completed_tasks"] == 2
    assert stats["fail"]["failed_tasks"] == 1
    assert stats["fail"]["last_error"] == "ValueError"
    assert monitor.get_recent_stats()["total_tasks"] == 3
    assert json.loads(json.dumps(stats)) == stats


@pytest.mark.anyio
async def test_what_waits_and_what_runs_is_shown() -> None:
    monitor = TaskMonitor()
    go_on = anyio.Event()
    task = BackgroundTask(go_on.wait).with_options(name="wait")
    async with TaskRunner(max_concurrent=2, monitor=monitor) as runner:
        for _ in range(5):
            runner.submit(task)
        assert (monitor.pending_tasks, monitor.running_tasks) == (5, 0)
        await anyio.wait_all_tasks_blocked()
        assert (monitor.pending_tasks, monitor.running_tasks) == (3, 2)
        assert monitor.get_task_stats()["wait"]["running_tasks"] == 2
        assert monitor.get_task_stats()["wait"]["pending_tasks"] == 3
        assert (monitor.total_tasks, monitor.completed_tasks) == (5, 0)
        go_on.set()
    assert (monitor.pending_tasks, monitor.running_tasks) == (0, 0)
    assert (monitor.total_tasks, monitor.completed_tasks) == (5, 5)


@pytest.mark.anyio
async def test_retries_timeouts_and_cancellations_are_counted(
    clock: VirtualClock, monitor: TaskMonitor
) -> None:
    policy = RetryPolicy(max_retries=2, initial_delay=10.0, jitter=0.0)
    await BackgroundTask(anyio.sleep, 60).with_options(timeout=0.01).run()
    async with TaskRunner() as runner:
        runner.submit(BackgroundTask(fail).with_options(retry_policy=policy))
        cut_off = runner.submit(BackgroundTask(anyio.sleep, 60))
        retried = runner.submit(BackgroundTask(fail).with_options(retry_policy=policy))
        await anyio.wait_all_tasks_blocked()
        assert (monitor.pending_tasks, monitor.running_tasks) == (2, 1)
        retried.cancel()
        cut_off.cancel()
        await cut_off.wait()
        assert (monitor.pending_tasks, monitor.running_tasks) == (1, 0)
        await clock.advance(100)
    assert (monitor.pending_tasks, monitor.running_tasks) == (0, 0)
    assert (monitor.total_tasks, monitor.completed_tasks, monitor.failed_tasks) == (4, 0, 2)
    assert (monitor.timed_out_tasks, monitor.cancelled_tasks, monitor.retries) == (1, 2, 3)
    recent = monitor.get_recent_stats()
    assert recent["timed_out_tasks"] == 1
    assert recent["cancelled_tasks"] == 2
    assert recent["retries"] == 3
    assert recent["total_tasks"] == 4
    assert recent["failure_rate"] == 1.0
    assert monitor.get_task_stats()["sleep"]["last_error"] == "TimeoutError"


@pytest.mark.anyio
@pytest.mark.parametrize("alone", [True, False])
async def test_a_group_is_counted_alike_whether_or_not_others_want_each_event(alone: bool) -> None:
    monitor = TaskMonitor()
    seen: list[tuple[int, int, int]] = []

    async def wait() -> None:
        await anyio.lowlevel.checkpoint()
        seen.append((monitor.completed_tasks, monitor.failed_tasks, monitor.running_tasks))

    async def dawdle() -> None:
        time.sleep(0.1)  # noqa: ASYNC251  (what holds up the loop is counted as well)

    def in_thread() -> int:
        return 1

    tasks = BackgroundTasks()
    for func in (nothing, nothing, fail, dawdle, wait, nothing, in_thread, wait, nothing):
        tasks.add_task(func)
    observers: list[Observer] = [monitor] if alone else [monitor, lambda event: None]
    with contextlib.ExitStack() as stack:
        for observer in observers:
            stack.enter_context(subscribe(observer))
        await tasks()
    assert seen == [(3, 1, 1), (6, 1, 1)]
    stats = monitor.get_task_stats()
    assert {name: one["total_tasks"] for name, one in sorted(stats.items())} == {
        "dawdle": 1,
        "fail": 1,
        "nothing": 4,
        "wait": 2,
        "in_thread": 1,
    }
    assert stats["dawdle"]["average_duration"] >= 0.1
    assert stats["nothing"]["average_duration"] < 0.1
    assert (monitor.total_tasks, monitor.running_tasks, monitor.pending_tasks) == (9, 0, 0)


@pytest.mark.anyio
async def test_a_burst_of_the_same_function_is_counted_to_the_last(monitor: TaskMonitor) -> None:
    tasks = BackgroundTasks(BackgroundTask(nothing) for _ in range(1000))
    await tasks()
    assert (monitor.completed_tasks, monitor.total_tasks) == (1000, 1000)
    assert monitor.get_task_stats()["nothing"]["completed_tasks"] == 1000
    assert 0 < monitor.average_duration < 1
    assert monitor.get_recent_stats()["p50"] < 0.1


@pytest.mark.anyio
async def test_in_a_burst_each_function_and_the_slow_call_are_told_apart(
    monitor: TaskMonitor,
) -> None:
    naps = [0.1]

    async def nap() -> None:
        if naps:
            time.sleep(naps.pop())  # noqa: ASYNC251  (what holds up the loop is counted as well)

    async def other() -> None: ...

    await BackgroundTasks(BackgroundTask(nap) for _ in range(100))()
    stats = monitor.get_task_stats()["nap"]
    assert stats["p50"] < 0.0005
    assert stats["average_duration"] >= 0.001
    for _ in range(20):
        await BackgroundTasks([BackgroundTask(nothing), BackgroundTask(other)])()
    for name in ("nothing", "other"):
        assert monitor.get_task_stats()[name]["total_tasks"] == 20


@pytest.mark.anyio
async def test_a_monitor_of_ones_own_kind_is_told_each_event() -> None:
    class Telling(TaskMonitor):
        def __call__(self, event: TaskEvent) -> None:
            told.append(event)
            super().__call__(event)

    told: list[TaskEvent] = []
    with subscribe(Telling()):
        await BackgroundTasks(BackgroundTask(nothing) for _ in range(10))()
    assert len(told) == 30


@pytest.mark.parametrize(
    ("failed", "health"),
    [(0, "healthy"), (10, "healthy"), (11, "degraded"), (50, "degraded"), (51, "unhealthy")],
)
def test_health_changes_above_ten_and_above_fifty_percent(failed: int, health: str) -> None:
    monitor = TaskMonitor()
    end(monitor, failed=failed)
    assert monitor.health() == health
    assert monitor.get_recent_stats()["failure_rate"] == failed / 100
    assert monitor.failed_tasks == failed


def test_the_thresholds_can_be_set() -> None:
    monitor = TaskMonitor(degraded_above=0.0, unhealthy_above=0.02, min_tasks=1)
    end(monitor, failed=1)
    assert monitor.health() is Health.DEGRADED
    end(monitor, failed=9)
    assert monitor.health() is Health.UNHEALTHY


def test_few_tasks_are_degraded_at_most_and_none_are_healthy() -> None:
    monitor = TaskMonitor()
    assert monitor.health() is Health.HEALTHY
    end(monitor, failed=9, of=9)
    assert monitor.health() is Health.DEGRADED
    end(monitor, failed=1, of=1)
    assert monitor.health() is Health.UNHEALTHY


@pytest.mark.anyio
async def test_the_window_moves_on_and_what_left_it_counts_no_more(clock: VirtualClock) -> None:
    monitor = TaskMonitor()
    await clock.advance(1000)
    end(monitor, failed=60)
    await clock.advance(300)
    assert monitor.get_recent_stats(minutes=5)["total_tasks"] == 100
    assert monitor.health() is Health.UNHEALTHY
    await clock.advance(10)
    assert monitor.get_recent_stats(minutes=5) == TaskMonitor().get_recent_stats()
    assert monitor.health() is Health.HEALTHY
    assert monitor.health(minutes=6) is Health.UNHEALTHY
    assert monitor.get_recent_stats(minutes=60)["failed_tasks"] == 60
    await clock.advance(3600)
    assert monitor.get_recent_stats(minutes=60)["failed_tasks"] == 0
    assert monitor.failed_tasks == 60


def test_durations_are_averaged_exactly_and_percentiles_are_close() -> None:
    chance = random.Random(7)
    durations = [chance.lognormvariate(-1, 2) for _ in range(10_001)]
    monitor = TaskMonitor()
    for duration in durations:
        monitor.task_completed("work", duration)
    assert monitor.average_duration == pytest.approx(sum(durations) / len(durations))
    durations.sort()
    for stats in (monitor.get_recent_stats(), monitor.get_task_stats()["work"]):
        assert stats["average_duration"] == pytest.approx(monitor.average_duration)
        for key, share in {"p50": 0.5, "p95": 0.95, "p99": 0.99}.items():
            exact = durations[int(share * 10_000)]
            assert stats[key] == pytest.approx(exact, rel=0.04), key  # type: ignore[literal-required]


@pytest.mark.parametrize("duration", [0.0, 1e-9, 1e9])
def test_a_duration_beyond_the_scale_is_counted_at_its_end(duration: float) -> None:
    monitor = TaskMonitor()
    monitor.task_completed("work", duration)
    stats = monitor.get_recent_stats()
    assert stats["average_duration"] == duration
    assert 0 < stats["p50"] < 200_000


def test_nothing_counted_is_all_zeros() -> None:
    monitor = TaskMonitor()
    assert set(monitor.get_recent_stats().values()) == {0}
    assert monitor.get_task_stats() == {}
    assert (monitor.total_tasks, monitor.average_duration) == (0, 0.0)


def test_what_runs_elsewhere_is_counted_by_hand() -> None:
    monitor = TaskMonitor()
    monitor.task_started("import")
    monitor.task_started("import")
    monitor.task_started("export")
    assert (monitor.total_tasks, monitor.running_tasks) == (3, 3)
    monitor.task_completed("import", 2.0)
    monitor.task_failed("import", 4.0, KeyError("id"))
    monitor.task_failed("export", 0.0)
    assert (monitor.total_tasks, monitor.running_tasks) == (3, 0)
    stats = monitor.get_task_stats()
    assert stats["import"]["average_duration"] == 3.0
    assert stats["import"]["last_error"] == "KeyError"
    assert stats["export"]["last_error"] is None


def test_more_names_than_may_be_are_counted_together() -> None:
    monitor = TaskMonitor(max_names=2)
    for number in range(10):
        monitor.task_started(f"task {number}")
        monitor.task_completed(f"task {number}", 1.0)
    assert monitor.total_tasks == 10
    stats = monitor.get_task_stats()
    assert {name: one["total_tasks"] for name, one in stats.items()} == {
        "(others)": 8,
        "task 0": 1,
        "task 1": 1,
    }


def size(root: object) -> int:
    """Bytes of an object and all that it leads to, classes and modules aside."""
    seen: dict[int, object] = {}
    found = [root]
    while found:
        one = found.pop()
        if id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType):
            seen[id(one)] = one
            found += gc.get_referents(one)
    return sum(map(sys.getsizeof, seen.values()))


def test_a_million_events_take_no_more_memory_than_a_few_thousand(clock: VirtualClock) -> None:
    monitor = TaskMonitor(max_names=50)
    chance = random.Random(7)
    events: list[TaskEvent] = []
    for number in range(1000):
        name, duration = f"task {number % 100}", chance.expovariate(0.1)
        outcome = Succeeded(value=None, task_id="id", name=name, attempts=1, duration=duration)
        events.append(TaskSubmitted("id", name, 0, 0.0, 0.0, None))
        events.append(TaskStarted("id", name, 1, 0.0, 0.0, None))
        events.append(TaskEnded("id", name, 1, 0.0, 0.0, None, outcome))

    def work(rounds: int) -> int:
        for _ in range(rounds):
            for number, event in enumerate(events):
                monitor(event)
                if number % 100 == 0:
                    clock.sleep_blocking(10.0)  # into the next step of the window
        return size(monitor)

    after_thousands = work(14)
    assert after_thousands < 4_000_000
    assert work(326) <= 1.01 * after_thousands
    assert monitor.completed_tasks == 340_000


def test_it_can_be_told_and_asked_from_many_threads() -> None:
    monitor = TaskMonitor()
    before = sys.getswitchinterval()
    outcome = Succeeded(value=None, task_id="id", name="work", attempts=1, duration=0.1)
    events: list[TaskEvent] = [
        TaskSubmitted("id", "work", 0, 0.0, 0.0, None),
        TaskStarted("id", "work", 1, 0.0, 0.0, None),
        TaskEnded("id", "work", 1, 0.0, 0.0, None, outcome),
    ]

    def work() -> None:
        for number in range(2_000):
            for event in events:
                monitor(event)
            monitor.task_started("work")
            monitor.task_completed("work", 0.001)
            if number % 100 == 0:
                monitor.get_task_stats()

    threads = [threading.Thread(target=work) for _ in range(4)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert (monitor.total_tasks, monitor.completed_tasks) == (16_000, 16_000)
    assert (monitor.running_tasks, monitor.pending_tasks) == (0, 0)


def test_a_task_of_the_same_id_as_one_that_was_cancelled_stands_where_it_stands() -> None:
    monitor = TaskMonitor()
    outcome = Cancelled(reason="told to", task_id="id", name="work", attempts=1, duration=0.1)
    for retried in (True, False):
        monitor(TaskSubmitted("id", "work", 0, 0.0, 0.0, None))
        monitor(TaskStarted("id", "work", 1, 0.0, 0.0, None))
        if retried:
            monitor(TaskRetried("id", "work", 1, 0.0, 0.0, None, OSError(), 1.0))
        monitor(TaskEnded("id", "work", 1, 0.0, 0.0, None, outcome))
        assert (monitor.pending_tasks, monitor.running_tasks) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"degraded_above": 10}, ValueError, "degraded_above=10 must be from 0.0 to 1.0"),
        ({"degraded_above": "10 %"}, TypeError, "must be a share of 1"),
        ({"unhealthy_above": 0.05}, ValueError, "unhealthy_above=0.05 is less than"),
        ({"min_tasks": 2.5}, TypeError, "min_tasks=2.5 must be a whole number"),
        ({"min_tasks": 0}, ValueError, "min_tasks=0 must be 1 or more"),
        ({"max_names": 1.5}, TypeError, "max_names=1.5 must be a whole number"),
        ({"window": 0}, ValueError, "window=0 must be more than 0 seconds"),
        ({"window": "1h"}, TypeError, "window='1h' must be seconds or a timedelta"),
    ],
)
def test_bad_settings_are_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        TaskMonitor(**arguments)


@pytest.mark.parametrize("minutes", [0, -1, 61, float("nan")])
def test_a_window_that_is_not_kept_is_refused(minutes: float) -> None:
    with pytest.raises(ValueError, match="at most 60, the monitor's window"):
        TaskMonitor(window=timedelta(hours=1)).get_recent_stats(minutes)


@pytest.mark.parametrize("minutes", ["5", None, True])
def test_minutes_that_are_no_number_are_refused(minutes: Any) -> None:
    for ask in (TaskMonitor().get_recent_stats, TaskMonitor().health):
        with pytest.raises(TypeError, match=f"minutes={minutes!r} must be a number, such as"):
            ask(minutes)
