"""PostludeMiddleware: which request a task belongs to, groups, and tasks that come late."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    NoActiveRequest,
    PostludeMiddleware,
    RetryPolicy,
    TaskFailed,
    TaskRunner,
    current_tasks,
)
from tests.unit.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def test_a_pipeline_runs_where_it_stands() -> None:
    async def fail() -> None:
        raise ValueError("bad")

    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks([exchange.task("first"), BackgroundTask(fail)])
        with pytest.raises(TaskFailed):
            await tasks(continue_on_error=False)
        outcomes = await BackgroundTasks([exchange.task("here")]).run_all()
        assert len(outcomes) == 1
        await exchange.answer()

    assert (await Exchange(handler).run())[:3] == ["first", "here", "start"]


async def test_a_task_within_a_task_runs_where_it_is_awaited() -> None:
    async def handler(exchange: Exchange) -> None:
        inner = BackgroundTasks([exchange.task("inner 1"), exchange.task("inner 2")])

        async def outer() -> None:
            await inner()
            exchange.log.append("outer")
            with pytest.raises(NoActiveRequest):
                current_tasks()

        await BackgroundTask(outer)()
        await exchange.answer()

    assert (await Exchange(handler).run())[-3:] == ["inner 1", "inner 2", "outer"]


async def test_the_current_tasks_are_a_requests() -> None:
    groups: list[BackgroundTasks] = []

    async def handler(exchange: Exchange) -> None:
        groups.append(current_tasks())
        await exchange.answer()

    for _ in range(2):
        await Exchange(handler).run()
    assert groups[0] is not groups[1]
    with pytest.raises(NoActiveRequest, match="wrapped in PostludeMiddleware"):
        current_tasks()


async def test_a_task_that_is_added_after_the_response_runs() -> None:
    async def handler(exchange: Exchange) -> None:
        group = current_tasks()
        group.add(exchange.task("before"))
        await exchange.answer()
        await anyio.wait_all_tasks_blocked()
        group.add(exchange.task("after"))
        await anyio.wait_all_tasks_blocked()

    log = await Exchange(handler).run()
    assert log == ["start", "body", "before", "after", "request ends"]


async def test_a_group_asked_for_only_after_the_response_runs() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.answer()
        current_tasks().add(exchange.task("after"))

    assert (await Exchange(handler).run())[-1] == "after"


async def test_a_task_that_is_added_when_the_request_is_over_runs_or_is_refused() -> None:
    groups: list[BackgroundTasks] = []

    async def handler(exchange: Exchange) -> None:
        groups.append(current_tasks())
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
        groups[0].add(exchange.task("later"))
    assert exchange.log[-1] == "later"
    with pytest.raises(NoActiveRequest, match="a request that is over"):
        groups[0].add(exchange.task("too late"))


async def test_several_groups_of_one_request_run_and_each_takes_what_is_added_later() -> None:
    groups = [BackgroundTasks() for _ in range(3)]

    async def handler(exchange: Exchange) -> None:
        for number, group in enumerate(groups):
            group.add(exchange.task(f"task {number}"))
            await group()
        await exchange.answer()
        await anyio.wait_all_tasks_blocked()  # each has done what it had
        for number, group in enumerate(groups):
            group.add(exchange.task(f"late {number}"))
            await group()

    log = await Exchange(handler).run()
    names = [*(f"task {number}" for number in range(3)), *(f"late {number}" for number in range(3))]
    assert sorted(log[2:]) == sorted([*names, "request ends"])


@pytest.mark.parametrize("limit", [1, 2, None])
async def test_a_group_keeps_its_order_its_limit_and_its_isolation(limit: int | None) -> None:
    started: list[int] = []
    gates = [anyio.Event() for _ in range(6)]

    async def work(number: int) -> None:
        started.append(number)
        await gates[number].wait()
        if number == 2:
            raise ValueError("bad")

    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks(max_concurrent=limit)
        for number in range(6):
            tasks.add_task(work, number)
        await tasks()
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
        for number, gate in enumerate(gates):
            await anyio.wait_all_tasks_blocked()
            assert started == list(range(6))[: number + (limit or 6)]
            gate.set()


async def test_a_task_may_add_to_its_own_group() -> None:
    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks(max_concurrent=2)

        async def add() -> None:
            done = anyio.Event()

            async def finish() -> None:
                done.set()

            tasks.add_task(finish)
            with anyio.fail_after(10):
                await done.wait()
            exchange.log.append("added")

        tasks.add_task(add)
        await tasks()
        await exchange.answer()
        exchange.tasks = tasks  # type: ignore[attr-defined]

    exchange = Exchange(handler)
    assert (await exchange.run())[-1] == "added"
    assert exchange.tasks.followers == []  # type: ignore[attr-defined]


async def test_a_retry_in_a_group_lets_the_next_pass_and_comes_back(clock: VirtualClock) -> None:
    async def handler(exchange: Exchange) -> None:
        async def flaky() -> None:
            exchange.log.append("flaky")
            if exchange.log.count("flaky") == 1:
                raise ConnectionError

        tasks = BackgroundTasks()
        tasks.add_task(flaky, retry_policy=RetryPolicy(initial_delay=10, jitter=0))
        tasks.add(exchange.task("next"))
        await tasks()
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
        await clock.advance(10)
    assert exchange.log[3:] == ["flaky", "next", "flaky"]


async def test_a_drain_reports_each_task_of_a_group(records: Records) -> None:
    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks([BackgroundTask(anyio.sleep_forever)])
        for name in ("b", "c"):
            tasks.add(exchange.task(name).with_options(name=name))
        await tasks()
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
        await anyio.wait_all_tasks_blocked()
        report = await runner.drain(0)
    assert [outcome.name for outcome in report.unfinished] == ["sleep_forever", "b", "c"]
    assert len({outcome.task_id for outcome in report.unfinished}) == 3
    assert [record.levelname for record in records()] == ["ERROR"] * 3 + ["WARNING"]
    assert exchange.log[-1] == "request ends"


async def test_run_is_here_and_now_within_a_request() -> None:
    async def handler(exchange: Exchange) -> None:
        outcome = await exchange.task("here").run()
        assert type(outcome).__name__ == "Succeeded"
        exchange.log.append("then")
        await exchange.answer()

    log = await Exchange(handler).run()
    assert log[:3] == ["here", "then", "start"]
    assert log.count("here") == 1


async def test_what_a_handler_submits_goes_to_the_runner_of_its_request() -> None:
    own, other = TaskRunner(), TaskRunner()
    seen: list[bool] = []

    async def handler(exchange: Exchange) -> None:
        handle = await exchange.task("submitted").submit()
        seen.extend((own.get(handle.id) is not None, other.get(handle.id) is None))
        await exchange.answer()

    async with own, other:  # the last one opened is what a task finds otherwise
        await Exchange(handler).run(own)
    assert seen == [True, True]
