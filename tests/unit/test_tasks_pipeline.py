"""BackgroundTasks as a pipeline: each step needs the one before."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Cancelled,
    Failed,
    RetryPolicy,
    Succeeded,
    TaskFailed,
    TimedOut,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio

EVERY_LIMIT = pytest.mark.parametrize("limit", [1, 3, None])


def fails() -> None:
    raise ValueError("bad")


async def test_a_pipeline_waits_for_retries(clock: VirtualClock) -> None:
    log: list[str] = []

    async def flaky() -> None:
        log.append("flaky")
        if len(log) < 2:
            raise OSError

    tasks = BackgroundTasks()
    tasks.add_task(flaky, retry_policy=RetryPolicy(1))
    tasks.add_task(log.append, "next")
    async with anyio.create_task_group() as group:

        async def run() -> None:
            await tasks(continue_on_error=False)

        group.start_soon(run)
        await clock.advance(5)
    assert log == ["flaky", "flaky", "next"]


@EVERY_LIMIT
@pytest.mark.parametrize("way", ["call", "run_all"])
async def test_a_pipeline_stops_at_the_first_failure(
    limit: int | None, way: str, records: Records
) -> None:
    ran: list[str] = []
    tasks = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(ran.append, "a")
    tasks.add_task(fails)
    tasks.add_task(ran.append, "b")
    tasks.add_task(ran.append, "c")
    with pytest.raises(TaskFailed, match="task 'fails' failed, 2 tasks after it were") as caught:
        await (tasks if way == "call" else tasks.run_all)(continue_on_error=False)
    assert isinstance(caught.value.__cause__, ValueError)
    kinds: list[object] = [type(outcome) for outcome in caught.value.outcomes]
    assert kinds == [Succeeded, Failed, Cancelled, Cancelled]
    last = caught.value.outcomes[-1]
    assert isinstance(last, Cancelled)
    assert (last.reason, last.attempts) == ("task 'fails' failed before it", 0)
    assert ran == ["a"]
    assert len(records()) == 1


async def test_a_pipeline_stopped_by_a_time_limit_is_caused_by_a_timeout_error() -> None:
    tasks = BackgroundTasks([BackgroundTask(anyio.sleep_forever).with_options(timeout=0.01)])
    with pytest.raises(TaskFailed, match=r"task 'sleep_forever' failed$") as caught:
        await tasks(continue_on_error=False)
    assert isinstance(caught.value.__cause__, TimeoutError)
    assert isinstance(caught.value.outcomes[0], TimedOut)


async def test_a_pipeline_that_succeeds_returns_every_outcome() -> None:
    tasks = BackgroundTasks([BackgroundTask(max, 1, 2), BackgroundTask(max, 3, 4)])
    outcomes = await tasks.run_all(continue_on_error=False)
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Succeeded)] == [2, 4]


async def test_the_failure_of_an_attached_pipeline_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails() -> None:
        raise ValueError("step")

    steps = BackgroundTasks()
    steps.add_task(fails)
    outcome = await BackgroundTask(steps, continue_on_error=False).run()
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, TaskFailed)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_execute_all_is_no_pipeline() -> None:
    ran: list[str] = []
    tasks = BackgroundTasks([BackgroundTask(fails), BackgroundTask(ran.append, "after it")])
    outcomes = await tasks.execute_all()
    assert [type(outcome).__name__ for outcome in outcomes] == ["Failed", "Succeeded"]
    assert ran == ["after it"]


@EVERY_LIMIT
async def test_a_step_that_is_added_meanwhile_is_run(limit: int | None) -> None:
    ran: list[str] = []
    tasks = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(tasks.add_task, ran.append, "added")
    outcomes = await tasks.run_all(continue_on_error=False)
    assert ran == ["added"]
    assert len(outcomes) == 2
