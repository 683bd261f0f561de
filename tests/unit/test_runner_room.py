"""TaskRunner: what becomes of those for whom there is no room."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest
from postlude import (
    BackgroundTask,
    QueueFull,
    RetryPolicy,
    RunnerClosed,
    Succeeded,
    TaskQueue,
    TaskRunner,
    Worker,
    WorkerPool,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def nothing() -> None: ...


async def test_a_full_runner_refuses_and_says_what_to_do() -> None:
    async with TaskRunner(max_concurrent=1, max_pending=2) as runner:
        for _ in range(2):
            runner.submit(BackgroundTask(nothing))
        with pytest.raises(QueueFull, match=r"2 tasks wait already, .* max_pending: submit fewer"):
            runner.submit(BackgroundTask(nothing))
        with pytest.raises(QueueFull):
            await BackgroundTask(nothing).submit()


async def test_a_patient_runner_waits_for_room() -> None:
    gate = anyio.Event()
    taken: list[str] = []

    async def hand_over(name: str) -> None:
        await BackgroundTask(nothing).with_options(name=name).submit()
        taken.append(name)

    async with (
        TaskRunner(max_concurrent=1, max_pending=1, on_full="wait") as runner,
        anyio.create_task_group() as group,
    ):
        runner.submit(BackgroundTask(gate.wait))
        await anyio.wait_all_tasks_blocked()
        await hand_over("a")
        with anyio.move_on_after(0.01):
            await hand_over("impatient")
        for name in ("b", "c"):
            group.start_soon(hand_over, name)
            await anyio.wait_all_tasks_blocked()
        assert taken == ["a"]
        gate.set()
    assert taken == ["a", "b", "c"]


async def test_who_waits_for_room_is_told_when_the_runner_closes() -> None:
    gate = anyio.Event()
    errors: list[BaseException] = []

    async def hand_over() -> None:
        try:
            await BackgroundTask(nothing).submit()
        except RunnerClosed as error:
            errors.append(error)

    async with (
        TaskRunner(max_concurrent=1, max_pending=1, on_full="wait") as runner,
        anyio.create_task_group() as group,
    ):
        for _ in range(2):
            runner.submit(BackgroundTask(gate.wait))
            await anyio.wait_all_tasks_blocked()
        group.start_soon(hand_over)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(runner.drain)
        await anyio.wait_all_tasks_blocked()
        gate.set()
    assert [str(error) for error in errors] == [
        "the runner takes no task: it is shutting down. Use `async with runner:`"
    ]


async def test_tasks_that_wait_for_others_need_no_place_meanwhile() -> None:
    running: list[int] = []
    most: list[int] = []

    async def outer(number: int) -> int:
        handles = [runner.submit(BackgroundTask(inner, number)) for _ in range(5)]
        async with anyio.create_task_group() as group:
            for handle in handles:
                group.start_soon(handle.wait)
        return number

    async def inner(number: int) -> None:
        running.append(number)
        most.append(len(running))
        for _ in range(5):  # long enough to meet the other one
            await anyio.lowlevel.checkpoint()
        running.remove(number)

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=2) as runner:
            handles = [runner.submit(BackgroundTask(outer, number)) for number in range(20)]
            outcomes = [await handle.wait() for handle in handles]
    assert [getattr(outcome, "value", outcome) for outcome in outcomes] == list(range(20))
    assert len(most) == 100
    assert max(most) == 2


async def test_many_that_wait_for_one_let_no_more_begin() -> None:
    begun: list[int] = []
    gate = anyio.Event()

    async def outer(number: int) -> None:
        begun.append(number)
        await shared.wait()

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=3) as runner:
            shared = runner.submit(BackgroundTask(gate.wait))
            for number in range(20):
                runner.submit(BackgroundTask(outer, number))
            await anyio.wait_all_tasks_blocked()
            assert begun == [0, 1]
            gate.set()
    assert len(begun) == 20


async def test_what_is_waited_for_finds_a_place_for_each_attempt(clock: VirtualClock) -> None:
    attempts: list[str] = []

    async def outer(name: str) -> None:
        inner = BackgroundTask(flaky, name).with_options(retry_policy=policy, delay=1)
        await runner.submit(inner).wait()

    async def flaky(name: str) -> None:
        attempts.append(name)
        if attempts.count(name) == 1:
            raise OSError("not yet")

    policy = RetryPolicy(initial_delay=1, jitter=0)
    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            for name in "ab":
                runner.submit(BackgroundTask(outer, name))
            await clock.advance(10)
    assert attempts == ["a", "a", "b", "b"]


async def test_a_wait_that_is_given_up_takes_the_place_back() -> None:
    begun: list[int] = []
    gate = anyio.Event()

    async def impatient() -> None:
        late = runner.submit(BackgroundTask(gate.wait))
        with anyio.move_on_after(0):
            await late.wait()
        with anyio.move_on_after(0.02):
            await late.wait()
        for number in range(3):
            runner.submit(BackgroundTask(note, number))
        await anyio.wait_all_tasks_blocked()
        assert begun == []
        gate.set()

    async def note(number: int) -> None:
        begun.append(number)

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            outcome = await runner.submit(BackgroundTask(impatient)).wait()
    assert isinstance(outcome, Succeeded)
    assert begun == [0, 1, 2]


async def test_waits_that_are_given_up_let_only_one_more_begin() -> None:
    running: list[int] = []
    most: list[int] = []

    async def outer() -> None:
        handles = [runner.submit(BackgroundTask(inner, number)) for number in range(20)]
        for handle in handles:
            with anyio.move_on_after(0.001):
                await handle.wait()
        for handle in handles:
            await handle.wait()

    async def inner(number: int) -> None:
        running.append(number)
        most.append(len(running))
        await anyio.sleep(0.005)
        running.remove(number)

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            outcome = await runner.submit(BackgroundTask(outer)).wait()
    assert isinstance(outcome, Succeeded)
    assert most == [1] * 20


async def test_what_is_given_up_and_waits_itself_is_in_nobodys_way() -> None:
    order: list[str] = []

    async def outer() -> None:
        middle = runner.submit(BackgroundTask(waits_for, "inner", "last"))
        with anyio.move_on_after(0.01):
            await middle.wait()
        await runner.submit(BackgroundTask(note, "other")).wait()
        await middle.wait()

    async def waits_for(*names: str) -> None:
        for name in names:
            await runner.submit(BackgroundTask(note, name)).wait()

    async def note(name: str) -> None:
        await anyio.sleep(0.02)
        order.append(name)

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            outcome = await runner.submit(BackgroundTask(outer)).wait()
    assert isinstance(outcome, Succeeded)
    assert sorted(order) == ["inner", "last", "other"]


async def test_the_wait_of_an_attempt_that_was_given_up_lends_nothing() -> None:
    running: list[str] = []
    most: list[int] = []
    given_up, waits = threading.Event(), threading.Event()

    def slow() -> None:
        if not attempts:
            attempts.append("first")
            given_up.wait(10)
            handle = runner.submit(BackgroundTask(work, "inner"))
            waits.set()
            anyio.from_thread.run(handle.wait)
        else:
            running.append("second")
            most.append(len(running))
            given_up.set()
            waits.wait(10)
            time.sleep(0.1)  # in which the other one must not begin
            running.remove("second")

    async def work(name: str) -> None:
        running.append(name)
        most.append(len(running))
        await anyio.sleep(0.02)
        running.remove(name)

    attempts: list[str] = []
    once_more = RetryPolicy(max_retries=1, initial_delay=0.001, jitter=0)
    with anyio.fail_after(30):
        async with TaskRunner(max_concurrent=1) as runner:
            task = BackgroundTask(slow).with_options(timeout=2.0, retry_policy=once_more)
            outcome = await runner.submit(task).wait()
    assert isinstance(outcome, Succeeded)
    assert max(most) == 1


@pytest.mark.parametrize("kind", ["left behind", "cancelled"])
async def test_a_task_that_has_ended_lends_its_place_no_more(kind: str) -> None:
    running: list[str] = []
    most: list[int] = []
    begun = anyio.Event()

    async def work(name: str) -> None:
        running.append(name)
        most.append(len(running))
        begun.set()
        await anyio.sleep(0.02)
        running.remove(name)

    async def leaves_a_wait_behind() -> None:
        group.start_soon(runner.submit(BackgroundTask(work, "inner")).wait)
        await begun.wait()

    def waits() -> None:
        anyio.from_thread.run(runner.submit(BackgroundTask(work, "inner")).wait)

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner, anyio.create_task_group() as group:
            outer = runner.submit(
                BackgroundTask(leaves_a_wait_behind if kind == "left behind" else waits)
            )
            runner.submit(BackgroundTask(work, "next"))
            await begun.wait()
            if kind == "cancelled":
                outer.cancel()
            await outer.wait()
    assert most == [1, 1]


@pytest.mark.parametrize("where", ["thread", "queue"])
async def test_what_has_a_thread_or_is_elsewhere_is_waited_for_without_a_place(where: str) -> None:
    begun, release = threading.Event(), threading.Event()
    queue = TaskQueue()

    def hold() -> str:
        begun.set()
        release.wait(10)
        return "held"

    async def outer() -> object:
        return await handle.wait()

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=2) as runner, WorkerPool(Worker(queue, "one")):
            task = BackgroundTask(hold)
            handle = runner.submit(task) if where == "thread" else await queue.put(task)
            while not begun.is_set():
                await anyio.lowlevel.checkpoint()
            waiting = runner.submit(BackgroundTask(outer))
            await anyio.wait_all_tasks_blocked()
            release.set()
            outcome = await waiting.wait()
    assert getattr(outcome, "value", None) == handle.outcome
    assert isinstance(handle.outcome, Succeeded)
