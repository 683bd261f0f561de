"""TaskRunner: what becomes of those for whom there is no room."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import (
    BackgroundTask,
    QueueFull,
    RunnerClosed,
    TaskRunner,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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
