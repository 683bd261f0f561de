"""Schedules with a store: what is due fires once, however many processes say so."""

from __future__ import annotations

from datetime import UTC, datetime
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
    Worker,
    task,
)
from tests.unit.desk import Desk

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from postlude._clock import VirtualClock

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
