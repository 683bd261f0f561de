"""BackgroundScheduler: what it starts, when, and that it stops."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from postlude import (
    BackgroundScheduler,
    BackgroundTask,
    Cancelled,
    Failed,
    RetryPolicy,
    RunnerClosed,
    Succeeded,
    TaskRunner,
)
from postlude._clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postlude import ScheduledHandle

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(START) as clock:
        yield clock


class Diary:
    """What began, and when on the wall."""

    def __init__(self, clock: VirtualClock) -> None:
        self.lines: list[str] = []
        self._clock = clock

    async def note(self, what: str = "") -> str:
        self.lines.append(f"{self._clock.utcnow():%m-%d %H:%M:%S} {what}".strip())
        return what


@pytest.fixture
def diary(clock: VirtualClock) -> Diary:
    return Diary(clock)


async def test_who_waits_for_what_is_cancelled_before_the_start_is_told() -> None:
    handle = BackgroundScheduler().add_recurring_task(len, "four", interval=10)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(handle.wait)
            await anyio.wait_all_tasks_blocked()
            handle.cancel()


async def test_a_delayed_task_runs_once_when_it_is_due(clock: VirtualClock, diary: Diary) -> None:
    async with BackgroundScheduler(timezone="Europe/Berlin") as scheduler:
        handle = scheduler.add_delayed_task(diary.note, "gone", delay=timedelta(hours=1))
        assert handle.next_run == START + timedelta(hours=1)
        assert f"{handle.next_run:%H:%M}" == "14:00"
        await clock.advance(3599)
        assert diary.lines == []
        await clock.advance(1)
        assert diary.lines == ["03-20 13:00:00 gone"]
        assert handle.next_run is None
        assert isinstance(handle.last_outcome, Succeeded)
        assert await handle.wait() is handle.last_outcome
        assert handle.last_outcome.value == "gone"


async def test_an_interval_is_due_one_interval_after_it_was_added_and_never_drifts(
    clock: VirtualClock, diary: Diary
) -> None:
    async with BackgroundScheduler() as scheduler:
        await clock.advance(0.7)
        handle = scheduler.add_recurring_task(diary.note, interval=0.1)
        await clock.advance(0.05)
        assert diary.lines == []
        await clock.advance(timedelta(minutes=5))
        assert len(diary.lines) == 3000
        assert handle.next_run is not None
        due = START + timedelta(minutes=5, seconds=0.8)
        assert abs(handle.next_run - due) <= timedelta(microseconds=2)


async def test_cron_follows_the_wall_clock_over_a_change_day(
    clock: VirtualClock, diary: Diary
) -> None:
    async with BackgroundScheduler(timezone="Europe/Berlin") as scheduler:
        handle = scheduler.add_recurring_task(diary.note, cron="30 2 * * *")
        await clock.advance(timedelta(days=7, hours=12, minutes=30))
        assert handle.next_run is not None
        assert f"{handle.next_run:%m-%d %H:%M%z}" == "03-28 02:30+0100"
        await clock.advance(timedelta(days=2, hours=20))
    assert diary.lines == [
        *[f"03-{day} 01:30:00" for day in range(21, 29)],
        "03-29 01:00:00",
        "03-30 00:30:00",
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC"])
async def test_a_start_in_the_past_moves_to_the_next_multiple(
    zone: str, clock: VirtualClock, diary: Diary
) -> None:
    async with BackgroundScheduler(timezone=zone) as scheduler:
        handle = scheduler.add_recurring_task(
            diary.note, interval=timedelta(days=1), start_time=datetime(2026, 3, 20, 2)
        )
        assert handle.next_run is not None
        assert f"{handle.next_run:%m-%d %H:%M}" == "03-21 02:00"
        assert diary.lines == []
        await clock.advance(timedelta(days=2))
    hour = "01" if zone == "Europe/Berlin" else "02"
    assert diary.lines == [f"03-21 {hour}:00:00", f"03-22 {hour}:00:00"]


async def test_a_start_that_comes_is_the_first_time(clock: VirtualClock, diary: Diary) -> None:
    async with BackgroundScheduler() as scheduler:
        aware = START + timedelta(minutes=90)
        scheduler.add_recurring_task(diary.note, interval=3600, start_time=aware)
        scheduler.add_recurring_task(diary.note, "cron", cron="0 * * * *", start_time=aware)
        await clock.advance(timedelta(hours=3))
    assert [line[6:] for line in diary.lines] == [
        "13:30:00",
        "14:00:00 cron",
        "14:30:00",
        "15:00:00 cron",
    ]


async def test_the_story_of_three_chores_over_fifteen_days(
    clock: VirtualClock, diary: Diary
) -> None:
    today = START.replace(hour=0, tzinfo=None)
    async with BackgroundScheduler(timezone="UTC") as scheduler:
        scheduler.add_recurring_task(
            diary.note, "logs", interval=timedelta(days=1), start_time=today.replace(hour=2)
        )
        scheduler.add_recurring_task(diary.note, "numbers", interval=timedelta(hours=1))
        scheduler.add_recurring_task(
            diary.note, "backup", interval=timedelta(weeks=1), start_time=today.replace(hour=3)
        )
        await clock.advance(timedelta(days=15))
    by_chore: dict[str, list[str]] = {}
    for line in diary.lines:
        moment, chore = line.rsplit(" ", 1)
        by_chore.setdefault(chore, []).append(moment)
    assert len(by_chore["numbers"]) == 15 * 24
    days = [START.date() + timedelta(days=number) for number in range(1, 16)]
    assert by_chore["logs"] == [f"{day:%m-%d} 02:00:00" for day in days]
    assert by_chore["backup"] == ["03-27 03:00:00", "04-03 03:00:00"]


async def test_what_is_added_before_the_start_counts_from_it(
    clock: VirtualClock, diary: Diary
) -> None:
    scheduler = BackgroundScheduler()
    handles = [
        scheduler.add_recurring_task(diary.note, "again", interval=60),
        scheduler.add_delayed_task(diary.note, "once", delay=90),
    ]
    paused = scheduler.add_delayed_task(diary.note, "paused", delay=1)
    paused.pause()
    never = scheduler.add_delayed_task(diary.note, "never", delay=1)
    never.cancel()
    assert [handle.next_run for handle in handles] == [None, None]
    await clock.advance(1000)
    async with scheduler:
        await clock.advance(120)
        paused.cancel()
        assert isinstance(await never.wait(), Cancelled)
    assert diary.lines == ["03-20 12:17:40 again", "03-20 12:18:10 once", "03-20 12:18:40 again"]


async def test_a_wait_that_began_before_the_start_ends_with_the_task(
    clock: VirtualClock, diary: Diary
) -> None:
    scheduler = BackgroundScheduler()
    once = scheduler.add_delayed_task(diary.note, "once", delay=1)
    again = scheduler.add_recurring_task(diary.note, "again", interval=2)
    cancelled = scheduler.add_delayed_task(diary.note, delay=1)
    ends: dict[str, Any] = {}

    async def wait(name: str, handle: ScheduledHandle) -> None:
        ends[name] = await handle.wait()

    async with anyio.create_task_group() as group:
        for name, handle in [("once", once), ("again", again), ("cancelled", cancelled)]:
            group.start_soon(wait, name, handle)
        await anyio.wait_all_tasks_blocked()
        cancelled.cancel()
        async with scheduler:
            await clock.advance(2)
    assert (ends["once"].value, ends["again"].value) == ("once", "again")
    assert isinstance(ends["cancelled"], Cancelled)


async def test_nothing_fires_after_the_stop(clock: VirtualClock, diary: Diary) -> None:
    async with TaskRunner() as runner:
        async with BackgroundScheduler(runner) as scheduler:
            handle = scheduler.add_recurring_task(diary.note, interval=1)
            await clock.advance(2)
        await clock.advance(10)
        assert handle.next_run is None
        outcome = await handle.wait()
        assert isinstance(outcome, Cancelled)
        assert outcome.reason == "its scheduler was stopped"
        with pytest.raises(RunnerClosed, match="the scheduler takes no task: it was stopped"):
            scheduler.add_recurring_task(diary.note, interval=1)
    assert len(diary.lines) == 2
    with pytest.raises(RunnerClosed):
        scheduler.add_delayed_task(diary.note, delay=1)


async def test_it_starts_and_stops_with_its_runner(clock: VirtualClock, diary: Diary) -> None:
    runner = TaskRunner()
    scheduler = BackgroundScheduler(runner)
    scheduler.add_recurring_task(diary.note, interval=1)
    for _ in range(2):
        async with runner:
            await clock.advance(2)
            await runner.drain()
            await clock.advance(10)
    assert [line[6:] for line in diary.lines] == ["12:00:01", "12:00:02", "12:00:13", "12:00:14"]


async def test_made_in_a_runner_that_is_open_it_has_started(
    clock: VirtualClock, diary: Diary
) -> None:
    async with TaskRunner() as runner:
        BackgroundScheduler(runner).add_recurring_task(diary.note, interval=1)
        await clock.advance(2)
    assert len(diary.lines) == 2


async def test_what_runs_is_drained_by_the_runner(clock: VirtualClock) -> None:
    done: list[str] = []

    async def work() -> None:
        await clock.sleep(5)
        done.append("work")

    async with anyio.create_task_group() as group, BackgroundScheduler() as scheduler:
        scheduler.add_recurring_task(work, interval=1)
        await clock.advance(1)
        group.start_soon(clock.advance, 10)
    assert done == ["work"]


async def test_a_task_that_fails_is_logged_once_and_fires_again(
    clock: VirtualClock, records: Records
) -> None:
    async def fail() -> None:
        raise ValueError("bad")

    async with BackgroundScheduler() as scheduler:
        handle = scheduler.add_recurring_task(fail, interval=1)
        await clock.advance(2)
        assert isinstance(handle.last_outcome, Failed)
    errors = [record for record in records() if record.levelno >= logging.ERROR]
    assert len(errors) == 2
    assert all(record.exc_info for record in errors)


async def test_a_task_brings_its_options(clock: VirtualClock) -> None:
    moments: list[float] = []

    async def flaky(word: str) -> str:
        moments.append(clock.now())
        if len(moments) == 1:
            raise OSError("busy")
        return word

    policy = RetryPolicy(initial_delay=2, jitter=0)
    task = BackgroundTask(flaky, "done").with_options(name="rates", retry_policy=policy)
    async with BackgroundScheduler() as scheduler:
        handle = scheduler.add_recurring_task(task, interval=10)
        await clock.advance(12)
        assert isinstance(handle.last_outcome, Succeeded)
        assert (handle.name, handle.last_outcome.attempts) == ("rates", 2)
        once = scheduler.add_delayed_task(task, delay=1)
        await clock.advance(1)
        assert isinstance(once.last_outcome, Succeeded)
    assert moments == [10.0, 12.0, 13.0]


async def test_it_is_used_from_other_threads(clock: VirtualClock, diary: Diary) -> None:
    async with BackgroundScheduler() as scheduler:

        def add() -> tuple[ScheduledHandle, ScheduledHandle]:
            return (
                scheduler.add_delayed_task(diary.note, "once", delay=1),
                scheduler.add_recurring_task(diary.note, "again", interval=2),
            )

        _, again = await anyio.to_thread.run_sync(add)
        await clock.advance(2)
        await anyio.to_thread.run_sync(again.pause)
        await clock.advance(2)
        await anyio.to_thread.run_sync(again.resume)
        await clock.advance(2)
        await anyio.to_thread.run_sync(again.cancel)
        await clock.advance(10)
    assert [line[12:] for line in diary.lines] == ["01 once", "02 again", "06 again"]


async def test_the_start_is_logged_once(records: Records) -> None:
    runner = TaskRunner()
    scheduler = BackgroundScheduler(runner)
    async with runner, scheduler, scheduler:
        pass
    (record,) = records()
    assert record.levelname == "INFO"
    assert record.getMessage() == (
        "the scheduler has started; it fires in this process only, and each server process fires "
        "its own"
    )


async def test_neither_shows_arguments(clock: VirtualClock, diary: Diary) -> None:
    async with BackgroundScheduler(timezone="Europe/Berlin") as scheduler:
        handle = scheduler.add_recurring_task(diary.note, "secret", cron="30 2 * * *")
        assert repr(handle) == "<ScheduledHandle 'Diary.note': next 2026-03-21 02:30:00+01:00>"
        handle.pause()
        assert repr(handle) == "<ScheduledHandle 'Diary.note': paused>"
        assert repr(scheduler) == "<BackgroundScheduler: open, 1 recurring task>"
        handle.cancel()
        assert repr(handle) == "<ScheduledHandle 'Diary.note': cancelled>"
    assert repr(scheduler) == "<BackgroundScheduler: closed, 0 recurring tasks>"


async def test_two_schedulers_share_a_runner(clock: VirtualClock, diary: Diary) -> None:
    async with (
        TaskRunner() as runner,
        BackgroundScheduler(runner, timezone="UTC") as utc,
        BackgroundScheduler(runner, timezone="Asia/Tokyo") as tokyo,
    ):
        utc.add_recurring_task(diary.note, "utc", cron="0 15 * * *")
        tokyo.add_recurring_task(diary.note, "tokyo", cron="0 0 * * *")
        await clock.advance(timedelta(hours=6))
    assert diary.lines == ["03-20 15:00:00 utc", "03-20 15:00:00 tokyo"]


async def test_on_the_real_clock_the_next_run_is_told_exactly() -> None:
    async with BackgroundScheduler(timezone="UTC") as scheduler:
        nightly = scheduler.add_recurring_task(print, cron="30 2 * * *")
        regular = scheduler.add_recurring_task(print, interval=3600)
        told = {nightly.next_run for _ in range(200)}
        assert len(told) == 1
        assert f"{told.pop():%H:%M:%S.%f}" == "02:30:00.000000"
        moments = [regular.next_run for _ in range(200)]
        assert all(moment and moment.microsecond % 1000 == 0 for moment in moments)


@pytest.mark.parametrize("start", [datetime.min, datetime.max, datetime.max.replace(tzinfo=UTC)])
def test_a_start_that_no_zone_can_show_is_refused(start: datetime) -> None:
    with pytest.raises(ValueError, match="must be between the years 2 and 9990"):
        BackgroundScheduler().add_recurring_task(len, "four", interval=1, start_time=start)
