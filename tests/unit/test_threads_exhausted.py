"""A computer that has no thread left: each task fails by itself, and what needs none goes on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from postlude import BackgroundTask, BackgroundTasks, Failed, Succeeded, TaskRunner

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    Records = Callable[[], list[logging.LogRecord]]

# Trio starts its threads itself.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": use}) for use in (0, 1)]),
]


class Computer:
    """Has so many threads for `def` tasks."""

    def __init__(self) -> None:
        self.threads = 0


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> Computer:
    computer, start = Computer(), threading.Thread.start

    def start_if_possible(thread: threading.Thread) -> None:
        if thread.name == "postlude thread":
            if not computer.threads:
                raise RuntimeError("can't start new thread")
            computer.threads -= 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_if_possible)
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


async def test_the_threads_there_are_do_all_the_work(computer: Computer) -> None:
    computer.threads = 1
    seen: list[int] = []
    tasks = BackgroundTasks(max_concurrent=None)
    for number in range(20):
        tasks.add_task(seen.append, number)
    outcomes = await tasks.run_all()
    assert {type(outcome) for outcome in outcomes} == {Succeeded}
    assert sorted(seen) == list(range(20))
