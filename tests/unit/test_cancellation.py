"""Errors that are no `Exception`: those of a task stay its own, and end nothing around it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Cancelled,
    Failed,
    RetryPolicy,
    Succeeded,
    TaskQueue,
    TaskRunner,
    TimedOut,
    Worker,
    WorkerPool,
)

Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio
on_asyncio = pytest.mark.parametrize(
    "anyio_backend", [("asyncio", {}), ("asyncio", {"use_uvloop": True})], ids=["asyncio", "uvloop"]
)


class Strange(BaseException):
    """What a framework of the task's own may raise."""


async def raises_strange() -> None:
    raise Strange("odd")


async def raises_group() -> None:
    raise BaseExceptionGroup("several", [Strange("odd"), ValueError("bad")])


async def cancels_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(10)


async def cancels_itself_later() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(task.cancel)


async def cancels_itself_twice() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await cancels_itself()


def returns_what_cancels_itself() -> Any:
    return cancels_itself()


async def answer() -> int:
    return 42


@pytest.mark.parametrize("function", [raises_strange, raises_group])
async def test_an_error_of_an_unknown_kind_is_a_failure(
    function: Callable[[], Any], records: Records
) -> None:
    tasks = BackgroundTasks([BackgroundTask(function), BackgroundTask(answer)])
    failed, succeeded = await tasks.run_all()
    assert isinstance(failed, Failed)
    assert isinstance(succeeded, Succeeded)
    await tasks()
    assert [record.levelname for record in records()] == ["ERROR", "ERROR"]


@pytest.mark.parametrize("exit_type", [SystemExit, KeyboardInterrupt])
def test_a_group_of_errors_with_an_exit_in_it_goes_through(exit_type: type[BaseException]) -> None:
    async def ends() -> None:
        raise BaseExceptionGroup("several", [ValueError("bad"), exit_type()])

    with pytest.raises(BaseExceptionGroup, match="several"):
        anyio.run(BackgroundTask(ends))


@pytest.mark.parametrize("function", [raises_strange, raises_group])
async def test_no_error_of_a_task_ends_its_runner(function: Callable[[], Any]) -> None:
    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            failed = await runner.submit(BackgroundTask(function)).wait()
            assert isinstance(failed, Failed)
            assert isinstance(await runner.submit(BackgroundTask(answer)).wait(), Succeeded)


@on_asyncio
@pytest.mark.parametrize(
    "function", [cancels_itself, cancels_itself_later, returns_what_cancels_itself]
)
async def test_a_task_that_cancels_what_it_runs_in_ends_alone(
    function: Callable[[], Any], records: Records
) -> None:
    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            first = await runner.submit(BackgroundTask(function)).wait()
            await anyio.wait_all_tasks_blocked()
            assert isinstance(first, Cancelled) == (function is not cancels_itself_later)
            for _ in range(3):
                assert isinstance(await runner.submit(BackgroundTask(answer)).wait(), Succeeded)
    assert len(records()) == (function is not cancels_itself_later)


@on_asyncio
@pytest.mark.parametrize("function", [cancels_itself, cancels_itself_twice])
async def test_what_was_taken_back_cancels_nothing_later(function: Callable[[], Any]) -> None:
    async def awaits_what_was_cancelled() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    with anyio.fail_after(10):
        async with TaskRunner(max_concurrent=1) as runner:
            await runner.submit(BackgroundTask(function)).wait()
            outcome = await runner.submit(BackgroundTask(awaits_what_was_cancelled)).wait()
    assert isinstance(outcome, Failed)


@on_asyncio
@pytest.mark.parametrize("function", [cancels_itself, cancels_itself_later])
@pytest.mark.parametrize("concurrency", [1, 3])
async def test_a_task_that_cancels_what_it_runs_in_ends_no_worker(
    function: Callable[[], Any], concurrency: int
) -> None:
    queue = TaskQueue()
    with anyio.fail_after(10):
        async with WorkerPool(Worker(queue, "worker-1", concurrency=concurrency)):
            await (await queue.put(BackgroundTask(function))).wait()
            await anyio.wait_all_tasks_blocked()
            for _ in range(2 * concurrency):
                handle = await queue.put(BackgroundTask(answer))
                assert isinstance(await handle.wait(), Succeeded)


@on_asyncio
def test_an_event_loop_that_ends_cancels_a_runner_that_nobody_closes(
    anyio_backend: tuple[str, dict[str, Any]],
) -> None:
    async def forgets() -> None:
        runner = TaskRunner()
        await runner.__aenter__()
        queue = TaskQueue()
        await WorkerPool(Worker(queue, "worker-1")).__aenter__()
        await runner.submit(BackgroundTask(answer)).wait()
        runner.submit(BackgroundTask(anyio.sleep, 60))
        await queue.put(BackgroundTask(anyio.sleep, 60))
        await anyio.wait_all_tasks_blocked()

    anyio.run(forgets, backend=anyio_backend[0], backend_options=anyio_backend[1])


async def ends_well(stop: type[BaseException]) -> str:
    try:
        await anyio.sleep_forever()
    except stop:
        return "saved"
    raise AssertionError


async def fails_instead(stop: type[BaseException]) -> None:
    try:
        await anyio.sleep_forever()
    finally:
        raise ValueError("cannot save")


async def goes_on(stop: type[BaseException]) -> str:
    try:
        await anyio.sleep_forever()
    except stop:
        await anyio.sleep_forever()
    raise AssertionError


@pytest.mark.parametrize("where", ["runner", "worker"])
@pytest.mark.parametrize("way", ["handle", "drain", "timeout"])
@pytest.mark.parametrize("retry_policy", [None, RetryPolicy()])
@pytest.mark.parametrize(
    ("function", "expected"),
    [(ends_well, Succeeded), (fails_instead, Failed), (goes_on, Cancelled)],
)
async def test_what_a_task_makes_of_its_cancellation_is_its_outcome_whoever_cancels(
    function: Callable[..., Any],
    expected: type[Any],
    retry_policy: RetryPolicy | None,
    way: str,
    where: str,
    records: Records,
) -> None:
    if way == "timeout":  # no one wants it to end for good: the policy has its say
        retry_policy, expected = None, TimedOut if expected is Cancelled else expected
    task = BackgroundTask(function, anyio.get_cancelled_exc_class()).with_options(
        retry_policy=retry_policy, timeout=0.02 if way == "timeout" else None
    )
    queue = TaskQueue()
    async with TaskRunner() as runner, WorkerPool(Worker(queue, "one")) as pool:
        handle = await queue.put(task) if where == "worker" else runner.submit(task)
        await anyio.wait_all_tasks_blocked()
        if way == "handle":
            handle.cancel()
        elif way == "drain":
            await (pool.drain(0) if where == "worker" else runner.drain(0))
        with anyio.fail_after(10):
            assert isinstance(await handle.wait(), expected)
    assert not any("next attempt" in record.getMessage() for record in records())
