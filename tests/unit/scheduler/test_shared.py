"""Schedules with a store: what is due fires once, however many processes say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude import (
    BackgroundScheduler,
    BackgroundTask,
    NotDispatchable,
    SQLiteStore,
    Succeeded,
    TaskQueue,
    TaskRunner,
    TaskStatus,
    Worker,
    task,
)
from postlude._clock import VirtualClock
from tests.unit.desk import Desk

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio
ran: list[str] = []


@task(name="tests.shared.note")
async def note(word: str = "x") -> None:
    ran.append(word)


async def unmarked() -> None: ...


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "tasks.db") as opened:
        yield opened


async def due(clock: VirtualClock, seconds: float, handles: list[Any]) -> None:
    """Let so much time pass, and what is due be put."""
    async with anyio.create_task_group() as group:
        for handle in handles:
            group.start_soon(handle.wait)
        await anyio.wait_all_tasks_blocked()
        await clock.advance(seconds)


async def end_what_waits(store: SQLiteStore) -> None:
    for task_id in [stored.task_id for stored in await store.tasks(status=TaskStatus.PENDING)]:
        assert await store.cancel(task_id)


async def test_two_schedulers_fire_once(clock: VirtualClock, store: SQLiteStore) -> None:
    async with (
        TaskRunner() as runner,
        BackgroundScheduler(runner, store=store) as first,
        BackgroundScheduler(TaskRunner(), store=store) as second,
    ):
        handles = [each.add_recurring_task(note, interval=60) for each in (first, second)]
        assert handles[0].next_run == handles[1].next_run
        await due(clock, 60, handles)
        assert isinstance(handles[0].last_outcome, Succeeded)
        assert isinstance(handles[1].last_outcome, Succeeded)
        assert await store.count(queue="default") == 1


async def test_an_interval_counts_from_the_same_moment_in_all_processes(
    clock: VirtualClock, store: SQLiteStore
) -> None:
    async with BackgroundScheduler(store=store, timezone="UTC") as scheduler:
        handle = scheduler.add_recurring_task(note, interval=3600)
        next_run = handle.next_run
        assert next_run is not None
        assert (next_run - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() % 3600 == 0


async def test_a_worker_runs_it(clock: VirtualClock, store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    async with BackgroundScheduler(store=store) as scheduler:
        handle = scheduler.add_recurring_task(note, "nightly", cron="0 2 * * *")
        await due(clock, 86400, [handle])
    await queue.close()
    await Worker(queue, "worker-1").run()
    assert ran == ["nightly"]


async def test_what_still_runs_is_skipped(
    clock: VirtualClock, store: SQLiteStore, records: Records
) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        handle = scheduler.add_recurring_task(note, interval=60)
        await due(clock, 60, [handle])
        await due(clock, 60, [handle])
        assert await store.count(queue="default") == 1
        said = [record.getMessage() for record in records()]
        assert "task 'tests.shared.note' still runs: it is skipped until that has ended" in said


async def test_it_is_skipped_as_long_as_it_runs_and_said_once(
    clock: VirtualClock, store: SQLiteStore, records: Records
) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        handle = scheduler.add_recurring_task(note, interval=60)
        for _ in range(5):
            await due(clock, 60, [handle])
        assert await store.count(queue="default") == 1
        assert sum("still runs" in record.getMessage() for record in records()) == 1
        await end_what_waits(store)
        await due(clock, 60, [handle])
        assert await store.count(queue="default") == 1


async def test_what_another_process_has_put_is_not_overlapped(
    clock: VirtualClock, store: SQLiteStore
) -> None:
    async with BackgroundScheduler(store=store) as gone:
        handle = gone.add_recurring_task(note, interval=60)
        for _ in range(3):
            await due(clock, 60, [handle])
    async with BackgroundScheduler(store=store) as scheduler:
        handle = scheduler.add_recurring_task(note, interval=60)
        await due(clock, 60, [handle])
        assert await store.count(queue="default") == 1


async def test_what_the_other_put_when_this_one_skipped_is_not_overlapped(
    clock: VirtualClock, store: SQLiteStore
) -> None:
    async with (
        BackgroundScheduler(store=store) as first,
        BackgroundScheduler(TaskRunner(), store=store) as second,
    ):
        one = first.add_recurring_task(note, interval=60)
        other = second.add_recurring_task(note, interval=60)
        await due(clock, 60, [one, other])
        other.pause()
        await due(clock, 60, [one])
        await end_what_waits(store)
        one.pause()
        other.resume()
        await due(clock, 60, [other])
        other.pause()
        one.resume()
        await due(clock, 60, [one])
        assert await store.count(queue="default") == 1


async def test_the_same_function_with_other_arguments_is_another_task(
    clock: VirtualClock, store: SQLiteStore
) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        tasks = [
            BackgroundTask(note, "users"),
            BackgroundTask(note, word="users"),
            BackgroundTask(note, "orders"),
            BackgroundTask(note, "orders").with_options(queue="default"),
        ]
        handles = [scheduler.add_recurring_task(each, interval=60) for each in tasks]
        await due(clock, 60, handles)
        assert await store.count(queue="default") == 4


async def test_an_interval_follows_the_clock_on_the_wall_as_a_process_does_that_starts_later(
    clock: VirtualClock, store: SQLiteStore
) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        handle = scheduler.add_recurring_task(note, interval=60)
        await due(clock, 60, [handle])
        clock.set_wall(clock.utcnow() + timedelta(minutes=10, seconds=25))
        await due(clock, 60, [handle])
        async with BackgroundScheduler(TaskRunner(), store=store) as later:
            assert later.add_recurring_task(note, interval=60).next_run == handle.next_run


async def test_a_moment_that_comes_again_after_the_clock_was_set_back_fires_no_more(
    store: SQLiteStore,
) -> None:
    with VirtualClock(trust=60) as clock:
        async with BackgroundScheduler(store=store) as scheduler:
            handle = scheduler.add_recurring_task(note, interval=3600)
            for _ in range(5):
                await due(clock, 3600, [handle])
                await end_what_waits(store)
            clock.set_wall(clock.utcnow() - timedelta(hours=4))
            for _ in range(4):
                await due(clock, 3600, [handle])
                assert await store.count(queue="default") == 0
            await due(clock, 3600, [handle])
            assert await store.count(queue="default") == 1


async def test_after_a_long_sleep_all_processes_name_the_same_moment(
    clock: VirtualClock, store: SQLiteStore
) -> None:
    async with (
        BackgroundScheduler(store=store) as first,
        BackgroundScheduler(TaskRunner(), store=store) as second,
    ):
        one = first.add_recurring_task(note, interval=1, overlap="allow")
        other = second.add_recurring_task(note, interval=1, overlap="allow")
        other.pause()
        clock.sleep_blocking(3600.3)
        await due(clock, 0, [one])
        one.pause()
        [stored] = await store.tasks()
        moment = datetime.fromisoformat(stored.task_id.split()[-1])
        assert moment == clock.utcnow() - timedelta(seconds=0.3)


async def test_jitter_is_the_same_in_all_processes(clock: VirtualClock, store: SQLiteStore) -> None:
    async with (
        BackgroundScheduler(store=store) as first,
        BackgroundScheduler(TaskRunner(), store=store) as second,
    ):
        runs: set[datetime] = set()
        both = first, second
        handles = [each.add_recurring_task(note, interval=60, jitter=59) for each in both]
        for _ in range(5):
            assert handles[0].next_run == handles[1].next_run
            assert handles[0].next_run is not None
            runs.add(handles[0].next_run)
            await due(clock, (handles[0].next_run - clock.utcnow()).total_seconds(), handles)
        assert len({run.timestamp() % 60 for run in runs}) == 5


async def test_a_process_that_starts_between_a_moment_and_its_jitter_does_not_miss_it(
    clock: VirtualClock, store: SQLiteStore
) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        before = scheduler.add_recurring_task(note, interval=3600, jitter=3599).next_run
        assert before is not None
    seconds = (before - clock.utcnow()).total_seconds()
    moment = 3600 * (seconds // 3600)
    await clock.advance((moment + seconds) / 2)
    async with BackgroundScheduler(TaskRunner(), store=store) as scheduler:
        assert scheduler.add_recurring_task(note, interval=3600, jitter=3599).next_run == before


async def test_what_may_overlap_is_put_each_time(clock: VirtualClock, store: SQLiteStore) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        handle = scheduler.add_recurring_task(note, interval=60, overlap="allow")
        await due(clock, 60, [handle])
        await due(clock, 60, [handle])
        assert await store.count(queue="default") == 2


@pytest.mark.parametrize(
    "options", [{"overlap": "queue"}, {"overlap": "queue", "missed": "run_all"}]
)
async def test_what_cannot_be_kept_is_refused(store: SQLiteStore, options: Any) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        with pytest.raises(ValueError, match="with a store, overlap= is 'skip' or 'allow'"):
            scheduler.add_recurring_task(note, interval=60, **options)


async def test_a_function_without_a_mark_is_refused_at_once(store: SQLiteStore) -> None:
    async with BackgroundScheduler(store=store) as scheduler:
        with pytest.raises(NotDispatchable, match="write @task above"):
            scheduler.add_recurring_task(unmarked, interval=60)


@pytest.mark.parametrize("value", [3, "tasks.db"])
def test_a_store_is_one(value: Any) -> None:
    with pytest.raises(TypeError, match="store= needs a store"):
        BackgroundScheduler(store=value)


async def test_it_says_at_the_start_that_it_fires_once(
    store: SQLiteStore, records: Records
) -> None:
    async with BackgroundScheduler(store=store):
        pass
    assert records()[0].getMessage() == (
        f"the scheduler has started; it fires once for all processes that share {store!r}"
    )


async def test_what_names_an_engine_is_handed_over_when_it_is_due(clock: VirtualClock) -> None:
    desk = Desk()
    built = BackgroundTask(note).with_options(engine=desk)
    async with BackgroundScheduler() as scheduler:
        handle = scheduler.add_recurring_task(built, interval=60)
        await due(clock, 60, [handle])
        delayed = scheduler.add_delayed_task(built, delay=30)
        await due(clock, 0, [delayed])
    assert [message.delay for message in desk.messages.values()] == [None, 30.0]
    assert ran == []
