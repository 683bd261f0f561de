"""A computer that has no thread left: each task fails by itself, and what needs none goes on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import pytest
import trio
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Failed,
    RetryPolicy,
    Succeeded,
    TaskRunner,
    TaskStatus,
)
from postlude._threads import Threads
from postlude._work import State, Work

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


class Computer:
    """Has so many threads for `def` tasks."""

    def __init__(self) -> None:
        self.threads = 0

    def use_one(self) -> None:
        """Fail as Python does if there is none."""
        if not self.threads:
            raise RuntimeError("can't start new thread")
        self.threads -= 1


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> Computer:
    computer, start = Computer(), threading.Thread.start

    def start_if_possible(thread: threading.Thread) -> None:
        if thread.name == "postlude thread":
            computer.use_one()
        start(thread)

    # Trio has a thread of its own under these tests, and uses again what it has started once.
    start_on_trio = trio.lowlevel.start_thread_soon

    def start_on_trio_if_possible(*arguments: Any) -> None:
        computer.use_one()
        start_on_trio(*arguments)

    monkeypatch.setattr(threading.Thread, "start", start_if_possible)
    monkeypatch.setattr("trio._threads.start_thread_soon", start_on_trio_if_possible)
    return computer


async def test_a_group_goes_on_with_what_needs_no_thread(
    computer: Computer, records: Records
) -> None:
    seen: list[str] = []

    async def on_the_loop() -> None:
        seen.append("on the loop")

    tasks = BackgroundTasks()
    tasks.add_task(print)
    tasks.add_task(on_the_loop)
    tasks.add_task(print)
    await tasks()
    assert seen == ["on the loop"]
    said = [record.getMessage() for record in records()]
    assert len(said) == 2
    assert all("task 'print'" in text and "failed on attempt 1" in text for text in said)
    outcomes = await tasks.run_all()
    assert [type(outcome).__name__ for outcome in outcomes] == ["Failed", "Succeeded", "Failed"]


async def test_a_task_fails_with_the_reason_and_another_runs_later(computer: Computer) -> None:
    first = await BackgroundTask(str, "first").run()
    assert isinstance(first, Failed)
    assert str(first.error) == "can't start new thread"
    computer.threads = 1
    assert isinstance(await BackgroundTask(str, "second").run(), Succeeded)


async def test_a_task_of_a_runner_fails_with_the_reason(computer: Computer) -> None:
    async with TaskRunner() as runner:
        outcome = await runner.submit(BackgroundTask(str, "first")).wait()
        assert isinstance(outcome, Failed)
        assert str(outcome.error) == "can't start new thread"
        computer.threads = 1
        assert isinstance(await runner.submit(BackgroundTask(str, "second")).wait(), Succeeded)


async def test_it_is_tried_again_like_any_failure(computer: Computer, clock: VirtualClock) -> None:
    task = BackgroundTask(str, "second").with_options(retry_policy=RetryPolicy(jitter=0))
    async with TaskRunner() as runner:
        handle = runner.submit(task)
        await clock.advance(0)
        assert handle.status is TaskStatus.RETRYING
        computer.threads = 1
        await clock.advance(1)
        with anyio.fail_after(10):
            assert isinstance(await handle.wait(), Succeeded)


@pytest.mark.parametrize("seconds", [None, 60])
async def test_what_a_task_in_a_thread_waits_for_fails_with_the_reason(
    computer: Computer, seconds: float | None
) -> None:
    computer.threads = 1

    def outer() -> list[str]:
        inner = BackgroundTask(str, "inner").with_options(timeout=seconds)
        # The second one in a row as well: nothing stands in its way.
        handles = [runner.submit(inner) for _ in range(2)]
        outcomes = [anyio.from_thread.run(handle.wait) for handle in handles]
        outcomes.append(anyio.from_thread.run(inner.run))
        return [str(getattr(outcome, "error", outcome)) for outcome in outcomes]

    with anyio.fail_after(10):
        async with TaskRunner() as runner:
            outcome = await runner.submit(BackgroundTask(outer)).wait()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == ["can't start new thread"] * 3


@pytest.mark.parametrize(
    ("threads_left", "values"), [(0, ["can't start new thread"] * 2), (1, ["second", "third"])]
)
async def test_guests_fail_with_the_reason_if_no_thread_is_left_when_it_is_their_turn(
    threads_left: int, values: list[str], computer: Computer
) -> None:
    computer.threads = 2 + threads_left
    release, heard = threading.Event(), list[str]()

    def hold(work: Work) -> None:
        release.wait(10)

    def guest(name: str) -> Work:
        return Work(lambda _: name, lambda: heard.append(name))

    async def submit(*works: Work) -> None:
        for work in works:
            work.host = host
            threads.submit(work)
        while works[0].state is not State.RUNNING:
            await anyio.lowlevel.checkpoint()

    threads, host, first = Threads(1), Work(hold), Work(hold)
    second, third = guest("second"), guest("third")
    with anyio.fail_after(10):
        await submit(host)
        await submit(first, second, third)
        threads.abandon(first)
        while len(heard) < 2:
            await anyio.lowlevel.checkpoint()
    release.set()
    threads.close()
    assert [str(work.error or work.result()) for work in (second, third)] == values


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_what_is_given_up_before_trio_has_no_thread_for_it_is_in_nobodys_way(
    computer: Computer,
) -> None:
    threads, heard = Threads(1), list[str]()
    never = Work(lambda _: heard.append("called"), lambda: heard.append("never"))
    threads.submit(never)
    threads.abandon(never)
    await anyio.wait_all_tasks_blocked()
    computer.threads = 1
    assert await threads.do(Work(lambda _: "next")) == "next"
    assert heard == []
    threads.close()


async def test_what_was_in_line_for_a_thread_that_never_ends_fails(computer: Computer) -> None:
    computer.threads = 1
    begun, release = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        release.wait(10)

    with anyio.fail_after(10):
        async with TaskRunner() as runner:
            held = runner.submit(BackgroundTask(hold))
            late = runner.submit(BackgroundTask(str, "late"))
            while not begun.is_set():
                await anyio.lowlevel.checkpoint()
            held.cancel()
            outcome = await late.wait()
            release.set()
    assert isinstance(outcome, Failed)
    assert str(outcome.error) == "can't start new thread"


async def test_the_threads_there_are_do_all_the_work(computer: Computer) -> None:
    computer.threads = 1
    seen: list[int] = []
    tasks = BackgroundTasks(max_concurrent=None)
    for number in range(20):
        tasks.add_task(seen.append, number)
    outcomes = await tasks.run_all()
    assert {type(outcome) for outcome in outcomes} == {Succeeded}
    assert sorted(seen) == list(range(20))
