"""EventLog: a line for each event, and none for what the package logs anyway."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from postlude import BackgroundTask, BackgroundTasks, RetryPolicy, TaskFailed, request_id, subscribe
from postlude.instrumentation.logging import EventLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Lines = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """The records about tasks so far, of all levels."""
    caplog.set_level(logging.DEBUG)
    return lambda: [record for record in caplog.records if record.name != "asyncio"]


@pytest.fixture
def listening() -> Iterator[None]:
    with subscribe(EventLog()):
        yield


def fail() -> None:
    raise ValueError("bad")


@pytest.mark.usefixtures("listening")
async def test_a_task_that_succeeds_is_three_lines_with_its_facts(
    lines: Lines,
) -> None:
    token = request_id.set("req-7")
    outcome = await BackgroundTask(max, 1, 2).run()
    request_id.reset(token)
    start = f"task 'max' (id {outcome.task_id})"
    assert [(record.levelname, record.name, record.getMessage()) for record in lines()] == [
        ("DEBUG", "postlude.events", f"{start} submitted"),
        ("DEBUG", "postlude.events", f"{start} started on attempt 1"),
        (
            "INFO",
            "postlude.events",
            f"{start} succeeded on attempt 1 after {outcome.duration:.3f} s",
        ),
    ]
    facts = vars(lines()[-1])
    wanted = {
        "task_event": "succeeded",
        "task_name": "max",
        "task_id": outcome.task_id,
        "attempt": 1,
        "duration": outcome.duration,
        "request_id": "req-7",
    }
    assert {key: facts[key] for key in wanted} == wanted


@pytest.mark.usefixtures("listening")
async def test_a_failure_and_a_retry_are_logged_once(lines: Lines) -> None:
    policy = RetryPolicy(max_retries=1, initial_delay=0.0)
    token = request_id.set("req-7")
    await BackgroundTask(fail).with_options(retry_policy=policy)()
    request_id.reset(token)
    assert [(record.levelname, record.name) for record in lines()] == [
        ("DEBUG", "postlude.events"),
        ("DEBUG", "postlude.events"),
        ("WARNING", "postlude"),
        ("DEBUG", "postlude.events"),
        ("ERROR", "postlude"),
    ]
    # The package's own lines have the same facts.
    assert {vars(record)["request_id"] for record in lines()} == {"req-7"}
    assert {vars(record)["task_name"] for record in lines()} == {"fail"}


@pytest.mark.usefixtures("listening")
async def test_a_task_that_was_not_started_is_told_with_the_reason(
    lines: Lines,
) -> None:
    with pytest.raises(TaskFailed):
        await BackgroundTasks([BackgroundTask(fail), BackgroundTask(max, 1, 2)])(
            continue_on_error=False
        )
    last = lines()[-1]
    assert last.levelname == "INFO"
    assert last.getMessage().endswith("cancelled: task 'fail' failed before it")


async def test_the_logger_and_the_level_can_be_chosen(lines: Lines) -> None:
    with subscribe(EventLog(logging.getLogger("shop.tasks"), level=logging.WARNING)):
        await BackgroundTask(max, 1, 2)()
    assert {record.name for record in lines()} == {"shop.tasks"}
    assert lines()[-1].levelname == "WARNING"


@pytest.mark.usefixtures("listening")
async def test_below_the_level_that_is_wanted_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    await BackgroundTask(max, 1, 2).run()
    said = [record.getMessage() for record in caplog.records if record.name == "postlude.events"]
    assert len(said) == 1
    assert "succeeded" in said[0]
