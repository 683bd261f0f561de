"""Events: every execution tells its story on one stream, and no observer is in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from postlude import BackgroundTask, TaskRunner
from postlude._events import subscribe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postlude._events import TaskEvent

pytestmark = pytest.mark.anyio


@pytest.fixture
def events() -> Iterator[list[TaskEvent]]:
    """What is told while the test runs."""
    told: list[TaskEvent] = []
    with subscribe(told.append):
        yield told


async def nothing() -> None: ...


def story(events: list[TaskEvent]) -> list[tuple[str, str, int]]:
    """The kind, the task and the attempt of each event."""
    return [(type(event).__name__.removeprefix("Task"), *event[1:3]) for event in events]


ONE = [("Submitted", "nothing", 0), ("Started", "nothing", 1), ("Ended", "nothing", 1)]


async def test_a_task_without_a_runner_is_heard_of_by_who_subscribed(
    events: list[TaskEvent],
) -> None:
    await BackgroundTask(nothing)()
    assert story(events) == ONE
    assert len({event.task_id for event in events}) == 1


async def test_a_task_of_a_runner_is_heard_of_once_by_an_observer_that_listens_to_both() -> None:
    told: list[TaskEvent] = []
    with subscribe(told.append):
        async with TaskRunner(monitor=told.append) as runner:
            await runner.submit(BackgroundTask(nothing)).wait()
    assert story(told) == ONE
