"""S3 to S7: to run tasks one by one, and so many at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
import uvloop
from litestar.background_tasks import BackgroundTask as LitestarTask
from litestar.background_tasks import BackgroundTasks as LitestarTasks
from postlude import BackgroundTask, BackgroundTasks, TaskMonitor, subscribe
from starlette.background import BackgroundTask as StarletteTask
from starlette.background import BackgroundTasks as StarletteTasks
from tests.benchmarks.rows import OURS, Goal, Row, in_turns_async, ratios, seconds
from velithon import background as velithon

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

# Its type stubs know less than it does.
VelithonTask: Any = velithon.BackgroundTask
VelithonTasks: Any = velithon.BackgroundTasks

VELITHON = "Velithon, its group made anew"
COUNT = 100
# Long enough that a switch between threads on a busy machine is little beside it.
NAP = 0.01


async def on_the_loop() -> None:
    """Nothing."""


def in_a_thread() -> None:
    """Nothing."""


def rows(quick: bool) -> Iterator[Row]:
    """Measure them."""
    rounds = 5 if quick else 11
    yield uvloop.run(_in_order("S3", "async", on_the_loop, 1.0, rounds, 5 if quick else 20))
    yield uvloop.run(_listened_to(rounds, 20 if quick else 100))
    yield uvloop.run(_in_order("S4", "def", in_a_thread, 0.03, rounds, 2))
    yield uvloop.run(_one_def(rounds, 50 if quick else 200))
    yield uvloop.run(_limited("S6", "time.sleep(10 ms)", time.sleep, 1.1, rounds))
    yield uvloop.run(_limited("S7", "await sleep(10 ms)", anyio.sleep, 1.05, rounds))


def _groups(func: Callable[..., Any]) -> dict[str, Callable[[], Awaitable[Any]]]:
    groups: dict[str, Any] = {"Starlette": StarletteTasks(), OURS: BackgroundTasks()}
    for group in groups.values():
        for _ in range(COUNT):
            group.add_task(func)
    litestar = LitestarTasks([LitestarTask(func)] * COUNT)
    return {**groups, VELITHON: _velithon(1, func), "Litestar": litestar}


def _velithon(at_a_time: int, func: Callable[..., Any], *args: Any) -> Callable[[], Awaitable[Any]]:
    async def run() -> None:
        # A group is empty when it has run.
        group = VelithonTasks(max_concurrent=at_a_time)
        for _ in range(COUNT):
            group.add_task(func, args)
        await group()

    return run


async def _in_order(
    key: str, kind: str, func: Callable[..., Any], goal: float, rounds: int, times: int
) -> Row:
    groups = {name: seconds(group, times) for name, group in _groups(func).items()}
    measured = await in_turns_async(groups, rounds)
    work = f"run {COUNT} {kind} no-ops in order"
    return Row(key, work, "Starlette", Goal(goal), ratios("Starlette", measured))


async def _listened_to(rounds: int, times: int) -> Row:
    groups = _groups(on_the_loop)
    alone, watched = seconds(groups["Starlette"], times), seconds(groups[OURS], times)

    async def with_a_monitor() -> float:
        with subscribe(TaskMonitor()):
            return await watched()

    measured = await in_turns_async({"Starlette": alone, OURS: with_a_monitor}, rounds)
    work = f"run {COUNT} async no-ops in order, a monitor listening"
    return Row("S3m", work, "Starlette", Goal(1.5), ratios("Starlette", measured))


async def _one_def(rounds: int, times: int) -> Row:
    tasks = {
        "Starlette": StarletteTask(in_a_thread),
        "Litestar": LitestarTask(in_a_thread),
        "Velithon": VelithonTask(in_a_thread),
        OURS: BackgroundTask(in_a_thread),
    }
    measured = await in_turns_async({n: seconds(t, times) for n, t in tasks.items()}, rounds)
    return Row("S5", "run 1 def no-op", "Starlette", Goal(0.75), ratios("Starlette", measured))


async def _limited(key: str, what: str, func: Callable[..., Any], goal: float, rounds: int) -> Row:
    at_a_time = 5
    tasks = BackgroundTasks(max_concurrent=at_a_time)
    for _ in range(COUNT):
        tasks.add_task(func, NAP)

    async def naps() -> None:
        for _ in range(COUNT // at_a_time):
            if func is time.sleep:
                time.sleep(NAP)  # noqa: ASYNC251
            else:
                await func(NAP)

    contenders: dict[str, Callable[[], Awaitable[Any]]] = {
        "the limit": naps,
        VELITHON: _velithon(at_a_time, func, NAP),
        OURS: tasks,
    }
    measured = await in_turns_async({n: seconds(f, 1) for n, f in contenders.items()}, rounds)
    work = f"{COUNT} x {what}, max_concurrent={at_a_time}; the limit is 20 in a row"
    return Row(key, work, "the limit", Goal(goal), ratios("the limit", measured))
