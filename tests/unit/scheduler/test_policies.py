"""What a recurring task does when it cannot keep its time, and what it refuses to be told."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude import (
    BackgroundScheduler,
    BackgroundTask,
    Cancelled,
    DrainReport,
    RetryPolicy,
    TaskRunner,
)
from postlude._clock import VirtualClock
from postlude.scheduler._plan import checked_time

if TYPE_CHECKING:
    from collections.abc import Callable

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Work:
    """A task that takes its time, and notes when it began."""

    def __init__(self, clock: VirtualClock, lasts: float = 0) -> None:
        self.began: list[float] = []
        self.most = self._running = 0
        self._clock = clock
        self._lasts = lasts

    async def __call__(self) -> None:
        self.began.append(self._clock.now())
        self._running += 1
        self.most = max(self.most, self._running)
        if self._lasts:
            await self._clock.sleep(self._lasts)
        self._running -= 1


@pytest.mark.parametrize(
    ("overlap", "began", "most"),
    [
        ("skip", [1.0, 4.0, 7.0, 10.0], 1),
        ("queue", [1.0, 3.5, 6.0, 8.5], 1),
        ("allow", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0], 3),
    ],
)
async def test_overlap(
    overlap: Any, began: list[float], most: int, clock: VirtualClock, records: Records
) -> None:
    work = Work(clock, lasts=2.5)
    async with anyio.create_task_group() as group, BackgroundScheduler() as scheduler:
        scheduler.add_recurring_task(work, interval=1, overlap=overlap)
        await clock.advance(10)
        assert work.began == began
        group.start_soon(clock.advance, 100)
    assert work.most == most
    # What was due before the stop still runs.
    assert len(work.began) == (4 if overlap == "skip" else 10)
    warnings = [record.getMessage() for record in records() if record.levelname == "WARNING"]
    skipped = ["task 'Work' still runs: it is skipped until that has ended"] * 3
    assert warnings == (skipped if overlap == "skip" else [])


async def test_what_is_queued_and_does_not_run_is_reported(
    clock: VirtualClock, records: Records
) -> None:
    work = Work(clock, lasts=100)
    reports: list[DrainReport] = []
    async with BackgroundScheduler() as scheduler:
        scheduler.add_recurring_task(work, interval=1, overlap="queue")
        await clock.advance(3)

        async def drain() -> None:
            reports.append(await scheduler.runner.drain(timeout=1))

        async with anyio.create_task_group() as group:
            group.start_soon(drain)
            await clock.advance(2)
    assert len(reports[0].unfinished) == 3
    lost = [record.getMessage() for record in records() if record.levelname == "ERROR"]
    assert [line.partition(")")[2][:18] for line in lost] == [" was lost on attem"] + [
        " was never started"
    ] * 2


async def test_a_retry_counts_as_running(clock: VirtualClock) -> None:
    began: list[float] = []

    async def fail() -> None:
        began.append(clock.now())
        raise OSError("busy")

    task = BackgroundTask(fail).with_options(
        retry_policy=RetryPolicy(max_retries=1, initial_delay=2.5, jitter=0)
    )
    async with BackgroundScheduler() as scheduler:
        scheduler.add_recurring_task(task, interval=1)
        await clock.advance(3.9)
    assert began == [1.0, 3.5]


@pytest.mark.parametrize(
    ("missed", "runs", "said"),
    [
        ("run_once", 1, "was due 4 times since 2026-03-20 12:01:00+00:00 and could not run: it "
         "runs once now"),
        ("run_all", 4, "it runs 4 times now"),
        ("skip", 1, "it runs once now"),
    ],
)  # fmt: skip
async def test_an_event_loop_that_was_blocked(
    missed: Any, runs: int, said: str, records: Records
) -> None:
    with VirtualClock(START) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="UTC") as scheduler:
            scheduler.add_recurring_task(work, interval=60, missed=missed, overlap="queue")
            clock.sleep_blocking(270)
            await clock.advance(0)
            assert work.began == [270.0] * runs
            await clock.advance(30)
            assert work.began == [270.0] * runs + [300.0]
    (warning,) = (record for record in records() if record.levelname == "WARNING")
    assert said in warning.getMessage()


async def test_a_moment_s_delay_is_no_news(clock: VirtualClock, records: Records) -> None:
    work = Work(clock)
    async with BackgroundScheduler() as scheduler:
        scheduler.add_recurring_task(work, interval=0.1)
        clock.sleep_blocking(0.95)
        await clock.advance(0.1)
    assert work.began == [0.95, 1.0]
    assert [record for record in records() if record.levelname == "WARNING"] == []


@pytest.mark.parametrize(("missed", "runs"), [("run_once", 1), ("run_all", 3), ("skip", 0)])
async def test_a_machine_that_slept(missed: Any, runs: int, records: Records) -> None:
    # The wall clock has gone on, and the monotonic one, as on Linux, has not.
    with VirtualClock(START, trust=60) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="UTC") as scheduler:
            handle = scheduler.add_recurring_task(
                work, cron="0 2 * * *", missed=missed, overlap="queue"
            )
            clock.set_wall(START + timedelta(days=2, hours=20))
            await clock.advance(60)
            assert len(work.began) == runs
            assert handle.next_run == datetime(2026, 3, 24, 2, tzinfo=UTC)
    (warning,) = (record for record in records() if record.levelname == "WARNING")
    made_up = {0: "is not run for them", 1: "runs once", 3: "runs 3 times"}[runs]
    assert (
        f"was due 3 times since 2026-03-21 02:00:00+00:00 and could not run: it {made_up} now"
        in (warning.getMessage())
    )


async def test_no_more_than_a_thousand_are_made_up_for(records: Records) -> None:
    with VirtualClock(START, trust=60) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="UTC") as scheduler:
            scheduler.add_recurring_task(work, cron="* * * * *", missed="run_all", overlap="queue")
            clock.set_wall(START + timedelta(days=365))
            await clock.advance(60)
    assert len(work.began) == 1000


async def test_a_wall_clock_set_back_a_little_fires_nothing_twice() -> None:
    with VirtualClock(START, trust=60) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="UTC") as scheduler:
            scheduler.add_recurring_task(work, cron="5 * * * *")
            await clock.advance(301)
            clock.set_wall(START)
            await clock.advance(1800)
            assert work.began == [300.0]
            await clock.advance(3600)
            assert work.began == [300.0, 301.0 + 3900.0]


async def test_a_wall_clock_that_was_wrong_by_years_is_followed_within_a_minute() -> None:
    with VirtualClock(START.replace(year=2030), trust=60) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="UTC") as scheduler:
            handle = scheduler.add_recurring_task(work, cron="0 2 * * *")
            clock.set_wall(START)
            await clock.advance(60)
            assert handle.next_run == datetime(2026, 3, 21, 2, tzinfo=UTC)


async def test_an_interval_does_not_care_what_the_wall_shows(records: Records) -> None:
    with VirtualClock(START, trust=60) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="UTC") as scheduler:
            handle = scheduler.add_recurring_task(work, interval=100)
            once = scheduler.add_delayed_task(work, delay=150)
            for moment in (START + timedelta(days=400), START - timedelta(days=400)):
                clock.set_wall(moment)
                await clock.advance(100)
            assert work.began == [100.0, 150.0, 200.0]
            due = START - timedelta(days=400) + timedelta(seconds=200)
            assert handle.next_run == due
            assert once.next_run is None
    assert [record for record in records() if record.levelname != "INFO"] == []


async def test_an_interval_with_a_start_follows_the_wall_to_its_first_time_only() -> None:
    with VirtualClock(START, trust=60) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="UTC") as scheduler:
            start = START + timedelta(hours=1)
            scheduler.add_recurring_task(work, interval=600, start_time=start)
            clock.set_wall(START + timedelta(minutes=30))
            await clock.advance(1800)
            assert work.began == [1800.0]
            clock.set_wall(START - timedelta(days=1))
            await clock.advance(1200)
            assert work.began == [1800.0, 2400.0, 3000.0]


async def test_a_start_with_a_zone_of_its_own_is_meant_in_that() -> None:
    tokyo = timezone(timedelta(hours=9))
    with VirtualClock(START) as clock:
        work = Work(clock)
        async with BackgroundScheduler(timezone="America/New_York") as scheduler:
            start = (START + timedelta(hours=2)).astimezone(tokyo)
            handle = scheduler.add_recurring_task(work, interval=600, start_time=start)
            assert handle.next_run == START + timedelta(hours=2)
            await clock.advance(7200)
    assert work.began == [7200.0]


async def test_jitter_delays_and_never_shifts(clock: VirtualClock) -> None:
    work = Work(clock)
    async with BackgroundScheduler() as scheduler:
        scheduler.add_recurring_task(work, interval=60, jitter=59)
        await clock.advance(6000)
    lags = [moment - 60 * number for number, moment in enumerate(work.began, start=1)]
    assert all(0 <= lag <= 59 for lag in lags)
    assert max(lags) - min(lags) > 10
    assert len(work.began) in (99, 100)


async def test_jitter_longer_than_a_cron_gap_leaves_nothing_out(
    clock: VirtualClock, records: Records
) -> None:
    work = Work(clock)
    async with BackgroundScheduler() as scheduler:
        scheduler.add_recurring_task(work, cron="* * * * *", jitter=timedelta(hours=1))
        await clock.advance(6000)
    assert len(work.began) in (99, 100)
    assert [record for record in records() if record.levelname == "WARNING"] == []


async def test_a_pause_is_not_made_up_for(clock: VirtualClock, records: Records) -> None:
    work = Work(clock)
    async with BackgroundScheduler() as scheduler:
        handle = scheduler.add_recurring_task(work, interval=10)
        await clock.advance(15)
        handle.pause()
        handle.pause()
        assert (handle.next_run, handle.is_paused) == (None, True)
        await clock.advance(20)
        handle.resume()
        handle.resume()
        assert not handle.is_paused
        await clock.advance(15)
    assert work.began == [10.0, 40.0, 50.0]
    assert [record for record in records() if record.levelname == "WARNING"] == []


async def test_a_delayed_task_is_held_and_starts_when_its_moment_has_passed(
    clock: VirtualClock,
) -> None:
    work = Work(clock)
    async with BackgroundScheduler() as scheduler:
        passed = scheduler.add_delayed_task(work, delay=10)
        coming = scheduler.add_delayed_task(work, delay=40)
        for handle in (passed, coming):
            handle.pause()
            assert handle.next_run is None
        await clock.advance(20)
        for handle in (passed, coming):
            handle.resume()
        await clock.advance(20)
        held = scheduler.add_delayed_task(work, delay=1)
        held.pause()
    assert work.began == [20.0, 40.0]
    assert isinstance(held.last_outcome, Cancelled)
    assert held.last_outcome.reason == "it was not due before the end of the drain"


async def test_cancelled_it_is_due_no_more_and_what_runs_goes_on(clock: VirtualClock) -> None:
    work = Work(clock, lasts=5)
    async with anyio.create_task_group() as group, BackgroundScheduler() as scheduler:
        handle = scheduler.add_recurring_task(work, interval=2, overlap="queue")
        await clock.advance(5)
        handle.cancel()
        handle.resume()
        assert handle.next_run is None
        group.start_soon(clock.advance, 100)
        outcome = await handle.wait()
        assert outcome is handle.last_outcome
        after = await handle.wait()
        assert isinstance(after, Cancelled)
        assert after.reason == "its schedule was cancelled"
    assert work.began == [2.0]


async def test_a_runner_without_room_skips_it(clock: VirtualClock, records: Records) -> None:
    work, blocker = Work(clock), Work(clock, lasts=3)
    async with TaskRunner(max_concurrent=1, max_pending=1) as runner:
        scheduler = BackgroundScheduler(runner)
        scheduler.add_recurring_task(work, interval=1.5, overlap="allow")
        runner.submit(BackgroundTask(blocker))
        await clock.advance(1)
        runner.submit(BackgroundTask(blocker))
        await clock.advance(1)
        messages = [record.getMessage() for record in records() if record.levelname == "WARNING"]
        assert messages == ["task 'Work' was skipped: its runner has no room"]
        await clock.advance(10)
    assert len(work.began) > 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValueError, "needs interval= or cron=, and got neither"),
        ({"interval": 1, "cron": "* * * * *"}, ValueError, "and got both"),
        ({"interval": 0}, ValueError, "interval=0 must be more than 0 seconds"),
        ({"interval": -1}, ValueError, "interval=-1 must be more than 0 seconds"),
        ({"interval": float("nan")}, ValueError, "interval=nan must be more than 0 seconds"),
        ({"interval": 1e-9}, ValueError, "interval=1e-09 must be a microsecond or more"),
        ({"interval": 1e300}, ValueError, r"interval=1e\+300 is too long: it ends after the year"),
        ({"interval": timedelta.max}, ValueError, "is too long: it ends after the year 9990"),
        ({"interval": "1h"}, TypeError, "interval='1h' must be seconds or a timedelta"),
        ({"cron": "1 2 3"}, ValueError, "cron='1 2 3' is no cron expression"),
        ({"interval": 5, "start_time": "02:00"}, TypeError, "start_time='02:00' must be a datet"),
        ({"interval": 5, "start_time": date(2026, 1, 1)}, TypeError, "must be a datetime"),
        ({"interval": 5, "jitter": 5}, ValueError, "jitter=5 must be less than interval=5"),
        ({"interval": 5, "jitter": -1}, ValueError, "jitter=-1 must be more than 0"),
        ({"interval": 5, "overlap": "stop"}, ValueError, "overlap='stop' must be 'skip', 'queue'"),
        ({"interval": 5, "missed": "all"}, ValueError, "missed='all' must be 'run_once', 'run_a"),
        ({"interval": 5, "missed": "run_all"}, ValueError, "write overlap='queue' as well"),
    ],
)
def test_bad_plans_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    scheduler = BackgroundScheduler()
    with pytest.raises(error, match=message):
        scheduler.add_recurring_task(print, **options)
    assert repr(scheduler) == "<BackgroundScheduler: closed, 0 recurring tasks>"


def test_an_interval_may_be_a_lifetime() -> None:
    lifetime = timedelta(days=80 * 365)
    assert checked_time("interval", lifetime) == lifetime


@pytest.mark.parametrize("delay", [0, -1, float("nan"), timedelta()])
def test_bad_delays_are_refused(delay: Any) -> None:
    with pytest.raises(ValueError, match="must be more than 0 seconds"):
        BackgroundScheduler().add_delayed_task(print, delay=delay)


def test_arguments_are_checked_where_they_are_given() -> None:
    def poll(interval: int) -> None: ...

    scheduler = BackgroundScheduler()
    with pytest.raises(TypeError, match=r"poll\(interval\): too many positional arguments"):
        scheduler.add_recurring_task(poll, 1, 2, interval=5)
    advice = r"write add_recurring_task\(BackgroundTask\(poll, \.\.\., interval=\.\.\.\)\)"
    with pytest.raises(TypeError, match=f"poll.. wants an argument 'interval', .*{advice}"):
        scheduler.add_recurring_task(poll, interval=5)
    task = BackgroundTask(poll, interval=5)
    with pytest.raises(TypeError, match="got a task, which has its arguments, and more of them"):
        scheduler.add_recurring_task(task, 5, interval=5)
    scheduler.add_recurring_task(task, interval=5)
    with pytest.raises(TypeError, match="runner='x' must be a TaskRunner"):
        BackgroundScheduler("x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
