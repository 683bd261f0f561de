"""S14, S15: tasks that are due later, beside the event loop's own timers."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from typing import TYPE_CHECKING, Any

import uvloop
from postlude import BackgroundTask, TaskRunner
from postlude._clock import RealClock
from postlude._timer import Timer
from tests.benchmarks.rows import OURS, Goal, Row, in_turns_async, ratios

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

PENDING = 100_000
FAR = 3600.0
LOOP, AT = "loop.call_later", "loop.call_at"


def nothing() -> None:
    """Nothing."""


async def nothing_async() -> None:
    """Nothing."""


def rows(quick: bool) -> Iterator[Row]:
    """Measure them."""
    rounds, more = 5 if quick else 9, 2_000
    times = uvloop.run(in_turns_async({LOOP: _loop(more), OURS: _timer(more)}, rounds))
    work = "the timer alone: add one call with 100,000 pending"
    yield Row("S14t", work, LOOP, Goal(1.0), ratios(LOOP, times))
    times = uvloop.run(in_turns_async({LOOP: _loop(more), OURS: _runner(more)}, rounds))
    work = "add one delayed task to a runner (id, history, handle) with 100,000 pending"
    yield Row("S14", work, LOOP, Goal(1.0), ratios(LOOP, times))
    lags = uvloop.run(in_turns_async({AT: _lag_of_loop, OURS: _lag_of_timer}, rounds))
    work = "the timer alone: p99 of the lag with 10,000 due within 1 s"
    yield Row("S15", work, AT, Goal(1.1), ratios(AT, lags))


def _per_call(add: Callable[[], object], count: int) -> float:
    # A collection of 100,000 objects may fall into any of them, and would be all there is to see.
    gc.collect()
    gc.disable()
    began = time.process_time()
    for _ in range(count):
        add()
    took = time.process_time() - began
    gc.enable()
    return took / count


def _loop(count: int) -> Callable[[], Awaitable[float]]:
    async def measure() -> float:
        loop = asyncio.get_running_loop()
        kept = [loop.call_later(FAR + n * 1e-3, nothing) for n in range(PENDING)]
        took = _per_call(lambda: kept.append(loop.call_later(FAR, nothing)), count)
        for handle in kept:
            handle.cancel()
        return took

    return measure


def _timer(count: int) -> Callable[[], Awaitable[float]]:
    async def measure() -> float:
        timer, now = Timer(RealClock()), time.monotonic()
        for n in range(PENDING):
            timer.call_at(now + FAR + n * 1e-3, nothing)
        took = _per_call(lambda: timer.call_at(now + FAR, nothing), count)
        timer.stop()
        return took

    return measure


def _runner(count: int) -> Callable[[], Awaitable[float]]:
    async def measure() -> float:
        async with TaskRunner(drain_timeout=0) as runner:
            task = BackgroundTask(nothing_async).with_options(delay=FAR)
            kept: list[Any] = [runner.submit(task) for _ in range(PENDING)]
            took = _per_call(lambda: kept.append(runner.submit(task)), count)
            for handle in kept:
                handle.cancel()
        return took

    return measure


async def _lag(call_at: Callable[[float, Callable[[], object]], object]) -> float:
    lags: list[float] = []
    done = asyncio.Event()
    begin, count = time.monotonic() + 0.2, 10_000

    def due(when: float) -> Callable[[], None]:
        def note() -> None:
            lags.append(time.monotonic() - when)
            if len(lags) == count:
                done.set()

        return note

    for n in range(count):
        when = begin + n / count
        call_at(when, due(when))
    await done.wait()
    return statistics.quantiles(lags, n=100)[98]


async def _lag_of_loop() -> float:
    loop = asyncio.get_running_loop()
    ahead = loop.time() - time.monotonic()
    return await _lag(lambda when, note: loop.call_at(when + ahead, note))


async def _lag_of_timer() -> float:
    return await _lag(Timer(RealClock()).call_at)
