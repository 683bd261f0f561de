"""What a scheduler does while a test records tasks, or runs them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import BackgroundScheduler, Cancelled, Succeeded
from postlude.testing import capture_tasks, run_immediately

if TYPE_CHECKING:
    from postlude._clock import VirtualClock

pytestmark = pytest.mark.anyio

ran: list[str] = []


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


async def remind(whom: str) -> str:
    ran.append(whom)
    return whom


def test_a_delayed_task_is_recorded_without_a_scheduler_that_runs() -> None:
    with capture_tasks() as tasks:
        handle = BackgroundScheduler().add_delayed_task(remind, "ada", delay=60)
        handle.cancel()
    assert [(task.func, task.args) for task in tasks] == [(remind, ("ada",))]
    assert isinstance(handle.last_outcome, Cancelled)
    assert handle.last_outcome.reason == "its schedule was cancelled"


async def test_no_scheduled_task_is_run_while_tasks_are_recorded(clock: VirtualClock) -> None:
    with capture_tasks() as tasks:
        async with BackgroundScheduler() as scheduler:
            scheduler.add_delayed_task(remind, "once", delay=1)
            handle = scheduler.add_recurring_task(remind, "often", interval=1)
            await clock.advance(3)
    assert [task.args for task in tasks] == [("once",)] + [("often",)] * 3
    assert ran == []
    assert handle.last_outcome is None


async def test_a_scheduled_task_runs_at_once_where_tasks_do(clock: VirtualClock) -> None:
    with run_immediately() as outcomes:
        async with BackgroundScheduler() as scheduler:
            once = scheduler.add_delayed_task(remind, "once", delay=60)
            assert ran == ["once"]
            often = scheduler.add_recurring_task(remind, "often", interval=1)
            with anyio.fail_after(10):
                async with anyio.create_task_group() as group:
                    group.start_soon(often.wait)
                    await clock.advance(2)
    assert ran == ["once", "often", "often"]
    assert [type(outcome) for outcome in outcomes] == [Succeeded] * 3
    assert once.last_outcome == outcomes[0]
    assert often.last_outcome == outcomes[2]
