"""Events: every execution tells its story on one stream, and no observer is in its way."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Cancelled,
    Failed,
    PostludeMiddleware,
    RetryPolicy,
    Succeeded,
    TaskEnded,
    TaskFailed,
    TaskRetried,
    TaskRunner,
    TaskStarted,
    TaskSubmitted,
    TimedOut,
    current_tasks,
    subscribe,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postlude import TaskEvent
    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


@pytest.fixture
def events() -> Iterator[list[TaskEvent]]:
    """What is told while the test runs."""
    told: list[TaskEvent] = []
    with subscribe(told.append):
        yield told


async def nothing() -> None: ...


async def fail() -> None:
    raise ValueError("bad")


def blocking() -> int:
    return threading.get_ident()


def story(events: list[TaskEvent]) -> list[tuple[str, str, int]]:
    """The kind, the task and the attempt of each event."""
    kinds = [type(event).__name__.removeprefix("Task") for event in events]
    return [(kind, event.name, event.attempt) for kind, event in zip(kinds, events, strict=True)]


def told_of(name: str, *, attempts: int = 1) -> list[tuple[str, str, int]]:
    """The story of a task that succeeds at its last attempt."""
    tried = [("Started", name, 1)]
    for attempt in range(2, attempts + 1):
        tried += [("Retried", name, attempt - 1), ("Started", name, attempt)]
    return [("Submitted", name, 0), *tried, ("Ended", name, attempts)]


def outcomes(events: list[TaskEvent]) -> list[object]:
    return [event.outcome for event in events if isinstance(event, TaskEnded)]


@pytest.mark.parametrize("function", [nothing, blocking])
async def test_a_task_without_a_runner_is_heard_of_by_who_subscribed(
    function: Callable[[], Any], events: list[TaskEvent]
) -> None:
    before = time.time()
    await BackgroundTask(function)()
    assert story(events) == told_of(function.__name__)
    assert len({event.task_id for event in events}) == 1
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert all(before <= event.time <= time.time() for event in events)


async def test_a_task_of_a_runner_is_heard_of_once_by_an_observer_that_listens_to_both() -> None:
    told: list[TaskEvent] = []
    with subscribe(told.append), subscribe(told.append):
        async with TaskRunner(monitor=told.append) as runner:
            handle = runner.submit(BackgroundTask(nothing))
            assert story(told) == [("Submitted", "nothing", 0)]
            outcome = await handle.wait()
    assert story(told) == told_of("nothing")
    assert outcomes(told) == [outcome]
    assert {event.task_id for event in told} == {handle.id}


async def test_the_monitor_of_a_runner_hears_of_its_tasks_alone() -> None:
    told: list[TaskEvent] = []
    async with TaskRunner(monitor=told.append) as runner, TaskRunner() as other:
        await other.submit(BackgroundTask(nothing)).wait()
        await BackgroundTask(nothing)()
        assert not told
        await runner.submit(BackgroundTask(nothing)).wait()
    assert story(told) == told_of("nothing")


@pytest.mark.parametrize("limit", [1, 2, None])
async def test_every_task_of_a_group_tells_its_story(
    limit: int | None, events: list[TaskEvent]
) -> None:
    tasks = BackgroundTasks(max_concurrent=limit)
    for func in (nothing, blocking, nothing):
        tasks.add_task(func)
    await tasks()
    assert len({event.task_id for event in events}) == 3
    for task_id in {event.task_id for event in events}:
        of_one = [event for event in events if event.task_id == task_id]
        assert story(of_one) == told_of(of_one[0].name)


async def test_each_attempt_is_told_with_its_error_and_the_wait_after_it(
    events: list[TaskEvent], clock: VirtualClock
) -> None:
    answers: list[BaseException | None] = [OSError("one"), OSError("two"), None]

    async def flaky() -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    policy = RetryPolicy(max_retries=2, initial_delay=3.0, jitter=0.0)
    async with anyio.create_task_group() as group:
        group.start_soon(BackgroundTask(flaky).with_options(retry_policy=policy).run)
        await clock.advance(100)
    assert story(events) == told_of("flaky", attempts=3)
    retries = [event for event in events if isinstance(event, TaskRetried)]
    assert [(str(event.error), event.delay) for event in retries] == [("one", 3.0), ("two", 6.0)]
    starts = [event.at for event in events if isinstance(event, TaskStarted)]
    assert starts == [0.0, 3.0, 9.0]


async def test_the_last_event_holds_the_outcome(events: list[TaskEvent]) -> None:
    results = [
        await BackgroundTask(max, 1, 2).run(),
        await BackgroundTask(fail).run(),
        await BackgroundTask(anyio.sleep, 60).with_options(timeout=0.01).run(),
    ]
    assert outcomes(events) == results
    assert [type(result) for result in results] == [Succeeded, Failed, TimedOut]


async def test_no_event_holds_the_arguments(events: list[TaskEvent]) -> None:
    async def log_in(name: str, *, password: str) -> None:
        raise ValueError("refused")

    await BackgroundTask(log_in, "ada@example.com", password="secret")()
    assert events
    for event in events:
        assert "secret" not in repr(event)
        assert "ada@" not in repr(event)


async def test_tasks_that_a_pipeline_does_not_start_are_told_to_have_ended(
    events: list[TaskEvent],
) -> None:
    tasks = BackgroundTasks([BackgroundTask(fail), BackgroundTask(nothing)])
    with pytest.raises(TaskFailed):
        await tasks(continue_on_error=False)
    assert story(events) == [
        *told_of("fail"),
        ("Submitted", "nothing", 0),
        ("Ended", "nothing", 0),
    ]
    assert isinstance(outcomes(events)[1], Cancelled)


@pytest.mark.parametrize("limit", [1, 3])
async def test_a_cancellation_from_outside_is_told_of_what_runs_and_of_what_waits(
    limit: int, events: list[TaskEvent]
) -> None:
    policy = RetryPolicy(max_retries=1, initial_delay=60.0)
    tasks = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(fail, retry_policy=policy)
    tasks.add_task(anyio.sleep, 60)
    with anyio.move_on_after(60) as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(tasks)
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
    ended = {event.name: event.outcome for event in events if isinstance(event, TaskEnded)}
    assert {name: type(outcome) for name, outcome in ended.items()} == {
        "fail": Cancelled,
        "sleep": Cancelled,
    }
    assert len(outcomes(events)) == 2


async def test_a_single_task_that_is_cancelled_while_it_waits_for_its_retry_has_ended(
    events: list[TaskEvent],
) -> None:
    task = BackgroundTask(fail).with_options(retry_policy=RetryPolicy(initial_delay=60.0))
    with anyio.move_on_after(0.05):
        await task.run()
    assert story(events)[-1] == ("Ended", "fail", 1)
    assert isinstance(outcomes(events)[0], Cancelled)


async def test_what_a_drain_cuts_off_or_never_starts_has_ended_once() -> None:
    told: list[TaskEvent] = []
    started = anyio.Event()

    async def long() -> None:
        started.set()
        await anyio.sleep(60)

    group = BackgroundTasks([BackgroundTask(long), BackgroundTask(nothing)])
    async with TaskRunner(max_concurrent=1, monitor=told.append) as runner:
        await runner.submit(BackgroundTask(nothing)).wait()
        runner.submit(BackgroundTask(group.run_all).with_options(name="group"))
        runner.submit(BackgroundTask(long).with_options(name="in line"))
        await started.wait()
        await runner.drain(timeout=0)
    assert story(told)[3:] == [
        ("Submitted", "group", 0),
        ("Submitted", "in line", 0),
        ("Started", "group", 1),
        ("Ended", "in line", 0),
        ("Ended", "group", 1),
    ]


async def test_a_handle_that_cancels_is_told_of(events: list[TaskEvent]) -> None:
    policy = RetryPolicy(max_retries=1, initial_delay=60.0)
    async with TaskRunner() as runner:
        waiting = runner.submit(BackgroundTask(fail).with_options(retry_policy=policy))
        await anyio.wait_all_tasks_blocked()
        waiting.cancel()
        running = runner.submit(BackgroundTask(anyio.sleep, 60))
        await anyio.wait_all_tasks_blocked()
        running.cancel()
        await running.wait()
    assert [(event.name, event.attempt) for event in events if isinstance(event, TaskEnded)] == [
        ("fail", 1),
        ("sleep", 1),
    ]
    assert all(isinstance(outcome, Cancelled) for outcome in outcomes(events))


async def test_a_task_that_goes_on_after_its_end_was_told_ends_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("postlude._drain.GRACE", 0.01)
    told: list[TaskEvent] = []
    enough = anyio.Event()

    async def stubborn() -> None:
        with anyio.CancelScope(shield=True):
            await enough.wait()

    async with TaskRunner(monitor=told.append) as runner:
        runner.submit(BackgroundTask(stubborn))
        await anyio.wait_all_tasks_blocked()
        await runner.drain(timeout=0)
        enough.set()
    assert story(told) == told_of("stubborn")
    assert [type(outcome) for outcome in outcomes(told)] == [Cancelled]


async def test_tasks_of_a_group_in_a_runner_are_told_to_its_monitor_to_the_last() -> None:
    told: list[TaskEvent] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        group = current_tasks()
        group.add_task(anyio.sleep, 60)
        group.add_task(nothing)
        await BackgroundTask(blocking)()  # kept for after the response, too
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with TaskRunner(monitor=told.append) as runner:
        app = PostludeMiddleware(answer, runner)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            await client.get("http://test/")
        await anyio.wait_all_tasks_blocked()
        await runner.drain(timeout=0)
    ends = {event.name: type(event.outcome) for event in told if isinstance(event, TaskEnded)}
    assert ends.keys() == {"sleep", "nothing", "blocking"}
    assert ends["sleep"] is ends["nothing"] is Cancelled


async def test_events_are_values() -> None:
    event = TaskSubmitted("7f3a", "resize", 0, 1.0, 2.0, None)
    assert event == TaskSubmitted("7f3a", "resize", 0, 1.0, 2.0, None)
    assert {event}
    with pytest.raises(AttributeError):
        event.name = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        event.extra = 1  # type: ignore[attr-defined]


async def test_a_task_that_is_to_wait_is_submitted_at_once(
    events: list[TaskEvent], clock: VirtualClock
) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(BackgroundTask(nothing).with_options(delay=5).run)
        await anyio.wait_all_tasks_blocked()
        assert [type(event) for event in events] == [TaskSubmitted]
        await clock.advance(5)
    assert story(events) == told_of("nothing")
    assert [event.at for event in events] == [0.0, 5.0, 5.0]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
async def test_an_observer_may_end_the_program(error: type[BaseException]) -> None:
    def end(event: TaskEvent) -> None:
        raise error

    with subscribe(end), pytest.raises(error):
        await BackgroundTask(nothing).run()
