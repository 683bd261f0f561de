"""One attempt at a message, on the side of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from postlude import (
    Again,
    BackgroundTask,
    Delivery,
    Failed,
    Message,
    MessageRefused,
    RetryPolicy,
    Succeeded,
    TaskEvent,
    TimedOut,
    subscribe,
    task,
)

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from postlude._clock import VirtualClock

pytestmark = pytest.mark.anyio
POLICY = RetryPolicy(max_retries=1, initial_delay=10.0, jitter=0.0)


@task(name="tests.delivery.double")
async def double(number: int) -> int:
    return 2 * number


@task(name="tests.delivery.fail", retry_policy=POLICY)
def fail() -> None:
    raise OSError("busy")


@task(name="tests.delivery.hang", timeout=5.0)
async def hang() -> None:
    from postlude._clock import clock

    await clock().sleep(1e6)


def message(func: Any, *args: Any) -> Message:
    built = BackgroundTask(func, *args)
    built.used = True
    return Message.of(built)


async def test_it_runs_the_function_once() -> None:
    outcome = await Delivery(message(double, 4)).make()
    assert isinstance(outcome, Succeeded)
    assert (outcome.value, outcome.attempts, outcome.name) == (8, 1, "tests.delivery.double")


async def test_a_failure_that_may_be_retried_says_when(
    clock: VirtualClock, records: Callable[[], list[logging.LogRecord]]
) -> None:
    again = await Delivery(message(fail)).make()
    assert isinstance(again, Again)
    assert (repr(again.error), again.delay, again.attempts) == ("OSError('busy')", 10.0, 1)
    assert [record.levelname for record in records()] == ["WARNING"]


async def test_earlier_failures_count(records: Callable[[], list[logging.LogRecord]]) -> None:
    outcome = await Delivery(message(fail), failures=1).make()
    assert isinstance(outcome, Failed)
    assert outcome.attempts == 2
    assert [record.levelname for record in records()] == ["ERROR"]


async def test_a_timeout_is_one() -> None:
    made = message(hang)
    quick = Message.decode(made.encode().replace('"timeout":5.0', '"timeout":0.01'))
    assert isinstance(await Delivery(quick).make(), TimedOut)


async def test_observers_hear_of_the_first_attempt_that_it_was_handed_over() -> None:
    events: list[TaskEvent] = []
    with subscribe(events.append):
        await Delivery(message(fail)).make()
        first = [type(event).__name__ for event in events]
        events.clear()
        await Delivery(message(fail), failures=1).make()
    assert first == ["TaskSubmitted", "TaskStarted", "TaskRetried"]
    assert [type(event).__name__ for event in events] == ["TaskStarted", "TaskEnded"]


async def test_a_message_for_somebody_else_is_refused() -> None:
    with pytest.raises(MessageRefused):
        Delivery(Message("tests.delivery.nobody", id="1", name="nobody"))
