"""Events: who is told, for how long, and what an observer may do."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import threading
import weakref
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    RetryPolicy,
    Succeeded,
    TaskEnded,
    TaskRunner,
    TaskStarted,
    TaskSubmitted,
    subscribe,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postlude import Observer, TaskEvent

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


@pytest.fixture
def events() -> Iterator[list[TaskEvent]]:
    """What is told while the test runs."""
    told: list[TaskEvent] = []
    with subscribe(told.append):
        yield told


async def nothing() -> None: ...


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


async def test_an_observer_that_raises_disturbs_nobody_and_is_logged_once(
    records: Records,
) -> None:
    told: list[TaskEvent] = []

    def broken(event: TaskEvent) -> None:
        raise RuntimeError(f"cannot note {event.name}")

    def awaits_what_was_cancelled(event: TaskEvent) -> None:
        raise asyncio.CancelledError

    with subscribe(broken), subscribe(awaits_what_was_cancelled), subscribe(told.append):
        outcome = await BackgroundTask(max, 1, 2).run()
        await BackgroundTask(nothing)()
    assert isinstance(outcome, Succeeded)
    assert story(told) == [*told_of("max"), *told_of("nothing")]
    assert [record.getMessage() for record in records()] == [
        f"an observer failed on TaskSubmitted of task 'max' (id {outcome.task_id}); "
        "its later errors are not logged"
    ] * 2
    assert all(record.exc_info for record in records())


async def test_an_observer_that_subscribes_anew_is_given_another_chance(records: Records) -> None:
    def broken(event: TaskEvent) -> None:
        raise RuntimeError

    for _ in range(2):
        with subscribe(broken):
            await BackgroundTask(nothing)()
    assert len(records()) == 2


async def test_an_observer_may_submit_a_task(events: list[TaskEvent]) -> None:
    async with TaskRunner() as runner:

        def follow(event: TaskEvent) -> None:
            if event.name == "nothing":
                runner.submit(BackgroundTask(blocking))

        with subscribe(follow):
            await runner.submit(BackgroundTask(nothing)).wait()
    assert [event.name for event in events if isinstance(event, TaskEnded)].count("blocking") == 3


async def test_who_no_longer_listens_hears_nothing_and_is_not_kept() -> None:
    class Note:
        def __call__(self, event: TaskEvent) -> None:
            heard.append(event)

    heard: list[TaskEvent] = []
    note = Note()
    subscription = subscribe(note)
    await BackgroundTask(nothing)()
    assert (len(heard), repr(subscription)) == (3, "<Subscription: listening>")
    subscription.cancel()
    subscription.cancel()
    await BackgroundTask(nothing)()
    assert (len(heard), repr(subscription)) == (3, "<Subscription: over>")
    gone = weakref.ref(note)
    del note
    gc.collect()
    assert gone() is None


async def test_who_begins_to_listen_in_the_middle_hears_a_story_with_a_beginning() -> None:
    told: list[TaskEvent] = []
    go_on = anyio.Event()
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(go_on.wait).with_options(name="wait"))
        await anyio.wait_all_tasks_blocked()
        with subscribe(told.append):
            go_on.set()
            await handle.wait()
    assert story(told) == [("Submitted", "wait", 0), ("Ended", "wait", 1)]


async def test_an_observer_sees_the_context_of_the_task_and_the_task_what_it_sets() -> None:
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request")
    span: contextvars.ContextVar[str] = contextvars.ContextVar("span", default="none")
    seen: list[str] = []
    first = True

    def observe(event: TaskEvent) -> None:
        seen.append(f"{type(event).__name__} in {request.get()} under {span.get()}")
        if isinstance(event, TaskStarted) and event.attempt == 1:
            span.set("span of the task")

    async def work() -> None:
        nonlocal first
        seen.append(f"work under {span.get()}")
        span.set("inner span")
        if first:
            first = False
            raise OSError

    request.set("request 1")
    policy = RetryPolicy(max_retries=1, initial_delay=0.0)
    task = BackgroundTask(work).with_options(retry_policy=policy)
    request.set("request 2")
    with subscribe(observe):
        async with TaskRunner() as runner:
            await runner.submit(task).wait()
    assert span.get() == "none"
    assert seen == [
        "TaskSubmitted in request 1 under none",
        "TaskStarted in request 1 under none",
        "work under span of the task",
        "TaskRetried in request 1 under span of the task",
        "TaskStarted in request 1 under span of the task",
        "work under span of the task",
        "TaskEnded in request 1 under span of the task",
    ]


async def test_tasks_from_many_threads_are_all_heard_of(events: list[TaskEvent]) -> None:
    async with TaskRunner() as runner:

        def submit() -> None:
            for _ in range(50):
                runner.submit(BackgroundTask(blocking))

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(anyio.to_thread.run_sync, submit)
    kinds = [type(event) for event in events]
    assert [kinds.count(kind) for kind in (TaskSubmitted, TaskStarted, TaskEnded)] == [200] * 3
    for task_id in {event.task_id for event in events}:
        assert story([one for one in events if one.task_id == task_id]) == told_of("blocking")


async def asynchronous(event: TaskEvent) -> None: ...


class Asynchronous:
    async def __call__(self, event: TaskEvent) -> None: ...


@pytest.mark.parametrize("observer", [asynchronous, Asynchronous()])
async def test_an_observer_that_would_have_to_be_awaited_is_refused(observer: Observer) -> None:
    with pytest.raises(TypeError, match="nothing can be awaited between two steps of a task"):
        subscribe(observer)
    with pytest.raises(TypeError, match=r"^monitor= takes a plain function of one event"):
        TaskRunner(monitor=observer)


async def test_an_observer_that_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match="got an object of type 'list'"):
        subscribe([])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"monitor= takes a function .* type 'str'"):
        TaskRunner(monitor="prometheus")  # type: ignore[arg-type]
