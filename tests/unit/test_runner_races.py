"""A runner when two things happen at the same moment: one of them counts, and nothing is lost."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Cancelled,
    PostludeMiddleware,
    RetryPolicy,
    Succeeded,
    TaskHandle,
    TaskRunner,
    current_tasks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import VirtualClock

pytestmark = pytest.mark.anyio


def elsewhere(function: Callable[[], Any]) -> Any:
    """What the function returns in another thread, while the event loop stands still."""
    values: list[Any] = []
    thread = threading.Thread(target=lambda: values.append(function()))
    thread.start()
    thread.join()
    return values[0]


async def test_a_task_that_is_cancelled_before_the_loop_knows_of_it_never_waits(
    clock: VirtualClock,
) -> None:
    ran: list[str] = []
    async with TaskRunner() as runner:
        task = BackgroundTask(ran.append, "late").with_options(delay=5)
        handle: TaskHandle = elsewhere(lambda: runner.submit(task))
        handle.cancel()
        assert isinstance(await handle.wait(), Cancelled)
        await clock.advance(10)
        report = await runner.drain()
    assert ran == []
    assert (report.finished, report.unfinished) == (0, ())


async def test_a_task_that_two_threads_cancel_ends_once() -> None:
    async with TaskRunner(max_concurrent=1) as runner:
        running = runner.submit(BackgroundTask(anyio.sleep_forever))
        waiting = runner.submit(BackgroundTask(anyio.sleep_forever))
        await anyio.wait_all_tasks_blocked()
        for handle in (waiting, running):
            elsewhere(handle.cancel)
            elsewhere(handle.cancel)
        assert isinstance(await waiting.wait(), Cancelled)
        assert isinstance(await running.wait(), Cancelled)
        assert isinstance(await runner.submit(BackgroundTask(str)).wait(), Succeeded)


async def test_several_wait_for_the_same_task() -> None:
    outcomes: list[object] = []
    gate = anyio.Event()
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(gate.wait))

        async def wait() -> None:
            outcomes.append(await handle.wait())

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            gate.set()
    assert outcomes == [handle.outcome] * 3


@pytest.mark.parametrize(
    "anyio_backend", [("asyncio", {}), ("asyncio", {"use_uvloop": True})], ids=["asyncio", "uvloop"]
)
async def test_a_worker_that_is_cancelled_as_it_is_woken_can_be_woken_again() -> None:
    seen: list[asyncio.Task[Any] | None] = []

    async def note() -> None:
        seen.append(asyncio.current_task())

    async with TaskRunner(max_concurrent=1) as runner:
        await runner.submit(BackgroundTask(note)).wait()
        await anyio.wait_all_tasks_blocked()
        (worker,) = seen
        assert worker is not None
        second = runner.submit(BackgroundTask(note))
        worker.cancel()
        with anyio.fail_after(5):
            await second.wait()
            await anyio.wait_all_tasks_blocked()
            await runner.submit(BackgroundTask(note)).wait()
    assert seen == [worker] * 3


async def test_room_that_was_offered_to_a_wait_that_is_cancelled_goes_to_the_next() -> None:
    handles: list[TaskHandle] = []
    async with TaskRunner(max_concurrent=1, max_pending=1, on_full="wait") as runner:
        runner.submit(BackgroundTask(anyio.sleep_forever))
        await anyio.wait_all_tasks_blocked()
        in_line = runner.submit(BackgroundTask(anyio.sleep_forever))
        submitted = anyio.Event()
        scopes = [anyio.CancelScope() for _ in range(2)]

        async def submit(scope: anyio.CancelScope) -> None:
            with scope:
                handles.append(await BackgroundTask(anyio.sleep_forever).submit())
            submitted.set()

        async with anyio.create_task_group() as group:
            for scope in scopes:
                group.start_soon(submit, scope)
                await anyio.wait_all_tasks_blocked()
            scopes[0].cancel()
            in_line.cancel()  # makes room for the first of the two, which does not know yet
            with anyio.fail_after(5):
                await submitted.wait()
            scopes[1].cancel()
        await runner.drain(0)
    assert len(handles) == 1


async def test_a_retry_that_is_cancelled_while_it_waits_for_its_groups_turn_is_left_out(
    clock: VirtualClock,
) -> None:
    ran: list[str] = []

    async def fail() -> None:
        ran.append("fail")
        raise OSError("busy")

    policy = RetryPolicy(initial_delay=1, jitter=0)
    tasks = BackgroundTasks()
    tasks.add(BackgroundTask(fail).with_options(retry_policy=policy, task_id="retrying"))
    tasks.add_task(clock.sleep, 5)
    tasks.add_task(ran.append, "last")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await tasks()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with TaskRunner() as runner:
        await PostludeMiddleware(app, runner)({"type": "http"}, nothing, nothing)
        await clock.advance(2)  # it is due, and another task of the group runs
        retrying = runner.get("retrying")
        assert retrying is not None
        retrying.cancel()
        assert isinstance(retrying.outcome, Cancelled)
        await clock.advance(5)
    assert ran == ["fail", "last"]


async def test_a_task_added_to_a_group_that_found_no_room_runs_with_it() -> None:
    ran: list[str] = []
    gate = anyio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        group = current_tasks()
        group.add_task(ran.append, "before")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        group.add_task(ran.append, "after")
        ran.append("over")

    async with TaskRunner(max_concurrent=1, max_pending=1) as runner:
        for _ in range(2):
            runner.submit(BackgroundTask(gate.wait))
            await anyio.wait_all_tasks_blocked()
        await PostludeMiddleware(app, runner)({"type": "http"}, nothing, nothing)
        assert ran == ["over", "before", "after"]
        gate.set()


async def nothing(*message: Any) -> Any: ...
