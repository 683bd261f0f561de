"""ScheduledHandle at unusual moments: before the start, twice, and when it no longer matters."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import BackgroundScheduler, BackgroundTask, Cancelled, Succeeded, TaskRunner

if TYPE_CHECKING:
    from postlude._clock import VirtualClock

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("recurring", [False, True])
@pytest.mark.parametrize("started", [False, True])
async def test_all_who_wait_learn_the_same(
    recurring: bool, started: bool, clock: VirtualClock
) -> None:
    scheduler = BackgroundScheduler()
    if recurring:
        handle = scheduler.add_recurring_task(len, "four", interval=5)
    else:
        handle = scheduler.add_delayed_task(len, "four", delay=5)
    outcomes: list[Any] = []

    async def wait() -> None:
        outcomes.append(await handle.wait())

    async with anyio.create_task_group() as group:
        if not started:
            group.start_soon(wait)
            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
        async with scheduler:
            if started:
                group.start_soon(wait)
                group.start_soon(wait)
            await clock.advance(5)
            with anyio.fail_after(5):
                while len(outcomes) < 2:
                    await anyio.lowlevel.checkpoint()
    assert [outcome.value for outcome in outcomes] == [4, 4]


@pytest.mark.parametrize("recurring", [False, True])
async def test_a_pause_that_ends_before_the_start_leaves_nothing(
    recurring: bool, clock: VirtualClock
) -> None:
    scheduler = BackgroundScheduler()
    ran: list[str] = []
    if recurring:
        handle = scheduler.add_recurring_task(ran.append, "ran", interval=5)
    else:
        handle = scheduler.add_delayed_task(ran.append, "ran", delay=5)
    handle.resume()  # it is not paused
    handle.pause()
    handle.resume()
    assert not handle.is_paused
    async with scheduler:
        await clock.advance(5)
        await anyio.wait_all_tasks_blocked()
    assert ran == ["ran"]


async def test_a_recurring_task_that_is_paused_before_the_start_is_due_after_the_pause(
    clock: VirtualClock,
) -> None:
    scheduler = BackgroundScheduler()
    ran: list[float] = []

    async def note() -> None:
        ran.append(clock.now())

    paused = scheduler.add_recurring_task(note, interval=5)
    cancelled = scheduler.add_recurring_task(note, interval=5)
    paused.pause()
    cancelled.cancel()
    async with scheduler:
        await clock.advance(7)
        assert ran == []
        paused.resume()
        cancelled.resume()
        await clock.advance(4)
        assert isinstance(await cancelled.wait(), Cancelled)
    assert ran == [10.0]


async def test_a_task_that_runs_is_not_held_by_a_pause(clock: VirtualClock) -> None:
    async with BackgroundScheduler() as scheduler:
        handle = scheduler.add_delayed_task(clock.sleep, 5, delay=1)
        await clock.advance(2)
        handle.pause()
        await clock.advance(1)
        handle.resume()
        await clock.advance(5)
        assert isinstance(handle.last_outcome, Succeeded)


@pytest.mark.parametrize("kind", ["delayed", "recurring"])
async def test_a_resume_when_it_is_due_already_or_cancelled_changes_nothing(
    kind: str, clock: VirtualClock
) -> None:
    ran: list[float] = []

    async def note() -> None:
        ran.append(clock.now())

    async with BackgroundScheduler() as scheduler:
        if kind == "delayed":
            handle = scheduler.add_delayed_task(note, delay=5)
        else:
            handle = scheduler.add_recurring_task(note, interval=5)
        handle.pause()
        await clock.advance(10)
        handle.cancel()
        handle.resume()
        await clock.advance(20)
    assert ran == []


async def test_the_lifespan_of_a_framework_opens_and_ends_it(clock: VirtualClock) -> None:
    scheduler = BackgroundScheduler()
    handle = scheduler.add_delayed_task(len, "four", delay=5)
    async with scheduler.lifespan(object()):
        await clock.advance(5)
        assert isinstance(await handle.wait(), Succeeded)
    assert not scheduler.runner.pool.is_open


@pytest.mark.parametrize("kind", ["delayed", "recurring"])
async def test_a_task_that_is_due_but_has_found_no_place_is_held_by_a_pause(
    kind: str, clock: VirtualClock
) -> None:
    ran: list[float] = []
    gate = anyio.Event()

    async def note() -> None:
        ran.append(clock.now())

    async with BackgroundScheduler(TaskRunner(max_concurrent=1)) as scheduler:
        scheduler.runner.submit(BackgroundTask(gate.wait))
        if kind == "delayed":
            handle = scheduler.add_delayed_task(note, delay=10)
        else:
            handle = scheduler.add_recurring_task(note, interval=10)
        await clock.advance(12)
        handle.pause()
        handle.pause()
        gate.set()
        await clock.advance(1)
        assert (ran, handle.next_run, handle.last_outcome) == ([], None, None)
        handle.resume()
        with anyio.fail_after(10):
            assert isinstance(await handle.wait(), Succeeded)
        assert ran == [13.0]
        handle.cancel()


@pytest.mark.parametrize("kind", ["delayed", "recurring"])
async def test_one_that_is_held_and_cancelled_never_starts(kind: str, clock: VirtualClock) -> None:
    ran: list[float] = []
    gate = anyio.Event()

    async def note() -> None:
        ran.append(clock.now())

    async with BackgroundScheduler(TaskRunner(max_concurrent=1)) as scheduler:
        scheduler.runner.submit(BackgroundTask(gate.wait))
        if kind == "delayed":
            handle = scheduler.add_delayed_task(note, delay=10)
        else:
            handle = scheduler.add_recurring_task(note, interval=10)
        await clock.advance(12)
        handle.pause()
        handle.cancel()
        gate.set()
        with anyio.fail_after(10):
            outcome = await handle.wait()
    assert ran == []
    assert isinstance(outcome, Cancelled)
    assert outcome.reason == "its schedule was cancelled"


async def test_what_waits_for_the_run_before_it_is_held_by_a_pause(clock: VirtualClock) -> None:
    began: list[float] = []

    async def work() -> None:
        began.append(clock.now())
        await clock.sleep(15)

    async with BackgroundScheduler() as scheduler:
        handle = scheduler.add_recurring_task(work, interval=10, overlap="queue")
        await clock.advance(22)
        handle.pause()
        await clock.advance(10)
        assert began == [10.0]
        handle.resume()
        await clock.advance(1)
        assert began == [10.0, 32.0]
        handle.cancel()
        await clock.advance(20)
    assert began == [10.0, 32.0]


async def test_a_delay_of_its_own_is_not_cut_short_by_a_pause(clock: VirtualClock) -> None:
    ran: list[float] = []
    scheduler = BackgroundScheduler()

    async def note() -> None:
        ran.append(clock.now())

    handle = scheduler.add_recurring_task(BackgroundTask(note).with_options(delay=3), interval=10)
    async with TaskRunner(), scheduler:
        await clock.advance(11)
        handle.pause()
        await clock.advance(1)
        handle.resume()
        await clock.advance(2)
        handle.cancel()
    assert ran == [13]


async def test_what_is_resumed_during_the_drain_is_waited_for() -> None:
    begun = anyio.Event()

    async def work() -> None:
        begun.set()
        await anyio.sleep(0.05)

    with anyio.fail_after(10):
        async with TaskRunner() as runner, BackgroundScheduler(runner) as scheduler:
            handle = scheduler.add_delayed_task(work, delay=0.01)
            handle.pause()
            other = runner.submit(BackgroundTask(begun.wait))
            async with anyio.create_task_group() as group:
                group.start_soon(runner.drain, 5)
                await anyio.wait_all_tasks_blocked()
                handle.resume()
            assert isinstance(await other.wait(), Succeeded)
            assert isinstance(await handle.wait(), Succeeded)


async def test_the_last_outcome_of_a_recurring_task_is_that_of_its_last_run(
    clock: VirtualClock,
) -> None:
    numbers = itertools.count()

    async def count() -> int:
        return next(numbers)

    async with BackgroundScheduler() as scheduler:
        handle = scheduler.add_recurring_task(count, interval=5)
        seen: list[object] = []
        for _ in range(3):
            await clock.advance(5)
            seen.append(getattr(handle.last_outcome, "value", None))
    assert seen == [0, 1, 2]
