"""The threads of `def` tasks."""

from __future__ import annotations

import threading

import anyio
import anyio.from_thread
import pytest
from postlude import BackgroundTask, BackgroundTasks
from postlude._threads import MAX_THREADS, Escaped, run_in_thread

pytestmark = pytest.mark.anyio


async def test_all_threads_can_be_busy_at_once_and_one_more_waits() -> None:
    everyone = threading.Barrier(MAX_THREADS)
    tasks = BackgroundTasks(max_concurrent=None)
    for _ in range(2 * MAX_THREADS):
        tasks.add_task(everyone.wait, 10)
    outcomes = await tasks.run_all()
    assert {type(outcome).__name__ for outcome in outcomes} == {"Succeeded"}


async def test_what_is_cancelled_while_it_waits_for_a_thread_is_never_called() -> None:
    release = threading.Event()
    called: list[str] = []
    async with anyio.create_task_group() as group:
        for _ in range(MAX_THREADS):
            group.start_soon(run_in_thread, lambda: release.wait(10))
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.02) as scope:
            await BackgroundTask(called.append, "late")()
        assert scope.cancelled_caught
        release.set()
    assert called == []


async def test_an_error_comes_as_it_is_and_an_exit_is_wrapped() -> None:
    error = OSError("disk full")

    def fails() -> None:
        raise error

    def exits() -> None:
        raise SystemExit(3)

    with pytest.raises(OSError, match="disk full") as caught:
        await run_in_thread(fails)
    assert caught.value is error
    with pytest.raises(Escaped) as escaped:
        await run_in_thread(exits)
    assert isinstance(escaped.value.error, SystemExit)


async def test_a_thread_can_call_back_into_the_event_loop() -> None:
    def ask() -> str:
        return anyio.from_thread.run(answer)

    async def answer() -> str:
        return "here"

    assert await run_in_thread(ask) == "here"
