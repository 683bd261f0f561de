"""Groups whose outcomes nobody asks for: they take short cuts, and nothing of it shows."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Succeeded,
    TaskMonitor,
    TaskRunner,
    _attendance,
    subscribe,
)
from postlude._threads import MAX_THREADS

if TYPE_CHECKING:
    from collections.abc import Callable

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio

place: contextvars.ContextVar[str] = contextvars.ContextVar("place", default="nowhere")


def group(*functions: Callable[..., Any]) -> BackgroundTasks:
    tasks = BackgroundTasks()
    for function in functions:
        tasks.add_task(function)
    return tasks


async def attached(tasks: BackgroundTasks) -> None:
    await tasks()


async def outcomes(tasks: BackgroundTasks) -> None:
    await tasks.run_all()


async def pipeline(tasks: BackgroundTasks) -> None:
    await tasks(continue_on_error=False)


WAYS = [attached, outcomes, pipeline]


async def test_neighbouring_defs_share_a_thread_and_keep_their_order() -> None:
    seen: list[tuple[int, int]] = []
    tasks = BackgroundTasks()

    def note(number: int) -> None:
        seen.append((number, threading.get_ident()))

    for number in range(20):
        tasks.add_task(note, number)
    await tasks()
    assert [number for number, _ in seen] == list(range(20))
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] != threading.get_ident()


async def test_kinds_may_alternate() -> None:
    seen: list[int] = []

    async def on_the_loop(number: int) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(number)

    tasks = BackgroundTasks()
    for number in range(30):
        tasks.add_task((on_the_loop, seen.append)[number // 3 % 2], number)
    await tasks()
    assert seen == list(range(30))


@pytest.mark.parametrize("in_thread", [False, True])
async def test_each_has_a_context_of_its_own(in_thread: bool) -> None:
    seen: list[str] = []

    def visit() -> None:
        seen.append(place.get())
        place.set("moved")

    async def visit_async() -> None:
        visit()

    tasks = BackgroundTasks()
    for name in ("home", "work", "park"):
        place.set(name)
        tasks.add_task(visit if in_thread else visit_async)
    await tasks()
    await tasks()
    assert seen == ["home", "work", "park"] * 2
    assert place.get() == "park"


async def test_a_failure_in_a_thread_is_logged_before_the_next_begins(records: Records) -> None:
    seen: list[int] = []

    def fails() -> None:
        seen.append(len(records()))
        raise OSError("disk full")

    await group(fails, fails, fails)()
    assert seen == [0, 1, 2]
    assert len(records()) == 3


async def test_an_exit_in_a_thread_stops_no_sibling(records: Records) -> None:
    seen: list[str] = []

    def exits() -> None:
        raise SystemExit(3)

    await group(exits, lambda: seen.append("next"))()
    assert seen == ["next"]
    assert "failed on attempt 1" in records()[0].getMessage()


@pytest.mark.parametrize("first_in_thread", [False, True])
async def test_what_is_added_meanwhile_is_run(first_in_thread: bool) -> None:
    seen: list[str] = []
    tasks = BackgroundTasks()

    def first() -> None:
        tasks.add_task(seen.append, "second")
        tasks.add_task(third)

    async def first_async() -> None:
        first()

    async def third() -> None:
        seen.append("third")
        if len(tasks.tasks) < 5:
            tasks.add_task(seen.append, "fourth")

    tasks.add_task(first if first_in_thread else first_async)
    await tasks()
    assert seen == ["second", "third", "fourth"]


async def test_an_awaitable_of_any_kind_is_awaited_before_the_next_begins() -> None:
    seen: list[str] = []

    class Later:
        def __await__(self) -> Any:
            yield from anyio.lowlevel.checkpoint().__await__()
            seen.append(place.get())

    place.set("here")
    tasks = group(Later, lambda: seen.append("next"))
    await tasks()
    assert seen == ["here", "next"]
    assert isinstance(await BackgroundTask(Later).run(), Succeeded)
    assert seen == ["here", "next", "here"]


async def test_a_group_leaves_its_thread_to_others_between_two_tasks() -> None:
    begun, release = threading.Barrier(MAX_THREADS + 1), threading.Event()
    other, waited = threading.Event(), list[bool]()

    def hold() -> None:
        begun.wait(10)
        release.wait(10)

    async with anyio.create_task_group() as everyone:
        for _ in range(MAX_THREADS):
            everyone.start_soon(group(hold, lambda: waited.append(other.wait(10))))
        await anyio.to_thread.run_sync(begun.wait, 10)
        everyone.start_soon(BackgroundTask(other.set))
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert waited == [True] * MAX_THREADS


async def test_when_cancelled_in_a_thread_the_rest_is_never_run_and_named(
    records: Records,
) -> None:
    seen: list[str] = []
    begun, release, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        release.wait(10)
        ended.set()

    tasks = group(lambda: seen.append("first"), slow, lambda: seen.append("never"))
    async with anyio.create_task_group() as host:
        host.start_soon(tasks)
        await anyio.to_thread.run_sync(begun.wait, 10)
        host.cancel_scope.cancel()
    release.set()
    await anyio.to_thread.run_sync(ended.wait, 10)
    assert seen == ["first"]
    said = [record.getMessage() for record in records()]
    assert "'slow' " in said[0]
    assert "was interrupted on attempt 1" in said[0]
    assert "was never started: its group was interrupted by Cancelled" in said[1]
    assert len(said) == 2


@pytest.mark.parametrize("run", WAYS)
@pytest.mark.parametrize("limit", [1, 2])
async def test_what_a_cancellation_drops_is_named(
    run: Callable[[BackgroundTasks], Any], limit: int, records: Records
) -> None:
    tasks = group(anyio.sleep_forever, print, anyio.lowlevel.checkpoint)
    tasks.max_concurrent = limit
    if limit == 2:
        tasks.tasks.insert(0, tasks.tasks[0])
    with anyio.move_on_after(0.02):
        await run(tasks)
    said = [record.getMessage() for record in records()]
    assert all("'sleep_forever'" in text and "was interrupted" in text for text in said[:-2])
    assert len(said) >= 3
    for text, name in zip(said[-2:], ("print", "checkpoint"), strict=True):
        assert text.startswith(f"task {name!r} (id ") or "sleep_forever" in text
        assert "was never started: its group was interrupted by Cancel" in text


@pytest.mark.parametrize("run", WAYS)
@pytest.mark.parametrize("next_in_thread", [False, True])
@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": use}) for use in (0, 1)])
async def test_a_clean_up_that_fails_does_not_undo_a_native_cancellation(
    run: Callable[[BackgroundTasks], Any], next_in_thread: bool, records: Records
) -> None:
    seen: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError("cannot close")

    async def next_one() -> None:
        seen.append("ran")

    tasks = group(stubborn, (lambda: seen.append("ran")) if next_in_thread else next_one)
    running = asyncio.ensure_future(run(tasks))
    await anyio.wait_all_tasks_blocked()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert seen == []
    assert ["cannot close" in str(record.exc_info) for record in records()] == [True, False]
    assert "was never started" in records()[1].getMessage()


@pytest.mark.parametrize("run", WAYS[:2])
async def test_a_cancellation_that_a_scope_swallows_stops_the_group(
    run: Callable[[BackgroundTasks], Any],
) -> None:
    seen: list[str] = []

    async def stubborn() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise OSError("cannot close")

    async def next_one() -> None:
        seen.append("ran")

    with anyio.move_on_after(0.02) as scope:
        await run(group(stubborn, next_one))
    assert scope.cancelled_caught
    assert seen == []


@pytest.mark.parametrize("run", WAYS[:2])
async def test_a_time_limit_of_its_own_is_no_cancellation_of_the_group(
    run: Callable[[BackgroundTasks], Any],
) -> None:
    seen: list[str] = []

    async def limits_itself() -> None:
        with anyio.move_on_after(0.01):
            await anyio.sleep_forever()

    async def next_one() -> None:
        seen.append("ran")

    await run(group(limits_itself, next_one, limits_itself, next_one))
    assert seen == ["ran", "ran"]


async def test_a_duration_is_that_of_the_task_that_failed(records: Records) -> None:
    async def sleeps() -> None:
        await anyio.sleep(0.2)

    async def fails_late() -> None:
        await anyio.sleep(0.1)
        raise OSError("late")

    async def fails_at_once() -> None:
        raise OSError("at once")

    await group(sleeps, fails_at_once, fails_late, sleeps, fails_late)()
    durations = [vars(record)["duration"] for record in records()]
    assert durations[0] < 0.05
    assert all(0.09 < duration < 0.19 for duration in durations[1:])
    assert not any("at most" in record.getMessage() for record in records())


async def test_what_held_up_the_loop_before_a_failure_is_told_from_it(records: Records) -> None:
    async def holds_up() -> None:
        time.sleep(0.05)  # noqa: ASYNC251

    async def fails() -> None:
        raise OSError("at once")

    await group(holds_up, fails)()
    assert "failed on attempt 1 after at most 0." in records()[0].getMessage()
    assert vars(records()[0])["duration"] >= 0.05


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("function", [anyio.sleep_forever, print])
async def test_a_log_filter_that_fails_stops_no_sibling(
    function: Callable[[], Any],
    shown: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", shown)
    seen: list[str] = []

    def broken(record: logging.LogRecord) -> bool:
        raise KeyError(record.name)

    def fails() -> None:
        raise OSError("disk full")

    async def fails_async() -> None:
        fails()

    logger = logging.getLogger("postlude")
    logger.addFilter(broken)
    try:
        tasks = group(fails, fails_async, lambda: seen.append("next"))
        await tasks()
        await tasks.run_all()
    finally:
        logger.removeFilter(broken)
    assert seen == ["next", "next"]
    assert capsys.readouterr().err.count("KeyError: 'postlude'") == (4 if shown else 0)


async def test_an_awaitable_that_fails_fails_alone(records: Records) -> None:
    seen: list[str] = []

    async def fails() -> None:
        raise OSError("disk full")

    await group(lambda: fails(), lambda: seen.append("next"))()
    assert seen == ["next"]
    assert [record.exc_info[0] for record in records() if record.exc_info] == [OSError]


class Compiled:
    """An `async def` as a compiler makes it: no function, and no coroutine comes of it."""

    def __init__(self, seen: list[str]) -> None:
        async def plain() -> None: ...

        self.__name__, self.__code__ = "compiled", plain.__code__
        self.__defaults__ = self.__kwdefaults__ = None
        self.__annotations__: dict[str, Any] = {}
        self.seen = seen

    def __call__(self) -> Compiled:
        return self

    def __await__(self) -> Any:
        yield from anyio.lowlevel.checkpoint().__await__()
        self.seen.append(place.get())


@pytest.mark.parametrize("observed", [False, True])
async def test_an_async_function_may_be_compiled(observed: bool) -> None:
    seen: list[str] = []
    place.set("here")
    tasks = group(Compiled(seen))
    assert tasks.tasks[0].is_async
    monitor = TaskMonitor()
    with subscribe(monitor) if observed else contextlib.nullcontext():
        await tasks()
    assert seen == ["here"]
    assert monitor.completed_tasks == observed


async def test_an_async_function_that_was_compiled_runs_in_a_runner_as_well() -> None:
    seen: list[str] = []
    place.set("here")
    async with TaskRunner() as runner:
        outcome = await runner.submit(BackgroundTask(Compiled(seen))).wait()
    assert isinstance(outcome, Succeeded)
    assert seen == ["here"]


async def test_what_waits_twice_is_known_to_have_begun_before_the_first_wait(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(_attendance, "monotonic", lambda: now)

    async def succeeds() -> None: ...

    async def fails() -> None:
        nonlocal now
        for _ in range(2):
            await anyio.lowlevel.checkpoint()
            now += 1
        raise OSError("disk full")

    await group(succeeds, fails)()
    (record,) = records()
    assert "at most" not in record.getMessage()


async def test_a_monitor_counts_what_fails_after_a_wait_once() -> None:
    async def fails() -> None:
        await anyio.lowlevel.checkpoint()
        raise OSError("disk full")

    monitor = TaskMonitor()
    with subscribe(monitor):
        await group(anyio.lowlevel.checkpoint, fails, anyio.lowlevel.checkpoint)()
    assert (monitor.completed_tasks, monitor.failed_tasks) == (2, 1)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_group_that_is_thrown_away_lets_its_task_clean_up_in_its_own_context() -> None:
    seen: list[str] = []

    async def sleeps() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            seen.append(place.get())

    place.set("home")
    tasks = group(sleeps)
    place.set("away")
    running = tasks()
    running.send(None)
    running.close()
    assert seen == ["home"]
